"""Un balayage joué, un son capté : ce que le chemin entre les deux en a fait. Pur.

Le balayage est logarithmique (Farina 2000, « Simultaneous measurement of impulse response and distortion with a
swept-sine technique ») : la réponse impulsionnelle se sépare alors d'elle-même des harmoniques, qui paraissent avant
elle. Les sons sont en 16 bits mono, les niveaux en dBFS (0 : pleine échelle), les fréquences en hertz.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

Son = NDArray[np.int16]
Reel = NDArray[np.float64]

PLEINE_ECHELLE: Final = 32768.0
PLANCHER_DB: Final = -120.0
FONDU_S: Final = 0.02
AVANT_S: Final = 0.004
APRES_S: Final = 0.08
"""Fenêtre de la réponse autour du son direct : la pièce proche, pas sa réverbération."""
HARMONIQUES: Final = (2, 3, 4, 5)
RESEAU_HZ: Final = 50
TROU_S: Final = 0.003
"""Un silence numérique plus long, au milieu d'un son, est un morceau perdu."""


@dataclass(frozen=True, slots=True)
class Balayage:
    """Un sinus dont la fréquence monte de `bas` à `haut` (hertz) en `duree_s`, à `niveau_db` de crête (dBFS)."""

    bas: float
    haut: float
    duree_s: float
    niveau_db: float = -12.0
    frequence: int = 48000

    @property
    def taux_s(self) -> float:
        """Secondes pour monter d'un facteur e."""
        return self.duree_s / math.log(self.haut / self.bas)

    def son(self) -> Son:
        """(n,) int16, commencé et fini en douceur."""
        t = np.arange(int(self.duree_s * self.frequence)) / self.frequence
        son = np.sin(2 * np.pi * self.bas * self.taux_s * (np.exp(t / self.taux_s) - 1))
        fondu = int(FONDU_S * self.frequence)
        rampe = 0.5 - 0.5 * np.cos(np.pi * np.arange(fondu) / fondu)
        son[:fondu] *= rampe
        son[-fondu:] *= rampe[::-1]
        return np.rint(son * PLEINE_ECHELLE * 10 ** (self.niveau_db / 20)).astype(np.int16)


@dataclass(frozen=True, slots=True)
class Chemin:
    """Ce qu'un balayage est devenu.

    `relief_db` : de combien le son direct sort du reste (rien d'entendu : moins de 15 dB environ). `delai_s` : du
    début du son joué au début du son entendu dans l'enregistrement. `gain_db` : du joué au capté, dans la bande du
    balayage. `reponse_db` : par tiers d'octave, `{fréquence centrale: gain}`. `distorsion` : harmoniques sur
    fondamental (0,1 : 10 %). `ecrete` : part des échantillons écrêtés. `trous` : silences au milieu du son.
    """

    relief_db: float
    delai_s: float
    gain_db: float
    reponse_db: Mapping[int, float]
    distorsion: float
    ecrete: float
    trous: int

    def moyenne_db(self, bas: float, haut: float) -> float:
        """Gain moyen des tiers d'octave de `bas` à `haut` ; `ValueError` s'il n'y en a aucun."""
        gains = [gain for centre, gain in self.reponse_db.items() if bas <= centre <= haut]
        if not gains:
            raise ValueError(f"aucun tiers d'octave de {bas} à {haut} Hz")
        return float(np.mean(gains))


@dataclass(frozen=True, slots=True)
class Calme:
    """Un son sans rien de joué. `ronflement_db` : le courant (50 Hz et ses harmoniques) ; `emergence_db` : de combien
    ces raies dépassent leurs voisines. `continu` : décalage, part de la pleine échelle. `immobile` : échantillons
    tous égaux à une unité près, ce qu'aucun vrai micro ne donne. `fort` : part des échantillons à pleine échelle."""

    niveau_db: float
    ronflement_db: float
    emergence_db: float
    continu: float
    immobile: bool
    fort: float


def decibels(puissance: float) -> float:
    """10 log10, jamais sous `PLANCHER_DB`."""
    return max(PLANCHER_DB, 10 * math.log10(max(puissance, 1e-30)))


def ecouter_calme(son: Son, frequence: int = 48000) -> Calme:
    """Mesure (n,) int16, une demi-seconde au moins (`ValueError` sinon)."""
    if len(son) < frequence // 2:
        raise ValueError("il faut une demi-seconde de son")
    reel = son.astype(np.float64) / PLEINE_ECHELLE
    continu = float(reel.mean())
    alternatif = reel - continu
    ronflement, emergence = _raies(alternatif, frequence)
    return Calme(
        niveau_db=decibels(float(np.mean(alternatif**2))),
        ronflement_db=ronflement,
        emergence_db=emergence,
        continu=continu,
        immobile=int(son.max()) - int(son.min()) <= 2,
        fort=float((np.abs(son.astype(np.int32)) >= 32700).mean()),
    )


def suivre(capte: Son, balayage: Balayage) -> Chemin:
    """Retrouve le balayage dans un enregistrement (n,) int16 plus long que lui ; `ValueError` s'il est plus court."""
    joue = balayage.son().astype(np.float64) / PLEINE_ECHELLE
    if len(capte) < len(joue):
        raise ValueError("l'enregistrement est plus court que le balayage")
    recu = capte.astype(np.float64) / PLEINE_ECHELLE
    reponse = _deconvoluer(recu, joue, balayage)
    # Le son direct arrive après le début : les harmoniques, elles, sont au bout (temps négatifs, repliés).
    place = int(np.argmax(np.abs(reponse[: len(capte) - len(joue) // 2])))
    efficace = float(np.sqrt(np.mean(reponse**2)))
    crete = float(np.abs(reponse[place]))
    frequence = balayage.frequence
    entendu = recu[place : place + len(joue)]
    spectre = _spectre(reponse, place, frequence)
    gains = _tiers(spectre, balayage)
    return Chemin(
        relief_db=20 * math.log10(max(crete, 1e-15) / max(efficace, 1e-15)),
        delai_s=place / frequence,
        gain_db=float(np.mean(list(gains.values()))),
        reponse_db=gains,
        distorsion=_distorsion(reponse, place, balayage),
        ecrete=_plateaux(capte[place : place + len(joue)]),
        trous=_trous(entendu, frequence),
    )


def _deconvoluer(recu: Reel, joue: Reel, balayage: Balayage) -> Reel:
    """La réponse impulsionnelle, temps négatifs repliés à la fin ; hors de la bande balayée, rien n'est inventé."""
    taille = 1 << (len(recu) + len(joue)).bit_length()
    x, y = np.fft.rfft(joue, taille), np.fft.rfft(recu, taille)
    puissance = np.abs(x) ** 2
    frequences = np.fft.rfftfreq(taille, 1 / balayage.frequence)
    bande = (frequences >= balayage.bas) & (frequences <= balayage.haut)
    regle = 1e-2 * float(np.median(puissance[bande]))
    return np.asarray(np.fft.irfft(y * np.conj(x) * bande / (puissance + regle), taille))


def _spectre(reponse: Reel, place: int, frequence: int) -> tuple[Reel, Reel]:
    """Fréquences et gain (puissance) de la réponse autour du son direct."""
    avant, apres = int(AVANT_S * frequence), int(APRES_S * frequence)
    fenetre = np.take(reponse, range(place - avant, place + apres), mode="wrap")
    fondu = np.ones(len(fenetre))
    fondu[-apres // 2 :] = 0.5 + 0.5 * np.cos(np.pi * np.arange(apres // 2) / (apres // 2))
    taille = 1 << 15
    gain = np.abs(np.fft.rfft(fenetre * fondu, taille)) ** 2
    return np.asarray(np.fft.rfftfreq(taille, 1 / frequence)), np.asarray(gain, np.float64)


def _tiers(spectre: tuple[Reel, Reel], balayage: Balayage) -> dict[int, float]:
    """Gain moyen par tiers d'octave (CEI 61260-1, base dix), entiers dans la bande balayée."""
    frequences, gain = spectre
    tiers = {}
    for rang in range(-18, 13):
        centre = 1000 * 10 ** (rang / 10)
        bas, haut = centre * 10**-0.05, centre * 10**0.05
        if bas >= balayage.bas and haut <= balayage.haut:
            tiers[round(centre)] = decibels(float(gain[(frequences >= bas) & (frequences <= haut)].mean()))
    return tiers


def _distorsion(reponse: Reel, place: int, balayage: Balayage) -> float:
    """Racine du rapport d'énergie des harmoniques au fondamental, dans des fenêtres de même durée."""
    demi = int(0.01 * balayage.frequence)

    def energie(retard: float) -> float:
        milieu = place - round(retard * balayage.frequence)
        return float(np.sum(np.take(reponse, range(milieu - demi, milieu + demi), mode="wrap") ** 2))

    retards = [balayage.taux_s * math.log(n) for n in HARMONIQUES]
    # Entre les harmoniques il n'y a que du bruit : il est retiré.
    bruit = min(energie(balayage.taux_s * math.log(n)) for n in (1.5, 2.5, 3.5))
    harmoniques = sum(max(0.0, energie(retard) - bruit) for retard in retards)
    return math.sqrt(harmoniques / max(energie(0.0), 1e-30))


def _plateaux(son: Son) -> float:
    """Part des échantillons pris dans un sommet plat : trois au moins égaux, à l'extrême du son."""
    if not len(son):
        return 0.0
    extremes = (son == son.max()) | (son == son.min())
    egaux = extremes & (np.abs(son.astype(np.int32)) > PLEINE_ECHELLE / 100)
    trois = egaux[:-2] & egaux[1:-1] & egaux[2:]
    return float(trois.mean())


def _trous(son: Reel, frequence: int) -> int:
    """Silences numériques de plus de `TROU_S` au milieu d'un son qui n'en a pas."""
    nuls = np.flatnonzero(son != 0.0)
    if len(nuls) < 2:
        return 0
    return int((np.diff(nuls) > TROU_S * frequence).sum())


def _raies(son: Reel, frequence: int) -> tuple[float, float]:
    """Niveau du courant (dBFS), et de combien ses raies dépassent leurs voisines (dB)."""
    fenetre = min(len(son), frequence)
    frequences, densite = welch(son, frequence, nperseg=fenetre, detrend="constant")
    pas = float(frequences[1])
    raies = np.zeros(len(frequences), bool)
    voisines = np.zeros(len(frequences), bool)
    for harmonique in (1, 2, 3, 4, 5, 6):
        ecart = np.abs(frequences - harmonique * RESEAU_HZ)
        raies |= ecart <= 2.5 * pas
        voisines |= (ecart > 4 * pas) & (ecart < RESEAU_HZ / 2)
    niveau = decibels(float(densite[raies].sum() * pas))
    return niveau, decibels(float(densite[raies].mean())) - decibels(float(np.median(densite[voisines])))


def moyenne_db(niveaux: Sequence[float]) -> float:
    """La moyenne en puissance de niveaux en décibels."""
    return decibels(float(np.mean([10 ** (niveau / 10) for niveau in niveaux])))
