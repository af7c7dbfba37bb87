"""L'attente annoncée au patient, d'après ce qui s'est vraiment passé. Pur."""

from __future__ import annotations

import heapq
import math
import statistics
from collections.abc import Sequence


def reste(ecoulee_s: float, durees_s: Sequence[float]) -> float:
    """Secondes restantes d'une consultation déjà longue de `ecoulee_s`, d'après celles qui ont duré davantage.

    Infini quand aucune n'a duré autant : on ne sait pas, et on ne le cache pas.
    """
    plus_longues = [duree - ecoulee_s for duree in durees_s if duree > ecoulee_s]
    return statistics.median(plus_longues) if plus_longues else math.inf


def minutes_d_attente(
    nombre: int, durees_s: Sequence[float], libres: int, ecoulees_s: Sequence[float]
) -> list[int | None]:
    """Les minutes d'attente des `nombre` patients de la file, dans l'ordre, arrondies au-dessus.

    `durees_s` : durées des dernières consultations ; `libres` : médecins présents sans patient ; `ecoulees_s` :
    durée déjà écoulée des consultations en cours de médecins présents. None quand la salle ne sait pas :
    aucune consultation encore, aucun médecin, ou consultation plus longue que toutes les précédentes.
    """
    if not durees_s or libres + len(ecoulees_s) == 0:
        return [None] * nombre
    mediane = statistics.median(durees_s)
    disponibles = [0.0] * libres + [reste(ecoulee, durees_s) for ecoulee in ecoulees_s]
    heapq.heapify(disponibles)
    attentes: list[int | None] = []
    for _ in range(nombre):
        debut = heapq.heappop(disponibles)
        attentes.append(None if math.isinf(debut) else math.ceil(debut / 60.0))
        heapq.heappush(disponibles, debut + mediane)
    return attentes
