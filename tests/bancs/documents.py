"""Banc des documents : pages trouvées, remises à plat, lues, sur des photographies fabriquées.

    python -m tests.bancs.documents [--court]

Un objet JSON par ligne. L'ancre est le détecteur ordinaire des exemples d'OpenCV (Canny, plus grand contour à quatre
coins), sur les mêmes photographies. `--court` : moins de 50 s.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.numerisation import PageIntrouvable, composer_pdf, numeriser, trouver_page
from borne.peripheriques.numerisation.recherche import ordonner
from borne.peripheriques.opencv import cv2
from tests.bancs._documents_photos import CAS, Photo, fabriquer

ECART_MAX: Final = 0.01
"""Part de la diagonale de l'image."""
BUT_TROUVEES: Final = 0.95
HORS_FIGURE: Final = ("blanc",)
"""Papier blanc sur table blanche, sous le grain de la table : mesuré à part, personne ne promet d'y voir une page."""
GRAINES_COURTES: Final = (2, 3)
"""Deux photographies par cas : de quoi voir une régression ; la figure du projet est celle du banc entier."""


def ecart(coins: NDArray[np.float64], photo: Photo) -> float:
    """Le plus grand écart d'un coin, en part de la diagonale, quel que soit le coin nommé premier."""
    vrais = ordonner(photo.coins)
    ecarts = [np.linalg.norm(np.roll(coins, rang, axis=0) - vrais, axis=1).max() for rang in range(4)]
    return float(min(ecarts)) / float(np.hypot(*photo.bgr.shape[:2]))


def ecart_trouve(photo: Photo) -> float:
    """L'écart de la page trouvée ; 1 quand rien n'est trouvé."""
    try:
        return ecart(trouver_page(photo.bgr).coins, photo)
    except PageIntrouvable:
        return 1.0


def ecart_ancre(photo: Photo) -> float:
    """Le même, par le plus grand contour à quatre coins de Canny."""
    echelle = 500 / photo.bgr.shape[0]
    gris = cv2.cvtColor(cv2.resize(photo.bgr, None, fx=echelle, fy=echelle), cv2.COLOR_BGR2GRAY)
    bords = cv2.Canny(cv2.GaussianBlur(gris, (5, 5), 0), 75, 200)
    contours, _ = cv2.findContours(bords, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:5]:
        coins = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, True), True)
        if len(coins) == 4:
            return ecart(ordonner(coins.reshape(4, 2) / echelle), photo)
    return 1.0


def principal() -> None:
    """Mesure et imprime."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--court", action="store_true")
    options.add_argument("--graines", type=int, default=40)
    choix = options.parse_args()
    graines = GRAINES_COURTES if choix.court else range(choix.graines)
    taille = (1000, 750) if choix.court else (1600, 1200)
    trouves: dict[tuple[bool, str], list[tuple[float, float]]] = {}
    durees = []
    for graine in graines:
        for autre, cas in ((a, c) for a in (False, True) for c in CAS):
            photo = fabriquer(cas, graine, autre=autre, taille=taille)
            debut = time.process_time()
            sien = ecart_trouve(photo)
            durees.append(time.process_time() - debut)
            trouves.setdefault((autre, cas), []).append((sien, ecart_ancre(photo)))
    for autre, cas in trouves:
        nom = f"documents_{cas}_{'aplats' if autre else 'matiere'}"
        _dire(nom, *_parts(trouves[(autre, cas)]), "part", None)
    promis = [mesure for (_, cas), mesures in trouves.items() if cas not in HORS_FIGURE for mesure in mesures]
    _dire("documents_pages_trouvees", *_parts(promis), "part", BUT_TROUVEES)
    _dire("documents_duree_recherche", float(np.median(durees)), None, "s", 1.0, moins=True)
    _dire_pdf()


def _parts(mesures: Iterable[tuple[float, float]]) -> tuple[float, float]:
    siens, ancres = zip(*mesures, strict=True)
    return tuple(float(np.mean([e < ECART_MAX for e in liste])) for liste in (siens, ancres))  # type: ignore[return-value]


def _dire_pdf() -> None:
    """Deux pages photographiées en 1080p : la taille de leur PDF."""
    pages = [numeriser(fabriquer("ombre", graine, taille=(1920, 1080)).bgr) for graine in range(2)]
    _dire("documents_pdf_par_page", len(composer_pdf(pages)) / 2 / 1024, None, "Kio", 400.0, moins=True)


def _dire(
    figure: str, valeur: float, ancre: float | None, unite: str, but: float | None, moins: bool = False
) -> None:
    tenu = but is None or (valeur <= but if moins else valeur >= but)
    ligne = {"figure": figure, "valeur": round(valeur, 4), "unite": unite, "but": but, "ancre": ancre, "tenu": tenu}
    print(json.dumps(ligne), flush=True)


if __name__ == "__main__":
    principal()
