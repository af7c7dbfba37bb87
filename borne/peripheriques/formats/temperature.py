"""Température : 2A1C, 2A1D, 2A1E, 2A21 (Health Thermometer Service 1.0, sections 3.1 à 3.4). Pur."""

from __future__ import annotations

from typing import Final

from borne import mesures as m
from borne.peripheriques.formats.lecture import Lecture, mesure
from borne.peripheriques.formats.octets import Octets

_FAHRENHEIT: Final = 0x01
_HORODATAGE: Final = 0x02
_TYPE: Final = 0x04

ENDROITS: Final = (
    "reserved",
    "armpit",
    "body",
    "ear",
    "finger",
    "gastro_intestinal",
    "mouth",
    "rectum",
    "toe",
    "tympanum",
)
"""Temperature Type (0x2A1D) : où la température est prise, par numéro."""


def endroit(numero: int | None) -> str | None:
    """Le nom d'un Temperature Type ; « reserved » au-delà de ceux de la norme, None s'il n'est pas dit."""
    if numero is None:
        return None
    return ENDROITS[numero] if numero < len(ENDROITS) else ENDROITS[0]


def mesure_temperature(octets: bytes) -> Lecture:
    """2A1C (résultat) et 2A1E (intermédiaire) : la température, en °C ou en °F comme l'appareil l'écrit.

    `details` : `temp`, `unit` (C ou F), `type` (numéro du Temperature Type, ou None) et `site` (son nom).
    """
    curseur = Octets(octets)
    drapeau = curseur.entier(1)
    valeur = curseur.float32()
    instant = curseur.horodatage() if drapeau & _HORODATAGE else None
    numero = curseur.entier(1) if drapeau & _TYPE else None
    curseur.fin()
    fahrenheit = bool(drapeau & _FAHRENHEIT)
    details = {"temp": valeur, "unit": "F" if fahrenheit else "C", "type": numero, "site": endroit(numero)}
    return Lecture(
        (mesure(m.TEMPERATURE, valeur, m.FAHRENHEIT if fahrenheit else m.CELSIUS),), instant, None, details
    )


def type_temperature(octets: bytes) -> Lecture:
    """2A1D, Temperature Type, pour un thermomètre qui mesure toujours au même endroit : `type` et `site`."""
    curseur = Octets(octets)
    numero = curseur.entier(1)
    curseur.fin()
    return Lecture(details={"type": numero, "site": endroit(numero)})


def intervalle(octets: bytes) -> Lecture:
    """2A21, Measurement Interval : `interval`, secondes entre deux mesures, 0 quand rien n'est périodique."""
    curseur = Octets(octets)
    secondes = curseur.entier(2)
    curseur.fin()
    return Lecture(details={"interval": secondes})
