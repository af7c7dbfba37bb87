"""À qui est cette mesure ? La règle d'attribution d'une mesure au patient présent. Pur.

Une mesure n'est au patient que si elle est reçue pendant l'armement ET si sa date est absente ou tombe pendant
l'armement, une fois corrigée de l'écart d'horloge de l'appareil. Toute autre mesure est « en mémoire, patient
inconnu ». Une date partielle est complétée par celle du jour ; une date entièrement inconnue vaut absence.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from borne.peripheriques.formats import Horodatage

AVANCE_ADMISE_S: Final = 120.0
"""Une horloge d'appareil un peu en avance ne rend pas une mesure ancienne."""


def secondes(instant: Horodatage, maintenant: float) -> float | None:
    """L'instant de l'appareil en secondes Unix (heure locale de la borne) ; None si la date est inconnue.

    Les parties inconnues sont prises à `maintenant` (secondes Unix).
    """
    if instant.annee is None and instant.mois is None and instant.jour is None:
        return None
    jour = datetime.fromtimestamp(maintenant)
    try:
        date = datetime(
            instant.annee or jour.year,
            instant.mois or jour.month,
            instant.jour or jour.day,
            instant.heure,
            instant.minute,
            instant.seconde,
        )
    except ValueError:
        # Un 31 complété par un mois de 30 jours : aucune date d'aujourd'hui ne lui ressemble.
        return 0.0
    return date.timestamp()


def est_fraiche(
    instant: Horodatage | None,
    *,
    arme_s: float,
    recu_s: float,
    avance_s: float = 0.0,
    pas_s: float = 1.0,
) -> bool:
    """Vrai si une mesure reçue à `recu_s` (secondes Unix) peut être attribuée au patient armé à `arme_s`.

    `avance_s` : horloge de l'appareil moins celle de la borne ; `pas_s` : finesse des dates de l'appareil (une date
    tronquée à la seconde ou à la minute couvre tout l'intervalle qui la suit).
    """
    if recu_s < arme_s:
        return False
    if instant is None:
        return True
    date = secondes(instant, recu_s)
    if date is None:
        return True
    corrigee = date - avance_s
    return arme_s < corrigee + pas_s and corrigee <= recu_s + AVANCE_ADMISE_S
