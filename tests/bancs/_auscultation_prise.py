"""Le banc de l'auscultation : une vraie séance de la borne, un stéthoscope que l'on choisit, un vrai Chromium.

La page du banc se sert des modules mêmes de la page du médecin (trames, tampon, lecture), servis d'où ils sont.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from aiohttp import web
from numpy.typing import NDArray
from playwright.async_api import Page, async_playwright

from borne import salle
from borne.assemblage.direct import Direct
from borne.assemblage.ecoute import ConduiteEcoute
from borne.protocole import BlocsManquants, Canal, Foyer, TrameSon
from borne.ui.direct import EtatDirect
from borne.visio.liaison import EtatLiaison
from borne.visio.seance import Seance
from tests.bancs.relais import Relais
from tests.visio.navigateur import OPTIONS
from tests.visio.outils import Bloc, Camera, Son

ICI: Final = Path(__file__).parent
PAGES: Final = Path(salle.__file__).parent / "pages"
PRENEUR: Final = ICI.parents[0] / "visio" / "preneur.js"
PAGE: Final = '<!doctype html><meta charset="utf-8"><body><script type="module" src="page.js"></script>'
FREQUENCE: Final = 48_000


class Stethoscope:
    """Joue un son (48 kHz, int16) à l'heure ; la conduite l'écoute comme celle de la borne."""

    def __init__(self, son: NDArray[np.int16]) -> None:
        self._son = Son(son)
        self.sur_bloc: Callable[[Bloc], None] = lambda bloc: None
        self.emis: dict[int, float] = {}
        """Instant de capture de chaque bloc, par rang depuis le début."""
        self.suivant = 0

    async def prochain(self) -> Bloc:
        """Le bloc suivant, à son heure, donné aux deux voies."""
        bloc = await self._son.prochain()
        bloc = Bloc(bloc.echantillons, bloc.instant, self.suivant)
        self.emis[self.suivant] = bloc.instant
        self.suivant += 1
        self.sur_bloc(bloc)
        return bloc


@dataclass
class Prise:
    """L'appel établi. `exacts` : les échantillons que la borne a envoyés, par numéro de bloc."""

    page: Page
    seance: Seance
    conduite: ConduiteEcoute
    stethoscope: Stethoscope
    exacts: dict[int, bytes]
    premier: int = 0
    """Rang, dans `stethoscope.emis`, du premier bloc de l'écoute."""

    def ecouter(self, foyer: Foyer) -> None:
        """Commence une écoute, comme la borne quand le médecin la demande."""
        self.exacts.clear()
        self.premier = self.stethoscope.suivant
        self.conduite.commencer(foyer)
        self.seance.ecouter(True)

    async def recus(self) -> tuple[dict[int, bytes], dict[int, float], dict[str, Any]]:
        """Blocs exacts de la page, leur instant d'arrivée (s Unix), et le relevé de son lecteur."""
        bilan = await self.page.evaluate("exact()")
        octets = base64.b64decode(bilan["echantillons"])
        taille = len(octets) // max(1, len(bilan["numeros"]))
        blocs = {n: octets[i * taille : (i + 1) * taille] for i, n in enumerate(bilan["numeros"])}
        return blocs, {n: ms / 1000 for n, ms in bilan["arrivees"]}, bilan["releve"] or {}

    async def son(self, nom: str) -> NDArray[np.float64]:
        """Ce que la page a joué sur cette voie (48 kHz, de -1 à 1) depuis le dernier appel."""
        octets = base64.b64decode(await self.page.evaluate("nom => son(nom)", nom))
        return np.frombuffer(octets, dtype="<f4").astype(np.float64)


async def _servir(requete: web.Request) -> web.StreamResponse:
    nom = requete.match_info["nom"]
    if not nom:
        return web.Response(text=PAGE, content_type="text/html")
    fichiers = {"page.js": ICI / "_auscultation_page.js", "preneur.js": PRENEUR}
    chemin = PAGES / nom.removeprefix("pages/") if nom.startswith("pages/js/") else fichiers.get(nom)
    if chemin is None or not chemin.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(chemin, headers={"Content-Type": "text/javascript"})


@contextlib.asynccontextmanager
async def page_medecin() -> AsyncIterator[Page]:
    """La page du banc, prête à répondre."""
    application = web.Application()
    application.router.add_get("/{nom:.*}", _servir)
    serveur = web.AppRunner(application)
    await serveur.setup()
    await web.TCPSite(serveur, "127.0.0.1", 0).start()
    try:
        async with async_playwright() as outil:
            chromium = await outil.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
            page = await chromium.new_page()
            page.on("pageerror", lambda erreur: print("page :", erreur))
            await page.goto(f"http://127.0.0.1:{serveur.addresses[0][1]}/")
            await page.wait_for_function("window.repondre !== undefined")
            await page.evaluate("preparer()")
            yield page
            await chromium.close()
    finally:
        await serveur.cleanup()


@contextlib.asynccontextmanager
async def prise(son: NDArray[np.int16], relais: Relais | None = None) -> AsyncIterator[Prise]:
    """Un appel établi (par le relais s'il y en a un) dont le stéthoscope joue ce son en boucle."""
    stethoscope, etabli = Stethoscope(son), asyncio.Event()
    conduites: list[ConduiteEcoute] = []
    exacts: dict[int, bytes] = {}

    def recevoir(message: Canal) -> None:
        if isinstance(message, BlocsManquants):
            conduites[0].redemander(message)

    def changer(etat: EtatLiaison) -> None:
        if etat is EtatLiaison.ETABLIE:
            etabli.set()

    seance = Seance(
        visite="banc",
        appel="1",
        glace=(),
        camera=Camera(640, 360),
        microphone=None,
        stethoscope=stethoscope,
        sur_image=lambda image, instant: None,
        haut_parleur=None,
        sur_message=recevoir,
        sur_etat=changer,
        adresses=("127.0.0.1",),
    )

    def envoyer_son(octets: bytes) -> bool:
        trame = TrameSon.decoder(octets)
        exacts.setdefault(trame.numero, trame.blocs[0])
        return seance.envoyer_son(octets)

    direct = Direct(EtatDirect(), lambda etat: None)
    conduite = ConduiteEcoute(seance.envoyer, envoyer_son, direct, lambda cle: cle)
    conduites.append(conduite)

    stethoscope.sur_bloc = conduite.bloc
    async with page_medecin() as page:
        offre = await seance.offre()
        reponse = await page.evaluate("o => repondre(o)", relais.sdp(offre, "borne") if relais else offre)
        await seance.repondre(relais.sdp(reponse, "medecin") if relais else reponse)
        try:
            await asyncio.wait_for(etabli.wait(), 20)
            yield Prise(page, seance, conduite, stethoscope, exacts)
        finally:
            conduite.oublier()
            await seance.fermer()
