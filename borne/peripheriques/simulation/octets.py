"""Écrire les nombres et les dates des normes : SFLOAT et FLOAT (IEEE 11073-20601), Date Time (0x2A08). Pur."""

from __future__ import annotations

from datetime import datetime
from typing import Final

SFLOAT_NAN: Final = 0x07FF
FLOAT_NAN: Final = 0x007FFFFF


def coder_sfloat(valeur: float | None, decimales: int = 0) -> bytes:
    """Un SFLOAT à `decimales` chiffres ; None donne NaN. Lève `ValueError` hors de portée."""
    if valeur is None:
        return SFLOAT_NAN.to_bytes(2, "little")
    mantisse = round(valeur * 10.0**decimales)
    if not -0x7FE < mantisse < 0x7FE or not 0 <= decimales <= 8:
        raise ValueError("hors de portée d'un SFLOAT")
    return ((-decimales & 0x0F) << 12 | mantisse & 0x0FFF).to_bytes(2, "little")


def coder_float(valeur: float | None, decimales: int = 0) -> bytes:
    """Un FLOAT à `decimales` chiffres ; None donne NaN. Lève `ValueError` hors de portée."""
    if valeur is None:
        return FLOAT_NAN.to_bytes(4, "little")
    mantisse = round(valeur * 10.0**decimales)
    if not -0x7FFFFE < mantisse < 0x7FFFFE or not 0 <= decimales <= 128:
        raise ValueError("hors de portée d'un FLOAT")
    return ((-decimales & 0xFF) << 24 | mantisse & 0xFFFFFF).to_bytes(4, "little")


def coder_date(instant: datetime) -> bytes:
    """Un Date Time (7 octets), heure locale."""
    parties = (instant.month, instant.day, instant.hour, instant.minute, instant.second)
    return instant.year.to_bytes(2, "little") + bytes(parties)


def mot(valeur: int) -> bytes:
    """Un u16 petit-boutien. Lève `OverflowError` hors de portée."""
    return valeur.to_bytes(2, "little")


def pas(valeur: float | None, par_unite: int) -> bytes:
    """Un u16 en pas fixes (`par_unite` pas dans une unité) ; None donne 0xFFFF, « sans valeur »."""
    return mot(0xFFFF if valeur is None else round(valeur * par_unite))
