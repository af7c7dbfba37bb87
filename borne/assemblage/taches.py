"""Les tâches de fond de l'assemblage : aucune exception avalée, aucune tâche laissée derrière soi à l'arrêt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

journal = logging.getLogger(__name__)


class Taches:
    """Un groupe de tâches du même sous-système ; `nom` le désigne au journal."""

    def __init__(self, nom: str) -> None:
        self._nom = nom
        self._taches: set[asyncio.Task[None]] = set()

    def lancer(self, travail: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Lance ce travail ; sa faute est journalisée (son type et sa pile)."""
        tache = asyncio.create_task(travail)
        self._taches.add(tache)
        tache.add_done_callback(self._finie)
        return tache

    async def finir(self, delai_s: float) -> None:
        """Laisse `delai_s` secondes aux tâches pour finir, puis annule et attend celles qui restent."""
        if self._taches:
            await asyncio.wait(self._taches, timeout=delai_s)
        restantes = list(self._taches)
        for tache in restantes:
            tache.cancel()
        await asyncio.gather(*restantes, return_exceptions=True)

    async def attendre(self) -> None:
        """Attend les tâches en cours, et elles seules : celles lancées d'ici là ne sont pas attendues."""
        if self._taches:
            await asyncio.wait(set(self._taches))

    def _finie(self, tache: asyncio.Task[None]) -> None:
        self._taches.discard(tache)
        if not tache.cancelled() and tache.exception() is not None:
            journal.error("%s : %s", self._nom, type(tache.exception()).__name__, exc_info=tache.exception())
