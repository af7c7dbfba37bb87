"""Les seuils d'attention : quand une mesure doit être vue sans tarder par le médiateur et le médecin. Pur.

Jamais montrés au patient, ni dits, ni imprimés pour lui : la borne n'interprète pas une mesure (VISITE-NEUTRE).

Deux niveaux : à regarder (le médecin le verra d'un coup d'œil) et alerte (sans tarder). Sources, à revérifier par un
médecin avant tout usage réel :
- haut de la tension : 140/90 mmHg (HAS et SFHTA, fiche mémo « Prise en charge de l'hypertension artérielle de
  l'adulte », septembre 2016), puis grade 3, 180/110 mmHg (ESH 2023, « Guidelines for the
  management of arterial hypertension ») ;
- bas de la tension, pouls, SpO2, température : entre les cotations 1 et 3 du score NEWS2 (Royal College of
  Physicians, 2017), choix prudents de ce projet pour un adulte au repos ;
- glycémie, à n'importe quelle heure : bas, 0,70 et 0,54 g/L, soit 3,9 et 3,0 mmol/L (hypoglycémie de niveaux 1 et
  2 : American Diabetes Association, « Standards of Care in Diabetes », 2024, section 6) ; haut, 2 g/L, soit 11,1
  mmol/L (critère de diabète à toute heure, OMS 2006 et HAS) et 2,5 g/L, soit 13,9 mmol/L, au-delà de quoi les corps
  cétoniques se cherchent (Société francophone du diabète) ;
- douleur : 4 et 7 sur 10 (modérée, intense : ANAES, évaluation de la douleur, 1999).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from borne.mesures import (
    BATTEMENTS_MINUTE,
    CELSIUS,
    DIASTOLIQUE,
    DOULEUR,
    FREQUENCE_CARDIAQUE,
    G_LITRE,
    GLYCEMIE_MASSE,
    GLYCEMIE_SUBSTANCE,
    MMHG,
    MMOL_LITRE,
    POURCENT,
    SPO2,
    SYSTOLIQUE,
    TEMPERATURE,
    Mesure,
    usuelle,
)


class Niveau(enum.IntEnum):
    """Ce qu'une mesure demande au médecin."""

    RIEN = 0
    REGARDER = 1
    ALERTE = 2


@dataclass(frozen=True, slots=True)
class Seuil:
    """Bornes d'un niveau : franchi sous `sous`, ou à partir de `atteint` ; infini : pas de borne."""

    sous: float = float("-inf")
    atteint: float = float("inf")

    def franchi(self, valeur: float) -> bool:
        """Vrai de l'autre côté."""
        return valeur < self.sous or valeur >= self.atteint


@dataclass(frozen=True, slots=True)
class Grandeur:
    """Les seuils d'une grandeur. `unites` : codes UCUM admis, une fois convertis par `mesures.usuelle`."""

    unites: tuple[str, ...]
    regarder: Seuil
    alerte: Seuil


SEUILS: Final[dict[str, Grandeur]] = {
    SYSTOLIQUE: Grandeur((MMHG,), Seuil(100.0, 140.0), Seuil(90.0, 180.0)),
    DIASTOLIQUE: Grandeur((MMHG,), Seuil(atteint=90.0), Seuil(atteint=110.0)),
    FREQUENCE_CARDIAQUE: Grandeur((BATTEMENTS_MINUTE,), Seuil(50.0, 101.0), Seuil(45.0, 121.0)),
    SPO2: Grandeur((POURCENT,), Seuil(sous=95.0), Seuil(sous=92.0)),
    GLYCEMIE_MASSE: Grandeur((G_LITRE,), Seuil(0.7, 2.0), Seuil(0.54, 2.5)),
    GLYCEMIE_SUBSTANCE: Grandeur((MMOL_LITRE,), Seuil(3.9, 11.1), Seuil(3.0, 13.9)),
    TEMPERATURE: Grandeur((CELSIUS,), Seuil(36.0, 38.0), Seuil(35.0, 39.0)),
    DOULEUR: Grandeur(("{score}", "1"), Seuil(atteint=4.0), Seuil(atteint=7.0)),
}
"""Par code LOINC ; les autres mesures n'ont pas de seuil."""


def niveau(mesure: Mesure) -> Niveau:
    """Ce que cette mesure demande ; `RIEN` sans valeur, sans seuil ou d'unité inconnue."""
    grandeur = SEUILS.get(mesure.code)
    if grandeur is None:
        return Niveau.RIEN
    valeur, unite = usuelle(mesure)
    if valeur is None or unite not in grandeur.unites:
        return Niveau.RIEN
    if grandeur.alerte.franchi(valeur):
        return Niveau.ALERTE
    return Niveau.REGARDER if grandeur.regarder.franchi(valeur) else Niveau.RIEN
