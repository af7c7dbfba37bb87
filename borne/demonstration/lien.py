"""Le lien radio virtuel : un `LocalLink` de bumble, et une prise TCP qui donne à chaque client un contrôleur neuf.

La borne s'y branche comme à un adaptateur Bluetooth (HCI sur TCP, format H4) ; qu'elle meure ou se rebranche ne
touche pas les appareils du lien, qui voient seulement leur liaison coupée.

Une annonce que personne n'écoute ne part pas : les appareils au repos ne réveillent pas le processeur.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from itertools import count
from typing import cast

from bumble import hci, ll
from bumble.controller import Controller, LegacyAdvertiser
from bumble.link import LocalLink
from bumble.transport.common import PacketParser, StreamPacketSink, TransportSink

journal = logging.getLogger(__name__)


_PAS_INTERVALLE_S = 0.625e-3
"""Core 5.4, vol 4, part E, 7.8.5 : l'intervalle d'annonce se compte en pas de 0,625 ms."""
_NON_RELIABLES = (
    hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType.ADV_NONCONN_IND,
    hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType.ADV_SCAN_IND,
)


_ECOUTES = (
    hci.HCI_LE_Set_Scan_Enable_Command,
    hci.HCI_LE_Set_Extended_Scan_Enable_Command,
    hci.HCI_LE_Create_Connection_Command,
    hci.HCI_LE_Extended_Create_Connection_Command,
)
"""Les ordres par lesquels un hôte se met à écouter les annonces."""


class _AnnonceSeule(ll.AdvInd):
    """Une annonce à laquelle on ne peut pas se relier (balance par annonce seule)."""


class Annonceur(LegacyAdvertiser):
    """Annonce tant que quelqu'un écoute, et se tait sans minuterie quand personne n'écoute."""

    sur_annonce: Callable[[], None] | None = None
    """Appelé après chaque annonce entendue."""
    sur_ecoute: Callable[[], None] | None = None
    """Appelé quand quelqu'un se met à écouter, même si l'appareil n'annonce pas."""

    def _on_timer_fired(self) -> None:
        self.timer_handle = None
        lien = self.controller.link
        if not self.enabled or not isinstance(lien, Lien) or not lien.ecoutent(self.controller):
            return
        self.send_advertising_data()
        if self.sur_annonce is not None:
            self.sur_annonce()
        if not self.enabled:
            return
        intervalle_s = self.advertising_interval_min * _PAS_INTERVALLE_S
        self.timer_handle = asyncio.get_running_loop().call_later(intervalle_s, self._on_timer_fired)

    def reveiller(self) -> None:
        """Quelqu'un se met à écouter : la prochaine annonce part aussitôt (les séances des essais sont courtes)."""
        if self.sur_ecoute is not None:
            self.sur_ecoute()
        self.repeter()

    def repeter(self) -> None:
        """Annonce sans attendre la fin de l'intervalle."""
        if self.enabled:
            if self.timer_handle is not None:
                self.timer_handle.cancel()
            self.timer_handle = asyncio.get_running_loop().call_soon(self._on_timer_fired)

    @property
    def reliable(self) -> bool:
        """Faux pour une annonce seule."""
        return self.advertising_type not in _NON_RELIABLES

    def send_advertising_data(self) -> None:
        if self.enabled:
            genre = ll.AdvInd if self.reliable else _AnnonceSeule
            self.controller.send_advertising_pdu(genre(advertiser_address=self.address, data=self.advertising_data))


class Lien(LocalLink):
    """Le lien de bumble, où une annonce ne va qu'à ceux qui écoutent."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def ecoutent(self, annonceur: Controller | None = None) -> list[Controller]:
        """Les contrôleurs qui balayent ou attendent une liaison, l'annonceur excepté."""
        return [c for c in self.controllers if c is not annonceur and (c.le_scan_enable or c.pending_le_connection)]

    def annonce(self, adresse: hci.Address) -> bool:
        """Vrai si un appareil de cette adresse annonce encore."""
        annonceurs = [c.le_legacy_advertiser for c in self.controllers]
        return any(annonceur.enabled and annonceur.address == adresse for annonceur in annonceurs)

    def reveiller(self) -> None:
        """Un contrôleur se met à écouter."""
        for controleur in self.controllers:
            if isinstance(controleur, Controleur):
                controleur.le_legacy_advertiser.reveiller()

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        if not isinstance(packet, ll.AdvInd):
            # Une demande de liaison est servie sur-le-champ : différée, elle pourrait trouver l'appareil éteint et
            # laisser à la borne une liaison fantôme.
            for controleur in list(self.controllers):
                if controleur is not sender_controller:
                    controleur.on_ll_advertising_pdu(packet)
            return
        boucle = asyncio.get_running_loop()
        for controleur in self.ecoutent(sender_controller):
            boucle.call_soon(controleur.on_ll_advertising_pdu, packet)


class Controleur(Controller):
    """Un contrôleur bumble qui sait annuler une liaison en attente, la perdre, et se retirer du lien."""

    le_legacy_advertiser: Annonceur
    le_features = Controller.le_features & ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    """Des appareils Bluetooth 4 : leurs annonces tiennent en 31 octets, et `Annonceur` les fait toutes."""

    def __init__(self, nom: str, lien: Lien, adresse: str, hote: TransportSink | None = None) -> None:
        super().__init__(nom, host_sink=hote, link=lien, public_address=adresse)
        self.le_legacy_advertiser = Annonceur(self)

    def on_hci_command_packet(self, command: hci.HCI_Command) -> None:
        super().on_hci_command_packet(command)
        if isinstance(command, _ECOUTES):
            self._lien.reveiller()

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        if not isinstance(pdu, _AnnonceSeule):
            super().on_advertising_pdu(pdu)
            return
        attente, self.pending_le_connection = self.pending_le_connection, None
        try:
            super().on_advertising_pdu(pdu)
        finally:
            self.pending_le_connection = attente

    def create_le_connection(self, peer_address: hci.Address) -> None:
        """L'annonce qui nous y mène peut être celle d'un appareil éteint depuis : la demande reste alors pendante."""
        if self._lien.annonce(peer_address):
            super().create_le_connection(peer_address)

    @property
    def _lien(self) -> Lien:
        return cast(Lien, self.link)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Core 5.4, vol 4, part E, 7.8.13 : une annulation finit par un Connection Complete en erreur.

        Sans lui l'hôte attendrait sans fin, et la demande resterait pendante.
        """
        attente = self.pending_le_connection
        if attente is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        asyncio.get_running_loop().call_soon(
            self.send_hci_packet,
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=attente.peer_address.address_type,
                peer_address=attente.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            ),
        )
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def perdre(self) -> None:
        """Plus de courant : chaque liaison se perd sans un adieu, des deux côtés (Connection Timeout, 0x08)."""
        raison = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        for liaison in list(self.le_connections.values()):
            pair = self.link.find_le_controller(liaison.peer_address)
            if pair is not None and liaison.self_address in pair.le_connections:
                pair.on_ll_control_pdu(liaison.self_address, ll.TerminateInd(raison))
            self.on_le_disconnected(liaison, raison)

    def retirer(self) -> None:
        """Quitte le lien ; chaque pair voit sa liaison se perdre."""
        self.perdre()
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.le_legacy_advertiser.stop()
        self.link.remove_controller(self)


class _Prise(asyncio.Protocol):
    """Une connexion TCP : un hôte HCI au bout, un contrôleur de ce côté."""

    _numeros = count(1)

    def __init__(self, lien: Lien, ouvertes: set[_Prise]) -> None:
        self.fermee = asyncio.Event()
        self._lien = lien
        self._ouvertes = ouvertes
        self._controleur: Controleur | None = None
        self._lecteur = PacketParser()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        numero = next(self._numeros)
        self._controleur = Controleur(
            f"borne-{numero}",
            self._lien,
            f"C0:DE:00:00:{numero >> 8 & 0xFF:02X}:{numero & 0xFF:02X}",
            StreamPacketSink(self.transport),
        )
        self._lecteur.set_packet_sink(self._controleur)
        self._ouvertes.add(self)
        journal.info("radio virtuelle : un hôte se branche (%d)", numero)

    def data_received(self, data: bytes) -> None:
        self._lecteur.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ouvertes.discard(self)
        if self._controleur is not None:
            self._controleur.host = None
            self._controleur.retirer()
            self._controleur = None
        self.fermee.set()
        journal.info("radio virtuelle : un hôte se débranche")


class LienVirtuel:
    """Le lien et sa prise TCP, sur la boucle locale seulement."""

    def __init__(self) -> None:
        self.lien = Lien()
        self._prises: set[_Prise] = set()
        self._serveur: asyncio.Server | None = None
        self._retiree = False

    async def ouvrir(self, port: int = 0) -> int:
        """Écoute sur 127.0.0.1 ; rend le port (utile avec 0)."""
        self._serveur = await asyncio.get_running_loop().create_server(self._accueillir, "127.0.0.1", port)
        return int(self._serveur.sockets[0].getsockname()[1])

    def _accueillir(self) -> asyncio.Protocol:
        return _Refus() if self._retiree else _Prise(self.lien, self._prises)

    async def debrancher(self) -> None:
        """Coupe tous les hôtes branchés, comme une clé USB retirée et aussitôt remise : la prise reste ouverte."""
        for prise in list(self._prises):
            if prise.transport is not None:
                prise.transport.abort()
            await prise.fermee.wait()

    async def retirer(self) -> None:
        """Comme `debrancher`, et personne ne peut se brancher jusqu'à `remettre`."""
        self._retiree = True
        await self.debrancher()

    def remettre(self) -> None:
        """L'adaptateur de la borne est de nouveau là."""
        self._retiree = False

    async def fermer(self) -> None:
        """Ferme la prise et coupe les hôtes."""
        if self._serveur is not None:
            self._serveur.close()
            await self.debrancher()
            await self._serveur.wait_closed()
            self._serveur = None


class _Refus(asyncio.Protocol):
    """Pas d'adaptateur au bout du fil."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).abort()
