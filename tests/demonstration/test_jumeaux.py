"""Les appareils Bluetooth virtuels, vus d'une borne nue : ce qu'ils refusent, leur repos, leurs ordres, leur RACP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from borne.demonstration.commande import Commande
from borne.demonstration.glucometre import GlucometreVirtuel
from borne.demonstration.jumeaux import JUMEAUX, MondeBluetooth
from borne.demonstration.ordres import OrdreInvalide
from borne.demonstration.radio import backends
from borne.peripheriques.ble import Delais, Liaison, Radio, Signalement
from borne.peripheriques.erreurs import AppairageRefuse, AppareilAbsent, AppareilPerdu
from borne.peripheriques.formats import decoder
from borne.peripheriques.simulation.comportement import Comportement, Phase
from borne.peripheriques.simulation.courbes import Glycemie

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def monde() -> AsyncIterator[MondeBluetooth]:
    """Tous les appareils, qui ne mesurent que si l'on presse leur bouton."""
    tous = MondeBluetooth(duree_s=0.02, cadence_hz=200.0, delai_bouton_s=0.0)
    await tous.demarrer()
    for jumeau in tous.jumeaux.values():
        jumeau.mesure_a_l_abonnement = False
    yield tous
    await tous.fermer()


@pytest.fixture
def radio(monde: MondeBluetooth, tmp_path: Path) -> Radio:
    """Une borne neuve, sans clés."""
    balayeur, client = backends(monde.adresse_hci, tmp_path)
    return Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=10.0))


def signalement(nom: str) -> Signalement:
    return Signalement("FFFF", adresse=JUMEAUX[nom].IDENTITE.adresse)


# --- annonces et liaisons ---


async def test_au_repos_rien_ne_part(monde: MondeBluetooth, radio: Radio) -> None:
    """Une annonce que personne n'écoute ne part pas : ni minuterie, ni tour de boucle."""
    await radio.chercher(signalement("tension"), delai_s=10)
    while any(not c.name.startswith("borne") and c.le_legacy_advertiser.timer_handle for c in _controleurs(monde)):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert [c.le_legacy_advertiser.enabled for c in _controleurs(monde)].count(True) == len(JUMEAUX) - 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


def _controleurs(monde: MondeBluetooth) -> list:  # type: ignore[type-arg]
    return list(monde.lien.lien.controllers)


async def test_chacun_dit_son_service(monde: MondeBluetooth, radio: Radio) -> None:
    for nom, classe in JUMEAUX.items():
        if classe.IDENTITE.services:
            trouve = await radio.chercher(Signalement(classe.IDENTITE.services[0], adresse=None), delai_s=10)
            assert trouve.address in {autre.IDENTITE.adresse for autre in JUMEAUX.values()}, nom


async def test_une_seule_borne_a_la_fois(monde: MondeBluetooth, radio: Radio, tmp_path: Path) -> None:
    appareil = await radio.chercher(signalement("temperature"), delai_s=10)
    balayeur, client = backends(monde.adresse_hci, tmp_path / "autre")
    autre = Radio(backend_scanner=balayeur, backend_client=client)
    async with radio.relier(appareil, signalement("temperature")):
        with pytest.raises(AppareilAbsent):
            await autre.chercher(signalement("temperature"), delai_s=0.3)
    await autre.chercher(signalement("temperature"), delai_s=10)


async def test_sans_chiffrement_rien_ne_se_lit(radio: Radio) -> None:
    """LE mode 1 niveau 2 : le contenu et les abonnements sont refusés, l'identité et la pile ne le sont pas."""
    appareil = await radio.chercher(signalement("glycemie"), delai_s=10)
    async with radio.relier(appareil, signalement("glycemie"), appairer=False) as liaison:
        assert await liaison.lire("2A24") == "Glucomètre virtuel".encode()
        assert await liaison.lire("2A19") == bytes([87])
        assert await liaison.lire("2A51") is None
        assert not await liaison.ecrire("2A52", b"\x01\x06")
        with pytest.raises(AppairageRefuse):
            await liaison.abonner("2A18", print)


async def test_on_ne_se_relie_pas_a_une_annonce_seule(monde: MondeBluetooth, tmp_path: Path) -> None:
    jumeau = monde.jumeaux["poids_annonce"]
    balayeur, client = backends(monde.adresse_hci, tmp_path)
    radio = Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=0.3))
    jumeau.duree_s = 60.0
    jumeau.presser()
    try:
        vue = await radio.guetter(signalement("poids_annonce"), _annonce, delai_s=10)
        assert len(vue[1].service_data["0000181d-0000-1000-8000-00805f9b34fb"]) == 10
        with pytest.raises((AppareilAbsent, AppareilPerdu, AppairageRefuse)):
            async with radio.relier(vue[0], signalement("poids_annonce"), appairer=False):
                pass
    finally:
        jumeau.duree_s = 0.02
        await jumeau.eteindre()
        await jumeau.allumer()


def _annonce(appareil: BLEDevice, annonce: AdvertisementData) -> tuple[BLEDevice, AdvertisementData]:
    return appareil, annonce


async def test_silence_apres_une_seance(monde: MondeBluetooth, radio: Radio) -> None:
    jumeau = monde.jumeaux["poids"]
    jumeau.silence_s, jumeau.mesure_a_l_abonnement = 600.0, True
    recues: list[bytes] = []
    try:
        appareil = await radio.chercher(signalement("poids"), delai_s=10)
        async with radio.relier(appareil, signalement("poids")) as liaison:
            await liaison.abonner("2A9D", recues.append)
            await jusqua(lambda: jumeau.phase is Phase.RENDU)
        with pytest.raises(AppareilAbsent):
            await radio.chercher(signalement("poids"), delai_s=0.3)
    finally:
        jumeau.silence_s, jumeau.mesure_a_l_abonnement = 0.0, False
        await jumeau.allumer()
    await radio.chercher(signalement("poids"), delai_s=10)


async def test_le_bouton_commence_la_mesure(monde: MondeBluetooth, radio: Radio) -> None:
    jumeau, recues = monde.jumeaux["temperature"], list[bytes]()
    jumeau.presser()
    appareil = await radio.chercher(signalement("temperature"), delai_s=10)
    async with radio.relier(appareil, signalement("temperature")) as liaison:
        await liaison.abonner("2A1C", recues.append)
        assert not jumeau.mesure_en_cours
        jumeau.presser()
        await jusqua(lambda: recues)
    assert decoder("2A1C", recues[0]).mesures[0].valeur == 37.2


async def test_heure_refusee(monde: MondeBluetooth, radio: Radio) -> None:
    """Une date qui n'existe pas n'est pas retenue, ni aucune par une horloge dont la pile est morte."""
    jumeau = monde.jumeaux["temperature"]
    appareil = await radio.chercher(signalement("temperature"), delai_s=10)
    async with radio.relier(appareil, signalement("temperature")) as liaison:
        assert not await liaison.ecrire("2A08", bytes.fromhex("e8070d01000000"))
        assert not await liaison.ecrire("2A08", bytes(7))
        assert await liaison.ecrire("2A08", bytes.fromhex("e8070101000000"))
        assert jumeau.etat.ecart_horloge_s < 0
        lue = decoder("2A08", await liaison.lire("2A08") or b"").instant
        assert lue is not None
        assert (lue.annee, lue.mois, lue.jour) == (2024, 1, 1)
        jumeau.etat.ecart_horloge_s = 0.0
        jumeau.etat.comportement = Comportement.HORLOGE_EN_RETARD
        assert not await liaison.ecrire("2A08", bytes.fromhex("e8070101000000"))
        jumeau.etat.comportement = Comportement.NORMAL


async def jusqua(condition: object) -> None:
    """Attend qu'une condition soit vraie."""
    assert callable(condition)
    while not condition():  # noqa: ASYNC110 (les jumeaux n'ont pas d'événement à offrir)
        await asyncio.sleep(0.005)


# --- RACP ---


class Dialogue:
    """Une liaison au glucomètre : demander, et recueillir numéros et réponse."""

    def __init__(self, liaison: Liaison) -> None:
        self._liaison = liaison
        self._numeros: list[int] = []
        self._reponses: asyncio.Queue[bytes] = asyncio.Queue()

    async def abonner(self) -> None:
        await self._liaison.abonner(
            "2A18", lambda octets: self._numeros.append(int.from_bytes(octets[1:3], "little"))
        )
        await self._liaison.abonner("2A52", self._reponses.put_nowait)

    async def demander(self, demande: str) -> tuple[list[int], str]:
        self._numeros.clear()
        assert await self._liaison.demander("2A52", bytes.fromhex(demande)) == 0
        reponse = await asyncio.wait_for(self._reponses.get(), 10)
        return list(self._numeros), reponse.hex()


@pytest_asyncio.fixture(loop_scope="module")
async def glucometre(monde: MondeBluetooth, radio: Radio) -> AsyncIterator[tuple[GlucometreVirtuel, Liaison]]:
    """Le glucomètre relié et chiffré, quatre mesures en mémoire."""
    jumeau = monde.jumeaux["glycemie"]
    assert isinstance(jumeau, GlucometreVirtuel)
    jumeau.vider()
    for jour in (3, 1, 2, 4):
        jumeau.etat.memoriser(Glycemie(0.9 + jour / 100), jour * 86_400)
    appareil = await radio.chercher(signalement("glycemie"), delai_s=10)
    async with radio.relier(appareil, signalement("glycemie")) as liaison:
        yield jumeau, liaison


async def test_racp_sans_abonnement_puis_deux_demandes_de_front(
    glucometre: tuple[GlucometreVirtuel, Liaison],
) -> None:
    _, liaison = glucometre
    assert await liaison.demander("2A52", b"\x01\x06") == 0xFD
    dialogue = Dialogue(liaison)
    await dialogue.abonner()
    codes = await asyncio.gather(liaison.demander("2A52", b"\x01\x01"), liaison.demander("2A52", b"\x04\x01"))
    assert sorted(codes) in ([0, 0xFE], [0, 0])


@pytest.mark.parametrize(
    ("demande", "numeros", "reponse"),
    [
        ("0101", [1, 2, 3, 4], "06000101"),
        ("0105", [1], "06000101"),
        ("0106", [4], "06000101"),
        ("0103010300", [3, 4], "06000101"),
        ("0102010200", [1, 2], "06000101"),
        ("01040102000300", [2, 3], "06000101"),
        ("0103010900", [], "06000106"),
        ("0401", [], "05000400"),
        ("0403010300", [], "05000200"),
        ("0300", [], "06000301"),
        ("0201", [], "06000202"),
        ("0100", [], "06000103"),
        ("0107", [], "06000104"),
        ("0106aa", [], "06000105"),
        ("01030103", [], "06000105"),
        ("01040103000200", [], "06000105"),
        ("0103020300", [], "06000109"),
        ("01", [], "06000102"),
    ],
)
async def test_racp(
    glucometre: tuple[GlucometreVirtuel, Liaison], demande: str, numeros: list[int], reponse: str
) -> None:
    dialogue = Dialogue(glucometre[1])
    await dialogue.abonner()
    assert await dialogue.demander(demande) == (numeros, reponse)


async def test_le_registre_est_dans_l_ordre_des_dates(glucometre: tuple[GlucometreVirtuel, Liaison]) -> None:
    jumeau, liaison = glucometre
    dialogue = Dialogue(liaison)
    await dialogue.abonner()
    await dialogue.demander("0101")
    dates = [garde.instant for garde in jumeau.registre]
    assert dates == sorted(date for date in dates if isinstance(date, datetime))


# --- ordres ---


async def test_ordres(monde: MondeBluetooth) -> None:
    commande = Commande(monde)
    assert (await commande.executer({"ordre": "appareils"}))["appareils"] == sorted(JUMEAUX)
    await commande.executer({"ordre": "valeurs", "appareil": "saturation", "spo2": 91, "perfusion": 0.4})
    etat = monde.jumeaux["saturation"].etat
    assert (etat.valeur.spo2, etat.valeur.pouls, etat.valeur.perfusion) == (91, 68, 0.4)
    await commande.executer({"ordre": "faute", "appareil": "saturation", "valeur": "main-froide"})
    assert (await commande.executer({"ordre": "etat", "appareil": "saturation"}))["faute"] == "main-froide"
    await commande.executer({"ordre": "faute", "appareil": "saturation"})
    await commande.executer({"ordre": "batterie", "appareil": "poids", "valeur": 9})
    await commande.executer({"ordre": "horloge", "appareil": "poids", "ecart_s": -60})
    assert (monde.jumeaux["poids"].etat.batterie, monde.jumeaux["poids"].etat.ecart_horloge_s) == (9, -60.0)
    await commande.executer({"ordre": "appairer_ailleurs", "appareil": "nonin"})
    assert not monde.jumeaux["nonin"].mode_appairage
    await commande.executer({"ordre": "mode_appairage", "appareil": "nonin"})
    await commande.executer({"ordre": "arracher_piles", "appareil": "jumper"})
    assert not monde.jumeaux["jumper"].allume
    await commande.executer({"ordre": "comportement", "appareil": "jumper", "valeur": "normal"})
    await commande.executer({"ordre": "retirer"})
    await commande.executer({"ordre": "remettre"})


@pytest.mark.parametrize(
    "ordre",
    [
        {"ordre": "presser", "appareil": "grille-pain"},
        {"ordre": "faute", "appareil": "poids", "valeur": "main-froide"},
        {"ordre": "batterie", "appareil": "poids", "valeur": 101},
        {"ordre": "valeurs", "appareil": "poids", "kg": "lourd"},
        {"ordre": "valeurs", "appareil": "tension", "pouls": 66.5},
    ],
)
async def test_ordres_refuses(monde: MondeBluetooth, ordre: dict[str, object]) -> None:
    with pytest.raises(OrdreInvalide):
        await Commande(monde).executer(ordre)
