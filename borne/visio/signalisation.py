"""La liaison de la borne avec la salle : un WebSocket qui se rétablit seul, et une borne qui prouve qui elle est."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable
from typing import Final

import aiohttp

from borne.protocole import (
    ENTREE_SALLE,
    TAILLE_MAX_MESSAGE,
    VERSION,
    Accueillie,
    BorneVersSalle,
    Defi,
    Identification,
    MessageInvalide,
    Refusee,
    SalleVersBorne,
    decoder,
    encoder,
)
from borne.visio.identite import IdentiteBorne, verifier_adresse

journal = logging.getLogger(__name__)

BATTEMENT: Final = 5.0
"""Secondes entre deux « ping » WebSocket (RFC 6455, 5.5.2) ; sans réponse en 2,5 s, liaison morte."""
DELAI_OUVERTURE: Final = 10.0
"""Secondes laissées à l'ouverture, et autant à l'identification."""
RECUL_MIN: Final = 0.5
RECUL_MAX: Final = 10.0
RECUL_PRESSE: Final = 0.5
OUVERTURE_PRESSEE: Final = 1.5
"""Pendant une consultation : un essai toutes les deux secondes, pour que l'un parte dès que le réseau revient."""
DELAI_ADIEU: Final = 0.5
"""Secondes laissées à la salle pour répondre à une fermeture : sur un chemin mort, elle ne répondra pas."""
RECUL_REFUS: Final = 60.0
"""Après un refus, on ne redemande qu'une fois par minute : un technicien doit agir."""
STABLE: Final = 5.0
"""Secondes de liaison au bout desquelles le recul repart de zéro."""


class _Refus(Exception):
    """La salle a refusé la borne."""


class _Rupture(Exception):
    """La liaison est finie ; le texte est une phrase française."""


class ClientSalle:
    """Garde la liaison avec la salle. Tout s'utilise depuis la boucle asyncio."""

    def __init__(
        self,
        url_ws: str,
        identite: IdentiteBorne,
        sur_message: Callable[[SalleVersBorne], None],
        sur_etat: Callable[[bool, str], None],
    ) -> None:
        """`sur_message` reçoit tout sauf le défi et le refus, `Accueillie` compris (serveurs ICE).

        `sur_etat(en_ligne, raison)` : à chaque changement ; `raison` est une phrase française, vide en ligne.
        Lève `ValueError` si l'adresse n'est ni chiffrée ni locale.
        """
        verifier_adresse(url_ws, ("ws", "wss"))
        self._url = url_ws
        self._identite = identite
        self._sur_message = sur_message
        self._sur_etat = sur_etat
        self._tache: asyncio.Task[None] | None = None
        self._sortie: asyncio.Queue[str] | None = None
        self._etat: tuple[bool, str] | None = None
        self._reveil = asyncio.Event()
        self._portee: asyncio.Timeout | None = None
        self._locale = ""
        self.presse = False
        """Une consultation est en cours : la liaison se refait sans attendre."""

    @property
    def en_ligne(self) -> bool:
        """La salle nous a reconnus et la liaison tient."""
        return self._sortie is not None

    async def demarrer(self) -> None:
        """Commence à se relier ; rend la main aussitôt."""
        if self._tache is None:
            self._tache = asyncio.create_task(self._tenir(), name="liaison avec la salle")

    async def arreter(self) -> None:
        """Ferme la liaison proprement."""
        tache, self._tache = self._tache, None
        if tache is not None:
            tache.cancel()
            await asyncio.wait({tache})
        self._sortie = None

    def relancer(self, adresses: frozenset[str]) -> None:
        """Les adresses de la borne ont changé : une liaison partie d'une adresse perdue se refait tout de suite."""
        if self._locale not in adresses and self._portee is not None:
            journal.info("La liaison partait d'une adresse perdue.")
            self._portee.reschedule(asyncio.get_running_loop().time())
        self._reveil.set()

    def envoyer(self, message: BorneVersSalle) -> bool:
        """Met un message en partance ; faux hors ligne.

        Vrai ne dit pas que la salle l'a reçu : à chaque retour en ligne, l'appelant redit où il en est.
        """
        if self._sortie is None:
            return False
        self._sortie.put_nowait(encoder(message))
        return True

    async def _tenir(self) -> None:
        essais = 0
        while True:
            debut = time.monotonic()
            try:
                await self._une_liaison()
            except _Refus as refus:
                self._annoncer(False, f"La salle refuse la borne : {refus}")
                await asyncio.sleep(RECUL_REFUS * random.uniform(0.9, 1.1))  # noqa: S311
                continue
            except _Rupture as rupture:
                self._annoncer(False, str(rupture))
            except (aiohttp.ClientError, OSError, TimeoutError) as erreur:
                journal.info("Salle injoignable (%s).", type(erreur).__name__)
                self._annoncer(False, "La salle est injoignable.")
            essais = 0 if time.monotonic() - debut > STABLE + DELAI_OUVERTURE else essais + 1
            await self._patienter(recul(essais))

    async def _patienter(self, delai: float) -> None:
        self._reveil.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(delai, RECUL_PRESSE) if self.presse else delai):
                await self._reveil.wait()

    async def _une_liaison(self) -> None:
        """Une liaison, de l'ouverture à la rupture (qui lève toujours)."""
        delai = aiohttp.ClientTimeout(total=None, sock_connect=OUVERTURE_PRESSEE if self.presse else DELAI_OUVERTURE)
        fin = aiohttp.ClientWSTimeout(ws_close=DELAI_ADIEU)
        async with (
            aiohttp.ClientSession(timeout=delai) as session,
            session.ws_connect(self._url, heartbeat=BATTEMENT, max_msg_size=TAILLE_MAX_MESSAGE, timeout=fin) as ws,
        ):
            self._locale = str(ws.get_extra_info("sockname", ("",))[0])
            async with asyncio.timeout(DELAI_OUVERTURE):
                accueil = await self._se_presenter(ws)
            sortie: asyncio.Queue[str] = asyncio.Queue()
            ecrivain = asyncio.create_task(_ecrire(ws, sortie))
            self._sortie = sortie
            try:
                self._annoncer(True, "")
                self._remettre(accueil)
                async with asyncio.timeout(None) as self._portee:
                    while True:
                        self._remettre(await self._recevoir(ws))
            finally:
                self._sortie = self._portee = None
                ecrivain.cancel()

    async def _se_presenter(self, ws: aiohttp.ClientWebSocketResponse) -> Accueillie:
        defi = await self._recevoir(ws)
        if not isinstance(defi, Defi):
            raise _Rupture("La salle n'a pas ouvert la liaison comme prévu.")
        if defi.version != VERSION:
            raise _Refus(f"elle parle la version {defi.version} du protocole, la borne la {VERSION}.")
        identification = Identification(VERSION, self._identite.borne, self._identite.signer(defi.defi))
        await ws.send_str(encoder(identification))
        accueil = await self._recevoir(ws)
        if not isinstance(accueil, Accueillie):
            raise _Rupture("La salle n'a pas ouvert la liaison comme prévu.")
        return accueil

    async def _recevoir(self, ws: aiohttp.ClientWebSocketResponse) -> SalleVersBorne:
        """Le prochain message lisible ; lève `_Rupture` ou `_Refus`."""
        while True:
            trame = await ws.receive()
            if trame.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                journal.info("Liaison finie (code %s).", ws.close_code)
                raise _Rupture("La liaison avec la salle est coupée.")
            try:
                message: SalleVersBorne = decoder(ENTREE_SALLE, trame.data)
            except MessageInvalide:
                journal.warning("Message malformé de la salle ignoré (%d octets).", len(trame.data))
                continue
            if isinstance(message, Refusee):
                raise _Refus(message.raison)
            return message

    def _remettre(self, message: SalleVersBorne) -> None:
        if not isinstance(message, Defi):
            # Par la boucle : une erreur de l'appelant ne doit pas rompre la liaison.
            asyncio.get_running_loop().call_soon(self._sur_message, message)

    def _annoncer(self, en_ligne: bool, raison: str) -> None:
        if self._etat == (en_ligne, raison):
            return
        self._etat = (en_ligne, raison)
        journal.info("Salle : %s.", "en ligne" if en_ligne else "hors ligne")
        asyncio.get_running_loop().call_soon(self._sur_etat, en_ligne, raison)


async def _ecrire(ws: aiohttp.ClientWebSocketResponse, sortie: asyncio.Queue[str]) -> None:
    while True:
        texte = await sortie.get()
        try:
            await ws.send_str(texte)
        except (ConnectionError, aiohttp.ClientError):
            # La lecture constate la même rupture et relance ; ce qui reste sera redit au retour.
            return


def recul(essais: int) -> float:
    """Secondes à attendre avant l'essai suivant : le double chaque fois, borné, avec une gigue de moitié.

    La gigue évite que toutes les bornes d'une région reviennent à la même seconde sur une salle qui redémarre.
    """
    plafond: float = min(RECUL_MAX, RECUL_MIN * 2 ** min(essais, 10))
    return plafond * random.uniform(0.5, 1.0)  # noqa: S311
