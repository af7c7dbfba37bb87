"""La balance qui dit son poids dans ses annonces, sans liaison (Xiaomi Mi, OKOK) : on l'écoute, sans la toucher.

Elle répète longtemps la dernière pesée : une pesée n'est au patient que si on l'a vue naître, c'est-à-dire hésiter
avant de se fixer pendant l'armement. Celle qui était déjà là en arrivant est à qui est descendu.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.conduite import Conduite, Dire
from borne.peripheriques.appareils.contrat import Etape, Nature, Sondage
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.ble import Radio, Signalement
from borne.peripheriques.formats import Lecture
from borne.peripheriques.formats.annonces import pesee_annoncee

journal = logging.getLogger(__name__)

_SERVICE: Final = "181D"
_SERVICE_COMPOSITION: Final = "181B"
_HESITATION_S: Final = 10.0
"""Une balance se fixe en quelques secondes sous qui ne bouge pas."""


@dataclass(frozen=True, slots=True)
class ProfilBalanceAnnonce:
    """Une balance à annonces. `noms_annonces` : débuts de nom, pour celles qui n'annoncent pas de service."""

    nom: str = "Pèse-personne"
    noms_annonces: tuple[str, ...] = ()
    adresse: str | None = None


class BalanceAnnonce(Conduite):
    """Le pilote. `radio` : le transport partagé de la borne ; `horloge` : secondes Unix."""

    nature = Nature.POIDS
    guide = replace(GUIDES[Nature.POIDS], fautes=("bouge", "descendu-trop-tot"))

    def __init__(
        self, radio: Radio, profil: ProfilBalanceAnnonce | None = None, *, horloge: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self.profil = profil or ProfilBalanceAnnonce()
        self.dort = True
        self._radio = radio
        self._horloge = horloge

    async def _mesurer(self, dire: Dire, delai_s: float) -> Lecture:
        ecoute = _Pesee(dire, self._horloge, self.profil.nom)
        dire.etat(Etape.RECHERCHE)
        try:
            return await self._radio.guetter(self.signalement(), ecoute.regarder, delai_s=delai_s)
        finally:
            self.en_memoire = ecoute.en_memoire
            self._trouve = ecoute.etape is not Etape.RECHERCHE
            self._faute = ecoute.faute

    async def _sonder(self, delai_s: float) -> Sondage:
        """Une annonce suffit : la balance n'a ni pile ni horloge à dire. Endormie, elle n'annonce rien : y monter."""
        nom = await self._radio.guetter(self.signalement(), _nom_de_balance, delai_s=delai_s)
        return Sondage(repond=True, modele=nom or self.profil.nom)

    def signalement(self) -> Signalement:
        """À quoi cet appareil se reconnaît sur l'air."""
        profil = self.profil
        return Signalement(_SERVICE, profil.noms_annonces, profil.adresse, (_SERVICE_COMPOSITION,), diffuse=True)


def _nom_annonce(appareil: BLEDevice, annonce: AdvertisementData) -> str:
    return annonce.local_name or appareil.name or ""


def _nom_de_balance(appareil: BLEDevice, annonce: AdvertisementData) -> str | None:
    porte = pesee_annoncee(annonce.service_data, annonce.manufacturer_data) is not None
    return _nom_annonce(appareil, annonce) if porte else None


class _Pesee:
    """Ce que les annonces d'un armement apprennent."""

    def __init__(self, dire: Dire, horloge: Callable[[], float], nom: str) -> None:
        self.en_memoire: tuple[Lecture, ...] = ()
        self.faute = ""
        self._dire = dire
        self._horloge = horloge
        self._nom = nom
        self.etape = Etape.RECHERCHE
        self._hesite_depuis_s: float | None = None
        """Depuis quand quelqu'un y est, que l'on a vu monter ; None : personne."""
        self._entendues: dict[int, bytes] = {}

    def regarder(self, appareil: BLEDevice, annonce: AdvertisementData) -> Lecture | None:
        """La pesée du patient, quand elle est faite ; None tant qu'elle ne l'est pas."""
        lecture = pesee_annoncee(annonce.service_data, self._neuves(annonce.manufacturer_data))
        if lecture is None:
            return None
        lecture = lecture.estampillee(self._horloge(), _nom_annonce(appareil, annonce) or self._nom)
        poids = lecture.valeur(m.POIDS)
        if self.etape is Etape.RECHERCHE:
            self._passer(Etape.ATTENTE)
        if poids is not None and not lecture.details["removed"]:
            self._dire.echantillon(Echantillon(m.POIDS, poids, lecture.mesures[0].unite, lecture.mesures[0].instant))
        if lecture.details["stable"]:
            return self._finie(lecture, poids)
        self._hesitante(lecture, poids)
        return None

    def _neuves(self, fabricant: dict[int, bytes]) -> dict[int, bytes]:
        """Ce que cette annonce a de nouveau : BlueZ y laisse les données des annonces d'avant, sous leur numéro."""
        neuves = {numero: octets for numero, octets in fabricant.items() if self._entendues.get(numero) != octets}
        self._entendues = dict(fabricant)
        return neuves

    def _hesitante(self, lecture: Lecture, poids: float | None) -> None:
        if lecture.details["removed"] or poids is None:
            self._hesite_depuis_s = None
            self._accuser("descendu-trop-tot" if self.etape is Etape.MESURE else "")
            return
        if self._hesite_depuis_s is None:
            self._hesite_depuis_s = lecture.mesures[0].instant
        agite = lecture.mesures[0].instant - self._hesite_depuis_s > _HESITATION_S
        self._accuser("bouge" if agite else "")
        self._passer(Etape.MESURE)

    def _finie(self, lecture: Lecture, poids: float | None) -> Lecture | None:
        if poids is None:
            return None
        if self._hesite_depuis_s is not None:
            return lecture
        if not self.en_memoire:
            journal.info("pesée déjà annoncée : non attribuée")
            self.en_memoire = (lecture,)
        return None

    def _passer(self, etape: Etape) -> None:
        if etape is not self.etape:
            self.etape = etape
            self._dire.etat(etape)

    def _accuser(self, faute: str) -> None:
        if faute != self.faute:
            self.faute = faute
            self._dire.faute(faute)
