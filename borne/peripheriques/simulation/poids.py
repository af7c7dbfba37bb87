"""La balance simulée : trames 2A9D, 2A9E (Weight Scale Service 1.0) et réponses 2A9F (User Data Service 1.1). Pur."""

from __future__ import annotations

from datetime import datetime

from borne.peripheriques.simulation.octets import coder_date, pas


def coder_poids(
    poids: float | None,
    instant: datetime | None = None,
    *,
    imperial: bool = False,
    utilisateur: int | None = None,
    imc: float | None = None,
    taille: float | None = None,
) -> bytes:
    """Une trame 2A9D : kg et m, ou lb et pouces. `poids` None : pesée échouée.

    `imc` et `taille` ne vont qu'ensemble : l'un sans l'autre s'écrit 0xFFFF, sans valeur.
    """
    joints = imc is not None or taille is not None
    drapeau = imperial | (instant is not None) << 1 | (utilisateur is not None) << 2 | joints << 3
    return b"".join(
        (
            bytes([drapeau]),
            pas(poids, 100 if imperial else 200),
            coder_date(instant) if instant else b"",
            b"" if utilisateur is None else bytes([utilisateur]),
            pas(imc, 10) + pas(taille, 10 if imperial else 1000) if joints else b"",
        )
    )


def coder_fonctions_balance(
    *, dates: bool = False, usagers: bool = False, imc: bool = False, finesse_poids: int = 0, finesse_taille: int = 0
) -> bytes:
    """Une trame 2A9E ; les finesses sont les numéros de la norme (7 : 5 g ; 3 : 1 mm ; 0 : non dite)."""
    return (dates | usagers << 1 | imc << 2 | finesse_poids << 3 | finesse_taille << 7).to_bytes(4, "little")


def coder_reponse_usager(demande: int, code: int = 1, parametre: bytes = b"") -> bytes:
    """Une réponse 2A9F : `code` 1 fait, 4 échec, 5 non autorisé ; `parametre` : le numéro d'une inscription."""
    return bytes([0x20, demande, code]) + parametre
