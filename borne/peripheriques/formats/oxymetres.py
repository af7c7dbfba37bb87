"""Oxymètres Bluetooth à protocole propre : Jumper JPD-500 (« My Oximeter ») et Viatom (Wellue, Checkme O2). Pur."""

from __future__ import annotations

from typing import Final

from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Lecture
from borne.peripheriques.formats.octets import Octets
from borne.peripheriques.formats.saturation import mesures_oxymetre

_JUMPER: Final = 0x81
_SANS_POULS: Final = 255
_SANS_SPO2: Final = 127

VIATOM_LECTURE: Final = 0x17
"""L'ordre « valeurs du moment »."""
_VIATOM_REPONSE: Final = 0x55
_SANS_CAPTEUR: Final = 0xFF


def jumper(octets: bytes) -> Lecture:
    """4 octets : 81, pouls (255 sans valeur), SpO2 (127 sans valeur), indice de perfusion en dixièmes de %."""
    curseur = Octets(octets)
    if curseur.entier(1) != _JUMPER:
        raise TrameInvalide(detail="ce n'est pas une mesure Jumper")
    mot_pouls, mot_spo2, dixiemes = curseur.entier(1), curseur.entier(1), curseur.entier(1)
    curseur.fin()
    pouls = None if mot_pouls == _SANS_POULS else mot_pouls
    spo2 = None if mot_spo2 == _SANS_SPO2 else mot_spo2
    perfusion = dixiemes / 10 if dixiemes else None
    return Lecture(mesures_oxymetre(spo2, pouls, perfusion), details={"spo2": spo2, "pulse": pouls, "pai": perfusion})


def crc8(octets: bytes) -> int:
    """CRC-8 des trames Viatom : polynôme 0x07, départ 0."""
    reste = 0
    for octet in octets:
        reste ^= octet
        for _ in range(8):
            reste = (reste << 1 ^ 0x07 * (reste >> 7)) & 0xFF
    return reste


def viatom(octets: bytes) -> Lecture:
    """Une réponse entière : 55, code, son complément, bloc, taille, charge, CRC-8.

    Une charge de 13 octets est une mesure : `spo2`, `pulse`, `battery` (%), `movement`, `sensor_off`. Toute autre
    n'est que vérifiée. `details` : aussi `command` et `payload` (hexadécimal).
    """
    curseur = Octets(octets)
    entete, code, complement = curseur.entier(1), curseur.entier(1), curseur.entier(1)
    curseur.entier(2)  # Bloc.
    charge = curseur.prendre(curseur.entier(2))
    somme = curseur.entier(1)
    curseur.fin()
    if entete != _VIATOM_REPONSE or code ^ complement != 0xFF or somme != crc8(octets[:-1]):
        raise TrameInvalide(detail="encadrement Viatom")
    details: dict[str, object] = {"command": code, "payload": charge.hex()}
    if len(charge) != 13:
        return Lecture(details=details)
    absent = charge[2] == _SANS_CAPTEUR
    spo2, pouls = (None, None) if absent else (charge[0] or None, charge[1] or None)
    details |= {
        "spo2": spo2,
        "pulse": pouls,
        "battery": charge[7],
        "movement": charge[9],
        "sensor_off": absent,
    }
    return Lecture(mesures_oxymetre(spo2, pouls, None), details=details)
