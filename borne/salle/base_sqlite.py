"""La base chiffrée d'une machine : ouverture, schéma, fil d'exécution et journal chaîné.

SQLCipher sous sqlite-utils, clé brute, WAL et synchronous=FULL : une ligne validée survit à la coupure.
"""

from __future__ import annotations

import asyncio
import fcntl
import functools
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import sqlcipher3
from sqlcipher3 import dbapi2

# sqlite-utils prend le pilote nommé pysqlite3 s'il existe : ses exceptions sont alors celles de SQLCipher.
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = dbapi2

import sqlite_utils  # noqa: E402

from borne.salle import cles as cles_salle  # noqa: E402
from borne.salle.schema import SCHEMAS, VERSION_SCHEMA  # noqa: E402
from borne.salle.stockage import ErreurStockage, LigneJournal  # noqa: E402

NOM_BASE: Final = "salle.sqlite"
NOM_VERROU: Final = "service.verrou"
DEPART_JOURNAL: Final = "0" * 64

P = ParamSpec("P")
R = TypeVar("R")
Ligne = dict[str, Any]


def ouvrir_base(chemin: Path, cle: bytes) -> sqlite_utils.Database:
    """La base ouverte et à jour ; lève `ErreurStockage` (mauvaise clé, version plus récente, disque)."""
    connexion = None
    try:
        connexion = dbapi2.connect(str(chemin), timeout=10.0)
        connexion.execute(f"PRAGMA key = \"x'{cle.hex()}'\"")
        connexion.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for reglage in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            connexion.execute(f"PRAGMA {reglage}")
        base = sqlite_utils.Database(connexion)
        _mettre_a_jour(base)
    except (dbapi2.DatabaseError, ErreurStockage) as erreur:
        if connexion is not None:
            connexion.close()
        if isinstance(erreur, ErreurStockage):
            raise
        raise ErreurStockage(f"La base {chemin} ne s'ouvre pas ({erreur}) : clé fausse ou disque ?") from erreur
    return base


def _mettre_a_jour(base: sqlite_utils.Database) -> None:
    with transaction(base):
        version = int(base.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION_SCHEMA:
            raise ErreurStockage("La base vient d'une version plus récente du logiciel.")
        if version == VERSION_SCHEMA:
            return
        for ajouts in SCHEMAS[version:]:
            for ordre in ajouts:
                base.execute(ordre)
        base.execute(f"PRAGMA user_version = {VERSION_SCHEMA}")


@contextmanager
def transaction(base: sqlite_utils.Database) -> Iterator[None]:
    """Écriture entière ou nulle. IMMEDIATE : une commande d'administration peut écrire en même temps."""
    base.execute("BEGIN IMMEDIATE")
    try:
        yield
        base.execute("COMMIT")
    except BaseException:
        base.rollback()
        raise


class BaseSqlite:
    """Le fil de la base. Les méthodes décorées `lecture` et `ecriture` s'y exécutent, une à la fois."""

    def __init__(self, donnees: Path, cles: Path, horloge: Callable[[], float] = time.time) -> None:
        self.horloge = horloge
        self._donnees = donnees
        self._cles = cles
        self._fil = ThreadPoolExecutor(max_workers=1, thread_name_prefix="salle-base")
        self._verrou: int | None = None
        self._version_vue = 0
        self.bd: sqlite_utils.Database

    async def ouvrir(self) -> None:
        """Ouvre ou crée la base ; lève `ErreurStockage`."""
        try:
            await self.executer(self._ouvrir)
        except BaseException:
            self._fil.shutdown(wait=False)
            raise

    def _ouvrir(self) -> None:
        cles_salle.preparer_dossiers(self._donnees, self._cles)
        chemin = self._donnees / NOM_BASE
        self.bd = ouvrir_base(chemin, cles_salle.lire_ou_creer(self._cles, chemin.exists()))
        self._version_vue = self._version_des_autres()

    def _version_des_autres(self) -> int:
        return int(self.bd.execute("PRAGMA data_version").fetchone()[0])

    async def executer(self, fonction: Callable[[], R]) -> R:
        """Exécute dans le fil de la base ; les erreurs du pilote deviennent `ErreurStockage`."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._fil, fonction)
        except dbapi2.Error as erreur:
            # Le texte du pilote nomme la table ou la panne, jamais les valeurs.
            raise ErreurStockage(f"stockage indisponible : {erreur}") from erreur

    async def prendre_service(self) -> None:
        """Voir `stockage.Stockage`."""
        await self.executer(self._prendre_service)

    def _prendre_service(self) -> None:
        verrou = os.open(self._donnees / NOM_VERROU, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as erreur:
            os.close(verrou)
            raise ErreurStockage(f"Une salle tourne déjà sur {self._donnees}.") from erreur
        self._verrou = verrou
        with transaction(self.bd):
            self.bd.execute("UPDATE visites SET page = NULL, page_prete = 0")

    async def changements(self) -> bool:
        """Voir `stockage.Stockage` (PRAGMA data_version ne bouge que pour les écritures des autres)."""

        def comparer() -> bool:
            avant, self._version_vue = self._version_vue, self._version_des_autres()
            return avant != self._version_vue

        return await self.executer(comparer)

    async def fermer(self) -> None:
        """Ferme la base et son fil."""

        def fermer() -> None:
            self.bd.close()
            if self._verrou is not None:
                os.close(self._verrou)

        await self.executer(fermer)
        self._fil.shutdown()

    def une(self, requete: str, *valeurs: object) -> Ligne | None:
        """La première ligne, dans le fil de la base."""
        return next(self.bd.query(requete, valeurs), None)

    def toutes(self, requete: str, *valeurs: object) -> list[Ligne]:
        """Toutes les lignes, dans le fil de la base."""
        return list(self.bd.query(requete, valeurs))

    def changer(self, ordre: str, *valeurs: object) -> int:
        """Le nombre de lignes changées, dans le fil de la base."""
        return int(self.bd.execute(ordre, valeurs).rowcount)

    def inscrire_au_journal(self, acteur: str, action: str, objet: str = "") -> None:
        """Ajoute une ligne chaînée dans la transaction en cours : l'acte et sa trace, ensemble ou pas."""
        derniere = self.une("SELECT numero, empreinte FROM journal ORDER BY numero DESC LIMIT 1")
        numero = 1 if derniere is None else int(derniere["numero"]) + 1
        precedent = DEPART_JOURNAL if derniere is None else str(derniere["empreinte"])
        ligne = (numero, self.horloge(), acteur, action, objet, precedent)
        self.changer("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", *ligne, empreinte_de(*ligne))


def empreinte_de(numero: int, instant: float, acteur: str, action: str, objet: str, precedent: str) -> str:
    """SHA-256 hexadécimal d'une ligne du journal, empreinte de la précédente comprise."""
    texte = json.dumps([numero, instant, acteur, action, objet, precedent], ensure_ascii=False)
    return hashlib.sha256(texte.encode()).hexdigest()


def premiere_alteree(lignes: list[LigneJournal]) -> int | None:
    """Le numéro de la première ligne qui ne suit pas la précédente, None si la chaîne est entière."""
    precedent = DEPART_JOURNAL
    for attendu, ligne in enumerate(lignes, start=1):
        contenu = (ligne.numero, ligne.instant, ligne.acteur, ligne.action, ligne.objet, ligne.precedent)
        if (ligne.numero, ligne.precedent) != (attendu, precedent) or ligne.empreinte != empreinte_de(*contenu):
            return attendu
        precedent = ligne.empreinte
    return None


B = TypeVar("B", bound=BaseSqlite)


def lecture(
    fonction: Callable[Concatenate[B, P], R],
) -> Callable[Concatenate[B, P], Coroutine[Any, Any, R]]:
    """Rend asynchrone une méthode de lecture : elle s'exécute dans le fil de la base."""

    @functools.wraps(fonction)
    async def dehors(self: B, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.executer(functools.partial(fonction, self, *args, **kwargs))

    return dehors


def ecriture(
    fonction: Callable[Concatenate[B, P], R],
) -> Callable[Concatenate[B, P], Coroutine[Any, Any, R]]:
    """Rend asynchrone une méthode d'écriture : une transaction dans le fil de la base, durable au retour."""

    @functools.wraps(fonction)
    async def dehors(self: B, /, *args: P.args, **kwargs: P.kwargs) -> R:
        def dans_le_fil() -> R:
            with transaction(self.bd):
                return fonction(self, *args, **kwargs)

        return await self.executer(dans_le_fil)

    return dehors
