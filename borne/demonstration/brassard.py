"""Le brassard virtuel : un vrai périphérique Bluetooth (bumble), dans son propre processus.

Tuer la borne ne tue pas le brassard. `python -m borne.demonstration.brassard --port-hci 0 --port-commande 0` écrit
une ligne JSON (`port_hci`, `port_commande`) puis sert jusqu'à SIGTERM ; les ordres sont ceux de `commande.py`.

Services : Blood Pressure (0x1810, chiffrement exigé), Battery (0x180F), Device Information (0x180A), comme un
appareil du commerce. Le gonflage part quand les indications de 2A35 sont demandées (le « bouton » virtuel).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime
from typing import Final

from bumble import hci
from bumble.att import Attribute, AttributeValue
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, Descriptor, Service
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from borne.demonstration.lien import Controleur, LienVirtuel
from borne.peripheriques.simulation.brassard import Comportement, EtatBrassard
from borne.peripheriques.simulation.octets import coder_date
from borne.peripheriques.simulation.tension import Tension, coder_mesure, coder_pression, courbe

journal = logging.getLogger(__name__)

NOM: Final = "BORNE-TENSION"
ADRESSE: Final = "F1:B0:14:E0:00:01"
_CCCD: Final = UUID.from_16_bits(0x2902, "Client Characteristic Configuration")
_INTERVALLE_ANNONCE_MS: Final = 60.0
_BATTERIE: Final = 87


def _delegue() -> PairingDelegate:
    """Ni écran ni clavier ; seule la clé de chiffrement est échangée (l'adresse est fixe)."""
    chiffrement = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY
    return PairingDelegate(PairingDelegate.NO_OUTPUT_NO_INPUT, chiffrement, chiffrement)


class BrassardVirtuel:
    """Un tensiomètre de bras Bluetooth. Utilisable tel quel dans une boucle asyncio, ou par son processus.

    `duree_s` : durée d'une mesure ; `cadence_hz` : trames 2A36 par seconde ; `port_hci` : 0 pour un port libre.
    """

    def __init__(
        self,
        *,
        duree_s: float = 8.0,
        cadence_hz: float = 8.0,
        delai_bouton_s: float = 0.3,
        port_hci: int = 0,
        etat: EtatBrassard | None = None,
    ) -> None:
        self.etat = etat or EtatBrassard()
        self.duree_s = duree_s
        self.cadence_hz = cadence_hz
        self.delai_bouton_s = delai_bouton_s
        self.gonfle_a_l_abonnement = True
        self.port_hci = port_hci
        self.monde = LienVirtuel()
        self._cles = MemoryKeyStore()
        self._mesure: asyncio.Task[None] | None = None
        self._liaison: Connection | None = None
        self._reprise: asyncio.Task[None] | None = None
        self._verrou_annonce = asyncio.Lock()
        self._allume = False

    @property
    def adresse_hci(self) -> str:
        """`127.0.0.1:port`, à donner à `radio.backends`."""
        return f"127.0.0.1:{self.port_hci}"

    @property
    def mesure_en_cours(self) -> bool:
        """Vrai pendant le gonflage et le dégonflage."""
        return self._mesure is not None and not self._mesure.done()

    @property
    def relie(self) -> bool:
        """Vrai quand une borne est reliée."""
        return self._liaison is not None

    # --- vie ---

    async def demarrer(self) -> None:
        """Ouvre la prise radio et se met à annoncer."""
        self.port_hci = await self.monde.ouvrir(self.port_hci)
        self._controleur = Controleur("brassard", link=self.monde.lien, public_address="C0:DE:FF:00:00:01")
        self._appareil = self._creer_appareil()
        await self._appareil.power_on()
        self._appareil.on(Device.EVENT_CONNECTION, self._sur_liaison)
        await self.allumer()

    async def fermer(self) -> None:
        """Éteint tout."""
        mesure = self._mesure
        await self.eteindre()
        await self.monde.fermer()
        await asyncio.gather(*(t for t in (mesure, self._reprise) if t is not None), return_exceptions=True)

    async def allumer(self) -> None:
        """Annonce, sans fin."""
        self._allume = True
        await self._ajuster_annonce()

    async def eteindre(self) -> None:
        """N'annonce plus, et coupe la liaison s'il y en a une."""
        self._allume = False
        self._arreter_mesure()
        await self._ajuster_annonce()
        if self._liaison is not None:
            with contextlib.suppress(BaseBumbleError):
                await self._liaison.disconnect(
                    hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
                )

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

    async def nombre_appairages(self) -> int:
        """Nombre de bornes connues."""
        return len(await self._cles.get_all())

    def presser(self) -> None:
        """Appuie sur le bouton : commence une mesure si une borne est abonnée."""
        if self._liaison is not None and not self.mesure_en_cours:
            self._mesure = asyncio.get_running_loop().create_task(self._mesurer(self._liaison))

    # --- radio ---

    def _creer_appareil(self) -> Device:
        configuration = DeviceConfiguration(
            name=NOM, address=hci.Address(ADRESSE), advertising_data=self._donnees_annonce()
        )
        appareil = Device.from_config_with_hci(
            configuration,
            self._controleur,
            AsyncPipeSink(self._controleur),
        )
        appareil.keystore = self._cles
        appareil.pairing_config_factory = lambda _liaison: PairingConfig(
            sc=True, mitm=False, bonding=True, delegate=_delegue()
        )
        appareil.add_services(self._services())
        return appareil

    @staticmethod
    def _donnees_annonce() -> bytes:
        # Le nom est dans l'annonce même : la réponse de balayage du lien virtuel ne fait que la répéter.
        types = AdvertisingData.Type
        return bytes(
            AdvertisingData(
                [
                    (types.FLAGS, bytes([0x06])),
                    (types.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, bytes.fromhex("1018")),
                    (types.COMPLETE_LOCAL_NAME, NOM.encode()),
                ]
            )
        )

    def _services(self) -> list[Service]:
        lecture, notifie, indique = (
            Characteristic.Properties.READ,
            Characteristic.Properties.NOTIFY,
            Characteristic.Properties.INDICATE,
        )
        chiffree = Attribute.READABLE | Attribute.READ_REQUIRES_ENCRYPTION
        self._resultat = Characteristic[bytes]("2A35", indique, chiffree, b"")
        self._pression = Characteristic[bytes]("2A36", notifie, chiffree, b"")
        for caracteristique in (self._resultat, self._pression):
            caracteristique.descriptors = [self._cccd(caracteristique)]
        heure = AttributeValue(lambda _porteur: coder_date(self._maintenant()) + bytes(3))
        tension = [
            self._resultat,
            self._pression,
            Characteristic("2A49", lecture, chiffree, bytes.fromhex("2700")),
        ]
        batterie = [Characteristic("2A19", lecture, Attribute.READABLE, bytes([_BATTERIE]))]
        horloge = [Characteristic[bytes]("2A2B", lecture, Attribute.READABLE, heure)]
        identite = [
            Characteristic(uuid, lecture, Attribute.READABLE, texte.encode())
            for uuid, texte in (
                ("2A29", "Borne libre"),
                ("2A24", "Brassard virtuel"),
                ("2A25", "0001"),
                ("2A26", "1.0"),
            )
        ]
        return [
            Service("1810", tension),
            Service("180F", batterie),
            Service("1805", horloge),
            Service("180A", identite),
        ]

    def _maintenant(self) -> datetime:
        return datetime.fromtimestamp(self.etat.horloge())

    def _cccd(self, caracteristique: Characteristic[bytes]) -> Descriptor:
        """Un CCCD qui exige le chiffrement ; son écriture passe par le serveur GATT, qui tient les abonnés."""

        def lire(liaison: Connection) -> bytes:
            return self._appareil.gatt_server.read_cccd(liaison, caracteristique)

        def ecrire(liaison: Connection, valeur: bytes) -> None:
            self._appareil.gatt_server.write_cccd(liaison, caracteristique, valeur)
            if caracteristique is self._resultat and valeur[:1] == b"\x02":
                self._sur_abonnement(liaison)

        droits = Attribute.READABLE | Attribute.WRITEABLE | Attribute.WRITE_REQUIRES_ENCRYPTION
        return Descriptor(_CCCD, droits, AttributeValue(lire, ecrire))

    async def _ajuster_annonce(self) -> None:
        """Annonce si et seulement s'il est allumé et libre (bumble ne supporte pas deux appels de front)."""
        async with self._verrou_annonce:
            voulu = self._allume and self._liaison is None
            if voulu and not self._appareil.is_advertising:
                await self._appareil.start_advertising(
                    advertising_interval_min=_INTERVALLE_ANNONCE_MS,
                    advertising_interval_max=_INTERVALLE_ANNONCE_MS,
                )
            elif not voulu:
                await self._appareil.stop_advertising()

    def _sur_liaison(self, liaison: Connection) -> None:
        self._liaison = liaison
        liaison.on(Connection.EVENT_DISCONNECTION, self._sur_coupure)
        journal.info("brassard virtuel : relié")

    def _sur_coupure(self, _raison: int) -> None:
        journal.info("brassard virtuel : liaison coupée")
        self._liaison = None
        self._arreter_mesure()
        self._reprise = asyncio.get_running_loop().create_task(self._ajuster_annonce())

    # --- mesure ---

    def _arreter_mesure(self) -> None:
        """La liaison perdue ou l'arrêt vident le brassard : rien ne reste gonflé autour du bras."""
        if self._mesure is not None and self._mesure is not asyncio.current_task():
            self._mesure.cancel()
        self._mesure = None

    def _sur_abonnement(self, liaison: Connection) -> None:
        if not self.mesure_en_cours:
            self._mesure = asyncio.get_running_loop().create_task(self._servir(liaison))

    async def _servir(self, liaison: Connection) -> None:
        while self.etat.memoire:
            tension, instant = self.etat.memoire.pop(0)
            await self._indiquer(liaison, coder_mesure(tension, instant), tension, en_memoire=True)
        if self.gonfle_a_l_abonnement and self.etat.comportement is not Comportement.MUET:
            await asyncio.sleep(self.delai_bouton_s)
            await self._mesurer(liaison)

    async def _mesurer(self, liaison: Connection) -> None:
        self.etat.mesures_commencees += 1
        eteindre_a = 0.3 if self.etat.comportement is Comportement.ETEINDRE_EN_GONFLANT else 2.0
        points = list(courbe(self.etat.tension, self.duree_s, self.cadence_hz))
        for rang, pression in enumerate(points):
            await self._appareil.notify_subscriber(liaison, self._pression, coder_pression(pression))
            if rang / len(points) >= eteindre_a:
                await self.eteindre()
                return
            await asyncio.sleep(1 / self.cadence_hz)
        await self._indiquer(liaison, self.etat.trame_finale(), self.etat.tension)
        if self.etat.comportement is Comportement.COUPER_APRES:
            await liaison.disconnect()

    async def _indiquer(
        self, liaison: Connection, trame: bytes, tension: Tension, *, en_memoire: bool = False
    ) -> None:
        await self._appareil.indicate_subscriber(liaison, self._resultat, trame)
        self.etat.noter(trame, tension, en_memoire=en_memoire)


if __name__ == "__main__":
    from borne.demonstration.commande import principal

    principal()
