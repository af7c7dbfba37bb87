"""Une liaison WebSocket, sa file de sortie bornée, et ce que les modules du service partagent."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from borne.protocole import Message, MessageInvalide, Patient, encoder
from borne.salle.comptes import Comptes
from borne.salle.glace import Glace
from borne.salle.stockage import Bus, ErreurStockage, Stockage

journal = logging.getLogger("borne.salle")

SORTIE_MAX: Final = 256
"""Messages en attente d'un correspondant lent ; au-delà la liaison se ferme, et il revient."""
TAILLE_MAX_COURANTE: Final = 1024 * 1024
"""Octets d'un message qui ne porte pas de dossier."""
DELAI_FERMETURE_S: Final = 2.0
"""Secondes laissées à un correspondant pour recevoir ce qui l'attend avant une fermeture."""
IDENTIFIANT: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
CODE_SESSION_FINIE: Final = 4401
CODE_REMPLACEE: Final = 4409

# Canaux du bus. `borne:` et `page:` portent des messages du protocole déjà encodés ; les autres, un nom ou rien.
CANAL_MEDECINS: Final = "medecins"
CANAL_FILE: Final = "file"
CANAL_DROITS: Final = "droits"


def canal_borne(borne: str) -> str:
    """Les messages destinés à cette borne."""
    return f"borne:{borne}"


def canal_remplacement(borne: str) -> str:
    """Annonce la nouvelle liaison d'une borne : les précédentes se ferment."""
    return f"remplacement:{borne}"


def canal_page(page: str) -> str:
    """Les messages destinés à cette page de médecin."""
    return f"page:{page}"


@dataclass(frozen=True, slots=True)
class Reglages:
    """Réglages du service, en secondes sauf mention."""

    battement_s: float = 15.0
    identification_s: float = 10.0
    rafraichissement_s: float = 20.0
    veille_s: float = 1.0
    session_s: float = 12 * 3600.0
    non_identifiees_max: int = 32
    pages: Path = Path(__file__).parent / "pages"
    horloge: Callable[[], float] = time.time


class Hors(Exception):
    """Le correspondant sort du protocole : la liaison se ferme ; phrase sans contenu reçu."""


class Liaison:
    """Une WebSocket ouverte. `envoyer` ne bloque jamais ; un seul écrivain garde l'ordre."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.id = secrets.token_hex(8)
        self._ws = ws
        self._transport = transport
        self._sortie: asyncio.Queue[str] = asyncio.Queue(SORTIE_MAX)
        self._ecrivain = asyncio.create_task(self._ecrire())
        self._fermeture: asyncio.Task[None] | None = None

    def envoyer(self, message: Message) -> None:
        """Met le message en file de sortie."""
        self.envoyer_texte(encoder(message))

    def envoyer_texte(self, texte: str) -> None:
        """Met un message déjà encodé en file de sortie."""
        try:
            self._sortie.put_nowait(texte)
        except asyncio.QueueFull:
            self.fermer(WSCloseCode.TRY_AGAIN_LATER, "correspondant trop lent")

    async def _ecrire(self) -> None:
        with suppress(ConnectionError):  # la lecture voit la même rupture et termine la liaison
            while True:
                texte = await self._sortie.get()
                await self._ws.send_str(texte)
                self._sortie.task_done()

    async def recevoir(self) -> str | None:
        """Le prochain message, None quand la liaison est finie ; lève `Hors` pour un message binaire."""
        message = await self._ws.receive()
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            raise Hors("message binaire")
        return None

    def fermer(self, code: int, raison: str) -> asyncio.Task[None]:
        """Ferme après avoir laissé partir ce qui attend ; revient de suite avec la tâche qui s'en charge."""
        if self._fermeture is None:
            self._fermeture = asyncio.create_task(self._fermer(code, raison))
        return self._fermeture

    async def _fermer(self, code: int, raison: str) -> None:
        vide = asyncio.create_task(self._sortie.join())
        await asyncio.wait({vide, self._ecrivain}, timeout=DELAI_FERMETURE_S, return_when=asyncio.FIRST_COMPLETED)
        vide.cancel()
        try:
            async with asyncio.timeout(2 * DELAI_FERMETURE_S):
                await self._ws.close(code=code, message=raison.encode()[:120])
        except TimeoutError:
            # Le correspondant ne lit plus : même l'adieu ne part pas.
            if self._transport is not None:
                self._transport.abort()

    async def finir(self) -> None:
        """Arrête l'écrivain ; à appeler une fois la lecture finie."""
        if self._fermeture is not None:
            await self._fermeture
        self._ecrivain.cancel()
        await asyncio.wait({self._ecrivain})


Controle = Callable[[], Awaitable[None]]
"""Revoit les droits d'une liaison ouverte et la ferme s'ils ont été retirés."""


@dataclass
class Contexte:
    """Ce que les liaisons et les routes partagent.

    `ouvertes` : les liaisons de ce nœud, avec leur contrôle une fois identifiées.
    """

    stockage: Stockage
    bus: Bus
    comptes: Comptes
    reglages: Reglages
    glace: Glace = field(default_factory=Glace)
    ouvertes: dict[Liaison, Controle | None] = field(default_factory=dict)


def verifier_identifiant(*identifiants: str) -> None:
    """Lève `Hors` si un identifiant venu du dehors n'a pas la forme attendue."""
    if not all(IDENTIFIANT.fullmatch(identifiant) for identifiant in identifiants):
        raise Hors("identifiant mal formé")


def verifier_patient(patient: Patient) -> None:
    """Lève `Hors` si un champ dépasse ce qu'une borne peut saisir."""
    verifier_identifiant(patient.visite)
    courts = (patient.prenom, patient.nom, patient.naissance, patient.telephone, patient.langue, *patient.motifs)
    if max(map(len, courts)) > 200 or len(patient.motif_libre) > 4000:
        raise Hors("champ trop long")
    if len(patient.motifs) > 50 or len(patient.mesures) > 500:
        raise Hors("liste trop longue")


def ouvrir_ws(contexte: Contexte, taille_max: int) -> web.WebSocketResponse:
    """Une WebSocket qui bat, bornée en taille, sans compression (une bombe serait à portée d'inconnus)."""
    return web.WebSocketResponse(
        heartbeat=contexte.reglages.battement_s, max_msg_size=taille_max, compress=False, timeout=DELAI_FERMETURE_S
    )


async def tenir(contexte: Contexte, liaison: Liaison, suite: Awaitable[None], qui: str) -> None:
    """Mène une liaison jusqu'à sa fin, et la ferme proprement sur tout écart ; rien du contenu au journal."""
    contexte.ouvertes[liaison] = None
    try:
        await suite
    except MessageInvalide:
        journal.warning("%s : message invalide, liaison fermée", qui)
        liaison.fermer(WSCloseCode.INVALID_TEXT, "message invalide")
    except Hors as ecart:
        journal.warning("%s : %s, liaison fermée", qui, ecart)
        liaison.fermer(WSCloseCode.POLICY_VIOLATION, str(ecart))
    except ErreurStockage as erreur:
        journal.error("%s : %s, liaison fermée", qui, erreur)
        liaison.fermer(WSCloseCode.INTERNAL_ERROR, "stockage indisponible")
    finally:
        del contexte.ouvertes[liaison]
        await liaison.finir()
