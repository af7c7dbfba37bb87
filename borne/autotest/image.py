"""Ce qui se mesure sur quelques images d'une caméra : lumière, netteté, bruit, image figée. Pur.

Les images sont en BGR 8 bits, telles que la caméra les donne. Tout se calcule sur une image réduite : une seconde
d'images en 1080p coûterait sinon plus que l'appel lui-même.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.opencv import cv2

COTE: Final = 960
"""Pixels du grand côté de l'image réduite où se juge la netteté."""
BRULE: Final = 250
"""Niveau (sur 255) d'un point qui ne dit plus rien : trop clair."""
OMBRE: Final = 24
"""Niveau sous lequel un point n'est pas éclairé : le tour d'une image d'otoscope."""
NOYAU_FLOU: Final = 9
"""Points du flou de comparaison (Crété et al. 2007, « The blur effect », section 3)."""
CONTOUR_MIN: Final = 2.0
CONTOURS_PART_MIN: Final = 0.0005
"""Niveaux d'un point à l'autre, et part de l'image : en dessous, il n'y a pas de contour à juger."""
CONTRASTE_UNI: Final = 8.0
BLOC: Final = 32

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Regard:
    """Ce qu'on voit. Niveaux de 0 à 255.

    `luminance` : moyenne. `clair` : niveau que seuls 0,5 % des points dépassent. `part_brulee` : part saturée des
    points éclairés. `centre`, `bord` : moyennes du milieu et du tour de l'image (contre-jour). `nettete` : 0 (floue)
    à 1, None sans contour à juger. `contraste` : écart-type spatial. `bruit` : écart-type temporel d'un point qui ne
    change pas. `figee` : toutes les images sont la même. `teinte` : écart de couleur au gris, moyenne de l'image (une
    image sans couleur : 0). `dominante` : rapport de la couleur la plus forte à la plus faible, en moyenne.
    `clignote` : écart moyen relatif de luminance d'une image à la suivante.
    """

    largeur: int
    hauteur: int
    luminance: float
    clair: float
    part_brulee: float
    centre: float
    bord: float
    nettete: float | None
    contraste: float
    bruit: float
    figee: bool
    teinte: float
    dominante: float
    clignote: float


def regarder(images: Sequence[Image], avant: Image | None = None, luminances: Sequence[float] = ()) -> Regard:
    """Mesure des images successives, (h, w, 3) uint8 de même taille, deux au moins ; `ValueError` sinon.

    `avant` : une image plus ancienne, que seule une caméra figée redonnerait. `luminances` : moyennes d'une plus
    longue suite d'images, pour le clignotement.
    """
    if len(images) < 2 or len({image.shape for image in images}) != 1:
        raise ValueError("il faut deux images de même taille, au moins")
    hauteur, largeur = images[0].shape[:2]
    grises = [np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8) for image in images]
    derniere = grises[-1]
    tour = np.ones(derniere.shape, bool)
    tour[hauteur // 5 : -hauteur // 5, largeur // 4 : -largeur // 4] = False
    moyennes = np.array(luminances or [float(grise.mean()) for grise in grises])
    couleurs = images[-1].reshape(-1, 3).mean(axis=0)
    return Regard(
        largeur=largeur,
        hauteur=hauteur,
        luminance=float(derniere.mean()),
        clair=float(np.percentile(derniere, 99.5)),
        part_brulee=float((derniere >= BRULE).sum() / max(1, (derniere > OMBRE).sum())),
        centre=float(derniere[~tour].mean()),
        bord=float(derniere[tour].mean()),
        nettete=nettete(grises),
        contraste=float(derniere.std()),
        bruit=bruit(grises),
        figee=figee(images if avant is None else [avant, *images]),
        teinte=teinte(images[-1]),
        dominante=float((couleurs.max() + 1) / (couleurs.min() + 1)),
        clignote=float(np.abs(np.diff(moyennes)).mean() / max(1.0, moyennes.mean())),
    )


def figee(images: Sequence[Image]) -> bool:
    """Toutes les images sont exactement la même : un capteur a toujours un peu de bruit, deux vues jamais égales."""
    return all(np.array_equal(images[0], image) for image in images[1:])


def bruit(grises: Sequence[Image]) -> float:
    """Écart-type temporel, en niveaux, des points qui ne changent pas, médian sur les couples d'images successives.

    Par l'écart médian absolu, que le mouvement d'une partie de l'image ne touche pas (1,4826 : loi normale).
    """
    ecarts = []
    for avant, apres in itertools.pairwise(grises):
        # Une lumière qui clignote change toute l'image à la fois : ce n'est pas du bruit.
        gain = (float(apres.mean()) + 1) / (float(avant.mean()) + 1)
        difference = apres.astype(np.float32) - gain * avant.astype(np.float32)
        # La racine des carrés sur de petits blocs : l'écart médian d'entiers ne verrait pas un bruit sous un niveau.
        blocs = cv2.resize(difference**2, None, fx=1 / BLOC, fy=1 / BLOC, interpolation=cv2.INTER_AREA)
        ecarts.append(float(np.sqrt(np.median(blocs) / 2)))
    return float(np.median(ecarts))


def nettete(grises: Sequence[Image]) -> float | None:
    """De 0 (floue) à 1, None devant une surface unie. Le bruit est d'abord moyenné.

    C'est ce que l'image perd à être floutée encore (Crété et al. 2007).
    Une image nette perd presque tous ses écarts entre points voisins, une image floue en garde la plupart.
    """
    somme = np.asarray(np.mean([_reduire(grise) for grise in grises], axis=0), np.float32)
    moyenne = np.asarray(cv2.GaussianBlur(somme, (0, 0), 0.7), np.float32)
    pertes = [perte for axe in (0, 1) if (perte := _perte(moyenne, axe)) is not None]
    if not pertes:
        # Rien que des dégradés : une image contrastée est alors très floue, une image unie ne dit rien.
        return 0.0 if float(moyenne.std()) > CONTRASTE_UNI else None
    return max(pertes)


def teinte(image: Image) -> float:
    """Écart moyen de couleur au gris, en niveaux : nul pour une image en noir et blanc."""
    reduite = _reduire(image)
    return float((reduite.max(axis=2) - reduite.min(axis=2)).mean())


def _reduire(image: Image) -> NDArray[np.float32]:
    facteur = min(1.0, COTE / max(image.shape[:2]))
    if facteur < 1.0:
        image = np.asarray(cv2.resize(image, None, fx=facteur, fy=facteur, interpolation=cv2.INTER_AREA), np.uint8)
    return image.astype(np.float32)


def _perte(image: NDArray[np.float32], axe: int) -> float | None:
    noyau = (NOYAU_FLOU, 1) if axe == 1 else (1, NOYAU_FLOU)
    floue = np.asarray(cv2.blur(image, noyau), np.float32)
    avant, apres = np.abs(np.diff(image, axis=axe)), np.abs(np.diff(floue, axis=axe))
    # Les contours seuls : les aplats ne sont ni nets ni flous, et leur reste de bruit paraît toujours net.
    contours = avant >= max(CONTOUR_MIN, float(np.percentile(avant, 98)))
    if contours.mean() < CONTOURS_PART_MIN:
        return None
    return float(np.maximum(0.0, avant - apres)[contours].sum() / avant[contours].sum())
