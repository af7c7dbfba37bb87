"""Chaque pilote Bluetooth de bout en bout : vrai bleak, vraie pile des deux côtés, appareils virtuels, sans matériel.

Un seul monde virtuel pour tout le module : les appareils y vivent ensemble, comme dans une borne.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from borne import mesures as m
from borne.demonstration.glucometre import GlucometreVirtuel
from borne.demonstration.jumeau import Jumeau
from borne.demonstration.jumeaux import MondeBluetooth
from borne.demonstration.radio import backends
from borne.mesures import Echantillon
from borne.peripheriques.appareils.balance_annonce import BalanceAnnonce
from borne.peripheriques.appareils.cardiofrequencemetre import Cardiofrequencemetre, ProfilFrequence
from borne.peripheriques.appareils.contrat import Appareil, Etape
from borne.peripheriques.appareils.glucometre import Glucometre, ProfilGlucometre
from borne.peripheriques.appareils.oxymetre import Oxymetre, ProfilOxymetre
from borne.peripheriques.appareils.pese_personne import PesePersonne, ProfilBalance
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.thermometre import Thermometre
from borne.peripheriques.ble import Delais, Radio
from borne.peripheriques.erreurs import DelaiDepasse, HorlogeDecalee, MesureAncienne, MesureImpossible, TrameInvalide
from borne.peripheriques.simulation.comportement import Comportement, EtatJumeau
from borne.peripheriques.simulation.courbes import Glycemie, Poids, Saturation, Temperature

pytestmark = pytest.mark.asyncio(loop_scope="module")

HIER_S = 86_400.0
MONDE = ("temperature", "saturation", "saturation_continue", "nonin", "jumper", "poids", "poids_annonce", "glycemie")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def monde(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MondeBluetooth]:
    """Tous les appareils, qui mesurent en un tiers de seconde."""
    tous = MondeBluetooth((*MONDE, "frequence"), duree_s=0.3, cadence_hz=20, delai_bouton_s=0.02)
    await tous.demarrer()
    yield tous
    await tous.fermer()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def radio(monde: MondeBluetooth, tmp_path_factory: pytest.TempPathFactory) -> Radio:
    """La radio de la borne, la même pour tous ses pilotes."""
    dossier: Path = tmp_path_factory.mktemp("cles")
    balayeur, client = backends(monde.adresse_hci, dossier)
    return Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=5.0))


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def propres(monde: MondeBluetooth) -> AsyncIterator[None]:
    """Chaque essai rend les appareils tels qu'il les a trouvés."""
    yield
    for jumeau in monde.jumeaux.values():
        jumeau.etat.memoire.clear()
        jumeau.etat.faute = ""
        jumeau.etat.ecart_horloge_s = 0.0
        await jumeau.conduire(Comportement.NORMAL)
        if isinstance(jumeau, GlucometreVirtuel):
            # Deux essais tiennent dans une seconde, la finesse de ses dates.
            jumeau.registre.clear()


def pilote(nom: str, monde: MondeBluetooth, radio: Radio) -> Any:
    """Le pilote de cet appareil virtuel, impatient."""
    adresse = monde.jumeaux[nom].IDENTITE.adresse
    oxymetre = ProfilOxymetre(adresse=adresse, stabilite_s=0.4, appairer=nom != "jumper")
    match nom:
        case "temperature":
            return Thermometre(radio)
        case "poids":
            return PesePersonne(radio, ProfilBalance(attente_suite_s=0.05))
        case "poids_annonce":
            return BalanceAnnonce(radio)
        case "glycemie":
            return Glucometre(radio, ProfilGlucometre(relance_s=0.05, reprendre=False))
        case "frequence":
            return Cardiofrequencemetre(radio, ProfilFrequence(duree_s=0.4))
        case _:
            return Oxymetre(radio, oxymetre)


def rien(_echantillon: Echantillon) -> None:
    """Personne ne regarde."""


@pytest.mark.parametrize(
    ("nom", "attendues"),
    [
        ("temperature", {m.TEMPERATURE: 37.2}),
        ("saturation", {m.SPO2: 97.0, m.FREQUENCE_CARDIAQUE: 68.0, m.INDICE_PERFUSION: 4.2}),
        ("saturation_continue", {m.SPO2: 97.0, m.FREQUENCE_CARDIAQUE: 68.0, m.INDICE_PERFUSION: 4.2}),
        ("nonin", {m.SPO2: 97.0, m.FREQUENCE_CARDIAQUE: 68.0, m.INDICE_PERFUSION: 4.2}),
        ("jumper", {m.SPO2: 97.0, m.FREQUENCE_CARDIAQUE: 68.0, m.INDICE_PERFUSION: 4.2}),
        ("poids", {m.POIDS: 72.4}),
        ("poids_annonce", {m.POIDS: 72.4}),
        ("glycemie", {m.GLYCEMIE_MASSE: 0.00098}),
        ("frequence", {m.FREQUENCE_CARDIAQUE: 72.0}),
    ],
)
async def test_mesure_complete(nom: str, attendues: dict[str, float], monde: MondeBluetooth, radio: Radio) -> None:
    jumeau: Jumeau[Any] = monde.jumeaux[nom]
    appareil = pilote(nom, monde, radio)
    assert isinstance(appareil, Appareil)
    vivantes: list[Echantillon] = []
    etapes: list[Etape] = []
    lecture = await appareil.mesurer(sur_echantillon=vivantes.append, sur_etat=etapes.append, delai_s=15)
    assert {mesure.code: mesure.valeur for mesure in lecture.mesures} == pytest.approx(attendues)
    assert all(mesure.instant > 0 and mesure.appareil for mesure in lecture.mesures)
    assert etapes[0] is Etape.RECHERCHE
    assert Etape.ATTENTE in etapes
    assert {e.nature for e in vivantes} <= {*appareil.guide.vivantes}
    assert bool(vivantes) is bool(appareil.guide.vivantes)
    assert all(e.instant > 0 for e in vivantes)
    # La balance qui diffuse s'entendait déjà quand un autre pilote balayait.
    assert appareil.en_memoire == () or nom == "poids_annonce"
    assert not jumeau.relie


@pytest.mark.parametrize(
    ("nom", "ancienne"),
    [
        ("temperature", Temperature(39.9)),
        ("saturation", Saturation(81, 120)),
        ("poids", Poids(140.0)),
        ("glycemie", Glycemie(3.1)),
    ],
)
async def test_mesures_d_un_autre_jamais_attribuees(
    nom: str, ancienne: Any, monde: MondeBluetooth, radio: Radio
) -> None:
    etat: EtatJumeau[Any] = monde.jumeaux[nom].etat
    etat.memoriser(ancienne, age_s=HIER_S)
    appareil = pilote(nom, monde, radio)
    vivantes: list[Echantillon] = []
    fautes: list[str] = []
    lecture = await appareil.mesurer(sur_echantillon=vivantes.append, sur_faute=fautes.append, delai_s=15)
    assert len(appareil.en_memoire) == 1
    autre = appareil.en_memoire[0].mesures[0].valeur
    assert autre not in (None, lecture.mesures[0].valeur)
    # Ni retenue, ni seulement montrée.
    assert autre not in [e.valeur for e in vivantes if e.nature == lecture.mesures[0].code]
    assert fautes == []


@pytest.mark.parametrize("nom", ["temperature", "saturation", "poids", "glycemie"])
async def test_memoire_seule(nom: str, monde: MondeBluetooth, radio: Radio) -> None:
    jumeau = monde.jumeaux[nom]
    jumeau.etat.memoriser(jumeau.etat.valeur, age_s=HIER_S)
    await jumeau.conduire(Comportement.MEMOIRE_SEULE)
    appareil = pilote(nom, monde, radio)
    with pytest.raises(MesureAncienne):
        await appareil.mesurer(sur_echantillon=rien, delai_s=15)
    assert len(appareil.en_memoire) >= 1


@pytest.mark.parametrize(
    ("nom", "faute", "dite"),
    [
        ("temperature", "sonde-mal-placee", "sonde-mal-placee"),
        ("saturation", "doigt-bouge", "doigt-bouge"),
        ("poids", "descendu-trop-tot", "pesee-manquee"),
        ("glycemie", "goutte-insuffisante", "goutte-insuffisante"),
        ("glycemie", "solution-de-controle", "solution-de-controle"),
    ],
)
async def test_sans_valeur_la_faute_est_dite(
    nom: str, faute: str, dite: str, monde: MondeBluetooth, radio: Radio
) -> None:
    jumeau = monde.jumeaux[nom]
    jumeau.etat.faute = faute
    await jumeau.conduire(Comportement.COUPER_APRES)
    appareil = pilote(nom, monde, radio)
    with pytest.raises(MesureImpossible) as echec:
        await appareil.mesurer(sur_echantillon=rien, delai_s=15)
    assert echec.value.faute == dite
    assert dite in appareil.guide.fautes


@pytest.mark.parametrize("nom", ["temperature", "poids", "glycemie"])
async def test_trame_tronquee(nom: str, monde: MondeBluetooth, radio: Radio) -> None:
    await monde.jumeaux[nom].conduire(Comportement.TRAME_TRONQUEE)
    with pytest.raises(TrameInvalide):
        await pilote(nom, monde, radio).mesurer(sur_echantillon=rien, delai_s=15)


async def test_nee_pendant_la_seance_mais_datee_d_hier(monde: MondeBluetooth, radio: Radio) -> None:
    await monde.jumeaux["glycemie"].conduire(Comportement.HORLOGE_EN_RETARD)
    with pytest.raises(HorlogeDecalee):
        await pilote("glycemie", monde, radio).mesurer(sur_echantillon=rien, delai_s=15)


async def test_horloge_reglee_par_date_time_ou_par_current_time(monde: MondeBluetooth, radio: Radio) -> None:
    for nom in ("temperature", "poids"):
        etat = monde.jumeaux[nom].etat
        etat.ecart_horloge_s = -7200.0
        appareil = pilote(nom, monde, radio)
        assert abs((await appareil.sonder(delai_s=10)).ecart_horloge_s + 7200) < 5
        await appareil.mesurer(sur_echantillon=rien, delai_s=15)
        assert abs(etat.ecart_horloge_s) < 5
        assert appareil.batterie == 87


async def test_horloge_en_avance_la_premiere_mesure_est_ambigue(monde: MondeBluetooth, radio: Radio) -> None:
    """Datée par la nouvelle heure, ou d'avant par l'ancienne, qui avançait ? La suivante ne laisse pas de doute."""
    monde.jumeaux["poids"].etat.ecart_horloge_s = 7200.0
    balance = pilote("poids", monde, radio)
    with pytest.raises(HorlogeDecalee):
        await balance.mesurer(sur_echantillon=rien, delai_s=15)
    assert (await balance.mesurer(sur_echantillon=rien, delai_s=15)).valeur(m.POIDS) == pytest.approx(72.4)


async def test_abonnements_oublies_par_le_lecteur(monde: MondeBluetooth, radio: Radio) -> None:
    """0xFD : le système se croit abonné, le lecteur a oublié ; les abonnements sont refaits, puis la demande."""
    jumeau = monde.jumeaux["glycemie"]

    def sur_etat(etape: Etape) -> None:
        if etape is Etape.ATTENTE:
            jumeau.gatt.vider()

    lecture = await pilote("glycemie", monde, radio).mesurer(sur_echantillon=rien, sur_etat=sur_etat, delai_s=15)
    assert lecture.valeur(m.GLYCEMIE_MASSE) == pytest.approx(0.00098)


async def test_demande_deja_en_cours_dans_le_lecteur(monde: MondeBluetooth, radio: Radio) -> None:
    """0xFE : une demande d'avant court encore ; elle est abandonnée, et la nôtre refaite."""
    jumeau = monde.jumeaux["glycemie"]
    jumeau.etat.memoriser(Glycemie(3.1), age_s=HIER_S)

    def sur_etat(etape: Etape) -> None:
        if etape is Etape.ATTENTE:
            jumeau._procedure = jumeau.accompagner(asyncio.sleep(60))

    appareil = pilote("glycemie", monde, radio)
    lecture = await appareil.mesurer(sur_echantillon=rien, sur_etat=sur_etat, delai_s=15)
    assert lecture.valeur(m.GLYCEMIE_MASSE) == pytest.approx(0.00098)
    assert jumeau._procedure.done()


async def test_silence_apres_la_mesure(monde: MondeBluetooth, radio: Radio) -> None:
    thermometre = Thermometre(radio, Profil(silence_s=1.0))
    await thermometre.mesurer(sur_echantillon=rien, delai_s=15)
    servies = monde.jumeaux["temperature"].etat.mesures_commencees
    assert not (await thermometre.sonder(delai_s=0.4)).repond
    await thermometre.mesurer(sur_echantillon=rien, delai_s=15)
    assert monde.jumeaux["temperature"].etat.mesures_commencees == servies + 1


async def test_le_silence_de_qui_dort_n_est_pas_une_panne(monde: MondeBluetooth, radio: Radio) -> None:
    """Un appareil qui n'annonce qu'après la mesure ne répond jamais la nuit : il ne doit pas fermer la borne."""
    await monde.jumeaux["temperature"].conduire(Comportement.ABSENT)
    endormi = await Thermometre(radio, Profil(dort=True)).sonder(delai_s=0.3)
    assert (endormi.repond, endormi.faute) == (False, "endormi")
    assert (await Thermometre(radio).sonder(delai_s=0.3)).faute == "absent"


async def test_pesee_sans_fin_n_est_pas_rendue(monde: MondeBluetooth, radio: Radio) -> None:
    monde.jumeaux["poids_annonce"].etat.faute = "descendu-trop-tot"
    with pytest.raises(DelaiDepasse):
        await BalanceAnnonce(radio).mesurer(sur_echantillon=rien, delai_s=0.8)


async def test_reprise_d_un_appareil_qui_raccroche(monde: MondeBluetooth, radio: Radio) -> None:
    """Le lecteur a raccroché sans mesure neuve : il est attendu de nouveau, et la goutte finit par venir."""
    jumeau = monde.jumeaux["glycemie"]
    jumeau.etat.memoriser(Glycemie(3.1), age_s=HIER_S)
    await jumeau.conduire(Comportement.MEMOIRE_SEULE)
    reprises = asyncio.Queue[None]()

    def sur_etat(etape: Etape) -> None:
        if etape is Etape.RECHERCHE:
            reprises.put_nowait(None)

    lecteur = Glucometre(radio, ProfilGlucometre(relance_s=0.05))
    mesure = asyncio.create_task(lecteur.mesurer(sur_echantillon=rien, sur_etat=sur_etat, delai_s=20))
    await reprises.get()
    await reprises.get()
    await jumeau.conduire(Comportement.NORMAL)
    assert (await mesure).valeur(m.GLYCEMIE_MASSE) == pytest.approx(0.00098)
