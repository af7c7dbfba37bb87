"""Le monde virtuel : chaque appareil dans son processus. Tuer la borne n'en arrête aucun."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from borne.demonstration.camera import CameraVirtuelle
from borne.demonstration.imprimante import ImprimanteVirtuelle
from borne.demonstration.jumeaux import UN_PAR_NATURE
from borne.demonstration.scenario import TENSION
from borne.demonstration.son import HAUT_PARLEUR, MICRO, STETHOSCOPE, MondeSonore

MEDECIN, IDENTIFIANT = "Dr Nadia Berthier", "nberthier"
LIEU = "Mairie de Decize"


class Monde:
    """Appareils, salle et borne de la démonstration, dans un dossier. Gestionnaire de contexte asynchrone."""

    def __init__(
        self,
        dossier: Path,
        *,
        purge: bool = True,
        duree_mesure_s: float = 8.0,
        image: tuple[int, int, int] = (1920, 1080, 30),
    ) -> None:
        """`duree_mesure_s` : secondes d'une mesure du brassard. `image` : largeur, hauteur, images par seconde."""
        self.dossier = dossier
        self._image = image
        self._duree_mesure_s = duree_mesure_s
        self.purge = purge
        self.donnees, self.cles = dossier / "borne" / "donnees", dossier / "borne" / "cles"
        self.temporaire = dossier / "borne" / "tmp"
        self.papier = dossier / "papier"
        self.url_salle = ""
        self.mot_de_passe = ""
        self._pile = AsyncExitStack()
        self._radio: dict[str, int] = {}
        self._borne: Process | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._demarrer()
        except BaseException:
            await self._pile.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.arreter_borne()
        await self._pile.aclose()

    async def _demarrer(self) -> None:
        for chemin in (
            self.donnees,
            self.cles,
            self.temporaire,
            self.papier,
            self.dossier / "journaux",
            self.dossier / "son",
        ):
            chemin.mkdir(parents=True, exist_ok=True)
        self.camera = CameraVirtuelle(self.dossier / "camera.y4m", *self._image)
        images_s = self._image[2]
        self.camera_examen = CameraVirtuelle(self.dossier / "otoscope.y4m", images_s=images_s, scene="otoscope")
        self.camera_document = CameraVirtuelle(self.dossier / "document.y4m", images_s=images_s, scene="document")
        for camera in (self.camera, self.camera_examen, self.camera_document):
            self._pile.push_async_callback(asyncio.to_thread, camera.arreter)
            await asyncio.to_thread(camera.demarrer)
        self.son = MondeSonore(self.dossier / "son")
        await asyncio.to_thread(self.son.demarrer)
        self._pile.push_async_callback(asyncio.to_thread, self.son.arreter)
        self.imprimante = ImprimanteVirtuelle(self.papier)
        await asyncio.to_thread(self.imprimante.demarrer)
        self._pile.push_async_callback(asyncio.to_thread, self.imprimante.arreter)
        await self._demarrer_appareils()
        await self._demarrer_salle()
        self._ecrire_configuration()
        await self._enroler()

    async def _demarrer_appareils(self) -> None:
        options = ("--appareils", ",".join(UN_PAR_NATURE), "--duree-s", str(self._duree_mesure_s))
        processus = await self._lancer("appareils", "-m", "borne.demonstration.jumeaux", *options)
        self._radio = json.loads(await _ligne(processus, r"\{.*\}"))
        systolique, diastolique, pouls = TENSION
        await self.commander_brassard(ordre="valeurs", systolique=systolique, diastolique=diastolique, pouls=pouls)

    async def commander_brassard(self, **ordre: Any) -> dict[str, Any]:
        """Un ordre au brassard virtuel ; rend sa réponse."""
        return await self.commander_appareil("tension", **ordre)

    async def commander_appareil(self, appareil: str, **ordre: Any) -> dict[str, Any]:
        """Un ordre à un appareil Bluetooth virtuel, par son nom dans `JUMEAUX` (voir `commande.py`)."""
        lecteur, ecrivain = await asyncio.open_connection("127.0.0.1", self._radio["port_commande"])
        ecrivain.write(json.dumps({"appareil": appareil, **ordre}).encode() + b"\n")
        await ecrivain.drain()
        reponse = json.loads(await lecteur.readline())
        ecrivain.close()
        await ecrivain.wait_closed()
        if not isinstance(reponse, dict) or not reponse.get("ok"):
            raise RuntimeError(f"l'appareil virtuel « {appareil} » refuse : {reponse}")
        return reponse

    @property
    def _dossiers_salle(self) -> tuple[str, ...]:
        salle = self.dossier / "salle"
        return ("--donnees", str(salle / "donnees"), "--cles", str(salle / "cles"))

    async def _demarrer_salle(self) -> None:
        await self.relancer_salle(0)
        sortie = await self._commande("salle", "medecin", "ajouter", MEDECIN, IDENTIFIANT, *self._dossiers_salle)
        trouve = re.search(r"[Mm]ot de passe[^:]*:\s*(\S+)", sortie)
        if trouve is None:
            raise RuntimeError(f"mot de passe du médecin introuvable dans : {sortie}")
        self.mot_de_passe = trouve[1]

    async def relancer_salle(self, port: int) -> None:
        """Lance le service de la salle ; `port` 0 : un port libre."""
        self.salle = await self._lancer(
            "salle", "-m", "borne", "salle", "servir", "--port", str(port), *self._dossiers_salle
        )
        trouve = re.search(r"https?://\S+?:\d+", await _ligne(self.salle, r"https?://\S+:\d+"))
        if trouve is None:
            raise RuntimeError("la salle n'a pas dit son adresse")
        self.url_salle = trouve[0]

    def _ecrire_configuration(self) -> None:
        """Le même fichier qu'une vraie borne, avec les adresses des appareils virtuels."""
        contenu: dict[str, dict[str, Any]] = {
            "lieu": {"nom": LIEU, "adresse": "1 place du Champ-de-Foire, 58300 Decize", "numero": "1"},
            "ecran": {"plein_ecran": False},
            "chemins": {"donnees": str(self.donnees), "cles": str(self.cles)},
            "salle": {"url": self.url_salle},
            "appareils": {
                "camera": str(self.camera.fifo),
                "camera_examen": str(self.camera_examen.fifo),
                "camera_document": str(self.camera_document.fifo),
                "microphone": MICRO,
                "haut_parleur": HAUT_PARLEUR,
                "stethoscope": STETHOSCOPE,
                "imprimante": self.imprimante.uri,
            },
            "camera": dict(zip(("largeur", "hauteur", "images_s"), self._image, strict=True)),
            "camera_examen": {"images_s": self._image[2]},
            "camera_document": {"images_s": self._image[2]},
            "conservation": {"purge": self.purge},
        }
        lignes = []
        for section, valeurs in contenu.items():
            lignes.append(f"[{section}]")
            lignes += [f"{cle} = {json.dumps(valeur, ensure_ascii=False)}" for cle, valeur in valeurs.items()]
        self.configuration = self.dossier / "borne.toml"
        self.configuration.write_text("\n".join(lignes) + "\n", encoding="utf-8")

    async def _enroler(self) -> None:
        sortie = await self._commande("salle", "borne", "inviter", LIEU, *self._dossiers_salle)
        trouve = re.search(r"[Cc]ode[^:]*:\s*(\S+)", sortie)
        if trouve is None:
            raise RuntimeError(f"code d'enrôlement introuvable dans : {sortie}")
        await self._commande("enroler", "--config", str(self.configuration), trouve[1])

    async def demarrer_borne(self, patient: Path | None = None, *autres: str) -> Process:
        """Lance la borne, avec le robot patient si `patient` (son dossier d'images) est donné."""
        options = [*([] if patient is None else ["--patient", str(patient)]), *autres]
        radio = f"127.0.0.1:{self._radio['port_hci']}"
        self._borne = await self._lancer(
            "borne",
            *("-m", "borne.demonstration.borne", "--config", str(self.configuration)),
            *("--radio", radio, "--cles-radio", str(self.dossier / "borne" / "radio"), *options),
        )
        return self._borne

    async def arreter_borne(self) -> None:
        """Arrêt propre de la borne."""
        if self._borne is not None and self._borne.returncode is None:
            await _finir(self._borne)

    def environnement(self) -> dict[str, str]:
        """Celui de la borne : son serveur de son, son dossier temporaire (fouillé à la fin)."""
        plateforme = {} if os.environ.get("DISPLAY") else {"QT_QPA_PLATFORM": "offscreen"}
        return {**os.environ, **plateforme, "PULSE_SERVER": self.son.serveur, "TMPDIR": str(self.temporaire)}

    async def _lancer(self, nom: str, *arguments: str) -> Process:
        """Un processus de longue durée ; sa sortie d'erreurs va dans `journaux/`."""
        with (self.dossier / "journaux" / f"{nom}.log").open("ab") as erreurs:
            processus = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=erreurs, env=self.environnement()
            )
        self._pile.push_async_callback(_finir, processus)
        return processus

    async def _commande(self, *arguments: str) -> str:
        """Une commande `borne` courte ; lève `RuntimeError` avec ce qu'elle a dit si elle échoue."""
        processus = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "borne", *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        sortie, _ = await processus.communicate()
        if processus.returncode != 0:
            raise RuntimeError(f"borne {' '.join(arguments[:3])} : {sortie.decode()}")
        return sortie.decode()


async def _ligne(processus: Process, motif: str) -> str:
    """La première ligne de sortie où ce motif se trouve."""
    if processus.stdout is None:
        raise RuntimeError("processus sans sortie")
    while octets := await asyncio.wait_for(processus.stdout.readline(), 60):
        if re.search(motif, octets.decode()):
            return octets.decode()
    raise RuntimeError("le processus s'est arrêté en démarrant, voir journaux/")


async def _finir(processus: Process) -> None:
    """Demande l'arrêt, puis l'impose."""
    if processus.returncode is not None:
        return
    processus.terminate()
    try:
        await asyncio.wait_for(processus.wait(), 15)
    except TimeoutError:
        processus.kill()
        await processus.wait()
