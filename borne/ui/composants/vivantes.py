"""Les valeurs vivantes d'une mesure : la première en très grand, et la courbe du pouls quand l'appareil la donne."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from borne.mesures import (
    FREQUENCE_CARDIAQUE,
    POIDS,
    PRESSION_BRASSARD,
    SPO2,
    TEMPERATURE,
)
from borne.ui.composants.jauge import Jauge
from borne.ui.composants.onde import Onde
from borne.ui.mots import lue
from borne.ui.textes import Textes
from borne.ui.theme import Role, Theme

VIVANTES: Final[Mapping[str, tuple[str, ...]]] = {
    "tension": (PRESSION_BRASSARD,),
    "temperature": (TEMPERATURE,),
    "saturation": (SPO2, FREQUENCE_CARDIAQUE),
    "poids": (POIDS,),
    "frequence": (FREQUENCE_CARDIAQUE,),
}
"""Par nature, ce qui se montre pendant la mesure, la plus grande d'abord ; ailleurs, rien ne vit."""

PART_COURBE: Final = 0.34
"""Part de la hauteur que prend la courbe du pouls."""

RAPPORT_CHIFFRE: Final = 0.72
"""Hauteur d'un chiffre de la police vendorée, en part de son corps."""


class Vivantes(QWidget):
    """Ce que l'appareil lit en ce moment. Une pression se montre sur sa jauge, le reste en chiffres.

    `etroite` : dans un petit panneau, des légendes d'un mot.
    """

    def __init__(
        self, theme: Theme, textes: Textes, nature: str, parent: QWidget | None = None, *, etroite: bool = False
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.codes = VIVANTES.get(nature, ())
        cle = "valeur-courte" if etroite else "valeur"
        self._legendes = {code: textes.dire(f"{cle}-{code}") for code in self.codes}
        self._valeurs: Mapping[str, float] = {}
        self.jauge = Jauge(theme, self._legendes[PRESSION_BRASSARD], self) if nature == "tension" else None
        self.courbe = Onde(theme, textes.dire("mesure-courbe"), self) if nature == "saturation" else None
        self.setAccessibleName(", ".join(self._legendes.values()))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def montrer(self, valeurs: Mapping[str, float], pleth: tuple[float, ...] = ()) -> None:
        """Les valeurs les plus récentes, par code LOINC et dans l'unité d'usage, et quelques points de la courbe."""
        if self.jauge is not None:
            self.jauge.montrer(valeurs.get(PRESSION_BRASSARD))
        if self.courbe is not None:
            self.courbe.montrer(pleth)
        if valeurs != self._valeurs:
            self._valeurs = valeurs
            lues = [f"{self._legendes[c]} {lue(c, valeurs[c])}" for c in self.codes if c in valeurs]
            self.setAccessibleDescription(", ".join(lues))
            self.update()

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """La jauge prend tout ; la courbe, le bas."""
        if self.jauge is not None:
            self.jauge.setGeometry(self.rect())
        if self.courbe is not None:
            haut = round(self.height() * PART_COURBE)
            self.courbe.setVisible(self._avec_courbe)
            self.courbe.setGeometry(0, self.height() - haut, self.width(), haut)

    @property
    def _avec_courbe(self) -> bool:
        """La courbe cède sa place quand il n'y en a pas pour deux : le chiffre compte plus."""
        return self.courbe is not None and self.height() >= self.theme.px(40)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Chaque chiffre et sa légende, le premier deux fois plus grand."""
        if self.jauge is not None or self.height() < 2 * self.theme.corps(Role.CORPS):
            return
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        haut = self.height() * (1 - PART_COURBE if self._avec_courbe else 1.0)
        lues = [code for code in self.codes if code in self._valeurs]
        if not lues:
            self._attendre(peintre, haut)
            return
        parts = (1.0,) if len(lues) == 1 else (0.58, 0.42)
        gauche = 0.0
        for code, part in zip(lues, parts, strict=True):
            cadre = QRectF(gauche, 0, self.width() * part, haut)
            self._chiffre(peintre, cadre, code, self._taille(cadre, code), 1.0 if gauche == 0 else 0.8)
            gauche += self.width() * part

    def _attendre(self, peintre: QPainter, haut: float) -> None:
        """Pas encore de valeur : un tiret se lirait comme une panne."""
        cote = round(min(haut, self.width()) * 0.5)
        coin = QPointF((self.width() - cote) / 2, (haut - cote) / 2)
        peintre.drawPixmap(coin, self.theme.icone("heartbeat", "principal", cote))

    def _legende(self, largeur: float, code: str) -> float:
        """La hauteur de la légende, sur plusieurs lignes dans un panneau étroit."""
        mesure = QFontMetrics(self.theme.police(Role.CORPS))
        drapeaux = int(Qt.TextFlag.TextWordWrap)
        return float(mesure.boundingRect(0, 0, int(largeur), 9999, drapeaux, self._legendes[code]).height())

    def _taille(self, cadre: QRectF, code: str) -> float:
        """Le corps du plus grand chiffre qui tient au-dessus de sa légende, dans quatre signes de large."""
        libre = cadre.height() - self._legende(cadre.width(), code)
        return max(self.theme.corps(Role.CORPS), min(libre * 0.9, cadre.width() * 0.42))

    def _chiffre(self, peintre: QPainter, cadre: QRectF, code: str, taille: float, part: float) -> None:
        """Le chiffre au-dessus de sa légende ; `part` : sa taille parmi ceux de la ligne, qui ont la même base."""
        legende = self._legende(cadre.width(), code)
        haut_chiffre, entre = taille * RAPPORT_CHIFFRE, self.theme.px(4)
        base = (cadre.height() - legende - entre + haut_chiffre) / 2
        police = self.theme.police(Role.VALEUR)
        police.setPixelSize(round(taille * part))
        peintre.setFont(police)
        peintre.setPen(self.theme.couleur("encre"))
        texte = lue(code, self._valeurs[code])
        large = QFontMetrics(police).horizontalAdvance(texte)
        peintre.drawText(QPointF(cadre.x() + (cadre.width() - large) / 2, base), texte)
        peintre.setFont(self.theme.police(Role.CORPS))
        peintre.setPen(self.theme.couleur("encre_douce"))
        dessous = QRectF(cadre.x(), base + entre, cadre.width(), legende + entre)
        centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)
        peintre.drawText(dessous, centre, self._legendes[code])
