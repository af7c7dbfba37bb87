"""La ligne de commande : `borne demarrer`, `autotest`, `peripheriques`, `enroler`, `galerie`, `salle`..."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from pathlib import Path
from types import TracebackType
from typing import Literal

import click
import msgspec

from borne.commandes.communes import option_config as _CONFIG
from borne.commandes.peripheriques import peripheriques
from borne.configuration import ConfigurationInvalide, aide, lire
from borne.salle.commandes import salle

FORMAT = "%(asctime)s %(levelname)s %(name)s : %(message)s"

Faute = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class SansValeurs(logging.Formatter):
    """Écrit d'une exception son type et sa pile ; son message pourrait citer une saisie (DONNEES-JOURNAL)."""

    def formatException(self, ei: Faute) -> str:
        """La pile, puis le type."""
        genre, _, pile = ei
        return "".join(traceback.format_tb(pile)) + (genre.__name__ if genre is not None else "")


def journaliser(niveau: int) -> None:
    """Journal sur la sortie d'erreurs, que systemd garde ; `niveau` : celui des modules de la borne."""
    sortie = logging.StreamHandler()
    sortie.setFormatter(SansValeurs(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[sortie])
    logging.getLogger("borne").setLevel(niveau)


@click.group()
@click.option("--bavard", is_flag=True, help="Journaliser davantage.")
def principal(bavard: bool) -> None:
    """Borne de téléconsultation."""
    journaliser(logging.INFO if bavard else logging.WARNING)


principal.add_command(peripheriques)
principal.add_command(salle)


@principal.command()
@_CONFIG
def demarrer(chemin: Path) -> None:
    """Démarrer la borne, en disant d'abord ce qui manque à cette machine."""
    try:
        configuration = lire(chemin)
    except ConfigurationInvalide as erreur:
        raise click.ClickException(str(erreur)) from erreur
    from borne.assemblage.application import Application, DemarrageImpossible  # Qt seulement pour qui en a besoin.
    from borne.assemblage.manques import manques

    for phrase in manques(configuration):
        click.echo(f"Il manque : {phrase}", err=True)
    try:
        statut = Application(configuration).lancer()
    except DemarrageImpossible as erreur:
        raise click.ClickException(str(erreur)) from erreur
    raise SystemExit(statut)


@principal.command()
@_CONFIG
@click.argument("code")
def enroler(chemin: Path, code: str) -> None:
    """Enrôler cette borne auprès de la salle, avec le code à usage unique donné par `borne salle borne inviter`."""
    from borne.visio.identite import EnrolementImpossible
    from borne.visio.identite import enroler as faire

    try:
        configuration = lire(chemin)
        identite = asyncio.run(faire(configuration.salle.url, code, Path(configuration.chemins.cles)))
    except (ConfigurationInvalide, EnrolementImpossible) as erreur:
        raise click.ClickException(str(erreur)) from erreur
    click.echo(f"Borne enrôlée : {identite.borne}")


@principal.command()
@click.argument("dossier", type=click.Path(path_type=Path), required=False)
@click.option("--audit", "auditer", is_flag=True, help="Écrire l'audit d'accessibilité en JSON.")
@_CONFIG
def galerie(dossier: Path | None, auditer: bool, chemin: Path) -> None:
    """Dessiner chaque écran en PNG (1920x1080 et 1080x1920), ou auditer leur accessibilité."""
    from borne.assemblage import dossier_textes
    from borne.ui.audit import audit
    from borne.ui.galerie import rendre
    from borne.ui.textes import Textes

    textes = Textes(dossier_textes(lire(chemin)), "fr")
    if auditer:
        rapport = audit(textes=textes)
        click.echo(json.dumps(rapport, ensure_ascii=False, indent=2))
        raise SystemExit(0 if rapport["conforme"] else 1)
    if dossier is None:
        raise click.UsageError("Donnez un DOSSIER, ou --audit.")
    click.echo(f"{len(rendre(dossier, textes=textes))} images dans {dossier}")


@principal.command()
@_CONFIG
@click.option("--profil", type=click.Choice(["mairie", "officine"]), help="Un autre profil que celui des réglages.")
@click.option("--json", "en_json", is_flag=True, help="Écrire le rapport en JSON sur la sortie.")
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Écrire le rapport d'une page ici.")
@click.option("--historique", is_flag=True, help="Lister les autotests gardés et leurs tendances, sans contrôler.")
@click.option("--schema", is_flag=True, help="Écrire le schéma JSON du rapport, sans contrôler.")
def autotest(
    chemin: Path,
    profil: Literal["mairie", "officine"] | None,
    en_json: bool,
    pdf: Path | None,
    historique: bool,
    schema: bool,
) -> None:
    """Contrôler la borne. Statut : 0 prête, 1 prête avec réserves, 2 pas prête, 3 autotest impossible."""
    from borne.assemblage.terminal import AutotestImpossible, mener, raconter
    from borne.autotest.rapport import schema as schema_du_rapport

    if schema:
        click.echo(json.dumps(schema_du_rapport(), ensure_ascii=False, indent=2))
        return
    try:
        lue = lire(chemin)
    except ConfigurationInvalide as erreur:
        raise AutotestImpossible(str(erreur)) from erreur
    if profil is not None:
        lue = msgspec.structs.replace(lue, autotest=msgspec.structs.replace(lue.autotest, profil=profil))
    if historique:
        raconter(lue)
        return
    raise SystemExit(mener(lue, pdf, en_json))


@principal.group()
def technicien() -> None:
    """Le mode du technicien, sur l'écran de la borne."""


@technicien.command("pin")
@_CONFIG
@click.option("--tirer", is_flag=True, help="Tirer un PIN au hasard et l'afficher, une seule fois.")
def poser_pin(chemin: Path, tirer: bool) -> None:
    """Poser le PIN du technicien (six à huit chiffres) ; l'ancien ne vaut plus."""
    from borne.autotest import acces

    try:
        cles = Path(lire(chemin).chemins.cles)
        pin = acces.tirer() if tirer else click.prompt("PIN", hide_input=True, confirmation_prompt="Le même PIN")
        acces.Acces(cles).poser(pin)
    except (ConfigurationInvalide, acces.PinInvalide, acces.AccesImpossible) as erreur:
        raise click.ClickException(str(erreur)) from erreur
    click.echo(f"PIN posé (affiché une seule fois) : {pin}" if tirer else "PIN posé.")


@principal.command()
@_CONFIG
def configuration(chemin: Path) -> None:
    """Vérifier la configuration et expliquer chaque réglage."""
    for nom, valeur, phrase in aide():
        click.echo(f"{nom} = {valeur}\n    {phrase}")
    try:
        lire(chemin)
    except ConfigurationInvalide as erreur:
        raise click.ClickException(str(erreur)) from erreur
    click.echo(f"\n{chemin} : rien à corriger.")


@principal.command()
def protocole() -> None:
    """Écrire la page du protocole pour les tiers (PROTOCOLE.md)."""
    from borne.salle.description import page

    click.echo(page(), nl=False)
