"""Le mode d'une caméra : ce qui lui est demandé, ce qu'elle donne vraiment, et l'écart en français.

Une caméra V4L2 accepte tout et donne le plus proche (Linux, « V4L2 API », VIDIOC_S_FMT) : la taille se lit donc sur
les images, la cadence se mesure, et chaque réglage se relit après avoir été posé.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from borne.peripheriques.opencv import cv2

Flux = Literal["mjpeg", "brut"]

LA_PLUS_GRANDE: Final = 0
"""Largeur ou hauteur voulue : la plus grande que la caméra sache donner."""
TAILLE_DEMESUREE: Final = 16384
"""Pixels : un pilote V4L2 ramène une taille trop grande à sa plus grande."""
PART_CADENCE: Final = 0.8
"""Part de la cadence voulue sous laquelle la caméra est dite lente : l'exposition automatique ralentit le soir."""
FENETRE_CADENCE_S: Final = 2.0
_EXPOSITIONS: Final = (1.0, 3.0)
"""V4L2_CID_EXPOSURE_AUTO : manuelle, priorité à l'ouverture."""
_NON_OUI: Final = (0.0, 1.0)
UNITES_EXPOSITION_MS: Final = 10.0
"""V4L2_CID_EXPOSURE_ABSOLUTE compte en dixièmes de milliseconde."""
_CODES: Final[dict[Flux, str]] = {"mjpeg": "MJPG", "brut": "YUYV"}
_NOMS: Final[dict[Flux, str]] = {"mjpeg": "MJPEG", "brut": "en images brutes"}


@dataclass(frozen=True, slots=True)
class ModeVoulu:
    """Ce qui est demandé à une caméra.

    `largeur`, `hauteur` : pixels, `LA_PLUS_GRANDE` pour la plus grande ; `images_s` : par seconde ; `flux` : MJPEG
    (seul à passer en 1080p par l'USB 2) ou images brutes. `exposition_ms`, `mise_au_point` (unité de la caméra) et
    `balance_k` (kelvins) : None pour laisser faire la caméra.
    """

    largeur: int = 1920
    hauteur: int = 1080
    images_s: int = 30
    flux: Flux = "mjpeg"
    exposition_ms: float | None = None
    mise_au_point: float | None = None
    balance_k: float | None = None


class Reglable(Protocol):
    """Ce que `cv2.VideoCapture` offre pour régler une caméra."""

    def set(self, propriete: int, valeur: float, /) -> bool: ...
    def get(self, propriete: int, /) -> float: ...


def regler(capture: Reglable, mode: ModeVoulu) -> tuple[str, ...]:
    """Pose le mode sur une caméra V4L2 ouverte ; rend ce qu'elle n'a pas pris, en bouts de phrase."""
    code = cv2.VideoWriter.fourcc(*_CODES[mode.flux])
    # Le format d'abord : les tailles possibles en dépendent.
    poses = (
        (cv2.CAP_PROP_FOURCC, code),
        (cv2.CAP_PROP_FRAME_WIDTH, mode.largeur or TAILLE_DEMESUREE),
        (cv2.CAP_PROP_FRAME_HEIGHT, mode.hauteur or TAILLE_DEMESUREE),
        (cv2.CAP_PROP_FPS, mode.images_s),
    )
    for propriete, valeur in poses:
        capture.set(propriete, valeur)
    refus = [] if int(capture.get(cv2.CAP_PROP_FOURCC)) == code else [f"ne donne pas un flux {_NOMS[mode.flux]}"]
    exposition = None if mode.exposition_ms is None else mode.exposition_ms * UNITES_EXPOSITION_MS
    manuels = (
        ("l'exposition", cv2.CAP_PROP_AUTO_EXPOSURE, _EXPOSITIONS, cv2.CAP_PROP_EXPOSURE, exposition),
        ("la mise au point", cv2.CAP_PROP_AUTOFOCUS, _NON_OUI, cv2.CAP_PROP_FOCUS, mode.mise_au_point),
        ("la balance des blancs", cv2.CAP_PROP_AUTO_WB, _NON_OUI, cv2.CAP_PROP_WB_TEMPERATURE, mode.balance_k),
    )
    for nom, automatisme, positions, propriete, voulue in manuels:
        capture.set(automatisme, positions[voulue is None])
        # Une caméra sans mise au point refuse aussi l'automatique : cela ne se dit que si une valeur est voulue.
        if voulue is not None and not _pris(capture, propriete, voulue):
            refus.append(f"n'a pas pris {nom} voulue")
    return tuple(refus)


def _pris(capture: Reglable, propriete: int, voulue: float) -> bool:
    """Posé, et relu à un vingtième près (une caméra arrondit à son pas)."""
    return capture.set(propriete, voulue) and abs(capture.get(propriete) - voulue) <= max(1.0, 0.05 * abs(voulue))


class Cadence:
    """La cadence des images reçues, sur les dernières secondes."""

    def __init__(self) -> None:
        self._instants: deque[float] = deque()

    def compter(self, instant: float) -> None:
        """Une image de plus, captée à cet instant (secondes)."""
        if self._instants and instant < self._instants[-1]:
            # L'horloge du système a reculé.
            self._instants.clear()
        self._instants.append(instant)
        while instant - self._instants[0] > FENETRE_CADENCE_S and len(self._instants) > 2:
            self._instants.popleft()

    def oublier(self) -> None:
        """La caméra se rouvre."""
        self._instants.clear()

    @property
    def images_s(self) -> float | None:
        """Images par seconde ; None tant que moins d'une demi-fenêtre a été vue."""
        if len(self._instants) < 2 or self._instants[-1] - self._instants[0] < FENETRE_CADENCE_S / 2:
            return None
        return (len(self._instants) - 1) / (self._instants[-1] - self._instants[0])


def dire_ecart(voulu: ModeVoulu, taille: tuple[int, int], images_s: float | None, refus: Iterable[str] = ()) -> str:
    """Ce que la caméra donne de moins que voulu, en une phrase française ; vide quand tout y est.

    `taille` : largeur et hauteur des images reçues ; `images_s` : cadence mesurée ; `refus` : ceux de `regler`.
    """
    bouts = list(refus)
    for mesure, voulue in zip(taille, (voulu.largeur, voulu.hauteur), strict=True):
        if voulue != LA_PLUS_GRANDE and mesure != voulue:
            bouts.append(f"donne {taille[0]} x {taille[1]} au lieu de {voulu.largeur} x {voulu.hauteur}")
            break
    if images_s is not None and images_s < PART_CADENCE * voulu.images_s:
        bouts.append(f"donne {images_s:.0f} images par seconde au lieu de {voulu.images_s}")
    return f"La caméra {' ; elle '.join(bouts)}." if bouts else ""
