"""L'audit : aucun écran, dans aucune taille ni aucun thème, ne manque à une exigence d'accessibilité."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from borne.ui.affichage import PAYSAGE, PORTRAIT, Affichage
from borne.ui.audit import audit, contraste, phrases
from borne.ui.galerie import rendre
from borne.ui.textes import Textes
from tests.ui.conftest import TEXTES


@pytest.mark.exigence("A11Y-TAILLE")
@pytest.mark.exigence("A11Y-TEXTE")
@pytest.mark.exigence("A11Y-CONTRASTE")
@pytest.mark.exigence("A11Y-ARBRE")
@pytest.mark.exigence("A11Y-FALC")
@pytest.mark.exigence("A11Y-GLYPHES")
@pytest.mark.exigence("A11Y-VOIX")
@pytest.mark.parametrize("affichage", [PAYSAGE, PORTRAIT], ids=["paysage", "portrait"])
def test_aucune_violation(qtbot: QtBot, affichage: Affichage) -> None:
    rapport = audit([affichage], Textes(TEXTES))
    assert rapport["violations"] == {cle: [] for cle in rapport["violations"]}  # type: ignore[attr-defined]
    assert rapport["conforme"] is True
    assert json.dumps(rapport)


def test_l_audit_voit_ce_qui_manque(qtbot: QtBot) -> None:
    petit = Affichage(largeur_px=1280, hauteur_px=720, largeur_mm=344.0, hauteur_mm=194.0)
    violations = audit([petit], Textes(TEXTES))["violations"]
    assert violations["debordement"]  # type: ignore[index]


def test_contraste_de_reference() -> None:
    assert contraste("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contraste("#1B2733", "#FAF7F2") == pytest.approx(14.2, abs=0.1)
    assert contraste("#FFFFFF", "#0B5D5B") == pytest.approx(7.7, abs=0.1)


def test_les_phrases_se_comptent() -> None:
    assert phrases("Un. Deux ? Trois !") == ["Un", "Deux ", "Trois "]


def test_la_galerie_ecrit_chaque_ecran(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("borne.ui.galerie.VARIANTES", {"clair": {}})
    chemins = rendre(tmp_path, [PORTRAIT], Textes(TEXTES))
    assert tmp_path / "1080x1920" / "clair" / "accueil.png" in chemins
    assert all(chemin.stat().st_size > 5000 for chemin in chemins)
