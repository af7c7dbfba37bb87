"""Une boucle asyncio en temps simulé : ce qui devait attendre une minute n'attend pas, et se répète à l'identique.

L'horloge n'avance que quand plus rien n'est prêt, et saute alors à la prochaine échéance. Ne convient qu'à
ce qui vit tout entier dans la boucle : elle n'attend ni un fil, ni un processus, ni le réseau.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

R = TypeVar("R")


class _Selecteur(selectors.DefaultSelector):
    """N'attend jamais : le temps qu'il aurait fallu attendre est ajouté à `maintenant`."""

    def __init__(self) -> None:
        super().__init__()
        self.maintenant = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        prets = super().select(0 if timeout is not None else None)
        if not prets and timeout is not None:
            self.maintenant += max(0.0, timeout)
        return prets


class BoucleSimulee(asyncio.SelectorEventLoop):
    """La boucle ; `time()` part de zéro."""

    def __init__(self) -> None:
        self._simule = _Selecteur()
        super().__init__(self._simule)

    def time(self) -> float:
        """Secondes simulées."""
        return self._simule.maintenant


def executer(tache: Coroutine[Any, Any, R]) -> R:
    """Mène la tâche à son terme en temps simulé, dans une boucle neuve (pas depuis une boucle qui tourne)."""
    with asyncio.Runner(loop_factory=BoucleSimulee) as coureur:
        return coureur.run(tache)
