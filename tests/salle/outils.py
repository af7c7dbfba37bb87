"""De vrais correspondants pour les tests : une borne et une page, par de vraies WebSockets sur un vrai serveur."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fpdf import FPDF

from borne.protocole import (
    CONTEXTE_DEFI,
    ENTREE_PAGE,
    ENTREE_SALLE,
    TAILLE_MAX_MESSAGE,
    VERSION,
    Accueillie,
    Bienvenue,
    Defi,
    DepotDossier,
    Identification,
    Message,
    Patient,
    PatientEnAttente,
    ServeurGlace,
    decoder,
    encoder,
)
from borne.salle import administration
from borne.salle.comptes import COOKIE
from borne.salle.liaisons import Reglages
from borne.salle.service import ServiceSalle, demarrer
from borne.salle.stockage import Stockage

PATIENCE_S = 20.0
"""Délai au-delà duquel un message attendu ne viendra plus : large, la machine est partagée."""

M = TypeVar("M", bound=Message)


@dataclass
class Horloge:
    """Un temps que le test avance lui-même."""

    maintenant: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.maintenant


@dataclass
class Correspondant:
    """Une WebSocket ouverte : `attendre` garde les autres messages pour plus tard."""

    ws: aiohttp.ClientWebSocketResponse
    entree: msgspec.json.Decoder[Any]
    recus: list[Any] = field(default_factory=list)

    async def dire(self, *messages: Message) -> None:
        for message in messages:
            await self.ws.send_str(encoder(message))

    async def attendre(self, genre: type[M], **champs: object) -> M:
        """Le premier message de ce genre dont les champs ont ces valeurs ; il sort de la liste."""
        while True:
            for message in self.recus:
                if isinstance(message, genre) and all(getattr(message, c) == v for c, v in champs.items()):
                    self.recus.remove(message)
                    return message
            await self._lire()

    async def _lire(self) -> None:
        message = await self.ws.receive(timeout=PATIENCE_S)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(f"liaison fermée ({self.ws.close_code}) ; reste {self.recus}")
        self.recus.append(decoder(self.entree, message.data))

    async def fermeture(self) -> int:
        """Lit jusqu'à la fermeture par la salle et rend son code."""
        while True:
            message = await self.ws.receive(timeout=PATIENCE_S)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return int(self.ws.close_code or 0)
            self.recus.append(decoder(self.entree, message.data))

    def a_recu(self, genre: type[Message]) -> bool:
        return any(isinstance(message, genre) for message in self.recus)


@dataclass
class IdentiteBorne:
    """Une borne enrôlée et sa clé privée."""

    id: str
    cle: Ed25519PrivateKey


class Banc:
    """Une salle qui tourne, et de quoi y amener bornes et médecins."""

    def __init__(self, racine: Path, session: aiohttp.ClientSession, **reglages: Any) -> None:
        self.donnees, self.cles = racine / "donnees", racine / "cles"
        self.horloge = Horloge()
        self.session = session
        pages = racine / "pages"
        pages.mkdir(exist_ok=True)
        (pages / "index.html").write_text('<!doctype html><script type="module" src="pages/page.js"></script>')
        (pages / "page.js").write_text("document.title = 'salle';")
        self.reglages = Reglages(**{"pages": pages, "horloge": self.horloge, "veille_s": 0.05} | reglages)
        self.service: ServiceSalle
        self.stockage: Stockage
        self.url = ""
        self._ouvertes: list[aiohttp.ClientWebSocketResponse] = []

    async def demarrer(self, **options: Any) -> None:
        self.service = await demarrer("127.0.0.1", 0, self.donnees, self.cles, reglages=self.reglages, **options)
        self.stockage, self.url = self.service.stockage, self.service.url

    async def ouvrir(self, chemin: str, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """Une WebSocket vers la salle, fermée avec le banc."""
        ws = await self.session.ws_connect(self.url + chemin, **options)
        self._ouvertes.append(ws)
        return ws

    async def fermer(self) -> None:
        for ws in self._ouvertes:
            await ws.close()

    async def redemarrer(self) -> None:
        await self.service.arreter()
        await self.demarrer()

    async def medecin(self, nom: str = "Dr Claire Martin", identifiant: str = "martin") -> str:
        """Crée le médecin et rend le jeton de sa session."""
        mot_de_passe = await administration.ajouter_medecin(self.stockage, nom, identifiant)
        return await self.jeton(identifiant, mot_de_passe)

    async def jeton(self, identifiant: str, mot_de_passe: str) -> str:
        reponse = await self.connecter(identifiant, mot_de_passe)
        assert reponse.status == 200
        return reponse.cookies[COOKIE].value

    async def connecter(self, identifiant: str, mot_de_passe: str) -> aiohttp.ClientResponse:
        corps = {"identifiant": identifiant, "mot_de_passe": mot_de_passe}
        adresse = f"{self.url}/api/session"
        async with self.session.post(adresse, json=corps, headers={"Origin": self.url}) as reponse:
            await reponse.read()
            return reponse

    def entetes(self, jeton: str) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={jeton}", "Origin": self.url}

    async def page(self, jeton: str) -> Correspondant:
        ws = await self.ouvrir("/ws/medecin", headers=self.entetes(jeton))
        page = Correspondant(ws, ENTREE_PAGE)
        await page.attendre(Bienvenue)
        return page

    async def enroler(self, lieu: str = "Mairie de Saint-Vrain") -> IdentiteBorne:
        code = await administration.inviter_borne(self.stockage, lieu, self.horloge())
        cle = Ed25519PrivateKey.generate()
        publique = base64.b64encode(cle.public_key().public_bytes_raw()).decode()
        corps = {"code": code, "cle_publique": publique}
        async with self.session.post(f"{self.url}/api/bornes/enrolement", json=corps) as reponse:
            assert reponse.status == 200
            recu = await reponse.json()
        assert recu["lieu"] == lieu
        return IdentiteBorne(recu["borne"], cle)

    async def defiee(self) -> tuple[Correspondant, Defi]:
        ws = await self.ouvrir("/ws/borne", max_msg_size=TAILLE_MAX_MESSAGE)
        borne = Correspondant(ws, ENTREE_SALLE)
        return borne, await borne.attendre(Defi)

    async def borne(self, identite: IdentiteBorne) -> Correspondant:
        borne, defi = await self.defiee()
        await borne.dire(repondre(identite, defi))
        await borne.attendre(Accueillie)
        return borne


@asynccontextmanager
async def un_banc(racine: Path, glace: tuple[ServeurGlace, ...] = (), **reglages: Any) -> AsyncIterator[Banc]:
    """Un banc qui tourne, arrêté à la fin."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        banc = Banc(racine, session, **reglages)
        await banc.demarrer(glace=glace)
        yield banc
        await asyncio.gather(banc.fermer(), banc.service.arreter())


def repondre(identite: IdentiteBorne, defi: Defi, version: int = VERSION) -> Identification:
    signature = identite.cle.sign(CONTEXTE_DEFI + defi.defi)
    return Identification(version, identite.id, base64.b64encode(signature).decode())


def patient(visite: str = "v-1", prenom: str = "Éloïse", nom: str = "Le Goff-Ndiaye") -> PatientEnAttente:
    return PatientEnAttente(
        Patient(visite, prenom, nom, "1942-03-07", "0612345678", motifs=("douleur",), langue="fr")
    )


def depot(visite: str, contenu: bytes) -> DepotDossier:
    return DepotDossier(visite, hashlib.sha256(contenu).hexdigest(), contenu)


def un_pdf(texte: str = "Ordonnance", secret: str = "") -> bytes:
    document = FPDF()
    if secret:
        document.set_encryption(owner_password=secret, user_password=secret)
    document.add_page()
    document.set_font("helvetica", size=12)
    document.cell(text=texte)
    return bytes(document.output())
