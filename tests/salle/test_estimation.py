"""L'attente annoncée : honnête, y compris quand elle avoue ne pas savoir."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borne.salle.estimation import minutes_d_attente

DUREES = st.lists(st.floats(1, 7200), max_size=20)


@pytest.mark.parametrize(
    ("nombre", "durees", "libres", "ecoulees", "attendu"),
    [
        (2, (), 1, (), [None, None]),
        (2, (600.0,), 0, (), [None, None]),
        (3, (600.0,), 1, (), [0, 10, 20]),
        (3, (600.0, 300.0, 900.0), 2, (), [0, 0, 10]),
        (2, (600.0,), 0, (540.0,), [1, 11]),
        (1, (600.0,), 0, (601.0,), [None]),
        (2, (600.0,), 1, (9000.0,), [0, 10]),
        (1, (600.0, 1200.0), 0, (900.0,), [5]),
    ],
)
def test_cas(
    nombre: int, durees: tuple[float, ...], libres: int, ecoulees: tuple[float, ...], attendu: list[int | None]
) -> None:
    assert minutes_d_attente(nombre, durees, libres, ecoulees) == attendu


@given(st.integers(0, 20), DUREES, st.integers(0, 4), st.lists(st.floats(0, 7200), max_size=4))
def test_l_attente_croit_avec_le_rang(nombre: int, durees: list[float], libres: int, ecoulees: list[float]) -> None:
    minutes = minutes_d_attente(nombre, durees, libres, ecoulees)
    assert len(minutes) == nombre
    connues = [m for m in minutes if m is not None]
    assert connues == sorted(connues)
    assert minutes[: len(connues)] == connues
    assert all(m >= 0 for m in connues)
