"""Les douze foyers d'auscultation, par dessin du corps. Sans Qt."""

from __future__ import annotations

from typing import Final

_CHAMPS: Final = tuple(f"{hauteur}-{cote}" for hauteur in ("haut", "bas") for cote in ("droit", "gauche"))
DESSINS: Final = {
    "foyers": ("aortique", "pulmonaire", "tricuspide", "mitral"),
    "poumons-face": tuple(f"poumon-avant-{champ}" for champ in _CHAMPS),
    "poumons-dos": tuple(f"poumon-dos-{champ}" for champ in _CHAMPS),
}
"""Dessin -> foyers qu'il montre ; droite et gauche du patient."""
FOYERS: Final = tuple(foyer for foyers in DESSINS.values() for foyer in foyers)


def dessin_du_foyer(foyer: str) -> tuple[str, dict[str, bool]]:
    """Le dessin qui montre ce foyer, et ses points (nom dans le dessin -> est-ce celui-là ?)."""
    nom = next((nom for nom, foyers in DESSINS.items() if foyer in foyers), "foyers")
    return nom, {f.removeprefix("poumon-").replace("-", "_"): f == foyer for f in DESSINS[nom]}
