"""La page éclairée également et contrastée : papier blanc, écriture nette, couleurs gardées."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.opencv import cv2

COTE_LUMIERE: Final = 320
"""Grand côté, en pixels, de l'image où la lumière s'estime."""
BLANC: Final = 0.97
"""Part de la pleine échelle où va le papier : au-delà, le grain du papier s'écrase déjà."""
NOIR: Final = 0.06
ECART_TEINTE: Final = 9.0
"""Distance dans le plan a, b de Lab au-delà de laquelle ce n'est plus du papier, mais un aplat de couleur."""
NETTETE: Final = 0.5

Image = NDArray[np.uint8]


def eclaircir(bgr: Image) -> Image:
    """La même page (h, w, 3), sans ombre ni teinte de lampe, et contrastée."""
    lumiere = _lumiere(bgr)
    plate = bgr.astype(np.float32) / np.maximum(lumiere, 8.0) * BLANC
    plate = np.clip((plate - NOIR) / (BLANC - NOIR) * BLANC, 0, 1)
    # Une courbe douce : le papier presque blanc le devient, l'encre fonce, les milieux (couleurs) bougent peu.
    courbe = plate + 0.12 * np.sin(2 * np.pi * (plate - 0.5)) * (plate > 0.5) / np.pi
    douce = cv2.GaussianBlur(courbe, (0, 0), 1.0)
    nette = np.clip(courbe + NETTETE * (courbe - douce), 0, 1)
    return np.asarray(np.rint(nette * 255), np.uint8)


def _lumiere(bgr: Image) -> NDArray[np.float32]:
    """La couleur qu'aurait le papier nu en chaque point, (h, w, 3) float32 de 0 à 255."""
    echelle = min(1.0, COTE_LUMIERE / max(bgr.shape[:2]))
    petite = cv2.resize(bgr, None, fx=echelle, fy=echelle, interpolation=cv2.INTER_AREA)
    rayon = max(3, int(0.035 * max(petite.shape[:2])) | 1)
    noyau = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rayon, rayon))
    # La fermeture efface l'écriture ; la médiane avant elle, les points blancs du bruit.
    nue = cv2.morphologyEx(cv2.medianBlur(petite, 3), cv2.MORPH_CLOSE, noyau).astype(np.float32)
    papier = _papier(nue)
    pente = _pente(nue, papier)
    lissee = pente * _combler(nue / pente, papier, sigma=0.012 * max(petite.shape[:2]))
    return np.asarray(cv2.resize(lissee, (bgr.shape[1], bgr.shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def _papier(nue: NDArray[np.float32]) -> NDArray[np.float32]:
    """Poids (h, w), 0 ou 1 : ce qui a la teinte du papier et n'est pas beaucoup plus sombre que son voisinage."""
    lab = cv2.cvtColor(nue / 255, cv2.COLOR_BGR2Lab)
    clarte = lab[:, :, 0]
    clair = clarte >= np.quantile(clarte, 0.5)
    teinte = np.median(lab[clair][:, 1:], axis=0)
    proche = np.linalg.norm(lab[:, :, 1:] - teinte, axis=2) < ECART_TEINTE
    cote = max(nue.shape[:2])
    entourage = cv2.dilate(clarte, np.ones((int(0.12 * cote) | 1,) * 2, np.uint8))
    entourage = cv2.GaussianBlur(entourage, (0, 0), 0.04 * cote)
    poids = proche & (clarte > 0.55 * entourage)
    if poids.mean() < 0.15:
        # Une page toute en couleur : sa propre clarté sert de lumière.
        poids = clarte > 0.55 * entourage
    return np.asarray(poids, np.float32)


def _pente(nue: NDArray[np.float32], papier: NDArray[np.float32]) -> NDArray[np.float32]:
    """La lumière d'ensemble : un polynôme du second degré par voie, ajusté sur le logarithme du papier."""
    hauteur, largeur = papier.shape
    y, x = np.mgrid[-1 : 1 : hauteur * 1j, -1 : 1 : largeur * 1j]
    termes = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    retenus = np.flatnonzero(papier.ravel())[::5]
    clartes = np.log(np.maximum(nue.reshape(-1, 3), 4.0))
    if len(retenus) < 100:
        return np.ones_like(nue)
    coefficients, *_ = np.linalg.lstsq(termes[retenus], clartes[retenus], rcond=None)
    return np.asarray(np.exp(termes @ coefficients).reshape(nue.shape).clip(8, 400), np.float32)


def _combler(nue: NDArray[np.float32], papier: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Lisse les points de papier et comble les autres par leurs voisins, du plus près au plus loin."""
    rendue: NDArray[np.float32] | None = None
    for facteur in (24.0, 8.0, 3.0, 1.0):
        s = max(1.0, sigma * facteur)
        poids = cv2.GaussianBlur(papier, (0, 0), s)
        somme = cv2.GaussianBlur(nue * papier[:, :, None], (0, 0), s)
        moyenne = somme / np.maximum(poids, 1e-6)[:, :, None]
        confiance = np.clip(poids / 0.3, 0, 1)[:, :, None]
        rendue = np.asarray(moyenne if rendue is None else confiance * moyenne + (1 - confiance) * rendue, np.float32)
    return nue if rendue is None else rendue
