"""La vraie salle, une borne factice, un vrai Chromium ; toute violation de CSP ou erreur de console fait échouer."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from borne import demonstration
from borne.mesures import DIASTOLIQUE, FREQUENCE_CARDIAQUE, MMHG, SYSTOLIQUE, Mesure
from borne.protocole import Patient
from borne.salle import administration
from borne.salle.service import ServiceSalle, demarrer
from tests.salle_pages.borne_factice import APPAREIL, BorneFactice

RESSOURCES = Path(demonstration.__file__).parent / "ressources"
PORTRAIT = RESSOURCES / "portrait.jpg"
COEUR = RESSOURCES / "coeur_68436_MV.wav"
OPTIONS = [
    "--no-sandbox",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
PERMIS = "--use-fake-ui-for-media-stream"


def patient(visite: str = "v-essai-1", **champs: object) -> Patient:
    """Une patiente de 77 ans, tension déjà prise à la borne."""
    instant = time.time() - 240
    valeurs = ((SYSTOLIQUE, 162.0, MMHG), (DIASTOLIQUE, 96.0, MMHG), (FREQUENCE_CARDIAQUE, 91.0, "/min"))
    defauts: dict[str, object] = {
        "visite": visite,
        "prenom": "Jeanne",
        "nom": "Moreau-Lefèvre",
        "naissance": "1949-03-14",
        "telephone": "0612345678",
        "motifs": ("toux", "fatigue", "autre"),
        "motif_libre": "depuis 3 jours",
        "mesures": tuple(Mesure(code, valeur, unite, instant, APPAREIL) for code, valeur, unite in valeurs),
        "attention": (1, 1, 0),
    }
    return Patient(**{**defauts, **champs})  # type: ignore[arg-type]


@dataclass
class Salle:
    """La salle en marche, ses comptes, et de quoi y enrôler des bornes."""

    service: ServiceSalle
    mots_de_passe: dict[str, str] = field(default_factory=dict)
    bornes: list[BorneFactice] = field(default_factory=list)

    async def medecin(self, identifiant: str, nom: str) -> str:
        mot = await administration.ajouter_medecin(self.service.stockage, nom, identifiant)
        self.mots_de_passe[identifiant] = mot
        return mot

    async def borne(self, lieu: str = "Mairie de Decize") -> BorneFactice:
        code = await administration.inviter_borne(self.service.stockage, lieu, time.time())
        borne = BorneFactice(self.service.url, PORTRAIT, COEUR)
        await borne.enroler(code)
        await borne.relier()
        self.bornes.append(borne)
        return borne


@pytest.fixture
async def salle(tmp_path: Path) -> AsyncIterator[Salle]:
    service = await demarrer("127.0.0.1", 0, tmp_path / "donnees", tmp_path / "cles")
    essai = Salle(service)
    await essai.medecin("claire", "Dr Claire Vasseur")
    yield essai
    for borne in essai.bornes:
        await borne.fermer()
    await service.arreter()


class Poste:
    """Le navigateur d'un médecin. `ennuis` : erreurs de page, de console et violations de CSP."""

    def __init__(self, contexte: BrowserContext, page: Page, url: str) -> None:
        self.contexte, self.page, self.url = contexte, page, url
        self.ennuis: list[str] = []
        page.on("pageerror", lambda erreur: self.ennuis.append(f"erreur : {erreur}"))
        page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.ennuis.append(f"{message.type} : {message.text} ({message.location.get('url', '')})")

    async def connecter(self, identifiant: str, mot_de_passe: str) -> None:
        await self.page.goto(self.url)
        await self.page.get_by_label("Identifiant").fill(identifiant)
        await self.page.get_by_label("Mot de passe", exact=True).fill(mot_de_passe)
        await self.page.get_by_role("button", name="Se connecter").click()
        await self.page.get_by_role("heading", name="Salle d’attente", level=1).wait_for()

    def sans_ennui(self, *toleres: str) -> None:
        """`toleres` : morceaux attendus (un 401 voulu s'écrit dans la console du navigateur)."""
        assert [e for e in self.ennuis if not any(t in e for t in toleres)] == []


Ouvrir = Callable[..., Awaitable[Poste]]
Capturer = Callable[[Page, str], Awaitable[None]]


@pytest.fixture
async def navigateurs() -> AsyncIterator[Callable[[list[str]], Awaitable[Browser]]]:
    ouverts: dict[tuple[str, ...], Browser] = {}
    async with async_playwright() as playwright:

        async def lancer(options: list[str]) -> Browser:
            cle = tuple(options)
            if cle not in ouverts:
                ouverts[cle] = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
            return ouverts[cle]

        yield lancer
        for navigateur in ouverts.values():
            await navigateur.close()


@pytest.fixture
async def poste(salle: Salle, navigateurs: Callable[[list[str]], Awaitable[Browser]]) -> AsyncIterator[Ouvrir]:
    contextes: list[BrowserContext] = []

    async def ouvrir(theme: str = "light", camera: bool = True, largeur: int = 1440, hauteur: int = 900) -> Poste:
        navigateur = await navigateurs([*OPTIONS, PERMIS] if camera else OPTIONS)
        contexte = await navigateur.new_context(
            viewport={"width": largeur, "height": hauteur},
            color_scheme=theme,  # type: ignore[arg-type]
            locale="fr-FR",
            permissions=["camera", "microphone"] if camera else [],
        )
        contexte.set_default_timeout(30_000)
        contextes.append(contexte)
        return Poste(contexte, await contexte.new_page(), salle.service.url)

    yield ouvrir
    for contexte in contextes:
        await contexte.close()


CAPTURES = os.environ.get("CAPTURES", "")


@pytest.fixture
def capturer(tmp_path: Path) -> Capturer:
    """Garde une image de la page ; dans le dossier `CAPTURES` de l'environnement s'il est dit."""
    dossier = Path(CAPTURES) if CAPTURES else tmp_path
    dossier.mkdir(parents=True, exist_ok=True)

    async def prendre(page: Page, nom: str) -> None:
        await page.screenshot(path=dossier / f"{nom}.png")

    return prendre
