"""La clé du stockage : 32 octets aléatoires, dans un dossier à part des données (DONNEES-CHIFFRE)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from borne.salle.stockage import ErreurStockage

NOM: Final = "salle.cle"
LONGUEUR: Final = 32


def preparer_dossiers(donnees: Path, cles: Path) -> None:
    """Crée les dossiers, lisibles du seul service ; lève `ErreurStockage` si l'un contient l'autre."""
    donnees, cles = donnees.resolve(), cles.resolve()
    if cles.is_relative_to(donnees) or donnees.is_relative_to(cles):
        raise ErreurStockage(f"Le dossier des clés ({cles}) doit être à part du dossier des données ({donnees}).")
    for dossier in (donnees, cles):
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)


def lire_ou_creer(cles: Path, base_existe: bool) -> bytes:
    """La clé. N'en crée une que s'il n'y a pas encore de base : sinon une base perdue semblerait vide."""
    chemin = cles / NOM
    if not chemin.exists():
        if base_existe:
            raise ErreurStockage(f"La base existe mais sa clé manque : {chemin}.")
        _creer(chemin)
    cle = chemin.read_bytes()
    if len(cle) != LONGUEUR:
        raise ErreurStockage(f"La clé {chemin} n'a pas {LONGUEUR} octets.")
    return cle


def _creer(chemin: Path) -> None:
    """Écrit la clé d'un coup (lien dur) : une commande lancée en même temps ne lit jamais une clé à demi."""
    brouillon = chemin.with_name(f".{NOM}.{secrets.token_hex(8)}")
    descripteur = os.open(brouillon, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descripteur, secrets.token_bytes(LONGUEUR))
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
    try:
        os.link(brouillon, chemin)
    except FileExistsError:
        # Un autre programme vient de la créer : la sienne vaut, la nôtre disparaît.
        return
    finally:
        brouillon.unlink()
        dossier = os.open(chemin.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(dossier)
        finally:
            os.close(dossier)
