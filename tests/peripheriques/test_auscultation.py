"""L'auscultation : le bon rythme ou aucun, une qualité qui baisse quand le son se gâte, un conseil qui a ses mots."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import wavfile

from borne.peripheriques.auscultation import Analyse, AnalyseContinue, analyser, qualite_poumon
from borne.peripheriques.auscultation import resultat as cles
from borne.peripheriques.auscultation.spectre import reechantillonner
from borne.ui.textes import Textes
from tests.bancs import _auscultation_sons as sons
from tests.bancs._auscultation_donnees import adultes, bpm_de, dossier, enregistrements, fenetres, lire

RACINE = Path(__file__).parents[2]
COEURS = sorted((RACINE / "tests" / "donnees" / "coeur").glob("*.tsv"))
CONSEILS = [cles.APPUYER, cles.BRUIT, cles.DEPLACER, cles.FROTTEMENT, cles.SATURE]
RIEN = np.zeros(0, dtype=np.int16)


def _coeur(rang: int = 1) -> NDArray[np.int16]:
    return lire(COEURS[rang].with_suffix(".wav")).son


@pytest.mark.parametrize("chemin", COEURS, ids=lambda chemin: chemin.stem)
def test_le_rythme_d_un_extrait_annote(chemin: Path) -> None:
    prise = lire(chemin.with_suffix(".wav"))
    ((_, vrai),) = fenetres(prise.segments, prise.duree_s)
    analyse = analyser(prise.son, prise.frequence_hz)
    assert analyse.bpm == pytest.approx(vrai, abs=3)


def test_un_enregistrement_douteux_ne_montre_rien_et_donne_un_conseil() -> None:
    frequence, son = wavfile.read(RACINE / "tests" / "donnees" / "coeur" / "49638_PV.wav")
    analyse = analyser(son, frequence)
    assert analyse.bpm is None
    assert analyse.qualite < 0.5
    assert analyse.conseil in CONSEILS


@pytest.mark.skipif(dossier() is None, reason="shared/donnees est absent : les autres enregistrements ne sont pas là")
def test_quinze_enregistrements_et_les_adultes() -> None:
    montres = []
    for prise in [prise for prise in enregistrements() if fenetres(prise.segments, prise.duree_s)][::10][:15]:
        debut, vrai = fenetres(prise.segments, prise.duree_s)[0]
        montres.append((analyser(prise.extrait(debut), prise.frequence_hz).bpm, vrai))
    for adulte in adultes():
        analyse = analyser(adulte.son[: 10 * adulte.frequence_hz], adulte.frequence_hz)
        montres.append((analyse.bpm, bpm_de(adulte.ondes_s[adulte.ondes_s < 10])))
    surs = [(trouve, vrai) for trouve, vrai in montres if trouve is not None]
    assert len(surs) >= 0.7 * len(montres)
    assert max(abs(trouve - vrai) for trouve, vrai in surs) < 5


@pytest.mark.parametrize("frequence", [1000, 2000, 8000, 11025, 44100, 48000])
def test_toute_frequence_d_echantillonnage_dit_le_meme_rythme(frequence: int) -> None:
    attendu = analyser(_coeur(), 4000).bpm
    son = sons.entiers(reechantillonner(_coeur().astype(np.float64), 4000, frequence))
    trouve = analyser(son, frequence).bpm
    assert attendu is not None
    assert trouve == pytest.approx(attendu, abs=1)


@pytest.mark.parametrize("gain", [0.02, 0.2])
def test_le_gain_ne_change_pas_le_rythme(gain: float) -> None:
    attendu = analyser(_coeur(), 4000).bpm
    assert analyser(sons.entiers(_coeur() * gain), 4000).bpm == pytest.approx(attendu, abs=1)


@pytest.mark.parametrize("nom", [*sons.DEFAUTS, "ecretage"])
def test_un_defaut_baisse_la_qualite(nom: str) -> None:
    hasard = np.random.default_rng(5)
    for chemin in COEURS:
        son = lire(chemin.with_suffix(".wav")).son
        if nom == "ecretage":
            gate = sons.ecreter(son, 0.05)
        else:
            gate = sons.ajouter(son, sons.DEFAUTS[nom](len(son), 4000, hasard), -5.0)
        assert analyser(gate, 4000).qualite < analyser(son, 4000).qualite


def test_le_conseil_suit_le_defaut() -> None:
    hasard = np.random.default_rng(5)
    assert analyser(sons.ecreter(_coeur(), 0.1), 4000).conseil == cles.SATURE
    assert analyser(sons.ajouter(_coeur(), sons.parole(40000, 4000, hasard), -5.0), 4000).conseil == cles.BRUIT
    assert analyser(sons.ajouter(_coeur(), sons.rose(40000, 4000, hasard), -5.0), 4000).conseil == cles.BRUIT
    assert analyser(np.zeros(40000, dtype=np.int16), 4000) == Analyse(None, 0.0, cles.APPUYER)


def test_du_bruit_seul_ne_montre_aucun_rythme() -> None:
    hasard = np.random.default_rng(6)
    for nom, defaut in sons.DEFAUTS.items():
        bruit = defaut(40000, 4000, hasard)
        analyse = analyser(sons.entiers(bruit * 3000 / bruit.std()), 4000)
        assert analyse.bpm is None, nom
        assert analyse.qualite < 0.5, nom


@pytest.mark.parametrize("frequence", [1000, 1001, 4000, 7919, 48000])
def test_aucun_son_ne_fait_tomber_l_analyse(frequence: int) -> None:
    hasard = np.random.default_rng(frequence)
    for duree in (0, 1, 7, frequence // 3, 3 * frequence, 3 * frequence + 1, 16 * frequence):
        vides = [np.full(duree, valeur, dtype=np.int16) for valeur in (0, 1, -1, 32767, -32768)]
        bruits = hasard.integers(-32768, 32768, duree).astype(np.int16)
        impulsion = np.zeros(duree, dtype=np.int16)
        impulsion[duree // 2 : duree // 2 + 1] = 32767
        for son in (*vides, bruits, np.sign(bruits), impulsion, np.where(bruits > 0, 32767, -32768).astype(np.int16)):
            for analyse in (analyser(son, frequence), qualite_poumon(son, frequence)):
                assert 0 <= analyse.qualite <= 1
                assert analyse.bpm is None
                assert analyse.conseil is None or analyse.conseil in CONSEILS


def test_un_son_d_une_autre_forme_est_refuse() -> None:
    for fonction in (analyser, qualite_poumon):
        for son, frequence in ((RIEN, 999), (RIEN, 48001), (RIEN.reshape(0, 2), 4000), (np.zeros(9), 4000)):
            with pytest.raises(ValueError, match=r"son est une suite|fréquence d'échantillonnage"):
                fonction(son, frequence)  # type: ignore[arg-type]


@pytest.mark.parametrize("cle", CONSEILS)
def test_chaque_conseil_a_ses_mots(cle: str) -> None:
    textes = Textes(RACINE / "config" / "textes")
    for mots in (textes.dire(cle), textes.dire(f"{cle}-infirmiere")):
        for phrase in mots.replace("!", ".").split("."):
            assert len(phrase.split()) <= 12


def _souffle(hasard: np.random.Generator) -> NDArray[np.float64]:
    """Une respiration : bruit de 100 à 800 Hz, seize cycles par minute."""
    bruit = sons.sosfilt(sons.butter(2, [100, 800], "band", fs=8000, output="sos"), hasard.standard_normal(80000))
    return bruit * (0.15 + np.abs(np.sin(np.pi * np.arange(80000) / 8000 * 16 / 60)))


def test_le_poumon_est_juge_sans_rythme() -> None:
    hasard = np.random.default_rng(3)
    souffle = sons.entiers(_souffle(hasard) * 3000)
    net = qualite_poumon(souffle, 8000)
    assert (net.bpm, net.conseil) == (None, None)
    assert net.qualite > 0.8
    assert qualite_poumon(sons.entiers(_souffle(hasard)), 8000).conseil == cles.APPUYER
    assert qualite_poumon(sons.ecreter(souffle, 0.05), 8000).conseil == cles.SATURE
    assert qualite_poumon(sons.ajouter(souffle, sons.parole(80000, 8000, hasard), -6.0), 8000).conseil == cles.BRUIT


def test_l_analyse_continue_annonce_puis_se_tait() -> None:
    annonces: list[Analyse] = []
    arrivee = threading.Event()

    def annoncer(analyse: Analyse) -> None:
        annonces.append(analyse)
        arrivee.set()

    continue_ = AnalyseContinue(4000, annoncer)
    for bloc in np.array_split(_coeur(), 100):
        continue_.ajouter(bloc)
    assert arrivee.wait(20)
    continue_.fermer()
    assert annonces[0].qualite > 0
    avant = len(annonces)
    continue_.ajouter(_coeur())
    assert len(annonces) == avant
    assert not any(fil.name == "auscultation" for fil in threading.enumerate())


def test_un_pavillon_deplace_oublie_le_son_d_avant() -> None:
    tailles: list[int] = []
    deux = threading.Semaphore(0)

    def analyse(son: NDArray[np.int16], frequence_hz: int) -> Analyse:
        tailles.append(len(son))
        return Analyse(None, 0.0, None)

    continue_ = AnalyseContinue(1000, lambda _: deux.release(), analyse)
    continue_.ajouter(np.ones(9000, dtype=np.int16))
    assert deux.acquire(timeout=20)
    continue_.vider()
    continue_.ajouter(np.ones(2000, dtype=np.int16))
    continue_.ajouter(np.ones(2000, dtype=np.int16))
    assert deux.acquire(timeout=20)
    continue_.fermer()
    assert tailles == [9000, 4000]
