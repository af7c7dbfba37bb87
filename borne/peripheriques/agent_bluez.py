"""L'agent d'appairage de la borne auprès de BlueZ : « ni écran ni clavier », et il dit oui.

bleak n'en a pas, et sans agent BlueZ refuse d'appairer, ou laisse pendre l'abonnement à ce qui est chiffré.
La borne ne s'appaire qu'aux appareils que le technicien a décrits, et n'est pas visible : accepter est sans risque.
Source : API D-Bus de BlueZ, org.bluez.Agent1 et org.bluez.AgentManager1.
"""

# Pas d'annotations différées ici : dbus-fast lit les types des méthodes exportées.
import asyncio
import logging
from typing import Final

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.annotations import DBusObjectPath, DBusStr, DBusUInt32
from dbus_fast.errors import DBusError, InvalidAddressError
from dbus_fast.service import ServiceInterface, dbus_method

from borne.peripheriques.erreurs import RadioIndisponible

journal = logging.getLogger(__name__)

_CHEMIN: Final = "/org/borne/agent"
_CAPACITE: Final = "NoInputNoOutput"
_DELAI_S: Final = 5.0


class _Agent(ServiceInterface):
    """org.bluez.Agent1 : pour NoInputNoOutput, BlueZ ne demande que des autorisations."""

    def __init__(self) -> None:
        super().__init__("org.bluez.Agent1")

    @dbus_method()
    def Release(self) -> None:
        journal.info("BlueZ : agent libéré")

    @dbus_method()
    def RequestAuthorization(self, device: DBusObjectPath) -> None:
        journal.info("BlueZ : appairage accepté")

    @dbus_method()
    def RequestConfirmation(self, device: DBusObjectPath, passkey: DBusUInt32) -> None:
        journal.info("BlueZ : appairage confirmé")

    @dbus_method()
    def AuthorizeService(self, device: DBusObjectPath, uuid: DBusStr) -> None:
        journal.info("BlueZ : service autorisé")

    @dbus_method()
    def Cancel(self) -> None:
        journal.info("BlueZ : appairage abandonné")


class AgentBluez:
    """Inscrit l'agent sur le bus système, et le garde inscrit tant que le bus vit."""

    def __init__(self) -> None:
        self._bus: MessageBus | None = None

    @property
    def nom_unique(self) -> str | None:
        """Le nom de l'agent sur le bus, s'il est inscrit."""
        return None if self._bus is None else self._bus.unique_name

    async def assurer(self) -> None:
        """Inscrit l'agent s'il ne l'est pas. Lève `RadioIndisponible` sans bus ou sans BlueZ."""
        if self._bus is not None and self._bus.connected:
            return
        bus = MessageBus(bus_type=BusType.SYSTEM)
        try:
            async with asyncio.timeout(_DELAI_S):
                await bus.connect()
                bus.export(_CHEMIN, _Agent())
                await _appeler(bus, "RegisterAgent", "os", [_CHEMIN, _CAPACITE])
                await _appeler(bus, "RequestDefaultAgent", "o", [_CHEMIN])
        except (OSError, TimeoutError, EOFError, DBusError, InvalidAddressError) as erreur:
            bus.disconnect()
            raise RadioIndisponible(detail=f"agent BlueZ : {erreur!r}") from erreur
        self._bus = bus

    async def fermer(self) -> None:
        """Quitte le bus : BlueZ oublie l'agent."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


async def _appeler(bus: MessageBus, membre: str, signature: str, corps: list[object]) -> None:
    reponse = await bus.call(
        Message(
            destination="org.bluez",
            path="/org/bluez",
            interface="org.bluez.AgentManager1",
            member=membre,
            signature=signature,
            body=corps,
        )
    )
    if reponse is None or reponse.message_type is MessageType.ERROR:
        # « Déjà inscrit » compris : un autre agent de la borne tient la place.
        raise DBusError("org.bluez.Error.Failed", f"{membre} : {reponse.error_name if reponse else 'sans réponse'}")
