"""Un médecin sans page : il parle à la vraie salle par son protocole, prend chaque patient, envoie, termine.

Il tient la place du navigateur quand c'est la borne qu'on coupe : l'appel ne s'établit pas, tout le reste est vrai.
"""

from __future__ import annotations

import asyncio
import io
from types import TracebackType
from typing import Any, Self

import aiohttp
from fpdf import FPDF

from borne import protocole as p
from borne.salle.comptes import COOKIE

IMPRESSION_S = 60.0
"""Secondes au-delà desquelles il n'attend plus le papier pour terminer."""


class MedecinProtocole:
    """Gestionnaire de contexte asynchrone ; `duree_s` : secondes de consultation avant l'ordonnance."""

    def __init__(self, url: str, identifiant: str, mot_de_passe: str, duree_s: float) -> None:
        self._url = url
        self._identite = {"identifiant": identifiant, "mot_de_passe": mot_de_passe}
        self._duree_s = duree_s
        self._visite = ""
        self._imprimes: set[str] = set()
        self._papier = asyncio.Event()
        self._taches: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        adresse, origine = f"{self._url}/api/session", {"Origin": self._url}
        async with self._session.post(adresse, json=self._identite, headers=origine) as reponse:
            reponse.raise_for_status()
            jeton = reponse.cookies[COOKIE].value
        self._entetes = {"Cookie": f"{COOKIE}={jeton}", "Origin": self._url}
        self._ws = await self._session.ws_connect(f"{self._url}/ws/medecin", headers=self._entetes)
        self._taches.add(asyncio.create_task(self._ecouter()))
        return self

    async def __aexit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        for tache in self._taches:
            tache.cancel()
        resultats = await asyncio.gather(*self._taches, return_exceptions=True)
        await self._ws.close()
        await self._session.close()
        fautes = [r for r in resultats if isinstance(r, Exception)]
        if fautes and erreur is None:
            raise fautes[0]

    async def _ecouter(self) -> None:
        async for message in self._ws:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._traiter(p.decoder(p.ENTREE_PAGE, message.data))

    async def _traiter(self, message: Any) -> None:
        match message:
            case p.ListeAttente(lignes=lignes):
                await self._voir(lignes)
            case p.EtatDocument(document=document, etat="imprime"):
                self._imprimes.add(document)
                self._papier.set()
            case p.VisiteFinie(visite=visite) if visite == self._visite:
                self._visite = ""

    async def _voir(self, lignes: tuple[p.LigneAttente, ...]) -> None:
        libre = next((ligne for ligne in lignes if ligne.prise_par is None), None)
        if libre is not None and not self._visite:
            self._visite = libre.patient.visite
            await self._dire(p.Prendre(self._visite))
        sienne = next((ligne for ligne in lignes if ligne.patient.visite == self._visite), None)
        if sienne is not None and sienne.pret and not any(t.get_name() == self._visite for t in self._taches):
            self._taches.add(asyncio.create_task(self._consulter(self._visite), name=self._visite))

    async def _consulter(self, visite: str) -> None:
        await asyncio.sleep(self._duree_s)
        document = await self._envoyer(visite)
        try:
            async with asyncio.timeout(IMPRESSION_S):
                while document not in self._imprimes:
                    self._papier.clear()
                    await self._papier.wait()
        finally:
            await self._dire(p.Terminer(visite))

    async def _envoyer(self, visite: str) -> str:
        """L'ordonnance ; rend l'identifiant que la salle lui donne."""
        corps = aiohttp.FormData()
        corps.add_field(
            "fichier", io.BytesIO(ordonnance()), filename="ordonnance.pdf", content_type="application/pdf"
        )
        adresse = f"{self._url}/api/visites/{visite}/documents"
        async with self._session.post(adresse, data=corps, headers=self._entetes) as reponse:
            reponse.raise_for_status()
            return str((await reponse.json())["document"])

    async def _dire(self, message: p.Message) -> None:
        await self._ws.send_str(p.encoder(message))


def ordonnance() -> bytes:
    """Un PDF d'une page."""
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=14)
    document.cell(text="Paracétamol 1 g, si douleur, trois jours.")
    return bytes(document.output())
