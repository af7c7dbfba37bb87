"""Ce qui peut mal tourner quand on écrit ou relit : des exceptions typées, chacune avec une phrase à montrer.

`str(erreur)` est une phrase française courte, sans donnée de santé ni identité : elle peut être affichée au
médiateur, dite, ou écrite dans un journal.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlcipher3 import dbapi2

NOTADB = 26
CORROMPU = 11
PLEIN = 13
"""Codes primaires de SQLite (SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_FULL), https://sqlite.org/rescode.html."""

_LECTURE_IMPOSSIBLE = frozenset({266, 522, 8202, 8458})
"""Codes étendus : SQLITE_IOERR_READ, _SHORT_READ, _DATA, _CORRUPTFS ; le fichier même est en cause."""

_ERRNO_PLEIN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ErreurDossier(Exception):
    """Une opération du dossier n'a pas pu se faire ; `str()` en donne la phrase."""


class DossierPlein(ErreurDossier):
    """Plus de place : rien de ce qui était demandé n'a été gardé, tout ce qui l'était avant l'est encore."""

    def __init__(self) -> None:
        super().__init__("Le disque de la borne est plein. Rien de nouveau ne peut être gardé.")


class DisqueEnPanne(ErreurDossier):
    """Le disque refuse d'écrire ou de lire (erreur d'entrée-sortie, droits, montage en lecture seule)."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"Le disque de la borne ne répond pas correctement ({detail}).")


class DossierIllisible(ErreurDossier):
    """Le fichier d'une visite ne peut pas être relu."""

    def __init__(self, phrase: str = "Le dossier de cette visite est abîmé.") -> None:
        super().__init__(phrase)


class CleRefusee(DossierIllisible):
    """La clé n'ouvre pas ce fichier, ou sa première page est abîmée (SQLCipher ne distingue pas les deux)."""

    def __init__(self) -> None:
        super().__init__("La clé ne correspond pas à ce dossier, ou le dossier est abîmé.")


class CleAbsente(DossierIllisible):
    """Le coffre n'a pas, ou plus, la clé de cette visite."""

    def __init__(self) -> None:
        super().__init__("La clé de ce dossier n'existe plus.")


class NonChiffre(DossierIllisible):
    """Le fichier est en clair : la borne refuse d'y écrire."""

    def __init__(self) -> None:
        super().__init__("Ce dossier n'est pas chiffré. La borne refuse de l'utiliser.")


class VisiteInconnue(ErreurDossier):
    """Aucun dossier de ce nom (jamais créé, ou déjà purgé)."""

    def __init__(self) -> None:
        super().__init__("Ce dossier n'existe pas, ou plus.")


class VisiteEnCours(ErreurDossier):
    """Une autre visite est encore ouverte : la clore ou la purger d'abord."""

    def __init__(self) -> None:
        super().__init__("Une autre visite est encore ouverte.")


class DossierClos(ErreurDossier):
    """La visite est close : plus rien ne s'y ajoute, pour que son empreinte reste vraie."""

    def __init__(self) -> None:
        super().__init__("Cette visite est close. Plus rien ne peut y être ajouté.")


class DocumentDifferent(ErreurDossier):
    """Un document du même identifiant existe déjà, avec un autre contenu."""

    def __init__(self) -> None:
        super().__init__("Un autre document porte déjà ce numéro.")


class EmpreinteDifferente(ErreurDossier):
    """L'accusé de réception ne porte pas sur ce que la borne a envoyé : rien n'est effacé."""

    def __init__(self) -> None:
        super().__init__("L'accusé de réception ne correspond pas au dossier. Rien n'est effacé.")


class ArchivesOccupees(ErreurDossier):
    """Un autre processus tient déjà ce dossier de données."""

    def __init__(self) -> None:
        super().__init__("Une autre borne utilise déjà ce dossier de données.")


@contextmanager
def erreurs_typees() -> Iterator[None]:
    """Traduit les erreurs de SQLite et du système en `ErreurDossier` ; les autres passent inchangées."""
    try:
        yield
    except dbapi2.DatabaseError as erreur:
        raise _depuis_sqlite(erreur) from erreur
    except OSError as erreur:
        if erreur.errno in _ERRNO_PLEIN:
            raise DossierPlein from erreur
        raise DisqueEnPanne(errno.errorcode.get(erreur.errno or 0, "OSError")) from erreur


def _depuis_sqlite(erreur: Exception) -> Exception:
    """L'exception du dossier pour une erreur de SQLite ; une faute de programme reste ce qu'elle est."""
    code = getattr(erreur, "sqlite_errorcode", None)
    if code is None:
        return erreur
    primaire = code & 0xFF
    if primaire == PLEIN:
        return DossierPlein()
    if primaire == NOTADB:
        return CleRefusee()
    if primaire == CORROMPU or code in _LECTURE_IMPOSSIBLE:
        return DossierIllisible()
    if isinstance(erreur, dbapi2.OperationalError):
        return DisqueEnPanne(getattr(erreur, "sqlite_errorname", str(code)))
    return erreur
