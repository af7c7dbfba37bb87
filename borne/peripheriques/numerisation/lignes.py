"""Les droites d'une photographie où un bord de page peut passer, et ce que l'image en dit tout du long.

Les segments viennent du détecteur LSD (R. Grompone von Gioi et al., « LSD: a Line Segment Detector », IPOL 2012), à
plusieurs échelles et dans chaque voie de couleur : un bord peu contrasté se voit mieux en petit, le bruit moyenné.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.opencv import cv2

COTE: Final = 480
"""Grand côté, en pixels, de l'image où la page se cherche."""
POINTS: Final = 256
"""Points où chaque droite est regardée."""
DROITES_MAX: Final = 72
_DECALAGES: Final = (1.5, 2.5, 3.5, 4.5)
"""Distances à la droite, en pixels, où les deux bords se comparent."""
_FERMETURE: Final = 9
"""Pixels du trait sombre le plus épais que la fermeture efface : l'écriture."""

Image = NDArray[np.uint8]
Reels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vue:
    """L'image réduite, en Lab (h, w, 3) float32, L de 0 à 100.

    `lab` : sans l'écriture ; `vive` : l'écriture laissée. `echelle` : réduite / origine ; `bruit` : écart type de L.
    """

    lab: Reels
    vive: Reels
    echelle: float
    bruit: float

    @property
    def taille(self) -> tuple[int, int]:
        """(largeur, hauteur)."""
        return self.lab.shape[1], self.lab.shape[0]


def reduire(bgr: Image) -> Vue:
    """L'image BGR (h, w, 3) réduite à `COTE`, en Lab, l'écriture effacée par une fermeture."""
    echelle = min(1.0, COTE / max(bgr.shape[:2]))
    petite = cv2.resize(bgr, None, fx=echelle, fy=echelle, interpolation=cv2.INTER_AREA)
    noyau = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_FERMETURE, _FERMETURE))
    mediane = cv2.medianBlur(petite, 3)
    lab, vive = (
        np.asarray(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float32)
        for image in (cv2.morphologyEx(mediane, cv2.MORPH_CLOSE, noyau), mediane)
    )
    return Vue(lab, vive, echelle, _bruit(lab[:, :, 0]))


def _bruit(plan: Reels) -> float:
    """Écart type du bruit, par la médiane du laplacien (J. Immerkær, 1996, rendu insensible aux bords)."""
    noyau = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    return float(np.median(np.abs(cv2.filter2D(plan, -1, noyau)))) / 0.6745 / 6


def droites(vue: Vue) -> NDArray[np.float64]:
    """(k, 3) : (a, b, c) de chaque droite a·x + b·y + c = 0, normale unitaire, de la plus appuyée à la moins appuyée.

    Les quatre bords de l'image y sont toujours, à la fin : une page peut en sortir.
    """
    largeur, hauteur = vue.taille
    segments = np.concatenate([_segments(vue), _contours(vue)])
    bords = np.array([[1, 0, 0], [1, 0, 1 - largeur], [0, 1, 0], [0, 1, 1 - hauteur]], np.float64)
    return np.concatenate([_regrouper(segments, max(vue.taille)), bords])


def _segments(vue: Vue) -> NDArray[np.float64]:
    """Segments (n, 4) de toutes les voies et échelles, en pixels de la vue."""
    trouves = [np.zeros((0, 4))]
    detecteur = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD, 1.0, 0.6, 1.0)
    for facteur in (1.0, 0.5):
        petite = (
            vue.lab if facteur == 1.0 else cv2.resize(vue.lab, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        )
        for voie, gain in ((0, 2.55), (0, 10.0), (1, 6.0), (2, 6.0)):
            plan = petite[:, :, voie]
            octets = np.clip((plan - np.median(plan)) * gain + 128, 0, 255).astype(np.uint8)
            lignes = detecteur.detect(octets)[0]
            if lignes is not None:
                trouves.append(lignes.reshape(-1, 4).astype(np.float64) / facteur)
    segments = np.concatenate(trouves)
    longueurs = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    return np.asarray(segments[longueurs > 0.03 * max(vue.taille)])


def _contours(vue: Vue) -> NDArray[np.float64]:
    """Côtés (n, 4) des grandes taches claires, pour plusieurs seuils de clarté."""
    clarte = np.clip(vue.lab[:, :, 0] * 2.55, 0, 255).astype(np.uint8)
    surface = float(clarte.size)
    cotes: list[list[float]] = []
    for seuil in np.quantile(clarte, (0.3, 0.45, 0.6, 0.75, 0.85)):
        contours, _ = cv2.findContours((clarte > seuil).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for contour in contours:
            if cv2.contourArea(contour) < 0.02 * surface:
                continue
            enveloppe = cv2.convexHull(contour)
            points = cv2.approxPolyDP(enveloppe, 0.01 * cv2.arcLength(enveloppe, True), True).reshape(-1, 2)
            for debut, fin in zip(points, np.roll(points, -1, axis=0), strict=True):
                if float(np.hypot(*(fin - debut))) > 0.1 * max(vue.taille):
                    cotes.append([*map(float, debut), *map(float, fin)])
    return np.array(cotes, np.float64).reshape(-1, 4)


def _regrouper(segments: NDArray[np.float64], cote: int) -> NDArray[np.float64]:
    """Réunit les segments alignés ; une droite par groupe, ajustée sur leurs points, la plus longue d'abord."""
    reste = segments[np.argsort(-np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]))]
    trouvees: list[tuple[float, NDArray[np.float64]]] = []
    while len(reste):
        droite = _par(reste[0])
        ecarts = np.stack([np.abs(_distance(droite, reste[:, :2])), np.abs(_distance(droite, reste[:, 2:]))])
        proches = ecarts.max(axis=0) < 0.006 * cote
        groupe, reste = reste[proches], reste[~proches]
        longueurs = np.hypot(groupe[:, 2] - groupe[:, 0], groupe[:, 3] - groupe[:, 1])
        trouvees.append((float(longueurs.sum()), _ajuster(groupe, longueurs)))
    trouvees.sort(key=lambda trouvee: -trouvee[0])
    return np.array([droite for _, droite in trouvees[:DROITES_MAX]]).reshape(-1, 3)


def _par(segment: NDArray[np.float64]) -> NDArray[np.float64]:
    x0, y0, x1, y1 = segment
    longueur = max(1e-9, float(np.hypot(x1 - x0, y1 - y0)))
    a, b = (y0 - y1) / longueur, (x1 - x0) / longueur
    return np.array([a, b, -a * x0 - b * y0])


def _ajuster(groupe: NDArray[np.float64], poids: NDArray[np.float64]) -> NDArray[np.float64]:
    """Droite des moindres carrés par les bouts et milieux des segments, pesés de leur longueur."""
    points = np.concatenate([groupe[:, :2], groupe[:, 2:], (groupe[:, :2] + groupe[:, 2:]) / 2])
    poids = np.tile(poids, 3)
    centre = np.average(points, axis=0, weights=poids)
    _, _, axes = np.linalg.svd((points - centre) * np.sqrt(poids)[:, None], full_matrices=False)
    normale = axes[1]
    return np.array([normale[0], normale[1], -float(normale @ centre)])


def _distance(droite: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ droite[:2] + droite[2])


@dataclass(frozen=True, slots=True)
class Appuis:
    """Ce que l'image dit le long de chaque droite, cumulé pour en lire n'importe quel tronçon.

    `origine` (k, 2) et `direction` (k, 2) : le point d'abscisse t est origine + t·direction, t de 0 à `longueur`
    (k,). `ecarts` (k, POINTS + 1, 3) : cumul de la différence de couleur des deux bords, `ecarts_vifs`
    la même l'écriture laissée (le bord d'une feuille sur une autre n'est qu'un filet d'ombre) ;
    `dehors` (k, POINTS + 1) : cumul des points trop près du bord de l'image pour y comparer ; `presence`
    (k, POINTS + 1) : cumul de l'évidence d'un bord, 0 à 1 par point.
    """

    origine: NDArray[np.float64]
    direction: NDArray[np.float64]
    longueur: NDArray[np.float64]
    ecarts: NDArray[np.float64]
    ecarts_vifs: NDArray[np.float64]
    dehors: NDArray[np.float64]
    presence: NDArray[np.float64]


def appuyer(vue: Vue, lignes: NDArray[np.float64]) -> Appuis:
    """Regarde de part et d'autre de chaque droite, sur toute sa traversée de l'image."""
    largeur, hauteur = vue.taille
    normales = lignes[:, :2]
    direction = np.stack([-normales[:, 1], normales[:, 0]], axis=1)
    centre = np.array([(largeur - 1) / 2, (hauteur - 1) / 2])
    pied = centre - (centre @ normales.T + lignes[:, 2])[:, None] * normales
    diagonale = float(np.hypot(largeur, hauteur))
    origine = pied - direction * diagonale / 2
    abscisses = (np.arange(POINTS) + 0.5) / POINTS * diagonale
    points = origine[:, None] + abscisses[None, :, None] * direction[:, None]
    ecarts = _ecarts(vue.lab, points, normales)
    seuil = 1.5 + 2 * vue.bruit
    presence = np.clip((np.linalg.norm(ecarts, axis=2) - seuil) / 4, 0, 1)
    nul = np.zeros((len(lignes), 1))
    return Appuis(
        origine,
        direction,
        np.full(len(lignes), diagonale),
        _cumuler(ecarts),
        _cumuler(_ecarts(vue.vive, points, normales)),
        np.concatenate([nul, np.cumsum(_dehors(vue, points, normales), axis=1)], axis=1),
        np.concatenate([nul, np.cumsum(presence, axis=1)], axis=1),
    )


def _dehors(vue: Vue, points: NDArray[np.float64], normales: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 où l'un des deux bords comparés sort de l'image, sinon 0 : (k, POINTS)."""
    marge = _DECALAGES[-1] * np.abs(normales)[:, None]
    limite = np.array(vue.taille) - 1
    return np.asarray(np.any((points < marge) | (points > limite - marge), axis=2), np.float64)


def _cumuler(ecarts: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([np.zeros((len(ecarts), 1, 3)), np.cumsum(ecarts, axis=1)], axis=1)


def _ecarts(plan: Reels, points: NDArray[np.float64], normales: NDArray[np.float64]) -> NDArray[np.float64]:
    """Différence de couleur (..., 3) d'un bord à l'autre des droites ; nulle hors de l'image."""
    dedans, dehors = (
        np.mean([_lire(plan, points + signe * d * normales[:, None]) for d in _DECALAGES], axis=0)
        for signe in (1, -1)
    )
    return np.asarray(np.nan_to_num(dedans - dehors))


def _lire(plan: Reels, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Couleurs (..., 3) aux points (..., 2) ; NaN hors de l'image."""
    x, y = points[..., 0].astype(np.float32), points[..., 1].astype(np.float32)
    return np.asarray(
        cv2.remap(plan, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(np.nan,) * 3), np.float64
    )
