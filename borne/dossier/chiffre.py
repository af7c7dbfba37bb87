"""Ouvrir un fichier SQLCipher sous sqlite-utils : clé brute, WAL, commits durables.

sqlite-utils prend `pysqlite3` quand il existe : SQLCipher s'y glisse sous ce nom, avant son premier import, sinon
ses exceptions ne seraient pas celles qu'attrape la bibliothèque.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import sqlcipher3
from sqlcipher3 import dbapi2

from borne.dossier.cles import TAILLE_CLE
from borne.dossier.erreurs import DossierIllisible, NonChiffre, erreurs_typees

sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", dbapi2)

import sqlite_utils  # noqa: E402
import sqlite_utils.utils  # noqa: E402

if sqlite_utils.utils.OperationalError is not dbapi2.OperationalError:
    raise ImportError("sqlite_utils a été importé avant borne.dossier.chiffre : SQLCipher n'y est pas branché")

Synchrone = Literal["FULL", "NORMAL"]

EN_TETE_CLAIR = b"SQLite format 3\x00"
"""Les 16 premiers octets d'un fichier SQLite en clair ; SQLCipher y met son sel aléatoire (fileformat2, 1.3)."""

_PREPARATION = (
    # Un seul processus écrit : sans mémoire partagée (-shm), une coupure ou un disque plein a un piège de moins.
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA foreign_keys = ON",
    # Une visite fait quelques centaines de Kio : le WAL se replie tôt, la reprise relit peu.
    "PRAGMA wal_autocheckpoint = 200",
)


def ouvrir_base(chemin: Path, cle: bytes, *, synchrone: Synchrone = "FULL") -> sqlite_utils.Database:
    """Ouvre (ou crée) le fichier chiffré `chemin` avec `cle` (32 octets bruts).

    `synchrone="FULL"` : tout commit rendu survit à une coupure de courant. "NORMAL" n'existe que pour que le banc
    montre qu'il en perd. Erreurs : CleRefusee (mauvaise clé ou première page abîmée), NonChiffre, DossierIllisible,
    DossierPlein, DisqueEnPanne ; ValueError si la clé n'a pas 32 octets.
    """
    if len(cle) != TAILLE_CLE:
        raise ValueError(f"clé de {len(cle)} octets, {TAILLE_CLE} attendus")
    if est_en_clair(chemin):
        raise NonChiffre
    with erreurs_typees():
        connexion = dbapi2.connect(str(chemin), timeout=5.0)
        try:
            _preparer(connexion, cle, synchrone)
        except BaseException:
            connexion.close()
            raise
    return sqlite_utils.Database(connexion, execute_plugins=False)


def est_en_clair(chemin: Path) -> bool:
    """Vrai si le fichier commence comme une base SQLite non chiffrée ; faux s'il est absent ou vide."""
    with erreurs_typees():
        if not chemin.exists():
            return False
        with chemin.open("rb") as fichier:
            return fichier.read(len(EN_TETE_CLAIR)) == EN_TETE_CLAIR


def controler(base: sqlite_utils.Database) -> None:
    """Relit toutes les pages (donc leur HMAC). DossierIllisible si l'une est abîmée."""
    with erreurs_typees():
        verdict = base.execute("PRAGMA quick_check(1)").fetchone()
    if verdict is None or verdict[0] != "ok":
        raise DossierIllisible


def _preparer(connexion: Any, cle: bytes, synchrone: Synchrone) -> None:
    """Donne la clé puis règle la connexion ; la première lecture dit si la clé est la bonne."""
    connexion.execute(f"PRAGMA key = \"x'{cle.hex()}'\"")
    if not connexion.execute("PRAGMA cipher_version").fetchone():
        raise NonChiffre
    for ordre in _PREPARATION:
        connexion.execute(ordre)
    connexion.execute("SELECT count(*) FROM sqlite_master").fetchone()
    mode = connexion.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise DossierIllisible("Ce disque ne permet pas un enregistrement sûr (WAL refusé).")
    connexion.execute(f"PRAGMA synchronous = {synchrone}")
