"""Ce qu'un patient voit d'une fenêtre : des mots, des boutons, sa réponse ; par les noms accessibles."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from PySide6.QtWidgets import QWidget


class Vue:
    """Une fenêtre telle qu'on la regarde."""

    def __init__(self, fenetre: QWidget) -> None:
        self._fenetre = fenetre

    def lit(self, texte: str) -> bool:
        """Vrai si ces mots sont à l'écran."""
        return any(texte in mots for mots in self._mots())

    def controle(self, nom: str) -> QWidget | None:
        """Le contrôle visible, actif et non couvert de ce nom."""
        for enfant in self._fenetre.findChildren(QWidget):
            if simple(enfant.accessibleName()) == nom and enfant.isVisible() and enfant.isEnabled():
                centre = enfant.mapTo(self._fenetre, enfant.rect().center())
                dessus = self._fenetre.childAt(centre)
                if dessus is not None and (dessus is enfant or enfant.isAncestorOf(dessus)):
                    return enfant
        return None

    def reponse(self) -> str:
        """Ce que le champ de saisie montre."""
        for enfant in self._visibles():
            if simple(enfant.accessibleName()) == "Votre réponse":
                return enfant.accessibleDescription()
        return ""

    def noms(self) -> list[str]:
        """Les noms de tout ce qui est visible."""
        return sorted({enfant.accessibleName() for enfant in self._visibles() if enfant.accessibleName()})

    def _visibles(self) -> Iterator[QWidget]:
        return (enfant for enfant in self._fenetre.findChildren(QWidget) if enfant.isVisible())

    def _mots(self) -> Iterator[str]:
        for enfant in self._visibles():
            texte = getattr(enfant, "text", None)
            yield simple(enfant.accessibleName())
            if callable(texte):
                yield simple(str(texte()))


def simple(texte: str) -> str:
    """Le texte sans ses finesses typographiques (espaces insécables, apostrophe courbe)."""
    return unicodedata.normalize("NFKC", texte).replace("’", "'")
