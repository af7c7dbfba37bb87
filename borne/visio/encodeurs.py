"""Les encodeurs de la borne : H.264 (x264) pour l'image, Opus pour la voix et le stéthoscope.

Réglages mesurés : « superfast » et « zerolatency » donnent 8 ms par image 1080p sur un cœur et autant de qualité
que le réglage d'origine d'aiortc en 32 ms. À 2,5 Mbit/s, sur un portrait qui bouge sous un bruit de capteur, les
profils « main » et « high » (CABAC, 8x8) ne gagnent que 0,05 dB et Chromium n'annonce pas le second : « constrained
baseline », que tout navigateur lit. « veryfast », deux références ou subme 2 : moins de 0,05 dB pour un tiers de
temps en plus. Opus en mode « voip » coupe 16 dB à 30 Hz ; en « lowdelay », moins de 0,1 dB : un son de cœur (20 à
150 Hz) passe entier.
"""

from __future__ import annotations

import fractions
from typing import Any, Final, Literal

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from numpy.typing import NDArray
from scipy.signal import lfilter

from borne.visio.sources import ECHANTILLONS_BLOC, FREQUENCE_SON

BASE_IMAGE: Final = fractions.Fraction(1, 90_000)
"""Horloge RTP de la vidéo (RFC 6184, section 8.2.1)."""
BASE_SON: Final = fractions.Fraction(1, FREQUENCE_SON)

DEBIT_MAX: Final = 4_000_000
DEBIT_DEPART: Final = 3_000_000
DEBIT_MIN: Final = 60_000
HAUTEUR_LEGERE: Final = 720
"""Au-dessus, le mouvement est cherché au pixel entier : 15 % de processeur et 1,2 ms de moins, 0,2 dB de moins."""
TAMPON_DEBIT: Final = 0.2
"""Secondes du tampon x264 (VBV) : borne la rafale d'une image, donc son délai."""

# Rec. ITU-T H.273 : 6 = BT.601 (SMPTE 170M), ce que produit la conversion d'OpenCV ; 1 = plage restreinte.
_BT601: Final = 6
_PLAGE_RESTREINTE: Final = 1


def en_i420(bgr: NDArray[np.uint8]) -> av.VideoFrame:
    """Une image BGR (h, w, 3) en I420 (BT.601, plage restreinte) ; les dimensions impaires perdent un pixel."""
    hauteur, largeur = bgr.shape[0] & ~1, bgr.shape[1] & ~1
    yuv = cv2.cvtColor(bgr[:hauteur, :largeur], cv2.COLOR_BGR2YUV_I420)
    # Sans copie : l'image tient le tableau en vie.
    return av.VideoFrame.from_numpy_buffer(np.asarray(yuv, dtype=np.uint8), format="yuv420p")


class EncodeurH264:
    """x264 « constrained baseline » 4.0 à débit changé en place, sans image clé.

    Ouvert à `DEBIT_MAX` avec maxrate == bit_rate et bufsize : alors seulement x264 se laisse reconfigurer. À
    n'appeler que d'un fil à la fois.
    """

    def __init__(self) -> None:
        self._codec: VideoCodecContext | None = None
        self._debit = DEBIT_DEPART

    def encoder(self, bgr: NDArray[np.uint8], pts: int, debit: int, image_cle: bool) -> av.Packet[Any] | None:
        """Encode une image BGR (h, w, 3). `pts` : en 1/90000 s. `debit` : bits par seconde, borné."""
        image = en_i420(bgr)
        image.pts, image.time_base = pts, BASE_IMAGE
        image.pict_type = PictureType.I if image_cle else PictureType.NONE
        codec = self._ouvert(image.width, image.height)
        self._regler(codec, debit)
        paquets = codec.encode(image)
        if not paquets:
            return None
        paquet = paquets[0]
        paquet.pts, paquet.time_base = pts, BASE_IMAGE
        return paquet

    def _ouvert(self, largeur: int, hauteur: int) -> VideoCodecContext:
        codec = self._codec
        if codec is None or (codec.width, codec.height) != (largeur, hauteur):
            codec = self._codec = _ouvrir_x264(largeur, hauteur)
            self._debit = DEBIT_MAX
        return codec

    def _regler(self, codec: VideoCodecContext, debit: int) -> None:
        debit = max(DEBIT_MIN, min(debit, DEBIT_MAX))
        if abs(debit - self._debit) > 0.03 * self._debit:
            self._debit = debit
            codec.bit_rate = debit


def _ouvrir_x264(largeur: int, hauteur: int) -> VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = largeur, hauteur, "yuv420p"
    codec.bit_rate = DEBIT_MAX
    codec.framerate, codec.time_base = fractions.Fraction(30), BASE_IMAGE
    codec.colorspace = codec.color_primaries = codec.color_trc = _BT601
    codec.color_range = _PLAGE_RESTREINTE
    codec.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "level": "4.0",
        "maxrate": str(DEBIT_MAX),
        "bufsize": str(int(DEBIT_MAX * TAMPON_DEBIT)),
        # Des images clés seulement sur demande du récepteur : chacune est une rafale.
        "g": "1000000",
        "sc_threshold": "0",
        "forced-idr": "1",
        # La quantification adaptative prend aux textures (une peau, une lésion) pour donner aux aplats : 0,46 dB.
        "aq-mode": "0",
        # Garder les petits coefficients coûte moins que de les trier (12 %), et rend mieux le grain d'une peau.
        "x264-params": "no-dct-decimate=1",
        # Un fil : les tranches de « zerolatency » gagnent 1,5 ms et coûtent des paquets et du processeur.
        "threads": "1",
    }
    if hauteur > HAUTEUR_LEGERE:
        codec.options = {**codec.options, "subq": "0"}
    codec.profile = "Baseline"
    # Ouvert avant tout changement de débit : ouvert à un autre que maxrate, x264 ne se laisserait plus reconfigurer.
    codec.open()
    return codec


class Redressement:
    """Défait d'avance le passe-haut de 3 Hz que libopus pose toujours (`dc_reject`, opus_encoder.c).

    Il ne change presque pas le niveau d'un son de cœur mais en tourne la phase (6 degrés à 30 Hz), ce qui déforme
    l'onde. Reste un passe-haut de 0,3 Hz, pour qu'un décalage continu de la carte son ne sature pas.
    """

    COUPURE: Final = 6.3 * 3 / FREQUENCE_SON
    """Le coefficient de libopus."""

    def __init__(self) -> None:
        self._b = np.array([1.0, self.COUPURE - 1.0])
        self._a = np.array([1.0, self.COUPURE / 10 - 1.0])
        self._etat = np.zeros(1)

    def appliquer(self, echantillons: NDArray[np.int16]) -> NDArray[np.int16]:
        """(n,) int16, suite du bloc précédent."""
        son, self._etat = lfilter(self._b, self._a, echantillons.astype(np.float64), zi=self._etat)
        return np.asarray(np.clip(np.rint(son), -32768, 32767), dtype=np.int16)


class EncodeurOpus:
    """Opus 48 kHz mono, 20 ms (RFC 6716) : « voip » pour la voix, « lowdelay » pour le stéthoscope.

    Le stéthoscope sort tel qu'il est entré : ce que l'encodeur en filtre est défait d'avance (`Redressement`).
    """

    def __init__(self, usage: Literal["voip", "lowdelay"], debit: int) -> None:
        codec = av.CodecContext.create("libopus", "w")
        codec.bit_rate = debit
        codec.format, codec.layout, codec.sample_rate = "s16", "mono", FREQUENCE_SON
        codec.time_base = BASE_SON
        codec.options = {"application": usage, "frame_duration": "20"}
        self._codec = codec
        self._redressement = Redressement() if usage == "lowdelay" else None

    def encoder(self, echantillons: NDArray[np.int16], pts: int) -> av.Packet[Any] | None:
        """Encode (960,) int16 ; `pts` : en 1/48000 s."""
        if echantillons.shape != (ECHANTILLONS_BLOC,):
            raise ValueError(f"bloc de {echantillons.shape} échantillons au lieu de {ECHANTILLONS_BLOC}")
        if self._redressement is not None:
            echantillons = self._redressement.appliquer(echantillons)
        trame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(echantillons, dtype=np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        trame.sample_rate, trame.pts, trame.time_base = FREQUENCE_SON, pts, BASE_SON
        paquets = self._codec.encode(trame)
        if not paquets:
            return None
        paquet = paquets[0]
        paquet.pts, paquet.time_base = pts, BASE_SON
        return paquet
