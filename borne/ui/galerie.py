"""La galerie : chaque écran en PNG, dans chaque taille et chaque thème. L'audit est dans `audit.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from borne.ui.affichage import PAYSAGE, PORTRAIT, Affichage
from borne.ui.audit import audit, ouvrir_application
from borne.ui.exemples import avec_preferences, exemples
from borne.ui.fenetre import Fenetre
from borne.ui.textes import Textes
from borne.ui.theme import Theme

__all__ = ["AFFICHAGES", "VARIANTES", "audit", "ouvrir", "rendre"]

AFFICHAGES: Final = (PAYSAGE, PORTRAIT)
VARIANTES: Final = {
    "clair": {},
    "contraste": {"contraste": True},
    "grand-texte": {"grand_texte": True},
}
"""Thèmes et tailles de texte rendus."""


def portrait_de_synthese(largeur: int = 1280, hauteur: int = 720, dessin: str = "medecin") -> QImage:
    """Une image de caméra pour la galerie : nos dessins, sans visage réel."""
    image = QImage(largeur, hauteur, QImage.Format.Format_RGB888)
    theme = Theme()
    image.fill(theme.couleur("pale_presse"))
    peintre = QPainter(image)
    peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
    cote = hauteur * 1.12
    coin = QPointF((largeur - cote) / 2, hauteur - cote * 0.98)
    theme.dessin(dessin).render(peintre, QRectF(coin.x(), coin.y(), cote, cote))
    peintre.end()
    return image


def ouvrir(affichage: Affichage, textes: Textes) -> Fenetre:
    """Une fenêtre de galerie, montrée."""
    fenetre = Fenetre(affichage, textes, lambda evenement: None)
    fenetre.show()
    return fenetre


def _donner_images(fenetre: Fenetre) -> None:
    """Les deux images, une fois l'écran montré : la fenêtre ne garde que celles de la visite en cours."""
    fenetre.montrer_image_medecin(portrait_de_synthese())
    fenetre.montrer_image_patient(portrait_de_synthese(dessin="au-revoir"))


def rendre(dossier: Path, affichages: Sequence[Affichage] = AFFICHAGES, textes: Textes | None = None) -> list[Path]:
    """Écrire chaque écran en PNG dans `dossier/<largeur>x<hauteur>/<variante>/<écran>.png` ; rend les chemins."""
    application = ouvrir_application()
    textes = textes or Textes(Path("config/textes"))
    ecrits: list[Path] = []
    for affichage in affichages:
        fenetre = ouvrir(affichage, textes)
        for variante, preferences in VARIANTES.items():
            sous = Path(dossier) / f"{affichage.largeur_px}x{affichage.hauteur_px}" / variante
            sous.mkdir(parents=True, exist_ok=True)
            for nom, exemple in exemples().items():
                fenetre.montrer(*avec_preferences(exemple, **preferences))
                _donner_images(fenetre)
                application.processEvents()
                chemin = sous / f"{nom}.png"
                fenetre.grab().save(str(chemin))
                ecrits.append(chemin)
        fenetre.close()
        fenetre.deleteLater()
        application.processEvents()
    return ecrits
