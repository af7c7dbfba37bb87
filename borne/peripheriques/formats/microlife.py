"""Tensiomètres Microlife (BP3GY1-2N...) : trames encadrées sur fff1 et fff2, d'après les projets qui les lisent. Pur.

Ordre de l'hôte : 4D FF ; réponse : 4D 3A. Puis la taille (charge et somme, gros-boutien), la charge, et l'octet
faible de la somme de tout ce qui précède.
"""

from __future__ import annotations

from typing import Final

from borne import mesures as m
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Lecture, mesure
from borne.peripheriques.formats.octets import Octets, date_sure

ENTETE_ORDRE: Final = b"\x4d\xff"
ENTETE_REPONSE: Final = b"\x4d\x3a"
ORDRE_HEURE: Final = 0x0D
_PREMIER: Final = 38
"""Où commencent les mesures dans la réponse à « toutes les mesures »."""
_PAS: Final = 10
_UTILES: Final = 8


def _charge(octets: bytes, entete: bytes) -> bytes:
    curseur = Octets(octets)
    if curseur.prendre(2) != entete:
        raise TrameInvalide(detail="entête Microlife")
    taille = curseur.entier_gros(2)
    if taille < 1 or taille != curseur.reste:
        raise TrameInvalide(detail="taille Microlife")
    if sum(octets[:-1]) & 0xFF != octets[-1]:
        raise TrameInvalide(detail="somme de contrôle Microlife")
    return curseur.prendre(taille - 1)


def reponse(octets: bytes) -> Lecture:
    """Une réponse de l'appareil, encadrement vérifié : `payload` (hexadécimal)."""
    return Lecture(details={"payload": _charge(octets, ENTETE_REPONSE).hex()})


def reglage_heure(octets: bytes) -> Lecture:
    """L'ordre de mise à l'heure que la borne écrit : `instant`."""
    curseur = Octets(_charge(octets, ENTETE_ORDRE))
    if curseur.entier(1) != ORDRE_HEURE:
        raise TrameInvalide(detail="ce n'est pas un ordre de mise à l'heure")
    annee, mois, jour, heure, minute, seconde = curseur.prendre(6)
    curseur.fin()
    return Lecture(instant=date_sure(2000 + annee, mois, jour, heure, minute, seconde))


def enregistrement(octets: bytes) -> Lecture:
    """Une mesure en mémoire (8 octets utiles sur 10) : tension en mmHg, pouls, date à la minute. Vide : invalide."""
    if len(octets) not in (_UTILES, _PAS):
        raise TrameInvalide(detail="enregistrement Microlife de taille inconnue")
    sys, dia, pouls, annee, mois, jour, heure, minute = octets[:_UTILES]
    if not sys or not dia:
        raise TrameInvalide(detail="emplacement vide")
    if not mois or not jour:
        raise TrameInvalide(detail="date qui n'existe pas")
    return Lecture(
        (
            mesure(m.SYSTOLIQUE, sys, m.MMHG),
            mesure(m.DIASTOLIQUE, dia, m.MMHG),
            mesure(m.FREQUENCE_CARDIAQUE, pouls or None, m.BATTEMENTS_MINUTE),
        ),
        date_sure(2000 + annee, mois, jour, heure, minute),
        None,
        {"sys": sys, "dia": dia, "pulse": pouls, "unit": "mmHg"},
    )


def enregistrements(charge: bytes) -> tuple[Lecture, ...]:
    """Les mesures de la réponse à « toutes les mesures » (charge d'une trame), dans l'ordre ; les vides sautées."""
    lues = []
    for debut in range(_PREMIER, len(charge) - _UTILES + 1, _PAS):
        try:
            lues.append(enregistrement(charge[debut : debut + _UTILES]))
        except TrameInvalide:
            # Un emplacement vide ou illisible n'ôte rien aux autres : l'appareil les rend tous ensemble.
            continue
    return tuple(lues)


def memoire(octets: bytes) -> Lecture:
    """La charge « toutes les mesures » : la plus récente. Sans mesure : invalide.

    `details["records"]` : chacune (`sys`, `dia`, `pulse`, `ts`), dans l'ordre de l'appareil.
    """
    lues = enregistrements(octets)
    if not lues:
        raise TrameInvalide(detail="aucune mesure Microlife")
    derniere = max(lues, key=lambda lecture: str(lecture.instant))
    toutes = [{**{nom: lue.details[nom] for nom in ("sys", "dia", "pulse")}, "ts": str(lue.instant)} for lue in lues]
    return Lecture(derniere.mesures, derniere.instant, None, {**derniere.details, "records": toutes})
