"""Ce que la borne répare de son image : parités jointes d'avance, paquets renvoyés à la demande, pertes estimées.

Une parité répare sans aller-retour ; une retransmission (RFC 4588) répare le reste, un aller-retour plus tard. Le
récepteur demande (NACK, RFC 4585) tout paquet qui manque à son rang, avant même que les parités n'arrivent : ces
demandes disent les pertes sans attendre ses rapports.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from borne.visio.flexfec import Generateur

AGE_MAX: Final = 1.0
"""Secondes au bout desquelles un paquet n'est plus renvoyé : le récepteur a déjà demandé une image clé."""
ALLER_RETOUR_MAX: Final = 0.3
PART: Final = 0.8
"""Un paquet renvoyé depuis moins que cette part de l'aller-retour est encore en route."""
CONSTANTES: Final = (0.4, 1.5, 6.0)
"""Secondes des moyennes des pertes : la plus courte voit monter en un instant, la plus longue oublie lentement."""


@dataclass(slots=True)
class _Moyenne:
    """Des pertes et des envois qui s'oublient en `constante` secondes."""

    constante: float
    perdus: float = 0.0
    envoyes: float = 0.0
    instant: float = 0.0

    def ajouter(self, instant: float, perdus: int, envoyes: int) -> None:
        oubli = math.exp((self.instant - instant) / self.constante) if self.instant else 0.0
        self.perdus = self.perdus * oubli + perdus
        self.envoyes = self.envoyes * oubli + envoyes
        self.instant = instant

    @property
    def fraction(self) -> float:
        """La fraction perdue, moins un écart type : la pire de plusieurs moyennes n'est alors pas celle du hasard."""
        return max(0.0, self.perdus - math.sqrt(self.perdus)) / max(1.0, self.envoyes)


class Reparation:
    """Suit les paquets de l'image émis et demandés. S'utilise depuis la boucle asyncio seule."""

    def __init__(
        self,
        generateur: Generateur | None,
        aller_retour: Callable[[], float],
        mesurees: Callable[[], float | None],
        horloge: Callable[[], float] = time.monotonic,
    ) -> None:
        """`generateur` : None quand le récepteur n'accepte pas FlexFEC. `aller_retour` : secondes. `mesurees` : la
        fraction perdue sur les dernières secondes selon les comptes rendus du récepteur ; None s'il n'en fait pas."""
        self._generateur = generateur
        self._aller_retour = aller_retour
        self._horloge = horloge
        self._mesurees = mesurees
        self._moyennes = [_Moyenne(constante) for constante in CONSTANTES]
        self._envois: dict[int, float] = {}
        self._ordre: deque[int] = deque()
        self._renvois: dict[int, tuple[float, int]] = {}
        self.parites = 0
        """Paquets de parité fabriqués depuis le début."""
        self.renvoyes = 0
        """Retransmissions depuis le début."""

    @property
    def pertes(self) -> float:
        """La fraction des paquets perdus en ce moment, de 0 à 1 : la pire de ce que disent demandes et rapports."""
        return min(1.0, max(self._mesurees() or 0.0, *(moyenne.fraction for moyenne in self._moyennes)))

    def reparer(self, image: list[bytes]) -> list[bytes]:
        """Les parités à envoyer après cette image (ses paquets RTP complets)."""
        maintenant = self._horloge()
        for paquet in image:
            numero = int.from_bytes(paquet[2:4], "big")
            self._envois[numero] = maintenant
            self._ordre.append(numero)
        self._oublier(maintenant)
        for moyenne in self._moyennes:
            moyenne.ajouter(maintenant, 0, len(image))
        if self._generateur is None:
            return []
        parites = self._generateur.reparer(image, self.pertes)
        self.parites += len(parites)
        return parites

    def copies(self, numero: int) -> int:
        """Combien de fois renvoyer ce paquet, qu'un NACK demande : 0 s'il est trop vieux ou déjà en route.

        Demandé une seconde fois, ni les parités ni le premier renvoi ne l'ont rendu : deux copies.
        """
        maintenant = self._horloge()
        envoi = self._envois.get(numero)
        if envoi is None or maintenant - envoi > AGE_MAX:
            return 0
        dernier, fois = self._renvois.get(numero, (-math.inf, 0))
        trajet = min(self._aller_retour(), ALLER_RETOUR_MAX)
        if maintenant - dernier < PART * trajet:
            return 0
        if fois == 0:
            for moyenne in self._moyennes:
                moyenne.ajouter(maintenant, 1, 0)
        self._renvois[numero] = (maintenant, fois + 1)
        copies = min(fois + 1, 2)
        self.renvoyes += copies
        return copies

    def _oublier(self, maintenant: float) -> None:
        while self._ordre and maintenant - self._envois[self._ordre[0]] > AGE_MAX:
            numero = self._ordre.popleft()
            del self._envois[numero]
            self._renvois.pop(numero, None)
