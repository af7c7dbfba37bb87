"""La propreté : cocher ce qui a touché le patient avant d'accueillir le suivant (VISITE-HYGIENE)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from PySide6.QtCore import QRect

from borne.parcours.etapes import elements_a_nettoyer
from borne.parcours.evenements import ElementNettoye, PropreteConfirmee
from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_grille
from borne.ui.composants.bandes import Action
from borne.ui.composants.carte import Carte
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion

DESSINS: Final = {
    "thermometre": "mesure-temperature",
    "pince": "mesure-saturation",
    "balance": "mesure-poids",
    "lecteur": "mesure-glycemie",
    "ceinture": "mesure-frequence",
}
"""Ceux des mesures, pour ce qui n'a pas de dessin à soi."""
DEUX_COLONNES_MAX: Final = 4


class Proprete(EcranQuestion):
    """Une carte par chose à nettoyer. Ni Revenir ni Aide : ce n'est pas un écran du patient."""

    dessin = "nettoyage"
    avec_commandes = False

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Les choses à nettoyer changent d'une visite à l'autre."""
        return visite.touches

    def construire_contenu(self) -> None:
        """Les cartes."""
        self.cartes = {element: self._carte(element) for element in elements_a_nettoyer(self.visite)}

    def _carte(self, element: str) -> Carte:
        nom = self.dire(f"proprete-{element}")
        dessin = DESSINS.get(element, f"propre-{element}")
        carte = Carte(self.theme, nom, dessin, self, repetition=self.contexte.repetition)
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

    def part_image(self) -> float:
        """Sans dessin quand les cartes ont besoin de toute la largeur."""
        return super().part_image() if len(self.cartes) <= DEUX_COLONNES_MAX else 0.0

    def hauteur_contenu(self, largeur: int) -> int:
        """Les rangées de cartes."""
        return self.theme.px(42.5) * -(-len(self.cartes) // self._colonnes)

    @property
    def _colonnes(self) -> int:
        """Deux, ou quatre quand il y a beaucoup à nettoyer et de la largeur."""
        peu = len(self.cartes) <= DEUX_COLONNES_MAX
        return 2 if peu or self.theme.affichage.portrait else 4

    def disposer_contenu(self, zone: QRect) -> None:
        """En grille."""
        en_grille(list(self.cartes.values()), zone, self._colonnes, self.theme.px(5.5))
