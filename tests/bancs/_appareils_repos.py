"""Au repos, un monde d'appareils virtuels ne coûte rien : son processus ne se réveille même pas."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

from tests.bancs._auscultation_figures import figure

_DUREE_S: Final = 3.0


async def partie() -> bool:
    """Compte les réveils (changements de contexte) du processus de tous les appareils, que personne n'écoute."""
    monde = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "borne.demonstration.jumeaux", "--appareils", "tous"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        if monde.stdout is None or not await monde.stdout.readline():
            return figure("repos_reveils", float("inf"), "le monde n'est pas né", "0", False)
        await asyncio.sleep(0.5)
        avant = _reveils(monde.pid)
        await asyncio.sleep(_DUREE_S)
        reveils = _reveils(monde.pid) - avant
    finally:
        monde.terminate()
        await monde.wait()
    return figure("repos_reveils", reveils, f"réveils en {_DUREE_S:.0f} s, tous les appareils", "0", reveils == 0)


def _reveils(pid: int) -> int:
    """Changements de contexte depuis sa naissance (proc(5), status)."""
    lignes = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return sum(int(ligne.split()[1]) for ligne in lignes if "ctxt_switches" in ligne)
