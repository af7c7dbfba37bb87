"""Les seuils d'attention, de part et d'autre de chaque borne."""

from __future__ import annotations

from pathlib import Path

import pytest

import borne.parcours
from borne.mesures import (
    BATTEMENTS_MINUTE,
    DIASTOLIQUE,
    FREQUENCE_CARDIAQUE,
    KPA,
    MMHG,
    PRESSION_MOYENNE,
    SYSTOLIQUE,
    Mesure,
)
from borne.parcours.seuils import attention


@pytest.mark.parametrize(
    ("code", "valeur", "unite", "attendue"),
    [
        (SYSTOLIQUE, 180.0, MMHG, True),
        (SYSTOLIQUE, 179.0, MMHG, False),
        (SYSTOLIQUE, 90.0, MMHG, False),
        (SYSTOLIQUE, 89.0, MMHG, True),
        (SYSTOLIQUE, 24.0, KPA, True),
        (SYSTOLIQUE, 16.0, KPA, False),
        (SYSTOLIQUE, 11.9, KPA, True),
        (DIASTOLIQUE, 110.0, MMHG, True),
        (DIASTOLIQUE, 109.0, MMHG, False),
        (DIASTOLIQUE, 20.0, MMHG, False),
        (FREQUENCE_CARDIAQUE, 120.0, BATTEMENTS_MINUTE, False),
        (FREQUENCE_CARDIAQUE, 121.0, BATTEMENTS_MINUTE, True),
        (FREQUENCE_CARDIAQUE, 45.0, BATTEMENTS_MINUTE, False),
        (FREQUENCE_CARDIAQUE, 44.0, BATTEMENTS_MINUTE, True),
        (FREQUENCE_CARDIAQUE, 200.0, "Hz", False),
        (SYSTOLIQUE, None, MMHG, False),
        (PRESSION_MOYENNE, 300.0, MMHG, False),
    ],
)
def test_attention(code: str, valeur: float | None, unite: str, attendue: bool) -> None:
    assert attention(Mesure(code, valeur, unite, 0.0, "brassard")) is attendue


@pytest.mark.exigence("VISITE-NEUTRE")
def test_le_parcours_du_patient_ignore_les_seuils() -> None:
    """Ni l'état montré, ni les effets, ni les règles ne connaissent les seuils : rien ne peut en paraître."""
    dossier = Path(borne.parcours.__file__).parent
    for fichier in dossier.glob("*.py"):
        assert fichier.name == "seuils.py" or "seuils" not in fichier.read_text(encoding="utf-8")
