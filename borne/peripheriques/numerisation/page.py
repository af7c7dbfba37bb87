"""La page dans la photographie : ses quatre coins, et ce qui l'entoure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.numerisation.affinage import affiner
from borne.peripheriques.numerisation.lignes import reduire
from borne.peripheriques.numerisation.recherche import Candidat, Quad, candidats
from borne.peripheriques.opencv import cv2

NOTE_MIN: Final = 0.16
"""En dessous, rien ne ressemble assez à une page."""
PART_SECONDE: Final = 0.72
RECOUVREMENT_SECONDE: Final = 0.1

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Page:
    """Une page vue.

    `coins` : (4, 2) x, y en pixels de la photographie, dans le sens des aiguilles d'une montre, le coin haut gauche
    d'abord ; un coin peut être hors de l'image. `note` : de 0 à 1. `autres` : d'autres feuilles se voient.
    """

    coins: Quad
    note: float
    autres: bool = False


class PageIntrouvable(Exception):
    """Aucune page ne se voit dans cette photographie ; le texte est une phrase française."""


def trouver_page(bgr: Image) -> Page:
    """La page d'une photographie BGR (h, w, 3) uint8. Lève `PageIntrouvable`."""
    if bgr.ndim != 3 or min(bgr.shape[:2]) < 64:
        raise PageIntrouvable("La caméra n'a pas donné d'image.")
    vue = reduire(bgr)
    trouves = candidats(vue)
    if not trouves or trouves[0].note < NOTE_MIN:
        raise PageIntrouvable("La page ne se voit pas : posez-la à plat, sur un fond d'une autre couleur.")
    meilleur = trouves[0]
    quad = affiner(bgr, (meilleur.quad + 0.5) / vue.echelle - 0.5, 3.0 / vue.echelle)
    return Page(quad, meilleur.note, _autres(trouves, meilleur, vue.taille))


def _autres(trouves: list[Candidat], meilleur: Candidat, taille: tuple[int, int]) -> bool:
    """Un autre quadrilatère, presque aussi bon, presque sans rien de commun avec le meilleur."""
    sien = _masque(meilleur.quad, taille)
    for trouve in trouves[1:60]:
        if trouve.note < PART_SECONDE * meilleur.note:
            return False
        autre = _masque(trouve.quad, taille)
        if np.count_nonzero(sien & autre) < RECOUVREMENT_SECONDE * np.count_nonzero(autre):
            return True
    return False


def _masque(quad: Quad, taille: tuple[int, int]) -> NDArray[np.bool_]:
    masque = np.zeros((taille[1], taille[0]), np.uint8)
    cv2.fillConvexPoly(masque, np.rint(quad).astype(np.int32), 1)
    return masque.astype(bool)
