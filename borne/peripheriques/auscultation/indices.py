"""Ce qui fait la qualité d'une écoute, en nombres : indices d'une fenêtre, lus ensuite par les modèles appris."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from borne.peripheriques.auscultation.reseau import Modele
from borne.peripheriques.auscultation.segmentation import (
    DIASTOLE,
    POIDS_PRUDENT,
    S1,
    S2,
    SYSTOLE,
    Decoupe,
    decouper,
)
from borne.peripheriques.auscultation.spectre import PAS_S, Reels, Spectre, spectre, traits

_CRETE: Final = 0.97
"""Part de la crête au-dessus de laquelle un échantillon compte comme au plafond."""


@dataclass(frozen=True, slots=True)
class Fenetre:
    """Une fenêtre analysée. `bpm` : NaN s'il y a moins de trois battements ;
    `confiance`, `qualite` : entrées des modèles du même nom ; `niveau` : valeur efficace du cœur, sur 32768."""

    bpm: float
    confiance: Reels
    qualite: Reels
    niveau: float


def examiner(son: Reels, frequence_hz: int, modele: Modele) -> Fenetre:
    """Analyse une fenêtre d'au moins une seconde (`son` : une dimension, en pas de quantification)."""
    tables = spectre(son, frequence_hz)
    probabilites = modele.etats.probabilites(traits(tables.coeur))
    decoupe = decouper(probabilites, modele.part)
    bpm, rythme = _rythme(decoupe)
    second, _ = _rythme(decouper(probabilites, modele.part, POIDS_PRUDENT))
    vraies = probabilites[np.arange(len(decoupe.etats)), decoupe.etats]
    accord = _accord(vraies, decoupe)
    contrastes = _contrastes(tables.coeur, decoupe)
    confiance = np.concatenate(
        [accord, rythme, contrastes[:, 0], [_periodicite(tables.coeur, bpm)], _desaccord(bpm, second)]
    )
    qualite = np.concatenate(
        [
            accord,
            contrastes.ravel(),
            _restes(tables.coeur, decoupe),
            _hautes(tables, decoupe),
            _stationnarite(tables.coeur),
            _ecretage(son),
            _hors_bande(son, frequence_hz),
        ]
    )
    niveau = float(np.sqrt(np.mean((son - son.mean()) ** 2)))
    return Fenetre(bpm, confiance, qualite, niveau)


def battements(intervalles_s: Reels) -> Reels:
    """Combien de battements tient chaque intervalle : plus d'un quand un S1 manque au milieu d'un rythme régulier."""
    mediane = float(np.median(intervalles_s))
    nombre = np.round(intervalles_s / mediane)
    saute = (nombre >= 2) & (np.abs(intervalles_s / mediane - nombre) < 0.25)
    return np.where(saute, nombre, 1.0)


def _rythme(decoupe: Decoupe) -> tuple[float, Reels]:
    """Le bpm (moyenne des intervalles), et ce qui en fait douter : irrégularité, trop long, trop court, nombre."""
    intervalles = np.diff(decoupe.debuts_s1) * PAS_S
    if len(intervalles) < 2:
        return float("nan"), np.array([1.0, 2.0, 1.0, np.log1p(len(intervalles))])
    mediane = float(np.median(intervalles))
    bpm = 60.0 * float(battements(intervalles).sum() / intervalles.sum())
    irregulier = float(np.median(np.abs(np.diff(intervalles)))) / mediane
    long, court = min(float(intervalles.max()) / mediane - 1, 2.0), 1 - float(intervalles.min()) / mediane
    return bpm, np.array([irregulier, long, court, np.log1p(len(intervalles))])


def _desaccord(bpm: float, second: float) -> Reels:
    """L'écart (logarithme) entre les deux avis, tel quel et en ordre de grandeur ; 1 s'il en manque un."""
    ecart = abs(np.log(bpm / second)) if bpm > 0 and second > 0 else 1.0
    return np.array([min(ecart, 1.0), np.log10(ecart + 1e-3)])


def _accord(vraies: Reels, decoupe: Decoupe) -> Reels:
    """Ce que le découpage explique : en moyenne, et dans les moins bons battements."""
    bornes = decoupe.debuts_s1
    cycles = [vraies[a:b].mean() for a, b in pairwise(bornes)] or [0.0]
    return np.array(
        [
            decoupe.score,
            np.log(max(decoupe.marge, 0.1)),
            np.log(1.02 - decoupe.part),
            vraies.mean(),
            np.log(vraies + 1e-3).mean(),
            np.percentile(cycles, 10),
            min(cycles),
        ]
    )


def _moyennes(table: Reels, decoupe: Decoupe) -> Reels:
    """(4, bandes) : la moyenne de chaque état ; celle de tout pour un état absent."""
    toutes = table.mean(axis=0)
    return np.stack(
        [table[decoupe.etats == etat].mean(axis=0) if (decoupe.etats == etat).any() else toutes for etat in range(4)]
    )


def _contrastes(coeur: Reels, decoupe: Decoupe) -> Reels:
    """(bandes, 3) : de combien S1, S2 et la systole dépassent la diastole."""
    moyennes = _moyennes(coeur, decoupe)
    return np.stack([moyennes[etat] - moyennes[DIASTOLE] for etat in (S1, S2, SYSTOLE)], axis=1)


def _restes(coeur: Reels, decoupe: Decoupe) -> Reels:
    """Ce qui ne suit pas le cœur, par bande : écart à la moyenne de chaque état (ordinaire, puis pires moments),
    étendue, et bouffées en diastole, où rien ne devrait s'entendre."""
    restes = coeur - _moyennes(coeur, decoupe)[decoupe.etats]
    etendue = np.percentile(coeur, 95, axis=0) - np.percentile(coeur, 5, axis=0)
    repos = coeur[decoupe.etats == DIASTOLE] if (decoupe.etats == DIASTOLE).any() else coeur
    bouffees = np.percentile(repos, 95, axis=0) - np.percentile(repos, 50, axis=0)
    return np.concatenate([restes.std(axis=0), np.percentile(restes, 98, axis=0), etendue, bouffees])


def _hautes(tables: Spectre, decoupe: Decoupe) -> Reels:
    """Au-dessus de 300 Hz : plancher, milieu et sommet face au cœur, étendue, et part qui ne suit pas le cœur."""
    haute = tables.haute
    bas, milieu, haut = np.percentile(haute, [20, 50, 95], axis=0)
    coeur = np.log(np.exp(tables.coeur[:, :3]).sum(axis=1))
    restes = haute - _moyennes(haute, decoupe)[decoupe.etats]
    sommet = np.percentile(coeur, 90)
    return np.concatenate([bas - sommet, milieu - sommet, haut - sommet, haut - bas, restes.std(axis=0)])


def _stationnarite(coeur: Reels) -> Reels:
    """Écart entre les secondes de la fenêtre, et la seconde la plus forte."""
    total = np.log(np.exp(coeur).sum(axis=1))
    secondes = total[: len(total) // 50 * 50].reshape(-1, 50).mean(axis=1) if len(total) >= 50 else total
    return np.array([secondes.std(), secondes.max() - np.median(secondes)])


def _ecretage(son: Reels) -> Reels:
    """Échantillons près de la crête, échantillons à plat sur la crête (logarithmes décimaux), facteur de crête."""
    absolus = np.abs(son)
    crete = max(float(absolus.max()), 1.0)
    pres = absolus > _CRETE * crete
    plats = pres[1:] & (son[1:] == son[:-1])
    efficace = max(float(np.sqrt(np.mean((son - son.mean()) ** 2))), 1e-9)
    return np.array([np.log10(pres.mean() + 1e-4), np.log10(plats.mean() + 1e-4), np.log(crete / efficace)])


def _hors_bande(son: Reels, frequence_hz: int) -> Reels:
    """Énergie sous 20 Hz et de 150 à 300 Hz, face à celle de 25 à 150 Hz (logarithmes)."""
    puissances = np.abs(np.fft.rfft((son - son.mean()) * np.hanning(len(son)))) ** 2
    frequences = np.fft.rfftfreq(len(son), 1 / frequence_hz)

    def bande(bas: float, haut: float) -> float:
        return float(puissances[(frequences >= bas) & (frequences < haut)].sum()) + 1.0

    coeur = bande(25, 150)
    rapports: Reels = np.log(np.array([bande(1, 20) / coeur, bande(150, 300) / coeur]))
    return rapports


def _periodicite(coeur: Reels, bpm: float) -> float:
    """L'autocorrélation de l'enveloppe (45 à 150 Hz) autour de l'intervalle trouvé."""
    if np.isnan(bpm):
        return 0.0
    enveloppe = coeur[:, 1:3].sum(axis=1)
    enveloppe = enveloppe - enveloppe.mean()
    correlation = np.correlate(enveloppe, enveloppe, "full")[len(enveloppe) - 1 :]
    retard = 60 / bpm / PAS_S
    autour = correlation[int(0.9 * retard) : int(1.1 * retard) + 2]
    return float(autour.max() / max(correlation[0], 1e-9)) if len(autour) else 0.0
