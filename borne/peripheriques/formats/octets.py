"""Lire des octets de gauche à droite, petit-boutien, sans jamais sortir de la trame. Pur.

SFLOAT et FLOAT : IEEE 11073-20601, repris par le Bluetooth SIG (GATT Specification Supplement, medfloat16 et
medfloat32). Les mots réservés sont comparés avant tout calcul : ils n'ont pas de valeur, et surtout pas zéro.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Horodatage

SFLOAT_SPECIAUX: Final = {0x07FF: "NaN", 0x0800: "NRes", 0x07FE: "+INF", 0x0802: "-INF", 0x0801: "reserved"}
FLOAT_SPECIAUX: Final = {
    0x007FFFFF: "NaN",
    0x00800000: "NRes",
    0x007FFFFE: "+INF",
    0x00800002: "-INF",
    0x00800001: "reserved",
}


def signe(mot: int, bits: int) -> int:
    """Le mot de `bits` bits lu en complément à deux."""
    return mot - (1 << bits) if mot >> (bits - 1) else mot


def decimal(mantisse: int, exposant: int) -> float:
    """mantisse * 10^exposant, arrondi une seule fois (51.1 donne 51.1, non 51.1000000001)."""
    return float(mantisse * 10**exposant) if exposant >= 0 else mantisse / 10**-exposant


def date_sure(annee: int, mois: int, jour: int, heure: int, minute: int, seconde: int = 0) -> Horodatage:
    """L'horodatage de ces parties, 0 valant « inconnu » pour la date ; une date qui n'existe pas est invalide."""
    if annee and not 1582 <= annee <= 9999:
        raise TrameInvalide(detail="année hors de 1582..9999")
    if heure > 23 or minute > 59 or seconde > 59:
        raise TrameInvalide(detail="heure qui n'existe pas")
    try:
        # Un champ inconnu (0) est remplacé, pour le contrôle seul, par ce qui admet le plus de dates.
        date(annee or 2000, mois or 1, jour or 1)
    except ValueError:
        raise TrameInvalide(detail="date qui n'existe pas") from None
    return Horodatage(annee or None, mois or None, jour or None, heure, minute, seconde)


class Octets:
    """Un curseur sur une trame ; toute lecture au-delà de la fin lève `TrameInvalide`."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._position = 0

    @property
    def reste(self) -> int:
        """Nombre d'octets non lus."""
        return len(self._octets) - self._position

    def prendre(self, nombre: int) -> bytes:
        """Les `nombre` octets suivants."""
        if self.reste < nombre:
            raise TrameInvalide(detail=f"trame courte : {nombre} octets attendus, {self.reste} présents")
        debut, self._position = self._position, self._position + nombre
        return self._octets[debut : self._position]

    def entier(self, taille: int) -> int:
        """Un entier non signé de `taille` octets, petit-boutien."""
        return int.from_bytes(self.prendre(taille), "little")

    def entier_gros(self, taille: int) -> int:
        """Un entier non signé de `taille` octets, gros-boutien (particularité d'appareil)."""
        return int.from_bytes(self.prendre(taille), "big")

    def sfloat(self) -> float | None:
        """Un SFLOAT ; None pour un mot sans valeur."""
        return valeur_sfloat(self.entier(2))

    def float32(self) -> float | None:
        """Un FLOAT ; None pour un mot sans valeur."""
        return valeur_float(self.entier(4))

    def horodatage(self) -> Horodatage:
        """Un Date Time (0x2A08, 7 octets) ; une date qui n'existe pas est une trame invalide."""
        annee, mois, jour = self.entier(2), self.entier(1), self.entier(1)
        heure, minute, seconde = self.entier(1), self.entier(1), self.entier(1)
        return date_sure(annee, mois, jour, heure, minute, seconde)

    def fin(self) -> None:
        """Affirme que tout est lu : des octets inexpliqués rendent la trame douteuse."""
        if self.reste:
            raise TrameInvalide(detail=f"{self.reste} octets en trop")


def valeur_sfloat(mot: int) -> float | None:
    """Valeur d'un mot SFLOAT (u16) : bits 0-11 mantisse, bits 12-15 exposant, signés."""
    if mot in SFLOAT_SPECIAUX:
        return None
    return decimal(signe(mot & 0x0FFF, 12), signe(mot >> 12, 4))


def valeur_float(mot: int) -> float | None:
    """Valeur d'un mot FLOAT (u32) : bits 0-23 mantisse, bits 24-31 exposant, signés."""
    if mot in FLOAT_SPECIAUX:
        return None
    return decimal(signe(mot & 0xFFFFFF, 24), signe(mot >> 24, 8))


def leves(mot: int, noms: Mapping[int, str]) -> list[str]:
    """Les noms des bits levés d'un mot, du plus bas au plus haut ; un bit sans nom (réservé) est ignoré."""
    return [nom for rang, nom in sorted(noms.items()) if mot >> rang & 1]


def drapeaux(mot: int, noms: tuple[str, ...]) -> dict[str, bool]:
    """Les bits d'un mot, du bit 0 au dernier nommé."""
    return {nom: bool(mot >> rang & 1) for rang, nom in enumerate(noms)}
