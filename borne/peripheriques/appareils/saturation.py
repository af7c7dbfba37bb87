"""Ce que disent les trames d'un oxymètre Bluetooth, et quand une saturation est bonne à rendre. Pur.

Une prise ponctuelle (2A5E) est un résultat quand l'appareil la dit bonne. Une suite continue (2A5F, et tous les
protocoles propres) n'en donne un qu'à son palier : SpO2 et pouls immobiles le temps du profil, sans que l'appareil
doute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Demande, SansDemande, Trame, Vu
from borne.peripheriques.appareils.stabilite import Palier, Stabilite
from borne.peripheriques.erreurs import MesureImpossible
from borne.peripheriques.formats import Lecture, decoder

PONCTUELLE: Final = "2A5E"
CONTINUE: Final = "2A5F"
NONIN_VALEURS: Final = "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b"
JUMPER_VALEURS: Final = "cdeacb81-5235-4c07-8846-93a37ee6b86d"
_FORMATS: Final = {NONIN_VALEURS: "NONIN_3230", JUMPER_VALEURS: "JUMPER"}
"""Le format d'une caractéristique qui n'est pas normalisée."""

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
_SPO2_MAX: Final = 100.0
"""Une saturation est une part de l'hémoglobine."""
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
        lecture = decoder(_FORMATS.get(trame.uuid, trame.uuid), trame.octets)
        if trame.uuid == PONCTUELLE:
            return self._ponctuelle(lecture)
        return self.continue_(lecture, trame.t_s)

    def verifier(self, lecture: Lecture) -> Lecture:
        """La lecture, si elle a une saturation."""
        spo2 = lecture.valeur(m.SPO2)
        if spo2 is None or spo2 > _SPO2_MAX:
            raise MesureImpossible(
                "L'oxymètre n'a pas réussi à mesurer.",
                detail="sans valeur" if spo2 is None else "plus de 100 %",
                faute=_faute(lecture),
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

    def continue_(self, lecture: Lecture, t_s: float, demande: Demande | None = None) -> Vu:
        """Une valeur de l'instant ; `demande` : ce qu'il faut écrire ensuite à l'appareil."""
        if self._vide_depuis_s is None:
            self._vide_depuis_s = t_s
        spo2, pouls = lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)
        faute = _faute(lecture)
        vivantes = _vivantes(lecture)
        if spo2 is not None:
            self._vide_depuis_s = t_s
        elif not faute and t_s - self._vide_depuis_s > _SANS_DOIGT_S:
            # Nonin, Jumper et d'autres n'ont pas de bit pour cela : sans doigt, ils n'ont pas de valeur.
            faute = "doigt-retire"
        if spo2 is None or pouls is None or lecture.mesures[0].qualite < 1.0 or _MEMOIRE in _etats(lecture):
            self._stabilite.rompre()
            return Vu(vivantes, faute=faute, en_cours=bool(vivantes), demande=demande)
        resultat = self._palier(lecture, t_s, spo2, pouls)
        if not faute and self._stabilite.agitee:
            faute = "doigt-bouge"
        return Vu(vivantes, resultats=resultat, faute=faute, en_cours=True, demande=demande)

    def _palier(self, lecture: Lecture, t_s: float, spo2: float, pouls: float) -> tuple[Lecture, ...]:
        """Le résultat, une seule fois : à l'avis de l'appareil s'il en a un, sinon les médianes du palier tenu."""
        tenu = self._stabilite.ajouter(t_s, (spo2, pouls))
        sur = bool(lecture.details.get("smartpoint"))
        if self._rendue or not (tenu or sur):
            return ()
        self._rendue = True
        if sur:
            return (lecture,)
        tenue = self._stabilite.tenue()
        medianes = dict(zip((m.SPO2, m.FREQUENCE_CARDIAQUE), tenue.medianes, strict=True))
        details = {
            **lecture.details,
            "stable_s": round(tenue.duree_s, 1),
            "spread_spo2": tenue.etendues[0],
            "spread_pulse": tenue.etendues[1],
        }
        mesures = tuple(replace(une, valeur=medianes.get(une.code, une.valeur)) for une in lecture.mesures)
        return (replace(lecture, mesures=mesures, details=details),)


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
