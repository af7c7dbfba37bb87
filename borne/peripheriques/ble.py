"""Le transport Bluetooth Low Energy des pilotes, au-dessus de bleak.

Un pilote demande « cherche un appareil qui ressemble à ceci » puis « relie-moi » ; il ne sait pas si la radio est
BlueZ ou virtuelle (les classes de bleak sont injectées). Ce que l'on sait de BlueZ et que l'on pare ici : un second
balayage répond InProgress ; un appel peut pendre sans fin ; un appareil qui a perdu ses clés laisse une liaison
inutile jusqu'à ce que l'on oublie l'appairage ; une borne tuée laisse l'appareil relié, donc muet au balayage.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar, cast

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)
from bleak.uuids import normalize_uuid_str
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

from borne.peripheriques.agent_bluez import AgentBluez
from borne.peripheriques.erreurs import (
    AppairageRefuse,
    AppareilAbsent,
    AppareilPerdu,
    ErreurPeripherique,
    RadioIndisponible,
)
from borne.peripheriques.espion import Capture, Espion, Genre, personne
from borne.peripheriques.liaison import ATT_ACCEPTE, PANNES, Delais, Liaison, canal, sans_bruit, table

__all__ = ["ATT_ACCEPTE", "Delais", "Liaison", "Radio", "Signalement"]

journal = logging.getLogger(__name__)

T = TypeVar("T")

_TENTATIVES: Final = 3
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
class Signalement:
    """À quoi on reconnaît un appareil : un service annoncé (UUID de 16 ou 128 bits), ou le début de son nom."""

    service: str
    noms: tuple[str, ...] = ()
    adresse: str | None = None
    """Adresse imposée par la configuration, quand plusieurs appareils semblables sont à portée."""
    autres_services: tuple[str, ...] = ()
    """Ceux des appareils de même usage qui ont un service à eux."""
    diffuse: bool = False
    """Vrai : il dit sa mesure dans ses annonces et ne se relie pas ; faux : celui qui le fait n'est pas lui."""

    @property
    def services(self) -> list[str]:
        """Tous les services qui conviennent, UUID entiers."""
        return [normalize_uuid_str(uuid) for uuid in (self.service, *self.autres_services)]

    def convient(self, appareil: BLEDevice, annonce: AdvertisementData) -> bool:
        """Vrai si cette annonce est celle de l'appareil cherché."""
        if self.adresse is not None:
            return appareil.address.upper() == self.adresse.upper()
        if (annonce.local_name or appareil.name or "").startswith(self.noms):
            return True
        dits = [uuid for uuid in self.services if uuid in annonce.service_uuids or uuid in annonce.service_data]
        return bool(dits) and self.diffuse == any(uuid in annonce.service_data for uuid in dits)


class Radio:
    """L'adaptateur Bluetooth de la borne : une seule instance par adaptateur, un seul balayage à la fois.

    `backend_scanner`, `backend_client` : classes de bleak à injecter ; None, None pour le vrai BlueZ. `agent` : ce
    qui répond aux demandes d'appairage (`AgentBluez` par défaut avec BlueZ, aucun sinon) ; `adaptateur` : « hci0 »
    quand la machine en a plusieurs ; `espion` : à qui montrer ce qui passe.
    """

    def __init__(
        self,
        *,
        backend_scanner: type[BaseBleakScanner] | None = None,
        backend_client: type[BaseBleakClient] | None = None,
        agent: Agent | None = None,
        adaptateur: str | None = None,
        delais: Delais | None = None,
        espion: Espion = personne,
    ) -> None:
        self._backend_scanner = backend_scanner
        self._backend_client = backend_client
        self._agent = agent or (AgentBluez() if backend_client is None else None)
        self._options: dict[str, Any] = {"bluez": {"adapter": adaptateur}} if adaptateur else {}
        self.delais = delais or Delais()
        self._espion = espion
        self._balayage = asyncio.Lock()
        self._silences: dict[str, float] = {}
        self._pris: dict[str, asyncio.Lock] = {}
        """Par adresse : deux connexions à un même appareil échouent toutes les deux (BlueZ)."""

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

    async def annonces(self, duree_s: float) -> tuple[tuple[BLEDevice, AdvertisementData], ...]:
        """Tout ce qui annonce pendant `duree_s`, l'annonce la plus récente de chacun, le plus proche d'abord.

        Lève `RadioIndisponible` sans Bluetooth, `AppareilAbsent` si un autre programme balaie tout ce temps.
        """
        vus: dict[str, tuple[BLEDevice, AdvertisementData]] = {}

        async def ecouter() -> None:
            balayeur = BleakScanner(
                lambda appareil, annonce: vus.__setitem__(appareil.address, (appareil, annonce)),
                backend=self._backend_scanner,
                **self._options,
            )
            await balayeur.start()
            try:
                await asyncio.sleep(duree_s)
            finally:
                await sans_bruit(balayeur.stop(), self.delais.fermeture_s, "fin de balayage")

        await self._sur_l_air(ecouter, duree_s + self.delais.connexion_s)
        return tuple(sorted(vus.values(), key=lambda paire: -paire[1].rssi))

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
                except PANNES as erreur:
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
            self._espion(_capture_annonce(appareil, annonce))
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
            await sans_bruit(balayeur.stop(), self.delais.fermeture_s, "fin de balayage")

    @asynccontextmanager
    async def relier(
        self, appareil: BLEDevice, signalement: Signalement, *, appairer: bool = True
    ) -> AsyncIterator[Liaison]:
        """Une liaison chiffrée si possible, fermée proprement à la sortie ; une à la fois par appareil.

        Réessaie ; si l'appareil a perdu ses clés, oublie l'appairage et le refait. Lève `AppairageRefuse`,
        `AppareilPerdu`, `AppareilAbsent` ou `RadioIndisponible`.
        """
        async with self._pris.setdefault(appareil.address.upper(), asyncio.Lock()):
            if self._agent is not None and appairer:
                await self._agent.assurer()
            liaison = await self._connecter(appareil, signalement, appairer)
            try:
                yield liaison
            finally:
                await _jusqu_au_bout(liaison.fermer())

    async def oublier(self, appareil: BLEDevice) -> None:
        """Efface l'appairage : la borne ne connaît plus cet appareil. Lève `RadioIndisponible`."""
        client = BleakClient(appareil, backend=self._backend_client, **self._options)
        try:
            async with asyncio.timeout(self.delais.connexion_s):
                await client.unpair()
        except PANNES as erreur:
            raise RadioIndisponible("L'appairage n'a pas pu être oublié.", detail=repr(erreur)) from erreur

    async def _connecter(self, appareil: BLEDevice, signalement: Signalement, appairer: bool) -> Liaison:
        delais_depasses = 0
        oublie = False
        for essai in range(1, _TENTATIVES + 1):
            coupee = asyncio.Event()
            clients: list[BleakClient] = []
            try:
                client = await self._etablir(appareil, coupee, appairer, clients)
                self._espion(table(client))
                return Liaison(client, coupee, self.delais, self._espion)
            except PANNES as erreur:
                await self._abandonner(clients)
                # `establish_connection` enveloppe l'erreur de BlueZ dans une phrase ; c'est elle qui compte.
                racine = erreur.__cause__ if isinstance(erreur, BleakError) and erreur.__cause__ else erreur
                delais_depasses += isinstance(racine, TimeoutError)
                suspect = _parle_de_cles(erreur) or delais_depasses > 1
                journal.info("connexion %d/%d échouée : %r", essai, _TENTATIVES, racine)
                disparu = isinstance(racine, TimeoutError | BleakDeviceNotFoundError)
                if essai == _TENTATIVES or (suspect and oublie):
                    raise _echec(racine, suspect) from erreur
            except asyncio.CancelledError:
                await self._abandonner(clients)
                raise
            if suspect and appairer:
                journal.warning("appairage douteux : oublié, puis refait")
                await sans_bruit(clients[-1].unpair(), self.delais.fermeture_s, "oubli de l'appairage")
                oublie = True
            elif not disparu:
                await asyncio.sleep(_PAUSE_OCCUPE_S)
                continue
            # Le revoir annoncer avant de conclure : un appareil éteint n'a pas perdu ses clés.
            appareil = await self.chercher(signalement, delai_s=self.delais.connexion_s)
        raise AssertionError("la dernière tentative rend ou lève")

    async def _etablir(
        self, appareil: BLEDevice, coupee: asyncio.Event, appairer: bool, clients: list[BleakClient]
    ) -> BleakClient:
        """Une tentative. Les ratés passagers de BlueZ (« br-connection-canceled », « abort-by-local », services pas
        encore là) sont l'affaire de `establish_connection` ; les délais et les clés, la nôtre. `clients` reçoit ceux
        qui sont faits : à fermer si elle échoue."""

        def fabriquer(*arguments: Any, **options: Any) -> BleakClient:
            clients.append(BleakClientWithServiceCache(*arguments, **options))
            return clients[-1]

        async with asyncio.timeout(self.delais.connexion_s):
            return await establish_connection(
                cast(Any, fabriquer),
                appareil,
                appareil.name or appareil.address,
                disconnected_callback=lambda _client: coupee.set(),
                max_attempts=1,
                pair=appairer,
                backend=self._backend_client,
                **self._options,
            )

    async def _abandonner(self, clients: list[BleakClient]) -> None:
        for client in clients:
            await sans_bruit(client.disconnect(), self.delais.fermeture_s, "abandon de connexion")


def _l_appareil(appareil: BLEDevice, _annonce: AdvertisementData) -> BLEDevice:
    return appareil


def _capture_annonce(appareil: BLEDevice, annonce: AdvertisementData) -> Capture:
    return Capture(
        Genre.ANNONCE,
        infos={
            "adresse": appareil.address,
            "nom": annonce.local_name or appareil.name or "",
            "services": [canal(uuid) for uuid in annonce.service_uuids],
            "fabricant": {str(numero): octets.hex() for numero, octets in annonce.manufacturer_data.items()},
            "service": {uuid: octets.hex() for uuid, octets in annonce.service_data.items()},
        },
    )


async def _jusqu_au_bout(fermeture: Coroutine[Any, Any, None]) -> None:
    """Ferme même si l'appelant est annulé, et ne rend la main qu'après.

    Une annulation ne doit pas laisser l'appareil relié, donc muet pour le suivant.
    """
    tache = asyncio.ensure_future(fermeture)
    try:
        await asyncio.shield(tache)
    except asyncio.CancelledError:
        await asyncio.wait({tache})
        raise


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
