"""Le chemin ICE d'une séance : la part d'`adaptation_aiortc` qui touche à aioice, sur les objets de nos séances.

aioice ne vérifie le consentement que toutes les 5 s et ferme tout au bout d'une trentaine de secondes ; il retransmet
ses vérifications de plus en plus rarement. Une coupure de 40 s y est donc une perte, et le retour du réseau se voit
tard. Ici le silence est entendu paquet par paquet, le chemin muet est sondé plusieurs fois par seconde, et il survit
à la coupure ; passé 30 s sans consentement, plus rien n'y est émis d'autre que ces sondes (RFC 7675, 5.1).

Chaque nom privé a son test de contrat (`tests/visio/test_adaptation_ice.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import aiortc.rtcsctptransport
from aioice import Candidate, ice, stun
from aiortc import RTCIceServer, RTCPeerConnection
from aiortc.rtcicetransport import connection_kwargs

from borne.protocole import ServeurGlace
from borne.visio.adaptation_aiortc import AdaptationImpossible
from borne.visio.adaptation_aiortc import _poser as poser

journal = logging.getLogger(__name__)

PAS: Final = 0.2
"""Secondes entre deux regards sur le chemin."""
PERIODE: Final = 5.0
"""Secondes entre deux demandes de consentement tant que des paquets arrivent (RFC 7675, 5.1), à 20 % près."""
MUET: Final = 0.6
"""Secondes sans un paquet au bout desquelles le chemin est sondé à chaque pas."""
CONSENTEMENT: Final = 30.0
"""Secondes sans consentement au bout desquelles on n'émet plus rien que des sondes (RFC 7675, 5.1)."""
ABANDON: Final = 180.0
"""Secondes sans consentement au bout desquelles le chemin est fermé."""
RELANCE: Final = 0.3
"""Secondes au bout desquelles une vérification en cours est refaite si l'autre côté se fait entendre."""
RTO_MIN: Final = 0.4
RTO_INITIAL: Final = 1.0
"""Secondes : retransmissions du canal de données (RFC 9260, 16). aiortc part de 3 s et ne descend pas sous 1 s."""


ECART_TURN: Final = 0.4
"""Secondes d'avance laissées à chaque façon de joindre le serveur TURN sur la suivante."""
DELAI_TURN: Final = 2.0
"""Secondes au bout desquelles l'appel se passe de serveur TURN : l'offre n'attend pas plus."""

_RELAIS: contextvars.ContextVar[tuple[ServeurGlace, ...]] = contextvars.ContextVar("relais", default=())
_candidat_relaye = ice.relayed_candidate


def installer() -> None:
    """Règle SCTP et les candidats relayés pour ce processus ; sans effet la deuxième fois."""
    poser(ice, "relayed_candidate", _relayer)
    poser(aiortc.rtcsctptransport, "SCTP_RTO_MIN", RTO_MIN)
    poser(aiortc.rtcsctptransport, "SCTP_RTO_INITIAL", RTO_INITIAL)


@contextlib.contextmanager
def relais_possibles(glace: tuple[ServeurGlace, ...]) -> Iterator[None]:
    """Dans ce contexte, le serveur TURN est joint par celle de ces adresses qui passe, dans l'ordre préféré.

    aioice n'en essaie qu'une ; derrière un pare-feu qui jette l'UDP, l'appel n'aurait pas de relais.
    """
    jeton = _RELAIS.set(glace)
    try:
        yield
    finally:
        _RELAIS.reset(jeton)


def facons_turn(glace: tuple[ServeurGlace, ...]) -> list[dict[str, Any]]:
    """Chaque façon de joindre un serveur TURN, comme aiortc la dirait à aioice, UDP, puis TCP, puis TLS."""
    facons = [
        connection_kwargs([RTCIceServer(urls=url, username=serveur.username, credential=serveur.credential)])
        for serveur in glace
        for url in serveur.urls
        if url.startswith("turn")
    ]
    return sorted((f for f in facons if f), key=lambda f: (f["turn_ssl"], f["turn_transport"] == "tcp"))


async def _relayer(**options: Any) -> tuple[Candidate, ice.StunProtocol]:
    """Tient la place d'`ice.relayed_candidate` : les façons partent l'une après l'autre, la première qui passe gagne.

    Un refus du serveur (secret faux ou expiré) est dit au journal.
    """
    facons = facons_turn(_RELAIS.get()) or [{}]
    choisi: tuple[Candidate, ice.StunProtocol] | None = None
    essais = [asyncio.create_task(_essayer(rang * ECART_TURN, {**options, **f})) for rang, f in enumerate(facons)]
    try:
        async with asyncio.timeout(DELAI_TURN):
            for essai in asyncio.as_completed(essais):
                choisi = await essai
                if choisi is not None:
                    return choisi
    except TimeoutError:
        journal.warning("Le serveur TURN ne répond pas.")
    finally:
        for essai_fini in essais:
            essai_fini.cancel()
        for reste in await asyncio.gather(*essais, return_exceptions=True):
            # Deux façons ont pu passer ensemble : la seconde rend sa place au serveur.
            if isinstance(reste, tuple) and reste is not choisi:
                await reste[1].close()
    raise ConnectionError("aucun serveur TURN joignable")


async def _essayer(attente: float, options: dict[str, Any]) -> tuple[Candidate, ice.StunProtocol] | None:
    await asyncio.sleep(attente)
    facon = "TLS" if options["turn_ssl"] else options["turn_transport"].upper()
    try:
        obtenu = await _candidat_relaye(**options)
    except stun.TransactionFailed as erreur:
        journal.error("Le serveur TURN refuse la borne (%s, code %s).", facon, erreur.response.error_code)
    except (OSError, stun.TransactionError) as erreur:
        journal.info("Serveur TURN injoignable par %s (%s).", facon, type(erreur).__name__)
    else:
        journal.info("Serveur TURN joint par %s.", facon)
        return obtenu
    return None


class Chemin:
    """Le chemin ICE d'un pair qui a déjà son canal de données, et une seule liaison (« max-bundle »)."""

    def __init__(self, pair: RTCPeerConnection, sur_paquet: Callable[[], None]) -> None:
        """`sur_paquet` est appelé à chaque paquet reçu : média, données ou vérification ICE."""
        if pair.sctp is None:
            raise AdaptationImpossible("le pair n'a pas de canal de données")
        self._connexion: ice.Connection = pair.sctp.transport.transport._connection
        self._sur_paquet = sur_paquet
        self._dernier = self._consenti = time.monotonic()
        self._sondes: set[asyncio.Task[None]] = set()
        self._departs: dict[int, float] = {}
        connexion = self._connexion
        self._donnees = poser(connexion, "data_received", self._recevoir_donnees)
        self._requete = poser(connexion, "request_received", self._recevoir_requete)
        self._verifier = poser(connexion, "check_incoming", self._verification_entrante)
        self._emettre = poser(connexion, "sendto", self._envoyer)
        poser(connexion, "query_consent", self._consentir)

    @property
    def expire(self) -> bool:
        """Le consentement a expiré : rien n'est émis que des sondes."""
        return time.monotonic() - self._consenti > CONSENTEMENT

    def _entendre(self) -> None:
        self._dernier = time.monotonic()
        self._sur_paquet()

    def _recevoir_donnees(self, donnees: bytes, composant: int) -> None:
        self._entendre()
        self._donnees(donnees, composant)

    def _recevoir_requete(self, message: stun.Message, adresse: tuple[str, int], protocole: ice.StunProtocol) -> None:
        self._entendre()
        self._requete(message, adresse, protocole)

    def _verification_entrante(
        self, message: stun.Message, adresse: tuple[str, int], protocole: ice.StunProtocol
    ) -> None:
        """Une vérification de l'autre côté refait la nôtre, même en cours (RFC 8445, 7.3.1.4).

        aioice attend sinon sa prochaine retransmission, jusqu'à plusieurs secondes après le retour du réseau.
        """
        self._verifier(message, adresse, protocole)
        for paire in self._connexion._check_list:
            if paire.protocol is protocole and paire.remote_addr == adresse:
                self._refaire(paire)

    def _refaire(self, paire: ice.CandidatePair) -> None:
        maintenant = time.monotonic()
        depart = self._departs.setdefault(id(paire), maintenant)
        en_cours = paire.state is ice.CandidatePair.State.IN_PROGRESS and paire.task is not None
        if en_cours and not self._connexion._nominated and maintenant - depart > RELANCE:
            self._departs[id(paire)] = maintenant
            paire.task.cancel()  # type: ignore[union-attr]
            paire.task = None
            self._connexion.check_state(paire, ice.CandidatePair.State.WAITING)
            self._connexion.check_start_task(paire)

    async def _envoyer(self, donnees: bytes, composant: int) -> None:
        if not self.expire:
            await self._emettre(donnees, composant)

    async def _consentir(self) -> None:
        """Tient la place de `Connection.query_consent` : même tâche, arrêtée par `Connection.close`."""
        self._consenti = time.monotonic()
        prochaine = 0.0
        try:
            while time.monotonic() - self._consenti < ABANDON:
                muet = time.monotonic() - self._dernier > MUET
                if muet or time.monotonic() >= prochaine:
                    prochaine = time.monotonic() + PERIODE * random.uniform(0.8, 1.2)  # noqa: S311
                    self._sonder(nommer=muet and self._connexion.ice_controlling)
                await asyncio.sleep(PAS)
        finally:
            for sonde in self._sondes:
                sonde.cancel()
        journal.info("Chemin sans réponse depuis %d s : fermé.", ABANDON)
        self._connexion._query_consent_task = None
        await self._connexion.close()

    def _sonder(self, *, nommer: bool) -> None:
        for paire in self._connexion._nominated.values():
            # Au retour, nommer le chemin fait suivre l'autre côté si notre adresse vue de lui a changé.
            sonde = asyncio.create_task(self._demander(paire, self._connexion.build_request(paire, nominate=nommer)))
            self._sondes.add(sonde)
            sonde.add_done_callback(self._sondes.discard)

    async def _demander(self, paire: ice.CandidatePair, requete: stun.Message) -> None:
        cle: Any = self._connexion.remote_password
        try:
            await paire.protocol.request(requete, paire.remote_addr, integrity_key=cle.encode(), retransmissions=1)
        except stun.TransactionError:
            # Sans réponse : c'est le temps écoulé depuis la dernière qui décide.
            return
        self._consenti = time.monotonic()
        self._entendre()
