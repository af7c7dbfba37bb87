"""Raccourcir ou allonger une trame de voix d'une période, sans changer sa hauteur (WSOLA réduit à une trame).

Un passage qui se répète à l'identique d'une période sur l'autre (une voyelle, un silence) supporte d'en perdre ou
d'en gagner une : les deux voisines sont fondues. Une consonne ne le supporte pas et reste telle quelle.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PERIODE_MIN: Final = 120
PERIODE_MAX: Final = 400
"""Échantillons à 48 kHz : de 120 à 400 Hz, les voix ; les graves en perdent deux à la fois ou attendent."""
RESSEMBLANCE: Final = 0.75
"""Corrélation à partir de laquelle la fonte ne s'entend pas."""
SILENCE: Final = 60.0
"""Valeur efficace (16 bits) sous laquelle rien ne s'entend."""

Son = NDArray[np.int16]


def raccourcir(son: Son, meme_mal: bool = False) -> Son:
    """(n,) int16 moins une période ; tel quel s'il ne s'y prête pas, à moins de `meme_mal`."""
    periode = _periode(son, meme_mal)
    if periode is None:
        return son
    voix = son.astype(np.float32)
    return np.concatenate([_fondre(voix[:periode], voix[periode : 2 * periode]), son[2 * periode :]])


def allonger(son: Son, meme_mal: bool = False) -> Son:
    """(n,) int16 plus une période ; tel quel s'il ne s'y prête pas, à moins de `meme_mal`."""
    periode = _periode(son, meme_mal)
    if periode is None:
        return son
    voix = son.astype(np.float32)
    return np.concatenate([son[:periode], _fondre(voix[periode : 2 * periode], voix[:periode]), son[periode:]])


def _fondre(avant: NDArray[np.float32], apres: NDArray[np.float32]) -> Son:
    poids = np.linspace(0.0, 1.0, len(avant), dtype=np.float32)
    return np.rint(avant * (1 - poids) + apres * poids).astype(np.int16)


def _periode(son: Son, meme_mal: bool) -> int | None:
    """La période (échantillons) qui se répète le mieux, ou None."""
    plus_longue = min(PERIODE_MAX, len(son) // 2 - 1)
    if plus_longue <= PERIODE_MIN:
        return None
    voix = son.astype(np.float64)
    fenetre = len(voix) - plus_longue
    modele = voix[:fenetre]
    energies = np.concatenate([[0.0], np.cumsum(voix * voix)])
    if energies[-1] / len(voix) < SILENCE * SILENCE:
        return plus_longue
    produits = np.correlate(voix, modele, "valid")[PERIODE_MIN:]
    decalees = energies[fenetre + PERIODE_MIN :] - energies[PERIODE_MIN : PERIODE_MIN + len(produits)]
    ressemblances = produits / np.sqrt(np.maximum(decalees * energies[fenetre], 1.0))
    meilleure = int(np.argmax(ressemblances))
    if ressemblances[meilleure] < RESSEMBLANCE and not meme_mal:
        return None
    return PERIODE_MIN + meilleure
