"""Les coins à mieux qu'un pixel de la vue : chaque côté est repris dans la photographie, puis ajusté."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.numerisation.recherche import Quad, ordonner
from borne.peripheriques.opencv import cv2

COTE_AFFINAGE: Final = 1600
POINTS_COTE: Final = 96
_RETRAIT: Final = 0.05

Image = NDArray[np.uint8]


def affiner(bgr: Image, quad: Quad, portee: float) -> Quad:
    """Le quadrilatère (pixels de `bgr`) repris sur l'image ; `portee` : pixels où un côté a pu s'écarter."""
    echelle = min(1.0, COTE_AFFINAGE / max(bgr.shape[:2]))
    image = cv2.resize(bgr, None, fx=echelle, fy=echelle, interpolation=cv2.INTER_AREA) if echelle < 1 else bgr
    lab = np.asarray(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float32)
    courant = quad * echelle
    for tour_portee in (portee * echelle, max(2.0, portee * echelle / 3)):
        courant = _tour(lab, courant, tour_portee)
    trouve = courant / echelle
    # Un affinage qui s'égare (page sans bord net) vaut moins que ce qu'il affinait.
    return ordonner(trouve) if float(np.abs(trouve - quad).max()) < 4 * portee else quad


def _tour(lab: NDArray[np.float32], quad: Quad, portee: float) -> Quad:
    droites = [_cote(lab, quad[rang], quad[(rang + 1) % 4], portee) for rang in range(4)]
    coins = []
    for rang in range(4):
        coin = np.cross(droites[rang - 1], droites[rang])
        if abs(coin[2]) < 1e-9:
            return quad
        coins.append(coin[:2] / coin[2])
    return np.array(coins)


def _cote(
    lab: NDArray[np.float32], debut: NDArray[np.float64], fin: NDArray[np.float64], portee: float
) -> NDArray[np.float64]:
    """La droite (a, b, c) de ce côté, au plus fort changement de couleur de chaque profil qui le traverse."""
    longueur = max(1e-9, float(np.hypot(*(fin - debut))))
    direction = (fin - debut) / longueur
    normale = np.array([-direction[1], direction[0]])
    abscisses = np.linspace(_RETRAIT, 1 - _RETRAIT, POINTS_COTE) * longueur
    pas = 0.5
    decalages = np.arange(-portee - 3, portee + 3 + pas, pas)
    points = debut + abscisses[:, None, None] * direction + decalages[None, :, None] * normale
    profils = cv2.remap(
        lab, points[..., 0].astype(np.float32), points[..., 1].astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    # Moyenne le long du côté : le bruit baisse, le bord reste.
    profils = cv2.blur(profils, (1, 5))
    demi = round(2.5 / pas)
    sauts = np.linalg.norm(profils[:, 2 * demi :] - profils[:, : -2 * demi], axis=2)
    places = decalages[demi:-demi]
    dehors = (points[:, demi:-demi, 0] < 0) | (points[:, demi:-demi, 0] > lab.shape[1] - 1)
    dehors |= (points[:, demi:-demi, 1] < 0) | (points[:, demi:-demi, 1] > lab.shape[0] - 1)
    sauts[dehors] = 0
    attendu = np.median(sauts, axis=0)
    # Un profil seul se trompe (écriture, grain) : la place commune à tout le côté le guide.
    guide = sauts + 1.5 * attendu[None]
    meilleurs = np.argmax(guide, axis=1)
    return _droite(abscisses, places[meilleurs], sauts[np.arange(len(sauts)), meilleurs], debut, direction, normale)


def _droite(
    abscisses: NDArray[np.float64],
    places: NDArray[np.float64],
    poids: NDArray[np.float64],
    debut: NDArray[np.float64],
    direction: NDArray[np.float64],
    normale: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Ajuste place = u + v·abscisse en écartant ce qui s'en éloigne (moindres carrés repondérés, Huber)."""
    centrees = abscisses - abscisses.mean()
    if poids.sum() < 1e-6:
        poids = np.ones_like(poids)
    u, v = float(np.median(places)), 0.0
    for _ in range(12):
        residus = places - u - v * centrees
        seuil = max(0.7, 1.5 * float(np.median(np.abs(residus))))
        w = poids / np.maximum(1.0, np.abs(residus) / seuil) ** 2
        moyenne_x, moyenne_y = np.average(centrees, weights=w), np.average(places, weights=w)
        variance = float(np.average((centrees - moyenne_x) ** 2, weights=w))
        v = float(np.average((centrees - moyenne_x) * (places - moyenne_y), weights=w)) / max(variance, 1e-9)
        u = moyenne_y - v * moyenne_x
    bouts = [
        debut + t * direction + (u + v * (t - abscisses.mean())) * normale for t in (abscisses[0], abscisses[-1])
    ]
    droite = np.cross([*bouts[0], 1.0], [*bouts[1], 1.0])
    return np.asarray(droite / max(1e-9, float(np.hypot(*droite[:2]))))
