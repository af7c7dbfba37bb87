"""Un vrai coturn sur 127.0.0.1, à secret partagé, dont on choisit ce qui passe : UDP, TCP, TLS."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from borne.salle.glace import Glace, Turn

SECRET = b"secret-d-essai-partage-avec-la-salle-0123456789"


@dataclass(frozen=True)
class ServeurTurn:
    """Un coturn en marche. `journal` : ce qu'il écrit."""

    port: int
    port_tls: int
    journal: Path

    @property
    def urls(self) -> tuple[str, ...]:
        """Toutes ses adresses, qu'elles passent ou non, comme une salle les donnerait."""
        return (
            f"turn:127.0.0.1:{self.port}?transport=udp",
            f"turn:127.0.0.1:{self.port}?transport=tcp",
            f"turns:127.0.0.1:{self.port_tls}?transport=tcp",
        )

    def glace(self, duree_s: float = 600.0, secret: bytes = SECRET) -> Glace:
        """Ce que donnerait la salle."""
        return Glace((), Turn(self.urls, secret, duree_s))


def certificat(dossier: Path) -> tuple[Path, Path]:
    """Un certificat d'essai pour 127.0.0.1, sa propre autorité, et sa clé."""
    cle = ec.generate_private_key(ec.SECP256R1())
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    maintenant = datetime.datetime.now(datetime.UTC)
    signe = (
        x509.CertificateBuilder()
        .subject_name(nom)
        .issuer_name(nom)
        .public_key(cle.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(maintenant - datetime.timedelta(hours=1))
        .not_valid_after(maintenant + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(cle, hashes.SHA256())
    )
    fichiers = dossier / "turn.pem", dossier / "turn.cle"
    fichiers[0].write_bytes(signe.public_bytes(serialization.Encoding.PEM))
    fichiers[1].write_bytes(
        cle.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return fichiers


def _ports(nombre: int) -> list[int]:
    with contextlib.ExitStack() as pile:
        prises = [pile.enter_context(socket.socket()) for _ in range(nombre)]
        for prise in prises:
            prise.bind(("127.0.0.1", 0))
        return [prise.getsockname()[1] for prise in prises]


@contextlib.asynccontextmanager
async def coturn(dossier: Path, *passe: str) -> AsyncIterator[ServeurTurn]:
    """coturn, où seuls passent les transports nommés (`udp`, `tcp`, `tls`)."""
    port, port_tls = _ports(2)
    options = [f"--no-{transport}" for transport in ("udp", "tcp", "tls") if transport not in passe]
    if "tls" in passe:
        pem, cle = certificat(dossier)
        options += [f"--cert={pem}", f"--pkey={cle}"]
    serveur = ServeurTurn(port, port_tls, dossier / "coturn.journal")
    with serveur.journal.open("wb") as journal:
        processus = await asyncio.create_subprocess_exec(
            "turnserver",
            "-n",
            "--listening-ip=127.0.0.1",
            f"--listening-port={port}",
            f"--tls-listening-port={port_tls}",
            "--relay-ip=127.0.0.1",
            "--allow-loopback-peers",
            "--use-auth-secret",
            f"--static-auth-secret={SECRET.decode()}",
            "--realm=essai",
            "--no-cli",
            "--no-dtls",
            "--log-file=stdout",
            "--simple-log",
            f"--pidfile={dossier / 'coturn.pid'}",
            f"--userdb={dossier / 'coturn.db'}",
            *options,
            stdout=journal,
            stderr=journal,
        )
    try:
        await _attendre_ecoute(port_tls if passe == ("tls",) else port, "udp" if passe == ("udp",) else "tcp")
        yield serveur
    finally:
        processus.terminate()
        await processus.wait()


async def _attendre_ecoute(port: int, transport: str) -> None:
    """Jusqu'à ce que le port soit pris par le serveur."""
    genre = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    async with asyncio.timeout(20):
        while True:
            with socket.socket(socket.AF_INET, genre) as prise:
                try:
                    prise.bind(("127.0.0.1", port))
                except OSError:
                    break
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.3)
