"""`python -m borne.demonstration` : la salle, la borne et le monde virtuel, avec ou sans robots."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import webbrowser
from pathlib import Path

import click

from borne.demonstration.monde import IDENTIFIANT, Monde
from borne.demonstration.visite import jouer


@click.command()
@click.option("--automatique", is_flag=True, help="Des robots jouent toute la visite ; tout est écrit.")
@click.option(
    "--dossier",
    type=click.Path(path_type=Path),
    default=Path("demonstration-resultats"),
    show_default=True,
    help="Où écrire rapport, images et documents.",
)
@click.option("--sans-purge", is_flag=True, help="Contrôle : sans purge, la recherche de restes doit trouver.")
def principal(automatique: bool, dossier: Path, sans_purge: bool) -> None:
    """La démonstration complète."""
    logging.basicConfig(level=logging.WARNING)
    if not automatique:
        asyncio.run(_interactive())
        return
    _preparer(dossier)
    rapport = asyncio.run(jouer(dossier, purge=not sans_purge))
    click.echo(f"\nRapport : {dossier / 'rapport.json'}")
    raise SystemExit(0 if rapport.reussi else 1)


def _preparer(dossier: Path) -> None:
    """Un dossier neuf ; on n'efface que les résultats d'une démonstration, jamais autre chose."""
    if dossier.exists() and any(dossier.iterdir()):
        if not (dossier / "rapport.json").is_file():
            raise click.UsageError(f"{dossier} n'est pas vide et n'est pas un dossier de résultats.")
        shutil.rmtree(dossier)
    dossier.mkdir(parents=True, exist_ok=True)


async def _interactive() -> None:
    """Borne à l'écran et page du médecin dans le navigateur, jusqu'à ce que la borne se ferme."""
    with tempfile.TemporaryDirectory(prefix="borne-demo-") as temporaire:
        async with Monde(Path(temporaire)) as monde:
            click.echo(f"Page du médecin : {monde.url_salle}")
            click.echo(f"Identifiant : {IDENTIFIANT}   Mot de passe : {monde.mot_de_passe}")
            await asyncio.to_thread(webbrowser.open, monde.url_salle)
            borne = await monde.demarrer_borne()
            await borne.wait()


if __name__ == "__main__":
    principal()
