"""Le réseau entre la borne d'essai et le dehors : des passages TCP (ou TLS) et un relais UDP, que l'on abîme."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import re
import ssl
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.bancs.relais import Lien, Regime

HOTE = "127.0.0.1"


class Passage:
    """Un port TCP de la boucle locale qui mène à un autre. `contexte` : TLS finit ici, en clair derrière.

    `retard_s` : chaque morceau attend, dans chaque sens. `muet` : accepte, et ne dit rien. `date_s` : décale
    l'en-tête Date des réponses HTTP. `statut` : remplace celui des réponses (« 503 Service Unavailable »).
    """

    def __init__(self, cible: int, contexte: ssl.SSLContext | None = None) -> None:
        self.cible, self.contexte = cible, contexte
        self.retard_s, self.date_s, self.muet, self.statut = 0.0, 0.0, False, ""
        self.port = 0
        self._serveur: asyncio.Server | None = None
        self._taches: set[asyncio.Task[None]] = set()

    async def ouvrir(self) -> None:
        """Écoute ; toujours au même port."""
        self._serveur = await asyncio.start_server(self._servir, HOTE, self.port, ssl=self.contexte)
        self.port = self._serveur.sockets[0].getsockname()[1]

    async def fermer(self) -> None:
        """N'écoute plus, coupe ce qui passait."""
        if self._serveur is None:
            return
        self._serveur.close()
        for tache in list(self._taches):
            tache.cancel()
        await asyncio.gather(*self._taches, return_exceptions=True)
        await self._serveur.wait_closed()
        self._serveur = None

    async def presenter(self, contexte: ssl.SSLContext | None) -> None:
        """Change de certificat."""
        await self.fermer()
        self.contexte = contexte
        await self.ouvrir()

    async def _servir(self, lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        tache = asyncio.current_task()
        assert tache is not None
        self._taches.add(tache)
        try:
            await self._relier(lecteur, ecrivain)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._taches.discard(tache)
            ecrivain.close()

    async def _relier(self, lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        if self.muet:
            await asyncio.sleep(3600)
        la, vers = await asyncio.open_connection(HOTE, self.cible)
        try:
            async with asyncio.TaskGroup() as groupe:
                groupe.create_task(self._copier(lecteur, vers, retour=False))
                groupe.create_task(self._copier(la, ecrivain, retour=True))
        except* OSError:
            pass
        finally:
            vers.close()

    async def _copier(self, de: asyncio.StreamReader, vers: asyncio.StreamWriter, *, retour: bool) -> None:
        while morceau := await de.read(65536):
            if self.retard_s:
                await asyncio.sleep(self.retard_s)
            vers.write(self._alterer(morceau) if retour else morceau)
            await vers.drain()
        with contextlib.suppress(OSError, RuntimeError):
            vers.close()

    def _alterer(self, morceau: bytes) -> bytes:
        if not morceau.startswith(b"HTTP/1.1"):
            return morceau
        if self.date_s:
            quand = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.date_s)
            morceau = re.sub(
                rb"\r\nDate: [^\r]*", b"\r\nDate: " + format_datetime(quand, usegmt=True).encode(), morceau
            )
        return re.sub(rb"^HTTP/1.1 [^\r]*", b"HTTP/1.1 " + self.statut.encode(), morceau) if self.statut else morceau


class RelaisUdp(asyncio.DatagramProtocol):
    """Un port UDP qui mène à un autre, sous un régime de `relais.Lien` dans chaque sens."""

    def __init__(self, cible: int) -> None:
        self._cible = cible
        self._liens = Lien("aller"), Lien("retour")
        self._clients: dict[tuple[str, int], asyncio.DatagramTransport] = {}
        self._ouvertures: dict[tuple[str, int], asyncio.Task[None]] = {}
        self.port = 0

    async def ouvrir(self) -> None:
        """Écoute sur un port libre."""
        boucle = asyncio.get_running_loop()
        self._transport, _ = await boucle.create_datagram_endpoint(lambda: self, local_addr=(HOTE, 0))
        self.port = self._transport.get_extra_info("sockname")[1]

    def fermer(self) -> None:
        """Ferme tout."""
        for ouverture in self._ouvertures.values():
            ouverture.cancel()
        for client in self._clients.values():
            client.close()
        self._transport.close()

    def regler(self, regime: Regime) -> None:
        """Le régime des deux sens."""
        for lien in self._liens:
            lien.regler(regime)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._passer(0, len(data), lambda: self._vers(addr, data))

    def _vers(self, client: tuple[str, int], octets: bytes) -> None:
        if client in self._clients:
            self._clients[client].sendto(octets)
        elif client not in self._ouvertures:
            self._ouvertures[client] = asyncio.get_running_loop().create_task(self._relier(client, octets))

    async def _relier(self, client: tuple[str, int], premier: bytes) -> None:
        relais = self

        class _Retour(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _addr: object) -> None:
                relais._passer(1, len(data), lambda: relais._transport.sendto(data, client))

        boucle = asyncio.get_running_loop()
        transport, _ = await boucle.create_datagram_endpoint(_Retour, remote_addr=(HOTE, self._cible))
        self._clients[client] = transport
        transport.sendto(premier)

    def _passer(self, sens: int, taille: int, faire: object) -> None:
        boucle = asyncio.get_running_loop()
        quand = self._liens[sens].accepter(boucle.time(), taille)
        if quand is not None:
            boucle.call_at(quand, faire)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Autorite:
    """Une autorité d'essai et ce qu'elle signe."""

    certificat: x509.Certificate
    cle: ec.EllipticCurvePrivateKey

    @staticmethod
    def creer(nom: str = "Autorité d'essai") -> Autorite:
        """Une autorité neuve."""
        cle = ec.generate_private_key(ec.SECP256R1())
        sujet = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, nom)])
        constructeur = _base(sujet, sujet, cle, -1, 3650).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        return Autorite(constructeur.sign(cle, hashes.SHA256()), cle)

    def pem(self) -> bytes:
        """Son certificat."""
        return self.certificat.public_bytes(serialization.Encoding.PEM)

    def contexte(
        self, dossier: Path, nom: str, *, debut_j: float = -1, fin_j: float = 60, hote: str = HOTE
    ) -> ssl.SSLContext:
        """Un serveur TLS dont le certificat vaut de `debut_j` à `fin_j` jours d'ici, pour `hote`."""
        cle = ec.generate_private_key(ec.SECP256R1())
        sujet = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "salle d'essai")])
        alternatif: x509.GeneralName = x509.DNSName(hote)
        with contextlib.suppress(ValueError):
            alternatif = x509.IPAddress(ipaddress.ip_address(hote))
        signe = (
            _base(sujet, self.certificat.subject, cle, debut_j, fin_j)
            .add_extension(x509.SubjectAlternativeName([alternatif]), critical=False)
            .sign(self.cle, hashes.SHA256())
        )
        fichier = dossier / f"{nom}.pem"
        prive = cle.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        fichier.write_bytes(signe.public_bytes(serialization.Encoding.PEM) + prive)
        contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexte.load_cert_chain(fichier)
        return contexte


def _base(
    sujet: x509.Name, emetteur: x509.Name, cle: ec.EllipticCurvePrivateKey, debut_j: float, fin_j: float
) -> x509.CertificateBuilder:
    maintenant = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(sujet)
        .issuer_name(emetteur)
        .public_key(cle.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(maintenant + datetime.timedelta(days=debut_j))
        .not_valid_after(maintenant + datetime.timedelta(days=fin_j))
    )
