"""Le mode du technicien : un code d'abord, la liste ensuite, et l'accueil qui revient seul."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from borne.assemblage import technicien as module
from borne.assemblage.technicien import ConduiteTechnicien, valeur
from borne.autotest.acces import Acces
from borne.autotest.contrat import Couleur
from borne.parcours.visite import Etape, Superposition, Visite
from borne.ui import technicien as t
from borne.ui.direct import EtatDirect
from tests.assemblage.ouverture_outils import Monde

PIN = "204861"
RAPIDE = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Devant:
    """Un technicien devant la borne."""

    def __init__(self, dossier: Path, *, pin: str = PIN) -> None:
        self.monde = Monde(dossier)
        self.vus: list[EtatDirect] = []
        self._change = asyncio.Event()
        self.monde.direct._publier = self._voir
        acces = Acces(dossier / "cles", lambda: self.monde.maintenant, RAPIDE)
        if pin:
            acces.poser(pin)
        self.conduite = ConduiteTechnicien(
            acces, self.monde.conduite, self.monde.direct, lambda: self.monde.visite, portrait=False
        )

    def _voir(self, etat: EtatDirect) -> None:
        self.vus.append(etat)
        self._change.set()

    @property
    def etat(self) -> t.EtatTechnicien | None:
        return self.conduite.etat

    def toucher(self, *gestes: t.GesteTechnicien) -> None:
        for geste in gestes:
            self.conduite.recevoir(geste)

    async def attendre(self, vrai: Callable[[t.EtatTechnicien | None], object]) -> None:
        while not vrai(self.etat):
            self._change.clear()
            await self._change.wait()

    async def taper(self, code: str) -> None:
        self.toucher(t.EntreeDemandee(), *(t.ChiffreTape(chiffre) for chiffre in code), t.CodeValide())
        await self.attendre(lambda e: e is not None and (e.erreur or e.page is t.Page.CONTROLES))

    async def controle(self, *gestes: t.GesteTechnicien) -> None:
        self.toucher(*gestes)
        await self.attendre(lambda e: e is not None and not e.en_cours)


async def test_sans_le_code_personne_n_entre(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    await devant.taper("000001")
    assert devant.etat is not None
    assert (devant.etat.page, devant.etat.erreur, devant.etat.chiffres) == (t.Page.CODE, "erreur-technicien-faux", 0)
    devant.toucher(t.RelanceDemandee(), t.MireOuverte(), t.ControleChoisi("camera"))
    assert devant.etat.page is t.Page.CODE
    assert devant.monde.controles == []


async def test_le_code_n_est_jamais_dans_ce_que_l_ecran_recoit(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    await devant.taper(PIN)
    assert len(devant.vus) > len(PIN)
    assert not any(PIN[:4] in repr(etat) for etat in devant.vus)


async def test_apres_trois_echecs_il_faut_attendre(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    for _ in range(3):
        await devant.taper("000001")
        devant.toucher(t.SortieDemandee())
    await devant.taper(PIN)
    assert devant.etat is not None
    assert devant.etat.erreur == "erreur-technicien-attendre?secondes=5"
    devant.monde.maintenant += 5
    devant.toucher(t.SortieDemandee())
    await devant.taper(PIN)
    assert devant.etat.page is t.Page.CONTROLES


async def test_sans_pin_pose_le_code_le_dit(tmp_path: Path) -> None:
    devant = Devant(tmp_path, pin="")
    devant.toucher(t.EntreeDemandee(), *(t.ChiffreTape(c) for c in PIN), t.CodeValide())
    assert devant.etat is not None
    assert devant.etat.erreur == "erreur-technicien-sans-code"


@pytest.mark.parametrize("visite", [Visite(id="v", etape=Etape.LANGUE), Visite(etape=Etape.PROPRETE)])
async def test_jamais_pendant_une_visite(tmp_path: Path, visite: Visite) -> None:
    devant = Devant(tmp_path)
    devant.monde.visite = visite
    devant.toucher(t.EntreeDemandee())
    assert devant.etat is None
    devant.monde.visite = Visite()
    assert devant.monde.conduite.admettre()
    devant.toucher(t.EntreeDemandee())
    assert devant.etat is None, "un patient vient de commencer : sa visite s'écrit"


async def test_aucun_patient_ne_commence_pendant_que_le_technicien_travaille(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    await devant.taper(PIN)
    assert not devant.monde.conduite.admettre()
    devant.toucher(t.SortieDemandee())
    assert devant.etat is None
    assert devant.monde.conduite.admettre()


async def test_tout_relancer_montre_chaque_controle_puis_les_pires_d_abord(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    devant.monde.pannes["microphone"] = Couleur.ROUGE
    await devant.taper(PIN)
    await devant.controle(t.RelanceDemandee())
    assert devant.etat is not None
    assert (devant.etat.lignes[0].nom, devant.etat.lignes[0].mot) == ("microphone", "En panne")
    assert devant.etat.decision == "technicien-pas-prete"
    assert devant.monde.fermeture == "panne"


async def test_relancer_un_seul_controle_rouvre_la_borne(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    devant.monde.pannes["microphone"] = Couleur.ROUGE
    await devant.taper(PIN)
    await devant.controle(t.RelanceDemandee())
    devant.monde.pannes.clear()
    devant.monde.controles.clear()
    await devant.controle(t.ControleChoisi("microphone"), t.RelanceDemandee("microphone"))
    assert devant.etat is not None
    assert (devant.monde.controles, devant.etat.decision) == (["microphone"], "technicien-prete")
    assert devant.monde.fermeture == ""


async def test_l_inactivite_rend_l_accueil_mais_pas_pendant_un_autotest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devant = Devant(tmp_path)
    await devant.taper(PIN)
    monkeypatch.setattr(module, "INACTIVITE_S", 0.02)
    devant.monde.porte.clear()
    devant.toucher(t.RelanceDemandee())
    await devant.monde.commence.wait()
    await asyncio.sleep(0.05)
    assert devant.etat is not None
    devant.monde.porte.set()
    await devant.attendre(lambda etat: etat is None)
    assert not devant.monde.conduite.technicien


async def test_la_mire_veut_chaque_case_puis_chaque_teinte(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    await devant.taper(PIN)
    devant.toucher(t.MireOuverte())
    *presque, derniere = sorted(t.cases_mire(portrait=False))
    devant.toucher(*(t.CaseTouchee(case) for case in presque))
    assert devant.etat is not None
    assert devant.etat.teinte == -1
    devant.toucher(t.CaseTouchee(derniere))
    for rang in range(len(t.TEINTES_MIRE)):
        assert (devant.etat.page, devant.etat.teinte) == (t.Page.MIRE, rang)
        devant.toucher(t.CaseTouchee(rang))
    assert devant.etat.page is t.Page.CONTROLES


async def test_fermer_la_mire_rend_la_liste(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    await devant.taper(PIN)
    devant.toucher(t.MireOuverte(), t.SortieDemandee())
    assert devant.etat is not None
    assert devant.etat.page is t.Page.CONTROLES


async def test_l_arret_de_la_borne_annule_l_autotest_du_technicien(tmp_path: Path) -> None:
    devant = Devant(tmp_path)
    await devant.taper(PIN)
    devant.monde.porte.clear()
    devant.toucher(t.RelanceDemandee())
    await devant.monde.commence.wait()
    await devant.conduite.fermer()
    assert devant.etat is None
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("portrait", [False, True])
def test_les_cases_de_la_mire_font_le_tour_de_l_ecran(portrait: bool) -> None:
    colonnes, lignes = (t.LIGNES_MIRE, t.COLONNES_MIRE) if portrait else (t.COLONNES_MIRE, t.LIGNES_MIRE)
    bords = {
        ligne * colonnes + colonne
        for ligne, colonne in itertools.product(range(lignes), range(colonnes))
        if ligne in (0, lignes - 1) or colonne in (0, colonnes - 1)
    }
    assert bords < t.cases_mire(portrait)


def test_une_mesure_se_dit_avec_son_unite() -> None:
    assert valeur("batterie_pct", 22.0) == "batterie : 22 %"
    assert valeur("aller_retour_ms", 41.237) == "aller retour : 41,24 ms"
    assert valeur("cadence_images_s", 30.0) == "cadence : 30 images/s"
    assert valeur("nettete", 0.5) == "nettete : 0,5"


async def test_le_mediateur_appele_a_l_aide_voit_les_mesures_et_rien_d_autre(tmp_path: Path) -> None:
    """Même code, pendant une visite : l'accueil ne se ferme pas, et l'aide refermée referme tout."""
    devant = Devant(tmp_path)
    devant.monde.visite = Visite(id="v", etape=Etape.MOTIF)
    devant.toucher(t.MediateurDemande())
    assert devant.etat is None, "personne n'a demandé d'aide"
    devant.monde.visite = aidee = Visite(id="v", etape=Etape.MOTIF, superposition=Superposition.AIDE)
    devant.toucher(t.MediateurDemande(), t.CodeValide())
    assert devant.etat is not None
    assert (devant.etat.page, devant.etat.lignes) == (t.Page.CODE, ())
    devant.toucher(*(t.ChiffreTape(chiffre) for chiffre in PIN), t.CodeValide())
    await devant.attendre(lambda e: e is not None and e.page is t.Page.MEDIATEUR)
    devant.toucher(t.RelanceDemandee(), t.MireOuverte(), t.ControleChoisi("camera"))
    assert (devant.etat.page, devant.monde.controles) == (t.Page.MEDIATEUR, [])
    devant.conduite.suivre(aidee)
    assert devant.etat is not None
    devant.conduite.suivre(Visite(id="v", etape=Etape.MOTIF))
    assert devant.etat is None
