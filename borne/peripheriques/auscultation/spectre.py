"""Du son aux énergies par bandes : une ligne toutes les 20 ms.

Les bruits du cœur sont entre 20 et 150 Hz, les souffles jusqu'à 400 Hz ; au-dessus de 300 Hz, presque tout est parole
ou frottement. Deux tables, donc : cœur (à 1 kHz) et haute (à 4 kHz, quand la source y va).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

Reels = NDArray[np.float64]

PAS_S: Final = 0.02
"""Secondes entre deux lignes : la finesse des annotations dont le modèle est appris."""
FREQUENCE_MIN_HZ: Final = 1000
FREQUENCE_MAX_HZ: Final = 48000
FREQUENCE_COEUR_HZ: Final = 1000
FREQUENCE_HAUTE_HZ: Final = 4000
BANDES_COEUR_HZ: Final = ((20, 45), (45, 80), (80, 150), (150, 250), (250, 400))
BANDES_HAUTES_HZ: Final = ((300, 600), (600, 1000), (1000, 1800))
_FENETRE_COEUR_S: Final = 0.05
_FENETRE_HAUTE_S: Final = 0.032
_PLANCHER: Final = 0.1
"""Énergie ajoutée avant le logarithme : sous le bruit de quantification d'un son de 16 bits."""
VOISINS: Final = 12
"""Lignes vues de part et d'autre par le modèle : 240 ms, de quoi voir le bruit suivant d'un cœur rapide."""


@dataclass(frozen=True, slots=True)
class Spectre:
    """Un son en logarithmes d'énergie. `coeur` : (lignes, 5) ; `haute` : (lignes, 3), NaN où la source n'a rien."""

    coeur: Reels
    haute: Reels


def reechantillonner(son: Reels, frequence_hz: int, cible_hz: int) -> Reels:
    """Le même son à `cible_hz`, filtré contre le repliement (polyphase)."""
    if frequence_hz == cible_hz:
        return son
    commun = gcd(frequence_hz, cible_hz)
    rendu: Reels = resample_poly(son, cible_hz // commun, frequence_hz // commun)
    return rendu


def _energies(son: Reels, frequence_hz: int, fenetre_s: float, bandes: tuple[tuple[int, int], ...]) -> Reels:
    pas, taille = round(PAS_S * frequence_hz), round(fenetre_s * frequence_hz)
    lignes = len(son) // pas
    borde = np.pad(son, ((taille - pas) // 2, taille))
    rangs = np.arange(lignes)[:, None] * pas + np.arange(taille)
    points = 1 << (taille - 1).bit_length()
    puissances = np.abs(np.fft.rfft(borde[rangs] * np.hanning(taille + 2)[1:-1], points)) ** 2
    frequences = np.fft.rfftfreq(points, 1 / frequence_hz)
    colonnes = [puissances[:, (frequences >= bas) & (frequences < haut)].sum(axis=1) for bas, haut in bandes]
    return np.stack(colonnes, axis=1)


def spectre(son: Reels, frequence_hz: int) -> Spectre:
    """Les deux tables d'un son (une dimension, plus de 20 ms)."""
    coeur = reechantillonner(son, frequence_hz, FREQUENCE_COEUR_HZ)
    basse = np.log(_energies(coeur, FREQUENCE_COEUR_HZ, _FENETRE_COEUR_S, BANDES_COEUR_HZ) + _PLANCHER)
    large = reechantillonner(son, frequence_hz, FREQUENCE_HAUTE_HZ)
    haute = np.log(_energies(large, FREQUENCE_HAUTE_HZ, _FENETRE_HAUTE_S, BANDES_HAUTES_HZ) + _PLANCHER)
    for rang, (_, limite) in enumerate(BANDES_HAUTES_HZ):
        if limite > 0.46 * frequence_hz:
            haute[:, rang] = np.nan
    lignes = min(len(basse), len(haute))
    return Spectre(basse[:lignes], haute[:lignes])


def traits(coeur: Reels) -> Reels:
    """Ce que le modèle lit à chaque ligne : les bandes, ramenées à leur propre étendue, avec leurs voisines.

    `coeur` : (lignes, 5). Rend (lignes, 5 * (2 * VOISINS + 1)). La médiane et l'étendue viennent de la fenêtre
    elle-même : le gain du stéthoscope n'y change rien.
    """
    bas, milieu, haut = np.percentile(coeur, [10, 50, 92], axis=0)
    normes = 2 * (coeur - milieu) / np.maximum(haut - bas, 0.5)
    bordees = np.pad(normes, ((VOISINS, VOISINS), (0, 0)), mode="edge")
    return np.hstack([bordees[rang : rang + len(normes)] for rang in range(2 * VOISINS + 1)])
