"""Les comptes rendus d'arrivée paquet par paquet (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).

Pur : des octets RTCP aux arrivées. Tient lieu de REMB : qui les négocie ne reçoit plus d'estimation du
récepteur, mais les instants d'où l'émetteur tire la sienne.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RTPFB: Final = 205
"""Type RTCP des retours de transport (RFC 4585, 6.1)."""
FORMAT: Final = 15
PAS: Final = 250e-6
"""Secondes : l'unité des écarts d'arrivée."""
PAS_REFERENCE: Final = 256
"""L'heure de référence compte des 64 ms, soit 256 pas."""

_ABSENT, _PROCHE, _LOIN = 0, 1, 2


class RetourInvalide(ValueError):
    """Le compte rendu ne suit pas la norme."""


@dataclass(frozen=True, slots=True)
class Retour:
    """Un compte rendu. `base` : premier numéro (16 bits) ; `arrivees` : par numéro, en pas de 250 µs depuis une
    origine propre au récepteur (modulo 2^32 pas), None pour un paquet qu'il n'a pas reçu ; `compte` : rang (8 bits).
    """

    emetteur: int
    media: int
    base: int
    compte: int
    arrivees: tuple[int | None, ...]


def lire_retours(octets: bytes) -> list[Retour]:
    """Les comptes rendus d'un datagramme RTCP composé (RFC 3550, 6.1), dans l'ordre ; les autres paquets sont passés.

    Lève `RetourInvalide`, et rien d'autre, si le datagramme ou un compte rendu est malformé.
    """
    retours: list[Retour] = []
    position = 0
    while position < len(octets):
        if len(octets) < position + 4 or octets[position] >> 6 != 2:
            raise RetourInvalide("en-tête RTCP")
        fin = position + 4 + 4 * int.from_bytes(octets[position + 2 : position + 4])
        if fin > len(octets):
            raise RetourInvalide("paquet RTCP tronqué")
        if octets[position + 1] == RTPFB and octets[position] & 0x1F == FORMAT:
            corps = octets[position + 4 : fin]
            if octets[position] & 0x20:
                corps = _sans_bourrage(corps)
            retours.append(_lire(corps))
        position = fin
    return retours


def _sans_bourrage(corps: bytes) -> bytes:
    if not corps or not 0 < corps[-1] <= len(corps):
        raise RetourInvalide("bourrage RTCP")
    return corps[: -corps[-1]]


def _lire(corps: bytes) -> Retour:
    if len(corps) < 18:
        raise RetourInvalide("compte rendu trop court")
    base, nombre = int.from_bytes(corps[8:10]), int.from_bytes(corps[10:12])
    if nombre == 0:
        raise RetourInvalide("aucun paquet")
    etats, position = _lire_etats(corps, nombre)
    instant = int.from_bytes(corps[12:15], signed=True) * PAS_REFERENCE
    arrivees: list[int | None] = []
    for etat in etats:
        if etat == _ABSENT:
            arrivees.append(None)
            continue
        if len(corps) < position + etat:
            raise RetourInvalide("écart manquant")
        instant += int.from_bytes(corps[position : position + etat], signed=etat == _LOIN)
        position += etat
        arrivees.append(instant & 0xFFFFFFFF)
    return Retour(int.from_bytes(corps[0:4]), int.from_bytes(corps[4:8]), base, corps[15], tuple(arrivees))


def _lire_etats(corps: bytes, nombre: int) -> tuple[list[int], int]:
    etats: list[int] = []
    position = 16
    while len(etats) < nombre:
        if len(corps) < position + 2:
            raise RetourInvalide("état manquant")
        mot = int.from_bytes(corps[position : position + 2])
        position += 2
        if not mot & 0x8000:
            etats += [mot >> 13] * min(mot & 0x1FFF, nombre - len(etats))
            if mot & 0x1FFF == 0:
                raise RetourInvalide("suite vide")
        elif not mot & 0x4000:
            etats += [mot >> rang & 1 for rang in range(13, -1, -1)]
        else:
            etats += [mot >> rang & 3 for rang in range(12, -1, -2)]
    del etats[nombre:]
    if max(etats) > _LOIN:
        raise RetourInvalide("état réservé")
    return etats, position


def deplier(numero: int, proche: int, bits: int = 16) -> int:
    """Le nombre congru à `numero` modulo 2^`bits` le plus proche de `proche`."""
    tour = 1 << bits
    ecart = (numero - proche) % tour
    return proche + (ecart - tour if ecart >= tour // 2 else ecart)
