"""Le matricule INS : treize caractères du NIR (ou du NIA) et leur clé. Pur.

Structure et clé : Insee, « Le numéro d'inscription au répertoire » (décret 82-103) ; la clé vaut 97 moins le reste de
la division par 97 des treize chiffres. En Corse le département 2A compte pour 19, et 2B pour 18.
"""

from __future__ import annotations

import re
from typing import Final

from borne.peripheriques.identite.erreurs import IdentiteInvalide

LONGUEUR: Final = 15
_FORME: Final = re.compile(
    r"(?P<sexe>[123478])(?P<annee>\d\d)(?P<mois>\d\d)(?P<departement>\d\d|2A|2B)(?P<commune>\d{3})\d{3}\d\d",
    re.ASCII,
)
_MOIS: Final = frozenset({*range(1, 13), *range(20, 43), *range(50, 100)})
"""1 à 12 ; au-delà, les mois fictifs que l'Insee donne quand la date n'est pas connue."""


def cle(treize: str) -> int:
    """La clé, de 1 à 97, des treize premiers caractères. Lève `IdentiteInvalide` s'ils ne sont pas d'un matricule."""
    chiffres = treize.upper()
    if chiffres[5:7] in ("2A", "2B"):
        chiffres = chiffres[:5] + ("19" if chiffres[6] == "A" else "18") + chiffres[7:]
    if len(chiffres) != LONGUEUR - 2 or not (chiffres.isascii() and chiffres.isdigit()):
        raise IdentiteInvalide("Le matricule INS n'a pas la bonne forme.", faute="matricule-forme")
    return 97 - int(chiffres) % 97


def verifier_matricule(matricule: str) -> str:
    """Le matricule, en majuscules et sans espaces. Lève `IdentiteInvalide` : longueur, forme, mois, ou clé fausse."""
    sien = matricule.replace(" ", "").upper()
    if len(sien) != LONGUEUR:
        raise IdentiteInvalide(
            f"Le matricule INS doit avoir {LONGUEUR} caractères : il en a {len(sien)}.", faute="matricule-longueur"
        )
    forme = _FORME.fullmatch(sien)
    if forme is None or int(forme["mois"]) not in _MOIS:
        raise IdentiteInvalide("Le matricule INS n'a pas la bonne forme.", faute="matricule-forme")
    if cle(sien[:-2]) != int(sien[-2:]):
        raise IdentiteInvalide("La clé du matricule INS est fausse : le code a été mal lu ou mal fait.", faute="cle")
    return sien


def sexe_du_matricule(matricule: str) -> str:
    """`M` ou `F`, selon le premier chiffre (1, 3, 7 : homme ; 2, 4, 8 : femme)."""
    return "M" if matricule[0] in "137" else "F"
