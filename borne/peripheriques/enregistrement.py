"""Une séance gardée dans un fichier : ses trames brutes, leur canal et leur instant, une par ligne JSON.

La première ligne dit la version, l'instant et la fiche de l'appareil ; les suivantes sont des `Capture`. Le fichier
porte des mesures : il n'est lisible que de qui l'a fait, et n'en remplace jamais un autre. `simulation/rejeu.py` le
rejoue par le vrai pilote.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Literal

import msgspec

from borne.peripheriques.espion import Capture, Genre
from borne.peripheriques.registre import Fiche

VERSION: Final = 1


class EnregistrementInvalide(ValueError):
    """Un fichier de séance qui ne se lit pas ; le message dit la ligne."""


class _Entete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1]
    instant: float
    fiche: Fiche


class _Ligne(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    instant: float
    genre: Genre
    canal: str = ""
    octets: str = ""
    infos: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Seance:
    """Une séance lue : la fiche de l'appareil, l'instant du début (secondes Unix) et ce qui est passé, daté."""

    fiche: Fiche
    debut: float
    captures: tuple[tuple[float, Capture], ...]


class Enregistreur:
    """Écrit une séance ; c'est un `Espion`. À fermer (`with`)."""

    def __init__(self, flux: IO[bytes], fiche: Fiche, horloge: Callable[[], float] = time.time) -> None:
        self._flux = flux
        self._horloge = horloge
        self.nombre = 0
        """Captures écrites."""
        self.panne: OSError | None = None
        """Pourquoi le fichier n'est pas entier (disque plein) ; la mesure, elle, continue."""
        self._ecrire(_Entete(VERSION, horloge(), fiche))

    @classmethod
    def ouvrir(cls, chemin: Path, fiche: Fiche) -> Enregistreur:
        """Un fichier neuf, lisible de son seul propriétaire. Lève `FileExistsError`, ou `OSError`."""
        descripteur = os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return cls(os.fdopen(descripteur, "wb"), fiche)

    def __call__(self, capture: Capture) -> None:
        """Écrit une capture, à l'instant présent. Ne lève rien : `panne` retient ce qui a empêché d'écrire."""
        if self.panne is not None:
            return
        ligne = _Ligne(self._horloge(), capture.genre, capture.canal, capture.octets.hex(), {**capture.infos})
        try:
            self._ecrire(ligne)
        except OSError as erreur:
            self.panne = erreur
        else:
            self.nombre += 1

    def __enter__(self) -> Enregistreur:
        return self

    def __exit__(self, *_faute: object) -> None:
        self._flux.close()

    def _ecrire(self, ligne: msgspec.Struct) -> None:
        self._flux.write(msgspec.json.encode(ligne) + b"\n")
        # Une séance se garde jusqu'à la trame qui a tout cassé.
        self._flux.flush()


def lire_seance(chemin: Path) -> Seance:
    """La séance d'un fichier. Lève `EnregistrementInvalide` (ligne fautive nommée) ou `OSError`."""
    lignes = chemin.read_bytes().splitlines()
    try:
        entete = msgspec.json.decode(lignes[0] if lignes else b"", type=_Entete)
    except msgspec.DecodeError as erreur:
        raise EnregistrementInvalide(f"{chemin}, ligne 1 : {erreur}") from erreur
    captures = tuple(_capture(chemin, rang, brute) for rang, brute in enumerate(lignes[1:], start=2))
    return Seance(entete.fiche, entete.instant, captures)


def _capture(chemin: Path, rang: int, brute: bytes) -> tuple[float, Capture]:
    try:
        ligne = msgspec.json.decode(brute, type=_Ligne)
        octets = bytes.fromhex(ligne.octets)
    except ValueError as erreur:
        raise EnregistrementInvalide(f"{chemin}, ligne {rang} : {erreur}") from erreur
    return ligne.instant, Capture(ligne.genre, ligne.canal, octets, ligne.infos)
