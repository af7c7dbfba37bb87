"""Réparation sans aller-retour : FlexFEC-03, le format que libwebrtc (Chromium) sait recevoir.

Une image part en n paquets RTP, suivis de r paquets de parité sur leur propre SSRC ; chaque parité est le « ou
exclusif » d'une partie des n paquets (draft-ietf-payload-flexible-fec-scheme-03, section 4.2, masque souple, une
seule source protégée). Le récepteur répare de proche en proche : une parité à laquelle il ne manque qu'un paquet le
rend, et ce paquet peut en rendre un autre. Les masques donnent donc à chaque paquet un autre ensemble de parités :
deux paquets perdus se réparent si leurs parités arrivent.

Module pur : ni horloge, ni réseau.
"""

from __future__ import annotations

import functools
import itertools
import struct
from collections.abc import Sequence
from typing import Final

NOM: Final = "flexfec-03"
BLOC_MAX: Final = 24
"""Paquets protégés ensemble au plus : au-delà, l'image est découpée en blocs égaux."""

_ENTETE_RTP: Final = 12

PERTES_MIN: Final = 0.004
"""Fraction de pertes en dessous de laquelle rien n'est ajouté : les retransmissions suffisent."""
_PERTES: Final = (0.01, 0.02, 0.035, 0.05, 0.07, 0.1, 0.14)
_NOMBRES: Final = (
    "111111111111111112222222",
    "111111112222223333333444",
    "111122233333444445555555",
    "111223334444555555666777",
    "112233444455556667777888",
    "112334445556677789999bbb",
    "1233445566778999bcddeffg",
)
"""Parités (base 36) pour 1 à `BLOC_MAX` paquets, une ligne par perte : le moins qui répare sans retransmission toutes
les images sauf 1,5 % (ou 0,3 fois la perte), par énumération ; sans dépasser 6 parités pour 10 paquets, plus une."""


def nombre(paquets: int, pertes: float) -> int:
    """Parités à joindre à un bloc de `paquets` (1 à `BLOC_MAX`) pour une fraction `pertes` (0 à 1)."""
    if pertes < PERTES_MIN:
        return 0
    rang = next((rang for rang, seuil in enumerate(_PERTES) if pertes <= 1.05 * seuil), len(_PERTES) - 1)
    return min(int(_NOMBRES[rang][paquets - 1], 36), paquets)


def _tailles(paquets: int) -> list[int]:
    """Des blocs égaux à un paquet près, de `BLOC_MAX` au plus."""
    blocs = -(-paquets // BLOC_MAX)
    return [paquets // blocs + (rang < paquets % blocs) for rang in range(blocs)]


@functools.lru_cache(maxsize=512)
def masques(paquets: int, parites: int) -> tuple[int, ...]:
    """Pour chaque paquet, les parités qui le couvrent (bit j : parité j), toutes différentes tant que c'est possible.

    Les poids (nombre de parités par paquet) viennent d'une énumération des pertes : à 5 % ils réparent, à moins de
    0,5 % près, autant que le meilleur masque trouvé par recherche ; un entrelacement simple laisse 4 fois plus
    d'images à trous (12 paquets, 4 parités). À poids égal, la colonne qui équilibre les parités.
    """
    ordre = (2, 3, 1) if parites < 6 else (3, 2)
    libres: list[tuple[int, ...]] = []
    charges = [0] * parites
    choisies = []
    for _ in range(paquets):
        libres = libres or [c for poids in ordre for c in itertools.combinations(range(parites), poids)]
        poids = len(libres[0])
        memes = [colonne for colonne in libres if len(colonne) == poids]
        colonne = min(memes, key=lambda c: sorted((charges[j] for j in c), reverse=True))
        libres.remove(colonne)
        choisies.append(sum(1 << j for j in colonne))
        for j in colonne:
            charges[j] += 1
    return tuple(choisies)


class Generateur:
    """Fabrique les paquets de parité d'un flux vidéo : une source protégée, une suite de numéros."""

    def __init__(self, *, ssrc: int, charge: int, premier_numero: int) -> None:
        """`ssrc`, `charge` (payload type), `premier_numero` : ceux du flux de réparation."""
        self._ssrc = ssrc
        self._charge = charge
        self._numero = premier_numero

    def reparer(self, image: Sequence[bytes], pertes: float) -> list[bytes]:
        """Les paquets de parité, prêts à chiffrer, d'une image ; à émettre juste après elle.

        `image` : ses paquets RTP complets (RFC 3550), numéros consécutifs, même SSRC ; les extensions que l'émission
        récrit (heure d'envoi, numéro de transport) à zéro, comme le récepteur les met avant de réparer. `pertes` :
        fraction mesurée, de 0 à 1. Chaque parité reprend l'horodatage et les extensions du dernier paquet.
        Lève ValueError pour un paquet plus court que ses en-têtes.
        """
        sorties: list[bytes] = []
        debut = 0
        for taille in _tailles(len(image)):
            bloc = image[debut : debut + taille]
            debut += taille
            if parites := nombre(taille, pertes):
                sorties += self._parites(bloc, parites)
        return sorties

    def _parites(self, bloc: Sequence[bytes], parites: int) -> list[bytes]:
        colonnes = masques(len(bloc), parites)
        entete = bloc[-1][: _fin_extensions(bloc[-1])]
        couverts = [[rang for rang, colonne in enumerate(colonnes) if colonne >> j & 1] for j in range(parites)]
        return [self._entete(entete) + _parite(bloc, rangs) for rangs in couverts]

    def _entete(self, modele: bytes) -> bytes:
        """L'en-tête RTP d'une parité : celui du modèle, sans marqueur, à notre charge, notre numéro et notre SSRC."""
        numero, self._numero = self._numero, (self._numero + 1) & 0xFFFF
        debut = struct.pack("!BBH", modele[0], self._charge, numero)
        return debut + modele[4:8] + struct.pack("!L", self._ssrc) + modele[_ENTETE_RTP:]


def _parite(paquets: Sequence[bytes], couverts: Sequence[int]) -> bytes:
    """L'en-tête FEC et la charge d'une parité (section 4.2.2, masque souple, R = F = 0).

    Les deux premiers octets, la longueur et l'horodatage sont le « ou exclusif » de ceux des paquets ; la charge,
    celui de tout ce qui suit leurs 12 premiers octets. Un grand entier : un seul « ou exclusif » par paquet.
    """
    choisis = [paquets[rang] for rang in couverts]
    longueur = max(len(paquet) for paquet in choisis) - _ENTETE_RTP
    tete, charge = 0, 0
    for paquet in choisis:
        taille = len(paquet) - _ENTETE_RTP
        tete ^= int.from_bytes(paquet[0:2] + taille.to_bytes(2, "big") + paquet[4:8], "big")
        charge ^= int.from_bytes(paquet[_ENTETE_RTP:], "big") << 8 * (longueur - taille)
    # R et F (les deux bits de version, annulés ou non par le « ou exclusif ») sont toujours nuls.
    debut = (tete & (1 << 62) - 1).to_bytes(8, "big")
    source = struct.pack("!B3x", 1) + choisis[0][8:12] + paquets[0][2:4]
    return debut + source + masque_octets(couverts) + charge.to_bytes(longueur, "big")


def masque_octets(rangs: Sequence[int]) -> bytes:
    """Le masque souple (section 4.2.2.1) : 15, 46 ou 109 rangs depuis le numéro de base, bits K compris."""
    masque = sum(1 << (108 - rang) for rang in rangs)
    fin = max(rangs)
    if fin < 15:
        return (1 << 15 | masque >> 94).to_bytes(2, "big")
    debut = (masque >> 94).to_bytes(2, "big")
    milieu = masque >> 63 & (1 << 31) - 1
    if fin < 46:
        return debut + (1 << 31 | milieu).to_bytes(4, "big")
    return debut + milieu.to_bytes(4, "big") + (1 << 63 | masque & (1 << 63) - 1).to_bytes(8, "big")


def _fin_extensions(paquet: bytes) -> int:
    """Où commence la charge d'un paquet RTP (RFC 3550, sections 5.1 et 5.3.1)."""
    if len(paquet) < _ENTETE_RTP:
        raise ValueError(f"paquet RTP de {len(paquet)} octets")
    fin = _ENTETE_RTP + 4 * (paquet[0] & 0x0F)
    if paquet[0] & 0x10:
        fin += 4 + 4 * int.from_bytes(paquet[fin + 2 : fin + 4], "big")
    if fin > len(paquet):
        raise ValueError(f"paquet RTP de {len(paquet)} octets, en-têtes de {fin}")
    return fin
