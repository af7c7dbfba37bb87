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

    def actions(self) -> Sequence[Action]:
        """Aucune : toucher une langue suffit."""
        return ()

    def disposer_contenu(self, zone: QRect) -> None:
        """Deux colonnes au plus."""
        nombre = len(self.boutons)
        colonnes = 1 if nombre < 4 else 2
        lignes = -(-nombre // colonnes)
        espace = self.theme.px(6)
        hauteur = min(zone.height(), lignes * self.theme.px(38) + (lignes - 1) * espace)
        largeur = min(zone.width(), colonnes * self.theme.px(150))
        en_grille(self.boutons, QRect(zone.x(), zone.y(), largeur, hauteur), colonnes, espace)
