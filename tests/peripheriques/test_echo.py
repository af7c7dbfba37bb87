"""L'écho de la voix annulé sur un vrai PulseAudio, dans une pièce simulée ; jamais le stéthoscope."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate

from borne.demonstration.son import HAUT_PARLEUR, MICRO, STETHOSCOPE, MondeSonore
from borne.peripheriques.audio import HautParleur, Microphone, SonPerdu
from borne.peripheriques.echo import SORTIE, SOURCE, AnnulationEcho
from tests.bancs._voix_piece import Piece, parole
from tests.demonstration.mesures_son import PATIENCE_S

MORCEAU = 480


@pytest.fixture
def monde(tmp_path: Path) -> Iterator[MondeSonore]:
    with MondeSonore(tmp_path, patient=False) as monde:
        yield monde


@pytest.fixture
def piece(monde: MondeSonore) -> Iterator[Piece]:
    with Piece(monde) as piece:
        yield piece


@pytest.fixture
async def voix(monde: MondeSonore, piece: Piece) -> AsyncIterator[tuple[AnnulationEcho, Microphone, HautParleur]]:
    """Le micro et le haut-parleur de la voix, à travers l'annulation, comme la borne les ouvre."""
    echo = AnnulationEcho(MICRO, HAUT_PARLEUR, monde.serveur)
    micro = Microphone(echo.micro, serveur=monde.serveur)
    sortie = HautParleur(echo.haut_parleur, serveur=monde.serveur)
    echo.rouvrir_micro, echo.rouvrir_haut_parleur = micro.rouvrir, sortie.rouvrir
    sortie.demarrer()
    micro.demarrer()
    await attendre(lambda: echo.active and micro.etat == sortie.etat == "active")
    yield echo, micro, sortie
    micro.arreter()
    sortie.arreter()
    echo.fermer()


async def attendre(vrai: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not vrai():  # noqa: ASYNC110 - l'état vient d'un autre fil
            await asyncio.sleep(0.02)


def jouer(sortie: HautParleur, son: NDArray[np.int16]) -> None:
    """Tout le son, au rythme de la carte (dans un fil)."""
    for debut in range(0, len(son), MORCEAU):
        while not sortie.attendre(0.5):
            pass
        sortie.ecrire(son[debut : debut + MORCEAU])


async def capter(micro: Microphone, secondes: float) -> NDArray[np.int16]:
    micro.vider()
    blocs = [(await micro.prochain()).echantillons for _ in range(int(secondes / 0.02))]
    return np.concatenate(blocs)


def decibels(son: NDArray[np.int16]) -> float:
    return float(10 * np.log10(np.mean(son.astype(float) ** 2) + 1e-9))


def _medecin(dossier: Path, secondes: float) -> NDArray[np.int16]:
    phrase = parole("Bonjour. Depuis quand avez-vous mal ? Respirez bien fort.", "fr", 2500, dossier)
    return np.resize(phrase, int(secondes * 48000) // MORCEAU * MORCEAU).astype(np.int16)


async def test_l_echo_du_medecin_ne_lui_revient_pas(voix, piece: Piece, tmp_path: Path) -> None:
    _, micro, sortie = voix
    jeu = asyncio.create_task(asyncio.to_thread(jouer, sortie, _medecin(tmp_path, 7.0)))
    await asyncio.sleep(3.0)
    debut = len(piece.capte)
    recu = await capter(micro, 3.0)
    brut = np.concatenate(piece.capte[debut:])
    await jeu
    assert decibels(brut) > 45
    assert decibels(brut) - decibels(recu) > 15


async def test_le_patient_s_entend_toujours_pendant_que_le_medecin_parle(voix, piece: Piece, tmp_path: Path) -> None:
    _, micro, sortie = voix
    patient = parole("Depuis hier soir. Je suis essoufflé dans l'escalier, et je dors mal.", "fr+f3", 2500, tmp_path)
    jeu = asyncio.create_task(asyncio.to_thread(jouer, sortie, _medecin(tmp_path, 7.0)))
    await asyncio.sleep(2.0)
    piece.dire(patient)
    recu = (await capter(micro, 1.0 + len(patient) / 48000)).astype(float)
    await jeu
    produits = np.abs(correlate(recu, patient, "valid", "fft"))
    debut = int(np.argmax(produits))
    entendu = recu[debut : debut + len(patient)]
    assert 20 * np.log10(float(entendu @ patient) / float(patient @ patient)) > -9


async def test_jamais_le_stethoscope(monde, voix, tmp_path: Path) -> None:
    """Pendant que l'annulation travaille, le stéthoscope reste celui du fichier, échantillon par échantillon."""
    _, _, sortie = voix
    stethoscope = Microphone(STETHOSCOPE, serveur=monde.serveur, nom="Le stéthoscope")
    stethoscope.demarrer()
    await attendre(lambda: stethoscope.etat == "active")
    jeu = asyncio.create_task(asyncio.to_thread(jouer, sortie, _medecin(tmp_path, 3.0)))
    recu = await capter(stethoscope, 1.0)
    await jeu
    stethoscope.arreter()
    boucle = np.concatenate([monde.coeur, monde.coeur]).tobytes()
    # Par blocs de 100 ms : la machine d'essai, chargée, peut en perdre un morceau, jamais en changer un.
    exacts = [boucle.find(bloc.tobytes()) >= 0 for bloc in recu.reshape(-1, 4800)]
    assert sum(exacts) >= 7


async def test_micro_debranche_puis_revenu_l_annulation_revient(monde, voix) -> None:
    echo, micro, sortie = voix
    monde.debrancher(MICRO)
    await attendre(lambda: micro.etat == "perdue")
    with pytest.raises(SonPerdu):
        await micro.prochain()
    await attendre(lambda: sortie.etat == "active")
    assert not echo.active
    # L'annulation n'a pas glissé vers une autre source : le stéthoscope ne peut pas devenir le micro.
    assert SOURCE not in monde._pactl("list", "short", "sources")
    monde.rebrancher(MICRO)
    await attendre(lambda: micro.etat == sortie.etat == "active" and echo.active)


async def test_sans_haut_parleur_le_micro_reste_brut(monde) -> None:
    monde.debrancher(HAUT_PARLEUR)
    echo = AnnulationEcho(MICRO, HAUT_PARLEUR, monde.serveur)
    assert (echo.micro(), echo.haut_parleur(), echo.active) == (MICRO, HAUT_PARLEUR, False)
    monde.rebrancher(HAUT_PARLEUR)
    assert (echo.micro(), echo.haut_parleur(), echo.active) == (SOURCE, SORTIE, True)
    echo.fermer()
    assert SOURCE not in monde._pactl("list", "short", "sources")


def test_serveur_de_son_arrete_dit_une_fois(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    echo = AnnulationEcho(MICRO, HAUT_PARLEUR, f"unix:{tmp_path}/absent")
    assert (echo.micro(), echo.haut_parleur()) == (MICRO, HAUT_PARLEUR)
    assert caplog.text.count("L'écho n'est pas annulé") == 1
    echo.fermer()
