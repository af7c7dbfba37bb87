"""Le fichier est chiffré, s'ouvre avec sa clé seulement, et commite pour de bon."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

import pytest

from borne.dossier import chiffre
from borne.dossier.erreurs import CleRefusee, DossierIllisible, NonChiffre

CLE = bytes(range(32))


def remplir(chemin: Path, lignes: int = 200) -> None:
    base = chiffre.ouvrir_base(chemin, CLE)
    base.table("essai").insert_all({"n": n, "texte": f"Lefèvre-Quénault {n}"} for n in range(lignes))
    base.close()


@pytest.mark.exigence("DONNEES-CHIFFRE")
def test_rien_ne_se_lit_en_clair(tmp_path: Path) -> None:
    chemin = tmp_path / "a.dossier"
    base = chiffre.ouvrir_base(chemin, CLE)
    base.table("essai").insert({"texte": "Lefèvre-Quénault"})
    octets = b"".join(fichier.read_bytes() for fichier in tmp_path.iterdir())
    assert (tmp_path / "a.dossier-wal").exists()
    base.close()
    assert len(octets) > 4096
    for clair in ("Lefèvre".encode(), b"essai", chiffre.EN_TETE_CLAIR, CLE):
        assert clair not in octets


def test_reglages_surs(tmp_path: Path) -> None:
    base = chiffre.ouvrir_base(tmp_path / "a", CLE)
    assert base.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert base.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert not (tmp_path / "a-shm").exists()
    base.close()


def test_mauvaise_cle(tmp_path: Path) -> None:
    remplir(tmp_path / "a")
    with pytest.raises(CleRefusee, match="clé"):
        chiffre.ouvrir_base(tmp_path / "a", secrets.token_bytes(32))
    with pytest.raises(ValueError, match="31 octets"):
        chiffre.ouvrir_base(tmp_path / "a", CLE[:31])


def test_fichier_en_clair_refuse(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "clair") as clair:
        clair.execute("CREATE TABLE essai (n)")
    clair.close()
    with pytest.raises(NonChiffre):
        chiffre.ouvrir_base(tmp_path / "clair", CLE)


@pytest.mark.parametrize("position", [0, 20, 5000, 9000])
def test_un_octet_change_se_voit(tmp_path: Path, position: int) -> None:
    chemin = tmp_path / "a"
    remplir(chemin)
    octets = bytearray(chemin.read_bytes())
    octets[position] ^= 1
    chemin.write_bytes(octets)
    with pytest.raises(DossierIllisible):
        chiffre.controler(chiffre.ouvrir_base(chemin, CLE))


def test_fichier_tronque_se_voit(tmp_path: Path) -> None:
    chemin = tmp_path / "a"
    remplir(chemin)
    chemin.write_bytes(chemin.read_bytes()[:5000])
    with pytest.raises(DossierIllisible):
        chiffre.controler(chiffre.ouvrir_base(chemin, CLE))


def test_sqlite_utils_parle_bien_a_sqlcipher(tmp_path: Path) -> None:
    base = chiffre.ouvrir_base(tmp_path / "a", CLE)
    base.table("essai").insert({"n": 1})
    base.table("essai").insert({"n": 2, "neuf": "x"}, alter=True)
    assert [ligne["neuf"] for ligne in base.table("essai").rows] == [None, "x"]
    base.close()
