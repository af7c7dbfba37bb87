"""Ce que coûte un processus : temps de processeur et mémoire, lus dans /proc (proc(5))."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

TOPS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    """Les champs de /proc/PID/stat à partir du troisième (le deuxième, un nom, peut contenir des espaces)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _tous() -> dict[int, int]:
    """Le père de chaque processus."""
    peres = {}
    for dossier in Path("/proc").iterdir():
        if dossier.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                peres[int(dossier.name)] = int(_stat(int(dossier.name))[1])
    return peres


def descendance(pid: int) -> list[int]:
    """Ce processus et tous ceux qui en descendent."""
    peres, famille = _tous(), [pid]
    for membre in famille:
        famille += [enfant for enfant, pere in peres.items() if pere == membre]
    return famille


def par_option(option: str) -> int:
    """Le processus lancé avec cette option ; LookupError s'il n'y en a pas."""
    for pid in _tous():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if option.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return pid
    raise LookupError(f"aucun processus n'a l'option {option}")


def temps_processeur(pids: Iterable[int]) -> float:
    """Secondes de processeur (utilisateur et noyau) de ces processus ; un processus fini ne compte pas."""
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            champs = _stat(pid)
            total += int(champs[11]) + int(champs[12])
    return total / TOPS


def temps_machine() -> float:
    """Secondes de processeur que toute la machine a passées à travailler (proc_stat(5) : tout sauf l'attente)."""
    champs = [int(champ) for champ in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(champs[:8]) - champs[3] - champs[4]) / TOPS


def temps_des_autres() -> float:
    """Secondes de processeur prises par ce qui n'est ni ce banc ni ses processus : ce qui fausse une mesure."""
    return temps_machine() - temps_processeur(descendance(os.getpid()))


def memoire(pid: int) -> int:
    """Octets résidents propres au processus (sans les pages qu'il partage : l'anneau de la caméra)."""
    total, partage = Path(f"/proc/{pid}/statm").read_text().split()[1:3]
    return (int(total) - int(partage)) * PAGE
