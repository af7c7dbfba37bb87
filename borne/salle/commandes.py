"""Le groupe de commandes `borne salle` : servir, médecins, bornes, journal."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from borne.salle import administration, certificats
from borne.salle.administration import ErreurAdministration
from borne.salle.glace import DUREE_S, GlaceInvalide, Turn, lire_turn
from borne.salle.service import ErreurSalle, ServiceSalle, Tls, demarrer
from borne.salle.stockage import ErreurStockage, Stockage
from borne.salle.stockage_sqlite import ouvrir

R = TypeVar("R")
_CHEMIN = click.Path(path_type=Path)


def options_dossiers(commande: Callable[..., Any]) -> Callable[..., Any]:
    """Ajoute `--donnees` et `--cles`, ou les variables BORNE_SALLE_DONNEES et BORNE_SALLE_CLES."""
    donnees = click.option(
        "--donnees",
        type=_CHEMIN,
        envvar="BORNE_SALLE_DONNEES",
        default=Path.home() / ".local/share/borne-salle",
        show_default=True,
        help="Dossier de la base chiffrée.",
    )
    cles = click.option(
        "--cles",
        type=_CHEMIN,
        envvar="BORNE_SALLE_CLES",
        default=Path.home() / ".config/borne-salle/cles",
        show_default=True,
        help="Dossier de la clé, à part des données.",
    )
    return donnees(cles(commande))


def executer(tache: Awaitable[R]) -> R:
    """Mène la tâche à son terme ; les erreurs prévues deviennent un message clair et un statut 1."""

    async def mener() -> R:
        return await tache

    try:
        return asyncio.run(mener())
    except (ErreurAdministration, ErreurSalle, ErreurStockage) as erreur:
        raise click.ClickException(str(erreur)) from erreur


def administrer(donnees: Path, cles: Path, acte: Callable[[Stockage], Awaitable[R]]) -> R:
    """Ouvre le stockage pour un acte d'administration, la salle en marche ou non."""

    async def mener() -> R:
        stockage = await ouvrir(donnees, cles)
        try:
            return await acte(stockage)
        finally:
            await stockage.fermer()

    return executer(mener())


@click.group()
def salle() -> None:
    """Le côté du médecin : service, comptes et bornes."""


@salle.command()
@options_dossiers
@click.option("--hote", default="127.0.0.1", show_default=True, help="Adresse d'écoute ; hors boucle locale : TLS.")
@click.option("--port", default=8443, show_default=True, type=click.IntRange(0, 65535), help="0 : un port libre.")
@click.option("--tls-certificat", type=_CHEMIN, help="Certificat PEM, chaîne comprise.")
@click.option("--tls-cle", type=_CHEMIN, help="Clé privée PEM du certificat.")
@click.option("--turn", multiple=True, help="Adresse du serveur TURN, dans l'ordre des essais (répétable).")
@click.option("--turn-secret", type=_CHEMIN, help="Fichier du secret partagé avec le serveur TURN.")
@click.option("--turn-duree", default=DUREE_S, show_default=True, type=click.FloatRange(60), help="Secondes.")
def servir(
    donnees: Path,
    cles: Path,
    hote: str,
    port: int,
    tls_certificat: Path | None,
    tls_cle: Path | None,
    turn: tuple[str, ...],
    turn_secret: Path | None,
    turn_duree: float,
) -> None:
    """Sert la page du médecin et les bornes, jusqu'à SIGTERM ou Ctrl-C."""
    if (tls_certificat is None) != (tls_cle is None):
        raise click.UsageError("--tls-certificat et --tls-cle vont ensemble.")
    tls = Tls(tls_certificat, tls_cle) if tls_certificat is not None and tls_cle is not None else None
    relais = _turn(turn, turn_secret, turn_duree, donnees)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s : %(message)s")
    executer(_servir(demarrer(hote, port, donnees, cles, tls=tls, turn=relais)))


def _turn(urls: tuple[str, ...], secret: Path | None, duree_s: float, donnees: Path) -> Turn | None:
    if bool(urls) != (secret is not None):
        raise click.UsageError("--turn et --turn-secret vont ensemble.")
    try:
        return lire_turn(urls, secret, duree_s, donnees) if secret is not None else None
    except GlaceInvalide as erreur:
        raise click.ClickException(str(erreur)) from erreur


async def _servir(demarrage: Awaitable[ServiceSalle]) -> None:
    fin = asyncio.Event()
    for signal_de_fin in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_de_fin, fin.set)
    service = await demarrage
    click.echo(f"Salle à l'écoute : {service.url}")
    try:
        await fin.wait()
    finally:
        await service.arreter()


@salle.group()
def medecin() -> None:
    """Comptes des médecins."""


@medecin.command("ajouter")
@click.argument("nom")
@click.argument("identifiant")
@options_dossiers
def ajouter_medecin(nom: str, identifiant: str, donnees: Path, cles: Path) -> None:
    """Crée un compte et affiche son premier mot de passe, une seule fois."""
    mot_de_passe = administrer(
        donnees, cles, lambda stockage: administration.ajouter_medecin(stockage, nom, identifiant)
    )
    click.echo(f"Mot de passe (affiché une seule fois) : {mot_de_passe}")


@medecin.command("renouveler")
@click.argument("identifiant")
@options_dossiers
def renouveler_mot_de_passe(identifiant: str, donnees: Path, cles: Path) -> None:
    """Donne un nouveau mot de passe et ferme les sessions du médecin."""
    mot_de_passe = administrer(
        donnees, cles, lambda stockage: administration.renouveler_mot_de_passe(stockage, identifiant)
    )
    click.echo(f"Mot de passe (affiché une seule fois) : {mot_de_passe}")


@medecin.command("lister")
@options_dossiers
def lister_medecins(donnees: Path, cles: Path) -> None:
    """Liste les comptes."""
    for compte in administrer(donnees, cles, lambda stockage: stockage.medecins()):
        click.echo(f"{compte.identifiant}\t{compte.nom}\t{'actif' if compte.actif else 'désactivé'}")


@medecin.command("desactiver")
@click.argument("identifiant")
@options_dossiers
def desactiver_medecin(identifiant: str, donnees: Path, cles: Path) -> None:
    """Ferme un compte et ses sessions."""
    compte = administrer(donnees, cles, lambda stockage: administration.desactiver_medecin(stockage, identifiant))
    click.echo(f"Compte désactivé : {compte.nom}")


@salle.group("borne")
def borne_() -> None:
    """Bornes enrôlées."""


@borne_.command("inviter")
@click.argument("lieu")
@options_dossiers
def inviter_borne(lieu: str, donnees: Path, cles: Path) -> None:
    """Affiche un code d'enrôlement à usage unique, valable un jour."""
    code = administrer(donnees, cles, lambda stockage: administration.inviter_borne(stockage, lieu, time.time()))
    click.echo(f"Code d'enrôlement (un jour, une seule borne) : {code}")


@borne_.command("lister")
@options_dossiers
def lister_bornes(donnees: Path, cles: Path) -> None:
    """Liste les bornes, et ce que leur dernier autotest a dit."""
    connus = administrer(donnees, cles, lambda stockage: stockage.certificats())
    for borne in administrer(donnees, cles, lambda stockage: stockage.bornes()):
        etat = certificats.etat(connus.get(borne.id), time.time())
        click.echo(f"{borne.id}\t{borne.lieu}\t{'révoquée' if borne.revoquee else 'active'}\t{etat}")


@borne_.command("revoquer")
@click.argument("identite")
@options_dossiers
def revoquer_borne(identite: str, donnees: Path, cles: Path) -> None:
    """Révoque une borne ; sa liaison se coupe."""
    administrer(donnees, cles, lambda stockage: administration.revoquer_borne(stockage, identite))
    click.echo(f"Borne révoquée : {identite}")


@salle.command("journal")
@options_dossiers
def voir_journal(donnees: Path, cles: Path) -> None:
    """Affiche le journal d'audit et vérifie sa chaîne ; statut 1 s'il a été altéré."""
    for ligne in administrer(donnees, cles, lambda stockage: stockage.journal()):
        instant = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(ligne.instant))
        click.echo(f"{ligne.numero}\t{instant}\t{ligne.acteur}\t{ligne.action}\t{ligne.objet}")
    alteree = administrer(donnees, cles, lambda stockage: stockage.verifier_journal())
    if alteree is not None:
        raise click.ClickException(f"Le journal est altéré à partir de la ligne {alteree}.")
