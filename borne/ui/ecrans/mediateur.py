"""Ce que le médiateur voit derrière son code : les repères d'attention et les mesures de patient inconnu."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from PySide6.QtCore import QRect

from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_colonne
from borne.ui.composants.bandes import Action
from borne.ui.composants.ligne_controle import ICONES
from borne.ui.composants.panneau import Encart
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran, Paroles
from borne.ui.technicien import EtatTechnicien, SortieDemandee
from borne.ui.theme import Role

LIGNES: Final = 6
"""Ce qui tient dans les deux sens de l'écran : le plus grave est en tête."""


class Mediateur(Ecran):
    """Une liste courte ; rien ne s'y touche que « Fermer ». Elle se referme seule (`ConduiteTechnicien`)."""

    avec_commandes = False

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Une autre liste, un autre écran."""
        return direct.technicien

    def construire(self) -> None:
        """La question, puis une ligne par mesure."""
        etat = self.direct.technicien or EtatTechnicien()
        self.paroles = Paroles(self.theme, self.textes, self)
        self.paroles.montrer(self.mots())
        self.lignes = [
            Encart(
                self.theme,
                f"{ligne.libelle}. {ligne.mot}.",
                ICONES[ligne.couleur],
                self,
                genre="simple",
                role=Role.CORPS,
            )
            for ligne in etat.lignes[:LIGNES]
        ]

    def fixes(self) -> Sequence[Action]:
        """Rien d'autre que sortir : l'aide est déjà demandée."""
        return ()

    def reponses(self) -> Sequence[Action]:
        """Fermer."""
        return (Action("bouton-fermer", lambda: self.contexte.commander(SortieDemandee()), principale=True),)

    def disposer(self, zone: QRect) -> None:
        """La question en haut, les lignes dessous."""
        haut = self.paroles.hauteur_pour(zone.width())
        self.paroles.setGeometry(zone.x(), zone.y(), zone.width(), haut)
        en_colonne(self.lignes, zone.adjusted(0, haut + self.theme.souffle, 0, 0), self.theme.px(4))
