"""Caméra, micro, stéthoscope et haut-parleur : ouverts quand la visite en a besoin, fermés sinon."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from borne.assemblage.direct import Direct
from borne.assemblage.optique import Optique
from borne.configuration import Appareils
from borne.parcours.evenements import EcouteArretee, Evenement, IncidentSurvenu
from borne.parcours.visite import Etape
from borne.peripheriques.audio import BlocSon, HautParleur, Microphone, SonPerdu
from borne.peripheriques.camera import CameraPerdue
from borne.peripheriques.echo import AnnulationEcho
from borne.peripheriques.limiteur import Limiteur
from borne.peripheriques.mode_camera import ModeVoulu
from borne.peripheriques.niveaux import GAIN_MAX_DB, GAIN_MIN_DB, CarnetNiveaux, NiveauxIllisibles
from borne.peripheriques.sons_presents import Sens, citer, sons_presents
from borne.peripheriques.tenace import EtatPeripherique, SurEtat
from borne.protocole import CameraNom

journal = logging.getLogger(__name__)

AVEC_IMAGE = (Etape.ATTENTE, Etape.PREPARATION, Etape.CONSULTATION)
"""Étapes où la caméra et le micro sont ouverts : pas avant, pas après."""

PAS_BRANCHE = "n'est pas branché."
"""La fin de la phrase d'un périphérique de son dont le nom n'existe pas."""

RETOUR_IMAGES_S = 8.0
"""Images par seconde du retour de sa propre image."""
POINTS_ONDE = 96
BLOCS_ECOUTE = 50
"""Blocs de 20 ms gardés du stéthoscope : mieux vaut un battement en retard qu'un battement coupé."""


class Stethoscope:
    """La source du stéthoscope telle qu'elle est, avec une petite onde pour l'écran du patient."""

    def __init__(self, microphone: Microphone | None, direct: Direct, perdu: Callable[[], None]) -> None:
        self._microphone = microphone
        self._direct = direct
        self._perdu = perdu
        self.ouvert = False
        self.sur_bloc: Callable[[BlocSon], None] = lambda bloc: None
        """Reçoit chaque bloc lu : la source n'a qu'un lecteur, le son exact l'écoute par-dessus son épaule."""

    def ouvrir(self) -> None:
        """Ouvre la source ; sans stéthoscope branché, le dit."""
        self._direct.modifier(stethoscope_absent=self._microphone is None)
        if self._microphone is None:
            self._perdu()
            return
        if not self.ouvert:
            self._microphone.vider()
            self._microphone.demarrer()
            self.ouvert = True

    def fermer(self) -> None:
        """Ferme la source : le stéthoscope n'écoute que quand le médecin l'a demandé."""
        if self._microphone is not None and self.ouvert:
            self._microphone.arreter()
        self.ouvert = False
        self._direct.modifier(stethoscope=(), niveau_ecoute=None)

    async def prochain(self) -> BlocSon:
        """Le bloc suivant, sans aucun traitement ; lève `SonPerdu`."""
        if self._microphone is None:
            raise SonPerdu("Aucun stéthoscope n'est branché.")
        try:
            bloc = await self._microphone.prochain()
        except SonPerdu:
            if self.ouvert:
                self._direct.modifier(stethoscope_absent=True)
                self._perdu()
            raise
        self.sur_bloc(bloc)
        points = bloc.echantillons[:: max(1, len(bloc.echantillons) // POINTS_ONDE)].astype(np.float32) / 32768
        self._direct.modifier(stethoscope=tuple(float(x) for x in points), niveau_ecoute=self._microphone.niveau)
        return bloc


def gain_stethoscope(appareils: Appareils, niveaux: CarnetNiveaux) -> float:
    """Le gain voulu, en dB : celui de la configuration, et celui que l'autotest a appris de ce stéthoscope."""
    appris = 0.0
    if appareils.niveau_appris:
        try:
            niveau = niveaux.lire().get(appareils.stethoscope)
            appris = niveau.gain_db if niveau is not None else 0.0
        except NiveauxIllisibles as erreur:
            journal.warning("niveau du stéthoscope : %s", erreur)
    return max(GAIN_MIN_DB, min(GAIN_MAX_DB, appareils.gain_stethoscope_db + appris))


def _nommer_presents(sens: Sens) -> SurEtat:
    """Écrit au journal, pour le technicien, les noms qui existent quand celui de la configuration n'existe pas."""

    def suivre(etat: EtatPeripherique, raison: str) -> None:
        if etat == "perdue" and raison.endswith(PAS_BRANCHE):
            try:
                journal.warning("%s %s", raison, citer(sons_presents(sens), sens))
            except SonPerdu as erreur:
                journal.warning("%s %s", raison, erreur)

    return suivre


class Sources:
    """Les appareils d'image et de son de la borne, suivant l'étape de la visite."""

    def __init__(
        self,
        appareils: Appareils,
        direct: Direct,
        emettre: Callable[[Evenement], None],
        sur_image: Callable[[NDArray[np.uint8] | None], None],
        niveaux: CarnetNiveaux,
        modes: Mapping[CameraNom, ModeVoulu],
    ) -> None:
        """`sur_image` reçoit le retour d'image, ou None quand il n'y en a plus ; `niveaux` : ceux de l'autotest."""
        self.optique = Optique(appareils, modes)
        self._echo = AnnulationEcho(appareils.microphone, appareils.haut_parleur) if appareils.annuler_echo else None
        entrees, sorties = _nommer_presents("entree"), _nommer_presents("sortie")
        limiteur = Limiteur(appareils.niveau_max_db, appareils.crete_max_db)
        if self._echo is None:
            self.microphone = Microphone(appareils.microphone, sur_etat=entrees)
            self.haut_parleur = HautParleur(appareils.haut_parleur, limiteur=limiteur, sur_etat=sorties)
        else:
            self.microphone = Microphone(self._echo.micro, sur_etat=entrees)
            self.haut_parleur = HautParleur(self._echo.haut_parleur, limiteur=limiteur, sur_etat=sorties)
            self._echo.rouvrir_micro = self.microphone.rouvrir
            self._echo.rouvrir_haut_parleur = self.haut_parleur.rouvrir
        # Jamais d'annulation ni de traitement sur le stéthoscope : il effacerait le cœur.
        ecoute = None
        if appareils.stethoscope:
            gain = gain_stethoscope(appareils, niveaux)
            ecoute = Microphone(
                appareils.stethoscope,
                nom="Le stéthoscope",
                gain_db=gain,
                sur_etat=entrees,
                blocs_gardes=BLOCS_ECOUTE,
            )
        self.stethoscope = Stethoscope(ecoute, direct, self._stethoscope_perdu)
        self.direct = direct
        self._emettre = emettre
        self._sur_image = sur_image
        self._ouvertes = False
        self._taches: list[asyncio.Task[None]] = []

    def suivre(self, etape: Etape) -> None:
        """Ouvre ou ferme ce que cette étape demande."""
        voulues = etape in AVEC_IMAGE
        if voulues and not self._ouvertes:
            self._ouvrir()
        elif not voulues and self._ouvertes:
            self.fermer()

    def _ouvrir(self) -> None:
        self._ouvertes = True
        self.optique.demarrer()
        self.microphone.demarrer()
        self.haut_parleur.demarrer()
        self._taches = [asyncio.create_task(self._retour_image()), asyncio.create_task(self._niveau())]

    def fermer(self) -> None:
        """Ferme tout : rien n'est filmé ni écouté hors de l'attente et de la consultation."""
        self._ouvertes = False
        for tache in self._taches:
            tache.cancel()
        self._taches = []
        self.stethoscope.fermer()
        self.optique.arreter()
        self.microphone.arreter()
        self.haut_parleur.arreter()
        if self._echo is not None:
            self._echo.fermer()
        self.direct.modifier(niveau_son=None, stethoscope_absent=False)

    async def _retour_image(self) -> None:
        """La petite image du patient, telle que le médecin la voit : elle ne doit rien coûter à l'appel."""
        numero, presente = -1, self.direct.etat.camera_disponible
        while True:
            try:
                image = await asyncio.wait_for(self.optique.prochaine(numero), 3.0)
            except (CameraPerdue, TimeoutError):
                if self.optique.active != "principale":
                    # L'examen le dit et revient au visage.
                    await asyncio.sleep(0.2)
                    continue
                if presente:
                    presente = False
                    self.direct.modifier(camera_disponible=False)
                    # Une image figée ferait croire qu'on est encore vu.
                    self._sur_image(None)
                    self._emettre(IncidentSurvenu(instant=time.time(), code="incident-camera-perdue"))
                await asyncio.sleep(1.0)
                continue
            if not presente:
                presente = True
                self.direct.modifier(camera_disponible=True)
            numero = image.numero
            self._sur_image(self.optique.retour(image))
            await asyncio.sleep(1.0 / RETOUR_IMAGES_S)

    async def _niveau(self) -> None:
        while True:
            self.direct.modifier(niveau_son=self.microphone.niveau)
            await asyncio.sleep(0.2)

    def _stethoscope_perdu(self) -> None:
        self._emettre(EcouteArretee(instant=time.time(), raison="erreur-stethoscope-absent"))
