"""Le banc de l'auscultation mesure bien : il dit rouge quand un rythme est faux, double ou trop souvent caché."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.bancs import _auscultation_sons as sons
from tests.bancs._auscultation_ancre import ancre
from tests.bancs._auscultation_coeur import bilan, modeles_des_plis
from tests.bancs._auscultation_donnees import PLIS, fenetres
from tests.bancs._auscultation_figures import aire, figure


def _segments(cycle_s: float, nombre: int) -> np.ndarray:
    bornes = (0.0, 0.12, 0.3, 0.42, cycle_s)
    return np.array(
        [
            (tour * cycle_s + bornes[etat], tour * cycle_s + bornes[etat + 1], etat + 1)
            for tour in range(nombre)
            for etat in range(4)
        ]
    )


def test_le_bilan_compte_les_ecarts_les_doubles_et_les_silences() -> None:
    moyenne, proches, couverture, doubles = bilan([(60.0, 60.0), (61.0, 60.0), (120.0, 60.0), (None, 60.0)])
    assert moyenne == pytest.approx(61 / 3)
    assert proches == pytest.approx(2 / 3)
    assert couverture == pytest.approx(3 / 4)
    assert doubles == pytest.approx(1 / 3)


def test_une_fenetre_a_un_trou_n_est_pas_de_reference() -> None:
    segments = _segments(0.8, 20)
    assert fenetres(segments, 16.0) == [(0.0, pytest.approx(75.0)), (5.0, pytest.approx(75.0))]
    segments[70, 2] = 0
    assert fenetres(segments, 16.0) == [(0.0, pytest.approx(75.0))]


def test_l_aire_est_la_chance_de_bien_ranger() -> None:
    assert aire([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert aire([0.1, 0.2], [0.9, 0.8]) == 0.0
    assert aire([0.5, 0.5], [0.5]) == 0.5


def test_une_figure_est_une_ligne(capsys: pytest.CaptureFixture[str]) -> None:
    assert not figure("x", 0.123456, "part", ">= 0,99", False, 0.5)
    attendu = {"figure": "x", "valeur": 0.1235, "unite": "part", "but": ">= 0,99", "ancre": 0.5, "tenu": False}
    assert json.loads(capsys.readouterr().out) == attendu


def test_refaire_le_rythme_garde_les_bruits_et_change_le_cycle() -> None:
    segments = _segments(0.6, 30)
    son, suivis = sons.rythmer(np.ones(18 * 4000), segments, 4000, lambda: 1.5)
    debuts = suivis[suivis[:, 2] == 1, 0]
    assert np.allclose(np.diff(debuts), 1.5, atol=0.001)
    assert len(son) == pytest.approx(45 * 4000, abs=200)
    assert np.allclose(suivis[:4, 1] - suivis[:4, 0], [0.12, 0.18, 0.12, 1.08], atol=0.001)


def test_l_ancre_trouve_un_rythme_evident() -> None:
    son = np.zeros(40000)
    for debut in range(0, 39000, 3000):
        son[debut : debut + 400] = 8000 * np.sin(2 * np.pi * 60 * np.arange(400) / 4000) * np.hanning(400)
    bpm, hauteur = ancre(sons.entiers(son), 4000)
    assert bpm == pytest.approx(80, abs=1)
    assert hauteur > 0.8


def test_il_y_a_un_modele_par_pli() -> None:
    assert len(modeles_des_plis()) == PLIS
