"""Le résumé du patient, quand une coupure tombe entre sa garde et son annonce."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path

import pytest

from borne.assemblage import CONFIG
from borne.assemblage.impression import ConduiteImpression
from borne.dossier.archives import Archives
from borne.dossier.fil import ArchivesAsync
from borne.parcours.evenements import DocumentRecu, Evenement
from borne.parcours.visite import Etape, Visite
from borne.ui.textes import Textes


@pytest.mark.exigence("DONNEES-DURABLE")
async def test_un_resume_garde_avant_une_coupure_est_annonce_et_non_recompose(tmp_path: Path) -> None:
    """Son événement n'a pas été écrit : la borne redemande le résumé, qui doit être celui déjà gardé."""
    archives = await ArchivesAsync.demarrer(lambda: Archives(tmp_path / "donnees", tmp_path / "cles"))
    visite = Visite(id=secrets.token_hex(16), etape=Etape.DOCUMENTS, commencee=time.time(), fin_consultation=1.0)
    await archives.creer(visite.id)
    recus: asyncio.Queue[Evenement] = asyncio.Queue()
    conduite = ConduiteImpression(
        None, archives, recus.put_nowait, lambda langue: Textes(CONFIG / "textes", langue), "Decize", lambda _: None
    )
    annonces = []
    for _ in range(2):
        conduite.composer_resume(visite)
        annonces.append(await asyncio.wait_for(recus.get(), 30))
    premier, second = annonces
    assert isinstance(premier, DocumentRecu)
    assert isinstance(second, DocumentRecu)
    assert premier.empreinte == second.empreinte
    await archives.fermer()
