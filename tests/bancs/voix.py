"""Le banc de la voix : la borne et aiortc tel quel, même médecin (Chromium), même relais à graine, en alternance.

    python -m tests.bancs.voix [--court] [--duree S] [--tours N] [--graine N] [--sans-ancre]

Une ligne JSON par figure ; le détail de chaque prise est sur la sortie d'erreur.

Définitions. Le médecin dit des glissandos tous différents (`_voix_signal`). Délai : de l'instant où sa page a
l'échantillon capté à celui où il est donné au haut-parleur, sur la même horloge. Jouée ou dissimulée : part du temps
de la mesure où le haut-parleur a reçu du son, et non du silence ni rien. Vraie : part des passages où l'on
retrouve ce qui a été dit. Croissance : délai du dernier tiers moins celui du premier. La voix de la borne : part des
échantillons que Chromium a dû dissimuler (`concealedSamples`).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from aiohttp import web
from playwright.async_api import Page, async_playwright

from tests.bancs._voix_signal import (
    DUREE_S,
    FREQUENCE,
    PAS_S,
    RESSEMBLANCE,
    SILENCE,
    Prise,
    ecrire_wav,
    retrouver,
)
from tests.bancs.relais import RACINE, Regime, Relais
from tests.visio.navigateur import OPTIONS

ICI: Final = Path(__file__).parent
FICHIERS: Final = {"page.js": ICI / "_voix_page.js", "preneur.js": RACINE / "tests" / "visio" / "preneur.js"}
PAGE: Final = '<!doctype html><meta charset="utf-8"><body><script type="module" src="page.js"></script>'
CHAUFFE_S: Final = 4.0
"""Secondes laissées à l'appel et à ses tampons, pertes comprises, avant de mesurer."""
RESEAU: Final = Regime(perte=0.05, delai_ms=20)
"""Dans chaque sens : 5 % de pertes, 40 ms d'aller-retour."""


class MesureImpossible(RuntimeError):
    """Le banc n'a pas pu mesurer : ce n'est pas un mauvais chiffre."""


@dataclass(frozen=True)
class Bilan:
    """Ce qu'une prise a donné. Parts de 0 à 1, délais en ms."""

    jouee: float
    vraie: float
    delai: float
    delai_p95: float
    croissance: float
    dissimulee_chez_chromium: float


class Sujet:
    """Un sujet dans son processus (`_voix_sujet`)."""

    def __init__(self, processus: asyncio.subprocess.Process) -> None:
        self._processus = processus

    @classmethod
    async def lancer(cls, nom: str, dossier: Path) -> Sujet:
        """Le processus, prêt à obéir."""
        tube = asyncio.subprocess.PIPE
        commande = ("-m", "tests.bancs._voix_sujet", nom, str(dossier))
        processus = await asyncio.create_subprocess_exec(
            sys.executable, *commande, stdin=tube, stdout=tube, cwd=RACINE, limit=1 << 20
        )
        return cls(processus)

    async def dire(self, ordre: str, **champs: Any) -> dict[str, Any]:
        """Un ordre et sa réponse ; lève `MesureImpossible` si le sujet est tombé."""
        assert self._processus.stdin is not None
        assert self._processus.stdout is not None
        self._processus.stdin.write(json.dumps({"ordre": ordre, **champs}).encode() + b"\n")
        ligne = await asyncio.wait_for(self._processus.stdout.readline(), 30)
        if not ligne:
            raise MesureImpossible(f"le sujet n'a pas répondu à « {ordre} »")
        return dict(json.loads(ligne))

    async def finir(self) -> None:
        """Ferme son entrée : il s'arrête."""
        assert self._processus.stdin is not None
        self._processus.stdin.close()
        await asyncio.wait_for(self._processus.wait(), 20)


@asynccontextmanager
async def medecin(dossier: Path) -> AsyncIterator[Page]:
    """Chromium, dont le micro est le signal."""
    ecrire_wav(dossier / "signal.wav")

    async def servir(requete: web.Request) -> web.StreamResponse:
        nom = requete.match_info["nom"]
        if nom == "":
            return web.Response(text=PAGE, content_type="text/html")
        if nom not in FICHIERS:
            raise web.HTTPNotFound
        return web.FileResponse(FICHIERS[nom], headers={"Content-Type": "text/javascript"})

    application = web.Application()
    application.router.add_get("/{nom:.*}", servir)
    serveur = web.AppRunner(application)
    await serveur.setup()
    await web.TCPSite(serveur, "127.0.0.1", 0).start()
    options = [*OPTIONS, f"--use-file-for-fake-audio-capture={dossier / 'signal.wav'}"]
    try:
        async with async_playwright() as outil:
            chromium = await outil.chromium.launch(executable_path="/usr/bin/chromium", args=options)
            page = await chromium.new_page()
            page.on("pageerror", lambda erreur: print("page :", erreur, file=sys.stderr, flush=True))
            await page.goto(f"http://127.0.0.1:{serveur.addresses[0][1]}/")
            await page.wait_for_function("window.parler !== undefined")
            await page.evaluate("parler()")
            yield page
            await chromium.close()
    finally:
        await serveur.cleanup()


async def prendre(nom: str, page: Page, dossier: Path, duree: float, graine: int) -> Bilan:
    """Un appel entre ce sujet et le médecin, mesuré `duree` secondes sous `RESEAU`."""
    sujet = await Sujet.lancer(nom, dossier)
    with Relais(graine=graine) as relais:
        offre = (await sujet.dire("offre"))["sdp"]
        reponse = await page.evaluate("o => repondre(o)", relais.sdp(offre, "borne"))
        await sujet.dire("repondre", sdp=relais.sdp(reponse, "medecin"))
        await page.wait_for_function("etat() === 'connected'", timeout=20_000)
        relais.regler(RESEAU)
        await asyncio.sleep(CHAUFFE_S)
        avant = await page.evaluate("commencer()")
        await sujet.dire("commencer")
        await asyncio.sleep(duree)
        apres = await page.evaluate("ecoute()")
        paroles = await page.evaluate("paroles()")
        compte = await sujet.dire("fermer")
        pertes = relais.compteurs()
    await sujet.finir()
    print(f"{nom} : {compte} ; relais {pertes}", file=sys.stderr)
    return juger(dite(paroles), jouee(dossier), avant, apres)


def dite(paroles: dict[str, Any]) -> Prise:
    """Ce que la page a capté, daté par les blocs les plus prompts."""
    son = np.frombuffer(base64.b64decode(paroles["son"]), np.int16)
    fins = np.cumsum(paroles["tailles"])
    # Un bloc ne peut être traité qu'en retard : l'origine la plus précoce est la plus vraie.
    origine = float(np.min(np.array(paroles["instants"]) / 1000 - fins / FREQUENCE))
    return Prise(son, np.array([0]), np.array([origine]))


def jouee(dossier: Path) -> Prise:
    """Ce que le sujet a donné au haut-parleur."""
    with np.load(dossier / "joue.npz") as fichier:
        return Prise(fichier["son"], fichier["debuts"], fichier["instants"])


def juger(dit: Prise, joue: Prise, avant: dict[str, Any], apres: dict[str, Any]) -> Bilan:
    """Compare ce qui a été joué à ce qui a été dit."""
    origine = retrouver(dit.son)
    nets = origine.ressemblances > RESSEMBLANCE
    if not nets.any():
        raise MesureImpossible("le signal du médecin n'est pas reconnu chez lui")
    # L'heure où la boucle commence, modulo sa durée : la médiane des écarts au premier, ramenés autour de zéro.
    departs = dit.instant(origine.rangs[nets]) - origine.places[nets]
    depart = departs[0] + float(np.median((departs - departs[0] + DUREE_S / 2) % DUREE_S - DUREE_S / 2))
    rangs = np.arange(0, len(joue.son), int(PAS_S * FREQUENCE))
    attendus = (joue.instant(rangs) - depart) % DUREE_S
    passages = retrouver(joue.son, attendus)
    vrais = passages.ressemblances > RESSEMBLANCE
    delais = ((attendus[: len(vrais)] - passages.places) % DUREE_S)[vrais] * 1000
    ecoule = joue.instants[-1] - joue.instants[0] + (len(joue.son) - joue.debuts[-1]) / FREQUENCE
    entendus = float((passages.niveaux > SILENCE).sum() * PAS_S)
    tiers = len(delais) // 3
    if tiers < 3:
        raise MesureImpossible("rien de ce qui a été dit n'a été joué")
    recus = apres["totalSamplesReceived"] - avant["totalSamplesReceived"]
    return Bilan(
        jouee=min(1.0, float(entendus / (ecoule - 0.06))),
        vraie=min(1.0, float(vrais.sum() * PAS_S / (ecoule - 0.06))),
        delai=float(np.median(delais)),
        delai_p95=float(np.percentile(delais, 95)),
        croissance=float(np.mean(delais[-tiers:]) - np.mean(delais[:tiers])),
        dissimulee_chez_chromium=(apres["concealedSamples"] - avant["concealedSamples"]) / max(1, recus),
    )


def rapporter(borne: list[Bilan], ancre: list[Bilan]) -> None:
    """Les figures : la médiane des tours."""

    def mediane(bilans: list[Bilan], champ: str) -> float | None:
        return round(float(np.median([getattr(bilan, champ) for bilan in bilans])), 4) if bilans else None

    def dire(figure: str, champ: str, unite: str, but: str, limite: float, *, minimum: bool = False) -> None:
        valeur, pair = mediane(borne, champ), mediane(ancre, champ)
        assert valeur is not None
        facteur = 100 if unite == "%" else 1
        ligne = {
            "figure": figure,
            "valeur": round(valeur * facteur, 2),
            "unite": unite,
            "but": but,
            "ancre": None if pair is None else round(pair * facteur, 2),
            "tenu": valeur >= limite if minimum else valeur <= limite,
        }
        print(json.dumps(ligne, ensure_ascii=False), flush=True)

    dire("voix_jouee_ou_dissimulee", "jouee", "%", "au moins 99 %", 0.99, minimum=True)
    dire("voix_vraie", "vraie", "%", "au moins 97 %", 0.97, minimum=True)
    dire("voix_delai", "delai", "ms", "au plus 120 ms", 120)
    dire("voix_delai_p95", "delai_p95", "ms", "au plus 120 ms", 120)
    dire("voix_croissance", "croissance", "ms", "au plus 10 ms", 10)
    dire("voix_borne_dissimulee_chez_chromium", "dissimulee_chez_chromium", "%", "au plus 1 %", 0.01)


async def mesurer(duree: float, tours: int, graine: int, ancres: bool) -> None:
    """Les prises, en alternance."""
    dossier = Path(tempfile.mkdtemp(prefix="banc-voix-"))
    bilans: dict[str, list[Bilan]] = {"borne": [], "ancre": []}
    try:
        async with medecin(dossier) as page:
            for tour in range(tours):
                for nom in ("borne", "ancre") if ancres else ("borne",):
                    bilan = await prendre(nom, page, dossier, duree, graine + tour)
                    print(f"{nom} : {bilan}", file=sys.stderr, flush=True)
                    bilans[nom].append(bilan)
    finally:
        shutil.rmtree(dossier)
    rapporter(bilans["borne"], bilans["ancre"])


def principal(arguments: Sequence[str] | None = None) -> int:
    """0 quand tout a pu être mesuré, 1 sinon."""
    analyseur = argparse.ArgumentParser(prog="python -m tests.bancs.voix")
    analyseur.add_argument("--court", action="store_true", help="des prises plus courtes, en 50 s")
    analyseur.add_argument("--duree", type=float, help="secondes mesurées par prise")
    analyseur.add_argument("--tours", type=int, default=1, help="alternances de la borne et de son ancre")
    analyseur.add_argument("--graine", type=int, default=1, help="graine du relais")
    analyseur.add_argument("--sans-ancre", action="store_true", help="la borne seule")
    options = analyseur.parse_args(arguments)
    duree = options.duree or (8.0 if options.court else 25.0)
    try:
        asyncio.run(mesurer(duree, options.tours, options.graine, not options.sans_ancre))
    except MesureImpossible as erreur:
        print(f"mesure impossible : {erreur}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(principal())
