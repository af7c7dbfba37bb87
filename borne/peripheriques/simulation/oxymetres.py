"""Oxymètres Bluetooth à protocole propre, simulés : Jumper et Viatom. Pur."""

from __future__ import annotations

from borne.peripheriques.formats.oxymetres import VIATOM_LECTURE, crc8


def coder_jumper(spo2: int | None, pouls: int | None, perfusion: float = 0.0) -> bytes:
    """Une notification Jumper de 4 octets ; None : sans valeur, `perfusion` en % (0 : sans valeur)."""
    return bytes((0x81, 255 if pouls is None else pouls, 127 if spo2 is None else spo2, round(perfusion * 10)))


def _viatom(entete: int, code: int, charge: bytes) -> bytes:
    trame = bytes((entete, code, code ^ 0xFF, 0, 0)) + len(charge).to_bytes(2, "little") + charge
    return trame + bytes((crc8(trame),))


def coder_demande_viatom() -> bytes:
    """L'ordre « valeurs du moment » que la borne écrit."""
    return _viatom(0xAA, VIATOM_LECTURE, b"")


def coder_viatom(
    spo2: int, pouls: int, *, batterie: int = 80, mouvement: int = 0, sans_capteur: bool = False
) -> bytes:
    """La réponse à « valeurs du moment » ; SpO2 et pouls 0 : pas encore de valeur."""
    charge = bytes((spo2, pouls, 0xFF if sans_capteur else 0, 0, 0, 0, 0, batterie, 0, mouvement, 0, 0, 0))
    return _viatom(0x55, 0x00, charge)
