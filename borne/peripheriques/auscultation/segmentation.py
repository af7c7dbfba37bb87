"""Découper un son du cœur en S1, systole, S2, diastole : modèle semi-markovien à durées explicites.

Dans l'esprit de Springer, Tarassenko et Clifford (IEEE TBME 2016, 63(4), 822-832), avec une différence : la fréquence
cardiaque n'est pas devinée d'abord. Toutes les fréquences plausibles sont essayées ensemble et la vraisemblance
choisit ; un rythme double ou moitié doit alors expliquer des bruits et des durées qui ne lui vont pas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.auscultation.spectre import PAS_S, Reels

S1: Final = 0
SYSTOLE: Final = 1
S2: Final = 2
DIASTOLE: Final = 3
_DUREE_MAX: Final = 100
"""Lignes : 2 s, une pause comprise."""
POIDS_DES_BRUITS: Final = 0.35
"""Les lignes voisines se répètent : chacune ne vaut que cette part d'une preuve indépendante."""
POIDS_PRUDENT: Final = 0.15
"""La même part pour un second avis, qui croit plus au rythme qu'aux bruits : s'il diffère, le bpm est douteux."""
_DEPART: Final = np.float32(np.log(0.25))
_MOINS_INFINI: Final = -1e9
_BPM_MIN: Final = 34.0
_BPM_MAX: Final = 225.0
_BPM_HABITUEL: Final = 85.0
_ETENDUE_HABITUELLE: Final = 0.45
"""Écart type du logarithme de la fréquence cardiaque, tous âges : un léger a priori."""
_IMPAIR: Final = 0.15
"""Écart (logarithme) au-delà duquel une autre fréquence est une autre réponse, non la même."""


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """Les rythmes essayés. `bpm` : (H,) ; `a_priori` : (H,) ; `durees` : (H, 4, D) log-probabilités d'une durée de
    1 à D lignes ; `survies` : (H, 4, D) log-probabilités d'une durée d'au moins autant."""

    bpm: Reels
    a_priori: Reels
    durees: NDArray[np.float32]
    survies: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decoupe:
    """La meilleure explication. `etats` : un état par ligne ; `debuts_s1` : lignes où un S1 entier commence ;
    `score` : log-vraisemblance par ligne ; `marge` : ce que le meilleur rythme a de plus qu'un autre rythme ;
    `part` : la probabilité du rythme retenu parmi tous."""

    etats: NDArray[np.int64]
    debuts_s1: NDArray[np.int64]
    score: float
    marge: float
    part: float


def _durees(cycle_s: float, etirement: float) -> Reels:
    """Log-probabilités (4, D). Moyennes : cycles annotés de CirCor, prolongées aux rythmes lents par la durée de la
    systole électromécanique (Weissler 1968) ; des queues épaisses laissent passer un battement en avance ou sauté."""
    s1, s2 = 0.05 + 0.1 * min(cycle_s, 0.9), 0.048 + 0.085 * min(cycle_s, 0.9)
    ejection = (0.36 * np.sqrt(cycle_s) - 0.03) * etirement
    lent = max(0.0, cycle_s - 0.8)
    moyennes = (s1, ejection - s1, s2, cycle_s - ejection - s2)
    ecarts = (0.02, 0.03 + 0.02 * lent, 0.02, 0.1 * cycle_s)
    duree = np.arange(1, _DUREE_MAX + 1) * PAS_S
    lois = []
    for moyenne, ecart in zip(moyennes, ecarts, strict=True):
        reduit = (duree - moyenne) / ecart
        loi = np.exp(-0.5 * reduit**2) + 0.02 / (1 + (reduit / 2) ** 4)
        loi[duree < 0.04] *= 0.1
        lois.append(np.log(loi / loi.sum() + 1e-12))
    return np.stack(lois)


@lru_cache(maxsize=1)
def hypotheses() -> Hypotheses:
    """Les fréquences essayées, de 34 à 225 bpm par pas de 10 % ; les lentes, aussi avec une longue systole."""
    grille = np.exp(np.arange(np.log(_BPM_MIN), np.log(_BPM_MAX), 0.1))
    essais = [(bpm, 1.0) for bpm in grille] + [(bpm, 1.4) for bpm in grille if bpm < 80]
    bpm = np.array([essai[0] for essai in essais])
    durees = np.stack([_durees(60 / essai[0], essai[1]) for essai in essais])
    survies = np.log(np.exp(durees)[:, :, ::-1].cumsum(axis=2)[:, :, ::-1] + 1e-12)
    a_priori = -0.5 * ((np.log(bpm) - np.log(_BPM_HABITUEL)) / _ETENDUE_HABITUELLE) ** 2
    a_priori -= np.array([0.0 if essai[1] == 1.0 else 6.0 for essai in essais])
    return Hypotheses(bpm, a_priori, durees.astype(np.float32), survies.astype(np.float32))


def decouper(probabilites: Reels, part: Reels, poids: float = POIDS_DES_BRUITS) -> Decoupe:
    """La suite d'états la plus vraisemblable. `probabilites` : (lignes, 4) ; `part` : (4,), la fréquence des états ;
    `poids` : ce que vaut une ligne face aux durées.

    Viterbi sur toutes les hypothèses à la fois ; aux deux bords, un état peut être coupé (durées survivantes).
    """
    essais = hypotheses()
    preuves = poids * np.log((probabilites + 1e-4) / part)
    # Simple précision : deux fois plus vite, et les scores (quelques centaines) en gardent quatre décimales.
    cumul = np.vstack([np.zeros(4), np.cumsum(preuves, axis=0)]).astype(np.float32)
    lignes, nombre, duree_max = len(preuves), len(essais.bpm), _DUREE_MAX
    # ouverts[h, j, D + t] : la meilleure explication de [0, t) qui entre en t dans l'état j, moins son cumul en t.
    ouverts = np.full((nombre, 4, duree_max + lignes + 1), _MOINS_INFINI, dtype=np.float32)
    retours = np.zeros((nombre, 4, lignes + 1), dtype=np.int16)
    a_rebours = np.ascontiguousarray(essais.durees[:, :, ::-1])
    for t in range(1, lignes + 1):
        candidats = ouverts[:, :, t : t + duree_max] + a_rebours
        choix = candidats.argmax(axis=2)
        valeurs = np.take_along_axis(candidats, choix[:, :, None], axis=2)[:, :, 0]
        durees = duree_max - choix
        if t <= duree_max:
            depart = essais.survies[:, :, t - 1] + _DEPART
            durees = np.where(depart > valeurs, 0, durees)
            valeurs = np.maximum(depart, valeurs)
        retours[:, :, t] = durees
        ouverts[:, :, duree_max + t] = np.roll(valeurs + cumul[t], 1, axis=1) - cumul[t]
    fins = ouverts[:, :, lignes : lignes + duree_max] + essais.survies[:, :, ::-1] + cumul[lignes][None, :, None]
    plates = fins.reshape(nombre, -1)
    derniers = plates.argmax(axis=1)
    scores = plates[np.arange(nombre), derniers] + essais.a_priori
    etat, rang = divmod(int(derniers[int(scores.argmax())]), duree_max)
    segments = _remonter(retours[int(scores.argmax())], etat, duree_max - rang, lignes)
    return _resumer(segments, scores, essais.bpm, lignes)


def _remonter(retours: NDArray[np.int16], etat: int, duree: int, fin: int) -> list[tuple[int, int, int]]:
    """Les segments (état, début, fin), du premier au dernier ; une durée nulle dit « depuis le début »."""
    segments = []
    while True:
        debut = max(0, fin - duree) if duree else 0
        segments.append((etat, debut, fin))
        if debut == 0:
            return segments[::-1]
        etat, fin = (etat - 1) % 4, debut
        duree = int(retours[etat, fin])


def _resumer(segments: list[tuple[int, int, int]], scores: Reels, bpm: Reels, lignes: int) -> Decoupe:
    etats = np.zeros(lignes, dtype=np.int64)
    for etat, debut, fin in segments:
        etats[debut:fin] = etat
    debuts = np.array([debut for etat, debut, _ in segments if etat == S1 and debut > 0], dtype=np.int64)
    meilleur = int(scores.argmax())
    ecarts = np.abs(np.log(bpm) - np.log(bpm[meilleur]))
    poids = np.exp(scores - scores[meilleur])
    marge = float(scores[meilleur] - scores[ecarts > _IMPAIR].max())
    part = float(poids[ecarts < 0.25].sum() / poids.sum())
    return Decoupe(etats, debuts, float(scores[meilleur]) / lignes, marge, part)
