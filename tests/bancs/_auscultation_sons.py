"""Défauts et rythmes fabriqués : bruit, parole, frottement, écrêtage, cœur ralenti ou irrégulier.

La parole est celle d'espeak-ng (paquet Debian) ; le reste est du hasard à graine.
"""

from __future__ import annotations

import io
import subprocess
import warnings
from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import butter, sosfilt

from borne.peripheriques.auscultation.spectre import reechantillonner
from tests.bancs._auscultation_donnees import Segments

Reels = NDArray[np.float64]
Entiers = NDArray[np.int16]
Hasard = np.random.Generator

PHRASES: Final = (
    "Bonjour docteur, j'ai un peu mal au ventre depuis hier soir.",
    "Est-ce que je dois respirer plus fort maintenant ?",
    "Ne bougez pas, restez assise, c'est presque fini.",
    "Je prends mes cachets le matin et le soir après le repas.",
    "Mon petit-fils vient me chercher à cinq heures.",
    "Il fait froid dans cette pièce, vous ne trouvez pas ?",
)
VOIX: Final = ("fr", "fr+f2", "fr+m3", "fr+f4", "fr+m7", "en", "es")


@cache
def _phrase(rang: int, voix: str, frequence_hz: int) -> Reels:
    commande = ["espeak-ng", "-v", voix, "-s", "140", "--stdout", PHRASES[rang]]
    octets = subprocess.run(commande, capture_output=True, check=True).stdout
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", wavfile.WavFileWarning)  # espeak-ng, sur un tube, ignore la longueur
        frequence, son = wavfile.read(io.BytesIO(octets))
    return reechantillonner(son.astype(np.float64), frequence, frequence_hz)


def parole(longueur: int, frequence_hz: int, hasard: Hasard) -> Reels:
    """Des phrases dites par plusieurs voix, avec des silences."""
    morceaux: list[Reels] = []
    while sum(map(len, morceaux)) < longueur + frequence_hz:
        rang, voix = int(hasard.integers(len(PHRASES))), VOIX[int(hasard.integers(len(VOIX)))]
        morceaux += [_phrase(rang, voix, frequence_hz), np.zeros(int(hasard.uniform(0.1, 0.6) * frequence_hz))]
    son = np.concatenate(morceaux)
    debut = int(hasard.integers(0, len(son) - longueur + 1))
    return son[debut : debut + longueur]


def blanc(longueur: int, frequence_hz: int, hasard: Hasard) -> Reels:
    return hasard.standard_normal(longueur)


def rose(longueur: int, frequence_hz: int, hasard: Hasard) -> Reels:
    """Bruit en 1/f au-dessus de 5 Hz."""
    raies = np.fft.rfft(hasard.standard_normal(longueur))
    return np.fft.irfft(raies / np.sqrt(np.maximum(np.arange(len(raies)), 5 * longueur / frequence_hz)), longueur)


def frottement(longueur: int, frequence_hz: int, hasard: Hasard) -> Reels:
    """Bouffées de 0,1 à 0,8 s, à large bande ou sourdes, et chocs."""
    son, instant = np.zeros(longueur), 0
    while instant < longueur:
        duree = int(hasard.uniform(0.1, 0.8) * frequence_hz)
        sourd = hasard.random() < 0.3
        haut = hasard.uniform(80, 300) if sourd else min(hasard.uniform(300, 1800), 0.45 * frequence_hz)
        bande = [hasard.uniform(8, 40) if sourd else hasard.uniform(20, 150), haut]
        bouffee = sosfilt(butter(2, bande, "band", fs=frequence_hz, output="sos"), hasard.standard_normal(duree))
        grain = 1 + 0.8 * np.sin(2 * np.pi * hasard.uniform(8, 40) * np.arange(duree) / frequence_hz)
        fin = min(longueur, instant + duree)
        son[instant:fin] += (bouffee * np.hanning(duree) * grain * hasard.uniform(0.4, 1.5))[: fin - instant]
        instant += duree + int(hasard.exponential(0.5) * frequence_hz)
    for _ in range(int(longueur / frequence_hz * hasard.uniform(0.2, 1.0))):
        debut = int(hasard.integers(0, longueur))
        temps = np.arange(min(longueur - debut, int(0.08 * frequence_hz))) / frequence_hz
        choc = np.exp(-temps / 0.01) * np.sin(2 * np.pi * hasard.uniform(30, 200) * temps)
        son[debut : debut + len(temps)] += hasard.uniform(2, 6) * choc
    return son


DEFAUTS: Final[dict[str, Callable[[int, int, Hasard], Reels]]] = {
    "blanc": blanc,
    "rose": rose,
    "parole": parole,
    "frottement": frottement,
}
"""Les défauts qui s'ajoutent au son, par nom."""


def entiers(son: Reels) -> Entiers:
    return np.clip(np.round(son), -32768, 32767).astype(np.int16)


def ajouter(son: NDArray[np.generic], defaut: Reels, rapport_db: float) -> Entiers:
    """Le son et le défaut, `rapport_db` dB sous lui en valeur efficace (sur toute la fenêtre)."""
    reel = son.astype(np.float64)
    gain = np.sqrt(np.mean((reel - reel.mean()) ** 2) / np.mean(defaut**2)) * 10 ** (-rapport_db / 20)
    return entiers(reel + gain * defaut)


def ecreter(son: NDArray[np.generic], part: float, plafond: float = 32767.0) -> Entiers:
    """Trop de gain : `part` des échantillons touche le plafond."""
    reel = son.astype(np.float64)
    seuil = max(float(np.quantile(np.abs(reel), 1 - part)), 1.0)
    return entiers(np.clip(reel * plafond / seuil, -plafond, plafond))


def ralentir(son: NDArray[np.generic], segments: Segments, vitesse: float) -> tuple[Reels, Segments]:
    """Le son rejoué à `vitesse` (moins de 1 : plus lent et plus grave) et ses annotations."""
    rangs = np.arange(int(len(son) / vitesse)) * vitesse
    lent = np.interp(rangs, np.arange(len(son)), son.astype(np.float64))
    suivis = segments.copy()
    suivis[:, :2] /= vitesse
    return lent, suivis


def _ajuster(diastole: Reels, longueur: int) -> Reels:
    """La diastole à une autre longueur : son milieu coupé, ou répété en miroir."""
    if longueur <= len(diastole):
        moitie = longueur // 2
        return np.concatenate([diastole[:moitie], diastole[len(diastole) - (longueur - moitie) :]])
    quart = len(diastole) // 4
    milieu, reste = diastole[quart : len(diastole) - quart], longueur - 2 * quart
    tours = [milieu if tour % 2 == 0 else milieu[::-1] for tour in range(reste // len(milieu) + 1)]
    return np.concatenate([diastole[:quart], np.concatenate(tours)[:reste], diastole[len(diastole) - quart :]])


def rythmer(
    son: NDArray[np.generic], segments: Segments, frequence_hz: int, cycle_s: Callable[[], float]
) -> tuple[Reels, Segments]:
    """Chaque diastole allongée ou coupée pour que le cycle dure `cycle_s()` ; S1, systole et S2 sont intacts."""
    morceaux, suivis, instant, depart = [], [], 0.0, 0.0
    for rang, (debut, fin, etat) in enumerate(segments):
        morceau = son[round(debut * frequence_hz) : round(fin * frequence_hz)].astype(np.float64)
        if not len(morceau):
            continue
        if etat == 1:
            depart = instant
        if etat == 4 and rang and segments[rang - 1][2] == 3 and len(morceau) > 16:
            morceau = _ajuster(morceau, int(max(0.08, cycle_s() - (instant - depart)) * frequence_hz))
        morceaux.append(morceau)
        suivis.append((instant, instant + len(morceau) / frequence_hz, etat))
        instant += len(morceau) / frequence_hz
    return np.concatenate(morceaux), np.array(suivis)
