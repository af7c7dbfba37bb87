"""L'examen à l'image : caméra choisie, cadrage, pointeur, photo, conseils. Exécute `ChoisirCamera`.

Le cadrage et le pointeur sont vivants : ils ne sont ni des événements ni conservés.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, cast

from borne import protocole as p
from borne.assemblage.direct import Direct
from borne.assemblage.optique import Optique
from borne.assemblage.photo import ConduitePhoto
from borne.assemblage.taches import Taches
from borne.parcours import evenements as e
from borne.peripheriques.camera import CameraPerdue
from borne.visio.cadrage import Vise
from borne.visio.conseils_image import Conseiller, regarder
from borne.visio.seance import Seance

journal = logging.getLogger(__name__)

PERIODE_S: Final = 0.5
"""Secondes entre deux regards sur l'image."""
ENTRE_IMAGES_S: Final = 0.04
"""Un peu plus que l'écart entre deux images."""
PERIODE_ETAT_S: Final = 1.0
"""Secondes au moins entre deux `EtatImage`."""

RAISONS: Final[dict[p.CameraNom, str]] = {
    "principale": "",
    "examen": "erreur-camera-examen",
    "document": "erreur-camera-document",
}
"""Ce qui se dit quand cette caméra manque."""


class ConduiteExamen:
    """Ce que le médecin fait de l'image, et ce que la borne lui en dit."""

    def __init__(
        self,
        optique: Optique,
        emettre: Callable[[e.Evenement], None],
        envoyer: Callable[[p.Canal], bool],
        direct: Direct,
        dire: Callable[[str], str],
    ) -> None:
        """`dire` : la phrase française d'une clé, pour le médecin."""
        self._optique = optique
        self._emettre = emettre
        self._envoyer = envoyer
        self._direct = direct
        self._dire = dire
        self._photo = ConduitePhoto(optique, emettre, envoyer, direct, dire)
        self._taches = Taches("examen")
        self._veille: asyncio.Task[None] | None = None
        self._pointeur: p.Pointeur = p.Pointeur()
        self._etat: p.EtatCameras | None = None
        self._image: tuple[float, p.EtatImage] | None = None
        self._perte_dite = False
        self._conseiller: tuple[p.CameraNom, Conseiller] | None = None

    def etabli(self, seance: Seance) -> None:
        """L'appel passe : le médecin apprend les caméras et le cadrage ; une photo en route repart."""
        self._etat = self._image = None
        self._dire_cameras()
        self._dire_cadrage()
        self._envoyer(self._pointeur)
        self._photo.etabli(seance)
        if self._veille is None:
            self._veille = self._taches.lancer(self._veiller())

    def finir(self) -> None:
        """L'appel est fini."""
        self._photo.finir()
        if self._veille is not None:
            self._veille.cancel()
        self._veille = self._etat = self._image = self._conseiller = None
        self._pointer(p.Pointeur())

    def recevoir(self, message: p.Canal) -> None:
        """Un geste du médecin sur l'image."""
        match message:
            case p.ChoixCamera(camera=camera):
                self._emettre(e.CameraChoisie(instant=time.time(), camera=camera))
            case p.Cadrage(x=x, y=y, zoom=zoom):
                self._optique.viser(Vise(x, y, zoom))
                self._dire_cadrage()
                self._pointer(self._pointeur)
            case p.Pointeur():
                self._pointer(message)
            case p.DemandePhoto(photo=photo, forme=forme):
                self._photo.demander(photo, forme)
            case p.ArretPhoto(photo=photo):
                self._photo.arreter(photo)

    def choisir(self, camera: str, raison: str) -> None:
        """Exécute `ChoisirCamera`."""
        self._taches.lancer(self._choisir(cast(p.CameraNom, camera), raison))

    async def _choisir(self, camera: p.CameraNom, raison: str) -> None:
        try:
            await self._optique.choisir(camera)
        except CameraPerdue as erreur:
            journal.warning("caméra %s : %s", camera, erreur)
            self._emettre(e.CameraChoisie(instant=time.time(), camera="principale", raison=RAISONS[camera]))
            return
        self._perte_dite = False
        self._pointer(p.Pointeur())
        self._envoyer(self._pointeur)
        self._dire_cameras(raison)
        self._dire_cadrage()

    def _pointer(self, pointeur: p.Pointeur) -> None:
        """Le doigt du médecin, là où il tombe sur ce que le patient voit de sa propre image."""
        self._pointeur = pointeur
        x, y = pointeur.x, pointeur.y
        place = None if x is None or y is None else self._optique.sur_le_retour(x, y)
        self._direct.modifier(pointeur=place)

    def _dire_cameras(self, raison: str = "") -> None:
        phrase = self._dire(raison) if raison else ""
        self._etat = p.EtatCameras(self._optique.active, self._optique.presentes, phrase)
        self._envoyer(self._etat)

    def _dire_cadrage(self) -> None:
        vise = self._optique.cadreur.vise
        self._envoyer(p.Cadrage(vise.x, vise.y, vise.zoom))

    async def _veiller(self) -> None:
        """Deux fois par seconde : les caméras branchées ou perdues, la lumière et la netteté."""
        while True:
            await asyncio.sleep(PERIODE_S)
            self._veiller_cameras()
            await self._regarder()

    def _veiller_cameras(self) -> None:
        optique = self._optique
        if optique.active != "principale" and optique.perdue and not self._perte_dite:
            self._perte_dite = True
            raison = RAISONS[optique.active]
            self._emettre(e.CameraChoisie(instant=time.time(), camera="principale", raison=raison))
        elif self._etat is not None and self._etat.presentes != optique.presentes:
            self._dire_cameras()

    async def _regarder(self) -> None:
        """Deux images qui se suivent disent aussi le mouvement."""
        camera, avant = self._optique.active, self._optique.derniere
        await asyncio.sleep(ENTRE_IMAGES_S)
        image = self._optique.derniere
        if image is None or camera != self._optique.active:
            return
        if self._conseiller is None or self._conseiller[0] != camera:
            self._conseiller = (camera, Conseiller(visage=camera == "principale"))
        vise = self._optique.cadreur.vise
        regard = regarder(
            image.bgr,
            avant.bgr if avant is not None else None,
            image.instant - avant.instant if avant is not None else 0.0,
            (vise.x, vise.y),
        )
        conseils = self._conseiller[1].suivre(regard)
        etat = p.EtatImage(camera, image.bgr.shape[1], image.bgr.shape[0], conseils)
        maintenant = time.monotonic()
        ancien = self._image
        if ancien is None or (etat != ancien[1] and maintenant - ancien[0] >= PERIODE_ETAT_S):
            self._image = (maintenant, etat)
            self._envoyer(etat)
