"""Oxymètres Contec CMS50D+ et CMS50E par fil : micrologiciel jusqu'à 4.5, et version 7. Pur.

4.5 : trames de 5 octets (temps réel) ou 3 (mémoire), un seul octet à bit 7 levé. Version 7 (description du
fabricant) : un type à bit 7 nul, puis un octet qui porte le bit 7 des suivants, tous à bit 7 levé.
"""

from __future__ import annotations

from typing import Final

from borne import mesures as m
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Lecture, mesure
from borne.peripheriques.formats.octets import Octets
from borne.peripheriques.formats.saturation import mesures_oxymetre

POULS_INVALIDE: Final = 0xFF
SPO2_INVALIDE: Final = 0x7F
PI_INVALIDE: Final = 0xFFFF

V7_COMMANDE: Final = 0x7D
V7_TEMPS_REEL: Final = 0x01
_V7_CHARGE_MAX: Final = 7


def _valide(valeur: int, invalide: int) -> int | None:
    return None if valeur == invalide else valeur


def v4_temps_reel(octets: bytes) -> Lecture:
    """Une trame de 5 octets, 60 par seconde : `signal`, `pleth`, `bar`, `spo2`, `pulse` et les états.

    `details` garde les nombres écrits ; les mesures n'ont de valeur que doigt présent et sonde bonne.
    """
    if len(octets) != 5 or [octet >> 7 for octet in octets] != [1, 0, 0, 0, 0]:
        raise TrameInvalide(detail="trame CMS50 désynchronisée")
    pouls, spo2 = (octets[2] & 0x40) << 1 | octets[3], octets[4]
    details = {
        "signal": octets[0] & 0x0F,
        "finger_out": bool(octets[0] & 0x10),
        "dropping": bool(octets[0] & 0x20),
        "beep": bool(octets[0] & 0x40),
        "pleth": octets[1],
        "bar": octets[2] & 0x0F,
        "probe_error": bool(octets[2] & 0x10),
        "searching": bool(octets[2] & 0x20),
        "pulse": pouls,
        "spo2": spo2,
    }
    perdu = details["finger_out"] or details["probe_error"]
    valeurs = (None, None) if perdu else (_valide(spo2, SPO2_INVALIDE), _valide(pouls, POULS_INVALIDE))
    return Lecture(mesures_oxymetre(*valeurs, None, 0.5 if details["searching"] else 1.0), details=details)


def v4_memoire(octets: bytes) -> Lecture:
    """Une seconde enregistrée (3 octets, sans date) : `pulse` et `spo2`, 0 ou leurs maxima sans mesure."""
    if len(octets) != 3 or octets[0] & 0xFE != 0xF0 or not octets[1] & 0x80 or octets[2] & 0x80:
        raise TrameInvalide(detail="enregistrement CMS50 désynchronisé")
    pouls, spo2 = (octets[0] & 0x01) << 7 | octets[1] & 0x7F, octets[2]
    valeurs = (_valide(spo2, SPO2_INVALIDE), _valide(pouls, POULS_INVALIDE))
    return Lecture(mesures_oxymetre(*valeurs, None), details={"pulse": pouls, "spo2": spo2})


def _v7_charge(octets: bytes) -> bytes:
    """La charge d'un paquet, bits 7 rendus. Lève `TrameInvalide`."""
    if not 3 <= len(octets) <= 2 + _V7_CHARGE_MAX:
        raise TrameInvalide(detail="paquet CMS50 v7 de taille inconnue")
    if octets[0] & 0x80 or not all(octet & 0x80 for octet in octets[1:]):
        raise TrameInvalide(detail="paquet CMS50 v7 désynchronisé")
    hauts = octets[1]
    return bytes(octet & 0x7F | (hauts >> rang & 1) << 7 for rang, octet in enumerate(octets[2:]))


def v7_paquet(octets: bytes) -> Lecture:
    """Un paquet de 3 à 9 octets : `type` et `payload` (hexadécimal). Un paquet temps réel donne aussi ses mesures."""
    charge = _v7_charge(octets)
    details = {"type": octets[0], "payload": charge.hex()}
    if octets[0] != V7_TEMPS_REEL:
        return Lecture(details=details)
    direct = v7_temps_reel(charge)
    return Lecture(direct.mesures, details={**direct.details, **details})


def v7_commande(octets: bytes) -> Lecture:
    """Un ordre de l'hôte : `command`, « 0xA1 » (démarrer), « 0xA2 » (arrêter), « 0xAF » (je suis là)..."""
    charge = _v7_charge(octets)
    if octets[0] != V7_COMMANDE or len(charge) != _V7_CHARGE_MAX:
        raise TrameInvalide(detail="ce n'est pas un ordre CMS50 v7")
    return Lecture(details={"command": f"0x{charge[0]:02X}", "data": charge[1:].hex()})


def v7_temps_reel(octets: bytes) -> Lecture:
    """La charge de 7 octets du type 1, 60 par seconde : comme 4.5, avec un indice de perfusion.

    `pi` : en %, le nombre écrit étant au centième (échelle de SleepyHead et d'OSCAR).

    `pi_valid` suit le fabricant : le bit est nul quand l'indice vaut. None remplace les nombres dits invalides.
    """
    curseur = Octets(octets)
    etat, onde, barre = curseur.entier(1), curseur.entier(1), curseur.entier(1)
    pouls, spo2, indice = curseur.entier(1), curseur.entier(1), curseur.entier(2)
    curseur.fin()
    pi_valide = not barre & 0x10
    perfusion = None if not pi_valide or indice in (0, PI_INVALIDE) else indice / 100
    details = {
        "signal": etat & 0x0F,
        "searching_too_long": bool(etat & 0x10),
        "low_spo2": bool(etat & 0x20),
        "beep": bool(etat & 0x40),
        "probe_error": bool(etat & 0x80),
        "pleth": onde & 0x7F,
        "searching": bool(onde & 0x80),
        "bar": barre & 0x0F,
        "pi_valid": pi_valide,
        "pulse": _valide(pouls, POULS_INVALIDE),
        "pulse_invalid": pouls == POULS_INVALIDE,
        "spo2": _valide(spo2, SPO2_INVALIDE),
        "spo2_invalid": spo2 == SPO2_INVALIDE,
        "pi_raw": indice,
        "pi_invalid": indice == PI_INVALIDE,
        "pi": perfusion,
    }
    valeurs = (None, None, None) if etat & 0x80 else (details["spo2"], details["pulse"], perfusion)
    return Lecture(mesures_oxymetre(*valeurs, 0.5 if onde & 0x80 else 1.0), details=details)


def v7_memoire(octets: bytes) -> Lecture:
    """Une seconde enregistrée, après fusion des bits 7 : 2 octets (type 15) ou 4, indice compris (type 9)."""
    if len(octets) not in (2, 4):
        raise TrameInvalide(detail="enregistrement CMS50 v7 de taille inconnue")
    curseur = Octets(octets)
    spo2, pouls = curseur.entier(1), curseur.entier(1)
    indice = curseur.entier(2) if curseur.reste else None
    details = {
        "pulse": _valide(pouls, POULS_INVALIDE),
        "pulse_invalid": pouls == POULS_INVALIDE,
        "spo2": _valide(spo2, SPO2_INVALIDE),
        "spo2_invalid": spo2 == SPO2_INVALIDE,
        "pi_raw": indice,
        "pi_invalid": None if indice is None else indice == PI_INVALIDE,
    }
    mesures = mesures_oxymetre(details["spo2"], details["pulse"], None)
    if indice not in (None, 0, PI_INVALIDE):
        mesures += (mesure(m.INDICE_PERFUSION, indice / 100, m.POURCENT),)
    return Lecture(mesures, details=details)
