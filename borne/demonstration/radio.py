"""Un adaptateur Bluetooth pour bleak, fait de bumble : ce que BlueZ est au vrai monde.

`backends(adresse, dossier)` rend les deux classes à injecter : `BleakScanner(backend=...)` et
`BleakClient(backend=...)`. Les pilotes ne savent pas qu'elles sont là. L'adaptateur se branche en HCI sur TCP au
monde virtuel quand on s'en sert, et se débranche quand plus personne ne s'en sert : rien ne reste à fermer.

Comme BlueZ, il garde ses clés d'appairage dans un dossier, et refuse un second balayage (`InProgress`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import hci
from bumble.att import ATT_Error
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.core import TimeoutError as DelaiBumble
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt_client import CharacteristicProxy

from borne.demonstration.adaptateur import Adaptateur

journal = logging.getLogger(__name__)

T = TypeVar("T")

_MTU = 247
_PROPRIETES: tuple[tuple[int, CharacteristicPropertyName], ...] = (
    (0x02, "read"),
    (0x04, "write-without-response"),
    (0x08, "write"),
    (0x10, "notify"),
    (0x20, "indicate"),
)


class BalayeurVirtuel(BaseBleakScanner):
    """`BleakScanner` au-dessus de bumble. `adaptateur` est posé par `backends`."""

    adaptateur: Adaptateur

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        **_options: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._actif = scanning_mode == "active"
        self._appareil: Device | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        if self.adaptateur.balaye:
            raise BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"])
        self.adaptateur.balaye = True
        try:
            self._appareil = await self.adaptateur.prendre()
            self._appareil.on(Device.EVENT_ADVERTISEMENT, self._sur_annonce)
            await self._appareil.start_scanning(active=self._actif)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        appareil, self._appareil = self._appareil, None
        self.adaptateur.balaye = False
        if appareil is None:
            return
        appareil.remove_listener(Device.EVENT_ADVERTISEMENT, self._sur_annonce)
        if not self.adaptateur.tient(appareil):
            return
        try:
            await appareil.stop_scanning()
        except BaseBumbleError as erreur:
            journal.warning("radio virtuelle : balayage mal arrêté (%s)", type(erreur).__name__)
        finally:
            await self.adaptateur.rendre(appareil)

    def _sur_annonce(self, annonce: Advertisement) -> None:
        donnees = _donnees(annonce)
        if not self.is_allowed_uuid(donnees.service_uuids):
            return
        adresse = annonce.address.to_string(with_type_qualifier=False)
        appareil = self.create_or_update_device(adresse, adresse, donnees.local_name, annonce.address, donnees)
        self.call_detection_callbacks(appareil, donnees)


def _donnees(annonce: Advertisement) -> AdvertisementData:
    types = AdvertisingData.Type
    nom = annonce.data.get(types.COMPLETE_LOCAL_NAME) or annonce.data.get(types.SHORTENED_LOCAL_NAME)
    services: list[UUID] = []
    for genre in (
        types.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
        types.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
        types.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    ):
        services += annonce.data.get(genre) or []
    return AdvertisementData(
        local_name=nom,
        manufacturer_data=dict(annonce.data.get_all(types.MANUFACTURER_SPECIFIC_DATA)),
        service_data={
            _uuid(service): octets for service, octets in annonce.data.get_all(types.SERVICE_DATA_16_BIT_UUID)
        },
        service_uuids=[_uuid(service) for service in services],
        tx_power=None,
        rssi=annonce.rssi,
        platform_data=(),
    )


def _uuid(uuid: UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))


class ClientVirtuel(BaseBleakClient):
    """`BleakClient` au-dessus de bumble. `adaptateur` est posé par `backends`."""

    adaptateur: Adaptateur

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_options: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._nom = getattr(address_or_ble_device, "name", None) or self.address
        self._appareil: Device | None = None
        self._liaison: Connection | None = None
        self._coupure: asyncio.Future[None] | None = None
        self._rappels: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        return str(self._nom)

    @property
    def mtu_size(self) -> int:
        return 23 if self._liaison is None else int(self._liaison.att_mtu)

    @property
    def is_connected(self) -> bool:
        return self._liaison is not None

    # --- liaison ---

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        if self._liaison is not None:
            raise BleakError("Client is already connected")
        self._appareil = await self.adaptateur.prendre()
        try:
            async with asyncio.timeout(self._timeout):
                adresse = hci.Address(self.address)
                async with self.adaptateur.connexion:
                    self._liaison = await self._appareil.connect(adresse, timeout=self._timeout * 0.9)
                self._coupure = asyncio.get_running_loop().create_future()
                self._liaison.on(Connection.EVENT_DISCONNECTION, self._sur_coupure)
                if not _tient(self._liaison):
                    # Coupée dans la même salve que sa naissance : bumble l'a dit avant que l'on écoute.
                    raise BleakError("disconnected")
                await self._chiffrer(pair)
                self.services = await self._operation(self._decouvrir(self._liaison))
        except BaseBumbleError as erreur:
            await self._abandonner()
            if isinstance(erreur, DelaiBumble):
                raise TimeoutError from erreur
            raise BleakError(f"connexion impossible : {erreur!r}") from erreur
        except BaseException:
            await self._abandonner()
            raise

    async def disconnect(self) -> None:
        if self._liaison is not None:
            await _raccrocher(self._liaison)
        await self._rendre()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        if self._liaison is None:
            raise BleakError("Not connected")
        await self._chiffrer(True)

    async def unpair(self) -> None:
        await self.disconnect()
        await self.adaptateur.oublier(str(hci.Address(self.address)))

    async def _chiffrer(self, appairer: bool) -> None:
        """Chiffre avec les clés connues, sinon appaire si on le demande (comme `Pair` de BlueZ)."""
        liaison = self._liaison
        if liaison is None or liaison.is_encrypted:
            return
        if await self.adaptateur.magasin().get(str(liaison.peer_address)) is not None:
            action: Awaitable[None] = liaison.encrypt()
        elif appairer:
            action = liaison.pair()
        else:
            return
        try:
            await self._operation(action)
        except BleakError:
            raise
        except BaseBumbleError as erreur:
            raise BleakDBusError("org.bluez.Error.AuthenticationFailed", [str(erreur)]) from erreur

    def _sur_coupure(self, _raison: int) -> None:
        self._liaison, self.services = None, None
        if self._coupure is not None and not self._coupure.done():
            self._coupure.set_result(None)
        if self._disconnected_callback is not None:
            self._disconnected_callback()
        self._fin = asyncio.get_running_loop().create_task(self._rendre())

    async def _abandonner(self) -> None:
        if self._liaison is not None:
            self._liaison.remove_listener(Connection.EVENT_DISCONNECTION, self._sur_coupure)
            await _raccrocher(self._liaison)
            self._liaison = None
        await self._rendre()

    async def _rendre(self) -> None:
        appareil, self._appareil = self._appareil, None
        if appareil is not None:
            await self.adaptateur.rendre(appareil)

    async def _operation(self, action: Awaitable[T]) -> T:
        """Attend une opération, ou la coupure : bumble annule les siennes quand la liaison tombe."""
        if self._liaison is None or self._coupure is None:
            if isinstance(action, Coroutine):
                action.close()
            raise BleakError("Not connected")
        tache = asyncio.ensure_future(action)
        try:
            attendus: set[asyncio.Future[Any]] = {tache, self._coupure}
            await asyncio.wait(attendus, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not tache.done():
                tache.cancel()
                await asyncio.wait({tache})
        if tache.cancelled() or (self._coupure.done() and tache.exception() is not None):
            raise BleakError("disconnected")
        try:
            return tache.result()
        except ATT_Error as erreur:
            raise BleakGATTProtocolError(int(erreur.error_code)) from erreur

    async def _decouvrir(self, liaison: Connection) -> BleakGATTServiceCollection:
        pair = Peer(liaison)
        await pair.request_mtu(_MTU)
        collection = BleakGATTServiceCollection()
        for service in await pair.discover_services():
            bleak_service = BleakGATTService(service, service.handle, _uuid(service.uuid))
            collection.add_service(bleak_service)
            for caracteristique in await pair.discover_characteristics(service=service):
                bleak_caracteristique = BleakGATTCharacteristic(
                    caracteristique,
                    caracteristique.handle,
                    _uuid(caracteristique.uuid),
                    [nom for bit, nom in _PROPRIETES if caracteristique.properties & bit],
                    lambda: self.mtu_size - 3,
                    bleak_service,
                )
                collection.add_characteristic(bleak_caracteristique)
                for descripteur in await pair.discover_descriptors(caracteristique):
                    collection.add_descriptor(
                        BleakGATTDescriptor(
                            descripteur, descripteur.handle, _uuid(descripteur.type), bleak_caracteristique
                        )
                    )
        return collection

    # --- GATT ---

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        return bytearray(await self._operation(_proxy(characteristic).read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        return bytearray(await self._operation(descriptor.obj.read_value()))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        await self._operation(_proxy(characteristic).write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        await self._operation(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        def rappel(valeur: bytes) -> None:
            callback(bytearray(valeur))

        self._rappels[characteristic.handle] = rappel
        await self._operation(_proxy(characteristic).subscribe(rappel))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        rappel = self._rappels.pop(characteristic.handle, None)
        await self._operation(_proxy(characteristic).unsubscribe(rappel))


def _tient(liaison: Connection) -> bool:
    """Vrai tant que bumble connaît cette liaison."""
    return liaison.device.connections.get(liaison.handle) is liaison


async def _raccrocher(liaison: Connection) -> None:
    """Coupe la liaison si elle tient encore : bumble attendrait sans fin la coupure d'une liaison déjà coupée."""
    if not _tient(liaison):
        return
    try:
        await liaison.disconnect()
    except BaseBumbleError as erreur:
        journal.info("radio virtuelle : déjà coupée (%s)", type(erreur).__name__)


def _proxy(characteristic: BleakGATTCharacteristic) -> CharacteristicProxy[bytes]:
    proxy: CharacteristicProxy[bytes] = characteristic.obj
    return proxy


def backends(adresse_hci: str, dossier_cles: Path) -> tuple[type[BalayeurVirtuel], type[ClientVirtuel]]:
    """Les classes à injecter dans bleak, pour le monde virtuel à `adresse_hci` (« 127.0.0.1:port »).

    `dossier_cles` garde l'adresse et les appairages de la borne d'un lancement à l'autre.
    """
    partage = Adaptateur(adresse_hci, dossier_cles)

    class Balayeur(BalayeurVirtuel):
        adaptateur = partage

    class Client(ClientVirtuel):
        adaptateur = partage

    return Balayeur, Client
