"""Le banc des coupures mesure bien : il dit rouge quand un état montré manque, et le contrôle NORMAL perd."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from borne.demonstration.temoin import Temoin, ecran, empreinte, ligne
from borne.dossier.chiffre import Synchrone
from borne.parcours.visite import Etape, Superposition, Visite
from tests.bancs._coupures_courant import Bilan, couper, enregistrer_visite
from tests.bancs._reprise import Etat, Reprise, attendus, perdus
from tests.bancs.disque import strace_disponible

VISITE = Visite(id="a" * 32, etape=Etape.PRENOM, commencee=1.0)


def _saisies(*valeurs: str) -> list[Visite]:
    return [replace(VISITE, champs={"prenom": valeur}) for valeur in valeurs]


def _montrees(visites: list[Visite]) -> list[dict[str, Any]]:
    return [json.loads(ligne(visite)) for visite in visites]


def _gardees(visites: list[Visite]) -> Reprise:
    return Reprise(etats={VISITE.id: [Etat(empreinte(visite), ecran(visite)) for visite in visites]})


def test_rien_n_est_perdu_quand_tout_ce_qui_est_montre_se_rejoue() -> None:
    assert perdus(_montrees(_saisies("Z", "Zo")), _gardees(_saisies("Z", "Zo", "Zoé"))) == 0


def test_un_etat_montre_qui_ne_se_rejoue_pas_est_perdu() -> None:
    assert perdus(_montrees(_saisies("Z", "Zo", "Zoé")), _gardees(_saisies("Z", "Zoé"))) == 1
    assert perdus(_montrees(_saisies("Z", "Zo")), Reprise()) == 2


def test_une_visite_finie_a_pu_partir_mais_pas_avant_son_accuse() -> None:
    montrees = _montrees([replace(VISITE, etape=Etape.ADIEU), Visite(etape=Etape.PROPRETE)])
    assert perdus(montrees, Reprise()) == 0
    assert perdus(montrees, Reprise(), acquittees={VISITE.id}) == 0
    assert perdus(montrees, Reprise(), acquittees=set()) == 1


def test_l_ecran_attendu_est_le_dernier_montre_ou_un_etat_garde_sans_l_avoir_ete() -> None:
    avant, apres = _saisies("Z", "Zo"), _saisies("Zoé")
    permis = attendus(_montrees(avant), _gardees([*avant, *apres]))
    assert [p["champs"]["prenom"] for p in permis] == ["Zo", "Zoé"]


def test_la_question_de_presence_n_est_pas_l_ecran_a_rendre() -> None:
    cachee = replace(VISITE, superposition=Superposition.PRESENCE, recouverte=Superposition.AIDE)
    assert ecran(cachee)["superposition"] == "aide"


def test_le_temoin_complete_son_fichier(tmp_path: Path) -> None:
    for visite in _saisies("Z", "Zo"):
        Temoin(tmp_path / "temoin").noter(visite)
    lignes = [json.loads(x) for x in (tmp_path / "temoin").read_text(encoding="utf-8").splitlines()]
    assert [x["empreinte"] for x in lignes] == [empreinte(visite) for visite in _saisies("Z", "Zo")]


@pytest.mark.skipif(not strace_disponible(), reason="strace manque, ou ne peut pas tracer ici")
@pytest.mark.exigence("DONNEES-DURABLE")
@pytest.mark.parametrize(("synchrone", "perd"), [("FULL", False), ("NORMAL", True)])
def test_une_coupure_de_courant_ne_perd_rien_de_montre(synchrone: Synchrone, perd: bool) -> None:
    bilans: list[Bilan] = couper(enregistrer_visite(synchrone), 24, 3)
    assert (sum(bilan.perdus for bilan in bilans) > 0) is perd
    if not perd:
        assert [bilan.defaut for bilan in bilans] == [""] * len(bilans)
        assert sum(bilan.restes for bilan in bilans) == 0
