"""L'échelle de dégradation : ce que l'appel abandonne, et dans quel ordre, quand le réseau ne suffit plus. Pur.

D'abord la résolution (le débit, lui, suit en continu, sans image clé), puis la cadence, puis l'image, puis l'appel,
remplacé par le téléphone. Descendre est prompt, remonter est lent : chaque palier coûte une image clé. La définition
suit aussi ce que la machine a le temps d'encoder (`souffle`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Final

from borne.visio.souffle import Souffle


class Niveau(enum.Enum):
    """Ce que le patient et le médecin gardent."""

    PLEIN = "plein"
    REDUIT = "reduit"
    SON_SEUL = "son_seul"
    TELEPHONE = "telephone"


class Raison(enum.Enum):
    """Pourquoi ce niveau, pour le dire."""

    AUCUNE = "aucune"
    DEBIT = "debit"
    PERTES = "pertes"
    DELAI = "delai"
    COUPURE = "coupure"


@dataclass(frozen=True, slots=True)
class Palier:
    """Une marche : image d'au plus `hauteur` lignes (0 : image coupée) à `cadence` images par seconde, tenable à
    partir de `plancher` bits par seconde d'image."""

    hauteur: int
    cadence: int
    plancher: int


PALIERS: Final = (
    Palier(1080, 30, 600_000),
    Palier(720, 30, 400_000),
    Palier(540, 30, 260_000),
    Palier(360, 30, 180_000),
    Palier(360, 20, 120_000),
    Palier(360, 12, 70_000),
    Palier(0, 0, 0),
)
"""La cadence ne baisse que tout en bas : le mouvement dit plus que le détail à qui lit sur les lèvres."""
MARGE_REMONTEE: Final = 1.4
DELAI_DESCENTE: Final = 1.0
DELAI_CHUTE: Final = 0.8
"""Secondes quand le débit est sous la moitié du plancher."""
DELAI_REMONTEE: Final = 4.0
PERTES_SON_SEUL: Final = 0.40
PERTES_TELEPHONE: Final = 0.60
ALLER_RETOUR_MAX: Final = 3.0
"""Secondes : au-delà, deux personnes ne se parlent plus."""
DELAI_TELEPHONE: Final = 8.0
"""Secondes de son inaudible avant de proposer le téléphone."""


@dataclass(frozen=True, slots=True)
class Etat:
    """Ce que l'on émet. `palier` : celui du réseau, dans `PALIERS`. `plafond` : lignes que la machine sait encoder.

    Le niveau ne dit que le réseau : une image de 720 lignes sur un bon lien n'est pas un mauvais lien.
    """

    palier: int
    niveau: Niveau
    raison: Raison
    plafond: int = PALIERS[0].hauteur

    @property
    def hauteur(self) -> int:
        """Lignes de l'image au plus ; 0 : pas d'image."""
        return min(PALIERS[self.palier].hauteur, self.plafond)

    @property
    def cadence(self) -> int:
        """Images par seconde ; 0 : pas d'image."""
        return PALIERS[self.palier].cadence


@dataclass(frozen=True, slots=True)
class Reseau:
    """Ce que l'on sait du lien : bits par seconde pour l'image, pertes (0 à 1), aller-retour et silence du médecin
    (secondes) ; et de la machine, sa charge."""

    debit_image: float
    pertes: float
    aller_retour: float
    silence: float = 0.0
    charge: float = 0.0
    """Temps d'encodage d'une image sur le temps entre deux images."""


SON_SEUL: Final = len(PALIERS) - 1


class Echelle:
    """Choisit le palier. Le temps est un paramètre, en secondes."""

    def __init__(self, souffle: Souffle | None = None) -> None:
        """`souffle` : celui de la machine, que les reprises d'un appel partagent."""
        self._souffle = souffle or Souffle()
        self.etat = Etat(0, Niveau.PLEIN, Raison.AUCUNE, self._souffle.hauteur)
        self._sous: float | None = None
        self._sur: float | None = None
        self._inaudible: float | None = None
        self._audible: float | None = None

    def choisir(self, reseau: Reseau, maintenant: float) -> Etat:
        """L'état à tenir maintenant."""
        palier, raison = self._palier(reseau, maintenant)
        plafond = self._souffle.choisir(reseau.charge, maintenant)
        if self._telephone(reseau, maintenant):
            cause = Raison.COUPURE if reseau.silence > DELAI_TELEPHONE else _cause(reseau)
            self.etat = Etat(SON_SEUL, Niveau.TELEPHONE, cause, plafond)
        else:
            niveau = Niveau.PLEIN if palier == 0 else Niveau.SON_SEUL if palier == SON_SEUL else Niveau.REDUIT
            self.etat = Etat(palier, niveau, Raison.AUCUNE if palier == 0 else raison, plafond)
        return self.etat

    def menager(self, charge: float, maintenant: float) -> Etat:
        """L'état à tenir quand le médecin ne rend pas compte de ce qu'il reçoit : la machine seule en décide."""
        self.etat = replace(self.etat, plafond=self._souffle.choisir(charge, maintenant))
        return self.etat

    def _palier(self, reseau: Reseau, maintenant: float) -> tuple[int, Raison]:
        actuel = self.etat.palier
        if reseau.pertes > PERTES_SON_SEUL or reseau.aller_retour > ALLER_RETOUR_MAX:
            vise = SON_SEUL
        else:
            vise = next(rang for rang, palier in enumerate(PALIERS) if reseau.debit_image >= palier.plancher)
        if vise > actuel:
            self._sur = None
            self._sous = maintenant if self._sous is None else self._sous
            chute = reseau.debit_image < PALIERS[actuel].plancher / 2
            if maintenant - self._sous >= (DELAI_CHUTE if chute else DELAI_DESCENTE):
                self._sous = None
                return vise, _cause(reseau)
            return actuel, self.etat.raison
        self._sous = None
        if actuel == 0 or vise == actuel or reseau.debit_image < MARGE_REMONTEE * PALIERS[actuel - 1].plancher:
            self._sur = None
            return actuel, self.etat.raison
        self._sur = maintenant if self._sur is None else self._sur
        if maintenant - self._sur < DELAI_REMONTEE:
            return actuel, self.etat.raison
        self._sur = None
        # D'un coup au meilleur palier tenable : une seule image clé.
        tenable = reseau.debit_image / MARGE_REMONTEE
        return next(rang for rang, palier in enumerate(PALIERS) if tenable >= palier.plancher), self.etat.raison

    def _telephone(self, reseau: Reseau, maintenant: float) -> bool:
        """Vrai quand même le son ne passe plus depuis longtemps ; faux dès qu'il repasse depuis un moment."""
        inaudible = reseau.pertes > PERTES_TELEPHONE or reseau.aller_retour > ALLER_RETOUR_MAX or reseau.silence > 2
        if inaudible:
            self._audible = None
            self._inaudible = maintenant if self._inaudible is None else self._inaudible
        else:
            self._inaudible = None
            self._audible = maintenant if self._audible is None else self._audible
        if self.etat.niveau is Niveau.TELEPHONE:
            return self._audible is None or maintenant - self._audible < DELAI_REMONTEE
        return self._inaudible is not None and maintenant - self._inaudible >= DELAI_TELEPHONE


def _cause(reseau: Reseau) -> Raison:
    if reseau.aller_retour > ALLER_RETOUR_MAX:
        return Raison.DELAI
    return Raison.PERTES if reseau.pertes > PERTES_SON_SEUL else Raison.DEBIT
