"""L'imprimante à tickets virtuelle : elle relit les octets ESC/POS et rend ce qui serait imprimé. Pur.

Comme une vraie : un tampon, une vitesse, des capteurs. Les ordres en temps réel (DLE EOT, DLE DC4) sont compris même
quand elle est arrêtée ; les autres attendent leur tour. Un octet qu'elle ne comprend pas est noté, jamais deviné.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

LIGNES_SECONDE: Final = 60.0
_PAGES: Final[Mapping[int, str]] = MappingProxyType({0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"})
"""Numéros de page de code d'Epson (ESC t)."""
_FIXES: Final = 0x12
_EFFACER: Final = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"

_ARGUMENTS: Final[Mapping[bytes, int]] = MappingProxyType(
    {
        b"\x1b@": 0,
        b"\x1bt": 1,
        b"\x1ba": 1,
        b"\x1bE": 1,
        b"\x1bG": 1,
        b"\x1b-": 1,
        b"\x1b!": 1,
        b"\x1bM": 1,
        b"\x1bd": 1,
        b"\x1b3": 1,
        b"\x1b2": 0,
        b"\x1b{": 1,
        b"\x1d!": 1,
        b"\x1dB": 1,
        b"\x1db": 1,
        b"\x1dV": 1,
        b"\x1dr": 1,
    }
)
"""Les commandes de longueur fixe, et combien d'octets les suivent."""


@dataclass(slots=True)
class TicketImprime:
    """Ce qui est sorti avant une coupe. `images` : (largeur en points, hauteur, octets)."""

    lignes: list[str] = field(default_factory=list)
    qr: list[str] = field(default_factory=list)
    images: list[tuple[int, int, bytes]] = field(default_factory=list)

    @property
    def texte(self) -> str:
        """Les lignes, sans les blancs de fin."""
        return "\n".join(ligne.rstrip() for ligne in self.lignes).strip("\n")


class ImprimanteVirtuelleTickets:
    """Un `ModeleSerie`. `parle` faux : un modèle qui ne répond à rien."""

    def __init__(self, *, parle: bool = True, lignes_seconde: float = LIGNES_SECONDE) -> None:
        self.tickets: list[TicketImprime] = []
        self.en_cours = TicketImprime()
        self.incompris: list[bytes] = []
        self.lignes_restantes = 10_000
        """Papier : à zéro, elle s'arrête là où elle en est."""
        self.capot_ouvert = False
        self.couteau_bloque = False
        self._parle = parle
        self._lignes_seconde = lignes_seconde
        self._tampon = bytearray()
        self._ligne = bytearray()
        self._page = "cp437"
        self._qr = ""
        self._dernier_s = 0.0
        self._permises = 0.0

    @property
    def arretee(self) -> bool:
        """Vrai quand elle n'imprime pas."""
        return self.capot_ouvert or self.couteau_bloque or self.lignes_restantes <= 0

    def avancer(self, secondes: float) -> bytes:
        """Voir `ModeleSerie` : imprime ce que le temps permet, et rend les réponses que cela déclenche."""
        self._permises = min(
            self._permises + (secondes - self._dernier_s) * self._lignes_seconde, self._lignes_seconde
        )
        self._dernier_s = secondes
        reponses = b""
        while self._tampon and not self.arretee and self._permises >= 1:
            pris, reponse = self._avaler()
            if not pris:
                break
            reponses += reponse
        return reponses if self._parle else b""

    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Voir `ModeleSerie` : range les octets, et répond aussitôt aux ordres en temps réel."""
        reponses = b""
        while octets:
            if octets.startswith(b"\x10\x04") and len(octets) >= 3:
                reponses += bytes([self._etat(octets[2])])
                octets = octets[3:]
            elif octets.startswith(_EFFACER):
                self._effacer()
                octets = octets[len(_EFFACER) :]
            else:
                self._tampon.append(octets[0])
                octets = octets[1:]
        return reponses if self._parle else b""

    def _effacer(self) -> None:
        self._tampon.clear()
        self._ligne.clear()
        self.en_cours = TicketImprime()

    def _etat(self, genre: int) -> int:
        fini = self.lignes_restantes <= 0
        match genre:
            case 1:
                return _FIXES | (0x08 if self.arretee else 0)
            case 2:
                return _FIXES | self.capot_ouvert << 2 | fini << 5 | self.couteau_bloque << 6
            case 3:
                return _FIXES | self.couteau_bloque << 3
            case _:
                return _FIXES | (0x0C if self.lignes_restantes < 100 else 0) | (0x60 if fini else 0)

    def _avaler(self) -> tuple[int, bytes]:
        """Exécute la commande en tête du tampon ; rend ce qu'elle y a pris (0 : il en manque) et sa réponse."""
        tete = bytes(self._tampon[:2])
        if tete[0] not in (0x1B, 0x1D):
            self._ecrire(self._prendre(1)[0])
            return 1, b""
        if tete in _ARGUMENTS:
            longueur = 2 + _ARGUMENTS[tete]
            if len(self._tampon) < longueur:
                return 0, b""
            return longueur, self._commande(tete, self._prendre(longueur)[2:])
        longueur = self._longueur(tete)
        if not longueur or len(self._tampon) < longueur:
            return 0, b""
        self._dessin(tete, self._prendre(longueur))
        return longueur, b""

    def _longueur(self, tete: bytes) -> int:
        """La longueur d'une commande qui la dit elle-même ; 0 s'il manque des octets, 2 pour une inconnue."""
        t = self._tampon
        if len(tete) < 2:
            return 0
        if tete == b"\x1d(":
            return 5 + int.from_bytes(t[3:5], "little") if len(t) >= 5 else 0
        if tete == b"\x1dv":
            return 8 + int.from_bytes(t[4:6], "little") * int.from_bytes(t[6:8], "little") if len(t) >= 8 else 0
        return 2

    def _prendre(self, nombre: int) -> bytes:
        pris = bytes(self._tampon[:nombre])
        del self._tampon[:nombre]
        return pris

    def _ecrire(self, octet: int) -> None:
        if octet == 0x0A:
            self._sortir()
        elif octet >= 0x20:
            self._ligne.append(octet)
        else:
            self.incompris.append(bytes([octet]))

    def _sortir(self) -> None:
        self.en_cours.lignes.append(self._ligne.decode(self._page))
        self._ligne.clear()
        self.lignes_restantes -= 1
        self._permises -= 1

    def _commande(self, commande: bytes, arguments: bytes) -> bytes:
        match commande:
            case b"\x1b@":
                self._page = "cp437"
            case b"\x1bt":
                if arguments[0] not in _PAGES:
                    self.incompris.append(commande + arguments)
                self._page = _PAGES.get(arguments[0], "cp437")
            case b"\x1bd":
                for _ in range(arguments[0]):
                    self._sortir()
            case b"\x1dV":
                self.tickets.append(self.en_cours)
                self.en_cours = TicketImprime()
            case b"\x1dr":
                return bytes([0x03 if self.lignes_restantes < 100 else 0x00])
        return b""

    def _dessin(self, tete: bytes, commande: bytes) -> None:
        if tete == b"\x1dv":
            largeur, hauteur = int.from_bytes(commande[4:6], "little"), int.from_bytes(commande[6:8], "little")
            self.en_cours.images.append((8 * largeur, hauteur, commande[8:]))
            self.lignes_restantes -= 1 + hauteur // 24
        elif tete == b"\x1d(" and commande[2:3] == b"k":
            # Deux fonctions comptent : 80 range le contenu, 81 l'imprime.
            if commande[6] == 80:
                self._qr = commande[8:].decode()
            elif commande[6] == 81:
                self.en_cours.qr.append(self._qr)
        else:
            self.incompris.append(commande)
