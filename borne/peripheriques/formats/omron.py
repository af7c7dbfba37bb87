"""Enregistrements de tensiomètres Omron, lus dans leur mémoire (jamais écrits). Pur.

Trois gravures : 14 octets alignés (HEM-7142T2...), 14 octets de champs de bits gros-boutiens (HEM-7600T,
HEM-7322T), 24 octets alignés (HEM-9601T). Systolique moins 25 ; au-delà de 0xE1, l'emplacement est vide.
"""

from __future__ import annotations

from typing import Final

from borne import mesures as m
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Horodatage, Lecture, mesure
from borne.peripheriques.formats.octets import Octets, date_sure

_BASE: Final = 25
_VIDE: Final = 0xE1


def _lecture(sys: int, dia: int, pouls: int, instant: Horodatage | None, details: dict[str, object]) -> Lecture:
    # Le mouvement accusé laisse la valeur, mais douteuse.
    qualite = 0.5 if details["movement"] else 1.0
    return Lecture(
        (
            mesure(m.SYSTOLIQUE, sys, m.MMHG, qualite),
            mesure(m.DIASTOLIQUE, dia, m.MMHG, qualite),
            mesure(m.FREQUENCE_CARDIAQUE, pouls or None, m.BATTEMENTS_MINUTE, qualite),
        ),
        instant,
        None,
        {"sys": sys, "dia": dia, "pulse": pouls, "unit": "mmHg", **details},
    )


def _aligne(octets: bytes) -> Lecture:
    """Les 8 premiers octets des gravures alignées."""
    curseur = Octets(octets)
    sys, dia, pouls, annee = (curseur.entier(1) for _ in range(4))
    jours, minutes = curseur.entier(2), curseur.entier(2)
    if sys > _VIDE or not any((dia, pouls, annee & 0x3F, jours, minutes)):
        raise TrameInvalide(detail="emplacement vide")
    instant = None
    if jours >> 10 & 0x0F and jours >> 5 & 0x1F:
        instant = date_sure(
            2000 + (annee & 0x3F),
            jours >> 10 & 0x0F,
            jours >> 5 & 0x1F,
            jours & 0x1F,
            min(minutes >> 6 & 0x3F, 59),
            min(minutes & 0x3F, 59),
        )
    details: dict[str, object] = {
        "irregular": bool(jours >> 14 & 1),
        "movement": bool(jours >> 15 & 1),
        "cuff": minutes >> 12 & 1,
        "battery": minutes >> 13 & 1,
        "position": minutes >> 14 & 3,
    }
    return _lecture(sys + _BASE, dia, pouls, instant, details)


def rec14_aligne(octets: bytes) -> Lecture:
    """14 octets alignés : tension (mmHg), pouls, date, `record_id`, et les bits d'état."""
    if len(octets) != 14:
        raise TrameInvalide(detail="enregistrement Omron de taille inconnue")
    lue = _aligne(octets)
    details = {**lue.details, "record_id": int.from_bytes(octets[12:], "little")}
    return Lecture(lue.mesures, lue.instant, None, details)


def rec24_aligne(octets: bytes) -> Lecture:
    """24 octets alignés (montre HeartGuide) ; un code d'erreur non nul rend l'enregistrement invalide."""
    if len(octets) != 24:
        raise TrameInvalide(detail="enregistrement Omron de taille inconnue")
    if octets[17]:
        raise TrameInvalide(detail="mesure Omron en erreur")
    lue = _aligne(octets)
    details = {**lue.details, "record_id": int.from_bytes(octets[10:12], "little")}
    return Lecture(lue.mesures, lue.instant, None, details)


def rec14_bits(octets: bytes) -> Lecture:
    """14 octets de champs de bits, lus du bit de poids fort : tension (mmHg), pouls, date, bits d'état."""
    if len(octets) != 14:
        raise TrameInvalide(detail="enregistrement Omron de taille inconnue")
    mot = int.from_bytes(octets, "big")

    def champ(premier: int, dernier: int) -> int:
        return mot >> (8 * 14 - 1 - dernier) & (1 << (dernier - premier + 1)) - 1

    if champ(8, 15) > _VIDE or not champ(0, 7):
        raise TrameInvalide(detail="emplacement vide")
    if not champ(34, 37) or not champ(38, 42):
        raise TrameInvalide(detail="date qui n'existe pas")
    instant = date_sure(
        2000 + champ(16, 23), champ(34, 37), champ(38, 42), champ(43, 47), champ(52, 57), min(champ(58, 63), 59)
    )
    details: dict[str, object] = {
        "movement": bool(champ(32, 32)),
        "irregular": bool(champ(33, 33)),
        "position": champ(48, 49),
        "battery": champ(50, 50),
        "cuff": champ(51, 51),
    }
    return _lecture(champ(8, 15) + _BASE, champ(0, 7), champ(24, 31), instant, details)
