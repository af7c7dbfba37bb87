"""La salle vue de la borne : adresse, chiffrement, certificat, identité, et l'heure qu'il y est."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from borne.protocole import Accueillie, SalleVersBorne
from borne.visio.identite import IdentiteBorne
from borne.visio.signalisation import ClientSalle

DELAI_S: Final = 5.0
ESSAIS: Final = 4


class SalleEnPanne(Exception):
    """La salle ne peut pas servir. `faute` : `nom`, `injoignable`, `certificat-...`, `refus`, `reponse`."""

    def __init__(self, faute: str, detail: str = "") -> None:
        super().__init__(f"{faute} {detail}".strip())
        self.faute, self.detail = faute, detail


@dataclass(frozen=True, slots=True)
class Service:
    """Ce que le service web a montré. `ecart_s` : horloge de la borne moins celle de la salle, à une demi-seconde."""

    aller_retour_ms: float
    ecart_s: float | None


# X509_V_ERR_* (OpenSSL, x509_vfy.h) : ce qu'une personne peut réparer différemment.
_CERTIFICATS: Final = {
    9: "certificat-futur",
    10: "certificat-expire",
    62: "certificat-autre-nom",
    64: "certificat-autre-nom",
}


async def certificat(url: str) -> float | None:
    """Fin de validité (secondes Unix) du certificat de la salle, None en http ; lève `SalleEnPanne`."""
    adresse = urlsplit(url)
    if adresse.scheme != "https":
        return None
    try:
        async with asyncio.timeout(DELAI_S):
            _, ecrivain = await asyncio.open_connection(
                adresse.hostname, adresse.port or 443, ssl=ssl.create_default_context()
            )
    except ssl.SSLCertVerificationError as erreur:
        raise SalleEnPanne(
            _CERTIFICATS.get(erreur.verify_code, "certificat-inconnu"), erreur.verify_message
        ) from None
    except (ssl.SSLError, ConnectionResetError) as erreur:
        raise SalleEnPanne("chiffrement", type(erreur).__name__) from None
    except socket.gaierror:
        raise SalleEnPanne("nom") from None
    except (OSError, TimeoutError) as erreur:
        raise SalleEnPanne("injoignable", type(erreur).__name__) from None
    presente: Any = ecrivain.get_extra_info("peercert")
    ecrivain.close()
    return float(ssl.cert_time_to_seconds(presente["notAfter"]))


async def service(url: str, horloge: Callable[[], float]) -> Service:
    """Interroge le service web de la salle ; lève `SalleEnPanne`."""
    delais = aiohttp.ClientTimeout(total=DELAI_S)
    trajets, ecarts = [], []
    try:
        async with aiohttp.ClientSession(timeout=delais) as session:
            for _ in range(ESSAIS):
                debut, depart = time.monotonic(), horloge()
                async with session.get(f"{url.rstrip('/')}/api/session") as reponse:
                    await reponse.read()
                trajets.append(time.monotonic() - debut)
                if reponse.status >= 500:
                    raise SalleEnPanne("reponse", str(reponse.status))
                if "Date" in reponse.headers:
                    # L'en-tête est tronqué à la seconde (RFC 9110, 6.6.1) : en moyenne, une demi-seconde.
                    dite = parsedate_to_datetime(reponse.headers["Date"]).timestamp() + 0.5
                    ecarts.append(depart + trajets[-1] / 2 - dite)
    except aiohttp.ClientConnectorDNSError:
        raise SalleEnPanne("nom") from None
    except (aiohttp.ClientConnectorError, TimeoutError, OSError) as erreur:
        raise SalleEnPanne("injoignable", type(erreur).__name__) from None
    except (aiohttp.ClientError, ValueError) as erreur:
        raise SalleEnPanne("reponse", type(erreur).__name__) from None
    # Le premier trajet ouvre la connexion : il ne compte pas.
    return Service(1000 * min(trajets[1:]), min(ecarts, key=abs) if ecarts else None)


async def accueil(url: str, identite: IdentiteBorne) -> Accueillie:
    """Se présente à la salle comme la borne le fait, et rend son accueil ; lève `SalleEnPanne`."""
    fini: asyncio.Future[Accueillie] = asyncio.get_running_loop().create_future()

    def recevoir(message: SalleVersBorne) -> None:
        if isinstance(message, Accueillie) and not fini.done():
            fini.set_result(message)

    def etat(en_ligne: bool, raison: str) -> None:
        if not en_ligne and "refuse" in raison and not fini.done():
            fini.set_exception(SalleEnPanne("refus", raison))

    client = ClientSalle(url.rstrip("/").replace("http", "ws", 1) + "/ws/borne", identite, recevoir, etat)
    await client.demarrer()
    try:
        async with asyncio.timeout(DELAI_S):
            return await fini
    except TimeoutError:
        raise SalleEnPanne("reponse", "pas d'accueil") from None
    finally:
        await client.arreter()
