"""Le code d'un titre d'identité : un cachet 2D-Doc, et la zone de lecture automatique qu'il peut porter. Pur.

ANTS, « Spécifications techniques des codes à barres 2D-Doc » 3.1.3 : en-tête de 22 à 26 caractères, champs
(identifiant de deux caractères, valeur, GS quand une valeur variable est plus courte que son maximum, RS quand elle
est tronquée), US, puis la signature en base 32. La borne ne vérifie PAS la signature (il y faut l'annuaire des
certificats) et le dit : ce code remplit la saisie, il ne prouve pas l'identité. Zone de lecture : OACI, Doc 9303.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Final

from borne.peripheriques.identite.erreurs import IdentiteInvalide

GS, RS, US = "\x1d", "\x1e", "\x1f"
_ENTETES: Final = {"01": 22, "02": 22, "03": 24, "04": 26}
_FIXES: Final = {
    **dict.fromkeys(("65", "67", "6C", "6I"), 2),
    **dict.fromkeys(("68", "6J"), 1),
    **dict.fromkeys(("69", "6L", "6N", "6O"), 8),
    **{"6B": 3, "6K": 19, "6R": 12, "6W": 5, "6Y": 2},
}
_VARIABLES: Final = {
    **{"60": 60, "61": 20, "62": 38, "63": 38, "64": 38, "66": 20, "6A": 32, "6D": 60, "6E": 60, "6F": 90},
    **{"6G": 38, "6H": 10, "6M": 40, "6P": 40, "6Q": 10, "6S": 38, "6T": 38, "6U": 38, "6V": 38, "6X": 32, "6Z": 11},
}
"""Longueurs des champs des titres d'identité (section 7.7)."""
_POIDS: Final = (7, 3, 1)
SIGNATURE_NON_VERIFIEE: Final = "La signature de ce code n'est pas vérifiée : regardez la pièce d'identité."


@dataclass(frozen=True, slots=True)
class IdentiteTitre:
    """Ce qu'un titre d'identité dit. Rien de la personne ne paraît dans sa représentation.

    `expiration` : fin de validité, None si elle n'y est pas. `reserves` : ce qui reste à vérifier de vive voix.
    """

    nom: str = field(repr=False)
    prenoms: str = field(repr=False)
    sexe: str = field(repr=False)
    naissance: dt.date | None = field(repr=False)
    expiration: dt.date | None = field(repr=False)
    reserves: tuple[str, ...] = (SIGNATURE_NON_VERIFIEE,)


def est_2d_doc(texte: str) -> bool:
    """Ce code se présente comme un cachet 2D-Doc."""
    return texte.startswith("DC")


def lire_titre(texte: str) -> IdentiteTitre:
    """L'identité d'un cachet 2D-Doc de titre. Lève `IdentiteInvalide`, dont le message dit la première faute."""
    champs = _champs(texte)
    zone = champs.get("6F", "")
    if zone:
        return lire_zone(zone)
    nom, prenoms = champs.get("62") or champs.get("6G", ""), champs.get("60") or champs.get("61", "")
    if not nom or not prenoms:
        raise IdentiteInvalide(
            "Ce code ne porte ni nom ni prénom : ce n'est pas un titre d'identité.", faute="nature"
        )
    sexe = champs.get("68", "")
    if sexe not in ("", "M", "F"):
        raise IdentiteInvalide("Dans ce code, le sexe n'est ni M ni F.", faute="sexe")
    naissance, expiration = _date(champs.get("69", "")), _date(champs.get("6O", ""))
    return IdentiteTitre(nom, prenoms.replace("/", " "), sexe, naissance, expiration)


def _champs(texte: str) -> dict[str, str]:
    entete = _ENTETES.get(texte[2:4])
    if not est_2d_doc(texte) or entete is None:
        raise IdentiteInvalide("Ce code n'est pas un cachet 2D-Doc que la borne connaît.", faute="nature")
    reste, separateur, _signature = texte[entete:].partition(US)
    if not separateur:
        raise IdentiteInvalide("Ce cachet 2D-Doc est coupé : sa signature manque.", faute="coupe")
    champs: dict[str, str] = {}
    while reste:
        cle, reste = reste[:2], reste[2:]
        if cle in _FIXES:
            valeur, reste = reste[: _FIXES[cle]], reste[_FIXES[cle] :].removeprefix(GS)
            if len(valeur) < _FIXES[cle]:
                raise IdentiteInvalide("Ce cachet 2D-Doc est coupé.", faute="coupe")
        elif cle in _VARIABLES:
            trouve = re.search(f"[{GS}{RS}]", reste[: _VARIABLES[cle] + 1])
            fin = trouve.start() if trouve else min(_VARIABLES[cle], len(reste))
            valeur, reste = reste[:fin], reste[fin:].lstrip(GS + RS)
        else:
            raise IdentiteInvalide("Ce cachet 2D-Doc n'est pas celui d'un titre d'identité.", faute="nature")
        champs[cle] = valeur
    return champs


def _date(texte: str) -> dt.date | None:
    """JJMMAAAA ; None quand le champ n'y est pas. Lève `IdentiteInvalide`."""
    if not texte:
        return None
    try:
        return dt.datetime.strptime(texte, "%d%m%Y").date()
    except ValueError:
        raise IdentiteInvalide("Dans ce code, une date est impossible.", faute="naissance") from None


def chiffre_de_controle(texte: str) -> int:
    """Le chiffre de contrôle d'une zone (poids 7, 3, 1, modulo 10 ; Doc 9303 partie 3, section 4.9)."""
    return sum(_valeur(lettre) * _POIDS[rang % 3] for rang, lettre in enumerate(texte)) % 10


def _valeur(lettre: str) -> int:
    if lettre == "<":
        return 0
    if lettre.isascii() and (lettre.isdigit() or ("A" <= lettre <= "Z")):
        return int(lettre, 36)
    raise IdentiteInvalide("La zone de lecture automatique contient un caractère interdit.", faute="zone")


def lire_zone(zone: str, present: dt.date | None = None) -> IdentiteTitre:
    """L'identité d'une zone TD1 (3 lignes de 30, carte d'identité depuis 2021). Lève `IdentiteInvalide`.

    `present` : aujourd'hui, dont se déduit le siècle de naissance ; None : la date de la machine.
    """
    lignes = re.sub(r"\s", "", zone)
    if len(lignes) != 90:
        raise IdentiteInvalide("La zone de lecture automatique n'a pas 90 caractères.", faute="zone")
    un, deux, trois = lignes[:30], lignes[30:60], lignes[60:]
    controles = (
        (un[5:14], un[14], "du numéro"),
        (deux[:6], deux[6], "de la date de naissance"),
        (deux[8:14], deux[14], "de la fin de validité"),
        (un[5:30] + deux[:7] + deux[8:15] + deux[18:29], deux[29], "de l'ensemble"),
    )
    for texte, chiffre, nom in controles:
        # « ² » est un chiffre pour isdigit, pas pour int.
        if not (chiffre.isascii() and chiffre.isdigit()) or chiffre_de_controle(texte) != int(chiffre):
            raise IdentiteInvalide(f"Le chiffre de contrôle {nom} est faux : la carte a été mal lue.", faute="cle")
    nom, _, prenoms = trois.partition("<<")
    sexe = deux[7].replace("<", "")
    return IdentiteTitre(
        nom.replace("<", " ").strip(),
        re.sub("<+", " ", prenoms).strip(),
        sexe if sexe in ("M", "F") else "",
        _date_courte(deux[:6], present or dt.date.today()),
        _date_courte(deux[8:14]),
    )


def _date_courte(texte: str, au_plus: dt.date = dt.date.max) -> dt.date | None:
    """AAMMJJ, de ce siècle, ou du précédent si ce serait après `au_plus` : nul n'est né demain."""
    if not texte.isdigit():
        return None
    annee, mois, jour = int(texte[:2]), int(texte[2:4]), int(texte[4:])
    try:
        siecle = 2000 if (2000 + annee, mois, jour) <= (au_plus.year, au_plus.month, au_plus.day) else 1900
        return dt.date(siecle + annee, mois, jour)
    except ValueError:
        raise IdentiteInvalide("Dans ce code, une date est impossible.", faute="naissance") from None
