"""L'auscultation, mesurée : fréquence cardiaque, indice de qualité, son de bout en bout, canal exact.

    python -m tests.bancs.auscultation [--court] [--partie NOM]

Une ligne JSON par figure. Chaque partie est un module `_auscultation_*.py` qui offre `partie(court=...)` ; en ajouter
une est une ligne de `PARTIES`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Final

PARTIES: Final = {
    "coeur": "tests.bancs._auscultation_coeur",
    "qualite": "tests.bancs._auscultation_qualite",
    "bout_en_bout": "tests.bancs._auscultation_bout_en_bout",
    "exact": "tests.bancs._auscultation_exact",
}
"""Importées une à une : une partie n'exige que ce qu'elle mesure."""


def principal(arguments: list[str] | None = None) -> int:
    """0 si toutes les figures sont tenues, 1 sinon."""
    lecteur = argparse.ArgumentParser(prog="tests.bancs.auscultation", description=__doc__)
    lecteur.add_argument("--court", action="store_true", help="moins d'enregistrements, 50 s au plus")
    lecteur.add_argument("--partie", choices=sorted(PARTIES), action="append", help="seulement celle-ci")
    choix = lecteur.parse_args(arguments)
    tenues = [importlib.import_module(PARTIES[nom]).partie(court=choix.court) for nom in choix.partie or PARTIES]
    return 0 if all(tenues) else 1


if __name__ == "__main__":
    sys.exit(principal())
