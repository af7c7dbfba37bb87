"""Le délai qui s'accumule sur le lien, vu des arrivées : tendance de l'inter-arrivée et file d'attente stable. Pur.

La tendance est celle de Google Congestion Control (draft-ietf-rmcat-gcc-02, section 5, et le filtre linéaire qui l'a
remplacée dans libwebrtc) ; elle voit une file grandir. La file stable, minimum récent du délai au-dessus de son
minimum ancien, voit une file qui reste : la gigue ne l'augmente pas.
"""

from __future__ import annotations

from collections import deque
from typing import Final

GROUPE: Final = 0.005
"""Secondes : les paquets partis ensemble ne comptent que pour un."""
POINTS: Final = 20
LISSAGE: Final = 0.9
GAIN: Final = 4.0
SEUIL_DEPART, SEUIL_MIN, SEUIL_MAX = 12.5, 6.0, 600.0
K_HAUT, K_BAS = 0.0087, 0.039
DUREE_SURCHARGE: Final = 0.01
"""Secondes de tendance haute avant de la dire surcharge."""


class Tendance:
    """Dit si le délai croît, paquet après paquet dans l'ordre d'envoi. Secondes."""

    def __init__(self) -> None:
        self._groupe: tuple[float, float, float] | None = None
        self._precedent: tuple[float, float] | None = None
        self._cumul = self._lisse = 0.0
        self._points: deque[tuple[float, float]] = deque(maxlen=POINTS)
        self._nombre = 0
        self._seuil = SEUIL_DEPART
        self._duree: float | None = None
        self._pente = 0.0
        self._instant: float | None = None
        self.surcharge = False

    def ajouter(self, envoi: float, arrivee: float) -> None:
        """Un paquet parti à `envoi` (notre horloge) et arrivé à `arrivee` (celle du récepteur)."""
        groupe = self._groupe
        if groupe is None:
            self._groupe = (envoi, envoi, arrivee)
            return
        debut, dernier, fin = groupe
        rafale = arrivee - fin <= GROUPE and arrivee - fin < envoi - dernier
        if envoi - debut <= GROUPE or rafale:
            self._groupe = (debut, max(dernier, envoi), max(fin, arrivee))
            return
        if self._precedent is not None:
            self._delta(dernier - self._precedent[0], fin - self._precedent[1], fin)
        self._precedent, self._groupe = (dernier, fin), (envoi, envoi, arrivee)

    def oublier(self) -> None:
        """Repart de zéro, sauf le seuil appris : après une sonde ou une coupure."""
        self._groupe = self._precedent = None
        self._cumul = self._lisse = self._pente = 0.0
        self._points.clear()
        self._nombre, self._duree, self.surcharge = 0, None, False

    def _delta(self, envoi: float, arrivee: float, instant: float) -> None:
        self._nombre += 1
        self._cumul += (arrivee - envoi) * 1000
        self._lisse = LISSAGE * self._lisse + (1 - LISSAGE) * self._cumul
        self._points.append((instant * 1000, self._lisse))
        if len(self._points) == POINTS:
            self._detecter(envoi, _pente(self._points), instant)

    def _detecter(self, envoi: float, pente: float, instant: float) -> None:
        mesure = min(self._nombre, 60) * pente * GAIN
        if mesure > self._seuil:
            self._duree = envoi / 2 if self._duree is None else self._duree + envoi
            if self._duree > DUREE_SURCHARGE and pente >= self._pente:
                self._duree, self.surcharge = 0.0, True
        else:
            self._duree, self.surcharge = None, False
        self._pente = pente
        self._adapter(mesure, instant)

    def _adapter(self, mesure: float, instant: float) -> None:
        """Le seuil suit la gigue, lentement : un lien agité n'est pas un lien plein."""
        ecoule = 0.0 if self._instant is None else max(0.0, min((instant - self._instant) * 1000, 100.0))
        self._instant = instant
        if abs(mesure) > self._seuil + 15:
            return
        k = K_BAS if abs(mesure) < self._seuil else K_HAUT
        self._seuil = max(SEUIL_MIN, min(self._seuil + k * (abs(mesure) - self._seuil) * ecoule, SEUIL_MAX))


def _pente(points: deque[tuple[float, float]]) -> float:
    """La pente de la droite des moindres carrés ; 0 si tout est au même instant."""
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    variance = sum((point[0] - x) ** 2 for point in points)
    return sum((a - x) * (b - y) for a, b in points) / variance if variance else 0.0


FENETRE_COURTE: Final = 0.12
"""Secondes dont le délai minimal est celui de la file stable : plus que l'écart de trois images."""
TRANCHE: Final = 1.0
TRANCHES: Final = 30
"""Le délai de base est le minimum de tant de tranches : il suit la dérive des horloges et un changement de route."""


class FileStable:
    """Le délai que garde la file du lien, en secondes : 0 quand elle se vide entre deux images."""

    def __init__(self) -> None:
        self._recents: deque[tuple[float, float]] = deque()
        self._tranches: deque[tuple[float, float]] = deque(maxlen=TRANCHES)

    def ajouter(self, envoi: float, arrivee: float) -> None:
        """Un paquet parti à `envoi` (notre horloge) et arrivé à `arrivee` (celle du récepteur)."""
        delai = arrivee - envoi
        while self._recents and self._recents[-1][1] >= delai:
            self._recents.pop()
        self._recents.append((arrivee, delai))
        while self._recents[0][0] < arrivee - FENETRE_COURTE:
            self._recents.popleft()
        if not self._tranches or arrivee - self._tranches[-1][0] > TRANCHE:
            self._tranches.append((arrivee, delai))
        elif delai < self._tranches[-1][1]:
            self._tranches[-1] = (self._tranches[-1][0], delai)

    @property
    def delai(self) -> float:
        """Secondes d'attente dans la file, au moins."""
        return self._recents[0][1] - self.base if self._recents else 0.0

    @property
    def base(self) -> float:
        """Le délai du lien vide, dans une horloge arbitraire."""
        return min((delai for _, delai in self._tranches), default=0.0)

    def rebaser(self) -> None:
        """Le délai actuel est celui du lien vide : la route a changé."""
        self._tranches.clear()
        if self._recents:
            self._tranches.append(self._recents[0])

    def oublier(self) -> None:
        """Oublie les délais récents, garde la base."""
        self._recents.clear()
