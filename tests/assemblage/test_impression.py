"""Le résumé du patient, quand une coupure tombe entre sa garde et son annonce."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path

import pytest

from borne.assemblage import CONFIG
from borne.assemblage.impression import ConduiteImpression
from borne.demonstration.prise import AppareilSerieVirtuel
from borne.dossier.archives import Archives
from borne.dossier.fil import ArchivesAsync
from borne.parcours.effets import Imprimer
from borne.parcours.evenements import DocumentRecu, Evenement, ImpressionAcceptee, ImpressionEchouee, ImpressionFinie
from borne.parcours.visite import RESUME, Etape, Visite
from borne.peripheriques.imprimante_tickets import ImprimanteTickets, ReglageTickets
from borne.peripheriques.serie import Serie
from borne.peripheriques.simulation.imprimante_tickets import ImprimanteVirtuelleTickets
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


@pytest.mark.exigence("VISITE-TRACE")
async def test_le_resume_sort_sur_le_ticket(tmp_path: Path) -> None:
    """Toute la visite y est ; sans papier l'échec se dit, et une reprise n'en sort pas un second."""
    archives = await ArchivesAsync.demarrer(lambda: Archives(tmp_path / "donnees", tmp_path / "cles"))
    recus: asyncio.Queue[Evenement] = asyncio.Queue()
    rouleau = ImprimanteVirtuelleTickets(lignes_seconde=400)
    tickets = ImprimanteTickets(Serie(tmp_path), ReglageTickets("rouleau"))
    conduite = ConduiteImpression(
        None,
        archives,
        recus.put_nowait,
        lambda langue: Textes(CONFIG / "textes", langue),
        "Mairie de Decize",
        lambda _: None,
        tickets,
    )
    visite = Visite(
        id=secrets.token_hex(16),
        etape=Etape.DOCUMENTS,
        commencee=time.time(),
        champs={"prenom": "Éléonore", "telephone": "0612345678"},
        medecin="Dr Nadia Berthier",
    )

    async def essai(effet: Imprimer) -> list[type[Evenement]]:
        conduite.imprimer(visite, effet)
        vus: list[Evenement] = []
        while not vus or isinstance(vus[-1], ImpressionAcceptee):
            vus.append(await asyncio.wait_for(recus.get(), 30))
        return [type(vu) for vu in vus]

    async with AppareilSerieVirtuel(tmp_path, "rouleau", rouleau):
        assert await essai(Imprimer(RESUME, 1)) == [ImpressionAcceptee, ImpressionFinie]
        (sorti,) = rouleau.tickets
        for attendu in ("Mairie de Decize", "Éléonore", "Dr Nadia Berthier", "06 12 34 56 78"):
            assert attendu in sorti.texte
        assert await essai(Imprimer(RESUME, 1, 0, reprise=True)) == [ImpressionEchouee]
        rouleau.lignes_restantes = 0
        assert await essai(Imprimer(RESUME, 2)) == [ImpressionAcceptee, ImpressionEchouee]
    assert len(rouleau.tickets) == 1
    await archives.fermer()
