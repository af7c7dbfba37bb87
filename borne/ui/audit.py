"""L'audit d'accessibilité : il mesure les écrans tels qu'ils sont peints, et les textes tels qu'ils sont écrits."""

from __future__ import annotations


def audit() -> dict[str, object]:
    """À remplir."""
    return {}
