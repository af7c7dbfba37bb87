"""Un médecin sans navigateur : la vraie salle par son protocole, l'appel par aiortc. Il part, se tait, revient."""

from __future__ import annotations

import asyncio
import io
from typing import Any, Literal

import aiohttp
from fpdf import FPDF

from borne import protocole as p
from borne.demonstration.vue import simple
from borne.salle.comptes import COOKIE
from tests.visio.outils import Medecin

EtatRecu = tuple[Literal["recu", "refuse", "imprime", "echec"], str]


class MedecinEssai:
    """Une page de médecin. `muet` : son réseau est coupé, la borne n'a plus de ses nouvelles par l'appel."""

    def __init__(self, url: str, identifiant: str, mot_de_passe: str) -> None:
        self.url = url
        self._identite = {"identifiant": identifiant, "mot_de_passe": mot_de_passe}
        self._entetes: dict[str, str] = {}
        self.pairs: list[Medecin] = []
        self.muet = False
        self.lignes: tuple[p.LigneAttente, ...] = ()
        self.documents: dict[str, list[EtatRecu]] = {}
        self.finies: list[str] = []
        self.offres = 0
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._session: aiohttp.ClientSession | None = None
        self._ecoute: asyncio.Task[None] | None = None

    async def ouvrir(self) -> None:
        """Ouvre la page (la première fois, se connecte)."""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        if not self._entetes:
            adresse, origine = f"{self.url}/api/session", {"Origin": self.url}
            async with self._session.post(adresse, json=self._identite, headers=origine) as reponse:
                reponse.raise_for_status()
                self._entetes = {"Cookie": f"{COOKIE}={reponse.cookies[COOKIE].value}", "Origin": self.url}
        self._ws = await self._session.ws_connect(f"{self.url}/ws/medecin", headers=self._entetes)
        self._ecoute = asyncio.create_task(self._ecouter(self._ws))

    async def fermer(self) -> None:
        """Ferme la page : la salle et l'appel le voient."""
        if self._ecoute is not None:
            self._ecoute.cancel()
            await asyncio.wait({self._ecoute})
        if self._ws is not None:
            await self._ws.close()
        if self._session is not None:
            await self._session.close()
        for pair in self.pairs:
            await pair.fermer()
        self.pairs, self._ws, self._session, self.muet = [], None, None, False

    async def prendre(self, visite: str) -> None:
        """Prend ce patient, caméra et micro ouverts."""
        await self.dire(p.Prendre(visite))
        await self.dire(p.PretARecevoir(visite))

    async def dire(self, message: p.Message) -> None:
        """Envoie à la salle."""
        assert self._ws is not None
        await self._ws.send_str(p.encoder(message))

    async def au_patient(self, message: p.Canal) -> None:
        """Envoie par l'appel."""
        self.pairs[-1].envoyer(message)

    async def taire(self, muet: bool) -> None:
        """Coupe ou rend son réseau : aucun battement ne reçoit d'écho, même des appels suivants."""
        self.muet = muet
        for pair in self.pairs:
            pair.muet = muet

    async def envoyer_document(self, visite: str, contenu: bytes) -> tuple[int, dict[str, Any]]:
        """Téléverse ; rend le statut HTTP et la réponse (`document`, ou `raison` du refus)."""
        corps = aiohttp.FormData()
        corps.add_field("fichier", io.BytesIO(contenu), filename="ordonnance.pdf", content_type="application/pdf")
        adresse = f"{self.url}/api/visites/{visite}/documents"
        assert self._session is not None
        async with self._session.post(adresse, data=corps, headers=self._entetes) as reponse:
            return reponse.status, await reponse.json()

    @property
    def messages(self) -> list[p.Canal]:
        """Tout ce que la borne a dit par les appels, dans l'ordre."""
        return [message for pair in self.pairs for message in pair.messages]

    @property
    def images(self) -> int:
        """Images reçues de la borne."""
        return sum(len(pair.images) for pair in self.pairs)

    async def _ecouter(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        async for message in ws:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._traiter(p.decoder(p.ENTREE_PAGE, message.data))

    async def _traiter(self, message: p.SalleVersMedecin) -> None:
        match message:
            case p.ListeAttente(lignes=lignes):
                self.lignes = lignes
            case p.Offre(visite=visite, appel=appel, sdp=sdp):
                self.offres += 1
                pair = Medecin(muet=self.muet)
                self.pairs.append(pair)
                await self.dire(p.Reponse(visite, appel, await pair.repondre(sdp)))
            case p.EtatDocument(document=document, etat=etat, raison=raison):
                self.documents.setdefault(document, []).append((etat, simple(raison)))
            case p.VisiteFinie(visite=visite):
                self.finies.append(visite)


def ordonnance(texte: str = "Paracétamol 1 g, si douleur, trois jours.") -> bytes:
    """Un PDF d'une page."""
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=14)
    document.cell(text=texte)
    return bytes(document.output())
