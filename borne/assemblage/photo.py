"""La photo d'examen : prise au capteur, envoyée au médecin, reprise après une coupure ; en mémoire seulement."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from borne import protocole as p
from borne.assemblage.direct import Direct
from borne.assemblage.numerisation import Liasse
from borne.assemblage.optique import Optique
from borne.assemblage.taches import Taches
from borne.parcours import evenements as e
from borne.peripheriques.numerisation import PageNumerisee
from borne.visio.photo import PART_PHOTO, CanalFerme, Photo, PhotoImpossible, budget, debit_photo, encoder, envoyer
from borne.visio.seance import Seance

Forme = Literal["photo", "page", "pdf"]

journal = logging.getLogger(__name__)

DELAI_REPRISE_S: Final = 60.0
"""Secondes à attendre le retour d'un appel coupé avant d'abandonner la photo."""
DELAI_ENVOI_S: Final = 90.0
"""Secondes au bout desquelles une liaison trop faible a fait échouer l'envoi."""


class ConduitePhoto:
    """Une photo à la fois, de la demande du médecin au dernier morceau."""

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
        self._liasse = Liasse()
        self._taches = Taches("photo")
        self._tache: asyncio.Task[None] | None = None
        self._identifiant = ""
        self._numero = 0
        self._seance: Seance | None = None
        self._changee = asyncio.Event()

    def etabli(self, seance: Seance) -> None:
        """L'appel passe par cette séance : une photo en route y repart du début."""
        self._seance = seance
        self._changee.set()

    def demander(self, identifiant: str, forme: Forme = "photo") -> None:
        """Le médecin veut une photo de ce qu'il voit, la page qu'elle montre, ou le PDF des pages déjà prises."""
        if self._tache is not None and not self._tache.done():
            self._envoyer(p.PhotoEchouee(identifiant, "Une photo est déjà en route."))
            return
        self._identifiant = identifiant
        self._tache = self._taches.lancer(self._conduire(identifiant, forme))

    def arreter(self, identifiant: str) -> None:
        """Le médecin n'en veut plus."""
        if self._tache is not None and identifiant == self._identifiant:
            self._tache.cancel()

    def finir(self) -> None:
        """L'appel est fini : plus rien ne part, rien ne reste."""
        if self._tache is not None:
            self._tache.cancel()
        self._liasse.oublier()
        self._tache = self._seance = None
        self._identifiant = ""

    async def _conduire(self, identifiant: str, forme: Forme) -> None:
        self._direct.modifier(photo=True)
        try:
            photo, annonce, page = await self._prendre(identifiant, forme)
            async with asyncio.timeout(DELAI_ENVOI_S):
                await self._transmettre(photo, annonce)
            if page is not None:
                self._liasse.garder(page)
            elif forme == "pdf":
                self._liasse.oublier()
        except PhotoImpossible as erreur:
            self._echouer(identifiant, str(erreur))
        except TimeoutError:
            self._echouer(identifiant, "La liaison est trop faible : la photo n'est pas arrivée.")
        finally:
            self._direct.modifier(photo=False)

    def _echouer(self, identifiant: str, raison: str) -> None:
        journal.warning("photo d'examen : %s", raison)
        self._envoyer(p.PhotoEchouee(identifiant, raison))
        self._emettre(e.IncidentSurvenu(instant=time.time(), code="incident-photo"))

    async def _prendre(self, identifiant: str, forme: Forme) -> tuple[Photo, p.PhotoAnnoncee, PageNumerisee | None]:
        """Le fichier demandé : l'image du capteur telle qu'elle est à cet instant, sa page, ou le PDF des pages."""
        camera, instant = self._optique.active, time.time()
        page: PageNumerisee | None = None
        if forme == "pdf":
            photo = await asyncio.to_thread(self._liasse.relier)
        else:
            image, seance = self._optique.derniere, self._seance
            if image is None or seance is None:
                raise PhotoImpossible("La caméra n'envoie pas d'image.")
            instant, place = image.instant, budget(seance.debit_image)
            self._emettre(e.PhotoPrise(instant=time.time(), camera=camera))
            if forme == "page":
                photo, page = await asyncio.to_thread(self._liasse.preparer, image.bgr, place)
            else:
                photo = await asyncio.to_thread(encoder, image.bgr, place)
        annonce = p.PhotoAnnoncee(
            photo=identifiant,
            numero=0,
            camera=camera,
            octets=len(photo.octets),
            empreinte=photo.empreinte,
            largeur=photo.largeur,
            hauteur=photo.hauteur,
            nature=photo.nature,
            instant=instant,
            pages=0 if forme == "pdf" else len(self._liasse) + (page is not None),
            remarques=tuple(self._dire(cle) for cle in page.jugement.conseils) if page is not None else (),
        )
        return photo, annonce, page

    async def _transmettre(self, photo: Photo, annonce: p.PhotoAnnoncee) -> None:
        """Envoie, et recommence sur la séance suivante si celle-ci se coupe. Lève `TimeoutError`."""
        while True:
            self._changee.clear()
            seance = self._seance
            if seance is not None and await self._par(seance, photo, annonce):
                return
            async with asyncio.timeout(DELAI_REPRISE_S):
                await self._changee.wait()

    async def _par(self, seance: Seance, photo: Photo, annonce: p.PhotoAnnoncee) -> bool:
        """Vrai si tout est parti par cette séance ; faux si elle s'est fermée, ou si une autre l'a remplacée."""
        self._numero += 1
        if not self._envoyer(msgspec.structs.replace(annonce, numero=self._numero)):
            return False
        envoi = asyncio.create_task(
            envoyer(seance.canal_examen, photo, self._numero, lambda: debit_photo(seance.debit_image))
        )
        relais = asyncio.create_task(self._changee.wait())
        seance.reserver(PART_PHOTO)
        try:
            await asyncio.wait({envoi, relais}, return_when=asyncio.FIRST_COMPLETED)
            return envoi.done() and not isinstance(envoi.exception(), CanalFerme)
        finally:
            seance.reserver(0.0)
            envoi.cancel()
            relais.cancel()
            await asyncio.gather(envoi, relais, return_exceptions=True)
