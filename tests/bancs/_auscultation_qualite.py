"""Partie « indice de qualité » du banc : enregistrements douteux, et défauts ajoutés à des fenêtres nettes.

Chaque enregistrement est analysé par un modèle qui n'a vu aucun son de son patient (cinq plis).
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from borne.peripheriques.auscultation.coeur import analyser_avec
from tests.bancs import _auscultation_sons as sons
from tests.bancs._auscultation_ancre import ancre
from tests.bancs._auscultation_coeur import modeles_des_plis
from tests.bancs._auscultation_donnees import Enregistrement, enregistrements, plis, presents
from tests.bancs._auscultation_figures import aire, figure

RAPPORTS_DB = (5.0, 0.0, -5.0)
"""Le cœur face au défaut, en valeur efficace. Plus bas que l'apprentissage ne va de 12 à -20 dB, au milieu."""
ECRETAGES = (0.01, 0.03, 0.1)


def _juger(prise: Enregistrement, son: sons.Entiers) -> tuple[float, str | None]:
    analyse = analyser_avec(son, prise.frequence_hz, modeles_des_plis()[plis()[prise.patient]])
    return analyse.qualite, analyse.conseil


def douteux(*, court: bool) -> bool:
    """Tous les enregistrements d'un bout à l'autre ; en court, dix secondes, et un correct sur quatre."""
    notres: dict[bool, list[float]] = {False: [], True: []}
    ancres: dict[bool, list[float]] = {False: [], True: []}
    correctes = [prise for prise in enregistrements() if not prise.douteux][:: 4 if court else 1]
    for prise in [*correctes, *(prise for prise in enregistrements() if prise.douteux)]:
        notres[prise.douteux].append(_juger(prise, prise.extrait(0.0) if court else prise.son)[0])
        hauteurs = [
            ancre(prise.extrait(debut), prise.frequence_hz)[1] for debut in np.arange(0.0, prise.duree_s - 9.99, 5.0)
        ]
        ancres[prise.douteux].append(float(np.mean(hauteurs)))
    valeur = aire(notres[False], notres[True])
    nom = f"enregistrements douteux ({len(notres[True])} contre {len(notres[False])}) : AUC"
    return figure(nom, valeur, "AUC", ">= 0,85", valeur >= 0.85, aire(ancres[False], ancres[True]))


def gates(*, court: bool) -> bool:
    """Une fenêtre par enregistrement correct : telle quelle, et avec chaque défaut à plusieurs niveaux."""
    hasard = np.random.default_rng(23)
    prises = [prise for prise in enregistrements() if not prise.douteux][:: 12 if court else 1]
    nets = [_juger(prise, prise.extrait(3.0)) for prise in prises]
    nets_ancre = [ancre(prise.extrait(3.0), prise.frequence_hz)[1] for prise in prises]
    tenus = []
    for nom in (*sons.DEFAUTS, "ecretage"):
        gates: list[tuple[float, str | None]] = []
        gates_ancre: list[float] = []
        for prise in prises:
            for niveau in ECRETAGES if nom == "ecretage" else RAPPORTS_DB:
                son = _gater(nom, prise, niveau, hasard)
                gates.append(_juger(prise, son))
                gates_ancre.append(ancre(son, prise.frequence_hz)[1])
        valeur = aire([q for q, _ in nets], [q for q, _ in gates])
        conseils = dict(Counter(conseil for _, conseil in gates).most_common())
        autre = aire(nets_ancre, gates_ancre)
        tenus.append(figure(f"{nom} ajouté : AUC", valeur, "AUC", ">= 0,95", valeur >= 0.95, autre))
        attendu = {"frottement": "frottement", "ecretage": "sature"}.get(nom, "bruit")
        part = conseils.get(f"conseil-auscultation-{attendu}", 0) / max(1, len(gates) - conseils.get(None, 0))
        figure(f"{nom} ajouté : conseil « {attendu} » parmi les conseils", part, "part", ">= 0,6", part >= 0.6)
    return all(tenus)


def _gater(nom: str, prise: Enregistrement, niveau: float, hasard: np.random.Generator) -> sons.Entiers:
    extrait = prise.extrait(3.0)
    if nom == "ecretage":
        return sons.ecreter(extrait, niveau)
    return sons.ajouter(extrait, sons.DEFAUTS[nom](len(extrait), prise.frequence_hz, hasard), niveau)


def partie(*, court: bool) -> bool:
    """Toutes les figures ; vrai si toutes sont tenues, ou si les données sont absentes."""
    if not presents():
        return True
    return all([douteux(court=court), gates(court=court)])
