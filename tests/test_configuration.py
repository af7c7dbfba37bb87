"""La configuration : ses erreurs nomment la clé et la ligne."""

from __future__ import annotations

from pathlib import Path

import pytest

from borne.commandes.communes import RACINE
from borne.configuration import Configuration, ConfigurationInvalide, aide, lire


def _ecrire(dossier: Path, texte: str) -> Path:
    chemin = dossier / "borne.toml"
    chemin.write_text(texte, encoding="utf-8")
    return chemin


def test_la_configuration_livree_est_bonne() -> None:
    assert lire(RACINE / "config" / "borne.toml").lieu.nom


def test_un_fichier_vide_donne_les_valeurs_ordinaires(tmp_path: Path) -> None:
    assert lire(_ecrire(tmp_path, "")) == Configuration()


@pytest.mark.parametrize(
    ("texte", "ligne", "mots"),
    [
        ('[ecran]\n\nlargeur_px = "grand"\n', 3, ["ecran.largeur_px", "un nombre entier est attendu, pas un texte"]),
        ("[ecran]\nlargeur = 3\n", 2, ["ecran.largeur", "n'existe pas", "largeur_px"]),
        ("# rien\n[ecrans]\na = 1\n", 2, ["ecrans", "n'existe pas", "ecran"]),
        ("[lieu]\nnom = 'x'\n[ecran]\nlargeur_px = 3\n", 4, ["ecran.largeur_px", "au moins 320"]),
        ('[salle]\nurl = "ftp://x"\n', 2, ["salle.url", "forme"]),
        ("[conservation]\nlimite_h = 0\n", 2, ["conservation.limite_h", "plus de 0"]),
        ('[conservation]\npurge = "oui"\n', 2, ["conservation.purge", "true ou false"]),
        ("[camera]\nmise_au_point = true\n", 2, ["camera.mise_au_point", "un nombre ou « auto »"]),
        ('[camera_document]\nexposition_ms = "nuit"\n', 2, ["camera_document.exposition_ms", "forme"]),
        ("[camera_examen]\nlargeur = -1\n", 2, ["camera_examen.largeur", "au moins 0"]),
    ],
)
def test_une_faute_est_nommee_avec_sa_ligne(tmp_path: Path, texte: str, ligne: int, mots: list[str]) -> None:
    with pytest.raises(ConfigurationInvalide) as faute:
        lire(_ecrire(tmp_path, texte))
    assert f"ligne {ligne} " in str(faute.value)
    for mot in mots:
        assert mot in str(faute.value)


def test_un_toml_casse_dit_la_ligne(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalide, match="line 2"):
        lire(_ecrire(tmp_path, "[lieu]\nnom = \n"))


def test_un_fichier_absent_est_dit(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalide, match="ne peut pas être lu"):
        lire(tmp_path / "rien.toml")


def test_chaque_reglage_est_explique() -> None:
    assert all(phrase for _, _, phrase in aide())


def test_une_heure_d_autotest_mal_ecrite_est_nommee_avec_sa_ligne(tmp_path: Path) -> None:
    chemin = _ecrire(tmp_path, '[autotest]\nprofil = "officine"\nheures = ["03:30", "24:00"]\n')
    with pytest.raises(ConfigurationInvalide, match=r"ligne 3 : .*autotest\.heures.*ne convient pas"):
        lire(chemin)


def test_un_profil_inconnu_est_nomme(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalide, match=r"ligne 2 : .*autotest\.profil"):
        lire(_ecrire(tmp_path, '[autotest]\nprofil = "gare"\n'))
