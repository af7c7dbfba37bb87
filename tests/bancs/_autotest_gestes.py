"""Les gestes qui plantent une panne dans la borne virtuelle de l'autotest, et ceux qui la réparent.

Rien ici ne remplace une de nos classes : radio, fil, fichier, son, réseau.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne.autotest.page_essai import composer, jeton
from borne.peripheriques.impression import EtatTravail, Imprimante
from borne.visio.identite import NOM_FICHIER, IdentiteBorne, enregistrer
from tests.bancs._autotest_frontal import Autorite, Passage
from tests.bancs._autotest_monde import MondeAutotest
from tests.bancs.relais import Regime
from tests.visio.turn import SECRET

PAS_S: Final = 0.05
PATIENCE: Final = 200
"""Regards, à `PAS_S` secondes l'un de l'autre, avant de renoncer à voir un geste fait."""

Plantee = Callable[[MondeAutotest], AbstractAsyncContextManager[dict[str, Any] | None]]


def entre(avant: Callable[[MondeAutotest], Any], apres: Callable[[MondeAutotest], Any]) -> Plantee:
    """Deux gestes, avant et après ; ce que rend le premier, s'il rend un dictionnaire, change le banc."""

    @asynccontextmanager
    async def plante(monde: MondeAutotest) -> AsyncIterator[dict[str, Any] | None]:
        rendu = avant(monde)
        rendu = await rendu if isinstance(rendu, Awaitable) else rendu
        try:
            yield rendu if isinstance(rendu, dict) else None
        finally:
            suite = apres(monde)
            if isinstance(suite, Awaitable):
                await suite

    return plante


# --- caméras ---


def defaut(champ: str, defaut: str) -> Plantee:
    return entre(lambda m: m.cameras[champ].abimer(defaut), lambda m: m.cameras[champ].abimer())


def taille(champ: str, **taille: int) -> Plantee:
    return entre(lambda m: m.poser_camera(champ, **taille), lambda m: m.poser_camera(champ))


def debranchee(champ: str) -> Plantee:
    async def debrancher(monde: MondeAutotest) -> None:
        monde.cameras[champ].debrancher()
        await jusqua(lambda: not monde.cameras[champ].fifo.exists())

    async def rebrancher(monde: MondeAutotest) -> None:
        monde.cameras[champ].rebrancher()
        await jusqua(monde.cameras[champ].fifo.exists)

    return entre(debrancher, rebrancher)


def endormie(champ: str) -> Plantee:
    """Son processus ne tourne plus : elle est là, et n'envoie rien."""
    return entre(
        lambda m: os.kill(m.cameras[champ].pid, signal.SIGSTOP),
        lambda m: os.kill(m.cameras[champ].pid, signal.SIGCONT),
    )


# --- son ---


def piece(**defauts: dict[str, Any]) -> Plantee:
    return entre(lambda m: m.piece.regler(**defauts), lambda m: m.piece.regler())


def son_retire(nom: str) -> Plantee:
    def remettre(monde: MondeAutotest) -> None:
        monde.son.rebrancher(nom)

    return entre(lambda m: m.son.debrancher(nom), remettre)


def coupe(genre: str, nom: str) -> Plantee:
    """La sourdine du serveur de son, comme par la molette d'un clavier."""
    return entre(lambda m: pactl(m, f"set-{genre}-mute", nom, "1"), lambda m: pactl(m, f"set-{genre}-mute", nom, "0"))


def volume(genre: str, nom: str, part: str) -> Plantee:
    return entre(
        lambda m: pactl(m, f"set-{genre}-volume", nom, part), lambda m: pactl(m, f"set-{genre}-volume", nom, "100%")
    )


def traitement(nom: str) -> Plantee:
    """La borne écoute, au lieu de la source, ce qu'en fait un traitement du serveur de son."""
    traitee = f"{nom}_traite"

    def avant(monde: MondeAutotest) -> dict[str, str]:
        # Sans gain automatique : il baisserait le volume de la source elle-même, et ce serait une autre panne.
        reglages = 'aec_args="analog_gain_control=0 digital_gain_control=0"'
        source = (f"source_master={nom}", f"source_name={traitee}", "aec_method=webrtc", reglages)
        pactl(monde, "load-module", "module-echo-cancel", *source)
        return {nom: traitee}

    return entre(avant, lambda m: pactl(m, "unload-module", "module-echo-cancel"))


def pactl(monde: MondeAutotest, *arguments: str) -> None:
    environnement = os.environ | {"PULSE_SERVER": monde.son.serveur}
    subprocess.run(["pactl", *arguments], env=environnement, check=True, capture_output=True)


def serveur_mort() -> Plantee:
    async def relancer(monde: MondeAutotest) -> None:
        await asyncio.to_thread(monde.piece.arreter)
        await asyncio.to_thread(monde.son.lancer_pulse)
        await asyncio.to_thread(monde.piece.demarrer)

    return entre(lambda m: asyncio.to_thread(m.son.tuer_pulse), relancer)


# --- imprimante ---


def imprimante_eteinte() -> Plantee:
    return entre(
        lambda m: asyncio.to_thread(m.imprimante.debrancher), lambda m: asyncio.to_thread(m.imprimante.rebrancher)
    )


def bac_vide() -> Plantee:
    return entre(
        lambda m: asyncio.to_thread(m.imprimante.retirer_papier),
        lambda m: asyncio.to_thread(m.imprimante.remettre_papier),
    )


def raison(raison: str) -> Plantee:
    """L'imprimante accuse cet état (printer-state-reasons) depuis le travail d'avant."""

    async def avant(monde: MondeAutotest) -> None:
        monde.imprimante.accuser(raison)
        imprimante = Imprimante(monde.imprimante.uri)
        travail = await imprimante.imprimer(composer(jeton(), 0.0), "le travail d'avant")
        for _ in range(PATIENCE):
            if await imprimante.etat_travail(travail) in (EtatTravail.FINI, EtatTravail.SANS_PAPIER):
                return
            await asyncio.sleep(PAS_S)
        raise TimeoutError("l'imprimante virtuelle n'a pas fini")

    async def apres(monde: MondeAutotest) -> None:
        await asyncio.to_thread(monde.imprimante.debrancher)
        await asyncio.to_thread(monde.imprimante.rebrancher)

    return entre(avant, apres)


# --- radio ---


def brassard(ordre: dict[str, Any], retour: dict[str, Any]) -> Plantee:
    return entre(lambda m: m.brassard(**ordre), lambda m: m.brassard(**retour))


def appaire_ailleurs() -> Plantee:
    """Un autre lieu l'a appairé ; il ne veut plus de nous tant qu'on ne le remet pas en mode appairage."""

    async def avant(monde: MondeAutotest) -> None:
        await monde.brassard(ordre="appairer_ailleurs")

    async def apres(monde: MondeAutotest) -> None:
        await monde.brassard(ordre="oublier_cles")
        await monde.brassard(ordre="mode_appairage", valeur=True)

    return entre(avant, apres)


def a_fil(appareil: str, ordre: dict[str, Any], retour: dict[str, Any]) -> Plantee:
    """Un appareil à fil, autrement, puis comme avant."""
    return entre(lambda m: m.a_fil(appareil, **ordre), lambda m: m.a_fil(appareil, **retour))


def conduite(valeur: str) -> dict[str, Any]:
    """L'ordre de conduite d'un oxymètre."""
    return {"ordre": "conduite", "valeur": valeur}


def lignes(nombre: int) -> dict[str, Any]:
    """L'ordre qui met tant de lignes au rouleau."""
    return {"ordre": "papier", "lignes": nombre}


def capot(ouvert: bool) -> dict[str, Any]:
    """L'ordre qui ouvre ou ferme le capot."""
    return {"ordre": "capot", "ouvert": ouvert}


# --- fichiers ---


def fichier(chemin: str, contenu: str) -> Plantee:
    """Un fichier du système dit autre chose."""
    garde: dict[Path, str | None] = {}

    def avant(monde: MondeAutotest) -> None:
        fichier = monde.racine / chemin
        garde[fichier] = fichier.read_text() if fichier.exists() else None
        fichier.parent.mkdir(parents=True, exist_ok=True)
        fichier.write_text(contenu)

    def apres(monde: MondeAutotest) -> None:
        fichier = monde.racine / chemin
        ancien = garde.pop(fichier)
        if ancien is None:
            fichier.unlink()
        else:
            fichier.write_text(ancien)

    return entre(avant, apres)


def sans(chemin: str) -> Plantee:
    """Ce fichier du système n'est plus là."""
    return entre(
        lambda m: (m.racine / chemin).rename(m.racine / f"{chemin}.parti"),
        lambda m: (m.racine / f"{chemin}.parti").rename(m.racine / chemin),
    )


def fuseau(nom: str) -> Plantee:
    def pointer(monde: MondeAutotest, vers: str) -> None:
        lien = monde.racine / "etc/localtime"
        lien.unlink()
        lien.symlink_to(f"/usr/share/zoneinfo/{vers}")

    return entre(lambda m: pointer(m, nom), lambda m: pointer(m, "Europe/Paris"))


def identite(faire: Callable[[Path], object]) -> Plantee:
    """Le fichier d'identité, autrement."""

    def avant(monde: MondeAutotest) -> None:
        fichier = monde.cles / NOM_FICHIER
        shutil.copy2(fichier, monde.dossier / "identite-gardee")
        faire(fichier)

    def apres(monde: MondeAutotest) -> None:
        shutil.copy2(monde.dossier / "identite-gardee", monde.cles / NOM_FICHIER)

    return entre(avant, apres)


def autre_identite(fichier: Path) -> None:
    """Une identité que la salle ne connaît pas."""
    enregistrer(IdentiteBorne("0" * 32, "Ailleurs", Ed25519PrivateKey.generate()), fichier.parent)


def visite(preparer: Callable[[MondeAutotest, Path, Path], None]) -> Plantee:
    """Un dossier de visite gardé, avec un défaut ; `preparer(monde, dossier, cle)`."""
    visite = "abcdef0123456789abcdef0123456789"

    def chemins(monde: MondeAutotest) -> tuple[Path, Path]:
        return monde.donnees / "visites" / f"{visite}.dossier", monde.cles / f"{visite}.cle"

    def avant(monde: MondeAutotest) -> None:
        dossier, cle = chemins(monde)
        dossier.parent.mkdir(exist_ok=True)
        dossier.write_bytes(os.urandom(4096))
        preparer(monde, dossier, cle)

    def apres(monde: MondeAutotest) -> None:
        for fichier in chemins(monde):
            fichier.unlink(missing_ok=True)

    return entre(avant, apres)


def en_clair(_monde: MondeAutotest, dossier: Path, cle: Path) -> None:
    dossier.unlink()
    base = sqlite3.connect(dossier)
    base.execute("CREATE TABLE patient (nom TEXT)")
    base.close()
    cle.write_bytes(os.urandom(32))


def petit_disque(options: str, remplir: Callable[[Path], object]) -> Plantee:
    """Les données sur un disque à part (un tmpfs), plein ou en lecture seule."""

    def avant(monde: MondeAutotest) -> dict[str, str]:
        point = monde.dossier / "petit"
        point.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(point)], check=True)
        remplir(point)
        return {"donnees": str(point)}

    def apres(monde: MondeAutotest) -> None:
        subprocess.run(["umount", str(monde.dossier / "petit")], check=True)
        (monde.dossier / "petit").rmdir()

    return entre(avant, apres)


def mille_fichiers(point: Path) -> None:
    for rang in range(20):
        try:
            (point / str(rang)).touch()
        except OSError:
            return


def lecture_seule(point: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(point)], check=True)


# --- réseau ---


def ferme(nom: str) -> Plantee:
    """Ce port ne répond plus."""
    return entre(lambda m: getattr(m, nom).fermer(), lambda m: getattr(m, nom).ouvrir())


def tout_ferme() -> Plantee:
    """Le serveur TURN éteint : aucun de ses ports."""

    async def avant(monde: MondeAutotest) -> None:
        monde.udp.regler(Regime(coupe=True))
        await monde.turn_tcp.fermer()
        await monde.turn_tls.fermer()

    async def apres(monde: MondeAutotest) -> None:
        monde.udp.regler(Regime())
        await monde.turn_tcp.ouvrir()
        await monde.turn_tls.ouvrir()

    return entre(avant, apres)


def regime(**regime: Any) -> Plantee:
    return entre(lambda m: m.udp.regler(Regime(**regime)), lambda m: m.udp.regler(Regime()))


def frontal(**reglages: Any) -> Plantee:
    """Le frontal de la salle, autrement (champs de `Passage`)."""
    ordinaires = {"retard_s": 0.0, "date_s": 0.0, "muet": False, "statut": ""}

    def regler(passage: Passage, voulus: dict[str, Any]) -> None:
        for nom, valeur in voulus.items():
            setattr(passage, nom, valeur)

    return entre(lambda m: regler(m.frontal, reglages), lambda m: regler(m.frontal, ordinaires))


def certificat(autre_autorite: bool = False, **certificat: Any) -> Plantee:
    def avant(monde: MondeAutotest) -> Awaitable[None]:
        autorite = Autorite.creer("Une autre") if autre_autorite else monde.autorite
        return monde.frontal.presenter(autorite.contexte(monde.dossier, "faux", **certificat))

    return entre(avant, lambda m: m.frontal.presenter(m.contexte))


def salle_en_clair() -> Plantee:
    return entre(lambda m: m.frontal.presenter(None), lambda m: m.frontal.presenter(m.contexte))


def secret_change() -> Plantee:
    return entre(
        lambda m: m.relancer_salle(b"un-autre-secret-que-celui-du-serveur-turn"), lambda m: m.relancer_salle(SECRET)
    )


def reglage(**champs: Any) -> Plantee:
    """Le banc lui-même : un réglage faux dans borne.toml, ou l'horloge de la machine."""
    return entre(lambda _m: champs, lambda _m: None)


async def jusqua(vrai: Callable[[], bool]) -> None:
    for _ in range(PATIENCE):
        if vrai():
            return
        await asyncio.sleep(PAS_S)
    raise TimeoutError
