"""Le monde sonore : un vrai PulseAudio privé, un cœur et une voix à l'heure."""

import time

import numpy as np
import pytest
from scipy.io import wavfile
from scipy.signal import correlate, resample_poly

from borne.demonstration import son
from borne.demonstration.son import MICRO, STETHOSCOPE, MondeSonore
from borne.peripheriques.audio import Microphone

from .mesures_son import attendu, correlation, enregistrer


@pytest.fixture(scope="module")
def monde(tmp_path_factory):
    with MondeSonore(tmp_path_factory.mktemp("son")) as monde:
        yield monde


async def test_le_coeur_capte_est_celui_de_l_enregistrement(monde):
    micro = Microphone(STETHOSCOPE, serveur=monde.serveur, nom="Le stéthoscope")
    micro.demarrer()
    try:
        capte, instant = await enregistrer(micro, 3)
    finally:
        micro.arreter()
    position = monde.sondes[STETHOSCOPE].position(instant)
    marge = son.FREQUENCE // 2
    fenetre = attendu(monde.coeur, position - marge, len(capte) + 2 * marge)
    decalage = int(np.argmax(correlate(fenetre.astype(float), capte.astype(float), "valid")))
    assert correlation(fenetre[decalage : decalage + len(capte)], capte) > 0.99
    assert abs(decalage - marge) < 0.1 * son.FREQUENCE
    assert np.array_equal(fenetre[decalage : decalage + len(capte)], capte)


async def test_le_clic_de_la_voix_tombe_sur_les_secondes_paires(monde):
    micro = Microphone(MICRO, serveur=monde.serveur)
    micro.demarrer()
    try:
        capte, instant = await enregistrer(micro, 4.2)
    finally:
        micro.arreter()
    fort = np.flatnonzero(np.abs(capte.astype(int)) > 0.6 * 32767)
    debuts = fort[np.flatnonzero(np.diff(fort, prepend=-son.FREQUENCE) > son.FREQUENCE // 2)]
    phases = [(instant + debut / son.FREQUENCE) % 2 for debut in debuts]
    assert len(phases) >= 2
    assert all(min(phase, 2 - phase) < 0.1 for phase in phases), phases


def test_le_coeur_en_boucle_est_l_enregistrement_reechantillonne():
    frequence, original = wavfile.read(son.COEUR)
    boucle = son.lire_coeur()
    assert frequence == 4000
    attendue = resample_poly(original.astype(float), 12, 1)[: len(boucle)]
    assert correlation(boucle, attendue) > 0.999
    assert len(boucle) % son.MORCEAU == 0


def test_sans_synthese_la_voix_a_ses_clics(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    voix = son.fabriquer_voix(tmp_path)
    assert len(voix) == 2 * son.FREQUENCE
    assert np.abs(voix[:960]).max() > 20000
    assert not voix[960:].any()


def test_une_parole_donnee_est_jouee(tmp_path):
    parole = (3000 * np.sin(np.arange(16000 * 3) / 5)).astype(np.int16)
    wavfile.write(tmp_path / "p.wav", 16000, np.column_stack([parole, parole]))
    voix = son.fabriquer_voix(tmp_path, tmp_path / "p.wav")
    assert len(voix) == 4 * son.FREQUENCE
    assert np.abs(voix[son.FREQUENCE : 2 * son.FREQUENCE - 4000]).max() > 7000


def test_la_sonde_dit_ce_qui_joue(monde):
    relues = son.lire_sondes(monde.dossier)
    assert relues == monde.sondes
    sonde = relues[MICRO]
    assert sonde.position(sonde.origine) == 0
    assert sonde.position(sonde.origine + 1.5) == 72000
    assert sonde.origine % 2 == 0
    assert time.time() - sonde.origine < 3600


def test_un_pulseaudio_qui_ne_demarre_pas_se_dit(tmp_path, monkeypatch):
    monkeypatch.setattr(son, "OPTIONS_PULSE", ("--option-inconnue",))
    with pytest.raises(RuntimeError, match=r"pulse\.log"):
        MondeSonore(tmp_path).lancer_pulse()
