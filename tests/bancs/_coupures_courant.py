"""Coupures de courant : une visite tracée par strace, le disque reconstruit à un instant, la borne rouverte."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from borne.dossier.chiffre import Synchrone
from borne.dossier.restes import chercher
from tests.bancs._reprise import Reprise, perdus, rouvrir
from tests.bancs._strace import TraceInexploitable
from tests.bancs._sujet_coupure import MOTIFS_CHERCHES
from tests.bancs.disque import Trace, enregistrer, reconstruire


@dataclass(frozen=True)
class Bilan:
    """Ce qu'une coupure a coûté. `defaut` : ce qui n'est pas comme avant, vide si tout l'est."""

    perdus: int
    restes: int
    defaut: str = ""

    @property
    def identique(self) -> bool:
        """L'écran rendu est celui d'avant."""
        return not self.defaut


def enregistrer_visite(synchrone: Synchrone) -> Trace:
    """Joue le sujet sous strace. TraceInexploitable s'il échoue."""
    with tempfile.TemporaryDirectory() as racine:
        dossiers = [Path(racine) / nom for nom in ("donnees", "cles")]
        for dossier in dossiers:
            dossier.mkdir()
        trace = enregistrer([sys.executable, "-m", "tests.bancs._sujet_coupure", racine, synchrone], dossiers)
    if trace.retour != 0:
        raise TraceInexploitable(trace.erreurs)
    return trace


def couper(trace: Trace, coupures: int, graine: int) -> list[Bilan]:
    """Coupe le courant à `coupures` instants tirés au sort, sur tous les cœurs."""
    alea = random.Random(graine)
    points = trace.points()
    tires = sorted(alea.sample(points, min(coupures, len(points))))
    # Une coupure sur quatre perd tout ce qui n'est pas synchronisé ; les autres en gardent une part au hasard.
    graines = [None if n % 4 == 0 else graine + n for n in range(len(tires))]
    with ProcessPoolExecutor() as executeur:
        return list(executeur.map(une_coupure, repeat(trace), tires, graines, chunksize=8))


def une_coupure(trace: Trace, point: int, graine: int | None) -> Bilan:
    """Le courant manque après `point` gestes : ce que la borne rouverte a perdu, et ce qu'elle montre."""
    lignes = [json.loads(ligne) for ligne in trace.dit().splitlines()]
    vues = trace.dit(point).count(b"\n")
    with tempfile.TemporaryDirectory() as vers:
        donnees, cles = reconstruire(trace, Path(vers), point, graine).values()
        en_clair = len(chercher([donnees], MOTIFS_CHERCHES, Path(vers) / "sans-cles"))
        reprise = asyncio.run(rouvrir(donnees, cles, acquitter=True))
        restes = en_clair + _restes(donnees, cles, lignes[:vues])
    montrees = [ligne for ligne in lignes[:vues] if "ecran" in ligne]
    acquittees = {ligne["acquittement"] for ligne in lignes[:vues] if "acquittement" in ligne}
    suivante = next((ligne for ligne in lignes[vues:] if "ecran" in ligne), None)
    return Bilan(perdus(montrees, reprise, acquittees), restes, _defaut(montrees, suivante, reprise))


def _defaut(montrees: list[dict[str, Any]], suivante: dict[str, Any] | None, reprise: Reprise) -> str:
    """Le même écran, ou celui de l'événement qui venait d'être gardé sans être encore montré ; et il y reste."""
    attendus = [ligne["ecran"] for ligne in (*montrees[-1:], suivante) if ligne is not None]
    if reprise.ecrans[0] not in attendus:
        return f"attendu {attendus[0]}, rendu {reprise.ecrans[0]}"
    if reprise.ecrans[-1] != reprise.ecrans[0]:
        return f"rendu {reprise.ecrans[0]}, puis {reprise.ecrans[-1]}"
    return ""


def _restes(donnees: Path, cles: Path, vues: list[dict[str, Any]]) -> int:
    """Tout ce que la salle a gardé étant acquitté, seule la visite en cours se déchiffre encore."""
    connues = {ligne["visite"] for ligne in vues if "ecran" in ligne} - {""}
    en_cours = {chemin.name.partition(".")[0] for chemin in (donnees / "visites").glob("*.dossier")}
    parties = sorted(connues - en_cours)
    trouves = chercher([donnees], MOTIFS_CHERCHES, cles, parties)
    derniere = next((ligne["visite"] for ligne in reversed(vues) if "ecran" in ligne), "")
    return sum(1 for reste in trouves if reste.forme != "dechiffre" or derniere not in reste.fichier.name)
