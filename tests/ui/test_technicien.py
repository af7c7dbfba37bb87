"""L'écran du technicien : il montre son état, et chaque toucher en est un geste ; rien n'en sort d'autre."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from borne.parcours.evenements import Evenement
from borne.parcours.visite import Etape, Visite
from borne.ui.affichage import PAYSAGE, PORTRAIT, Affichage
from borne.ui.audit import montre, visibles
from borne.ui.composants.bouton import Bouton
from borne.ui.direct import EtatDirect
from borne.ui.exemples import exemples
from borne.ui.fenetre import Fenetre
from borne.ui.technicien import (
    CaseTouchee,
    ChiffreEfface,
    ChiffreTape,
    CodeValide,
    ControleChoisi,
    EntreeDemandee,
    FeuilleTournee,
    GesteTechnicien,
    MireOuverte,
    RelanceDemandee,
    SortieDemandee,
    cases_mire,
)
from borne.ui.textes import Textes

TEXTES = Path(__file__).parents[2] / "config" / "textes"


class Ecran:
    """La fenêtre, et les gestes qu'elle émet."""

    def __init__(self, affichage: Affichage) -> None:
        self.gestes: list[GesteTechnicien] = []
        self.evenements: list[Evenement] = []
        self.heure = 0.0
        self.fenetre = Fenetre(
            affichage, Textes(TEXTES), self.evenements.append, lambda: self.heure, self.gestes.append
        )
        self.fenetre.show()

    def montrer(self, nom: str) -> None:
        self.fenetre.montrer(*exemples()[nom])
        QApplication.processEvents()

    def boutons(self) -> dict[str, Bouton]:
        return {b.accessibleName(): b for b in visibles(self.fenetre, Bouton)}

    def touche(self, nom: str) -> None:
        """Aux coordonnées du bouton, par la fenêtre : un bouton recouvert ne serait pas touché."""
        self.heure += 1
        bouton = self.boutons()[nom]
        centre = bouton.mapTo(self.fenetre, QPoint(bouton.width() // 2, bouton.height() // 2))
        QTest.mouseClick(
            self.fenetre.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, centre
        )


@pytest.fixture(params=[PAYSAGE, PORTRAIT], ids=["paysage", "portrait"])
def ecran(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[Ecran]:
    devant = Ecran(request.param)
    yield devant
    devant.fenetre.close()
    devant.fenetre.deleteLater()


@pytest.mark.parametrize("nom", ["accueil", "accueil-panne"])
def test_l_outil_de_l_accueil_ouvre_le_code(ecran: Ecran, nom: str) -> None:
    ecran.montrer(nom)
    ecran.touche("Technicien")
    assert (ecran.gestes, ecran.evenements) == ([EntreeDemandee()], [])


def test_le_code_se_tape_et_ne_se_lit_pas(ecran: Ecran) -> None:
    ecran.montrer("technicien-code")
    for nom in ("4", "2", "Effacer", "Valider", "Revenir"):
        ecran.touche(nom)
    assert ecran.gestes == [ChiffreTape("4"), ChiffreTape("2"), ChiffreEfface(), CodeValide(), SortieDemandee()]
    assert "•••" in montre(ecran.fenetre)


@pytest.mark.exigence("A11Y-COULEUR")
def test_chaque_controle_dit_sa_couleur_en_mots(ecran: Ecran) -> None:
    ecran.montrer("technicien-liste")
    noms = set(ecran.boutons())
    assert {"Caméra d'examen, En panne", "Tensiomètre, À réparer", "Caméra, Bon"} <= noms


def test_la_liste_se_choisit_se_tourne_et_se_relance(ecran: Ecran) -> None:
    ecran.montrer("technicien-detail")
    lus = montre(ecran.fenetre)
    assert "Nettoyez la vitre de la caméra avec un chiffon doux et sec." in lus
    for nom in ("Tensiomètre, À réparer", "Suite 1/2", "Relancer", "Mire", "Tout relancer", "Quitter"):
        ecran.touche(nom)
    assert ecran.gestes == [
        ControleChoisi("tensiometre"),
        FeuilleTournee(),
        RelanceDemandee("otoscope"),
        MireOuverte(),
        RelanceDemandee(),
        SortieDemandee(),
    ]
    assert ecran.evenements == []


def test_pendant_un_autotest_rien_ne_se_relance(ecran: Ecran) -> None:
    ecran.montrer("technicien-en-cours")
    assert not {"Relancer", "Tout relancer", "Mire"} & set(ecran.boutons())
    assert "7 contrôles finis sur 26" in montre(ecran.fenetre)


def test_ce_qui_n_a_pas_pu_etre_garde_se_lit(ecran: Ecran) -> None:
    ecran.montrer("technicien-suite")
    assert any(lu.startswith("Le disque est plein") for lu in montre(ecran.fenetre))


def test_la_mire_va_jusqu_aux_bords(ecran: Ecran) -> None:
    ecran.montrer("technicien-mire")
    portrait = ecran.fenetre.reglages.portrait
    touchees = range(11)
    boutons = ecran.boutons()
    attendues = {f"Case {rang + 1}" + (", touchée" if rang in touchees else "") for rang in cases_mire(portrait)}
    assert set(boutons) == attendues | {"Fermer"}
    bords = [b.geometry() for b in boutons.values()]
    assert (min(b.left() for b in bords), min(b.top() for b in bords)) == (0, 0)
    assert max(b.right() for b in bords) >= ecran.fenetre.width() - 8
    assert max(b.bottom() for b in bords) >= ecran.fenetre.height() - 8
    ecran.touche("Case 40")
    assert ecran.gestes == [CaseTouchee(39)]
    ecran.montrer("technicien-uni")
    ecran.touche("Écran uni. Touchez pour continuer.")
    assert ecran.gestes[-1] == CaseTouchee(2)


def test_une_visite_ne_montre_jamais_le_mode_du_technicien(ecran: Ecran) -> None:
    _, direct = exemples()["technicien-liste"]
    ecran.fenetre.montrer(Visite(id="v", etape=Etape.LANGUE), direct)
    assert "Tout relancer" not in ecran.boutons()
    ecran.fenetre.montrer(Visite(), EtatDirect())
    assert "Commencer" in ecran.boutons()
