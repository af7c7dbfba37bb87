"""Le temps d'une séance rejouée : son horloge, et l'attente qui sépare une chose de la suivante."""

from __future__ import annotations

import asyncio


class Partition:
    """Commence à `debut` (secondes Unix). `allure` : 1 au rythme d'origine, 0 sans attendre."""

    def __init__(self, debut: float, allure: float) -> None:
        self.allure = allure
        self._maintenant = debut

    def horloge(self) -> float:
        """Secondes Unix de la séance d'origine, là où l'on en est."""
        return self._maintenant

    def avancer(self, instant: float) -> None:
        """L'horloge en est au moins là."""
        self._maintenant = max(self._maintenant, instant)

    async def attendre(self, instant: float) -> None:
        """Laisse passer le temps qui séparait l'instant présent de celui-ci, à l'allure choisie, et y arrive."""
        await asyncio.sleep(max(0.0, instant - self._maintenant) * self.allure)
        self.avancer(instant)
