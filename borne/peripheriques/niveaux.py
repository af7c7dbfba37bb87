"""Le niveau d'une entrée de son : l'écrêtage compté, le gain numérique, et le niveau appris à l'autotest.

Un stéthoscope branché sur une entrée ligne sature dès que son volume est trop fort, et un son saturé s'entend comme
un souffle : l'écrêtage se compte sur ce que la carte donne, avant tout gain. Le gain est la seule opération permise ;
à 0 dB le son passe tel quel, au bit près.
"""

from __future__ import annotations

import math
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

NOM_CARNET: Final = "niveaux-son.json"
"""Le carnet, dans le dossier des données."""
FOND: Final = 32760
"""Valeur absolue à partir de laquelle un échantillon de 16 bits est à fond d'échelle (-0,002 dBFS)."""
SUITE_MIN: Final = 3
"""Échantillons de suite à fond d'échelle qui font un écrêtage : un ou deux sont une crête juste."""
GAIN_MIN_DB: Final = -20.0
GAIN_MAX_DB: Final = 30.0
CIBLE_DB: Final = -24.0
"""Niveau efficace visé des passages forts, en dBFS : dix fois de quoi ne pas écrêter une crête de cœur."""
CRETE_PERMISE_DB: Final = -3.0
SILENCE_DB: Final = -96.0
PAS_S: Final = 0.1
_PLEINE_ECHELLE: Final = 32768.0

Son = NDArray[np.int16]


class NiveauIncertain(ValueError):
    """Le son entendu n'apprend rien (trop court, muet, écrêté) ; le texte est une phrase française."""


@dataclass(frozen=True, slots=True)
class Ecretage:
    """Ce qu'une entrée a écrêté depuis la remise à zéro.

    `episodes` : suites d'au moins `SUITE_MIN` échantillons à fond d'échelle ; `duree_s` : leur durée totale ;
    `ecoute_s` : ce qui a été écouté.
    """

    episodes: int = 0
    duree_s: float = 0.0
    ecoute_s: float = 0.0


class CompteurEcretage:
    """Compte l'écrêtage d'un flux mono 16 bits, d'un bloc au suivant. Lisible d'un autre fil."""

    def __init__(self, frequence: int) -> None:
        self._frequence = frequence
        self._verrou = threading.Lock()
        self.remettre()

    def remettre(self) -> None:
        """Repart de zéro."""
        with self._verrou:
            self._episodes = self._ecretes = self._entendus = self._suite = 0

    @property
    def lu(self) -> Ecretage:
        """Le compte jusqu'ici."""
        with self._verrou:
            secondes = self._ecretes / self._frequence, self._entendus / self._frequence
            return Ecretage(self._episodes, *secondes)

    def compter(self, son: Son) -> None:
        """Ajoute un bloc (n,) int16."""
        au_fond = (son >= FOND) | (son <= -FOND)
        with self._verrou:
            self._entendus += len(son)
            if len(son) and (self._suite or bool(au_fond.any())):
                self._ajouter(au_fond)

    def _ajouter(self, au_fond: NDArray[np.bool_]) -> None:
        """Verrou tenu. La suite qui finissait le bloc précédent continue dans celui-ci."""
        rappel = min(self._suite, SUITE_MIN)
        marques = np.concatenate([np.ones(rappel, bool), au_fond])
        fronts = np.flatnonzero(np.diff(np.concatenate([[False], marques, [False]]).astype(np.int8)))
        longueurs = fronts[1::2] - fronts[::2]
        longues = longueurs >= SUITE_MIN
        self._episodes += int(longues.sum())
        self._ecretes += int(longueurs[longues].sum())
        if rappel >= SUITE_MIN:
            # Déjà comptée au bloc précédent.
            self._episodes -= 1
            self._ecretes -= rappel
        creux = np.flatnonzero(~au_fond)
        self._suite = len(au_fond) - 1 - int(creux[-1]) if len(creux) else self._suite + len(au_fond)


def amplifier(son: Son, gain_db: float) -> Son:
    """Le son (n,) int16 au gain voulu (dB), borné à la pleine échelle ; à 0 dB, le même objet, au bit près."""
    if gain_db == 0.0:
        return son
    fort = np.rint(son.astype(np.float32) * np.float32(10 ** (gain_db / 20)))
    rendu: Son = np.clip(fort, -_PLEINE_ECHELLE, _PLEINE_ECHELLE - 1).astype(np.int16)
    rendu.flags.writeable = False
    return rendu


def efficace_db(son: NDArray[np.float64]) -> float:
    """Niveau efficace, en dBFS, d'un son en pleine échelle 1 ; `SILENCE_DB` au moins."""
    puissance = float(np.mean(np.square(son))) if len(son) else 0.0
    return max(SILENCE_DB, 10 * math.log10(max(puissance, 1e-12)))


class NiveauAppris(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ce que l'autotest a entendu d'une entrée, et le gain qui la met à sa place.

    `source` : son nom stable ; `niveau_db` : passages forts (neuvième décile), `bruit_db` : passages calmes (premier
    décile), `crete_db` : la plus forte crête, en dBFS avant gain ; `gain_db` : le gain à appliquer ; `instant` :
    secondes Unix.
    """

    source: str
    niveau_db: float
    bruit_db: float
    crete_db: float
    gain_db: Annotated[float, Meta(ge=GAIN_MIN_DB, le=GAIN_MAX_DB)]
    instant: float


def apprendre(source: str, son: Son, frequence: int, instant: float, cible_db: float = CIBLE_DB) -> NiveauAppris:
    """Le niveau d'un son de référence (n,) int16, capté SANS gain. Lève `NiveauIncertain`."""
    pas = max(1, int(PAS_S * frequence))
    if len(son) < 5 * pas:
        raise NiveauIncertain("Le son est trop court pour apprendre le niveau.")
    compteur = CompteurEcretage(frequence)
    compteur.compter(son)
    if compteur.lu.episodes:
        raise NiveauIncertain("Le son est écrêté : baissez le volume de l'appareil, puis recommencez.")
    flottant = son.astype(np.float64) / _PLEINE_ECHELLE
    niveaux = [efficace_db(flottant[debut : debut + pas]) for debut in range(0, len(son) - pas + 1, pas)]
    niveau, bruit = (float(np.quantile(niveaux, part)) for part in (0.9, 0.1))
    crete = max(SILENCE_DB, 20 * math.log10(max(float(np.abs(flottant).max()), 1e-6)))
    if niveau <= SILENCE_DB + 6:
        raise NiveauIncertain("Aucun son n'arrive : l'appareil est muet ou débranché.")
    gain = min(cible_db - niveau, CRETE_PERMISE_DB - crete)
    return NiveauAppris(source, niveau, bruit, crete, min(GAIN_MAX_DB, max(GAIN_MIN_DB, gain)), instant)


class NiveauxIllisibles(Exception):
    """Le fichier des niveaux appris ne se lit pas ; le texte est une phrase française."""


class CarnetNiveaux:
    """Les niveaux appris, un par source, dans un fichier JSON : l'autotest l'écrit, la borne le lit au démarrage."""

    def __init__(self, chemin: Path) -> None:
        self._chemin = chemin

    def lire(self) -> dict[str, NiveauAppris]:
        """Par source ; vide si rien n'a été appris. Lève `NiveauxIllisibles`."""
        try:
            octets = self._chemin.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as erreur:
            raise NiveauxIllisibles(f"{self._chemin} ne se lit pas ({erreur.strerror}).") from erreur
        try:
            return msgspec.json.decode(octets, type=dict[str, NiveauAppris])
        except msgspec.MsgspecError as erreur:
            raise NiveauxIllisibles(f"{self._chemin} est abîmé : refaites l'autotest.") from erreur

    def garder(self, niveau: NiveauAppris) -> None:
        """Ajoute ou remplace celui de cette source, d'un seul coup. Un carnet abîmé est remplacé. `OSError`."""
        try:
            niveaux = self.lire()
        except NiveauxIllisibles:
            # Ce qu'il contenait ne peut servir à personne, et l'autotest est justement en train de le refaire.
            niveaux = {}
        niveaux[niveau.source] = niveau
        self._chemin.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        neuf = self._chemin.with_name(f".{self._chemin.name}.neuf")
        with neuf.open("wb") as fichier:
            fichier.write(msgspec.json.encode(niveaux))
            fichier.flush()
            os.fsync(fichier.fileno())
        neuf.replace(self._chemin)
