"""Les événements en octets, et retour : le format versionné dans lequel une visite est gardée.

Un événement s'écrit sous son nom de classe, la version du format et un corps JSON (RFC 8259) de ses champs. Une
visite écrite par une version précédente se rejoue : chaque pas de `MIGRATIONS` mène un corps de sa version à la
suivante. Les messages d'erreur nomment des champs et des types, jamais une valeur : elle peut être de santé.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from borne.dossier.erreurs import ErreurDossier
from borne.mesures import TENSION
from borne.parcours.evenements import PAR_NOM, VERSION, Evenement

Corps: TypeAlias = dict[str, Any]
Migration: TypeAlias = Callable[[Corps], tuple[str, Corps]]
"""Mène un corps à la version suivante ; rend aussi le nom, qui a pu changer. Ne modifie pas son argument."""


def _de_la_tension(nom: str) -> Migration:
    """La version 1 ne mesurait que la tension : la nature n'était pas écrite."""
    return lambda corps: (nom, {**corps, "nature": TENSION})


MIGRATIONS: Final[Mapping[tuple[str, int], Migration]] = {
    ("MesureRecue", 1): _de_la_tension("MesureRecue"),
    ("MesureEchouee", 1): _de_la_tension("MesureEchouee"),
    ("TensionDemandeeParMedecin", 1): _de_la_tension("MesureDemandeeParMedecin"),
    ("ArretTensionDemande", 1): lambda corps: ("ArretMesureDemande", dict(corps)),
}
"""Par (nom, version d'écriture). Ce qui n'y est pas n'a pas changé."""


class EvenementIllisible(ErreurDossier):
    """Ces octets ne sont pas un événement connu, ou cet événement ne se relirait pas."""


def vers_json(evenement: Evenement) -> bytes:
    """Le corps JSON d'un événement, dans le format `VERSION`.

    Lève `EvenementIllisible` si la relecture ne rendait pas le même événement (NaN, texte mal formé) : mieux vaut
    refuser d'écrire que ne plus pouvoir rejouer.
    """
    nom = type(evenement).__name__
    try:
        corps = msgspec.json.encode(evenement)
        fidele = depuis_json(nom, VERSION, corps) == evenement
    except (ValueError, TypeError, EvenementIllisible) as erreur:
        raise EvenementIllisible(f"L'événement {nom} ne peut pas être gardé ({type(erreur).__name__}).") from None
    if not fidele:
        raise EvenementIllisible(f"L'événement {nom} ne se relirait pas tel quel.")
    return corps


def depuis_json(
    nom: str, version: int, corps: bytes, migrations: Mapping[tuple[str, int], Migration] = MIGRATIONS
) -> Evenement:
    """L'événement que gardent ces octets ; lève `EvenementIllisible`."""
    if not 1 <= version <= VERSION:
        raise EvenementIllisible(f"L'événement {nom} est d'une version inconnue ({version}).")
    try:
        brut = msgspec.json.decode(corps, type=dict)
        for etape in range(version, VERSION):
            if (nom, etape) in migrations:
                nom, brut = migrations[nom, etape](brut)
        return _convertir(nom, brut)
    except msgspec.DecodeError as erreur:
        raise EvenementIllisible(f"L'événement {nom} est abîmé ({erreur}).") from None
    except (LookupError, TypeError, ValueError) as erreur:
        # Une migration qui ne trouve pas ce qu'elle attend ; son texte pourrait citer une valeur.
        raise EvenementIllisible(f"L'événement {nom} est abîmé ({type(erreur).__name__}).") from None


def _convertir(nom: str, brut: Corps) -> Evenement:
    classe = PAR_NOM.get(nom)
    if classe is None:
        raise EvenementIllisible(f"L'événement {nom} est inconnu.")
    return msgspec.convert(brut, type=classe)
