"""Partie « fréquence cardiaque » du banc : fenêtres annotées de 10 s, rythmes fabriqués, adultes, temps de calcul.

Chaque enregistrement de CirCor est analysé par un modèle qui n'a vu aucun son de son patient (cinq plis).
"""

from __future__ import annotations

import time
from functools import cache

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.auscultation.coeur import analyser_avec
from borne.peripheriques.auscultation.reseau import Modele, composer, modele_ordinaire
from tests.bancs import _auscultation_sons as sons
from tests.bancs._auscultation_ancre import SEUIL, ancre
from tests.bancs._auscultation_apprentissage import FICHIER_PLIS
from tests.bancs._auscultation_donnees import PLIS, adultes, bpm_de, enregistrements, fenetres, plis
from tests.bancs._auscultation_figures import figure

Paires = list[tuple[float | None, float]]
"""(bpm trouvé ou None, bpm de référence) par fenêtre."""


@cache
def modeles_des_plis() -> list[Modele]:
    """Le modèle de chaque pli : celui qui n'a pas vu ses patients."""
    with np.load(FICHIER_PLIS, allow_pickle=False) as tables:
        return [
            composer({nom.removeprefix(f"pli{pli}_"): tables[nom] for nom in tables if nom.startswith(f"pli{pli}_")})
            for pli in range(PLIS)
        ]


def bilan(paires: Paires) -> tuple[float, float, float, float]:
    """(erreur moyenne bpm, part à moins de 5 bpm, couverture, part de doubles et moitiés) sur ce qui est montré."""
    montres = [(trouve, vrai) for trouve, vrai in paires if trouve is not None]
    if not montres:
        return float("inf"), 0.0, 0.0, 0.0
    ecarts = np.abs([trouve - vrai for trouve, vrai in montres])
    rapports = np.array([max(trouve / vrai, vrai / trouve) for trouve, vrai in montres])
    doubles = float(np.mean((rapports > 1.7) & (rapports < 2.4)))
    return float(ecarts.mean()), float(np.mean(ecarts <= 5)), len(montres) / len(paires), doubles


def annotees(pas_s: float = 5.0) -> tuple[Paires, Paires]:
    """Toutes les fenêtres annotées de bout en bout : (les nôtres, l'ancre)."""
    notres: Paires = []
    ancres: Paires = []
    for prise in enregistrements():
        for debut, vrai in fenetres(prise.segments, prise.duree_s, pas_s):
            extrait = prise.extrait(debut)
            modele = modeles_des_plis()[plis()[prise.patient]]
            notres.append((analyser_avec(extrait, prise.frequence_hz, modele).bpm, vrai))
            bpm, hauteur = ancre(extrait, prise.frequence_hz)
            ancres.append((bpm if hauteur >= SEUIL else None, vrai))
    return notres, ancres


def fabriques(genre: str, une_sur: int) -> Paires:
    """Rythmes ralentis (`ralenti`, jusqu'à 40/min) ou irréguliers (`irregulier`, cycles tirés à 20 % près)."""
    hasard = np.random.default_rng(11)
    paires: Paires = []
    for prise in enregistrements()[::une_sur]:
        cycle = 60 / float(np.exp(hasard.uniform(np.log(40), np.log(90))))
        part = 0.03 if genre == "ralenti" else 0.2
        tirages = np.maximum(0.5, 1 + part * hasard.standard_normal(400)) * cycle
        suite = iter(tirages)
        son, segments = sons.rythmer(prise.son, prise.segments, prise.frequence_hz, lambda suite=suite: next(suite))
        modele = modeles_des_plis()[plis()[prise.patient]]
        for debut, vrai in fenetres(segments, len(son) / prise.frequence_hz, 10.0):
            depart = int(debut * prise.frequence_hz)
            extrait = sons.entiers(son[depart : depart + 10 * prise.frequence_hz])
            paires.append((analyser_avec(extrait, prise.frequence_hz, modele).bpm, vrai))
    return paires


def des_adultes(vitesse: float) -> Paires:
    """Les adultes (1 kHz, ondes R de l'ECG), tels quels (`vitesse` 1) ou rejoués plus lentement."""
    paires: Paires = []
    for _, frequence, son, ondes in adultes():
        lent = sons.entiers(sons.ralentir(son, np.zeros((0, 3)), vitesse)[0])
        for debut in np.arange(0.0, len(lent) / frequence - 10 + 1e-9, 5.0):
            instants = ondes / vitesse
            dedans: NDArray[np.float64] = instants[(instants >= debut) & (instants < debut + 10)]
            extrait = lent[int(debut * frequence) : int((debut + 10) * frequence)]
            paires.append((analyser_avec(extrait, frequence, modele_ordinaire()).bpm, bpm_de(dedans)))
    return paires


def _dire(nom: str, paires: Paires, ancres: Paires | None = None) -> bool:
    moyenne, proches, couverture, doubles = bilan(paires)
    autre = bilan(ancres) if ancres is not None else (None,) * 4
    compte = f"{nom} ({len(paires)} fenêtres de 10 s)"
    return all(
        [
            figure(f"{compte} : erreur moyenne", moyenne, "bpm", "<= 0,8", moyenne <= 0.8, autre[0]),
            figure(f"{compte} : à 5 bpm ou moins", proches, "part", ">= 0,99", proches >= 0.99, autre[1]),
            figure(f"{compte} : couverture", couverture, "part", ">= 0,80", couverture >= 0.8, autre[2]),
            figure(f"{compte} : doubles ou moitiés", doubles, "part", "0", doubles == 0, autre[3]),
        ]
    )


def temps_de_calcul() -> float:
    """Secondes de processeur d'une fenêtre de 10 s à 4 kHz (médiane de 15, après une première)."""
    prise = enregistrements()[0]
    extrait, mesures = prise.extrait(0.0), []
    analyser_avec(extrait, prise.frequence_hz, modele_ordinaire())
    for _ in range(15):
        depart = time.process_time()
        analyser_avec(extrait, prise.frequence_hz, modele_ordinaire())
        mesures.append(time.process_time() - depart)
    return float(np.median(mesures))


def partie(*, court: bool) -> bool:
    """Toutes les figures ; vrai si toutes sont tenues."""
    notres, ancres = annotees(5.0 if court else 1.0)
    tenus = [_dire("enfants, patients non vus", notres, ancres)]
    une_sur = 6 if court else 1
    tenus.append(_dire("enfants ralentis de 40 à 90 bpm", fabriques("ralenti", une_sur)))
    tenus.append(_dire("enfants irréguliers à 20 %", fabriques("irregulier", une_sur)))
    tenus.append(_dire("adultes à 1 kHz (ECG)", des_adultes(1.0)))
    tenus.append(_dire("adultes rejoués à 0,7", des_adultes(0.7)))
    duree = 1000 * temps_de_calcul()
    tenus.append(figure("une fenêtre de 10 s à 4 kHz : processeur", duree, "ms", "< 100", duree < 100))
    return all(tenus)
