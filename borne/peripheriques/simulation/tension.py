"""Le tensiomètre simulé, côté octets et côté physique : trames 2A35 et 2A36, courbe de pression. Pur.

Les encodeurs suivent Blood Pressure Service 1.1.1 (sections 3.1 et 3.2) ; la courbe imite un brassard
oscillométrique : gonflage, dégonflage lent où le pouls se voit, puis vidange.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from borne.peripheriques.simulation.octets import coder_date, coder_sfloat

_UTILISATEUR_INCONNU: Final = 0xFF
_SURPRESSION: Final = 40.0
"""mmHg au-dessus de la systolique où s'arrête le gonflage."""
_PLANCHER: Final = 45.0
"""mmHg où le dégonflage lent fait place à la vidange."""
_AMPLITUDE: Final = 3.0
"""mmHg, oscillation maximale, autour de la pression moyenne."""
_PART_GONFLAGE: Final = 0.35
_PART_VIDANGE: Final = 0.08


@dataclass(frozen=True, slots=True)
class Tension:
    """Ce que le brassard trouvera : mmHg et battements par minute, entiers."""

    systolique: int = 128
    diastolique: int = 79
    pouls: int = 66

    @property
    def moyenne(self) -> int:
        """Pression moyenne estimée : diastole plus un tiers de l'écart."""
        return round(self.diastolique + (self.systolique - self.diastolique) / 3)


def coder_mesure(tension: Tension | None, instant: datetime | None, *, etat: int = 0) -> bytes:
    """Une trame 2A35 complète, en mmHg. `tension` None : les quatre valeurs sont NaN."""
    systolique, diastolique, moyenne, pouls = (
        (None,) * 4 if tension is None else (tension.systolique, tension.diastolique, tension.moyenne, tension.pouls)
    )
    drapeau = 0x04 | 0x08 | 0x10 | (0x02 if instant else 0)
    return b"".join(
        (
            bytes([drapeau]),
            *(coder_sfloat(valeur) for valeur in (systolique, diastolique, moyenne)),
            coder_date(instant) if instant else b"",
            coder_sfloat(pouls),
            bytes([_UTILISATEUR_INCONNU]),
            etat.to_bytes(2, "little"),
        )
    )


def coder_pression(pression: float) -> bytes:
    """Une trame 2A36 : la pression du brassard en mmHg, les deux autres champs à NaN."""
    return b"\x00" + coder_sfloat(round(pression)) + coder_sfloat(None) * 2


def pression_a(part: float, tension: Tension, secondes: float) -> float:
    """Pression du brassard (mmHg) à la fraction `part` (0 à 1) de la mesure, `secondes` après son début."""
    sommet = tension.systolique + _SURPRESSION
    if part < _PART_GONFLAGE:
        return sommet * math.sin(part / _PART_GONFLAGE * math.pi / 2)
    if part > 1 - _PART_VIDANGE:
        return _PLANCHER * max(0.0, (1 - part) / _PART_VIDANGE) ** 2
    lente = (part - _PART_GONFLAGE) / (1 - _PART_GONFLAGE - _PART_VIDANGE)
    pression = sommet + (_PLANCHER - sommet) * lente
    enveloppe = math.exp(-(((pression - tension.moyenne) / 25.0) ** 2))
    return pression + _AMPLITUDE * enveloppe * math.sin(2 * math.pi * secondes * tension.pouls / 60)


def courbe(tension: Tension, duree_s: float, cadence_hz: float) -> Iterator[float]:
    """Les pressions (mmHg) d'une mesure de `duree_s` secondes, `cadence_hz` fois par seconde, 0 compris à la fin."""
    nombre = max(2, round(duree_s * cadence_hz))
    for rang in range(1, nombre + 1):
        yield max(0.0, pression_a(rang / nombre, tension, rang / cadence_hz))
