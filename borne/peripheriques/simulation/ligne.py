"""Ce qu'est un appareil série virtuel, et une mauvaise ligne. Pur."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Protocol


class ModeleSerie(Protocol):
    """Un appareil, côté octets. Le temps est en secondes depuis sa mise en marche, jamais à reculons."""

    def avancer(self, secondes: float) -> bytes:
        """Ce qu'il envoie jusqu'à cet instant."""

    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Ce qu'il répond aussitôt à ces octets."""


@dataclass(slots=True)
class Parasites:
    """Une mauvaise ligne. Probabilités par octet : `bruit` d'un octet ajouté, `perte` d'un octet perdu ; par envoi :
    `coupe`, d'en perdre la fin.
    """

    bruit: float = 0.0
    perte: float = 0.0
    coupe: float = 0.0
    hasard: random.Random = field(default_factory=lambda: random.Random(4))

    def passer(self, octets: bytes) -> bytes:
        """Ces octets, tels qu'ils arrivent."""
        if not (self.bruit or self.perte or self.coupe):
            return octets
        if octets and self.hasard.random() < self.coupe:
            octets = octets[: self.hasard.randrange(len(octets))]
        sortie = bytearray()
        for octet in octets:
            if self.hasard.random() >= self.perte:
                sortie.append(octet)
            if self.hasard.random() < self.bruit:
                sortie.append(self.hasard.randrange(256))
        return bytes(sortie)
