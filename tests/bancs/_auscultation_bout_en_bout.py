"""Le stéthoscope de bout en bout : ce que Chromium joue, comparé à ce qui est entré dans la borne.

Réponse : dix tons de 20 Hz à 1,5 kHz joués ensemble ; puissance de chacun à la sortie sur celle à l'entrée, par
passages d'une seconde, en médiane. SNR : vingt enregistrements réels, par passages de 0,75 s recalés (gain, retard
et pente du retard, aux moindres carrés) ; par enregistrement, la médiane de ses passages. Deux voies : l'exacte, et
l'Opus de secours. Court : la réponse seule. Ancre : la même chose à travers aiortc tel quel, sur la même page, au
même moment. Le détail va sur la sortie d'erreur.
"""

from __future__ import annotations

import asyncio
import sys
from fractions import Fraction
from typing import Final

import av
import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from numpy.typing import NDArray
from scipy.signal import correlate
from scipy.signal.windows import blackmanharris

from borne.demonstration.son import RESSOURCES, lire_coeur
from borne.visio.adaptation_aiortc import adresses_imposees
from tests.bancs._auscultation_donnees import dossier
from tests.bancs._auscultation_figures import figure
from tests.bancs._auscultation_prise import FREQUENCE, Prise, prise
from tests.visio.outils import BLOC, CONFIGURATION, Son

Reels = NDArray[np.float64]

TONS_HZ: Final = (20, 30, 40, 60, 100, 200, 400, 700, 1000, 1500)
BUT_DB: Final = 0.5
BUT_SNR_DB: Final = 24.0
ENREGISTREMENTS: Final = 20
DUREE_ENREGISTREMENT_S: Final = 3
PASSAGE: Final = int(0.75 * FREQUENCE)
GLISSEMENT: Final = int(0.25 * FREQUENCE)
"""Ce qu'un passage peut avoir glissé depuis le précédent (le lecteur de Chromium étire)."""
MARGE: Final = 240
"""Échantillons de part et d'autre d'un passage que son recalage peut prendre (5 ms)."""
VOIES: Final = ("exact", "secours")


class PisteAncre(MediaStreamTrack):
    """Le même son, donné à aiortc sans rien changer de lui."""

    kind = "audio"

    def __init__(self, son: NDArray[np.int16]) -> None:
        super().__init__()
        self._son, self._pts = Son(son), 0

    async def recv(self) -> av.AudioFrame:
        """20 ms de son brut : aiortc l'encode à sa façon."""
        bloc = await self._son.prochain()
        trame = av.AudioFrame.from_ndarray(bloc.echantillons.reshape(1, -1), format="s16", layout="mono")
        trame.sample_rate, trame.pts, trame.time_base = FREQUENCE, self._pts, Fraction(1, FREQUENCE)
        self._pts += BLOC
        return trame


def partie(*, court: bool = False) -> bool:
    """Les figures de bout en bout ; vrai si toutes sont tenues."""
    duree = 4.0 if court else 12.0
    son = tons()
    joues = asyncio.run(jouer(son, duree))
    reponses = {voie: reponse_db(son, joue) for voie, joue in joues.items()}
    ancre = reponses["ancre"]
    tenues = []
    for voie in VOIES:
        ecart = max(abs(db) for db in reponses[voie].values())
        print("  " + voie, {hz: round(db, 2) for hz, db in reponses[voie].items()}, file=sys.stderr)
        pire = max(abs(db) for db in ancre.values())
        tenues.append(
            figure(f"réponse de 20 Hz à 1,5 kHz, {voie}", ecart, "dB", f"<= {BUT_DB}", ecart <= BUT_DB, pire)
        )
    return all(tenues if court else [*tenues, *_bruits(ENREGISTREMENTS)])


def _bruits(nombre: int) -> list[bool]:
    sources = enregistrements(nombre)
    son = np.concatenate(sources)
    joues = asyncio.run(jouer(son, len(son) / FREQUENCE + 1.0))
    rapports = {voie: snr_db(son, len(sources), joue) for voie, joue in joues.items()}
    ancre = float(np.median(rapports["ancre"]))
    tenues = []
    for voie in VOIES:
        pire = float(np.min(rapports[voie]))
        print("  " + voie, [round(float(db), 1) for db in rapports[voie]], file=sys.stderr)
        nom = f"SNR le plus faible de {nombre} enregistrements, {voie}"
        tenues.append(figure(nom, pire, "dB", f">= {BUT_SNR_DB:.0f}", pire >= BUT_SNR_DB, ancre))
    return tenues


def tons() -> NDArray[np.int16]:
    """Dix tons ensemble, deux secondes qui se bouclent sans couture."""
    instants = np.arange(2 * FREQUENCE) / FREQUENCE
    phases = np.random.default_rng(11).uniform(0, 2 * np.pi, len(TONS_HZ))
    somme = sum(2000 * np.sin(2 * np.pi * hz * instants + p) for hz, p in zip(TONS_HZ, phases, strict=True))
    return np.asarray(np.rint(somme), dtype=np.int16)


def enregistrements(nombre: int) -> list[NDArray[np.int16]]:
    """Des extraits de vrais cœurs, un par patient, à 48 kHz."""
    donnees = dossier()
    chemins = sorted((donnees / "coeur" if donnees is not None else RESSOURCES).glob("*.wav"))
    par_patient = {chemin.stem.split("_")[-2]: chemin for chemin in chemins}
    longueur = DUREE_ENREGISTREMENT_S * FREQUENCE
    return [lire_coeur(chemin)[FREQUENCE : FREQUENCE + longueur] for chemin in list(par_patient.values())[:nombre]]


async def jouer(son: NDArray[np.int16], duree: float) -> dict[str, Reels]:
    """Ce que la page joue de ce son sur chaque voie, pendant `duree` secondes une fois lancé."""
    ancre = RTCPeerConnection(CONFIGURATION)
    async with prise(son) as appel:
        try:
            ancre.addTrack(PisteAncre(son))
            with adresses_imposees(("127.0.0.1",)):
                await ancre.setLocalDescription(await ancre.createOffer())
            reponse = await appel.page.evaluate("o => repondreAncre(o)", ancre.localDescription.sdp)
            await ancre.setRemoteDescription(RTCSessionDescription(sdp=reponse, type="answer"))
            appel.ecouter("mitral")
            await asyncio.sleep(2.5)
            await _vider(appel)
            await asyncio.sleep(duree)
            return {voie: await appel.son(voie) for voie in (*VOIES, "ancre")}
        finally:
            await ancre.close()


async def _vider(appel: Prise) -> None:
    for voie in (*VOIES, "ancre"):
        await appel.son(voie)


def puissances(son: Reels) -> Reels:
    """Puissance de chaque ton, par passages d'une seconde : (passages, tons)."""
    passages = son[: len(son) // FREQUENCE * FREQUENCE].reshape(-1, FREQUENCE)
    spectres = np.abs(np.fft.rfft(passages * blackmanharris(FREQUENCE), axis=1)) ** 2
    return np.stack([spectres[:, hz - 4 : hz + 5].sum(axis=1) for hz in TONS_HZ], axis=1)


def reponse_db(entree: NDArray[np.int16], sortie: Reels) -> dict[int, float]:
    """Gain de chaque ton (dB), en médiane des passages."""
    reference = puissances(entree / 32768).mean(axis=0)
    gains = 10 * np.log10(np.median(puissances(sortie), axis=0) / reference + 1e-12)
    return dict(zip(TONS_HZ, gains.tolist(), strict=True))


def snr_db(entree: NDArray[np.int16], nombre: int, sortie: Reels) -> Reels:
    """Rapport signal sur bruit de chaque enregistrement (dB), passages recalés un à un."""
    longueur = len(entree) // nombre
    boucle = np.tile(entree / 32768, 3)
    rapports: list[list[float]] = [[] for _ in range(nombre)]
    place = len(entree) + _trouver(boucle[len(entree) : 2 * len(entree)], sortie[:PASSAGE])
    for debut in range(0, len(sortie) - PASSAGE, PASSAGE):
        passage = sortie[debut : debut + PASSAGE]
        gauche = place - GLISSEMENT
        place = gauche + _trouver(boucle[gauche : place + PASSAGE + GLISSEMENT], passage)
        if place % longueur + PASSAGE <= longueur:
            rapports[place % len(entree) // longueur].append(_rapport(boucle, place, passage))
        place += PASSAGE
        if place >= 2 * len(entree):
            place -= len(entree)
    return np.array([np.median(valeurs) if valeurs else np.nan for valeurs in rapports])


def _trouver(zone: Reels, passage: Reels) -> int:
    if len(zone) < len(passage):
        zone = np.pad(zone, (0, len(passage)))
    produits = correlate(zone, passage, mode="valid", method="fft")
    return int(np.argmax(produits / np.sqrt(_energies(zone, len(passage)))))


def _energies(zone: Reels, longueur: int) -> Reels:
    cumul = np.concatenate(([0.0], np.cumsum(zone**2)))
    return np.asarray(np.maximum(cumul[longueur:] - cumul[:-longueur], 1e-9))


def _rapport(boucle: Reels, place: int, passage: Reels) -> float:
    """Gain, retard et pente du retard aux moindres carrés (Gauss-Newton) ; le reste est du bruit."""
    rangs = np.arange(-MARGE, len(passage) + MARGE, dtype=np.float64)
    source = boucle[place - MARGE : place + len(passage) + MARGE]
    rampe = np.linspace(-1, 1, len(passage))
    retard, etirement, rapport = 0.0, 0.0, -np.inf
    for _ in range(8):
        instants = np.arange(len(passage)) + retard + etirement * rampe
        centre = np.interp(instants, rangs, source)
        pente = np.gradient(centre)
        base = np.stack([centre, pente, rampe * pente, np.ones(len(passage))], axis=1)
        poids, *_ = np.linalg.lstsq(base, passage, rcond=None)
        bruit = passage - poids[0] * centre - poids[3]
        rapport = max(rapport, 10 * np.log10(np.sum((poids[0] * centre) ** 2) / max(np.sum(bruit**2), 1e-12)))
        retard += float(np.clip(poids[1] / poids[0], -4, 4))
        etirement += float(np.clip(poids[2] / poids[0], -4, 4))
    return float(rapport)
