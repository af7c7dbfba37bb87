"""L'accueil fermé : la borne ne peut servir personne, elle le dit, et dit où aller."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import AideDemandee, QuinzeDemande
from borne.parcours.visite import Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Genre
from borne.ui.composants.entree_technicien import EntreeTechnicien
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

    def construire_contenu(self) -> None:
        """Le technicien est le seul qui puisse y faire quelque chose."""
        self.technicien = EntreeTechnicien(self.contexte, self, Genre.DISCRET_PALE)

    def disposer(self, zone: QRect) -> None:
        """L'outil dans un coin du dessin, où aucun mot ne passe ; sans dessin, dans celui de l'écran."""
        super().disposer(zone)
        marge = self.theme.px(3)
        panneau = zone if self.image.isHidden() else self.image.geometry().adjusted(marge, marge, -marge, -marge)
        self.technicien.placer(panneau)
        self.technicien.raise_()

    def fixes(self) -> Sequence[Action]:
        """Sans Revenir : il n'y a rien derrière."""
        return (
            Action("bouton-aide", lambda: self.toucher(AideDemandee), "lifebuoy"),
            Action("bouton-quinze", lambda: self.toucher(QuinzeDemande), "phone-call"),
        )

    def reponses(self) -> Sequence[Action]:
        """Rien à commencer."""
        return ()
