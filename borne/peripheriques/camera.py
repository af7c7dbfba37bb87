"""La caméra : un fil de capture OpenCV, qui ne garde que l'image la plus récente et rouvre seul la caméra perdue.

La source est un chemin stable : le nom d'un lien de /dev/v4l/by-id (le numéro de /dev/videoN change quand on
rebranche), un chemin absolu, ou le FIFO y4m de la caméra virtuelle. Le fil lit toujours aussi vite que la caméra
produit : rien ne vieillit dans les tampons du noyau ou de ffmpeg, une image trop tardive est simplement remplacée.
"""

from __future__ import annotations

import logging
import os
import select
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.mode_camera import Cadence, ModeVoulu, dire_ecart, regler
from borne.peripheriques.opencv import cv2
from borne.peripheriques.tenace import EtatPeripherique, FilTenace, SurEtat

journal = logging.getLogger(__name__)

RACINE_STABLE: Final = Path("/dev/v4l/by-id")
DELAI_IMAGE_S: Final = 3.0
"""Au-delà, une caméra ouverte qui n'envoie rien est tenue pour perdue."""
IMAGES_PAR_VERIFICATION: Final = 15
"""Images entre deux comparaisons du mode obtenu au mode voulu."""
ILLISIBLES_TOLEREES: Final = 15
"""Images abîmées de suite (une demi-seconde à 30 images par seconde) avant de rouvrir la caméra."""


class CameraPerdue(Exception):
    """La caméra n'est pas là ou n'envoie plus d'images ; le texte est une phrase française."""


@dataclass(frozen=True, slots=True)
class ImageCaptee:
    """Une image : `bgr` (h, w, 3) uint8 en lecture seule, `instant` de la capture (secondes Unix), `numero`."""

    bgr: NDArray[np.uint8]
    instant: float
    numero: int


def cameras_presentes(racine: Path = RACINE_STABLE) -> tuple[str, ...]:
    """Noms stables des caméras branchées (un lien par flux d'images : les autres index sont des métadonnées)."""
    if not racine.is_dir():
        return ()
    return tuple(sorted(lien.name for lien in racine.iterdir() if lien.name.endswith("-video-index0")))


class Camera:
    """Une caméra. `sur_etat(etat, raison)` est appelé à chaque changement, depuis le fil de capture.

    `source` : nom sous `racine`, chemin absolu, ou numéro de /dev/videoN (dépannage : ce numéro n'est pas stable).
    `mode` : ce qui lui est demandé, et qui se vérifie sur ce qui arrive (`ecart`) ; None pour ne rien exiger.
    """

    def __init__(
        self,
        source: str | int,
        mode: ModeVoulu | None = None,
        *,
        racine: Path = RACINE_STABLE,
        sur_etat: SurEtat | None = None,
    ) -> None:
        self._chemin = Path(f"/dev/video{source}") if isinstance(source, int) else racine / source
        self._racine = racine
        self._exige, self._mode = mode is not None, mode or ModeVoulu()
        self._refus: tuple[str, ...] = ()
        self._cadence = Cadence()
        self._absence_dite = False
        self._fil = FilTenace("La caméra", self._capturer, CameraPerdue, sur_etat)
        self._image: ImageCaptee | None = None
        self._numero = 0
        self._illisibles = 0

    def demarrer(self) -> None:
        """Lance la capture (sans effet si elle tourne). L'absence de la caméra se dit par l'état, pas ici."""
        self._fil.demarrer()

    def arreter(self) -> None:
        """Arrête la capture et rend la caméra."""
        self._fil.arreter()

    @property
    def derniere(self) -> ImageCaptee | None:
        """L'image la plus récente, None tant qu'il n'y en a pas ou dès que la caméra est perdue."""
        return self._image if self._fil.etat == "active" else None

    @property
    def branchee(self) -> bool:
        """Vrai si son chemin existe, qu'elle soit ouverte ou non."""
        return self._chemin.exists()

    @property
    def etat(self) -> EtatPeripherique:
        """Où en est la caméra."""
        return self._fil.etat

    @property
    def raison(self) -> str:
        """Pourquoi elle est perdue, ou ce qu'elle donne de moins que voulu (phrase française) ; sinon vide."""
        return self._fil.raison

    @property
    def ecart(self) -> str:
        """Ce que son mode a de moins que celui demandé (phrase française), quand elle est active ; sinon vide."""
        return self._fil.raison if self._fil.etat == "active" else ""

    @property
    def images_s(self) -> float | None:
        """Cadence mesurée, en images par seconde ; None tant qu'elle n'est pas connue."""
        return self._cadence.images_s

    async def prochaine(self, apres: int) -> ImageCaptee:
        """La première image de numéro supérieur à `apres`.

        Lève `CameraPerdue` dès que la caméra se perd pendant l'attente, et après `DELAI_IMAGE_S` sans image :
        un consommateur peut donc rappeler aussitôt, il n'occupera pas la boucle.
        """

        def regarder() -> ImageCaptee | None:
            image = self.derniere
            return image if image is not None and image.numero > apres else None

        return await self._fil.attendre(regarder, DELAI_IMAGE_S)

    def _capturer(self) -> None:
        """Ouvre et lit jusqu'à l'arrêt ; lève `CameraPerdue` à la fin du flux."""
        genre = self._genre()
        garde: AbstractContextManager[object] = nullcontext()
        if stat.S_ISFIFO(genre):
            garde = _ecrivain_present(self._chemin, self._fil.fin)
        with garde:
            capture = self._ouvrir(genre)
        self._illisibles = 0
        self._cadence.oublier()
        # Un fichier se lirait d'une traite : il est lu à sa cadence.
        pause = 1 / self._mode.images_s if stat.S_ISREG(genre) else 0.0
        try:
            while not self._fil.fin.wait(pause) if pause else not self._fil.fin.is_set():
                self._lire(capture)
        finally:
            capture.release()

    def _genre(self) -> int:
        try:
            genre = self._chemin.stat().st_mode
        except FileNotFoundError:
            if not self._absence_dite:
                self._absence_dite = True
                presentes = ", ".join(cameras_presentes(self._racine)) or "aucune"
                journal.warning("caméra « %s » absente ; caméras présentes : %s", self._chemin.name, presentes)
            raise CameraPerdue("La caméra n'est pas branchée.") from None
        self._absence_dite = False
        return genre

    def _ouvrir(self, genre: int) -> cv2.VideoCapture:
        if stat.S_ISCHR(genre):
            capture = cv2.VideoCapture(str(self._chemin), cv2.CAP_V4L2)
            capture.set(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(1000 * DELAI_IMAGE_S))
            self._refus = regler(capture, self._mode) if capture.isOpened() else ()
        else:
            capture = cv2.VideoCapture(str(self._chemin), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise CameraPerdue("La caméra ne s'ouvre pas.")
        return capture

    def _lire(self, capture: cv2.VideoCapture) -> None:
        present = capture.grab()
        instant = time.time()
        if not present or self._illisibles > ILLISIBLES_TOLEREES:
            raise CameraPerdue("La caméra n'envoie plus d'images.")
        lue, image = _decoder(capture)
        if not lue:
            self._illisibles += 1
            return
        self._illisibles = 0
        bgr = np.asarray(image, np.uint8)
        bgr.flags.writeable = False
        self._numero += 1
        self._image = ImageCaptee(bgr, instant, self._numero)
        self._cadence.compter(instant)
        self._fil.reussir()
        if self._exige and self._numero % IMAGES_PAR_VERIFICATION == 1:
            taille = (bgr.shape[1], bgr.shape[0])
            self._fil.nuancer(dire_ecart(self._mode, taille, self._cadence.images_s, self._refus))


def _decoder(capture: cv2.VideoCapture) -> tuple[bool, object]:
    """L'image saisie ; faux quand ses octets sont abîmés (un JPEG tronqué par l'USB)."""
    try:
        return capture.retrieve()
    except cv2.error:
        return False, None


@contextmanager
def _ecrivain_present(chemin: Path, fin: threading.Event) -> Iterator[None]:
    """Tient un FIFO ouvert dès que quelqu'un y écrit, le temps que ffmpeg l'ouvre à son tour.

    Ouvrir un FIFO sans écrivain bloque sans recours ; l'attendre ici laisse le fil s'arrêter.
    """
    tube = os.open(chemin, os.O_RDONLY | os.O_NONBLOCK)
    try:
        attente = select.poll()
        attente.register(tube, select.POLLIN)
        echeance = time.monotonic() + DELAI_IMAGE_S
        while not any(drapeau & select.POLLIN for _, drapeau in attente.poll(100)):
            if fin.wait(0.02) or time.monotonic() > echeance:
                raise CameraPerdue("La caméra n'envoie pas d'images.")
        yield
    finally:
        os.close(tube)
