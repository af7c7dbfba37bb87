"""L'écran physique : ses pixels, ses millimètres, la distance de lecture. Tout le reste s'en déduit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

ANGLE_LETTRE_DEG: Final = 0.7
"""Angle sous lequel se voit un H majuscule (A11Y-TEXTE)."""

RAPPORT_CAPITALE: Final = 0.668
"""Hauteur d'une capitale sur le corps, dans Atkinson Hyperlegible Next (table OS/2, sCapHeight)."""


@dataclass(frozen=True, slots=True)
class Affichage:
    """Un écran : pixels, millimètres (mesurés, jamais le DPI annoncé) et distance de lecture en millimètres.

    `mode_bas` descend toutes les commandes pour une personne assise ; `reduire_mouvement` supprime les animations.
    """

    largeur_px: int = 1920
    hauteur_px: int = 1080
    largeur_mm: float = 531.0
    hauteur_mm: float = 299.0
    distance_mm: float = 600.0
    mode_bas: bool = False
    reduire_mouvement: bool = False

    @property
    def portrait(self) -> bool:
        """L'écran est plus haut que large."""
        return self.hauteur_px > self.largeur_px

    @property
    def px_par_mm(self) -> float:
        """Pixels par millimètre : le plus grand des deux axes, pour qu'un minimum en millimètres en reste un."""
        return max(self.largeur_px / self.largeur_mm, self.hauteur_px / self.hauteur_mm)

    def px(self, mm: float) -> int:
        """Des millimètres en pixels, arrondis au-dessus."""
        return math.ceil(mm * self.px_par_mm)

    def mm(self, px: float) -> float:
        """Des pixels en millimètres."""
        return px / self.px_par_mm

    def corps_minimal_px(self) -> int:
        """Le plus petit corps de texte permis : un H sous 0,7 degré à la distance de lecture."""
        capitale_mm = 2 * self.distance_mm * math.tan(math.radians(ANGLE_LETTRE_DEG / 2))
        return math.ceil(capitale_mm * self.px_par_mm / RAPPORT_CAPITALE)


PAYSAGE: Final = Affichage()
PORTRAIT: Final = Affichage(largeur_px=1080, hauteur_px=1920, largeur_mm=299.0, hauteur_mm=531.0)
