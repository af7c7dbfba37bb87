"""Passer d'un fil de capture à asyncio : attendre une valeur qu'un autre fil produira, sans interroger."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Carillon:
    """Réveille les coroutines qui attendent ; `sonner` se fait de n'importe quel fil, plusieurs peuvent attendre."""

    def __init__(self) -> None:
        self._verrou = threading.Lock()
        self._attentes: set[asyncio.Future[None]] = set()

    def sonner(self) -> None:
        """Réveille toutes les attentes en cours, chacune dans sa boucle."""
        with self._verrou:
            attentes, self._attentes = self._attentes, set()
        for attente in attentes:
            boucle = attente.get_loop()
            # Une boucle fermée n'a plus personne à réveiller (arrêt de la borne pendant une capture).
            if not boucle.is_closed():
                boucle.call_soon_threadsafe(_acquitter, attente)

    async def jusqua(self, regarder: Callable[[], T | None]) -> T:
        """Rend la première valeur que `regarder` donne (autre que None) ; ses exceptions remontent.

        L'attente est inscrite avant le regard : une valeur produite entre les deux n'est jamais manquée.
        """
        while True:
            attente = asyncio.get_running_loop().create_future()
            with self._verrou:
                self._attentes.add(attente)
            try:
                valeur = regarder()
                if valeur is not None:
                    return valeur
                await attente
            finally:
                with self._verrou:
                    self._attentes.discard(attente)


def _acquitter(attente: asyncio.Future[None]) -> None:
    if not attente.done():
        attente.set_result(None)
