"""L'analyse pendant l'écoute : les dix dernières secondes, une fois par seconde au plus, dans un fil à part."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.auscultation.coeur import DUREE_MIN_S, FENETRE_S, analyser, valider
from borne.peripheriques.auscultation.resultat import Analyse

PERIODE_S: Final = 1.0


class AnalyseContinue:
    """Une fenêtre glissante. Le son y entre par `ajouter`, sans attendre ; les résultats sortent par `annoncer`.

    `annoncer` est appelée dans le fil de l'analyse : à elle de passer le résultat où il faut. `analyse` est
    `analyser` (le cœur) ou `qualite_poumon`. Rien n'est gardé au-delà de dix secondes, ni écrit.
    """

    def __init__(
        self,
        frequence_hz: int,
        annoncer: Callable[[Analyse], None],
        analyse: Callable[[NDArray[np.int16], int], Analyse] = analyser,
    ) -> None:
        """Lève `ValueError` si la fréquence n'est pas de 1000 à 48000 Hz."""
        valider(np.zeros(0, dtype=np.int16), frequence_hz)
        self._frequence_hz = frequence_hz
        self._annoncer = annoncer
        self._analyse = analyse
        self._tampon = np.zeros(int(FENETRE_S * frequence_hz), dtype=np.int16)
        self._remplis = 0
        self._nouveaux = 0
        self._place = 0
        self._ouverte = True
        self._condition = threading.Condition()
        self._fil = threading.Thread(target=self._tourner, name="auscultation", daemon=True)
        self._fil.start()

    def ajouter(self, echantillons: NDArray[np.int16]) -> None:
        """Le son suivant (une dimension, n'importe quelle longueur). Lève `ValueError` sur une autre forme."""
        valider(echantillons, self._frequence_hz)
        derniers = echantillons[-len(self._tampon) :]
        if not len(derniers):
            return
        with self._condition:
            self._tampon[: -len(derniers)] = self._tampon[len(derniers) :]
            self._tampon[-len(derniers) :] = derniers
            self._remplis = min(len(self._tampon), self._remplis + len(derniers))
            self._nouveaux += len(derniers)
            if self._prete():
                self._condition.notify()

    def vider(self) -> None:
        """Oublier le son : le pavillon change de place, ou de patient. Une analyse en cours ne sera pas annoncée."""
        with self._condition:
            self._tampon[:] = 0
            self._remplis = self._nouveaux = 0
            self._place += 1

    def fermer(self) -> None:
        """Arrêter le fil, après l'analyse en cours ; plus rien n'est annoncé ensuite."""
        with self._condition:
            self._ouverte = False
            self._condition.notify()
        if threading.current_thread() is not self._fil:
            self._fil.join()

    def _prete(self) -> bool:
        assez = self._remplis >= DUREE_MIN_S * self._frequence_hz
        return assez and self._nouveaux >= PERIODE_S * self._frequence_hz

    def _prochaine(self) -> tuple[NDArray[np.int16], int] | None:
        """La fenêtre à analyser et sa place, dès qu'une seconde de son nouveau est là ; None à la fermeture."""
        with self._condition:
            self._condition.wait_for(lambda: not self._ouverte or self._prete())
            if not self._ouverte:
                return None
            self._nouveaux = 0
            return self._tampon[len(self._tampon) - self._remplis :].copy(), self._place

    def _tourner(self) -> None:
        while (prochaine := self._prochaine()) is not None:
            fenetre, place = prochaine
            depart = time.monotonic()
            analyse = self._analyse(fenetre, self._frequence_hz)
            with self._condition:
                actuelle = self._ouverte and place == self._place
            if actuelle:
                self._annoncer(analyse)
            # Un son arrivé en rafale (reprise après une coupure) ne fait pas plus d'une analyse par seconde.
            with self._condition:
                self._condition.wait_for(lambda: not self._ouverte, timeout=depart + PERIODE_S - time.monotonic())
