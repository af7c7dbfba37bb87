"""Filmer deux secondes par la caméra de la borne : de quoi mesurer sa cadence et juger son image."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from borne.autotest.banc import Banc
from borne.autotest.image import Image, Regard, regarder
from borne.peripheriques.camera import Camera, CameraPerdue, ImageCaptee
from borne.peripheriques.mode_camera import ModeVoulu

DUREE_S: Final = 2.0
CHAUFFE_IMAGES: Final = 8
"""Images jetées d'abord : l'exposition d'une webcam met un quart de seconde à se régler."""
RAFALE: Final = 6
"""Images successives gardées entières."""
FENETRE_S: Final = 0.5
OUVERTURE_S: Final = 6.0
PAS_LUMIERE: Final = 32
"""Un point sur tant suffit à suivre la lumière d'une image à l'autre."""


@dataclass(frozen=True, slots=True)
class Film:
    """`cadence` : images par seconde, la meilleure fenêtre (une machine occupée un instant n'est pas une caméra
    lente). `trou_s` : le plus long arrêt. `premiere` et `rafale` : images BGR, à deux secondes l'une de l'autre.
    `luminances` : chaque image.
    """

    cadence: float
    trou_s: float
    premiere: Image
    rafale: Sequence[Image]
    luminances: Sequence[float]

    def regard(self) -> Regard:
        """Ce qu'on voit sur la rafale, et depuis la première image. Long : hors de la boucle asyncio."""
        return regarder(self.rafale, self.premiere, self.luminances)


def racine_cameras(banc: Banc) -> Path:
    """Où sont les noms stables des caméras."""
    return banc.systeme("/dev/v4l/by-id")


async def filmer(source: str | int, racine: Path, mode: ModeVoulu | None = None) -> Film:
    """Deux secondes de cette caméra, ouverte dans ce mode ; lève `CameraPerdue`."""
    camera = Camera(source, mode, racine=racine)
    camera.demarrer()
    try:
        return await _filmer(camera)
    finally:
        await asyncio.to_thread(camera.arreter)


async def _filmer(camera: Camera) -> Film:
    image = await _premiere(camera)
    for _ in range(CHAUFFE_IMAGES):
        image = await camera.prochaine(image.numero)
    debut = image
    instants, luminances, rafale = [image.instant], [_luminance(image)], [image.bgr]
    while image.instant - debut.instant < DUREE_S or len(rafale) < RAFALE:
        suivante = await camera.prochaine(image.numero)
        instants.append(suivante.instant)
        luminances.append(_luminance(suivante))
        rafale = [*rafale[1 - RAFALE :], suivante.bgr]
        # Le numéro compte toutes les images captées, même celles que nous n'avons pas eu le temps de prendre.
        instants += [suivante.instant] * (suivante.numero - image.numero - 1)
        image = suivante
    if len({vue.shape for vue in (debut.bgr, *rafale)}) != 1:
        raise CameraPerdue("La caméra change de définition en cours de route.")
    trou_s = float(np.diff(instants).max())
    return Film(_cadence(instants), trou_s, debut.bgr, rafale, luminances)


async def _premiere(camera: Camera) -> ImageCaptee:
    """La première image ; une ouverture manquée est retentée par le fil de la caméra, jusqu'au délai."""
    try:
        async with asyncio.timeout(OUVERTURE_S):
            while True:
                try:
                    return await camera.prochaine(0)
                except CameraPerdue:
                    if not camera.branchee:
                        raise
                    await asyncio.sleep(0.1)
    except TimeoutError:
        raise CameraPerdue(camera.raison or "La caméra n'envoie pas d'images.") from None


def _luminance(image: ImageCaptee) -> float:
    return float(image.bgr[::PAS_LUMIERE, ::PAS_LUMIERE].mean())


def _cadence(instants: Sequence[float]) -> float:
    """La meilleure cadence sur une fenêtre d'une demi-seconde au moins."""
    temps = np.asarray(instants) - instants[0]
    if temps[-1] <= 0:
        return 0.0
    meilleure = (len(temps) - 1) / float(temps[-1])
    for rang, debut in enumerate(temps):
        fin = int(np.searchsorted(temps, debut + FENETRE_S))
        if fin < len(temps):
            meilleure = max(meilleure, (fin - rang) / float(temps[fin] - debut))
    return meilleure
