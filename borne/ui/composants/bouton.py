"""`Bouton` : la seule commande tactile. Elle agit au relâchement dans le bouton, et jamais deux fois de suite."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from borne.ui.composants.anti_repetition import AntiRepetition
from borne.ui.theme import Role, Theme


class Genre(Enum):
    """L'allure d'un bouton : (fond, fond pressé, contour, texte)."""

    PRINCIPAL = ("principal", "principal_presse", None, "sur_principal")
    SECOND = ("surface", "pale_presse", "contour", "principal")
    URGENCE = ("urgence", "urgence_presse", None, "sur_urgence")
    TOUCHE = ("surface", "pale_presse", "contour_touche", "encre")
    CARTE = ("surface", "pale_presse", "contour", "encre")
    CARTE_COCHEE = ("pale", "pale_presse", "contour", "sur_pale")
    LIGNE = ("surface", "pale_presse", "bord_pale", "encre")
    DISCRET = ("fond", "pale_presse", None, "encre_douce")
    DISCRET_PALE = ("pale", "pale_presse", None, "sur_pale")


class Bouton(QAbstractButton):
    """Un bouton du thème. `touche` n'est émis que pour un toucher qui compte.

    `nom` : nom accessible unique de l'écran (le texte par défaut). `identite` : ce qui rend deux touchers identiques
    (le nom par défaut) ; le bouton principal garde la sienne d'un écran à l'autre.
    """

    touche = Signal()

    def __init__(
        self,
        theme: Theme,
        texte: str,
        parent: QWidget | None = None,
        *,
        genre: Genre = Genre.SECOND,
        icone: str = "",
        icone_a_droite: bool = False,
        role: Role = Role.BOUTON,
        nom: str = "",
        identite: str = "",
        repetition: AntiRepetition | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.genre = genre
        self.icone = icone
        self.icone_a_droite = icone_a_droite
        self.role = role
        self._identite = identite
        self.foyer_visible = False
        self._repetition = repetition or AntiRepetition()
        self.setText(texte)
        self.setFont(theme.police(role))
        self.setAccessibleName(nom or texte)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._relache)

    def _relache(self) -> None:
        if self._repetition.accepte(self._identite or self.accessibleName()):
            self.touche.emit()

    def changer(self, texte: str, nom: str = "") -> None:
        """Changer le texte et le nom accessible."""
        self.setText(texte)
        self.setAccessibleName(nom or texte)
        self.update()

    # --- les mesures ---

    @property
    def taille_icone(self) -> int:
        """Le côté de l'icône, en pixels."""
        return round(self.theme.corps(self.role) * 1.1)

    def largeur_naturelle(self) -> int:
        """La largeur qu'il faut au texte, à l'icône et aux marges."""
        texte = QFontMetrics(self.font()).horizontalAdvance(self.text())
        icone = self.taille_icone if self.icone else 0
        entre = self.theme.ecart if self.icone and self.text() else 0
        marges = 2 * self.theme.px((4.8 if self.theme.grand_texte else 8.3) if self.text() else 5)
        return max(self.theme.cible, texte + icone + entre + marges)

    def sizeHint(self) -> QSize:
        """La taille souhaitée."""
        return QSize(self.largeur_naturelle(), self.theme.hauteur_bouton)

    def deborde(self) -> bool:
        """Vrai si le texte ne tient pas dans le bouton."""
        boite = self._boite_texte(self._place_texte())
        bords = 0 if self.genre is Genre.TOUCHE else 2 * self.theme.bord
        return boite.width() > self._place_texte().width() or boite.height() > self.height() - bords

    def _place_texte(self) -> QRect:
        marge = self.theme.px(3.5) if self.genre is not Genre.TOUCHE else 2
        return self.rect().adjusted(marge, 0, -marge - (self._pris_par_icone() if self.text() else 0), 0)

    def _pris_par_icone(self) -> int:
        return self.taille_icone + self.theme.ecart if self.icone else 0

    def _boite_texte(self, place: QRect) -> QRect:
        drapeaux = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
        cadre = QRect(0, 0, max(1, place.width()), 10_000)
        return QFontMetrics(self.font()).boundingRect(cadre, drapeaux, self.text())

    # --- la peinture ---

    def event(self, evenement: QEvent) -> bool:
        """Un doigt n'a pas de survol : seul l'appui se montre."""
        if isinstance(evenement, QEnterEvent):
            return True
        return bool(super().event(evenement))

    def focusInEvent(self, evenement: QFocusEvent) -> None:
        """Le foyer ne se montre qu'à qui se sert d'un clavier."""
        self.foyer_visible = evenement.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(evenement)

    def focusOutEvent(self, evenement: QFocusEvent) -> None:
        """Le foyer s'en va."""
        self.foyer_visible = False
        super().focusOutEvent(evenement)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Fond, contour, icône et texte ; le foyer du clavier par un second contour."""
        fond, presse, contour, texte = self.genre.value
        peintre = QPainter(self)
        cadre = QRectF(self.rect())
        rayon = self.theme.rayon if self.genre is not Genre.TOUCHE else round(self.theme.rayon * 0.66)
        if not self.isEnabled():
            peintre.setOpacity(0.45)
        self.theme.peindre_panneau(peintre, cadre, presse if self.isDown() else fond, contour, rayon)
        if self.foyer_visible:
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.setPen(QPen(self.theme.couleur("focus"), self.theme.bord * 2))
            marge = self.theme.bord * 1.5
            peintre.drawRoundedRect(cadre.adjusted(marge, marge, -marge, -marge), rayon, rayon)
        self._peindre_contenu(peintre, texte)

    def _peindre_contenu(self, peintre: QPainter, couleur: str) -> None:
        place = self._place_texte()
        boite = self._boite_texte(place) if self.text() else QRect(0, 0, 0, 0)
        pris = self._pris_par_icone() if self.text() else (self.taille_icone if self.icone else 0)
        gauche = (self.width() - boite.width() - pris) / 2
        if self.icone:
            x = gauche + (boite.width() + self.theme.ecart if self.icone_a_droite and self.text() else 0)
            image = self.theme.icone(self.icone, couleur, self.taille_icone)
            peintre.drawPixmap(QPointF(x, (self.height() - self.taille_icone) / 2), image)
        if self.text():
            peintre.setPen(self.theme.couleur(couleur))
            peintre.setFont(self.font())
            x = gauche + (0 if self.icone_a_droite else pris)
            cadre = QRectF(x, 0, boite.width() + 2, self.height())
            drapeaux = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            aligne = Qt.AlignmentFlag.AlignLeft if self.icone else Qt.AlignmentFlag.AlignHCenter
            peintre.drawText(cadre, int(drapeaux) | int(aligne), self.text())
