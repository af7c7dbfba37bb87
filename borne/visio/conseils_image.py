"""Conseils de lumière et de netteté, à partir de l'image du capteur. Pur : ni horloge, ni caméra.

La lumière se lit sur quelques milliers de points ; la netteté sur le milieu de ce que voit le médecin, ramené à la
finesse d'une image de 640 points de large : en deçà, le bruit du capteur passerait pour du détail. Un conseil ne
paraît, et ne disparaît, qu'au bout de plusieurs regards : il ne clignote pas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Conseil = Literal["sombre", "eblouie", "contre_jour", "floue", "bougee"]

CONSEILS: Final[tuple[Conseil, ...]] = ("sombre", "eblouie", "contre_jour", "bougee", "floue")
FINESSE: Final = 640
"""Points de large où se juge la netteté."""
COTE_LUMIERE: Final = 64
POUR_PARAITRE: Final = 2
POUR_DISPARAITRE: Final = 3
"""Regards de suite."""
BRULE: Final = 250
NOIR: Final = 12
"""Au-dessous, un point est hors du rond d'un otoscope, ou du fond : il ne compte pas dans la lumière."""
RELIEF_MIN: Final = 100.0
DETAIL_MIN: Final = 4.0
"""Variances, de la luminance et de son laplacien, au-dessous desquelles (une peau unie, un mur) rien ne se juge."""
GAIN_LAPLACIEN: Final = 20.0
"""Variance du laplacien à quatre voisins d'un bruit de variance 1."""
SEUILS: Final[Mapping[Conseil, tuple[float, float]]] = {
    "sombre": (60, 75),
    "eblouie": (0.15, 0.10),
    "contre_jour": (3.0, 2.3),
    "bougee": (1.1, 0.8),
    "floue": (0.11, 0.14),
}
"""Pour paraître, pour disparaître."""
IMAGE_S: Final = 1 / 30
"""Secondes entre deux images, où se dit le mouvement."""


@dataclass(frozen=True, slots=True)
class Regard:
    """Ce qu'on mesure d'une image.

    `clarte` : luminance (0 à 255) que dépasse un quart des points utiles ; `brulee` : part de points saturés ;
    `contre_jour` : luminance du tour sur celle du milieu ; `nettete` : détail le plus fin sur
    celui d'une finesse double (vers 0,2 à 2 quand c'est net), None pour une surface unie ; `mouvement` : points de
    déplacement en 1/30 s, pour une image de 640 points de large.
    """

    clarte: float
    brulee: float
    contre_jour: float
    nettete: float | None
    mouvement: float


def regarder(
    bgr: NDArray[np.uint8],
    avant: NDArray[np.uint8] | None = None,
    ecart: float = IMAGE_S,
    centre: tuple[float, float] = (0.5, 0.5),
) -> Regard:
    """Mesure une image BGR (h, w, 3). `avant` : l'image d'`ecart` secondes avant, de la même caméra ; `centre` : ce
    qui est visé, de 0 à 1."""
    clarte, brulee, contre_jour = _lumiere(bgr)
    vert = _reduite(bgr, centre)
    bruit = _bruit(vert)
    mouvement = 0.0
    if avant is not None and avant.shape == bgr.shape and ecart > 0:
        mouvement = _mouvement(_reduite(avant, centre), vert, bruit) * IMAGE_S / ecart
    return Regard(clarte, brulee, contre_jour, _nettete(vert, bruit), mouvement)


def _lumiere(bgr: NDArray[np.uint8]) -> tuple[float, float, float]:
    pas = max(1, bgr.shape[0] // COTE_LUMIERE), max(1, bgr.shape[1] // COTE_LUMIERE)
    points = cv2.cvtColor(np.ascontiguousarray(bgr[:: pas[0], :: pas[1]]), cv2.COLOR_BGR2GRAY)
    brulee = float((points >= BRULE).mean())
    hauteur, largeur = points.shape
    milieu = points[hauteur // 4 : -hauteur // 4, largeur * 3 // 8 : -largeur * 3 // 8]
    tour = np.concatenate((points[:, : largeur // 6].ravel(), points[:, -largeur // 6 :].ravel()))
    utiles = points[points > NOIR]
    clarte = float(np.percentile(utiles, 75)) if utiles.size > points.size // 20 else 0.0
    return clarte, brulee, float(np.median(tour) + 1) / float(np.median(milieu) + 1)


def _reduite(bgr: NDArray[np.uint8], centre: tuple[float, float]) -> NDArray[np.float32]:
    """Le neuvième de l'image autour du centre, en vert (le plus fin et le moins bruité), à la finesse du jugement."""
    hauteur, largeur = bgr.shape[:2]
    h, w = max(16, hauteur // 3), max(16, largeur // 3)
    y = min(max(0, round(centre[1] * hauteur) - h // 2), hauteur - h)
    x = min(max(0, round(centre[0] * largeur) - w // 2), largeur - w)
    vert = cv2.extractChannel(bgr[y : y + h, x : x + w], 1)
    reduction = max(1.0, largeur / FINESSE)
    taille = max(8, round(w / reduction)), max(8, round(h / reduction))
    return np.asarray(cv2.resize(vert, taille, interpolation=cv2.INTER_AREA), np.float32)


def _nettete(vert: NDArray[np.float32], bruit: float) -> float | None:
    """Détail d'une finesse sur celui de la finesse double : le flou ôte le plus fin d'abord.

    Le rapport suit le flou bien plus que le sujet : un visage, un tympan, un texte se jugent au même seuil.
    """
    moitie = cv2.resize(vert, (vert.shape[1] // 2, vert.shape[0] // 2), interpolation=cv2.INTER_AREA)
    gros = _detail(np.asarray(moitie, np.float32), bruit / 4)
    if gros > DETAIL_MIN:
        return _detail(vert, bruit) / gros
    # Rien de fin à aucune des deux finesses : très flou s'il y a pourtant du relief, sinon une surface unie.
    return 0.0 if float(vert.var()) > RELIEF_MIN else None


def _detail(image: NDArray[np.float32], bruit: float) -> float:
    """Variance du laplacien, celle du bruit ôtée."""
    return max(0.0, float(cv2.Laplacian(image, cv2.CV_32F).var()) - GAIN_LAPLACIEN * bruit)


def _bruit(image: NDArray[np.float32]) -> float:
    """Variance du bruit du capteur : il est partout et le détail par endroits, la médiane est donc la sienne."""
    laplacien = cv2.Laplacian(image, cv2.CV_32F)
    return (float(np.median(np.abs(laplacien))) / 0.6745) ** 2 / GAIN_LAPLACIEN


def _mouvement(avant: NDArray[np.float32], apres: NDArray[np.float32], bruit: float) -> float:
    """Différence sur pente, en points : la contrainte du flot optique (Horn et Schunck, 1981), bruit ôté.

    Elle sature au-delà de la taille des motifs : un grand mouvement se dit, il ne se mesure pas.
    """
    pente = sum(float(np.square(cv2.Sobel(apres, cv2.CV_32F, dx, 1 - dx, scale=0.125)).mean()) for dx in (0, 1))
    ecart = max(0.0, float(np.square(apres - avant).mean()) - 2 * bruit)
    return float(np.sqrt(ecart / (pente + 0.5)))


class Conseiller:
    """Les conseils du moment, sans clignotement ; un par caméra choisie."""

    def __init__(self, *, visage: bool) -> None:
        """`visage` : la caméra montre une personne sur un fond (le contre-jour n'a de sens que là)."""
        self._visage = visage
        self._donnes: set[Conseil] = set()
        self._suite: dict[Conseil, int] = {}

    def suivre(self, regard: Regard) -> tuple[Conseil, ...]:
        """Les conseils après ce regard."""
        for conseil, vrai in self._vrais(regard).items():
            donne = conseil in self._donnes
            self._suite[conseil] = self._suite.get(conseil, 0) + 1 if vrai != donne else 0
            if not donne and self._suite[conseil] >= POUR_PARAITRE:
                self._donnes.add(conseil)
                self._suite[conseil] = 0
            elif donne and self._suite[conseil] >= POUR_DISPARAITRE:
                self._donnes.remove(conseil)
                self._suite[conseil] = 0
        return tuple(conseil for conseil in CONSEILS if conseil in self._donnes)

    def _vrais(self, regard: Regard) -> Mapping[Conseil, bool]:
        def seuil(conseil: Conseil, valeur: float) -> bool:
            """Le seuil s'écarte d'un conseil déjà donné : il faut plus de lumière pour le retirer que pour s'en
            passer."""
            entree, sortie = SEUILS[conseil]
            limite = sortie if conseil in self._donnes else entree
            return valeur > limite if entree > sortie else valeur < limite

        bougee = seuil("bougee", regard.mouvement)
        sombre = seuil("sombre", regard.clarte)
        flou = regard.nettete is not None and seuil("floue", regard.nettete)
        return {
            "sombre": sombre,
            "eblouie": seuil("eblouie", regard.brulee),
            "contre_jour": self._visage and seuil("contre_jour", regard.contre_jour),
            "bougee": bougee,
            # Une image qui bouge est floue de cela ; une image noire n'a rien à montrer de net.
            "floue": flou and not bougee and not sombre,
        }
