"""La mesure guidée à l'écran : un geste à la fois, ce qui vit, la maladresse et son remède, trois essais."""

from __future__ import annotations

from dataclasses import replace

import pytest

from borne import mesures as m
from borne.mesures import Mesure
from borne.parcours import evenements as e
from borne.parcours.effets import DemanderMesure
from borne.parcours.etapes import ESSAIS
from borne.parcours.visite import Etape
from borne.ui.audit import montre, visibles
from borne.ui.composants.onde import Onde
from borne.ui.composants.vivantes import Vivantes
from borne.ui.mots import mots_de_l_ecran
from tests.ui.conftest import BorneDEssai

GESTES = tuple(f"mesure-saturation-preparation-{geste}" for geste in ("doigt-nu", "main-chaude"))
SORTI = "mesure-saturation-faute-doigt-retire"


@pytest.fixture
def devant(borne: BorneDEssai) -> BorneDEssai:
    """Un patient devant l'écran de la saturation."""
    borne.visite = replace(
        borne.visite, id="v", etape=Etape.MESURE, natures=("saturation", "poids"), nature="saturation"
    )
    borne.montrer(preparations={"saturation": GESTES})
    return borne


def _lu(borne: BorneDEssai) -> str:
    return " ".join(montre(borne.fenetre))


@pytest.mark.exigence("A11Y-UNE-QUESTION")
def test_un_geste_a_la_fois_puis_la_mesure(devant: BorneDEssai) -> None:
    assert "Choisissez un doigt sans vernis." in _lu(devant)
    assert "Réchauffez" not in _lu(devant)
    devant.toucher("J’ai fini")
    assert "Réchauffez votre main" in _lu(devant)
    assert "Choisissez" not in _lu(devant)
    devant.toucher("Mesurer")
    assert DemanderMesure("saturation", 1) in devant.effets


@pytest.mark.exigence("A11Y-VOIX")
def test_ce_qui_vit_se_montre_et_la_maladresse_prend_la_place_de_la_consigne(devant: BorneDEssai) -> None:
    devant.toucher("J’ai fini")
    devant.toucher("Mesurer")
    devant.montrer(etape_mesure="mesure", vivantes={m.SPO2: 96.4, m.FREQUENCE_CARDIAQUE: 71.0}, pleth=(0.1, 0.5, 0.2))
    (vivantes,) = visibles(devant.fenetre, Vivantes)
    assert vivantes.accessibleDescription() == "oxygène, pour cent 96, pouls par minute 71"
    (courbe,) = visibles(devant.fenetre, Onde)
    assert courbe.echantillons == (0.1, 0.5, 0.2)
    devant.montrer(faute=SORTI)
    assert "Le doigt est sorti de la pince." in _lu(devant)
    assert "Remettez le doigt au fond de la pince." in _lu(devant)
    assert mots_de_l_ecran(devant.visite, devant.fenetre.direct) == (SORTI, SORTI.replace("-faute-", "-remede-"))
    devant.montrer(faute="")
    assert "Gardez le doigt immobile." in _lu(devant)


def test_trois_essais_puis_la_mesure_suivante(devant: BorneDEssai) -> None:
    devant.toucher("J’ai fini")
    for essai in range(1, ESSAIS + 1):
        devant.toucher("Mesurer" if essai == 1 else "Recommencer")
        devant.recevoir(e.MesureEchouee(instant=1.0, nature="saturation", essai=essai, raison=SORTI))
        assert ("Remettez le doigt" in _lu(devant)) == (essai < ESSAIS)
    assert "Nous passons cette mesure." in _lu(devant)
    assert "Le doigt est sorti de la pince." in _lu(devant)
    devant.toucher("Continuer")
    assert "Mesurons votre poids." in _lu(devant)


@pytest.mark.exigence("VISITE-NEUTRE")
def test_le_resultat_se_lit_sans_etre_juge(devant: BorneDEssai) -> None:
    devant.toucher("J’ai fini")
    devant.toucher("Mesurer")
    mesures = (Mesure(m.SPO2, 82.0, m.POURCENT, 1.0, "oxymètre"),)
    devant.recevoir(e.MesureRecue(instant=1.0, nature="saturation", essai=1, mesures=mesures))
    assert "La mesure est faite." in _lu(devant)
    assert "Vous pouvez retirer la pince." in _lu(devant)
    assert not any(mot in _lu(devant).lower() for mot in ("alerte", "bas", "grave", "anormal"))
