"""Découper un flux d'octets en trames, où que commence l'écoute et quoi qu'il s'y mêle. Pur.

Un découpeur reçoit les octets comme ils viennent et rend les trames entières. Il avance octet par octet : la façon
dont le flux est coupé en morceaux ne change rien à ce qu'il rend. Des octets perdus ou en trop coûtent la trame
qu'ils touchent, et la suivante au plus ; la mémoire gardée est bornée par la plus longue trame.

Sources : CMS50D+ jusqu'à 4.5 (projet atbrask/CMS50Dplus) ; CMS50 v7 (document du fabricant, timegrid/CMS50Dplus7) ;
Nonin OEM III, formats 2 et 13 (documents OEM du fabricant).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, Protocol

DEBUT: Final = 0x80
"""Bit de synchronisation des CMS50."""

V4_TAILLE: Final = 5
V7_TEMPS_REEL: Final = 0x01
V7_TAILLE_TEMPS_REEL: Final = 9
V7_TAILLES: Final = range(3, 10)

DF2_TRAME: Final = 5
DF2_TRAMES: Final = 25
DF2_PAQUET: Final = DF2_TRAME * DF2_TRAMES
_DF2_DEBUT: Final = 0x01
_DF2_SYNCHRO: Final = 0x01

DF13_ENTETE: Final = bytes.fromhex("0002000d")
DF13_DONNEES: Final = range(14, 65)
"""Longueurs admises : 14 octets, davantage dans des modèles à venir (le format est extensible)."""
_DF13_FIN: Final = 0x03
_DF13_ENVELOPPE: Final = len(DF13_ENTETE) + 2 + 2
"""Entête, longueur, somme et fin."""


class Decoupeur(Protocol):
    """Ce que fait tout découpeur. `rejetes` : octets qui n'ont servi à rien, depuis le début (bruit de la ligne)."""

    rejetes: int

    def pousser(self, octets: bytes) -> list[bytes]:
        """Les trames que ces octets achèvent, dans l'ordre."""


class DecoupeurCms50V4:
    """Trames de 5 octets dont seul le premier a le bit 7 : cinq octets exactement d'un début à l'autre.

    Une trame n'est rendue qu'au début de la suivante, seule preuve que rien ne s'y est glissé (17 ms plus tard).
    """

    def __init__(self) -> None:
        self.rejetes = 0
        self._groupe = bytearray()

    def pousser(self, octets: bytes) -> list[bytes]:
        """Voir `Decoupeur`."""
        return [trame for octet in octets for trame in self._octet(octet)]

    def _octet(self, octet: int) -> Iterator[bytes]:
        if octet & DEBUT:
            if len(self._groupe) == V4_TAILLE:
                yield bytes(self._groupe)
            else:
                self.rejetes += len(self._groupe)
            self._groupe = bytearray([octet])
        elif 0 < len(self._groupe) <= V4_TAILLE:
            # Un octet de trop est gardé : il condamne le groupe, sans rien faire grandir.
            self._groupe.append(octet)
        else:
            self.rejetes += 1


class DecoupeurCms50V7:
    """Paquets de 3 à 9 octets dont seul le premier (le type) a le bit 7 à zéro ; 9 exactement en temps réel."""

    def __init__(self) -> None:
        self.rejetes = 0
        self._groupe = bytearray()

    def pousser(self, octets: bytes) -> list[bytes]:
        """Voir `Decoupeur`."""
        return [trame for octet in octets for trame in self._octet(octet)]

    def _octet(self, octet: int) -> Iterator[bytes]:
        if not octet & DEBUT:
            if self._entier():
                yield bytes(self._groupe)
            else:
                self.rejetes += len(self._groupe)
            self._groupe = bytearray([octet])
        elif 0 < len(self._groupe) <= V7_TAILLES[-1]:
            self._groupe.append(octet)
        else:
            self.rejetes += 1

    def _entier(self) -> bool:
        if self._groupe and self._groupe[0] == V7_TEMPS_REEL:
            return len(self._groupe) == V7_TAILLE_TEMPS_REEL
        return len(self._groupe) in V7_TAILLES


class DecoupeurNoninDf2:
    """Paquets de 125 octets : 25 trames de somme juste, à la suite, la première seule synchronisée."""

    def __init__(self) -> None:
        self.rejetes = 0
        self._derniers: deque[int] = deque(maxlen=DF2_PAQUET)
        self._depuis = 0

    def pousser(self, octets: bytes) -> list[bytes]:
        """Voir `Decoupeur`."""
        return [paquet for octet in octets for paquet in self._octet(octet)]

    def _octet(self, octet: int) -> Iterator[bytes]:
        self._derniers.append(octet)
        self._depuis += 1
        if self._depuis > DF2_PAQUET:
            self.rejetes += 1
        # Les dernières trames d'abord : le paquet n'est regardé en entier que s'il peut finir ici.
        if self._depuis < DF2_PAQUET or not _df2_juste(bytes(list(self._derniers)[-DF2_TRAME:])):
            return
        paquet = bytes(self._derniers)
        if _df2_paquet(paquet):
            self._depuis = 0
            yield paquet


def _df2_juste(trame: bytes) -> bool:
    return trame[0] == _DF2_DEBUT and bool(trame[1] & DEBUT) and sum(trame[:4]) & 0xFF == trame[4]


def _df2_paquet(paquet: bytes) -> bool:
    trames = [paquet[rang : rang + DF2_TRAME] for rang in range(0, DF2_PAQUET, DF2_TRAME)]
    synchros = [bool(trame[1] & _DF2_SYNCHRO) for trame in trames]
    return synchros == [True] + [False] * (DF2_TRAMES - 1) and all(map(_df2_juste, trames))


class DecoupeurNoninDf13:
    """Trames « 00 02 00 0D, longueur, données, somme, 03 » : cherchées à rebours de chaque octet de fin.

    À rebours, une longueur abîmée ne fait jamais attendre, ni manger, la trame qui suit.
    """

    def __init__(self) -> None:
        self.rejetes = 0
        self._derniers = bytearray()

    def pousser(self, octets: bytes) -> list[bytes]:
        """Voir `Decoupeur`."""
        return [trame for octet in octets for trame in self._octet(octet)]

    def _octet(self, octet: int) -> Iterator[bytes]:
        self._derniers.append(octet)
        if octet == _DF13_FIN:
            for donnees in DF13_DONNEES:
                trame = bytes(self._derniers[-(donnees + _DF13_ENVELOPPE) :])
                if _df13_juste(trame, donnees):
                    self.rejetes += len(self._derniers) - len(trame)
                    self._derniers.clear()
                    yield trame
                    return
        if len(self._derniers) >= DF13_DONNEES[-1] + _DF13_ENVELOPPE:
            del self._derniers[0]
            self.rejetes += 1


def _df13_juste(trame: bytes, donnees: int) -> bool:
    debut = DF13_ENTETE + donnees.to_bytes(2, "big")
    if len(trame) != donnees + _DF13_ENVELOPPE or not trame.startswith(debut):
        return False
    return sum(trame[len(debut) : -2]) & 0xFF == trame[-2]


class DecoupeurLignes:
    """Lignes de texte d'un lecteur de codes : entre préfixe et suffixe, ASCII imprimable, longueur bornée.

    `suffixe` : octets dont chacun finit une ligne (retour chariot, saut de ligne, tabulation). `prefixe` : octets que
    le lecteur met avant chaque code, retirés ; une ligne qui ne les a pas est rejetée. Une ligne trop longue ou qui
    contient un octet de commande est rejetée entière, jusqu'à sa fin.
    """

    def __init__(self, suffixe: bytes = b"\r\n", prefixe: bytes = b"", longueur_max: int = 512) -> None:
        self.rejetes = 0
        self._suffixe, self._prefixe = suffixe, prefixe
        self._limite = len(prefixe) + longueur_max
        self._ligne = bytearray()
        self._mauvaise = False

    def pousser(self, octets: bytes) -> list[bytes]:
        """Les codes lus, sans préfixe ni suffixe, jamais vides."""
        return [ligne for octet in octets for ligne in self._octet(octet)]

    def _octet(self, octet: int) -> Iterator[bytes]:
        if octet in self._suffixe:
            ligne, self._ligne = bytes(self._ligne), bytearray()
            mauvaise, self._mauvaise = self._mauvaise, False
            if not mauvaise and ligne.startswith(self._prefixe) and len(ligne) > len(self._prefixe):
                yield ligne.removeprefix(self._prefixe)
            else:
                self.rejetes += len(ligne)
        elif self._mauvaise:
            self.rejetes += 1
        elif len(self._ligne) < self._limite and (self._prevu(octet) or 0x20 <= octet < 0x7F):
            self._ligne.append(octet)
        else:
            self.rejetes += 1 + len(self._ligne)
            self._ligne.clear()
            self._mauvaise = True

    def _prevu(self, octet: int) -> bool:
        """Un octet du préfixe peut être une commande (STX)."""
        rang = len(self._ligne)
        return rang < len(self._prefixe) and octet == self._prefixe[rang]
