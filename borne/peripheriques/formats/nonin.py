"""Oxymètres Nonin : formats série 2 et 13 (descriptions OEM du fabricant), et 3230 par Bluetooth. Pur."""

from __future__ import annotations

from typing import Final

from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Horodatage, Lecture
from borne.peripheriques.formats.octets import Octets, date_sure, drapeaux
from borne.peripheriques.formats.saturation import mesures_oxymetre

SANS_POULS: Final = 511
SANS_SPO2: Final = 127
TRAMES_PAR_PAQUET: Final = 25
_TAILLE_TRAME: Final = 5
_FORMAT_13: Final = 0x0D
_TAILLE_13: Final = 14
_ETATS_3230: Final = ("sync", "weak_signal", "smartpoint", "searching", "correct_check", "low_battery")


def _pouls(valeur: int) -> int | None:
    return None if valeur == SANS_POULS else valeur


def _spo2(valeur: int) -> int | None:
    return None if valeur == SANS_SPO2 else valeur


def _perfusion(octet: int) -> str | None:
    """La qualité du signal pendant un battement : deux bits, dont les deux ensemble disent « jaune »."""
    return (None, "green", "red", "yellow")[octet >> 1 & 0x03]


def _etat(octet: int) -> dict[str, object]:
    if not octet & 0x80:
        raise TrameInvalide(detail="octet d'état Nonin sans son bit 7")
    return {
        "sync": bool(octet & 0x01),
        "perfusion": _perfusion(octet),
        "sensor_alarm": bool(octet & 0x08),
        "out_of_track": bool(octet & 0x10),
        "artifact": bool(octet & 0x20),
        "sensor_disconnect": bool(octet & 0x40),
    }


def etat(octets: bytes) -> Lecture:
    """L'octet d'état d'une trame : `sync`, `perfusion` (green, yellow, red, None hors battement), et les alarmes."""
    curseur = Octets(octets)
    lu = _etat(curseur.entier(1))
    curseur.fin()
    return Lecture(details=lu)


def _trame(octets: bytes) -> dict[str, object]:
    if len(octets) != _TAILLE_TRAME or octets[0] != 0x01:
        raise TrameInvalide(detail="trame Nonin désynchronisée")
    if sum(octets[:4]) & 0xFF != octets[4]:
        raise TrameInvalide(detail="somme de contrôle Nonin")
    return {**_etat(octets[1]), "status": octets[1], "pleth": octets[2], "data": octets[3]}


def trame(octets: bytes) -> Lecture:
    """Une trame du format 2 (5 octets, 75 par seconde) : l'état, `pleth` (0 à 255) et `data`, l'octet du paquet."""
    return Lecture(details=_trame(octets))


def paquet_df2(octets: bytes) -> Lecture:
    """Un paquet du format 2 : 25 trames, trois par seconde ; 511 et 127 n'ont pas de valeur.

    `details` : `hr`, `spo2` et leurs variantes (`_d` affichée, `e_` moyennée sur 8 battements, `spo2_fast`,
    `spo2_bb` d'un battement à l'autre), `revision`, `pleth` (25 nombres), et les alarmes levées dans le paquet.
    """
    if len(octets) != TRAMES_PAR_PAQUET * _TAILLE_TRAME:
        raise TrameInvalide(detail="paquet Nonin incomplet")
    trames = [_trame(octets[rang : rang + _TAILLE_TRAME]) for rang in range(0, len(octets), _TAILLE_TRAME)]
    if [bool(lue["sync"]) for lue in trames] != [True] + [False] * (TRAMES_PAR_PAQUET - 1):
        raise TrameInvalide(detail="paquet Nonin désynchronisé")
    donnees = octets[3::_TAILLE_TRAME]

    def pouls(rang: int) -> int | None:
        return _pouls((donnees[rang] & 0x03) << 7 | donnees[rang + 1] & 0x7F)

    def spo2(rang: int) -> int | None:
        return _spo2(donnees[rang] & 0x7F)

    details: dict[str, object] = {
        "hr": pouls(0),
        "hr_d": pouls(19),
        "e_hr": pouls(13),
        "e_hr_d": pouls(21),
        "spo2": spo2(2),
        "spo2_d": spo2(8),
        "e_spo2": spo2(15),
        "e_spo2_d": spo2(16),
        "spo2_bb": spo2(10),
        "spo2_fast": spo2(9),
        "revision": donnees[3],
        "pleth": list(octets[2::_TAILLE_TRAME]),
    }
    for alarme in ("sensor_alarm", "out_of_track", "artifact", "sensor_disconnect"):
        details[alarme] = any(lue[alarme] for lue in trames)
    return Lecture(mesures_oxymetre(spo2(2), pouls(0), None, _qualite(details)), details=details)


def _qualite(details: dict[str, object]) -> float:
    if details["sensor_alarm"] or details["sensor_disconnect"]:
        return 0.0
    return 0.5 if details["out_of_track"] or details["artifact"] else 1.0


def _bcd(octet: int) -> int:
    if octet >> 4 > 9 or octet & 0x0F > 9:
        raise TrameInvalide(detail="chiffre BCD Nonin")
    return (octet >> 4) * 10 + (octet & 0x0F)


def _date_13(curseur: Octets) -> Horodatage:
    siecle, annee, mois, jour, heure, minute, seconde, _fraction = (_bcd(octet) for octet in curseur.prendre(8))
    return date_sure(siecle * 100 + annee, mois, jour, heure, minute, seconde)


def format_13(octets: bytes) -> Lecture:
    """Le format 13 (9560) : une prise datée, en 22 octets ; la partie données peut s'allonger, la suite est ignorée.

    `details` : `spo2`, `pulse`, `no_measurement`, `smartpoint` (l'appareil garantit la qualité), `low_battery` et
    `from_memory`. Somme de contrôle : octet faible de la somme des données.
    """
    curseur = Octets(octets)
    if curseur.entier(2) != 0x0200 or curseur.entier_gros(2) != _FORMAT_13:
        raise TrameInvalide(detail="entête Nonin 13")
    taille = curseur.entier_gros(2)
    if taille < _TAILLE_13:
        raise TrameInvalide(detail="données Nonin 13 trop courtes")
    donnees = curseur.prendre(taille)
    somme, fin = curseur.entier(1), curseur.entier(1)
    curseur.fin()
    if somme != sum(donnees) & 0xFF or fin != 0x03:
        raise TrameInvalide(detail="somme de contrôle ou fin Nonin 13")
    curseur = Octets(donnees)
    instant = _date_13(curseur)
    haut, bas, mot = curseur.entier(1), curseur.entier(1), curseur.entier_gros(2)
    curseur.entier(1)  # Réservé.
    pouls, spo2 = _pouls(mot & 0x1FF), _spo2(curseur.entier(1) & 0x7F)
    details = {
        "spo2": spo2,
        "pulse": pouls,
        "no_measurement": bool(haut & 0x01),
        "smartpoint": bool(haut & 0x02),
        "low_battery": bool(bas & 0x01),
        "from_memory": bool(bas & 0x10),
    }
    valeurs = (None, None) if haut & 0x01 else (spo2, pouls)
    return Lecture(mesures_oxymetre(*valeurs, None), instant, None, details)


def bluetooth_3230(octets: bytes) -> Lecture:
    """La notification du 3230 (10 octets, une par seconde) : `spo2`, `pulse`, `pai` (%), `battery_v`, `seconds`.

    États : `sync`, `weak_signal`, `smartpoint`, `searching`, `correct_check` (doigt mal placé), `low_battery`.
    """
    if len(octets) < 10 or octets[0] != len(octets):
        raise TrameInvalide(detail="trame Nonin 3230 de taille inconnue")
    curseur = Octets(octets)
    curseur.entier(1)
    etats = drapeaux(curseur.entier(1), _ETATS_3230)
    volts, indice, secondes = curseur.entier(1) / 10, curseur.entier_gros(2), curseur.entier_gros(2)
    spo2, pouls = _spo2(curseur.entier(1)), _pouls(curseur.entier_gros(2))
    perfusion = indice / 100 if indice else None
    details = {**etats, "battery_v": volts, "pai": perfusion, "seconds": secondes, "spo2": spo2, "pulse": pouls}
    qualite = 0.5 if etats["weak_signal"] or etats["searching"] or etats["correct_check"] else 1.0
    return Lecture(mesures_oxymetre(spo2, pouls, perfusion, qualite), details=details)
