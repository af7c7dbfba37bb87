"""Une prise : un appel entre un émetteur et le médecin à travers le relais, mesuré image par image."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser, Page

from tests.bancs._visio_emetteurs import Emetteur
from tests.bancs._visio_navigateur import Navigateurs
from tests.bancs._visio_processus import temps_des_autres, temps_processeur
from tests.bancs.relais import Compteurs, Relais, Sens

TROU_FIGE_MS: Final = 200.0
"""Un écart plus long entre deux images rendues est du temps figé ; il compte en entier."""
ATTENTE_PREMIERE_S: Final = 30.0
IMAGES_SUITE: Final = 10
"""Images rendues dans une seconde pour dire que l'image est revenue."""


class MesureImpossible(RuntimeError):
    """Le banc ne peut pas mesurer : pas d'image, ou pas de navigateur."""


@dataclass
class Mesures:
    """Ce que le médecin a rendu pendant une fenêtre. `rendues` : (n, 5) instant ms, âge ms, numéro, images
    présentées, hauteur. `serie` : (n, 4) instant ms, octets d'image, images clés, demandes d'image clé, cumulés."""

    debut_ms: float
    fin_ms: float
    rendues: NDArray[np.float64]
    debut: dict[str, Any]
    fin: dict[str, Any]
    processeur_s: float
    serie: NDArray[np.float64]
    autres_s: float
    """Secondes de processeur prises par d'autres que le banc : au-delà d'un dixième de cœur, la mesure est gâchée."""
    compteurs: dict[Sens, Compteurs] = field(default_factory=dict)

    @property
    def duree_s(self) -> float:
        """Secondes de la fenêtre."""
        return (self.fin_ms - self.debut_ms) / 1000

    def delai(self, centile: float) -> float:
        """Centile de l'âge des images rendues, en ms."""
        if not len(self.rendues):
            raise MesureImpossible("aucune image rendue")
        return round(float(np.percentile(self.rendues[:, 1], centile)), 1)

    @property
    def trous_ms(self) -> NDArray[np.float64]:
        """Les écarts entre images rendues, bords de la fenêtre compris."""
        return np.diff(np.concatenate([[self.debut_ms], self.rendues[:, 0], [self.fin_ms]]))

    @property
    def fige_s(self) -> float:
        """Secondes passées dans des écarts de plus de `TROU_FIGE_MS`."""
        trous = self.trous_ms
        return round(float(trous[trous > TROU_FIGE_MS].sum()) / 1000, 2)

    @property
    def images_s(self) -> float:
        """Images rendues par seconde : celles qu'un rappel a vues. Une rafale remise d'un coup n'en montre qu'une."""
        return round(len(self.rendues) / self.duree_s, 1)

    @property
    def debit_mbits(self) -> float:
        """Mbit/s de vidéo reçus, sans les entêtes ni la réparation (bytesReceived, webrtc-stats)."""
        return round(self.ecart("bytesReceived") * 8e-6 / self.duree_s, 2)

    @property
    def kbits_par_image(self) -> float:
        """Kbit par image décodée : un émetteur qui saute des images en a plus pour chacune."""
        return self.ecart("bytesReceived") * 8e-3 / max(1.0, self.ecart("framesDecoded"))

    @property
    def processeur(self) -> float:
        """Part d'un cœur prise par l'émetteur, sans sa caméra."""
        return round(self.processeur_s / self.duree_s, 3)

    def debits(self, pas_ms: float = 1000.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Le débit d'image reçu (Mbit/s) sur une fenêtre glissante de `pas_ms`, et l'instant (ms) où elle finit."""
        instants, octets = self.serie[:, 0], self.serie[:, 1]
        fins = instants[instants >= instants[0] + pas_ms]
        recus = np.interp(fins, instants, octets) - np.interp(fins - pas_ms, instants, octets)
        return fins, recus * 8e-3 / pas_ms

    def ecart(self, compteur: str) -> float:
        """De combien un compteur de l'entrée vidéo (webrtc-stats) a crû."""
        return float(self.fin.get(compteur, 0)) - float(self.debut.get(compteur, 0))

    def resume(self) -> str:
        """Une ligne pour qui lit la sortie d'erreur."""
        hauteurs = sorted({int(h) for h in self.rendues[:, 4]})
        return (
            f"p50 {self.delai(50)} p95 {self.delai(95)} max {self.delai(100)} ms ; figé {self.fige_s} s sur "
            f"{self.duree_s:.0f} ; {self.images_s} images/s ; {self.debit_mbits} Mbit/s "
            f"({self.kbits_par_image:.0f} kbit par image) ; "
            f"cœur {self.processeur:.0%} ; clés {self.ecart('keyFramesDecoded'):.0f} ; "
            f"NACK {self.ecart('nackCount'):.0f} ; PLI {self.ecart('pliCount'):.0f} ; hauteurs {hauteurs} ; "
            f"{self.fin.get('codec')} ; autres {self.autres_s / self.duree_s:.0%} d'un cœur"
        )


@dataclass
class Prise:
    """Un appel établi à travers le relais, prêt à être mesuré."""

    emetteur: Emetteur
    page: Page
    relais: Relais

    async def mesurer(self, duree_s: float) -> Mesures:
        """Attend `duree_s` secondes et rend ce qui s'y est passé."""
        avant = await self.page.evaluate("releve(Infinity)")
        processeur, camera = temps_processeur(self.emetteur.pids()), await self.emetteur.cout_camera()
        autres = temps_des_autres()
        await asyncio.sleep(duree_s)
        autres = temps_des_autres() - autres
        processeur = temps_processeur(self.emetteur.pids()) - processeur
        camera = await self.emetteur.cout_camera() - camera
        apres = await self.page.evaluate("t => releve(t)", avant["instant"])
        rendues = np.array(apres["rendues"], np.float64).reshape(-1, 5)
        rendues = rendues[rendues[:, 0] <= apres["instant"]]
        return Mesures(
            debut_ms=avant["instant"],
            fin_ms=apres["instant"],
            rendues=rendues,
            debut=avant["entree"],
            fin=apres["entree"],
            processeur_s=processeur - camera,
            serie=np.array(apres["serie"], np.float64).reshape(-1, 4),
            autres_s=autres,
            compteurs=self.relais.compteurs(),
        )


async def retour_de_l_image(page: Page, depuis_ms: float, attente_s: float) -> float | None:
    """Secondes entre `depuis_ms` (ms Unix : le retour du réseau) et la première image rendue d'une suite qui dure.

    Une suite dure quand `IMAGES_SUITE` images se rendent dans la seconde : une image isolée n'est pas un retour.
    None si rien n'est revenu en `attente_s` secondes. `page` : toute page où `regarder` note les images rendues
    (`releve`), celle du banc ou une autre.
    """
    limite = time.monotonic() + attente_s + max(0.0, depuis_ms / 1000 - time.time())
    while time.monotonic() < limite:
        await asyncio.sleep(0.2)
        instants: list[float] = [ligne[0] for ligne in (await page.evaluate("t => releve(t)", depuis_ms))["rendues"]]
        for premiere, derniere in zip(instants, instants[IMAGES_SUITE - 1 :], strict=False):
            if derniere - premiere <= 1000:
                return round((premiere - depuis_ms) / 1000, 3)
    return None


@contextlib.asynccontextmanager
async def appel(
    emetteur: Emetteur, navigateurs: Navigateurs, medecin: Browser, graine: int, *, avec_son: bool = False
) -> AsyncIterator[Prise]:
    """L'appel établi sur un réseau parfait, première image rendue. `graine` : celle du relais. `avec_son` : la page
    relève aussi les clics de la voix."""
    page = await navigateurs.page(medecin)
    with Relais(graine) as relais:
        try:
            offre = await emetteur.offre()
            reponse = await page.evaluate("o => repondre(...o)", [relais.sdp(offre, "borne"), avec_son])
            await emetteur.repondre(relais.sdp(reponse, "medecin"))
            await _premiere_image(page, emetteur.nom)
            yield Prise(emetteur, page, relais)
        finally:
            await emetteur.fermer()
            await page.close()


async def _premiere_image(page: Page, nom: str) -> None:
    limite = time.monotonic() + ATTENTE_PREMIERE_S
    while not (await page.evaluate("releve()"))["rendues"]:
        if time.monotonic() > limite:
            raise MesureImpossible(f"{nom} : aucune image n'est arrivée au médecin")
        await asyncio.sleep(0.1)
