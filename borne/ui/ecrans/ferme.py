"""L'accueil fermé : la borne ne peut servir personne, elle le dit, et dit où aller."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import AideDemandee, QuinzeDemande
from borne.parcours.visite import Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Dessin
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion
from borne.ui.mots import fermeture

_DESSINS = {"verification": "propre-ecran", "liaison": "liaison-coupee"}


class Ferme(EcranQuestion):
    """Aucun bouton ne commence une visite : Répéter, Aide et 15, rien d'autre."""

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Une autre raison est un autre dessin."""
        return fermeture(direct)

    def faire_image(self) -> QWidget:
        """Le dessin de la raison."""
        return Dessin(self.theme, _DESSINS.get(fermeture(self.direct), "hors-service"), self)

    def fixes(self) -> Sequence[Action]:
        """Sans Revenir : il n'y a rien derrière."""
        return (
            Action("bouton-aide", lambda: self.toucher(AideDemandee), "lifebuoy"),
            Action("bouton-quinze", lambda: self.toucher(QuinzeDemande), "phone-call"),
        )

    def reponses(self) -> Sequence[Action]:
        """Rien à commencer."""
        return ()
