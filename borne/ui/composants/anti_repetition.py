"""Un toucher identique dans la demi-seconde ne compte qu'une fois (A11Y-REPETITION), même d'un écran à l'autre."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

FENETRE_S: Final = 0.5


class AntiRepetition:
    """Retient le dernier toucher accepté. `horloge` rend des secondes monotones."""

    def __init__(self, horloge: Callable[[], float] = time.monotonic) -> None:
        self._horloge = horloge
        self._dernier = ""
        self._instant = float("-inf")

    def accepte(self, identite: str) -> bool:
        """Vrai si ce toucher compte. `identite` : ce qui fait que deux touchers sont le même."""
        maintenant = self._horloge()
        if identite == self._dernier and maintenant - self._instant < FENETRE_S:
            return False
        self._dernier, self._instant = identite, maintenant
        return True
