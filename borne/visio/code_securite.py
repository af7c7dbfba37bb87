"""Le code de sécurité de l'appel et la signature de l'offre : personne ne s'interpose, pas même la salle. Pur.

La borne signe l'empreinte DTLS de son offre par sa clé d'enrôlement : la page refuse l'appel si la signalisation l'a
changée. Les deux côtés montrent en plus quatre chiffres tirés des deux empreintes (comme le SAS de ZRTP, RFC 6189
section 4.5.2), que médecin et patient peuvent se lire. La borne s'engage d'abord sur son aléa (RFC 6189, 4.4.1.1) :
qui s'interpose n'a qu'un essai sur dix mille, au lieu de chercher par force brute de quoi donner le même code.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from borne.protocole import CONTEXTE_CODE, CONTEXTE_OFFRE

TAILLE_ALEA: Final = 16
_LIGNE_EMPREINTE: Final = re.compile(r"^a=fingerprint:(\S+)[ \t]+([0-9A-Fa-f:]+)[ \t]*\r?$", re.MULTILINE)
_ALEA: Final = re.compile(r"[0-9a-f]{32}")


class EmpreinteInvalide(ValueError):
    """Le SDP ne porte pas une empreinte DTLS SHA-256, et une seule."""


def tirer_alea() -> str:
    """16 octets au hasard, en hexadécimal."""
    return secrets.token_hex(TAILLE_ALEA)


def alea_valide(alea: str) -> bool:
    """Vrai pour 16 octets en hexadécimal minuscule."""
    return _ALEA.fullmatch(alea) is not None


def engager(alea: str) -> str:
    """L'engagement sur cet aléa : SHA-256 hexadécimal de ses octets."""
    return hashlib.sha256(bytes.fromhex(alea)).hexdigest()


def empreinte(sdp: str) -> str:
    """L'empreinte DTLS du SDP (RFC 8122, section 5) : `sha-256 AB:CD...`.

    Lève `EmpreinteInvalide` s'il n'y en a pas, s'il y en a plusieurs différentes, ou d'un autre algorithme : une
    seconde empreinte serait une seconde clé, que personne n'aurait vérifiée.
    """
    trouvees = {(algorithme.lower(), valeur.upper()) for algorithme, valeur in _LIGNE_EMPREINTE.findall(sdp)}
    if len(trouvees) != 1 or sdp.count("a=fingerprint:") != len(_LIGNE_EMPREINTE.findall(sdp)):
        raise EmpreinteInvalide("le SDP doit porter une empreinte DTLS, et une seule")
    algorithme, valeur = trouvees.pop()
    if algorithme != "sha-256" or len(valeur) != 32 * 3 - 1:
        raise EmpreinteInvalide("l'empreinte DTLS doit être en SHA-256")
    return f"{algorithme} {valeur}"


def garder_sha256(sdp: str) -> str:
    """Le SDP sans ses empreintes d'autres algorithmes (aiortc en écrit trois)."""
    return re.sub(r"^a=fingerprint:(?!sha-256 ).*\r?\n", "", sdp, flags=re.MULTILINE)


def octets_a_signer(visite: str, appel: str, empreinte_borne: str, engagement: str) -> bytes:
    """Ce que signe la borne (`protocole.Offre.signature`)."""
    return CONTEXTE_OFFRE + "\n".join((visite, appel, empreinte_borne, engagement)).encode()


def code(empreinte_borne: str, empreinte_medecin: str, alea_borne: str, alea_medecin: str) -> str:
    """Les quatre chiffres (`protocole.Revelation`)."""
    contenu = "\n".join((empreinte_borne, empreinte_medecin, alea_borne, alea_medecin)).encode()
    condensat = hashlib.sha256(CONTEXTE_CODE + contenu).digest()
    return f"{int.from_bytes(condensat[:8], 'big') % 10_000:04d}"
