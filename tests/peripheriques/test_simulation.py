"""Les encodeurs simulés rendent, par nos décodeurs, ce qu'on leur a donné ; la courbe ressemble à une mesure."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne import mesures as m
from borne.peripheriques.formats import decoder
from borne.peripheriques.formats.octets import valeur_float, valeur_sfloat
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
