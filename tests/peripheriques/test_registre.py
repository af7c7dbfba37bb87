"""Le registre : la configuration livrée se lit, chaque faute est nommée, un tiers peut ajouter un pilote."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
import sys
from pathlib import Path

import msgspec
import pytest

from borne.peripheriques import appareils
from borne.peripheriques.appareils.catalogue import lire_catalogue
from borne.peripheriques.appareils.contrat import Appareil, Nature
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.oxymetre import ProfilOxymetre
from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.ble import Radio
from borne.peripheriques.erreurs import ConfigurationInvalide
from borne.peripheriques.registre import CATALOGUE, INTEGRES, Contexte, Fiche, Registre, lire_fiches

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
        (FICHE.format(pilote="oxymetre-serie", suite=""), "port"),
        (FICHE.format(pilote="oxymetre-serie", suite='[appareil.reglages]\nport = "a"\nlangage = "morse"'), "morse"),
        (FICHE.format(pilote="tensiometre", suite="[appareil.reglages]\nvitesse = 1"), "vitesse"),
        (FICHE.format(pilote="tensiometre", suite='[appareil.reglages]\nrecherche_s = "vite"'), "recherche_s"),
        (FICHE.format(pilote="tensiometre", suite="") * 2, "deux fois"),
        (FICHE.format(pilote="oxymetre", suite='[appareil.reglages]\nservices = ["plx", "plexe"]'), "plexe"),
        ('[[appareil]]\nidentifiant = "x"\nmodele = "inconnu-3000"', "inconnu-3000"),
        ('[[appareil]]\nidentifiant = "x"\nmodele = "omron-proprietaire"', "écrivant"),
        ('[[appareil]]\nidentifiant = "x"\nlibelle = "Sans pilote"', "modele"),
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


MODELES = lire_catalogue(CATALOGUE)


@pytest.mark.parametrize("nom", [nom for nom, modele in MODELES.items() if not modele.refus])
def test_modele_du_catalogue(nom: str, tmp_path: Path, contexte: Contexte) -> None:
    """Chaque modèle fait un pilote de sa nature, avec ses manies et ses sources."""
    chemin = ecrire(tmp_path, f'[[appareil]]\nidentifiant = "x"\nmodele = "{nom}"')
    appareil = Registre.charger(chemin, contexte).tous()["x"]
    assert isinstance(appareil, Appareil)
    assert MODELES[nom].sources
    assert set(appareil.guide.fautes) <= set(GUIDES[appareil.nature].fautes)
    assert set(appareil.guide.vivantes) <= set(GUIDES[appareil.nature].vivantes)


def test_modele_refuse_mais_inactif(tmp_path: Path, contexte: Contexte) -> None:
    """Une fiche hors service ne gêne pas la borne."""
    chemin = ecrire(tmp_path, '[[appareil]]\nidentifiant = "x"\nmodele = "omron-proprietaire"\nactif = false')
    assert Registre.charger(chemin, contexte).tous() == {}


def test_fiche_l_emporte_sur_le_modele(tmp_path: Path, contexte: Contexte) -> None:
    reglages = "[appareil.reglages]\nsilence_s = 30\nstabilite_s = 12"
    suite = f'[[appareil]]\nidentifiant = "x"\nmodele = "jumper-jpd-500"\nlibelle = "Au doigt"\n{reglages}'
    appareil = Registre.charger(ecrire(tmp_path, suite), contexte).par_nature(Nature.SATURATION)
    assert appareil is not None
    profil = appareil.profil  # type: ignore[attr-defined]
    assert isinstance(profil, ProfilOxymetre)
    assert (profil.nom, profil.silence_s, profil.stabilite_s) == ("Au doigt", 30, 12)
    assert (profil.noms_annonces, profil.appairer) == (("My Oximeter",), False)


def test_par_nature(tmp_path: Path, contexte: Contexte) -> None:
    texte = "".join(
        f'[[appareil]]\nidentifiant = "{pilote}"\npilote = "{pilote}"\nlibelle = "{pilote}"\n'
        for pilote in (
            "balance-annonce",
            "ceinture-cardiaque",
            "glucometre",
            "oxymetre",
            "tensiometre",
            "thermometre",
        )
    )
    registre = Registre.charger(ecrire(tmp_path, texte), contexte)
    for nature in Nature:
        appareil = registre.par_nature(nature)
        assert isinstance(appareil, Appareil)
        assert appareil.nature is nature
    assert set(registre.tous()) < set(INTEGRES)


def _profils() -> list[type]:
    """Les classes de réglages de tous les pilotes de la borne."""
    modules = [
        importlib.import_module(f"{appareils.__name__}.{m.name}") for m in pkgutil.iter_modules(appareils.__path__)
    ]
    classes = [classe for module in modules for classe in vars(module).values() if isinstance(classe, type)]
    return [c for c in dict.fromkeys(classes) if c.__name__.startswith("Profil") and dataclasses.is_dataclass(c)]


def test_chaque_champ_est_explique_dans_la_configuration() -> None:
    texte = LIVREE.read_text(encoding="utf-8")
    champs = {champ.name for profil in _profils() for champ in dataclasses.fields(profil)}
    champs |= {champ.name for champ in msgspec.structs.fields(Fiche)} - {"reglages"}
    assert len(champs) > 20
    assert [champ for champ in sorted(champs) if not re.search(rf"^#.*\b{champ}\b", texte, re.MULTILINE)] == []


def test_chaque_pilote_est_nomme_dans_la_configuration() -> None:
    texte = LIVREE.read_text(encoding="utf-8")
    assert [pilote for pilote in INTEGRES if pilote not in texte] == []
