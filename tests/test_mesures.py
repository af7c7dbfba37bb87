"""Ce qu'on lit d'une mesure : l'unité d'usage en France, et jamais un zéro à la place d'une absence."""

from __future__ import annotations

import pytest

from borne import mesures as m
from borne.mesures import Mesure, usuelle


@pytest.mark.parametrize(
    ("valeur", "unite", "lue", "lue_en"),
    [
        (16.0, m.KPA, 120.01, m.MMHG),
        (98.6, m.FAHRENHEIT, 37.0, m.CELSIUS),
        (157.0, m.LIVRE, 71.21, m.KILOGRAMME),
        (69.0, m.POUCE, 1.7526, m.METRE),
        (0.00099, m.KG_LITRE, 0.99, m.G_LITRE),
        (0.0055, m.MOL_LITRE, 5.5, m.MMOL_LITRE),
        (72.0, m.BATTEMENTS_MINUTE, 72.0, m.BATTEMENTS_MINUTE),
    ],
)
def test_unite_usuelle(valeur: float, unite: str, lue: float, lue_en: str) -> None:
    rendue, en = usuelle(Mesure("code", valeur, unite, 0.0, ""))
    assert (rendue, en) == (pytest.approx(lue, abs=0.01), lue_en)


def test_une_absence_reste_une_absence() -> None:
    assert usuelle(Mesure(m.TEMPERATURE, None, m.FAHRENHEIT, 0.0, "")) == (None, m.CELSIUS)
