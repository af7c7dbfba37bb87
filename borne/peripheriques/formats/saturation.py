"""Saturation : 2A5E, 2A5F, 2A60 (Pulse Oximeter Service 1.0.1, sections 3.1 à 3.3). Pur."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from borne import mesures as m
from borne.mesures import Mesure
from borne.peripheriques.formats.lecture import Lecture, mesure
from borne.peripheriques.formats.octets import Octets, leves

ETATS: Final = MappingProxyType(
    {
        5: "measurement_ongoing",
        6: "early_estimated_data",
        7: "validated_data",
        8: "fully_qualified",
        9: "data_from_measurement_storage",
        10: "data_for_demonstration",
        11: "data_for_testing",
        12: "calibration_ongoing",
        13: "measurement_unavailable",
        14: "questionable_measurement",
        15: "invalid_measurement",
    }
)
"""Measurement Status, par bit (0 à 4 réservés)."""

CAPTEUR: Final = MappingProxyType(
    {
        0: "extended_display_update_ongoing",
        1: "equipment_malfunction",
        2: "signal_processing_irregularity",
        3: "inadequate_signal",
        4: "poor_signal",
        5: "low_perfusion",
        6: "erratic_signal",
        7: "nonpulsatile_signal",
        8: "questionable_pulse",
        9: "signal_analysis_ongoing",
        10: "sensor_interference",
        11: "sensor_unconnected_to_user",
        12: "unknown_sensor_connected",
        13: "sensor_displaced",
        14: "sensor_malfunctioning",
        15: "sensor_disconnected",
    }
)
"""Device and Sensor Status, par bit (16 à 23 réservés)."""

FONCTIONS: Final = MappingProxyType(
    {
        0: "measurement_status",
        1: "device_status",
        2: "spot_check_storage",
        3: "spot_check_timestamp",
        4: "spo2pr_fast",
        5: "spo2pr_slow",
        6: "pai",
        7: "multi_bond",
    }
)
"""Supported Features, par bit."""

_SANS_VALEUR: Final = frozenset(
    {
        "invalid_measurement",
        "measurement_unavailable",
        "data_for_demonstration",
        "data_for_testing",
        "calibration_ongoing",
    }
)
_DOUTEUX: Final = frozenset(
    {
        "questionable_measurement",
        "early_estimated_data",
        "inadequate_signal",
        "poor_signal",
        "erratic_signal",
        "nonpulsatile_signal",
        "questionable_pulse",
        "sensor_interference",
        "sensor_displaced",
    }
)
_ABSENT: Final = frozenset(
    {
        "equipment_malfunction",
        "sensor_unconnected_to_user",
        "unknown_sensor_connected",
        "sensor_malfunctioning",
        "sensor_disconnected",
    }
)


def qualite(etats: list[str] | None, capteur: list[str] | None) -> float:
    """0 quand l'appareil dit sa mesure nulle ou sans capteur, 0,5 quand il en doute, sinon 1."""
    dits = {*(etats or ()), *(capteur or ())}
    if dits & (_SANS_VALEUR | _ABSENT):
        return 0.0
    return 0.5 if dits & _DOUTEUX else 1.0


def vivante(valeur: float | None) -> float | None:
    """La valeur si elle peut être celle d'un vivant : un oxymètre qui n'a rien trouvé écrit parfois 0."""
    return valeur if valeur is not None and valeur > 0 else None


def mesures_oxymetre(
    spo2: float | None, pouls: float | None, perfusion: float | None, bonte: float = 1.0
) -> tuple[Mesure, ...]:
    """SpO2 (%) et pouls (/min), toujours ; l'indice de perfusion (%) quand il est joint."""
    valeurs = (
        mesure(m.SPO2, vivante(spo2), m.POURCENT, bonte),
        mesure(m.FREQUENCE_CARDIAQUE, vivante(pouls), m.BATTEMENTS_MINUTE, bonte),
    )
    if perfusion is None:
        return valeurs
    return (*valeurs, mesure(m.INDICE_PERFUSION, perfusion, m.POURCENT, bonte))


def _etats(curseur: Octets, present: int) -> list[str] | None:
    return leves(curseur.entier(2), ETATS) if present else None


def _capteur(curseur: Octets, present: int) -> list[str] | None:
    return leves(curseur.entier(3), CAPTEUR) if present else None


def ponctuelle(octets: bytes) -> Lecture:
    """2A5E, PLX Spot-Check Measurement : le résultat d'une prise.

    `details` : `spo2`, `pulse`, `pai` (%), `status` et `device_status` (bits levés, ou None s'ils ne sont pas
    joints), `clock_not_set` (l'appareil dit que sa date ne vaut rien).
    """
    curseur = Octets(octets)
    drapeau = curseur.entier(1)
    spo2, pouls = curseur.sfloat(), curseur.sfloat()
    instant = curseur.horodatage() if drapeau & 0x01 else None
    etats = _etats(curseur, drapeau & 0x02)
    capteur = _capteur(curseur, drapeau & 0x04)
    perfusion = curseur.sfloat() if drapeau & 0x08 else None
    curseur.fin()
    details = {
        "spo2": spo2,
        "pulse": pouls,
        "status": etats,
        "device_status": capteur,
        "pai": perfusion,
        "clock_not_set": bool(drapeau & 0x10),
    }
    return Lecture(mesures_oxymetre(spo2, pouls, perfusion, qualite(etats, capteur)), instant, None, details)


def continue_(octets: bytes) -> Lecture:
    """2A5F, PLX Continuous Measurement : la valeur de l'instant, et ses moyennes rapide et lente si jointes.

    `details` : ceux de 2A5E sans date, avec `spo2_fast`, `pulse_fast`, `spo2_slow`, `pulse_slow`.
    """
    curseur = Octets(octets)
    drapeau = curseur.entier(1)
    spo2, pouls = curseur.sfloat(), curseur.sfloat()
    rapide = (curseur.sfloat(), curseur.sfloat()) if drapeau & 0x01 else (None, None)
    lente = (curseur.sfloat(), curseur.sfloat()) if drapeau & 0x02 else (None, None)
    etats = _etats(curseur, drapeau & 0x04)
    capteur = _capteur(curseur, drapeau & 0x08)
    perfusion = curseur.sfloat() if drapeau & 0x10 else None
    curseur.fin()
    details = {
        "spo2": spo2,
        "pulse": pouls,
        "spo2_fast": rapide[0],
        "pulse_fast": rapide[1],
        "spo2_slow": lente[0],
        "pulse_slow": lente[1],
        "status": etats,
        "device_status": capteur,
        "pai": perfusion,
    }
    return Lecture(mesures_oxymetre(spo2, pouls, perfusion, qualite(etats, capteur)), details=details)


def fonctions_oxymetre(octets: bytes) -> Lecture:
    """2A60, PLX Features : `features`, et les états que l'appareil sait dire (None s'il ne les détaille pas)."""
    curseur = Octets(octets)
    mot = curseur.entier(2)
    etats = _etats(curseur, mot & 0x01)
    capteur = _capteur(curseur, mot & 0x02)
    curseur.fin()
    return Lecture(
        details={
            "features": leves(mot, FONCTIONS),
            "measurement_status_support": etats,
            "device_status_support": capteur,
        }
    )
