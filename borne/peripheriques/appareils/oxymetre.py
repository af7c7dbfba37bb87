"""L'oxymètre Bluetooth : service normalisé (Pulse Oximeter Profile 1.0.1), Nonin 3230 et Jumper.

Une prise ponctuelle (2A5E) est un résultat quand l'appareil la dit bonne. Une suite continue (2A5F, Nonin, Jumper)
n'en donne un qu'à son palier : SpO2 et pouls immobiles le temps du profil, sans que l'appareil doute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Flux, SansDemande, Service, Trame, Vu
from borne.peripheriques.appareils.stabilite import Palier, Stabilite
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture, decoder

_PONCTUELLE: Final = "2A5E"
_CONTINUE: Final = "2A5F"
_NONIN: Final = "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b"
_JUMPER: Final = "cdeacb81-5235-4c07-8846-93a37ee6b86d"

_FAUTES: Final = {
    "sensor_unconnected_to_user": "doigt-retire",
    "sensor_disconnected": "doigt-retire",
    "sensor_displaced": "doigt-retire",
    "equipment_malfunction": "capteur-en-panne",
    "sensor_malfunctioning": "capteur-en-panne",
    "unknown_sensor_connected": "capteur-en-panne",
    "erratic_signal": "doigt-bouge",
    "questionable_pulse": "doigt-bouge",
    "questionable_measurement": "doigt-bouge",
    "low_perfusion": "main-froide",
    "nonpulsatile_signal": "main-froide",
    "sensor_interference": "lumiere",
    "inadequate_signal": "signal-faible",
    "poor_signal": "signal-faible",
    "signal_processing_irregularity": "signal-faible",
    "measurement_unavailable": "signal-faible",
    "invalid_measurement": "signal-faible",
}
"""État dit par l'appareil (Pulse Oximeter Service 1.0.1, 3.1 et 3.2), faute du guide ; la plus parlante d'abord."""
_PROVISOIRES: Final = frozenset({"measurement_ongoing", "early_estimated_data", "calibration_ongoing"})
_SURES: Final = frozenset({"validated_data", "fully_qualified"})
_MEMOIRE: Final = "data_from_measurement_storage"
_SANS_DOIGT_S: Final = 3.0
"""Le temps de mettre le doigt, ou que l'appareil le trouve : au-delà, ne rien mesurer est une faute."""
_DRAPEAUX: Final = (("correct_check", "doigt-retire"), ("weak_signal", "signal-faible"))
"""Ce que dit le Nonin 3230, faute du guide."""


@dataclass(frozen=True, slots=True)
class ProfilOxymetre(Profil):
    """Un oxymètre : `stabilite_s`, durée du palier ; `ecart_spo2` (%) et `ecart_pouls` (/min) qu'il admet."""

    stabilite_s: float = 8.0
    ecart_spo2: float = 2.0
    ecart_pouls: float = 10.0


class InterpreteSaturation(SansDemande):
    """Lit les trois services : le format d'une trame est celui de sa caractéristique."""

    def __init__(self, profil: ProfilOxymetre) -> None:
        self._stabilite = Stabilite(Palier(profil.stabilite_s, (profil.ecart_spo2, profil.ecart_pouls)))
        self._rendue = False
        self._vide_depuis_s: float | None = None

    def recevoir(self, trame: Trame) -> Vu:
        """Une prise finie ou une valeur de l'instant. Lève `TrameInvalide`."""
        lecture = decoder(_FORMATS[trame.uuid], trame.octets)
        if trame.uuid == _PONCTUELLE:
            return self._ponctuelle(lecture)
        return self._continue(lecture, trame.t_s)

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture, si elle a une saturation."""
        if lecture.valeur(m.SPO2) is None:
            raise MesureImpossible(
                "L'oxymètre n'a pas réussi à mesurer.", detail="sans valeur", faute=_faute(lecture)
            )
        return lecture

    def _ponctuelle(self, lecture: Lecture) -> Vu:
        etats = _etats(lecture)
        if lecture.details["clock_not_set"]:
            # L'appareil dit lui-même que sa date ne vaut rien : elle n'accuse ni n'excuse.
            lecture = replace(lecture, instant=None)
        if _MEMOIRE in etats:
            return Vu(resultats=(lecture,), en_memoire=True)
        faute = _faute(lecture)
        if etats & _PROVISOIRES and not etats & _SURES:
            return Vu(_vivantes(lecture), en_cours=True, faute=faute)
        if lecture.mesures[0].qualite < 1.0 or lecture.valeur(m.SPO2) is None:
            return Vu(resultats=(lecture,), faute=faute or "signal-faible", rejet=faute or "signal-faible")
        return Vu(_vivantes(lecture), resultats=(lecture,), faute=faute)

    def _continue(self, lecture: Lecture, t_s: float) -> Vu:
        if self._vide_depuis_s is None:
            self._vide_depuis_s = t_s
        spo2, pouls = lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)
        etats, faute = _etats(lecture), _faute(lecture)
        vivantes = _vivantes(lecture)
        if spo2 is not None:
            self._vide_depuis_s = t_s
        elif not faute and t_s - self._vide_depuis_s > _SANS_DOIGT_S:
            # Nonin, Jumper et d'autres n'ont pas de bit pour cela : sans doigt, ils n'ont pas de valeur.
            faute = "doigt-retire"
        if spo2 is None or pouls is None or lecture.mesures[0].qualite < 1.0 or _MEMOIRE in etats:
            self._stabilite.rompre()
            return Vu(vivantes, faute=faute, en_cours=bool(vivantes))
        # L'algorithme de l'appareil peut tenir sa valeur pour finie : il en sait plus que notre palier.
        tenue = self._stabilite.ajouter(t_s, (spo2, pouls)) or bool(lecture.details.get("smartpoint"))
        neuve = tenue and not self._rendue
        self._rendue = self._rendue or tenue
        return Vu(vivantes, resultats=(lecture,) if neuve else (), faute=faute, en_cours=True)


def _etats(lecture: Lecture) -> set[str]:
    """Tous les états levés, de la mesure et du capteur."""
    listes = (lecture.details.get("status"), lecture.details.get("device_status"))
    return {str(etat) for liste in listes if isinstance(liste, tuple | list) for etat in liste}


def _faute(lecture: Lecture) -> str:
    etats = _etats(lecture)
    fautes = [faute for etat, faute in _FAUTES.items() if etat in etats]
    fautes += [faute for drapeau, faute in _DRAPEAUX if lecture.details.get(drapeau)]
    return fautes[0] if fautes else ""


def _vivantes(lecture: Lecture) -> tuple[Echantillon, ...]:
    """Les valeurs à montrer, tant que le capteur est sur un doigt."""
    if lecture.mesures[0].qualite == 0.0:
        return ()
    return tuple(
        Echantillon(mesure.code, mesure.valeur, mesure.unite, 0.0)
        for mesure in lecture.mesures
        if mesure.valeur is not None
    )


_FORMATS: Final = {_PONCTUELLE: _PONCTUELLE, _CONTINUE: _CONTINUE, _NONIN: "NONIN_3230", _JUMPER: "JUMPER"}


def _service(nom: str, uuid: str, *flux: Flux) -> Service:
    return Service(nom, Nature.SATURATION, uuid, flux, InterpreteSaturation)


PLX_PONCTUEL: Final = _service("plx", "1822", Flux(_CONTINUE), Flux(_PONCTUELLE, decisif=True, obligatoire=True))
PLX_CONTINU: Final = _service("plx-continu", "1822", Flux(_CONTINUE, obligatoire=True))
NONIN: Final = _service("nonin", "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b", Flux(_NONIN, obligatoire=True))
JUMPER: Final = _service("jumper", "cdeacb80-5235-4c07-8846-93a37ee6b86d", Flux(_JUMPER, obligatoire=True))


class Oxymetre(AppareilBluetooth):
    """Le pilote de l'oxymètre. La `Lecture` a SpO2, pouls, et l'indice de perfusion s'il est donné."""

    nature = Nature.SATURATION
    guide = replace(GUIDES[Nature.SATURATION], vivantes=(m.SPO2, m.FREQUENCE_CARDIAQUE, m.INDICE_PERFUSION))
    services: ClassVar = (PLX_PONCTUEL, PLX_CONTINU, NONIN, JUMPER)
    profil_usuel: ClassVar = ProfilOxymetre(nom="Oxymètre")
