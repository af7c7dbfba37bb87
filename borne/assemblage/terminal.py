"""L'autotest au terminal : la progression, le rapport, le statut de sortie."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from borne.assemblage.autotest import Bilan, preparer
from borne.assemblage.resume import POLICES
from borne.autotest import papier
from borne.autotest.contrat import Couleur
from borne.autotest.execution import Avancee
from borne.autotest.historique import Historique
from borne.autotest.profils import Aptitude
from borne.autotest.rapport import MOTS, Ligne, encoder, mot
from borne.configuration import Configuration
from borne.dossier.archives import reserver
from borne.dossier.erreurs import ArchivesOccupees, ErreurDossier
from borne.peripheriques.ble import Radio
from borne.peripheriques.erreurs import ErreurPeripherique

STATUTS: Final = {Aptitude.PRETE: 0, Aptitude.RESERVES: 1, Aptitude.PAS_PRETE: 2}
STATUT_IMPOSSIBLE: Final = 3
"""L'autotest n'a pas eu lieu : ni prête, ni pas prête."""

_SIGNES: Final = {Couleur.VERT: "✓", Couleur.ORANGE: "▲", Couleur.ROUGE: "✗", Couleur.GRIS: "–"}
_TEINTES: Final = {Couleur.VERT: "green", Couleur.ORANGE: "yellow", Couleur.ROUGE: "red", Couleur.GRIS: None}


class AutotestImpossible(click.ClickException):
    """Phrase française ; statut 3."""

    exit_code = STATUT_IMPOSSIBLE


def mener(configuration: Configuration, pdf: Path | None, en_json: bool, radio: Radio | None = None) -> int:
    """Mène l'autotest d'une borne arrêtée et rend le statut : 0 prête, 1 avec réserves, 2 pas prête.

    La progression va sur la sortie d'erreurs ; le rapport JSON, s'il est demandé, sur la sortie. Lève
    `AutotestImpossible` : borne en marche, appareils mal décrits, disque.
    """
    try:
        with reserver(Path(configuration.chemins.donnees)):
            bilan = asyncio.run(preparer(configuration, radio or Radio()).mener(_montrer))
    except ArchivesOccupees as erreur:
        raise AutotestImpossible(
            "La borne est en marche et tient ses appareils. Servez-vous du mode technicien, ou arrêtez-la d'abord."
        ) from erreur
    except (ErreurPeripherique, ErreurDossier) as erreur:
        raise AutotestImpossible(str(erreur)) from erreur
    except OSError as erreur:
        raise AutotestImpossible(f"{erreur.filename or 'Le disque'} : {erreur.strerror or erreur}.") from erreur
    if pdf is not None:
        _ecrire_pdf(bilan, pdf)
    if en_json:
        click.echo(encoder(bilan.rapport).decode())
    _conclure(bilan)
    return STATUTS[Aptitude(bilan.rapport.aptitude)]


def raconter(configuration: Configuration, nombre: int = 30) -> None:
    """Les derniers autotests, un par ligne, puis ce que le plus récent annonce."""
    rapports = Historique(Path(configuration.chemins.donnees)).rapports(nombre)
    if not rapports:
        click.echo("Aucun autotest n'est gardé sur cette borne.")
        return
    for rapport in rapports:
        quand = f"{datetime.fromtimestamp(rapport.fin).astimezone():%d/%m/%Y %H:%M}"
        noms = ", ".join((*rapport.bloquants, *rapport.reserves))
        click.echo(f"{quand}\t{MOTS[Aptitude(rapport.aptitude)]}\t{noms}")
    for tendance in rapports[-1].tendances:
        click.echo(_tendance(tendance))


def _montrer(avancee: Avancee) -> None:
    """Une ligne par contrôle fini : signe, mot, nom, constat ; le remède dessous."""
    resultat = avancee.resultat
    if resultat is None:
        if avancee.consigne:
            _dire(f"{'':>8}{avancee.libelle} : {avancee.consigne}")
        return
    dit = f"{_SIGNES[resultat.couleur]} {mot(resultat.couleur, resultat.code)}"
    rang = f"[{avancee.finis:>2}/{avancee.total}]"
    _dire(f"{rang} {click.style(f'{dit:<14}', fg=_TEINTES[resultat.couleur])} {avancee.libelle} : {resultat.constat}")
    if resultat.remede:
        _dire(f"{'':>8}-> {resultat.remede}")


def _conclure(bilan: Bilan) -> None:
    for tendance in bilan.rapport.tendances:
        _dire(_tendance(tendance))
    aptitude = Aptitude(bilan.rapport.aptitude)
    manques = ", ".join(bilan.rapport.bloquants)
    _dire(click.style(MOTS[aptitude], bold=True) + (f" : {manques}" if manques else ""))
    if bilan.certificat is None:
        _dire("Borne pas enrôlée : aucun certificat.")
    if bilan.ennui:
        _dire(bilan.ennui)


def _tendance(ligne: Ligne) -> str:
    teinte = click.style(f"{'▲ ' + mot(ligne.couleur, ligne.code):<14}", fg="yellow")
    return f"{'':>7} {teinte} {ligne.constat}\n{'':>8}-> {ligne.remede}"


def _ecrire_pdf(bilan: Bilan, chemin: Path) -> None:
    try:
        chemin.write_bytes(papier.composer(bilan.rapport, POLICES))
    except OSError as erreur:
        raise AutotestImpossible(f"{chemin} : le rapport ne peut pas y être écrit ({erreur.strerror}).") from erreur


def _dire(texte: str) -> None:
    click.echo(texte, err=True)
