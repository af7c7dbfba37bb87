"""Les champs de saisie : une ligne de texte avec son curseur, et des cases de chiffres (date, téléphone)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from borne.ui.theme import Role, Theme


class Champ(QWidget):
    """Ce que le patient a écrit. N'a pas de saisie propre : il montre la visite."""

    def __init__(self, theme: Theme, nom: str, parent: QWidget | None = None, *, role: Role = Role.SAISIE) -> None:
        super().__init__(parent)
        self.theme = theme
        self.role = role
        self.texte = ""
        self._nom = nom
        self.setFont(theme.police(role))
        self.setAccessibleName(nom)

    def montrer(self, texte: str) -> None:
        """Montrer ce texte ; la description accessible le porte."""
        if texte != self.texte:
            self.texte = texte
            self.setAccessibleDescription(texte)
            self.update()

    def hauteur_pour(self, largeur: int) -> int:
        """La hauteur du champ."""
        return round(self.theme.corps(self.role) * 1.75)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Le cadre, la fin du texte (le début glisse s'il est long) et le curseur."""
        peintre = QPainter(self)
        self.theme.peindre_panneau(peintre, QRectF(self.rect()), "surface", "focus")
        marge = self.theme.px(7)
        mesure = QFontMetrics(self.font())
        place = self.width() - 2 * marge - self.theme.px(3)
        visible = self.texte.replace("'", "’")
        while mesure.horizontalAdvance(visible) > place:
            visible = visible[1:]
        peintre.setFont(self.font())
        peintre.setPen(self.theme.couleur("encre"))
        cadre = QRectF(marge, 0, self.width() - 2 * marge, self.height())
        peintre.drawText(cadre, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), visible)
        x = marge + mesure.horizontalAdvance(visible) + self.theme.px(1.2)
        haut = self.height() * 0.2
        peintre.fillRect(QRectF(x, haut, self.theme.px(1.2), self.height() * 0.6), self.theme.couleur("focus"))


class Cases(QWidget):
    """Des cases de chiffres groupées. `groupes` : nombre de cases de chacun ; `titres` : leurs noms, ou vides."""

    def __init__(
        self, theme: Theme, nom: str, groupes: Sequence[int], titres: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.groupes = tuple(groupes)
        self.titres = tuple(titres)
        self.texte = ""
        self.setAccessibleName(nom)

    def montrer(self, texte: str) -> None:
        """Montrer ces chiffres."""
        if texte != self.texte:
            self.texte = texte
            self.setAccessibleDescription(texte)
            self.update()

    def _haut(self) -> int:
        return round(self.theme.corps(Role.CORPS) * 1.45) if any(self.titres) else 0

    def _cote(self, largeur: int) -> tuple[float, float, float]:
        """Largeur d'une case, espace entre cases, espace entre groupes."""
        entre, grand = self.theme.px(1.6), self.theme.px(7 if len(self.groupes) < 5 else 4.5)
        nombre = sum(self.groupes)
        dedans = (nombre - len(self.groupes)) * entre + (len(self.groupes) - 1) * grand
        return min((largeur - dedans) / nombre, self.theme.px(24)), entre, grand

    def hauteur_pour(self, largeur: int) -> int:
        """La hauteur des cases et de leurs titres."""
        return self._haut() + round(self._cote(largeur)[0] * 1.3)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Chaque case ; la prochaine à remplir porte le contour du foyer."""
        peintre = QPainter(self)
        case, entre, grand = self._cote(self.width())
        police = self.theme.police(Role.SAISIE)
        police.setPixelSize(min(police.pixelSize(), int(case * 0.95)))
        x, rang = 0.0, 0
        for groupe, nombre in enumerate(self.groupes):
            if any(self.titres):
                peintre.setFont(self.theme.police(Role.CORPS))
                peintre.setPen(self.theme.couleur("encre_douce"))
                cadre = QRectF(x, 0, nombre * (case + entre) + grand, self._haut())
                peintre.drawText(cadre, int(Qt.AlignmentFlag.AlignTop), self.titres[groupe])
            for _ in range(nombre):
                self._peindre_case(peintre, QRectF(x, self._haut(), case, case * 1.3), rang, police.pixelSize())
                x += case + entre
                rang += 1
            x += grand - entre

    def _peindre_case(self, peintre: QPainter, cadre: QRectF, rang: int, taille: int) -> None:
        bord = "focus" if rang == len(self.texte) else "contour_touche"
        rayon = round(self.theme.rayon * 0.55)
        self.theme.peindre_panneau(peintre, cadre, "surface", bord, rayon)
        if rang == len(self.texte):
            peintre.setPen(QPen(self.theme.couleur("focus"), self.theme.bord * 2))
            peintre.drawRoundedRect(cadre.adjusted(3, 3, -3, -3), rayon, rayon)
        if rang < len(self.texte):
            police = self.theme.police(Role.SAISIE)
            police.setPixelSize(taille)
            peintre.setFont(police)
            peintre.setPen(self.theme.couleur("encre"))
            peintre.drawText(cadre, int(Qt.AlignmentFlag.AlignCenter), self.texte[rang])
