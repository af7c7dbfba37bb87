"""Un brassard virtuel et une radio virtuelle, pour les essais de bout en bout des périphériques Bluetooth."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from borne.demonstration.brassard import BrassardVirtuel
from borne.demonstration.radio import backends
from borne.peripheriques.ble import Delais, Radio


@pytest.fixture
async def brassard() -> AsyncIterator[BrassardVirtuel]:
    """Un brassard qui mesure en une demi-seconde."""
    appareil = BrassardVirtuel(duree_s=0.5, cadence_hz=20, delai_bouton_s=0.05)
    await appareil.demarrer()
    yield appareil
    await appareil.fermer()


def radio_vers(adresse_hci: str, dossier: Path) -> Radio:
    """Une borne neuve, avec les clés de ce dossier."""
    balayeur, client = backends(adresse_hci, dossier)
    return Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=5.0))


@pytest.fixture
def radio(brassard: BrassardVirtuel, tmp_path: Path) -> Radio:
    """La radio de la borne."""
    return radio_vers(brassard.adresse_hci, tmp_path)


@pytest.fixture
async def bus_systeme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Un bus D-Bus privé, à la place de celui du système."""
    programme = shutil.which("dbus-daemon")
    assert programme is not None
    adresse = f"unix:path={tmp_path}/bus"
    demon = await asyncio.create_subprocess_exec(
        programme,
        "--session",
        "--nofork",
        "--print-address",
        f"--address={adresse}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert demon.stdout is not None
    await demon.stdout.readline()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", adresse)
    yield
    demon.terminate()
    await demon.wait()
