"""Les figures du banc de l'appel : chacune joue des prises en alternance et dit ses lignes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from playwright.async_api import Browser

from tests.bancs._visio_camera import HD, PLEINE_HD, Contenu, Taille
from tests.bancs._visio_emetteurs import Emetteur, EmetteurChromium, borne, gstreamer, gstreamer_present
from tests.bancs._visio_navigateur import Navigateurs
from tests.bancs._visio_prise import Mesures, Prise, appel
from tests.bancs.relais import Regime

CHAUFFE_S: Final = 6.0
"""Secondes laissées à chaque émetteur pour atteindre son débit avant de mesurer."""


@dataclass(frozen=True)
class Reglages:
    """Ce que la ligne de commande a choisi."""

    court: bool
    duree_s: float
    tours: int
    graine: int
    ancres: bool


@dataclass
class Banc:
    """Ce que toutes les figures partagent."""

    reglages: Reglages
    navigateurs: Navigateurs
    medecin: Browser
    dossier: Path
    gstreamer: bool | None = None
    """Présent sur cette machine ; None tant que la question n'a pas été posée."""
    _contenus: dict[Taille, Contenu] = field(default_factory=dict)

    def contenu(self, taille: Taille) -> Contenu:
        """La vidéo à cette taille, fabriquée une fois."""
        if taille not in self._contenus:
            self._contenus[taille] = Contenu(self.dossier, taille)
            self.navigateurs.contenus[taille.hauteur] = self._contenus[taille]
        return self._contenus[taille]

    def emetteurs(self, taille: Taille, debit: int, ancres: Sequence[str] = ("Chromium",)) -> list[Emetteur]:
        """La borne, puis ses ancres."""
        contenu = self.contenu(taille)
        choisis: list[Emetteur] = [borne(self.dossier, contenu, debit)]
        if "Chromium" in ancres and self.reglages.ancres:
            choisis.append(EmetteurChromium(self.navigateurs, taille, debit))
        if "GStreamer" in ancres and self.reglages.ancres:
            if self.gstreamer is None:
                self.gstreamer = gstreamer_present()
                if not self.gstreamer:
                    print("GStreamer (webrtcbin, x264enc, PyGObject) manque : pas d'ancre", file=sys.stderr)
            if self.gstreamer:
                choisis.append(gstreamer(self.dossier, contenu, debit))
        return choisis

    async def alterner(
        self,
        figure: str,
        faire: Callable[[Prise], Awaitable[Mesures]],
        choisir: Callable[[], list[Emetteur]],
    ) -> dict[str, list[Mesures]]:
        """Joue `faire` avec chaque émetteur, `tours` fois ; rend les mesures par émetteur."""
        mesures: dict[str, list[Mesures]] = {}
        for tour in range(self.reglages.tours):
            for emetteur in choisir():
                graine = self.reglages.graine + tour
                async with appel(emetteur, self.navigateurs, self.medecin, graine) as prise:
                    mesure = await faire(prise)
                mesures.setdefault(emetteur.nom, []).append(mesure)
                print(f"[{figure}] {emetteur.nom} : {mesure.resume()}", file=sys.stderr, flush=True)
                _dire_relais(mesure)
        return mesures


def _dire_relais(mesure: Mesures) -> None:
    """Le relais s'explique quand il a lui-même pris du retard : la machine était trop chargée."""
    pire = max(compteurs.retard_max_ms for compteurs in mesure.compteurs.values())
    if pire > 20:
        print(f"  (le relais a eu jusqu'à {pire:.0f} ms de retard : machine chargée)", file=sys.stderr, flush=True)


def dire(
    figure: str, valeur: float | None, unite: str, but: float | None, ancre: float | None, *, maximum: bool
) -> None:
    """Une ligne de résultat. `maximum` : le but est un plafond (sinon un plancher) ; sans but ni valeur, non tenu."""
    tenu = valeur is not None and but is not None and (valeur <= but if maximum else valeur >= but)
    ligne = {"figure": figure, "valeur": valeur, "unite": unite, "but": but, "ancre": ancre, "tenu": tenu}
    print(json.dumps(ligne, ensure_ascii=False), flush=True)


def _moyenne(mesures: list[Mesures] | None, de: Callable[[Mesures], float]) -> float | None:
    return round(float(np.mean([de(mesure) for mesure in mesures])), 3) if mesures else None


async def _sans_perte(banc: Banc, taille: Taille, debit: int) -> dict[str, list[Mesures]]:
    """Délai sur un réseau parfait, et ses lignes."""

    async def faire(prise: Prise) -> Mesures:
        await asyncio.sleep(CHAUFFE_S)
        return await prise.mesurer(banc.reglages.duree_s)

    def choisir() -> list[Emetteur]:
        return banc.emetteurs(taille, debit, ("Chromium", "GStreamer"))

    nom = f"delai{taille.hauteur}"
    prises = await banc.alterner(nom, faire, choisir)
    for centile, part in ((50, 0.3), (95, 0.4)):
        ici, chromium, gst = (
            _moyenne(prises.get(emetteur), lambda m, c=centile: m.delai(c))  # type: ignore[misc]
            for emetteur in ("borne", "Chromium", "GStreamer")
        )
        but = None if chromium is None else round(part * chromium, 1)
        dire(f"{nom}_p{centile}_chromium", ici, "ms", but, chromium, maximum=True)
        dire(f"{nom}_p{centile}_gstreamer", ici, "ms", None if gst is None else round(gst + 3, 1), gst, maximum=True)
    return prises


async def delai720(banc: Banc) -> None:
    """Délai en 720p30 à 3 Mbit/s, sans perte."""
    await _sans_perte(banc, HD, 3_000_000)


async def delai1080(banc: Banc) -> None:
    """Délai en 1080p30 à 4 Mbit/s, sans perte, et processeur des émetteurs."""
    prises = await _sans_perte(banc, PLEINE_HD, 4_000_000)
    ici = _moyenne(prises["borne"], lambda m: m.processeur)
    for ancre, part in (("Chromium", 0.55), ("GStreamer", 1.15)):
        la = _moyenne(prises.get(ancre), lambda m: m.processeur)
        but = None if la is None else round(part * la, 3)
        dire(f"processeur1080_{ancre.lower()}", ici, "part d'un cœur", but, la, maximum=True)


async def _pertes(banc: Banc, taux: float) -> dict[str, list[Mesures]]:
    async def faire(prise: Prise) -> Mesures:
        await asyncio.sleep(CHAUFFE_S)
        prise.relais.regler(Regime(perte=taux, delai_ms=20))
        # Les premières secondes disent l'adaptation, les suivantes le régime : les deux comptent.
        return await prise.mesurer(banc.reglages.duree_s)

    return await banc.alterner(f"pertes {taux:.0%}", faire, lambda: banc.emetteurs(HD, 3_000_000))


async def pertes5(banc: Banc) -> None:
    """5 % de pertes dans chaque sens, aller-retour de 40 ms, 720p30."""
    prises = await _pertes(banc, 0.05)
    ici, la = prises["borne"], prises.get("Chromium")
    p95 = _moyenne(la, lambda m: m.delai(95))
    fige = _moyenne(la, lambda m: m.fige_s)
    dire("pertes5_fige", _moyenne(ici, lambda m: m.fige_s), "s", 0, fige, maximum=True)
    cadence = _moyenne(la, lambda m: m.images_s)
    dire("pertes5_images", _moyenne(ici, lambda m: m.images_s), "images/s", 28, cadence, maximum=False)
    debit = _moyenne(la, lambda m: m.debit_mbits)
    dire("pertes5_debit", _moyenne(ici, lambda m: m.debit_mbits), "Mbit/s", 2, debit, maximum=False)
    but = None if p95 is None else round(0.8 * p95, 1)
    dire("pertes5_p95", _moyenne(ici, lambda m: m.delai(95)), "ms", but, p95, maximum=True)


async def pertes10(banc: Banc) -> None:
    """10 % de pertes dans chaque sens, aller-retour de 40 ms, 720p30."""
    prises = await _pertes(banc, 0.10)
    ici, la = prises["borne"], prises.get("Chromium")
    fige = _moyenne(la, lambda m: m.fige_s)
    dire("pertes10_fige", _moyenne(ici, lambda m: m.fige_s), "s", fige, fige, maximum=True)
    cadence = _moyenne(la, lambda m: m.images_s)
    dire("pertes10_images", _moyenne(ici, lambda m: m.images_s), "images/s", 25, cadence, maximum=False)
    debit = _moyenne(la, lambda m: m.debit_mbits)
    dire("pertes10_debit", _moyenne(ici, lambda m: m.debit_mbits), "Mbit/s", 1.5, debit, maximum=False)


FIGURES: Final[dict[str, Callable[[Banc], Awaitable[None]]]] = {
    "delai720": delai720,
    "delai1080": delai1080,
    "pertes5": pertes5,
    "pertes10": pertes10,
}
FIGURES_COURTES: Final = ["pertes5"]
