"""Le pilote de tout appareil de mesure Bluetooth : d'une annonce à une mesure attribuée.

Déroulement d'une séance : attendre l'annonce, relier et appairer, lire l'identité, mettre à l'heure, lire la pile,
s'abonner aux valeurs vivantes puis au résultat, demander s'il faut demander, attendre, raccrocher. Ce qu'un service a
de propre est dans un `Service`, ce qu'un modèle a de propre est dans un `Profil` : aucun modèle n'est nommé ici.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import ClassVar

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner

from borne.peripheriques.appareils.conduite import Conduite, Dire
from borne.peripheriques.appareils.contrat import Etape, Guide, Sondage
from borne.peripheriques.appareils.ecoute import RACCROCHER_S, Armement, Ecoute, Rappels
from borne.peripheriques.appareils.identite import (
    identifier,
    lire_batterie,
    lire_ecart_horloge,
    regler_heure,
)
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.service import Service
from borne.peripheriques.ble import Liaison, Radio, Signalement
from borne.peripheriques.erreurs import (
    AppareilPerdu,
    ErreurPeripherique,
    HorlogeDecalee,
    MesureAncienne,
    MesureImpossible,
)
from borne.peripheriques.formats import Lecture
from borne.peripheriques.fraicheur import HorlogeAppareil

journal = logging.getLogger(__name__)


class AppareilBluetooth(Conduite):
    """Un appareil que l'on relie. Une sous-classe dit sa nature, ses services et son profil usuel.

    `radio` : le transport partagé de la borne ; sans lui, une radio est faite de `backend_scanner` et
    `backend_client` (classes de bleak ; None : le vrai BlueZ, avec son agent d'appairage). `horloge` : secondes Unix.
    """

    services: ClassVar[tuple[Service, ...]]
    profil_usuel: ClassVar[Profil]

    def __init__(
        self,
        radio: Radio | None = None,
        profil: Profil | None = None,
        *,
        backend_scanner: type[BaseBleakScanner] | None = None,
        backend_client: type[BaseBleakClient] | None = None,
        horloge: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.profil = profil or self.profil_usuel
        self.dort = self.profil.dort
        self.batterie: int | None = None
        """Pour cent, lu à la dernière liaison."""
        self._adresse = ""
        self._vaine: ErreurPeripherique | None = None
        """La dernière séance finie sans mesure du patient, quand l'appareil est attendu de nouveau."""
        voulus = self.profil.services
        self._services = tuple(s for s in self.services if (s.nom in voulus if voulus else not s.sur_demande))
        self._radio = radio or Radio(backend_scanner=backend_scanner, backend_client=backend_client)
        self._horloge = horloge
        self.guide = self._guider(self.guide)

    def _guider(self, commun: Guide) -> Guide:
        """Le guide de cet appareil, d'après celui de sa nature et son profil."""
        return commun

    async def _sonder(self, delai_s: float) -> Sondage:
        """Relie l'appareil, lit son identité, son horloge et sa pile, sans rien y écrire."""
        self._vaine = None
        signalement = self.signalement()
        appareil = await self._radio.chercher(signalement, delai_s=delai_s)
        self._trouve = True
        async with self._radio.relier(appareil, signalement, appairer=self.profil.appairer) as liaison:
            identite = await identifier(liaison)
            ecart_s = await lire_ecart_horloge(liaison, self._horloge)
            self.batterie = await lire_batterie(liaison)
            self._service_de(liaison)
            return Sondage(
                repond=True,
                modele=identite.nom or self.profil.nom,
                serie=identite.serie,
                version=identite.version,
                batterie=self.batterie,
                appaire=True if self.profil.appairer else None,
                ecart_horloge_s=ecart_s,
            )

    async def _mesurer(self, dire: Dire, delai_s: float) -> Lecture:
        arme = (self._horloge(), asyncio.get_running_loop().time())
        self._vaine = None
        while True:
            try:
                return await self._seance(dire, arme, delai_s)
            except (AppareilPerdu, MesureAncienne) as erreur:
                if not self.profil.reprendre or isinstance(erreur, HorlogeDecalee):
                    raise
                journal.info("séance sans mesure du patient (%s) : l'appareil est attendu de nouveau", erreur.code)
                self._vaine = erreur
                self._taire(max(self.profil.silence_s, RACCROCHER_S))

    def _au_bout(self) -> ErreurPeripherique:
        """Une séance vaine explique mieux le délai que le délai lui-même."""
        return self._vaine or super()._au_bout()

    async def _seance(self, dire: Dire, arme: tuple[float, float], delai_s: float) -> Lecture:
        profil, signalement = self.profil, self.signalement()
        dire.etat(Etape.RECHERCHE)
        appareil = await self._radio.chercher(signalement, delai_s=min(profil.recherche_s, delai_s))
        self._trouve, self._adresse = True, appareil.address
        dire.etat(Etape.TROUVE)
        async with self._radio.relier(appareil, signalement, appairer=profil.appairer) as liaison:
            lecture = await self._ecouter(liaison, dire, arme)
        self._taire(profil.silence_s)
        return lecture

    def _taire(self, duree_s: float) -> None:
        """Il annonce encore, sans rien avoir à dire."""
        if self._adresse and duree_s:
            self._radio.taire(self._adresse, duree_s)

    async def _ecouter(self, liaison: Liaison, dire: Dire, arme: tuple[float, float]) -> Lecture:
        identite = await identifier(liaison)
        horloge_appareil = await self._accorder_heure(liaison)
        self.batterie = await lire_batterie(liaison)
        service = self._service_de(liaison)
        await self._preparer(liaison)
        armement = Armement(*arme, horloge_appareil, identite.nom or self.profil.nom)
        rappels = Rappels(dire.echantillon, lambda: dire.etat(Etape.MESURE), dire.faute)
        ecoute = Ecoute(liaison, service, self.profil, armement, rappels, self._horloge)
        try:
            await ecoute.abonner()
            dire.etat(Etape.ATTENTE)
            return await ecoute.resultat()
        finally:
            self.en_memoire = tuple(ecoute.en_memoire)
            self._faute = ecoute.faute

    async def _preparer(self, liaison: Liaison) -> None:
        """Ce qu'un pilote a de propre à faire avant de s'abonner. Rien, d'ordinaire."""

    async def _accorder_heure(self, liaison: Liaison) -> HorlogeAppareil:
        """Lit l'avance de l'appareil, puis le met à l'heure si son profil le demande et s'il le permet."""
        avance_s = await lire_ecart_horloge(liaison, self._horloge)
        maintenant_s = self._horloge()
        reglee = self.profil.regler_heure and await regler_heure(liaison, maintenant_s)
        return HorlogeAppareil(avance_s, maintenant_s if reglee else None)

    def signalement(self) -> Signalement:
        """À quoi cet appareil se reconnaît sur l'air."""
        premier, *autres = (service.uuid for service in self._services)
        return Signalement(premier, self.profil.noms_annonces, self.profil.adresse, tuple(autres))

    def _service_de(self, liaison: Liaison) -> Service:
        """Le premier service du pilote dont l'appareil a ce qu'il faut. Lève `MesureImpossible` s'il n'y en a pas."""
        for service in self._services:
            if all(liaison.caracteristique(flux.uuid) is not None for flux in service.flux if flux.obligatoire):
                return service
        raise MesureImpossible(
            "Cet appareil n'est pas d'un modèle que la borne connaît.", detail="aucun service du pilote"
        )
