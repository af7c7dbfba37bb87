"""Le lien radio virtuel : un `LocalLink` de bumble, et une prise TCP qui donne à chaque client un contrôleur neuf.

La borne s'y branche comme à un adaptateur Bluetooth (HCI sur TCP, format H4) ; qu'elle meure ou se rebranche ne
touche pas les appareils du lien, qui voient seulement leur liaison coupée.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import count
from typing import cast

from bumble import hci, ll
from bumble.controller import Controller
from bumble.link import LocalLink
from bumble.transport.common import PacketParser, StreamPacketSink

journal = logging.getLogger(__name__)


class Controleur(Controller):
    """Un contrôleur bumble qui sait annuler une liaison en attente et se retirer du lien."""

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

    def retirer(self) -> None:
        """Quitte le lien ; chaque pair voit sa liaison se perdre (Connection Timeout, 0x08)."""
        lien = self.link
        for liaison in list(self.le_connections.values()):
            pair = lien.find_le_controller(liaison.peer_address)
            if pair is not None and liaison.self_address in pair.le_connections:
                pair.on_ll_control_pdu(
                    liaison.self_address, ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
                )
        self.le_connections.clear()
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.le_legacy_advertiser.stop()
        lien.remove_controller(self)


class _Prise(asyncio.Protocol):
    """Une connexion TCP : un hôte HCI au bout, un contrôleur de ce côté."""

    _numeros = count(1)

    def __init__(self, lien: LocalLink, ouvertes: set[_Prise]) -> None:
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
            host_sink=StreamPacketSink(self.transport),
            link=self._lien,
            public_address=f"C0:DE:00:00:{numero >> 8 & 0xFF:02X}:{numero & 0xFF:02X}",
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
        self.lien = LocalLink()  # type: ignore[no-untyped-call]
        self._prises: set[_Prise] = set()
        self._serveur: asyncio.Server | None = None

    async def ouvrir(self, port: int = 0) -> int:
        """Écoute sur 127.0.0.1 ; rend le port (utile avec 0)."""
        self._serveur = await asyncio.get_running_loop().create_server(
            lambda: _Prise(self.lien, self._prises), "127.0.0.1", port
        )
        return int(self._serveur.sockets[0].getsockname()[1])

    async def debrancher(self) -> None:
        """Coupe tous les hôtes branchés, comme une clé USB que l'on retire ; la prise reste ouverte."""
        for prise in list(self._prises):
            if prise.transport is not None:
                prise.transport.abort()
            await prise.fermee.wait()

    async def fermer(self) -> None:
        """Ferme la prise et coupe les hôtes."""
        if self._serveur is not None:
            self._serveur.close()
            await self.debrancher()
            await self._serveur.wait_closed()
            self._serveur = None
