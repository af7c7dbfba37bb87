"""L'image que la borne reçoit du médecin, convertie dans un fil."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import av
import cv2
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

journal = logging.getLogger(__name__)

SurImage = Callable[[NDArray[np.uint8], float], None]
"""Reçoit une image RGB (h, w, 3) uint8 et l'instant Unix de son décodage, depuis un fil de travail."""


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
