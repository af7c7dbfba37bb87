"""Le son exact : décimation sans repliement ni trou, trames redondantes, mémoire de quinze secondes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from borne.protocole import TrameSon
from borne.visio.auscultation import BLOCS_GARDES, Decimateur, SonExact
from tests.visio.outils import BLOC, FREQUENCE, Bloc


def blocs(son: NDArray[np.int16]) -> NDArray[np.int16]:
    return son[: len(son) // BLOC * BLOC].reshape(-1, BLOC)


def decimer(son: NDArray[np.int16], frequence: int) -> NDArray[np.int16]:
    decimateur = Decimateur(frequence)
    return np.concatenate([decimateur.decimer(bloc) for bloc in blocs(son)])


def gain_db(frequence: int, ton_hz: float) -> float:
    instants = np.arange(3 * FREQUENCE) / FREQUENCE
    entree = 16000 * np.sin(2 * np.pi * ton_hz * instants)
    sortie = decimer(np.rint(entree).astype(np.int16), frequence)[frequence:].astype(float)
    return float(20 * np.log10(sortie.std() / (16000 / np.sqrt(2)) + 1e-12))


@pytest.mark.parametrize(("frequence", "haut"), [(4000, 1500), (8000, 3000)])
def test_bande_passante_plate(frequence: int, haut: int) -> None:
    for ton_hz in (20, 30, 100, 440, 1000, haut):
        assert abs(gain_db(frequence, ton_hz)) < 0.05


@pytest.mark.parametrize(
    ("frequence", "tons"), [(4000, (2005, 2500, 3900, 4100, 11_000)), (8000, (4010, 5000, 15_900))]
)
def test_rien_ne_se_replie(frequence: int, tons: tuple[int, ...]) -> None:
    for ton_hz in tons:
        assert gain_db(frequence, ton_hz) < -80


@pytest.mark.parametrize("frequence", [4000, 8000])
def test_phase_lineaire_et_retard_annonce(frequence: int) -> None:
    """Une impulsion ressort symétrique, au retard dit ; le découpage en blocs n'y change rien."""
    decimateur = Decimateur(frequence)
    retard = round(decimateur.retard_s * FREQUENCE)
    impulsion = np.zeros(4 * BLOC, dtype=np.int16)
    place = -(-retard // 12) * 12 + 12 * 20 - retard
    impulsion[place] = 30000
    sortie = decimer(impulsion, frequence)
    sommet = int(np.argmax(np.abs(sortie)))
    assert sommet == (place + retard) * frequence // FREQUENCE
    cote = min(sommet, len(sortie) - 1 - sommet)
    assert np.array_equal(sortie[sommet - cote : sommet][::-1], sortie[sommet + 1 : sommet + 1 + cote])
    tirage = np.random.default_rng(5).integers(-9000, 9000, 20 * BLOC).astype(np.int16)
    entier = Decimateur(frequence).decimer(tirage)
    assert np.array_equal(decimer(tirage, frequence), entier)


def test_une_frequence_etrangere_est_refusee() -> None:
    with pytest.raises(ValueError, match="ne divise pas"):
        Decimateur(7000)
    with pytest.raises(ValueError, match="bloc entier"):
        Decimateur(4000).decimer(np.zeros(955, dtype=np.int16))


def test_crete_saturee_plutot_que_retournee() -> None:
    carre = np.where(np.arange(10 * BLOC) // 60 % 2, 32767, -32768).astype(np.int16)
    sortie = decimer(carre, 4000).astype(int)
    assert sortie.max() == 32767
    assert np.abs(np.diff(np.sign(sortie[200:]))).sum() / 2 == pytest.approx(
        2 * len(sortie[200:]) * 400 / 4000, rel=0.1
    )


def ecoute(nombre: int, frequence: int = 4000, manquants: tuple[int, ...] = ()) -> tuple[SonExact, list[bytes]]:
    exact = SonExact()
    exact.ouvrir(frequence)
    tirage = np.random.default_rng(3).integers(-9000, 9000, nombre * BLOC).astype(np.int16)
    trames = []
    for rang, son in enumerate(blocs(tirage)):
        if rang not in manquants:
            resultat = exact.ajouter(Bloc(son, 100.0 + rang * 0.02, 57 + rang))
            assert resultat is not None
            trames.append(resultat[1])
    return exact, trames


@pytest.mark.parametrize(("frequence", "taille"), [(4000, 160), (8000, 320)])
def test_chaque_trame_redit_les_trois_blocs_d_avant(frequence: int, taille: int) -> None:
    _, trames = ecoute(10, frequence)
    lues = [TrameSon.decoder(octets) for octets in trames]
    assert [trame.numero for trame in lues] == list(range(10))
    assert [len(trame.blocs) for trame in lues] == [1, 2, 3, 4, 4, 4, 4, 4, 4, 4]
    assert {len(bloc) for trame in lues for bloc in trame.blocs} == {taille}
    for rang, trame in enumerate(lues):
        assert trame.blocs == tuple(lues[n].blocs[0] for n in range(rang, max(-1, rang - 4), -1))
    retard_us = round(Decimateur(frequence).retard_s * 1e6)
    assert lues[5].instant_us == pytest.approx(100_100_000 - retard_us, abs=1)


def test_un_bloc_perdu_par_la_source_laisse_un_trou() -> None:
    _, trames = ecoute(8, manquants=(3,))
    lues = {trame.numero: len(trame.blocs) for trame in map(TrameSon.decoder, trames)}
    assert lues == {0: 1, 1: 2, 2: 3, 4: 1, 5: 2, 6: 3, 7: 4}


def test_quinze_secondes_se_redemandent_puis_s_oublient() -> None:
    exact, trames = ecoute(BLOCS_GARDES + 10)
    numero = exact.ecoute
    exact.clore()
    rendus = [TrameSon.decoder(octets) for octets in exact.rappeler(numero, [0, 9, 10, 400, 99_999])]
    assert [trame.numero for trame in rendus] == [10, 400]
    assert rendus[1].blocs == TrameSon.decoder(trames[400]).blocs[:1]
    assert list(exact.rappeler(numero + 1, [400])) == []
    assert exact.ouvrir(8000) == numero + 1
    assert list(exact.rappeler(numero, [400])) == []
    exact.oublier()
    assert exact.ajouter(Bloc(np.zeros(BLOC, dtype=np.int16), 0.0, 1)) is None
