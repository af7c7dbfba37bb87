"""Le registre : la configuration livrée se lit, chaque faute est nommée, un tiers peut ajouter un pilote."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.ble import Radio
from borne.peripheriques.erreurs import ConfigurationInvalide
from borne.peripheriques.registre import Contexte, Registre, lire_fiches

LIVREE = Path(__file__).parents[2] / "config" / "peripheriques.toml"

FICHE = """
[[appareil]]
identifiant = "bras"
pilote = "{pilote}"
libelle = "Brassard"
{suite}
"""


@pytest.fixture
def contexte() -> Contexte:
    return Contexte(Radio())


def ecrire(dossier: Path, texte: str) -> Path:
    chemin = dossier / "peripheriques.toml"
    chemin.write_text(texte, encoding="utf-8")
    return chemin


def test_configuration_livree(contexte: Contexte) -> None:
    registre = Registre.charger(LIVREE, contexte)
    tensiometre = registre.tensiometre()
    assert tensiometre is not None
    assert tensiometre.profil.nom == "Tensiomètre"
    assert tensiometre.profil.recherche_s == 30.0


def test_reglages_d_un_modele(tmp_path: Path, contexte: Contexte) -> None:
    reglages = '[appareil.reglages]\nnoms_annonces = ["A&D_"]\nattente_suite_s = 2\nnom = "UA-651"'
    chemin = ecrire(tmp_path, FICHE.format(pilote="tensiometre", suite=reglages))
    appareil = Registre.charger(chemin, contexte).tous()["bras"]
    assert isinstance(appareil, Tensiometre)
    assert (appareil.profil.noms_annonces, appareil.profil.attente_suite_s) == (("A&D_",), 2.0)
    assert appareil.profil.nom == "UA-651"


def test_inactif(tmp_path: Path, contexte: Contexte) -> None:
    chemin = ecrire(tmp_path, FICHE.format(pilote="tensiometre", suite="actif = false"))
    registre = Registre.charger(chemin, contexte)
    assert registre.tensiometre() is None
    assert registre.tous() == {}


@pytest.mark.parametrize(
    ("texte", "mot"),
    [
        ("[[appareil", "TOML"),
        ('[[appareil]]\nidentifiant = "x"', "pilote"),
        (FICHE.format(pilote="tensiometre", suite="couleur = 1"), "couleur"),
        (FICHE.format(pilote="inconnu", suite=""), "inconnu"),
        (FICHE.format(pilote="tensiometre", suite="[appareil.reglages]\nvitesse = 1"), "vitesse"),
        (FICHE.format(pilote="tensiometre", suite='[appareil.reglages]\nrecherche_s = "vite"'), "recherche_s"),
        (FICHE.format(pilote="tensiometre", suite="") * 2, "deux fois"),
    ],
)
def test_fautes_nommees(tmp_path: Path, contexte: Contexte, texte: str, mot: str) -> None:
    with pytest.raises(ConfigurationInvalide, match=mot):
        Registre.charger(ecrire(tmp_path, texte), contexte)


def test_fichier_absent(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalide, match="lu"):
        lire_fiches(tmp_path / "absent.toml")


def test_pilote_d_un_tiers(tmp_path: Path, contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un paquet installé, avec ses métadonnées, suffit : rien à changer ici."""
    (tmp_path / "balance_tierce.py").write_text("def fabrique(fiche, contexte):\n    return fiche.libelle\n")
    metadonnees = tmp_path / "balance_tierce-1.0.dist-info"
    metadonnees.mkdir()
    (metadonnees / "METADATA").write_text("Metadata-Version: 2.1\nName: balance-tierce\nVersion: 1.0\n")
    entree = "[borne.peripheriques]\nbalance = balance_tierce:fabrique\n"
    (metadonnees / "entry_points.txt").write_text(entree)
    monkeypatch.syspath_prepend(str(tmp_path))
    chemin = ecrire(tmp_path, FICHE.format(pilote="balance", suite=""))
    assert Registre.charger(chemin, contexte).tous() == {"bras": "Brassard"}
    sys.modules.pop("balance_tierce")
