"""Les adresses de la borne : un câble retiré, un autre réseau, et l'appel doit partir d'ailleurs tout de suite."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import ifaddr

journal = logging.getLogger(__name__)

PERIODE: Final = 0.5
"""Secondes entre deux regards : une lecture coûte moins d'une milliseconde."""


def adresses_locales() -> frozenset[str]:
    """Les adresses IP de cette machine, boucle locale comprise ; sans l'interface pour IPv6."""
    ips = (ip.ip for carte in ifaddr.get_adapters() for ip in carte.ips)
    return frozenset(ip if isinstance(ip, str) else ip[0] for ip in ips)


async def veiller_adresses(
    sur_changement: Callable[[frozenset[str], bool], None],
    lire: Callable[[], frozenset[str]] = adresses_locales,
    periode: float = PERIODE,
) -> None:
    """Appelle `sur_changement(adresses, perdue)` à chaque changement ; `perdue` : l'une d'elles n'existe plus."""
    connues = lire()
    while True:
        await asyncio.sleep(periode)
        actuelles = lire()
        if actuelles != connues:
            perdues, nouvelles = len(connues - actuelles), len(actuelles - connues)
            # Pas les adresses elles-mêmes : un journal n'a pas à dire où est la borne.
            journal.info("Adresses : %d perdues, %d nouvelles.", perdues, nouvelles)
            connues = actuelles
            sur_changement(actuelles, perdues > 0)
