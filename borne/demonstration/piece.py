"""La pièce virtuelle, vide : le micro et le stéthoscope entendent le haut-parleur, plus ou moins bien.

`python -m borne.demonstration.piece --serveur ADRESSE --micro FIFO --stethoscope FIFO` écoute le moniteur du
haut-parleur d'un `MondeSonore` dont personne d'autre n'écrit les entrées. Chaque ligne d'entrée est un objet JSON
`{"micro": {...}, "stethoscope": {...}}` : les défauts de l'un ou de l'autre (`Defauts`), à partir de maintenant ;
`{}` les ôte tous. La fermeture de l'entrée arrête le processus.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import click
import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from borne.demonstration.fifo import SortieFifo
from borne.demonstration.son import FREQUENCE, HAUT_PARLEUR, MICRO, MORCEAU, STETHOSCOPE, MondeSonore
from borne.peripheriques.flux_son import FluxSon

RESEAU_HZ: Final = 50.0
CAPACITE_TUBE: Final = 4096
DELAI_LECTURE_S: Final = 3.0
ORDRE_FILTRE: Final = 4
MORCEAUX_DE_SILENCE: Final = 50
"""Morceaux entre deux essais de retrouver le haut-parleur."""
TOUR_TROUS: Final = 25
"""Morceaux (10 ms) entre deux trous."""

Reel = NDArray[np.float64]


class Defauts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ce qu'une entrée de son subit. Niveaux en unités de 16 bits, durées en millisecondes, fréquences en hertz.

    `gain` : du haut-parleur à elle. `souffle` : bruit blanc efficace. `ronflement` : amplitude à 50 Hz (et moitié à
    100). `coupe_bas`, `coupe_haut` : filtres (0 : aucun). `ecrete` : sommet (0 : aucun). `sature` : membrane qui
    s'écrase au-delà de ce niveau (0 : non). `continu` : décalage. `muet` : silence numérique. `fige` : le même
    morceau sans fin. `absente` : plus rien n'est écrit. `trous` : un morceau nul de temps en temps.
    """

    gain: float = 0.3
    delai_ms: float = 4.0
    souffle: float = 8.0
    ronflement: float = 0.0
    coupe_bas: float = 0.0
    coupe_haut: float = 0.0
    ecrete: float = 0.0
    sature: float = 0.0
    continu: float = 0.0
    muet: bool = False
    fige: bool = False
    absente: bool = False
    trous: bool = False


class Ordre(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Une ligne de commande ; un champ absent : rien d'anormal."""

    micro: Defauts = Defauts()
    stethoscope: Defauts = Defauts()


class Oreille:
    """Une entrée : transforme ce que joue le haut-parleur, 10 ms à la fois, selon ses défauts."""

    def __init__(self, graine: int) -> None:
        self._hasard = np.random.default_rng(graine)
        self._rang = 0
        self._fige = np.zeros(MORCEAU, np.int16)
        self.regler(Defauts())

    def regler(self, defauts: Defauts) -> None:
        """Change de défauts ; les filtres repartent du silence."""
        self._retard: Reel = np.zeros(round(defauts.delai_ms * FREQUENCE / 1000))
        filtres = []
        if defauts.coupe_bas:
            filtres.append(butter(ORDRE_FILTRE, defauts.coupe_bas, "highpass", fs=FREQUENCE, output="sos"))
        if defauts.coupe_haut:
            filtres.append(butter(ORDRE_FILTRE, defauts.coupe_haut, "lowpass", fs=FREQUENCE, output="sos"))
        self._sos = np.concatenate(filtres) if filtres else None
        self._memoire = np.zeros((0 if self._sos is None else len(self._sos), 2))
        self._defauts = defauts

    def entendre(self, joue: Reel) -> bytes | None:
        """Ce qu'elle capte de (480,) ; None : rien n'est écrit."""
        d = self._defauts
        self._rang += 1
        if d.absente:
            return None
        if d.muet or (d.trous and self._rang % TOUR_TROUS == 0):
            return bytes(2 * MORCEAU)
        if d.fige:
            return self._fige.tobytes()
        recu = np.concatenate([self._retard, joue])
        son, self._retard = recu[: len(joue)], recu[len(joue) :]
        if d.sature:
            son = d.sature * np.tanh(son / d.sature)
        son = son * d.gain
        if self._sos is not None:
            son, self._memoire = sosfilt(self._sos, son, zi=self._memoire)
        son = son + self._hasard.normal(0, d.souffle, len(son)) + d.continu + self._reseau(len(son))
        if d.ecrete:
            son = np.clip(son, -d.ecrete, d.ecrete)
        self._fige = np.asarray(np.clip(np.rint(son), -32768, 32767), np.int16)
        return self._fige.tobytes()

    def _reseau(self, longueur: int) -> Reel | float:
        if not self._defauts.ronflement:
            return 0.0
        t = (self._rang * MORCEAU + np.arange(longueur)) * 2 * np.pi * RESEAU_HZ / FREQUENCE
        return np.asarray(self._defauts.ronflement * (np.sin(t) + 0.5 * np.sin(2 * t)))


def tourner(serveur: str, oreilles: dict[Path, Oreille], fin: threading.Event) -> None:
    """Fait résonner la pièce jusqu'à la fin ; sans haut-parleur, on y entend le silence."""
    sorties = [(SortieFifo(chemin, CAPACITE_TUBE), oreille) for chemin, oreille in oreilles.items()]
    octets = bytearray(2 * MORCEAU)
    while not fin.is_set():
        moniteur = FluxSon("parec", f"{HAUT_PARLEUR}.monitor", FREQUENCE, 10, serveur)
        try:
            while not fin.is_set() and moniteur.lire(memoryview(octets), DELAI_LECTURE_S):
                _entendre(sorties, np.frombuffer(bytes(octets), "<i2").astype(np.float64))
        finally:
            moniteur.fermer()
        echeance = time.monotonic()
        for rang in range(MORCEAUX_DE_SILENCE):
            _entendre(sorties, np.zeros(MORCEAU))
            fin.wait(max(0.0, echeance + (rang + 1) * MORCEAU / FREQUENCE - time.monotonic()))
    for sortie, _ in sorties:
        sortie.fermer()


def _entendre(sorties: list[tuple[SortieFifo, Oreille]], joue: Reel) -> None:
    for sortie, oreille in sorties:
        entendu = oreille.entendre(joue)
        if entendu is not None:
            sortie.ecrire_si_place(entendu)


@click.command()
@click.option("--serveur", required=True, help="Adresse du serveur de son.")
@click.option("--micro", type=click.Path(path_type=Path), required=True)
@click.option("--stethoscope", type=click.Path(path_type=Path), required=True)
def principal(serveur: str, micro: Path, stethoscope: Path) -> None:
    """La pièce virtuelle."""
    oreilles = {micro: Oreille(1), stethoscope: Oreille(2)}
    fin = threading.Event()
    for numero in (signal.SIGTERM, signal.SIGINT):
        signal.signal(numero, lambda _numero, _cadre: os._exit(0))

    def obeir() -> None:
        for ligne in sys.stdin:
            ordre = msgspec.json.decode(ligne, type=Ordre)
            oreilles[micro].regler(ordre.micro)
            oreilles[stethoscope].regler(ordre.stethoscope)
            print("fait", flush=True)
        fin.set()

    threading.Thread(target=obeir, daemon=True).start()
    tourner(serveur, oreilles, fin)


class PieceVirtuelle:
    """Lance et commande ce processus sur un `MondeSonore` ; gestionnaire de contexte."""

    def __init__(self, son: MondeSonore) -> None:
        self._son = son
        self._processus: subprocess.Popen[str] | None = None

    def demarrer(self) -> None:
        """Lance le processus et attend qu'il obéisse."""
        dossier = self._son.dossier
        options = [f"--{nom}={dossier / nom}.fifo" for nom in (MICRO, STETHOSCOPE)]
        self._processus = subprocess.Popen(
            [sys.executable, "-m", "borne.demonstration.piece", "--serveur", self._son.serveur, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.regler()

    def regler(self, **defauts: dict[str, Any]) -> None:
        """Les défauts de `micro` et de `stethoscope` (champs de `Defauts`) ; rien : aucun."""
        if self._processus is None or self._processus.stdin is None or self._processus.stdout is None:
            raise RuntimeError("la pièce virtuelle n'est pas lancée")
        self._processus.stdin.write(msgspec.json.encode(defauts).decode() + "\n")
        self._processus.stdin.flush()
        if self._processus.stdout.readline().strip() != "fait":
            raise RuntimeError("la pièce virtuelle s'est arrêtée")

    def arreter(self) -> None:
        """Arrête le processus et l'attend."""
        processus, self._processus = self._processus, None
        if processus is None or processus.stdin is None or processus.stdout is None:
            return
        processus.stdin.close()
        processus.wait(timeout=20)
        processus.stdout.close()

    def __enter__(self) -> Self:
        self.demarrer()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arreter()


if __name__ == "__main__":
    principal()
