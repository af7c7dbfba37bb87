"""L'auscultation du cœur : fréquence, qualité, conseil."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.auscultation.indices import Fenetre, examiner
from borne.peripheriques.auscultation.reseau import Modele, modele_ordinaire
from borne.peripheriques.auscultation.resultat import APPUYER, BRUIT, DEPLACER, FROTTEMENT, SATURE, Analyse
from borne.peripheriques.auscultation.spectre import FREQUENCE_MAX_HZ, FREQUENCE_MIN_HZ, Reels

FENETRE_S: Final = 10.0
DUREE_MIN_S: Final = 3.0
"""En dessous, pas assez de battements pour dire quoi que ce soit."""
_D_UN_TENANT_S: Final = 15.0
"""Un son plus court est analysé d'un tenant ; un plus long, par fenêtres."""
_FENETRES_MAX: Final = 24
SEUIL_CONFIANCE: Final = 0.9
"""Probabilité d'être juste à 3 bpm près, sous laquelle le bpm ne se montre pas."""
SEUIL_QUALITE: Final = 0.5
"""Sous cette qualité, un conseil est donné."""
_QUALITE_BPM: Final = 0.1
"""Sous cette qualité, aucun bpm : ce qui bat peut être la parole ou la main."""
_NIVEAU_FAIBLE: Final = 100.0
"""Valeur efficace (sur 32768, soit -50 dB) sous laquelle un cœur indistinct est d'abord un cœur trop faible."""
_SILENCE: Final = 3.0
"""Valeur efficace sous laquelle il n'y a que la quantification : rien n'est posé sur le pavillon."""
_CONSEILS: Final = (None, BRUIT, FROTTEMENT, SATURE, DEPLACER)
"""Dans l'ordre des classes du modèle `qualite`."""


def valider(echantillons: NDArray[np.int16], frequence_hz: int) -> Reels:
    """Les échantillons en réels. Lève `ValueError` si ce n'est pas une suite d'entiers de 16 bits à 1-48 kHz."""
    if echantillons.ndim != 1 or echantillons.dtype != np.int16:
        raise ValueError("un son est une suite d'entiers de 16 bits, sur une seule voie")
    if not FREQUENCE_MIN_HZ <= frequence_hz <= FREQUENCE_MAX_HZ or frequence_hz != int(frequence_hz):
        raise ValueError(f"fréquence d'échantillonnage hors de {FREQUENCE_MIN_HZ} à {FREQUENCE_MAX_HZ} Hz")
    return echantillons.astype(np.float64)


def analyser(echantillons: NDArray[np.int16], frequence_hz: int) -> Analyse:
    """Fréquence cardiaque, qualité et conseil d'un son du cœur.

    `echantillons` : une dimension, entiers de 16 bits ; `frequence_hz` : 1000 à 48000. Dix secondes sont le mieux ;
    sous trois secondes, qualité nulle et rien d'autre. Au-delà de quinze, moyenne de fenêtres de dix secondes (24 au
    plus, réparties). Lève `ValueError` si les échantillons ou la fréquence n'ont pas cette forme, rien d'autre.
    """
    return analyser_avec(echantillons, frequence_hz, modele_ordinaire())


def analyser_avec(echantillons: NDArray[np.int16], frequence_hz: int, modele: Modele) -> Analyse:
    """`analyser` avec un autre modèle : ceux de la validation croisée."""
    son = valider(echantillons, frequence_hz)
    if len(son) < DUREE_MIN_S * frequence_hz:
        return Analyse(None, 0.0, None)
    vues = [_fenetre(son[debut:fin], frequence_hz, modele) for debut, fin in _fenetres(len(son), frequence_hz)]
    qualite = float(np.mean([vue.qualite for vue in vues]))
    pire = min(vues, key=lambda vue: vue.qualite)
    return Analyse(_ensemble(vues), qualite, pire.conseil if qualite < SEUIL_QUALITE else None)


def _fenetres(longueur: int, frequence_hz: int) -> list[tuple[int, int]]:
    if longueur <= _D_UN_TENANT_S * frequence_hz:
        return [(0, longueur)]
    taille = int(FENETRE_S * frequence_hz)
    nombre = min(_FENETRES_MAX, 1 + int(np.ceil((longueur - taille) / (taille / 2))))
    return [(int(debut), int(debut) + taille) for debut in np.linspace(0, longueur - taille, nombre)]


def _ensemble(vues: list[Analyse]) -> float | None:
    """Le bpm de l'ensemble : la moyenne des fenêtres qui en ont un, si elles sont la moitié au moins."""
    connus = [vue.bpm for vue in vues if vue.bpm is not None]
    return float(np.mean(connus)) if connus and 2 * len(connus) >= len(vues) else None


def _fenetre(son: Reels, frequence_hz: int, modele: Modele) -> Analyse:
    if float(np.std(son)) < _SILENCE:
        return Analyse(None, 0.0, SATURE if float(np.abs(son).max()) > 32000 else APPUYER)
    vue = examiner(son, frequence_hz, modele)
    classes = modele.qualite.probabilites(vue.qualite[None, :])[0]
    qualite = float(classes[0])
    confiance = float(modele.confiance.probabilites(vue.confiance[None, :])[0, 1])
    montrable = confiance >= SEUIL_CONFIANCE and qualite >= _QUALITE_BPM and not np.isnan(vue.bpm)
    return Analyse(vue.bpm if montrable else None, qualite, _conseil(classes, vue))


def _conseil(classes: Reels, vue: Fenetre) -> str | None:
    """Le défaut le plus probable si la qualité manque ; un cœur indistinct et faible demande d'abord d'appuyer."""
    if classes[0] >= SEUIL_QUALITE:
        return None
    conseil = _CONSEILS[1 + int(np.argmax(classes[1:]))]
    return APPUYER if conseil == DEPLACER and vue.niveau < _NIVEAU_FAIBLE else conseil
