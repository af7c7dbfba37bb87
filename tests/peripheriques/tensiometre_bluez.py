"""Un tensiomètre servi à travers BlueZ (ici bluezoo) : annonce et GATT exportés sur D-Bus."""

# Pas d'annotations différées ici : dbus-fast lit les types des méthodes exportées.
import asyncio
from typing import Final

from dbus_fast import BusType, Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.annotations import DBusBool, DBusBytes, DBusDict, DBusObjectPath, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

RACINE: Final = "/tensiometre"


def uuid(court: str) -> str:
    return f"0000{court.lower()}-0000-1000-8000-00805f9b34fb"


class Service(ServiceInterface):
    """org.bluez.GattService1."""

    def __init__(self, court: str) -> None:
        super().__init__("org.bluez.GattService1")
        self._uuid = uuid(court)

    @dbus_property(access=PropertyAccess.READ)
    def UUID(self) -> DBusStr:
        return self._uuid

    @dbus_property(access=PropertyAccess.READ)
    def Primary(self) -> DBusBool:
        return True


class Caracteristique(ServiceInterface):
    """org.bluez.GattCharacteristic1. `abonne` se lève quand la borne s'abonne ; `emettre` lui envoie des octets."""

    def __init__(self, service: str, court: str, drapeaux: list[str], valeur: bytes = b"") -> None:
        super().__init__("org.bluez.GattCharacteristic1")
        self._service, self._uuid, self._drapeaux, self._valeur = service, uuid(court), drapeaux, valeur
        self._notifie = False
        self.abonne = asyncio.Event()
        self.desabonne = asyncio.Event()
        self.ecrits: list[bytes] = []
        self.confirmees = 0

    @dbus_property(access=PropertyAccess.READ)
    def UUID(self) -> DBusStr:
        return self._uuid

    @dbus_property(access=PropertyAccess.READ)
    def Service(self) -> DBusObjectPath:
        return self._service

    @dbus_property(access=PropertyAccess.READ)
    def Flags(self) -> "as":  # type: ignore[valid-type]  # noqa: F722
        return self._drapeaux

    @dbus_property(access=PropertyAccess.READ)
    def Notifying(self) -> DBusBool:
        return self._notifie

    @dbus_property(access=PropertyAccess.READ)
    def Value(self) -> DBusBytes:
        return self._valeur

    @dbus_method()
    def ReadValue(self, options: DBusDict) -> DBusBytes:
        return self._valeur

    @dbus_method()
    def WriteValue(self, value: DBusBytes, options: DBusDict) -> None:
        self.ecrits.append(bytes(value))

    @dbus_method()
    def StartNotify(self) -> None:
        self._notifie = True
        self.emit_properties_changed({"Notifying": True})
        self.abonne.set()

    @dbus_method()
    def StopNotify(self) -> None:
        self._notifie = False
        self.emit_properties_changed({"Notifying": False})
        self.desabonne.set()

    @dbus_method()
    def Confirm(self) -> None:
        self.confirmees += 1

    def emettre(self, octets: bytes) -> None:
        self._valeur = octets
        self.emit_properties_changed({"Value": octets})


class Annonce(ServiceInterface):
    """org.bluez.LEAdvertisement1."""

    def __init__(self, nom: str, services: list[str]) -> None:
        super().__init__("org.bluez.LEAdvertisement1")
        self._nom, self._services = nom, [uuid(court) for court in services]

    @dbus_property(access=PropertyAccess.READ)
    def Type(self) -> DBusStr:
        return "peripheral"

    @dbus_property(access=PropertyAccess.READ)
    def ServiceUUIDs(self) -> "as":  # type: ignore[valid-type]  # noqa: F722
        return self._services

    @dbus_property(access=PropertyAccess.READ)
    def LocalName(self) -> DBusStr:
        return self._nom

    @dbus_property(access=PropertyAccess.READ)
    def Discoverable(self) -> DBusBool:
        return True

    @dbus_method()
    def Release(self) -> None: ...


class TensiometreBluez:
    """Le programme : 1810 (2A35, 2A36), 180F et 180A, annoncés par l'adaptateur `adaptateur`."""

    def __init__(self, adaptateur: str) -> None:
        self._adaptateur = f"/org/bluez/{adaptateur}"
        self.mesure = Caracteristique(f"{RACINE}/s0", "2A35", ["indicate"])
        self.pression = Caracteristique(f"{RACINE}/s0", "2A36", ["notify"])
        self._objets: list[tuple[str, ServiceInterface]] = [
            (f"{RACINE}/s0", Service("1810")),
            (f"{RACINE}/s0/c0", self.mesure),
            (f"{RACINE}/s0/c1", self.pression),
            (f"{RACINE}/s1", Service("180F")),
            (f"{RACINE}/s1/c0", Caracteristique(f"{RACINE}/s1", "2A19", ["read"], b"\x4d")),
            (f"{RACINE}/s2", Service("180A")),
            (f"{RACINE}/s2/c0", Caracteristique(f"{RACINE}/s2", "2A24", ["read"], b"Bras-1")),
        ]

    async def ouvrir(self) -> None:
        self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        for chemin, objet in self._objets:
            self._bus.export(chemin, objet)
        self._bus.export(f"{RACINE}/annonce", Annonce("BRAS-1", ["1810"]))
        await self._demander("org.bluez.GattManager1", "RegisterApplication", RACINE)
        await self._demander("org.bluez.LEAdvertisingManager1", "RegisterAdvertisement", f"{RACINE}/annonce")

    async def fermer(self) -> None:
        self._bus.disconnect()

    async def _demander(self, interface: str, membre: str, chemin: str) -> None:
        corps: list[object] = [chemin, dict[str, Variant]()]
        reponse = await self._bus.call(
            Message(
                destination="org.bluez",
                path=self._adaptateur,
                interface=interface,
                member=membre,
                signature="oa{sv}",
                body=corps,
            )
        )
        assert reponse is not None
        assert reponse.message_type is not MessageType.ERROR, reponse.body
