"""Une valeur vivante devient un résultat quand elle ne bouge plus. Pur."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palier:
    """Ce qu'il faut tenir : `duree_s` secondes, chaque valeur restant dans un écart de `ecarts` (même ordre).

    Un silence de plus de `trou_s` entre deux valeurs rompt le palier : ce qui s'y est passé n'est pas connu.
    """

    duree_s: float
    ecarts: tuple[float, ...]
    trou_s: float = 3.0


class Stabilite:
    """Les dernières valeurs d'un palier."""

    def __init__(self, palier: Palier) -> None:
        self._palier = palier
        self._valeurs: deque[tuple[float, tuple[float, ...]]] = deque()

    def rompre(self) -> None:
        """Une valeur douteuse : tout est à refaire."""
        self._valeurs.clear()

    def ajouter(self, t_s: float, valeurs: tuple[float, ...]) -> bool:
        """Ajoute des valeurs à l'instant `t_s` ; vrai si le palier est tenu."""
        if self._valeurs and t_s - self._valeurs[-1][0] > self._palier.trou_s:
            self.rompre()
        self._valeurs.append((t_s, valeurs))
        for rang, ecart in enumerate(self._palier.ecarts):
            while max(v[rang] for _, v in self._valeurs) - min(v[rang] for _, v in self._valeurs) > ecart:
                self._valeurs.popleft()
        return t_s - self._valeurs[0][0] >= self._palier.duree_s
