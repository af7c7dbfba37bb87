"""Glycémie : 2A18, 2A34, 2A51 (Glucose Service 1.0.1, sections 3.1 à 3.3) et 2A52, leur point d'accès. Pur."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import Final

from borne import mesures as m
from borne.mesures import Mesure
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Horodatage, Lecture, mesure
from borne.peripheriques.formats.octets import Octets, drapeaux, leves, signe

_DECALAGE: Final = 0x01
_CONCENTRATION: Final = 0x02
_MOLAIRE: Final = 0x04
_ETAT: Final = 0x08
_CONTEXTE: Final = 0x10
_DECALAGES_PERDUS: Final = (0x7FFF, -0x8000)
"""Time Offset : overrun et underrun, donc décalage inconnu."""

SOLUTION_CONTROLE: Final = 10
"""Type d'échantillon : flacon de contrôle, pas le sang d'un patient."""

ETATS: Final = MappingProxyType(
    {
        0: "low_battery",
        1: "malfunction",
        2: "sample_size",
        3: "strip_insertion",
        4: "strip_type",
        5: "result_too_high",
        6: "result_too_low",
        7: "temp_too_high",
        8: "temp_too_low",
        9: "read_interrupt",
        10: "general_fault",
        11: "time_fault",
    }
)
"""Sensor Status Annunciation, par bit."""

_SANS_VALEUR: Final = frozenset(ETATS.values()) - {"low_battery", "time_fault"}

_FONCTIONS: Final = (
    "low_battery",
    "malfunction",
    "sample_size",
    "strip_insertion",
    "strip_type",
    "result_hl",
    "temp_hl",
    "read_interrupt",
    "general_fault",
    "time_fault",
    "multi_bond",
)


def _decale(base: Horodatage, minutes: int | None) -> Horodatage:
    """La date de la mesure ; la date de base quand le décalage, ou une partie d'elle, est inconnu."""
    entiere = base.en_datetime()
    if not minutes or entiere is None:
        return base
    try:
        return Horodatage.de(entiere + timedelta(minutes=minutes))
    except OverflowError:
        raise TrameInvalide(detail="décalage hors du calendrier") from None


def _glycemie(valeur: float | None, molaire: bool, genre: int, etats: list[str]) -> tuple[Mesure, ...]:
    """La mesure, s'il s'agit de sang : une solution de contrôle n'en donne aucune."""
    if genre == SOLUTION_CONTROLE:
        return ()
    code, unite = (m.GLYCEMIE_SUBSTANCE, m.MOL_LITRE) if molaire else (m.GLYCEMIE_MASSE, m.KG_LITRE)
    return (mesure(code, valeur, unite, 0.0 if _SANS_VALEUR.intersection(etats) else 1.0),)


def mesure_glycemie(octets: bytes) -> Lecture:
    """2A18, Glucose Measurement, en kg/L ou mol/L comme l'appareil l'écrit ; instant : base plus décalage.

    `details` : `seq`, `base_time`, `time_offset` (min), `concentration`, `unit`, `type`, `location`, `status_raw`,
    `status` (bits levés), `context` (un 2A34 suit), `control_solution`. Une solution de contrôle n'a aucune mesure.
    """
    curseur = Octets(octets)
    drapeau = curseur.entier(1)
    numero, base = curseur.entier(2), curseur.horodatage()
    decalage = signe(curseur.entier(2), 16) if drapeau & _DECALAGE else None
    if decalage in _DECALAGES_PERDUS:
        decalage = None
    molaire = bool(drapeau & _MOLAIRE)
    valeur = curseur.sfloat() if drapeau & _CONCENTRATION else None
    nature = curseur.entier(1) if drapeau & _CONCENTRATION else None
    mot = curseur.entier(2) if drapeau & _ETAT else None
    curseur.fin()
    etats = leves(mot or 0, ETATS)
    genre = None if nature is None else nature & 0x0F
    details = {
        "seq": numero,
        "base_time": str(base),
        "time_offset": decalage,
        "concentration": valeur,
        "unit": None if nature is None else "mol/L" if molaire else "kg/L",
        "type": genre,
        "location": None if nature is None else nature >> 4,
        "status_raw": mot,
        "status": None if mot is None else etats,
        "context": bool(drapeau & _CONTEXTE),
        "control_solution": genre == SOLUTION_CONTROLE,
    }
    mesures = () if genre is None else _glycemie(valeur, molaire, genre, etats)
    return Lecture(mesures, _decale(base, decalage), None, details)


def contexte_glycemie(octets: bytes) -> Lecture:
    """2A34, Glucose Measurement Context : repas, santé, exercice, médicament, HbA1c ; None pour ce qui manque."""
    curseur = Octets(octets)
    drapeau, numero = curseur.entier(1), curseur.entier(2)
    if drapeau & 0x80:
        curseur.entier(1)  # Extended Flags : tous réservés.
    details: dict[str, object] = {"seq": numero}
    details["carbohydrate"] = curseur.entier(1) if drapeau & 0x01 else None
    details["carbohydrate_amount"] = curseur.sfloat() if drapeau & 0x01 else None
    details["meal"] = curseur.entier(1) if drapeau & 0x02 else None
    personne = curseur.entier(1) if drapeau & 0x04 else None
    details["tester"] = None if personne is None else personne & 0x0F
    details["health"] = None if personne is None else personne >> 4
    duree = curseur.entier(2) if drapeau & 0x08 else None
    details["exercise_duration"] = None if duree == 0xFFFF else duree
    details["exercise_intensity"] = curseur.entier(1) if drapeau & 0x08 else None
    details["medication"] = curseur.entier(1) if drapeau & 0x10 else None
    details["medication_amount"] = curseur.sfloat() if drapeau & 0x10 else None
    details["medication_unit"] = ("L" if drapeau & 0x20 else "kg") if drapeau & 0x10 else None
    details["hba1c"] = curseur.sfloat() if drapeau & 0x40 else None
    curseur.fin()
    return Lecture(details=details)


def fonctions_lecteur(octets: bytes) -> Lecture:
    """2A51, Glucose Feature : ce que le lecteur sait détecter, par drapeaux nommés."""
    curseur = Octets(octets)
    mot = curseur.entier(2)
    curseur.fin()
    return Lecture(details=drapeaux(mot, _FONCTIONS))


_NOMBRE: Final = 0x05
_REPONSE: Final = 0x06
_FAIT: Final = 0x01


def point_acces(octets: bytes) -> Lecture:
    """2A52, Record Access Control Point, ce que l'appareil répond : un compte, ou la fin d'une demande.

    `details` : `op` « count » et `count` ; ou `op` « response », `request` (code de la demande), `code` (1 : fait,
    6 : rien en mémoire) et `error` (le même, None si fait). Une demande n'est pas une réponse : `TrameInvalide`.
    """
    curseur = Octets(octets)
    operation, operateur = curseur.entier(1), curseur.entier(1)
    if operateur or operation not in (_NOMBRE, _REPONSE):
        raise TrameInvalide(detail="réponse RACP inconnue")
    if operation == _NOMBRE:
        if curseur.reste not in (1, 2, 4):
            raise TrameInvalide(detail="compte RACP de taille inconnue")
        return Lecture(details={"op": "count", "count": curseur.entier(curseur.reste)})
    demande, code = curseur.entier(1), curseur.entier(1)
    curseur.fin()
    details = {"op": "response", "request": demande, "code": code, "error": None if code == _FAIT else code}
    return Lecture(details=details)
