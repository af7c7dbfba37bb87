"""Microphone et haut-parleur, sur un vrai PulseAudio privé."""

import asyncio
import time

import numpy as np
import pytest
from scipy.signal import correlate

from borne.demonstration.son import HAUT_PARLEUR, MICRO, STETHOSCOPE, MondeSonore
from borne.peripheriques.audio import NIVEAU_MINIMAL_DB, HautParleur, Microphone, SonPerdu, _Horloge
from tests.demonstration.mesures_son import PATIENCE_S, bloc_suivant, correlation, enregistrer


@pytest.fixture(scope="module")
def monde(tmp_path_factory):
    with MondeSonore(tmp_path_factory.mktemp("son")) as monde:
        yield monde


@pytest.fixture
def etats():
    return []


@pytest.fixture
def stethoscope(monde, etats):
    micro = Microphone(
        STETHOSCOPE,
        serveur=monde.serveur,
        nom="Le stéthoscope",
        sur_etat=lambda etat, raison: etats.append((etat, raison)),
    )
    micro.demarrer()
    yield micro
    micro.arreter()


@pytest.fixture
async def haut_parleur(monde):
    sortie = HautParleur(HAUT_PARLEUR, serveur=monde.serveur)
    sortie.demarrer()
    await etre(sortie, "active")
    yield sortie
    sortie.arreter()


async def etre(peripherique, etat: str) -> None:
    """Attend cet état."""
    async with asyncio.timeout(PATIENCE_S):
        while peripherique.etat != etat:  # noqa: ASYNC110 - l'état vient d'un autre fil
            await asyncio.sleep(0.02)


async def perte(micro: Microphone) -> str:
    """Écoute jusqu'à ce que le micro se perde, et rend la phrase."""
    while True:
        try:
            await asyncio.wait_for(micro.prochain(), PATIENCE_S)
        except SonPerdu as erreur:
            return str(erreur)


async def test_des_blocs_dates_et_numerotes(stethoscope, etats):
    premier = await bloc_suivant(stethoscope)
    suivants = [await stethoscope.prochain() for _ in range(20)]
    assert [bloc.numero for bloc in suivants] == list(range(premier.numero + 1, premier.numero + 21))
    assert premier.echantillons.shape == (960,)
    assert premier.echantillons.dtype == np.int16
    assert not premier.echantillons.flags.writeable
    ecarts = np.diff([bloc.instant for bloc in suivants])
    assert np.median(ecarts) == pytest.approx(0.02, abs=0.005)
    assert abs(time.time() - suivants[-1].instant) < 1
    assert stethoscope.niveau > NIVEAU_MINIMAL_DB + 20
    await etre(stethoscope, "active")
    assert etats == [("ouverture", ""), ("active", "")]


async def test_un_consommateur_lent_perd_le_plus_vieux(stethoscope):
    avant = await bloc_suivant(stethoscope)
    await asyncio.sleep(1)
    apres = await stethoscope.prochain()
    assert stethoscope.pertes > 0
    assert apres.numero == avant.numero + 1 + stethoscope.pertes
    stethoscope.vider()
    recent = await stethoscope.prochain()
    assert time.time() - recent.instant < 0.5


async def test_un_stethoscope_debranche_n_ecoute_pas_le_micro(monde, stethoscope, etats):
    """Le serveur déplace le flux vers une autre entrée : c'est une perte, et le stéthoscope rebranché revient."""
    await bloc_suivant(stethoscope)
    monde.debrancher(STETHOSCOPE)
    try:
        # Sur une machine chargée, la seconde phrase a pu remplacer la première avant qu'on la lise.
        assert await perte(stethoscope) in ("Le stéthoscope n'est plus branché.", "Le stéthoscope n'est pas branché.")
        assert stethoscope.niveau == NIVEAU_MINIMAL_DB
        assert await perte(stethoscope) == "Le stéthoscope n'est pas branché."
    finally:
        monde.rebrancher(STETHOSCOPE)
    await bloc_suivant(stethoscope)
    await etre(stethoscope, "active")
    assert [etat for etat, _ in etats] == ["ouverture", "active", "perdue", "perdue", "active"]


async def test_le_serveur_de_son_meurt_et_revient(monde, stethoscope):
    await bloc_suivant(stethoscope)
    monde.tuer_pulse()
    try:
        assert "serveur de son" in await perte(stethoscope)
    finally:
        monde.lancer_pulse()
    await bloc_suivant(stethoscope)


async def test_sans_pulseaudio_utils(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    micro = Microphone("micro")
    micro.demarrer()
    try:
        with pytest.raises(SonPerdu, match="Le micro ne répond pas"):
            await micro.prochain()
    finally:
        micro.arreter()


async def test_ce_qui_est_joue_sort_en_moins_de_soixante_millisecondes(monde, haut_parleur):
    """Un bruit connu est joué au rythme d'un appel, et retrouvé tel quel dans le moniteur de la sortie."""
    moniteur = Microphone(f"{HAUT_PARLEUR}.monitor", serveur=monde.serveur)
    moniteur.demarrer()
    bruit = np.random.default_rng(5).integers(-8000, 8000, 48000, np.int16)
    try:
        await bloc_suivant(moniteur)
        moniteur.vider()
        ecoute = asyncio.create_task(enregistrer(moniteur, 2.5))
        depart = time.time()
        latences = []
        for rang in range(50):
            haut_parleur.ecrire(bruit[rang * 960 : (rang + 1) * 960])
            latences.append(haut_parleur.latence_s)
            await asyncio.sleep(max(0.0, depart + (rang + 1) * 0.02 - time.time()))
        capte, instant = await ecoute
    finally:
        moniteur.arreter()
    assert np.median(latences) < 0.06
    retrouves = [retrouver(capte, bruit[debut : debut + 4800]) for debut in range(0, 48000, 4800)]
    # Une machine chargée peut vider la sortie au début : la plupart des dixièmes de seconde sont intacts.
    assert np.median([ressemblance for ressemblance, _ in retrouves]) > 0.95
    delais = [instant - depart + (place - rang * 4800) / 48000 for rang, (_, place) in enumerate(retrouves)]
    assert -0.1 < np.median(delais) < 1


def retrouver(capte, morceau) -> tuple[float, int]:
    """(corrélation, rang) du meilleur endroit de `capte` pour ce morceau."""
    place = int(np.argmax(correlate(capte.astype(float), morceau.astype(float), "valid")))
    return correlation(capte[place : place + len(morceau)], morceau), place


async def test_trop_d_avance_est_jetee(haut_parleur):
    for _ in range(100):
        haut_parleur.ecrire(np.zeros(960, np.int16))
    assert haut_parleur.latence_s < 0.12
    assert haut_parleur.pertes > 80 * 960


async def test_le_volume(monde, haut_parleur):
    moniteur = Microphone(f"{HAUT_PARLEUR}.monitor", serveur=monde.serveur)
    moniteur.demarrer()
    haut_parleur.volume = 0.5
    try:
        await bloc_suivant(moniteur)
        ecoute = asyncio.create_task(enregistrer(moniteur, 1))
        while not ecoute.done():
            haut_parleur.ecrire(np.full(960, 10000, np.int16))
            await asyncio.sleep(0.015)
        capte, _ = await ecoute
    finally:
        moniteur.arreter()
    assert capte.max() == 5000
    haut_parleur.volume = 7
    assert haut_parleur.volume == 1.0


async def test_un_haut_parleur_debranche_est_perdu_puis_revient(monde, haut_parleur):
    monde.debrancher(HAUT_PARLEUR)
    await etre(haut_parleur, "perdue")
    assert haut_parleur.raison.startswith("Le haut-parleur n")
    avant = haut_parleur.pertes
    haut_parleur.ecrire(np.zeros(960, np.int16))
    assert haut_parleur.pertes == avant + 960
    monde.rebrancher(HAUT_PARLEUR)
    await etre(haut_parleur, "active")


async def test_arrete_puis_relance(monde):
    micro = Microphone(MICRO, serveur=monde.serveur)
    for _ in range(2):
        micro.demarrer()
        await bloc_suivant(micro)
        micro.arreter()
        assert micro.etat == "arretee"


def test_l_horloge_suit_l_arrivee_la_plus_prompte():
    horloge = _Horloge()
    arrivees = [0.02, 0.045, 0.06, 0.08, 0.11, 0.12]
    instants = [horloge.dater(arrivee, 0.02) for arrivee in arrivees]
    assert instants == pytest.approx([0, 0.02, 0.04, 0.06, 0.08, 0.1], abs=0.001)
    assert horloge.dater(5.0, 0.02) == pytest.approx(4.98)
