"""De quoi comparer deux sons dans les essais."""

import asyncio

import numpy as np

from borne.peripheriques.audio import Microphone, SonPerdu

PATIENCE_S = 40


async def bloc_suivant(micro: Microphone):
    """Le bloc suivant, même si le micro n'est pas encore là."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await micro.prochain()
            except SonPerdu:
                continue


async def enregistrer(micro: Microphone, duree_s: float):
    """(échantillons, instant du premier), d'une traite."""
    blocs = [await bloc_suivant(micro)]
    while len(blocs) * len(blocs[0].echantillons) < duree_s * micro.frequence:
        blocs.append(await micro.prochain())
    numeros = [bloc.numero for bloc in blocs]
    assert numeros == list(range(numeros[0], numeros[0] + len(numeros)))
    return np.concatenate([bloc.echantillons for bloc in blocs]), blocs[0].instant


def correlation(a, b) -> float:
    """Corrélation normalisée de deux signaux de même longueur."""
    x, y = a.astype(float) - a.mean(), b.astype(float) - b.mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def attendu(boucle, position: int, longueur: int):
    """Ce que la boucle joue à partir de cette position."""
    return np.take(boucle, range(position, position + longueur), mode="wrap")
