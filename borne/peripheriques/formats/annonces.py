"""Pesées dites dans l'annonce Bluetooth, sans liaison : balances Xiaomi Mi, et OKOK (Chipsea). Pur.

Mi : données de service 181D (10 octets) ou 181B (13 octets). OKOK : données de fabricant 20CA, 11CA, ou xxC0.
Sources : openScale, homeassistant-okokscale. Une pesée qui n'est pas stable est rendue, de qualité nulle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from borne import mesures as m
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Horodatage, Lecture, mesure
from borne.peripheriques.formats.octets import Octets, decimal

_JIN_KG: Final = 2
"""Un jin (livre chinoise) fait un demi-kilogramme."""
_LIVRES_PAR_STONE: Final = 14
_STABLE: Final = 0x20
_RETIRE: Final = 0x80


def _pesee(
    valeur: float | None,
    livres: bool,
    stable: bool,
    *,
    retire: bool = False,
    impedance: float | None = None,
    instant: Horodatage | None = None,
) -> Lecture:
    unite = m.LIVRE if livres else m.KILOGRAMME
    pese = valeur or None
    details = {
        "weight": pese,
        "unit": "lb" if livres else "kg",
        "stable": stable,
        "removed": retire,
        "impedance": impedance,
    }
    return Lecture((mesure(m.POIDS, pese, unite, 1.0 if stable else 0.0),), instant, None, details)


def _poids_mi(mot: int, livres: bool, jin: bool) -> float:
    return decimal(mot, -2) / (_JIN_KG if jin else 1) if livres or jin else mot / 200


def mi_poids(octets: bytes) -> Lecture:
    """181D, Mi Smart Scale : `weight`, `unit`, `stable`, `removed` (descendu de la balance), et la date."""
    curseur = Octets(octets)
    etat, mot = curseur.entier(1), curseur.entier(2)
    instant = curseur.horodatage()
    curseur.fin()
    livres = bool(etat & 0x01)
    valeur = _poids_mi(mot, livres, bool(etat & 0x10))
    return _pesee(valeur, livres, bool(etat & _STABLE), retire=bool(etat & _RETIRE), instant=instant)


def mi_composition(octets: bytes) -> Lecture:
    """181B, Mi Body Composition Scale : les mêmes, et `impedance` (ohms) quand elle est mesurée."""
    curseur = Octets(octets)
    unites, etat = curseur.entier(1), curseur.entier(1)
    instant = curseur.horodatage()
    impedance, mot = curseur.entier(2), curseur.entier(2)
    curseur.fin()
    livres = bool(unites & 0x01)
    return _pesee(
        _poids_mi(mot, livres, bool(etat & 0x40)),
        livres,
        bool(etat & _STABLE),
        retire=bool(etat & _RETIRE),
        impedance=float(impedance) if etat & 0x02 and impedance else None,
        instant=instant,
    )


def _xor(octets: bytes, depart: int) -> int:
    for octet in octets:
        depart ^= octet
    return depart


def okok_v20(octets: bytes) -> Lecture:
    """20CA (19 octets) : poids en kg au dixième, ou au centième, et `impedance` (ohms) ; contrôle par ou exclusif."""
    if len(octets) != 19 or octets[12] != _xor(octets[:12], 0x20):
        raise TrameInvalide(detail="annonce OKOK 20CA")
    valeur = decimal(int.from_bytes(octets[8:10], "big"), -2 if octets[6] & 0x04 else -1)
    dixiemes = int.from_bytes(octets[10:12], "big")
    return _pesee(valeur, False, bool(octets[6] & 0x01), impedance=dixiemes / 10 if dixiemes else None)


def _okok_poids(mot: int, attributs: int) -> tuple[float, bool]:
    """La valeur, et vrai si elle est en livres : bits 1-2 décimales, bits 3-4 unité."""
    decimales = (1, 0, 2, 1)[attributs >> 1 & 0x03]
    match attributs >> 3 & 0x03:
        case 0:
            return decimal(mot, -decimales), False
        case 1:
            return decimal(mot, -decimales) / _JIN_KG, False
        case 2:
            return decimal(mot, -decimales), True
        case _:
            return (mot >> 8) * _LIVRES_PAR_STONE + decimal(mot & 0xFF, -decimales), True


def okok_v11(octets: bytes) -> Lecture:
    """11CA (23 octets) : poids en kg, jin, livres ou stones ; contrôle par ou exclusif."""
    if len(octets) != 23 or octets[16] != _xor(octets[:16], 0xCA ^ 0x11):
        raise TrameInvalide(detail="annonce OKOK 11CA")
    valeur, livres = _okok_poids(int.from_bytes(octets[3:5], "big"), octets[9])
    return _pesee(valeur, livres, bool(octets[1] & 0x01))


def okok_c0(octets: bytes) -> Lecture:
    """xxC0 (13 octets, adresse comprise, sans contrôle) : poids en kg, jin, livres ou stones."""
    if len(octets) != 13:
        raise TrameInvalide(detail="annonce OKOK C0")
    valeur, livres = _okok_poids(int.from_bytes(octets[:2], "big"), octets[6])
    return _pesee(valeur, livres, bool(octets[6] & 0x01))


def pesee_annoncee(service: Mapping[str, bytes], fabricant: dict[int, bytes]) -> Lecture | None:
    """La pesée d'une annonce ; None si elle n'en porte aucune de lisible.

    `service` : données par UUID de 128 bits (minuscules) ; `fabricant` : données par numéro d'entreprise, comme
    bleak les donne dans `AdvertisementData`.
    """
    candidats = [(mi_poids, service.get(_uuid("181d"))), (mi_composition, service.get(_uuid("181b")))]
    candidats += [(okok_v20, fabricant.get(0x20CA)), (okok_v11, fabricant.get(0x11CA))]
    # L'octet haut compte les annonces, et BlueZ garde celles d'avant : la dernière venue est de maintenant.
    candidats += [(okok_c0, octets) for numero, octets in reversed(fabricant.items()) if numero & 0xFF == 0xC0]
    for decodeur, octets in candidats:
        try:
            if octets is not None:
                return decodeur(octets)
        except TrameInvalide:
            # Une annonce étrangère ou abîmée n'est pas une pesée : la suivante dira peut-être.
            continue
    return None


def _uuid(court: str) -> str:
    return f"0000{court}-0000-1000-8000-00805f9b34fb"
