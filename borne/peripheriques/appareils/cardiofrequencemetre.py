"""La ceinture cardiaque Bluetooth (Heart Rate Profile 1.0) : fréquence (2A37) et intervalles entre battements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import ClassVar, Final

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.guides import GUIDES, RR
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Flux, SansDemande, Service, Trame, Vu
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture, decoder

_FREQUENCE: Final = "2A37"
_TROU_S: Final = 3.0
"""Une ceinture notifie chaque seconde : au-delà, des battements sont perdus."""


@dataclass(frozen=True, slots=True)
class ProfilFrequence(Profil):
    """Une ceinture : `duree_s`, temps de contact sans interruption dont on prend la médiane."""

    appairer: bool = False
    """Heart Rate Profile n'exige pas de chiffrement, et beaucoup de ceintures ne savent pas s'appairer."""
    duree_s: float = 15.0


class InterpreteFrequence(SansDemande):
    """Des secondes de contact sans interruption, puis leur médiane."""

    def __init__(self, profil: ProfilFrequence) -> None:
        self._duree_s = profil.duree_s
        self._recues: list[tuple[float, float]] = []
        self._rr_ms: list[int] = []
        self._rendue = False

    def recevoir(self, trame: Trame) -> Vu:
        """Une fréquence de l'instant ; le résultat quand la durée est tenue. Lève `TrameInvalide`."""
        lecture = decoder(trame.uuid, trame.octets)
        battements = lecture.valeur(m.FREQUENCE_CARDIAQUE)
        if battements is None or lecture.details["contact"] is False:
            self._recommencer()
            return Vu(faute="contact-perdu")
        if self._recues and trame.t_s - self._recues[-1][0] > _TROU_S:
            self._recommencer()
        rr_ms = _intervalles(lecture)
        self._recues.append((trame.t_s, battements))
        self._rr_ms += rr_ms
        vivantes = (
            Echantillon(m.FREQUENCE_CARDIAQUE, battements, m.BATTEMENTS_MINUTE, 0.0),
            *(Echantillon(RR, rr / 1000, "s", 0.0) for rr in rr_ms),
        )
        tenue = not self._rendue and trame.t_s - self._recues[0][0] >= self._duree_s
        self._rendue = self._rendue or tenue
        return Vu(vivantes, resultats=(self._resultat(lecture),) if tenue else (), en_cours=True, faute="")

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture : sans contact elle n'aurait pas été faite."""
        if lecture.valeur(m.FREQUENCE_CARDIAQUE) is None:
            raise MesureImpossible(detail="sans valeur", faute="contact-perdu")
        return lecture

    def _recommencer(self) -> None:
        self._recues.clear()
        self._rr_ms.clear()

    def _resultat(self, lecture: Lecture) -> Lecture:
        valeur = float(median(battements for _, battements in self._recues))
        details = {**lecture.details, "rr_ms": tuple(self._rr_ms)}
        return replace(lecture, mesures=(replace(lecture.mesures[0], valeur=valeur),), details=details)


def _intervalles(lecture: Lecture) -> list[int]:
    rr_ms = lecture.details["rr_ms"]
    return [int(rr) for rr in rr_ms] if isinstance(rr_ms, list) else []


SERVICE: Final = Service(
    nom="frequence",
    nature=Nature.FREQUENCE,
    uuid="180D",
    flux=(Flux(_FREQUENCE, obligatoire=True),),
    interprete=InterpreteFrequence,
)


class Cardiofrequencemetre(AppareilBluetooth):
    """Le pilote de la ceinture. La `Lecture` a la fréquence médiane ; `details["rr_ms"]` : tous les intervalles."""

    nature = Nature.FREQUENCE
    guide = replace(GUIDES[Nature.FREQUENCE], fautes=("contact-perdu",))
    services: ClassVar = (SERVICE,)
    profil_usuel: ClassVar = ProfilFrequence(nom="Ceinture cardiaque")
