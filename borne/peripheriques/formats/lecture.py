"""`Lecture` et `Horodatage` : ce que rend un décodeur, quel que soit l'appareil. Pur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from borne.mesures import Mesure


@dataclass(frozen=True, slots=True)
class Horodatage:
    """L'heure écrite par l'appareil (Date Time 0x2A08) : locale, sans fuseau, peut-être partielle.

    `annee`, `mois`, `jour` valent None quand l'appareil dit « inconnu » (0).
    """

    annee: int | None
    mois: int | None
    jour: int | None
    heure: int
    minute: int
    seconde: int

    @classmethod
    def de(cls, date: datetime) -> Horodatage:
        """L'horodatage entier d'une date locale naïve."""
        return cls(date.year, date.month, date.day, date.hour, date.minute, date.second)

    @property
    def complet(self) -> bool:
        """Vrai quand la date entière est connue."""
        return None not in (self.annee, self.mois, self.jour)

    def en_datetime(self) -> datetime | None:
        """La date et l'heure locales naïves, ou None quand la date est partielle."""
        if self.annee is None or self.mois is None or self.jour is None:
            return None
        return datetime(self.annee, self.mois, self.jour, self.heure, self.minute, self.seconde)

    def __str__(self) -> str:
        date = "-".join(
            "?" * taille if partie is None else f"{partie:0{taille}d}"
            for partie, taille in ((self.annee, 4), (self.mois, 2), (self.jour, 2))
        )
        return f"{date}T{self.heure:02d}:{self.minute:02d}:{self.seconde:02d}"


def mesure(code: str, valeur: float | None, unite: str, qualite: float = 1.0) -> Mesure:
    """Une `Mesure` sans instant ni appareil : un décodeur ne les connaît pas (voir `Lecture.estampillee`)."""
    return Mesure(code, None if valeur is None else float(valeur), unite, 0.0, "", qualite)


@dataclass(frozen=True, slots=True)
class Lecture:
    """Une trame décodée.

    `mesures` : dans l'unité de l'appareil, `valeur` None quand il n'y en a pas (NaN, NRes, infinis) ;
    `instant` : l'heure de l'appareil, ou None ; `utilisateur` : numéro dans l'appareil, None si inconnu ;
    `details` : les champs de la trame sous leur nom anglais court (`status`, `level`, `dow`, `spo2`...), tels
    qu'écrits par l'appareil ; ce qui est mesuré y est aussi, mais seule la `Mesure` dit si cela vaut.
    """

    mesures: tuple[Mesure, ...] = ()
    instant: Horodatage | None = None
    utilisateur: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    def valeur(self, code: str) -> float | None:
        """La valeur de la mesure de ce code LOINC ; None si elle manque ou n'a pas de valeur."""
        return next((mesure.valeur for mesure in self.mesures if mesure.code == code), None)

    def estampillee(self, instant: float, appareil: str) -> Lecture:
        """La même, ses mesures portant l'instant de réception (secondes Unix) et le nom de l'appareil.

        Un décodeur est pur : il ne connaît ni l'heure ni l'appareil, et rend `instant` 0 et `appareil` vide.
        """
        return replace(
            self,
            mesures=tuple(replace(mesure, instant=instant, appareil=appareil) for mesure in self.mesures),
        )
