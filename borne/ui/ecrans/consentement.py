"""L'accord : libre, écrit et dit, refusable (VISITE-CONSENT)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from borne.parcours.evenements import ConsentementDonne, ConsentementRefuse
from borne.ui.composants.agencement import en_colonne
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Encart
from borne.ui.ecrans.base import EcranQuestion
from borne.ui.theme import Role

ICONES = ("stethoscope", "heartbeat", "lock", "hand-stop")


class Consentement(EcranQuestion):
    """Ce à quoi on dit oui, une idée par ligne ; deux réponses."""

    dessin = "accord"

    def construire_contenu(self) -> None:
        """Une ligne par idée, avec son icône."""
        self.lignes = [
            Encart(self.theme, self.dire(cle), icone, self, genre="simple", role=Role.CORPS)
            for cle, icone in zip(self.mots()[1:], ICONES, strict=True)
        ]

    def mots_montres(self) -> Sequence[str]:
        """La question ; les phrases sont dans les lignes."""
        return self.mots()[:1]

    def actions(self) -> Sequence[Action]:
        """Non, ou oui."""
        return (
            Action("bouton-refus", lambda: self.toucher(ConsentementRefuse), "x"),
            Action("bouton-accord", lambda: self.toucher(ConsentementDonne), "check", principale=True),
        )

    def disposer_contenu(self, zone: QRect) -> None:
        """Les lignes, aérées."""
        en_colonne(self.lignes, zone, self.theme.px(8))
