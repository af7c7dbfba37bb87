"""La table GATT d'un appareil virtuel : ses caractéristiques, leur chiffrement, et qui s'y est abonné."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bumble.att import ATT_Error, Attribute, AttributeValue, ErrorCode
from bumble.core import UUID
from bumble.device import Connection
from bumble.gatt import Characteristic, Descriptor, Service
from bumble.gatt_server import Server

from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats import decoder
from borne.peripheriques.simulation.comportement import EtatJumeau
from borne.peripheriques.simulation.octets import coder_date

LIT: Final = Characteristic.Properties.READ
ECRIT: Final = Characteristic.Properties.WRITE
NOTIFIE: Final = Characteristic.Properties.NOTIFY
INDIQUE: Final = Characteristic.Properties.INDICATE

_CCCD: Final = UUID.from_16_bits(0x2902, "Client Characteristic Configuration")


class Gatt:
    """Fait les caractéristiques d'un appareil et tient ses abonnés (une borne à la fois).

    `chiffre` : les mesures exigent une liaison chiffrée (LE mode 1 niveau 2). `sur_abonnement` reçoit la liaison et
    l'UUID chaque fois que la borne s'abonne. `serveur` : celui de l'appareil bumble, posé quand il existe.
    """

    serveur: Server

    def __init__(self, *, chiffre: bool, sur_abonnement: Callable[[Connection, str], None]) -> None:
        self._chiffre = chiffre
        self._sur_abonnement = sur_abonnement
        self._abonnes: set[str] = set()

    def caracteristique(
        self,
        uuid: str,
        proprietes: Characteristic.Properties,
        valeur: bytes | AttributeValue[bytes] = b"",
        *,
        chiffre: bool | None = None,
    ) -> Characteristic[bytes]:
        """Une caractéristique ; son contenu exige le chiffrement (`chiffre` None : comme l'appareil)."""
        droits = Attribute.Permissions(0)
        if proprietes & (LIT | NOTIFIE | INDIQUE):
            droits |= Attribute.READABLE
        if proprietes & ECRIT:
            droits |= Attribute.WRITEABLE
        if self._chiffre if chiffre is None else chiffre:
            droits |= Attribute.READ_REQUIRES_ENCRYPTION | Attribute.WRITE_REQUIRES_ENCRYPTION
        faite = Characteristic[bytes](uuid, proprietes, droits, valeur)
        if proprietes & (NOTIFIE | INDIQUE):
            faite.descriptors = [self._cccd(uuid, faite)]
        return faite

    def abonne(self, *uuids: str) -> bool:
        """Vrai si la borne reliée est abonnée à chacune de ces caractéristiques."""
        return self._abonnes.issuperset(uuids)

    def vider(self) -> None:
        """La liaison est neuve ou tombée : plus d'abonné."""
        self._abonnes.clear()

    async def notifier(self, liaison: Connection, caracteristique: Characteristic[bytes], trame: bytes) -> None:
        """Notifie la borne, si elle est abonnée."""
        await self.serveur.notify_subscriber(liaison, caracteristique, trame)

    async def indiquer(self, liaison: Connection, caracteristique: Characteristic[bytes], trame: bytes) -> None:
        """Indique à la borne, et attend son accusé."""
        await self.serveur.indicate_subscriber(liaison, caracteristique, trame)

    def _cccd(self, uuid: str, caracteristique: Characteristic[bytes]) -> Descriptor:
        """Un CCCD ; son écriture passe par le serveur GATT, qui tient les abonnés."""

        def lire(liaison: Connection) -> bytes:
            return self.serveur.read_cccd(liaison, caracteristique)

        def ecrire(liaison: Connection, valeur: bytes) -> None:
            self.serveur.write_cccd(liaison, caracteristique, valeur)
            if any(valeur):
                self._abonnes.add(uuid)
                self._sur_abonnement(liaison, uuid)
            else:
                self._abonnes.discard(uuid)

        droits = Attribute.READABLE | Attribute.WRITEABLE
        if self._chiffre:
            droits |= Attribute.WRITE_REQUIRES_ENCRYPTION
        return Descriptor(_CCCD, droits, AttributeValue(lire, ecrire))


def horloge(gatt: Gatt, uuid: str, etat: EtatJumeau[Any]) -> Characteristic[bytes]:
    """L'heure de l'appareil, lue et écrite : 2A2B (Current Time) ou 2A08 (Date Time)."""

    def lire(_liaison: Connection) -> bytes:
        maintenant = etat.maintenant()
        date = coder_date(maintenant)
        return date + bytes([maintenant.isoweekday(), 0, 0]) if uuid == "2A2B" else date

    def ecrire(_liaison: Connection, octets: bytes) -> None:
        try:
            instant = decoder(uuid, octets).instant
        except TrameInvalide:
            raise ATT_Error(ErrorCode.VALUE_NOT_ALLOWED) from None
        heure = instant.en_datetime() if instant is not None else None
        if heure is None or not etat.regler(heure):
            raise ATT_Error(ErrorCode.VALUE_NOT_ALLOWED)

    return gatt.caracteristique(uuid, LIT | ECRIT, AttributeValue(lire, ecrire), chiffre=False)


def services_communs(
    gatt: Gatt, textes: Mapping[str, str], etat: EtatJumeau[Any], uuid_horloge: str
) -> list[Service]:
    """Batterie, identité (`textes` par UUID), et l'heure si l'appareil la tient dans son propre service (2A2B)."""
    batterie = AttributeValue[bytes](lambda _liaison: bytes([etat.batterie]))
    communs = [
        Service("180F", [gatt.caracteristique("2A19", LIT, batterie, chiffre=False)]),
        Service(
            "180A", [gatt.caracteristique(uuid, LIT, texte.encode(), chiffre=False) for uuid, texte in textes.items()]
        ),
    ]
    if uuid_horloge == "2A2B":
        communs.append(Service("1805", [horloge(gatt, "2A2B", etat)]))
    return communs
