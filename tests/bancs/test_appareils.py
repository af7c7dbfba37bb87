"""Le banc des appareils voit ce qu'il cherche : une tâche, un fil, un descripteur, une valeur d'un autre."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from dataclasses import replace

import pytest

from borne import mesures as m
from borne.demonstration.jumeaux import JUMEAUX
from borne.mesures import Mesure
from borne.peripheriques.erreurs import AppareilPerdu
from borne.peripheriques.formats import Lecture
from tests.bancs._appareils_arrachements import Bilan, Casse, _noter
from tests.bancs._appareils_seances import Compte, Suivi, _dire_restes, _dire_seances, compter
from tests.bancs._appareils_sujets import SujetRadio

PROPRE = Compte(taches=3, fils=2, descripteurs=10, objets=50_000, memoire_o=100 << 20)


@pytest.mark.parametrize(
    ("champ", "de_plus"), [("taches", 1), ("fils", 1), ("descripteurs", 1), ("objets", 2500), ("memoire_o", 9 << 20)]
)
def test_un_reste_est_une_faute(champ: str, de_plus: int) -> None:
    assert all(_dire_restes(PROPRE, PROPRE, 1000))
    sale = replace(PROPRE, **{champ: getattr(PROPRE, champ) + de_plus})
    assert _dire_restes(PROPRE, sale, 1000).count(False) == 1


async def test_tache_fil_et_descripteur_se_comptent() -> None:
    avant = await compter()
    assez = threading.Event()
    tache = asyncio.create_task(asyncio.sleep(3600))
    fil = threading.Thread(target=assez.wait)
    fil.start()
    lu, ecrit = os.pipe()
    apres = await compter()
    restes = (apres.taches - avant.taches, apres.fils - avant.fils, apres.descripteurs - avant.descripteurs)
    assez.set()
    fil.join()
    tache.cancel()
    os.close(lu)
    os.close(ecrit)
    assert restes == (1, 1, 2)


def test_une_seance_manquee_ou_fausse_est_une_faute() -> None:
    assert _dire_seances("poids", Suivi(justes=2, durees_ms=[30.0, 31.0]), 2)
    assert not _dire_seances("poids", Suivi(justes=1, fausses=1, durees_ms=[30.0, 31.0]), 2)
    assert not _dire_seances("poids", Suivi(justes=1, durees_ms=[30.0], erreurs=Counter(perdu=1)), 2)


def test_la_valeur_d_avant_n_est_pas_juste() -> None:
    sujet = SujetRadio("poids", None, JUMEAUX["poids"]())  # type: ignore[arg-type, call-arg]
    sujet.preparer(1)
    lecture = Lecture((Mesure(m.POIDS, sujet.jumeau.etat.valeur.kg, "kg", 0.0, ""),))
    assert sujet.juste(lecture)
    sujet.preparer(2)
    assert not sujet.juste(lecture)


async def test_un_appareil_qui_ne_revient_pas_est_une_faute() -> None:
    async def perdu() -> bool:
        raise AppareilPerdu

    async def casse() -> bool:
        raise Casse("une valeur fausse")

    bilan: Bilan = Counter()
    await _noter(bilan, "poids", "eteint", perdu())
    await _noter(bilan, "poids", "eteint", casse())
    assert bilan == {("eteint", False): 2}
