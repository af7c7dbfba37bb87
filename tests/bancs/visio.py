"""Le banc de l'appel : la borne et ses ancres, même vidéo, même débit, même relais, en alternance.

    python -m tests.bancs.visio [--court] [--figure NOM ...] [--duree S] [--tours N] [--graine N] [--sans-ancre]
    python -m tests.bancs.visio --long 20

Une ligne JSON par figure ; ce que chaque prise a donné est dit sur la sortie d'erreur. Un but qui n'est pas tenu est
dit (`tenu: false`) et ne change pas le statut ; le banc échoue quand il ne peut pas mesurer.

Définitions. Délai : de l'instant dessiné dans l'image par la caméra au rappel `requestVideoFrameCallback` du médecin,
sur la même horloge. Figé : somme des écarts de plus de 200 ms entre images rendues. Processeur : part d'un cœur, sans
la caméra virtuelle ni le relais.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from tests.bancs import _visio_figures as image
from tests.bancs import _visio_variations as variations
from tests.bancs._visio_banc import Banc, Reglages
from tests.bancs._visio_camera import dossier_memoire
from tests.bancs._visio_coupures import coupures
from tests.bancs._visio_navigateur import Navigateurs
from tests.bancs._visio_prise import MesureImpossible

FIGURES: Final[dict[str, Callable[[Banc], Awaitable[None]]]] = {
    "delai720": image.delai720,
    "delai1080": image.delai1080,
    "pertes5": image.pertes5,
    "pertes10": image.pertes10,
    "goulot": variations.goulot,
    "psnr": image.psnr,
    "coupure4": variations.coupure4,
    "page": coupures,
}
CHOIX: Final = {**FIGURES, "court": image.court, "long": variations.long}


async def mesurer(reglages: Reglages, figures: Sequence[str]) -> None:
    """Toutes ces figures, l'une après l'autre."""
    dossier, navigateurs = dossier_memoire(), Navigateurs()
    try:
        async with navigateurs.servir():
            medecin = await navigateurs.ouvrir("medecin")
            banc = Banc(reglages, navigateurs, medecin, dossier)
            for nom in figures:
                await CHOIX[nom](banc)
            await medecin.close()
    finally:
        shutil.rmtree(dossier)


def principal(arguments: Sequence[str] | None = None) -> int:
    """0 quand tout a pu être mesuré, 1 sinon."""
    analyseur = argparse.ArgumentParser(prog="python -m tests.bancs.visio")
    analyseur.add_argument("--court", action="store_true", help="un sous-ensemble, en 50 s")
    analyseur.add_argument("--figure", action="append", choices=sorted(CHOIX), help="seulement celle-ci (répétable)")
    analyseur.add_argument("--duree", type=float, help="secondes mesurées par prise")
    analyseur.add_argument("--tours", type=int, default=1, help="alternances de la borne et de ses ancres")
    analyseur.add_argument("--graine", type=int, default=1, help="graine du relais")
    analyseur.add_argument("--sans-ancre", action="store_true", help="la borne seule")
    analyseur.add_argument("--long", type=float, metavar="MINUTES", help="l'appel long seul, de cette durée")
    options = analyseur.parse_args(arguments)
    reglages = Reglages(
        court=options.court,
        duree_s=options.duree or (5.0 if options.court else 15.0),
        tours=options.tours,
        graine=options.graine,
        ancres=not options.sans_ancre,
        long_min=options.long or 20.0,
    )
    par_defaut = ["long"] if options.long else ["court"] if options.court else list(FIGURES)
    try:
        asyncio.run(mesurer(reglages, options.figure or par_defaut))
    except MesureImpossible as erreur:
        print(f"mesure impossible : {erreur}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(principal())
