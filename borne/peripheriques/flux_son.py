"""Un flux de son brut par les clients de PulseAudio, `parec` et `pacat` (PipeWire les sert aussi).

Un processus par flux : un serveur de son qui tombe, un pilote qui se fige ou une carte arrachée ne peuvent ni bloquer
ni faire tomber la borne (PortAudio, dans notre processus, le pourrait). `--verbose` dit sur la sortie d'erreur la
latence vingt fois par seconde, et surtout les déplacements : quand le périphérique disparaît, le serveur déplace le
flux vers un autre, et la borne écouterait le cœur dans le micro de la salle. Un déplacement vaut donc une perte.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import subprocess
import termios
import threading
from typing import Final, Literal

OCTETS_ECHANTILLON: Final = 2
CAPACITE_TUBE: Final = 4096
"""Octets du tube vers pacat : le minimum de Linux (43 ms à 48 kHz mono ; il ne se remplit qu'en cas de retard)."""

_LATENCE: Final = re.compile(r"Latency: (-?\d+) usec")
_REFUS: Final = (
    ("Stream moved", "n'est plus branché"),
    ("Entity killed", "n'est plus branché"),
    ("No such entity", "n'est pas branché"),
    ("Connection failure", "ne répond pas : le serveur de son est arrêté"),
    ("Connection terminated", "ne répond plus : le serveur de son s'est arrêté"),
    ("Stream error", "a été refusé par le serveur de son"),
)
"""Ce que dit pacat (en anglais : LC_ALL=C), et la fin de la phrase française."""


class FluxSon:
    """Un `parec` ou un `pacat` en route sur un seul périphérique ; 16 bits, mono. À fermer.

    `peripherique` : nom PulseAudio de la source ou de la sortie. `serveur` : adresse (PULSE_SERVER), None pour celle
    de l'environnement. Lève `FileNotFoundError` (une `OSError`) quand pulseaudio-utils n'est pas installé.
    """

    def __init__(
        self,
        sens: Literal["parec", "pacat"],
        peripherique: str,
        frequence: int,
        latence_ms: int,
        serveur: str | None,
    ) -> None:
        environnement = dict(os.environ, LC_ALL="C")
        if serveur is not None:
            environnement["PULSE_SERVER"] = serveur
        commande = [sens, f"--device={peripherique}", f"--rate={frequence}", "--format=s16le", "--channels=1"]
        self._processus = subprocess.Popen(
            [*commande, "--raw", f"--latency-msec={latence_ms}", "--verbose", "--client-name=borne"],
            stdin=subprocess.PIPE if sens == "pacat" else subprocess.DEVNULL,
            stdout=subprocess.PIPE if sens == "parec" else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environnement,
            bufsize=0,
        )
        self.latence_s = 0.0
        """La dernière latence dite par le serveur, du tube au périphérique (ou l'inverse)."""
        self.commence = False
        """Le serveur a accepté le flux."""
        self.refus: str | None = None
        """La fin de la phrase qui dit pourquoi le flux est fini (« n'est pas branché »), ou None."""
        self._ecoute = threading.Thread(target=self._ecouter, name=f"{sens}-messages", daemon=True)
        self._ecoute.start()
        if self._processus.stdin is not None:
            os.set_blocking(self._processus.stdin.fileno(), False)
            fcntl.fcntl(self._processus.stdin, fcntl.F_SETPIPE_SZ, CAPACITE_TUBE)

    def lire(self, vue: memoryview, delai_s: float) -> bool:
        """Remplit `vue` ; faux à la fin du flux, ou après `delai_s` sans rien recevoir."""
        tube = self._processus.stdout
        while tube is not None and len(vue):
            pret, _, _ = select.select([tube], [], [], delai_s)
            lus = os.readv(tube.fileno(), [vue]) if pret else 0
            if lus == 0:
                return False
            vue = vue[lus:]
        return True

    def ecrire(self, octets: memoryview, delai_s: float) -> int:
        """Octets que le tube a pris d'ici `delai_s` (secondes) : 0 s'il est plein, ou le flux fini (`fini`)."""
        tube = self._processus.stdin
        if tube is None:
            return 0
        _, pret, _ = select.select([], [tube], [], delai_s)
        if not pret:
            return 0
        try:
            return os.write(tube.fileno(), octets)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            # pacat finit : sa raison est sur sa sortie d'erreur, que `fermer` achève de lire.
            self._processus.kill()
            self._processus.wait()
            return 0

    def octets_en_attente(self) -> int:
        """Octets écrits que pacat n'a pas encore pris."""
        tube = self._processus.stdin
        if tube is None:
            return 0
        return int.from_bytes(fcntl.ioctl(tube, termios.FIONREAD, bytes(4)), "little")

    @property
    def fini(self) -> bool:
        """Le processus s'est terminé."""
        return self._processus.poll() is not None

    def fermer(self) -> None:
        """Termine le processus et l'attend."""
        self._processus.kill()
        self._processus.wait()
        self._ecoute.join()
        for tube in (self._processus.stdin, self._processus.stdout, self._processus.stderr):
            if tube is not None:
                tube.close()

    def _ecouter(self) -> None:
        """Suit la sortie d'erreur jusqu'à sa fin ; un déplacement termine le processus aussitôt."""
        reste = b""
        if self._processus.stderr is None:
            return
        while morceau := os.read(self._processus.stderr.fileno(), 4096):
            *lignes, reste = re.split(rb"[\r\n]", reste + morceau)
            for ligne in lignes:
                self._comprendre(ligne.decode(errors="replace"))

    def _comprendre(self, ligne: str) -> None:
        if latence := _LATENCE.search(ligne):
            self.latence_s = max(0, int(latence[1])) / 1e6
        self.commence |= "Stream successfully created" in ligne
        for texte, refus in _REFUS:
            if texte in ligne and self.refus is None:
                self.refus = refus
                self._processus.kill()
