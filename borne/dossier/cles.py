"""Le coffre : une clé aléatoire de 32 octets par visite, dans un dossier à part des données.

Détruire la clé suffit à rendre le fichier d'une visite illisible à jamais (effacement cryptographique, NIST
SP 800-88r1, annexe A.3) : c'est pourquoi la purge commence par elle.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from borne.dossier import durable
from borne.dossier.erreurs import CleAbsente, DossierIllisible, erreurs_typees

TAILLE_CLE = 32
"""Octets : la clé brute d'AES-256 que SQLCipher prend telle quelle."""

FORME_VISITE = re.compile(r"[0-9a-f][0-9a-f-]{14,62}[0-9a-f]")
"""Un identifiant aléatoire en hexadécimal (tirets admis) : il sert de nom de fichier et va au journal."""


def verifier_visite(visite: str) -> str:
    """Rend `visite` si elle a la forme d'un identifiant aléatoire ; ValueError sinon."""
    if FORME_VISITE.fullmatch(visite) is None:
        raise ValueError("identifiant de visite : 16 à 64 chiffres hexadécimaux attendus")
    return visite


class Coffre:
    """Les clés d'un dossier (0700), un fichier (0600) par visite, `<visite>.cle`."""

    def __init__(self, dossier: Path) -> None:
        """Prépare le dossier du coffre. DisqueEnPanne ou DossierPlein s'il ne peut être créé."""
        self._dossier = dossier
        with erreurs_typees():
            durable.creer_dossier(dossier)

    def creer(self, visite: str) -> bytes:
        """Tire et garde une clé neuve, durable au retour. ValueError si la visite en a déjà une."""
        if self.existe(visite):
            raise ValueError("cette visite a déjà une clé")
        cle = secrets.token_bytes(TAILLE_CLE)
        with erreurs_typees():
            durable.ecrire_atomique(self._chemin(visite), cle)
        return cle

    def lire(self, visite: str) -> bytes:
        """Les 32 octets de la clé. CleAbsente si elle n'existe pas ; DossierIllisible si elle est abîmée."""
        with erreurs_typees():
            try:
                cle = self._chemin(visite).read_bytes()
            except FileNotFoundError:
                raise CleAbsente from None
        if len(cle) != TAILLE_CLE:
            raise DossierIllisible("La clé de ce dossier est abîmée.")
        return cle

    def existe(self, visite: str) -> bool:
        """Vrai si le coffre a une clé pour cette visite."""
        return self._chemin(visite).exists()

    def detruire(self, visite: str) -> bool:
        """Écrase, synchronise, supprime, synchronise le dossier. Reprenable ; False si la clé n'était plus là."""
        with erreurs_typees():
            detruite = durable.ecraser_et_supprimer(self._chemin(visite))
            durable.synchroniser_dossier(self._dossier)
        return detruite

    def visites(self) -> list[str]:
        """Les visites qui ont une clé, triées."""
        noms = (chemin.name.removesuffix(".cle") for chemin in self._dossier.glob("*.cle"))
        return sorted(nom for nom in noms if FORME_VISITE.fullmatch(nom))

    def nettoyer(self) -> int:
        """Détruit ce qu'une écriture coupée a laissé (fichiers provisoires) ; rend leur nombre."""
        restes = list(self._dossier.glob(".*.neuf"))
        with erreurs_typees():
            for reste in restes:
                durable.ecraser_et_supprimer(reste)
            if restes:
                durable.synchroniser_dossier(self._dossier)
        return len(restes)

    def _chemin(self, visite: str) -> Path:
        return self._dossier / f"{verifier_visite(visite)}.cle"
