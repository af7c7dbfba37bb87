"""Un vrai Chromium sans tête qui joue le médecin, servi par un petit serveur sur 127.0.0.1."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from playwright.async_api import Page, async_playwright

ICI = Path(__file__).parent
HORODATAGE = ICI.parents[1] / "borne" / "demonstration" / "horodatage.js"
OPTIONS = [
    "--no-sandbox",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    # Sans elle, Chromium n'offre aucun candidat sur une machine qui n'a que la boucle locale.
    "--allow-loopback-in-peer-connection",
]
FICHIERS = {"medecin.js": ICI / "medecin.js", "preneur.js": ICI / "preneur.js", "horodatage.js": HORODATAGE}
PAGE = '<!doctype html><meta charset="utf-8"><body><script type="module" src="medecin.js"></script>'


async def _servir(requete: web.Request) -> web.StreamResponse:
    nom = requete.match_info["nom"]
    if nom == "":
        return web.Response(text=PAGE, content_type="text/html")
    if nom not in FICHIERS:
        raise web.HTTPNotFound
    return web.FileResponse(FICHIERS[nom], headers={"Content-Type": "text/javascript"})


@contextlib.asynccontextmanager
async def page_medecin() -> AsyncIterator[Page]:
    """La page ouverte et prête à répondre."""
    application = web.Application()
    application.router.add_get("/{nom:.*}", _servir)
    serveur = web.AppRunner(application)
    await serveur.setup()
    site = web.TCPSite(serveur, "127.0.0.1", 0)
    await site.start()
    port = serveur.addresses[0][1]
    try:
        async with async_playwright() as outil:
            chromium = await outil.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
            page = await chromium.new_page()
            page.on("pageerror", lambda erreur: print("page :", erreur))
            await page.goto(f"http://127.0.0.1:{port}/")
            await page.wait_for_function("window.repondre !== undefined")
            yield page
            await chromium.close()
    finally:
        await serveur.cleanup()
