"""Le dossier d'une visite : ses événements, ses mesures, ses documents, dans un fichier chiffré à elle.

Le dossier ne connaît aucune classe d'événement : un événement y est (type, version, instant, corps JSON). Il se
relit donc après une mise à jour, et ce qui est transmis se calcule du fichier seul.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlite_utils

from borne.dossier import chiffre
from borne.dossier.erreurs import (
    DocumentDifferent,
    DossierClos,
    DossierIllisible,
    VisiteInconnue,
    erreurs_typees,
)
from borne.mesures import Mesure

VERSION_SCHEMA = 1
FORMAT_EXPORT = "borne.dossier/1"

_SCHEMA = """
CREATE TABLE visite (
    id TEXT PRIMARY KEY, creee REAL NOT NULL, close REAL, a_purger REAL
) STRICT;
CREATE TABLE evenements (
    rang INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, version INTEGER NOT NULL,
    instant REAL NOT NULL, corps BLOB NOT NULL
) STRICT;
CREATE TABLE mesures (
    id INTEGER PRIMARY KEY, rang INTEGER NOT NULL REFERENCES evenements(rang), code TEXT NOT NULL,
    valeur REAL, unite TEXT NOT NULL, instant REAL NOT NULL, appareil TEXT NOT NULL, qualite REAL NOT NULL
) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, nom TEXT NOT NULL, empreinte TEXT NOT NULL, contenu BLOB NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class EvenementBrut:
    """Un événement tel que gardé. `instant` : secondes Unix ; `corps` : les octets JSON reçus, inchangés."""

    rang: int
    type: str
    version: int
    instant: float
    corps: bytes


@dataclass(frozen=True, slots=True)
class DocumentDecrit:
    """Un document gardé. `taille` : octets ; `empreinte` : SHA-256 du contenu, en hexadécimal."""

    id: str
    nom: str
    taille: int
    empreinte: str


@dataclass(frozen=True, slots=True)
class EtatDossier:
    """Où en est une visite ; instants en secondes Unix, None tant que ce n'est pas arrivé."""

    visite: str
    creee: float
    close: float | None = None
    a_purger: float | None = None


class Dossier:
    """Le fichier ouvert d'une visite. À n'utiliser que depuis le fil qui l'a ouvert (voir `fil.py`)."""

    def __init__(self, base: sqlite_utils.Database, visite: str) -> None:
        """Prend une base ouverte par `ouvrir`. DossierIllisible si ce n'est pas le dossier de cette visite."""
        self._base = base
        self.visite = visite
        self._etat = self._lire_etat()

    @classmethod
    def fabriquer(cls, chemin: Path, cle: bytes, visite: str, creee: float) -> None:
        """Écrit un dossier vide à `chemin`, fermé, sans -wal : l'appelant le synchronise et lui donne son nom."""
        base = chiffre.ouvrir_base(chemin, cle)
        with erreurs_typees():
            try:
                base.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION_SCHEMA}; COMMIT;")
                base.table("visite").insert({"id": visite, "creee": creee})
            finally:
                base.close()

    @classmethod
    def ouvrir(cls, chemin: Path, cle: bytes, visite: str, *, synchrone: chiffre.Synchrone = "FULL") -> Dossier:
        """Ouvre et contrôle. VisiteInconnue s'il est absent ; DossierIllisible, DisqueEnPanne, DossierPlein."""
        if not chemin.exists():
            raise VisiteInconnue
        base = chiffre.ouvrir_base(chemin, cle, synchrone=synchrone)
        try:
            chiffre.controler(base)
            return cls(base, visite)
        except BaseException:
            base.close()
            raise

    @property
    def etat(self) -> EtatDossier:
        """Créée, close, à purger : les instants de cette visite."""
        return self._etat

    def ajouter(self, type: str, version: int, instant: float, corps: bytes, mesures: Sequence[Mesure] = ()) -> int:
        """Garde un événement et les mesures qu'il apporte, d'un seul commit ; rend son rang (1 = premier).

        Durable au retour : il survit à kill -9 et à une coupure. `corps` : JSON (RFC 8259, sans NaN). Erreurs :
        ValueError si ce n'en est pas, DossierClos, DossierPlein, DisqueEnPanne ; alors rien n'est gardé.
        """
        _verifier_json(corps)
        self._verifier_ouvert()
        with erreurs_typees(), self._base.atomic():
            curseur = self._base.execute(
                "INSERT INTO evenements (type, version, instant, corps) VALUES (?, ?, ?, ?)",
                (type, version, instant, corps),
            )
            rang = int(curseur.lastrowid or 0)
            if mesures:
                self._base.table("mesures").insert_all({"rang": rang, **asdict(mesure)} for mesure in mesures)
        return rang

    def evenements(self, apres: int = 0) -> list[EvenementBrut]:
        """Les événements de rang supérieur à `apres`, dans l'ordre."""
        with erreurs_typees():
            lignes = self._base.table("evenements").rows_where("rang > ?", [apres], order_by="rang")
            return [EvenementBrut(**ligne) for ligne in lignes]

    def mesures(self) -> list[Mesure]:
        """Les mesures gardées, dans l'ordre de leur arrivée."""
        colonnes = "code, valeur, unite, instant, appareil, qualite"
        with erreurs_typees():
            return [Mesure(**ligne) for ligne in self._base.query(f"SELECT {colonnes} FROM mesures ORDER BY id")]  # noqa: S608

    def ajouter_document(self, id: str, nom: str, contenu: bytes) -> str:
        """Garde un document (PDF), durable au retour ; rend son empreinte. Le redire à l'identique ne fait rien.

        Erreurs : DocumentDifferent si `id` porte déjà un autre contenu, DossierClos, DossierPlein, DisqueEnPanne.
        """
        empreinte = hashlib.sha256(contenu).hexdigest()
        for connu in self.documents():
            if connu.id == id:
                if connu.empreinte != empreinte:
                    raise DocumentDifferent
                return empreinte
        self._verifier_ouvert()
        with erreurs_typees(), self._base.atomic():
            self._base.table("documents").insert(
                {"id": id, "nom": nom, "empreinte": empreinte, "contenu": contenu}, pk="id"
            )
        return empreinte

    def document(self, id: str) -> bytes:
        """Le contenu d'un document. KeyError s'il n'existe pas ; DossierIllisible si son empreinte ne va plus."""
        with erreurs_typees():
            lignes = list(self._base.table("documents").rows_where("id = ?", [id]))
        if not lignes:
            raise KeyError(id)
        contenu = bytes(lignes[0]["contenu"])
        if hashlib.sha256(contenu).hexdigest() != lignes[0]["empreinte"]:
            raise DossierIllisible("Ce document est abîmé.")
        return contenu

    def documents(self) -> list[DocumentDecrit]:
        """Les documents gardés, sans leur contenu, par identifiant."""
        ordre = "SELECT id, nom, length(contenu) AS taille, empreinte FROM documents ORDER BY id"
        with erreurs_typees():
            return [DocumentDecrit(**ligne) for ligne in self._base.query(ordre)]

    def exporter(self) -> bytes:
        """Ce qui est à transmettre : JSON canonique (clés triées, sans espace, UTF-8), toujours les mêmes octets.

        {format, visite, creee, close, evenements: [{rang, type, version, instant, corps}], mesures: [Mesure],
        documents: [{id, nom, taille, empreinte}]} ; `corps` y est l'objet JSON, non une chaîne.
        """
        contenu = {
            "format": FORMAT_EXPORT,
            "visite": self.visite,
            "creee": self._etat.creee,
            "close": self._etat.close,
            "evenements": [{**asdict(e), "corps": json.loads(e.corps)} for e in self.evenements()],
            "mesures": [asdict(mesure) for mesure in self.mesures()],
            "documents": [asdict(document) for document in self.documents()],
        }
        texte = json.dumps(contenu, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return texte.encode()

    def empreinte(self) -> str:
        """SHA-256 (hexadécimal) de `exporter()` : ce que la salle doit rendre pour acquitter."""
        return hashlib.sha256(self.exporter()).hexdigest()

    def clore(self, instant: float) -> None:
        """Plus rien ne s'ajoutera. Sans effet si la visite est déjà close."""
        if self._etat.close is None:
            self._marquer("close", instant)

    def marquer_a_purger(self, instant: float) -> None:
        """Note que la purge était due ; ne sert que quand elle est désactivée pour une démonstration."""
        self._marquer("a_purger", instant)

    def fermer(self) -> None:
        """Ferme le fichier (le -wal est replié)."""
        with erreurs_typees():
            self._base.close()

    def _marquer(self, colonne: str, instant: float) -> None:
        with erreurs_typees(), self._base.atomic():
            self._base.table("visite").update(self.visite, {colonne: instant})
        self._etat = self._lire_etat()

    def _lire_etat(self) -> EtatDossier:
        with erreurs_typees():
            version = self._base.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION_SCHEMA:
                raise DossierIllisible("Ce dossier vient d'une version plus récente de la borne.")
            if not self._base.table("visite").exists():
                raise DossierIllisible
            lignes = list(self._base.table("visite").rows)
        if len(lignes) != 1 or lignes[0]["id"] != self.visite:
            raise DossierIllisible
        ligne = lignes[0]
        return EtatDossier(self.visite, ligne["creee"], ligne["close"], ligne["a_purger"])

    def _verifier_ouvert(self) -> None:
        if self._etat.close is not None:
            raise DossierClos


def _verifier_json(corps: bytes) -> None:
    """ValueError si `corps` n'est pas du JSON ; sans en citer un mot, car il peut porter une donnée de santé."""
    try:
        json.loads(corps, parse_constant=_refuser_constante)
    except ValueError:
        raise ValueError("le corps d'un événement doit être du JSON") from None


def _refuser_constante(constante: str) -> None:
    raise ValueError(constante)
