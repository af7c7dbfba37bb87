"""La caméra : un fil de capture OpenCV, qui ne garde que l'image la plus récente et rouvre seul la caméra perdue.

La source est un chemin stable : le nom d'un lien de /dev/v4l/by-id (le numéro de /dev/videoN change quand on
rebranche), un chemin absolu, ou le FIFO y4m de la caméra virtuelle. Le fil lit toujours aussi vite que la caméra
produit : rien ne vieillit dans les tampons du noyau ou de ffmpeg, une image trop tardive est simplement remplacée.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import stat
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.attente import Carillon
from borne.peripheriques.opencv import cv2

RACINE_STABLE: Final = Path("/dev/v4l/by-id")
RECUL_MINIMAL_S: Final = 0.25
RECUL_MAXIMAL_S: Final = 4.0
DELAI_IMAGE_S: Final = 3.0
"""Au-delà, une caméra ouverte qui n'envoie rien est tenue pour perdue."""

EtatCamera = Literal["arretee", "ouverture", "active", "perdue"]

journal = logging.getLogger(__name__)


class CameraPerdue(Exception):
    """La caméra n'est pas là ou n'envoie plus d'images ; le texte est une phrase française."""


@dataclass(frozen=True, slots=True)
class ImageCaptee:
    """Une image : `bgr` (h, w, 3) uint8 en lecture seule, `instant` de la capture (secondes Unix), `numero`."""

    bgr: NDArray[np.uint8]
    instant: float
    numero: int


@dataclass(frozen=True, slots=True)
class _Vue:
    """Ce que le fil publie d'un bloc, pour que les lecteurs n'aient pas besoin de verrou."""

    etat: EtatCamera = "arretee"
    raison: str = "La caméra est arrêtée."
    pertes: int = 0
    image: ImageCaptee | None = None


def cameras_presentes(racine: Path = RACINE_STABLE) -> tuple[str, ...]:
    """Noms stables des caméras branchées (un lien par flux d'images : les autres index sont des métadonnées)."""
    if not racine.is_dir():
        return ()
    return tuple(sorted(lien.name for lien in racine.iterdir() if lien.name.endswith("-video-index0")))


class Camera:
    """Une caméra. `sur_etat(etat, raison)` est appelé à chaque changement, depuis le fil de capture.

    `source` : nom sous `racine`, chemin absolu, ou numéro de /dev/videoN (dépannage : ce numéro n'est pas stable).
    Largeur, hauteur (pixels) et images par seconde sont demandées ; la caméra peut en donner d'autres.
    """

    def __init__(
        self,
        source: str | int,
        largeur: int = 1920,
        hauteur: int = 1080,
        images_s: int = 30,
        *,
        racine: Path = RACINE_STABLE,
        sur_etat: Callable[[EtatCamera, str], None] | None = None,
    ) -> None:
        self._chemin = Path(f"/dev/video{source}") if isinstance(source, int) else racine / source
        self._largeur, self._hauteur, self._images_s = largeur, hauteur, images_s
        self._sur_etat = sur_etat
        self._carillon = Carillon()
        self._vue = _Vue()
        self._numero = 0
        self._fin = threading.Event()
        self._fil: threading.Thread | None = None

    def demarrer(self) -> None:
        """Lance la capture (sans effet si elle tourne). L'absence de la caméra se dit par l'état, pas ici."""
        if self._fil is not None:
            return
        self._fin.clear()
        self._fil = threading.Thread(target=self._tourner, name="camera", daemon=True)
        self._fil.start()

    def arreter(self) -> None:
        """Arrête la capture et rend la caméra."""
        fil, self._fil = self._fil, None
        if fil is None:
            return
        self._fin.set()
        fil.join(DELAI_IMAGE_S + 2)
        if fil.is_alive():
            journal.warning("la caméra ne rend pas la main : son fil est abandonné")
        self._changer("arretee", "La caméra est arrêtée.")

    @property
    def derniere(self) -> ImageCaptee | None:
        """L'image la plus récente, None tant qu'il n'y en a pas ou dès que la caméra est perdue."""
        return self._vue.image

    @property
    def etat(self) -> EtatCamera:
        """Où en est la caméra."""
        return self._vue.etat

    @property
    def raison(self) -> str:
        """Pourquoi elle est arrêtée ou perdue (phrase française), sinon vide."""
        return self._vue.raison

    async def prochaine(self, apres: int) -> ImageCaptee:
        """La première image de numéro supérieur à `apres`.

        Lève `CameraPerdue` dès que la caméra se perd pendant l'attente, et après `DELAI_IMAGE_S` sans image :
        un consommateur peut donc rappeler aussitôt, il n'occupera pas la boucle.
        """
        pertes = self._vue.pertes

        def regarder() -> ImageCaptee | None:
            vue = self._vue
            if vue.pertes != pertes:
                raise CameraPerdue(vue.raison)
            return vue.image if vue.image is not None and vue.image.numero > apres else None

        try:
            async with asyncio.timeout(DELAI_IMAGE_S):
                return await self._carillon.jusqua(regarder)
        except TimeoutError:
            raise CameraPerdue(self._vue.raison or "La caméra n'envoie plus d'images.") from None

    def _tourner(self) -> None:
        recul = RECUL_MINIMAL_S
        while not self._fin.is_set():
            numero = self._numero
            try:
                self._capturer()
            except (CameraPerdue, OSError, cv2.error) as erreur:
                if not self._fin.is_set():
                    self._perdre(erreur)
            recul = RECUL_MINIMAL_S if self._numero > numero else min(2 * recul, RECUL_MAXIMAL_S)
            self._fin.wait(recul)

    def _capturer(self) -> None:
        """Ouvre et lit jusqu'à l'arrêt ; lève `CameraPerdue` à la fin du flux."""
        if self._vue.etat != "perdue":
            self._changer("ouverture", "")
        genre = self._genre()
        garde: AbstractContextManager[object] = nullcontext()
        if stat.S_ISFIFO(genre):
            garde = _EcrivainPresent(self._chemin, self._fin)
        with garde:
            capture = self._ouvrir(genre)
        # Un fichier se lirait d'une traite : il est lu à sa cadence.
        pause = 1 / self._images_s if stat.S_ISREG(genre) else 0.0
        try:
            while not self._fin.wait(pause) if pause else not self._fin.is_set():
                self._lire(capture)
        finally:
            capture.release()

    def _genre(self) -> int:
        try:
            return self._chemin.stat().st_mode
        except FileNotFoundError:
            raise CameraPerdue("La caméra n'est pas branchée.") from None

    def _ouvrir(self, genre: int) -> cv2.VideoCapture:
        if stat.S_ISCHR(genre):
            # MJPG d'abord : en images brutes, l'USB 2 ne passe que quelques images par seconde en 1080p.
            reglages = {
                cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
                cv2.CAP_PROP_FRAME_WIDTH: self._largeur,
                cv2.CAP_PROP_FRAME_HEIGHT: self._hauteur,
                cv2.CAP_PROP_FPS: self._images_s,
                cv2.CAP_PROP_READ_TIMEOUT_MSEC: int(1000 * DELAI_IMAGE_S),
            }
            capture = cv2.VideoCapture(str(self._chemin), cv2.CAP_V4L2)
            for propriete, valeur in reglages.items():
                capture.set(propriete, valeur)
        else:
            capture = cv2.VideoCapture(str(self._chemin), cv2.CAP_FFMPEG)
        if self._fin.is_set() or capture.isOpened():
            return capture
        raise CameraPerdue("La caméra ne s'ouvre pas.")

    def _lire(self, capture: cv2.VideoCapture) -> None:
        present = capture.grab()
        instant = time.time()
        lue, image = capture.retrieve() if present else (False, None)
        if self._fin.is_set():
            return
        if not lue or image is None:
            raise CameraPerdue("La caméra n'envoie plus d'images.")
        bgr = np.asarray(image, np.uint8)
        bgr.flags.writeable = False
        self._numero += 1
        publiee = ImageCaptee(bgr, instant, self._numero)
        self._vue = replace(self._vue, image=publiee)
        if self._vue.etat != "active":
            self._changer("active", "")
        self._carillon.sonner()

    def _perdre(self, erreur: Exception) -> None:
        """Dit la perte (une fois par tentative aux attentes, une fois en tout à `sur_etat`)."""
        raison = str(erreur) if isinstance(erreur, CameraPerdue) else "La caméra ne répond pas."
        if self._vue.etat != "perdue" or not isinstance(erreur, CameraPerdue):
            journal.warning("caméra perdue : %s (%s)", raison, type(erreur).__name__)
        self._vue = replace(self._vue, pertes=self._vue.pertes + 1)
        self._changer("perdue", raison)

    def _changer(self, etat: EtatCamera, raison: str) -> None:
        avant = self._vue
        image = avant.image if etat == "active" else None
        self._vue = replace(avant, etat=etat, raison=raison, image=image)
        self._carillon.sonner()
        if self._sur_etat is not None and (avant.etat, avant.raison) != (etat, raison):
            self._sur_etat(etat, raison)


class _EcrivainPresent:
    """Tient un FIFO ouvert dès que quelqu'un y écrit, le temps que ffmpeg l'ouvre à son tour.

    Ouvrir un FIFO sans écrivain bloque sans recours ; l'attendre ici laisse le fil s'arrêter.
    """

    def __init__(self, chemin: Path, fin: threading.Event) -> None:
        self._chemin, self._fin = chemin, fin
        self._tube = -1

    def __enter__(self) -> None:
        self._tube = os.open(self._chemin, os.O_RDONLY | os.O_NONBLOCK)
        attente = select.poll()
        attente.register(self._tube, select.POLLIN)
        echeance = time.monotonic() + DELAI_IMAGE_S
        while not self._fin.is_set() and time.monotonic() < echeance:
            drapeaux = [drapeau for _, drapeau in attente.poll(100)]
            if any(drapeau & select.POLLIN for drapeau in drapeaux):
                return
            if drapeaux:  # un écrivain est reparti sans rien écrire : poll ne patiente plus
                self._fin.wait(0.1)
        os.close(self._tube)
        raise CameraPerdue("La caméra n'envoie pas d'images.")

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._tube)
