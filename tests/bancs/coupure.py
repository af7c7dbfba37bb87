"""Après une coupure, le même écran et rien de perdu : coupures de courant simulées, et kill -9 de la vraie borne.

    python -m tests.bancs.coupure [--court]

Coupures de courant : la vraie régie joue deux visites sur de vraies archives, sous strace ; à des instants tirés au
sort, le disque est reconstruit sans ce qui n'était pas synchronisé, la borne rouverte, et ce qu'elle rend comparé à
ce qui avait été montré. Le contrôle refait la même chose avec `synchronous=NORMAL` : il doit perdre.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from tests.bancs._coupures_courant import Bilan, couper, enregistrer_visite

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
    options = analyseur.parse_args(arguments)
    return 0 if coupures_de_courant(60 if options.court else 1000) else 1


if __name__ == "__main__":
    raise SystemExit(principal())
