"""L'identité de la borne : sa clé Ed25519 (RFC 8032), faite à l'enrôlement ; la salle n'a que la moitié publique."""

from __future__ import annotations

import base64
import binascii
import contextlib
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne.protocole import CONTEXTE_DEFI, CONTEXTE_OFFRE, CertificatBorne, octets_certificat

CHEMIN_ENROLEMENT: Final = "/api/bornes/enrolement"
DELAI_ENROLEMENT: Final = 15.0
TAILLE_MAX_REPONSE: Final = 64 * 1024
NOM_FICHIER: Final = "identite.json"


class EnrolementImpossible(Exception):
    """L'enrôlement a échoué ; le texte est une phrase française à montrer au technicien."""


class IdentiteAbsente(Exception):
    """La borne n'est pas enrôlée ; le texte dit quoi faire."""


class IdentiteIllisible(Exception):
    """Le fichier d'identité existe mais ne contient pas une identité ; le texte dit lequel et quoi faire."""


@dataclass(frozen=True, slots=True)
class IdentiteBorne:
    """Ce qui prouve à la salle qui est cette borne. `borne` : identifiant donné par la salle ; `lieu` : nom."""

    borne: str
    lieu: str
    cle: Ed25519PrivateKey

    @staticmethod
    def lire(dossier: Path) -> IdentiteBorne:
        """Voir `lire`."""
        return lire(dossier)

    def signer(self, defi: bytes) -> str:
        """La signature du défi, en base64, comme l'attend `protocole.Identification`."""
        return base64.b64encode(self.cle.sign(CONTEXTE_DEFI + defi)).decode()

    def signer_offre(self, contenu: bytes) -> str:
        """La signature d'une offre (`code_securite.octets_a_signer`), en base64 ; `ValueError` pour autre chose."""
        if not contenu.startswith(CONTEXTE_OFFRE):
            raise ValueError("seule une offre se signe ainsi")
        return base64.b64encode(self.cle.sign(contenu)).decode()

    def signer_certificat(self, certificat: CertificatBorne) -> CertificatBorne:
        """Ce certificat, signé ; `ValueError` s'il parle d'une autre borne."""
        if certificat.borne != self.borne:
            raise ValueError("une borne ne certifie qu'elle-même")
        signature = base64.b64encode(self.cle.sign(octets_certificat(certificat))).decode()
        return msgspec.structs.replace(certificat, signature=signature)


class _Fichier(msgspec.Struct, frozen=True):
    borne: str
    lieu: str
    cle_privee: str


class _ReponseEnrolement(msgspec.Struct, frozen=True):
    borne: str
    lieu: str


class _Refus(msgspec.Struct, frozen=True):
    raison: str = ""


def verifier_adresse(url: str, schemas: tuple[Literal["http", "ws"], Literal["https", "wss"]]) -> None:
    """Lève `ValueError` (phrase française) si l'adresse n'est ni chiffrée (TLS) ni sur cette machine."""
    morceaux = urlsplit(url)
    if morceaux.scheme == schemas[1] and morceaux.hostname:
        return
    if morceaux.scheme != schemas[0] or not morceaux.hostname:
        raise ValueError(f"L'adresse de la salle doit commencer par {schemas[1]}:// : {url}")
    if morceaux.hostname == "localhost":
        return
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(morceaux.hostname).is_loopback:
            return
    raise ValueError(
        f"L'adresse de la salle n'est pas chiffrée : {schemas[1]}:// est obligatoire hors de la machine."
    )


def lire(dossier: Path) -> IdentiteBorne:
    """L'identité gardée ici ; lève `IdentiteAbsente` (borne pas enrôlée), `IdentiteIllisible` ou `OSError`."""
    fichier = dossier / NOM_FICHIER
    try:
        octets = fichier.read_bytes()
    except FileNotFoundError:
        raise IdentiteAbsente("Cette borne n'est pas enrôlée. Demandez un code à la salle.") from None
    try:
        contenu = msgspec.json.decode(octets, type=_Fichier)
        cle = Ed25519PrivateKey.from_private_bytes(base64.b64decode(contenu.cle_privee, validate=True))
    except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, ValueError):
        # Sans le texte de l'erreur : il pourrait citer la clé.
        raise IdentiteIllisible(
            f"Le fichier d'identité {fichier} est abîmé. Effacez-le et enrôlez de nouveau la borne."
        ) from None
    return IdentiteBorne(contenu.borne, contenu.lieu, cle)


def enregistrer(identite: IdentiteBorne, dossier: Path) -> None:
    """Écrit l'identité d'un seul coup et durablement, lisible du seul compte de la borne (0600) ; lève `OSError`."""
    contenu = _Fichier(identite.borne, identite.lieu, base64.b64encode(identite.cle.private_bytes_raw()).decode())
    provisoire = dossier / f".{NOM_FICHIER}.{os.getpid()}"
    try:
        descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descripteur, "wb") as sortie:
            os.fchmod(sortie.fileno(), 0o600)
            sortie.write(msgspec.json.encode(contenu))
            sortie.flush()
            os.fsync(sortie.fileno())
        os.replace(provisoire, dossier / NOM_FICHIER)
    finally:
        provisoire.unlink(missing_ok=True)
    descripteur = os.open(dossier, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


async def enroler(url_http: str, code: str, dossier: Path) -> IdentiteBorne:
    """Enrôle la borne auprès de la salle avec un code à usage unique, et garde son identité dans `dossier`.

    La clé naît ici et sa moitié privée ne sort pas de la borne. Lève `EnrolementImpossible` (code faux ou expiré,
    salle injoignable, disque), dont le texte est à montrer.
    """
    try:
        verifier_adresse(url_http, ("http", "https"))
    except ValueError as erreur:
        raise EnrolementImpossible(str(erreur)) from None
    _preparer(dossier)
    cle = Ed25519PrivateKey.generate()
    recue = await _demander(url_http, code.strip(), cle)
    identite = IdentiteBorne(recue.borne, recue.lieu, cle)
    try:
        enregistrer(identite, dossier)
    except OSError as erreur:
        raise EnrolementImpossible(
            f"L'identité n'a pas pu être écrite ({erreur.strerror}). Demandez un autre code."
        ) from erreur
    return identite


def _preparer(dossier: Path) -> None:
    """Avant de dépenser le code : un dossier où l'on ne peut pas écrire se voit ici."""
    try:
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as erreur:
        raise EnrolementImpossible(f"Le dossier {dossier} ne peut pas être fait : {erreur.strerror}.") from erreur
    if not os.access(dossier, os.W_OK | os.X_OK):
        raise EnrolementImpossible(f"La borne n'a pas le droit d'écrire dans {dossier}.")


async def _demander(url_http: str, code: str, cle: Ed25519PrivateKey) -> _ReponseEnrolement:
    publique = base64.b64encode(cle.public_key().public_bytes_raw()).decode()
    delai = aiohttp.ClientTimeout(total=DELAI_ENROLEMENT)
    try:
        async with (
            aiohttp.ClientSession(timeout=delai) as session,
            session.post(
                url_http.rstrip("/") + CHEMIN_ENROLEMENT,
                json={"code": code, "cle_publique": publique},
                allow_redirects=False,
            ) as reponse,
        ):
            octets = await reponse.content.read(TAILLE_MAX_REPONSE)
            statut = reponse.status
    except (aiohttp.ClientError, OSError, TimeoutError) as erreur:
        raise EnrolementImpossible(
            "La salle est injoignable. Vérifiez le réseau et l'adresse de la salle."
        ) from erreur
    if statut != 200:
        raise EnrolementImpossible(_expliquer(statut, octets))
    try:
        return msgspec.json.decode(octets, type=_ReponseEnrolement)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise EnrolementImpossible("La salle a donné une réponse illisible.") from None


def _expliquer(statut: int, octets: bytes) -> str:
    """La raison que donne la salle, sinon la nôtre."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        if raison := msgspec.json.decode(octets, type=_Refus).raison:
            return raison
    if statut == 429:
        return "Trop d'essais. Attendez quelques minutes avant de recommencer."
    if 400 <= statut < 500:
        return "Ce code est faux ou a expiré. Demandez-en un autre à la salle."
    return f"La salle n'a pas pu enrôler la borne (erreur {statut})."
