"""Les surfaces qui portent un dessin ou un texte : panneau pâle, dessin, ligne à icône, encart d'attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from borne.ui.composants.texte import Texte
from borne.ui.theme import Role, Theme


class Dessin(QWidget):
    """Un de nos dessins sur un panneau pâle. `teintes` : voir `Theme.dessin`."""

    def __init__(
        self,
        theme: Theme,
        nom: str,
        parent: QWidget | None = None,
        *,
        fond: str | None = "pale",
        rayon: int | None = None,
        teintes: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.fond = fond
        self.rayon = theme.rayon_panneau if rayon is None else rayon
        self.part = 0.9
        self._image = theme.dessin(nom, **(teintes or {}))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Le panneau, puis le dessin au centre, à ses proportions."""
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.fond is not None:
            bord = "bord_pale" if self.theme.contraste else None
            self.theme.peindre_panneau(peintre, QRectF(self.rect()), self.fond, bord, self.rayon)
        boite = self._image.viewBoxF()
        echelle = self.part * min(self.width() / boite.width(), self.height() / boite.height())
        largeur, hauteur = boite.width() * echelle, boite.height() * echelle
        cadre = QRectF((self.width() - largeur) / 2, (self.height() - hauteur) / 2, largeur, hauteur)
        self._image.render(peintre, cadre)


class Encart(QWidget):
    """Une phrase avec son icône, sur un fond. `genre` : `attention`, `succes`, `pale` ou `simple` (sans fond).

    `pastille` : l'icône dans un rond pâle, pour une consigne.
    """

    _ROLES: ClassVar[dict[str, tuple[str | None, str, str | None]]] = {
        "attention": ("attention_fond", "attention", "attention"),
        "succes": ("succes_fond", "succes", "succes"),
        "pale": ("pale", "sur_pale", "bord_pale"),
        "simple": (None, "encre", None),
    }

    def __init__(
        self,
        theme: Theme,
        texte: str,
        icone: str,
        parent: QWidget | None = None,
        *,
        genre: str = "pale",
        role: Role = Role.FORT,
        pastille: bool = False,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.icone = icone
        self._fond, self._couleur, self._bord = self._ROLES[genre]
        self._marge = 0 if self._fond is None else theme.px(6.5)
        self.texte = Texte(theme, texte, role, self._couleur, self)
        self.pastille = pastille
        self.cote = theme.px(19) if pastille else round(theme.corps(role) * 1.15)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _gauche(self) -> int:
        return self._marge + self.cote + self.theme.px(4.5)

    def hauteur_pour(self, largeur: int) -> int:
        """La hauteur de l'encart sur cette largeur."""
        texte = self.texte.hauteur_pour(largeur - self._gauche() - self._marge)
        return max(texte, self.cote) + 2 * (round(self._marge * 0.75))

    def largeur_naturelle(self) -> int:
        """La largeur d'une seule ligne."""
        return self._gauche() + self.texte.largeur_naturelle() + self._marge

    def montrer(self, texte: str, icone: str = "") -> None:
        """Changer la phrase (et l'icône)."""
        self.texte.montrer(texte)
        if icone and icone != self.icone:
            self.icone = icone
            self.update()

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Placer le texte à droite de l'icône."""
        largeur = self.width() - self._gauche() - self._marge
        hauteur = self.texte.hauteur_pour(largeur)
        self.texte.setGeometry(self._gauche(), (self.height() - hauteur) // 2, largeur, hauteur)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Le fond et l'icône, à hauteur de la première ligne."""
        peintre = QPainter(self)
        if self._fond is not None:
            self.theme.peindre_panneau(peintre, QRectF(self.rect()), self._fond, self._bord)
        ligne = self.texte.fontMetrics().lineSpacing()
        y = (self.height() - self.cote) / 2 if self.pastille else self.texte.y() + (ligne - self.cote) / 2
        creux = round(self.cote * 0.24) if self.pastille else 0
        if self.pastille:
            rond = QRectF(self._marge, y, self.cote, self.cote)
            self.theme.peindre_panneau(peintre, rond, "pale", "bord_pale", self.cote // 2)
        couleur = "principal" if self.pastille else self._couleur
        image = self.theme.icone(self.icone, couleur, self.cote - 2 * creux)
        peintre.drawPixmap(QPointF(self._marge + creux, y + creux), image)
