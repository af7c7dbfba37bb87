"""La voix du médecin : du paquet reçu au haut-parleur, au rythme de la carte son et jamais plus tard qu'il ne faut.

Un fil à elle tire le son du tampon : la boucle asyncio, qui porte aussi l'image et la signalisation, peut se figer
100 ms sans que la voix s'interrompe.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import Final

from borne.visio.opus import DecodeurOpus, duree
from borne.visio.redondance import RedondanceInvalide, deballer
from borne.visio.sources import FREQUENCE_SON, HautParleur, HautParleurCadence, SurSource
from borne.visio.tampon_voix import Compte, Son, TamponVoix

journal = logging.getLogger(__name__)

MORCEAU: Final = FREQUENCE_SON // 100
"""Échantillons donnés à la fois au haut-parleur : 10 ms."""
RETARD_TOLERE: Final = 0.1
"""Secondes de retard du fil au-delà desquelles il repart de maintenant (la borne a été arrêtée un moment)."""


class ReceptionVoix:
    """Joue la voix du médecin ; un haut-parleur absent n'arrête rien."""

    def __init__(self, haut_parleur: HautParleur | None, sur_source: SurSource) -> None:
        self._haut_parleur = haut_parleur
        self._sur_source = sur_source
        self._boucle = asyncio.get_running_loop()
        self._tampon = TamponVoix(DecodeurOpus(), duree)
        self._verrou = threading.Lock()
        self._fin = threading.Event()
        self._fil: threading.Thread | None = None
        self._present = True
        self._echeance = 0.0

    @property
    def compte(self) -> Compte:
        """Ce qui a été joué, réparé, dissimulé."""
        return self._tampon.compte

    @property
    def delai(self) -> float:
        """Secondes qu'un échantillon passe dans le tampon, en moyenne récente."""
        return self._tampon.delai

    def recevoir(self, mime: str, horodatage: int, charge: bytes) -> None:
        """Un paquet RTP de la voix : Opus (RFC 7587) ou sa forme redondante (RFC 2198)."""
        arrivee = time.monotonic()
        if mime != "audio/red":
            self._ranger([(horodatage, charge, False)], arrivee)
            return
        try:
            blocs = deballer(charge)
        except RedondanceInvalide as erreur:
            journal.warning("Paquet de voix malformé ignoré (%s).", erreur)
            return
        self._ranger([(horodatage - b.decalage, b.charge, b.decalage > 0) for b in blocs if b.charge], arrivee)

    def arreter(self) -> None:
        """Arrête la lecture."""
        self._fin.set()
        if self._fil is not None:
            self._fil.join()
            self._fil = None

    def _ranger(self, trames: list[tuple[int, bytes, bool]], arrivee: float) -> None:
        with self._verrou:
            for horodatage, charge, repetee in trames:
                self._tampon.recevoir(horodatage % (1 << 32), charge, arrivee, repetee=repetee)
        if self._fil is None and not self._fin.is_set():
            self._fil = threading.Thread(target=self._jouer, name="visio-voix", daemon=True)
            self._fil.start()

    def _jouer(self) -> None:
        self._echeance = time.monotonic()
        while not self._fin.is_set():
            if not self._attendre():
                continue
            with self._verrou:
                son = self._tampon.jouer(MORCEAU, time.monotonic())
            if son is None:
                self._fin.wait(MORCEAU / FREQUENCE_SON)
            else:
                self._ecrire(son)

    def _attendre(self) -> bool:
        """Attend que le haut-parleur ait besoin de la suite ; sans cadence à suivre, celle de l'horloge."""
        if isinstance(self._haut_parleur, HautParleurCadence):
            return self._haut_parleur.attendre(MORCEAU / FREQUENCE_SON)
        self._echeance = max(self._echeance + MORCEAU / FREQUENCE_SON, time.monotonic() - RETARD_TOLERE)
        return not self._fin.wait(max(0.0, self._echeance - time.monotonic()))

    def _ecrire(self, son: Son) -> None:
        if self._haut_parleur is None:
            return
        try:
            self._haut_parleur.ecrire(son)
        except OSError as erreur:
            self._changer(False, type(erreur).__name__)
        else:
            self._changer(True, "")

    def _changer(self, present: bool, cause: str) -> None:
        if present == self._present:
            return
        self._present = present
        if not present:
            journal.warning("Le haut-parleur a disparu (%s).", cause)
        self._boucle.call_soon_threadsafe(self._sur_source, "haut_parleur", present)
