"""Ce que montre et ce que demande le mode du technicien. Sans Qt : l'assemblage le tient, l'écran le montre."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Couleur = Literal["vert", "orange", "rouge", "gris", "attente", "cours"]
"""Celle d'un contrôle ; `attente` et `cours` pendant un autotest."""

LONGUEUR_PIN = 8
"""Chiffres d'un PIN, au plus."""
COLONNES_MIRE, LIGNES_MIRE = 8, 5
"""Cases de la mire, en paysage ; l'inverse en portrait."""
TEINTES_MIRE = ("blanc", "noir", "rouge", "vert", "bleu")
"""Après les cases : des écrans d'une seule teinte, où un point mort se voit."""


def cases_mire(portrait: bool) -> frozenset[int]:
    """Les rangs des cases à toucher : toutes, sauf celles du milieu, où sont la consigne et la sortie."""
    return frozenset(rang for rang in range(COLONNES_MIRE * LIGNES_MIRE) if not au_milieu(rang, portrait))


def au_milieu(rang: int, portrait: bool) -> bool:
    """Vrai pour une case du milieu ; `rang` compte de gauche à droite, puis de haut en bas."""
    ligne, colonne = divmod(rang, LIGNES_MIRE if portrait else COLONNES_MIRE)
    return (1 <= colonne <= 3 and 3 <= ligne <= 4) if portrait else (2 <= colonne <= 5 and ligne == 2)


class Page(StrEnum):
    """L'écran montré."""

    CODE = "code"
    CONTROLES = "controles"
    MIRE = "mire"
    MEDIATEUR = "mediateur"


@dataclass(frozen=True, slots=True)
class LigneControle:
    """Un contrôle. `mot` dit la couleur ; `constat`, `remede` et `valeurs` sont des phrases françaises."""

    nom: str
    libelle: str
    couleur: Couleur = "attente"
    mot: str = ""
    constat: str = ""
    remede: str = ""
    valeurs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EtatTechnicien:
    """Le mode du technicien. `erreur`, `decision` : clés des textes, ou vides ; `ennui` : phrase, ou vide.

    `chiffres` : combien sont tapés, jamais lesquels. `finis` sur `total` contrôles pendant un autotest (`en_cours`).
    `mediateur` : ouvert de l'écran d'aide, pendant une visite, pour les seules mesures.
    `touchees` : cases de la mire déjà touchées ; `teinte` : rang de l'écran uni montré, -1 pour les cases.
    """

    page: Page = Page.CODE
    chiffres: int = 0
    erreur: str = ""
    lignes: tuple[LigneControle, ...] = ()
    choisie: str = ""
    feuille: int = 0
    decision: str = ""
    ennui: str = ""
    en_cours: bool = False
    finis: int = 0
    total: int = 0
    touchees: frozenset[int] = frozenset()
    teinte: int = -1
    mediateur: bool = False


@dataclass(frozen=True, slots=True)
class GesteTechnicien:
    """Base des gestes du technicien."""


@dataclass(frozen=True, slots=True)
class EntreeDemandee(GesteTechnicien):
    """L'outil de l'accueil a été touché."""


@dataclass(frozen=True, slots=True)
class MediateurDemande(GesteTechnicien):
    """« Je suis l'accompagnant », sur l'écran d'aide."""


@dataclass(frozen=True, slots=True)
class ChiffreTape(GesteTechnicien):
    """Un chiffre du PIN."""

    chiffre: str


@dataclass(frozen=True, slots=True)
class ChiffreEfface(GesteTechnicien):
    """Le dernier chiffre du PIN."""


@dataclass(frozen=True, slots=True)
class CodeValide(GesteTechnicien):
    """Le PIN est tapé : qu'il soit jugé."""


@dataclass(frozen=True, slots=True)
class ControleChoisi(GesteTechnicien):
    """Un contrôle à regarder."""

    nom: str


@dataclass(frozen=True, slots=True)
class FeuilleTournee(GesteTechnicien):
    """La suite de la liste."""


@dataclass(frozen=True, slots=True)
class RelanceDemandee(GesteTechnicien):
    """Refaire un contrôle ; `nom` vide : tous."""

    nom: str = ""


@dataclass(frozen=True, slots=True)
class MireOuverte(GesteTechnicien):
    """La mire de l'écran."""


@dataclass(frozen=True, slots=True)
class CaseTouchee(GesteTechnicien):
    """Une case de la mire, ou l'écran uni."""

    case: int


@dataclass(frozen=True, slots=True)
class SortieDemandee(GesteTechnicien):
    """Revenir d'un écran : de la mire à la liste, de la liste à l'accueil."""
