"""Le README dit vrai : ses réglages, ses images et ses commandes existent."""

from __future__ import annotations

import os
import re
from pathlib import Path

from borne.configuration import aide

RACINE = Path(__file__).parents[1]
LISEZMOI = (RACINE / "README.md").read_text(encoding="utf-8")
ENTETE = "| réglage | valeur ordinaire | ce qu'il fait |"


def table_des_reglages() -> str:
    """La table du README, faite de `aide()` ; à recopier quand un réglage change."""
    lignes = [f"| `{cle}` | `{valeur}` | {role} |" for cle, valeur, role in aide()]
    return "\n".join([ENTETE, "|---|---|---|", *lignes])


def test_la_table_des_reglages_est_celle_du_logiciel() -> None:
    debut = LISEZMOI.index(ENTETE)
    assert LISEZMOI[debut:].split("\n\n")[0] == table_des_reglages()


def test_chaque_image_existe_et_se_decrit() -> None:
    images = re.findall(r'<img src="([^"]+)"[^>]*alt="([^"]+)"', LISEZMOI)
    assert len(images) == LISEZMOI.count("<img ") > 0
    for chemin, texte in images:
        assert (RACINE / chemin).stat().st_size < 60_000, chemin
        assert len(texte) > 10, chemin


def test_chaque_chemin_cite_existe() -> None:
    """Les chemins de ce dépôt ; `config/textes/<langue>/` est une forme, pas un chemin."""
    cites = set(re.findall(r"`((?:borne|config|packaging|tests)/[^`<\s]*)`", LISEZMOI))
    assert cites
    assert [chemin for chemin in sorted(cites) if not (RACINE / chemin).exists()] == []


def test_les_deux_commandes_sont_executables() -> None:
    for commande in ("packaging/demarrer.sh", "packaging/verifier.sh"):
        assert commande in LISEZMOI
        assert os.access(RACINE / commande, os.X_OK), commande
