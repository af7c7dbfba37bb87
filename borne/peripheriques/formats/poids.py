"""Poids : 2A9D, 2A9E (Weight Scale Service 1.0, sections 3.1 et 3.2). Pur.

Le pas est fixe (5 g ou 0,01 lb) : la résolution de 2A9E dit la finesse de la balance, elle ne multiplie rien.
"""

from __future__ import annotations

from typing import Final

from borne import mesures as m
from borne.peripheriques.formats.lecture import Lecture, mesure
from borne.peripheriques.formats.octets import Octets, decimal

_ECHEC: Final = 0xFFFF
_UTILISATEUR_INCONNU: Final = 0xFF
_IMPERIAL: Final = 0x01
_HORODATAGE: Final = 0x02
_UTILISATEUR: Final = 0x04
_IMC_TAILLE: Final = 0x08


def _mot(curseur: Octets, facteur: int, exposant: int) -> float | None:
    mot = curseur.entier(2)
    return None if mot == _ECHEC else decimal(mot * facteur, exposant)


def mesure_poids(octets: bytes) -> Lecture:
    """2A9D, Weight Measurement : poids (kg ou lb), puis IMC (kg/m2) et taille (m ou pouces) s'ils sont joints.

    0xFFFF (pesée échouée) n'a pas de valeur. `details` : `weight`, `unit` (kg ou lb), `bmi`, `height`.
    """
    curseur = Octets(octets)
    drapeau = curseur.entier(1)
    imperial = bool(drapeau & _IMPERIAL)
    poids = _mot(curseur, 1, -2) if imperial else _mot(curseur, 5, -3)
    instant = curseur.horodatage() if drapeau & _HORODATAGE else None
    utilisateur = curseur.entier(1) if drapeau & _UTILISATEUR else None
    imc = taille = None
    if drapeau & _IMC_TAILLE:
        imc = _mot(curseur, 1, -1)
        taille = _mot(curseur, 1, -1 if imperial else -3)
    curseur.fin()
    mesures = [mesure(m.POIDS, poids, m.LIVRE if imperial else m.KILOGRAMME)]
    if imc is not None:
        mesures.append(mesure(m.IMC, imc, m.KG_M2))
    if taille is not None:
        mesures.append(mesure(m.TAILLE, taille, m.POUCE if imperial else m.METRE))
    return Lecture(
        tuple(mesures),
        instant,
        None if utilisateur == _UTILISATEUR_INCONNU else utilisateur,
        {"weight": poids, "unit": "lb" if imperial else "kg", "bmi": imc, "height": taille},
    )


def fonctions_balance(octets: bytes) -> Lecture:
    """2A9E, Weight Scale Feature : `ts`, `users`, `bmi`, et les numéros de résolution (0 : non dite)."""
    curseur = Octets(octets)
    mot = curseur.entier(4)
    curseur.fin()
    return Lecture(
        details={
            "ts": bool(mot & 0x01),
            "users": bool(mot & 0x02),
            "bmi": bool(mot & 0x04),
            "weight_res": mot >> 3 & 0x0F,
            "height_res": mot >> 7 & 0x07,
        }
    )
