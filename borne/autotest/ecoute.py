"""Jouer et capter, par les classes de la borne : le haut-parleur joue un balayage, une entrée l'écoute."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import numpy as np

from borne.autotest.acoustique import Balayage, Chemin, Son, suivre
from borne.peripheriques.audio import BlocSon, HautParleur, Microphone, SonPerdu

CHAUFFE_S: Final = 0.2
"""Secondes du début jetées : une carte son commence souvent par un claquement."""
MARGE_S: Final = 0.6
"""Secondes d'écoute après le balayage : le plus long retard que l'on sache voir."""
OUVERTURE_S: Final = 3.0


@asynccontextmanager
async def entree(source: str, nom: str) -> AsyncIterator[Microphone]:
    """Une entrée de son ouverte, qui garde tout ce qu'on ne lit pas tout de suite."""
    micro = Microphone(source, nom=nom, blocs_gardes=1000)
    micro.demarrer()
    try:
        yield micro
    finally:
        await asyncio.to_thread(micro.arreter)


async def capter(micro: Microphone, duree_s: float) -> tuple[Son, float]:
    """Les prochaines secondes, d'une traite, et l'instant (secondes Unix) de la première ; lève `SonPerdu`."""
    blocs: list[BlocSon] = []
    voulus = round(duree_s * micro.frequence)
    while voulus > 0:
        bloc = await micro.prochain()
        blocs.append(bloc)
        voulus -= len(bloc.echantillons)
    return np.concatenate([bloc.echantillons for bloc in blocs]), blocs[0].instant


@asynccontextmanager
async def sortie(nom: str) -> AsyncIterator[HautParleur]:
    """Le haut-parleur ouvert, sans limiteur, avec la place d'un balayage entier ; lève `SonPerdu`."""
    haut_parleur = HautParleur(nom, latence_max_s=30.0)
    haut_parleur.demarrer()
    try:
        await _ouvert(haut_parleur)
        yield haut_parleur
    finally:
        await asyncio.to_thread(haut_parleur.arreter)


async def _ouvert(haut_parleur: HautParleur) -> None:
    try:
        async with asyncio.timeout(OUVERTURE_S):
            while haut_parleur.etat != "active":
                if haut_parleur.etat == "perdue":
                    raise SonPerdu(haut_parleur.raison)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise SonPerdu("Le haut-parleur ne s'ouvre pas.") from None


async def boucler(micro: Microphone, haut_parleur: HautParleur, balayage: Balayage) -> tuple[Chemin, Son]:
    """Joue le balayage ; rend ce qu'il est devenu, et le son capté ; lève `SonPerdu`.

    `Chemin.delai_s` va de l'écriture au haut-parleur à l'arrivée au micro : le retard que l'annulation d'écho verra.
    """
    micro.vider()
    joue_a = time.time()
    haut_parleur.ecrire(balayage.son())
    capte, instant = await capter(micro, balayage.duree_s + MARGE_S)
    chemin = await asyncio.to_thread(suivre, capte, balayage)
    return dataclasses.replace(chemin, delai_s=max(0.0, chemin.delai_s + instant - joue_a)), capte
