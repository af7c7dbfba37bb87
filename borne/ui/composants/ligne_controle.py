"""Une ligne de la liste du technicien : le signe, le nom, et le mot qui dit la couleur."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from borne.ui.composants.anti_repetition import AntiRepetition
from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.technicien import Couleur, LigneControle
from borne.ui.theme import Role, Theme

ICONES: Final[dict[Couleur, str]] = {
    "vert": "check",
    "orange": "alert-triangle",
    "rouge": "circle-x",
    "gris": "minus",
    "attente": "clock",
    "cours": "refresh",
}
ROLES: Final[dict[Couleur, str]] = {
    "vert": "succes",
    "orange": "attention",
    "rouge": "urgence",
    "gris": "encre_douce",
    "attente": "encre_douce",
    "cours": "principal",
}
"""Le rôle de couleur de chaque signe ; le signe et le mot le disent aussi (A11Y-COULEUR)."""


class BoutonControle(Bouton):
    """Un contrôle ; touché, il se choisit. Un nom trop long finit par des points, le nom accessible est entier."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, repetition: AntiRepetition) -> None:
        super().__init__(theme, "", parent, genre=Genre.CARTE, role=Role.CORPS, repetition=repetition)
        self.ligne = LigneControle("", "")
        self.choisie = False

    def montrer(self, ligne: LigneControle, choisie: bool) -> None:
        """Montrer ce contrôle."""
        if (ligne, choisie) != (self.ligne, self.choisie):
            self.ligne, self.choisie = ligne, choisie
            self.changer(ligne.libelle, f"{ligne.libelle}, {ligne.mot}" if ligne.mot else ligne.libelle)
            self.genre = Genre.CARTE if choisie else Genre.LIGNE
            self.update()

    def deborde(self) -> bool:
        """La hauteur seule, des lettres et non de l'interligne : il n'y a qu'une ligne, et la largeur se coupe."""
        return QFontMetrics(self.font()).tightBoundingRect("Ég").height() > self.height() - 2 * self.theme.bord

    def _peindre_contenu(self, peintre: QPainter, couleur: str) -> None:
        theme, cote = self.theme, self.taille_icone
        marge, teinte = theme.px(5), ROLES[self.ligne.couleur]
        image = theme.icone(ICONES[self.ligne.couleur], teinte, cote)
        peintre.drawPixmap(QPointF(marge, (self.height() - cote) / 2), image)
        fort = theme.police(Role.FORT)
        mot = QFontMetrics(fort).horizontalAdvance(self.ligne.mot)
        gauche = marge + cote + theme.px(3.5)
        place = self.width() - gauche - mot - 2 * marge
        peintre.setFont(self.font())
        peintre.setPen(theme.couleur("encre"))
        nom = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, place)
        milieu = int(Qt.AlignmentFlag.AlignVCenter)
        peintre.drawText(QRectF(gauche, 0, place, self.height()), milieu | int(Qt.AlignmentFlag.AlignLeft), nom)
        peintre.setFont(fort)
        peintre.setPen(theme.couleur(teinte))
        cadre = QRectF(self.width() - marge - mot - 2, 0, mot + 2, self.height())
        peintre.drawText(cadre, milieu | int(Qt.AlignmentFlag.AlignRight), self.ligne.mot)
