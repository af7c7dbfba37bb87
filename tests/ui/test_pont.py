"""Le pont : la boucle dans son fil, la plus récente valeur, les gestes portés."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from borne.parcours.evenements import BorneRedemarree, Evenement
from borne.parcours.visite import Visite
from borne.ui.direct import EtatDirect
from borne.ui.pont import BoucleAsyncio, Pont


@pytest.fixture
def boucle() -> Iterator[BoucleAsyncio]:
    essai = BoucleAsyncio()
    essai.demarrer()
    yield essai
    essai.arreter()


def test_un_geste_arrive_dans_le_fil_de_la_boucle(qtbot: QtBot, boucle: BoucleAsyncio) -> None:
    recus: list[tuple[Evenement, str]] = []
    arrive = threading.Event()

    def recevoir(evenement: Evenement) -> None:
        recus.append((evenement, threading.current_thread().name))
        arrive.set()

    pont = Pont(boucle.boucle, recevoir)
    geste = BorneRedemarree(instant=1.0)
    pont.emettre(geste)
    assert arrive.wait(10)
    assert recus == [(geste, "boucle-asyncio")]


def test_les_visites_arrivent_toutes_dans_l_ordre_et_dans_le_fil_de_qt(qtbot: QtBot, boucle: BoucleAsyncio) -> None:
    pont = Pont(boucle.boucle, lambda evenement: None)
    recues: list[tuple[int, threading.Thread]] = []
    pont.visite_changee.connect(lambda visite: recues.append((visite.revision, threading.current_thread())))

    async def publier() -> None:
        for revision in range(50):
            pont.publier_visite(Visite(revision=revision))

    boucle.lancer(publier()).result(10)
    qtbot.waitUntil(lambda: len(recues) == 50, timeout=10_000)
    assert [revision for revision, _ in recues] == list(range(50))
    assert {fil for _, fil in recues} == {threading.main_thread()}


def test_seule_la_plus_recente_valeur_est_livree(qtbot: QtBot, boucle: BoucleAsyncio) -> None:
    pont = Pont(boucle.boucle, lambda evenement: None)
    directs: list[float | None] = []
    images: list[object] = []
    patients: list[object] = []
    pont.direct_change.connect(lambda direct: directs.append(direct.niveau_son))
    pont.image_medecin.connect(images.append)
    pont.image_patient.connect(patients.append)

    async def deposer() -> None:
        for valeur in range(100):
            pont.deposer_direct(EtatDirect(niveau_son=float(valeur)))
            pont.deposer_image_medecin(valeur)
        pont.deposer_image_patient(None)

    # L'interface est occupée ici : elle ne traite rien avant que tout soit déposé.
    boucle.lancer(deposer()).result(10)
    qtbot.waitUntil(lambda: bool(patients), timeout=10_000)
    assert (directs, images, patients) == ([99.0], [99], [None])


def test_arreter_annule_les_taches_et_ferme(boucle: BoucleAsyncio) -> None:
    finie = threading.Event()

    async def attendre() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            finie.set()

    tache = boucle.lancer(attendre())
    boucle.lancer(asyncio.sleep(0)).result(10)
    boucle.arreter()
    assert finie.is_set()
    assert tache.cancelled()
    assert boucle.boucle.is_closed()
    boucle.arreter()


def test_emettre_apres_l_arret_est_sans_effet(qtbot: QtBot, boucle: BoucleAsyncio) -> None:
    recus: list[Evenement] = []
    pont = Pont(boucle.boucle, recus.append)
    boucle.arreter()
    pont.emettre(BorneRedemarree(instant=1.0))
    assert recus == []
