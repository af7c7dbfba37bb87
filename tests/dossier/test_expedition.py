"""L'expédition : elle ne tombe pas quand l'accusé d'un premier dépôt arrive au milieu d'un second."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from borne.dossier.archives import Archives
from borne.dossier.expedition import Expedition
from borne.dossier.fil import ArchivesAsync
from borne.dossier.visites import Dossier

VISITE = "0123456789abcdef0123456789abcdef"


@pytest.mark.exigence("DONNEES-PURGE")
async def test_un_accuse_au_milieu_d_un_depot_ne_fait_pas_tomber_l_expedition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Le dossier est détruit juste après que l'expédition l'a ouvert."""
    archives = await ArchivesAsync.demarrer(lambda: Archives(tmp_path / "donnees", tmp_path / "cles"))
    await (await archives.creer(VISITE)).ajouter("EssaiFait", 1, time.time(), b'{"n": 1}')
    await archives.clore(VISITE)
    empreinte = await (await archives.ouvrir(VISITE)).empreinte()
    expedition = Expedition(archives, lambda *_: True)
    boucle, ouvrir = asyncio.get_running_loop(), archives.archives.ouvrir
    accuses: list[Future[None]] = []
    ouvert = asyncio.Event()

    def ouvrir_et_accuser(visite: str) -> Dossier:
        dossier = ouvrir(visite)
        if not accuses:
            accuses.append(asyncio.run_coroutine_threadsafe(expedition.accuser(visite, empreinte), boucle))
            boucle.call_soon_threadsafe(ouvert.set)
        return dossier

    monkeypatch.setattr(archives.archives, "ouvrir", ouvrir_et_accuser)
    ronde = asyncio.create_task(expedition.veiller(3600.0))
    async with asyncio.timeout(30):
        await ouvert.wait()
        await asyncio.wrap_future(accuses[0])
    await archives.fil.executer(lambda: None)
    await asyncio.sleep(0)
    assert not ronde.done()
    ronde.cancel()
    await asyncio.gather(ronde, return_exceptions=True)
    await archives.fermer()
