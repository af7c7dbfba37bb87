"""Le thermomètre simulé : trames 2A1C, 2A1E, 2A1D, 2A21 (Health Thermometer Service 1.0). Pur."""

from __future__ import annotations

from datetime import datetime

from borne.peripheriques.simulation.octets import coder_date, coder_float, mot


def coder_temperature(
    valeur: float | None,
    instant: datetime | None = None,
    *,
    fahrenheit: bool = False,
    type: int | None = None,
    decimales: int = 1,
) -> bytes:
    """Une trame 2A1C ou 2A1E. `valeur` None : NaN. `type` : numéro du Temperature Type, 1 à 9."""
    drapeau = fahrenheit | (instant is not None) << 1 | (type is not None) << 2
    return b"".join(
        (
            bytes([drapeau]),
            coder_float(valeur, decimales),
            coder_date(instant) if instant else b"",
            b"" if type is None else bytes([type]),
        )
    )


def coder_intervalle(secondes: int) -> bytes:
    """Une trame 2A21 : secondes entre deux mesures, 0 sans période."""
    return mot(secondes)
