"""La liaison avec la salle, contre un vrai serveur WebSocket."""

from __future__ import annotations

import base64
import secrets

from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne.protocole import (
    CONTEXTE_DEFI,
    ENTREE_BORNE,
    VERSION,
    Accueillie,
    Attente,
    BorneVersSalle,
    Defi,
    Identification,
    PatientPret,
    Refusee,
    SalleVersBorne,
    decoder,
    encoder,
)
from borne.visio.identite import IdentiteBorne
from borne.visio.signalisation import RECUL_MAX, RECUL_MIN, ClientSalle, recul
from tests.visio.outils import attendre
from tests.visio.test_identite import serveur


class Salle:
    """Une salle qui vérifie la signature ; `refus` non vide : elle refuse."""

    def __init__(self, identite: IdentiteBorne, *, version: int = VERSION, refus: str = "") -> None:
        self._cle = identite.cle.public_key()
        self._version = version
        self._refus = refus
        self.recus: list[BorneVersSalle] = []
        self.ouvertes: list[web.WebSocketResponse] = []
        self.liaisons = 0

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/ws/borne", self._servir)
        return application

    async def _servir(self, requete: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(requete)
        self.liaisons += 1
        self.ouvertes.append(ws)
        defi = secrets.token_bytes(32)
        await ws.send_str(encoder(Defi(self._version, defi)))
        trame = await ws.receive()
        if trame.type is not WSMsgType.TEXT:
            return ws
        message = decoder(ENTREE_BORNE, trame.data)
        assert isinstance(message, Identification)
        self._cle.verify(base64.b64decode(message.signature), CONTEXTE_DEFI + defi)
        if self._refus:
            await ws.send_str(encoder(Refusee(self._refus)))
            await ws.close()
            return ws
        await ws.send_str(encoder(Accueillie(message.borne, "Mairie")))
        async for trame in ws:
            self.recus.append(decoder(ENTREE_BORNE, trame.data))
        return ws


def identite() -> IdentiteBorne:
    return IdentiteBorne("b1", "Mairie", Ed25519PrivateKey.generate())


class Journal:
    def __init__(self) -> None:
        self.messages: list[SalleVersBorne] = []
        self.etats: list[tuple[bool, str]] = []

    def etat(self, en_ligne: bool, raison: str) -> None:
        self.etats.append((en_ligne, raison))


def client(url: str, qui: IdentiteBorne, journal: Journal) -> ClientSalle:
    return ClientSalle(url.replace("http", "ws") + "/ws/borne", qui, journal.messages.append, journal.etat)


async def test_reconnue_coupee_puis_revenue() -> None:
    qui, journal = identite(), Journal()
    salle = Salle(qui)
    async with serveur(salle.application()) as url:
        borne = client(url, qui, journal)
        assert not borne.envoyer(PatientPret("v"))
        await borne.demarrer()
        await attendre(lambda: journal.messages)
        assert journal.messages == [Accueillie("b1", "Mairie")]
        assert borne.envoyer(PatientPret("v"))
        await attendre(lambda: salle.recus == [PatientPret("v")])
        await salle.ouvertes[0].close()
        await attendre(lambda: len(journal.messages) == 2)
        await salle.ouvertes[1].send_str("n'importe quoi")
        await salle.ouvertes[1].send_str(encoder(Attente("v", 1, None, 0)))
        await attendre(lambda: len(journal.messages) == 3)
        assert journal.messages[-1] == Attente("v", 1, None, 0)
        await borne.arreter()
        assert not borne.en_ligne
    assert journal.etats[:3] == [(True, ""), (False, "La liaison avec la salle est coupée."), (True, "")]


async def test_refusee_sans_boucle_serree() -> None:
    qui, journal = identite(), Journal()
    salle = Salle(qui, refus="Cette borne a été révoquée.")
    async with serveur(salle.application()) as url:
        borne = client(url, qui, journal)
        await borne.demarrer()
        await attendre(lambda: journal.etats)
        await attendre(lambda: salle.ouvertes[0].closed)
        assert journal.etats == [(False, "La salle refuse la borne : Cette borne a été révoquée.")]
        assert salle.liaisons == 1
        await borne.arreter()


async def test_autre_version() -> None:
    qui, journal = identite(), Journal()
    async with serveur(Salle(qui, version=VERSION + 1).application()) as url:
        borne = client(url, qui, journal)
        await borne.demarrer()
        await attendre(lambda: journal.etats)
        assert "version" in journal.etats[0][1]
        await borne.arreter()


async def test_salle_injoignable_puis_ouverte() -> None:
    qui, journal = identite(), Journal()
    salle = Salle(qui)
    async with serveur(salle.application()) as url:
        port = int(url.rsplit(":", 1)[1])
    borne = client(url, qui, journal)
    await borne.demarrer()
    await attendre(lambda: journal.etats)
    assert journal.etats == [(False, "La salle est injoignable.")]
    lanceur = web.AppRunner(salle.application())
    await lanceur.setup()
    await web.TCPSite(lanceur, "127.0.0.1", port).start()
    await attendre(lambda: borne.en_ligne)
    await borne.arreter()
    await lanceur.cleanup()


def test_recul_borne_et_disperse() -> None:
    reculs = [recul(essais) for essais in range(40) for _ in range(20)]
    assert max(reculs) <= RECUL_MAX
    assert min(reculs) >= RECUL_MIN / 2
    assert len({round(recul(10), 6) for _ in range(20)}) > 10
