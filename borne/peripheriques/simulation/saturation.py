"""L'oxymètre simulé : trames 2A5E, 2A5F, 2A60 (Pulse Oximeter Service 1.0.1). Pur."""

from __future__ import annotations

from datetime import datetime

from borne.peripheriques.simulation.octets import coder_date, coder_sfloat, mot

Paire = tuple[float | None, float | None]
"""SpO2 (%) et pouls (/min)."""


def _etats(etat: int | None, capteur: int | None, perfusion: float | None) -> bytes:
    return b"".join(
        (
            b"" if etat is None else mot(etat),
            b"" if capteur is None else capteur.to_bytes(3, "little"),
            b"" if perfusion is None else coder_sfloat(perfusion, 2 if perfusion < 20 else 1),
        )
    )


def coder_ponctuelle(
    spo2: float | None,
    pouls: float | None,
    instant: datetime | None = None,
    *,
    etat: int | None = None,
    capteur: int | None = None,
    perfusion: float | None = None,
    horloge_non_reglee: bool = False,
) -> bytes:
    """Une trame 2A5E. `etat` (16 bits) et `capteur` (24 bits) : les mots d'état de la norme, None pour les taire."""
    drapeau = (instant is not None) | (etat is not None) << 1 | (capteur is not None) << 2
    drapeau |= (perfusion is not None) << 3 | horloge_non_reglee << 4
    valeurs = bytes([drapeau]) + coder_sfloat(spo2) + coder_sfloat(pouls)
    return valeurs + (coder_date(instant) if instant else b"") + _etats(etat, capteur, perfusion)


def coder_continue(
    spo2: float | None,
    pouls: float | None,
    *,
    rapide: Paire | None = None,
    lente: Paire | None = None,
    etat: int | None = None,
    capteur: int | None = None,
    perfusion: float | None = None,
) -> bytes:
    """Une trame 2A5F ; `rapide` et `lente` : les mêmes grandeurs, autrement moyennées."""
    drapeau = (rapide is not None) | (lente is not None) << 1 | (etat is not None) << 2
    drapeau |= (capteur is not None) << 3 | (perfusion is not None) << 4
    nombres = (spo2, pouls, *(rapide or ()), *(lente or ()))
    return bytes([drapeau]) + b"".join(map(coder_sfloat, nombres)) + _etats(etat, capteur, perfusion)


def coder_fonctions_oxymetre(mot_fonctions: int, *, etat: int | None = None, capteur: int | None = None) -> bytes:
    """Une trame 2A60 ; les bits 0 et 1 suivent la présence de `etat` et de `capteur`."""
    fonctions = mot_fonctions & ~0x03 | (etat is not None) | (capteur is not None) << 1
    return mot(fonctions) + _etats(etat, capteur, None)
