"""Carte Vitale et carte de professionnel (CPS) : l'interface, et ce que la borne en dit tant qu'elle ne les lit pas.

Lire une carte Vitale demande l'API SESAM-Vitale du GIE (agréée, sous licence), une CPS la Cryptolib de l'ANS : aucune
des deux n'est un logiciel libre que ce dépôt pourrait porter. Un paquet tiers qui les a satisfait `LecteurCarte`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from borne.peripheriques.identite.erreurs import CarteNonPriseEnCharge

NatureCarte = Literal["vitale", "cps"]


@dataclass(frozen=True, slots=True)
class CarteLue:
    """Ce qu'une carte dit de son porteur. Rien de la personne ne paraît dans sa représentation.

    `identifiant` : NIR du porteur (Vitale), ou identifiant national du professionnel (CPS).
    """

    nature: NatureCarte
    identifiant: str = field(repr=False)
    nom: str = field(repr=False)
    prenoms: str = field(repr=False)


@runtime_checkable
class LecteurCarte(Protocol):
    """Un lecteur de cartes à puce."""

    nature: NatureCarte

    @property
    def pris_en_charge(self) -> bool:
        """Faux quand la bibliothèque sous licence n'est pas là : l'écran ne propose alors pas la carte."""

    async def lire(self, *, delai_s: float = 30.0) -> CarteLue:
        """La carte présentée. Lève `CarteNonPriseEnCharge`, ou une autre `ErreurPeripherique`."""


class LecteurAbsent:
    """Le lecteur de toute borne sans bibliothèque sous licence : il le dit."""

    def __init__(self, nature: NatureCarte) -> None:
        self.nature: NatureCarte = nature

    @property
    def pris_en_charge(self) -> bool:
        """Jamais."""
        return False

    async def lire(self, *, delai_s: float = 30.0) -> CarteLue:
        """Lève `CarteNonPriseEnCharge`."""
        noms = {"vitale": "la carte Vitale", "cps": "la carte de professionnel de santé"}
        raison = "elle demande une bibliothèque sous licence, qui n'est pas installée"
        raise CarteNonPriseEnCharge(f"La borne ne lit pas {noms[self.nature]} : {raison}.")
