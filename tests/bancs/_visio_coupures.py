"""Les coupures du banc de l'appel : la vraie conduite de l'appel, la vraie salle, la vraie page du médecin.

Le relais coupe le réseau de l'image ; dans les figures « salle », celui de la salle l'est aussi : la borne et la page
la joignent par un relais TCP que la coupure fige (`Passage`). Le temps mesuré va du retour du réseau à la première
image rendue par la page (`requestVideoFrameCallback`), sur la même horloge.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from playwright.async_api import Browser, Page

from borne import protocole as p
from borne.assemblage.appel import ConduiteAppel
from borne.assemblage.direct import Direct
from borne.assemblage.optique import Optique
from borne.assemblage.sources import Sources
from borne.configuration import Appareils
from borne.parcours import evenements as e
from borne.salle import administration
from borne.salle.service import demarrer
from borne.ui.direct import EtatDirect
from borne.visio.identite import IdentiteBorne, enroler
from borne.visio.signalisation import ClientSalle
from tests.bancs._visio_banc import Banc, dire
from tests.bancs._visio_borne import Micro
from tests.bancs._visio_prise import MesureImpossible
from tests.bancs.relais import Relais
from tests.visio.outils import Camera

VISITE: Final = "banc-coupures"
CHAUFFE_S: Final = 4.0
PATIENCE_S: Final = 30.0
"""Secondes laissées à l'image pour revenir ; au-delà, elle n'est pas revenue."""
GUETTER: Final = """() => {
  const video = document.querySelector("#image-patient");
  window.rendues = [];
  const voir = () => {
    window.rendues.push(performance.timeOrigin + performance.now());
    video.requestVideoFrameCallback(voir);
  };
  video.requestVideoFrameCallback(voir);
}"""


FLUIDE_MS: Final = 300.0
"""L'image n'est revenue que si trois autres la suivent dans ce temps : une image isolée ne compte pas."""
PREMIERE: Final = """([depuis, fluide]) => {
  const apres = window.rendues.filter((instant) => instant > depuis);
  return apres.find((instant, rang) => apres[rang + 3] - instant < fluide) ?? null;
}"""


class OptiqueBanc(Optique):
    """La caméra virtuelle à la place du capteur."""

    def __init__(self) -> None:
        super().__init__(Appareils())
        self._mire = Camera(1280, 720)

    async def prochaine(self, apres: int) -> Any:
        """L'image suivante de la mire."""
        return await self._mire.prochaine(apres)


class Passage:
    """Un relais TCP vers la salle, que l'on peut figer : rien n'y passe, rien ne s'y ferme."""

    def __init__(self, port: int) -> None:
        self._vers = port
        self._ouvert = asyncio.Event()
        self._ouvert.set()
        self._taches: set[asyncio.Task[None]] = set()
        self.port = 0

    @contextlib.asynccontextmanager
    async def servir(self) -> AsyncIterator[None]:
        """À l'écoute, le temps du contexte."""
        serveur = await asyncio.start_server(self._relier, "127.0.0.1", 0)
        self.port = serveur.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            serveur.close()
            for tache in self._taches:
                tache.cancel()
            await asyncio.gather(*self._taches, return_exceptions=True)

    def figer(self, fige: bool) -> None:
        """Coupe ou rend le réseau."""
        if fige:
            self._ouvert.clear()
        else:
            self._ouvert.set()

    async def _relier(self, lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        await self._ouvert.wait()
        vers, depuis = await asyncio.open_connection("127.0.0.1", self._vers)
        for source, but in ((lecteur, depuis), (vers, ecrivain)):
            tache = asyncio.create_task(self._verser(source, but))
            self._taches.add(tache)
            tache.add_done_callback(self._taches.discard)

    async def _verser(self, source: asyncio.StreamReader, but: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while octets := await source.read(65536):
                await self._ouvert.wait()
                but.write(octets)
                await but.drain()
        but.close()


class BorneBanc:
    """La conduite de l'appel et sa liaison avec la salle, comme le parcours la mène ; le relais est entre."""

    def __init__(self, relais: Relais) -> None:
        self._identite: IdentiteBorne
        self._relais = relais
        direct = Direct(EtatDirect(), lambda _etat: None)
        sources = SimpleNamespace(
            optique=OptiqueBanc(), direct=direct, microphone=Micro(), stethoscope=None, haut_parleur=None
        )
        self.evenements: list[tuple[float, e.Evenement]] = []
        self.conduite = ConduiteAppel(
            cast(Sources, sources),
            lambda evenement: self.evenements.append((time.time(), evenement)),
            self._envoyer,
            lambda _image, _instant: None,
            lambda cle: cle,
            lambda contenu: self._identite.signer_offre(contenu),
            lambda _ligne: None,
        )
        self._essai = 0
        self._taches: set[asyncio.Task[None]] = set()

    async def relier(self, url: str, passage: int, code: str, dossier: Path) -> None:
        """Enrôle la borne, la relie, et met la patiente en attente, prête."""
        self._identite = await enroler(url, code, dossier)
        adresse = f"ws://127.0.0.1:{passage}/ws/borne"
        self.client = ClientSalle(adresse, self._identite, self._recevoir, self._etat)
        self.client.presse = True
        await self.client.demarrer()

    async def fermer(self) -> None:
        """Raccroche et se délie."""
        await self.conduite.raccrocher()
        await self.client.arreter()
        await asyncio.gather(*self._taches)

    def _etat(self, en_ligne: bool, _raison: str) -> None:
        if en_ligne:
            self.client.envoyer(p.PatientEnAttente(p.Patient(VISITE, "Zoé", "Banc", "1950-01-01", "0612345678")))
            self.client.envoyer(p.PatientPret(VISITE))
            self.conduite.relancer(change=False)

    def _envoyer(self, message: p.BorneVersSalle) -> bool:
        if isinstance(message, p.Offre):
            sdp = self._relais.sdp(message.sdp, "borne")
            message = p.Offre(message.visite, message.appel, sdp, message.engagement, message.signature)
        return self.client.envoyer(message)

    def _recevoir(self, message: p.SalleVersBorne) -> None:
        match message:
            case p.AppelDemande():
                self._essai += 1
                self._lancer(self.conduite.appeler(VISITE, self._essai))
            case p.MedecinAbsent():
                self.conduite.suspendre()
            case p.Reponse():
                sdp = self._relais.sdp(message.sdp, "medecin")
                self._lancer(self.conduite.repondre(p.Reponse(VISITE, message.appel, sdp, message.alea)))
            case p.Candidat():
                texte = self._relais.candidat(message.candidat, "medecin")
                if texte is not None:
                    self._lancer(
                        self.conduite.candidat(p.Candidat(VISITE, message.appel, texte, message.mid, message.ligne))
                    )

    def _lancer(self, travail: Any) -> None:
        tache = asyncio.create_task(travail)
        self._taches.add(tache)
        tache.add_done_callback(self._taches.discard)


@dataclass
class Consultation:
    """Un appel établi entre la borne et la page, image rendue. Temps en secondes Unix."""

    borne: BorneBanc
    page: Page
    relais: Relais
    passage: Passage

    async def retour(self, depuis: float) -> float | None:
        """Secondes de `depuis` (Unix) à la première image rendue ensuite ; None si elle ne revient pas."""
        limite = time.monotonic() + PATIENCE_S
        while time.monotonic() < limite:
            rendue = await self.page.evaluate(PREMIERE, [depuis * 1000, FLUIDE_MS])
            if rendue is not None:
                return round(float(rendue) / 1000 - depuis, 3)
            await asyncio.sleep(0.05)
        return None


@contextlib.asynccontextmanager
async def consultation(chromium: Browser, graine: int) -> AsyncIterator[Consultation]:
    """La salle, la borne, la page, et l'image qui passe."""
    with tempfile.TemporaryDirectory() as temporaire, Relais(graine) as relais:
        dossier = Path(temporaire)
        service = await demarrer("127.0.0.1", 0, dossier / "donnees", dossier / "cles")
        mot = await administration.ajouter_medecin(service.stockage, "Dr Banc", "banc")
        code = await administration.inviter_borne(service.stockage, "Banc", time.time())
        borne, passage = BorneBanc(relais), Passage(int(service.url.rpartition(":")[2]))
        contexte = await chromium.new_context(permissions=["camera", "microphone"], locale="fr-FR")
        try:
            async with passage.servir():
                await borne.relier(service.url, passage.port, code, dossier / "borne")
                page = await contexte.new_page()
                await _prendre(page, f"http://127.0.0.1:{passage.port}", mot)
                essai = Consultation(borne, page, relais, passage)
                if await essai.retour(time.time()) is None:
                    raise MesureImpossible("l'appel ne s'est pas établi avec la page du médecin")
                await asyncio.sleep(CHAUFFE_S)
                yield essai
                await borne.fermer()
        finally:
            await contexte.close()
            await service.arreter()


async def _prendre(page: Page, url: str, mot: str) -> None:
    await page.goto(url)
    await page.get_by_label("Identifiant").fill("banc")
    await page.get_by_label("Mot de passe", exact=True).fill(mot)
    await page.get_by_role("button", name="Se connecter").click()
    await page.get_by_role("button", name="Prendre Zoé").first.click()
    await page.evaluate(GUETTER)


async def _couper(essai: Consultation, duree: float, salle: bool) -> float:
    """Coupe le réseau `duree` secondes ; rend l'instant Unix de son retour."""
    essai.passage.figer(salle)
    fin = time.time() + duree
    essai.relais.couper(duree)
    await asyncio.sleep(max(0.0, fin - time.time()))
    essai.passage.figer(False)
    return fin


async def _changer(essai: Consultation, quoi: Callable[[], None]) -> float:
    quoi()
    await asyncio.sleep(0)
    return time.time()


Incident = Callable[[Consultation], Awaitable[float]]
BUT_COURT, BUT_LONG = 0.3, 2.0
INCIDENTS: Final[dict[str, tuple[Incident, float]]] = {
    "coupure4": (lambda c: _couper(c, 4.0, salle=False), BUT_COURT),
    "coupure4_salle": (lambda c: _couper(c, 4.0, salle=True), BUT_COURT),
    "coupure40": (lambda c: _couper(c, 40.0, salle=False), BUT_LONG),
    "coupure40_salle": (lambda c: _couper(c, 40.0, salle=True), BUT_LONG),
    "adresse_borne_changee": (lambda c: _changer(c, lambda: c.relais.changer_adresse("borne")), BUT_LONG),
    "adresse_medecin_changee": (lambda c: _changer(c, lambda: c.relais.changer_adresse("medecin")), BUT_LONG),
    "adresse_borne_retiree": (lambda c: _changer(c, lambda: c.relais.retirer_adresse("borne")), BUT_LONG),
    "adresse_medecin_retiree": (lambda c: _changer(c, lambda: c.relais.retirer_adresse("medecin")), BUT_LONG),
}
"""Ce qui arrive au réseau, et le but : secondes du retour du réseau au retour de l'image (issue 3)."""


async def mesurer(chromium: Browser, nom: str, graine: int) -> float | None:
    """Secondes entre le retour du réseau et celui de l'image, pour cet incident ; None si elle ne revient pas."""
    incident, _ = INCIDENTS[nom]
    async with consultation(chromium, graine) as essai:
        valeur = await essai.retour(await incident(essai))
        suite = [f"{type(x).__name__} {instant:.1f}" for instant, x in essai.borne.evenements[1:]]
        print(f"[{nom}] borne : image revenue en {valeur} s ; {suite}", file=sys.stderr, flush=True)
    return valeur


async def coupures(banc: Banc) -> None:
    """Chaque incident, devant la page du médecin."""
    for nom, (_, but) in INCIDENTS.items():
        dire(f"page_{nom}", await mesurer(banc.medecin, nom, banc.reglages.graine), "s", but, None, maximum=True)
