"""L'état d'un appel, par le silence et le battement : une seconde, et non les trente du consentement ICE."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from typing import Final

from borne.protocole import Battement, EchoBattement

PAS: Final = 0.2
"""Secondes entre deux regards sur la liaison."""
PERIODE: Final = 0.4
"""Secondes entre deux battements."""
SANS_ECHO_MAX: Final = 7
"""Battements sans écho au bout desquels la liaison est dite perdue."""
SILENCE: Final = 0.8
"""Secondes sans aucun paquet reçu au bout desquelles la liaison est dite muette : une autre se prépare."""
PERTE: Final = 2.4
"""Secondes sans aucun paquet reçu au bout desquelles la liaison est dite perdue : le patient l'apprend."""


class EtatLiaison(enum.Enum):
    """Où en est un appel."""

    CONNEXION = "connexion"
    ETABLIE = "etablie"
    MUETTE = "muette"
    PERDUE = "perdue"
    FERMEE = "fermee"


class Coeur:
    """Compte les battements envoyés et leurs échos.

    Ce sont les battements sans écho qui sont comptés, pas les secondes : un arrêt de la borne elle-même ne se
    prend pas pour une perte du médecin.
    """

    def __init__(self, envoyer: Callable[[Battement], object]) -> None:
        self._envoyer = envoyer
        self._numero = 0
        self._sans_echo = 0
        self._envois: dict[int, float] = {}
        self.aller_retour: float | None = None

    @property
    def perdu(self) -> bool:
        """Trop de battements sont restés sans écho."""
        return self._sans_echo >= SANS_ECHO_MAX

    def battre(self) -> None:
        """Envoie un battement."""
        self._numero += 1
        self._sans_echo += 1
        self._envois[self._numero] = time.monotonic()
        self._envois.pop(self._numero - 60, None)
        self._envoyer(Battement(numero=self._numero, instant=time.time()))

    def echo(self, echo: EchoBattement) -> bool:
        """Un écho ; faux s'il ne répond à aucun battement envoyé."""
        envoi = self._envois.pop(echo.numero, None)
        if envoi is None:
            return False
        self._sans_echo = min(self._sans_echo, self._numero - echo.numero)
        self.aller_retour = time.monotonic() - envoi
        return True


class Oreille:
    """Compte les pas de veille pendant lesquels rien n'est arrivé.

    Des pas, et non des secondes : un arrêt de la borne elle-même ne se prend pas pour un silence du médecin.
    """

    def __init__(self) -> None:
        self._muets = 0

    @property
    def silence(self) -> float:
        """Secondes de silence."""
        return self._muets * PAS

    @property
    def muette(self) -> bool:
        """Rien n'arrive plus."""
        return self.silence >= SILENCE

    def entendre(self) -> bool:
        """Un paquet est arrivé ; vrai s'il rompt un silence."""
        retour, self._muets = self.muette, 0
        return retour

    def passer(self) -> None:
        """Un pas de veille de plus."""
        self._muets += 1
