"""L'état d'un appel et le battement qui le mesure : une seconde, et non les trente du consentement ICE."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from typing import Final

from borne.protocole import Battement, EchoBattement

PERIODE: Final = 1.0
"""Secondes entre deux battements."""
SANS_ECHO_MAX: Final = 3
"""Battements sans écho au bout desquels la liaison est dite perdue."""


class EtatLiaison(enum.Enum):
    """Où en est un appel."""

    CONNEXION = "connexion"
    ETABLIE = "etablie"
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
