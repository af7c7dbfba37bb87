"""Les seuils d'attention, de part et d'autre de chaque borne."""

from __future__ import annotations

from pathlib import Path

import pytest

import borne.parcours
from borne.mesures import (
    BATTEMENTS_MINUTE,
    CELSIUS,
    DIASTOLIQUE,
    FAHRENHEIT,
    FREQUENCE_CARDIAQUE,
    GLYCEMIE_MASSE,
    GLYCEMIE_SUBSTANCE,
    KG_LITRE,
    KPA,
    MMHG,
    MMOL_LITRE,
    MOL_LITRE,
    POURCENT,
    PRESSION_MOYENNE,
    SPO2,
    SYSTOLIQUE,
    TEMPERATURE,
    Mesure,
)
from borne.parcours.seuils import Niveau, niveau


@pytest.mark.parametrize(
    ("code", "valeur", "unite", "attendu"),
    [
        (SYSTOLIQUE, 180.0, MMHG, Niveau.ALERTE),
        (SYSTOLIQUE, 179.0, MMHG, Niveau.REGARDER),
        (SYSTOLIQUE, 140.0, MMHG, Niveau.REGARDER),
        (SYSTOLIQUE, 139.0, MMHG, Niveau.RIEN),
        (SYSTOLIQUE, 100.0, MMHG, Niveau.RIEN),
        (SYSTOLIQUE, 99.0, MMHG, Niveau.REGARDER),
        (SYSTOLIQUE, 89.0, MMHG, Niveau.ALERTE),
        (SYSTOLIQUE, 24.0, KPA, Niveau.ALERTE),
        (SYSTOLIQUE, 16.0, KPA, Niveau.RIEN),
        (DIASTOLIQUE, 110.0, MMHG, Niveau.ALERTE),
        (DIASTOLIQUE, 90.0, MMHG, Niveau.REGARDER),
        (DIASTOLIQUE, 20.0, MMHG, Niveau.RIEN),
        (FREQUENCE_CARDIAQUE, 100.0, BATTEMENTS_MINUTE, Niveau.RIEN),
        (FREQUENCE_CARDIAQUE, 120.0, BATTEMENTS_MINUTE, Niveau.REGARDER),
        (FREQUENCE_CARDIAQUE, 121.0, BATTEMENTS_MINUTE, Niveau.ALERTE),
        (FREQUENCE_CARDIAQUE, 44.0, BATTEMENTS_MINUTE, Niveau.ALERTE),
        (FREQUENCE_CARDIAQUE, 200.0, "Hz", Niveau.RIEN),
        (SPO2, 95.0, POURCENT, Niveau.RIEN),
        (SPO2, 94.0, POURCENT, Niveau.REGARDER),
        (SPO2, 91.0, POURCENT, Niveau.ALERTE),
        (TEMPERATURE, 37.9, CELSIUS, Niveau.RIEN),
        (TEMPERATURE, 38.0, CELSIUS, Niveau.REGARDER),
        (TEMPERATURE, 34.9, CELSIUS, Niveau.ALERTE),
        (TEMPERATURE, 102.3, FAHRENHEIT, Niveau.ALERTE),
        (TEMPERATURE, 98.6, FAHRENHEIT, Niveau.RIEN),
        (GLYCEMIE_MASSE, 0.00105, KG_LITRE, Niveau.RIEN),
        (GLYCEMIE_MASSE, 0.0021, KG_LITRE, Niveau.REGARDER),
        (GLYCEMIE_MASSE, 0.0005, KG_LITRE, Niveau.ALERTE),
        (GLYCEMIE_SUBSTANCE, 0.0058, MOL_LITRE, Niveau.RIEN),
        (GLYCEMIE_SUBSTANCE, 0.014, MOL_LITRE, Niveau.ALERTE),
        (GLYCEMIE_SUBSTANCE, 3.5, MMOL_LITRE, Niveau.REGARDER),
        (SYSTOLIQUE, None, MMHG, Niveau.RIEN),
        (PRESSION_MOYENNE, 300.0, MMHG, Niveau.RIEN),
    ],
)
def test_niveau(code: str, valeur: float | None, unite: str, attendu: Niveau) -> None:
    assert niveau(Mesure(code, valeur, unite, 0.0, "brassard")) is attendu


@pytest.mark.exigence("VISITE-NEUTRE")
def test_le_parcours_du_patient_ignore_les_seuils() -> None:
    """Ni l'état montré, ni les effets, ni les règles ne connaissent les seuils : rien ne peut en paraître."""
    dossier = Path(borne.parcours.__file__).parent
    for fichier in dossier.glob("*.py"):
        assert fichier.name == "seuils.py" or "seuils" not in fichier.read_text(encoding="utf-8")
