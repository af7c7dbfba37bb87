"""Les gestes du système de fichiers qui tiennent à une coupure : synchroniser, remplacer d'un coup, effacer.

Un `fsync` du fichier ne garde pas son nom : l'entrée du dossier qui le contient se synchronise à part
(fsync(2), « Calling fsync() does not necessarily ensure that the entry in the directory has also reached disk »).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def synchroniser_dossier(dossier: Path) -> None:
    """Rend durables les créations, renommages et suppressions faits dans `dossier`. OSError si impossible."""
    descripteur = os.open(dossier, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def synchroniser_fichier(chemin: Path) -> None:
    """Rend durable le contenu de `chemin`."""
    descripteur = os.open(chemin, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def creer_dossier(dossier: Path) -> None:
    """Crée `dossier` (0700) et ses parents manquants, durablement ; resserre les droits s'il existait."""
    manquants = [d for d in (dossier, *dossier.parents) if not d.exists()]
    for manquant in reversed(manquants):
        manquant.mkdir(mode=0o700, exist_ok=True)
        synchroniser_dossier(manquant.parent)
    dossier.chmod(0o700)


def ecrire_tout(descripteur: int, octets: bytes) -> None:
    """Écrit tous les octets, quitte à s'y reprendre. OSError (ENOSPC...) si le système n'en veut plus."""
    reste = memoryview(octets)
    while reste:
        reste = reste[os.write(descripteur, reste) :]


def ecrire_atomique(chemin: Path, octets: bytes) -> None:
    """Écrit `chemin` (0600) d'un seul coup : après une coupure, il est absent ou entier, jamais à moitié."""
    provisoire = chemin.with_name(f".{chemin.name}.{secrets.token_hex(4)}.neuf")
    descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            ecrire_tout(descripteur, octets)
            os.fsync(descripteur)
        finally:
            os.close(descripteur)
        provisoire.rename(chemin)
    except OSError:
        provisoire.unlink(missing_ok=True)
        raise
    synchroniser_dossier(chemin.parent)


def ecraser_et_supprimer(chemin: Path) -> bool:
    """Remplace le contenu par du hasard, le synchronise, puis supprime le nom ; False si absent.

    Sur mémoire flash l'ancienne page physique peut survivre à l'écrasement : c'est la limite connue de tout
    effacement logiciel (NIST SP 800-88r1, 2.4). Reprenable : tout ordre interrompu se relance.
    """
    try:
        descripteur = os.open(chemin, os.O_WRONLY)
    except FileNotFoundError:
        return False
    try:
        ecrire_tout(descripteur, secrets.token_bytes(os.fstat(descripteur).st_size))
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
    chemin.unlink()
    return True


def vider(chemin: Path) -> None:
    """Rend au disque la place de `chemin`, en gardant son nom (qui sert alors de marqueur)."""
    descripteur = os.open(chemin, os.O_WRONLY)
    try:
        os.ftruncate(descripteur, 0)
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
