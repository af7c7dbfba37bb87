"""Une boucle asyncio dont le temps passe plus vite : une séance d'une minute se rejoue en quelques secondes."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

R = TypeVar("R")


class _Selecteur(selectors.DefaultSelector):
    """Attend `vitesse` fois moins que demandé."""

    vitesse = 1.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / self.vitesse if timeout else timeout)


class BoucleRapide(asyncio.SelectorEventLoop):
    """`vitesse` : secondes de la boucle par seconde vraie. Les délais des autres (fils, noyau) restent les leurs."""

    def __init__(self, vitesse: float) -> None:
        selecteur = _Selecteur()
        selecteur.vitesse = vitesse
        self._vitesse = vitesse
        super().__init__(selecteur)

    def time(self) -> float:
        """Secondes de la boucle."""
        return super().time() * self._vitesse


def executer(tache: Coroutine[Any, Any, R], vitesse: float = 1.0) -> R:
    """Mène la tâche à son terme dans une boucle neuve, à cette vitesse."""
    with asyncio.Runner(loop_factory=lambda: BoucleRapide(vitesse)) as coureur:
        return coureur.run(tache)
