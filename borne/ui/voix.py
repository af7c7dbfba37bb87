"""La voix et les sonneries : espeak-ng parle, paplay joue. Jamais bloquant ; la nouvelle parole coupe l'ancienne.

Les textes passent par l'entrée standard d'espeak-ng, jamais par sa ligne de commande :
`ps` ne montre rien du patient.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

journal = logging.getLogger(__name__)

MOTS_PAR_MINUTE: Final = 140
"""A11Y-VOIX : de 130 à 150."""

VOLUME_MAX: Final = 4
PLEIN: Final = 65536
"""Le volume sans atténuation de PulseAudio (PA_VOLUME_NORM)."""

PAUSE_S: Final = 1.2
"""Silence entre deux sonneries."""


class _Parole:
    """Une phrase en train d'être dite : deux processus reliés par un tube."""

    def __init__(self, texte: str, langue: str, volume: int) -> None:
        # Préfixe de langue seul : espeak-ng nomme ses voix « fr », « en », « uk »...
        voix = langue.partition("-")[0]
        self.diseur = subprocess.Popen(
            ["espeak-ng", "-v", voix, "-s", str(MOTS_PAR_MINUTE), "--stdin", "--stdout"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.joueur = subprocess.Popen(
            ["paplay", f"--volume={volume * PLEIN // VOLUME_MAX}"],
            stdin=self.diseur.stdout,
            stderr=subprocess.DEVNULL,
        )
        self._texte = texte
        self.coupee = False

    def jouer(self) -> bool:
        """Donner le texte et attendre la fin ; vrai si tout a été dit. Rend aussi la main si la parole est coupée."""
        assert self.diseur.stdin is not None  # noqa: S101 - Popen l'a ouvert (PIPE)
        assert self.diseur.stdout is not None  # noqa: S101
        # Notre copie du tube doit être fermée : le diseur apprend ainsi que le joueur est parti.
        self.diseur.stdout.close()
        try:
            self.diseur.stdin.write(self._texte.encode())
            self.diseur.stdin.close()
        except BrokenPipeError:
            # Coupée avant d'avoir commencé, ou espeak-ng est parti : son code de sortie le dira.
            self.coupee = self.coupee or self.diseur.poll() is None
        reussi = self.joueur.wait() == 0
        self.diseur.terminate()
        self.diseur.wait()
        return reussi

    def couper(self) -> None:
        """Se taire tout de suite."""
        self.coupee = True
        for processus in (self.joueur, self.diseur):
            if processus.poll() is None:
                processus.terminate()


class Voix:
    """La voix de la borne.

    `au_changement(disponible)` est appelé, d'un fil de la voix, quand elle manque ou revient. Sans espeak-ng, sans
    paplay ou sans sortie son, `disponible` est faux et l'écran le dit.
    """

    def __init__(
        self, sons: Path | None = None, au_changement: Callable[[bool], None] = lambda disponible: None
    ) -> None:
        self._sons = sons
        self._au_changement = au_changement
        self._verrou = threading.Lock()
        self._parole: _Parole | None = None
        self._fils: list[threading.Thread] = []
        self._sonnerie: threading.Event | None = None
        self._joueur: subprocess.Popen[bytes] | None = None
        self._disponible = all(shutil.which(nom) for nom in ("espeak-ng", "paplay"))
        if not self._disponible:
            journal.warning("voix absente : espeak-ng ou paplay n'est pas installé")

    @property
    def disponible(self) -> bool:
        """Faux si la dernière parole n'a pas pu sortir."""
        return self._disponible

    def dire(self, textes: Sequence[str], langue: str = "fr", volume: int = 2) -> None:
        """Dire ces phrases, à ce volume (0 : rien à 4 : plein), en coupant la parole précédente."""
        self.taire()
        if volume <= 0 or not textes or not self._installee():
            return
        with self._verrou:
            self._parole = _Parole("\n".join(textes), langue, min(volume, VOLUME_MAX))
            fil = threading.Thread(target=self._suivre, args=(self._parole,), name="voix", daemon=True)
            self._fils = [f for f in self._fils if f.is_alive()] + [fil]
        fil.start()

    def _installee(self) -> bool:
        return all(shutil.which(nom) for nom in ("espeak-ng", "paplay"))

    def _suivre(self, parole: _Parole) -> None:
        reussie = parole.jouer()
        if not parole.coupee:
            self._noter(reussie)

    def _noter(self, disponible: bool) -> None:
        if disponible != self._disponible:
            self._disponible = disponible
            journal.warning("voix %s", "revenue" if disponible else "absente : la sortie son ne répond pas")
            self._au_changement(disponible)

    def taire(self) -> None:
        """Couper la parole en cours."""
        with self._verrou:
            parole, self._parole = self._parole, None
        if parole is not None:
            parole.couper()

    # --- les sonneries ---

    def sonner(self, nom: str) -> None:
        """Répéter `<nom>.wav` (`aide`, `quinze`) à plein volume jusqu'à `cesser`. Lève `FileNotFoundError`."""
        self.cesser()
        if self._sons is None or not shutil.which("paplay"):
            return
        fichier = self._sons / f"{nom}.wav"
        if not fichier.is_file():
            raise FileNotFoundError(fichier)
        arret = threading.Event()
        self._sonnerie = arret
        fil = threading.Thread(target=self._repeter, args=(fichier, arret), name="sonnerie", daemon=True)
        self._fils = [f for f in self._fils if f.is_alive()] + [fil]
        fil.start()

    def _repeter(self, fichier: Path, arret: threading.Event) -> None:
        while not arret.is_set():
            with self._verrou:
                self._joueur = subprocess.Popen(["paplay", str(fichier)], stderr=subprocess.DEVNULL)
                joueur = self._joueur
            if joueur.wait() != 0 and not arret.is_set():
                self._noter(False)
            arret.wait(PAUSE_S)

    def cesser(self) -> None:
        """Arrêter la sonnerie."""
        arret, self._sonnerie = self._sonnerie, None
        if arret is None:
            return
        arret.set()
        with self._verrou:
            if self._joueur is not None and self._joueur.poll() is None:
                self._joueur.terminate()

    def fermer(self) -> None:
        """Tout arrêter et attendre la fin des fils."""
        self.taire()
        self.cesser()
        for fil in self._fils:
            fil.join(5)
