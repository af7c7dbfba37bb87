"""L'appel avec un vrai Chromium sans tête, qui joue la page du médecin."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Page

from borne.demonstration.horodatage import dessiner
from borne.protocole import DemandeEcoute, EtatEcoute, encoder
from borne.visio.liaison import EtatLiaison
from borne.visio.reparation import Reparation
from tests.bancs.relais import Regime, Relais
from tests.visio.navigateur import page_medecin
from tests.visio.outils import Camera, Image, Son, attendre, coeur_synthetique, seance, ton
from tests.visio.test_seance import correlation


class CameraHorodatee(Camera):
    """La mire, avec l'instant de capture dessiné dans chaque image."""

    async def prochaine(self, apres: int) -> Image:
        image = await super().prochaine(apres)
        luma = np.zeros((200, 1920), dtype=np.uint8)
        dessiner(luma, int(image.instant * 1000))
        image.bgr[:192, :240] = cv2.cvtColor(luma[:192, :240], cv2.COLOR_GRAY2BGR)
        return image


async def _son(page: Page, mid: str, secondes: float = 2.0) -> NDArray[np.int16]:
    octets = base64.b64decode(await page.evaluate("([mid, s]) => son(mid, s)", [mid, secondes]))
    return np.frombuffer(octets, dtype=np.int16)


async def _fidele(page: Page, mid: str, emis: NDArray[np.int16]) -> float:
    """La meilleure corrélation d'un extrait de 0,8 s (un battement entier), jusqu'à 0,95.

    Court, et non deux secondes : quand la machine peine, Chromium étire le son de 3 % pour suivre l'horloge de sa
    sortie factice, par sauts de 10 ms entre les battements.
    """
    correlations = [0.0]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(40):
            while max(correlations) < 0.95:
                await asyncio.sleep(1)
                son = await _son(page, mid)
                correlations += [
                    correlation(emis, extrait) for extrait in np.array_split(son, max(1, len(son) // 38_400))
                ]
    return max(correlations)


async def test_chromium_recoit_tout_et_repond() -> None:
    coeur = coeur_synthetique(20)
    appel = seance(CameraHorodatee(), Son(ton(300)), Son(coeur))
    async with page_medecin() as page, contextlib.AsyncExitStack() as fin:
        fin.push_async_callback(appel.seance.fermer)
        await appel.seance.repondre(await page.evaluate("o => repondre(o)", await appel.seance.offre()))
        await attendre(lambda: EtatLiaison.ETABLIE in appel.etats)
        appel.seance.ecouter(True)
        await page.evaluate("t => envoyer(t)", encoder(DemandeEcoute(foyer="mitral")))
        await attendre(lambda: appel.messages == [DemandeEcoute(foyer="mitral")])
        assert appel.seance.envoyer(EtatEcoute(active=True, foyer="mitral"))
        await attendre(lambda: len(appel.images) > 20 and appel.images[-1][0].shape[1] >= 640)
        assert await _fidele(page, "1", ton(300)) > 0.9
        fidelite = await _fidele(page, "2", coeur)
        assert fidelite > 0.9
        await attendre(lambda: appel.seance.statistiques().get("images_emises_s", 0) > 1)
        bilan = await page.evaluate("bilan()")
        _rapporter(bilan, appel.seance.statistiques(), fidelite)
        await page.evaluate("fermer()")
        await attendre(lambda: EtatLiaison.PERDUE in appel.etats)
    assert (bilan["largeur"], bilan["hauteur"]) == (1920, 1080)
    assert bilan["pistes"] == {"1": "audio", "2": "audio", "3": "video"}
    image = next(entree for entree in bilan["entrees"] if entree["kind"] == "video")
    assert image["codec"] == "video/H264"
    assert image["framesDecoded"] > 50
    assert image["keyFramesDecoded"] < 5
    emise = next(sortie for sortie in bilan["sorties"] if sortie["kind"] == "video")
    assert emise["codec"] == "video/H264"
    assert bilan["messages"] == [{"type": "EtatEcoute", "active": True, "foyer": "mitral", "raison": "", "ecoute": 0}]
    assert len(bilan["delais"]) > 50
    assert np.abs(appel.haut_parleur.tout()).max() > 500


def _rapporter(bilan: dict[str, Any], statistiques: dict[str, float], fidelite: float) -> None:
    delais = [delai for _, delai in bilan["delais"]]
    mediane, p95 = np.percentile(delais, [50, 95])
    print(f"délai image médiane {mediane:.0f} ms, p95 {p95:.0f} ms ; stéthoscope {fidelite:.3f} ; {statistiques}")


class CameraGranuleuse(Camera):
    """La mire sous un grain de capteur : chaque image fait plusieurs paquets."""

    def __init__(self) -> None:
        super().__init__(1280, 720)
        tirage = np.random.default_rng(4)
        self._grains = [tirage.integers(0, 24, (720, 1280, 3), dtype=np.uint8) for _ in range(5)]

    async def prochaine(self, apres: int) -> Image:
        image = await super().prochaine(apres)
        return Image(cv2.add(image.bgr, self._grains[image.numero % 5]), image.instant, image.numero)


DUREE_PERTES_S = 6


async def test_chromium_repare_sans_retransmission(monkeypatch: pytest.MonkeyPatch) -> None:
    """Un paquet perdu sur trente et rien n'étant renvoyé, les images continuent : les parités seules les réparent.

    Sans elles il faudrait une image clé entière à chaque perte : presque aucune image ne passerait. Les pertes sont
    isolées : ce que des parités réparent toujours, quelle que soit la charge de la machine (au hasard, à 5 %, deux
    pertes d'un même groupe arrivent aussi : c'est l'affaire du banc).
    """
    demandes = Reparation.copies
    monkeypatch.setattr(Reparation, "copies", lambda soi, numero: 0 * demandes(soi, numero))
    appel = seance(CameraGranuleuse(), None, None)
    with Relais(graine=3) as relais:
        async with page_medecin() as page, contextlib.AsyncExitStack() as fin:
            fin.push_async_callback(appel.seance.fermer)
            offre = relais.sdp(await appel.seance.offre(), "borne")
            await appel.seance.repondre(relais.sdp(await page.evaluate("o => repondre(o)", offre), "medecin"))
            await attendre(lambda: EtatLiaison.ETABLIE in appel.etats)
            await attendre(lambda: appel.seance.statistiques().get("images_emises_s", 0) > 10)
            relais.regler(Regime(un_sur=30, delai_ms=20))
            await asyncio.sleep(3)
            avant = _image_recue(await page.evaluate("bilan()"))
            await asyncio.sleep(DUREE_PERTES_S)
            apres = _image_recue(await page.evaluate("bilan()"))
            cadence = appel.seance.statistiques()["images_emises_s"]
    recus = {
        nom: apres[nom] - avant.get(nom, 0)
        for nom in ("packetsReceived", "fecPacketsReceived", "framesReceived", "framesDecoded")
    }
    print(recus)
    assert apres["fecSsrc"]
    assert recus["fecPacketsReceived"] > 0.05 * recus["packetsReceived"]
    # Sans parités, une seule perte arrête tout : on n'en décode alors aucune (mesuré).
    assert recus["framesDecoded"] > 0.5 * cadence * DUREE_PERTES_S


def _image_recue(bilan: dict[str, Any]) -> dict[str, Any]:
    return next(entree for entree in bilan["entrees"] if entree["kind"] == "video")
