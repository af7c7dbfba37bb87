"""La ceinture cardiaque simulée : trame 2A37 (Heart Rate Service 1.0). Pur."""

from __future__ import annotations

from collections.abc import Sequence

from borne.peripheriques.simulation.octets import mot


def coder_frequence(
    battements: int, *, contact: bool | None = None, energie_kj: int | None = None, rr_ms: Sequence[float] = ()
) -> bytes:
    """Une trame 2A37. `contact` None : la ceinture ne le sait pas ; `rr_ms` : intervalles, le plus vieux d'abord.

    Les battements passent sur 16 bits au-delà de 255.
    """
    large = battements > 0xFF
    drapeau = large | (contact is True) << 1 | (contact is not None) << 2
    drapeau |= (energie_kj is not None) << 3 | bool(rr_ms) << 4
    return b"".join(
        (
            bytes([drapeau]),
            battements.to_bytes(2 if large else 1, "little"),
            b"" if energie_kj is None else mot(energie_kj),
            *(mot(round(intervalle * 1024 / 1000)) for intervalle in rr_ms),
        )
    )
