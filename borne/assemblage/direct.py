"""Les valeurs vivantes de la borne, réunies en un état que l'écran montre ; jamais conservées."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from borne.ui.direct import EtatDirect


class Direct:
    """Garde le dernier état vivant et le publie à chaque changement."""

    def __init__(self, etat: EtatDirect, publier: Callable[[EtatDirect], None]) -> None:
        self.etat = etat
        self._publier = publier

    def modifier(self, **changements: Any) -> None:
        """Change des champs d'`EtatDirect` ; ne publie que si quelque chose a changé."""
        etat = replace(self.etat, **changements)
        if etat != self.etat:
            self.etat = etat
            self._publier(etat)
