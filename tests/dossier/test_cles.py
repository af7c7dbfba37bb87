"""Le coffre : droits, durée de vie, destruction."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from borne.dossier.cles import Coffre
from borne.dossier.erreurs import CleAbsente, DisqueEnPanne, DossierIllisible
from tests.dossier.conftest import AUTRE, VISITE


def droits(chemin: Path) -> int:
    return stat.S_IMODE(chemin.stat().st_mode)


@pytest.mark.exigence("DONNEES-CHIFFRE")
def test_une_cle_par_visite_a_droits_serres(tmp_path: Path) -> None:
    coffre = Coffre(tmp_path / "loin" / "cles")
    cle, autre = coffre.creer(VISITE), coffre.creer(AUTRE)
    assert len(cle) == 32
    assert cle != autre
    assert coffre.lire(VISITE) == cle
    assert droits(tmp_path / "loin" / "cles") == 0o700
    assert droits(tmp_path / "loin" / "cles" / f"{VISITE}.cle") == 0o600
    assert coffre.visites() == [VISITE, AUTRE]
    with pytest.raises(ValueError, match="déjà une clé"):
        coffre.creer(VISITE)


def test_detruite_elle_manque(tmp_path: Path) -> None:
    coffre = Coffre(tmp_path / "cles")
    coffre.creer(VISITE)
    assert coffre.detruire(VISITE)
    assert not coffre.detruire(VISITE)
    assert list((tmp_path / "cles").iterdir()) == []
    with pytest.raises(CleAbsente):
        coffre.lire(VISITE)


def test_cle_abimee(tmp_path: Path) -> None:
    coffre = Coffre(tmp_path / "cles")
    coffre.creer(VISITE)
    (tmp_path / "cles" / f"{VISITE}.cle").write_bytes(b"courte")
    with pytest.raises(DossierIllisible, match="abîmée"):
        coffre.lire(VISITE)


def test_ecriture_coupee_nettoyee(tmp_path: Path) -> None:
    coffre = Coffre(tmp_path / "cles")
    (tmp_path / "cles" / f".{VISITE}.cle.0a1b2c3d.neuf").write_bytes(b"moitie")
    assert coffre.visites() == []
    assert coffre.nettoyer() == 1
    assert list((tmp_path / "cles").iterdir()) == []


@pytest.mark.parametrize("visite", ["", "Dupont", "../../../etc/passwd", "0" * 65, "00112233/44556677"])
def test_identifiant_de_visite_controle(tmp_path: Path, visite: str) -> None:
    with pytest.raises(ValueError, match="hexadécimaux"):
        Coffre(tmp_path / "cles").creer(visite)


def test_coffre_impossible(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_bytes(b"")
    with pytest.raises(DisqueEnPanne):
        Coffre(tmp_path / "fichier" / "cles")
