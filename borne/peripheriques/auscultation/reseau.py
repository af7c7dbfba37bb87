"""Les petits modèles appris, lus de `modele.npz` : une couche cachée au plus, quelques kilooctets.

Ils sont produits par `python -m tests.bancs._auscultation_apprentissage`, qui dit d'où ils viennent et ce qu'ils
valent sur des patients qu'ils n'ont pas vus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.auscultation.spectre import Reels

FICHIER: Final = Path(__file__).with_name("modele.npz")
_BORNE: Final = 5.0
"""Écarts types au-delà desquels un indice n'en dit pas plus."""


@dataclass(frozen=True, slots=True)
class Reseau:
    """Entrées centrées et réduites, une couche cachée (tangente hyperbolique), une sortie par classe."""

    moyenne: Reels
    echelle: Reels
    w1: Reels
    b1: Reels
    w2: Reels
    b2: Reels

    def probabilites(self, entrees: Reels) -> Reels:
        """(lignes, entrées) donne (lignes, classes), de somme 1. Une entrée NaN compte pour la moyenne."""
        centrees = np.clip((entrees - self.moyenne) / self.echelle, -_BORNE, _BORNE)
        cachees = np.tanh(np.nan_to_num(centrees, nan=0.0) @ self.w1 + self.b1)
        sorties = cachees @ self.w2 + self.b2
        poids = np.exp(sorties - sorties.max(axis=1, keepdims=True))
        probabilites: Reels = poids / poids.sum(axis=1, keepdims=True)
        return probabilites


@dataclass(frozen=True, slots=True)
class Modele:
    """`etats` : S1, systole, S2, diastole d'une ligne ; `part` : la fréquence de chacun dans l'apprentissage ;
    `qualite` : net, bruit, frottement, saturation, sans battement ; `confiance` : faux, juste à 3 bpm près."""

    etats: Reseau
    part: Reels
    qualite: Reseau
    confiance: Reseau


def composer(tables: Mapping[str, NDArray[np.float32]]) -> Modele:
    """Un modèle depuis ses tables nommées (`etats_w1`, ...). Lève `KeyError` s'il en manque une."""

    def reseau(nom: str) -> Reseau:
        champs = ("moyenne", "echelle", "w1", "b1", "w2", "b2")
        return Reseau(*(np.asarray(tables[f"{nom}_{champ}"], dtype=np.float64) for champ in champs))

    part = np.asarray(tables["part"], dtype=np.float64)
    return Modele(reseau("etats"), part, reseau("qualite"), reseau("confiance"))


@lru_cache(maxsize=1)
def modele_ordinaire() -> Modele:
    """Le modèle livré avec le logiciel."""
    with np.load(FICHIER, allow_pickle=False) as tables:
        return composer(tables)
