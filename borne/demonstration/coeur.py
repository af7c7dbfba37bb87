"""Comparer le cœur reçu par la page à l'enregistrement joué dans le stéthoscope."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import correlate, resample_poly

FREQUENCE: Final = 4000
"""Hz : celle des enregistrements CirCor."""
FENETRE_S: Final = 3.0
"""Secondes : assez court pour que l'écart d'horloge des deux sons ne compte pas."""


def correlation(recu: NDArray[np.int16], frequence: int, enregistrement: Path) -> float:
    """Corrélation normalisée médiane (0 à 1), par fenêtres, avec l'enregistrement joué en boucle.

    `recu` : mono, à `frequence` Hz ; le signe est gardé : un son inversé corrélerait à -1.
    """
    lu, reference = wavfile.read(enregistrement)
    if lu != FREQUENCE:
        raise ValueError(f"l'enregistrement est à {lu} Hz, {FREQUENCE} attendus")
    son = resample_poly(recu.astype(np.float64), FREQUENCE, frequence)
    boucle = np.concatenate([reference, reference]).astype(np.float64)
    taille = int(FENETRE_S * FREQUENCE)
    fenetres = [son[i : i + taille] for i in range(FREQUENCE, len(son) - taille, taille)]
    if not fenetres:
        raise ValueError("trop peu de son reçu pour le comparer")
    return float(np.median([_meilleure(fenetre, boucle) for fenetre in fenetres]))


def _meilleure(fenetre: NDArray[np.float64], boucle: NDArray[np.float64]) -> float:
    centree = fenetre - fenetre.mean()
    produits = correlate(boucle, centree, mode="valid", method="fft")
    uns = np.ones(len(centree))
    sommes = correlate(boucle, uns, mode="valid", method="fft")
    carres = correlate(boucle**2, uns, mode="valid", method="fft")
    energies = np.maximum(carres - sommes**2 / len(centree), 1.0)
    return float(np.max(produits / np.sqrt(energies * max(float(np.dot(centree, centree)), 1.0))))
