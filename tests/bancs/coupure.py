"""Après une coupure, le même écran et rien de perdu : coupures de courant simulées, et kill -9 de la vraie borne.

    python -m tests.bancs.coupure [--court] [--page] [--seulement courant|kill]

Coupures de courant : la vraie régie joue deux visites sur de vraies archives, sous strace ; à des instants tirés au
sort, le disque est reconstruit sans ce qui n'était pas synchronisé, la borne rouverte, et ce qu'elle rend comparé à
ce qui avait été montré. Le contrôle refait la même chose avec `synchronous=NORMAL` : il doit perdre.

Kill -9 : la vraie borne (fenêtre sans écran, appareils virtuels dans leurs processus, vraie salle), un patient qui
lit l'écran et un médecin qui parle à la salle par son protocole (`--page` : par la vraie page, dans Chromium) ; elle
est tuée à chaque étape, en pleine frappe, en plein gonflage, pendant l'impression et la purge, puis relancée.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from borne.demonstration.monde import IDENTIFIANT, Monde
from tests.bancs._arrets_brutaux import COURTE, LONGUE, BancCasse, tuer
from tests.bancs._coupures_courant import Bilan, couper, enregistrer_visite
from tests.bancs._medecin_page import MedecinPage
from tests.bancs._medecin_protocole import MedecinProtocole

GRAINE = 20261122


def dire(figure: str, valeur: float, unite: str, but: float | None, tenu: bool, ancre: float | None = None) -> bool:
    """Une ligne JSON ; rend `tenu`."""
    contenu: dict[str, Any] = {"figure": figure, "valeur": valeur, "unite": unite, "but": but, "ancre": ancre}
    print(json.dumps({**contenu, "tenu": tenu}, ensure_ascii=False), flush=True)
    return tenu


def coupures_de_courant(coupures: int) -> bool:
    """Coupe `coupures` fois avec FULL, autant avec NORMAL pour contrôle ; vrai si tout est tenu."""
    sur, sans = (couper(enregistrer_visite(synchrone), coupures, GRAINE) for synchrone in ("FULL", "NORMAL"))
    _expliquer(sur)
    identiques, perdus, perdus_sans = sum(b.identique for b in sur), sum(b.perdus for b in sur), _pertes(sans)
    restes = sum(bilan.restes for bilan in sur)
    unite = f"sur {len(sur)} coupures de courant simulées"
    return all(
        [
            dire("courant_ecrans_rendus_identiques", identiques, unite, len(sur), identiques == len(sur)),
            dire("courant_evenements_montres_perdus", perdus, unite, 0, perdus == 0 and perdus_sans > 0, perdus_sans),
            dire("courant_restes_en_clair_ou_apres_purge", restes, unite, 0, restes == 0),
        ]
    )


def arrets_brutaux(court: bool, page: bool, dossier: Path) -> bool:
    """Tue la borne pendant la visite automatique, écrite sous `dossier` ; vrai si tout est tenu."""
    coups, consultation_s, mesure_s = (COURTE, 0.5, 3.0) if court else (LONGUE, 15.0, 8.0)

    def medecin(monde: Monde) -> MedecinPage | MedecinProtocole:
        if page:
            return MedecinPage(monde, dossier, consultation_s)
        return MedecinProtocole(monde.url_salle, IDENTIFIANT, monde.mot_de_passe, consultation_s)

    bilan = asyncio.run(tuer(coups, GRAINE, medecin, dossier, mesure_s))
    unite = f"sur {len(coups)} kill -9 en {bilan.visites} visites"
    for reste in bilan.restes:
        print(f"reste {reste.forme} {reste.motif} : {reste.fichier.name}", file=sys.stderr)
    return all(
        [
            dire("kill_coups_joues", bilan.coups, "kill -9", len(coups), bilan.coups == len(coups)),
            dire(
                "kill_ecrans_rendus_identiques", bilan.identiques, unite, bilan.coups, bilan.identiques == bilan.coups
            ),
            dire("kill_evenements_montres_perdus", bilan.perdus, unite, 0, bilan.perdus == 0),
            dire("kill_impressions_en_double", bilan.doublons, unite, 0, bilan.doublons == 0),
            dire("kill_impressions_manquantes", bilan.manquants, unite, 0, bilan.manquants == 0),
            dire("kill_restes_apres_purge", len(bilan.restes), unite, 0, not bilan.restes),
            dire("kill_reprise_mediane", bilan.mediane_ms, "ms, de la relance au premier écran", None, True),
        ]
    )


def _pertes(bilans: Sequence[Bilan]) -> int:
    return sum(bilan.perdus for bilan in bilans)


def _expliquer(bilans: Sequence[Bilan]) -> None:
    """Ce qui a manqué, pour qui répare, hors des figures."""
    for bilan in bilans:
        if bilan.defaut or bilan.perdus or bilan.restes:
            print(f"perdus {bilan.perdus}, restes {bilan.restes} ; {bilan.defaut}", file=sys.stderr)


def principal(arguments: Sequence[str] | None = None) -> int:
    """Une ligne JSON par figure ; 1 si un résultat est faux."""
    analyseur = argparse.ArgumentParser()
    analyseur.add_argument("--court", action="store_true")
    analyseur.add_argument("--seulement", choices=("courant", "kill"))
    analyseur.add_argument("--page", action="store_true", help="le médecin est la vraie page, dans Chromium")
    analyseur.add_argument("--dossier", type=Path, help="garder ici journaux, témoin et papiers des kill -9")
    options = analyseur.parse_args(arguments)
    if options.seulement == "courant":
        return 0 if coupures_de_courant(60 if options.court else 1000) else 1
    # Les kill -9 attendent surtout : les coupures de courant se calculent pendant ce temps.
    autre = None if options.seulement else _a_cote(["--court"] if options.court else [])
    tenu = False
    try:
        with tempfile.TemporaryDirectory(prefix="borne-coupures-") as temporaire:
            tenu = arrets_brutaux(options.court, options.page, options.dossier or Path(temporaire))
    except BancCasse as erreur:
        dire("kill_coups_joues", 0, f"visite arrêtée : {erreur}", None, False)
    return 0 if (autre is None or autre.wait() == 0) and tenu else 1


def _a_cote(options: list[str]) -> subprocess.Popen[bytes]:
    """Les coupures de courant dans leur propre processus ; leurs lignes vont sur la même sortie."""
    return subprocess.Popen([sys.executable, "-m", "tests.bancs.coupure", "--seulement", "courant", *options])


if __name__ == "__main__":
    raise SystemExit(principal())
