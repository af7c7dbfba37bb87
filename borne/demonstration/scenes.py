"""Ce que voient les caméras d'examen virtuelles : un tympan à l'otoscope, une ordonnance sur une table.

Immobiles, avec le bruit d'un capteur : la photo d'examen se compare à l'image d'origine. Le tympan porte une mire
(traits de un, deux et trois pixels) : à l'écran entier elle se fond, au zoom elle se lit.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.opencv import cv2

TYMPAN: Final = (1280, 1280)
DOCUMENT: Final = (1240, 1754)
"""Une page A4 debout, à 150 points par pouce."""
TABLE: Final = (1600, 1200)
COINS_POSES: Final = ((452, 48), (1190, 92), (1168, 1150), (398, 1102))
"""Coins de l'ordonnance posée : haut gauche, haut droit, bas droit, bas gauche."""
MIRE: Final = (560, 900, 160, 60)
"""Place de la mire d'un pixel dans le tympan : x, y, largeur, hauteur."""
ECART_TYPE_BRUIT: Final = 1.5
TRAMES_DE_BRUIT: Final = 8
LIGNES: Final = (
    "Docteur Claire Moreau",
    "Medecine generale - 58000 Nevers",
    "",
    "Amoxicilline 1 g : un comprime matin et soir",
    "pendant six jours.",
    "Paracetamol 1 g : un comprime si douleur,",
    "trois par jour au plus.",
)


def tympan() -> NDArray[np.uint8]:
    """Un tympan droit, rond sur fond noir, BGR (1280, 1280, 3)."""
    largeur, hauteur = TYMPAN
    y, x = np.mgrid[0:hauteur, 0:largeur].astype(np.float32)
    rayon = np.hypot(x - largeur / 2, y - hauteur / 2) / (largeur * 0.47)
    peau = np.array([96, 118, 196], np.float32) * (1.12 - 0.42 * rayon[:, :, None] ** 2)
    membrane = np.exp(-((np.hypot((x - 620) / 1.05, y - 640) / 400) ** 6))[:, :, None]
    perle = np.array([186, 196, 208], np.float32) * (1.05 - 0.0002 * (y - 400)[:, :, None])
    image = peau * (1 - membrane) + perle * membrane
    image[rayon > 1] = 0
    dessin: NDArray[np.uint8] = np.clip(image, 0, 255).astype(np.uint8)
    _vaisseaux(dessin)
    # Le manche du marteau, et le cône de lumière, en bas et en avant d'une oreille droite.
    cv2.line(dessin, (560, 330), (630, 640), (150, 172, 196), 26, cv2.LINE_AA)
    cv2.circle(dessin, (556, 322), 22, (172, 190, 210), -1, cv2.LINE_AA)
    cone = np.array([[636, 648], [820, 930], [740, 960]], np.int32)
    cv2.fillPoly(dessin, [cone], (232, 240, 246), cv2.LINE_AA)
    _graver(dessin)
    return dessin


def _vaisseaux(dessin: NDArray[np.uint8]) -> None:
    """De fins vaisseaux, du bord vers le centre, d'un à trois pixels."""
    hasard = np.random.default_rng(5)
    for rang in range(36):
        angle = 2 * math.pi * rang / 36 + hasard.normal(0, 0.05)
        points, distance = [], 590.0
        while distance > 190 + hasard.uniform(0, 120):
            points.append((640 + distance * math.cos(angle), 640 + distance * math.sin(angle)))
            distance -= 18
            angle += hasard.normal(0, 0.05)
        trace = np.array(points, np.int32)
        cv2.polylines(dessin, [trace], False, (70, 70, 176), 1 + rang % 3, cv2.LINE_AA)


def _graver(dessin: NDArray[np.uint8]) -> None:
    """La mire : des traits verticaux d'un pixel, puis de deux et de trois au-dessous."""
    x, y, largeur, hauteur = MIRE
    for rang, trait in enumerate((1, 2, 3)):
        motif = np.where(np.arange(largeur) // trait % 2, 205, 125).astype(np.uint8)
        haut = y + rang * (hauteur + 8)
        dessin[haut : haut + hauteur, x : x + largeur] = motif[None, :, None]


def ordonnance() -> NDArray[np.uint8]:
    """Une ordonnance posée à plat, BGR (1754, 1240, 3)."""
    largeur, hauteur = DOCUMENT
    page = np.full((hauteur, largeur, 3), (236, 240, 242), np.uint8)
    for rang, ligne in enumerate(LIGNES):
        cv2.putText(page, ligne, (110, 220 + 70 * rang), cv2.FONT_HERSHEY_DUPLEX, 1.2, (60, 40, 30), 2, cv2.LINE_AA)
    for rang in range(24):
        texte = f"{rang + 1}. Conserver ce document ; le presenter au pharmacien. Lot {1000 + 37 * rang}"
        cv2.putText(page, texte, (110, 860 + 32 * rang), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (80, 70, 60), 1, cv2.LINE_AA)
    return page


def document_pose() -> NDArray[np.uint8]:
    """L'ordonnance posée sur la table."""
    return poser(ordonnance())


def poser(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Une page BGR (1754, 1240, 3) posée de travers sur une table, sous une lampe de côté, BGR (1200, 1600, 3)."""
    largeur, hauteur = TABLE
    y, x = np.mgrid[0:hauteur, 0:largeur].astype(np.float32)
    veines = 6 * np.sin(y / 9 + 3 * np.sin(x / 400)) + 3 * np.sin(y / 2.3)
    table = np.array([62, 92, 134], np.float32) + veines[:, :, None]
    source = np.array([[0, 0], [DOCUMENT[0], 0], DOCUMENT, [0, DOCUMENT[1]]], np.float32) - 0.5
    passage = cv2.getPerspectiveTransform(source, np.array(COINS_POSES, np.float32))
    pose = cv2.warpPerspective(page, passage, TABLE, flags=cv2.INTER_AREA)
    masque = cv2.warpPerspective(np.ones(page.shape[:2], np.float32), passage, TABLE)[:, :, None]
    image = (table * (1 - masque) + pose * masque) * (1.05 - 0.35 * x / largeur)[:, :, None]
    return np.asarray(np.clip(image, 0, 255), np.uint8)


class SceneFixe:
    """Une image BGR immobile, avec un bruit de capteur ; mêmes trames que `camera.Scene`."""

    def __init__(self, image: NDArray[np.uint8]) -> None:
        cv2.setNumThreads(1)
        self.hauteur, self.largeur = image.shape[:2]
        plans = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8).reshape(-1)
        self._tampon = plans.copy()
        points = self.largeur * self.hauteur
        self._source, self._y = plans[:points].copy(), self._tampon[:points]
        hasard = np.random.default_rng(2)
        self._bruit = [
            np.rint(hasard.standard_normal(points, np.float32) * ECART_TYPE_BRUIT).astype(np.int8)
            for _ in range(TRAMES_DE_BRUIT)
        ]
        self._numero = 0

    def trame(self, instant: float) -> memoryview:
        """La trame prise à cet instant ; la vue n'est valable que jusqu'à la suivante."""
        bruit = self._bruit[self._numero % TRAMES_DE_BRUIT]
        cv2.add(self._source[:, None], bruit[:, None], dst=self._y[:, None], dtype=cv2.CV_8U)
        self._numero += 1
        return self._tampon.data
