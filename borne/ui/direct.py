"""`EtatDirect` : les valeurs vivantes que l'écran montre. La plus récente gagne, rien n'est conservé."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from borne.ui.technicien import EtatTechnicien


@dataclass(frozen=True, slots=True)
class EtatDirect:
    """Ce qui vit à côté de la visite.

    `rang` : place dans la file (1 : le prochain) ; `minutes` : attente estimée, None quand elle est inconnue.
    `preparations` : par nature que la borne mesure, les clés de ses gestes, dans l'ordre. `etape_mesure` :
    `recherche`, `trouve`, `attente`, `mesure` ou vide ; `vivantes` : par code LOINC, la valeur vivante dans l'unité
    d'usage ; `pleth` : quelques points récents de la courbe de pouls, de -1 à 1 ; `faute` : clé de la maladresse qui
    se voit en ce moment, ou vide.
    `niveau_son` : micro de la voix, en dBFS. `niveau_ecoute` : stéthoscope, en dBFS. `stethoscope` : quelques
    échantillons récents, de -1 à 1. `qualite_lien` : `bonne`, `moyenne`, `mauvaise` ou vide.
    `conseil_ecoute` : clé du conseil de pose du stéthoscope, ou vide.
    `stethoscope_absent` : la dernière écoute demandée n'a pas pu se faire.
    `code` : les quatre chiffres de sécurité de l'appel, ou vide.
    `texte_medecin` : la ligne que le médecin est en train d'écrire, ou vide.
    `micro_medecin_coupe` : le médecin a coupé son micro, et l'a dit (un silence n'en est pas la preuve).
    `photo` : une photo d'examen part au médecin. `pointeur` : son doigt sur l'image que le patient voit de lui-même,
    de 0 à 1 en x et en y, None quand il ne montre rien.
    `panne` : clé des textes d'une panne de la borne elle-même (disque), ou vide. `fermeture` : pourquoi l'accueil
    n'invite personne (`panne`, `verification`, `liaison`), ou vide. `secours` : où aller alors, ou vide.
    `technicien` : son mode est ouvert, à la place de l'accueil.
    """

    liaison_salle: bool = True
    rang: int | None = None
    minutes: int | None = None
    medecins_presents: int = 0
    lieu: str = ""
    adresse: str = ""
    numero_borne: str = ""
    preparations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    etape_mesure: str = ""
    vivantes: Mapping[str, float] = field(default_factory=dict)
    pleth: tuple[float, ...] = ()
    faute: str = ""
    niveau_son: float | None = None
    niveau_ecoute: float | None = None
    stethoscope: tuple[float, ...] = ()
    conseil_ecoute: str = ""
    qualite_lien: str = ""
    camera_disponible: bool = True
    stethoscope_absent: bool = False
    micro_medecin_coupe: bool = False
    photo: bool = False
    pointeur: tuple[float, float] | None = None
    voix_disponible: bool = True
    aide_active: bool = False
    code: str = ""
    texte_medecin: str = ""
    panne: str = ""
    fermeture: str = ""
    secours: str = ""
    technicien: EtatTechnicien | None = None
