"""Ce que les groupes de la ligne de commande partagent."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

RACINE: Final = Path(__file__).resolve().parents[2]

option_config = click.option(
    "--config",
    "chemin",
    type=click.Path(path_type=Path),
    default=RACINE / "config" / "borne.toml",
    show_default=True,
    help="Fichier de configuration.",
)
"""`--config`, reçu sous le nom `chemin`."""
