"""Le lecteur de badge virtuel : il envoie les codes qu'on lui présente. Pur."""

from __future__ import annotations


class LecteurVirtuel:
    """Un `ModeleSerie`. `prefixe`, `suffixe` : ce qu'il met autour d'un code."""

    def __init__(self, prefixe: bytes = b"", suffixe: bytes = b"\r\n") -> None:
        self._prefixe, self._suffixe = prefixe, suffixe
        self._a_lire = bytearray()

    def presenter(self, code: str, fois: int = 1) -> None:
        """Un code passe devant lui, lu `fois` fois."""
        self._a_lire += (self._prefixe + code.encode("ascii") + self._suffixe) * fois

    def avancer(self, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""
        octets, self._a_lire = bytes(self._a_lire), bytearray()
        return octets

    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Voir `ModeleSerie`. Il n'écoute rien."""
        return b""
