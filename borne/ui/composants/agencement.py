"""Placer des composants : en colonne, en rangée, en grille. Les hauteurs se demandent, elles ne se devinent pas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget


def hauteur_de(objet: QWidget, largeur: int) -> int:
    """La hauteur qu'un composant demande sur cette largeur."""
    demande = getattr(objet, "hauteur_pour", None)
    return int(demande(largeur)) if demande is not None else objet.sizeHint().height()


def hauteur_totale(objets: Sequence[QWidget], largeur: int, espace: int) -> int:
    """La hauteur d'une colonne de composants."""
    return sum(hauteur_de(objet, largeur) for objet in objets) + espace * max(0, len(objets) - 1)


def en_colonne(objets: Sequence[QWidget], zone: QRect, espace: int) -> QRect:
    """Empiler de haut en bas ; rend ce qui reste de la zone, sous la colonne."""
    y = zone.y()
    for objet in objets:
        hauteur = hauteur_de(objet, zone.width())
        objet.setGeometry(zone.x(), y, zone.width(), hauteur)
        y += hauteur + espace
    return QRect(zone.x(), y, zone.width(), zone.bottom() + 1 - y)


def en_grille(objets: Sequence[QWidget], zone: QRect, colonnes: int, espace: int) -> None:
    """Partager la zone en cases égales, ligne après ligne."""
    lignes = -(-len(objets) // colonnes)
    largeur = (zone.width() - espace * (colonnes - 1)) / colonnes
    hauteur = (zone.height() - espace * (lignes - 1)) / lignes
    for rang, objet in enumerate(objets):
        ligne, colonne = divmod(rang, colonnes)
        x = round(zone.x() + colonne * (largeur + espace))
        y = round(zone.y() + ligne * (hauteur + espace))
        objet.setGeometry(x, y, int(largeur), int(hauteur))


def en_rangee(objets: Sequence[QWidget], zone: QRect, espace: int, *, a_droite: bool = False) -> int:
    """Aligner côte à côte, chacun à sa largeur naturelle ; rend la largeur prise."""
    largeurs = [int(objet.largeur_naturelle()) for objet in objets]  # type: ignore[attr-defined]
    prise = sum(largeurs) + espace * max(0, len(objets) - 1)
    x = zone.right() + 1 - prise if a_droite else zone.x()
    for objet, largeur in zip(objets, largeurs, strict=True):
        objet.setGeometry(x, zone.y(), largeur, zone.height())
        x += largeur + espace
    return prise
