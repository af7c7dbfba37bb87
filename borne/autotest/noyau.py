"""Lire ce que le noyau montre (/proc, /sys) : un fichier absent ou refusé se lit comme vide."""

from __future__ import annotations

import contextlib
from pathlib import Path


def lire(chemin: Path) -> str:
    """Le contenu, sans blancs autour ; vide si le fichier n'est pas là ou ne se lit pas."""
    with contextlib.suppress(OSError):
        return chemin.read_text(encoding="utf-8", errors="replace").strip()
    return ""


def nombre(chemin: Path) -> float | None:
    """Le nombre que contient ce fichier, None s'il n'y en a pas."""
    try:
        return float(lire(chemin))
    except ValueError:
        return None
