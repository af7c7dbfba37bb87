"""Le canal exact sur un mauvais réseau : 5 % de pertes dans chaque sens, aller-retour de 40 ms.

Bit-exact : part des blocs de 20 ms que la page a, octet pour octet, une fois les manquants redemandés (le réseau
reste mauvais). Variation du délai : 99e centile moins 1er du temps entre la capture d'un bloc et son arrivée dans la
page, redondance et rappels compris.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

import numpy as np

from borne.demonstration.son import lire_coeur
from borne.protocole import Foyer
from tests.bancs._auscultation_figures import figure
from tests.bancs._auscultation_prise import prise
from tests.bancs.relais import Regime, Relais

PERTES: Final = Regime(perte=0.05, delai_ms=20)
ECOUTES: Final[tuple[tuple[str, Foyer], ...]] = (("cœur", "mitral"), ("poumon", "poumon-dos-bas-droit"))
BUT_VARIATION_MS: Final = 50


def partie(*, court: bool = False) -> bool:
    """Les figures du canal exact ; vrai si toutes sont tenues."""
    duree = 6.0 if court else 60.0
    tenues = [asyncio.run(_ecoute(*ecoute, duree)) for ecoute in (ECOUTES[:1] if court else ECOUTES)]
    return all(tenues)


async def _ecoute(nom: str, foyer: Foyer, duree: float) -> bool:
    with Relais(graine=7) as relais:
        async with prise(lire_coeur(), relais) as appel:
            relais.regler(PERTES)
            await asyncio.sleep(2.0)
            appel.ecouter(foyer)
            await asyncio.sleep(duree)
            dernier = max(appel.exacts)
            await asyncio.sleep(1.5)
            recus, arrivees, releve = await appel.recus()
            premier = appel.premier
    exacts = sum(recus.get(n) == octets for n, octets in appel.exacts.items() if n <= dernier)
    part = 100 * exacts / (dernier + 1)
    delais = [arrivees[n] - appel.stethoscope.emis[premier + n] for n in range(dernier + 1) if n in arrivees]
    p1, p50, p99 = 1000 * np.percentile(delais, [1, 50, 99])
    print(f"  {nom} : délai médian {p50:.0f} ms, {dernier + 1} blocs, lecteur {releve}", file=sys.stderr)
    return all(
        [
            figure(f"canal exact, {nom}, {duree:.0f} s à 5 % de pertes", part, "%", "100", part == 100.0),
            figure(
                f"variation du délai, {nom}", p99 - p1, "ms", f"< {BUT_VARIATION_MS}", p99 - p1 < BUT_VARIATION_MS
            ),
        ]
    )
