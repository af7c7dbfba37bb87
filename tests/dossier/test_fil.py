"""Le fil du dossier : la boucle asyncio ne se fige pas, l'ordre est gardé, les erreurs reviennent."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from borne.dossier.archives import Archives
from borne.dossier.erreurs import ArchivesOccupees, DossierClos, EmpreinteDifferente, VisiteInconnue
from borne.dossier.fil import ArchivesAsync, Fil
from tests.dossier.conftest import CORPS, VISITE, fichiers


async def ouvrir(racine: Path) -> ArchivesAsync:
    return await ArchivesAsync.demarrer(lambda: Archives(racine / "donnees", racine / "cles"))


@pytest.mark.exigence("DONNEES-DURABLE")
async def test_une_visite_entiere_depuis_asyncio(tmp_path: Path) -> None:
    archives = await ouvrir(tmp_path)
    dossier = await archives.creer(VISITE)
    rangs = await asyncio.gather(*(dossier.ajouter("X", 1, float(n), CORPS) for n in range(50)))
    assert rangs == list(range(1, 51))
    assert [e.instant for e in await dossier.evenements()] == [float(n) for n in range(50)]
    await dossier.ajouter_document("d", "d.pdf", b"%PDF")
    assert await dossier.document("d") == b"%PDF"
    assert len(await dossier.documents()) == 1
    assert await dossier.mesures() == []
    await archives.fermer()

    archives = await ouvrir(tmp_path)
    assert await archives.visite_ouverte() == VISITE
    dossier = await archives.ouvrir(VISITE)
    empreinte = await archives.clore(VISITE)
    assert empreinte == await dossier.empreinte()
    assert b'"documents"' in await dossier.exporter()
    with pytest.raises(DossierClos):
        await dossier.ajouter("X", 1, 0.0, b"{}")
    assert [a.visite for a in await archives.a_transmettre()] == [VISITE]
    assert await archives.appliquer_retention(0.0, 1.0) == []
    with pytest.raises(EmpreinteDifferente):
        await archives.acquitter(VISITE, "0" * 64)
    await archives.acquitter(VISITE, empreinte)
    with pytest.raises(VisiteInconnue):
        await archives.purger(VISITE)
    assert await archives.ecartees() == []
    await archives.fermer()
    assert fichiers(tmp_path) == []


async def test_un_disque_lent_ne_fige_pas_la_boucle() -> None:
    """La boucle tourne tant que le fil dort : elle fait des tours avant que le fil ne rende la main."""
    fil, libre = Fil(), threading.Event()
    lent = asyncio.create_task(fil.executer(libre.wait))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not lent.done()
    libre.set()
    assert await lent
    await fil.fermer()


async def test_ce_qui_est_confie_est_ecrit_meme_si_la_tache_est_annulee(tmp_path: Path) -> None:
    archives = await ouvrir(tmp_path)
    dossier = await archives.creer(VISITE)
    libre = threading.Event()
    bouchon = asyncio.create_task(archives.fil.executer(libre.wait))
    await asyncio.sleep(0)
    tache = asyncio.create_task(dossier.ajouter("X", 1, 0.0, b"{}"))
    await asyncio.sleep(0)
    tache.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tache
    libre.set()
    await bouchon
    assert len(await dossier.evenements()) == 1
    await archives.fermer()


async def test_un_seul_fil_et_dans_l_ordre() -> None:
    fil = Fil("essai")
    noms = await asyncio.gather(*(fil.executer(lambda: threading.current_thread().name) for _ in range(5)))
    assert len(set(noms)) == 1
    assert noms[0].startswith("essai")
    ordre: list[int] = []

    def noter(n: int, attente: float) -> None:
        time.sleep(attente)
        ordre.append(n)

    await asyncio.gather(fil.executer(noter, 1, 0.02), fil.executer(noter, 2, 0.0))
    assert ordre == [1, 2]
    await fil.fermer()
    with pytest.raises(RuntimeError):
        await fil.executer(noter, 3, 0.0)


async def test_les_erreurs_d_ouverture_reviennent(tmp_path: Path) -> None:
    archives = await ouvrir(tmp_path)
    with pytest.raises(ArchivesOccupees):
        await ouvrir(tmp_path)
    await archives.fermer()
