"""Fréquence cardiaque : 2A37, 2A38 (Heart Rate Service 1.0, sections 3.1 et 3.2). Pur."""

from __future__ import annotations

from typing import Final

from borne import mesures as m
from borne.peripheriques.formats.lecture import Lecture, mesure
from borne.peripheriques.formats.octets import Octets

_SEIZE_BITS: Final = 0x01
_CONTACT: Final = 0x02
_CONTACT_SU: Final = 0x04
_ENERGIE: Final = 0x08
_RR: Final = 0x10
_SANS_CONTACT: Final = 0.5
_TICS_SECONDE: Final = 1024
_ENDROITS: Final = ("other", "chest", "wrist", "finger", "hand", "ear_lobe", "foot")


def mesure_frequence(octets: bytes) -> Lecture:
    """2A37, Heart Rate Measurement : battements par minute (0 : pas de battement trouvé, donc sans valeur).

    `details` : `hr`, `contact` (None si l'appareil ne le sait pas), `energy` (kJ, ou None), `rr_raw` (intervalles en
    1/1024 s, le plus vieux d'abord) et `rr_ms` (les mêmes en millisecondes entières, tronquées).
    """
    curseur = Octets(octets)
    drapeau = curseur.entier(1)
    battements = curseur.entier(2 if drapeau & _SEIZE_BITS else 1)
    contact = bool(drapeau & _CONTACT) if drapeau & _CONTACT_SU else None
    energie = curseur.entier(2) if drapeau & _ENERGIE else None
    rr = []
    while drapeau & _RR and curseur.reste:
        rr.append(curseur.entier(2))
    curseur.fin()
    qualite = _SANS_CONTACT if contact is False else 1.0
    return Lecture(
        (mesure(m.FREQUENCE_CARDIAQUE, battements or None, m.BATTEMENTS_MINUTE, qualite),),
        details={
            "hr": battements,
            "contact": contact,
            "energy": energie,
            "rr_raw": rr,
            "rr_ms": [tics * 1000 // _TICS_SECONDE for tics in rr],
        },
    )


def endroit_capteur(octets: bytes) -> Lecture:
    """2A38, Body Sensor Location : `location` (numéro) et `site` (nom, « reserved » au-delà de la norme)."""
    curseur = Octets(octets)
    numero = curseur.entier(1)
    curseur.fin()
    return Lecture(details={"location": numero, "site": _ENDROITS[numero] if numero < len(_ENDROITS) else "reserved"})
