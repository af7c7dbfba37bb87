"""Les seuils d'attention : quand une mesure doit être vue sans tarder par le médiateur et le médecin. Pur.

Jamais montrés au patient, ni dits, ni imprimés pour lui : la borne n'interprète pas une mesure (VISITE-NEUTRE).

Sources, à revérifier par un médecin avant tout usage réel :
- haut de la tension : HTA de grade 3, systolique >= 180 ou diastolique >= 110 mmHg (ESH 2023, « Guidelines for the
  management of arterial hypertension », classification de la pression au cabinet ; HAS et SFHTA, fiche mémo « Prise
  en charge de l'hypertension artérielle de l'adulte », septembre 2016, HTA sévère) ;
- bas de la tension et pouls : choix prudents de ce projet, entre les cotations 1 et 3 du score NEWS2 (Royal College
  of Physicians, 2017 : systolique <= 90 ; pouls <= 40 ou >= 131), pour un adulte au repos.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from borne.mesures import (
    BATTEMENTS_MINUTE,
    DIASTOLIQUE,
    FREQUENCE_CARDIAQUE,
    KPA,
    MMHG,
    SYSTOLIQUE,
    Mesure,
    en_mmhg,
)


@dataclass(frozen=True, slots=True)
class Seuil:
    """Attention si la valeur est sous `sous`, au-dessus de `dessus`, ou atteint `atteint` ; infini : pas de borne.

    `unites` : codes UCUM admis ; une pression se compare en mmHg.
    """

    unites: tuple[str, ...]
    sous: float = float("-inf")
    atteint: float = float("inf")
    dessus: float = float("inf")


SEUILS: Final[dict[str, Seuil]] = {
    SYSTOLIQUE: Seuil((MMHG, KPA), sous=90.0, atteint=180.0),
    DIASTOLIQUE: Seuil((MMHG, KPA), atteint=110.0),
    FREQUENCE_CARDIAQUE: Seuil((BATTEMENTS_MINUTE,), sous=45.0, dessus=120.0),
}
"""Par code LOINC ; les autres mesures n'ont pas de seuil."""


def attention(mesure: Mesure) -> bool:
    """Vrai si cette mesure doit alerter médiateur et médecin ; faux sans valeur, sans seuil ou d'unité inconnue."""
    seuil = SEUILS.get(mesure.code)
    valeur = en_mmhg(mesure)
    if seuil is None or valeur is None or mesure.unite not in seuil.unites:
        return False
    return valeur < seuil.sous or valeur >= seuil.atteint or valeur > seuil.dessus
