"""Le transport Bluetooth Low Energy des pilotes, au-dessus de bleak.

Un pilote demande « cherche un appareil qui ressemble à ceci » puis « relie-moi » ; il ne sait pas si la radio est
BlueZ ou virtuelle (les classes de bleak sont injectées). Ce que l'on sait de BlueZ et que l'on pare ici : un second
balayage répond InProgress ; un appel peut pendre sans fin ; un appareil qui a perdu ses clés laisse une liaison
inutile jusqu'à ce que l'on oublie l'appairage ; une borne tuée laisse l'appareil relié, donc muet au balayage.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from bleak.uuids import normalize_uuid_str
from dbus_fast.errors import DBusError

from borne.peripheriques.agent_bluez import AgentBluez
from borne.peripheriques.erreurs import (
    AppairageRefuse,
    AppareilAbsent,
    AppareilPerdu,
    ErreurPeripherique,
    RadioIndisponible,
)

journal = logging.getLogger(__name__)

T = TypeVar("T")

ATT_ACCEPTE: Final = 0x00
ATT_IMPROBABLE: Final = 0x0E
"""Unlikely Error : ce que vaut un refus dont l'appareil, ou le système, ne dit pas la raison."""

_TENTATIVES: Final = 3
_PANNES: Final = (BleakError, DBusError, OSError, EOFError)
"""Ce que bleak laisse passer : ses erreurs, et celles du bus D-Bus quand il manque ou meurt."""
_PAUSE_OCCUPE_S: Final = 0.5
_MOTS_DE_CLES: Final = ("auth", "encrypt", "key missing", "insufficient", "bond")
"""Ce que disent BlueZ et ATT quand l'appairage manque, est refusé ou ne vaut plus."""


class Agent(Protocol):
    """Ce qui répond à BlueZ pendant un appairage (`agent_bluez.AgentBluez`)."""

    async def assurer(self) -> None:
        """Inscrit l'agent s'il ne l'est pas."""

    async def fermer(self) -> None:
        """Le retire."""


@dataclass(frozen=True, slots=True)
class Delais:
    """Secondes au-delà desquelles une étape est abandonnée."""

    connexion_s: float = 20.0
    operation_s: float = 10.0
    fermeture_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Signalement:
    """À quoi on reconnaît un appareil : un service annoncé (UUID de 16 ou 128 bits), ou le début de son nom."""

    service: str
    noms: tuple[str, ...] = ()
    adresse: str | None = None
    """Adresse imposée par la configuration, quand plusieurs appareils semblables sont à portée."""
    autres_services: tuple[str, ...] = ()
    """Ceux des appareils de même usage qui ont un service à eux."""

    @property
    def services(self) -> list[str]:
        """Tous les services qui conviennent, UUID entiers."""
        return [normalize_uuid_str(uuid) for uuid in (self.service, *self.autres_services)]

    def convient(self, appareil: BLEDevice, annonce: AdvertisementData) -> bool:
        """Vrai si cette annonce est celle de l'appareil cherché."""
        if self.adresse is not None:
            return appareil.address.upper() == self.adresse.upper()
        nom = annonce.local_name or appareil.name or ""
        return any(uuid in annonce.service_uuids for uuid in self.services) or nom.startswith(self.noms)


class Liaison:
    """Une liaison ouverte : lire, écrire, s'abonner, chacune avec son délai. `coupee` : la liaison est tombée."""

    def __init__(self, client: BleakClient, coupee: asyncio.Event, delais: Delais) -> None:
        self._client = client
        self._delais = delais
        self.coupee = coupee
        self._abonnements: dict[BleakGATTCharacteristic, Callable[[bytes], None]] = {}

    @property
    def adresse(self) -> str:
        """Adresse de l'appareil."""
        return self._client.address

    def caracteristique(self, uuid: str) -> BleakGATTCharacteristic | None:
        """La caractéristique de cet UUID de 16 bits, ou None. Lève `AppareilPerdu` si la liaison est tombée."""
        entier = normalize_uuid_str(uuid)
        try:
            return next((c for c in self._client.services.characteristics.values() if c.uuid == entier), None)
        except BleakError as erreur:
            raise AppareilPerdu(detail=f"services oubliés avant {uuid}") from erreur

    async def lire(self, uuid: str) -> bytes | None:
        """Les octets d'une caractéristique ; None si l'appareil ne l'a pas ou la refuse.

        Lève `AppareilPerdu` si la liaison tombe.
        """
        caracteristique = self.caracteristique(uuid)
        if caracteristique is None or "read" not in caracteristique.properties:
            return None
        try:
            return bytes(await self._bornee(self._client.read_gatt_char(caracteristique), f"lecture {uuid}"))
        except _PANNES as erreur:
            if self.coupee.is_set():
                raise AppareilPerdu(detail=f"lecture {uuid}") from erreur
            journal.warning("lecture de %s refusée : %s", uuid, type(erreur).__name__)
            return None

    async def ecrire(self, uuid: str, octets: bytes) -> bool:
        """Écrit une caractéristique ; faux si l'appareil ne l'a pas ou la refuse."""
        return await self.demander(uuid, octets) == ATT_ACCEPTE

    async def demander(self, uuid: str, octets: bytes) -> int:
        """Écrit une caractéristique, avec réponse si elle l'admet ; rend le code d'erreur ATT, 0 si c'est accepté.

        0x0A : l'appareil n'a pas cette caractéristique. Lève `AppareilPerdu` si la liaison tombe.
        """
        caracteristique = self.caracteristique(uuid)
        modes = () if caracteristique is None else caracteristique.properties
        if caracteristique is None or not {"write", "write-without-response"}.intersection(modes):
            return int(BleakGATTProtocolErrorCode.ATTRIBUTE_NOT_FOUND)
        try:
            ecriture = self._client.write_gatt_char(caracteristique, octets, response="write" in modes)
            await self._bornee(ecriture, f"écriture {uuid}")
        except _PANNES as erreur:
            if self.coupee.is_set():
                raise AppareilPerdu(detail=f"écriture {uuid}") from erreur
            journal.warning("écriture de %s refusée : %s", uuid, type(erreur).__name__)
            return _code_att(erreur)
        return ATT_ACCEPTE

    async def abonner(self, uuid: str, rappel: Callable[[bytes], None]) -> bool:
        """S'abonne (notification ou indication) ; faux si l'appareil n'a pas cette caractéristique.

        Lève `AppairageRefuse` si l'appareil exige un chiffrement qu'il n'accorde pas, `AppareilPerdu` s'il tombe.
        """
        caracteristique = self.caracteristique(uuid)
        if caracteristique is None:
            return False

        await self._suivre(caracteristique, rappel)
        self._abonnements[caracteristique] = rappel
        return True

    async def reabonner(self) -> None:
        """Refait tous les abonnements : BlueZ les croit faits quand l'appareil les a oubliés (erreur ATT 0xFD)."""
        for caracteristique, rappel in self._abonnements.items():
            await _sans_bruit(self._client.stop_notify(caracteristique), self._delais.fermeture_s, "désabonnement")
            await self._suivre(caracteristique, rappel)

    async def _suivre(self, caracteristique: BleakGATTCharacteristic, rappel: Callable[[bytes], None]) -> None:
        def recevoir(_source: BleakGATTCharacteristic, octets: bytearray) -> None:
            rappel(bytes(octets))

        quoi = f"abonnement {caracteristique.uuid[4:8]}"
        try:
            await self._bornee(self._client.start_notify(caracteristique, recevoir), quoi)
        except _PANNES as erreur:
            if self.coupee.is_set():
                raise AppareilPerdu(detail=quoi) from erreur
            raise AppairageRefuse(detail=f"{quoi} : {erreur}") from erreur

    async def fermer(self) -> None:
        """Se désabonne (BlueZ retient l'état des CCCD, les appareils non), puis raccroche. Ne lève rien de bleak."""
        if not self.coupee.is_set():
            for caracteristique in self._abonnements:
                await _sans_bruit(
                    self._client.stop_notify(caracteristique), self._delais.fermeture_s, "désabonnement"
                )
        await _sans_bruit(self._client.disconnect(), self._delais.fermeture_s, "déconnexion")

    async def _bornee(self, action: Awaitable[T], quoi: str) -> T:
        try:
            async with asyncio.timeout(self._delais.operation_s):
                return await action
        except TimeoutError:
            # Sans agent, BlueZ laisse pendre l'abonnement à une caractéristique chiffrée.
            raise AppairageRefuse(detail=f"{quoi} : sans réponse") from None


class Radio:
    """L'adaptateur Bluetooth de la borne : une seule instance par adaptateur, un seul balayage à la fois.

    `backend_scanner`, `backend_client` : classes de bleak à injecter ; None, None pour le vrai BlueZ. `agent` : ce
    qui répond aux demandes d'appairage (`AgentBluez` par défaut avec BlueZ, aucun sinon) ; `adaptateur` : « hci0 »
    quand la machine en a plusieurs.
    """

    def __init__(
        self,
        *,
        backend_scanner: type[BaseBleakScanner] | None = None,
        backend_client: type[BaseBleakClient] | None = None,
        agent: Agent | None = None,
        adaptateur: str | None = None,
        delais: Delais | None = None,
    ) -> None:
        self._backend_scanner = backend_scanner
        self._backend_client = backend_client
        self._agent = agent or (AgentBluez() if backend_client is None else None)
        self._options: dict[str, Any] = {"bluez": {"adapter": adaptateur}} if adaptateur else {}
        self.delais = delais or Delais()
        self._balayage = asyncio.Lock()
        self._silences: dict[str, float] = {}

    def taire(self, adresse: str, duree_s: float) -> None:
        """Ignore les annonces de cet appareil pendant `duree_s` secondes.

        Beaucoup annoncent encore après avoir servi : s'y relier ne donnerait rien, et les viderait.
        """
        self._silences[adresse.upper()] = asyncio.get_running_loop().time() + duree_s

    def _silence_s(self, adresse: str) -> float:
        """Secondes pendant lesquelles cet appareil est encore à ignorer ; 0 s'il ne l'est pas."""
        fin = self._silences.get(adresse.upper(), 0.0)
        return max(0.0, fin - asyncio.get_running_loop().time())

    async def fermer(self) -> None:
        """Rend ce que la radio tient (l'agent d'appairage)."""
        if self._agent is not None:
            await self._agent.fermer()

    async def chercher(self, signalement: Signalement, *, delai_s: float) -> BLEDevice:
        """Attend l'annonce de l'appareil, ou le prend s'il est déjà relié.

        Lève `AppareilAbsent` après `delai_s`, `RadioIndisponible` sans Bluetooth.
        """
        return await self._sur_l_air(
            lambda: self._relie_ou_annonce(signalement),
            delai_s,
        )

    async def guetter(
        self,
        signalement: Signalement,
        regarder: Callable[[BLEDevice, AdvertisementData], T | None],
        *,
        delai_s: float,
    ) -> T:
        """Donne à `regarder` chaque annonce qui convient, jusqu'à ce qu'il en rende autre chose que None.

        Le balayage reste ouvert tout ce temps : les appareils qui ne parlent que par leurs annonces. Lève comme
        `chercher` ; ce que `regarder` lève remonte.
        """
        return await self._sur_l_air(lambda: self._balayer(signalement, regarder), delai_s)

    async def _sur_l_air(self, action: Callable[[], Awaitable[T]], delai_s: float) -> T:
        """Mène une action qui balaie, seule à la fois, en attendant son tour si un autre programme balaie."""
        echeance = asyncio.get_running_loop().time() + delai_s
        async with self._balayage:
            while True:
                try:
                    async with asyncio.timeout_at(echeance):
                        return await action()
                except TimeoutError:
                    raise AppareilAbsent from None
                except _PANNES as erreur:
                    if not (isinstance(erreur, BleakDBusError) and "InProgress" in erreur.dbus_error):
                        raise RadioIndisponible(detail=str(erreur)) from erreur
                    journal.info("Bluetooth occupé par un autre balayage : nouvel essai")
                    await asyncio.sleep(_PAUSE_OCCUPE_S)

    async def _relie_ou_annonce(self, signalement: Signalement) -> BLEDevice:
        relie = await self._deja_relie(signalement)
        return relie if relie is not None else await self._balayer(signalement, _l_appareil)

    async def _deja_relie(self, signalement: Signalement) -> BLEDevice | None:
        """Un appareil que BlueZ tient encore relié (la borne a été tuée) : il n'annonce plus."""
        if self._backend_scanner is not None:
            return None
        adaptateur = await BleakAdapter.get(**self._options)
        for appareil in await adaptateur.get_connected_devices(signalement.services):
            if signalement.adresse in (None, appareil.address):
                return appareil
        return None

    async def _balayer(
        self, signalement: Signalement, regarder: Callable[[BLEDevice, AdvertisementData], T | None]
    ) -> T:
        while True:
            vu = await self._balayer_une_fois(signalement, regarder)
            if vu is not None:
                return vu

    async def _balayer_une_fois(
        self, signalement: Signalement, regarder: Callable[[BLEDevice, AdvertisementData], T | None]
    ) -> T | None:
        """Balaie jusqu'à ce que `regarder` soit content ; None à la fin du silence d'un appareil qui annonçait."""
        boucle = asyncio.get_running_loop()
        vu: asyncio.Future[T | None] = boucle.create_future()
        reveils: list[asyncio.TimerHandle] = []

        def conclure(trouve: T | None) -> None:
            if not vu.done():
                vu.set_result(trouve)

        def sur_annonce(appareil: BLEDevice, annonce: AdvertisementData) -> None:
            # Certains mondes n'annoncent un appareil qu'une fois : c'est le rappel qui compte, pas la liste finale,
            # et celui qu'un silence a fait ignorer ne se revoit que d'un balayage neuf.
            if vu.done() or not signalement.convient(appareil, annonce):
                return
            if reste_s := self._silence_s(appareil.address):
                if not reveils:
                    reveils.append(boucle.call_later(reste_s, conclure, None))
                return
            try:
                trouve = regarder(appareil, annonce)
            except ErreurPeripherique as erreur:
                vu.set_exception(erreur)
                return
            if trouve is not None:
                conclure(trouve)

        balayeur = BleakScanner(sur_annonce, backend=self._backend_scanner, **self._options)
        await balayeur.start()
        try:
            return await vu
        finally:
            for reveil in reveils:
                reveil.cancel()
            await _sans_bruit(balayeur.stop(), self.delais.fermeture_s, "fin de balayage")

    @asynccontextmanager
    async def relier(
        self, appareil: BLEDevice, signalement: Signalement, *, appairer: bool = True
    ) -> AsyncIterator[Liaison]:
        """Une liaison chiffrée si possible, fermée proprement à la sortie.

        Réessaie ; si l'appareil a perdu ses clés, oublie l'appairage et le refait. Lève `AppairageRefuse`,
        `AppareilPerdu`, `AppareilAbsent` ou `RadioIndisponible`.
        """
        if self._agent is not None and appairer:
            await self._agent.assurer()
        liaison = await self._connecter(appareil, signalement, appairer)
        try:
            yield liaison
        finally:
            # Protégée : une annulation ne doit pas laisser l'appareil relié, donc muet pour le suivant.
            await asyncio.shield(asyncio.ensure_future(liaison.fermer()))

    async def _connecter(self, appareil: BLEDevice, signalement: Signalement, appairer: bool) -> Liaison:
        delais_depasses = 0
        oublie = False
        for essai in range(1, _TENTATIVES + 1):
            coupee = asyncio.Event()
            client = self._client(appareil, coupee, appairer)
            try:
                async with asyncio.timeout(self.delais.connexion_s):
                    await client.connect()
                return Liaison(client, coupee, self.delais)
            except _PANNES as erreur:
                await _sans_bruit(client.disconnect(), self.delais.fermeture_s, "abandon de connexion")
                delais_depasses += isinstance(erreur, TimeoutError)
                suspect = _parle_de_cles(erreur) or delais_depasses > 1
                journal.info("connexion %d/%d échouée : %r", essai, _TENTATIVES, erreur)
                disparu = isinstance(erreur, TimeoutError | BleakDeviceNotFoundError)
                if essai == _TENTATIVES or (suspect and oublie):
                    raise _echec(erreur, suspect) from erreur
            except asyncio.CancelledError:
                await _sans_bruit(client.disconnect(), self.delais.fermeture_s, "abandon de connexion")
                raise
            if suspect and appairer:
                journal.warning("appairage douteux : oublié, puis refait")
                await _sans_bruit(client.unpair(), self.delais.fermeture_s, "oubli de l'appairage")
                oublie = True
            elif not disparu:
                await asyncio.sleep(_PAUSE_OCCUPE_S)
                continue
            # Le revoir annoncer avant de conclure : un appareil éteint n'a pas perdu ses clés.
            appareil = await self.chercher(signalement, delai_s=self.delais.connexion_s)
        raise AssertionError("la dernière tentative rend ou lève")

    def _client(self, appareil: BLEDevice, coupee: asyncio.Event, appairer: bool) -> BleakClient:
        return BleakClient(
            appareil,
            disconnected_callback=lambda _client: coupee.set(),
            timeout=self.delais.connexion_s,
            pair=appairer,
            backend=self._backend_client,
            **self._options,
        )


def _l_appareil(appareil: BLEDevice, _annonce: AdvertisementData) -> BLEDevice:
    return appareil


def _code_att(erreur: BaseException) -> int:
    return int(erreur.code) if isinstance(erreur, BleakGATTProtocolError) else ATT_IMPROBABLE


def _parle_de_cles(erreur: BaseException) -> bool:
    texte = str(erreur).lower()
    return any(mot in texte for mot in _MOTS_DE_CLES)


def _echec(erreur: BaseException, suspect: bool) -> ErreurPeripherique:
    """L'erreur typée d'une connexion qui n'a pas abouti."""
    if isinstance(erreur, BleakBluetoothNotAvailableError):
        return RadioIndisponible(detail=str(erreur))
    if isinstance(erreur, BleakDeviceNotFoundError):
        return AppareilAbsent(detail=str(erreur))
    if suspect:
        return AppairageRefuse(detail=str(erreur))
    return AppareilPerdu("L'appareil ne se laisse pas relier.", detail=str(erreur))


async def _sans_bruit(action: Awaitable[object], delai_s: float, quoi: str) -> None:
    """Mène un nettoyage à son terme ou l'abandonne : son échec ne doit pas cacher l'erreur qui l'a causé."""
    try:
        async with asyncio.timeout(delai_s):
            await action
    except _PANNES as erreur:
        journal.info("%s : %s", quoi, type(erreur).__name__)
