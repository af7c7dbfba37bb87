"""Les enregistrements annotés de `shared/donnees`, leurs fenêtres de référence, leurs plis de validation croisée."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile

FENETRE_S: Final = 10.0
PLIS: Final = 5
_TOLERANCE_S: Final = 0.03
_GRAINE_PLIS: Final = 1

Segments = NDArray[np.float64]
"""(segments, 3) : début s, fin s, état (0 sans annotation, 1 S1, 2 systole, 3 S2, 4 diastole)."""


@dataclass(frozen=True)
class Enregistrement:
    nom: str
    patient: int
    frequence_hz: int
    son: NDArray[np.int16]
    segments: Segments
    douteux: bool

    @property
    def duree_s(self) -> float:
        return len(self.son) / self.frequence_hz

    def extrait(self, debut_s: float, duree_s: float = FENETRE_S) -> NDArray[np.int16]:
        debut = round(debut_s * self.frequence_hz)
        return self.son[debut : debut + round(duree_s * self.frequence_hz)]


def dossier() -> Path | None:
    """`shared/donnees`, à côté du dépôt ou plus haut ; None s'il n'est pas là."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "donnees" / "coeur").is_dir():
            return parent / "shared" / "donnees"
    return None


def presents() -> bool:
    """Faux, en le disant, si les enregistrements ne sont pas là : ils viennent avec le projet, non avec le dépôt."""
    if dossier() is None:
        print("shared/donnees est absent : cette partie du banc est sautée", file=sys.stderr)
    return dossier() is not None


@cache
def enregistrements() -> tuple[Enregistrement, ...]:
    """Les 205 enregistrements de CirCor. Lève `FileNotFoundError` si les données sont absentes."""
    racine = dossier()
    if racine is None:
        raise FileNotFoundError("shared/donnees/coeur est absent : il vient avec le projet, à côté du dépôt")
    with (racine / "coeur" / "etiquettes.csv").open(encoding="utf-8") as flux:
        etiquettes = {ligne["fichier"]: ligne for ligne in csv.DictReader(flux)}
    return tuple(
        lire(chemin, douteux=etiquettes[chemin.name]["qualite"] == "douteuse")
        for chemin in sorted((racine / "coeur").glob("*.wav"))
    )


def lire(chemin: Path, *, douteux: bool = False) -> Enregistrement:
    """Un enregistrement et ses annotations (`.tsv` de même nom)."""
    frequence, son = wavfile.read(chemin)
    segments = np.loadtxt(chemin.with_suffix(".tsv"), ndmin=2)
    return Enregistrement(chemin.name, int(chemin.name.split("_")[0]), frequence, son, segments, douteux)


@dataclass(frozen=True)
class Adulte:
    """Un adulte à 1 kHz. `ondes_s` : les ondes R de l'ECG simultané ; `segments` : ce que l'ECG dit du son."""

    nom: str
    frequence_hz: int
    son: NDArray[np.int16]
    ondes_s: NDArray[np.float64]
    segments: Segments


def adultes() -> list[Adulte]:
    """Les trois adultes de Springer ; aucun si les données sont absentes."""
    racine = dossier()
    if racine is None:
        return []
    rendu = []
    for chemin in sorted((racine / "coeur_adultes").glob("*.wav")):
        frequence, son = wavfile.read(chemin)
        with chemin.with_suffix(".csv").open(encoding="utf-8") as flux:
            lignes = [(ligne["kind"], float(ligne["time_s"])) for ligne in csv.DictReader(flux)]
        ondes = np.array([instant for genre, instant in lignes if genre == "R"])
        fins = np.array([instant for genre, instant in lignes if genre == "Tend"])
        rendu.append(Adulte(chemin.name, int(frequence), son, ondes, _segments_ecg(ondes, fins)))
    return rendu


def _segments_ecg(ondes: NDArray[np.float64], fins: NDArray[np.float64]) -> Segments:
    """S1 commence à l'onde R, S2 est autour de la fin de l'onde T (Springer 2016, fig. 2)."""
    segments = []
    for onde, suivante in pairwise(ondes):
        fin = fins[(fins > onde) & (fins < suivante)]
        if len(fin):
            bornes = (onde, onde + 0.12, fin[0] - 0.04, fin[0] + 0.1, suivante)
            segments += [(bornes[rang], bornes[rang + 1], rang + 1) for rang in range(4)]
    return np.array(segments)


def bpm_de(instants_s: NDArray[np.float64]) -> float:
    """60 sur la moyenne des intervalles entre instants successifs."""
    return 60.0 * (len(instants_s) - 1) / float(instants_s[-1] - instants_s[0])


def fenetres(segments: Segments, duree_s: float, pas_s: float = 5.0) -> list[tuple[float, float]]:
    """Les fenêtres de 10 s annotées de bout en bout : (début s, bpm de référence).

    La référence est 60 sur la moyenne des intervalles entre débuts de S1 successifs, tous deux dans la fenêtre.
    """
    rendu = []
    for debut in np.arange(0.0, duree_s - FENETRE_S + 1e-9, pas_s):
        fin = debut + FENETRE_S
        dedans = segments[(segments[:, 1] > debut + 1e-6) & (segments[:, 0] < fin - 1e-6)]
        if not len(dedans) or (dedans[:, 2] == 0).any():
            continue
        bords = dedans[0, 0] <= debut + _TOLERANCE_S and dedans[-1, 1] >= fin - _TOLERANCE_S
        s1 = dedans[(dedans[:, 2] == 1) & (dedans[:, 0] >= debut), 0]
        if bords and (dedans[1:, 0] - dedans[:-1, 1] <= _TOLERANCE_S).all() and len(s1) >= 3:
            rendu.append((float(debut), bpm_de(s1)))
    return rendu


def part_annotee(segments: Segments, debut_s: float, duree_s: float = FENETRE_S) -> float:
    """Part de la fenêtre qui porte une annotation."""
    annotes = segments[segments[:, 2] > 0]
    communs = np.minimum(annotes[:, 1], debut_s + duree_s) - np.maximum(annotes[:, 0], debut_s)
    return float(np.maximum(communs, 0).sum() / duree_s)


@cache
def plis() -> dict[int, int]:
    """Le pli de chaque patient : tous les enregistrements d'un patient sont dans le même."""
    patients = np.unique([enregistrement.patient for enregistrement in enregistrements()])
    melange = np.random.default_rng(_GRAINE_PLIS).permutation(patients)
    return {int(patient): rang % PLIS for rang, patient in enumerate(melange)}
