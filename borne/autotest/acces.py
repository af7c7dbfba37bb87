"""L'accès du technicien : un PIN condensé par argon2id (RFC 9106), et une attente qui croît à chaque échec.

L'essai est compté avant d'être jugé, durablement : ni un redémarrage ni une coupure ne rendent des essais. Un PIN de
six chiffres se devine une fois sur un million ; à un essai par quart d'heure, il y faut des années.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from borne.dossier.durable import creer_dossier, ecrire_atomique

FICHIER: Final = "technicien.json"
LONGUEURS: Final = (6, 8)
"""Chiffres d'un PIN, au moins et au plus."""
LIBRES: Final = 3
"""Échecs sans attente : une faute de frappe n'arrête personne."""
PREMIERE_S: Final = 5.0
PLAFOND_S: Final = 900.0


class PinInvalide(ValueError):
    """Ce PIN ne peut pas servir ; phrase française."""


class AccesImpossible(Exception):
    """Le fichier du PIN est abîmé, ou le disque le refuse ; phrase française. Personne n'entre."""


class _Fichier(msgspec.Struct, frozen=True):
    condensat: str
    echecs: int = 0
    dernier: float = 0.0


class Acces:
    """Le PIN de cette borne. `verifier` prend le temps d'un argon2 : l'appeler hors de la boucle."""

    def __init__(
        self, cles: Path, horloge: Callable[[], float] = time.time, argon2: PasswordHasher | None = None
    ) -> None:
        """`argon2` : d'autres paramètres que ceux de la RFC 9106 (essais)."""
        self._chemin = cles / FICHIER
        self._horloge = horloge
        self._argon2 = argon2 or PasswordHasher()

    @property
    def pose(self) -> bool:
        """Un PIN a été posé."""
        return self._chemin.exists()

    def poser(self, pin: str) -> None:
        """Remplace le PIN et oublie les échecs. Lève `PinInvalide` ou `AccesImpossible`."""
        _verifier_forme(pin)
        try:
            creer_dossier(self._chemin.parent)
            self._ecrire(_Fichier(self._argon2.hash(pin)))
        except OSError as erreur:
            raise AccesImpossible(f"Le PIN n'a pas pu être écrit ({erreur.strerror}).") from erreur

    def attendre_s(self) -> float:
        """Secondes avant le prochain essai permis ; 0 : tout de suite. Lève `AccesImpossible`."""
        return self._attente(self._lire())

    def verifier(self, pin: str) -> bool:
        """Vrai si c'est le PIN ; faux aussi tant qu'il faut attendre. Lève `AccesImpossible`."""
        fichier = self._lire()
        if self._attente(fichier) > 0:
            return False
        try:
            self._ecrire(msgspec.structs.replace(fichier, echecs=fichier.echecs + 1, dernier=self._horloge()))
            if not self._convient(fichier, pin):
                return False
            self._ecrire(_Fichier(fichier.condensat))
        except OSError as erreur:
            # Un essai qui ne se compte pas se recommencerait sans fin.
            raise AccesImpossible("Le disque n'écrit plus : les essais ne peuvent pas être comptés.") from erreur
        return True

    def _convient(self, fichier: _Fichier, pin: str) -> bool:
        try:
            return self._argon2.verify(fichier.condensat, pin)
        except VerifyMismatchError:
            return False
        except InvalidHashError as erreur:
            raise AccesImpossible(_ABIME) from erreur

    def _attente(self, fichier: _Fichier) -> float:
        if fichier.echecs < LIBRES:
            return 0.0
        delai = min(PLAFOND_S, PREMIERE_S * 2.0 ** min(fichier.echecs - LIBRES, 20))
        # Borné par le délai : une horloge remise en arrière n'enferme personne dehors.
        return max(0.0, min(delai, fichier.dernier + delai - self._horloge()))

    def _lire(self) -> _Fichier:
        try:
            return msgspec.json.decode(self._chemin.read_bytes(), type=_Fichier)
        except FileNotFoundError:
            raise AccesImpossible("Aucun PIN n'est posé. Lancez : borne technicien pin") from None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            raise AccesImpossible(_ABIME) from None

    def _ecrire(self, fichier: _Fichier) -> None:
        ecrire_atomique(self._chemin, msgspec.json.encode(fichier))


_ABIME: Final = "Le fichier du PIN est abîmé. Lancez de nouveau : borne technicien pin"


def _verifier_forme(pin: str) -> None:
    moins, plus = LONGUEURS
    if not (pin.isascii() and pin.isdigit() and moins <= len(pin) <= plus):
        raise PinInvalide(f"Le PIN doit avoir de {moins} à {plus} chiffres.")
    pas = {(int(suivant) - int(chiffre)) % 10 for chiffre, suivant in itertools.pairwise(pin)}
    if pas in ({0}, {1}, {9}):
        raise PinInvalide("Ce PIN se devine : ni chiffres tous égaux, ni chiffres qui se suivent.")


def tirer() -> str:
    """Un PIN au hasard, de six chiffres, qui ne se devine pas."""
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        try:
            _verifier_forme(pin)
        except PinInvalide:
            continue
        return pin
