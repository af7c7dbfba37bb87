"""L'ancre : la fréquence cardiaque comme on la fait d'ordinaire, autocorrélation d'enveloppe et peigne.

Enveloppe de Hilbert de 25 à 150 Hz à 100 Hz, autocorrélation, somme de ses valeurs aux deux premiers multiples de
chaque retard (le peigne) ; le plus fort de 40 à 220 bpm donne le rythme, sa hauteur la qualité.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from borne.peripheriques.auscultation.spectre import reechantillonner

_ENVELOPPE_HZ: Final = 100
SEUIL: Final = 0.36
"""Hauteur sous laquelle l'ancre se tait : couverture de 74 % sur ces enregistrements, comme l'issue la cite."""


def ancre(echantillons: NDArray[np.int16], frequence_hz: int) -> tuple[float, float]:
    """(bpm, hauteur du pic de 0 à 1). `echantillons` : dix secondes."""
    son = reechantillonner(echantillons.astype(np.float64), frequence_hz, 1000)
    filtre = sosfiltfilt(butter(3, [25, 150], "band", fs=1000, output="sos"), son)
    enveloppe = np.abs(np.asarray(hilbert(filtre)))[: len(filtre) // 10 * 10].reshape(-1, 10).mean(axis=1)
    enveloppe -= enveloppe.mean()
    correlation = np.correlate(enveloppe, enveloppe, "full")[len(enveloppe) - 1 :]
    correlation /= max(float(correlation[0]), 1e-9)
    retards = np.arange(60 * _ENVELOPPE_HZ // 220, 60 * _ENVELOPPE_HZ // 40 + 1)
    peigne = (correlation[retards] + correlation[2 * retards]) / 2
    meilleur = int(peigne.argmax())
    gauche, milieu, droite = (
        peigne[max(meilleur - 1, 0)],
        peigne[meilleur],
        peigne[min(meilleur + 1, len(peigne) - 1)],
    )
    courbure = gauche - 2 * milieu + droite
    decalage = 0.5 * (gauche - droite) / courbure if courbure else 0.0
    return 60.0 * _ENVELOPPE_HZ / (retards[meilleur] + float(np.clip(decalage, -1, 1))), float(milieu)
