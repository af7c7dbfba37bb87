"""Les pilotes sur le vrai backend BlueZ de bleak : D-Bus privé, BlueZ joué par bluezoo, deux adaptateurs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbus_fast import BusType, Message
from dbus_fast.aio.message_bus import MessageBus

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.tensiometre import Profil, Tensiometre
from borne.peripheriques.ble import Delais, Radio
from borne.peripheriques.erreurs import AppareilAbsent, AppareilPerdu, RadioIndisponible
from borne.peripheriques.formats import Lecture
from borne.peripheriques.simulation.tension import Tension, coder_mesure, coder_pression
from tests.peripheriques.tensiometre_bluez import TensiometreBluez

ADAPTATEURS = ("00:11:22:33:44:01", "00:11:22:33:44:02")
BLUEZOO = Path(sys.executable).with_name("bluezoo")


@pytest.fixture
async def brassard(bus_systeme: None) -> AsyncIterator[TensiometreBluez]:
    """BlueZ sur un bus privé : hci0 est la borne, hci1 annonce le tensiomètre."""
    options = [option for adresse in ADAPTATEURS for option in ("--adapter", adresse)]
    bluez = await asyncio.create_subprocess_exec(
        *(BLUEZOO, "--auto-enable", "--scan-interval", "1", *options),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await _present("org.bluez")
    appareil = TensiometreBluez("hci1")
    await appareil.ouvrir()
    yield appareil
    await appareil.fermer()
    bluez.terminate()
    await bluez.wait()


async def _present(nom: str) -> None:
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()

    async def la() -> object:
        return await _demander(bus, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "s", nom)

    for _ in range(400):
        if await la():
            break
        await asyncio.sleep(0.05)
    bus.disconnect()


async def _demander(
    bus: MessageBus, vers: str, chemin: str, interface: str, membre: str, signature: str, valeur: object
) -> object:
    reponse = await bus.call(
        Message(destination=vers, path=chemin, interface=interface, member=membre, signature=signature, body=[valeur])
    )
    assert reponse is not None
    return reponse.body[0] if reponse.body else None


def pilote(radio: Radio, recherche_s: float = 15.0) -> Tensiometre:
    # bluezoo ne joue pas l'appairage.
    return Tensiometre(radio, Profil(regler_heure=False, appairer=False, recherche_s=recherche_s))


async def mesurer(appareil: TensiometreBluez, radio: Radio, tension: Tension) -> tuple[Lecture, list[Echantillon]]:
    vivantes: list[Echantillon] = []
    appareil.mesure.abonne.clear()
    appareil.mesure.desabonne.clear()
    mesure = asyncio.create_task(pilote(radio).mesurer(sur_echantillon=vivantes.append, delai_s=30))
    await asyncio.wait(
        {mesure, abonne := asyncio.ensure_future(appareil.mesure.abonne.wait())}, return_when="FIRST_COMPLETED"
    )
    abonne.cancel()
    for pression in (40, 120):
        appareil.pression.emettre(coder_pression(pression))
    appareil.mesure.emettre(coder_mesure(tension, None))
    return await mesure, vivantes


async def test_une_mesure_par_le_vrai_backend(brassard: TensiometreBluez) -> None:
    """Chercher, relier, lire, s'abonner, recevoir, se désabonner, raccrocher."""
    radio = Radio(adaptateur="hci0", delais=Delais(connexion_s=10))
    lecture, vivantes = await mesurer(brassard, radio, Tension(131, 82, 64))
    assert (lecture.valeur(m.SYSTOLIQUE), lecture.valeur(m.DIASTOLIQUE)) == (131, 82)
    assert lecture.mesures[0].appareil == "Bras-1"
    assert [vivante.valeur for vivante in vivantes] == [40.0, 120.0]
    # Les notifications sont coupées avant de raccrocher : BlueZ s'en souviendrait, l'appareil non.
    assert brassard.mesure.desabonne.is_set()
    assert brassard.mesure.confirmees == 1
    await radio.fermer()


async def test_l_adaptateur_retire_puis_remis(brassard: TensiometreBluez) -> None:
    radio = Radio(adaptateur="hci0", delais=Delais(connexion_s=5))
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    await _demander(bus, "org.bluez", "/org/bluezoo", "org.bluezoo.Manager1", "RemoveAdapter", "y", 0)
    with pytest.raises((RadioIndisponible, AppareilAbsent, AppareilPerdu)):
        await pilote(radio, 2.0).mesurer(sur_echantillon=lambda _: None, delai_s=5)
    await bus.call(
        Message(
            destination="org.bluez",
            path="/org/bluezoo",
            interface="org.bluezoo.Manager1",
            member="AddAdapter",
            signature="ys",
            body=[0, ADAPTATEURS[0]],
        )
    )
    lecture, _ = await mesurer(brassard, radio, Tension(125, 80, 60))
    assert lecture.valeur(m.SYSTOLIQUE) == 125
    bus.disconnect()
    await radio.fermer()
