"""Écrêtage, gain et niveau appris : sur des sons fabriqués, dont on sait tout."""

import numpy as np
import pytest

from borne.peripheriques.niveaux import (
    CarnetNiveaux,
    CompteurEcretage,
    NiveauAppris,
    NiveauIncertain,
    NiveauxIllisibles,
    amplifier,
    apprendre,
)

FREQUENCE = 48000


def sinus(amplitude: float, duree_s: float = 2.0, hz: float = 100.0) -> np.ndarray:
    temps = np.arange(int(duree_s * FREQUENCE)) / FREQUENCE
    return np.clip(np.rint(amplitude * np.sin(2 * np.pi * hz * temps)), -32768, 32767).astype(np.int16)


def compte_de_reference(son: np.ndarray) -> tuple[int, int]:
    """(suites d'au moins trois, échantillons de ces suites), à la main."""
    episodes = total = suite = 0
    for valeur in [*son.tolist(), 0]:
        if abs(valeur) >= 32760:
            suite += 1
            continue
        if suite >= 3:
            episodes, total = episodes + 1, total + suite
        suite = 0
    return episodes, total


@pytest.mark.parametrize("graine", range(20))
def test_l_ecretage_se_compte_pareil_quel_que_soit_le_decoupage(graine):
    hasard = np.random.default_rng(graine)
    son = hasard.choice([0, 32767, -32768, 32760, 32759], size=600, p=[0.3, 0.3, 0.2, 0.1, 0.1]).astype(np.int16)
    compteur = CompteurEcretage(FREQUENCE)
    coupes = np.sort(hasard.integers(0, len(son), 80))
    for bloc in np.split(son, coupes):
        compteur.compter(bloc)
    episodes, total = compte_de_reference(son)
    assert compteur.lu.episodes == episodes
    assert compteur.lu.duree_s * FREQUENCE == pytest.approx(total)
    assert compteur.lu.ecoute_s == len(son) / FREQUENCE


def test_un_sinus_trop_fort_ecrete_deux_fois_par_periode_et_juste_dessous_jamais():
    compteur = CompteurEcretage(FREQUENCE)
    compteur.compter(sinus(32700))
    assert compteur.lu.episodes == 0
    compteur.compter(sinus(60000, duree_s=1, hz=50))
    assert compteur.lu.episodes == 100
    compteur.remettre()
    assert (compteur.lu.episodes, compteur.lu.ecoute_s) == (0, 0)


def test_sans_gain_le_son_est_le_meme_au_bit_pres_et_avec_il_est_borne():
    son = sinus(20000)
    assert amplifier(son, 0.0) is son
    assert np.array_equal(amplifier(np.array([100, -100], np.int16), 20.0), [1000, -1000])
    assert np.array_equal(amplifier(np.array([30000, -30000], np.int16), 20.0), [32767, -32768])
    assert not amplifier(son, 6.0).flags.writeable


def test_le_niveau_appris_met_les_passages_forts_a_la_cible_sans_ecreter():
    faible = apprendre("steth", sinus(500), FREQUENCE, 1.0)
    assert faible.niveau_db == pytest.approx(20 * np.log10(500 / 32768 / np.sqrt(2)), abs=0.1)
    assert faible.niveau_db + faible.gain_db == pytest.approx(-24, abs=0.1)
    fort = apprendre("steth", sinus(25000), FREQUENCE, 1.0)
    assert fort.gain_db < -15
    # Une crête isolée borne le gain.
    pointe = sinus(50)
    pointe[1000] = 16384
    assert apprendre("steth", pointe, FREQUENCE, 1.0).gain_db == pytest.approx(3.02, abs=0.1)


@pytest.mark.parametrize(
    ("son", "mot"),
    [(sinus(60000), "écrêté"), (np.zeros(FREQUENCE, np.int16), "muet"), (sinus(500, duree_s=0.1), "court")],
)
def test_un_son_qui_n_apprend_rien_est_refuse(son, mot):
    with pytest.raises(NiveauIncertain, match=mot):
        apprendre("steth", son, FREQUENCE, 1.0)


def test_le_carnet_garde_chaque_source_et_survit_a_l_abime(tmp_path):
    chemin = tmp_path / "niveaux.json"
    carnet = CarnetNiveaux(chemin)
    assert carnet.lire() == {}
    un = NiveauAppris("a", -40.0, -70.0, -20.0, 12.0, 1.0)
    deux = NiveauAppris("b", -30.0, -70.0, -10.0, 6.0, 2.0)
    carnet.garder(un)
    carnet.garder(deux)
    assert CarnetNiveaux(chemin).lire() == {"a": un, "b": deux}
    for abime in ("pas du json", '{"a": {"gain_db": 99}}', '{"a": {"source": "a"}}'):
        chemin.write_text(abime)
        with pytest.raises(NiveauxIllisibles, match="autotest"):
            carnet.lire()
    carnet.garder(un)
    assert carnet.lire() == {"a": un}
