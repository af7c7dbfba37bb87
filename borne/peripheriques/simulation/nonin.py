"""Oxymètres Nonin simulés : formats série 2 et 13, et 3230 par Bluetooth. Pur."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from borne.peripheriques.formats.nonin import SANS_POULS, SANS_SPO2, TRAMES_PAR_PAQUET

ALARME = 0x08
HORS_SUIVI = 0x10
ARTEFACT = 0x20
DEBRANCHE = 0x40
_PERFUSIONS = {None: 0x00, "green": 0x02, "red": 0x04, "yellow": 0x06}


def coder_trame(etat: int, pleth: int, donnee: int) -> bytes:
    """Une trame du format 2, somme comprise ; le bit 7 de l'état est levé ici."""
    tete = bytes((0x01, 0x80 | etat, pleth, donnee))
    return tete + bytes((sum(tete) & 0xFF,))


def coder_paquet_df2(
    spo2: int | None,
    pouls: int | None,
    pleths: Sequence[int],
    *,
    etat: int = 0,
    perfusions: Sequence[str | None] = (),
    revision: int = 48,
) -> bytes:
    """Les 25 trames d'un paquet (1/3 s) : toutes les moyennes ont la même valeur ; None : 511 ou 127.

    `pleths` : 25 nombres, 0 à 255. `etat` : alarmes de toutes les trames. `perfusions` : qualité du battement par
    trame, None hors battement.
    """
    battements, saturation = SANS_POULS if pouls is None else pouls, SANS_SPO2 if spo2 is None else spo2
    donnees = [0] * TRAMES_PAR_PAQUET
    for rang in (0, 13, 19, 21):
        donnees[rang], donnees[rang + 1] = battements >> 7, battements & 0x7F
    for rang in (2, 8, 9, 10, 15, 16):
        donnees[rang] = saturation
    donnees[3] = revision
    couleurs = [*perfusions, *[None] * TRAMES_PAR_PAQUET]
    return b"".join(
        coder_trame(etat | _PERFUSIONS[couleurs[rang]] | (rang == 0), pleths[rang], donnee)
        for rang, donnee in enumerate(donnees)
    )


def _bcd(nombre: int) -> int:
    return nombre // 10 << 4 | nombre % 10


def coder_format_13(
    spo2: int | None,
    pouls: int | None,
    instant: datetime,
    *,
    sans_mesure: bool = False,
    smartpoint: bool = True,
    de_memoire: bool = False,
    pile_faible: bool = False,
) -> bytes:
    """Une prise au format 13 (9560), 22 octets."""
    battements = SANS_POULS if pouls is None else pouls
    parties = (
        instant.year // 100,
        instant.year % 100,
        instant.month,
        instant.day,
        instant.hour,
        instant.minute,
        instant.second,
        0,
    )
    donnees = bytes(map(_bcd, parties)) + bytes(
        (
            sans_mesure | smartpoint << 1,
            pile_faible | de_memoire << 4,
            battements >> 8,
            battements & 0xFF,
            0,
            SANS_SPO2 if spo2 is None else spo2,
        )
    )
    entete = b"\x00\x02\x00\x0d" + len(donnees).to_bytes(2, "big")
    return entete + donnees + bytes((sum(donnees) & 0xFF, 0x03))


def coder_3230(
    spo2: int | None,
    pouls: int | None,
    *,
    perfusion: float = 0.0,
    secondes: int = 0,
    volts: float = 1.5,
    etat: int = 0,
) -> bytes:
    """Une notification du 3230 ; `perfusion` en % (0 : sans valeur), `etat` : l'octet d'état du fabricant."""
    return b"".join(
        (
            bytes((10, etat, round(volts * 10))),
            round(perfusion * 100).to_bytes(2, "big"),
            secondes.to_bytes(2, "big"),
            bytes((SANS_SPO2 if spo2 is None else spo2,)),
            (SANS_POULS if pouls is None else pouls).to_bytes(2, "big"),
        )
    )
