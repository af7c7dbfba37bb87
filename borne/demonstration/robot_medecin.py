"""Le robot médecin : un vrai Chromium, la vraie page, des boutons trouvés par leur nom."""

from __future__ import annotations

import asyncio
import base64
import io
import time
import wave
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import av
import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser, ConsoleMessage, Page, Playwright, async_playwright

ICI: Final = Path(__file__).parent
SEUIL_CLIC: Final = 0.25
CHROMIUM: Final = "/usr/bin/chromium"
OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
)


class RobotMedecin:
    """Une page ouverte à 1440 x 900. Gestionnaire de contexte asynchrone."""

    def __init__(self, url: str, images: Path) -> None:
        self._url = url
        self._images = images
        self._numero = 0
        self.erreurs: list[str] = []

    async def __aenter__(self) -> Self:
        self._playwright: Playwright = await async_playwright().start()
        self._navigateur: Browser = await self._playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=list(OPTIONS)
        )
        await self.ouvrir()
        return self

    async def __aexit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._navigateur.close()
        await self._playwright.stop()

    async def ouvrir(self) -> None:
        """Une page neuve, avec ses instruments ; les erreurs de console et de CSP sont retenues."""
        contexte = await self._navigateur.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
        await contexte.add_init_script(_instruments())
        self.page: Page = await contexte.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda e: self.erreurs.append(str(e)))
        await self.page.goto(self._url)

    def _console(self, message: ConsoleMessage) -> None:
        # À la première ouverture, la page demande s'il y a une session : 401 est la réponse attendue.
        if message.type == "error" and "401" not in message.text:
            self.erreurs.append(message.text)

    async def photographier(self, nom: str) -> None:
        """Une image de la page."""
        self._numero += 1
        await self.page.screenshot(path=self._images / f"medecin-{self._numero:02d}-{nom}.png")

    async def se_connecter(self, identifiant: str, mot_de_passe: str) -> None:
        """Remplit le formulaire et l'envoie."""
        await self.page.get_by_label("Identifiant", exact=True).fill(identifiant)
        await self.page.get_by_label("Mot de passe", exact=True).fill(mot_de_passe)
        await self.toucher("Se connecter")

    async def toucher(self, nom: str, delai_s: float = 30.0, *, exact: bool = True) -> None:
        """Clique sur le bouton de ce nom (ou qui commence par ce nom)."""
        await self.page.get_by_role("button", name=nom, exact=exact).first.click(timeout=delai_s * 1000)

    async def attendre(self, selecteur: str, texte: str, delai_s: float = 60.0) -> str:
        """Attend que cet élément contienne ce texte ; rend tout son texte."""
        element = self.page.locator(selecteur, has_text=texte).first
        await element.wait_for(timeout=delai_s * 1000)
        return await element.inner_text()

    async def attendre_image(self, delai_s: float = 60.0) -> None:
        """Attend que la vidéo du patient avance."""
        limite = time.monotonic() + delai_s
        # La CSP de la page interdit eval : la condition est redemandée, pas confiée à la page.
        while not await self.page.evaluate(
            "() => { const v = document.getElementById('image-patient');"
            " return v.videoWidth > 0 && v.currentTime > 0.5; }"
        ):
            if time.monotonic() > limite:
                raise TimeoutError("l'image du patient n'est pas venue")
            await asyncio.sleep(0.1)

    async def mesures(self) -> dict[str, Any]:
        """Ce que les instruments ont relevé."""
        resultat: dict[str, Any] = await self.page.evaluate("() => window.instruments")
        return resultat

    async def enregistrer_coeur(self, duree_s: float) -> tuple[NDArray[np.int16], int]:
        """Ce que la page reçoit du stéthoscope pendant ce temps : échantillons mono et fréquence en Hz."""
        webm = await self.page.evaluate("(ms) => window.enregistrerCoeur(ms)", 1000 * duree_s)
        with av.open(io.BytesIO(base64.b64decode(webm)), "r") as fichier:
            piste = fichier.streams.audio[0]
            vers = av.AudioResampler(format="s16", layout="mono", rate=piste.rate)
            blocs = [bloc.to_ndarray() for trame in fichier.decode(piste) for bloc in vers.resample(trame)]
        return np.concatenate(blocs, axis=1)[0], piste.rate

    async def emporter_coeur(self) -> tuple[NDArray[np.int16], int, str]:
        """Le WAV exact que la page donne au médecin : échantillons mono, fréquence en Hz, ce que la page en dit."""
        async with self.page.expect_download() as attente:
            await self.toucher("WAV exact")
        telechargement = await attente.value
        chemin = await telechargement.path()
        with wave.open(str(chemin), "rb") as son:
            echantillons = np.frombuffer(son.readframes(son.getnframes()), dtype="<i2")
            return echantillons, son.getframerate(), await self.page.locator("#emporter-etat").inner_text()


def _instruments() -> str:
    """Les deux fichiers en un seul script classique : une page sous CSP stricte n'importe rien d'ailleurs."""
    horodatage = (ICI / "horodatage.js").read_text(encoding="utf-8").replace("export function", "function")
    mesures = (ICI / "mesures_page.js").read_text(encoding="utf-8")
    return f"const SEUIL_CLIC = {SEUIL_CLIC};\n{horodatage}\n{mesures}"
