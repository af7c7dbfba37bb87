"""`Texte` : un texte du thème, aligné à gauche, qui connaît la hauteur qu'il lui faut."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from borne.ui.theme import Role, Theme


class Texte(QLabel):
    """Un paragraphe. `role` fixe la taille, `couleur` le rôle de couleur."""

    def __init__(
        self,
        theme: Theme,
        texte: str,
        role: Role = Role.CORPS,
        couleur: str = "encre",
        parent: QWidget | None = None,
        *,
        centre: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(theme.police(role))
        self.setPalette(theme.palette(couleur))
        horizontal = Qt.AlignmentFlag.AlignHCenter if centre else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(horizontal | Qt.AlignmentFlag.AlignTop)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.montrer(texte)

    def montrer(self, texte: str) -> None:
        """Changer le texte (et son nom accessible)."""
        if texte != self.text():
            self.setText(texte)
            self.setAccessibleName(texte)
            self._equilibrer()

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Replier de nouveau."""
        self._equilibrer()
        super().resizeEvent(evenement)

    def _equilibrer(self) -> None:
        """Des lignes de longueurs proches : jamais un mot seul sur la dernière."""
        large = self.width()
        hauteur = self.hauteur_pour(large)
        if hauteur > 1.5 * QFontMetrics(self.font()).lineSpacing():
            bas, haut = large // 3, large
            while haut - bas > 4:
                milieu = (bas + haut) // 2
                boite = self._boite(milieu)
                tient = boite.height() <= hauteur and boite.width() <= milieu
                bas, haut = (bas, milieu) if tient else (milieu, haut)
            large = min(large, haut + 4)
        libre = self.width() - large
        centre = bool(self.alignment() & Qt.AlignmentFlag.AlignHCenter)
        self.setContentsMargins(libre // 2 if centre else 0, 0, libre // 2 if centre else libre, 0)

    def hauteur_pour(self, largeur: int) -> int:
        """La hauteur, en pixels, de ce texte replié sur `largeur` pixels."""
        return self._boite(largeur).height()

    def largeur_naturelle(self) -> int:
        """La largeur d'une seule ligne."""
        return QFontMetrics(self.font()).horizontalAdvance(self.text()) + 2

    def deborde(self) -> bool:
        """Vrai si le texte ne tient pas dans la place reçue."""
        boite = self._boite(self.width())
        return boite.height() > self.height() + 1 or boite.width() > self.width() + 1

    def _boite(self, largeur: int) -> QRect:
        drapeaux = int(Qt.TextFlag.TextWordWrap) | int(self.alignment())
        return QFontMetrics(self.font()).boundingRect(QRect(0, 0, max(1, largeur), 10_000), drapeaux, self.text())
