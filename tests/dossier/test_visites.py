"""Le dossier d'une visite et les archives, de la création à l'acquittement."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from borne.dossier.archives import Archives, EnAttente
from borne.dossier.erreurs import (
    ArchivesOccupees,
    CleAbsente,
    DocumentDifferent,
    DossierClos,
    DossierIllisible,
    EmpreinteDifferente,
    VisiteEnCours,
    VisiteInconnue,
)
from borne.mesures import BATTEMENTS_MINUTE, FREQUENCE_CARDIAQUE, MMHG, SYSTOLIQUE, Mesure
from tests.dossier.conftest import AUTRE, CORPS, NOM, VISITE, Fabrique, Horloge, fichiers

MESURES = (
    Mesure(SYSTOLIQUE, 128.0, MMHG, 1_700_000_010.5, "Tensiomètre"),
    Mesure(FREQUENCE_CARDIAQUE, None, BATTEMENTS_MINUTE, 1_700_000_010.5, "Tensiomètre", 0.5),
)


def test_ce_qui_est_ajoute_se_relit_a_l_identique(archiver: Fabrique) -> None:
    dossier = archiver().creer(VISITE)
    assert dossier.ajouter("IdentiteDonnee", 1, 1_700_000_001.25, CORPS) == 1
    assert dossier.ajouter("MesureRecue", 2, 1_700_000_010.5, b"{}", MESURES) == 2
    relu = archiver().ouvrir(VISITE)
    assert [(e.rang, e.type, e.version, e.instant, e.corps) for e in relu.evenements()] == [
        (1, "IdentiteDonnee", 1, 1_700_000_001.25, CORPS),
        (2, "MesureRecue", 2, 1_700_000_010.5, b"{}"),
    ]
    assert [e.rang for e in relu.evenements(apres=1)] == [2]
    assert relu.mesures() == list(MESURES)
    assert relu.ajouter("BorneRedemarree", 1, 1_700_000_020.0, b"{}") == 3


@pytest.mark.parametrize("corps", [b"", b"pas du json", b'{"v": NaN}', b"\xff"])
def test_un_corps_qui_n_est_pas_du_json_est_refuse(archiver: Fabrique, corps: bytes) -> None:
    dossier = archiver().creer(VISITE)
    with pytest.raises(ValueError, match="doit être du JSON"):
        dossier.ajouter("X", 1, 0.0, corps)
    assert dossier.evenements() == []


def test_documents(archiver: Fabrique, tmp_path: Path) -> None:
    pdf = b"%PDF-1.7 " + NOM.encode() * 9000
    dossier = archiver().creer(VISITE)
    empreinte = dossier.ajouter_document("ordonnance-1", "ordonnance.pdf", pdf)
    assert dossier.ajouter_document("ordonnance-1", "ordonnance.pdf", pdf) == empreinte
    with pytest.raises(DocumentDifferent):
        dossier.ajouter_document("ordonnance-1", "ordonnance.pdf", b"%PDF autre")
    relu = archiver().ouvrir(VISITE)
    assert relu.document("ordonnance-1") == pdf
    assert [(d.id, d.taille, d.empreinte) for d in relu.documents()] == [("ordonnance-1", len(pdf), empreinte)]
    with pytest.raises(KeyError):
        relu.document("absent")
    assert all(NOM.encode() not in f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())


def test_export_canonique_et_stable(archiver: Fabrique) -> None:
    archives = archiver()
    dossier = archives.creer(VISITE, 1_700_000_000.0)
    dossier.ajouter("IdentiteDonnee", 1, 1_700_000_001.0, CORPS, MESURES)
    dossier.ajouter_document("d", "d.pdf", b"%PDF")
    empreinte = archives.clore(VISITE)
    export = archiver().ouvrir(VISITE).exporter()
    assert hashlib.sha256(export).hexdigest() == empreinte
    lu = json.loads(export)
    assert lu["format"] == "borne.dossier/1"
    assert lu["evenements"][0]["corps"] == json.loads(CORPS)
    assert [m["valeur"] for m in lu["mesures"]] == [128.0, None]
    assert lu["documents"] == [
        {"id": "d", "nom": "d.pdf", "taille": 4, "empreinte": hashlib.sha256(b"%PDF").hexdigest()}
    ]
    assert export == json.dumps(lu, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_close_plus_rien_ne_s_ajoute(archiver: Fabrique) -> None:
    archives = archiver()
    dossier = archives.creer(VISITE)
    archives.clore(VISITE)
    with pytest.raises(DossierClos):
        dossier.ajouter("X", 1, 0.0, b"{}")
    with pytest.raises(DossierClos):
        dossier.ajouter_document("d", "d", b"x")


def test_la_visite_a_reprendre(archiver: Fabrique) -> None:
    assert archiver().visite_ouverte() is None
    archives = archiver()
    archives.creer(VISITE)
    with pytest.raises(VisiteEnCours):
        archives.creer(AUTRE)
    assert archiver().visite_ouverte() == VISITE
    archives = archiver()
    archives.clore(VISITE)
    archives.creer(AUTRE)
    assert archiver().visite_ouverte() == AUTRE


@pytest.mark.exigence("DONNEES-PURGE")
def test_acquittement_puis_plus_rien(archiver: Fabrique, tmp_path: Path, horloge: Horloge) -> None:
    archives = archiver()
    archives.creer(VISITE).ajouter("IdentiteDonnee", 1, 0.0, CORPS)
    empreinte = archives.clore(VISITE)
    assert archives.a_transmettre() == [EnAttente(VISITE, horloge.instant)]
    with pytest.raises(EmpreinteDifferente):
        archives.acquitter(VISITE, "0" * 64)
    assert archives.a_transmettre() != []
    archives.acquitter(VISITE, empreinte)
    assert archives.a_transmettre() == []
    assert fichiers(tmp_path) == []
    with pytest.raises(VisiteInconnue):
        archives.acquitter(VISITE, empreinte)
    with pytest.raises(VisiteInconnue):
        archives.purger(VISITE)


@pytest.mark.exigence("DONNEES-CHIFFRE")
def test_sans_sa_cle_une_visite_est_illisible_et_ecartee(archiver: Fabrique, tmp_path: Path) -> None:
    archiver().creer(VISITE).ajouter("IdentiteDonnee", 1, 0.0, CORPS)
    archiver()
    (tmp_path / "cles" / f"{VISITE}.cle").unlink()
    archives = archiver()
    assert archives.visite_ouverte() is None
    assert archives.ecartees() == [VISITE]
    archives.creer(AUTRE)


def test_cle_disparue_en_cours(archiver: Fabrique, tmp_path: Path) -> None:
    archiver().creer(VISITE)
    archives = archiver()
    (tmp_path / "cles" / f"{VISITE}.cle").unlink()
    with pytest.raises(CleAbsente):
        archives.ouvrir(VISITE)
    assert archives.ecartees() == [VISITE]
    with pytest.raises(VisiteInconnue):
        archives.ouvrir(VISITE)


@pytest.mark.parametrize("degat", ["vide", "tronque", "octet", "clair", "autre"])
def test_un_fichier_abime_ne_bloque_pas_la_borne(archiver: Fabrique, tmp_path: Path, degat: str) -> None:
    archives = archiver()
    dossier = archives.creer(VISITE)
    for n in range(60):
        dossier.ajouter("X", 1, float(n), CORPS)
    archives.clore(VISITE)
    archives = archiver()
    chemin = tmp_path / "donnees" / "visites" / f"{VISITE}.dossier"
    octets = chemin.read_bytes()
    abimes = {
        "vide": b"",
        "tronque": octets[: len(octets) // 2],
        "octet": octets[:9000] + bytes([octets[9000] ^ 1]) + octets[9001:],
        "clair": b"SQLite format 3\x00" + octets[16:],
        "autre": b"n'importe quoi" * 500,
    }
    chemin.write_bytes(abimes[degat])
    archives = archiver()
    assert archives.ecartees() == [VISITE]
    assert archives.a_transmettre() == []
    assert archives.creer(AUTRE).ajouter("X", 1, 0.0, b"{}") == 1
    assert '"visite_ecartee"' in (tmp_path / "donnees" / "journal.jsonl").read_text()


def test_un_dossier_qui_n_est_pas_le_sien(archiver: Fabrique, tmp_path: Path) -> None:
    archiver().creer(VISITE)
    archiver()
    (tmp_path / "donnees/visites" / f"{VISITE}.dossier").rename(tmp_path / "donnees/visites" / f"{AUTRE}.dossier")
    (tmp_path / "cles" / f"{VISITE}.cle").rename(tmp_path / "cles" / f"{AUTRE}.cle")
    archives = archiver()
    assert archives.ecartees() == [AUTRE]


def test_un_seul_processus_a_la_fois(archiver: Fabrique, tmp_path: Path) -> None:
    archiver()
    with pytest.raises(ArchivesOccupees):
        Archives(tmp_path / "donnees", tmp_path / "cles")


def test_cles_et_donnees_a_part(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="séparés"):
        Archives(tmp_path, tmp_path / "cles")
    with pytest.raises(ValueError, match="séparés"):
        Archives(tmp_path / "donnees", tmp_path)


def test_une_version_plus_recente_est_dite(archiver: Fabrique) -> None:
    archives = archiver()
    dossier = archives.creer(VISITE)
    dossier._base.execute("PRAGMA user_version = 2")
    archives = archiver()
    assert archives.ecartees() == [VISITE]


def test_creer_deux_fois_la_meme(archiver: Fabrique) -> None:
    archives = archiver()
    archives.creer(VISITE)
    archives.clore(VISITE)
    with pytest.raises(ValueError, match="existe déjà"):
        archives.creer(VISITE)


def test_document_abime(archiver: Fabrique) -> None:
    dossier = archiver().creer(VISITE)
    dossier.ajouter_document("d", "d", b"x")
    dossier._base.execute("UPDATE documents SET contenu = x'00'")
    with pytest.raises(DossierIllisible):
        dossier.document("d")
