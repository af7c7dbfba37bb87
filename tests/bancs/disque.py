"""Coupures de courant simulées sur des écritures réelles : enregistrer, puis reconstruire ce qui serait resté.

`enregistrer` lance une commande sous strace et note chaque écriture, synchronisation, renommage et suppression dans
des dossiers. `reconstruire` rejoue ces gestes jusqu'à un instant et ne garde que ce qu'un disque devait garder :
ce qui a été synchronisé ; le reste, perdu, ou gardé au hasard selon une graine. Le modèle est le plus dur que POSIX
permette : le contenu d'un fichier tient après son fsync ou fdatasync, son nom après le fsync de son dossier.

    python -m tests.bancs.disque [--court]    compare synchronous=FULL et NORMAL
"""

from __future__ import annotations

import argparse
import bisect
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from borne.dossier.archives import Archives
from borne.dossier.chiffre import Synchrone
from tests.bancs._modele_disque import Disque
from tests.bancs._strace import Geste, TraceInexploitable, lire_trace, prefixe

VISITE = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Trace:
    """Ce qu'une commande a fait. `retour` : son état de sortie ; `depart` : les fichiers d'avant, par chemin."""

    dossiers: tuple[Path, ...]
    gestes: tuple[Geste, ...]
    depart: dict[Path, bytes | None]
    retour: int
    erreurs: str

    def __len__(self) -> int:
        return len(self.gestes)

    def rang(self, instant: float) -> int:
        """Combien de gestes étaient faits à `instant` (secondes Unix)."""
        return bisect.bisect_right([geste.instant for geste in self.gestes], instant)

    def dit(self, jusqu_a: int | None = None) -> bytes:
        """Ce que la commande avait écrit sur sa sortie standard après `jusqu_a` gestes (tous par défaut)."""
        return b"".join(g.octets for g in self.gestes[:jusqu_a] if g.nature == "sortie")

    def points(self) -> list[int]:
        """Les coupures intéressantes : avant le premier geste sur le disque, puis après chacun."""
        return [0] + [n for n, geste in enumerate(self.gestes, 1) if geste.nature not in ("sortie", "ouvrir")]


def strace_disponible() -> bool:
    """Vrai si strace est là et peut tracer un processus."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


def enregistrer(
    commande: Sequence[str],
    dossiers: Sequence[Path],
    *,
    delai_s: float = 120.0,
    injections: Sequence[str] = (),
    **options: Any,
) -> Trace:
    """Lance `commande` sous strace et rend ses gestes dans `dossiers` (et sous eux).

    `injections` : réglages `-e inject=` de strace (« unlink:signal=KILL:when=2 »). `options` : pour subprocess.run.
    Erreurs : TraceInexploitable, subprocess.TimeoutExpired.
    """
    racines = tuple(dossier.resolve() for dossier in dossiers)
    depart = _photographier(racines)
    with tempfile.TemporaryDirectory() as dossier:
        sortie = Path(dossier) / "trace"
        lance = subprocess.run(
            [*prefixe(sortie, injections), *commande],
            capture_output=True,
            text=True,
            timeout=delai_s,
            check=False,
            **options,
        )
        if not sortie.exists():
            raise TraceInexploitable(lance.stderr.strip() or "strace n'a rien écrit")
        gestes = lire_trace(sortie, racines)
    return Trace(racines, gestes, depart, lance.returncode, lance.stderr)


def reconstruire(
    trace: Trace, vers: Path, jusqu_a: int | float | None = None, graine: int | None = None
) -> dict[Path, Path]:
    """Écrit sous `vers` ce que le disque aurait gardé si le courant avait manqué ; rend {dossier: sa copie}.

    `jusqu_a` : un nombre de gestes (int), un instant Unix (float) ou la fin (None). `graine` None : tout ce qui n'est
    pas synchronisé est perdu ; sinon chaque écriture est gardée, perdue ou coupée à un secteur au hasard, et les
    noms suivent dans l'ordre jusqu'à un point au hasard (le journal du système de fichiers est ordonné).
    """
    rang = trace.rang(jusqu_a) if isinstance(jusqu_a, float) else jusqu_a
    disque = Disque(trace.depart)
    for geste in trace.gestes[:rang]:
        disque.faire(geste)
    restes = disque.couper(None if graine is None else random.Random(graine))
    copies = {dossier: vers / str(n) / dossier.name for n, dossier in enumerate(trace.dossiers)}
    for dossier, copie in copies.items():
        copie.mkdir(parents=True, exist_ok=True)
        for chemin, octets in sorted(restes.items()):
            if not chemin.is_relative_to(dossier):
                continue
            cible = copie / chemin.relative_to(dossier)
            if octets is None:
                cible.mkdir(parents=True, exist_ok=True)
            elif cible.parent.is_dir():
                cible.write_bytes(octets)
    return copies


def _photographier(racines: Sequence[Path]) -> dict[Path, bytes | None]:
    """Les fichiers (leurs octets) et dossiers (None) présents avant : tenus pour durables."""
    depart: dict[Path, bytes | None] = {}
    for racine in racines:
        for chemin in [racine, *sorted(racine.rglob("*"))] if racine.exists() else []:
            depart[chemin] = None if chemin.is_dir() else chemin.read_bytes()
    return depart


def ecrire_visite(dossier: Path, synchrone: Synchrone, combien: int) -> None:
    """Le sujet du banc : une visite qui dit sur sa sortie le rang de chaque événement, une fois gardé."""
    archives = Archives(dossier / "donnees", dossier / "cles", synchrone=synchrone)
    visite = archives.creer(VISITE)
    for n in range(combien):
        rang = visite.ajouter("EssaiFait", 1, time.time(), json.dumps({"n": n, "texte": "é" * 300}).encode())
        print(rang, flush=True)
    archives.fermer()


def perdus(trace: Trace, coupure: int, graine: int | None) -> int:
    """Combien d'événements dits gardés manquent après une coupure au rang `coupure`."""
    dits = len(trace.dit(coupure).split())
    with tempfile.TemporaryDirectory() as vers:
        (copie,) = reconstruire(trace, Path(vers), coupure, graine).values()
        archives = Archives(copie / "donnees", copie / "cles")
        archives.reprendre_purges()
        reprise = archives.visite_ouverte()
        relus = [e.rang for e in archives.ouvrir(reprise).evenements()] if reprise else []
        archives.fermer()
    if relus != list(range(1, len(relus) + 1)):
        raise AssertionError("les événements relus ne se suivent pas")
    return max(0, dits - len(relus))


def coupures_perdantes(synchrone: Synchrone, combien: int, coupures: int, graine: int) -> int:
    """Sur `coupures` coupures au hasard pendant une visite, combien perdent au moins un événement dit gardé."""
    with tempfile.TemporaryDirectory() as racine:
        dossier = Path(racine) / "borne"
        dossier.mkdir()
        commande = [sys.executable, "-m", "tests.bancs.disque", "--ecrivain", str(dossier), synchrone, str(combien)]
        trace = enregistrer(commande, [dossier])
    if trace.retour != 0:
        raise TraceInexploitable(trace.erreurs)
    alea = random.Random(graine)
    points = [alea.choice(trace.points()) for _ in range(coupures)]
    # Une coupure sur quatre perd tout ce qui n'est pas synchronisé ; les autres en gardent une part au hasard.
    return sum(perdus(trace, point, None if n % 4 == 0 else graine + n) > 0 for n, point in enumerate(points))


def principal(arguments: Sequence[str] | None = None) -> int:
    """Une ligne JSON par mesure ; 1 si FULL perd, ou si NORMAL ne perd pas (le contrôle ne contrôlerait rien)."""
    analyseur = argparse.ArgumentParser()
    analyseur.add_argument("--court", action="store_true")
    analyseur.add_argument("--ecrivain", nargs=3, metavar=("DOSSIER", "SYNCHRONE", "COMBIEN"))
    options = analyseur.parse_args(arguments)
    if options.ecrivain:
        dossier, synchrone, combien = options.ecrivain
        ecrire_visite(Path(dossier), synchrone, int(combien))
        return 0
    evenements, coupures = (60, 60) if options.court else (400, 1000)
    sur, ancre = (coupures_perdantes(s, evenements, coupures, 7) for s in ("FULL", "NORMAL"))
    figure = {
        "figure": "coupures_perdantes",
        "valeur": sur,
        "unite": f"sur {coupures} coupures de courant simulées",
        "but": 0,
        "ancre": ancre,
        "tenu": sur == 0 and ancre > 0,
    }
    print(json.dumps(figure, ensure_ascii=False))
    return 0 if figure["tenu"] else 1


if __name__ == "__main__":
    raise SystemExit(principal())
