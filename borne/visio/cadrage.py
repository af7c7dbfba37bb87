"""Le cadrage d'une image : un cadre dans le capteur, puis la taille du flux, avant l'encodage. Pur.

Zoomer n'agrandit pas une image déjà compressée : le cadre est pris dans les pixels du capteur, et tout le débit va
à ce qu'il montre. L'image rendue a toujours la taille du flux, quels que soient la caméra et le zoom : l'encodeur ne
se rouvre pas, il n'y a ni image clé ni renégociation. Une caméra d'une autre forme est entourée de noir, jamais
déformée.

Mesuré (1080p, un cœur) : un cadre agrandi, 1,1 ms ; une image déjà à la taille du flux, rien.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from borne.visio.souffle import Souffle

ZOOM_MAX: Final = 8.0
LARGEUR_MAX: Final = 1920
HAUTEUR_MAX: Final = 1080

Taille = tuple[int, int]
"""Largeur et hauteur, en pixels."""


@dataclass(frozen=True, slots=True)
class Vise:
    """Ce que le médecin vise : centre (0 à 1 de la largeur et de la hauteur du capteur), `zoom` de 1 (tout) à 8."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0


ENTIERE: Final = Vise()


@dataclass(frozen=True, slots=True)
class Cadre:
    """Un rectangle du capteur (pixels entiers) et la place qu'il prend dans le flux ; autour, du noir."""

    x: int
    y: int
    largeur: int
    hauteur: int
    flux_x: int
    flux_y: int
    flux_largeur: int
    flux_hauteur: int


def borner(vise: Vise, capteur: Taille, flux: Taille) -> Vise:
    """Le cadrage obtenu : le zoom de 1 à 8, et le centre au plus près de ce qui est visé sans sortir du capteur.

    Dans un sens où tout le capteur se voit, le centre est au milieu. Une valeur qui n'est pas un nombre fini vaut le
    milieu, ou l'image entière.
    """
    zoom = _dans(vise.zoom, 1.0, ZOOM_MAX, 1.0)
    parts = _parts(zoom, capteur, flux)
    x, y = (_dans(centre, part / 2, 1 - part / 2, 0.5) for centre, part in zip((vise.x, vise.y), parts, strict=True))
    return Vise(x, y, zoom)


def cadre(vise: Vise, capteur: Taille, flux: Taille) -> Cadre:
    """Où prendre l'image, et où la poser dans le flux."""
    vise = borner(vise, capteur, flux)
    largeur, hauteur = (
        max(2, round(part * cote)) for part, cote in zip(_parts(vise.zoom, capteur, flux), capteur, strict=True)
    )
    x = min(max(0, round(vise.x * capteur[0] - largeur / 2)), capteur[0] - largeur)
    y = min(max(0, round(vise.y * capteur[1] - hauteur / 2)), capteur[1] - hauteur)
    echelle = min(flux[0] / largeur, flux[1] / hauteur)
    # À un pixel près, l'arrondi du cadre ne doit pas laisser un filet noir.
    pose = tuple(
        cote if abs(cote - taille * echelle) < 0.004 * cote else _pair(taille * echelle)
        for cote, taille in zip(flux, (largeur, hauteur), strict=True)
    )
    return Cadre(x, y, largeur, hauteur, (flux[0] - pose[0]) // 4 * 2, (flux[1] - pose[1]) // 4 * 2, *pose)


def cadrer(bgr: NDArray[np.uint8], vise: Vise, flux: Taille) -> NDArray[np.uint8]:
    """L'image BGR (h, w, 3) cadrée, à la taille du flux (elle-même si rien n'est à faire)."""
    c = cadre(vise, (bgr.shape[1], bgr.shape[0]), flux)
    vue = bgr[c.y : c.y + c.hauteur, c.x : c.x + c.largeur]
    pose = (c.flux_largeur, c.flux_hauteur)
    if pose != (c.largeur, c.hauteur):
        # Réduire par moyenne : un saut de points ferait des moires d'un motif fin.
        methode = cv2.INTER_AREA if c.flux_largeur < c.largeur else cv2.INTER_CUBIC
        vue = np.asarray(cv2.resize(vue, pose, interpolation=methode), dtype=np.uint8)
    if pose == flux:
        return vue
    fond = np.zeros((flux[1], flux[0], 3), dtype=np.uint8)
    fond[c.flux_y : c.flux_y + c.flux_hauteur, c.flux_x : c.flux_x + c.flux_largeur] = vue
    return fond


def taille_flux(capteur: Taille) -> Taille:
    """La taille du flux pour cette caméra : la sienne, paire, réduite si elle dépasse 1080p."""
    echelle = min(1.0, LARGEUR_MAX / capteur[0], HAUTEUR_MAX / capteur[1])
    return _pair(capteur[0] * echelle), _pair(capteur[1] * echelle)


class Cadreur:
    """Le cadrage en cours d'un appel, que les reprises de l'appel partagent.

    `flux` : la taille du flux ; la première image la fixe, sauf si elle est déjà dite. `vise` se change de tout fil.
    """

    def __init__(self, flux: Taille | None = None) -> None:
        self.flux = flux
        self.vise = ENTIERE
        self.souffle = Souffle()
        """La définition que la machine tient : une reprise de l'appel ne la réapprend pas."""

    def appliquer(self, bgr: NDArray[np.uint8], taille: Taille | None = None) -> NDArray[np.uint8]:
        """L'image cadrée à la taille du flux, ou à `taille` (une autre définition d'encodage) : une seule mise
        à l'échelle, du capteur à l'encodeur."""
        if self.flux is None:
            self.flux = taille_flux((bgr.shape[1], bgr.shape[0]))
        return cadrer(bgr, self.vise, taille or self.flux)


def _parts(zoom: float, capteur: Taille, flux: Taille) -> tuple[float, float]:
    """Part de la largeur et de la hauteur du capteur que l'on voit : à zoom 1, tout dans les deux sens."""
    forme = (capteur[0] * flux[1]) / (capteur[1] * flux[0])
    # Une caméra plus haute que le flux (forme < 1) a du noir sur les côtés, que le zoom mange d'abord.
    return min(1.0, max(1.0, 1 / forme) / zoom), min(1.0, max(1.0, forme) / zoom)


def _dans(valeur: float, bas: float, haut: float, defaut: float) -> float:
    """`valeur` entre ces bornes ; `defaut` si elle n'est pas un nombre fini."""
    return min(max(valeur, bas), haut) if abs(valeur) < float("inf") else defaut


def _pair(valeur: float) -> int:
    return max(2, round(valeur / 2) * 2)
