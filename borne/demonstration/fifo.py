"""Écrire dans un FIFO dont le lecteur va et vient (la borne tuée, PulseAudio relancé) sans jamais s'y bloquer."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import threading
from pathlib import Path

_PAS_MS = 100
"""Millisecondes entre deux regards sur la demande d'arrêt, quand le lecteur ne lit pas."""


class SortieFifo:
    """Le bout qui écrit. `entete` est envoyé à chaque nouveau lecteur ; `capacite` : octets du tube.

    Le tube est court pour que rien ne vieillisse dedans. Un lecteur qui meurt (EPIPE) ferme ce bout ; l'écriture
    suivante en attend un autre. Python ignore déjà SIGPIPE : l'erreur arrive par errno.
    """

    def __init__(self, chemin: Path, capacite: int, entete: bytes = b"") -> None:
        self.chemin = chemin
        self._capacite = capacite
        self._entete = entete
        self._tube: int | None = None

    def creer(self) -> None:
        """Crée le FIFO s'il n'existe pas."""
        if not self.chemin.exists():
            os.mkfifo(self.chemin, 0o600)

    def pret(self) -> bool:
        """Y a-t-il quelqu'un pour lire ?"""
        return self._ouvrir()

    def ecrire_tout(self, octets: memoryview, interrompre: threading.Event) -> bool:
        """Écrit tout, au rythme du lecteur. Faux sans lecteur, s'il meurt, ou si on interrompt (tube refermé)."""
        if not self._ouvrir():
            return False
        while octets:
            ecrits = self._ecrire(octets)
            if ecrits is None or (ecrits == 0 and not self._attendre_place(interrompre)):
                self.fermer()
                return False
            octets = octets[ecrits:]
        return True

    def ecrire_si_place(self, octets: bytes) -> bool:
        """Écrit tout ou rien, sans attendre. `octets` ne dépasse pas PIPE_BUF (4096 : écriture indivisible)."""
        if not self._ouvrir():
            return False
        ecrits = self._ecrire(memoryview(octets))
        if ecrits is None:
            self.fermer()
        return bool(ecrits)

    def fermer(self) -> None:
        """Referme ce bout : le lecteur voit la fin du fichier."""
        if self._tube is not None:
            os.close(self._tube)
            self._tube = None

    def _ouvrir(self) -> bool:
        if self._tube is not None:
            return True
        try:
            tube = os.open(self.chemin, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as erreur:
            if erreur.errno in (errno.ENXIO, errno.ENOENT):  # personne ne lit, ou le FIFO n'est pas encore là
                return False
            raise
        fcntl.fcntl(tube, fcntl.F_SETPIPE_SZ, self._capacite)
        self._tube = tube
        return not self._entete or self._ecrire(memoryview(self._entete)) == len(self._entete)

    def _ecrire(self, octets: memoryview) -> int | None:
        """Octets écrits, 0 quand le tube est plein, None quand le lecteur est mort."""
        if self._tube is None:
            return None
        try:
            return os.write(self._tube, octets)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            return None

    def _attendre_place(self, interrompre: threading.Event) -> bool:
        attente = select.poll()
        attente.register(self._tube or 0, select.POLLOUT)
        while not interrompre.is_set():
            if attente.poll(_PAS_MS):
                return True
        return False
