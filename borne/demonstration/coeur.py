"""Comparer le cœur reçu par la page à l'enregistrement joué dans le stéthoscope, battement par battement."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import correlate, resample_poly

FREQUENCE: Final = 4000
"""Hz : celle des enregistrements CirCor."""
FENETRE_S: Final = 0.8
"""Secondes, à peu près un battement."""
DERIVE_S: Final = 0.3
"""Secondes : de combien un battement peut glisser depuis le précédent (tampon du navigateur qui s'étire)."""
MANQUES_MAX: Final = 3
"""Fenêtres perdues de suite au bout desquelles on cherche de nouveau dans tout l'enregistrement (coupure)."""
RECONNU: Final = 0.6
"""Corrélation au-dessus de laquelle une fenêtre est à sa place."""


def correlation(recu: NDArray[np.int16], frequence: int, enregistrement: Path) -> float:
    """Corrélation normalisée médiane (-1 à 1) du son reçu avec l'enregistrement joué en boucle.

    `recu` : mono, à `frequence` Hz. Chaque fenêtre est cherchée à la suite de la précédente, à `DERIVE_S` près : un
    son dont les battements seraient dans le désordre, d'un autre cœur ou inversé ne corrèle pas. Lève `ValueError`
    s'il y a moins de cinq secondes de son.
    """
    lu, reference = wavfile.read(enregistrement)
    if lu != FREQUENCE:
        raise ValueError(f"l'enregistrement est à {lu} Hz, {FREQUENCE} attendus")
    son = resample_poly(recu.astype(np.float64), FREQUENCE, frequence)
    if len(son) < 5 * FREQUENCE:
        raise ValueError("trop peu de son reçu pour le comparer")
    taille, tour = int(FENETRE_S * FREQUENCE), len(reference)
    boucle = np.tile(reference.astype(np.float64), 3)
    valeurs, attendue, manques = [], -1, 0
    for debut in range(FREQUENCE, len(son) - taille, taille):
        fenetre = son[debut : debut + taille]
        if attendue < 0 or manques >= MANQUES_MAX:
            valeur, position = _meilleure(fenetre, boucle[: 2 * tour])
        else:
            gauche = tour + attendue % tour - int(DERIVE_S * FREQUENCE)
            zone = boucle[gauche : gauche + taille + 2 * int(DERIVE_S * FREQUENCE)]
            valeur, position = _meilleure(fenetre, zone)
            position += gauche
        valeurs.append(valeur)
        manques = 0 if valeur > RECONNU else manques + 1
        attendue = (position if valeur > RECONNU else max(attendue, 0)) + taille
    return float(np.median(valeurs))


def _meilleure(fenetre: NDArray[np.float64], zone: NDArray[np.float64]) -> tuple[float, int]:
    """La plus forte corrélation normalisée de la fenêtre dans la zone, et où."""
    centree = fenetre - fenetre.mean()
    produits = correlate(zone, centree, mode="valid", method="fft")
    uns = np.ones(len(centree))
    sommes = correlate(zone, uns, mode="valid", method="fft")
    carres = correlate(zone**2, uns, mode="valid", method="fft")
    energies = np.maximum(carres - sommes**2 / len(centree), 1.0)
    normes = produits / np.sqrt(energies * max(float(np.dot(centree, centree)), 1.0))
    position = int(np.argmax(normes))
    return float(normes[position]), position
