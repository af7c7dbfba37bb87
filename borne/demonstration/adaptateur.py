"""La carte Bluetooth virtuelle de la borne : un hôte bumble branché en HCI sur TCP au monde virtuel.

Ouverte au premier usage, fermée au dernier : rien ne reste à fermer. Elle garde ses clés d'appairage dans un dossier.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason
from bumble import hci
from bumble.core import BaseBumbleError
from bumble.device import Device, DeviceConfiguration
from bumble.keys import JsonKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport import open_transport
from bumble.transport.common import Transport

journal = logging.getLogger(__name__)

_DELAI_OUVERTURE_S = 5.0


class Adaptateur:
    """La carte Bluetooth virtuelle de la borne : ouverte au premier usage, fermée au dernier."""

    def __init__(self, adresse_hci: str, dossier_cles: Path) -> None:
        self._adresse_hci = adresse_hci
        self._dossier = dossier_cles
        self._verrou = asyncio.Lock()
        self._usages = 0
        self._transport: Transport | None = None
        self._appareil: Device | None = None
        self.balaye = False
        self.connexion = asyncio.Lock()
        """Un contrôleur n'a qu'une demande de liaison pendante : les autres attendent leur tour, comme chez BlueZ."""

    async def prendre(self) -> Device:
        """Un appareil bumble allumé ; à rendre par `rendre`. Lève `BleakError` si le monde ne répond pas."""
        async with self._verrou:
            if self._appareil is None:
                try:
                    async with asyncio.timeout(_DELAI_OUVERTURE_S):
                        self._appareil = await self._ouvrir()
                except (OSError, TimeoutError, BaseBumbleError) as erreur:
                    await self._fermer()
                    raise BleakBluetoothNotAvailableError(
                        f"adaptateur Bluetooth virtuel injoignable : {erreur!r}",
                        BleakBluetoothNotAvailableReason.NO_BLUETOOTH,
                    ) from erreur
            self._usages += 1
            return self._appareil

    async def rendre(self, appareil: Device) -> None:
        """Fin d'un usage."""
        async with self._verrou:
            if appareil is not self._appareil:
                return
            self._usages -= 1
            if self._usages == 0:
                await self._fermer()

    def tient(self, appareil: Device) -> bool:
        """Vrai si cet appareil est encore branché : un ordre à un adaptateur retiré attendrait sans fin."""
        return appareil is self._appareil

    def magasin(self) -> JsonKeyStore:
        """Les clés d'appairage, dans `cles.json`."""
        return JsonKeyStore(namespace="borne", filename=str(self._dossier / "cles.json"))

    async def oublier(self, pair: str) -> None:
        """Efface l'appairage avec ce pair, s'il existe."""
        magasin = self.magasin()
        if await magasin.get(pair) is not None:
            await magasin.delete(pair)

    def _adresse(self) -> hci.Address:
        """L'adresse fixe de la borne : l'appairage lui est attaché."""
        fichier = self._dossier / "adresse"
        if not fichier.exists():
            self._dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
            neuf = fichier.with_suffix(".neuf")
            neuf.write_text(str(hci.Address.generate_static_address()), encoding="ascii")
            os.replace(neuf, fichier)
        return hci.Address(fichier.read_text(encoding="ascii").strip())

    async def _ouvrir(self) -> Device:
        self._transport = await open_transport(f"tcp-client:{self._adresse_hci}")
        appareil = Device.from_config_with_hci(
            DeviceConfiguration(name="borne", address=self._adresse()),
            self._transport.source,
            self._transport.sink,
        )
        appareil.keystore = self.magasin()
        chiffrement = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY
        delegue = PairingDelegate(PairingDelegate.NO_OUTPUT_NO_INPUT, chiffrement, chiffrement)
        appareil.pairing_config_factory = lambda _liaison: PairingConfig(
            sc=True, mitm=False, bonding=True, delegate=delegue
        )
        await appareil.power_on()
        appareil.host.on("flush", lambda: self._perdu(appareil))
        return appareil

    def _perdu(self, appareil: Device) -> None:
        """La prise TCP est tombée : le prochain usage en ouvrira une autre."""
        if appareil is self._appareil:
            journal.warning("radio virtuelle : adaptateur débranché")
            self._appareil, self._usages, self.balaye = None, 0, False

    async def _fermer(self) -> None:
        self._appareil, self._usages = None, 0
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.close()
