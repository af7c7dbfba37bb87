"""Le robot patient : il regarde les vrais écrans et les touche, comme une personne.

Il trouve un contrôle par son nom accessible et clique dans la fenêtre à ses coordonnées (un contrôle couvert n'est
donc pas touché). Il n'appelle jamais une fonction de l'interface. Il écrit ce qu'il fait, étape par étape, dans un
fichier de lignes JSON, et une image de chaque écran.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from borne.demonstration.vue import Vue

journal = logging.getLogger(__name__)

CADENCE_MS: Final = 40
"""Millisecondes entre deux regards."""
ENTRE_TOUCHERS_S: Final = 0.55
"""Secondes avant de toucher encore le même endroit : plus tôt, la borne n'y voit qu'un toucher."""

NOMS_TOUCHES: Final = {" ": "Espace", "'": "Apostrophe", "’": "Apostrophe", "-": "Tiret"}


@dataclass(frozen=True, slots=True)
class Regarder:
    """Attendre que ce texte soit à l'écran."""

    texte: str
    delai_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Toucher:
    """Toucher le contrôle de ce nom accessible, quand il est là ; `facultatif` : s'il ne vient pas, passer."""

    nom: str
    delai_s: float = 30.0
    facultatif: bool = False


@dataclass(frozen=True, slots=True)
class Patienter:
    """Ne rien faire pendant ce temps."""

    duree_s: float


Action = Regarder | Toucher | Patienter
Scenario = Generator[tuple[str, list[Action]], None, None]
"""Des étapes : leur nom, et ce que le patient y fait."""


def taper(texte: str) -> list[Action]:
    """Les touches d'un mot."""
    return [Toucher(NOMS_TOUCHES.get(lettre, lettre.upper())) for lettre in texte]


class EchecRobot(RuntimeError):
    """Le patient ne trouve pas ce qu'il cherche."""


class RobotPatient(QObject):
    """Joue un scénario sur une fenêtre. `fini` reçoit vrai si toutes les étapes ont réussi."""

    def __init__(self, fenetre: QWidget, scenario: Scenario, dossier: Path, fini: Callable[[bool], None]) -> None:
        super().__init__(fenetre)
        self._fenetre = fenetre
        self._vue = Vue(fenetre)
        self._etapes = scenario
        self._dossier = dossier
        self._fini = fini
        self._nom, self._actions, self._debut = "", iter(()), time.monotonic()
        self._pas = self._jouer()
        self._numero = 0
        self._touches: dict[str, float] = {}
        self._minuterie = QTimer(self)
        self._minuterie.timeout.connect(self._regarder)
        self._minuterie.start(CADENCE_MS)

    def _regarder(self) -> None:
        try:
            next(self._pas)
        except StopIteration:
            self._terminer(True)
        except EchecRobot as erreur:
            self._noter("echec", str(erreur))
            self._photographier(f"{self._nom}-echec")
            self._terminer(False)

    def _terminer(self, reussi: bool) -> None:
        self._minuterie.stop()
        self._fini(reussi)

    def _jouer(self) -> Iterator[None]:
        for nom, actions in self._etapes:
            self._nom = nom
            self._debut = time.monotonic()
            for action in actions:
                yield from self._faire(action)
            self._noter("reussi")

    def _faire(self, action: Action) -> Iterator[None]:
        if isinstance(action, Patienter):
            limite = time.monotonic() + action.duree_s
            while time.monotonic() < limite:
                yield
            return
        limite = time.monotonic() + action.delai_s
        while not self._agir(action):
            if time.monotonic() > limite:
                if isinstance(action, Toucher) and action.facultatif:
                    return
                voit = ", ".join(self._vue.noms()) or "rien"
                cherche = action.texte if isinstance(action, Regarder) else action.nom
                raise EchecRobot(f"« {cherche} » n'est pas à l'écran. Le patient voit : {voit}")
            yield
        if isinstance(action, Regarder):
            # Laisser l'écran se peindre avant de le photographier.
            yield
            yield
            self._photographier(self._nom)
        yield

    def _agir(self, action: Regarder | Toucher) -> bool:
        if isinstance(action, Regarder):
            return self._vue.lit(action.texte)
        controle = self._vue.controle(action.nom)
        # Un bouton prend souvent la place d'un autre : une personne ne touche pas deux fois le même endroit si vite.
        dernier = self._touches.get(action.nom if len(action.nom) == 1 else "", 0.0)
        if controle is None or time.monotonic() - dernier < ENTRE_TOUCHERS_S:
            return False
        centre = controle.mapTo(self._fenetre, controle.rect().center())
        self._touches[action.nom] = self._touches[""] = time.monotonic()
        self._cliquer(centre)
        return True

    def _cliquer(self, point: QPoint) -> None:
        fenetre = self._fenetre.windowHandle()
        QTest.mouseClick(fenetre, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)

    def _photographier(self, nom: str) -> None:
        self._numero += 1
        chemin = self._dossier / f"borne-{self._numero:02d}-{nom}.png"
        if not self._fenetre.grab().save(str(chemin)):
            raise EchecRobot(f"l'image {chemin.name} ne peut pas être écrite")

    def _noter(self, resultat: str, detail: str = "") -> None:
        ligne = {
            "etape": self._nom,
            "resultat": resultat,
            "duree_s": round(time.monotonic() - self._debut, 3),
            "detail": detail,
        }
        with (self._dossier / "patient.jsonl").open("a", encoding="utf-8") as fichier:
            fichier.write(json.dumps(ligne, ensure_ascii=False) + "\n")
        journal.info("patient : %s %s", self._nom, resultat)


def installer(fenetre: QWidget, scenario: Scenario, dossier: Path, sortie: Callable[[int], Any]) -> RobotPatient:
    """Pose le robot sur la fenêtre ; la borne s'arrête quand il a fini (0 : tout a réussi)."""

    def fini(reussi: bool) -> None:
        application = QApplication.instance()
        if application is not None:
            sortie(0 if reussi else 1)

    return RobotPatient(fenetre, scenario, dossier, fini)
