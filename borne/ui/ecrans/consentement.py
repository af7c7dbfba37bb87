"""L'accord : libre, écrit et dit, refusable (VISITE-CONSENT)."""

from __future__ import annotations

from collections.abc import Sequence

from borne.parcours.evenements import ConsentementDonne, ConsentementRefuse
from borne.ui.composants.bandes import Action
from borne.ui.ecrans.base import EcranQuestion


class Consentement(EcranQuestion):
    """Ce à quoi on dit oui, une idée par ligne ; deux réponses."""

    dessin = "accord"

    def reponses(self) -> Sequence[Action]:
        """Non, ou oui."""
        return (
            Action("bouton-refus", lambda: self.toucher(ConsentementRefuse), "x"),
            Action("bouton-accord", lambda: self.toucher(ConsentementDonne), "check", principale=True),
        )
