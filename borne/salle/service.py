"""Le service de la salle : assemble stockage, bus, file et routes, écoute, et s'arrête proprement."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import WSCloseCode, web

from borne.protocole import GlaceRenouvelee, ServeurGlace
from borne.salle.bus_local import BusLocal
from borne.salle.comptes import Comptes
from borne.salle.file_attente import FileAttente
from borne.salle.glace import Glace, Turn
from borne.salle.http import Routes, boucle_locale
from borne.salle.liaisons import CANAL_DROITS, CANAL_FILE, Contexte, Reglages, journal
from borne.salle.stockage import ErreurStockage, Stockage
from borne.salle.stockage_sqlite import ouvrir


class ErreurSalle(Exception):
    """La salle ne peut pas démarrer ; phrase française."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificat et clé, fichiers PEM."""

    certificat: Path
    cle: Path


def contexte_tls(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 au moins ; lève `ErreurSalle` si les fichiers ne vont pas."""
    contexte = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    contexte.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        contexte.load_cert_chain(tls.certificat, tls.cle)
    except OSError as erreur:
        raise ErreurSalle(f"Certificat ou clé TLS inutilisable ({tls.certificat}, {tls.cle}) : {erreur}") from erreur
    return contexte


class ServiceSalle:
    """La salle en marche. `url` : adresse de la page ; `stockage` : pour l'administration dans le processus."""

    def __init__(self, contexte: Contexte, tls: ssl.SSLContext | None) -> None:
        self.stockage: Stockage = contexte.stockage
        self.url = ""
        self._contexte = contexte
        self._tls = tls
        self._file = FileAttente(contexte)
        application = Routes(contexte, self._file, tls is not None).application()
        application.on_shutdown.append(self._congedier)
        self._coureur = web.AppRunner(application, access_log=None, shutdown_timeout=5.0)
        self._droits = asyncio.Event()
        self._desabonner = contexte.bus.abonner(CANAL_DROITS, lambda _: self._droits.set())
        self._veille = asyncio.create_task(self._veiller())

    async def ecouter(self, hote: str, port: int) -> None:
        """Ouvre le port ; lève `ErreurSalle`."""
        await self._coureur.setup()
        try:
            await web.TCPSite(self._coureur, hote, port, ssl_context=self._tls).start()
        except OSError as erreur:
            raise ErreurSalle(f"Impossible d'écouter sur {hote}, port {port} : {erreur.strerror}.") from erreur
        adresse = self._coureur.addresses[0]
        nom = f"[{hote}]" if ":" in hote else hote
        self.url = f"{'https' if self._tls else 'http'}://{nom}:{adresse[1]}"

    async def arreter(self) -> None:
        """Ferme liaisons, tâches et base ; les prises et la file restent dans le stockage."""
        await self._coureur.cleanup()
        self._desabonner()
        self._veille.cancel()
        await asyncio.wait({self._veille})
        await self._file.arreter()
        await self.stockage.fermer()

    async def _congedier(self, _application: web.Application) -> None:
        fermetures = [
            liaison.fermer(WSCloseCode.GOING_AWAY, "la salle s'arrête") for liaison in self._contexte.ouvertes
        ]
        await asyncio.gather(*fermetures)

    async def _veiller(self) -> None:
        """Revoit les droits des liaisons ouvertes dès qu'ils ont pu changer, même par une commande d'à côté."""
        reglages = self._contexte.reglages
        depuis = 0.0
        while True:
            try:
                async with asyncio.timeout(reglages.veille_s):
                    await self._droits.wait()
            except TimeoutError:
                depuis += reglages.veille_s
            try:
                ailleurs = await self.stockage.changements()
                # Le rafraîchissement voit aussi les sessions qui expirent sans que personne n'écrive.
                if ailleurs or self._droits.is_set() or depuis >= reglages.rafraichissement_s:
                    self._droits.clear()
                    depuis = 0.0
                    await self._controler()
                self._renouveler()
                if ailleurs:
                    await self._contexte.bus.publier(CANAL_FILE)
            except ErreurStockage as erreur:
                journal.error("droits non revus : %s", erreur)

    def _renouveler(self) -> None:
        """Des secrets TURN frais à chaque liaison identifiée, avant que les siens n'expirent."""
        glace = self._contexte.glace
        if glace.a_renouveler():
            for liaison, controle in self._contexte.ouvertes.items():
                if controle is not None:
                    liaison.envoyer(GlaceRenouvelee(glace.pour(liaison.id)))

    async def _controler(self) -> None:
        for controle in tuple(self._contexte.ouvertes.values()):
            if controle is not None:
                await controle()


async def demarrer(
    hote: str,
    port: int,
    dossier_donnees: Path,
    dossier_cles: Path,
    glace: Sequence[ServeurGlace] = (),
    turn: Turn | None = None,
    tls: Tls | None = None,
    reglages: Reglages | None = None,
) -> ServiceSalle:
    """La salle à l'écoute (`port` 0 : un port libre). Lève `ErreurSalle` ou `stockage.ErreurStockage`.

    Hors de la boucle locale, TLS est exigé : les mots de passe et la signalisation y passeraient en clair.
    """
    if tls is None and not boucle_locale(hote):
        raise ErreurSalle(f"Hors de cette machine ({hote}), la salle exige TLS : donnez un certificat et sa clé.")
    chiffrement = contexte_tls(tls) if tls is not None else None
    reglages = reglages or Reglages()
    stockage = await ouvrir(dossier_donnees, dossier_cles, reglages.horloge)
    try:
        await stockage.prendre_service()
        await verifier_trace(stockage)
    except BaseException:
        await stockage.fermer()
        raise
    comptes = Comptes(stockage, reglages.horloge, reglages.session_s)
    serveurs = Glace(tuple(glace), turn, reglages.horloge)
    service = ServiceSalle(Contexte(stockage, BusLocal(), comptes, reglages, serveurs), chiffrement)
    try:
        await service.ecouter(hote, port)
    except BaseException:
        await service.arreter()
        raise
    return service


async def verifier_trace(stockage: Stockage) -> None:
    """Dit au journal du système la tête de la chaîne : une fin coupée se voit au démarrage suivant."""
    alteree = await stockage.verifier_journal()
    if alteree is not None:
        journal.critical("journal d'audit altéré à partir de la ligne %d", alteree)
    lignes = await stockage.journal()
    journal.info("journal d'audit : %d lignes, tête %s", len(lignes), lignes[-1].empreinte if lignes else "-")
