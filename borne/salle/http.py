"""Routes HTTP de la salle : pages statiques, sessions, enrôlement, documents, et leurs défenses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec
from aiohttp import BodyPartReader, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from borne.protocole import TAILLE_MAX_DOCUMENT, Document, encoder
from borne.salle import pdf
from borne.salle.comptes import COOKIE, LONGUEUR_MAX, Connexion, Refus
from borne.salle.file_attente import FileAttente
from borne.salle.liaison_borne import PorteBornes
from borne.salle.liaison_medecin import servir_medecin
from borne.salle.liaisons import CANAL_DROITS, IDENTIFIANT, Contexte, canal_borne, journal
from borne.salle.stockage import DocumentGarde, ErreurStockage, Medecin, Visite

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob: mediastream:; connect-src 'self'; font-src 'self'; worker-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
ENTETES: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "borne",
}
CORPS_MAX: Final = 16 * 1024
"""Octets d'un corps JSON."""
MARGE_MULTIPART: Final = 64 * 1024

Traitement = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Identifiants(msgspec.Struct, frozen=True):
    """Corps de `POST /api/session`."""

    identifiant: str
    mot_de_passe: str


class Changement(msgspec.Struct, frozen=True):
    """Corps de `POST /api/mot_de_passe`."""

    ancien: str
    nouveau: str


class Enrolement(msgspec.Struct, frozen=True):
    """Corps de `POST /api/bornes/enrolement`. `cle_publique` : base64 de 32 octets Ed25519."""

    code: str
    cle_publique: str


C = TypeVar("C", bound=msgspec.Struct)


def reponse(statut: int, **champs: object) -> web.Response:
    """Une réponse JSON."""
    return web.Response(status=statut, body=msgspec.json.encode(champs), content_type="application/json")


def refus(statut: int, jugement: Refus) -> web.Response:
    """Un refus en français ; 429 avec Retry-After (RFC 9110, 10.2.3) s'il faut attendre."""
    if not jugement.attendre_s:
        return reponse(statut, raison=jugement.raison)
    trop_tot = reponse(429, raison=jugement.raison, attendre_s=jugement.attendre_s)
    trop_tot.headers["Retry-After"] = str(jugement.attendre_s)
    return trop_tot


def boucle_locale(hote: str) -> bool:
    """Vrai pour une adresse que seule cette machine atteint."""
    try:
        return ipaddress.ip_address(hote.strip("[]")).is_loopback
    except ValueError:
        return hote.lower() == "localhost"


async def lire(requete: web.Request, genre: type[C]) -> C:
    """Le corps JSON typé ; lève 400 ou 415 sans jamais citer ce qui a été reçu."""
    if requete.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Un corps JSON est attendu.")
    if requete.content_length is None or requete.content_length > CORPS_MAX:
        raise web.HTTPBadRequest(text="Le corps de la demande est trop long.")
    try:
        return msgspec.json.decode(await requete.read(), type=genre)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise web.HTTPBadRequest(text="La demande est mal formée.") from None


class Routes:
    """Les routes d'un service. `tls` : la salle n'est jointe qu'en https."""

    def __init__(self, contexte: Contexte, file: FileAttente, tls: bool) -> None:
        self._contexte = contexte
        self._file = file
        self._schema = "https" if tls else "http"
        self._porte = PorteBornes(contexte, file)

    def application(self) -> web.Application:
        """L'application aiohttp complète."""
        application = web.Application(
            middlewares=[self._garder], client_max_size=TAILLE_MAX_DOCUMENT + MARGE_MULTIPART
        )
        application.on_response_prepare.append(self._poser_entetes)
        application.add_routes(
            [
                web.get("/", self._accueil),
                web.static("/pages/", self._contexte.reglages.pages),
                web.get("/api/session", self._voir_session),
                web.post("/api/session", self._ouvrir_session),
                web.delete("/api/session", self._fermer_session),
                web.post("/api/mot_de_passe", self._changer_mot_de_passe),
                web.post("/api/bornes/enrolement", self._enroler),
                web.post("/api/visites/{visite}/documents", self._recevoir_document),
                web.get("/ws/borne", self._porte.servir),
                web.get("/ws/medecin", self._ws_medecin),
            ]
        )
        return application

    async def _poser_entetes(self, requete: web.Request, sortie: web.StreamResponse) -> None:
        sortie.headers.update(ENTETES)
        statique = requete.path == "/" or requete.path.startswith("/pages/")
        sortie.headers["Cache-Control"] = "no-cache" if statique else "no-store"
        if self._schema == "https":
            sortie.headers["Strict-Transport-Security"] = "max-age=31536000"

    @web.middleware
    async def _garder(self, request: web.Request, handler: Traitement) -> web.StreamResponse:
        """Écarte les demandes d'ailleurs, et dit toute erreur en JSON français (noms imposés par aiohttp)."""
        try:
            self._verifier_provenance(request)
            return await handler(request)
        except web.HTTPException as erreur:
            if erreur.status < 400:
                raise
            return reponse(erreur.status, raison=erreur.text or erreur.reason)
        except ErreurStockage as erreur:
            journal.error("demande non servie : %s", erreur)
            return reponse(503, raison="La salle n'a pas pu enregistrer. Réessayez dans un instant.")
        except ConnectionResetError:
            # Une page qui renonce pendant qu'on l'accueille : ce n'est la faute de personne.
            journal.info("demande abandonnée par celui qui la faisait")
            return reponse(400, raison="La liaison s'est fermée avant la réponse.")

    def _verifier_provenance(self, requete: web.Request) -> None:
        """Contre les pages d'autres sites : Origin (RFC 6454) et, en http, le nom d'hôte (DNS rebinding)."""
        if self._schema == "http" and not boucle_locale(requete.url.host or ""):
            raise web.HTTPMisdirectedRequest(text="Cette adresse n'est pas celle de la salle.")
        origine = requete.headers.get("Origin")
        attendue = f"{self._schema}://{requete.host}"
        ecrit = requete.method not in ("GET", "HEAD") or requete.path.startswith("/ws/medecin")
        if origine is not None and origine != attendue:
            raise web.HTTPForbidden(text="Cette demande vient d'un autre site.")
        # Un navigateur joint toujours Origin à une écriture ; sans cookie, il n'y a rien à détourner.
        if ecrit and origine is None and COOKIE in requete.cookies:
            raise web.HTTPForbidden(text="Cette demande ne dit pas d'où elle vient.")

    async def _accueil(self, _requete: web.Request) -> web.StreamResponse:
        page = self._contexte.reglages.pages / "index.html"
        if not page.is_file():
            raise web.HTTPNotFound(text="La page du médecin n'est pas installée.")
        return web.FileResponse(page)

    async def _medecin(self, requete: web.Request) -> tuple[Medecin, str]:
        """Le médecin de la session et son jeton ; lève 401."""
        jeton = requete.cookies.get(COOKIE)
        medecin = await self._contexte.comptes.medecin(jeton)
        if medecin is None or jeton is None:
            raise web.HTTPUnauthorized(text="Votre session est finie. Connectez-vous.")
        return medecin, jeton

    async def _voir_session(self, requete: web.Request) -> web.Response:
        medecin, _ = await self._medecin(requete)
        return reponse(200, medecin=medecin.nom, mot_de_passe_a_changer=medecin.a_changer)

    async def _ouvrir_session(self, requete: web.Request) -> web.Response:
        corps = await lire(requete, Identifiants)
        if max(len(corps.identifiant), len(corps.mot_de_passe)) > LONGUEUR_MAX:
            raise web.HTTPBadRequest(text="Identifiant ou mot de passe trop long.")
        jugement = await self._contexte.comptes.connecter(corps.identifiant, corps.mot_de_passe, requete.remote or "")
        if isinstance(jugement, Refus):
            return refus(401, jugement)
        return self._accepter(jugement)

    def _accepter(self, connexion: Connexion) -> web.Response:
        medecin = connexion.medecin
        acceptee = reponse(200, medecin=medecin.nom, mot_de_passe_a_changer=medecin.a_changer)
        acceptee.set_cookie(COOKIE, connexion.jeton, path="/", secure=True, httponly=True, samesite="Strict")
        return acceptee

    async def _fermer_session(self, requete: web.Request) -> web.Response:
        _, jeton = await self._medecin(requete)
        await self._contexte.comptes.deconnecter(jeton)
        await self._contexte.bus.publier(CANAL_DROITS)
        fermee = web.Response(status=204)
        fermee.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        return fermee

    async def _changer_mot_de_passe(self, requete: web.Request) -> web.Response:
        medecin, jeton = await self._medecin(requete)
        corps = await lire(requete, Changement)
        jugement = await self._contexte.comptes.changer_mot_de_passe(
            medecin, jeton, corps.ancien[:LONGUEUR_MAX], corps.nouveau
        )
        await self._contexte.bus.publier(CANAL_DROITS)
        return web.Response(status=204) if jugement is None else refus(400, jugement)

    async def _enroler(self, requete: web.Request) -> web.Response:
        corps = await lire(requete, Enrolement)
        try:
            cle = base64.b64decode(corps.cle_publique, validate=True)
            Ed25519PublicKey.from_public_bytes(cle)
        except (binascii.Error, ValueError):
            raise web.HTTPBadRequest(text="La clé publique de la borne est mal formée.") from None
        jugement = await self._contexte.comptes.enroler(corps.code, cle, requete.remote or "")
        if isinstance(jugement, Refus):
            return refus(403, jugement)
        return reponse(200, borne=jugement.id, lieu=jugement.lieu)

    async def _recevoir_document(self, requete: web.Request) -> web.Response:
        """Garde le PDF, puis l'envoie à la borne, maintenant ou à son retour."""
        medecin, _ = await self._medecin(requete)
        visite = await self._visite_de(medecin, requete.match_info["visite"])
        nom, contenu = await lire_fichier(requete)
        if (raison := pdf.defaut(contenu)) is not None:
            return reponse(400, raison=raison)
        document = DocumentGarde(
            id=f"d-{secrets.token_hex(8)}",
            visite=visite.id,
            nom=nom,
            empreinte=hashlib.sha256(contenu).hexdigest(),
            contenu=contenu,
        )
        await self._contexte.stockage.garder_document(document, f"medecin:{medecin.id}")
        envoi = Document(visite.id, document.id, nom, document.empreinte, contenu)
        await self._contexte.bus.publier(canal_borne(visite.borne), encoder(envoi))
        return reponse(201, document=document.id, empreinte=document.empreinte)

    async def _visite_de(self, medecin: Medecin, identifiant: str) -> Visite:
        """La visite que suit ce médecin ; lève 403 ou 409."""
        connue = IDENTIFIANT.fullmatch(identifiant) is not None
        visite = await self._contexte.stockage.visite(identifiant) if connue else None
        if visite is None or visite.medecin != medecin.id:
            raise web.HTTPForbidden(text="Ce patient n'est pas le vôtre.")
        if visite.etat != "prise":
            raise web.HTTPConflict(text="La consultation est finie : la borne n'imprime plus.")
        return visite

    async def _ws_medecin(self, requete: web.Request) -> web.StreamResponse:
        if "Origin" not in requete.headers:
            raise web.HTTPForbidden(text="Cette demande ne dit pas d'où elle vient.")
        medecin, jeton = await self._medecin(requete)
        return await servir_medecin(requete, self._contexte, self._file, medecin, jeton)


async def lire_fichier(requete: web.Request) -> tuple[str, bytes]:
    """Nom et contenu de la partie `fichier` ; lève 400 ou 413."""
    if not requete.content_type.startswith("multipart/"):
        raise web.HTTPBadRequest(text="Aucun fichier n'a été joint.")
    try:
        async for partie in await requete.multipart():
            if isinstance(partie, BodyPartReader) and partie.name == "fichier":
                return pdf.nom_sur(partie.filename), await _lire_partie(partie)
    except ValueError:
        raise web.HTTPBadRequest(text="L'envoi du fichier est mal formé.") from None
    raise web.HTTPBadRequest(text="Aucun fichier n'a été joint.")


async def _lire_partie(partie: BodyPartReader) -> bytes:
    contenu = bytearray()
    while morceau := await partie.read_chunk(256 * 1024):
        contenu += morceau
        if len(contenu) > TAILLE_MAX_DOCUMENT:
            limite = TAILLE_MAX_DOCUMENT // (1024 * 1024)
            raise web.HTTPBadRequest(text=f"Ce fichier dépasse {limite} Mo.")
    return bytes(contenu)
