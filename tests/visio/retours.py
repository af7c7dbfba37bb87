"""L'écriture d'un compte rendu d'arrivée, que la borne ne fait que lire : pour les essais."""

from __future__ import annotations

import itertools
from typing import Final

from borne.visio.retour_transport import FORMAT, PAS_REFERENCE, RTPFB, Retour, RetourInvalide

_ABSENT: Final = 0
_PROCHE: Final = 1
_LOIN: Final = 2


def ecrire_retour(retour: Retour) -> bytes:
    """Le paquet RTCP d'un compte rendu. Un numéro au moins doit être arrivé, et chaque écart tenir sur 16 bits ;
    lève `RetourInvalide` sinon."""
    recues = [arrivee for arrivee in retour.arrivees if arrivee is not None]
    if not recues:
        raise RetourInvalide("aucun paquet reçu")
    reference = recues[0] // PAS_REFERENCE
    precedent = reference * PAS_REFERENCE
    etats, ecarts = [], b""
    for arrivee in retour.arrivees:
        if arrivee is None:
            etats.append(_ABSENT)
            continue
        ecart, precedent = arrivee - precedent, arrivee
        if not -0x8000 <= ecart <= 0x7FFF:
            raise RetourInvalide("écart trop grand")
        proche = 0 <= ecart <= 0xFF
        etats.append(_PROCHE if proche else _LOIN)
        ecarts += ecart.to_bytes(1) if proche else ecart.to_bytes(2, signed=True)
    corps = retour.emetteur.to_bytes(4) + retour.media.to_bytes(4)
    corps += retour.base.to_bytes(2) + len(etats).to_bytes(2)
    corps += (reference & 0xFFFFFF).to_bytes(3) + bytes([retour.compte & 0xFF])
    corps += _ecrire_etats(etats) + ecarts
    corps += bytes(-len(corps) % 4)
    return bytes([2 << 6 | FORMAT, RTPFB]) + (len(corps) // 4).to_bytes(2) + corps


def _ecrire_etats(etats: list[int]) -> bytes:
    """Une suite quand sept états ou plus se répètent, sinon sept états dans un mot."""
    octets = b""
    position = 0
    while position < len(etats):
        suite = sum(1 for _ in itertools.takewhile(lambda etat: etat == etats[position], etats[position:]))  # noqa: B023
        if suite > 7:
            octets += (etats[position] << 13 | suite).to_bytes(2)
            position += suite
            continue
        mot = 3
        for etat in (etats[position : position + 7] + [_ABSENT] * 7)[:7]:
            mot = mot << 2 | etat
        octets += mot.to_bytes(2)
        position += 7
    return octets
