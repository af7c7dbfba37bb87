"""Un appareil de mesure virtuel : un vrai périphérique Bluetooth (bumble), sans matériel.

`Jumeau` tient ce que tous ont en commun : l'annonce, la liaison, l'appairage et le chiffrement (LE mode 1 niveau 2),
l'identité, la batterie, l'horloge, la mémoire déversée, et les pannes de `EtatJumeau`. Un appareil dit en plus
ses services, ses valeurs vivantes et sa trame finale : voir `brassard.py`, le plus simple.

Le « bouton » est `presser` ; par défaut s'abonner suffit à lancer une mesure.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Generic

from bumble import hci
from bumble.att import ATT_Error, Attribute, AttributeValue, ErrorCode
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, Descriptor, Service
from bumble.keys import MemoryKeyStore, PairingKeys
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from borne.demonstration.lien import Controleur, LienVirtuel
from borne.peripheriques.erreurs import TrameInvalide
from borne.peripheriques.formats import decoder
from borne.peripheriques.simulation.comportement import EXTINCTIONS, Comportement, EtatJumeau, Phase, V
from borne.peripheriques.simulation.octets import coder_date

journal = logging.getLogger(__name__)

LIT: Final = Characteristic.Properties.READ
ECRIT: Final = Characteristic.Properties.WRITE
NOTIFIE: Final = Characteristic.Properties.NOTIFY
INDIQUE: Final = Characteristic.Properties.INDICATE

_CCCD: Final = UUID.from_16_bits(0x2902, "Client Characteristic Configuration")
_INTERVALLE_ANNONCE_MS: Final = 60.0
_PART_MESURE: Final = 0.3
"""Part des valeurs vivantes envoyées quand la phase MESURE est tenue pour commencée."""
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
        self._seul = monde is None
        self._cles = MemoryKeyStore()
        self._mesure: asyncio.Task[None] | None = None
        self._liaison: Connection | None = None
        self._abonnes: set[str] = set()
        self._reprises: set[asyncio.Task[None]] = set()
        self._reveil: asyncio.TimerHandle | None = None
        self._verrou_annonce = asyncio.Lock()
        self._allume = False

    # --- ce que chaque appareil dit de lui ---

    @abstractmethod
    def services(self) -> list[Service]:
        """Ses services de mesure."""

    @abstractmethod
    def trame_finale(self) -> tuple[bytes, V | None]:
        """Le résultat de la mesure qui finit, et ce qu'il porte (None : rien)."""

    @abstractmethod
    def trame_memoire(self, valeur: V, instant: datetime) -> bytes:
        """Une mesure d'avant."""

    @abstractmethod
    async def rendre(self, liaison: Connection, trame: bytes) -> None:
        """Envoie un résultat, et attend l'accusé s'il y en a un."""

    async def vivantes(self, liaison: Connection) -> AsyncIterator[float]:
        """Envoie une à une les valeurs vivantes d'une mesure ; donne à chacune la part faite (0 à 1)."""
        pas = max(1, round(self.duree_s * self.cadence_hz))
        for rang in range(pas):
            yield rang / pas

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
        self._appareil = self._creer_appareil()
        await self._appareil.power_on()
        self._appareil.on(Device.EVENT_CONNECTION, self._sur_liaison)
        await self.allumer()

    async def fermer(self) -> None:
        """Éteint tout."""
        mesure = self._mesure
        await self.eteindre()
        if self._seul:
            await self.monde.fermer()
        await asyncio.gather(*(t for t in (mesure, *self._reprises) if t is not None), return_exceptions=True)
        self._controleur.retirer()

    async def allumer(self) -> None:
        """Annonce, sans fin."""
        self._allume = True
        self._oublier_silence()
        await self._ajuster_annonce()

    async def eteindre(self) -> None:
        """N'annonce plus, et raccroche s'il est relié."""
        self._allume = False
        self._oublier_silence()
        self._arreter_mesure()
        await self._ajuster_annonce()
        if self._liaison is not None:
            with contextlib.suppress(BaseBumbleError):
                await self._liaison.disconnect(
                    hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
                )

    def arracher_piles(self) -> None:
        """Plus de courant : ni annonce, ni adieu ; la borne voit sa liaison expirer."""
        self._allume = False
        self._controleur.le_legacy_advertiser.stop()
        self._controleur.perdre()
        self._reprendre()

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
            self._lancer(self._mesurer(self._liaison))

    # --- GATT ---

    def caracteristique(
        self,
        uuid: str,
        proprietes: Characteristic.Properties,
        valeur: bytes | AttributeValue[bytes] = b"",
        *,
        chiffre: bool | None = None,
    ) -> Characteristic[bytes]:
        """Une caractéristique de mesure ; son CCCD et son contenu exigent le chiffrement si l'appareil l'exige."""
        droits = Attribute.Permissions(0)
        if proprietes & (LIT | NOTIFIE | INDIQUE):
            droits |= Attribute.READABLE
        if proprietes & ECRIT:
            droits |= Attribute.WRITEABLE
        if self.CHIFFRE if chiffre is None else chiffre:
            droits |= Attribute.READ_REQUIRES_ENCRYPTION | Attribute.WRITE_REQUIRES_ENCRYPTION
        faite = Characteristic[bytes](uuid, proprietes, droits, valeur)
        if proprietes & (NOTIFIE | INDIQUE):
            faite.descriptors = [self._cccd(uuid, faite)]
        return faite

    def abonne(self, *uuids: str) -> bool:
        """Vrai si la borne reliée est abonnée à chacune de ces caractéristiques."""
        return set(uuids) <= self._abonnes

    async def notifier(self, liaison: Connection, caracteristique: Characteristic[bytes], trame: bytes) -> None:
        """Notifie la borne, si elle est abonnée."""
        await self._appareil.notify_subscriber(liaison, caracteristique, trame)

    async def indiquer(self, liaison: Connection, caracteristique: Characteristic[bytes], trame: bytes) -> None:
        """Indique à la borne, et attend son accusé."""
        await self._appareil.indicate_subscriber(liaison, caracteristique, trame)

    def date_heure(self) -> Characteristic[bytes]:
        """La caractéristique 2A08 (Date Time), lue et écrite."""
        return self._horloge("2A08", lambda: coder_date(self.etat.maintenant()))

    def _heure_courante(self) -> bytes:
        maintenant = self.etat.maintenant()
        return coder_date(maintenant) + bytes([maintenant.isoweekday(), 0, 0])

    def _horloge(self, uuid: str, coder: Any) -> Characteristic[bytes]:
        def ecrire(_liaison: Connection, octets: bytes) -> None:
            try:
                instant = decoder(uuid, octets).instant
            except TrameInvalide:
                raise ATT_Error(ErrorCode.VALUE_NOT_ALLOWED) from None
            heure = instant.en_datetime() if instant is not None else None
            if heure is None or not self.etat.regler(heure):
                raise ATT_Error(ErrorCode.VALUE_NOT_ALLOWED)

        valeur = AttributeValue(lambda _liaison: coder(), ecrire)
        return self.caracteristique(uuid, LIT | ECRIT, valeur, chiffre=False)

    def _services_communs(self) -> list[Service]:
        batterie = AttributeValue(lambda _liaison: bytes([self.etat.batterie]))
        identite = self.IDENTITE
        textes = {
            "2A29": identite.fabricant,
            "2A24": identite.modele,
            "2A25": identite.serie,
            "2A26": identite.version,
        }
        communs = [
            Service("180F", [self.caracteristique("2A19", LIT, batterie, chiffre=False)]),
            Service(
                "180A",
                [self.caracteristique(uuid, LIT, texte.encode(), chiffre=False) for uuid, texte in textes.items()],
            ),
        ]
        if self.HORLOGE == "2A2B":
            communs.append(Service("1805", [self._horloge("2A2B", self._heure_courante)]))
        return communs

    def _cccd(self, uuid: str, caracteristique: Characteristic[bytes]) -> Descriptor:
        """Un CCCD qui exige le chiffrement ; son écriture passe par le serveur GATT, qui tient les abonnés."""

        def lire(liaison: Connection) -> bytes:
            return self._appareil.gatt_server.read_cccd(liaison, caracteristique)

        def ecrire(liaison: Connection, valeur: bytes) -> None:
            self._appareil.gatt_server.write_cccd(liaison, caracteristique, valeur)
            if any(valeur):
                self._abonnes.add(uuid)
                self._sur_abonnement(liaison, uuid)
            else:
                self._abonnes.discard(uuid)

        droits = Attribute.READABLE | Attribute.WRITEABLE
        if self.CHIFFRE:
            droits |= Attribute.WRITE_REQUIRES_ENCRYPTION
        return Descriptor(_CCCD, droits, AttributeValue(lire, ecrire))

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
        appareil.add_services(self.services() + self._services_communs())
        return appareil

    def donnees_annonce(self) -> bytes:
        """Ce que dit l'annonce. Le nom y est : la réponse de balayage du lien virtuel ne fait que la répéter."""
        types = AdvertisingData.Type
        champs = [(types.FLAGS, bytes([0x06]))]
        uuids = [UUID(service) for service in self.IDENTITE.services]
        for taille, genre in (
            (2, types.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS),
            (16, types.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS),
        ):
            liste = b"".join(uuid.to_bytes() for uuid in uuids if len(uuid.to_bytes()) == taille)
            if liste:
                champs.append((genre, liste))
        champs.append((types.COMPLETE_LOCAL_NAME, self.IDENTITE.nom.encode()))
        return bytes(AdvertisingData(champs))

    async def _ajuster_annonce(self) -> None:
        """Annonce si et seulement s'il est allumé, libre, hors silence (bumble ne veut pas deux appels de front)."""
        async with self._verrou_annonce:
            voulu = self._allume and self._liaison is None and self._reveil is None
            if voulu and not self._appareil.is_advertising:
                await self._appareil.start_advertising(
                    advertising_type=self._genre_annonce(),
                    advertising_data=self.donnees_annonce(),
                    advertising_interval_min=_INTERVALLE_ANNONCE_MS,
                    advertising_interval_max=_INTERVALLE_ANNONCE_MS,
                )
            elif not voulu:
                await self._appareil.stop_advertising()
            if self._liaison is None:
                self.phase = Phase.ANNONCE if voulu else Phase.ETEINT

    @staticmethod
    def _genre_annonce() -> AdvertisingType:
        return AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE

    def _reprendre(self) -> None:
        """Remet l'annonce dans l'état voulu, dès que possible."""
        reprise = asyncio.get_running_loop().create_task(self._ajuster_annonce())
        self._reprises.add(reprise)
        reprise.add_done_callback(self._reprises.discard)

    def _oublier_silence(self) -> None:
        if self._reveil is not None:
            self._reveil.cancel()
            self._reveil = None

    def _se_taire(self) -> None:
        """Le silence qui suit une séance."""
        if self.silence_s:
            self._oublier_silence()
            self._reveil = asyncio.get_running_loop().call_later(self.silence_s, self._finir_silence)

    def _finir_silence(self) -> None:
        self._reveil = None
        self._reprendre()

    def _sur_annonce(self) -> None:
        self._coupe_en(Phase.ANNONCE)

    def _sur_liaison(self, liaison: Connection) -> None:
        self._liaison = liaison
        self._abonnes.clear()
        liaison.on(Connection.EVENT_DISCONNECTION, self._sur_coupure)
        journal.info("%s : relié", self.IDENTITE.modele)
        self._coupe_en(Phase.RELIE)

    def _sur_coupure(self, _raison: int) -> None:
        journal.info("%s : liaison coupée", self.IDENTITE.modele)
        self._liaison = None
        self._abonnes.clear()
        self._arreter_mesure()
        self._reprendre()

    # --- séance ---

    def _coupe_en(self, phase: Phase) -> bool:
        """Entre dans une phase ; vrai si les piles sont mortes à ce moment-là."""
        self.phase = phase
        if EXTINCTIONS.get(self.etat.comportement) is not phase:
            return False
        self.arracher_piles()
        return True

    def _lancer(self, action: Any) -> None:
        self._mesure = asyncio.get_running_loop().create_task(action)

    def _arreter_mesure(self) -> None:
        """La liaison perdue ou l'arrêt finissent la mesure : rien ne reste gonflé autour du bras."""
        if self._mesure is not None and self._mesure is not asyncio.current_task():
            self._mesure.cancel()
        self._mesure = None

    def _sur_abonnement(self, liaison: Connection, uuid: str) -> None:
        """Une caractéristique de plus est demandée ; la séance part quand il y a tout ce qu'il faut."""
        if uuid in self.DECLENCHEURS and self.abonne(*self.DECLENCHEURS) and not self.mesure_en_cours:
            self._lancer(self._servir(liaison))

    async def _servir(self, liaison: Connection) -> None:
        if self._coupe_en(Phase.ABONNE):
            return
        await self._deverser(liaison)
        if self.etat.comportement is Comportement.MEMOIRE_SEULE:
            await liaison.disconnect()
        elif self.mesure_a_l_abonnement and self.etat.comportement is not Comportement.MUET:
            await asyncio.sleep(self.delai_bouton_s)
            await self._mesurer(liaison)

    async def _deverser(self, liaison: Connection) -> None:
        while self.etat.memoire:
            valeur, instant = self.etat.memoire.pop(0)
            trame = self.trame_memoire(valeur, instant)
            await self.rendre(liaison, trame)
            self.etat.noter(trame, valeur, en_memoire=True)

    async def _mesurer(self, liaison: Connection) -> None:
        self.etat.mesures_commencees += 1
        async for part in self.vivantes(liaison):
            if part >= _PART_MESURE and self.phase is not Phase.MESURE and self._coupe_en(Phase.MESURE):
                return
            await asyncio.sleep(1 / self.cadence_hz)
        trame, valeur = self.trame_finale()
        trame = self.etat.abimer(trame)
        await self.rendre(liaison, trame)
        self.etat.noter(trame, valeur)
        self._se_taire()
        if not self._coupe_en(Phase.RENDU) and self.etat.comportement is Comportement.COUPER_APRES:
            await liaison.disconnect()
