"""Un récepteur FlexFEC-03 écrit d'après le brouillon (sections 4.2 et 6.3), sans rien reprendre du générateur.

Il ne connaît que des octets : paquets média arrivés, paquets de réparation arrivés ; il rend ceux qu'il retrouve.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class ReparationIllisible(ValueError):
    """Le paquet de réparation ne suit pas le format."""


@dataclass
class Parite:
    debut: bytes
    charge: bytes
    ssrc: int
    numeros: list[int]


def lire(paquet: bytes) -> Parite:
    """Le paquet RTP de réparation `paquet`, décomposé."""
    if paquet[0] >> 6 != 2:
        raise ReparationIllisible("version")
    position = 12 + 4 * (paquet[0] & 15)
    if paquet[0] & 16:
        position += 4 + 4 * int.from_bytes(paquet[position + 2 : position + 4], "big")
    corps = paquet[position:]
    if len(corps) < 20 or corps[0] & 0xC0:
        raise ReparationIllisible("bits R et F, ou trop court")
    if corps[8] != 1 or corps[9:12] != bytes(3):
        raise ReparationIllisible("une seule source, réservés nuls")
    base = int.from_bytes(corps[16:18], "big")
    bits: list[int] = []
    position = 18
    # Chaque champ commence par son bit K : levé, le masque s'arrête là.
    for octets in (2, 4, 8):
        champ = corps[position : position + octets]
        if len(champ) < octets:
            raise ReparationIllisible("masque tronqué")
        position += octets
        tous = [champ[rang // 8] >> (7 - rang % 8) & 1 for rang in range(8 * octets)]
        bits += tous[1:]
        if tous[0]:
            break
    else:
        raise ReparationIllisible("aucun bit K levé")
    numeros = [(base + rang) & 0xFFFF for rang, bit in enumerate(bits) if bit]
    return Parite(corps[:8], corps[position:], int.from_bytes(corps[12:16], "big"), numeros)


def reparer(medias: Iterable[bytes], parites: Iterable[bytes]) -> dict[int, bytes]:
    """Tous les paquets média connus à la fin, par numéro : ceux qui sont arrivés et ceux qui sont retrouvés."""
    connus = {int.from_bytes(paquet[2:4], "big"): paquet for paquet in medias}
    restantes = [lire(paquet) for paquet in parites]
    progres = True
    while progres:
        progres = False
        for parite in restantes:
            manquants = [numero for numero in parite.numeros if numero not in connus]
            if len(manquants) == 1:
                autres = [connus[numero] for numero in parite.numeros if numero in connus]
                connus[manquants[0]] = _retrouver(parite, manquants[0], autres)
                progres = True
    return connus


def _retrouver(parite: Parite, numero: int, autres: list[bytes]) -> bytes:
    debut, charge = bytearray(parite.debut), bytearray(parite.charge)
    for paquet in autres:
        suite = paquet[12:]
        for rang, octet in enumerate(paquet[0:2] + len(suite).to_bytes(2, "big") + paquet[4:8]):
            debut[rang] ^= octet
        for rang, octet in enumerate(suite):
            charge[rang] ^= octet
    taille = int.from_bytes(debut[2:4], "big")
    if taille > len(charge):
        raise ReparationIllisible("longueur retrouvée impossible")
    premier = debut[0] & 0x3F | 0x80
    entete = bytes([premier, debut[1]]) + numero.to_bytes(2, "big") + bytes(debut[4:8])
    return entete + parite.ssrc.to_bytes(4, "big") + bytes(charge[:taille])
