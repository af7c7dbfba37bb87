"""`Carte` : un choix à cocher et son pictogramme. Coché se voit à la coche et au contour, pas à la seule couleur."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from borne.ui.composants.anti_repetition import AntiRepetition
from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.theme import Role, Theme


class Carte(Bouton):
    """Une carte à cocher ; la vérité vient de la visite (`cocher`), jamais du toucher lui-même."""

    def __init__(
        self,
        theme: Theme,
        texte: str,
        dessin: str,
        parent: QWidget | None = None,
        *,
        repetition: AntiRepetition | None = None,
    ) -> None:
        super().__init__(theme, texte, parent, genre=Genre.CARTE, role=Role.FORT, repetition=repetition)
        self.dessin = dessin
        self.cochee = False
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """Ne pas se cocher soi-même : la visite décide."""

    def cocher(self, cochee: bool) -> None:
        """Montrer l'état que la visite donne."""
        if cochee != self.cochee:
            self.cochee = cochee
            self.setChecked(cochee)
            self.genre = Genre.CARTE_COCHEE if cochee else Genre.CARTE
            self.update()

    def _place_texte(self) -> QRect:
        marge = self.theme.px(3)
        return QRect(marge, 0, self.width() - 2 * marge, self.height())

    def deborde(self) -> bool:
        """Vrai si le mot ne tient pas sous le dessin."""
        boite = self._boite_texte(self._place_texte())
        return boite.width() > self._place_texte().width() or boite.height() > self._hauteur_texte() + 1

    def _hauteur_texte(self) -> int:
        return self._boite_texte(self._place_texte()).height()

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """La carte, son dessin, son mot, et la coche."""
        fond, presse, contour, couleur = self.genre.value
        peintre = QPainter(self)
        cadre = QRectF(self.rect())
        rayon = self.theme.rayon_panneau * 0.8
        self.theme.peindre_panneau(peintre, cadre, presse if self.isDown() else fond, contour, round(rayon))
        if self.cochee or self.foyer_visible:
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.setPen(
                QPen(self.theme.couleur("focus" if self.foyer_visible else "contour"), self.theme.bord * 2)
            )
            marge = self.theme.bord
            peintre.drawRoundedRect(cadre.adjusted(marge, marge, -marge, -marge), rayon, rayon)
        texte = self._hauteur_texte()
        marge_bas = self.theme.px(4)
        haut = self.theme.px(3.5)
        cote = min(self.height() - texte - marge_bas - 2 * haut, self.width() * 0.8)
        y = haut + (self.height() - texte - marge_bas - 2 * haut - cote) / 2
        self.theme.dessin(self.dessin).render(peintre, QRectF((self.width() - cote) / 2, y, cote, cote))
        peintre.setPen(self.theme.couleur(couleur))
        peintre.setFont(self.font())
        cadre_texte = QRectF(self._place_texte()).adjusted(0, self.height() - texte - marge_bas, 0, -marge_bas)
        drapeaux = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        peintre.drawText(cadre_texte, drapeaux, self.text())
        if self.cochee:
            self._peindre_coche(peintre)

    def _peindre_coche(self, peintre: QPainter) -> None:
        cote = self.theme.px(12)
        x, y = self.width() - cote - self.theme.px(3.5), self.theme.px(3.5)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(self.theme.couleur("principal"))
        peintre.drawEllipse(QRectF(x, y, cote, cote))
        marge = cote * 0.18
        image = self.theme.icone("check", "sur_principal", round(cote - 2 * marge))
        peintre.drawPixmap(QPointF(x + marge, y + marge), image)
