"""Le stockage d'une seule machine : la base chiffrée qui tient lieu de `stockage.Stockage`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from borne.salle.comptes_sqlite import ComptesSqlite
from borne.salle.visites_sqlite import VisitesSqlite

if TYPE_CHECKING:
    from borne.salle.stockage import Stockage


class StockageSqlite(ComptesSqlite, VisitesSqlite):
    """`stockage.Stockage` sur SQLCipher."""


async def ouvrir(donnees: Path, cles: Path, horloge: Callable[[], float] = time.time) -> Stockage:
    """Le stockage ouvert, créé s'il le faut ; lève `stockage.ErreurStockage`."""
    stockage = StockageSqlite(donnees, cles, horloge)
    await stockage.ouvrir()
    return stockage
