"""Un appareil de mesure virtuel : un vrai périphérique Bluetooth (bumble), sans matériel.

`Jumeau` tient ce que tous ont en commun : l'annonce, la liaison, l'appairage et le chiffrement (LE mode 1 niveau 2),
l'identité, la batterie, l'horloge, et les pannes de `EtatJumeau`. Ce qui se passe une fois la borne abonnée est dans
`seances.py` ; un appareil dit ses services et ses trames : voir `brassard.py`, le plus simple.

Le « bouton » est `presser` ; par défaut s'abonner suffit à lancer une mesure.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic

from bumble import hci
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.gatt import Service
from bumble.keys import MemoryKeyStore, PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from borne.demonstration.gatt import Gatt, services_communs
from borne.demonstration.lien import Controleur, LienVirtuel
from borne.peripheriques.simulation.comportement import EXTINCTIONS, Comportement, EtatJumeau, Phase, V

journal = logging.getLogger(__name__)

_INTERVALLE_ANNONCE_MS: Final = 60.0
SANS_MESURE: Final = frozenset({Comportement.MUET, Comportement.MEMOIRE_SEULE})
"""Comportements où l'appareil ne commence aucune mesure."""
_ETEINT: Final = hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
_RACCROCHE: Final = hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR
_ANNONCE_MAX: Final = 31
"""Octets d'une annonce (Core 5.4, vol 6, part B, 2.3.1.1)."""
_AUTRE_BORNE: Final = "F0:00:00:00:00:AA"


@dataclass(frozen=True, slots=True)
class Identite:
    """Un appareil sur les ondes. `services` : UUID annoncés (16 ou 128 bits). `nom` : dans l'annonce même."""

    nom: str
    adresse: str
    services: tuple[str, ...]
    modele: str
    fabricant: str = "Borne libre"
    serie: str = "0001"
    version: str = "1.0"

    def textes(self) -> dict[str, str]:
        """Les caractéristiques de Device Information (180A)."""
        return {"2A29": self.fabricant, "2A24": self.modele, "2A25": self.serie, "2A26": self.version}


class _Delegue(PairingDelegate):
    """Ni écran ni clavier ; seule la clé de chiffrement est échangée (l'adresse est fixe)."""

    def __init__(self, jumeau: Jumeau[Any]) -> None:
        chiffrement = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY
        super().__init__(PairingDelegate.NO_OUTPUT_NO_INPUT, chiffrement, chiffrement)
        self._jumeau = jumeau

    async def accept(self) -> bool:
        return self._jumeau.mode_appairage


class Jumeau(ABC, Generic[V]):
    """Un appareil virtuel, dans la boucle asyncio en cours.

    `monde` : le lien radio partagé ; sans lui, l'appareil ouvre le sien (`port_hci`, 0 pour un port libre).
    `duree_s` : durée d'une mesure ; `cadence_hz` : valeurs vivantes par seconde ; `delai_bouton_s` : de l'abonnement
    au départ de la mesure.
    """

    IDENTITE: ClassVar[Identite]
    DECLENCHEURS: ClassVar[frozenset[str]]
    """Caractéristiques auxquelles il faut être abonné pour que l'appareil serve."""
    CHIFFRE: ClassVar[bool] = True
    """Les mesures exigent une liaison chiffrée."""
    HORLOGE: ClassVar[str] = "2A2B"
    """Comment on lit et écrit son heure : « 2A2B » (service 1805), « 2A08 » (dans le service de mesure), ou vide."""
    FAUTES: ClassVar[frozenset[str]] = frozenset()
    """Maladresses qu'il sait reconnaître (clés du `Guide`)."""

    def __init__(
        self,
        etat: EtatJumeau[V],
        *,
        monde: LienVirtuel | None = None,
        duree_s: float = 8.0,
        cadence_hz: float = 8.0,
        delai_bouton_s: float = 0.3,
        port_hci: int = 0,
    ) -> None:
        self.etat = etat
        self.monde = monde or LienVirtuel()
        self.port_hci = port_hci
        self.duree_s, self.cadence_hz, self.delai_bouton_s = duree_s, cadence_hz, delai_bouton_s
        self.mesure_a_l_abonnement = True
        self.mode_appairage = True
        """Faux : n'accepte plus de nouvelle borne (il faudrait un appui long)."""
        self.silence_s = 0.0
        """Secondes sans annonce après un résultat rendu."""
        self.phase = Phase.ETEINT
        self.gatt = Gatt(chiffre=self.CHIFFRE, sur_abonnement=self._sur_abonnement)
        self._seul = monde is None
        self._cles = MemoryKeyStore()
        self._mesure: asyncio.Task[None] | None = None
        self._liaison: Connection | None = None
        self._seance: set[asyncio.Task[None]] = set()
        self._taches: set[asyncio.Task[None]] = set()
        self._reveil: asyncio.TimerHandle | None = None
        self._verrou_annonce = asyncio.Lock()
        self.allume = False

    # --- ce que chaque appareil dit de lui ---

    @abstractmethod
    def services(self) -> list[Service]:
        """Ses services de mesure."""

    @abstractmethod
    async def deverser(self, liaison: Connection) -> None:
        """Envoie les mesures d'avant, jamais envoyées, les plus vieilles d'abord."""

    @abstractmethod
    async def mesurer(self, liaison: Connection) -> None:
        """Une mesure, jusqu'à son résultat."""

    # --- vie ---

    @property
    def adresse_hci(self) -> str:
        """`127.0.0.1:port`, à donner à `radio.backends`."""
        return f"127.0.0.1:{self.port_hci}"

    @property
    def mesure_en_cours(self) -> bool:
        """Vrai pendant une mesure."""
        return self._mesure is not None and not self._mesure.done()

    @property
    def relie(self) -> bool:
        """Vrai quand une borne est reliée."""
        return self._liaison is not None

    async def demarrer(self) -> None:
        """Se met à annoncer (et ouvre la prise radio s'il est seul dans son monde)."""
        if self._seul:
            self.port_hci = await self.monde.ouvrir(self.port_hci)
        self._controleur = Controleur(self.IDENTITE.modele, self.monde.lien, self._adresse_publique())
        self._controleur.le_legacy_advertiser.sur_annonce = self._sur_annonce
        self.appareil = self._creer_appareil()
        await self.appareil.power_on()
        self.appareil.on(Device.EVENT_CONNECTION, self._sur_liaison)
        await self.allumer()

    async def fermer(self) -> None:
        """Éteint tout."""
        await self.eteindre()
        if self._seul:
            await self.monde.fermer()
        await asyncio.gather(*self._taches, return_exceptions=True)
        self._controleur.retirer()

    async def allumer(self) -> None:
        """Annonce, sans fin."""
        self.allume = True
        self._oublier_silence()
        await self.ajuster_annonce()

    async def eteindre(self) -> None:
        """N'annonce plus, et raccroche s'il est relié."""
        self.allume = False
        self._oublier_silence()
        self._arreter_mesure()
        await self.ajuster_annonce()
        if self._liaison is not None:
            await self.raccrocher(self._liaison, _ETEINT)

    def arracher_piles(self) -> None:
        """Plus de courant : ni annonce, ni adieu ; la borne voit sa liaison expirer."""
        self.allume = False
        self._arreter_mesure()
        self._controleur.le_legacy_advertiser.stop()
        self._controleur.perdre()
        self.reprendre()

    async def conduire(self, comportement: Comportement) -> None:
        """Change de conduite : `ABSENT` éteint, toute autre rallume."""
        self.etat.comportement = comportement
        if comportement is Comportement.ABSENT:
            await self.eteindre()
        else:
            await self.allumer()

    async def oublier_cles(self) -> None:
        """Perd ses appairages, comme après un changement de piles."""
        await self._cles.delete_all()

    async def appairer_ailleurs(self) -> None:
        """Une autre borne l'a pris : il a ses clés, perdu les nôtres, et n'en accepte plus de nouvelles."""
        await self._cles.delete_all()
        await self._cles.update(_AUTRE_BORNE, PairingKeys(ltk=PairingKeys.Key(value=bytes(16))))
        self.mode_appairage = False

    async def nombre_appairages(self) -> int:
        """Nombre de bornes connues."""
        return len(await self._cles.get_all())

    def presser(self) -> None:
        """Appuie sur le bouton : commence une mesure si une borne est abonnée."""
        if self._liaison is not None and not self.mesure_en_cours:
            self.lancer(self.mesurer(self._liaison))

    # --- radio ---

    def _adresse_publique(self) -> str:
        return "C0:DE:FF" + self.IDENTITE.adresse[8:]

    def _creer_appareil(self) -> Device:
        configuration = DeviceConfiguration(
            name=self.IDENTITE.nom,
            address=hci.Address(self.IDENTITE.adresse),
            advertising_data=self.donnees_annonce(),
        )
        appareil = Device.from_config_with_hci(configuration, self._controleur, AsyncPipeSink(self._controleur))
        appareil.keystore = self._cles
        appareil.pairing_config_factory = lambda _liaison: PairingConfig(
            sc=True, mitm=False, bonding=True, delegate=_Delegue(self)
        )
        communs = services_communs(self.gatt, self.IDENTITE.textes(), self.etat, self.HORLOGE)
        self.gatt.serveur = appareil.gatt_server
        appareil.add_services(self.services() + communs)
        return appareil

    def donnees_annonce(self) -> bytes:
        """Ce que dit l'annonce. Le nom y est : la réponse de balayage du lien virtuel ne fait que la répéter."""
        types = AdvertisingData.Type
        champs = [(types.FLAGS, bytes([0x06]))]
        uuids = [UUID(service).to_bytes() for service in self.IDENTITE.services]
        for taille, genre in (
            (2, types.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS),
            (16, types.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS),
        ):
            liste = b"".join(uuid for uuid in uuids if len(uuid) == taille)
            if liste:
                champs.append((genre, liste))
        nom = self.IDENTITE.nom.encode()
        place = _ANNONCE_MAX - 2 - len(bytes(AdvertisingData(champs)))
        genre = types.COMPLETE_LOCAL_NAME if len(nom) <= place else types.SHORTENED_LOCAL_NAME
        return bytes(AdvertisingData([*champs, (genre, nom[:place])]))

    async def ajuster_annonce(self) -> None:
        """Annonce si et seulement s'il est allumé, libre, hors silence (bumble ne veut pas deux appels de front)."""
        async with self._verrou_annonce:
            voulu = self.annonce_voulue
            # Le contrôleur fait foi : des piles arrachées se taisent sans que bumble le sache.
            if voulu and not self._controleur.le_legacy_advertiser.enabled:
                await self.appareil.start_advertising(
                    advertising_type=self.genre_annonce,
                    advertising_data=self.donnees_annonce(),
                    advertising_interval_min=_INTERVALLE_ANNONCE_MS,
                    advertising_interval_max=_INTERVALLE_ANNONCE_MS,
                )
            elif not voulu:
                await self.appareil.stop_advertising()
            if self._liaison is None:
                self.phase = Phase.ANNONCE if voulu else Phase.ETEINT

    @property
    def annonce_voulue(self) -> bool:
        """Vrai quand il devrait annoncer."""
        return self.allume and self._liaison is None and self._reveil is None

    @property
    def genre_annonce(self) -> AdvertisingType:
        """Ce que l'on peut faire de son annonce."""
        return AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE

    def reprendre(self) -> None:
        """Remet l'annonce dans l'état voulu, dès que possible."""
        self._suivre(self.ajuster_annonce())

    def _oublier_silence(self) -> None:
        if self._reveil is not None:
            self._reveil.cancel()
            self._reveil = None

    def se_taire(self) -> None:
        """Le silence qui suit une séance."""
        if self.silence_s:
            self._oublier_silence()
            self._reveil = asyncio.get_running_loop().call_later(self.silence_s, self._finir_silence)

    def _finir_silence(self) -> None:
        self._reveil = None
        self.reprendre()

    def _sur_annonce(self) -> None:
        # Une balance par annonce mesure et rend en annonçant : sa phase en dit plus.
        if self.phase not in (Phase.MESURE, Phase.RENDU):
            self.coupe_en(Phase.ANNONCE)

    def _sur_liaison(self, liaison: Connection) -> None:
        self._liaison = liaison
        self.gatt.vider()
        liaison.on(Connection.EVENT_DISCONNECTION, self._sur_coupure)
        journal.info("%s : relié", self.IDENTITE.modele)
        self.coupe_en(Phase.RELIE)

    def _sur_coupure(self, _raison: int) -> None:
        journal.info("%s : liaison coupée", self.IDENTITE.modele)
        self._liaison = None
        self.gatt.vider()
        self._arreter_mesure()
        self.reprendre()

    # --- séance ---

    def coupe_en(self, phase: Phase) -> bool:
        """Entre dans une phase ; vrai si les piles sont mortes à ce moment-là."""
        self.phase = phase
        if EXTINCTIONS.get(self.etat.comportement) is not phase:
            return False
        self.arracher_piles()
        return True

    def lancer(self, action: Coroutine[Any, Any, None]) -> None:
        """Commence la mesure : une tâche que la coupure ou l'arrêt annulent."""
        self._mesure = self.accompagner(action)

    def accompagner(self, action: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Une tâche de la séance : la coupure ou l'arrêt l'annulent."""
        tache = self._suivre(action)
        self._seance.add(tache)
        tache.add_done_callback(self._seance.discard)
        return tache

    async def raccrocher(self, liaison: Connection, raison: int = _RACCROCHE) -> None:
        """Coupe la liaison, si la borne ne l'a pas déjà fait."""
        with contextlib.suppress(BaseBumbleError):
            await liaison.disconnect(raison)

    def _suivre(self, action: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        tache = asyncio.get_running_loop().create_task(action)
        self._taches.add(tache)
        tache.add_done_callback(self._taches.discard)
        return tache

    def _arreter_mesure(self) -> None:
        """La liaison perdue ou l'arrêt finissent la mesure : rien ne reste gonflé autour du bras."""
        courante = asyncio.current_task()
        for tache in self._seance:
            if tache is not courante:
                tache.cancel()
        self._mesure = None

    def _sur_abonnement(self, liaison: Connection, uuid: str) -> None:
        """Une caractéristique de plus est demandée ; la séance part quand il y a tout ce qu'il faut."""
        if uuid in self.DECLENCHEURS and self.gatt.abonne(*self.DECLENCHEURS) and not self.mesure_en_cours:
            self.lancer(self._servir(liaison))

    async def _servir(self, liaison: Connection) -> None:
        if self.coupe_en(Phase.ABONNE):
            return
        await self.deverser(liaison)
        if self.mesure_a_l_abonnement and self.etat.comportement not in SANS_MESURE:
            await asyncio.sleep(self.delai_bouton_s)
            await self.mesurer(liaison)
