"""Une liaison Bluetooth ouverte : lire, écrire, s'abonner, chacune avec son délai. Faite par `ble.Radio`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bleak.uuids import normalize_uuid_str
from dbus_fast.errors import DBusError

from borne.peripheriques.erreurs import AppairageRefuse, AppareilPerdu
from borne.peripheriques.espion import Capture, Espion, Genre, personne

journal = logging.getLogger(__name__)

T = TypeVar("T")

ATT_ACCEPTE: Final = 0x00
ATT_IMPROBABLE: Final = 0x0E
"""Unlikely Error : ce que vaut un refus dont l'appareil, ou le système, ne dit pas la raison."""

PANNES: Final = (BleakError, DBusError, OSError, EOFError)
"""Ce que bleak laisse passer : ses erreurs, et celles du bus D-Bus quand il manque ou meurt."""
_SUFFIXE_SIG: Final = "-0000-1000-8000-00805f9b34fb"


@dataclass(frozen=True, slots=True)
class Delais:
    """Secondes au-delà desquelles une étape est abandonnée."""

    connexion_s: float = 20.0
    operation_s: float = 10.0
    fermeture_s: float = 5.0


class Liaison:
    """Une liaison ouverte : lire, écrire, s'abonner, chacune avec son délai. `coupee` : la liaison est tombée."""

    def __init__(self, client: BleakClient, coupee: asyncio.Event, delais: Delais, espion: Espion = personne) -> None:
        self._client = client
        self._delais = delais
        self._espion = espion
        self.coupee = coupee
        self._abonnements: dict[BleakGATTCharacteristic, Callable[[bytes], None]] = {}

    @property
    def adresse(self) -> str:
        """Adresse de l'appareil."""
        return self._client.address

    def caracteristiques(self) -> dict[str, tuple[str, ...]]:
        """Toutes celles de l'appareil, nom court : ce qu'on peut y faire (« read », « notify »...)."""
        toutes = self._client.services.characteristics.values()
        return {canal(c.uuid): tuple(c.properties) for c in toutes}

    def caracteristique(self, uuid: str) -> BleakGATTCharacteristic | None:
        """La caractéristique de cet UUID de 16 bits, ou None. Lève `AppareilPerdu` si la liaison est tombée."""
        entier = normalize_uuid_str(uuid)
        try:
            return next((c for c in self._client.services.characteristics.values() if c.uuid == entier), None)
        except BleakError as erreur:
            raise AppareilPerdu(detail=f"services oubliés avant {uuid}") from erreur

    async def lire(self, uuid: str) -> bytes | None:
        """Les octets d'une caractéristique ; None si l'appareil ne l'a pas ou la refuse.

        Lève `AppareilPerdu` si la liaison tombe.
        """
        caracteristique = self.caracteristique(uuid)
        if caracteristique is None or "read" not in caracteristique.properties:
            return None
        try:
            octets = bytes(await self._bornee(self._client.read_gatt_char(caracteristique), f"lecture {uuid}"))
            self._espion(Capture(Genre.LU, canal(caracteristique.uuid), octets))
            return octets
        except PANNES as erreur:
            if self.coupee.is_set():
                raise AppareilPerdu(detail=f"lecture {uuid}") from erreur
            journal.warning("lecture de %s refusée : %s", uuid, type(erreur).__name__)
            return None

    async def ecrire(self, uuid: str, octets: bytes) -> bool:
        """Écrit une caractéristique ; faux si l'appareil ne l'a pas ou la refuse."""
        return await self.demander(uuid, octets) == ATT_ACCEPTE

    async def demander(self, uuid: str, octets: bytes) -> int:
        """Écrit une caractéristique, avec réponse si elle l'admet ; rend le code d'erreur ATT, 0 si c'est accepté.

        0x0A : l'appareil n'a pas cette caractéristique. Lève `AppareilPerdu` si la liaison tombe.
        """
        caracteristique = self.caracteristique(uuid)
        modes = () if caracteristique is None else caracteristique.properties
        if caracteristique is None or not {"write", "write-without-response"}.intersection(modes):
            return int(BleakGATTProtocolErrorCode.ATTRIBUTE_NOT_FOUND)
        try:
            ecriture = self._client.write_gatt_char(caracteristique, octets, response="write" in modes)
            await self._bornee(ecriture, f"écriture {uuid}")
        except PANNES as erreur:
            if self.coupee.is_set():
                raise AppareilPerdu(detail=f"écriture {uuid}") from erreur
            journal.warning("écriture de %s refusée : %s", uuid, type(erreur).__name__)
            code = _code_att(erreur)
        else:
            code = ATT_ACCEPTE
        self._espion(Capture(Genre.ECRIT, canal(caracteristique.uuid), octets, {"att": code}))
        return code

    async def abonner(self, uuid: str, rappel: Callable[[bytes], None]) -> bool:
        """S'abonne (notification ou indication) ; faux si l'appareil n'a pas cette caractéristique.

        Lève `AppairageRefuse` si l'appareil exige un chiffrement qu'il n'accorde pas, `AppareilPerdu` s'il tombe.
        """
        caracteristique = self.caracteristique(uuid)
        if caracteristique is None:
            return False

        await self._suivre(caracteristique, rappel)
        self._abonnements[caracteristique] = rappel
        return True

    async def reabonner(self) -> None:
        """Refait tous les abonnements : BlueZ les croit faits quand l'appareil les a oubliés (erreur ATT 0xFD)."""
        for caracteristique, rappel in self._abonnements.items():
            await sans_bruit(self._client.stop_notify(caracteristique), self._delais.fermeture_s, "désabonnement")
            await self._suivre(caracteristique, rappel)

    async def _suivre(self, caracteristique: BleakGATTCharacteristic, rappel: Callable[[bytes], None]) -> None:
        def recevoir(_source: BleakGATTCharacteristic, octets: bytearray) -> None:
            self._espion(Capture(Genre.RECU, nom, bytes(octets)))
            rappel(bytes(octets))

        nom = canal(caracteristique.uuid)
        quoi = f"abonnement {nom}"
        try:
            await self._bornee(self._client.start_notify(caracteristique, recevoir), quoi)
        except PANNES as erreur:
            if self.coupee.is_set():
                raise AppareilPerdu(detail=quoi) from erreur
            raise AppairageRefuse(detail=f"{quoi} : {erreur}") from erreur

    async def fermer(self) -> None:
        """Se désabonne (BlueZ retient l'état des CCCD, les appareils non), puis raccroche. Ne lève rien de bleak."""
        if self.coupee.is_set():
            self._espion(Capture(Genre.COUPE))
        else:
            for caracteristique in self._abonnements:
                await sans_bruit(self._client.stop_notify(caracteristique), self._delais.fermeture_s, "désabonnement")
        await sans_bruit(self._client.disconnect(), self._delais.fermeture_s, "déconnexion")

    async def _bornee(self, action: Awaitable[T], quoi: str) -> T:
        try:
            async with asyncio.timeout(self._delais.operation_s):
                return await action
        except TimeoutError:
            # Sans agent, BlueZ laisse pendre l'abonnement à une caractéristique chiffrée.
            raise AppairageRefuse(detail=f"{quoi} : sans réponse") from None


def canal(uuid: str) -> str:
    """Le nom court d'un UUID normalisé (« 2A35 »), ou l'UUID entier d'un fabricant."""
    return uuid[4:8].upper() if uuid.startswith("0000") and uuid.endswith(_SUFFIXE_SIG) else uuid


def table(client: BleakClient) -> Capture:
    """Ce que l'appareil relié offre, pour l'espion."""
    return Capture(
        Genre.TABLE,
        infos={
            "caracteristiques": [
                {"service": canal(service.uuid), "uuid": canal(c.uuid), "modes": sorted(c.properties)}
                for service in client.services
                for c in service.characteristics
            ]
        },
    )


def _code_att(erreur: BaseException) -> int:
    return int(erreur.code) if isinstance(erreur, BleakGATTProtocolError) else ATT_IMPROBABLE


async def sans_bruit(action: Awaitable[object], delai_s: float, quoi: str) -> None:
    """Mène un nettoyage à son terme ou l'abandonne : son échec ne doit pas cacher l'erreur qui l'a causé."""
    try:
        async with asyncio.timeout(delai_s):
            await action
    except PANNES as erreur:
        journal.info("%s : %s", quoi, type(erreur).__name__)
