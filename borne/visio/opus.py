"""Décodage Opus avec dissimulation des pertes (RFC 6716), par libopus.

Le décodeur de PyAV ne sait ni combler un trou ni lire la redondance d'un paquet (FEC) : il rend du silence. Ces deux
fonctions sont dans libopus depuis toujours ; ce module n'en appelle que quatre. La bibliothèque du système
(libopus0) d'abord, sinon celle que la roue de PyAV contient.
"""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

FREQUENCE: Final = 48_000
TRAME_MAX: Final = FREQUENCE * 120 // 1000
"""Échantillons du plus long paquet Opus : 120 ms (RFC 6716, 3.2.5)."""
_PAS: Final = FREQUENCE * 25 // 10_000
"""La dissimulation se demande par multiples de 2,5 ms."""


class OpusAbsent(OSError):
    """libopus n'est nulle part : le paquet libopus0 manque."""


class PaquetOpusInvalide(ValueError):
    """Ce paquet ne se décode pas."""


@functools.cache
def _bibliotheque() -> ctypes.CDLL:
    roue = Path(av.__file__).parent.parent / "av.libs"
    candidats = ["libopus.so.0", *(str(chemin) for chemin in sorted(roue.glob("libopus*.so*")))]
    for nom in candidats:
        try:
            bibliotheque = ctypes.CDLL(nom)
        except OSError:
            continue
        _declarer(bibliotheque)
        return bibliotheque
    raise OpusAbsent("La bibliothèque Opus manque : installez le paquet libopus0.")


def _declarer(bibliotheque: ctypes.CDLL) -> None:
    entier, pointeur = ctypes.c_int32, ctypes.c_void_p
    bibliotheque.opus_decoder_create.restype = pointeur
    bibliotheque.opus_decoder_create.argtypes = [entier, entier, ctypes.POINTER(entier)]
    bibliotheque.opus_decoder_destroy.restype = None
    bibliotheque.opus_decoder_destroy.argtypes = [pointeur]
    bibliotheque.opus_decode.restype = entier
    bibliotheque.opus_decode.argtypes = [pointeur, ctypes.c_char_p, entier, pointeur, entier, entier]
    bibliotheque.opus_packet_get_nb_samples.restype = entier
    bibliotheque.opus_packet_get_nb_samples.argtypes = [ctypes.c_char_p, entier, entier]


def duree(charge: bytes) -> int:
    """Échantillons par voie, à 48 kHz, d'un paquet ; lève `PaquetOpusInvalide`."""
    echantillons = int(_bibliotheque().opus_packet_get_nb_samples(charge, len(charge), FREQUENCE)) if charge else 0
    if echantillons <= 0:
        raise PaquetOpusInvalide(f"paquet Opus illisible ({len(charge)} octets)")
    return echantillons


class DecodeurOpus:
    """Un flux Opus rendu en (n,) int16 mono à 48 kHz (la stéréo est réunie par libopus)."""

    def __init__(self) -> None:
        self._opus = _bibliotheque()
        erreur = ctypes.c_int32()
        self._etat = self._opus.opus_decoder_create(FREQUENCE, 1, ctypes.byref(erreur))
        if not self._etat:
            raise OpusAbsent(f"libopus refuse de décoder (code {erreur.value}).")
        self._sortie = np.empty(TRAME_MAX, dtype=np.int16)

    def __del__(self) -> None:
        if getattr(self, "_etat", None):
            self._opus.opus_decoder_destroy(self._etat)

    def decoder(self, charge: bytes) -> NDArray[np.int16]:
        """Le son d'un paquet ; lève `PaquetOpusInvalide`."""
        return self._rendre(charge, TRAME_MAX, 0)

    def reparer(self, suivant: bytes, echantillons: int) -> NDArray[np.int16]:
        """Le son du paquet perdu juste avant `suivant` : sa redondance (FEC) s'il en a, sinon une dissimulation."""
        return self._rendre(suivant, echantillons - echantillons % _PAS, 1)

    def dissimuler(self, echantillons: int) -> NDArray[np.int16]:
        """Un trou comblé d'après ce qui précède (arrondi à 2,5 ms au-dessous)."""
        return self._rendre(None, echantillons - echantillons % _PAS, 0)

    def _rendre(self, charge: bytes | None, echantillons: int, fec: int) -> NDArray[np.int16]:
        lus = self._opus.opus_decode(
            self._etat, charge, len(charge or b""), self._sortie.ctypes.data, echantillons, fec
        )
        if lus < 0:
            raise PaquetOpusInvalide(f"libopus refuse ce paquet (code {lus})")
        return self._sortie[:lus].copy()
