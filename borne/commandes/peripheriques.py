"""Le groupe de commandes `borne peripheriques` : lister, appairer, oublier, voir, écouter, enregistrer, rejouer.

Pour le technicien, devant la borne : les valeurs mesurées vont au terminal ou au fichier qu'il nomme, jamais au
journal.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.live import Live

from borne.commandes.communes import option_config
from borne.commandes.tableaux import Seance, afficher_inventaire
from borne.configuration import Appareils, Configuration, ConfigurationInvalide, fichier_peripheriques, lire
from borne.peripheriques import ecoute_brute
from borne.peripheriques.agent_bluez import AgentBluez
from borne.peripheriques.appareils.contrat import Appareil, Sondage
from borne.peripheriques.ble import Agent, Delais, Radio, Signalement
from borne.peripheriques.enregistrement import EnregistrementInvalide, Enregistreur, lire_seance
from borne.peripheriques.erreurs import ErreurPeripherique
from borne.peripheriques.espion import Espion, personne
from borne.peripheriques.inventaire import Annonceur, Roles, inventaire
from borne.peripheriques.registre import Contexte, Fiche, Registre
from borne.peripheriques.serie import Serie
from borne.peripheriques.simulation.boucle import executer
from borne.peripheriques.simulation.rejeu import pilote_rejoue

R = TypeVar("R")
IMAGES_SECONDE: Final = 8
PATIENTS: Final = Delais(connexion_s=60.0)
"""Un code d'appairage se lit, puis se tape."""


@dataclass(frozen=True, slots=True)
class Atelier:
    """Ce sur quoi les commandes travaillent : la configuration, et de quoi faire une radio (la vraie, par défaut)."""

    configuration: Configuration = field(default_factory=Configuration)
    radio: Callable[[Espion, Agent | None], Radio] = lambda espion, agent: Radio(
        espion=espion, agent=agent, delais=Delais() if agent is None else PATIENTS
    )

    def registre(self, espion: Espion = personne, agent: Agent | None = None) -> tuple[Registre, Radio]:
        """Les appareils actifs, et la radio qu'ils partagent. `agent` : qui répond aux demandes d'appairage (None :
        l'ordinaire). Lève `ConfigurationInvalide` (des périphériques)."""
        radio = self.radio(espion, agent)
        serie = Serie(Path(self.configuration.appareils.serie), espion=espion)
        contexte = Contexte(radio, serie, espion=espion)
        return Registre.charger(fichier_peripheriques(self.configuration), contexte), radio


@click.group()
@option_config
@click.pass_context
def peripheriques(contexte: click.Context, chemin: Path) -> None:
    """Les appareils de la borne : ce qui est vu, ce qu'ils mesurent, ce qu'ils envoient."""
    if contexte.obj is None:
        try:
            contexte.obj = Atelier(lire(chemin))
        except ConfigurationInvalide as erreur:
            raise click.ClickException(str(erreur)) from erreur


def mener(tache: Coroutine[Any, Any, R], courir: Callable[[Coroutine[Any, Any, R]], R] = asyncio.run) -> R:
    """Mène la tâche à son terme ; une panne prévue devient une phrase et un statut 1, Ctrl-C une fin propre."""
    try:
        return courir(tache)
    except ErreurPeripherique as erreur:
        raise click.ClickException(f"{erreur.message} {erreur.conseil}") from erreur
    except KeyboardInterrupt:
        raise SystemExit(0) from None


def appareil_nomme(registre: Registre, identifiant: str) -> Appareil:
    """L'appareil actif de ce nom. Lève `click.ClickException`, en nommant ceux qui existent."""
    appareil = registre.tous().get(identifiant)
    if not isinstance(appareil, Appareil):
        connus = ", ".join(sorted(registre.tous())) or "aucun"
        raise click.ClickException(f"« {identifiant} » n'est pas un appareil actif (connus : {connus}).")
    return appareil


@peripheriques.command()
@click.option("--duree", "duree_s", type=click.FloatRange(0.1, 120), default=5.0, show_default=True, help="Secondes.")
@click.option("--json", "en_json", is_flag=True, help="Écrire du JSON.")
@click.pass_obj
def lister(atelier: Atelier, duree_s: float, en_json: bool) -> None:
    """Ce qui est configuré et ce qui est vu : Bluetooth, prises, caméras, sons, imprimante."""

    async def faire() -> None:
        registre, radio = atelier.registre()
        try:
            reglages = atelier.configuration.appareils
            trouve = await inventaire(
                registre,
                radio,
                duree_s=duree_s,
                imprimante=reglages.imprimante,
                roles=_roles(reglages),
                serie=Serie(Path(reglages.serie)),
            )
        finally:
            await radio.fermer()
        if en_json:
            click.echo(json.dumps(dataclasses.asdict(trouve), ensure_ascii=False, indent=2))
        else:
            afficher_inventaire(Console(), trouve)

    mener(faire())


def _roles(reglages: Appareils) -> Roles:
    """Les caméras et les sons que la configuration nomme."""

    def nommes(*cles: str) -> dict[str, str]:
        return {f"appareils.{cle}": getattr(reglages, cle) for cle in cles if getattr(reglages, cle)}

    return Roles(
        cameras=nommes("camera", "camera_examen", "camera_document"),
        micros=nommes("microphone", "stethoscope"),
        sorties=nommes("haut_parleur"),
    )


class AuTerminal:
    """Le code d'appairage, montré et demandé au terminal (`agent_bluez.Dialogue`)."""

    def montrer_code(self, code: str) -> None:
        """Le code à taper sur l'appareil, ou à y reconnaître."""
        click.echo(f"Code de l'appairage : {code}")

    async def demander_code(self) -> str | None:
        """Ce que la personne tape ; None si elle renonce (rien tapé)."""
        tape = await asyncio.to_thread(click.prompt, "Code que montre l'appareil", default="", show_default=False)
        return str(tape).strip() or None


@peripheriques.command()
@click.argument("identifiant")
@click.option("--delai", "delai_s", type=float, default=60.0, show_default=True, help="Secondes.")
@click.pass_obj
def appairer(atelier: Atelier, identifiant: str, delai_s: float) -> None:
    """Lier un appareil Bluetooth à cette borne ; mettez-le d'abord en mode appairage."""

    async def faire() -> Sondage:
        registre, radio = atelier.registre(agent=AgentBluez(AuTerminal()))
        try:
            return await _bluetooth(registre, identifiant)[0].sonder(delai_s=delai_s)
        finally:
            await radio.fermer()

    sondage = mener(faire())
    if not sondage.repond:
        raise click.ClickException(f"« {identifiant} » ne s'est pas appairé : {sondage.faute} ({sondage.detail}).")
    batterie = "" if sondage.batterie is None else f", batterie {sondage.batterie} %"
    click.echo(f"« {identifiant} » est lié à la borne : {sondage.modele or 'modèle inconnu'}{batterie}.")


@peripheriques.command()
@click.argument("identifiant")
@click.option("--delai", "delai_s", type=float, default=30.0, show_default=True, help="Secondes pour le retrouver.")
@click.pass_obj
def oublier(atelier: Atelier, identifiant: str, delai_s: float) -> None:
    """Défaire l'appairage d'un appareil Bluetooth ; allumez-le d'abord."""

    async def faire() -> None:
        registre, radio = atelier.registre()
        try:
            signalement = _bluetooth(registre, identifiant)[1]
            await radio.oublier(await radio.chercher(signalement, delai_s=delai_s))
        finally:
            await radio.fermer()

    mener(faire())
    click.echo(f"« {identifiant} » est oublié : il faudra l'appairer de nouveau.")


def _bluetooth(registre: Registre, identifiant: str) -> tuple[Appareil, Signalement]:
    """L'appareil et à quoi il se reconnaît. Lève `click.ClickException` s'il n'est pas Bluetooth."""
    appareil = appareil_nomme(registre, identifiant)
    if not isinstance(appareil, Annonceur):
        raise click.ClickException(f"« {identifiant} » n'est pas un appareil Bluetooth : il n'y a rien à appairer.")
    return appareil, appareil.signalement()


@peripheriques.command()
@click.argument("identifiant")
@click.option("--fois", type=click.IntRange(1), help="Nombre de mesures ; sans lui, jusqu'à Ctrl-C ou un échec.")
@click.option("--delai", "delai_s", type=float, default=120.0, show_default=True, help="Secondes par mesure.")
@click.pass_obj
def voir(atelier: Atelier, identifiant: str, fois: int | None, delai_s: float) -> None:
    """Les valeurs vivantes d'un appareil, en tableau, et ce qu'il rend."""

    async def faire() -> bool:
        registre, radio = atelier.registre()
        appareil = appareil_nomme(registre, identifiant)
        try:
            for _ in itertools.count() if fois is None else range(fois):
                # Un échec s'affiche et finit : recommencer sans fin cacherait sa raison.
                if not await montrer(appareil, identifiant, delai_s):
                    return False
            return True
        finally:
            await radio.fermer()

    raise SystemExit(0 if mener(faire()) else 1)


async def montrer(appareil: Appareil, titre: str, delai_s: float) -> bool:
    """Une mesure montrée au terminal à mesure qu'elle se fait ; faux si elle échoue, la raison montrée."""
    seance = Seance(titre)
    with Live(get_renderable=seance.rendre, refresh_per_second=IMAGES_SECONDE, console=Console()):
        try:
            lecture = await appareil.mesurer(
                sur_echantillon=seance.vivante, sur_etat=seance.etape, sur_faute=seance.faute, delai_s=delai_s
            )
        except ErreurPeripherique as erreur:
            seance.echec(erreur)
            return False
        seance.resultat(lecture, len(appareil.en_memoire))
        return True


@peripheriques.command()
@click.argument("identifiant")
@click.argument("fichier", type=click.Path(path_type=Path))
@click.option("--delai", "delai_s", type=float, default=120.0, show_default=True, help="Secondes.")
@click.pass_obj
def enregistrer(atelier: Atelier, identifiant: str, fichier: Path, delai_s: float) -> None:
    """Garder dans FICHIER tout ce qui passe pendant une mesure, pour la rejouer dans un essai.

    FICHIER contient la mesure : ne l'enregistrez que sur vous-même, ou avec l'accord de la personne.
    """

    fiche = _fiche(atelier, identifiant)

    async def faire(espion: Enregistreur) -> bool:
        registre, radio = atelier.registre(espion)
        try:
            return await montrer(appareil_nomme(registre, identifiant), identifiant, delai_s)
        finally:
            await radio.fermer()

    with _nouvelle_seance(fichier, fiche) as espion:
        reussie = mener(faire(espion))
    _conclure(espion, fichier)
    raise SystemExit(0 if reussie else 1)


@peripheriques.command()
@click.argument("adresse")
@click.argument("fichier", type=click.Path(path_type=Path))
@click.option("--duree", "duree_s", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Secondes.")
@click.option("--trames", type=click.IntRange(1), help="S'arrêter après ce nombre de trames reçues.")
@click.option("--appairer", is_flag=True, help="Relier avec appairage.")
@click.pass_obj
def ecouter(
    atelier: Atelier, adresse: str, fichier: Path, duree_s: float, trames: int | None, appairer: bool
) -> None:
    """Garder dans FICHIER ce qu'envoie un appareil Bluetooth inconnu, sans rien y écrire.

    ADRESSE est celle que `lister` montre. FICHIER dit ensuite ce que l'appareil offre et ce qu'il a envoyé.
    """

    def montrer_octets(canal: str, octets: bytes) -> None:
        click.echo(f"{canal}  {octets.hex(' ')}  {octets!r}")

    async def faire(espion: Enregistreur) -> tuple[str, ...]:
        radio = atelier.radio(espion, None)
        try:
            return await ecoute_brute.ecouter(
                radio, adresse, montrer_octets, duree_s=duree_s, trames=trames, appairer=appairer
            )
        finally:
            await radio.fermer()

    with _nouvelle_seance(fichier, Fiche("inconnu", libelle=adresse)) as espion:
        refus = mener(faire(espion))
    _conclure(espion, fichier)
    if refus:
        click.echo(f"Refusé sans appairage : {' '.join(refus)}")


def _conclure(espion: Enregistreur, fichier: Path) -> None:
    """Dit ce qui est gardé. Lève `click.ClickException` si le fichier n'est pas entier."""
    if espion.panne is not None:
        raise click.ClickException(f"{fichier} n'est pas entier ({espion.panne.strerror}).")
    click.echo(f"{espion.nombre} trames dans {fichier}")


def _nouvelle_seance(fichier: Path, fiche: Fiche) -> Enregistreur:
    """Un fichier de séance neuf. Lève `click.ClickException`."""
    try:
        return Enregistreur.ouvrir(fichier, fiche)
    except FileExistsError as erreur:
        raise click.ClickException(f"{fichier} existe déjà.") from erreur
    except OSError as erreur:
        raise click.ClickException(f"{fichier} ne peut pas être écrit ({erreur.strerror}).") from erreur


def _fiche(atelier: Atelier, identifiant: str) -> Fiche:
    """La fiche d'un appareil actif, avant de créer le moindre fichier. Lève `click.ClickException`."""
    try:
        registre, _ = atelier.registre()
    except ErreurPeripherique as erreur:
        raise click.ClickException(erreur.message) from erreur
    appareil_nomme(registre, identifiant)
    return registre.fiches[identifiant]


@peripheriques.command()
@click.argument("fichier", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--sans-attendre", is_flag=True, help="En temps simulé : le résultat aussitôt.")
def rejouer(fichier: Path, sans_attendre: bool) -> None:
    """Rejouer par le vrai pilote une séance enregistrée, sans appareil."""
    try:
        seance = lire_seance(fichier)
    except EnregistrementInvalide as erreur:
        raise click.ClickException(str(erreur)) from erreur

    async def faire() -> bool:
        return await montrer(pilote_rejoue(seance), seance.fiche.identifiant, 3600.0)

    raise SystemExit(0 if mener(faire(), executer if sans_attendre else asyncio.run) else 1)
