"""`Mesure` et ses codes (LOINC, UCUM) : le vocabulaire que toutes les pièces partagent. Pur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SYSTOLIQUE: Final = "8480-6"
DIASTOLIQUE: Final = "8462-4"
PRESSION_MOYENNE: Final = "8478-0"
PANNEAU_TENSION: Final = "85354-9"
PRESSION_BRASSARD: Final = "8358-4"
FREQUENCE_CARDIAQUE: Final = "8867-4"
SPO2: Final = "59408-5"
INDICE_PERFUSION: Final = "61006-3"
TEMPERATURE: Final = "8310-5"
POIDS: Final = "29463-7"
TAILLE: Final = "8302-2"
IMC: Final = "39156-5"
GLYCEMIE_MASSE: Final = "2339-0"
GLYCEMIE_SUBSTANCE: Final = "15074-8"
DOULEUR: Final = "72514-3"

TENSION: Final = "tension"
NATURES: Final = (TENSION, "temperature", "saturation", "poids", "glycemie", "frequence")
"""Ce que la borne sait mesurer : les valeurs de `peripheriques.appareils.contrat.Nature`, clés des textes."""

MMHG: Final = "mm[Hg]"
KPA: Final = "kPa"
BATTEMENTS_MINUTE: Final = "/min"
POURCENT: Final = "%"
CELSIUS: Final = "Cel"
FAHRENHEIT: Final = "[degF]"
KILOGRAMME: Final = "kg"
LIVRE: Final = "[lb_av]"
METRE: Final = "m"
POUCE: Final = "[in_i]"
KG_M2: Final = "kg/m2"
KG_LITRE: Final = "kg/L"
MOL_LITRE: Final = "mol/L"
G_LITRE: Final = "g/L"
MMOL_LITRE: Final = "mmol/L"

KPA_EN_MMHG: Final = 7.500616827
"""1 kPa en millimètres de mercure (BIPM, 1 mmHg = 133,322387415 Pa)."""


@dataclass(frozen=True, slots=True)
class Mesure:
    """Une grandeur mesurée, dans l'unité même de l'appareil (la conversion est l'affaire de l'affichage).

    `code` : LOINC. `valeur` : None quand l'appareil dit NaN ou NRes (IEEE 11073-20601). `unite` : UCUM.
    `instant` : secondes Unix (UTC) de la réception à la borne. `appareil` : nom lisible. `qualite` : 0 à 1.
    """

    code: str
    valeur: float | None
    unite: str
    instant: float
    appareil: str
    qualite: float = 1.0


@dataclass(frozen=True, slots=True)
class Echantillon:
    """Une valeur vivante, jamais conservée : la plus récente gagne (pression du brassard, niveau sonore).

    `nature` : code LOINC quand il existe, sinon un nom court. `instant` : secondes Unix.
    """

    nature: str
    valeur: float
    unite: str
    instant: float


_USUELLES: Final = {
    KPA: (MMHG, KPA_EN_MMHG, 0.0),
    FAHRENHEIT: (CELSIUS, 5 / 9, -32.0),
    LIVRE: (KILOGRAMME, 0.45359237, 0.0),
    POUCE: (METRE, 0.0254, 0.0),
    KG_LITRE: (G_LITRE, 1000.0, 0.0),
    MOL_LITRE: (MMOL_LITRE, 1000.0, 0.0),
}
"""Unité de l'appareil : unité qu'on lit en France, facteur, et ce qu'il faut ajouter avant de multiplier."""


def usuelle(mesure: Mesure | Echantillon) -> tuple[float | None, str]:
    """La valeur dans l'unité qu'on lit en France (mmHg, °C, kg, m, g/L ou mmol/L), et le code UCUM de celle-ci.

    Pour l'affichage seul : la `Mesure` garde l'unité de l'appareil. Sans valeur, None et l'unité d'affichage.
    """
    unite, facteur, decalage = _USUELLES.get(mesure.unite, (mesure.unite, 1.0, 0.0))
    return None if mesure.valeur is None else (mesure.valeur + decalage) * facteur, unite
