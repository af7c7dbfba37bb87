"""Importe python-escpos sans ce que son import laisse derrière lui : prendre `escpos` ici, et d'ici seulement.

Il fait un dossier temporaire qu'il n'efface pas (un cache de ses profils d'imprimantes), et pose un gestionnaire sur
le journal racine, qui doublerait chaque ligne du nôtre. Un quart de seconde : seulement quand on imprime.
"""

from __future__ import annotations

import importlib
import logging
import shutil
from functools import cache
from types import ModuleType
from typing import Any


@cache
def importer_escpos() -> ModuleType:
    """Importe `escpos.printer`, défait les traces de l'import, et le rend."""
    racine = logging.getLogger()
    avant = list(racine.handlers)
    module = importlib.import_module("escpos.printer")
    for gestionnaire in [g for g in racine.handlers if g not in avant]:
        racine.removeHandler(gestionnaire)
    capacites: Any = importlib.import_module("escpos.capabilities")
    shutil.rmtree(capacites.pickle_dir, ignore_errors=True)
    return module
