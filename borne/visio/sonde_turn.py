"""Le serveur TURN vu de la borne : chaque façon de le joindre, et ce que vaut le chemin par lui.

Le chemin se mesure sans l'aide de personne : deux places réservées (RFC 8656) au même serveur, des paquets numérotés
de l'une à l'autre. Ils parcourent la liaison de la borne dans les deux sens, comme l'image et le son d'un appel.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

from aioice import stun, turn

from borne.protocole import ServeurGlace
from borne.visio.adaptation_ice import facons_turn

DELAI_S: Final = 4.0
PREPARATION_S: Final = 10.0
"""Secondes pour deux places et leurs droits : sur un mauvais réseau, chaque demande est à refaire."""
CADENCE_HZ: Final = 50
"""Un paquet toutes les 20 ms, comme la voix."""
TAILLE_VOIX: Final = 160
TRAIN: Final = 48
TAILLE_TRAIN: Final = 1200
DEBIT_TRAIN: Final = 6_000_000
"""Bits par seconde à l'envoi du train : au-dessus de ce qu'un appel demande (4 Mbit/s)."""
ATTENTE_S: Final = 1.0
"""Secondes laissées aux derniers paquets."""
_ENTETE: Final = struct.Struct("!Id")


@dataclass(frozen=True, slots=True)
class Facon:
    """Une façon de joindre le serveur. `faute` : vide, `certificat`, `refus` (secret) ou `injoignable`."""

    transport: str
    faute: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Qualite:
    """Le chemin, aller et retour. `pertes` : de 0 à 1. `gigue_ms` : écart moyen d'une arrivée à la suivante (RFC
    3550, 6.4.1). `debit_bits_s` : ce qui arrive quand on envoie `DEBIT_TRAIN`."""

    pertes: float
    gigue_ms: float
    aller_retour_ms: float
    debit_bits_s: float


class CheminImpossible(Exception):
    """Aucune place réservée, ou rien ne passe entre elles."""


@dataclass(slots=True)
class _Place(asyncio.DatagramProtocol):
    """Un bout : ce qui y arrive, et quand (secondes, horloge monotone)."""

    arrivees: list[tuple[int, float, float, int]] = field(default_factory=list)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) >= _ENTETE.size:
            numero, parti = _ENTETE.unpack_from(data)
            self.arrivees.append((numero, parti, time.monotonic(), len(data)))


async def essayer(glace: tuple[ServeurGlace, ...], delai_s: float = DELAI_S) -> tuple[Facon, ...]:
    """Chaque façon (`udp`, `tcp`, `tls`) que ces serveurs annoncent, essayée seule ; vide s'il n'y en a pas."""
    return tuple(await asyncio.gather(*(_essayer(facon, delai_s) for facon in facons_turn(glace))))


async def mesurer(glace: tuple[ServeurGlace, ...], duree_s: float = 1.5) -> Qualite:
    """La qualité du chemin par la première façon qui passe ; lève `CheminImpossible`."""
    for facon in facons_turn(glace):
        try:
            async with _places(facon) as (aller, place_aller, retour, place_retour):
                return await _mesurer(aller, place_aller, retour, place_retour, duree_s)
        except (OSError, TimeoutError, stun.TransactionError):
            continue
    raise CheminImpossible("aucun serveur TURN joignable")


async def _essayer(facon: dict[str, Any], delai_s: float) -> Facon:
    transport = _transport(facon)
    try:
        async with asyncio.timeout(delai_s):
            place, _ = await _reserver(facon)
            place.close()
    except stun.TransactionFailed as erreur:
        return Facon(transport, "refus", str(erreur.response.error_code))
    except ssl.SSLCertVerificationError as erreur:
        return Facon(transport, "certificat", erreur.verify_message)
    except (OSError, TimeoutError, stun.TransactionError) as erreur:
        return Facon(transport, "injoignable", type(erreur).__name__)
    return Facon(transport)


def _transport(facon: dict[str, Any]) -> str:
    return "tls" if facon["turn_ssl"] else str(facon["turn_transport"])


async def _reserver(facon: dict[str, Any]) -> tuple[turn.TurnTransport, _Place]:
    return await turn.create_turn_endpoint(
        _Place,
        server_addr=facon["turn_server"],
        username=facon["turn_username"],
        password=facon["turn_password"],
        ssl=facon["turn_ssl"],
        transport=facon["turn_transport"],
    )


@asynccontextmanager
async def _places(
    facon: dict[str, Any],
) -> AsyncIterator[tuple[turn.TurnTransport, _Place, turn.TurnTransport, _Place]]:
    async with AsyncExitStack() as fin, asyncio.timeout(PREPARATION_S) as limite:
        transports = []
        for _ in range(2):
            transport, place = await _reserver(facon)
            fin.callback(transport.close)
            transports.append((transport, place))
        (aller, place_aller), (retour, place_retour) = transports
        # Chacune doit avoir écrit à l'autre une fois : c'est ce qui l'autorise à lui répondre (RFC 8656, section 9).
        while not (place_aller.arrivees and place_retour.arrivees):
            _envoyer(aller, retour, 0)
            _envoyer(retour, aller, 0)
            await asyncio.sleep(0.1)
        limite.reschedule(None)
        yield aller, place_aller, retour, place_retour


def _adresse(place: turn.TurnTransport) -> tuple[str, int]:
    return cast(tuple[str, int], place.get_extra_info("sockname"))


def _envoyer(de: turn.TurnTransport, vers: turn.TurnTransport, numero: int, taille: int = TAILLE_VOIX) -> None:
    de.sendto(_ENTETE.pack(numero, time.monotonic()).ljust(taille, b"\0"), _adresse(vers))


async def _mesurer(
    aller: turn.TurnTransport, place_aller: _Place, retour: turn.TurnTransport, place_retour: _Place, duree_s: float
) -> Qualite:
    place_aller.arrivees.clear()
    place_retour.arrivees.clear()
    envois = round(duree_s * CADENCE_HZ)
    debut = time.monotonic()
    for numero in range(1, envois + 1):
        _envoyer(aller, retour, numero)
        _envoyer(retour, aller, numero)
        await asyncio.sleep(max(0.0, debut + numero / CADENCE_HZ - time.monotonic()))
    await _attendre(lambda: len(place_aller.arrivees) >= envois and len(place_retour.arrivees) >= envois)
    vus = [{arrivee[0]: arrivee for arrivee in place.arrivees} for place in (place_aller, place_retour)]
    if not all(vus):
        raise CheminImpossible("rien ne passe par le serveur TURN")
    delais = [[recu - parti for _, parti, recu, _ in sens.values()] for sens in vus]
    return Qualite(
        pertes=1 - sum(len(sens) for sens in vus) / (2 * envois),
        gigue_ms=1000 * max(_gigue(sens) for sens in delais),
        # Chaque trajet fait borne -> serveur -> borne : c'est déjà un aller et retour.
        aller_retour_ms=1000 * sum(min(sens) for sens in delais) / 2,
        debit_bits_s=await _debit(aller, retour, place_retour),
    )


def _gigue(delais: list[float]) -> float:
    ecarts = [abs(apres - avant) for avant, apres in itertools.pairwise(delais)]
    return sum(ecarts) / len(ecarts) if ecarts else 0.0


async def _debit(aller: turn.TurnTransport, retour: turn.TurnTransport, place: _Place) -> float:
    """Un train de gros paquets à `DEBIT_TRAIN` : l'écart de leurs arrivées est celui du plus étroit du chemin."""
    place.arrivees.clear()
    debut = time.monotonic()
    for numero in range(1, TRAIN + 1):
        _envoyer(aller, retour, numero, TAILLE_TRAIN)
        await asyncio.sleep(max(0.0, debut + numero * TAILLE_TRAIN * 8 / DEBIT_TRAIN - time.monotonic()))
    await _attendre(lambda: len(place.arrivees) >= TRAIN)
    recus = [arrivee[2] for arrivee in place.arrivees]
    if len(recus) < 2:
        return 0.0
    return (len(recus) - 1) * TAILLE_TRAIN * 8 / max(recus[-1] - recus[0], 1e-3)


async def _attendre(complet: Callable[[], bool]) -> None:
    """Jusqu'à ce que tout soit là, ou `ATTENTE_S` au plus : un paquet plus tardif est un paquet perdu."""
    for _ in range(round(ATTENTE_S / 0.02)):
        if complet():
            return
        await asyncio.sleep(0.02)
