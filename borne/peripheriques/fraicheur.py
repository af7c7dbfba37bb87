"""À qui est cette mesure ? La règle d'attribution d'une mesure au patient présent. Pur.

Une mesure n'est au patient que si elle est reçue pendant l'armement ET si sa date est absente ou tombe pendant
l'armement, une fois corrigée de l'écart d'horloge de l'appareil. Toute autre mesure est « en mémoire, patient
inconnu ». Une date partielle est complétée par celle du jour ; une date entièrement inconnue vaut absence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
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
    try:
        return date.timestamp()
    except (ValueError, OverflowError, OSError):
        # À l'est de Greenwich, le dernier soir de l'an 9999 n'a pas d'instant : à un jour près, il suffit.
        return date.replace(tzinfo=UTC).timestamp()


def debut_armement(arme_s: float, *, recu_s: float, ecoule_s: float) -> float:
    """L'heure où le patient a été armé (secondes Unix), telle que l'horloge de `recu_s` la voit.

    `arme_s` : heure lue à l'armement ; `ecoule_s` : secondes écoulées depuis, d'une horloge qui ne recule jamais. Une
    borne remise à l'heure entre les deux ne doit pas élargir l'armement à la mesure du patient d'avant.
    """
    return max(arme_s, recu_s - ecoule_s)


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


@dataclass(frozen=True, slots=True)
class HorlogeAppareil:
    """Ce que l'on sait de l'horloge de l'appareil. `avance_s` : lue avant tout réglage, None si illisible.

    `reglee_s` : instant où la borne l'a réglée (secondes Unix), None si elle ne l'a pas fait.
    """

    avance_s: float | None = None
    reglee_s: float | None = None

    def est_fraiche(
        self, instant: Horodatage | None, *, arme_s: float, recu_s: float, vue_naitre: bool, pas_s: float = 1.0
    ) -> bool:
        """`est_fraiche`, avec l'avance qu'avait l'appareil quand il a daté cette mesure.

        Une mesure née pendant la séance l'a été après le réglage. Une autre peut dater d'avant, quand l'horloge
        avançait : si rien ne tranche, elle doit être fraîche des deux façons, car une avance d'une heure rajeunit
        d'une heure.
        """
        return all(
            est_fraiche(instant, arme_s=arme_s, recu_s=recu_s, avance_s=avance_s, pas_s=pas_s)
            for avance_s in self._avances(instant, recu_s, vue_naitre, pas_s)
        )

    def _avances(
        self, instant: Horodatage | None, recu_s: float, vue_naitre: bool, pas_s: float
    ) -> tuple[float, ...]:
        if self.reglee_s is None:
            return (self.avance_s or 0.0,)
        date = None if instant is None else secondes(instant, recu_s)
        if vue_naitre or not self.avance_s or date is None:
            return (0.0,)
        if date + pas_s <= self.reglee_s:
            return (self.avance_s,)
        return (0.0,) if self.avance_s < 0 else (0.0, self.avance_s)
