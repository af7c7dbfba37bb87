"""Le son virtuel : un PulseAudio privé, un stéthoscope et une voix de patient qui jouent à l'heure dite.

Deux entrées (`stethoscope`, `micro`, des `module-pipe-source`) et une sortie (`haut-parleur`, dont
`haut-parleur.monitor` s'enregistre). Chaque entrée est remplie de morceaux de 10 ms calés sur l'heure Unix : on sait
à tout instant quel échantillon joue (`position`, et `sonde.json` pour les autres processus). La voix joue un clic à
chaque seconde paire, quand l'éclair de la caméra virtuelle s'allume (`horodatage.py`).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

from borne.demonstration.fifo import SortieFifo
from borne.demonstration.horodatage import ECLAIR_PERIODE_S

RESSOURCES: Final = Path(__file__).parent / "ressources"
COEUR: Final = RESSOURCES / "coeur_85124_TV.wav"
STETHOSCOPE: Final = "stethoscope"
MICRO: Final = "micro"
HAUT_PARLEUR: Final = "haut-parleur"
FREQUENCE: Final = 48000
MORCEAU: Final = FREQUENCE // 100
"""Échantillons par morceau : 10 ms."""
CAPACITE_TUBE: Final = 4096
"""Octets (43 ms) : ce qui y attend quand la source se rouvre est du son passé."""
RETARD_TOLERE_S: Final = 0.5
"""Au-delà (machine arrêtée un moment), les morceaux manqués sont sautés."""
PRIORITE: Final = -11
"""Celle que PulseAudio se donne : une vraie carte son ne dépend pas de la charge de la machine."""
CLIC_HZ: Final = 3000
CLIC_DUREE_S: Final = 0.02
PAROLE: Final = (
    "Bonjour docteur. Depuis hier, je suis un peu essoufflé quand je monte l'escalier. "
    "Je dors bien, et je n'ai pas mal. Merci de me recevoir."
)
DELAI_DEMARRAGE_S: Final = 20
OPTIONS_PULSE: Final = (
    *("--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
    *("--realtime=yes", "--high-priority=yes", "--log-target=stderr", "--disable-shm=yes"),
)

Signal = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Sonde:
    """Ce qui joue quand : l'échantillon n d'une boucle de `longueur` joue à `origine + n / frequence` (modulo)."""

    origine: float
    frequence: int
    longueur: int

    def position(self, instant: float) -> int:
        """Rang dans la boucle de l'échantillon qui joue à cet instant (secondes Unix)."""
        return round((instant - self.origine) * self.frequence) % self.longueur


def lire_coeur(chemin: Path = COEUR) -> Signal:
    """L'enregistrement en boucle, (n,) int16 à 48 kHz mono, raccordé sans claquement sur 20 ms."""
    son = _lire(chemin)
    rampe = np.linspace(0, 1, FREQUENCE // 50)
    son[: len(rampe)] *= rampe
    son[-len(rampe) :] *= rampe[::-1]
    return _en_16_bits(son[: len(son) - len(son) % MORCEAU])


def fabriquer_voix(dossier: Path, parole: Path | None = None) -> Signal:
    """La boucle de la voix, (n,) int16 à 48 kHz : la parole, et un clic à chaque seconde paire.

    `parole` : fichier WAV ; sinon espeak-ng parle ; sans lui, il n'y a que les clics. La parole se tait autour des
    clics, pour qu'un seuil suffise à les trouver.
    """
    son = _lire(parole) if parole is not None else _synthetiser(dossier)
    periode = ECLAIR_PERIODE_S * FREQUENCE
    son = np.pad(son, (0, -len(son) % periode + (0 if len(son) else periode)))
    son *= 0.25 * 32767 / max(1.0, float(np.abs(son).max()))
    duree = int(CLIC_DUREE_S * FREQUENCE)
    clic = 0.8 * 32767 * np.sin(2 * np.pi * CLIC_HZ * np.arange(duree) / FREQUENCE)
    silence = FREQUENCE // 20
    for tour in son.reshape(-1, periode):
        tour[: 2 * silence] = 0
        tour[-silence:] = 0
        tour[:duree] = clic
    return _en_16_bits(son)


def _synthetiser(dossier: Path) -> NDArray[np.float64]:
    if shutil.which("espeak-ng") is None:
        return np.zeros(0)
    chemin = dossier / "parole.wav"
    subprocess.run(["espeak-ng", "-v", "fr", "-s", "140", "-w", str(chemin), PAROLE], check=True)
    return _lire(chemin)


def _lire(chemin: Path) -> NDArray[np.float64]:
    frequence, son = wavfile.read(chemin)
    if son.ndim > 1:
        son = son[:, 0]
    pgcd = math.gcd(FREQUENCE, frequence)
    return np.asarray(resample_poly(son.astype(np.float64), FREQUENCE // pgcd, frequence // pgcd))


def _en_16_bits(son: NDArray[np.float64]) -> Signal:
    return np.clip(np.rint(son), -32768, 32767).astype(np.int16)


class MondeSonore:
    """Le serveur de son privé et ses deux voix ; gestionnaire de contexte. `dossier` existe et reste à l'appelant.

    `serveur` : l'adresse à donner à la borne (PULSE_SERVER, ou le paramètre `serveur` des périphériques).
    """

    def __init__(
        self, dossier: Path, coeur: Path = COEUR, parole: Path | None = None, *, patient: bool = True
    ) -> None:
        """`patient` : faux quand un autre écrit ce que le micro entend (`micro.fifo`)."""
        self.dossier = dossier
        self.serveur = f"unix:{dossier / 'pulse.sock'}"
        self.coeur = lire_coeur(coeur)
        self.voix = fabriquer_voix(dossier, parole)
        # Une origine à une seconde paire : la boucle de la voix met ses clics aux secondes paires.
        origine = float(math.floor(time.time() / ECLAIR_PERIODE_S) * ECLAIR_PERIODE_S)
        self.sondes = {
            STETHOSCOPE: Sonde(origine, FREQUENCE, len(self.coeur)),
            MICRO: Sonde(origine, FREQUENCE, len(self.voix)),
        }
        self._patient = patient
        self._fin = threading.Event()
        self._fil: threading.Thread | None = None
        self._pulse: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Le processus PulseAudio. Lève `RuntimeError` s'il n'est pas lancé."""
        if self._pulse is None:
            raise RuntimeError("PulseAudio n'est pas lancé")
        return self._pulse.pid

    def demarrer(self) -> None:
        """Lance PulseAudio, attend son socket, et commence à jouer. Lève `RuntimeError` s'il ne démarre pas."""
        sondes = {nom: asdict(sonde) for nom, sonde in self.sondes.items()}
        (self.dossier / "sonde.json").write_text(json.dumps(sondes))
        self.lancer_pulse()
        self._fin.clear()
        self._fil = threading.Thread(target=self._jouer, name="son-virtuel", daemon=True)
        self._fil.start()

    def arreter(self) -> None:
        """Arrête de jouer et termine PulseAudio."""
        self._fin.set()
        if self._fil is not None:
            self._fil.join()
            self._fil = None
        self.tuer_pulse(signal.SIGTERM)

    def lancer_pulse(self) -> None:
        """Lance le serveur (aussi pour simuler son retour)."""
        config = self.dossier / "pulse.pa"
        config.write_text("\n".join(f"load-module {module}" for module in self._modules()) + "\n")
        # Un serveur tué laisse son socket et ses FIFO ; module-pipe-source refuse d'en reprendre un.
        for reste in (self.dossier / "pulse.sock", self._fifo(STETHOSCOPE), self._fifo(MICRO)):
            reste.unlink(missing_ok=True)
        journal = (self.dossier / "pulse.log").open("ab")
        with journal:
            self._pulse = subprocess.Popen(
                ["pulseaudio", "-n", f"--file={config}", *OPTIONS_PULSE],
                env=self._environnement(),
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
            )
        self._attendre_socket()

    def tuer_pulse(self, avec: signal.Signals = signal.SIGKILL) -> None:
        """Termine le serveur (par défaut sans ménagement, pour simuler sa mort)."""
        if self._pulse is not None:
            self._pulse.send_signal(avec)
            self._pulse.wait(timeout=20)
            self._pulse = None

    def debrancher(self, nom: str) -> None:
        """Retire un périphérique (`STETHOSCOPE`, `MICRO` ou `HAUT_PARLEUR`), comme une prise USB."""
        modules = self._pactl("list", "short", "modules").splitlines()
        for ligne in modules:
            numero, _, arguments = ligne.split("\t")[:3]
            if f"_name={nom} " in arguments + " ":
                self._pactl("unload-module", numero)

    def rebrancher(self, nom: str) -> None:
        """Remet un périphérique retiré."""
        self._pactl("load-module", *self._module(nom).split())

    def _pactl(self, *arguments: str) -> str:
        environnement = self._environnement() | {"PULSE_SERVER": self.serveur, "LC_ALL": "C"}
        commande = ["pactl", *arguments]
        return subprocess.run(commande, env=environnement, check=True, capture_output=True, text=True).stdout

    def _module(self, nom: str) -> str:
        forme = f"format=s16le rate={FREQUENCE} channels=1"
        if nom == HAUT_PARLEUR:
            # Sans norewinds, l'enregistrement du moniteur est corrompu.
            return f"module-null-sink sink_name={nom} norewinds=1 {forme}"
        return f"module-pipe-source source_name={nom} file={self._fifo(nom)} {forme}"

    def _modules(self) -> tuple[str, ...]:
        # Le protocole en dernier : quand le socket répond, tout le reste est là.
        protocole = f"module-native-protocol-unix socket={self.dossier / 'pulse.sock'} auth-anonymous=1"
        return (*(self._module(nom) for nom in (MICRO, STETHOSCOPE, HAUT_PARLEUR)), protocole)

    def _fifo(self, nom: str) -> Path:
        return self.dossier / f"{nom}.fifo"

    def _environnement(self) -> dict[str, str]:
        """Rien de la session : ni D-Bus, ni configuration, ni cookie de l'utilisateur."""
        dossier = str(self.dossier)
        chemins = {"HOME": dossier, "XDG_RUNTIME_DIR": dossier, "XDG_CONFIG_HOME": dossier}
        return {"PATH": os.environ["PATH"], **chemins, "PULSE_RUNTIME_PATH": dossier, "PULSE_STATE_PATH": dossier}

    def _attendre_socket(self) -> None:
        echeance = time.monotonic() + DELAI_DEMARRAGE_S
        while time.monotonic() < echeance and self._pulse is not None and self._pulse.poll() is None:
            with socket.socket(socket.AF_UNIX) as essai:
                if essai.connect_ex(str(self.dossier / "pulse.sock")) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"PulseAudio n'a pas démarré : voir {self.dossier / 'pulse.log'}")

    def _jouer(self) -> None:
        """Écrit chaque morceau à la fin de sa durée, comme un micro livre ce qu'il a entendu."""
        with contextlib.suppress(PermissionError):
            # Sans le droit d'être prioritaire, à son tour comme les autres.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), PRIORITE)
        sorties = [
            (SortieFifo(self._fifo(STETHOSCOPE), CAPACITE_TUBE), self.coeur, self.sondes[STETHOSCOPE].origine),
            (SortieFifo(self._fifo(MICRO), CAPACITE_TUBE), self.voix, self.sondes[MICRO].origine),
        ]
        if not self._patient:
            del sorties[1]
        origine = sorties[0][2]
        duree = MORCEAU / FREQUENCE
        rang = int((time.time() - origine) / duree)
        while not self._fin.wait(max(0.0, origine + (rang + 1) * duree - time.time())):
            for sortie, boucle, _ in sorties:
                debut = rang * MORCEAU % len(boucle)
                # Un tube plein (serveur figé) perd ce morceau, et l'heure reste juste.
                sortie.ecrire_si_place(boucle[debut : debut + MORCEAU].tobytes())
            rang += 1
            if time.time() > origine + (rang + 1) * duree + RETARD_TOLERE_S:
                rang = int((time.time() - origine) / duree)
        for sortie, _, _ in sorties:
            sortie.fermer()

    def __enter__(self) -> Self:
        self.demarrer()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arreter()


def lire_sondes(dossier: Path) -> dict[str, Sonde]:
    """Les sondes qu'un `MondeSonore` a écrites dans son dossier, par nom de source."""
    contenu: dict[str, dict[str, Any]] = json.loads((dossier / "sonde.json").read_text())
    return {nom: Sonde(**champs) for nom, champs in contenu.items()}
