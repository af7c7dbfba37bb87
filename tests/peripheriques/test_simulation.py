"""Les encodeurs simulés rendent, par nos décodeurs, ce qu'on leur a donné ; la courbe ressemble à une mesure."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne import mesures as m
from borne.peripheriques.formats import decoder
from borne.peripheriques.formats.octets import valeur_float, valeur_sfloat
from borne.peripheriques.simulation.courbes import (
    Frequence,
    Poids,
    Saturation,
    Temperature,
    intervalles_rr,
    pleth_a,
    poids_a,
    saturation_a,
    temperature_a,
)
from borne.peripheriques.simulation.octets import coder_date, coder_float, coder_sfloat
from borne.peripheriques.simulation.tension import Tension, coder_mesure, coder_pression, courbe

TENSIONS = st.builds(Tension, st.integers(60, 280), st.integers(30, 200), st.integers(30, 220))


@settings(deadline=None)
@given(mantisse=st.integers(-2045, 2045), decimales=st.integers(0, 8))
def test_sfloat_aller_retour(mantisse: int, decimales: int) -> None:
    valeur = mantisse / 10**decimales
    assert valeur_sfloat(int.from_bytes(coder_sfloat(valeur, decimales), "little")) == valeur


@pytest.mark.parametrize(("valeur", "decimales"), [(2046.0, 0), (-2046.0, 0), (1.0, 9), (1.0, -1)])
def test_sfloat_hors_de_portee(valeur: float, decimales: int) -> None:
    with pytest.raises(ValueError, match="portée"):
        coder_sfloat(valeur, decimales)


@settings(deadline=None)
@given(mantisse=st.integers(-(2**23) + 3, 2**23 - 3), decimales=st.integers(0, 128))
def test_float_aller_retour(mantisse: int, decimales: int) -> None:
    valeur = mantisse / 10**decimales
    assert valeur_float(int.from_bytes(coder_float(valeur, decimales), "little")) == pytest.approx(valeur)


def test_float_sans_valeur_et_hors_de_portee() -> None:
    assert valeur_float(int.from_bytes(coder_float(None), "little")) is None
    with pytest.raises(ValueError, match="portée"):
        coder_float(2.0**23)


@settings(deadline=None)
@given(tension=TENSIONS, instant=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
def test_mesure_aller_retour(tension: Tension, instant: datetime | None) -> None:
    lecture = decoder("2A35", coder_mesure(tension, instant))
    codes = (m.SYSTOLIQUE, m.DIASTOLIQUE, m.PRESSION_MOYENNE, m.FREQUENCE_CARDIAQUE)
    attendu = (tension.systolique, tension.diastolique, tension.moyenne, tension.pouls)
    assert tuple(lecture.valeur(code) for code in codes) == attendu
    assert lecture.utilisateur is None
    if instant is None:
        assert lecture.instant is None
    else:
        assert lecture.instant == decoder("2A08", coder_date(instant)).instant


@settings(deadline=None)
@given(tension=TENSIONS)
def test_courbe_monte_descend_et_se_vide(tension: Tension) -> None:
    points = list(courbe(tension, 8.0, 8.0))
    assert len(points) == 64
    assert max(points) > tension.systolique + 20
    assert points.index(max(points)) < 32
    assert points[-1] == 0.0
    assert all(decoder("2A36", coder_pression(point)).valeur(m.PRESSION_BRASSARD) is not None for point in points)


@settings(deadline=None)
@given(celsius=st.floats(34.0, 42.0))
def test_la_sonde_monte_et_finit_sur_sa_valeur(celsius: float) -> None:
    sonde = [temperature_a(part / 20, Temperature(celsius)) for part in range(21)]
    assert sonde == sorted(sonde)
    assert abs(sonde[-1] - celsius) < 0.05
    retiree = [temperature_a(part / 20, Temperature(celsius), retiree=True) for part in range(21)]
    assert retiree[-1] < max(retiree) - 3
    assert temperature_a(1.0, Temperature(celsius), mal_placee=True) < 34.0


@settings(deadline=None)
@given(spo2=st.integers(80, 100), pouls=st.integers(40, 180), secondes=st.floats(0, 60))
def test_la_saturation_cherche_puis_approche(spo2: int, pouls: int, secondes: float) -> None:
    valeur = Saturation(spo2, pouls)
    assert saturation_a(0.0, secondes, valeur) is None
    vues = [vue for part in range(2, 11) if (vue := saturation_a(part / 10, secondes, valeur)) is not None]
    assert [vue.spo2 for vue in vues] == sorted(vue.spo2 for vue in vues)
    assert vues[-1] == valeur
    assert all(0.0 <= pleth_a(rang / 50, pouls) <= 1.0 for rang in range(100))


@settings(deadline=None)
@given(kg=st.floats(2.0, 200.0))
def test_le_plateau_s_amortit_sauf_si_l_on_bouge(kg: float) -> None:
    instants = [(part / 100, part / 20) for part in range(80, 101)]
    assert all(abs(poids_a(part, t, Poids(kg)) - kg) < 0.01 * kg for part, t in instants)
    assert max(abs(poids_a(part, t, Poids(kg), bouge=True) - kg) for part, t in instants) > 0.05 * kg
    assert poids_a(0.9, 4.5, Poids(kg), descend=True) == 0.0


@settings(deadline=None)
@given(pouls=st.integers(40, 180))
def test_les_intervalles_ont_la_bonne_moyenne_et_varient(pouls: int) -> None:
    rr_ms = list(islice(intervalles_rr(Frequence(pouls)), 200))
    assert abs(sum(rr_ms) / len(rr_ms) - 60_000 / pouls) < 0.02 * 60_000 / pouls
    assert max(rr_ms) > 1.02 * min(rr_ms)
