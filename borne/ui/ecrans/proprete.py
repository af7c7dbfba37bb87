"""La propreté : cocher ce qui a touché le patient avant d'accueillir le suivant (VISITE-HYGIENE)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from borne.parcours.evenements import ElementNettoye, PropreteConfirmee
from borne.parcours.visite import A_NETTOYER, Visite
from borne.ui.composants.agencement import en_grille
from borne.ui.composants.bandes import Action
from borne.ui.composants.carte import Carte
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion


class Proprete(EcranQuestion):
    """Une carte par chose à nettoyer. Ni Revenir ni Aide : ce n'est pas un écran du patient."""

    dessin = "nettoyage"
    avec_commandes = False

    def construire_contenu(self) -> None:
        """Les cartes."""
        self.cartes = {element: self._carte(element) for element in A_NETTOYER}

    def _carte(self, element: str) -> Carte:
        nom = self.dire(f"proprete-{element}")
        carte = Carte(self.theme, nom, f"propre-{element}", self, repetition=self.contexte.repetition)
        carte.touche.connect(lambda: self.toucher(ElementNettoye, element=element))
        return carte

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Les cartes cochées sont celles de la visite."""
        super().actualiser(visite, direct)
        for element, carte in self.cartes.items():
            carte.cocher(element in visite.nettoyes)

    def fixes(self) -> Sequence[Action]:
        """Rien à quoi revenir."""
        return ()

    def reponses(self) -> Sequence[Action]:
        """Confirmer."""
        confirmer = Action(
            "bouton-tout-est-propre", lambda: self.toucher(PropreteConfirmee), "check", principale=True
        )
        return (confirmer,)

    def hauteur_contenu(self, largeur: int) -> int:
        """Deux rangées de cartes."""
        return self.theme.px(85)

    def disposer_contenu(self, zone: QRect) -> None:
        """Deux colonnes."""
        en_grille(list(self.cartes.values()), zone, 2, self.theme.px(5.5))
