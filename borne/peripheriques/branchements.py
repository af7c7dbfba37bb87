"""Attendre qu'un appareil se branche : un signe d'udev s'il y en a un, sinon regarder de temps en temps.

Le signe n'est qu'un réveil : c'est toujours en regardant que l'on sait (un lien stable existe ou n'existe pas). Rien
ne tourne quand personne n'attend.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol, TypeVar

import pyudev

T = TypeVar("T")

journal = logging.getLogger(__name__)

PERIODE_S: Final = 0.25
"""Secondes entre deux regards sans udev."""
PERIODE_UDEV_S: Final = 2.0
"""Secondes entre deux regards avec udev, au cas où un signe se perdrait."""
_UDEVD: Final = Path("/run/udev/control")


class Moniteur(Protocol):
    """Ce que l'on attend d'un `pyudev.Monitor` : un descripteur lisible quand il y a du nouveau, et le vider."""

    def fileno(self) -> int:
        """Le descripteur à veiller."""

    def poll(self, timeout: float | None = None) -> object | None:
        """L'événement suivant, None s'il n'y en a plus."""


def ouvrir_moniteur(sous_systeme: str) -> Moniteur | None:
    """Le moniteur d'udev pour ces appareils (`tty`, `usbmisc`), ou None si udev ne tourne pas."""
    if not _UDEVD.exists():
        return None
    try:
        udev = pyudev.Monitor.from_netlink(pyudev.Context())
        udev.filter_by(sous_systeme)
        udev.start()
    except (OSError, ImportError) as erreur:
        journal.warning("udev ne se laisse pas écouter (%s) : la borne regardera d'elle-même", erreur)
        return None
    moniteur: Moniteur = udev
    return moniteur


class Branchements:
    """Attend que `regarder` trouve ce qu'il cherche. `moniteur` : ce qui ouvre l'écoute d'udev, ou rend None."""

    def __init__(
        self, moniteur: Callable[[], Moniteur | None] = lambda: ouvrir_moniteur("tty"), periode_s: float = PERIODE_S
    ) -> None:
        self._moniteur = moniteur
        self._periode_s = periode_s

    async def attendre(self, regarder: Callable[[], T | None]) -> T:
        """La première valeur que `regarder` donne ; ses exceptions remontent. Sans délai : c'est à l'appelant."""
        valeur = regarder()
        if valeur is not None:
            return valeur
        with self._reveil() as (reveil, periode_s):
            while (valeur := regarder()) is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(periode_s):
                        await reveil.wait()
                reveil.clear()
            return valeur

    @contextmanager
    def _reveil(self) -> Iterator[tuple[asyncio.Event, float]]:
        reveil = asyncio.Event()
        moniteur = self._moniteur()
        if moniteur is None:
            yield reveil, self._periode_s
            return

        def vider() -> None:
            while moniteur.poll(0) is not None:
                pass
            reveil.set()

        boucle = asyncio.get_running_loop()
        boucle.add_reader(moniteur.fileno(), vider)
        try:
            yield reveil, PERIODE_UDEV_S
        finally:
            boucle.remove_reader(moniteur.fileno())
