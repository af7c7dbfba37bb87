"""Ce que la séance attend des sources d'image et de son : des protocoles, sans dépendre des périphériques.

Une source absente lève une exception (de préférence `OSError`) ; la séance émet alors une image grise ou du
silence et redemande jusqu'à ce que la source revienne. Les numéros croissent pendant toute la vie de l'objet.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

journal = logging.getLogger(__name__)

FREQUENCE_SON: Final = 48_000
"""Hz : la seule fréquence du son de l'appel."""
ECHANTILLONS_BLOC: Final = 960
"""20 ms à 48 kHz."""

DELAI_REPRISE: Final = 0.5
"""Secondes entre deux essais d'une source qui a disparu."""
DELAI_ABSENCE: Final = 2.0
"""Secondes sans rien recevoir au bout desquelles une source muette est dite absente."""


class ImageCaptee(Protocol):
    """Une image de caméra. `bgr` : (h, w, 3) uint8 ; `instant` : secondes Unix de la capture."""

    @property
    def bgr(self) -> NDArray[np.uint8]: ...
    @property
    def instant(self) -> float: ...
    @property
    def numero(self) -> int: ...


class BlocSon(Protocol):
    """20 ms de son. `echantillons` : (960,) int16 mono 48 kHz ; `instant` : Unix, du premier échantillon."""

    @property
    def echantillons(self) -> NDArray[np.int16]: ...
    @property
    def instant(self) -> float: ...
    @property
    def numero(self) -> int: ...


class SourceImage(Protocol):
    """La caméra : la plus récente image seulement."""

    async def prochaine(self, apres: int) -> ImageCaptee:
        """L'image la plus récente de numéro > `apres`, dès qu'il y en a une."""


class SourceSon(Protocol):
    """Un micro ou un stéthoscope."""

    async def prochain(self) -> BlocSon:
        """Le bloc suivant de 20 ms."""


class HautParleur(Protocol):
    """Où va la voix du médecin ; `OSError` quand l'appareil manque."""

    def ecrire(self, echantillons: NDArray[np.int16], /) -> object:
        """Joue (n,) int16 mono 48 kHz, sans attendre."""


@runtime_checkable
class HautParleurCadence(Protocol):
    """Un haut-parleur qui dit quand il lui faut la suite : la carte son donne alors le rythme, et non l'horloge."""

    def ecrire(self, echantillons: NDArray[np.int16], /) -> object: ...
    def attendre(self, delai_s: float, /) -> bool:
        """Attend, depuis un fil de travail, qu'il faille la suite ; faux après `delai_s`, ou sans appareil."""


SurSource = Callable[[str, bool], None]
"""Appelé quand une source disparaît (False) ou revient (True), avec son nom."""

T = TypeVar("T")


class Lecteur(Generic[T]):
    """Lit une source sans jamais lever : None quand rien n'est venu à temps, et elle revient seule."""

    def __init__(self, nom: str, demander: Callable[[], Awaitable[T]], sur_source: SurSource) -> None:
        self._nom = nom
        self._demander = demander
        self._sur_source = sur_source
        self._tache: asyncio.Task[T] | None = None
        self._presente = True
        self._reprise = 0.0
        self._derniere = self._demande = time.monotonic()
        self.attente = 0.0
        """Secondes entre la dernière demande servie et sa réponse."""

    async def lire(self, delai: float) -> T | None:
        """Ce que donne la source dans les `delai` secondes, ou None."""
        tache = self._tache
        if tache is None:
            attente = self._reprise - time.monotonic()
            if attente > 0:
                await asyncio.sleep(min(delai, attente))
                return None
            tache = self._tache = asyncio.create_task(self._appeler())
            self._derniere = self._demande = time.monotonic()
        await asyncio.wait({tache}, timeout=max(delai, 0.0))
        if not tache.done():
            if time.monotonic() - self._derniere > DELAI_ABSENCE:
                self._changer(False, "muette")
            return None
        if self._tache is tache:
            self._tache = None
        if tache.cancelled():
            # `fermer` l'a abandonnée pendant l'attente : la source n'y est pour rien.
            return None
        if (erreur := tache.exception()) is not None:
            self._reprise = time.monotonic() + DELAI_REPRISE
            self._changer(False, type(erreur).__name__)
            return None
        self._derniere = time.monotonic()
        self.attente = self._derniere - self._demande
        self._changer(True, "")
        return tache.result()

    def fermer(self) -> None:
        """Abandonne la demande en cours."""
        if self._tache is not None:
            self._tache.cancel()
            self._tache = None

    async def _appeler(self) -> T:
        return await self._demander()

    def _changer(self, presente: bool, cause: str) -> None:
        if presente == self._presente:
            return
        self._presente = presente
        if presente:
            journal.info("La source %s est revenue.", self._nom)
        else:
            journal.warning("La source %s a disparu (%s).", self._nom, cause)
        self._sur_source(self._nom, presente)
