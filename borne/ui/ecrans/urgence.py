"""Les signes d'urgence : un oui mène au 15."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import UrgenceRepondue
from borne.ui.composants.agencement import en_colonne, hauteur_totale
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Encart
from borne.ui.composants.texte import Texte
from borne.ui.ecrans.base import EcranQuestion, est_alerte
from borne.ui.mots import SIGNES_URGENCE
from borne.ui.theme import Role


class Urgence(EcranQuestion):
    """Quatre signes, oui ou non."""

    dessin = "urgence"

    def construire_contenu(self) -> None:
        """Une ligne par signe."""
        self.signes = [
            Encart(self.theme, self.dire(cle), "alert-triangle", self, genre="attention", role=Role.FORT)
            for cle in SIGNES_URGENCE
        ]
        self.fin = Texte(self.theme, self.dire("urgence-phrase"), Role.CORPS, "encre_douce", self)

    def _lignes(self) -> list[QWidget]:
        """Les signes et la phrase, qui cède sa place à une alerte."""
        alerte = any(est_alerte(cle) for cle in self.mots())
        self.fin.setVisible(not alerte)
        return [*self.signes] if alerte else [*self.signes, self.fin]

    def mots_montres(self) -> Sequence[str]:
        """La question ; les signes et la phrase sont dessous."""
        question, *suite = self.mots()
        return (question, *(cle for cle in suite if est_alerte(cle)))

    def reponses(self) -> Sequence[Action]:
        """Oui, ou non."""
        return (
            Action("bouton-urgence-oui", lambda: self.toucher(UrgenceRepondue, oui=True), "alert-triangle"),
            Action("bouton-urgence-non", lambda: self.toucher(UrgenceRepondue, oui=False), principale=True),
        )

    def hauteur_contenu(self, largeur: int) -> int:
        """Les signes et la phrase."""
        return hauteur_totale(self._lignes(), largeur, self.theme.px(4.5))

    def disposer_contenu(self, zone: QRect) -> None:
        """Les signes l'un sous l'autre."""
        en_colonne(self._lignes(), zone, self.theme.px(4.5))
