"""Une borne d'essai : la vraie fenêtre, le vrai parcours, des touchers aux coordonnées des contrôles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from borne.parcours.avancer import avancer
from borne.parcours.effets import Effet
from borne.parcours.evenements import Evenement
from borne.parcours.visite import Visite
from borne.ui.affichage import PAYSAGE, PORTRAIT, Affichage
from borne.ui.audit import visibles
from borne.ui.composants.bouton import Bouton
from borne.ui.direct import EtatDirect
from borne.ui.fenetre import Fenetre
from borne.ui.textes import Textes

TEXTES = Path(__file__).parents[2] / "config" / "textes"


class BorneDEssai:
    """La fenêtre et `avancer`, sans régie : un toucher, un événement, une visite."""

    def __init__(self, affichage: Affichage) -> None:
        self.visite = Visite()
        self.direct = EtatDirect(medecins_presents=1, minutes=5, rang=1)
        self.evenements: list[Evenement] = []
        self.effets: list[Effet] = []
        self.heure = 0.0
        self.branchee = True
        self.fenetre = Fenetre(affichage, Textes(TEXTES), self.recevoir, lambda: self.heure)
        self.fenetre.show()
        self.montrer()

    def recevoir(self, evenement: Evenement) -> None:
        """La régie en deux lignes."""
        self.evenements.append(evenement)
        if self.branchee:
            self.visite, effets = avancer(self.visite, evenement)
            self.effets += effets
            self.montrer()

    def montrer(self, **direct: object) -> None:
        """Montrer la visite, après avoir changé des valeurs vivantes."""
        self.direct = replace(self.direct, **direct)  # type: ignore[arg-type]
        self.fenetre.montrer(self.visite, self.direct)
        QApplication.processEvents()

    def bouton(self, nom: str) -> Bouton:
        """Le seul bouton visible de ce nom accessible."""
        (trouve,) = (b for b in visibles(self.fenetre, Bouton) if b.accessibleName() == nom)
        return trouve

    def point(self, nom: str) -> QPoint:
        """Le centre d'un bouton, dans la fenêtre."""
        bouton = self.bouton(nom)
        return bouton.mapTo(self.fenetre, bouton.rect().center())

    def toucher(self, nom: str, *, apres_s: float = 1.0) -> None:
        """Toucher le bouton de ce nom, à ses coordonnées, `apres_s` secondes après le toucher précédent."""
        self.heure += apres_s
        QTest.mouseClick(
            self.fenetre.windowHandle(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            self.point(nom),
        )
        QApplication.processEvents()

    def taper(self, texte: str) -> None:
        """Toucher chaque lettre."""
        noms = {" ": "Espace", "'": "Apostrophe", "-": "Tiret"}
        for caractere in texte:
            self.toucher(noms.get(caractere, caractere))


@pytest.fixture(params=[PAYSAGE, PORTRAIT], ids=["paysage", "portrait"])
def borne(request: pytest.FixtureRequest, qtbot: QtBot) -> BorneDEssai:
    """Une borne d'essai, dans les deux sens de l'écran."""
    essai = BorneDEssai(request.param)
    qtbot.addWidget(essai.fenetre)
    return essai


@pytest.fixture
def ouvrir(qtbot: QtBot) -> Callable[[Affichage], BorneDEssai]:
    """Ouvrir une borne d'essai sur cet affichage."""

    def ouvrir(affichage: Affichage = PAYSAGE) -> BorneDEssai:
        essai = BorneDEssai(affichage)
        qtbot.addWidget(essai.fenetre)
        return essai

    return ouvrir
