"""Ce qu'un technicien doit corriger se dit en une phrase, et la commande échoue."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ORDINAIRE = """[lieu]
nom = "Mairie"

[chemins]
donnees = "{dossier}/donnees"
cles = "{dossier}/cles"
{autre}
[salle]
url = "http://127.0.0.1:9"
"""


def _demarrer(dossier: Path, contenu: str) -> tuple[int, str]:
    fichier = dossier / "borne.toml"
    fichier.write_text(contenu, encoding="utf-8")
    commande = [sys.executable, "-m", "borne", "demarrer", "--config", str(fichier)]
    fini = subprocess.run(commande, capture_output=True, text=True, timeout=60, check=False)
    return fini.returncode, fini.stdout + fini.stderr


@pytest.mark.parametrize(
    ("ligne", "attendu"),
    [
        ("largeur = 1920", "ligne 3 : la clé « ecran.largeur » n'existe pas. Clés possibles : largeur_px"),
        ('largeur_px = "grand"', "ligne 3 : la valeur de « ecran.largeur_px » ne convient pas (un nombre entier"),
        ("largeur_px = 12", "ligne 3 : la valeur de « ecran.largeur_px » ne convient pas (au moins 320)"),
        ("largeur_px = ", "ce n'est pas du TOML correct"),
    ],
)
def test_configuration_fausse(tmp_path: Path, ligne: str, attendu: str) -> None:
    statut, dit = _demarrer(tmp_path, f"[ecran]\nhauteur_px = 1080\n{ligne}\n")
    assert statut != 0
    assert attendu in dit
    assert "Traceback" not in dit


def test_borne_non_enrolee(tmp_path: Path) -> None:
    statut, dit = _demarrer(tmp_path, ORDINAIRE.format(dossier=tmp_path, autre=""))
    assert statut != 0
    assert "Cette borne n'est pas enrôlée. Demandez un code à la salle. Puis lancez : borne enroler CODE" in dit
    assert "Traceback" not in dit


def test_appareils_mal_decrits(tmp_path: Path) -> None:
    appareils = tmp_path / "appareils.toml"
    appareils.write_text('[[appareil]]\nidentifiant = "t"\npilote = "inconnu"\nlibelle = "T"\n')
    autre = f'peripheriques = "{appareils}"\n'
    statut, dit = _demarrer(tmp_path, ORDINAIRE.format(dossier=tmp_path, autre=autre))
    assert statut != 0
    assert "le pilote « inconnu » de « t » est inconnu" in dit
    assert "Traceback" not in dit
