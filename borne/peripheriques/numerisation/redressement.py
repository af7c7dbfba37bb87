"""La page remise à plat, à ses vraies proportions, retrouvées de la perspective seule.

Une caméra ordinaire (pixels carrés, axe au centre) laisse calculer le rapport des côtés d'un rectangle à partir de
ses quatre coins : Z. Zhang et L.-W. He, « Whiteboard scanning and image enhancement », Digital Signal Processing 17
(2007), section 3.2. Quand la perspective est trop faible pour la formule, les longueurs des côtés suffisent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.numerisation.recherche import Quad
from borne.peripheriques.opencv import cv2

GRAND_COTE_MAX: Final = 2339
"""Pixels : une page A4 à 200 points par pouce."""
TOLERANCE: Final = 0.06
"""Écart relatif au rapport d'un format connu sous lequel le document est tenu pour de ce format."""
FOCALE_MIN: Final = 0.35
FOCALE_MAX: Final = 6.0
"""Focales plausibles, en grands côtés de l'image : hors de là, la perspective ne dit rien de sûr."""
FOCALE_ORDINAIRE: Final = 1.05
"""Une caméra de documents ou une webcam, de 50 à 60 degrés de champ."""

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Format:
    """Un format de papier : `nom`, grand et petit côtés en millimètres."""

    nom: str
    grand_mm: float
    petit_mm: float

    @property
    def rapport(self) -> float:
        """Grand côté sur petit."""
        return self.grand_mm / self.petit_mm


A4: Final = Format("A4", 297.0, 210.0)
CARTE: Final = Format("carte", 85.6, 53.98)
FORMATS: Final = (A4, CARTE)
"""ISO 216 (A5 se lit comme A4) ; ISO/IEC 7810 ID-1 (carte d'identité depuis 2021, carte Vitale)."""


@dataclass(frozen=True, slots=True)
class Redressee:
    """`bgr` (h, w, 3) : la page à plat ; `format` : celui qui a été reconnu, ou None."""

    bgr: Image
    format: Format | None


def redresser(bgr: Image, coins: Quad) -> Redressee:
    """La page de ces coins, à plat, sans dépasser sa définition dans la photographie ni `GRAND_COTE_MAX`."""
    rapport, reconnu = reconnaitre(coins, (bgr.shape[1], bgr.shape[0]))
    largeurs, hauteurs = _longueurs(coins)
    # La plus grande des deux façons de garder les pixels : rien de ce que le capteur a vu ne se perd.
    largeur = max(max(largeurs), max(hauteurs) * rapport)
    echelle = min(1.0, GRAND_COTE_MAX / max(largeur, largeur / rapport))
    w, h = max(8, round(largeur * echelle)), max(8, round(largeur / rapport * echelle))
    but = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    passage = cv2.getPerspectiveTransform(coins.astype(np.float32), but)
    plate = cv2.warpPerspective(bgr, passage, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return Redressee(np.asarray(plate, np.uint8), reconnu)


def reconnaitre(coins: Quad, taille: tuple[int, int]) -> tuple[float, Format | None]:
    """Largeur sur hauteur, et le format : debout ou couché, None s'il n'en est d'aucun.

    La perspective donne une mesure, juste si l'axe de la caméra est au centre de l'image ; les longueurs en donnent
    une autre, juste si la caméra est d'aplomb. La seconde ne sert que quand la première n'est d'aucun format.
    """
    simple = _simple(coins)
    mesures = (par_perspective(coins, taille), simple)
    for mesure in mesures:
        ecarts = [(abs(un.rapport / max(mesure, 1 / mesure) - 1), un) for un in FORMATS]
        ecart, proche = min(ecarts, key=lambda paire: paire[0])
        if ecart < TOLERANCE:
            return (proche.rapport if simple > 1 else 1 / proche.rapport), proche
    return mesures[0], None


def _simple(coins: Quad) -> float:
    largeurs, hauteurs = _longueurs(coins)
    return sum(largeurs) / max(1e-9, sum(hauteurs))


def par_perspective(coins: Quad, taille: tuple[int, int]) -> float:
    """Largeur sur hauteur du rectangle vu sous ces coins, dans une image de cette taille.

    La focale se déduit aussi des coins, sauf quand deux côtés restent parallèles : elle est alors supposée.
    """
    simple = _simple(coins)
    centre = np.array([(taille[0] - 1) / 2, (taille[1] - 1) / 2])
    m1, m2, m4, m3 = (np.array([*(coin - centre) / max(taille), 1.0]) for coin in coins)
    k2 = _triple(m1, m4, m3) / _non_nul(_triple(m2, m4, m3))
    k3 = _triple(m1, m4, m2) / _non_nul(_triple(m3, m4, m2))
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    sure = abs(n2[2] * n3[2]) > 2e-3
    carre = -(n2[0] * n3[0] + n2[1] * n3[1]) / _non_nul(n2[2] * n3[2])
    if not sure or not FOCALE_MIN**2 < carre < FOCALE_MAX**2:
        carre = FOCALE_ORDINAIRE**2
    inverse = np.array([1 / carre, 1 / carre, 1.0])
    exacte = float(np.sqrt((n2**2 @ inverse) / max(1e-12, float(n3**2 @ inverse))))
    # Une formule qui contredit les longueurs de plus que l'inclinaison n'en fait perdre a suivi le bruit.
    return exacte if 0.5 < exacte / simple < 2.0 else simple


def _triple(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    return float(np.cross(a, b) @ c)


def _non_nul(valeur: float) -> float:
    return valeur if abs(valeur) > 1e-12 else 1e-12


def _longueurs(coins: Quad) -> tuple[list[float], list[float]]:
    """Longueurs (haut, bas) et (droite, gauche)."""
    cotes = np.linalg.norm(np.roll(coins, -1, axis=0) - coins, axis=1)
    return [float(cotes[0]), float(cotes[2])], [float(cotes[1]), float(cotes[3])]
