"""Le datamatrix INS : l'identité nationale de santé d'un usager, imprimée sur un document de santé. Pur.

Forme (Agence du numérique en santé, « Datamatrix INS », version 01) : un en-tête de 26 caractères, `IS` puis la
version puis des zéros réservés, et des champs : un identifiant de deux caractères, sa valeur, et le séparateur GS
(ASCII 29) quand une valeur de longueur variable n'atteint pas son maximum.

    S1 matricule et clé (15)       S2 OID de l'autorité (20 au plus)   S3 prénoms de naissance (100 au plus)
    S4 nom de naissance (100 au plus)   S5 sexe (1)   S6 date de naissance JJ-MM-AAAA (10)   S7 lieu, code Insee (5)
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Final

from borne.peripheriques.identite.erreurs import IdentiteInvalide
from borne.peripheriques.identite.nir import sexe_du_matricule, verifier_matricule

ENTETE: Final = 26
VERSION: Final = "01"
GS: Final = "\x1d"

_RACINE: Final = "1.2.250.1.213.1.4."
AUTORITES: Final = {
    f"{_RACINE}8": "INS-NIR",
    f"{_RACINE}9": "INS-NIA",
    f"{_RACINE}10": "INS-NIR de test",
    f"{_RACINE}11": "INS-NIR de démonstration",
}
"""Autorités d'affectation (référentiel INS de l'ANS, annexe) : seules les deux premières désignent une personne."""
REELLES: Final = (f"{_RACINE}8", f"{_RACINE}9")

_FIXES: Final = {"S1": 15, "S5": 1, "S6": 10, "S7": 5}
_VARIABLES: Final = {"S2": 20, "S3": 100, "S4": 100}
_NOMS: Final = {
    "S1": "le matricule",
    "S2": "l'autorité",
    "S3": "les prénoms",
    "S4": "le nom de naissance",
    "S5": "le sexe",
    "S6": "la date de naissance",
    "S7": "le lieu de naissance",
}
_OBLIGATOIRES: Final = ("S1", "S2", "S3", "S4", "S5", "S6")
_ETAT_CIVIL: Final = re.compile(r"[^\W\d_]+(?:[ '\-][^\W\d_]+)*")
_LIEU: Final = re.compile(r"(\d{2}|2A|2B)\d{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IdentiteINS:
    """Une identité lue. Rien de ce qui désigne la personne ne paraît dans sa représentation (journaux, traces).

    `autorite` : clé de `AUTORITES` ; `sexe` : M, F ou I ; `lieu` : code Insee, vide s'il n'y est pas ; `reserves` :
    ce qui étonne sans être faux, à vérifier de vive voix.
    """

    matricule: str = field(repr=False)
    autorite: str
    nom: str = field(repr=False)
    prenoms: str = field(repr=False)
    sexe: str = field(repr=False)
    naissance: dt.date = field(repr=False)
    lieu: str = field(repr=False)
    reserves: tuple[str, ...] = ()

    @property
    def reelle(self) -> bool:
        """L'autorité est celle de vraies personnes."""
        return self.autorite in REELLES


def est_ins(texte: str) -> bool:
    """Ce code se présente comme un datamatrix INS."""
    return texte.startswith("IS")


def lire_ins(texte: str) -> IdentiteINS:
    """L'identité d'un datamatrix INS. Lève `IdentiteInvalide`, dont le message dit la première faute."""
    champs = _champs(texte)
    manquants = [_NOMS[cle] for cle in _OBLIGATOIRES if not champs.get(cle)]
    if manquants:
        raise IdentiteInvalide(f"Le code INS est incomplet : il manque {' et '.join(manquants)}.", faute="incomplet")
    matricule = verifier_matricule(champs["S1"])
    autorite = champs["S2"].strip()
    if autorite not in AUTORITES:
        raise IdentiteInvalide("Le code INS vient d'une autorité inconnue.", faute="autorite")
    for cle in ("S3", "S4"):
        if _ETAT_CIVIL.fullmatch(champs[cle].strip()) is None:
            raise IdentiteInvalide(f"Dans le code INS, {_NOMS[cle]} ne convient pas.", faute="etat-civil")
    if champs["S5"] not in ("M", "F", "I"):
        raise IdentiteInvalide("Dans le code INS, le sexe n'est ni M, ni F, ni I.", faute="sexe")
    lieu = champs.get("S7", "")
    if lieu and _LIEU.fullmatch(lieu) is None:
        raise IdentiteInvalide("Dans le code INS, le lieu de naissance n'est pas un code Insee.", faute="lieu")
    naissance = _naissance(champs["S6"])
    return IdentiteINS(
        matricule,
        autorite,
        champs["S4"].strip(),
        champs["S3"].strip(),
        champs["S5"],
        naissance,
        lieu,
        _reserves(matricule, champs["S5"], naissance, autorite),
    )


def _champs(texte: str) -> dict[str, str]:
    """Les champs par identifiant. Lève `IdentiteInvalide` : autre code, version inconnue, coupé, champ répété."""
    if not est_ins(texte):
        raise IdentiteInvalide("Ce code n'est pas un code INS.", faute="nature")
    if len(texte) < ENTETE:
        raise IdentiteInvalide("Le code INS est coupé.", faute="coupe")
    if texte[2:4] != VERSION:
        raise IdentiteInvalide("Ce code INS est d'une version que la borne ne connaît pas.", faute="version")
    reste, champs = texte[ENTETE:], dict[str, str]()
    while reste:
        cle, reste = reste[:2], reste[2:]
        if cle in _FIXES:
            valeur, reste = reste[: _FIXES[cle]], reste[_FIXES[cle] :].removeprefix(GS)
            if len(valeur) < _FIXES[cle] or GS in valeur:
                raise IdentiteInvalide(f"Le code INS est coupé dans {_NOMS[cle]}.", faute="coupe")
        elif cle in _VARIABLES:
            limite = _VARIABLES[cle]
            fin = reste.find(GS, 0, limite + 1)
            fin = fin if fin >= 0 else min(limite, len(reste))
            valeur, reste = reste[:fin], reste[fin:].removeprefix(GS)
        else:
            raise IdentiteInvalide("Le code INS contient un champ inconnu.", faute="champ")
        if cle in champs:
            raise IdentiteInvalide(f"Le code INS répète {_NOMS[cle]}.", faute="champ")
        champs[cle] = valeur
    return champs


def _naissance(texte: str) -> dt.date:
    forme = re.fullmatch(r"(\d\d)-(\d\d)-(\d{4})", texte, re.ASCII)
    try:
        if forme is None:
            raise ValueError
        return dt.date(int(forme[3]), int(forme[2]), int(forme[1]))
    except ValueError:
        raise IdentiteInvalide("Dans le code INS, la date de naissance est impossible.", faute="naissance") from None


def _reserves(matricule: str, sexe: str, naissance: dt.date, autorite: str) -> tuple[str, ...]:
    """Matricule et traits se contredisent parfois à bon droit (état civil rectifié) : à dire, pas à refuser."""
    dites = []
    if autorite not in REELLES:
        dites.append("C'est une identité de démonstration : elle ne désigne personne.")
    if sexe != "I" and sexe_du_matricule(matricule) != sexe:
        dites.append("Le sexe n'est pas celui du matricule : vérifiez l'identité.")
    annee, mois = int(matricule[1:3]), int(matricule[3:5])
    if annee != naissance.year % 100 or (mois <= 12 and mois != naissance.month):
        dites.append("La date de naissance n'est pas celle du matricule : vérifiez l'identité.")
    return tuple(dites)
