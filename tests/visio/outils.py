"""Sources synthétiques et médecin aiortc brut, pour les essais d'appel. Tout reste sur 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack, VideoStreamTrack
from numpy.typing import NDArray

from borne.protocole import (
    ENTREE_CANAL,
    NOM_CANAL,
    Battement,
    Canal,
    EchoBattement,
    Revelation,
    ServeurGlace,
    decoder,
    encoder,
)
from borne.visio.adaptation_aiortc import adresses_imposees
from borne.visio.cadrage import Cadreur
from borne.visio.liaison import EtatLiaison
from borne.visio.seance import Seance

BOUCLE_LOCALE = ("127.0.0.1",)
# MAX_BUNDLE : avec la politique d'origine, aiortc oublie de réunir une seconde section de même nature.
CONFIGURATION = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
BLOC = 960
FREQUENCE = 48_000


@dataclass(frozen=True)
class Image:
    bgr: NDArray[np.uint8]
    instant: float
    numero: int


@dataclass(frozen=True)
class Bloc:
    echantillons: NDArray[np.int16]
    instant: float
    numero: int


class Camera:
    """Une mire qui bouge, à 30 images par seconde, qui peut disparaître."""

    def __init__(self, largeur: int = 1920, hauteur: int = 1080) -> None:
        colonnes = np.linspace(0, 255, largeur, dtype=np.uint8)
        self._fond = np.repeat(np.tile(colonnes, (hauteur, 1))[:, :, None], 3, axis=2)
        self._debut = time.monotonic()
        self.absente = False

    async def prochaine(self, apres: int) -> Image:
        while True:
            if self.absente:
                raise OSError("débranchée")
            numero = int((time.monotonic() - self._debut) * 30)
            if numero > apres:
                decale = np.roll(self._fond, numero * 4 % 1920, axis=1)
                return Image(decale, time.time(), numero)
            await asyncio.sleep(0.002)


class Son:
    """Un son donné (int16, 48 kHz) joué en boucle par blocs de 20 ms à leur heure."""

    def __init__(self, echantillons: NDArray[np.int16]) -> None:
        self._blocs = echantillons[: len(echantillons) // BLOC * BLOC].reshape(-1, BLOC)
        self._debut = 0.0
        self._numero = 0
        self.lectures = 0

    async def prochain(self) -> Bloc:
        self.lectures += 1
        if self._debut == 0.0 or time.time() - self._debut - self._numero * 0.02 > 0.2:
            self._debut = time.time() - self._numero * 0.02
        numero, self._numero = self._numero, self._numero + 1
        await asyncio.sleep(max(0.0, self._debut + self._numero * 0.02 - time.time()))
        return Bloc(self._blocs[numero % len(self._blocs)], self._debut + numero * 0.02, numero)


class HautParleur:
    def __init__(self) -> None:
        self.blocs: list[NDArray[np.int16]] = []

    def ecrire(self, echantillons: NDArray[np.int16]) -> None:
        self.blocs.append(echantillons)

    def tout(self) -> NDArray[np.int16]:
        return np.concatenate(self.blocs) if self.blocs else np.zeros(0, dtype=np.int16)


def ton(frequence: float, secondes: float = 2.0, amplitude: float = 8000) -> NDArray[np.int16]:
    instants = np.arange(int(secondes * FREQUENCE)) / FREQUENCE
    return (amplitude * np.sin(2 * np.pi * frequence * instants)).astype(np.int16)


def coeur_synthetique(secondes: float = 10.0) -> NDArray[np.int16]:
    """Deux bruits par battement (40 et 60 Hz amortis), comme S1 et S2, à rythme irrégulier."""
    tirage = np.random.default_rng(7)
    signal = np.zeros(int(secondes * FREQUENCE))
    debut = 0.2
    while debut < secondes - 0.6:
        for retard, frequence, force in ((0.0, 42.0, 9000.0), (0.31, 61.0, 6000.0)):
            instants = np.arange(int(0.15 * FREQUENCE)) / FREQUENCE
            bruit = force * np.sin(2 * np.pi * frequence * instants) * np.exp(-instants / 0.03)
            position = int((debut + retard) * FREQUENCE)
            signal[position : position + len(bruit)] += bruit
        debut += tirage.uniform(0.75, 0.95)
    return (signal + tirage.normal(0, 20, len(signal))).astype(np.int16)


class PisteTon(MediaStreamTrack):
    """La voix du médecin : un ton."""

    kind = "audio"

    def __init__(self, frequence: float) -> None:
        super().__init__()
        self._son = Son(ton(frequence))
        self._pts = 0

    async def recv(self) -> av.AudioFrame:
        bloc = await self._son.prochain()
        trame = av.AudioFrame.from_ndarray(bloc.echantillons.reshape(1, -1), format="s16", layout="mono")
        trame.sample_rate, trame.pts, trame.time_base = FREQUENCE, self._pts, Fraction(1, FREQUENCE)
        self._pts += BLOC
        return trame


@dataclass
class Medecin:
    """Un pair aiortc brut, qui répond aux battements comme la page du médecin."""

    pair: RTCPeerConnection = field(default_factory=lambda: RTCPeerConnection(CONFIGURATION))
    images: list[tuple[int, int, float]] = field(default_factory=list)
    sons: dict[str, list[NDArray[np.int16]]] = field(default_factory=dict)
    messages: list[Canal] = field(default_factory=list)
    octets: dict[str, list[bytes]] = field(default_factory=dict)
    canal: object = None
    muet: bool = False
    _taches: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pair.on("track", self._piste)
        self.pair.on("datachannel", self._canal)

    async def repondre(self, offre: str) -> str:
        await self.pair.setRemoteDescription(RTCSessionDescription(sdp=offre, type="offer"))
        emetteurs = self.pair.getTransceivers()
        emetteurs[0].sender.replaceTrack(VideoStreamTrack())
        emetteurs[0].direction = "sendrecv"
        emetteurs[1].sender.replaceTrack(PisteTon(440))
        emetteurs[1].direction = "sendrecv"
        with adresses_imposees(BOUCLE_LOCALE):
            await self.pair.setLocalDescription(await self.pair.createAnswer())
        return self.pair.localDescription.sdp

    def envoyer(self, message: Canal | str) -> None:
        self.canal.send(message if isinstance(message, str) else encoder(message))  # type: ignore[attr-defined]

    def son(self, mid: str) -> NDArray[np.int16]:
        blocs = self.sons.get(mid, [])
        return np.concatenate(blocs) if blocs else np.zeros(0, dtype=np.int16)

    async def fermer(self) -> None:
        for tache in self._taches:
            tache.cancel()
        await self.pair.close()
        for resultat in await asyncio.gather(*self._taches, return_exceptions=True):
            if isinstance(resultat, Exception):
                raise resultat

    def _piste(self, piste: MediaStreamTrack) -> None:
        self._taches.append(asyncio.ensure_future(self._lire(piste)))

    async def _lire(self, piste: MediaStreamTrack) -> None:
        mid = next(t.mid for t in self.pair.getTransceivers() if t.receiver.track is piste)
        with contextlib.suppress(MediaStreamError):
            while True:
                trame = await piste.recv()
                if isinstance(trame, av.VideoFrame):
                    self.images.append(
                        (trame.width, trame.height, float(trame.to_ndarray()[: trame.height : 16, ::16].std()))
                    )
                else:
                    self.sons.setdefault(mid, []).append(trame.to_ndarray().reshape(-1, 2)[:, 0])

    def _canal(self, canal: RTCDataChannel) -> None:
        if canal.label == NOM_CANAL:
            self.canal = canal
            canal.on("message", self._message)
        else:
            canal.on("message", self.octets.setdefault(canal.label, []).append)

    def _message(self, octets: str) -> None:
        message = decoder(ENTREE_CANAL, octets)
        if isinstance(message, Battement):
            if not self.muet:
                self.envoyer(EchoBattement(numero=message.numero, instant=message.instant))
        elif not isinstance(message, Revelation):
            self.messages.append(message)


@dataclass
class Appel:
    seance: Seance
    medecin: Medecin
    haut_parleur: HautParleur
    images: list[tuple[NDArray[np.uint8], float]]
    messages: list[Canal]
    etats: list[EtatLiaison]
    sources: list[tuple[str, bool]]


def seance(
    camera: object,
    microphone: object,
    stethoscope: object,
    glace: tuple[ServeurGlace, ...] = (),
    cadreur: Cadreur | None = None,
    adresses: tuple[str, ...] | None = BOUCLE_LOCALE,
) -> Appel:
    """Une séance de la borne, et tout ce qu'elle signale ; le médecin n'est pas encore relié."""
    appel = Appel.__new__(Appel)
    appel.haut_parleur, appel.medecin = HautParleur(), Medecin()
    appel.images, appel.messages, appel.etats, appel.sources = [], [], [], []
    appel.seance = Seance(
        visite="v",
        appel="a",
        glace=glace,
        camera=camera,  # type: ignore[arg-type]
        microphone=microphone,  # type: ignore[arg-type]
        stethoscope=stethoscope,  # type: ignore[arg-type]
        sur_image=lambda image, instant: appel.images.append((image, instant)),
        haut_parleur=appel.haut_parleur,
        sur_message=appel.messages.append,
        sur_etat=appel.etats.append,
        sur_source=lambda nom, presente: appel.sources.append((nom, presente)),
        adresses=adresses,
        cadreur=cadreur,
    )
    return appel


@contextlib.asynccontextmanager
async def appel_etabli(
    camera: object, microphone: object = None, stethoscope: object = None, cadreur: Cadreur | None = None
) -> AsyncIterator[Appel]:
    """Un appel entre la borne et un médecin aiortc brut, établi."""
    appel = seance(camera, microphone, stethoscope, cadreur=cadreur)
    try:
        await appel.seance.repondre(await appel.medecin.repondre(await appel.seance.offre()))
        await attendre(lambda: EtatLiaison.ETABLIE in appel.etats)
        yield appel
    finally:
        await appel.seance.fermer()
        await appel.medecin.fermer()


async def attendre(vrai: Callable[[], object], delai: float = 30.0) -> None:
    """Attend qu'une condition soit vraie ; le délai ne sert qu'à ne pas bloquer."""
    async with asyncio.timeout(delai):
        while not vrai():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
