"""La borne virtuelle de l'autotest : ses appareils, chacun dans son processus, sa salle, son réseau, son système.

Plus léger que `borne.demonstration.monde` : ni écran, ni visite. Ce qui tient lieu de / (/proc, /sys, /etc) est un
dossier. Chaque panne se plante ici au niveau de la radio, du fil, du fichier, du son ou du réseau ; la borne
(`_autotest_sujet.py`) vit dans un autre processus et n'en sait rien.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from borne.demonstration.camera import CameraVirtuelle
from borne.demonstration.imprimante import ImprimanteVirtuelle
from borne.demonstration.piece import PieceVirtuelle
from borne.demonstration.scenes import DOCUMENT, document_pose, poser
from borne.demonstration.son import HAUT_PARLEUR, MICRO, STETHOSCOPE, MondeSonore
from borne.peripheriques.opencv import cv2
from borne.visio.identite import enroler
from tests.bancs._autotest_frontal import HOTE, Autorite, Passage, RelaisUdp
from tests.visio.turn import SECRET, coturn

CAMERAS: Final = ("camera", "camera_examen", "camera_document")
SCENES: Final = {"camera": "portrait", "camera_examen": "otoscope", "camera_document": "document"}
DELAI_S: Final = 60.0
STATUT_APT: Final = """Package: essai
Status: install ok installed
Maintainer: essai <essai@example.invalid>
Architecture: all
Version: {version}
Description: essai
"""
PERIPHERIQUES: Final = """
[[appareil]]
identifiant = "tensiometre"
pilote = "tensiometre"
libelle = "Tensiomètre"
[appareil.reglages]
recherche_s = 5

[[appareil]]
identifiant = "oxymetre"
pilote = "oxymetre-serie"
libelle = "Oxymètre"
[appareil.reglages]
port = "usb-oxymetre"

[[appareil]]
identifiant = "badge"
pilote = "lecteur-badge"
libelle = "Lecteur de badge"
[appareil.reglages]
port = "usb-badge"
"""
A_FIL: Final = ("usb-oxymetre=cms50-v7", "usb-badge=lecteur", "usb-tickets=imprimante")


class MondeAutotest:
    """Tout ce qu'une borne voit. Gestionnaire de contexte asynchrone. `image` : celle de la caméra principale."""

    def __init__(self, dossier: Path, image: tuple[int, int, int] = (1280, 720, 30)) -> None:
        self.dossier = dossier
        self.racine, self.donnees, self.cles = dossier / "racine", dossier / "donnees", dossier / "cles"
        self.image = image
        self.cameras: dict[str, CameraVirtuelle] = {}
        self.autorite = Autorite.creer()
        self._pile = AsyncExitStack()
        self._radio: dict[str, int] = {}
        self._fil: dict[str, int] = {}
        self._sujet: asyncio.subprocess.Process | None = None
        self._retenues = False
        self._guet: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._demarrer()
        except BaseException:
            await self._pile.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pile.aclose()

    # --- ce que la borne rend ---

    async def passer(self, controles: list[str] | None = None, **banc: Any) -> dict[str, Any]:
        """Un autotest (entier, ou de ces contrôles et de leurs requis) ; `banc` : champs remplacés."""
        sujet = self._sujet
        assert sujet is not None
        assert sujet.stdin is not None
        assert sujet.stdout is not None
        sujet.stdin.write(json.dumps({"controles": controles, "banc": banc}).encode() + b"\n")
        reponse: dict[str, Any] = json.loads(await asyncio.wait_for(sujet.stdout.readline(), 120))
        return reponse

    async def brassard(self, **ordre: Any) -> None:
        """Un ordre au tensiomètre virtuel (`commande.py`)."""
        await self._ordonner(self._radio["port_commande"], ordre)

    async def a_fil(self, appareil: str, **ordre: Any) -> None:
        """Un ordre à un appareil à fil virtuel (`serie.py`)."""
        await self._ordonner(self._fil["port_commande"], {"appareil": appareil, **ordre})

    async def _ordonner(self, port: int, ordre: dict[str, Any]) -> None:
        lecteur, ecrivain = await asyncio.open_connection(HOTE, port)
        ecrivain.write(json.dumps(ordre).encode() + b"\n")
        reponse = json.loads(await lecteur.readline())
        ecrivain.close()
        await ecrivain.wait_closed()
        if not reponse.get("ok"):
            raise RuntimeError(f"l'appareil virtuel refuse : {reponse}")

    # --- démarrage ---

    async def _demarrer(self) -> None:
        prises = self.racine / "dev/serial/by-id"
        for dossier in (self.donnees, self.cles, prises, self.dossier / "papier", self.dossier / "son"):
            dossier.mkdir(parents=True)
        poser_racine(self.racine)
        await asyncio.gather(self._demarrer_materiel(), self._demarrer_reseau())
        await self._demarrer_sujet()

    async def _demarrer_materiel(self) -> None:
        for champ in CAMERAS:
            await self.poser_camera(champ)
        self._pile.push_async_callback(self._ranger_cameras)
        self.son = MondeSonore(self.dossier / "son")
        await asyncio.to_thread(self.son.lancer_pulse)
        self._pile.push_async_callback(asyncio.to_thread, self.son.arreter)
        self.piece = PieceVirtuelle(self.son)
        await asyncio.to_thread(self.piece.demarrer)
        self._pile.push_async_callback(asyncio.to_thread, self.piece.arreter)
        self.imprimante = ImprimanteVirtuelle(self.dossier / "papier", duree_s=0.2)
        await asyncio.to_thread(self.imprimante.demarrer)
        self._pile.push_async_callback(asyncio.to_thread, self.imprimante.arreter)
        self._guet = asyncio.create_task(self._poser_les_pages())
        self._pile.push_async_callback(_annuler, self._guet)
        processus = await self._lancer("brassard", "-m", "borne.demonstration.brassard")
        self._radio = json.loads(await _ligne(processus, r"\{.*\}"))
        options = ("--racine", str(self.racine / "dev/serial/by-id"), *A_FIL)
        processus = await self._lancer("serie", "-m", "borne.demonstration.serie", *options)
        self._fil = json.loads(await _ligne(processus, r"\{.*\}"))

    async def poser_camera(self, champ: str, **autre: int) -> None:
        """Branche cette caméra, à sa taille ou à une autre (`largeur`, `hauteur`, `images_s`)."""
        ancienne = self.cameras.get(champ)
        if ancienne is not None:
            await asyncio.to_thread(ancienne.arreter)
        largeur, hauteur, images_s = self.image if champ == "camera" else (0, 0, 30)
        taille = {"largeur": largeur, "hauteur": hauteur, "images_s": images_s} | autre
        lien = self.racine / "dev/v4l/by-id" / f"usb-{champ}-video-index0"
        self.cameras[champ] = CameraVirtuelle(self.dossier / f"{champ}.y4m", scene=SCENES[champ], **taille)
        await asyncio.to_thread(self.cameras[champ].demarrer)
        if not lien.is_symlink():
            lien.parent.mkdir(parents=True, exist_ok=True)
            lien.symlink_to(self.dossier / f"{champ}.y4m")

    async def _ranger_cameras(self) -> None:
        for camera in self.cameras.values():
            await asyncio.to_thread(camera.arreter)

    def retenir_les_pages(self, oui: bool) -> None:
        """Les pages restent dans le bac ; une ordonnance est sous la caméra."""
        self._retenues = oui
        if oui:
            image = self.dossier / "ordonnance.png"
            cv2.imwrite(str(image), document_pose())
            self.cameras["camera_document"].montrer(image)

    async def _poser_les_pages(self) -> None:
        """Chaque page sortie se retrouve sous la caméra de documents."""
        vues: set[Path] = set()
        while True:
            nouvelles = [page for page in self.imprimante.imprimes() if page not in vues]
            vues |= set(nouvelles)
            if nouvelles and not self._retenues:
                await asyncio.to_thread(self._montrer, nouvelles[-1])
            await asyncio.sleep(0.1)

    def _montrer(self, page: Path) -> None:
        image = self.dossier / f"page-{time.monotonic_ns()}"
        taille = ["-scale-to-x", str(DOCUMENT[0]), "-scale-to-y", str(DOCUMENT[1])]
        subprocess.run(["pdftoppm", "-png", "-singlefile", *taille, str(page), str(image)], check=True)
        papier = np.asarray(cv2.imread(str(image.with_suffix(".png"))), np.uint8)
        cv2.imwrite(str(image.with_suffix(".png")), poser(papier))
        self.cameras["camera_document"].montrer(image.with_suffix(".png"))

    async def _demarrer_reseau(self) -> None:
        """coturn et la salle derrière leurs passages : la borne ne les joint que par eux."""
        self.turn = await self._pile.enter_async_context(coturn(self.dossier, "udp", "tcp", "tls"))
        self.udp = RelaisUdp(self.turn.port)
        await self.udp.ouvrir()
        self._pile.callback(self.udp.fermer)
        self.turn_tcp, self.turn_tls = Passage(self.turn.port), Passage(self.turn.port_tls)
        self.contexte = self.autorite.contexte(self.dossier, "salle")
        self.frontal = Passage(0, self.contexte)
        for passage in (self.turn_tcp, self.turn_tls, self.frontal):
            await passage.ouvrir()
            self._pile.push_async_callback(passage.fermer)
        autorites = self.dossier / "autorites.pem"
        autorites.write_bytes(self.autorite.pem() + (self.dossier / "turn.pem").read_bytes())
        await self.relancer_salle(SECRET)
        sortie = await asyncio.to_thread(self._salle, "borne", "inviter", "Mairie d'essai")
        trouve = re.search(r"[Cc]ode[^:]*:\s*(\S+)", sortie)
        assert trouve is not None
        await enroler(f"http://{HOTE}:{self.frontal.cible}", trouve[1], self.cles)

    def _salle(self, *arguments: str) -> str:
        commande = [sys.executable, "-m", "borne", "salle", *arguments, *self._dossiers_salle]
        return subprocess.run(commande, check=True, capture_output=True, text=True).stdout

    @property
    def _dossiers_salle(self) -> tuple[str, ...]:
        return "--donnees", str(self.dossier / "salle/donnees"), "--cles", str(self.dossier / "salle/cles")

    async def relancer_salle(self, secret: bytes) -> None:
        """La salle, avec ce secret du serveur TURN."""
        if hasattr(self, "salle"):
            self.salle.terminate()
            await self.salle.wait()
        fichier = self.dossier / "secret"
        fichier.write_bytes(secret)
        urls = (
            f"turn:{HOTE}:{self.udp.port}?transport=udp",
            f"turn:{HOTE}:{self.turn_tcp.port}?transport=tcp",
            f"turns:{HOTE}:{self.turn_tls.port}?transport=tcp",
        )
        turn = [mot for url in urls for mot in ("--turn", url)]
        self.salle = await self._lancer(
            *("salle", "-m", "borne", "salle", "servir", "--port", "0", *self._dossiers_salle),
            *("--turn-secret", str(fichier), *turn),
        )
        trouve = re.search(r":(\d+)", (await _ligne(self.salle, r"http://\S+:\d+")).split("//")[1])
        assert trouve is not None
        self.frontal.cible = int(trouve[1])

    async def _demarrer_sujet(self) -> None:
        reglages = {
            "radio": f"{HOTE}:{self._radio['port_hci']}",
            "cles_radio": str(self.dossier / "radio"),
            "peripheriques": str(self.dossier / "peripheriques.toml"),
            "donnees": str(self.donnees),
            "cles": str(self.cles),
            "racine": str(self.racine),
            **{champ: f"usb-{champ}-video-index0" for champ in CAMERAS},
            "microphone": MICRO,
            "haut_parleur": HAUT_PARLEUR,
            "stethoscope": STETHOSCOPE,
            "imprimante": self.imprimante.uri,
            "imprimante_tickets": "usb-tickets",
            "serie": str(self.racine / "dev/serial/by-id"),
            "salle": f"https://{HOTE}:{self.frontal.port}",
        }
        (self.dossier / "peripheriques.toml").write_text(PERIPHERIQUES, encoding="utf-8")
        (self.dossier / "reglages.json").write_text(json.dumps(reglages), encoding="utf-8")
        environnement = {
            "PULSE_SERVER": self.son.serveur,
            "SSL_CERT_FILE": str(self.dossier / "autorites.pem"),
        }
        fichier = str(self.dossier / "reglages.json")
        self._sujet = await self._lancer("sujet", "-m", "tests.bancs._autotest_sujet", fichier, **environnement)
        await _ligne(self._sujet, "pret")

    async def _lancer(self, nom: str, *arguments: str, **environnement: str) -> asyncio.subprocess.Process:
        with (self.dossier / f"{nom}.log").open("ab") as erreurs:
            processus = await asyncio.create_subprocess_exec(
                *(sys.executable, *arguments),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=erreurs,
                env={**os.environ, **environnement},
                limit=1 << 20,
            )
        self._pile.push_async_callback(_finir, processus)
        return processus


def poser_racine(racine: Path) -> None:
    """Un système sain, en fichiers."""
    fichiers = {
        "proc/meminfo": "MemTotal:        8000000 kB\nMemAvailable:    5000000 kB\n",
        "proc/loadavg": "0.30 0.25 0.20 1/300 4321\n",
        "proc/net/route": "Iface\tDestination\tGateway\neth0\t00000000\t0101A8C0\t0003\n",
        "proc/bus/input/devices": 'N: Name="Ecran tactile USB"\nH: Handlers=mouse0 event3\nB: PROP=2\nB: EV=b\n',
        "sys/class/net/lo/operstate": "unknown\n",
        "sys/class/net/eth0/operstate": "up\n",
        "sys/class/thermal/thermal_zone0/temp": "48000\n",
        "sys/class/hwmon/hwmon0/temp1_input": "52000\n",
        "sys/class/drm/card0-HDMI-A-1/status": "connected\n",
        "sys/class/drm/card0-HDMI-A-1/modes": "1920x1080\n1280x720\n",
        "sys/class/drm/card0-DP-1/status": "disconnected\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "3400000\n",
        "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "3400000\n",
        "run/systemd/timesync/synchronized": "",
        "etc/udev/rules.d/98-tactile.rules": 'ENV{LIBINPUT_CALIBRATION_MATRIX}="1.01 0 -0.005 0 0.99 0.004"\n',
        "var/lib/dpkg/status": STATUT_APT.format(version="2.0"),
        "etc/apt/sources.list": "deb [trusted=yes] copy:/depot ./\n",
        "var/lib/apt/lists/_depot_._Packages": STATUT_APT.replace("Status: install ok installed\n", "").format(
            version="2.0"
        )
        + "Filename: ./essai.deb\nSize: 1\nSHA256: "
        + "0" * 64
        + "\n",
    }
    for chemin, contenu in fichiers.items():
        (racine / chemin).parent.mkdir(parents=True, exist_ok=True)
        (racine / chemin).write_text(contenu, encoding="utf-8")
    for dossier in (
        "etc/apt/apt.conf.d",
        "etc/apt/preferences.d",
        "var/cache/apt/archives/partial",
        "var/lib/apt/lists/partial",
    ):
        (racine / dossier).mkdir(parents=True, exist_ok=True)
    (racine / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Paris")


async def _ligne(processus: asyncio.subprocess.Process, motif: str) -> str:
    assert processus.stdout is not None
    while octets := await asyncio.wait_for(processus.stdout.readline(), DELAI_S):
        if re.search(motif, octets.decode()):
            return octets.decode()
    raise RuntimeError("un processus de la borne d'essai s'est arrêté en démarrant")


async def _finir(processus: asyncio.subprocess.Process) -> None:
    if processus.returncode is None:
        processus.terminate()
        try:
            await asyncio.wait_for(processus.wait(), 15)
        except TimeoutError:
            processus.kill()
            await processus.wait()


async def _annuler(tache: asyncio.Task[None]) -> None:
    tache.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await tache
