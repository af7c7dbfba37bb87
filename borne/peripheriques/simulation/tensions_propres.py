"""Tensiomètres à protocole propre, simulés : Microlife (trames encadrées) et Omron (mémoire lue). Pur."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from borne.peripheriques.formats.microlife import ENTETE_ORDRE, ENTETE_REPONSE, ORDRE_HEURE
from borne.peripheriques.simulation.tension import Tension

_TETE_MEMOIRE = bytes(38)


def _encadrer(entete: bytes, charge: bytes) -> bytes:
    trame = entete + (len(charge) + 1).to_bytes(2, "big") + charge
    return trame + bytes((sum(trame) & 0xFF,))


def coder_microlife(charge: bytes) -> bytes:
    """Une réponse de l'appareil."""
    return _encadrer(ENTETE_REPONSE, charge)


def coder_ordre_microlife(charge: bytes) -> bytes:
    """Un ordre de la borne."""
    return _encadrer(ENTETE_ORDRE, charge)


def coder_heure_microlife(instant: datetime) -> bytes:
    """L'ordre de mise à l'heure."""
    parties = (instant.month, instant.day, instant.hour, instant.minute, instant.second)
    return coder_ordre_microlife(bytes((ORDRE_HEURE, instant.year - 2000, *parties)))


def coder_memoire_microlife(mesures: Iterable[tuple[Tension, datetime]]) -> bytes:
    """La charge « toutes les mesures » : 38 octets d'entête, puis 10 octets par mesure."""
    return _TETE_MEMOIRE + b"".join(
        bytes(
            (
                tension.systolique,
                tension.diastolique,
                tension.pouls,
                instant.year - 2000,
                instant.month,
                instant.day,
                instant.hour,
                instant.minute,
                0,
                0,
            )
        )
        for tension, instant in mesures
    )


def coder_omron14(tension: Tension, instant: datetime, *, numero: int = 1, mouvement: bool = False) -> bytes:
    """Un enregistrement de 14 octets alignés."""
    jours = instant.hour | instant.day << 5 | instant.month << 10 | mouvement << 15
    minutes = instant.second | instant.minute << 6
    tete = bytes((tension.systolique - 25, tension.diastolique, tension.pouls, instant.year - 2000))
    return (
        tete + jours.to_bytes(2, "little") + minutes.to_bytes(2, "little") + bytes(4) + numero.to_bytes(2, "little")
    )


def coder_omron24(tension: Tension, instant: datetime, *, numero: int = 1, erreur: int = 0) -> bytes:
    """Un enregistrement de 24 octets alignés."""
    tete = coder_omron14(tension, instant)[:8]
    return tete + bytes(2) + numero.to_bytes(2, "little") + bytes(5) + bytes((erreur,)) + bytes(6)


def coder_omron14_bits(tension: Tension, instant: datetime, *, mouvement: bool = False) -> bytes:
    """Un enregistrement de 14 octets en champs de bits."""
    dates = (mouvement << 31) | instant.month << 26 | instant.day << 21 | instant.hour << 16
    heures = instant.minute << 6 | instant.second
    tete = bytes((tension.diastolique, tension.systolique - 25, instant.year - 2000, tension.pouls))
    return tete + (dates | heures).to_bytes(4, "big") + bytes(6)
