"""Les caméras de la borne derrière une seule source d'image : le médecin en change, l'appel ne s'en aperçoit pas.

La principale reste ouverte tant que la visite se filme ; les deux autres s'ouvrent à la demande et se referment.
L'image précédente reste jusqu'à ce que la nouvelle caméra en donne une.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.configuration import Appareils, Configuration, ModeCamera
from borne.peripheriques.camera import DELAI_IMAGE_S, Camera, CameraPerdue, ImageCaptee
from borne.peripheriques.mode_camera import ModeVoulu
from borne.protocole import CameraNom
from borne.visio.cadrage import ENTIERE, Cadreur, Vise, borner, cadre

DELAI_OUVERTURE_S: Final = 6.0
"""Secondes laissées à une caméra pour donner sa première image."""
PATIENCE_S: Final = 0.25
"""Secondes entre deux regards sur le choix du médecin, quand une caméra se tait."""
RELAIS_S: Final = 0.1
"""Secondes laissées à qui attend une image de l'ancienne caméra pour passer à la nouvelle."""
LARGEUR_RETOUR: Final = 480
"""Pixels, environ, du retour que le patient voit : une réduction par saut de points ne coûte rien à l'appel."""


class Optique:
    """La caméra choisie, vue comme une seule (`SourceImage`), et ce que le médecin en vise.

    `active` : celle qui est émise. Les numéros d'image croissent d'une caméra à l'autre.
    """

    def __init__(self, appareils: Appareils, modes: Mapping[CameraNom, ModeVoulu] | None = None) -> None:
        """`modes` : ce qui est exigé de chaque caméra ; sans lui, rien ne l'est."""
        self.active: CameraNom = "principale"
        self.cadreur = Cadreur()
        sources: dict[CameraNom, str] = {
            "principale": appareils.camera,
            "examen": appareils.camera_examen,
            "document": appareils.camera_document,
        }
        voulus = modes or {}
        self._cameras: dict[CameraNom, Camera] = {
            nom: Camera(_source(source), voulus.get(nom), racine=Path(appareils.cameras))
            for nom, source in sources.items()
            if source or nom == "principale"
        }
        self._vus: dict[CameraNom, int] = {}
        self._dernier = 0
        self._decalage = 0
        self._depuis = 0.0
        self._verrou = asyncio.Lock()

    @property
    def principale(self) -> Camera:
        """La caméra du visage."""
        return self._cameras["principale"]

    @property
    def presentes(self) -> tuple[CameraNom, ...]:
        """Celles qui sont branchées ; une caméra ouverte qui ne répond plus n'y est pas."""
        return tuple(nom for nom, camera in self._cameras.items() if camera.branchee and camera.etat != "perdue")

    @property
    def derniere(self) -> ImageCaptee | None:
        """L'image la plus récente de la caméra active, au capteur ; None si elle n'en donne pas."""
        return self._cameras[self.active].derniere

    @property
    def perdue(self) -> bool:
        """La caméra active ne répond plus."""
        return self._cameras[self.active].etat == "perdue"

    async def choisir(self, nom: CameraNom) -> None:
        """Passe à cette caméra, entière, dès sa première image. Lève `CameraPerdue` si elle n'en donne pas."""
        async with self._verrou:
            if nom == self.active:
                return
            camera = self._cameras.get(nom)
            if camera is None or not camera.branchee:
                raise CameraPerdue("Cette caméra n'est pas branchée.")
            camera.demarrer()
            try:
                # La principale absente se dit déjà : y revenir ne peut pas échouer, il n'y a rien derrière elle.
                if nom != "principale":
                    await asyncio.wait_for(_premiere(camera), DELAI_OUVERTURE_S)
            except (CameraPerdue, TimeoutError):
                await asyncio.to_thread(camera.arreter)
                raise CameraPerdue("Cette caméra ne répond pas.") from None
            await self._passer(nom)

    async def _passer(self, nom: CameraNom) -> None:
        ancienne, self.active = self.active, nom
        self._decalage = self._dernier - self._vus.get(nom, 0)
        self._depuis = time.time()
        self.cadreur.vise = ENTIERE
        if ancienne != "principale":
            await asyncio.sleep(RELAIS_S)
            await asyncio.to_thread(self._cameras[ancienne].arreter)

    async def prochaine(self, apres: int) -> ImageCaptee:
        """La première image de numéro supérieur à `apres`, de la caméra active ; lève `CameraPerdue`."""
        limite = time.monotonic() + DELAI_IMAGE_S
        while True:
            nom, decalage = self.active, self._decalage
            image = await self._lire(nom, apres - decalage)
            if decalage != self._decalage or nom != self.active:
                continue
            if image is None:
                if time.monotonic() > limite or self._cameras[nom].etat == "perdue":
                    raise CameraPerdue("La caméra n'envoie pas d'images.")
                continue
            if image.instant < self._depuis:
                # Captée avant le changement : elle ferait reculer l'horloge de l'appel.
                apres = max(apres, image.numero + decalage)
                continue
            self._vus[nom] = max(self._vus.get(nom, 0), image.numero)
            self._dernier = max(self._dernier, image.numero + decalage)
            return ImageCaptee(image.bgr, image.instant, image.numero + decalage)

    async def _lire(self, nom: CameraNom, apres: int) -> ImageCaptee | None:
        """La suivante de cette caméra ; None si elle tarde ou se perd : une autre a pu être choisie entre-temps."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._cameras[nom].prochaine(apres)
        except (CameraPerdue, TimeoutError):
            return None

    def viser(self, vise: Vise) -> Vise:
        """Le cadrage voulu par le médecin ; rend celui qui est obtenu (inchangé sans image)."""
        image = self.derniere
        if image is not None:
            taille = (image.bgr.shape[1], image.bgr.shape[0])
            self.cadreur.vise = borner(vise, taille, self.cadreur.flux or taille)
        return self.cadreur.vise

    def retour(self, image: ImageCaptee) -> NDArray[np.uint8]:
        """Ce que le médecin voit de cette image, en petit, en RGB."""
        taille = (image.bgr.shape[1], image.bgr.shape[0])
        c = cadre(self.cadreur.vise, taille, self.cadreur.flux or taille)
        pas = max(1, c.largeur // LARGEUR_RETOUR)
        vue = image.bgr[c.y : c.y + c.hauteur : pas, c.x : c.x + c.largeur : pas, ::-1]
        return np.ascontiguousarray(vue)

    def sur_le_retour(self, x: float, y: float) -> tuple[float, float] | None:
        """Un point du capteur (0 à 1) sur ce retour (0 à 1), ou None s'il est hors de ce qui se voit."""
        image = self.derniere
        if image is None:
            return None
        taille = (image.bgr.shape[1], image.bgr.shape[0])
        c = cadre(self.cadreur.vise, taille, self.cadreur.flux or taille)
        place = (x * taille[0] - c.x) / c.largeur, (y * taille[1] - c.y) / c.hauteur
        return place if all(0 <= part <= 1 for part in place) else None

    def demarrer(self) -> None:
        """Ouvre la principale."""
        self.principale.demarrer()

    def arreter(self) -> None:
        """Ferme toutes les caméras ; la principale sera la première de la visite suivante."""
        for camera in self._cameras.values():
            camera.arreter()
        self.active, self._decalage, self._dernier, self._depuis = "principale", 0, 0, 0.0
        self._vus.clear()
        self.cadreur = Cadreur()


async def _premiere(camera: Camera) -> ImageCaptee:
    """La première image d'une caméra qui s'ouvre ; une ouverture manquée est retentée."""
    while True:
        try:
            return await camera.prochaine(-1)
        except CameraPerdue:
            if not camera.branchee:
                raise
            await asyncio.sleep(0.1)


def modes(c: Configuration) -> dict[CameraNom, ModeVoulu]:
    """Ce que la configuration demande à chaque caméra."""
    sections: dict[CameraNom, ModeCamera] = {
        "principale": c.camera,
        "examen": c.camera_examen,
        "document": c.camera_document,
    }
    return {
        nom: ModeVoulu(
            *(s.largeur, s.hauteur, s.images_s, s.flux),
            *(_ou_auto(s.exposition_ms), _ou_auto(s.mise_au_point), _ou_auto(s.balance_k)),
        )
        for nom, s in sections.items()
    }


def _ou_auto(reglage: float | str) -> float | None:
    return None if isinstance(reglage, str) else reglage


def _source(reglage: str) -> str | int:
    return int(reglage) if reglage.isdigit() else reglage
