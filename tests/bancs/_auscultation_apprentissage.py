"""Apprendre les petits modèles de l'auscultation (environ cinq minutes sur un cœur).

    nice -n 19 python -m tests.bancs._auscultation_apprentissage

Écrit `borne/peripheriques/auscultation/modele.npz` (tous les patients : celui du logiciel) et
`tests/bancs/_auscultation_plis.npz` (cinq modèles, chacun sans un cinquième des patients : ceux que le banc essaie
sur les patients qu'ils n'ont pas vus). Source : CirCor DigiScope (ODC-By 1.0, doi:10.13026/tshs-mw03).
Trois étages :

1. `etats` : l'état de chaque ligne, sur le son tel quel, bruité, ralenti, accéléré, ou rythmé à 40-100 bpm ;
2. `qualite` : net, bruit, frottement, saturation, sans battement ;
3. `confiance` : le bpm trouvé est-il juste à 3 bpm près ?

Les étages 2 et 3 apprennent d'indices tirés de modèles `etats` qui n'ont pas vu le patient.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.auscultation.indices import examiner
from borne.peripheriques.auscultation.reseau import FICHIER, Modele, Reseau
from borne.peripheriques.auscultation.spectre import PAS_S, reechantillonner, spectre, traits
from tests.bancs import _auscultation_sons as sons
from tests.bancs._auscultation_donnees import (
    PLIS,
    Enregistrement,
    Segments,
    enregistrements,
    fenetres,
    part_annotee,
    plis,
)

FICHIER_PLIS: Final = Path(__file__).with_name("_auscultation_plis.npz")
JUSTE_BPM: Final = 3.0
ANNOTATION_FAUSSE: Final = "50115_PV_2.wav"
"""Ses annotations sont celles d'une autre prise (114,9 bpm annotés, 109 audibles tout du long)."""
VITESSES: Final = ((0.5, 1.0), (1.0, 1.5))
"""Rejoué plus lentement (vers l'adulte) ou plus vite (vers le nourrisson, rare dans ces enregistrements)."""
_LOT: Final = 512
_NET, _BRUIT, _FROTTEMENT, _SATURE, _SANS_BATTEMENT = range(5)
Tables = dict[str, NDArray[np.float32]]


@dataclass
class Jeu:
    """Des exemples : entrées, classe, patient, poids."""

    entrees: list[NDArray[np.float64]] = field(default_factory=list)
    classes: list[NDArray[np.int64]] = field(default_factory=list)
    patients: list[NDArray[np.int64]] = field(default_factory=list)
    poids: list[NDArray[np.float64]] = field(default_factory=list)

    def ajouter(
        self, entrees: NDArray[np.float64], classes: NDArray[np.int64], patient: int, poids: float = 1
    ) -> None:
        self.entrees.append(entrees.astype(np.float32))
        self.classes.append(classes)
        self.patients.append(np.full(len(classes), patient))
        self.poids.append(np.full(len(classes), poids))

    def sans(self, pli: int) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
        """Tous les exemples hors des patients de `pli` (-1 : tous)."""
        patients = np.concatenate(self.patients)
        garde = np.array([plis()[int(patient)] != pli for patient in patients])
        return np.vstack(self.entrees)[garde], np.concatenate(self.classes)[garde], np.concatenate(self.poids)[garde]


def entrainer(
    exemples: tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]],
    cachees: int,
    tours: int,
    rappel: float,
) -> Reseau:
    """Une couche cachée, entropie croisée, Adam à pas décroissant, rappel des poids vers zéro ; graine fixe."""
    entrees, classes, poids = exemples
    hasard = np.random.default_rng(0)
    moyenne, echelle = np.nanmean(entrees, axis=0), np.nanstd(entrees, axis=0) + 1e-6
    x = np.nan_to_num(np.clip((entrees - moyenne) / echelle, -5, 5), nan=0.0).astype(np.float32)
    largeur, sorties = x.shape[1], int(classes.max()) + 1
    parametres = [
        hasard.normal(0, largeur**-0.5, (largeur, cachees)),
        np.zeros(cachees),
        hasard.normal(0, cachees**-0.5, (cachees, sorties)),
        np.zeros(sorties),
    ]
    parametres = [p.astype(np.float32) for p in parametres]
    premiers, seconds = [np.zeros_like(p) for p in parametres], [np.zeros_like(p) for p in parametres]
    compte, lot = 0, min(_LOT, max(32, len(x) // 20))
    for tour in range(tours):
        pas = 1e-5 + 1e-3 * (1 + np.cos(np.pi * tour / tours))
        ordre = hasard.permutation(len(x))
        for debut in range(0, len(x) - lot + 1, lot):
            rangs = ordre[debut : debut + lot]
            compte += 1
            gradients = _gradients(x[rangs], classes[rangs], poids[rangs], parametres, rappel)
            for p, g, m, v in zip(parametres, gradients, premiers, seconds, strict=True):
                m += 0.1 * (g - m)
                v += 0.001 * (g**2 - v)
                p -= pas * (m / (1 - 0.9**compte)) / (np.sqrt(v / (1 - 0.999**compte)) + 1e-8)
    return Reseau(moyenne, echelle, *parametres)


def _gradients(
    x: NDArray[np.float32],
    classes: NDArray[np.int64],
    poids: NDArray[np.float64],
    parametres: list[NDArray[np.float32]],
    rappel: float,
) -> tuple[NDArray[np.float32], ...]:
    w1, b1, w2, b2 = parametres
    cachees = np.tanh(x @ w1 + b1)
    sorties = cachees @ w2 + b2
    p = np.exp(sorties - sorties.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(x)), classes] -= 1
    p *= (poids / len(x))[:, None].astype(np.float32)
    vers_cachees = (p @ w2.T) * (1 - cachees**2)
    return x.T @ vers_cachees + rappel * w1, vers_cachees.sum(0), cachees.T @ p + rappel * w2, p.sum(0)


def exemples_etats(hasard: np.random.Generator) -> Jeu:
    """Chaque ligne annotée : ses traits et son état, sur quatre versions de chaque enregistrement."""
    jeu = Jeu()
    for prise in enregistrements():
        frequence = prise.frequence_hz
        _lignes(jeu, prise, prise.son.astype(np.float64), prise.segments, 5.0)
        defaut = sons.DEFAUTS[str(hasard.choice(list(sons.DEFAUTS)))](len(prise.son), frequence, hasard)
        bruite = sons.ajouter(prise.son, defaut, hasard.uniform(-2, 12))
        _lignes(jeu, prise, bruite.astype(np.float64), prise.segments, 10.0)
        for bornes in VITESSES:
            rejoue, suivis = sons.ralentir(prise.son, prise.segments, hasard.uniform(*bornes))
            _lignes(jeu, prise, rejoue, suivis, 10.0)
        for part in (0.03, 0.2):
            _lignes(jeu, prise, *_autre_rythme(prise, hasard, part), 10.0)
    return jeu


def _autre_rythme(prise: Enregistrement, hasard: np.random.Generator, part: float) -> tuple[sons.Reels, Segments]:
    """40 à 100 bpm, chaque cycle tiré à `part` près (0,2 : une fibrillation)."""
    cycle = 60 / np.exp(hasard.uniform(np.log(38), np.log(100)))
    tirage = lambda: cycle * max(0.4, 1 + part * hasard.standard_normal())  # noqa: E731
    return sons.rythmer(prise.son, prise.segments, prise.frequence_hz, tirage)


def _lignes(jeu: Jeu, prise: Enregistrement, son: sons.Reels, segments: Segments, pas_s: float) -> None:
    taille = 10 * prise.frequence_hz
    for debut in range(0, max(1, len(son) - taille * 4 // 5 + 1), int(pas_s * prise.frequence_hz)):
        table = spectre(son[debut : debut + taille], prise.frequence_hz).coeur
        instants = debut / prise.frequence_hz + (np.arange(len(table)) + 0.5) * PAS_S
        rangs = np.maximum(np.searchsorted(segments[:, 0], instants, side="right") - 1, 0)
        etats = np.where(instants < segments[rangs, 1], segments[rangs, 2], 0).astype(np.int64)
        if (etats > 0).sum() >= 50:
            jeu.ajouter(traits(table)[etats > 0], etats[etats > 0] - 1, prise.patient)


def exemples_fenetres(modeles: list[Modele], hasard: np.random.Generator) -> tuple[Jeu, Jeu]:
    """Les fenêtres, nettes et gâtées : (qualité, confiance)."""
    jeux = Fenetres(Jeu(), Jeu(), modeles, hasard)
    for prise in enregistrements():
        references = dict(fenetres(prise.segments, prise.duree_s))
        for debut in np.arange(0.0, prise.duree_s - 10 + 1e-9, 5.0):
            reference = references.get(float(debut))
            if prise.douteux:
                jeux.voir(prise, prise.extrait(debut), 4000, _SANS_BATTEMENT, reference, 6.0)
            else:
                jeux.telle_quelle(prise, debut, reference)
        for bornes in VITESSES:
            vitesse = jeux.hasard.uniform(*bornes)
            jeux.autre_rythme(prise, *sons.ralentir(prise.son, prise.segments, vitesse))
        for part in (0.03, 0.1, 0.2, 0.2):
            jeux.autre_rythme(prise, *_autre_rythme(prise, jeux.hasard, part))
        jeux.defaut_seul(prise)
    return jeux.qualite, jeux.confiance


@dataclass
class Fenetres:
    """Ce qui remplit les jeux `qualite` et `confiance`, une fenêtre à la fois."""

    qualite: Jeu
    confiance: Jeu
    modeles: list[Modele]
    hasard: np.random.Generator

    def voir(
        self,
        prise: Enregistrement,
        son: sons.Entiers,
        frequence_hz: int,
        classe: int | None,
        reference: float | None,
        poids: float = 1.0,
    ) -> None:
        """`classe` None : rien sur la qualité ; `reference` None : rien sur la confiance, NaN : tout bpm est faux."""
        vue = examiner(son.astype(np.float64), frequence_hz, self.modeles[plis()[prise.patient]])
        if classe is not None:
            self.qualite.ajouter(vue.qualite[None, :], np.array([classe]), prise.patient, poids)
        if reference is not None and prise.nom != ANNOTATION_FAUSSE:
            juste = bool(abs(vue.bpm - reference) < JUSTE_BPM)
            self.confiance.ajouter(vue.confiance[None, :], np.array([int(juste)]), prise.patient, min(poids, 3.0))

    def telle_quelle(self, prise: Enregistrement, debut: float, reference: float | None) -> None:
        """Une fenêtre d'un enregistrement correct, à 4, 2 ou 1 kHz, puis avec chaque défaut (deux frottements)."""
        frequence = int(self.hasard.choice([4000, 4000, 4000, 2000, 1000]))
        reel = reechantillonner(prise.extrait(debut).astype(np.float64), prise.frequence_hz, frequence)
        son = sons.entiers(reel)
        net = _NET if part_annotee(prise.segments, debut) > 0.5 else None
        self.voir(prise, son, frequence, net, reference, 3.0)
        for nom in (*sons.DEFAUTS, "frottement"):
            self.gatee(prise, son, frequence, nom, reference)
        plafond = float(self.hasard.choice([32767, 32767, 20000, 8000]))
        ecrete = sons.ecreter(son, float(self.hasard.choice([0.003, 0.01, 0.03, 0.1])), plafond)
        self.voir(prise, ecrete, frequence, _SATURE, reference)

    def gatee(
        self, prise: Enregistrement, son: sons.Entiers, frequence: int, nom: str, reference: float | None
    ) -> None:
        rapport = float(self.hasard.choice([12, 8, 5, 0, -5, -20]))
        bruit = sons.DEFAUTS[nom](len(son), frequence, self.hasard)
        classe = _FROTTEMENT if nom == "frottement" else _BRUIT
        self.voir(prise, sons.ajouter(son, bruit, rapport), frequence, classe, reference)

    def autre_rythme(self, prise: Enregistrement, son: sons.Reels, segments: Segments) -> None:
        """Les fenêtres d'une prise au rythme changé : telles quelles, et parfois avec un défaut."""
        for debut, reference in fenetres(segments, len(son) / prise.frequence_hz, 10.0):
            depart = int(debut * prise.frequence_hz)
            extrait = sons.entiers(son[depart : depart + 10 * prise.frequence_hz])
            self.voir(prise, extrait, prise.frequence_hz, None if prise.douteux else _NET, reference)
            if self.hasard.random() < 0.4:
                nom = str(self.hasard.choice(list(sons.DEFAUTS)))
                self.gatee(prise, extrait, prise.frequence_hz, nom, reference)

    def defaut_seul(self, prise: Enregistrement) -> None:
        """Sans cœur : la parole et la main ont leur rythme, qui n'est celui de rien."""
        for nom in ("parole", "frottement"):
            bruit = sons.DEFAUTS[nom](40000, 4000, self.hasard)
            classe = _FROTTEMENT if nom == "frottement" else _BRUIT
            self.voir(prise, sons.entiers(bruit * 3000 / bruit.std()), 4000, classe, float("nan"), 2.0)


def caler(qualite: Jeu, modeles: list[Modele]) -> float:
    """Ce qu'il faut ajouter à la sortie « net » pour que neuf fenêtres nettes sur dix aient 0,5 ou plus.

    Jugé sur des patients que leur modèle n'a pas vus. Sans cela, 0,5 dépendrait des proportions de l'apprentissage.
    """
    marges = []
    for entrees, classes, patients in zip(qualite.entrees, qualite.classes, qualite.patients, strict=True):
        if classes[0] == _NET:
            net = modeles[plis()[int(patients[0])]].qualite.probabilites(entrees.astype(np.float64))[0, 0]
            marges.append(np.log(net + 1e-12) - np.log(1 - net + 1e-12))
    return -float(np.percentile(marges, 10))


def tables(prefixe: str, modele: Modele) -> Tables:
    """Un modèle en tables nommées, en simple précision."""
    rendu = {f"{prefixe}part": modele.part.astype(np.float32)}
    for nom in ("etats", "qualite", "confiance"):
        for champ in ("moyenne", "echelle", "w1", "b1", "w2", "b2"):
            rendu[f"{prefixe}{nom}_{champ}"] = np.asarray(getattr(getattr(modele, nom), champ), dtype=np.float32)
    return rendu


def principal() -> int:
    depart = time.monotonic()

    def dire(etape: str) -> None:
        print(f"{time.monotonic() - depart:5.0f} s  {etape}", flush=True)

    hasard = np.random.default_rng(7)
    lignes = exemples_etats(hasard)
    dire("lignes prêtes")
    part = np.bincount(np.concatenate(lignes.classes)) / sum(map(len, lignes.classes))
    reseaux = [entrainer(lignes.sans(pli), 24, 8, 1e-4) for pli in (*range(PLIS), -1)]
    dire("états appris")
    vide = reseaux[0]
    partiels = [Modele(reseau, part, vide, vide) for reseau in reseaux]
    qualite, confiance = exemples_fenetres(partiels[:PLIS], hasard)
    dire("fenêtres examinées")
    modeles = [
        Modele(reseau, part, entrainer(qualite.sans(pli), 16, 40, 3e-3), entrainer(confiance.sans(pli), 4, 30, 3e-3))
        for reseau, pli in zip(reseaux, (*range(PLIS), -1), strict=True)
    ]
    decalage = caler(qualite, modeles)
    for modele in modeles:
        modele.qualite.b2[_NET] += decalage
    np.savez_compressed(FICHIER, **tables("", modeles[-1]))
    plies: Tables = {}
    for pli in range(PLIS):
        plies |= tables(f"pli{pli}_", modeles[pli])
    np.savez_compressed(FICHIER_PLIS, **plies)
    dire("modèles écrits")
    return 0


if __name__ == "__main__":
    sys.exit(principal())
