"""`Video` : un widget qui peint l'image la plus récente, recadrée pour remplir sa place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from borne.ui.theme import Role, Theme


def en_image(source: QImage | NDArray[np.uint8]) -> QImage:
    """Un tableau RGB (hauteur, largeur, 3), uint8, vers une QImage qui garde les octets. Lève `ValueError` sinon."""
    if isinstance(source, QImage):
        return source
    if source.ndim != 3 or source.shape[2] != 3 or source.dtype != np.uint8:
        raise ValueError(f"image attendue : (hauteur, largeur, 3) uint8, reçue : {source.shape} {source.dtype}")
    pixels = np.ascontiguousarray(source)
    hauteur, largeur, _ = pixels.shape
    # `copy` : la QImage ne tient pas le tableau en vie.
    return QImage(pixels.data, largeur, hauteur, 3 * largeur, QImage.Format.Format_RGB888).copy()


class Video(QWidget):
    """La plus récente image. `miroir` : pour se voir comme dans une glace. `entiere` : rien n'en est rogné."""

    def __init__(
        self, theme: Theme, nom: str, parent: QWidget | None = None, *, miroir: bool = False, entiere: bool = False
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.miroir = miroir
        self.entiere = entiere
        self.pointeur: tuple[float, float] | None = None
        self.image: QImage | None = None
        self.titre = ""
        self.bandeau = ""
        self.icone_titre = ""
        """Icône à gauche du titre, à poser avant `titrer` ; vide : aucune."""
        self.icone_vide = "user"
        self.incrustee = False
        self._reserve = 0
        self.setAccessibleName(nom)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def montrer(self, image: QImage | None) -> None:
        """Remplacer l'image ; None : plus d'image."""
        self.image = image
        self.update()

    def pointer(self, pointeur: tuple[float, float] | None) -> None:
        """Le doigt du médecin sur l'image, de 0 à 1 en x et en y ; None : il ne montre rien."""
        if pointeur != self.pointeur:
            self.pointeur = pointeur
            self.update()

    def titrer(self, titre: str, bandeau: str = "") -> None:
        """Le nom en haut, et la phrase en bas de l'image."""
        if (titre, bandeau) != (self.titre, self.bandeau):
            self.titre, self.bandeau = titre, bandeau
            self.setAccessibleDescription(f"{titre} {bandeau}".strip())
            self.update()

    def incruster(self) -> None:
        """Se poser sur une autre image : sans titre, avec un liseré qui l'en sépare."""
        self.incrustee = True
        self.titrer("")

    def reserver(self, largeur: int) -> None:
        """Laisser libre cette largeur à droite du titre."""
        self._reserve = largeur
        self.update()

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """L'image dans ses coins ronds, puis les mots."""
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        chemin = QPainterPath()
        rayon = self.theme.rayon_panneau
        chemin.addRoundedRect(QRectF(self.rect()), rayon, rayon)
        peintre.setClipPath(chemin)
        peintre.fillRect(self.rect(), self.theme.couleur("image_fond"))
        if self.image is None:
            self._peindre_vide(peintre)
        else:
            self._peindre_image(peintre, self.image)
            if self.pointeur is not None:
                self._peindre_pointeur(peintre, self.image, *self.pointeur)
        if self.titre:
            self._peindre_titre(peintre)
        if self.bandeau:
            self._peindre_bandeau(peintre)
        if self.incrustee:
            peintre.setClipping(False)
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.setPen(QPen(self.theme.couleur("surface"), 2 * self.theme.bord))
            demi = self.theme.bord
            peintre.drawRoundedRect(QRectF(self.rect()).adjusted(demi, demi, -demi, -demi), rayon, rayon)

    def _cadres(self, image: QImage) -> tuple[QRectF, QRectF]:
        """Ce qui se prend dans l'image, et où cela se peint : remplir la place, ou tout montrer."""
        rapport = self.width() / max(1, self.height())
        if self.entiere:
            echelle = min(self.width() / max(1, image.width()), self.height() / max(1, image.height()))
            largeur, hauteur = image.width() * echelle, image.height() * echelle
            place = QRectF((self.width() - largeur) / 2, (self.height() - hauteur) / 2, largeur, hauteur)
            return QRectF(image.rect()), place
        largeur = min(image.width(), image.height() * rapport)
        hauteur = largeur / rapport
        source = QRectF((image.width() - largeur) / 2, (image.height() - hauteur) / 2, largeur, hauteur)
        return source, QRectF(self.rect())

    def _peindre_image(self, peintre: QPainter, image: QImage) -> None:
        source, place = self._cadres(image)
        peintre.save()
        if self.miroir:
            peintre.translate(self.width(), 0)
            peintre.scale(-1, 1)
        peintre.drawImage(place, image, source)
        peintre.restore()

    def _peindre_pointeur(self, peintre: QPainter, image: QImage, x: float, y: float) -> None:
        """Un anneau jaune bordé de noir : il se voit sur la peau, le noir et le papier."""
        source, place = self._cadres(image)
        part_x = (x * image.width() - source.x()) / source.width()
        part_y = (y * image.height() - source.y()) / source.height()
        if not (0 <= part_x <= 1 and 0 <= part_y <= 1):
            return
        part_x = 1 - part_x if self.miroir else part_x
        centre = QPointF(place.x() + part_x * place.width(), place.y() + part_y * place.height())
        rayon = float(self.theme.px(6))
        peintre.setBrush(Qt.BrushStyle.NoBrush)
        for role, epaisseur in (("image_fond", 2.6), ("pointeur", 1.4)):
            peintre.setPen(QPen(self.theme.couleur(role), self.theme.px(epaisseur)))
            peintre.drawEllipse(centre, rayon, rayon)

    def _peindre_vide(self, peintre: QPainter) -> None:
        cote = round(min(self.width(), self.height()) * 0.34)
        icone = self.theme.icone(self.icone_vide, "sur_image", cote)
        peintre.setOpacity(0.55)
        peintre.drawPixmap((self.width() - cote) // 2, (self.height() - cote) // 2, icone)
        peintre.setOpacity(1.0)

    def _peindre_titre(self, peintre: QPainter) -> None:
        police = self.theme.police(Role.CORPS)
        peintre.setFont(police)
        marge = self.theme.px(5)
        cote = peintre.fontMetrics().height() if self.icone_titre else 0
        retrait = cote + marge if cote else 0
        place = self.width() - 4 * marge - self._reserve - retrait
        drapeaux = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
        boite = peintre.fontMetrics().boundingRect(0, 0, place, self.height(), drapeaux, self.titre)
        cadre = QRectF(marge, marge, boite.width() + 2 * marge + 2 + retrait, boite.height() + marge)
        self._voile(peintre, cadre, self.theme.rayon * 0.6)
        if cote:
            haut = round(cadre.y() + marge / 2)
            peintre.drawPixmap(round(cadre.x()) + marge, haut, self.theme.icone(self.icone_titre, "sur_image", cote))
        peintre.drawText(cadre.adjusted(marge + retrait, marge / 2, -marge + 2, 0), drapeaux, self.titre)

    def _peindre_bandeau(self, peintre: QPainter) -> None:
        peintre.setFont(self.theme.police(Role.CHAPO_FORT))
        marge = self.theme.px(8)
        largeur = self.width() - 2 * marge
        drapeaux = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft)
        boite = peintre.fontMetrics().boundingRect(0, 0, largeur, self.height(), drapeaux, self.bandeau)
        hauteur = min(boite.height() + marge * 1.3, self.height())
        cadre = QRectF(0, self.height() - hauteur, self.width(), hauteur)
        self._voile(peintre, cadre, 0)
        cadre = cadre.adjusted(marge, marge * 0.65, -marge, 0)
        peintre.drawText(cadre, drapeaux, self.bandeau)

    def _voile(self, peintre: QPainter, cadre: QRectF, rayon: float) -> None:
        """Un fond presque opaque : le texte garde 7:1 sur une image claire."""
        fond = self.theme.couleur("image_fond")
        fond.setAlphaF(1.0 if self.theme.contraste else 0.9)
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(fond)
        peintre.drawRoundedRect(cadre, rayon, rayon)
        peintre.setPen(self.theme.couleur("sur_image"))
