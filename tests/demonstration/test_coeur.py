"""La comparaison du cœur reçu : juste quand il est fidèle, basse dès qu'il ne l'est plus."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

from borne.demonstration.coeur import correlation
from borne.demonstration.son import COEUR, RESSOURCES

HASARD = np.random.default_rng(7)


def _recu(duree_s: float = 12.0, decalage_s: float = 3.3) -> NDArray[np.float64]:
    _, reference = wavfile.read(COEUR)
    boucle = np.tile(reference.astype(np.float64), 2)
    debut = int(decalage_s * 4000)
    return np.asarray(resample_poly(boucle[debut : debut + int(duree_s * 4000)], 12, 1))


def _entiers(son: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.clip(son, -32768, 32767).astype(np.int16)


def test_fidele() -> None:
    assert correlation(_entiers(0.5 * _recu()), 48000, COEUR) > 0.98


def test_un_silence_de_reseau_au_milieu_ne_perd_pas_le_fil() -> None:
    son = _recu()
    trou = np.concatenate([son[:200_000], np.zeros(9_000), son[200_000:]])
    assert correlation(_entiers(trou), 48000, COEUR) > 0.95


@pytest.mark.parametrize("faute", ["inverse", "desordre", "autre-coeur", "bruit"])
def test_infidele(faute: str) -> None:
    son = _recu()
    if faute == "inverse":
        son = -son
    elif faute == "desordre":
        blocs = son[: len(son) // 14_000 * 14_000].reshape(-1, 14_000)
        son = HASARD.permutation(blocs).ravel()
    elif faute == "autre-coeur":
        _, autre = wavfile.read(RESSOURCES / "coeur_68436_MV.wav")
        son = resample_poly(autre[: 12 * 4000].astype(np.float64), 12, 1)
    else:
        son = HASARD.normal(0, 2000, len(son))
    assert correlation(_entiers(son), 48000, COEUR) < 0.75
