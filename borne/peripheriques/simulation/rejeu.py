"""Rejouer une séance enregistrée par le vrai pilote : des classes de bleak, et une horloge, faites de son fichier.

L'appareil rejoué annonce, se laisse relier, répond aux lectures, et envoie ce qu'il avait envoyé, dans l'ordre : une
trame attend que sa caractéristique soit suivie, et que le pilote ait écrit ce qu'il avait écrit avant elle (l'heure
exceptée). Une seule séance à la fois.

    lecture = rejouer(lire_seance(chemin))
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final, TypedDict, cast

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bleak.uuids import normalize_uuid_str

from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Appareil
from borne.peripheriques.ble import Radio
from borne.peripheriques.enregistrement import Seance
from borne.peripheriques.erreurs import ConfigurationInvalide
from borne.peripheriques.espion import Capture, Genre
from borne.peripheriques.formats import Lecture
from borne.peripheriques.liaison import canal
from borne.peripheriques.registre import Contexte, fabriques
from borne.peripheriques.simulation.boucle import executer
from borne.peripheriques.simulation.partition import Partition
from borne.peripheriques.simulation.rejeu_serie import SerieRejouee

_HORLOGES: Final = ("2A08", "2A2B")
"""Écrire l'heure ne commande rien : un pilote peut s'en passer, ou l'écrire plus tôt."""


class Backends(TypedDict):
    """Ce que `Radio` attend."""

    backend_scanner: type[BaseBleakScanner]
    backend_client: type[BaseBleakClient]


class Rejeu(Partition):
    """Une séance prête à être rejouée, à son rythme d'origine."""

    def __init__(self, seance: Seance) -> None:
        super().__init__(seance.debut)
        self._annonces = [(t, c) for t, c in seance.captures if c.genre is Genre.ANNONCE]
        self._liaisons = list(_liaisons(seance))

    def annonces(self) -> Iterator[tuple[float, Capture]]:
        """Les annonces à venir ; la dernière, qui reste vraie, se redonne à chaque balayage. Vide si aucune."""
        while len(self._annonces) > 1:
            yield self._annonces.pop(0)
        yield from self._annonces

    def liaison(self) -> list[tuple[float, Capture]]:
        """Ce qui est passé à la liaison suivante, table en tête. Lève `BleakError` s'il n'y en a plus."""
        if not self._liaisons:
            raise BleakError("la séance enregistrée n'a plus de liaison")
        return self._liaisons.pop(0)

    def backends(self) -> Backends:
        """Les classes à donner à `Radio`."""
        rejeu = self

        class Balayeur(_Balayeur):
            partition = rejeu

        class Client(_Client):
            partition = rejeu

        return {"backend_scanner": Balayeur, "backend_client": Client}


def rejouer(seance: Seance, sur_echantillon: Callable[[Echantillon], None] = lambda _: None) -> Lecture:
    """La mesure que le vrai pilote tire de cette séance, en temps simulé : aussitôt, et toujours la même.

    Pour les essais. Lève `ConfigurationInvalide`, ou ce que le pilote lève.
    """

    async def mesurer() -> Lecture:
        return await pilote_rejoue(seance).mesurer(sur_echantillon=sur_echantillon, delai_s=3600.0)

    return executer(mesurer())


def pilote_rejoue(seance: Seance) -> Appareil:
    """Le pilote de la fiche enregistrée, au bout d'un fil qui rejoue sa séance. Lève `ConfigurationInvalide`."""
    rejeu = Rejeu(seance)
    fabrique = fabriques().get(seance.fiche.pilote)
    if fabrique is None:
        raise ConfigurationInvalide(f"Le pilote « {seance.fiche.pilote} » de la séance est inconnu.")
    contexte = Contexte(Radio(**rejeu.backends()), SerieRejouee(seance, rejeu), horloge=rejeu.horloge)
    appareil = fabrique(seance.fiche, contexte)
    if not isinstance(appareil, Appareil):
        raise ConfigurationInvalide(f"Le pilote « {seance.fiche.pilote} » n'est pas celui d'un appareil de mesure.")
    return appareil


def _liaisons(seance: Seance) -> Iterator[list[tuple[float, Capture]]]:
    """Les captures entre deux tables : une liaison chacune."""
    en_cours: list[tuple[float, Capture]] = []
    for instant, capture in seance.captures:
        if capture.genre is Genre.TABLE:
            if en_cours:
                yield en_cours
            en_cours = [(instant, capture)]
        elif en_cours and capture.genre is not Genre.ANNONCE:
            en_cours.append((instant, capture))
    if en_cours:
        yield en_cours


class _Balayeur(BaseBleakScanner):
    partition: Rejeu

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str = "active",
        **_options: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._tache: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._tache = asyncio.get_running_loop().create_task(self._annoncer())

    async def stop(self) -> None:
        if self._tache is not None:
            self._tache.cancel()
            await asyncio.wait({self._tache})
            self._tache = None

    async def _annoncer(self) -> None:
        for instant, capture in self.partition.annonces():
            await self.partition.attendre(instant)
            infos = cast(dict[str, Any], capture.infos)
            annonce = AdvertisementData(
                local_name=infos["nom"] or None,
                manufacturer_data={int(numero): bytes.fromhex(o) for numero, o in infos["fabricant"].items()},
                service_data={uuid: bytes.fromhex(o) for uuid, o in infos["service"].items()},
                service_uuids=[normalize_uuid_str(uuid) for uuid in infos["services"]],
                tx_power=None,
                rssi=-60,
                platform_data=(),
            )
            adresse = infos["adresse"]
            appareil = self.create_or_update_device(adresse, adresse, annonce.local_name, None, annonce)
            self.call_detection_callbacks(appareil, annonce)


class _Client(BaseBleakClient):
    partition: Rejeu

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        **_options: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._suite: list[tuple[float, Capture]] = []
        self._tache: asyncio.Task[None] | None = None
        self._suivis: dict[str, NotifyCallback] = {}
        self._ecrits: Counter[str] = Counter()
        self._du_neuf = asyncio.Event()
        self._lus: dict[str, list[tuple[float, bytes]]] = defaultdict(list)
        self._codes: dict[str, list[int]] = defaultdict(list)

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return 247

    @property
    def is_connected(self) -> bool:
        return self._tache is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        (instant, table), *self._suite = self.partition.liaison()
        self.partition.avancer(instant)
        self.services = _services(cast(dict[str, Any], table.infos))
        for quand, capture in self._suite:
            if capture.genre is Genre.LU:
                self._lus[capture.canal].append((quand, capture.octets))
            elif capture.genre is Genre.ECRIT:
                self._codes[capture.canal].append(cast(int, capture.infos["att"]))
        self._tache = asyncio.get_running_loop().create_task(self._jouer())

    async def disconnect(self) -> None:
        tache, self._tache = self._tache, None
        if tache is not None:
            tache.cancel()
            await asyncio.wait({tache})

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """La séance a été enregistrée appairée, s'il le fallait."""

    async def unpair(self) -> None:
        """Rien n'est gardé."""

    async def _jouer(self) -> None:
        """Envoie ce que l'appareil avait envoyé ; tombe quand il était tombé."""
        attendus: Counter[str] = Counter()
        precedent = 0.0
        for instant, capture in self._suite:
            if capture.genre is Genre.ECRIT and capture.canal not in _HORLOGES:
                attendus[capture.canal] += 1
            elif capture.genre is Genre.RECU:
                while capture.canal not in self._suivis or not attendus <= self._ecrits:
                    self._du_neuf.clear()
                    await self._du_neuf.wait()
                self.partition.avancer(precedent)
                await self.partition.attendre(instant)
                self._suivis[capture.canal](bytearray(capture.octets))
            elif capture.genre is Genre.COUPE:
                await self.partition.attendre(instant)
                self._tomber()
                return
            precedent = instant

    def _tomber(self) -> None:
        self._tache, self.services = None, None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        lus = self._lus[canal(characteristic.uuid)]
        if not lus:
            raise BleakGATTProtocolError(BleakGATTProtocolErrorCode.READ_NOT_PERMITTED)
        instant, octets = lus.pop(0) if len(lus) > 1 else lus[0]
        self.partition.avancer(instant)
        return bytearray(octets)

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        nom = canal(characteristic.uuid)
        codes = self._codes[nom]
        code = codes.pop(0) if codes else 0
        self._ecrits[nom] += 1
        self._du_neuf.set()
        if code:
            raise BleakGATTProtocolError(code)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        self._suivis[canal(characteristic.uuid)] = callback
        self._du_neuf.set()

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self._suivis.pop(canal(characteristic.uuid), None)

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        raise BleakGATTProtocolError(BleakGATTProtocolErrorCode.READ_NOT_PERMITTED)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        raise BleakGATTProtocolError(BleakGATTProtocolErrorCode.WRITE_NOT_PERMITTED)


def _services(infos: dict[str, Any]) -> BleakGATTServiceCollection:
    """La table d'origine, poignées refaites."""
    collection = BleakGATTServiceCollection()
    services: dict[str, BleakGATTService] = {}
    for rang, ligne in enumerate(infos["caracteristiques"]):
        nom = normalize_uuid_str(ligne["service"])
        if nom not in services:
            services[nom] = BleakGATTService(None, 1000 * (len(services) + 1), nom)
            collection.add_service(services[nom])
        modes = cast(list[CharacteristicPropertyName], ligne["modes"])
        uuid = normalize_uuid_str(ligne["uuid"])
        collection.add_characteristic(
            BleakGATTCharacteristic(None, services[nom].handle + rang + 1, uuid, modes, lambda: 244, services[nom])
        )
    return collection
