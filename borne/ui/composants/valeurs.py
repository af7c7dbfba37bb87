"""Des mesures en grands chiffres, chacune sur sa tuile, sans interprétation (VISITE-NEUTRE)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from borne.ui.theme import Role, Theme


class Valeurs(QWidget):
    """`mesures` : (nom, valeur) de chaque tuile."""

    def __init__(self, theme: Theme, mesures: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.mesures = tuple(mesures)
        self.setAccessibleName(", ".join(f"{nom} {valeur}" for nom, valeur in mesures))

    def _hauteurs(self, largeur: int) -> tuple[int, int]:
        mesure = QFontMetrics(self.theme.police(Role.CORPS))
        case = self._case(largeur) - 2 * self.theme.px(3)
        drapeaux = int(Qt.TextFlag.TextWordWrap)
        noms = [mesure.boundingRect(0, 0, int(case), 9999, drapeaux, nom).height() for nom, _ in self.mesures]
        return round(self.theme.corps(Role.CHIFFRE) * 1.15), max(noms, default=0)

    def _case(self, largeur: int) -> float:
        nombre = max(1, len(self.mesures))
        return min((largeur - (nombre - 1) * self.theme.px(5)) / nombre, self.theme.px(95))

    def hauteur_pour(self, largeur: int) -> int:
        """La hauteur des tuiles."""
        chiffre, nom = self._hauteurs(largeur)
        return chiffre + nom + self.theme.px(12)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Une tuile par mesure : le chiffre, puis son nom."""
        peintre = QPainter(self)
        case = self._case(self.width())
        chiffre, nom_haut = self._hauteurs(self.width())
        centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        for rang, (nom, valeur) in enumerate(self.mesures):
            x = rang * (case + self.theme.px(5))
            bord = "bord_pale"
            self.theme.peindre_panneau(peintre, QRectF(x, 0, case, self.height()), "pale", bord)
            peintre.setPen(self.theme.couleur("sur_pale"))
            peintre.setFont(self.theme.police(Role.CHIFFRE))
            peintre.drawText(QRectF(x, self.theme.px(4), case, chiffre), int(Qt.AlignmentFlag.AlignCenter), valeur)
            peintre.setFont(self.theme.police(Role.CORPS))
            marge = self.theme.px(3)
            cadre = QRectF(x + marge, self.theme.px(5) + chiffre, case - 2 * marge, nom_haut + 4)
            peintre.drawText(cadre, centre, nom)
