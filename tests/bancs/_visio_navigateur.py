"""Les Chromium du banc de l'appel : un pour le médecin, un autre (d'autres processus) pour l'ancre."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from aiohttp import web
from numpy.typing import NDArray
from playwright.async_api import Browser, Page, Playwright, async_playwright

from tests.bancs._visio_camera import Contenu
from tests.visio.navigateur import FICHIERS as FICHIERS_ESSAI
from tests.visio.navigateur import HORODATAGE, OPTIONS

PRENEUR = FICHIERS_ESSAI["preneur.js"]
ICI = Path(__file__).parent
FICHIERS = {"page.js": ICI / "_visio_page.js", "horodatage.js": HORODATAGE, "preneur.js": PRENEUR}
PAGE = '<!doctype html><meta charset="utf-8"><body><script type="module" src="page.js"></script>'


@dataclass
class Photo:
    """Une image rendue : son numéro et sa luminance (h, w) uint8."""

    numero: int
    luma: NDArray[np.uint8]


@dataclass
class Navigateurs:
    """Sert les pages et le contenu, lance les Chromium, reçoit les photos."""

    contenus: dict[int, Contenu] = field(default_factory=dict)
    photos: list[Photo] = field(default_factory=list)
    port: int = 0
    _outil: Playwright | None = None

    async def ouvrir(self, marque: str) -> Browser:
        """Un nouveau Chromium sans tête, dont le processus se reconnaît à `--banc=MARQUE`."""
        assert self._outil is not None
        options = [*OPTIONS, f"--banc={marque}"]
        return await self._outil.chromium.launch(executable_path="/usr/bin/chromium", args=options)

    async def page(self, chromium: Browser) -> Page:
        """Une page prête. Une erreur de la page est dite sur la sortie d'erreur."""
        page = await chromium.new_page()
        page.on("pageerror", lambda erreur: print("page :", erreur, flush=True))
        await page.goto(f"http://127.0.0.1:{self.port}/")
        await page.wait_for_function("window.repondre !== undefined")
        return page

    async def _fichier(self, requete: web.Request) -> web.StreamResponse:
        nom = requete.match_info["nom"]
        if nom == "":
            return web.Response(text=PAGE, content_type="text/html")
        if nom not in FICHIERS:
            raise web.HTTPNotFound
        return web.FileResponse(FICHIERS[nom], headers={"Content-Type": "text/javascript"})

    async def _contenu(self, requete: web.Request) -> web.StreamResponse:
        return web.FileResponse(self.contenus[int(requete.query["hauteur"])].fichiers["i420"])

    async def _photo(self, requete: web.Request) -> web.Response:
        octets = np.frombuffer(await requete.read(), np.uint8)
        numero, debut, pas, largeur, hauteur = (
            int(requete.query[nom]) for nom in ("numero", "offset", "stride", "largeur", "hauteur")
        )
        if requete.query["format"] not in ("I420", "NV12"):
            raise web.HTTPBadRequest(text="format d'image inattendu")
        luma = octets[debut : debut + pas * hauteur].reshape(hauteur, pas)[:, :largeur]
        self.photos.append(Photo(numero, luma))
        return web.Response()

    @contextlib.asynccontextmanager
    async def servir(self) -> AsyncIterator[None]:
        """Le serveur et playwright, le temps du contexte."""
        application = web.Application(client_max_size=1 << 25)
        application.router.add_get("/contenu", self._contenu)
        application.router.add_post("/photo", self._photo)
        application.router.add_get("/{nom:.*}", self._fichier)
        serveur = web.AppRunner(application)
        await serveur.setup()
        site = web.TCPSite(serveur, "127.0.0.1", 0)
        await site.start()
        self.port = serveur.addresses[0][1]
        try:
            async with async_playwright() as self._outil:
                yield
        finally:
            await serveur.cleanup()
