"""Ce que trouve chaque appareil simulé, et comment sa valeur y vient : des courbes crédibles, sans hasard. Pur.

`part` : fraction faite de la mesure (0 à 1) ; `secondes` : depuis son début. La courbe du tensiomètre est dans
`tension.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_PEAU_C: Final = 32.5
"""Température d'une sonde que l'on vient de poser."""
_AMBIANTE_C: Final = 24.0
_CONSTANTES: Final = 6.0
"""Constantes de temps d'une sonde en une mesure : elle finit à moins d'un centième de degré de la valeur."""
_SANS_DOIGT: Final = 0.1
"""Part d'une mesure de saturation où l'oxymètre cherche encore le pouls."""
_BALANCEMENT_HZ: Final = 1.3
"""Oscillation propre d'un corps debout sur un plateau."""
_RESPIRATION_HZ: Final = 0.25


@dataclass(frozen=True, slots=True)
class Temperature:
    """Degrés Celsius."""

    celsius: float = 37.2


@dataclass(frozen=True, slots=True)
class Saturation:
    """SpO2 (%), pouls (/min), indice de perfusion (%)."""

    spo2: int = 97
    pouls: int = 68
    perfusion: float = 4.2


@dataclass(frozen=True, slots=True)
class Poids:
    """Kilogrammes."""

    kg: float = 72.4


@dataclass(frozen=True, slots=True)
class Glycemie:
    """Grammes par litre de sang."""

    g_l: float = 0.98


@dataclass(frozen=True, slots=True)
class Frequence:
    """Battements par minute."""

    pouls: int = 72


def temperature_a(part: float, valeur: Temperature, *, retiree: bool = False, mal_placee: bool = False) -> float:
    """La sonde (°C) : premier ordre, de la peau vers le corps ; vers l'air si elle est retirée ou mal placée."""
    but, depart = (_AMBIANTE_C + 5.0 if mal_placee else valeur.celsius), _PEAU_C
    if retiree and part > 0.5:
        depart, but, part = temperature_a(0.5, valeur), _AMBIANTE_C, part - 0.5
    return but - (but - depart) * math.exp(-_CONSTANTES * part)


def saturation_a(part: float, secondes: float, valeur: Saturation) -> Saturation | None:
    """Ce que l'oxymètre affiche : rien tant qu'il cherche, puis une approche, un point sous la valeur, et elle."""
    if part < _SANS_DOIGT:
        return None
    approche = math.exp(-8 * (part - _SANS_DOIGT))
    spo2 = min(100, round(valeur.spo2 - 4 * approche))
    pouls = round(valeur.pouls * (1 + 0.08 * approche) + 1.2 * math.sin(2 * math.pi * _RESPIRATION_HZ * secondes))
    return Saturation(spo2, pouls if part < 1 else valeur.pouls, valeur.perfusion)


def pleth_a(secondes: float, pouls: float) -> float:
    """La courbe de pouls (0 à 1) : montée systolique raide, puis l'onde dicrote."""
    phase = secondes * pouls / 60 % 1.0
    systole = math.exp(-(((phase - 0.18) / 0.09) ** 2))
    dicrote = 0.38 * math.exp(-(((phase - 0.48) / 0.13) ** 2))
    return min(1.0, systole + dicrote)


def poids_a(part: float, secondes: float, valeur: Poids, *, bouge: bool = False, descend: bool = False) -> float:
    """Le plateau (kg) : on y monte, il se balance et s'amortit ; il ne s'amortit pas si l'on bouge."""
    if descend and part > 0.6:
        return 0.0
    amortie = 1.0 if bouge else math.exp(-9 * part)
    montee = 1 - math.exp(-25 * part)
    return max(0.0, valeur.kg * montee * (1 + 0.12 * amortie * math.sin(2 * math.pi * _BALANCEMENT_HZ * secondes)))


def intervalles_rr(valeur: Frequence) -> Iterator[float]:
    """Les intervalles entre battements (ms), sans fin : la respiration les module, et jamais deux de suite égaux."""
    moyen_ms = 60_000 / valeur.pouls
    instant_s = 0.0
    while True:
        respiration = 0.045 * math.sin(2 * math.pi * _RESPIRATION_HZ * instant_s)
        lente = 0.015 * math.sin(2 * math.pi * 0.1 * instant_s)
        intervalle_ms = moyen_ms * (1 + respiration + lente)
        instant_s += intervalle_ms / 1000
        yield intervalle_ms
