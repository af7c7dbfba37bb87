"""L'entrée du technicien : un petit outil dans un coin de l'accueil. Un code l'attend derrière."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.ecrans.base import Contexte
from borne.ui.technicien import EntreeDemandee
from borne.ui.theme import Role


class EntreeTechnicien(Bouton):
    """Discret, mais à la taille et au contraste de tous : un technicien aussi peut mal voir."""

    def __init__(self, contexte: Contexte, parent: QWidget, genre: Genre = Genre.DISCRET) -> None:
        super().__init__(
            contexte.theme,
            "",
            parent,
            genre=genre,
            icone="tool",
            role=Role.COMMANDE,
            nom=contexte.textes.dire("nom-technicien"),
            repetition=contexte.repetition,
        )
        self.touche.connect(lambda: contexte.commander(EntreeDemandee()))

    def placer(self, zone: QRect) -> None:
        """Dans le coin bas, à droite de cette zone."""
        cote = self.theme.cible
        self.setGeometry(zone.right() + 1 - cote, zone.bottom() + 1 - cote, cote, cote)
