"""Les émetteurs que le banc compare : la borne, et ses ancres Chromium et GStreamer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, Final, Protocol

from playwright.async_api import Browser, Page

from tests.bancs._visio_camera import Camera, Contenu, Format, Taille
from tests.bancs._visio_navigateur import Navigateurs
from tests.bancs._visio_processus import descendance, par_option
from tests.bancs.relais import RACINE

MODULE_BORNE: Final = (sys.executable, "-m", "tests.bancs._visio_borne")
PYTHON_SYSTEME: Final = "/usr/bin/python3"
"""Celui qui a PyGObject : celui de l'environnement virtuel ne voit pas les paquets du système."""
DEPART_KBITS: Final = 2500
"""Le débit de départ accordé à Chromium (x-google-start-bitrate) : sa montée depuis 300 kbit/s n'est pas en cause."""


class Emetteur(Protocol):
    """Ce qui envoie l'image. `nom` : « borne » ou le nom de l'ancre."""

    nom: str

    async def offre(self) -> str:
        """Lance l'émetteur et rend son offre SDP complète."""

    async def repondre(self, sdp: str) -> None:
        """Applique la réponse du médecin."""

    def pids(self) -> list[int]:
        """Ses processus, sans la caméra."""

    async def cout_camera(self) -> float:
        """Secondes de processeur que la caméra a coûté dans ces processus depuis le début."""

    async def fermer(self) -> None:
        """Arrête tout."""


class EmetteurProcessus:
    """Un émetteur dans un processus Python à nous, commandé en JSON par son entrée, devant la caméra virtuelle."""

    def __init__(self, nom: str, commande: list[str], dossier: Path, contenu: Contenu, format_image: Format) -> None:
        self.nom = nom
        self._commande = commande
        self._camera = Camera(dossier, contenu, format_image, uuid.uuid4().hex[:8])
        self._processus: Process | None = None
        self._pile = contextlib.ExitStack()
        self._numero = 0
        self._attentes: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._lecture: asyncio.Task[None] | None = None

    async def offre(self) -> str:
        """Voir `Emetteur`."""
        taille = self._camera.contenu.taille
        fichiers = [str(self._camera.anneau), str(self._camera.annonces)]
        self._pile.enter_context(self._camera)
        self._processus = await asyncio.create_subprocess_exec(
            *self._commande, *fichiers, str(taille.largeur), str(taille.hauteur),
            stdin=PIPE, stdout=PIPE, cwd=RACINE, limit=1 << 20,
        )  # fmt: skip
        self._lecture = asyncio.create_task(self._lire())
        return str((await self.demander(ordre="offre"))["sdp"])

    async def repondre(self, sdp: str) -> None:
        """Voir `Emetteur`."""
        await self.demander(ordre="repondre", sdp=sdp)

    async def demander(self, **commande: Any) -> dict[str, Any]:
        """Une commande et sa réponse ; lève `RuntimeError` si le processus meurt."""
        assert self._processus is not None
        assert self._processus.stdin is not None
        self._numero += 1
        attente: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._attentes[self._numero] = attente
        self._processus.stdin.write(json.dumps({**commande, "commande": self._numero}).encode() + b"\n")
        return await attente

    async def _lire(self) -> None:
        assert self._processus is not None
        assert self._processus.stdout is not None
        while ligne := await self._processus.stdout.readline():
            reponse = json.loads(ligne)
            self._attentes.pop(reponse["commande"]).set_result(reponse)
        for attente in self._attentes.values():
            attente.set_exception(RuntimeError(f"l'émetteur {self.nom} s'est arrêté"))
        self._attentes.clear()

    def pids(self) -> list[int]:
        return [] if self._processus is None else [self._processus.pid]

    async def cout_camera(self) -> float:
        return 0.0

    async def fermer(self) -> None:
        if self._processus is not None and self._processus.stdin is not None:
            self._processus.stdin.close()
            try:
                await asyncio.wait_for(self._processus.wait(), 15)
            except TimeoutError:
                self._processus.kill()
                await self._processus.wait()
            if self._lecture is not None:
                await asyncio.gather(self._lecture, *self._attentes.values(), return_exceptions=True)
        self._pile.close()


def borne(dossier: Path, contenu: Contenu, debit: int) -> EmetteurProcessus:
    """La vraie séance, plafonnée à `debit` bits/s."""
    return EmetteurProcessus("borne", [*MODULE_BORNE, str(debit)], dossier, contenu, "bgr")


def gstreamer(dossier: Path, contenu: Contenu, debit: int) -> EmetteurProcessus:
    """webrtcbin, x264 et playout-delay, à débit fixe : lui n'a pas de contrôle de débit."""
    commande = [PYTHON_SYSTEME, str(Path(__file__).with_name("_visio_gstreamer.py")), str(debit)]
    return EmetteurProcessus("GStreamer", commande, dossier, contenu, "i420")


def gstreamer_present() -> bool:
    """Vrai si cette machine a de quoi lancer l'ancre GStreamer ; sinon dit ce qui manque."""
    essai = (
        "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstWebRTC', '1.0')\n"
        "from gi.repository import Gst; Gst.init(None)\n"
        "assert all(map(Gst.ElementFactory.find, ('webrtcbin', 'x264enc', 'rtph264pay', 'nicesrc')))"
    )
    try:
        rendu = subprocess.run([PYTHON_SYSTEME, "-c", essai], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return False
    return rendu.returncode == 0


class EmetteurChromium:
    """L'ancre Chromium : une page qui émet le même contenu (VP8, son premier choix). `degradation` : voir
    `degradationPreference` (webrtc-extensions) ; None, le choix de Chromium."""

    def __init__(self, navigateurs: Navigateurs, taille: Taille, debit: int, degradation: str | None = None) -> None:
        self.nom = "Chromium"
        self._navigateurs = navigateurs
        self._reglages = [taille.largeur, taille.hauteur, debit, degradation]
        self._chromium: Browser | None = None
        self._page: Page | None = None
        self._pid = 0

    async def offre(self) -> str:
        marque = uuid.uuid4().hex
        self._chromium = await self._navigateurs.ouvrir(marque)
        self._pid = par_option(f"--banc={marque}")
        self._page = await self._navigateurs.page(self._chromium)
        return str(await self._page.evaluate("r => offrir(...r)", self._reglages))

    async def repondre(self, sdp: str) -> None:
        assert self._page is not None
        await self._page.evaluate("s => accepter(s)", _avec_depart(sdp))

    def pids(self) -> list[int]:
        return descendance(self._pid)

    async def cout_camera(self) -> float:
        assert self._page is not None
        return float((await self._page.evaluate("coutGeneration()"))["cout"]) / 1000

    async def fermer(self) -> None:
        if self._chromium is not None:
            await self._chromium.close()


def _avec_depart(sdp: str) -> str:
    """La réponse, avec le débit de départ pour le premier codec vidéo."""
    trouve = re.search(r"^m=video \S+ \S+ (\d+)", sdp, re.MULTILINE)
    if trouve is None:
        raise ValueError("la réponse n'a pas d'image")
    ligne = f"a=rtpmap:{trouve[1]} "
    debut = sdp.index("\r\n", sdp.index(ligne)) + 2
    return f"{sdp[:debut]}a=fmtp:{trouve[1]} x-google-start-bitrate={DEPART_KBITS}\r\n{sdp[debut:]}"
