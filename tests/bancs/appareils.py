"""Mille séances de chaque appareil virtuel, côte à côte, et chacun arraché dans chacun de ses états.

    python -m tests.bancs.appareils [--court] [--seances N] [--partie NOM]

Une borne, une radio, un appareil de chaque sorte ; les vrais pilotes, la vraie pile Bluetooth, de vrais terminaux
série. Une ligne JSON par figure : séances justes, ce qui resterait d'une séance finie (tâche, fil, descripteur,
objet, mémoire), débranchements dont l'appareil revient, repos. Le détail des échecs va sur la sortie d'erreurs.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from typing import Final

from tests.bancs import _appareils_arrachements, _appareils_repos, _appareils_seances

_SEANCES: Final = 1000
_SEANCES_COURTES: Final = 25
_TOURS: Final = 10


def principal(arguments: Sequence[str] | None = None) -> int:
    """0 si toutes les figures sont tenues, 1 sinon."""
    lecteur = argparse.ArgumentParser(prog="tests.bancs.appareils", description=__doc__)
    lecteur.add_argument("--court", action="store_true", help="40 s au plus")
    lecteur.add_argument("--seances", type=int, help=f"séances de chaque appareil ({_SEANCES} par défaut)")
    lecteur.add_argument("--partie", choices=("repos", "seances", "arrachements"), help="seulement celle-ci")
    choix = lecteur.parse_args(arguments)
    # Chaque panne voulue s'écrirait au journal : seul ce que le banc en conclut compte.
    logging.disable(logging.CRITICAL)
    nombre = choix.seances or (_SEANCES_COURTES if choix.court else _SEANCES)
    tenues = []
    if choix.partie in (None, "repos"):
        tenues.append(asyncio.run(_appareils_repos.partie()))
    if choix.partie in (None, "seances"):
        tenues.append(asyncio.run(_appareils_seances.partie(nombre)))
    if choix.partie in (None, "arrachements"):
        tenues.append(asyncio.run(_appareils_arrachements.partie(1 if choix.court else _TOURS)))
    return 0 if all(tenues) else 1


if __name__ == "__main__":
    sys.exit(principal())
