"""Usagers d'une balance : 2A9F, User Control Point (User Data Service 1.1, section 3.3). Pur.

Un numéro d'usager et son code sont des données personnelles : une borne partagée n'en garde pas.
"""

from __future__ import annotations

from typing import Final

from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats.lecture import Lecture
from borne.peripheriques.formats.octets import Octets

_REPONSE: Final = 0x20
_FAIT: Final = 0x01
_INSCRIRE: Final = 0x01


def point_usager(octets: bytes) -> Lecture:
    """2A9F, ce que la balance répond : `request`, `code` (1 : fait), `error` (None si fait), `parameter` (hex).

    À une inscription réussie, `utilisateur` est le numéro donné. Lève `TrameInvalide`.
    """
    curseur = Octets(octets)
    if curseur.entier(1) != _REPONSE:
        raise TrameInvalide(detail="réponse UCP inconnue")
    demande, code = curseur.entier(1), curseur.entier(1)
    parametre = curseur.prendre(curseur.reste)
    inscrit = demande == _INSCRIRE and code == _FAIT
    if inscrit and len(parametre) != 1:
        raise TrameInvalide(detail="inscription sans numéro d'usager")
    return Lecture(
        utilisateur=parametre[0] if inscrit else None,
        details={
            "op": "response",
            "request": demande,
            "code": code,
            "error": None if code == _FAIT else code,
            "parameter": parametre.hex(),
        },
    )
