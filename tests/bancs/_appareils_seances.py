"""Mille séances de chaque appareil, côte à côte sur une seule borne ; rien ne doit en rester."""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from borne.demonstration.jumeau import Jumeau
from borne.peripheriques.erreurs import ErreurPeripherique
from tests.bancs._appareils_sujets import Sujet, radio, seance, serie
from tests.bancs._auscultation_figures import figure

_DELAI_S: Final = 120.0
_ECHAUFFEMENT: Final = 10
"""Séances de chacun avant de compter : les caches se remplissent, les modules se chargent."""
_FILS: Final = 64
_OBJETS: Final = 2000
"""Une liaison gardée en pèse des centaines : dix séances qui fuient le dépassent."""
_MEMOIRE_MIO: Final = 8.0
"""Ce que la mémoire résidente peut flotter : mille séances de chacun gardant une trame en prendraient plus."""


@dataclass(frozen=True, slots=True)
class Compte:
    """Ce que le processus tient. `memoire_o` : résidente, en octets."""

    taches: int
    fils: int
    descripteurs: int
    objets: int
    memoire_o: int


@dataclass(slots=True)
class Suivi:
    """Les séances d'un appareil."""

    justes: int = 0
    fausses: int = 0
    erreurs: Counter[str] = field(default_factory=Counter)
    durees_ms: list[float] = field(default_factory=list)


async def compter() -> Compte:
    """Compte, une fois retombé ce qui finit (fermetures différées, annonces reprises)."""
    avant = -1
    while avant != len(asyncio.all_tasks()):
        avant = len(asyncio.all_tasks())
        await asyncio.sleep(0.2)
    gc.collect()
    return Compte(
        len(asyncio.all_tasks()),
        threading.active_count(),
        len(os.listdir("/proc/self/fd")),
        len(gc.get_objects()),
        _memoire_o(),
    )


def _memoire_o() -> int:
    """La mémoire résidente du processus, en octets (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


async def _enchainer(sujet: Sujet, nombre: int, suivi: Suivi) -> None:
    for rang in range(nombre):
        depart = time.perf_counter()
        try:
            juste = await seance(sujet, rang, _DELAI_S)
        except ErreurPeripherique as erreur:
            quand = f"{depart:.1f} s à {time.perf_counter():.1f} s"
            print(f"{sujet.nom}, séance {rang}, de {quand} : {erreur!r}", file=sys.stderr)
            suivi.erreurs[erreur.code] += 1
            continue
        suivi.durees_ms.append(1000 * (time.perf_counter() - depart))
        suivi.justes += juste
        suivi.fausses += not juste


async def _cote_a_cote(sujets: Sequence[Sujet], nombre: int) -> dict[str, Suivi]:
    suivis = {sujet.nom: Suivi() for sujet in sujets}
    await asyncio.gather(*(_enchainer(sujet, nombre, suivis[sujet.nom]) for sujet in sujets))
    return suivis


async def partie(nombre: int) -> bool:
    """Les figures des séances ; vrai si toutes sont tenues. `nombre` : séances de chaque appareil."""
    with tempfile.TemporaryDirectory(prefix="borne-appareils-") as dossier:
        radio_, serie_ = Path(dossier) / "radio", Path(dossier) / "serie"
        async with radio(radio_) as (poste, a_radio), serie(serie_) as a_fil:
            sujets = [*a_radio, *a_fil]
            await _cote_a_cote(sujets, _ECHAUFFEMENT)
            # Les fils de l'exécuteur naissent à la demande, jusqu'à un nombre fixe : tous sont là avant de compter.
            await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01) for _ in range(_FILS)))
            _oublier_envois(poste.monde.jumeaux.values())
            avant = await compter()
            processeur_s, depart_s = time.process_time(), time.perf_counter()
            suivis = await _cote_a_cote(sujets, nombre)
            processeur_s, duree_s = time.process_time() - processeur_s, time.perf_counter() - depart_s
            _oublier_envois(poste.monde.jumeaux.values())
            apres = await compter()
    tenues = [_dire_seances(nom, suivi, nombre) for nom, suivi in suivis.items()]
    tenues += _dire_restes(avant, apres, nombre * len(sujets))
    figure("seances_processeur", 1000 * processeur_s / (nombre * len(sujets)), "ms par séance", "", True)
    figure("seances_duree", duree_s, f"s pour {nombre * len(sujets)} séances", "", True)
    return all(tenues)


def _oublier_envois(jumeaux: Iterable[Jumeau[Any]]) -> None:
    """Ce que les jumeaux gardent pour les essais n'est pas une fuite."""
    for jumeau in jumeaux:
        jumeau.etat.envois.clear()


def _dire_seances(nom: str, suivi: Suivi, nombre: int) -> bool:
    if suivi.erreurs or suivi.fausses:
        print(f"{nom} : {dict(suivi.erreurs)}, valeurs fausses {suivi.fausses}", file=sys.stderr)
    mediane = statistics.median(suivi.durees_ms) if suivi.durees_ms else float("inf")
    print(f"{nom} : séance médiane {mediane:.0f} ms", file=sys.stderr)
    unite = f"séances justes sur {nombre}"
    return figure(f"seances_{nom.replace('-', '_')}", suivi.justes, unite, str(nombre), suivi.justes == nombre)


def _dire_restes(avant: Compte, apres: Compte, seances: int) -> list[bool]:
    restes = {
        "taches": apres.taches - avant.taches,
        "fils": apres.fils - avant.fils,
        "descripteurs": apres.descripteurs - avant.descripteurs,
    }
    tenues = [
        figure(f"restes_{nom}", n, f"de plus après {seances} séances", "0", n <= 0) for nom, n in restes.items()
    ]
    objets = apres.objets - avant.objets
    mio = (apres.memoire_o - avant.memoire_o) / 2**20
    tenues.append(figure("restes_objets", objets, "objets Python de plus", f"< {_OBJETS}", objets < _OBJETS))
    tenues.append(figure("restes_memoire", mio, "Mio de plus", f"< {_MEMOIRE_MIO:.0f}", mio < _MEMOIRE_MIO))
    return tenues
