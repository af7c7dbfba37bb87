"""Le patient qui lit l'écran reprend où l'écran en est : il complète, il efface, il referme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from borne.demonstration.patient_lecteur import patient_qui_lit
from borne.demonstration.robot_patient import Toucher
from borne.demonstration.scenario import PRENOM
from borne.demonstration.vue import Vue
from borne.parcours.visite import A_NETTOYER, Etape, PhaseMesure, Releve, Superposition, Visite
from borne.ui.affichage import PAYSAGE
from borne.ui.direct import EtatDirect
from borne.ui.fenetre import Fenetre
from borne.ui.textes import Textes

TEXTES = Path(__file__).parents[2] / "config" / "textes"
VISITE = Visite(id="a" * 32, etape=Etape.PRENOM, revision=1, consentement=1.0)


@pytest.fixture
def touche(qtbot: QtBot) -> Callable[[Visite], str | None]:
    """Ce que le patient touche d'abord sur l'écran de cette visite ; None : il attend."""

    def choisir(visite: Visite) -> str | None:
        fenetre = Fenetre(PAYSAGE, Textes(TEXTES), lambda _: None)
        qtbot.addWidget(fenetre)
        fenetre.show()
        fenetre.montrer(visite, EtatDirect())
        _, actions = next(patient_qui_lit(Vue(fenetre)))
        return actions[0].nom if isinstance(actions[0], Toucher) else None

    return choisir


def test_il_complete_le_prenom_deja_commence(touche: Callable[[Visite], str | None]) -> None:
    assert touche(VISITE) == PRENOM[0]
    assert touche(replace(VISITE, champs={"prenom": "ZO"})) == "É"
    assert touche(replace(VISITE, champs={"prenom": "ZOÉ"})) == "Tiret"
    assert touche(replace(VISITE, champs={"prenom": PRENOM.upper()})) == "Continuer"


def test_il_efface_une_lettre_de_trop(touche: Callable[[Visite], str | None]) -> None:
    assert touche(replace(VISITE, champs={"prenom": "ZOZ"})) == "Effacer"


def test_il_referme_ce_qui_est_ouvert_et_attend_ce_qui_se_fait(touche: Callable[[Visite], str | None]) -> None:
    assert touche(replace(VISITE, superposition=Superposition.AIDE)) == "Fermer"
    gonfle = replace(VISITE, etape=Etape.MESURE, releves={"tension": Releve(PhaseMesure.EN_COURS, 1)})
    assert touche(gonfle) is None


def test_il_ne_decoche_pas_ce_qui_est_deja_fait(touche: Callable[[Visite], str | None]) -> None:
    proprete = replace(VISITE, etape=Etape.PROPRETE)
    assert touche(replace(proprete, nettoyes=A_NETTOYER[:2])) == "Écran"
    assert touche(replace(proprete, nettoyes=A_NETTOYER)) == "Tout est propre"
