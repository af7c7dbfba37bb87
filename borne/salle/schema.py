"""Le schéma de la base de la salle. Tout instant est en secondes Unix (UTC)."""

from __future__ import annotations

from typing import Final

_PREMIER: Final = (
    """CREATE TABLE medecins (
        id TEXT PRIMARY KEY, identifiant TEXT NOT NULL UNIQUE, nom TEXT NOT NULL, condensat TEXT NOT NULL,
        actif INTEGER NOT NULL DEFAULT 1, a_changer INTEGER NOT NULL DEFAULT 1) STRICT""",
    """CREATE TABLE sessions (
        condensat TEXT PRIMARY KEY, medecin TEXT NOT NULL REFERENCES medecins(id),
        expire REAL NOT NULL) STRICT""",
    """CREATE TABLE tentatives (
        cle TEXT PRIMARY KEY, echecs INTEGER NOT NULL, dernier REAL NOT NULL) STRICT""",
    """CREATE TABLE bornes (
        id TEXT PRIMARY KEY, lieu TEXT NOT NULL, cle BLOB NOT NULL UNIQUE,
        revoquee INTEGER NOT NULL DEFAULT 0) STRICT""",
    """CREATE TABLE codes (
        condensat TEXT PRIMARY KEY, lieu TEXT NOT NULL, expire REAL NOT NULL,
        borne TEXT REFERENCES bornes(id)) STRICT""",
    """CREATE TABLE visites (
        ordre INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        borne TEXT NOT NULL REFERENCES bornes(id), patient BLOB, entree REAL NOT NULL,
        etat TEXT NOT NULL CHECK (etat IN ('attente', 'prise', 'terminee', 'partie')),
        pret INTEGER NOT NULL DEFAULT 0, medecin TEXT REFERENCES medecins(id), page TEXT,
        page_prete INTEGER NOT NULL DEFAULT 0, prise_a REAL, finie_a REAL,
        raison TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX visites_etat ON visites(etat)",
    """CREATE TABLE notes (
        visite TEXT PRIMARY KEY REFERENCES visites(id), texte TEXT NOT NULL, modifie REAL NOT NULL) STRICT""",
    """CREATE TABLE alertes (
        borne TEXT NOT NULL REFERENCES bornes(id), raison TEXT NOT NULL, visite TEXT NOT NULL,
        instant REAL NOT NULL, vue INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (borne, raison)) STRICT""",
    """CREATE TABLE documents (
        ordre INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        visite TEXT NOT NULL REFERENCES visites(id), nom TEXT NOT NULL, empreinte TEXT NOT NULL,
        contenu BLOB NOT NULL, etat TEXT NOT NULL DEFAULT 'envoye') STRICT""",
    "CREATE INDEX documents_visite ON documents(visite)",
    """CREATE TABLE dossiers (
        ordre INTEGER PRIMARY KEY AUTOINCREMENT, visite TEXT NOT NULL REFERENCES visites(id),
        empreinte TEXT NOT NULL, contenu BLOB NOT NULL, recu REAL NOT NULL,
        UNIQUE (visite, empreinte)) STRICT""",
    """CREATE TABLE journal (
        numero INTEGER PRIMARY KEY, instant REAL NOT NULL, acteur TEXT NOT NULL, action TEXT NOT NULL,
        objet TEXT NOT NULL, precedent TEXT NOT NULL, empreinte TEXT NOT NULL) STRICT""",
    """CREATE TRIGGER journal_sans_retouche BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'le journal ne se modifie pas'); END""",
    """CREATE TRIGGER journal_sans_effacement BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'le journal ne se modifie pas'); END""",
)

_CERTIFICATS: Final = (
    """CREATE TABLE certificats (
        borne TEXT PRIMARY KEY REFERENCES bornes(id), instant INTEGER NOT NULL, contenu TEXT NOT NULL) STRICT""",
)

SCHEMAS: Final = (_PREMIER, _CERTIFICATS)
"""Ce que chaque version ajoute à la précédente : une base ancienne reçoit ce qui lui manque."""
VERSION_SCHEMA: Final = len(SCHEMAS)
