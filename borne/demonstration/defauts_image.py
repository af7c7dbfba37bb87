"""Ce qui arrive à une caméra : noire, figée, floue, mal éclairée... appliqué aux trames avant qu'elles ne partent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.opencv import cv2

NOIR: Final = 16
BLANC: Final = 235
"""Plage restreinte de la luminance (UIT-R BT.601)."""
NEUTRE: Final = 128
ECART_TYPE_GRAIN: Final = 2.0
ECART_TYPE_NEIGE: Final = 40.0
REDUCTION_FLOU: Final = 24
"""L'image passe par une image tant de fois plus petite : le flou d'un objectif déréglé."""

Plan = NDArray[np.uint8]


class DefautInconnu(ValueError):
    """Ce défaut n'existe pas."""


class Abimeur:
    """Applique un défaut aux trames y4m 4:2:0 d'une taille donnée. `nom` : une clé de `DEFAUTS`, vide pour aucun."""

    def __init__(self, nom: str = "") -> None:
        if nom and nom not in DEFAUTS:
            raise DefautInconnu(f"défaut inconnu : {nom} ({', '.join(sorted(DEFAUTS))})")
        self._faire = DEFAUTS.get(nom)
        self.rang = 0
        self.garde: Plan | None = None
        self._hasard = np.random.default_rng(3)
        self._bancs: dict[float, list[NDArray[np.int8]]] = {}

    def appliquer(self, tampon: memoryview, largeur: int, hauteur: int) -> memoryview:
        """Rend la trame abîmée ; celle d'origine n'est pas touchée."""
        if self._faire is None:
            return tampon
        copie = np.frombuffer(tampon, np.uint8).copy()
        self._faire(self, copie[: largeur * hauteur].reshape(hauteur, largeur), copie[largeur * hauteur :])
        if self._faire is _figer:
            if self.garde is None:
                self.garde = copie
            copie = self.garde
        self.rang += 1
        return copie.data

    def bruiter(self, y: Plan, ecart_type: float) -> None:
        """Ajoute le bruit d'un capteur."""
        if ecart_type not in self._bancs:
            tirages = [self._hasard.standard_normal(y.shape, np.float32) * ecart_type for _ in range(4)]
            self._bancs[ecart_type] = [np.clip(np.rint(t), -127, 127).astype(np.int8) for t in tirages]
        cv2.add(y, self._bancs[ecart_type][self.rang % 4], dst=y, dtype=cv2.CV_8U)


def _uni(niveau: int) -> Callable[[Abimeur, Plan, Plan], None]:
    def faire(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
        y[:], uv[:] = niveau, NEUTRE
        abimeur.bruiter(y, ECART_TYPE_GRAIN / 2)

    return faire


def _eclairer(gain: float, ajout: float = 0.0) -> Callable[[Abimeur, Plan, Plan], None]:
    def faire(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
        y[:] = _table(gain, ajout)[y]
        uv[:] = np.clip(NEUTRE + (uv.astype(np.int16) - NEUTRE) * min(1.0, gain), 0, 255).astype(np.uint8)
        abimeur.bruiter(y, ECART_TYPE_GRAIN / 2)

    return faire


def _table(gain: float, ajout: float = 0.0) -> Plan:
    niveaux = NOIR + (np.arange(256) - NOIR) * gain + ajout
    return np.asarray(np.clip(np.rint(niveaux), NOIR, BLANC), np.uint8)


def _figer(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
    """La première trame, sans fin (voir `Abimeur.appliquer`)."""


def _flouter(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
    taille = (y.shape[1], y.shape[0])
    petite = cv2.resize(y, None, fx=1 / REDUCTION_FLOU, fy=1 / REDUCTION_FLOU, interpolation=cv2.INTER_AREA)
    y[:] = cv2.resize(petite, taille, interpolation=cv2.INTER_CUBIC)
    abimeur.bruiter(y, ECART_TYPE_GRAIN)


def _neige(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
    abimeur.bruiter(y, ECART_TYPE_NEIGE)


def _contre_jour(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
    h, w = y.shape
    milieu = y[h // 6 : -h // 6, w // 5 : -w // 5]
    sombre = _table(0.35)[milieu]
    y[:] = _table(1.0, 70)[y]
    y[h // 6 : -h // 6, w // 5 : -w // 5] = sombre


def _clignoter(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
    if abimeur.rang % 3 == 0:
        y[:] = _table(0.65)[y]


def _gris(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
    uv[:] = NEUTRE


def _vert(abimeur: Abimeur, y: Plan, uv: Plan) -> None:
    uv[:] = 40


DEFAUTS: Final[dict[str, Callable[[Abimeur, Plan, Plan], None]]] = {
    "noire": _uni(NOIR),
    "vide": _uni(150),
    "figee": _figer,
    "floue": _flouter,
    "sombre": _eclairer(0.1),
    "piece-sombre": _eclairer(0.24),
    "claire": _eclairer(1.9, 60),
    "neige": _neige,
    "contre-jour": _contre_jour,
    "clignote": _clignoter,
    "gris": _gris,
    "vert": _vert,
}
"""Chaque défaut, par son nom dans les commandes de la caméra virtuelle."""
