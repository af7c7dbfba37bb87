"""La qualité d'une écoute des poumons : assez fort, sans écrêtage, sans parole. Le reste est au médecin."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, sosfiltfilt

from borne.peripheriques.auscultation.coeur import DUREE_MIN_S, SEUIL_QUALITE, valider
from borne.peripheriques.auscultation.resultat import APPUYER, BRUIT, SATURE, Analyse
from borne.peripheriques.auscultation.spectre import FREQUENCE_HAUTE_HZ, Reels, reechantillonner

_BANDE_HZ: Final = (100, 1000)
"""Murmure vésiculaire, sibilants et crépitants : l'essentiel est là (Bohadana, NEJM 2014, 370, 744-751)."""
_PAROLE_HZ: Final = (300, 1800)
_SYLLABES_HZ: Final = (2.0, 8.0)
"""La parole ouvre et ferme le son à ce rythme ; la respiration, dix fois moins vite."""
_ENVELOPPE_HZ: Final = 50
_NIVEAU: Final = 12.0
"""Valeur efficace (sur 32768, -69 dB) du souffle sous laquelle le pavillon n'appuie pas."""
_PLATS: Final = 0.002
"""Part d'échantillons à plat sur la crête qui s'entend comme une distorsion."""
_SYLLABES: Final = 0.45
"""Modulation syllabique (écart type du logarithme de l'énergie) entre souffle (0,1 à 0,3) et parole (0,9)."""
_RAIDEUR: Final = 6.0


def qualite_poumon(echantillons: NDArray[np.int16], frequence_hz: int) -> Analyse:
    """Qualité et conseil d'une écoute des poumons ; `bpm` est toujours None.

    Mêmes formes et mêmes erreurs que `analyser` ; sous trois secondes, qualité nulle et rien d'autre. La parole ne se
    cherche qu'au-dessus de 2 kHz d'échantillonnage.
    """
    son = valider(echantillons, frequence_hz)
    if len(son) < DUREE_MIN_S * frequence_hz:
        return Analyse(None, 0.0, None)
    bande = (_BANDE_HZ[0], min(_BANDE_HZ[1], 0.45 * frequence_hz))
    souffle = sosfilt(butter(2, bande, "band", fs=frequence_hz, output="sos"), son - son.mean())
    notes = {
        SATURE: _note(_plats(son), _PLATS),
        APPUYER: 1 - _note(float(np.sqrt(np.mean(souffle**2))), _NIVEAU),
        BRUIT: _note(_syllabes(son, frequence_hz), _SYLLABES),
    }
    qualite = float(np.prod(list(notes.values())))
    conseil = min(notes, key=lambda cle: notes[cle]) if qualite < SEUIL_QUALITE else None
    return Analyse(None, qualite, conseil)


def _note(valeur: float, seuil: float) -> float:
    """1 bien au-dessous du seuil, 0,5 au seuil, 0 bien au-dessus."""
    return float(1.0 / (1.0 + (max(valeur, 0.0) / seuil) ** _RAIDEUR))


def _plats(son: Reels) -> float:
    crete = float(np.abs(son).max())
    if crete < 1:
        return 0.0
    pres = np.abs(son) > 0.97 * crete
    return float(np.mean(pres[1:] & (son[1:] == son[:-1]))) if crete > 1000 else 0.0


def _syllabes(son: Reels, frequence_hz: int) -> float:
    """L'écart type, entre 2 et 8 Hz, du logarithme de l'énergie de 300 à 1800 Hz."""
    if frequence_hz < 2000:
        return 0.0
    large = reechantillonner(son, frequence_hz, FREQUENCE_HAUTE_HZ)
    haut = min(_PAROLE_HZ[1], 0.45 * frequence_hz)
    voix = sosfilt(butter(3, (_PAROLE_HZ[0], haut), "band", fs=FREQUENCE_HAUTE_HZ, output="sos"), large)
    pas = FREQUENCE_HAUTE_HZ // _ENVELOPPE_HZ
    energie = np.mean(voix[: len(voix) // pas * pas].reshape(-1, pas) ** 2, axis=1)
    filtre = butter(2, _SYLLABES_HZ, "band", fs=_ENVELOPPE_HZ, output="sos")
    return float(np.std(sosfiltfilt(filtre, np.log(energie + 1.0))))
