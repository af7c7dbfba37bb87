"""Le signal du banc de la voix : des glissandos tous différents, que l'on retrouve à la milliseconde."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

FREQUENCE: Final = 48_000
DUREE_S: Final = 10.0
GLISSANDO_S: Final = 0.15
REDUCTION: Final = 6
"""On cherche à 8 kHz : 0,125 ms de précision suffisent."""
FENETRE_S: Final = 0.06
PAS_S: Final = 0.05
RETARD_MAX_S: Final = 0.8
RESSEMBLANCE: Final = 0.6
"""Corrélation au-dessus de laquelle un passage est bien celui du signal : Opus à 32 kbit/s rend plus de 0,9."""
SILENCE: Final = 300.0
"""Valeur efficace (16 bits) sous laquelle rien n'est joué ; le signal est à 5600."""


def signal(graine: int = 11) -> NDArray[np.int16]:
    """La boucle de `DUREE_S`, (n,) int16 à 48 kHz."""
    tirage = np.random.default_rng(graine)
    taille = int(GLISSANDO_S * FREQUENCE)
    nombre = int(DUREE_S * FREQUENCE) // taille
    bornes = tirage.uniform(250, 3400, nombre + 1)
    frequences = np.concatenate([np.linspace(bornes[r], bornes[r + 1], taille) for r in range(nombre)])
    frequences = np.pad(frequences, (0, int(DUREE_S * FREQUENCE) - len(frequences)), mode="edge")
    return (8000 * np.sin(2 * np.pi * np.cumsum(frequences) / FREQUENCE)).astype(np.int16)


def ecrire_wav(chemin: Path) -> None:
    """Le fichier que Chromium lit comme un micro."""
    wavfile.write(chemin, FREQUENCE, signal())


@dataclass(frozen=True)
class Prise:
    """Un son enregistré. `instants[k]` : Unix, du premier échantillon du bloc `k` ; `debuts[k]` : son rang."""

    son: NDArray[np.int16]
    debuts: NDArray[np.int64]
    instants: NDArray[np.float64]

    def instant(self, rangs: NDArray[np.int64]) -> NDArray[np.float64]:
        """L'instant de ces échantillons, d'après le bloc qui les contient."""
        blocs = np.searchsorted(self.debuts, rangs, side="right") - 1
        return self.instants[blocs] + (rangs - self.debuts[blocs]) / FREQUENCE


@dataclass(frozen=True)
class Passages:
    """Des passages d'une prise : leur rang, leur place dans la boucle (secondes), leur ressemblance, leur niveau."""

    rangs: NDArray[np.int64]
    places: NDArray[np.float64]
    ressemblances: NDArray[np.float64]
    niveaux: NDArray[np.float64]


def retrouver(son: NDArray[np.int16], attendus: NDArray[np.float64] | None = None) -> Passages:
    """D'où viennent les passages successifs de ce son (un tous les `PAS_S`).

    `attendus` : la place dans la boucle (secondes) de chaque passage s'il arrivait aussitôt dit ; il est alors
    cherché dans les `RETARD_MAX_S` qui la précèdent, et ne peut être pris pour un autre.
    """
    modele = resample_poly(signal().astype(float), 1, REDUCTION)
    recu = resample_poly(son.astype(float), 1, REDUCTION)
    fenetre, pas = (int(duree * FREQUENCE) // REDUCTION for duree in (FENETRE_S, PAS_S))
    boucle = np.concatenate([modele, modele[: fenetre - 1]])
    energies = np.sqrt(np.convolve(boucle**2, np.ones(fenetre), "valid"))
    spectre = np.fft.rfft(modele)
    rangs, places, ressemblances, niveaux = [], [], [], []
    for numero, debut in enumerate(range(0, len(recu) - fenetre, pas)):
        extrait = recu[debut : debut + fenetre]
        produits = np.fft.irfft(spectre * np.conj(np.fft.rfft(extrait, len(modele))), len(modele)) / energies
        if attendus is not None:
            reculs = np.arange(int(RETARD_MAX_S * FREQUENCE) // REDUCTION)
            permis = (int(attendus[numero] * FREQUENCE) // REDUCTION - reculs) % len(modele)
            place = int(permis[np.argmax(produits[permis])])
        else:
            place = int(np.argmax(produits))
        rangs.append(debut * REDUCTION)
        places.append(place * REDUCTION / FREQUENCE)
        ressemblances.append(produits[place] / max(1.0, float(np.sqrt((extrait**2).sum()))))
        niveaux.append(float(np.sqrt((extrait**2).mean())))
    return Passages(np.array(rangs), np.array(places), np.array(ressemblances), np.array(niveaux))
