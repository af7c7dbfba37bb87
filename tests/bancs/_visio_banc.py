"""Ce que les figures du banc de l'appel partagent : les émetteurs en alternance, et la façon de dire une ligne."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from playwright.async_api import Browser

from tests.bancs._visio_camera import Contenu, Taille
from tests.bancs._visio_emetteurs import Emetteur, EmetteurChromium, borne, gstreamer, gstreamer_present
from tests.bancs._visio_navigateur import Navigateurs
from tests.bancs._visio_prise import MesureImpossible, Mesures, Prise, appel

M = TypeVar("M")


@dataclass(frozen=True)
class Reglages:
    """Ce que la ligne de commande a choisi."""

    court: bool
    duree_s: float
    tours: int
    graine: int
    ancres: bool
    long_min: float


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

    @property
    def chauffe_s(self) -> float:
        """Secondes laissées à chaque émetteur pour atteindre son débit avant de mesurer."""
        return 3.0 if self.reglages.court else 6.0

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
        faire: Callable[[Prise], Awaitable[M]],
        choisir: Callable[[], Sequence[Emetteur]],
    ) -> dict[str, list[M]]:
        """Joue `faire` avec chaque émetteur, `tours` fois ; rend ce qu'il a rendu, par émetteur."""
        rendus: dict[str, list[M]] = {}
        for tour in range(self.reglages.tours):
            for emetteur in choisir():
                graine = self.reglages.graine + tour
                try:
                    async with appel(emetteur, self.navigateurs, self.medecin, graine) as prise:
                        rendu = await faire(prise)
                except (MesureImpossible, RuntimeError) as erreur:
                    # Une ancre qui manque se dit ; la borne et Chromium, eux, doivent se mesurer.
                    if emetteur.nom != "GStreamer":
                        raise
                    _noter(figure, f"GStreamer ne s'est pas laissé mesurer : {erreur}")
                    continue
                rendus.setdefault(emetteur.nom, []).append(rendu)
                for partie in rendu if isinstance(rendu, tuple) else (rendu,):
                    _noter(figure, f"{emetteur.nom} : {partie.resume() if isinstance(partie, Mesures) else partie}")
                    if isinstance(partie, Mesures):
                        _dire_relais(partie)
        return rendus


def _noter(figure: str, texte: str) -> None:
    print(f"[{figure}] {texte}", file=sys.stderr, flush=True)


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


def moyenne(mesures: Sequence[M] | None, de: Callable[[M], float]) -> float | None:
    """La moyenne d'une grandeur sur les tours ; None sans mesure."""
    return round(float(np.mean([de(mesure) for mesure in mesures])), 3) if mesures else None
