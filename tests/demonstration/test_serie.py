"""Les appareils à fil virtuels dans leur processus : la borne meurt, se relance, et les retrouve ; chaque ordre."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from borne import mesures as m
from borne.demonstration.ordres import OrdreInvalide
from borne.demonstration.prise import AppareilSerieVirtuel
from borne.demonstration.serie import CommandeSerie, modele_neuf
from borne.peripheriques.appareils.oxymetre_serie import OxymetreSerie, ProfilOxymetreSerie
from borne.peripheriques.composition_ticket import Texte
from borne.peripheriques.impression import PapierManquant
from borne.peripheriques.imprimante_tickets import ImprimanteTickets, ReglageTickets
from borne.peripheriques.serie import Serie

Ordonner = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def ordonner(tmp_path: Path) -> AsyncIterator[Ordonner]:
    processus = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "borne.demonstration.serie", "--racine", str(tmp_path)),
        *("oxymetre=cms50-v7", "ponctuel=nonin-13", "badge=lecteur", "tickets=imprimante"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert processus.stdout is not None
    port = json.loads(await asyncio.wait_for(processus.stdout.readline(), 60))["port_commande"]
    lecteur, ecrivain = await asyncio.open_connection("127.0.0.1", port)

    async def ordonner(appareil: str, nom: str, **champs: object) -> dict[str, Any]:
        ecrivain.write(json.dumps({"appareil": appareil, "ordre": nom, **champs}).encode() + b"\n")
        reponse: dict[str, Any] = json.loads(await lecteur.readline())
        return reponse

    yield ordonner
    await ordonner("", "fin")
    ecrivain.close()
    assert await asyncio.wait_for(processus.wait(), 30) == 0
    assert os.listdir(tmp_path) == []


MESURER = """
import asyncio, sys
from pathlib import Path
from borne.peripheriques.appareils.oxymetre_serie import OxymetreSerie, ProfilOxymetreSerie
from borne.peripheriques.serie import Serie
oxymetre = OxymetreSerie(Serie(Path(sys.argv[1])), ProfilOxymetreSerie("oxymetre", "cms50-v7", stabilite_s=600))
asyncio.run(oxymetre.mesurer(sur_echantillon=lambda e: print(e.nature, flush=True), delai_s=900))
"""


async def test_la_borne_tuee_retrouve_ses_appareils(tmp_path: Path, ordonner: Ordonner) -> None:
    """Tuée au milieu d'une mesure (elle n'a rien rendu, rien arrêté), elle remesure aussitôt."""
    tuee = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", MESURER, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert tuee.stdout is not None
    while (await asyncio.wait_for(tuee.stdout.readline(), 60)).strip() != m.SPO2.encode():
        pass
    os.kill(tuee.pid, signal.SIGKILL)
    await tuee.wait()
    assert (await ordonner("oxymetre", "valeurs", spo2=93, pouls=88))["ok"]
    serie = Serie(tmp_path)
    oxymetre = OxymetreSerie(serie, ProfilOxymetreSerie("oxymetre", "cms50-v7", stabilite_s=0.3))
    lecture = await oxymetre.mesurer(sur_echantillon=lambda _: None)
    assert (lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == (93.0, 88.0)
    await ordonner("oxymetre", "debrancher")
    assert serie.ports() == ("badge", "ponctuel", "tickets")
    assert not (await ordonner("oxymetre", "etat"))["branche"]
    await ordonner("oxymetre", "brancher")
    assert (await oxymetre.sonder()).repond
    tickets = ImprimanteTickets(serie, ReglageTickets("tickets"))
    assert await tickets.imprimer((Texte("Bonjour"),))
    assert (await ordonner("tickets", "tickets"))["tickets"] == ["Bonjour"]
    await ordonner("tickets", "papier", lignes=0)
    with pytest.raises(PapierManquant):
        await tickets.imprimer((Texte("Encore"),))


@pytest.mark.parametrize(
    ("appareil", "ordre", "champs", "bon"),
    [
        ("oxymetre", "conduite", {"valeur": "doigt_retire"}, True),
        ("oxymetre", "ligne", {"bruit": 0.01, "perte": 0.01, "coupe": 0.5}, True),
        ("ponctuel", "memoriser", {"spo2": 81, "pouls": 140, "age_s": 60}, True),
        ("badge", "presenter", {"code": "42"}, True),
        ("tickets", "capot", {"ouvert": True}, True),
        ("oxymetre", "conduite", {"valeur": "danser"}, False),
        ("oxymetre", "valeurs", {"spo2": "haut"}, False),
        ("oxymetre", "presenter", {"code": "42"}, False),
        ("tickets", "conduite", {}, False),
        ("badge", "papier", {}, False),
        ("inconnu", "brancher", {}, False),
    ],
)
async def test_les_ordres(appareil: str, ordre: str, champs: dict[str, Any], bon: bool) -> None:
    branches = {"oxymetre": "cms50-v7", "ponctuel": "nonin-13", "badge": "lecteur", "tickets": "imprimante"}
    commande = CommandeSerie(
        {nom: AppareilSerieVirtuel(Path("/nulle-part"), nom, modele_neuf(modele)) for nom, modele in branches.items()}
    )
    demande = {"appareil": appareil, "ordre": ordre, **champs}
    if bon:
        assert await commande.executer(demande) == {}
    else:
        with pytest.raises(OrdreInvalide):
            await commande.executer(demande)
