"""La pression du brassard, en direct : un demi-cercle et le chiffre, la plus grande chose de l'écran."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from borne.ui.theme import Role, Theme

PRESSION_MAX: Final = 220.0
"""mmHg au bout de l'arc : au-dessus de ce que gonfle un brassard ordinaire."""


class Jauge(QWidget):
    """Un arc de 0 à 220 mmHg. `legende` : ce que dit le chiffre ; `sans_legende` pour un petit panneau."""

    def __init__(self, theme: Theme, legende: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.legende = legende
        self.pression: float | None = None
        self.setAccessibleName(legende)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def montrer(self, pression: float | None) -> None:
        """La pression la plus récente, en mmHg ; None tant que rien n'est mesuré."""
        if pression != self.pression:
            self.pression = pression
            self.setAccessibleDescription("" if pression is None else str(round(pression)))
            self.update()

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """L'arc vide, l'arc plein, le chiffre et la légende."""
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        depassement = math.sin(math.radians(12))
        legende = self.theme.corps(Role.CORPS) * 1.4
        rayon = min(self.width() / 2.14, self.height() / (1.1 + depassement), (self.height() - legende) / 1.04)
        if rayon < legende / 2:
            # Rien ne s'y lirait : un écran trop petit, que l'audit dénonce.
            return
        trait = rayon * 0.15
        # Sous le centre : le bas de l'arc, ou la légende quand la jauge est petite.
        dessous = max(rayon * depassement, rayon * 0.04 + legende)
        centre_y = rayon + (self.height() - rayon - dessous) / 2
        cadre = QRectF(self.width() / 2 - rayon, centre_y - rayon, 2 * rayon, 2 * rayon)
        cadre = cadre.adjusted(trait / 2, trait / 2, -trait / 2, -trait / 2)
        self._arc(peintre, cadre, "bord_pale" if self.theme.contraste else "pale", trait, 1.0)
        if self.theme.contraste:
            self._arc(peintre, cadre, "fond", trait - 2 * self.theme.bord, 1.0)
        if self.pression is not None:
            self._arc(peintre, cadre, "principal", trait, min(1.0, max(0.02, self.pression / PRESSION_MAX)))
        self._chiffre(peintre, rayon, centre_y)

    def _arc(self, peintre: QPainter, cadre: QRectF, role: str, trait: float, part: float) -> None:
        peintre.setBrush(Qt.BrushStyle.NoBrush)
        peintre.setPen(QPen(self.theme.couleur(role), trait, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        debut, etendue = 192, -204 * part
        peintre.drawArc(cadre, round(debut * 16), round(etendue * 16))

    def _chiffre(self, peintre: QPainter, rayon: float, centre_y: float) -> None:
        police = self.theme.police(Role.VALEUR)
        police.setPixelSize(max(self.theme.corps(Role.CORPS), round(rayon * 0.62)))
        peintre.setFont(police)
        peintre.setPen(self.theme.couleur("encre"))
        milieu = self.width() / 2
        cadre = QRectF(milieu - rayon, centre_y - rayon * 0.66, 2 * rayon, rayon * 0.7)
        if self.pression is None:
            # Pas encore de pression : un tiret se lirait comme une panne.
            cote = round(rayon * 0.5)
            coin = QPointF(milieu - cote / 2, cadre.center().y() - cote / 2)
            peintre.drawPixmap(coin, self.theme.icone("heartbeat", "principal", cote))
        else:
            peintre.drawText(cadre, int(Qt.AlignmentFlag.AlignCenter), str(round(self.pression)))
        peintre.setFont(self.theme.police(Role.CORPS))
        peintre.setPen(self.theme.couleur("encre_douce"))
        cadre = QRectF(milieu - rayon, centre_y + rayon * 0.04, 2 * rayon, self.theme.corps(Role.CORPS) * 1.4)
        peintre.drawText(cadre, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), self.legende)
