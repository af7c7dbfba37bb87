"""Les commandes d'administration et de service, comme un technicien les lance : de vrais processus."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from borne.protocole import AccuseDossier, Refusee
from borne.salle.commandes import salle
from borne.salle.stockage_sqlite import ouvrir
from tests.salle.outils import Banc, depot

LANCEUR = [sys.executable, "-c", "from borne.salle.commandes import salle; salle()"]


@asynccontextmanager
async def en_marche(racine: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Une salle dans son propre processus, et son adresse."""
    options = ["--donnees", str(racine / "donnees"), "--cles", str(racine / "cles"), "--port", "0"]
    tube = asyncio.subprocess.PIPE
    processus = await asyncio.create_subprocess_exec(*LANCEUR, "servir", *options, stdout=tube)
    try:
        assert processus.stdout is not None
        ligne = (await asyncio.wait_for(processus.stdout.readline(), 60)).decode()
        yield processus, ligne.removeprefix("Salle à l'écoute : ").strip()
    finally:
        if processus.returncode is None:
            processus.kill()
        await processus.communicate()


def lancer(racine: Path, *arguments: str) -> tuple[int, str]:
    options = ["--donnees", str(racine / "donnees"), "--cles", str(racine / "cles")]
    resultat = CliRunner().invoke(salle, [*arguments, *options])
    return resultat.exit_code, resultat.output


def test_medecins(tmp_path: Path) -> None:
    statut, sortie = lancer(tmp_path, "medecin", "ajouter", "Dr Claire Martin", "Martin")
    assert statut == 0
    premier = sortie.split(" : ")[1].strip()
    assert len(premier.replace("-", "")) == 16
    statut, sortie = lancer(tmp_path, "medecin", "ajouter", "Dr Autre", "martin")
    assert (statut, "déjà pris" in sortie) == (1, True)
    assert lancer(tmp_path, "medecin", "ajouter", " ", "x")[0] == 1
    assert premier not in lancer(tmp_path, "medecin", "renouveler", "martin")[1]
    assert lancer(tmp_path, "medecin", "lister")[1] == "martin\tDr Claire Martin\tactif\n"
    assert lancer(tmp_path, "medecin", "desactiver", "martin")[0] == 0
    assert "désactivé" in lancer(tmp_path, "medecin", "lister")[1]
    assert "Aucun médecin" in lancer(tmp_path, "medecin", "desactiver", "personne")[1]
    statut, sortie = lancer(tmp_path, "journal")
    assert statut == 0
    assert "medecin_desactive" in sortie
    assert "Claire" not in sortie
    for dossier in ("donnees", "cles"):
        assert stat.S_IMODE((tmp_path / dossier).stat().st_mode) == 0o700


def test_bornes(tmp_path: Path) -> None:
    assert "Code d'enrôlement" in lancer(tmp_path, "borne", "inviter", "Mairie")[1]
    assert lancer(tmp_path, "borne", "inviter", " ")[0] == 1
    assert lancer(tmp_path, "borne", "lister") == (0, "")
    assert "Aucune borne" in lancer(tmp_path, "borne", "revoquer", "b-1")[1]


def test_servir_refuse_clairement(tmp_path: Path) -> None:
    statut, sortie = lancer(tmp_path, "servir", "--hote", "0.0.0.0")  # noqa: S104
    assert (statut, "TLS" in sortie) == (1, True)
    statut, sortie = lancer(tmp_path, "servir", "--tls-cle", "x")
    assert (statut, "vont ensemble" in sortie) == (2, True)


async def test_administrer_une_salle_en_marche_puis_l_arreter(tmp_path: Path) -> None:
    async with (
        en_marche(tmp_path) as (processus, url),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        banc = Banc(tmp_path, session)
        banc.url, banc.stockage = url, await ouvrir(banc.donnees, banc.cles)
        banc.horloge.maintenant = time.time()
        identite = await banc.enroler()
        borne = await banc.borne(identite)
        assert (await asyncio.to_thread(lancer, tmp_path, "borne", "revoquer", identite.id))[0] == 0
        await borne.attendre(Refusee)
        assert await borne.fermeture() == 1008
        await banc.stockage.fermer()
        processus.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(processus.wait(), 30) == 0


@pytest.mark.exigence("DONNEES-DURABLE")
async def test_kill_9_juste_apres_l_accuse(tmp_path: Path) -> None:
    """Ce que la salle a accusé est dans la base, même si elle meurt à l'instant."""
    async with (
        en_marche(tmp_path) as (processus, url),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        banc = Banc(tmp_path, session)
        banc.url, banc.stockage = url, await ouvrir(banc.donnees, banc.cles)
        banc.horloge.maintenant = time.time()
        borne = await banc.borne(await banc.enroler())
        await banc.stockage.fermer()
        for numero in range(5):
            await borne.dire(depot(f"v-{numero}", os.urandom(50_000)))
            await borne.attendre(AccuseDossier, visite=f"v-{numero}")
        os.kill(processus.pid, signal.SIGKILL)
        await processus.wait()
    relu = await ouvrir(tmp_path / "donnees", tmp_path / "cles")
    assert [len(await relu.dossiers(f"v-{numero}")) for numero in range(5)] == [1] * 5
    assert await relu.verifier_journal() is None
    await relu.fermer()
