"""Formats communs : dates, batterie, identité de l'appareil (DIS), nombres seuls. Pur.

Sources : GATT Specification Supplement (Date Time, Current Time, Battery Level) ; Device Information
Service 1.2.
"""

from __future__ import annotations

from collections.abc import Callable

from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Lecture
from borne.peripheriques.formats.octets import (
    FLOAT_SPECIAUX,
    SFLOAT_SPECIAUX,
    Octets,
    drapeaux,
    valeur_float,
    valeur_sfloat,
)

_AJUSTEMENTS = ("manual", "external_reference", "time_zone", "dst")


def date_heure(octets: bytes) -> Lecture:
    """2A08, Date Time : l'heure locale de l'appareil."""
    curseur = Octets(octets)
    instant = curseur.horodatage()
    curseur.fin()
    return Lecture(instant=instant)


def heure_courante(octets: bytes) -> Lecture:
    """2A2B, Current Time : date, jour de la semaine (1 lundi, 7 dimanche, 0 inconnu), 1/256 s, raison."""
    curseur = Octets(octets)
    instant = curseur.horodatage()
    jour, fraction, raison = curseur.entier(1), curseur.entier(1), curseur.entier(1)
    curseur.fin()
    if jour > 7:
        raise TrameInvalide(detail="jour de la semaine hors de 0..7")
    details = {"dow": jour, "frac256": fraction, "adjust": raison, **drapeaux(raison, _AJUSTEMENTS)}
    return Lecture(instant=instant, details=details)


def batterie(octets: bytes) -> Lecture:
    """2A19, Battery Level : `level`, 0 à 100 %."""
    curseur = Octets(octets)
    niveau = curseur.entier(1)
    curseur.fin()
    if niveau > 100:
        raise TrameInvalide(detail="batterie au-delà de 100 %")
    return Lecture(details={"level": niveau})


def texte(nom: str) -> Callable[[bytes], Lecture]:
    """Le décodeur d'une chaîne UTF-8 du DIS ; les NUL et blancs de remplissage sont retirés."""

    def decoder_texte(octets: bytes) -> Lecture:
        try:
            return Lecture(details={nom: octets.decode("utf-8").split("\0")[0].strip()})
        except UnicodeDecodeError:
            raise TrameInvalide(detail=f"{nom} : texte qui n'est pas de l'UTF-8") from None

    return decoder_texte


def identite_systeme(octets: bytes) -> Lecture:
    """2A23, System ID : `manufacturer` (40 bits) et `organization` (OUI, 24 bits)."""
    curseur = Octets(octets)
    fabricant, organisation = curseur.entier(5), curseur.entier(3)
    curseur.fin()
    return Lecture(details={"manufacturer": fabricant, "organization": organisation})


def sfloat_seul(octets: bytes) -> Lecture:
    """Un SFLOAT : `value` (None sans valeur) et `special` (NaN, NRes, +INF, -INF, reserved, ou None)."""
    curseur = Octets(octets)
    mot = curseur.entier(2)
    curseur.fin()
    return Lecture(details={"value": valeur_sfloat(mot), "special": SFLOAT_SPECIAUX.get(mot)})


def float_seul(octets: bytes) -> Lecture:
    """Un FLOAT : `value` (None sans valeur) et `special` (NaN, NRes, +INF, -INF, reserved, ou None)."""
    curseur = Octets(octets)
    mot = curseur.entier(4)
    curseur.fin()
    return Lecture(details={"value": valeur_float(mot), "special": FLOAT_SPECIAUX.get(mot)})
