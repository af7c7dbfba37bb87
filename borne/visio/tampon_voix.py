"""Le tampon de réception de la voix : des paquets Opus dans le désordre en entrée, un son continu en sortie.

Pur : ni horloge, ni fil, ni réseau ; le temps vient en paramètre (secondes, horloge monotone). Les paquets sont
rangés par leur horodatage RTP (48 kHz, RFC 7587) : une trame répétée, doublée ou en retard tombe à sa place.

Le délai est l'écart entre l'instant où un échantillon sort et le plus tôt où il aurait pu arriver. Sa cible couvre
presque toute la gigue récente, répétitions comprises ; l'étirement du son y ramène sans cesse le délai mesuré, ce
qui suit aussi la dérive des cartes son des deux côtés. Ce qui manque à l'heure dite est réparé ou dissimulé.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from borne.visio.etirement import allonger, raccourcir

Son = NDArray[np.int16]

FREQUENCE: Final = 48_000
CIBLE_MIN: Final = 0.015
CIBLE_MAX: Final = 0.08
"""Bornes du délai visé, en secondes. Au-delà de 80 ms de gigue, mieux vaut dissimuler que faire attendre."""
CIBLE_DEPART: Final = 0.05
RELEVES_DEPART: Final = 100
"""Délai visé tant que la gigue n'est connue que par moins de paquets : un appel qui s'établit est chaotique."""
MARGE: Final = 0.005
"""Secondes ajoutées à la gigue : la carte son demande par à-coups."""
QUANTILE: Final = 0.98
RELEVES: Final = 500
"""Paquets dont la gigue est retenue : 10 s."""
EXCES_TOLERE: Final = 0.008
MANQUE_TOLERE: Final = 0.002
"""Écarts au délai visé, en secondes, tolérés sans étirer : trop court, il fait manquer des trames."""
URGENCE: Final = 0.06
"""Écart au-delà duquel on étire même un passage où cela s'entend."""
SAUT: Final = 0.25
"""Écart au-delà duquel on saute (après un arrêt de la borne)."""
REPOS: Final = 3
"""Trames entre deux étirements, sauf urgence : le débit de parole ne change pas de plus d'un huitième."""
LISSAGE: Final = 0.1
SILENCE_MAX: Final = 1.0
"""Secondes sans un paquet au bout desquelles la voix est dite arrêtée."""
RUPTURE: Final = 2 * FREQUENCE
"""Échantillons d'écart au-delà desquels l'horodatage a été repris à neuf."""
TRAME: Final = FREQUENCE // 50


class Decodeur(Protocol):
    """Un décodeur Opus : voir `borne.visio.opus.DecodeurOpus`. Ses méthodes lèvent `ValueError`."""

    def decoder(self, charge: bytes) -> Son: ...
    def reparer(self, suivant: bytes, echantillons: int) -> Son: ...
    def dissimuler(self, echantillons: int) -> Son: ...


@dataclass(slots=True)
class Compte:
    """Depuis le début. Trames : `jouees`, dont `repetees` par un autre paquet, `reparees` (FEC), `dissimulees`,
    `tardives`, `illisibles`. Échantillons : `retires` et `ajoutes` par l'étirement, `sautes`."""

    jouees: int = 0
    repetees: int = 0
    reparees: int = 0
    dissimulees: int = 0
    tardives: int = 0
    illisibles: int = 0
    retires: int = 0
    ajoutes: int = 0
    sautes: int = 0


class TamponVoix:
    """Un flux de voix. `duree(charge)` : échantillons d'un paquet, ou `ValueError`."""

    def __init__(self, decodeur: Decodeur, duree: Callable[[bytes], int]) -> None:
        self._decodeur = decodeur
        self._duree = duree
        self._paquets: dict[int, tuple[bytes, int, bool]] = {}
        self._transits: deque[float] = deque(maxlen=RELEVES)
        self._vides: deque[int] = deque(maxlen=RELEVES)
        """Horodatages de ce qui a été dissimulé : un paquet qui en arrive après coup mesure la gigue."""
        self._pret: Son = np.zeros(0, dtype=np.int16)
        self._repere = 0
        self._position: int | None = None
        self._base = 0.0
        self._arrivee = float("-inf")
        self._retard: float | None = None
        self._trame = TRAME
        self._repos = 0
        self.cible = CIBLE_MIN
        """Délai visé, en secondes."""
        self.compte = Compte()

    @property
    def delai(self) -> float:
        """Délai mesuré (lissé), en secondes ; 0 quand rien ne joue."""
        return self._retard or 0.0

    def recevoir(self, horodatage: int, charge: bytes, arrivee: float, *, repetee: bool = False) -> None:
        """Une trame arrivée à `arrivee` ; `horodatage` RTP de 32 bits ; `repetee` : portée par un paquet suivant."""
        try:
            duree = self._duree(charge)
        except ValueError:
            self.compte.illisibles += 1
            return
        instant = self._deplier(horodatage)
        if self._position is not None and abs(instant - self._position) > RUPTURE:
            self._recommencer()
        self._arrivee = max(self._arrivee, arrivee)
        if instant in self._paquets:
            return
        if self._position is not None and instant < self._position:
            if instant in self._vides:
                self._vides.remove(instant)
                self._relever(instant, arrivee)
                self.compte.tardives += 1
            return
        self._trame = duree
        self._relever(instant, arrivee)
        self._paquets[instant] = (charge, duree, repetee)

    def jouer(self, echantillons: int, maintenant: float) -> Son | None:
        """Les (n,) échantillons suivants ; None quand aucune voix n'arrive. À appeler au rythme de la carte son."""
        if maintenant - self._arrivee > SILENCE_MAX:
            self._recommencer()
        if self._position is None and not self._commencer(maintenant):
            return None
        while len(self._pret) < echantillons:
            self._pret = np.concatenate([self._pret, self._suite(maintenant)])
        son, self._pret = self._pret[:echantillons], self._pret[echantillons:]
        return son

    def _deplier(self, horodatage: int) -> int:
        """L'horodatage sur 32 bits, prolongé au-delà de son tour (24 h 51 à 48 kHz)."""
        ecart = (horodatage - self._repere + (1 << 31)) % (1 << 32) - (1 << 31)
        self._repere += ecart
        return self._repere

    def _relever(self, instant: int, arrivee: float) -> None:
        """Suit la gigue : de combien un paquet arrive après le plus prompt (RFC 3550, 6.4.1, en plus prudent)."""
        self._transits.append(arrivee - instant / FREQUENCE)
        transits = np.array(self._transits)
        self._base = float(transits.min())
        gigue = float(np.quantile(transits, QUANTILE)) - self._base
        plancher = CIBLE_DEPART if len(transits) < RELEVES_DEPART else CIBLE_MIN
        self.cible = min(CIBLE_MAX, max(plancher, gigue + MARGE))

    def _recommencer(self) -> None:
        self._paquets.clear()
        self._transits.clear()
        self._vides.clear()
        self._pret = self._pret[:0]
        self._position = self._retard = None

    def _commencer(self, maintenant: float) -> bool:
        """Attend le délai visé après le premier paquet ; vrai quand la lecture commence."""
        if not self._paquets:
            return False
        premier = min(self._paquets)
        if maintenant - self._base - premier / FREQUENCE < max(self.cible, self._trame / FREQUENCE):
            return False
        self._position = premier
        return True

    def _suite(self, maintenant: float) -> Son:
        """La trame suivante, décodée, réparée ou dissimulée, étirée si le délai s'écarte de sa cible."""
        position = self._position or 0
        retard = maintenant - self._base - (position - len(self._pret)) / FREQUENCE
        self._retard = retard if self._retard is None else self._retard + LISSAGE * (retard - self._retard)
        if retard - self.cible > SAUT:
            position = self._sauter(position, retard)
        paquet = self._paquets.pop(position, None)
        if paquet is None:
            return self._combler(position)
        charge, duree, repetee = paquet
        self._position = position + duree
        try:
            son = self._decodeur.decoder(charge)
        except ValueError:
            self.compte.illisibles += 1
            return self._dissimuler(duree)
        self.compte.jouees += 1
        self.compte.repetees += repetee
        return self._etirer(son)

    def _sauter(self, position: int, retard: float) -> int:
        """Renonce au passé : la lecture reprend au délai visé."""
        trames = int((retard - self.cible) * FREQUENCE) // self._trame
        arrivee = position + trames * self._trame
        for instant in [instant for instant in self._paquets if instant < arrivee]:
            del self._paquets[instant]
        self.compte.sautes += arrivee - position
        self._retard = self.cible
        self._position = arrivee
        return arrivee

    def _combler(self, position: int) -> Son:
        """Rien à cette place : la redondance du paquet suivant, sinon une dissimulation."""
        suivant = min(self._paquets, default=None)
        if suivant is None and self._ecart() < -MANQUE_TOLERE:
            # En avance sur le réseau : on patiente d'une trame, sans renoncer à celle qui vient.
            self._retard = self.delai + self._trame / FREQUENCE
            return self._dissimuler(self._trame)
        manque = self._trame if suivant is None else min(self._trame, suivant - position)
        self._position = position + manque
        self._vides.append(position)
        if suivant != self._position or manque != self._trame:
            return self._dissimuler(manque)
        try:
            son = self._decodeur.reparer(self._paquets[suivant][0], manque)
        except ValueError:
            return self._dissimuler(manque)
        self.compte.reparees += 1
        return son

    def _dissimuler(self, echantillons: int) -> Son:
        self.compte.dissimulees += 1
        try:
            return self._decodeur.dissimuler(echantillons)
        except ValueError:
            return np.zeros(echantillons, dtype=np.int16)

    def _ecart(self) -> float:
        return self.delai - self.cible

    def _etirer(self, son: Son) -> Son:
        """Une période de la voix en moins ou en plus, quand le délai s'écarte de sa cible."""
        ecart = self._ecart()
        urgent = abs(ecart) > URGENCE
        self._repos = max(0, self._repos - 1)
        if -MANQUE_TOLERE <= ecart <= EXCES_TOLERE or (self._repos and not urgent):
            return son
        etire = raccourcir(son, urgent) if ecart > 0 else allonger(son, urgent)
        difference = len(etire) - len(son)
        if difference:
            self._repos = REPOS
            self._retard = self.delai + difference / FREQUENCE
            self.compte.ajoutes += max(0, difference)
            self.compte.retires += max(0, -difference)
        return etire
