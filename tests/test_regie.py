"""La régie sur de vraies archives : écrire d'abord, rejouer après une coupure, clore sans rien oublier."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import borne.regie as module_regie
from borne.dossier.archives import Archives
from borne.dossier.erreurs import DossierPlein
from borne.dossier.fil import ArchivesAsync, DossierAsync
from borne.parcours import evenements as e
from borne.parcours.effets import Cloturer, Dire, Effet
from borne.parcours.visite import A_NETTOYER, Etape, Visite
from borne.regie import Regie


class Banc:
    """Une régie, ce qu'elle a montré, fait et dit en panne, sans rien d'autre."""

    def __init__(self, archives: ArchivesAsync) -> None:
        self.archives = archives
        self.montrees: list[Visite] = []
        self.effets: list[Effet] = []
        self.pannes: list[str] = []
        self.regie = Regie(archives, lambda f, _v: self.effets.append(f), self.montrees.append, self.pannes.append)

    async def envoyer(self, classe: type[e.Evenement], **champs: object) -> Visite:
        if issubclass(classe, e.Toucher):
            champs["revision"] = self.regie.visite.revision
        self.regie.emettre(classe(instant=time.time(), **champs))  # type: ignore[arg-type]
        await self.regie.vider()
        return self.regie.visite


@asynccontextmanager
async def ouvrir(dossier: Path) -> AsyncIterator[Banc]:
    """Une borne qui démarre sur ces dossiers ; en sortir est une coupure : rien n'est fermé proprement."""
    archives = await ArchivesAsync.demarrer(lambda: Archives(dossier / "donnees", dossier / "cles"))
    banc = Banc(archives)
    await banc.regie.demarrer()
    tache = asyncio.create_task(banc.regie.tourner())
    await banc.regie.vider()
    try:
        yield banc
    finally:
        tache.cancel()
        await asyncio.gather(tache, return_exceptions=True)
        banc.regie.arreter()
        await archives.fermer()


async def _jusqu_au_prenom(banc: Banc) -> None:
    await banc.envoyer(e.VisiteCommencee, visite=secrets.token_hex(16))
    await banc.envoyer(e.LangueChoisie, langue="fr")
    await banc.envoyer(e.ConsentementDonne)
    await banc.envoyer(e.SaisieModifiee, champ="prenom", valeur="Zo")


@pytest.mark.exigence("DONNEES-DURABLE")
async def test_une_coupure_rend_le_meme_ecran(tmp_path: Path) -> None:
    async with ouvrir(tmp_path) as banc:
        await _jusqu_au_prenom(banc)
        avant = banc.regie.visite
    async with ouvrir(tmp_path) as banc:
        apres = banc.regie.visite
        assert (apres.id, apres.etape, apres.champs) == (avant.id, Etape.PRENOM, {"prenom": "Zo"})
        assert any(isinstance(effet, Dire) for effet in banc.effets)


async def test_rien_n_est_montre_avant_d_etre_ecrit(tmp_path: Path) -> None:
    async with ouvrir(tmp_path) as banc:
        await _jusqu_au_prenom(banc)
        dossier = await banc.archives.ouvrir(banc.regie.visite.id)
        assert len(await dossier.evenements()) == 4


async def test_un_disque_plein_ne_montre_rien_et_le_dit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ouvrir(tmp_path) as banc:
        await _jusqu_au_prenom(banc)

        async def plein(*_: object) -> int:
            raise DossierPlein

        with monkeypatch.context() as panne:
            panne.setattr(DossierAsync, "ajouter", plein)
            visite = await banc.envoyer(e.SaisieModifiee, champ="prenom", valeur="Zoé")
        assert visite.champ("prenom") == "Zo"
        assert banc.pannes[-1] == "erreur-dossier"
        visite = await banc.envoyer(e.SaisieModifiee, champ="prenom", valeur="Zoé")
        assert (visite.champ("prenom"), banc.pannes[-1]) == ("Zoé", "")


async def test_un_toucher_perime_n_est_pas_ecrit(tmp_path: Path) -> None:
    async with ouvrir(tmp_path) as banc:
        await _jusqu_au_prenom(banc)
        banc.regie.emettre(e.BoutonRetour(instant=time.time(), revision=1))
        await banc.regie.vider()
        dossier = await banc.archives.ouvrir(banc.regie.visite.id)
        assert [brut.type for brut in await dossier.evenements()][-1] == "SaisieModifiee"


async def test_revenir_a_l_accueil_detruit_le_dossier(tmp_path: Path) -> None:
    async with ouvrir(tmp_path) as banc:
        await banc.envoyer(e.VisiteCommencee, visite=secrets.token_hex(16))
        visite = await banc.envoyer(e.BoutonRetour)
        assert visite.etape is Etape.ACCUEIL
        assert any(isinstance(effet, Cloturer) for effet in banc.effets)
        assert await banc.archives.visites_ouvertes() == []
    assert not list((tmp_path / "cles").rglob("*.cle"))


@pytest.mark.exigence("VISITE-HYGIENE")
async def test_une_coupure_pendant_la_cloture_garde_la_proprete_due(tmp_path: Path) -> None:
    """La clôture est écrite, puis la borne est coupée avant d'avoir clos : elle renaît à nettoyer."""
    async with ouvrir(tmp_path) as banc:
        await _jusqu_a_la_tension(banc)
        await banc.envoyer(e.MesureDemandee)
        await banc.envoyer(e.RetraitDemande)
        await banc.envoyer(e.ConsentementRetire)

        async def coupure(*_: object) -> None:
            raise asyncio.CancelledError

        banc.regie._cloturer = coupure  # type: ignore[method-assign, assignment]
        banc.regie.emettre(e.BoutonContinuer(instant=time.time(), revision=banc.regie.visite.revision))
        await asyncio.sleep(0.3)
    async with ouvrir(tmp_path) as banc:
        assert banc.regie.visite.etape is Etape.PROPRETE
        for element in A_NETTOYER:
            await banc.envoyer(e.ElementNettoye, element=element)
        assert (await banc.envoyer(e.PropreteConfirmee)).etape is Etape.ACCUEIL
        assert await banc.archives.visites_ouvertes() == []


@pytest.mark.exigence("VISITE-HYGIENE")
async def test_une_coupure_entre_le_dossier_de_proprete_et_son_evenement_la_garde_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Le dossier de la propreté est créé, son premier événement n'est pas écrit : elle reste due."""
    async with ouvrir(tmp_path) as banc:
        await _jusqu_a_la_tension(banc)
        for evenement in (e.MesureDemandee, e.RetraitDemande, e.ConsentementRetire):
            await banc.envoyer(evenement)
        ajouter = DossierAsync.ajouter

        async def couper(dossier: DossierAsync, type: str, *reste: Any) -> int:
            if type == "PropreteDue":
                raise asyncio.CancelledError
            return await ajouter(dossier, type, *reste)

        monkeypatch.setattr(DossierAsync, "ajouter", couper)
        banc.regie.emettre(e.BoutonContinuer(instant=time.time(), revision=banc.regie.visite.revision))
        await asyncio.sleep(0.3)
        monkeypatch.undo()
    async with ouvrir(tmp_path) as banc:
        assert banc.regie.visite.etape is Etape.PROPRETE
        assert len(await banc.archives.visites_ouvertes()) == 1


@pytest.mark.exigence("VISITE-HYGIENE")
@pytest.mark.parametrize("refuse", ["creer", "ajouter", "purger"])
async def test_une_cloture_refusee_par_le_disque_se_refait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuse: str
) -> None:
    """Disque plein à la clôture : l'écran le dit, puis la propreté s'ouvre et le dossier est détruit."""
    monkeypatch.setattr(module_regie, "DELAI_CLOTURE_S", 0.05)
    async with ouvrir(tmp_path) as banc:
        await _jusqu_a_la_tension(banc)
        for evenement in (e.MesureDemandee, e.RetraitDemande, e.ConsentementRetire):
            await banc.envoyer(evenement)
        ancienne = banc.regie.visite.id
        with monkeypatch.context() as panne:
            _refuser(panne, refuse)
            await banc.envoyer(e.BoutonContinuer)
            assert "erreur-dossier" in banc.pannes
        for _ in range(400):
            if ancienne not in await banc.archives.visites_ouvertes():
                break
            await asyncio.sleep(0.05)
        assert (banc.regie.visite.etape, bool(banc.regie.visite.id)) == (Etape.PROPRETE, True)
        for element in A_NETTOYER:
            await banc.envoyer(e.ElementNettoye, element=element)
        assert (await banc.envoyer(e.PropreteConfirmee)).etape is Etape.ACCUEIL
    assert not list((tmp_path / "cles").rglob("*.cle"))


def _refuser(panne: pytest.MonkeyPatch, refuse: str) -> None:
    """Le disque plein, pour ce geste de la clôture."""
    ajouter = DossierAsync.ajouter

    async def plein(*_: object, **__: object) -> None:
        raise DossierPlein

    async def plein_pour_la_proprete(dossier: DossierAsync, type: str, *reste: Any) -> int:
        if type == "PropreteDue":
            raise DossierPlein
        return await ajouter(dossier, type, *reste)

    if refuse == "ajouter":
        panne.setattr(DossierAsync, "ajouter", plein_pour_la_proprete)
    else:
        panne.setattr(ArchivesAsync, refuse, plein)


async def _jusqu_a_la_tension(banc: Banc) -> None:
    await _jusqu_au_prenom(banc)
    for champ, valeur in (
        ("prenom", "Zoé"),
        ("nom", "Petit"),
        ("naissance", "01021940"),
        ("telephone", "0612345678"),
    ):
        await banc.envoyer(e.SaisieModifiee, champ=champ, valeur=valeur)
        await banc.envoyer(e.BoutonContinuer)
    await banc.envoyer(e.MotifBascule, motif="toux")
    await banc.envoyer(e.BoutonContinuer)
    await banc.envoyer(e.UrgenceRepondue, oui=False)
    assert banc.regie.visite.etape is Etape.MESURE
