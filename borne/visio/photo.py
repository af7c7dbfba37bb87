"""La photo d'examen : l'image du capteur, entière, en un fichier que le médecin reçoit par le canal `examen`.

Elle ne vient pas du flux compressé et ne touche aucun disque. La nature suit la place que laisse la liaison. Mesuré
sur un portrait 1080p bruité, un cœur : WebP sans perte 1,8 Mo en 1,0 s ; PNG 2,7 Mo en 0,2 s (à 1,5 Mbit/s, quatre
secondes de plus à l'arrivée) ; JPEG 98 en 4:4:4, 1,1 Mo en 10 ms, 48 dB ; JPEG 95, 0,75 Mo, 43 dB. Sans perte si elle
arrive en `DUREE_VISEE_S`, sinon le meilleur JPEG qui tient, et au pire le 95 : jamais une définition réduite.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from borne.protocole import TAILLE_MORCEAU, MorceauPhoto

Nature = Literal["image/png", "image/jpeg", "image/webp", "application/pdf"]

PART_PHOTO: Final = 0.5
"""Part du débit de l'image que la photo lui prend le temps de l'envoi : le total ne change pas, rien ne s'engorge."""
DEBIT_PHOTO_MIN: Final = 200_000
"""Bits par seconde au moins, même sur une liaison très faible."""
DUREE_VISEE_S: Final = 8.0
COTE_MAX_WEBP: Final = 16383
RAPPORT_SANS_PERTE: Final = 1.3
"""WebP sans perte sur JPEG 98, au moins, sur des images de caméra : en deçà de ce budget, l'essayer serait vain."""
ATTENTE_FILE_S: Final = 0.01

_QUATRE_QUATRE_QUATRE: Final = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)


class PhotoImpossible(Exception):
    """L'image ne peut pas devenir une photo ; le texte est une phrase française."""


class CanalFerme(Exception):
    """Le canal s'est fermé avant la fin de l'envoi."""


class CanalOctets(Protocol):
    """Ce que la photo demande à un canal de données (RTCDataChannel, W3C WebRTC 6.2)."""

    @property
    def readyState(self) -> str: ...
    @property
    def bufferedAmount(self) -> int: ...
    def send(self, data: bytes, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Photo:
    """Une photo en mémoire. `empreinte` : SHA-256 hexadécimal des `octets` ; `largeur`, `hauteur` : pixels."""

    octets: bytes
    empreinte: str
    largeur: int
    hauteur: int
    nature: Nature

    def morceaux(self, numero: int) -> Iterator[bytes]:
        """Les messages du canal `examen`, dans l'ordre."""
        for rang, debut in enumerate(range(0, len(self.octets), TAILLE_MORCEAU)):
            yield MorceauPhoto(numero, rang, self.octets[debut : debut + TAILLE_MORCEAU]).encoder()


def budget(debit: float) -> int:
    """Octets qui passent dans la durée visée à ce débit d'image (bits par seconde)."""
    return int(debit_photo(debit) * DUREE_VISEE_S / 8)


def debit_photo(debit: float) -> float:
    """Bits par seconde de la photo, quand l'image a ce débit."""
    return max(DEBIT_PHOTO_MIN, PART_PHOTO * debit)


def encoder(bgr: NDArray[np.uint8], octets_max: int) -> Photo:
    """La photo d'une image BGR (h, w, 3), à sa définition ; à appeler dans un fil. Lève `PhotoImpossible`.

    `octets_max` : la taille souhaitée ; elle est dépassée plutôt que de descendre sous JPEG 95.
    """
    if bgr.ndim != 3 or bgr.size == 0:
        raise PhotoImpossible("La caméra n'a pas donné d'image.")
    jpeg = _octets(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 98, *_QUATRE_QUATRE_QUATRE])
    if max(bgr.shape) <= COTE_MAX_WEBP and len(jpeg) * RAPPORT_SANS_PERTE < octets_max:
        # Une qualité au-dessus de 100 veut dire « sans perte ».
        webp = _octets(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, 101])
        if len(webp) <= octets_max:
            return _photo(webp, bgr, "image/webp")
    if len(jpeg) > octets_max:
        jpeg = _octets(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 95, *_QUATRE_QUATRE_QUATRE])
    return _photo(jpeg, bgr, "image/jpeg")


def _octets(extension: str, bgr: NDArray[np.uint8], reglages: list[int]) -> bytes:
    try:
        faite, octets = cv2.imencode(extension, bgr, reglages)
    except cv2.error:
        faite = False
    if not faite:
        raise PhotoImpossible("La photo n'a pas pu être préparée.")
    return octets.tobytes()


def _photo(octets: bytes, bgr: NDArray[np.uint8], nature: Nature) -> Photo:
    return Photo(octets, hashlib.sha256(octets).hexdigest(), bgr.shape[1], bgr.shape[0], nature)


async def envoyer(canal: CanalOctets, photo: Photo, numero: int, debit: Callable[[], float]) -> None:
    """Envoie les morceaux au débit de l'instant (`debit`, bits par seconde) ; lève `CanalFerme`.

    Un morceau n'entre que quand le précédent est parti : un message écrit ou un battement, sur l'autre canal de la
    même association, n'attend jamais plus de deux morceaux.
    """
    echeance = time.monotonic()
    for morceau in photo.morceaux(numero):
        await asyncio.sleep(max(0.0, echeance - time.monotonic()))
        await _file_vide(canal)
        canal.send(morceau)
        # Pas de rattrapage : un arrêt du réseau ne finit pas en rafale.
        echeance = max(echeance, time.monotonic() - 0.1) + len(morceau) * 8 / debit()
    await _file_vide(canal)


async def _file_vide(canal: CanalOctets) -> None:
    while canal.readyState == "open" and canal.bufferedAmount:  # noqa: ASYNC110 : l'état vient d'aiortc
        await asyncio.sleep(ATTENTE_FILE_S)
    if canal.readyState != "open":
        raise CanalFerme
