"""La pièce du banc de la voix : le son du haut-parleur virtuel revient au micro, retardé et réverbéré."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import fftconvolve, resample_poly

from borne.demonstration.fifo import SortieFifo
from borne.demonstration.son import FREQUENCE, HAUT_PARLEUR, MICRO, MondeSonore
from borne.peripheriques.flux_son import FluxSon

MORCEAU: Final = 480
REPONSE_S: Final = 0.2
REVERBERATION_S: Final = 0.3
"""Temps de réverbération (60 dB) d'un petit bureau."""
TRAJET_S: Final = 0.004
"""Du haut-parleur au micro : 1,4 m."""
SOUFFLE: Final = 8.0


def reponse(graine: int = 1) -> NDArray[np.float64]:
    """La réponse de la pièce, (n,) à 48 kHz : le son direct, puis une réverbération exponentielle."""
    instants = np.arange(int(REPONSE_S * FREQUENCE)) / FREQUENCE
    tirage = np.random.default_rng(graine)
    echos = 0.02 * tirage.normal(size=len(instants)) * np.exp(-6.9 * instants / REVERBERATION_S)
    direct = int(TRAJET_S * FREQUENCE)
    echos[:direct] = 0.0
    echos[direct] = 0.5
    return echos


def parole(texte: str, voix: str, niveau: float, dossier: Path) -> NDArray[np.float64]:
    """Une phrase d'espeak-ng, (n,) à 48 kHz, de valeur efficace `niveau` (16 bits)."""
    chemin = dossier / "phrase.wav"
    subprocess.run(["espeak-ng", "-v", voix, "-s", "140", "-w", str(chemin), texte], check=True)
    frequence, son = wavfile.read(chemin)
    voulu = np.asarray(resample_poly(son.astype(np.float64), FREQUENCE, frequence))
    return voulu * niveau / float(np.sqrt((voulu**2).mean()))


class Piece:
    """Relie le haut-parleur au micro d'un `MondeSonore` sans patient. Gestionnaire de contexte.

    `capte` : tout ce que le micro a entendu.
    """

    def __init__(self, monde: MondeSonore) -> None:
        self._monde = monde
        self._proche: NDArray[np.float64] = np.zeros(0)
        self._reponse = reponse()
        self.capte: list[NDArray[np.int16]] = []
        self._fin = threading.Event()
        self._fil = threading.Thread(target=self._resonner, name="piece", daemon=True)

    def dire(self, son: NDArray[np.float64]) -> None:
        """La voix du patient, à partir de maintenant."""
        self._proche = son

    def _resonner(self) -> None:
        moniteur = FluxSon("parec", f"{HAUT_PARLEUR}.monitor", FREQUENCE, 10, self._monde.serveur)
        sortie = SortieFifo(self._monde.dossier / f"{MICRO}.fifo", 4096)
        tirage, octets = np.random.default_rng(2), bytearray(2 * MORCEAU)
        memoire = np.zeros(len(self._reponse) - 1)
        while not self._fin.is_set() and moniteur.lire(memoryview(octets), 3.0):
            son = np.concatenate([memoire, np.frombuffer(bytes(octets), "<i2").astype(float)])
            memoire = son[MORCEAU:]
            entendu = fftconvolve(son, self._reponse, "valid") + tirage.normal(0, SOUFFLE, MORCEAU)
            proche, self._proche = self._proche[:MORCEAU], self._proche[MORCEAU:]
            entendu[: len(proche)] += proche
            morceau = np.clip(entendu, -32768, 32767).astype(np.int16)
            self.capte.append(morceau)
            sortie.ecrire_si_place(morceau.tobytes())
        moniteur.fermer()
        sortie.fermer()

    def __enter__(self) -> Self:
        self._fil.start()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fin.set()
        self._fil.join()
