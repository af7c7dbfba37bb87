"""Ce que la machine a le temps d'encoder : une image de trop prend son temps au son, qui passe avant elle. Pur.

Une borne est souvent un petit ordinateur, et il lui arrive d'être occupé ailleurs. L'image cède alors de la
définition, jusqu'à la marche qui tient ; elle la reprend quand celle du dessus tiendrait, de plus en plus tard si
elle a dû la rendre. Même mesure que Chromium (OveruseFrameDetector) : le temps d'encodage rapporté au temps entre
images.
"""

from __future__ import annotations

from typing import Final

HAUTEURS: Final = (1080, 720, 540, 360)
"""Lignes de l'image au plus, marche par marche."""
SURCHARGE: Final = 0.85
"""Part du temps passée à encoder au-dessus de laquelle les images s'accumulent."""
AISANCE: Final = 0.6
"""Part prévue à la marche du dessus, en dessous de laquelle on y remonte."""
DELAI_DESCENTE: Final = 1.5
REPOS: Final = 2.0
"""Secondes après un changement avant de juger de nouveau : l'image clé et l'encodeur neuf faussent la mesure."""
DELAI_REMONTEE: Final = 10.0
DELAI_REMONTEE_MAX: Final = 160.0
RECHUTE: Final = 20.0
"""Secondes après une remontée où redescendre fait doubler l'attente suivante."""


class Souffle:
    """Choisit la marche. Le temps est un paramètre, en secondes."""

    def __init__(self) -> None:
        self.marche = 0
        self._depuis: float | None = None
        self._sens = 0
        self._change = float("-inf")
        self._remontee = float("-inf")
        self._attente = DELAI_REMONTEE

    @property
    def hauteur(self) -> int:
        """Lignes de l'image au plus."""
        return HAUTEURS[self.marche]

    def choisir(self, charge: float, maintenant: float) -> int:
        """Lignes de l'image au plus. `charge` : temps d'encodage d'une image sur le temps entre deux images."""
        if maintenant - self._change < REPOS:
            return self.hauteur
        sens = self._pousse(charge)
        if sens != self._sens or sens == 0:
            self._sens, self._depuis = sens, maintenant if sens else None
        elif self._depuis is not None and maintenant - self._depuis >= (
            DELAI_DESCENTE if sens > 0 else self._attente
        ):
            self._changer(sens, charge, maintenant)
        return self.hauteur

    def _pousse(self, charge: float) -> int:
        """1 : descendre ; -1 : remonter ; 0 : rester."""
        if charge > SURCHARGE and self.marche < len(HAUTEURS) - 1:
            return 1
        if self.marche == 0:
            return 0
        prevue = charge * (HAUTEURS[self.marche - 1] / self.hauteur) ** 2
        return -1 if prevue < AISANCE else 0

    def _changer(self, sens: int, charge: float, maintenant: float) -> None:
        vise = self.marche + sens
        if sens > 0:
            # D'un coup : chaque marche coûte une image clé et deux secondes de plus à suffoquer.
            while vise < len(HAUTEURS) - 1 and charge * (HAUTEURS[vise] / self.hauteur) ** 2 > SURCHARGE:
                vise += 1
            rechute = maintenant - self._remontee < RECHUTE
            self._attente = min(2 * self._attente, DELAI_REMONTEE_MAX) if rechute else DELAI_REMONTEE
        else:
            self._remontee = maintenant
        self.marche = vise
        self._change, self._depuis, self._sens = maintenant, None, 0
