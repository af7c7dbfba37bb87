"""La langue : une grande touche par langue disponible, écrite dans sa langue."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from borne.parcours.evenements import LangueChoisie
from borne.ui.composants.agencement import en_grille
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.ecrans.base import EcranQuestion


class Langue(EcranQuestion):
    """Le choix de la langue est la réponse : pas d'autre bouton principal."""

    dessin = "langues"

    def construire_contenu(self) -> None:
        """Un bouton par langue."""
        codes = self.textes.langues()
        genre = Genre.PRINCIPAL if len(codes) == 1 else Genre.SECOND
        self.boutons = [self._bouton(code, genre) for code in codes]

    def _bouton(self, code: str, genre: Genre) -> Bouton:
        nom = self.textes.pour(code).dire("langue-nom")
        bouton = Bouton(
            self.theme, nom, self, genre=genre, identite=f"langue-{code}", repetition=self.contexte.repetition
        )
        bouton.touche.connect(lambda: self.toucher(LangueChoisie, langue=code))
        return bouton

    def reponses(self) -> Sequence[Action]:
        """Aucune : toucher une langue suffit."""
        return ()

    def hauteur_contenu(self, largeur: int) -> int:
        """Deux colonnes au plus."""
        lignes = -(-len(self.boutons) // self._colonnes())
        return lignes * self.theme.px(30) + (lignes - 1) * self.theme.px(6)

    def _colonnes(self) -> int:
        return 1 if len(self.boutons) < 4 else 2

    def disposer_contenu(self, zone: QRect) -> None:
        """Des boutons égaux."""
        hauteur = min(zone.height(), self.hauteur_contenu(zone.width()))
        largeur = min(zone.width(), self._colonnes() * self.theme.px(150))
        cadre = QRect(zone.x(), zone.y(), largeur, hauteur)
        en_grille(self.boutons, cadre, self._colonnes(), self.theme.px(6))
