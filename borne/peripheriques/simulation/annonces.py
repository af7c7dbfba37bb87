"""Balances qui ne parlent que dans leur annonce, simulées : Xiaomi Mi et OKOK. Pur."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import xor

from borne.peripheriques.simulation.octets import coder_date, mot


def coder_mi_poids(poids: float, instant: datetime, *, livres: bool = False, stable: bool = True) -> bytes:
    """Données de service 181D (10 octets)."""
    return bytes((livres | stable << 5,)) + mot(round(poids * (100 if livres else 200))) + coder_date(instant)


def coder_mi_composition(
    poids: float,
    instant: datetime,
    *,
    livres: bool = False,
    stable: bool = True,
    retire: bool = False,
    impedance: int = 0,
) -> bytes:
    """Données de service 181B (13 octets) ; `impedance` en ohms, 0 : pas mesurée."""
    etat = bool(impedance) << 1 | stable << 5 | retire << 7
    pas = round(poids * (100 if livres else 200))
    return bytes((livres, etat)) + coder_date(instant) + mot(impedance) + mot(pas)


def coder_okok_v20(poids: float, *, stable: bool = True, fin: bool = False, impedance: float = 0.0) -> bytes:
    """Données de fabricant 20CA (19 octets) ; `fin` : au centième de kg, sinon au dixième."""
    tete = b"".join(
        (
            bytes(6),
            bytes((stable | fin << 2, 0)),
            round(poids * (100 if fin else 10)).to_bytes(2, "big"),
            round(impedance * 10).to_bytes(2, "big"),
        )
    )
    return tete + bytes((reduce(xor, tete, 0x20),)) + bytes(6)


def coder_okok_v11(poids: float, *, stable: bool = True, livres: bool = False) -> bytes:
    """Données de fabricant 11CA (23 octets), au dixième."""
    attributs = livres << 4
    tete = bytes((0, stable, 0)) + round(poids * 10).to_bytes(2, "big") + bytes(4) + bytes((attributs,)) + bytes(6)
    return tete + bytes((reduce(xor, tete, 0xCA ^ 0x11),)) + bytes(6)


def coder_okok_c0(poids: float, *, stable: bool = True) -> bytes:
    """Données de fabricant xxC0 (13 octets), kg au centième."""
    return round(poids * 100).to_bytes(2, "big") + bytes(4) + bytes((stable | 2 << 1,)) + bytes(6)
