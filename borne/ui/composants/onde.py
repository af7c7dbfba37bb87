"""Deux petites vies : le niveau d'un micro, et l'onde du stéthoscope."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from borne.ui.theme import Theme

PLANCHER_DBFS: Final = -60.0
BARRES: Final = 16


class Niveau(QWidget):
    """Le niveau d'un micro, en barres, de -60 à 0 dBFS."""

    def __init__(self, theme: Theme, nom: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.niveau: float | None = None
        self.setAccessibleName(nom)

    def montrer(self, niveau: float | None) -> None:
        """Le niveau le plus récent, en dBFS."""
        if niveau != self.niveau:
            self.niveau = niveau
            self.update()

    def hauteur_pour(self, largeur: int) -> int:
        """La hauteur des barres."""
        return self.theme.px(12)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Les barres pleines disent le niveau, les vides ce qui reste."""
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        part = 0.0 if self.niveau is None else 1 - max(PLANCHER_DBFS, min(0.0, self.niveau)) / PLANCHER_DBFS
        entre = self.theme.px(2)
        largeur = (self.width() - (BARRES - 1) * entre) / BARRES
        bord = self.theme.bord
        for rang in range(BARRES):
            plein = rang < round(part * BARRES)
            peintre.setPen(QPen(self.theme.couleur("contour"), bord))
            peintre.setBrush(self.theme.couleur("principal" if plein else "surface"))
            cadre = QRectF(rang * (largeur + entre), 0, largeur, self.height())
            rayon = min(largeur, self.height()) * 0.3
            peintre.drawRoundedRect(cadre.adjusted(bord / 2, bord / 2, -bord / 2, -bord / 2), rayon, rayon)


class Onde(QWidget):
    """Les derniers échantillons du stéthoscope, de -1 à 1."""

    def __init__(self, theme: Theme, nom: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.echantillons: tuple[float, ...] = ()
        self.setAccessibleName(nom)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def montrer(self, echantillons: tuple[float, ...]) -> None:
        """Les échantillons les plus récents."""
        if echantillons != self.echantillons:
            self.echantillons = echantillons
            self.update()

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Une ligne ; plate tant que rien ne vient."""
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setPen(
            QPen(
                self.theme.couleur("principal"),
                self.theme.bord,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        milieu = self.height() / 2
        valeurs = self.echantillons or (0.0, 0.0)
        pas = self.width() / max(1, len(valeurs) - 1)
        amplitude = milieu - self.theme.bord
        points = [QPointF(i * pas, milieu - max(-1.0, min(1.0, v)) * amplitude) for i, v in enumerate(valeurs)]
        peintre.drawPolyline(QPolygonF(points))
