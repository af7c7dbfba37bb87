"""Le lecteur de glycémie simulé : trames 2A18, 2A51 (Glucose Service 1.0.1) et réponses 2A52. Pur."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from borne.peripheriques.simulation.octets import coder_date, coder_sfloat, mot

CAPILLAIRE_TOTAL: Final = 1
SOLUTION_CONTROLE: Final = 10
DOIGT: Final = 1
TOUS: Final = 0x01
"""Opérateur RACP : tous les enregistrements."""


def _concentration(valeur: float | None) -> bytes:
    """Un SFLOAT à trois chiffres, quelle que soit la grandeur (0.0055 mol/L, 0.00099 kg/L)."""
    if valeur is None or valeur == 0:
        return coder_sfloat(valeur)
    return coder_sfloat(valeur, min(8, max(0, 2 - math.floor(math.log10(abs(valeur))))))


def coder_glycemie(
    numero: int,
    base: datetime,
    concentration: float | None = None,
    *,
    molaire: bool = False,
    type: int = CAPILLAIRE_TOTAL,
    endroit: int = DOIGT,
    decalage_min: int | None = None,
    etat: int | None = None,
    contexte: bool = False,
    sans_concentration: bool = False,
) -> bytes:
    """Une trame 2A18 : `concentration` en kg/L, ou en mol/L si `molaire` ; None : NaN (le lecteur a échoué).

    `sans_concentration` : ne pas joindre le champ du tout. `etat` : Sensor Status Annunciation, None pour le taire.
    """
    drapeau = (decalage_min is not None) | (not sans_concentration) << 1 | molaire << 2
    drapeau |= (etat is not None) << 3 | contexte << 4
    mesure = b"" if sans_concentration else _concentration(concentration) + bytes([endroit << 4 | type])
    return b"".join(
        (
            bytes([drapeau]),
            mot(numero),
            coder_date(base),
            b"" if decalage_min is None else decalage_min.to_bytes(2, "little", signed=True),
            mesure,
            b"" if etat is None else mot(etat),
        )
    )


def coder_compte(nombre: int) -> bytes:
    """La réponse 2A52 à « combien d'enregistrements »."""
    return b"\x05\x00" + mot(nombre)


def coder_reponse(demande: int, code: int = 1) -> bytes:
    """La réponse 2A52 qui clôt une demande : `code` 1 fait, 6 rien en mémoire, 8 non fait."""
    return bytes([0x06, 0x00, demande, code])
