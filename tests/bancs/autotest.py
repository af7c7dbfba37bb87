"""L'autotest mis à l'épreuve : des pannes plantées dans une borne virtuelle, et de longues suites de bornes saines.

    python -m tests.bancs.autotest [--court] [--saines N] [--panne MOTIF] [--sauf-pannes]

Les pannes se plantent par campagnes (une par domaine à la fois), et chacune doit être nommée, et elle seule.
`--court` finit en 50 s : une borne saine, et les premières campagnes. `--panne` : celles dont le nom contient ce
motif, une à une, avec ce que l'autotest en a dit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bancs._autotest_monde import MondeAutotest
from tests.bancs._autotest_pannes import PANNES, Panne

COURT_S: Final = 26.0
"""Secondes après lesquelles la forme courte ne commence plus de campagne, la première faite."""
SAINES: Final = 200
BUT_PANNES: Final = 25
BUT_DUREE_S: Final = 20.0


@dataclass
class Bilan:
    """Ce que les autotests ont rendu. `manquees`, `mal_nommees`, `en_trop`, `alarmes` : de quoi les retrouver."""

    plantees: int = 0
    trouvees: int = 0
    nommees: int = 0
    saines: int = 0
    durees: list[float] = field(default_factory=list)
    manquees: list[str] = field(default_factory=list)
    mal_nommees: list[str] = field(default_factory=list)
    en_trop: list[str] = field(default_factory=list)
    alarmes: list[str] = field(default_factory=list)

    def noter_saine(self, reponse: dict[str, Any]) -> None:
        """Un autotest d'une borne saine : tout y est vert."""
        self.saines += 1
        self.durees.append(reponse["duree_s"])
        self.alarmes += [f"{c} : {code}" for c, code in _accuses(reponse).items()]
        # Un contrôle gris ne dit rien : sur cette borne, tous doivent parler.
        self.alarmes += [f"{r['controle']} : gris" for r in reponse["resultats"] if r["couleur"] == "gris"]

    def noter_pannes(self, pannes: Sequence[Panne], reponse: dict[str, Any]) -> None:
        """Un autotest d'une borne où ces pannes sont plantées."""
        accuses = _accuses(reponse)
        self.plantees += len(pannes)
        for panne in pannes:
            code = accuses.pop(panne.controle, None)
            self.trouvees += code is not None
            self.nommees += code == panne.code
            if code is None:
                self.manquees.append(panne.nom)
            elif code != panne.code:
                self.mal_nommees.append(f"{panne.nom} : {code} au lieu de {panne.code}")
        self.en_trop += [
            f"{controle} : {code} ({', '.join(p.nom for p in pannes)})" for controle, code in accuses.items()
        ]


def _accuses(reponse: dict[str, Any]) -> dict[str, str]:
    """Les contrôles rouges ou orange, et leur code."""
    return {r["controle"]: r["code"] for r in reponse["resultats"] if r["couleur"] in ("rouge", "orange")}


def campagnes(pannes: Sequence[Panne]) -> list[list[Panne]]:
    """Des pannes à planter ensemble : jamais deux du même domaine."""
    faites: list[tuple[set[str], list[Panne]]] = []
    for panne in pannes:
        domaines = set(panne.domaine.split())
        for pris, suite in faites:
            if not pris & domaines:
                pris |= domaines
                suite.append(panne)
                break
        else:
            faites.append((domaines, [panne]))
    return [suite for _, suite in faites]


def possibles(pannes: Sequence[Panne]) -> list[Panne]:
    """Celles que cette machine permet de planter."""
    monte = _peut_monter()
    return [panne for panne in pannes if monte or panne.exige != "montage"]


def _peut_monter() -> bool:
    with tempfile.TemporaryDirectory() as point:
        options = {"capture_output": True, "check": False}
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", point], **options).returncode:  # type: ignore[call-overload]
            return False
        subprocess.run(["umount", point], check=True)
        return True


async def eprouver(monde: MondeAutotest, pannes: Sequence[Panne]) -> dict[str, Any]:
    """Plante ces pannes ensemble, passe un autotest entier, répare."""
    async with AsyncExitStack() as reparations:
        banc: dict[str, Any] = {}
        for panne in pannes:
            banc |= await reparations.enter_async_context(panne.plante(monde)) or {}
        return await monde.passer(**banc)


async def _jouer(options: argparse.Namespace) -> Bilan:
    bilan, debut = Bilan(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="banc-autotest-") as dossier:
        async with MondeAutotest(Path(dossier) / "monde") as monde:
            if options.panne:
                await _une_a_une(monde, [p for p in possibles(PANNES) if options.panne in p.nom], bilan)
                return bilan
            for _ in range(1 if options.court else options.saines):
                bilan.noter_saine(await monde.passer())
            for suite in [] if options.sauf_pannes else campagnes(possibles(PANNES))[slice(*options.campagnes)]:
                if options.court and bilan.plantees and time.monotonic() - debut > COURT_S:
                    break
                bilan.noter_pannes(suite, await eprouver(monde, suite))
    return bilan


async def _une_a_une(monde: MondeAutotest, pannes: Sequence[Panne], bilan: Bilan) -> None:
    for panne in pannes:
        reponse = await eprouver(monde, [panne])
        bilan.noter_pannes([panne], reponse)
        for r in reponse["resultats"]:
            if r["couleur"] in ("rouge", "orange"):
                print(
                    f"{panne.nom} -> {r['controle']} {r['couleur']} {r['code']} {r.get('constat')} {r['valeurs']}",
                    file=sys.stderr,
                )


def _dire(figure: str, valeur: float, unite: str, but: object, tenu: bool) -> None:
    print(json.dumps({"figure": figure, "valeur": valeur, "unite": unite, "but": but, "ancre": None, "tenu": tenu}))


def publier(bilan: Bilan) -> bool:
    """Écrit les figures ; vrai si tous les buts sont tenus."""
    for titre, lignes in (
        ("manquées", bilan.manquees),
        ("mal nommées", bilan.mal_nommees),
        ("en trop", bilan.en_trop),
        ("fausses alarmes", bilan.alarmes),
    ):
        for ligne in lignes:
            print(f"{titre} : {ligne}", file=sys.stderr)
    if bilan.plantees:
        _dire("pannes_plantees", bilan.plantees, "pannes", BUT_PANNES, bilan.plantees >= BUT_PANNES)
        _dire("pannes_trouvees", bilan.trouvees, "pannes", bilan.plantees, bilan.trouvees == bilan.plantees)
        _dire("pannes_justement_nommees", bilan.nommees, "pannes", bilan.plantees, bilan.nommees == bilan.plantees)
        _dire("pannes_nommees_en_trop", len(bilan.en_trop), "pannes", 0, not bilan.en_trop)
    if bilan.saines:
        _dire("fausses_alarmes", len(bilan.alarmes), f"alarmes en {bilan.saines} autotests", 0, not bilan.alarmes)
        _dire("duree_autotest", round(max(bilan.durees), 2), "s", BUT_DUREE_S, max(bilan.durees) <= BUT_DUREE_S)
    return bilan.nommees == bilan.plantees and not bilan.en_trop and not bilan.alarmes


def principal() -> None:
    """La ligne de commande."""
    analyse = argparse.ArgumentParser()
    analyse.add_argument("--court", action="store_true")
    analyse.add_argument("--saines", type=int, default=SAINES)
    analyse.add_argument("--panne", default="")
    analyse.add_argument("--campagnes", type=int, nargs=2, default=(0, None), help="De celle-ci à celle-là exclue.")
    analyse.add_argument("--sauf-pannes", action="store_true")
    bilan = asyncio.run(_jouer(analyse.parse_args()))
    raise SystemExit(0 if publier(bilan) else 1)


if __name__ == "__main__":
    principal()
