"""Le délai de l'image du médecin, lu sur l'écran de la borne au moment où Qt vient de la peindre."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from borne.demonstration.horodatage import ecart_ms, lire, zone


class SondeImage(QObject):
    """Regarde l'image que peint le composant vidéo du médecin (nom accessible « Image de votre médecin »)."""

    NOM = "Image de votre médecin"

    def __init__(self, fenetre: QWidget, fichier: Path) -> None:
        super().__init__(fenetre)
        self._fichier = fichier
        self._dernier: int | None = None
        self.delais: list[int] = []
        fenetre.installEventFilter(self)
        self._fenetre = fenetre
        self._composant: QWidget | None = None

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        """Après chaque peinture du composant vidéo, lit le tampon de l'image qu'il montre."""
        if evenement.type() in (QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest) and not self._a_l_ecran():
            self._chercher()
        elif objet is self._composant and evenement.type() == QEvent.Type.Paint:
            self._mesurer()
        return False

    def _a_l_ecran(self) -> bool:
        """Chaque écran a son composant : celui qu'on regardait a pu partir avec le sien."""
        return self._composant is not None and isValid(self._composant) and self._composant.isVisible()

    def _chercher(self) -> None:
        for enfant in self._fenetre.findChildren(QWidget):
            if enfant.accessibleName() == self.NOM and enfant.isVisible():
                self._composant = enfant
                enfant.installEventFilter(self)
                return

    def _mesurer(self) -> None:
        image = getattr(self._composant, "image", None)
        if not isinstance(image, QImage) or image.isNull():
            return
        tampon = lire(_en_rvb(image))
        if tampon is None or tampon == self._dernier:
            return
        self._dernier = tampon
        self.delais.append(ecart_ms(int(time.time() * 1000) % 2**32, tampon))

    def ecrire(self) -> None:
        """Écrit les délais mesurés (millisecondes) en JSON."""
        self._fichier.write_text(json.dumps(self.delais))


def _en_rvb(image: QImage) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Le haut de l'image en (h, largeur, 3) uint8 : la zone du tampon suffit."""
    _, _, _, hauteur = zone(image.width())
    copie = image.copy(0, 0, image.width(), min(image.height(), 2 * hauteur + 16))
    copie = copie.convertToFormat(QImage.Format.Format_RGB888)
    brut = np.frombuffer(copie.constBits(), np.uint8).reshape(copie.height(), copie.bytesPerLine())
    return brut[:, : 3 * copie.width()].reshape(copie.height(), copie.width(), 3)
