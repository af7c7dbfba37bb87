"""Ce que la borne reçoit du médecin : son image, convertie dans un fil, et sa voix, vers le haut-parleur."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, cast

import av
import cv2
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

from borne.visio.sources import FREQUENCE_SON, HautParleur, SurSource

journal = logging.getLogger(__name__)

SurImage = Callable[[NDArray[np.uint8], float], None]
"""Reçoit une image RGB (h, w, 3) uint8 et l'instant Unix de son décodage, depuis un fil de travail."""

TROU_MAX: Final = FREQUENCE_SON // 5
"""Échantillons de silence ajoutés au plus pour un trou dans la voix (200 ms)."""


class ReceptionImage:
    """Rend les images du médecin en RGB : la plus récente seulement, jamais de file."""

    def __init__(self, sur_image: SurImage) -> None:
        self._sur_image = sur_image
        self._fil = ThreadPoolExecutor(1, thread_name_prefix="visio-image")
        self._derniere: tuple[av.VideoFrame, float] | None = None
        self._nouvelle = asyncio.Event()
        self._taches: list[asyncio.Task[None]] = []
        self.recues = 0

    def demarrer(self, piste: MediaStreamTrack) -> None:
        """Commence à lire cette piste."""
        self._taches = [asyncio.create_task(self._lire(piste)), asyncio.create_task(self._convertir())]

    def arreter(self) -> None:
        """Arrête la lecture et rend le fil."""
        for tache in self._taches:
            tache.cancel()
        self._fil.shutdown(wait=False)

    async def _lire(self, piste: MediaStreamTrack) -> None:
        while True:
            try:
                image = cast(av.VideoFrame, await piste.recv())
            except MediaStreamError:
                return
            self.recues += 1
            self._derniere = (image, time.time())
            self._nouvelle.set()

    async def _convertir(self) -> None:
        boucle = asyncio.get_running_loop()
        while True:
            await self._nouvelle.wait()
            self._nouvelle.clear()
            if self._derniere is None:
                continue
            travail = boucle.run_in_executor(self._fil, self._rendre, *self._derniere)
            await asyncio.wait({travail})
            if (erreur := travail.exception()) is not None:
                # Une image qui ne se montre pas n'arrête pas les suivantes.
                journal.error("Image du médecin non affichée.", exc_info=erreur)

    def _rendre(self, image: av.VideoFrame, instant: float) -> None:
        self._sur_image(en_rgb(image), instant)


def en_rgb(image: av.VideoFrame) -> NDArray[np.uint8]:
    """Une image décodée en RGB (h, w, 3) uint8 ; I420 par OpenCV (BT.601), le reste par swscale."""
    if image.format.name == "yuv420p" and image.width % 2 == 0 and image.height % 2 == 0:
        rgb = cv2.cvtColor(image.to_ndarray(), cv2.COLOR_YUV2RGB_I420)
    else:
        rgb = image.to_ndarray(format="rgb24")
    return np.asarray(rgb, dtype=np.uint8)


class ReceptionVoix:
    """Joue la voix du médecin ; un haut-parleur absent n'arrête rien."""

    def __init__(self, haut_parleur: HautParleur | None, sur_source: SurSource) -> None:
        self._haut_parleur = haut_parleur
        self._sur_source = sur_source
        self._present = True
        self._attendu: int | None = None
        self._tache: asyncio.Task[None] | None = None

    def demarrer(self, piste: MediaStreamTrack) -> None:
        """Commence à lire cette piste."""
        self._tache = asyncio.create_task(self._lire(piste))

    def arreter(self) -> None:
        """Arrête la lecture."""
        if self._tache is not None:
            self._tache.cancel()

    async def _lire(self, piste: MediaStreamTrack) -> None:
        while True:
            try:
                trame = cast(av.AudioFrame, await piste.recv())
            except MediaStreamError:
                return
            self._ecrire(self._sans_trou(trame))

    def _sans_trou(self, trame: av.AudioFrame) -> NDArray[np.int16]:
        mono = en_mono(trame)
        pts = trame.pts or 0
        trou = 0 if self._attendu is None else pts - self._attendu
        self._attendu = pts + len(mono)
        if 0 < trou <= TROU_MAX:
            return np.concatenate([np.zeros(trou, dtype=np.int16), mono])
        return mono

    def _ecrire(self, echantillons: NDArray[np.int16]) -> None:
        if self._haut_parleur is None:
            return
        try:
            self._haut_parleur.ecrire(echantillons)
        except OSError as erreur:
            self._changer(False, type(erreur).__name__)
        else:
            self._changer(True, "")

    def _changer(self, present: bool, cause: str) -> None:
        if present != self._present:
            self._present = present
            if not present:
                journal.warning("Le haut-parleur a disparu (%s).", cause)
            self._sur_source("haut_parleur", present)


def en_mono(trame: av.AudioFrame) -> NDArray[np.int16]:
    """Une trame s16 entrelacée en (n,) int16 mono."""
    voies = trame.to_ndarray().reshape(-1, trame.layout.nb_channels)
    if voies.shape[1] == 1:
        return np.asarray(voies[:, 0], dtype=np.int16)
    return np.asarray(voies.astype(np.int32).mean(axis=1), dtype=np.int16)
