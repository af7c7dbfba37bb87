"""Ce que toutes les parties du banc partagent : une ligne JSON par figure, et l'aire sous la courbe ROC."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata


def figure(nom: str, valeur: float, unite: str, but: str, tenu: bool, ancre: float | None = None) -> bool:
    """Imprime la figure ; rend `tenu`. Une valeur infinie (rien de montré) s'écrit null : JSON n'en a pas."""
    ligne = {
        "figure": nom,
        "valeur": round(valeur, 4) if np.isfinite(valeur) else None,
        "unite": unite,
        "but": but,
        "ancre": round(ancre, 4) if ancre is not None and np.isfinite(ancre) else None,
        "tenu": bool(tenu),
    }
    print(json.dumps(ligne, ensure_ascii=False), flush=True)
    return bool(tenu)


def aire(bons: Sequence[float], mauvais: Sequence[float]) -> float:
    """Probabilité qu'un bon ait une plus grande valeur qu'un mauvais (aire sous la courbe ROC)."""
    rangs = rankdata(np.concatenate([bons, mauvais]))[: len(bons)]
    return float((rangs.sum() - len(bons) * (len(bons) + 1) / 2) / (len(bons) * len(mauvais)))
