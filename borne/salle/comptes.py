"""Comptes des médecins et enrôlement des bornes : mots de passe, sessions, limitation des essais."""

from __future__ import annotations

import asyncio
import hashlib
import math
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from borne.protocole import CONTEXTE_DEFI
from borne.salle.stockage import Borne, Frein, Medecin, StockageComptes

COOKIE: Final = "__Host-salle"
"""Préfixe `__Host-` (RFC 6265bis, 4.1.3.2) : Secure, Path=/, sans Domain. Chromium et Firefox l'admettent en
http sur la boucle locale, qui est une origine digne de confiance (vérifié avec Chromium 156)."""

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Sans les signes qui se confondent (0 o, 1 l i) : le mot de passe et le code se recopient à la main."""
LONGUEUR_MIN: Final = 12
LONGUEUR_MAX: Final = 256
HACHAGES_SIMULTANES: Final = 2
"""Un argon2 prend 64 Mio : une rafale d'essais ne doit pas prendre la mémoire de la salle."""

FAUX: Final = "Identifiant ou mot de passe incorrect."


@dataclass(frozen=True, slots=True)
class Connexion:
    """Une session ouverte. `jeton` : valeur du cookie, jamais conservée en clair."""

    jeton: str
    medecin: Medecin


@dataclass(frozen=True, slots=True)
class Refus:
    """Refus en français clair ; `attendre_s` > 0 quand il faut patienter avant un nouvel essai."""

    raison: str
    attendre_s: int = 0


def tirer_mot_de_passe() -> str:
    """Un premier mot de passe : 4 groupes de 4 signes, 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def condenser(secret: str) -> str:
    """SHA-256 hexadécimal d'un jeton ou d'un code aléatoire (assez long pour se passer d'argon2)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def normaliser_code(code: str) -> str:
    """Le code tel qu'il a été haché : sans tirets, espaces ni majuscules."""
    return "".join(signe for signe in code.lower() if signe.isalnum())


def normaliser_identifiant(identifiant: str) -> str:
    """Même identifiant quelles que soient la casse et la forme Unicode."""
    return unicodedata.normalize("NFKC", identifiant).strip().casefold()


def attente_dite(secondes: float) -> Refus:
    """Le refus d'un essai venu trop tôt."""
    entieres = math.ceil(secondes)
    pluriel = "s" if entieres > 1 else ""
    return Refus(f"Trop d'essais. Attendez {entieres} seconde{pluriel}, puis réessayez.", entieres)


def signature_valable(borne: Borne, defi: bytes, signature: bytes) -> bool:
    """Vrai si la borne a signé ce défi avec sa clé (Ed25519, RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(borne.cle).verify(signature, CONTEXTE_DEFI + defi)
    except InvalidSignature:
        return False
    return True


class Hacheur:
    """argon2id hors de la boucle asyncio, en nombre limité."""

    def __init__(self) -> None:
        self._argon2 = PasswordHasher()
        self._places = asyncio.Semaphore(HACHAGES_SIMULTANES)
        self._leurre = self._argon2.hash(secrets.token_urlsafe())

    async def hacher(self, mot_de_passe: str) -> str:
        """Le condensat encodé."""
        async with self._places:
            return await asyncio.to_thread(self._argon2.hash, mot_de_passe)

    async def verifier(self, condensat: str | None, mot_de_passe: str) -> bool:
        """Prend le même temps sans condensat (compte inconnu) : la durée ne révèle pas les comptes."""
        async with self._places:
            juste = await asyncio.to_thread(self._verifier, condensat or self._leurre, mot_de_passe)
        return juste and condensat is not None

    def _verifier(self, condensat: str, mot_de_passe: str) -> bool:
        try:
            return self._argon2.verify(condensat, mot_de_passe)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False

    def perime(self, condensat: str) -> bool:
        """Vrai si les réglages d'argon2 ont été renforcés depuis."""
        return self._argon2.check_needs_rehash(condensat)


class Comptes:
    """Ouverture et fermeture des sessions, changement de mot de passe, enrôlement."""

    def __init__(self, stockage: StockageComptes, horloge: Callable[[], float], session_s: float) -> None:
        self._stockage = stockage
        self._horloge = horloge
        self._session_s = session_s
        self._hacheur = Hacheur()

    async def connecter(self, identifiant: str, mot_de_passe: str, adresse: str) -> Connexion | Refus:
        """Une session, ou un refus qui ne dit pas si le compte existe."""
        identifiant = normaliser_identifiant(identifiant)
        # Le condensat et non l'identifiant : un mot de passe tapé dans le mauvais champ n'est pas gardé.
        compte = Frein(f"compte:{condenser(identifiant)}", seuil=3, plafond_s=300.0)
        origine = Frein(f"adresse:{adresse}", seuil=10, plafond_s=900.0)
        attente = await self._stockage.compter_tentative([compte, origine])
        if attente > 0.0:
            return attente_dite(attente)
        medecin = await self._stockage.medecin_par_identifiant(identifiant)
        actif = medecin if medecin is not None and medecin.actif else None
        juste = await self._hacheur.verifier(actif.condensat if actif else None, mot_de_passe)
        if actif is None or not juste:
            await self._stockage.journaliser("salle", "connexion_refusee", actif.id if actif else "")
            return Refus(FAUX)
        await self._stockage.oublier_tentative(entierement=compte.cle, une_de_moins=origine.cle)
        await self._rafraichir(actif, mot_de_passe)
        jeton = secrets.token_urlsafe(32)
        await self._stockage.ouvrir_session(condenser(jeton), actif.id, self._horloge() + self._session_s)
        return Connexion(jeton, actif)

    async def _rafraichir(self, medecin: Medecin, mot_de_passe: str) -> None:
        if self._hacheur.perime(medecin.condensat):
            condensat = await self._hacheur.hacher(mot_de_passe)
            await self._stockage.changer_condensat(medecin.id, condensat, medecin.a_changer)

    async def medecin(self, jeton: str | None) -> Medecin | None:
        """Le médecin de cette session, None si elle est absente, fermée ou expirée."""
        return await self._stockage.medecin_de_session(condenser(jeton)) if jeton else None

    async def deconnecter(self, jeton: str) -> None:
        """Ferme la session."""
        await self._stockage.fermer_session(condenser(jeton))

    async def changer_mot_de_passe(self, medecin: Medecin, jeton: str, ancien: str, nouveau: str) -> Refus | None:
        """Change le mot de passe et ferme les autres sessions ; None si c'est fait."""
        if not LONGUEUR_MIN <= len(nouveau) <= LONGUEUR_MAX:
            return Refus(f"Le nouveau mot de passe doit avoir {LONGUEUR_MIN} signes au moins.")
        frein = Frein(f"changement:{medecin.id}", seuil=3, plafond_s=300.0)
        attente = await self._stockage.compter_tentative([frein])
        if attente > 0.0:
            return attente_dite(attente)
        if not await self._hacheur.verifier(medecin.condensat, ancien):
            return Refus("Le mot de passe actuel n'est pas le bon.")
        await self._stockage.oublier_tentative(entierement=frein.cle, une_de_moins=frein.cle)
        condensat = await self._hacheur.hacher(nouveau)
        await self._stockage.changer_condensat(medecin.id, condensat, a_changer=False)
        await self._stockage.fermer_sessions(medecin.id, sauf=condenser(jeton))
        return None

    async def enroler(self, code: str, cle: bytes, adresse: str) -> Borne | Refus:
        """La borne enrôlée par un code à usage unique. `cle` : 32 octets Ed25519."""
        frein = Frein(f"enrolement:{adresse}", seuil=10, plafond_s=900.0)
        attente = await self._stockage.compter_tentative([frein])
        if attente > 0.0:
            return attente_dite(attente)
        borne = await self._stockage.enroler(condenser(normaliser_code(code)), cle)
        if borne is None:
            return Refus("Ce code d'enrôlement est inconnu, expiré ou déjà utilisé.")
        await self._stockage.oublier_tentative(entierement="", une_de_moins=frein.cle)
        return borne
