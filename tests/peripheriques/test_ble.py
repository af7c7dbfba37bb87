"""Le transport Bluetooth : ce qui est refusé, occupé, coupé, imposé ; et l'agent d'appairage sur un vrai D-Bus."""

# Pas d'annotations différées ici : dbus-fast lit les types des méthodes exportées.
import asyncio
from pathlib import Path

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.annotations import DBusObjectPath, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method

from borne.demonstration.brassard import NOM, BrassardVirtuel
from borne.demonstration.radio import backends
from borne.peripheriques.agent_bluez import AgentBluez
from borne.peripheriques.ble import Delais, Radio, Signalement
from borne.peripheriques.erreurs import (
    AppairageRefuse,
    AppareilAbsent,
    AppareilPerdu,
    RadioIndisponible,
    TrameInvalide,
)

TENSION = Signalement("1810")


async def test_sans_appairage_l_abonnement_est_refuse(brassard: BrassardVirtuel, radio: Radio) -> None:
    appareil = await radio.chercher(TENSION, delai_s=5)
    async with radio.relier(appareil, TENSION, appairer=False) as liaison:
        assert await liaison.lire("2A24") == b"Brassard virtuel"
        assert await liaison.lire("2A49") is None
        assert await liaison.lire("2A35") is None
        assert await liaison.lire("2AFF") is None
        assert not await liaison.ecrire("2A08", bytes(7))
        assert not await liaison.abonner("2AFF", print)
        with pytest.raises(AppairageRefuse):
            await liaison.abonner("2A35", print)
    assert await brassard.nombre_appairages() == 0


async def test_coupure_pendant_une_operation(brassard: BrassardVirtuel, radio: Radio) -> None:
    appareil = await radio.chercher(TENSION, delai_s=5)
    async with radio.relier(appareil, TENSION) as liaison:
        assert await liaison.lire("2A49") == bytes.fromhex("2700")
        await brassard.eteindre()
        await asyncio.wait_for(liaison.coupee.wait(), 5)
        with pytest.raises(AppareilPerdu):
            await liaison.lire("2A49")
        with pytest.raises(AppareilPerdu):
            await liaison.abonner("2A35", print)


async def test_eteint_entre_l_annonce_et_la_liaison(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    balayeur, client = backends(brassard.adresse_hci, tmp_path)
    radio = Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=0.5))
    appareil = await radio.chercher(TENSION, delai_s=5)
    async with radio.relier(appareil, TENSION):
        pass
    await brassard.eteindre()
    with pytest.raises(AppareilAbsent):
        async with radio.relier(appareil, TENSION):
            pass
    # Éteint n'est pas « clés perdues » : l'appairage est gardé des deux côtés.
    assert "borne" in (tmp_path / "cles.json").read_text()
    assert await brassard.nombre_appairages() == 1


async def test_balayage_deja_en_cours(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    balayeur, client = backends(brassard.adresse_hci, tmp_path)
    radio = Radio(backend_scanner=balayeur, backend_client=client)
    autre = BleakScanner(backend=balayeur)
    await autre.start()
    recherche = asyncio.create_task(radio.chercher(TENSION, delai_s=10))
    await asyncio.sleep(0.2)
    assert not recherche.done()
    await autre.stop()
    assert (await recherche).name == NOM


async def test_deux_recherches_a_la_fois(brassard: BrassardVirtuel, radio: Radio) -> None:
    trouves = await asyncio.gather(radio.chercher(TENSION, delai_s=5), radio.chercher(TENSION, delai_s=5))
    assert {appareil.name for appareil in trouves} == {NOM}


async def test_silence_apres_une_seance(brassard: BrassardVirtuel, radio: Radio) -> None:
    """Il annonce encore : ignoré tant que dure son silence, puis repris, même si son annonce n'a pas cessé."""
    appareil = await radio.chercher(TENSION, delai_s=5)
    radio.taire(appareil.address, 1.0)
    with pytest.raises(AppareilAbsent):
        await radio.chercher(TENSION, delai_s=0.3)
    assert (await radio.chercher(TENSION, delai_s=10)).address == appareil.address


async def test_annonces_guettees(brassard: BrassardVirtuel, radio: Radio) -> None:
    vues: list[str | None] = []

    def troisieme(_appareil: BLEDevice, annonce: AdvertisementData) -> int | None:
        vues.append(annonce.local_name)
        return len(vues) if len(vues) == 3 else None

    assert await radio.guetter(TENSION, troisieme, delai_s=10) == 3
    assert vues == [NOM] * 3

    def abimee(_appareil: BLEDevice, _annonce: AdvertisementData) -> None:
        raise TrameInvalide

    with pytest.raises(TrameInvalide):
        await radio.guetter(TENSION, abimee, delai_s=10)
    with pytest.raises(AppareilAbsent):
        await radio.guetter(Signalement("181D"), troisieme, delai_s=0.2)


async def test_reconnu_par_son_nom_ou_son_adresse(brassard: BrassardVirtuel, radio: Radio) -> None:
    par_nom = await radio.chercher(Signalement("1809", ("BORNE-",)), delai_s=5)
    par_adresse = await radio.chercher(Signalement("1809", adresse=par_nom.address.lower()), delai_s=5)
    assert par_adresse.address == par_nom.address
    for autre in (Signalement("1809"), Signalement("1810", adresse="F0:00:00:00:00:01")):
        with pytest.raises(AppareilAbsent):
            await radio.chercher(autre, delai_s=0.3)


async def test_une_liaison_a_la_fois_par_appareil(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    """Le technicien sonde le brassard pendant qu'un patient s'en sert : il attend son tour, les deux réussissent."""
    balayeur, client = backends(brassard.adresse_hci, tmp_path)
    radio = Radio(backend_scanner=balayeur, backend_client=client)
    appareil = await radio.chercher(TENSION, delai_s=5)
    ordre: list[str] = []

    async def servir(nom: str) -> None:
        async with radio.relier(appareil, TENSION) as liaison:
            ordre.append(f"{nom} commence")
            assert await liaison.lire("2A49")
            ordre.append(f"{nom} finit")

    await asyncio.gather(servir("patient"), servir("technicien"))
    assert ordre == ["patient commence", "patient finit", "technicien commence", "technicien finit"]


async def test_un_appairage_oublie_se_refait(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    balayeur, client = backends(brassard.adresse_hci, tmp_path)
    radio = Radio(backend_scanner=balayeur, backend_client=client)
    appareil = await radio.chercher(TENSION, delai_s=5)
    async with radio.relier(appareil, TENSION):
        pass
    await radio.oublier(appareil)
    assert appareil.address not in (tmp_path / "cles.json").read_text()
    appareil = await radio.chercher(TENSION, delai_s=5)
    async with radio.relier(appareil, TENSION) as liaison:
        assert await liaison.lire("2A49")


# --- agent BlueZ ---


class GestionnaireAgents(ServiceInterface):
    """org.bluez.AgentManager1, tel que BlueZ l'offre : note l'agent inscrit."""

    def __init__(self) -> None:
        super().__init__("org.bluez.AgentManager1")
        self.inscrits: list[tuple[str, str]] = []

    @dbus_method()
    def RegisterAgent(self, agent: DBusObjectPath, capability: DBusStr) -> None:
        self.inscrits.append((agent, capability))

    @dbus_method()
    def RequestDefaultAgent(self, agent: DBusObjectPath) -> None:
        assert agent == self.inscrits[-1][0]


class Infirmiere:
    """Elle lit un code à la borne, et en tape un autre."""

    def __init__(self, tape: str | None) -> None:
        self.lus: list[str] = []
        self._tape = tape

    def montrer_code(self, code: str) -> None:
        self.lus.append(code)

    async def demander_code(self) -> str | None:
        return self._tape


async def _agent_devant(bluez: MessageBus, infirmiere: Infirmiere | None) -> tuple[AgentBluez, GestionnaireAgents]:
    gestionnaire = GestionnaireAgents()
    bluez.export("/org/bluez", gestionnaire)
    await bluez.request_name("org.bluez")
    agent = AgentBluez(infirmiere)
    await agent.assurer()
    return agent, gestionnaire


async def _demander(
    bluez: MessageBus, agent: AgentBluez, membre: str, signature: str, corps: list[object]
) -> Message:
    reponse = await bluez.call(
        Message(
            destination=agent.nom_unique,
            path="/org/borne/agent",
            interface="org.bluez.Agent1",
            member=membre,
            signature=signature,
            body=corps,
        )
    )
    assert reponse is not None
    return reponse


@pytest.mark.usefixtures("bus_systeme")
async def test_agent_avec_quelqu_un_pour_le_code() -> None:
    bluez = await MessageBus(bus_type=BusType.SYSTEM).connect()
    infirmiere = Infirmiere(tape="0042")
    agent, gestionnaire = await _agent_devant(bluez, infirmiere)
    assert gestionnaire.inscrits == [("/org/borne/agent", "KeyboardDisplay")]
    appareil = "/org/bluez/hci0/dev_1"
    for saisis in (0, 1, 2):
        await _demander(bluez, agent, "DisplayPasskey", "ouq", [appareil, 7, saisis])
    await _demander(bluez, agent, "DisplayPinCode", "os", [appareil, "0000"])
    await _demander(bluez, agent, "RequestConfirmation", "ou", [appareil, 123456])
    assert infirmiere.lus == ["000007", "0000", "123456"]
    assert (await _demander(bluez, agent, "RequestPasskey", "o", [appareil])).body == [42]
    assert (await _demander(bluez, agent, "RequestPinCode", "o", [appareil])).body == ["0042"]
    await agent.fermer()
    bluez.disconnect()


@pytest.mark.usefixtures("bus_systeme")
@pytest.mark.parametrize(
    "infirmiere", [None, Infirmiere(tape=None), Infirmiere(tape="1000000"), Infirmiere(tape="4²")]
)
async def test_agent_sans_code_refuse(infirmiere: Infirmiere | None) -> None:
    bluez = await MessageBus(bus_type=BusType.SYSTEM).connect()
    agent, _ = await _agent_devant(bluez, infirmiere)
    reponse = await _demander(bluez, agent, "RequestPasskey", "o", ["/org/bluez/hci0/dev_1"])
    assert (reponse.message_type, reponse.error_name) == (MessageType.ERROR, "org.bluez.Error.Rejected")
    await agent.fermer()
    bluez.disconnect()


@pytest.mark.usefixtures("bus_systeme")
async def test_agent_inscrit_et_accepte() -> None:
    bluez = await MessageBus(bus_type=BusType.SYSTEM).connect()
    gestionnaire = GestionnaireAgents()
    bluez.export("/org/bluez", gestionnaire)
    await bluez.request_name("org.bluez")
    agent = AgentBluez()
    await agent.assurer()
    await agent.assurer()
    assert gestionnaire.inscrits == [("/org/borne/agent", "NoInputNoOutput")]
    assert agent.nom_unique is not None
    for membre, signature, corps in (
        ("RequestAuthorization", "o", ["/org/bluez/hci0/dev_1"]),
        ("RequestConfirmation", "ou", ["/org/bluez/hci0/dev_1", 123456]),
        ("AuthorizeService", "os", ["/org/bluez/hci0/dev_1", "1810"]),
        ("Cancel", "", []),
        ("Release", "", []),
    ):
        reponse = await bluez.call(
            Message(
                destination=agent.nom_unique,
                path="/org/borne/agent",
                interface="org.bluez.Agent1",
                member=membre,
                signature=signature,
                body=corps,
            )
        )
        assert reponse is not None
        assert reponse.message_type is MessageType.METHOD_RETURN
    await agent.fermer()
    await agent.fermer()
    bluez.disconnect()
    await bluez.wait_for_disconnect()


@pytest.mark.usefixtures("bus_systeme")
async def test_bus_sans_bluez() -> None:
    with pytest.raises(RadioIndisponible):
        await AgentBluez().assurer()
    with pytest.raises(RadioIndisponible):
        await Radio().chercher(TENSION, delai_s=5)


async def test_sans_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/absent")
    with pytest.raises(RadioIndisponible):
        await AgentBluez().assurer()
    with pytest.raises(RadioIndisponible):
        await Radio().chercher(TENSION, delai_s=5)
