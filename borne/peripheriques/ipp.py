"""Les octets d'IPP (RFC 8010) : encoder une demande, décoder une réponse. Pur.

Écrit ici et non repris d'une bibliothèque : celle qui existe pour asyncio tait les attributs qu'elle ne connaît pas,
borne tout échange à huit secondes (une impression est plus longue) et perd le message des refus.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

Valeur = int | bool | str | bytes
Attributs = dict[str, tuple[Valeur, ...]]

NOM_MAXIMAL: Final = 255
"""Octets d'une valeur de syntaxe name (RFC 8011, 5.1.3)."""


class IppInvalide(ValueError):
    """Octets qui ne sont pas une réponse IPP."""


class Groupe(IntEnum):
    """Délimiteurs de groupes d'attributs (RFC 8010, 3.5.1)."""

    OPERATION = 0x01
    TRAVAIL = 0x02
    FIN = 0x03
    IMPRIMANTE = 0x04


class Syntaxe(IntEnum):
    """Étiquettes de valeurs (RFC 8010, 3.5.2)."""

    ENTIER = 0x21
    BOOLEEN = 0x22
    ENUM = 0x23
    TEXTE_EN_LANGUE = 0x35
    NOM_EN_LANGUE = 0x36
    TEXTE = 0x41
    NOM = 0x42
    MOT_CLE = 0x44
    URI = 0x45
    JEU = 0x47
    LANGUE = 0x48
    TYPE_MIME = 0x49


class Operation(IntEnum):
    """Opérations (RFC 8011, 5.4.15)."""

    IMPRIMER = 0x0002
    ANNULER = 0x0008
    LIRE_TRAVAIL = 0x0009
    LIRE_TRAVAUX = 0x000A
    LIRE_IMPRIMANTE = 0x000B


@dataclass(frozen=True, slots=True)
class Attribut:
    """Un attribut à envoyer, d'une ou plusieurs valeurs de même syntaxe."""

    nom: str
    syntaxe: Syntaxe
    valeurs: tuple[Valeur, ...]


@dataclass(frozen=True, slots=True)
class Reponse:
    """Une réponse : `statut` (RFC 8011, 4.1.6 : moins de 0x100, c'est un succès), et les groupes dans l'ordre."""

    statut: int
    numero: int
    groupes: tuple[tuple[int, Attributs], ...] = field(default=())

    def premier(self, groupe: Groupe) -> Attributs:
        """Les attributs du premier groupe de ce genre, vides s'il n'y en a pas."""
        return next((attributs for genre, attributs in self.groupes if genre == groupe), {})

    def tous(self, groupe: Groupe) -> tuple[Attributs, ...]:
        """Les attributs de tous les groupes de ce genre (un par travail)."""
        return tuple(attributs for genre, attributs in self.groupes if genre == groupe)


def encoder(
    operation: Operation, numero: int, attributs: tuple[Attribut, ...], version: tuple[int, int], corps: bytes = b""
) -> bytes:
    """Une demande : les attributs d'opération, dans l'ordre donné (charset et langue d'abord), puis le document."""
    entete = struct.pack(">BBHIB", *version, operation, numero, Groupe.OPERATION)
    return b"".join((entete, *(_encoder_attribut(a) for a in attributs), bytes([Groupe.FIN]), corps))


def _encoder_attribut(attribut: Attribut) -> bytes:
    morceaux = []
    for rang, valeur in enumerate(attribut.valeurs):
        # Les valeurs suivantes d'un même attribut ont un nom vide (RFC 8010, 3.1.5).
        nom = attribut.nom.encode() if rang == 0 else b""
        octets = _encoder_valeur(valeur)
        morceaux.append(struct.pack(">BH", attribut.syntaxe, len(nom)) + nom)
        morceaux.append(struct.pack(">H", len(octets)) + octets)
    return b"".join(morceaux)


def _encoder_valeur(valeur: Valeur) -> bytes:
    if isinstance(valeur, bool):
        return bytes([valeur])
    if isinstance(valeur, int):
        return struct.pack(">i", valeur)
    return valeur.encode() if isinstance(valeur, str) else valeur


def decoder(octets: bytes) -> Reponse:
    """Une réponse ; lève `IppInvalide`, et rien d'autre. Ce qui suit la fin des attributs est ignoré.

    Les collections (RFC 8010, 3.1.6) sont lues à plat, comme des valeurs de plus de leur attribut : la borne n'en
    utilise aucune.
    """
    lecteur = _Lecteur(octets)
    _, statut, numero = lecteur.lire(">HHI")
    groupes: list[tuple[int, Attributs]] = []
    nom = ""
    while (etiquette := lecteur.lire(">B")[0]) != Groupe.FIN:
        if etiquette < 0x10:
            groupes.append((etiquette, {}))
            nom = ""
            continue
        suivant = lecteur.texte()
        valeur = _decoder_valeur(etiquette, lecteur.bloc())
        nom = suivant or nom
        if not groupes or not nom:
            raise IppInvalide("valeur hors d'un attribut")
        if valeur is not None:
            groupes[-1][1][nom] = (*groupes[-1][1].get(nom, ()), valeur)
    return Reponse(statut, numero, tuple(groupes))


def _decoder_valeur(etiquette: int, octets: bytes) -> Valeur | None:
    """La valeur, ou None pour une étiquette hors bande (« inconnu », « sans valeur »)."""
    if etiquette < 0x20:
        return None
    if etiquette in (Syntaxe.ENTIER, Syntaxe.ENUM):
        return int(_Lecteur(octets).lire(">i")[0])
    if etiquette == Syntaxe.BOOLEEN:
        return _Lecteur(octets).lire(">B")[0] != 0
    if etiquette in (Syntaxe.TEXTE_EN_LANGUE, Syntaxe.NOM_EN_LANGUE):
        lecteur = _Lecteur(octets)
        lecteur.bloc()
        return lecteur.texte()
    if 0x40 <= etiquette < 0x60:
        return octets.decode(errors="replace")
    return octets


class _Lecteur:
    """Avance dans des octets, et lève `IppInvalide` quand ils manquent."""

    def __init__(self, octets: bytes) -> None:
        self._octets, self._place = octets, 0

    def lire(self, forme: str) -> tuple[int, ...]:
        return struct.unpack(forme, self._prendre(struct.calcsize(forme)))

    def bloc(self) -> bytes:
        return self._prendre(self.lire(">H")[0])

    def texte(self) -> str:
        return self.bloc().decode(errors="replace")

    def _prendre(self, longueur: int) -> bytes:
        debut, self._place = self._place, self._place + longueur
        if self._place > len(self._octets):
            raise IppInvalide("réponse tronquée")
        return self._octets[debut : self._place]
