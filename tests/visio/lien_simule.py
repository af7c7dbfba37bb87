"""Un lien simulé en temps virtuel, pour éprouver le régulateur seul : images, son, cadence, comptes rendus."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from borne.visio.emission import FACTEUR_CADENCE, FENETRE, FENETRE_LIBRE, Envoi, Nature
from borne.visio.regulation import Regulation
from tests.bancs.relais import Lien, Regime

PAQUET = 1200
RETOUR = 0.05
PAS = 0.001


@dataclass
class Bilan:
    """Ce qu'on a vu. `ages` : (instant de capture, secondes jusqu'au dernier paquet arrivé)."""

    ages: list[tuple[float, float]] = field(default_factory=list)
    debits: list[tuple[float, float]] = field(default_factory=list)
    recus: list[tuple[float, int]] = field(default_factory=list)
    sons: list[float] = field(default_factory=list)

    def age_max(self, debut: float, fin: float) -> float:
        return max(age for instant, age in self.ages if debut <= instant < fin)

    def debit(self, debut: float, fin: float) -> float:
        tranche = [debit for instant, debit in self.debits if debut <= instant < fin]
        return sum(tranche) / len(tranche)


def simuler(
    aller: Sequence[tuple[float, Regime]],
    duree: float,
    *,
    retour: Regime | None = None,
    graine: int = 1,
    besoin: float = 4_000_000,
    regulation: Regulation | None = None,
) -> Bilan:
    """`aller` : régimes à leur heure ; `besoin` : bits/s que l'image emploie au plus."""
    alea = random.Random(graine)
    regulation = regulation or Regulation(3_000_000, 300_000, 5_000_000)
    lien, lien_retour = Lien(f"{graine} aller"), Lien(f"{graine} retour")
    if retour is not None:
        lien_retour.regler(retour)
    bilan = Bilan()
    etapes = list(aller)
    file: list[tuple[int, float, bool]] = []  # taille, capture, dernier
    bourrage: list[tuple[int, int, float]] = []
    evenements: list[tuple[float, int, tuple[int, list[float | None]]]] = []
    arrivees: dict[int, float] = {}
    numero = rapporte = en_vol = 0
    libre_a = son_a = image_a = retour_a = 0.0
    restants: dict[float, float] = {}

    def envoyer(maintenant: float, taille: int, nature: Nature, sonde: int | None = None) -> float | None:
        nonlocal numero, en_vol
        regulation.envoyer(Envoi(numero, maintenant, taille, nature, sonde))
        en_vol += taille
        sortie = lien.accepter(maintenant, taille)
        if sortie is not None:
            arrivees[numero] = sortie
            bilan.recus.append((sortie, taille))
        numero += 1
        return sortie

    t = 0.0
    while t < duree:
        t += PAS
        while etapes and etapes[0][0] <= t:
            lien.regler(etapes.pop(0)[1])
        if t >= son_a:
            son_a += 0.02
            for taille in (140, 200):
                sortie = envoyer(t, taille, Nature.SON)
                if sortie is not None:
                    bilan.sons.append(sortie - t)
        cadence = FACTEUR_CADENCE * regulation.debit
        fenetre = FENETRE_LIBRE if regulation.libre(t) else FENETRE
        if t >= image_a:
            image_a += 1 / 30
            if sum(taille for taille, _, _ in file) * 8 / cadence < 0.01 and en_vol < regulation.plafond:
                octets = int(min(regulation.debit - 140_000, besoin) / 8 / 30 * alea.uniform(0.8, 1.2))
                tailles = [PAQUET] * (octets // PAQUET) + [max(100, octets % PAQUET)]
                file += [(taille, t, rang == len(tailles) - 1) for rang, taille in enumerate(tailles)]
        while file and libre_a - t <= fenetre and en_vol < regulation.plafond:
            taille, capture, dernier = file.pop(0)
            libre_a = max(libre_a, t) + taille * 8 / cadence
            sortie = envoyer(t, taille, Nature.IMAGE)
            if sortie is not None:
                restants[capture] = max(restants.get(capture, 0.0), sortie - capture)
            if dernier and capture in restants:
                bilan.ages.append((capture, restants.pop(capture)))
        while not file and bourrage and libre_a - t <= 0:
            taille, rang, vitesse = bourrage.pop(0)
            libre_a = max(libre_a, t) + taille * 8 / vitesse
            envoyer(t, taille, Nature.BOURRAGE, rang)
        if t >= retour_a:
            retour_a += RETOUR
            vus = [n for n, sortie in arrivees.items() if sortie <= t]
            if vus:
                haut = max(vus)
                rapport: list[float | None] = [arrivees.get(n) for n in range(rapporte, haut + 1)]
                for n in vus:
                    del arrivees[n]
                sortie = lien_retour.accepter(t, 80)
                if sortie is not None:
                    heapq.heappush(evenements, (sortie, rapporte, (rapporte, rapport)))
                rapporte = haut + 1
        while evenements and evenements[0][0] <= t:
            _, _, (base, rapport) = heapq.heappop(evenements)
            en_vol -= regulation.accuser(base, rapport, t)
        if round(t * 1000) % 20 == 0:
            regulation.battre(t)
            sonde = regulation.sonde_due(t)
            if sonde is not None:
                bourrage += [(PAQUET, sonde.rang, sonde.debit)] * -(-sonde.octets // PAQUET)
            bilan.debits.append((t, regulation.debit))
    return bilan
