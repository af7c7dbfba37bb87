"""La voix : de vrais espeak-ng et paplay, vers un PulseAudio privé dont on enregistre la sortie."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from borne.ui.voix import Voix

SONS = Path(__file__).parents[2] / "config" / "sons"
PROGRAMMES = ("espeak-ng", "paplay", "pulseaudio", "parec")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, PROGRAMMES)), reason="son absent de cette machine")


@pytest.fixture
def sortie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Un PulseAudio à nous, avec une sortie muette."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PULSE_RUNTIME_PATH", str(tmp_path / "pulse"))
    socket = tmp_path / "s"
    monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
    commande = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"]
    commande += ["-L", "module-null-sink sink_name=essai", "-L", f"module-native-protocol-unix socket={socket}"]
    serveur = subprocess.Popen(commande, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limite = time.monotonic() + 20
    while not socket.exists() and time.monotonic() < limite:
        time.sleep(0.05)
    assert socket.exists()
    yield
    serveur.terminate()
    serveur.wait()


class Enregistrement:
    """Ce qui sort de la borne, par fenêtres de silence et de son."""

    def __enter__(self) -> Enregistrement:
        commande = ["parec", "-d", "essai.monitor", "--format=s16le", "--rate=16000", "--channels=1", "--raw"]
        self._processus = subprocess.Popen([*commande, "--latency-msec=20"], stdout=subprocess.PIPE)
        self._octets = bytearray()
        self._fil = threading.Thread(target=self._lire)
        self._fil.start()
        return self

    def _lire(self) -> None:
        assert self._processus.stdout is not None
        with self._processus.stdout as flux:
            while morceau := flux.read(640):
                self._octets += morceau

    def crete(self) -> int:
        """L'amplitude la plus forte reçue jusqu'ici."""
        pair = len(self._octets) // 2 * 2
        echantillons = np.frombuffer(bytes(self._octets[:pair]), "<i2")
        return int(np.abs(echantillons.astype(int)).max(initial=0))

    def attendre_un_son(self) -> int:
        """Attendre qu'un son vienne, et lui laisser un instant."""
        limite = time.monotonic() + 30
        while self.crete() < 300 and time.monotonic() < limite:
            time.sleep(0.05)
        time.sleep(0.4)
        return self.crete()

    def __exit__(self, *_: object) -> None:
        self._processus.terminate()
        self._processus.wait()
        self._fil.join()


@pytest.mark.exigence("A11Y-VOIX")
def test_la_voix_parle_et_se_coupe(sortie: None) -> None:
    voix = Voix(SONS)
    with Enregistrement() as son:
        voix.dire(["Bonjour. Voulez-vous voir un médecin ?"] * 20, volume=4)
        assert son.attendre_un_son() > 1000
        ancienne = voix._parole
        assert ancienne is not None
        voix.dire(["Autre chose."], volume=4)
        # L'ancienne parole durait près d'une minute : finir ici, c'est avoir été coupée (paplay rend alors 0).
        ancienne.joueur.wait(20)
        assert ancienne.coupee
    voix.fermer()
    assert voix.disponible


def test_muet_ne_lance_rien(sortie: None) -> None:
    voix = Voix(SONS)
    voix.dire(["Bonjour."], volume=0)
    assert voix._parole is None
    voix.fermer()


@pytest.mark.exigence("A11Y-VOIX")
def test_sans_sortie_son_la_voix_se_dit_coupee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nulle-part")
    changements: list[bool] = []
    change = threading.Event()

    def noter(disponible: bool) -> None:
        changements.append(disponible)
        change.set()

    voix = Voix(SONS, noter)
    voix.dire(["Bonjour."])
    assert change.wait(30)
    voix.fermer()
    assert changements == [False]
    assert not voix.disponible


def test_sans_programme_la_voix_est_absente(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    voix = Voix(SONS)
    voix.dire(["Bonjour."])
    voix.sonner("aide")
    assert not voix.disponible
    voix.fermer()


@pytest.mark.parametrize("nom", ["aide", "quinze"])
def test_la_sonnerie_se_repete_jusqu_a_cesser(sortie: None, nom: str) -> None:
    voix = Voix(SONS)
    with Enregistrement() as son:
        voix.sonner(nom)
        assert son.attendre_un_son() > 1000
        voix.cesser()
    voix.fermer()
    assert not any(fil.is_alive() for fil in voix._fils)


def test_une_sonnerie_inconnue_est_une_erreur() -> None:
    with pytest.raises(FileNotFoundError):
        Voix(SONS).sonner("nulle")
