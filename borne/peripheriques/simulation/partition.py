"""Le temps d'une séance rejouée : son horloge, et l'attente qui sépare une chose de la suivante."""

from __future__ import annotations

import asyncio
from typing import Final

_ETIREMENT: Final = 1.02
"""Une séance s'arrête à l'instant où le pilote en sait assez : un palier tenu de justesse doit l'être encore."""


class Partition:
    """Commence à `debut` (secondes Unix)."""

    def __init__(self, debut: float) -> None:
        self._maintenant = debut

    def horloge(self) -> float:
        """Secondes Unix de la séance d'origine, là où l'on en est."""
        return self._maintenant

    def avancer(self, instant: float) -> None:
        """L'horloge en est au moins là."""
        self._maintenant = max(self._maintenant, instant)

    async def attendre(self, instant: float) -> None:
        """Laisse passer le temps qui séparait l'instant présent de celui-ci, et y arrive."""
        await asyncio.sleep(max(0.0, instant - self._maintenant) * _ETIREMENT)
        self.avancer(instant)
