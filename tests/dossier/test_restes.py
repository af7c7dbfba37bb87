"""La recherche de restes trouve ce qui reste, sous toutes ses écritures, et rien d'autre."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from borne.dossier.restes import Reste, chercher
from tests.dossier.conftest import CORPS, NOM, VISITE, Fabrique

TELEPHONE = "+33612345678"


@pytest.mark.exigence("DONNEES-PURGE")
@pytest.mark.parametrize(
    "octets",
    [
        NOM.encode(),
        NOM.upper().encode("latin-1").replace("È".encode("latin-1"), "è".encode("latin-1")).replace(b"\xc9", b"\xe9"),
        NOM.encode("utf-16-le"),
        json.dumps({"nom": NOM}).encode(),
        b"x" * ((1 << 20) - 5) + NOM.encode() + b"y" * 100,
    ],
    ids=["utf8", "latin1", "utf16", "json", "entre deux blocs"],
)
def test_un_nom_se_trouve_sous_toutes_ses_ecritures(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "sous").mkdir()
    (tmp_path / "sous" / "journal.log").write_bytes(b"avant " + octets)
    assert chercher([tmp_path], [TELEPHONE, NOM], tmp_path / "cles") == [
        Reste(tmp_path / "sous" / "journal.log", "clair", 1)
    ]


def test_dans_un_nom_de_fichier(tmp_path: Path) -> None:
    (tmp_path / f"ordonnance {NOM}.pdf").write_bytes(b"")
    assert [reste.forme for reste in chercher([tmp_path], [NOM], tmp_path / "cles")] == ["nom"]


@pytest.mark.exigence("DONNEES-PURGE")
def test_un_dossier_chiffre_dont_la_cle_reste_est_un_reste(archiver: Fabrique, tmp_path: Path) -> None:
    dossier = archiver().creer(VISITE)
    dossier.ajouter("IdentiteDonnee", 1, 0.0, CORPS)
    dossier.ajouter_document("d", "d.pdf", b"%PDF tension 128 sur 82")
    chemin = tmp_path / "donnees" / "visites" / f"{VISITE}.dossier"
    trouves = chercher([tmp_path / "donnees"], [NOM, "tension 128 sur 82"], tmp_path / "cles")
    assert trouves == [Reste(chemin, "dechiffre", 0), Reste(chemin, "dechiffre", 1)]
    archiver()
    (tmp_path / "cles" / f"{VISITE}.cle").write_bytes(b"\x00" * 32)
    assert chercher([tmp_path / "donnees"], [NOM], tmp_path / "cles") == []
    (tmp_path / "cles" / f"{VISITE}.cle").write_bytes(b"")
    restes = chercher([tmp_path / "donnees"], [NOM], tmp_path / "cles", [VISITE])
    assert {(reste.fichier.name, reste.forme) for reste in restes} == {
        (f"{VISITE}.dossier", "fichier"),
        (f"{VISITE}.cle", "cle"),
    }


def test_motif_vide_refuse(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="vide"):
        chercher([tmp_path], [""], tmp_path)
