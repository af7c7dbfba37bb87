"""Ce que vaut une numérisation : des clés de conseils, que l'écran et la page du médecin disent en mots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.numerisation.page import Page
from borne.peripheriques.opencv import cv2

FLOU: Final = "numerisation-floue"
COIN_COUPE: Final = "numerisation-coin-coupe"
REFLET: Final = "numerisation-reflet"
SOMBRE: Final = "numerisation-sombre"
LOIN: Final = "numerisation-loin"
SANS_BORD: Final = "numerisation-sans-bord"
DEUX_FEUILLES: Final = "numerisation-deux-feuilles"

NETTETE_MIN: Final = 0.19
"""Pente des traits sur leur contraste, par pixel : 0,5 pour une marche nette, 0,13 pour un flou de trois pixels."""
CLARTE_MIN: Final = 70.0
GRAND_COTE_MIN: Final = 700
"""Pixels : en dessous, une ordonnance en corps 10 ne se lit plus."""
DEBORD_TOLERE: Final = 0.004
SATURE: Final = 252
REFLET_MIN: Final = 0.004
REFLET_MAX: Final = 0.6

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Jugement:
    """`conseils` : clés, la plus gênante d'abord ; `nettete` : None quand rien d'écrit ne permet d'en juger."""

    conseils: tuple[str, ...]
    nettete: float | None

    @property
    def bonne(self) -> bool:
        """Rien à reprendre."""
        return not self.conseils


def juger(photographie: Image, page: Page, plate: Image) -> Jugement:
    """Juge la page `plate` (redressée, avant éclaircissement) prise dans cette photographie."""
    gris = np.asarray(cv2.cvtColor(plate, cv2.COLOR_BGR2GRAY), np.uint8)
    mesure = nettete(gris)
    fautes = {
        COIN_COUPE: _coupee(page, (photographie.shape[1], photographie.shape[0])),
        REFLET: _reflet(plate),
        FLOU: mesure is not None and mesure < NETTETE_MIN,
        SOMBRE: float(np.quantile(gris, 0.8)) < CLARTE_MIN,
        LOIN: max(plate.shape[:2]) < GRAND_COTE_MIN,
        DEUX_FEUILLES: page.autres,
    }
    return Jugement(tuple(cle for cle, faute in fautes.items() if faute), mesure)


def nettete(gris: Image) -> float | None:
    """Pente maximale des traits, en part de leur contraste par pixel ; None sans rien d'écrit."""
    lisse = cv2.GaussianBlur(gris, (3, 3), 0).astype(np.float32)
    noyau = np.ones((11, 11), np.uint8)
    contraste = cv2.dilate(lisse, noyau) - cv2.erode(lisse, noyau)
    pente = np.hypot(cv2.Sobel(lisse, cv2.CV_32F, 1, 0), cv2.Sobel(lisse, cv2.CV_32F, 0, 1)) / 8
    marge_y, marge_x = (max(4, cote // 20) for cote in gris.shape)
    # La pente la plus raide du voisinage de chaque point écrit : un trait net en a une, où que tombe le point.
    raide = cv2.dilate(pente, noyau)
    dedans = slice(marge_y, -marge_y), slice(marge_x, -marge_x)
    contraste, raide = contraste[dedans], raide[dedans]
    fort = contraste > max(25.0, 0.5 * float(np.quantile(contraste, 0.99)))
    if np.count_nonzero(fort) < 400:
        return None
    return float(np.median(raide[fort] / contraste[fort]))


def _coupee(page: Page, taille: tuple[int, int]) -> bool:
    """Un coin tombe hors de l'image, ou un côté est le bord de l'image."""
    marge = DEBORD_TOLERE * max(taille)
    # Distances (4 coins, 4 bords), négatives hors de l'image.
    bords = np.concatenate([page.coins, np.array(taille) - 1 - page.coins], axis=1)
    return bool((bords < -marge).any() or (np.sum(bords < marge, axis=0) >= 2).any())


def _reflet(plate: Image) -> bool:
    """Une tache saturée, alors que le papier d'à côté ne l'est pas."""
    sature = (plate.min(axis=2) >= SATURE).astype(np.uint8)
    tache = cv2.morphologyEx(sature, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    part = float(tache.mean())
    papier = float(np.quantile(plate.min(axis=2)[tache == 0], 0.7)) if part < 1 else 255.0
    return REFLET_MIN < part < REFLET_MAX and papier < 235
