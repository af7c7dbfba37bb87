"""Le limiteur : deux bornes tenues, une voix ordinaire intacte, aucun claquement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from borne.peripheriques.limiteur import TRANCHE, Limiteur

PLEINE = 32768.0


def ton(amplitude: float, secondes: float = 1.0, frequence: float = 300.0) -> NDArray[np.int16]:
    instants = np.arange(int(secondes * 48000)) / 48000
    return np.rint(amplitude * np.sin(2 * np.pi * frequence * instants)).astype(np.int16)


def passer(limiteur: Limiteur, son: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.concatenate([limiteur.appliquer(son[debut : debut + 480]) for debut in range(0, len(son), 480)])


def efficace(son: NDArray[np.int16]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(son.astype(float) ** 2)) / PLEINE))


def test_une_voix_ordinaire_passe_sans_changement() -> None:
    son = ton(4000)
    rendu = passer(Limiteur(-16, -3), son)
    assert len(rendu) == len(son)
    assert np.array_equal(rendu[TRANCHE:], son[:-TRANCHE])


def test_le_niveau_est_tenu_et_revient() -> None:
    limiteur = Limiteur(-16, -3)
    rendu = passer(limiteur, ton(32000))
    assert efficace(rendu[24000:]) == pytest.approx(-16, abs=0.5)
    calme = passer(limiteur, ton(3000, 2.0))
    assert efficace(calme[-4800:]) == pytest.approx(efficace(ton(3000)), abs=0.3)


def test_un_cri_soudain_ne_depasse_jamais_la_crete_et_ne_claque_pas() -> None:
    son = np.concatenate([ton(1000, 0.5), ton(32767, 0.5)])
    rendu = passer(Limiteur(-16, -3), son)
    assert np.abs(rendu).max() <= PLEINE * 10 ** (-3 / 20)
    assert efficace(rendu[24000 + 4800 :]) < -15
    # Le gain glisse : pas de saut plus raide que le ton lui-même.
    assert np.abs(np.diff(rendu.astype(int))).max() <= np.abs(np.diff(son.astype(int))).max()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=2000), st.integers(1, 700))
def test_la_crete_est_tenue_quoi_qu_il_arrive(valeurs: list[int], taille: int) -> None:
    limiteur, son = Limiteur(-16, -6), np.array(valeurs, dtype=np.int16)
    for debut in range(0, len(son), taille):
        rendu = limiteur.appliquer(son[debut : debut + taille])
        assert np.abs(rendu.astype(int)).max(initial=0) <= PLEINE * 10 ** (-6 / 20)
