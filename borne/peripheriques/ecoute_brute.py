"""Écouter un appareil Bluetooth que la borne ne connaît pas : tout lire, s'abonner à tout, ne rien écrire.

C'est par là que commence un pilote neuf : la séance gardée dit ce que l'appareil offre et ce qu'il envoie.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from borne.peripheriques.ble import Liaison, Radio, Signalement
from borne.peripheriques.erreurs import AppairageRefuse

_ACCES: Final = "1800"
"""Generic Access : le service que tout appareil Bluetooth a."""


async def ecouter(
    radio: Radio,
    adresse: str,
    sur_octets: Callable[[str, bytes], None],
    *,
    duree_s: float,
    trames: int | None = None,
    appairer: bool = False,
) -> tuple[str, ...]:
    """Donne à `sur_octets` (caractéristique, octets) tout ce qui vient, jusqu'à la coupure, `duree_s`, ou `trames`.

    Rend les caractéristiques qui se sont refusées (souvent : il faut `appairer`). Lève comme `Radio.chercher` et
    `Radio.relier`, ou `AppareilPerdu`.
    """
    signalement = Signalement(_ACCES, adresse=adresse)
    appareil = await radio.chercher(signalement, delai_s=duree_s)
    async with radio.relier(appareil, signalement, appairer=appairer) as liaison:
        assez = asyncio.Event()
        refus = await _suivre(liaison, _Compteur(sur_octets, trames, assez))
        attentes = [asyncio.ensure_future(evenement.wait()) for evenement in (liaison.coupee, assez)]
        try:
            await asyncio.wait(attentes, timeout=duree_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for attente in attentes:
                attente.cancel()
    return refus


class _Compteur:
    """Compte les trames reçues ; `assez` est levé à la dernière voulue."""

    def __init__(self, sur_octets: Callable[[str, bytes], None], trames: int | None, assez: asyncio.Event) -> None:
        self.sur_octets = sur_octets
        self._reste = trames
        self._assez = assez

    def pour(self, nom: str) -> Callable[[bytes], None]:
        """Le rappel de cette caractéristique."""

        def recevoir(octets: bytes) -> None:
            self.sur_octets(nom, octets)
            if self._reste is not None:
                self._reste -= 1
                if self._reste <= 0:
                    self._assez.set()

        return recevoir


async def _suivre(liaison: Liaison, compteur: _Compteur) -> tuple[str, ...]:
    """Lit tout ce qui se lit, puis s'abonne à tout ; rend ce qui se refuse."""
    refus = []
    modes = liaison.caracteristiques()
    for nom, permis in modes.items():
        if "read" in permis:
            octets = await liaison.lire(nom)
            if octets is None:
                refus.append(nom)
            else:
                compteur.sur_octets(nom, octets)
    for nom, permis in modes.items():
        if {"notify", "indicate"}.intersection(permis):
            try:
                await liaison.abonner(nom, compteur.pour(nom))
            except AppairageRefuse:
                refus.append(nom)
    return tuple(refus)
