"""Un limiteur doux devant le haut-parleur : la voix du médecin ne sature pas, ne crie pas, ne fait pas sursauter.

Deux bornes : la crête, jamais dépassée, et le niveau (valeur efficace sur une dizaine de millisecondes), qui suit ce
que l'oreille entend. Le gain ne fait que baisser : un médecin qui parle bas n'est pas amplifié. Il baisse 2,5 ms
avant le son trop fort, qui est retenu d'autant, et remonte en un quart de seconde : ni claquement, ni pompage.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

FREQUENCE: Final = 48_000
TRANCHE: Final = FREQUENCE // 400
"""Échantillons sur lesquels un gain est décidé, et dont le son est retenu : 2,5 ms."""
MONTEE_S: Final = 0.01
DESCENTE_S: Final = 0.25
"""Secondes pour entendre monter un niveau, et pour l'oublier."""
_PLEINE_ECHELLE: Final = 32768.0

Son = NDArray[np.int16]


class Limiteur:
    """Un flux mono 16 bits à 48 kHz. `niveau_db` et `crete_db` en dBFS (0 : pleine échelle)."""

    def __init__(self, niveau_db: float, crete_db: float) -> None:
        self._niveau = _PLEINE_ECHELLE * 10 ** (niveau_db / 20)
        self._crete = min(_PLEINE_ECHELLE - 1, _PLEINE_ECHELLE * 10 ** (crete_db / 20))
        self._reste = np.zeros(0, dtype=np.float32)
        self._retenue = np.zeros(TRANCHE, dtype=np.float32)
        self._voulu = self._gain = 1.0
        self._puissance = 0.0

    def appliquer(self, son: Son) -> Son:
        """Le son précédent, limité ; autant d'échantillons qu'il en est entré, par tranches entières de 2,5 ms."""
        entree = np.concatenate([self._reste, son.astype(np.float32)])
        entieres = len(entree) // TRANCHE
        self._reste = entree[entieres * TRANCHE :]
        sorties = [self._tranche(tranche) for tranche in entree[: entieres * TRANCHE].reshape(-1, TRANCHE)]
        return np.concatenate(sorties) if sorties else np.zeros(0, dtype=np.int16)

    def _tranche(self, arrivante: NDArray[np.float32]) -> Son:
        """La tranche retenue, dont le gain glisse vers celui qui convient aussi à celle qui arrive."""
        voulu = self._decider(arrivante)
        fin = min(self._voulu, voulu)
        gains = np.linspace(self._gain, fin, TRANCHE, dtype=np.float32)
        rendue = np.rint(self._retenue * gains)
        self._retenue, self._voulu, self._gain = arrivante, voulu, fin
        return np.asarray(np.clip(rendue, -self._crete, self._crete), dtype=np.int16)

    def _decider(self, tranche: NDArray[np.float32]) -> float:
        crete = float(np.abs(tranche).max())
        carre = float(np.mean(tranche * tranche))
        duree = TRANCHE / FREQUENCE
        memoire = math.exp(-duree / (MONTEE_S if carre > self._puissance else DESCENTE_S))
        self._puissance = memoire * self._puissance + (1 - memoire) * carre
        permis = min(1.0, self._crete / max(crete, 1.0), self._niveau / max(math.sqrt(self._puissance), 1.0))
        # La crête libère le gain aussi lentement que le niveau.
        remontee = self._voulu + (1.0 - self._voulu) * (1 - math.exp(-duree / DESCENTE_S))
        return min(permis, remontee) if permis > self._voulu else permis
