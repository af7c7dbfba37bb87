"""Proposer la fin d'un prénom : une liste fixe de prénoms courants, jamais ce qu'un patient a écrit."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from borne.ui.theme import RESSOURCES

DEBUT_MIN: Final = 2
"""Lettres à partir desquelles proposer : avant, trois prénoms parmi deux cents n'aident personne."""


@cache
def _prenoms() -> tuple[str, ...]:
    lignes = (RESSOURCES / "prenoms.txt").read_text(encoding="utf-8").splitlines()
    return tuple(ligne for ligne in lignes if ligne and not ligne.startswith("#"))


def _nu(texte: str) -> str:
    """Sans accents ni casse ; l'espace et le tiret se valent."""
    decompose = unicodedata.normalize("NFD", texte.casefold())
    return "".join(" " if c == "-" else c for c in decompose if not unicodedata.combining(c))


def suggestions(debut: str, nombre: int = 3) -> list[str]:
    """Au plus `nombre` prénoms qui commencent ainsi, puis ceux dont la seconde partie commence ainsi.

    Les accents manquants sont tolérés (« ZOE » trouve Zoé) ; un prénom déjà écrit en entier, accents compris, n'est
    pas proposé.
    """
    cherche = _nu(debut)
    if len(cherche) < DEBUT_MIN:
        return []
    nus = [(prenom, _nu(prenom)) for prenom in _prenoms() if prenom.casefold() != debut.casefold()]
    premiers = [prenom for prenom, nu in nus if nu.startswith(cherche)]
    seconds = [prenom for prenom, nu in nus if not nu.startswith(cherche) and f" {cherche}" in nu]
    return (premiers + seconds)[:nombre]
