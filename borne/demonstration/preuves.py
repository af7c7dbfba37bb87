"""Ce que la visite automatique vérifie, en fonctions pures : chacune sait aussi échouer (tests/demonstration)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from borne.demonstration.scenario import NAISSANCE, NOM, PRENOM, TELEPHONE, TENSION
from borne.dossier.restes import Reste

CHAMPS: Final = ("systolique", "diastolique", "pouls")

_PAR_DEUX: Final = " ".join(TELEPHONE[i : i + 2] for i in range(0, len(TELEPHONE), 2))

TRACES: Final[Mapping[str, tuple[str, ...]]] = {
    "prénom": (PRENOM, PRENOM.upper()),
    "nom": (NOM, NOM.upper(), NOM.upper().replace("'", "’")),
    "téléphone": (TELEPHONE, _PAR_DEUX),
    "tension": (f'"valeur":{TENSION[0]}.0',),
}
"""Ce que la recherche de restes poursuit, sous chacune des formes que la borne écrit.

Le clavier de la borne est en capitales, et la recherche ne confond que les capitales ASCII : « Zoé » ne trouverait
jamais « ZOÉ ».
"""

MOTIFS: Final = tuple(forme for formes in TRACES.values() for forme in formes)


def traces_retrouvees(restes: Sequence[Reste]) -> set[str]:
    """Les noms de `TRACES` dont une forme au moins a été déchiffrée ; `restes` : cherchés avec `MOTIFS`."""
    vues = {MOTIFS[r.motif] for r in restes if r.forme == "dechiffre" and r.motif is not None}
    return {nom for nom, formes in TRACES.items() if vues.intersection(formes)}


def identite_exacte(nom: str, age: str, telephone: str, aujourd_hui: date) -> bool:
    """Ce que la page du médecin montre est bien l'identité tapée par le patient."""
    jour, mois, annee = int(NAISSANCE[:2]), int(NAISSANCE[2:4]), int(NAISSANCE[4:])
    ans = aujourd_hui.year - annee - ((aujourd_hui.month, aujourd_hui.day) < (mois, jour))
    return (
        nom.replace("’", "'").upper() == f"{PRENOM} {NOM}".upper()
        and _nombres(age) == [ans]
        and "".join(re.findall(r"\d", telephone)) == TELEPHONE
    )


def tension_exacte(releves: Sequence[str], envois: Sequence[Mapping[str, float]]) -> bool:
    """À chaque mesure, la page a montré les valeurs mêmes que le brassard venait d'envoyer, et aucune n'est de trop.

    `releves` : le texte de la page après chaque mesure, dans l'ordre ; `envois` : ce que le brassard a noté.
    """
    envoyees = [{int(envoi[champ]) for champ in CHAMPS} for envoi in envois]
    return len(releves) == len(envoyees) > 0 and all(
        valeurs <= set(_nombres(releve)) for releve, valeurs in zip(releves, envoyees, strict=True)
    )


def lire_delais(fichier: Path) -> list[float]:
    """Les délais (ms) que la sonde de la borne a écrits ; vide si elle n'a rien écrit."""
    return [float(delai) for delai in json.loads(fichier.read_text(encoding="utf-8"))] if fichier.exists() else []


def _nombres(texte: str) -> list[int]:
    """Les nombres entiers du texte, entiers : « 171 » ne contient pas 71."""
    return [int(nombre) for nombre in re.findall(r"(?<![\d,.])\d+(?![\d]|[,.]\d)", texte)]
