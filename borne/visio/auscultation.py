"""Le son exact du stéthoscope : décimé sans repliement, mis en trames, gardé quinze secondes. Sans réseau ni horloge.

Opus peut perdre un paquet et le navigateur étirer ce qu'il en rend : ces trames portent les échantillons eux-mêmes,
chacune avec les trois blocs qui la précèdent. Ce qui manque encore se redemande (`BlocsManquants`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import firwin, kaiserord

from borne.protocole import DUREE_BLOC_MS, REDONDANCE, TrameSon
from borne.visio.sources import ECHANTILLONS_BLOC, FREQUENCE_SON, BlocSon

MEMOIRE_S: Final = 15
"""Secondes de son exact que la borne garde pour les renvoyer, en mémoire seulement."""
BLOCS_GARDES: Final = MEMOIRE_S * 1000 // DUREE_BLOC_MS
ECOUTES: Final = 1 << 16
"""Les numéros d'écoute tiennent sur deux octets."""

BANDE_UTILE: Final = 0.85
"""Fin de la bande passante, en part de la demi-fréquence de sortie ; à la demi-fréquence, tout est éteint."""
ATTENUATION_DB: Final = 90.0
"""Repliement : sous le pas de quantification d'un son de 16 bits à pleine échelle."""


class Decimateur:
    """De 48 kHz vers `frequence_hz`, filtre à phase linéaire (Kaiser), état gardé d'un bloc au suivant."""

    def __init__(self, frequence_hz: int) -> None:
        """`frequence_hz` : un diviseur de 48 000. ValueError sinon."""
        if frequence_hz <= 0 or FREQUENCE_SON % frequence_hz:
            raise ValueError(f"{frequence_hz} Hz ne divise pas {FREQUENCE_SON} Hz")
        self.frequence_hz = frequence_hz
        self._pas = FREQUENCE_SON // frequence_hz
        demi = frequence_hz / 2
        longueur, beta = kaiserord(ATTENUATION_DB, (1 - BANDE_UTILE) * demi / (FREQUENCE_SON / 2))
        coupure = (1 + BANDE_UTILE) / 2 * demi
        # Longueur impaire : le retard est un nombre entier d'échantillons.
        self._filtre: NDArray[np.float64] = firwin(longueur | 1, coupure, window=("kaiser", beta), fs=FREQUENCE_SON)
        self._passe: NDArray[np.float64] = np.zeros(len(self._filtre) - 1)

    @property
    def retard_s(self) -> float:
        """Le retard du filtre, le même à toutes les fréquences (secondes)."""
        return (len(self._filtre) - 1) / 2 / FREQUENCE_SON

    def decimer(self, bloc: NDArray[np.int16]) -> NDArray[np.int16]:
        """Les échantillons (n,) int16 de ce bloc à la fréquence de sortie ; n doit être un multiple du pas."""
        if len(bloc) % self._pas:
            raise ValueError("un bloc entier est attendu")
        son: NDArray[np.float64] = np.concatenate((self._passe, bloc.astype(np.float64)))
        self._passe = son[len(bloc) :]
        sortie = sliding_window_view(son, len(self._filtre))[:: self._pas] @ self._filtre
        return np.clip(np.rint(sortie), -32768, 32767).astype(np.int16)


class SonExact:
    """Une écoute après l'autre : rend la trame de chaque bloc, et garde les `MEMOIRE_S` dernières secondes."""

    def __init__(self) -> None:
        self.ecoute = 0
        self._decimateur: Decimateur | None = None
        self._frequence = 0
        self._premier: int | None = None
        self._gardes: OrderedDict[int, tuple[bytes, int]] = OrderedDict()

    def ouvrir(self, frequence_hz: int) -> int:
        """Commence une écoute et oublie la précédente ; rend son numéro."""
        self.ecoute = self.ecoute % (ECOUTES - 1) + 1
        self._decimateur, self._premier = Decimateur(frequence_hz), None
        self._frequence = frequence_hz
        self._gardes.clear()
        return self.ecoute

    def clore(self) -> None:
        """Fin de l'écoute : la mémoire reste, le temps d'un `BlocsManquants`."""
        self._decimateur = None

    def oublier(self) -> None:
        """Fin de la visite : plus rien du patient."""
        self._decimateur, self._premier = None, None
        self._gardes.clear()

    def ajouter(self, bloc: BlocSon) -> tuple[NDArray[np.int16], bytes] | None:
        """Les échantillons exacts de ce bloc et sa trame ; None hors d'une écoute.

        Un bloc que la source a perdu garde son numéro : le médecin voit un trou, jamais un son raccourci.
        """
        decimateur = self._decimateur
        if decimateur is None:
            return None
        if self._premier is None:
            self._premier = bloc.numero
        numero = bloc.numero - self._premier
        son = decimateur.decimer(bloc.echantillons[:ECHANTILLONS_BLOC])
        instant_us = round((bloc.instant - decimateur.retard_s) * 1e6)
        self._gardes[numero] = (son.astype("<i2").tobytes(), instant_us)
        while self._gardes and next(iter(self._gardes)) <= numero - BLOCS_GARDES:
            self._gardes.popitem(last=False)
        return son, self._trame(numero, REDONDANCE).encoder()

    def rappeler(self, ecoute: int, numeros: Iterable[int]) -> Iterator[bytes]:
        """Les trames des blocs redemandés qui sont encore gardés, un bloc par trame."""
        if ecoute != self.ecoute:
            return
        for numero in numeros:
            if numero in self._gardes:
                yield self._trame(numero, 0).encoder()

    def _trame(self, numero: int, redondance: int) -> TrameSon:
        """Un trou de la source arrête la suite : les blocs d'une trame se suivent toujours."""
        blocs = []
        for rang in range(numero, numero - redondance - 1, -1):
            if rang not in self._gardes:
                break
            blocs.append(self._gardes[rang][0])
        return TrameSon(self._frequence, self.ecoute, numero, self._gardes[numero][1], tuple(blocs))
