"""Tension artérielle : 2A35, 2A36, 2A49 (Blood Pressure Service 1.1.1, sections 3.1 à 3.3). Pur.

Beurer (BM48, BM59, BM85) et Elite 900 posent le bit réservé 6, joignent toujours l'octet d'utilisateur sans
lever le bit 3, et écrivent pouls et état en gros-boutien (captures dans tests/donnees/vecteurs.jsonl). La
longueur les trahit : un octet de plus que ce que les drapeaux annoncent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from borne import mesures as m
from borne.mesures import Mesure
from borne.peripheriques.formats.lecture import Horodatage, Lecture
from borne.peripheriques.formats.octets import Octets, drapeaux, valeur_sfloat

_KPA: Final = 0x01
_HORODATAGE: Final = 0x02
_POULS: Final = 0x04
_UTILISATEUR: Final = 0x08
_ETAT: Final = 0x10
_BIT_BEURER: Final = 0x40

_UTILISATEUR_INCONNU: Final = 0xFF
_QUALITE_DOUTEUSE: Final = 0.5
_CADENCES: Final = ("in_range", "above", "below", "reserved")

_FONCTIONS: Final = (
    "movement",
    "cuff_fit",
    "irregular",
    "rate_range",
    "position",
    "multi_bond",
    "e2e_crc",
    "user_data",
    "user_facing_time",
)


@dataclass(frozen=True, slots=True)
class _Trame:
    """Les champs communs à 2A35 et 2A36."""

    unite: str
    pressions: tuple[float | None, float | None, float | None]
    instant: Horodatage | None
    pouls: float | None
    avec_pouls: bool
    utilisateur: int | None
    etat: dict[str, object] | None


def _est_beurer(drapeau: int, octets: bytes) -> bool:
    attendu = 7 + 7 * bool(drapeau & _HORODATAGE) + 2 * bool(drapeau & _POULS) + 2 * bool(drapeau & _ETAT)
    return bool(drapeau & _BIT_BEURER) and not drapeau & _UTILISATEUR and len(octets) == attendu + 1


def _etat(mot: int) -> dict[str, object]:
    """Measurement Status : bits 3 et 4 forment un nombre, les autres sont des drapeaux."""
    return {
        "movement": bool(mot & 0x01),
        "cuff_loose": bool(mot & 0x02),
        "irregular": bool(mot & 0x04),
        "rate": _CADENCES[mot >> 3 & 0x03],
        "position": bool(mot & 0x20),
    }


def _trame(octets: bytes) -> _Trame:
    curseur = Octets(octets)
    drapeau = curseur.entier(1)
    beurer = _est_beurer(drapeau, octets)
    mot = curseur.entier_gros if beurer else curseur.entier
    pressions = (curseur.sfloat(), curseur.sfloat(), curseur.sfloat())
    instant = curseur.horodatage() if drapeau & _HORODATAGE else None
    pouls = valeur_sfloat(mot(2)) if drapeau & _POULS else None
    utilisateur = curseur.entier(1) if drapeau & _UTILISATEUR or beurer else None
    etat = _etat(mot(2)) if drapeau & _ETAT else None
    curseur.fin()
    return _Trame(
        unite=m.KPA if drapeau & _KPA else m.MMHG,
        pressions=pressions,
        instant=instant,
        pouls=pouls,
        avec_pouls=bool(drapeau & _POULS),
        utilisateur=None if utilisateur == _UTILISATEUR_INCONNU else utilisateur,
        etat=etat,
    )


def _commun(trame: _Trame) -> dict[str, object]:
    return {"unit": "kPa" if trame.unite == m.KPA else "mmHg", "pulse": trame.pouls, "status": trame.etat}


def _qualite(etat: dict[str, object] | None) -> float:
    """Mouvement, brassard lâche ou mauvaise position : la valeur est rendue, mais douteuse."""
    douteux = etat is not None and any(etat[nom] for nom in ("movement", "cuff_loose", "position"))
    return _QUALITE_DOUTEUSE if douteux else 1.0


def mesure_tension(octets: bytes) -> Lecture:
    """2A35, Blood Pressure Measurement : systolique, diastolique, moyenne, puis pouls s'il est joint.

    Unité de pression : celle de la trame (mmHg ou kPa). Pouls en /min. Lève `TrameInvalide`.
    """
    trame = _trame(octets)
    qualite = _qualite(trame.etat)
    codes = (m.SYSTOLIQUE, m.DIASTOLIQUE, m.PRESSION_MOYENNE)
    valeurs = tuple(
        Mesure(code, valeur, trame.unite, 0.0, "", qualite)
        for code, valeur in zip(codes, trame.pressions, strict=True)
    )
    if trame.avec_pouls:
        valeurs += (Mesure(m.FREQUENCE_CARDIAQUE, trame.pouls, m.BATTEMENTS_MINUTE, 0.0, "", qualite),)
    details = dict(zip(("sys", "dia", "map"), trame.pressions, strict=True))
    return Lecture(valeurs, trame.instant, trame.utilisateur, {**details, **_commun(trame)})


def pression_brassard(octets: bytes) -> Lecture:
    """2A36, Intermediate Cuff Pressure : la pression de l'instant (les deux champs suivants sont vides)."""
    trame = _trame(octets)
    valeurs: tuple[Mesure, ...] = (
        Mesure(m.PRESSION_BRASSARD, trame.pressions[0], trame.unite, 0.0, "", _qualite(trame.etat)),
    )
    if trame.avec_pouls:
        valeurs += (Mesure(m.FREQUENCE_CARDIAQUE, trame.pouls, m.BATTEMENTS_MINUTE, 0.0, ""),)
    return Lecture(valeurs, trame.instant, trame.utilisateur, {"cuff": trame.pressions[0], **_commun(trame)})


def fonctions_tension(octets: bytes) -> Lecture:
    """2A49, Blood Pressure Feature : ce que l'appareil sait détecter, par drapeaux nommés."""
    curseur = Octets(octets)
    mot = curseur.entier(2)
    curseur.fin()
    return Lecture(details=drapeaux(mot, _FONCTIONS))
