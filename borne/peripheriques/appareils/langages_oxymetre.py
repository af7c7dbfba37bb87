"""Les langages des oxymètres à fil : réglages de la ligne, ordres, et ce que dit chaque trame. Pur.

Un langage ramène ce que dit son appareil à une `Vue`, la même pour tous. Le décodage est celui de `formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from borne import mesures as m
from borne.peripheriques import trames_serie as trames
from borne.peripheriques.appareils.guides import PLETH
from borne.peripheriques.formats import Lecture, decoder
from borne.peripheriques.serie import Ligne

SPO2_ADMISES: Final = range(1, 101)
POULS_ADMIS: Final = range(1, 511)
SIGNAL_FAIBLE: Final = 2
"""Force du signal des CMS50 (0 à 8) jusqu'à laquelle il est dit faible ; 15 : inconnue."""
PERFUSION_FROIDE: Final = 0.3
"""Indice de perfusion (%) sous lequel la main est trop froide pour une mesure sûre."""

_PLETH_CMS50: Final = 127
_PLETH_NONIN: Final = 255

CMS50_MARCHE: Final = bytes.fromhex("7d81a1") + b"\x80" * 6
CMS50_MAINTIEN: Final = bytes.fromhex("7d81af") + b"\x80" * 6
CMS50_ARRET: Final = bytes.fromhex("7d81a2") + b"\x80" * 6

NONIN_ACCUSE: Final = b"\x06"


@dataclass(frozen=True, slots=True)
class Vue:
    """Ce que dit l'oxymètre maintenant.

    `spo2`, `perfusion` (%), `pouls` (/min) : None sans valeur. `pleth` : suite de la courbe, de 0 à 1. `faute` : la
    plus gênante de celles du guide, ou vide. `bloque` : avec elle, les valeurs ne comptent pas. `ponctuelle` : le
    résultat que l'appareil a lui-même arrêté, s'il ne mesure pas en continu ; `en_memoire` : il la dit ancienne.
    """

    spo2: float | None = None
    pouls: float | None = None
    perfusion: float | None = None
    pleth: tuple[float, ...] = ()
    faute: str = ""
    bloque: bool = False
    douteuse: bool = False
    ponctuelle: Lecture | None = None
    en_memoire: bool = False


@dataclass(frozen=True, slots=True)
class Langage:
    """Un langage. `confirmations` : trames qui doivent dire la même chose avant qu'on la croie.

    Les CMS50 n'ont pas de somme de contrôle : un octet perdu et un autre ajouté feraient une trame d'apparence juste.
    À 60 trames par seconde pour des valeurs qui changent une fois par seconde, en exiger trois ne retarde rien. Un
    paquet Nonin n'a de somme que par trame : un trou d'un paquet juste en recollerait deux moitiés.
    """

    nom: str
    ligne: Ligne
    decoupeur: Callable[[], trames.Decoupeur]
    lire: Callable[[bytes], Vue | None]
    marche: bytes = b""
    maintien: bytes = b""
    arret: bytes = b""
    accuse: bytes = b""
    confirmations: int = 1
    tolerance: tuple[float, float] = (0.0, 0.0)
    """Écart admis entre deux trames qui se confirment : SpO2 et pouls."""
    vivantes: tuple[str, ...] = ()
    fautes: tuple[str, ...] = ()
    """Ce qu'il sait dire, de celles du guide."""
    reconnues: int = 5
    """Trames justes au bout desquelles il est reconnu."""
    parle_seul: bool = True
    """Il émet sans cesse dès qu'il est allumé ; faux : seulement quand il a un résultat."""


def _valeurs(lecture: Lecture) -> tuple[float | None, float | None, float | None]:
    """SpO2, pouls et perfusion, ceux qui peuvent être d'un vivant."""
    spo2, pouls = lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)
    return (
        spo2 if spo2 is not None and round(spo2) in SPO2_ADMISES else None,
        pouls if pouls is not None and round(pouls) in POULS_ADMIS else None,
        lecture.valeur(m.INDICE_PERFUSION),
    )


def _cms50(lecture: Lecture, faute: str) -> Vue:
    """La vue d'une trame vivante d'un CMS50 ; `faute` bloquante que ses drapeaux accusent, ou vide."""
    spo2, pouls, perfusion = _valeurs(lecture)
    details = lecture.details
    signal, courbe = details["signal"], details["pleth"]
    pleth = (courbe / _PLETH_CMS50,) if isinstance(courbe, int) else ()
    if faute:
        return Vue(faute=faute, bloque=True)
    if spo2 is None or pouls is None or details["searching"]:
        # Tant qu'il cherche le pouls, les valeurs qu'il laisse affichées sont celles d'avant.
        return Vue(pleth=pleth, faute="signal-faible" if details.get("searching_too_long") else "", bloque=True)
    if perfusion is not None and perfusion < PERFUSION_FROIDE:
        return Vue(spo2, pouls, perfusion, pleth, faute="main-froide", douteuse=True)
    faible = isinstance(signal, int) and signal <= SIGNAL_FAIBLE
    return Vue(spo2, pouls, perfusion, pleth, faute="signal-faible" if faible else "", douteuse=faible)


def lire_cms50_v4(trame: bytes) -> Vue | None:
    """Une trame de CMS50D+ jusqu'à 4.5."""
    lecture = decoder("CMS50_V4_LIVE", trame)
    details = lecture.details
    faute = "doigt-retire" if details["finger_out"] else "capteur-en-panne" if details["probe_error"] else ""
    return _cms50(lecture, faute)


def lire_cms50_v7(trame: bytes) -> Vue | None:
    """Un paquet de CMS50 v7 ; None s'il n'est pas du temps réel (réponse à un ordre).

    Cet appareil n'a pas de bit « doigt retiré » : il accuse son capteur, ou n'a plus ses deux valeurs sans chercher.
    """
    lecture = decoder("CMS50_V7_PACKET", trame)
    details = lecture.details
    if details["type"] != trames.V7_TEMPS_REEL:
        return None
    vide = details["spo2_invalid"] and details["pulse_invalid"] and not details["searching"]
    return _cms50(lecture, "doigt-retire" if details["probe_error"] or vide else "")


def lire_nonin_df2(paquet: bytes) -> Vue | None:
    """Un paquet de format 2 : un tiers de seconde, 25 points de courbe, l'état de chacun."""
    lecture = decoder("NONIN_DF2_PACKET", paquet)
    pleth = tuple(point / _PLETH_NONIN for point in paquet[2 :: trames.DF2_TRAME])
    faute = next((faute for drapeau, faute in _DF2_FAUTES if lecture.details[drapeau]), "")
    if faute:
        return Vue(pleth=pleth, faute=faute, bloque=True)
    spo2, pouls, perfusion = _valeurs(lecture)
    if spo2 is None or pouls is None:
        return Vue(pleth=pleth, bloque=True)
    etats = paquet[1 :: trames.DF2_TRAME]
    couleurs = {decoder("NONIN_STATUS", bytes([etat])).details["perfusion"] for etat in etats}
    faute = "main-froide" if "red" in couleurs else "signal-faible" if "yellow" in couleurs else ""
    return Vue(spo2, pouls, perfusion, pleth, faute=faute, douteuse=bool(faute))


_DF2_FAUTES: Final = (
    ("sensor_disconnect", "capteur-en-panne"),
    ("sensor_alarm", "doigt-retire"),
    ("artifact", "doigt-bouge"),
    ("out_of_track", "signal-faible"),
)
"""Bits d'état du format 2, du plus gênant au moins : les valeurs d'un paquet qui en a un ne comptent pas."""


def lire_nonin_df13(trame: bytes) -> Vue | None:
    """Une trame de format 13 : une prise finie, d'aujourd'hui ou de la mémoire."""
    lecture = decoder("NONIN_DF13", trame)
    return Vue(ponctuelle=lecture, en_memoire=bool(lecture.details["from_memory"]))


def _nonin_format(numero: int) -> bytes:
    """L'ordre de choix du format : 02 70 04 02 numéro 00 somme 03 (Nonin 3150, OEM, « Set Data Format »)."""
    corps = bytes([0x70, 0x04, 0x02, numero, 0x00])
    return b"\x02" + corps + bytes([sum(corps) & 0xFF]) + b"\x03"


_VIVANTES: Final = (m.SPO2, m.FREQUENCE_CARDIAQUE, PLETH)
_FAUTES: Final = ("doigt-retire", "doigt-bouge", "signal-faible")

CMS50_V4: Final = Langage(
    "cms50-v4",
    Ligne(19200, "O"),
    trames.DecoupeurCms50V4,
    lire_cms50_v4,
    confirmations=3,
    vivantes=_VIVANTES,
    fautes=(*_FAUTES, "capteur-en-panne"),
)
CMS50_V7: Final = Langage(
    "cms50-v7",
    Ligne(115200),
    trames.DecoupeurCms50V7,
    lire_cms50_v7,
    marche=CMS50_MARCHE,
    maintien=CMS50_MAINTIEN,
    arret=CMS50_ARRET,
    confirmations=3,
    vivantes=(*_VIVANTES, m.INDICE_PERFUSION),
    fautes=(*_FAUTES, "main-froide"),
)
NONIN_DF2: Final = Langage(
    "nonin-2",
    Ligne(9600),
    trames.DecoupeurNoninDf2,
    lire_nonin_df2,
    marche=_nonin_format(2),
    confirmations=2,
    tolerance=(1.0, 4.0),
    vivantes=_VIVANTES,
    fautes=(*_FAUTES, "main-froide", "capteur-en-panne"),
    reconnues=2,
)
NONIN_DF13: Final = Langage(
    "nonin-13",
    Ligne(9600),
    trames.DecoupeurNoninDf13,
    lire_nonin_df13,
    marche=_nonin_format(13),
    accuse=NONIN_ACCUSE,
    parle_seul=False,
)

MODELES: Final[Mapping[str, tuple[Langage, ...]]] = MappingProxyType(
    {
        "cms50": (CMS50_V4, CMS50_V7),
        "cms50-v4": (CMS50_V4,),
        "cms50-v7": (CMS50_V7,),
        "nonin-2": (NONIN_DF2,),
        "nonin-13": (NONIN_DF13,),
    }
)
"""Ce que la configuration nomme, et les langages essayés tour à tour."""
