"""Les textes Fluent par langue ; les clés avec paramètres (`attente-rang?rang=2`) que dit aussi la voix."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import FluentNone

from borne.ui.mots import mots_de_l_ecran

__all__ = ["REPLI", "ErreurTexte", "Textes", "cle_avec", "en_lettres", "mots_de_l_ecran", "separer"]

REPLI: Final = "fr"
"""La langue qui sert quand une autre n'a pas la clé."""

_ENTIERS: Final = frozenset({"rang", "avant", "minutes", "volume", "etape", "total"})
"""Paramètres qui s'accordent ou s'écrivent en lettres ; les autres restent du texte."""

_UNITES: Final = [
    "zéro",
    "une",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_DIZAINES: Final = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt")


class ErreurTexte(LookupError):
    """Une clé manque, ou son message Fluent est mal formé."""


def cle_avec(cle: str, **parametres: object) -> str:
    """Une clé et ses paramètres en une chaîne, telle que `Dire` la porte."""
    return f"{cle}?{urlencode({k: str(v) for k, v in parametres.items()})}" if parametres else cle


def separer(cle: str) -> tuple[str, dict[str, str | int]]:
    """`cle?a=1&b=x` vers la clé et ses paramètres ; un entier redevient un entier (accords du pluriel)."""
    nom, _, suite = cle.partition("?")
    paires = parse_qsl(suite, keep_blank_values=True)
    return nom, {k: int(v) if k in _ENTIERS else v for k, v in paires}


def en_lettres(nombre: int) -> str:
    """Un nombre de 0 à 99 en toutes lettres, au féminin ; au-delà, en chiffres.

    Le zéro barré de la police fait hésiter à la lecture de « 10 minutes » : les durées s'écrivent en lettres.
    """
    if not 0 <= nombre < 100:
        return str(nombre)
    if nombre < 20:
        return _UNITES[nombre]
    dizaine, unite = divmod(nombre, 10)
    if dizaine in (7, 9):
        dizaine, unite = dizaine - 1, unite + 10
    mot = _DIZAINES[dizaine]
    if unite == 0:
        return mot + ("s" if dizaine == 8 else "")
    lien = " et " if unite in (1, 11) and dizaine != 8 else "-"
    return f"{mot}{lien}{_UNITES[unite]}"


def _lettres(nombre: Any) -> Any:
    """La fonction Fluent LETTRES."""
    try:
        return en_lettres(int(str(nombre)))
    except ValueError:
        return str(nombre)


def typographier(texte: str) -> str:
    """L'apostrophe courbe et les espaces insécables du français."""
    texte = texte.replace("'", "’")
    for signe in "?!:;»":
        texte = texte.replace(f" {signe}", f"\u00a0{signe}")
    return texte.replace("« ", "«\u00a0")


class Textes:
    """Les textes d'une langue, avec repli sur le français.

    `dossier` contient un sous-dossier par langue. Lève `ErreurTexte` si la langue n'y est pas.
    """

    def __init__(self, dossier: Path, langue: str = REPLI) -> None:
        self.dossier = Path(dossier)
        self.langue = langue
        if langue not in self.langues():
            raise ErreurTexte(f"langue absente de {dossier} : {langue}")
        self._paquets = [self._charger(code) for code in dict.fromkeys((langue, REPLI))]

    def langues(self) -> tuple[str, ...]:
        """Les langues disponibles (codes BCP 47), le français d'abord."""
        codes = sorted(d.name for d in self.dossier.iterdir() if d.is_dir() and any(d.glob("*.ftl")))
        return tuple(sorted(codes, key=lambda code: code != REPLI))

    def pour(self, langue: str) -> Textes:
        """Les mêmes textes dans une autre langue ; la langue de repli si elle manque."""
        if langue == self.langue:
            return self
        return Textes(self.dossier, langue if langue in self.langues() else REPLI)

    def _charger(self, langue: str) -> FluentBundle:
        paquet = FluentBundle([langue], use_isolating=False, functions={"LETTRES": _lettres})
        for fichier in sorted((self.dossier / langue).glob("*.ftl")):
            paquet.add_resource(FluentResource(fichier.read_text(encoding="utf-8")))
        return paquet

    def existe(self, cle: str) -> bool:
        """Vrai si une des langues a cette clé."""
        nom, _ = separer(cle)
        return any(paquet.has_message(nom) for paquet in self._paquets)

    def dire(self, cle: str, **parametres: str | int) -> str:
        """Le texte de cette clé (`cle` ou `cle?a=1`). Lève `ErreurTexte` si elle manque ou si un paramètre manque."""
        nom, portes = separer(cle)
        valeurs: dict[str, Any] = portes | parametres
        for paquet in self._paquets:
            if not paquet.has_message(nom):
                continue
            motif = paquet.get_message(nom).value
            if motif is None:
                raise ErreurTexte(f"message sans texte : {nom}")
            texte, erreurs = paquet.format_pattern(motif, valeurs)
            if erreurs or isinstance(texte, FluentNone):
                raise ErreurTexte(f"message {nom} : {'; '.join(str(e) for e in erreurs)}")
            return typographier(str(texte)) if self.langue.startswith("fr") else str(texte)
        raise ErreurTexte(f"clé absente des textes : {nom}")

    def cles(self) -> tuple[str, ...]:
        """Les clés de la langue (sans le repli), pour l'audit."""
        return tuple(re.findall(r"^([a-z][\w-]*) *=", self._source(), re.MULTILINE))

    def parametres(self) -> frozenset[str]:
        """Les paramètres que les textes de la langue attendent, pour l'audit."""
        return frozenset(re.findall(r"\$([a-z][\w-]*)", self._source()))

    def _source(self) -> str:
        fichiers = sorted((self.dossier / self.langue).glob("*.ftl"))
        return "\n".join(fichier.read_text(encoding="utf-8") for fichier in fichiers)
