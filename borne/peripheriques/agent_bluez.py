"""L'agent d'appairage de la borne auprès de BlueZ : il dit oui, et montre ou demande le code quand il y en a un.

bleak n'en a pas, et sans agent BlueZ refuse d'appairer, ou laisse pendre l'abonnement à ce qui est chiffré.
La borne ne s'appaire qu'aux appareils que le technicien a décrits, et n'est pas visible : accepter est sans risque.
Devant un patient il n'a « ni écran ni clavier » ; avec quelqu'un pour lire ou taper six chiffres (`Dialogue`), il a
les deux, et les appareils qui protègent leur appairage par un code s'appairent aussi.
Source : API D-Bus de BlueZ, org.bluez.Agent1 et org.bluez.AgentManager1.
"""

# Pas d'annotations différées ici : dbus-fast lit les types des méthodes exportées.
import asyncio
import logging
from typing import Final, Protocol

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.annotations import DBusObjectPath, DBusStr, DBusUInt16, DBusUInt32
from dbus_fast.errors import DBusError, InvalidAddressError
from dbus_fast.service import ServiceInterface, dbus_method

from borne.peripheriques.erreurs import RadioIndisponible

journal = logging.getLogger(__name__)

_CHEMIN: Final = "/org/borne/agent"
_SANS_PERSONNE: Final = "NoInputNoOutput"
_AVEC_DIALOGUE: Final = "KeyboardDisplay"
_DELAI_S: Final = 5.0
_CODE_MAX: Final = 999_999
_REFUS: Final = "org.bluez.Error.Rejected"


class Dialogue(Protocol):
    """La personne qui appaire : le soignant ou le technicien, devant l'appareil."""

    def montrer_code(self, code: str) -> None:
        """Le code à taper sur l'appareil, ou à y reconnaître."""

    async def demander_code(self) -> str | None:
        """Le code que l'appareil montre, tel quel (« 0000 » n'est pas « 0 ») ; None : on renonce."""


class _Agent(ServiceInterface):
    """org.bluez.Agent1 : pour NoInputNoOutput, BlueZ ne demande que des autorisations."""

    def __init__(self, dialogue: Dialogue | None) -> None:
        super().__init__("org.bluez.Agent1")
        self._dialogue = dialogue

    def _montrer(self, code: str) -> None:
        if self._dialogue is None:
            raise DBusError(_REFUS, "personne pour lire un code")
        self._dialogue.montrer_code(code)

    async def _demander(self) -> str:
        code = None if self._dialogue is None else await self._dialogue.demander_code()
        if code is None or not code.isascii() or not code.isdecimal():
            raise DBusError(_REFUS, "pas de code")
        return code

    @dbus_method()
    def DisplayPasskey(self, device: DBusObjectPath, passkey: DBusUInt32, entered: DBusUInt16) -> None:
        # BlueZ le redit à chaque chiffre tapé sur l'appareil.
        if entered == 0:
            self._montrer(f"{passkey:06d}")

    @dbus_method()
    def DisplayPinCode(self, device: DBusObjectPath, pincode: DBusStr) -> None:
        self._montrer(pincode)

    @dbus_method()
    async def RequestPasskey(self, device: DBusObjectPath) -> DBusUInt32:
        code = int(await self._demander())
        if code > _CODE_MAX:
            raise DBusError(_REFUS, "code trop long")
        return code

    @dbus_method()
    async def RequestPinCode(self, device: DBusObjectPath) -> DBusStr:
        return await self._demander()

    @dbus_method()
    def Release(self) -> None:
        journal.info("BlueZ : agent libéré")

    @dbus_method()
    def RequestAuthorization(self, device: DBusObjectPath) -> None:
        journal.info("BlueZ : appairage accepté")

    @dbus_method()
    def RequestConfirmation(self, device: DBusObjectPath, passkey: DBusUInt32) -> None:
        if self._dialogue is not None:
            self._dialogue.montrer_code(f"{passkey:06d}")
        journal.info("BlueZ : appairage confirmé")

    @dbus_method()
    def AuthorizeService(self, device: DBusObjectPath, uuid: DBusStr) -> None:
        journal.info("BlueZ : service autorisé")

    @dbus_method()
    def Cancel(self) -> None:
        journal.info("BlueZ : appairage abandonné")


class AgentBluez:
    """Inscrit l'agent sur le bus système, et le garde inscrit tant que le bus vit.

    `dialogue` : à qui montrer ou demander un code ; None : personne, et les appareils à code sont refusés.
    """

    def __init__(self, dialogue: Dialogue | None = None) -> None:
        self._dialogue = dialogue
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
        capacite = _SANS_PERSONNE if self._dialogue is None else _AVEC_DIALOGUE
        try:
            async with asyncio.timeout(_DELAI_S):
                await bus.connect()
                bus.export(_CHEMIN, _Agent(self._dialogue))
                await _appeler(bus, "RegisterAgent", "os", [_CHEMIN, capacite])
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
