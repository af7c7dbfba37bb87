"""`borne peripheriques` devant un brassard virtuel : lister, voir, enregistrer, rejouer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from borne.commandes.peripheriques import Atelier, peripheriques
from borne.configuration import Appareils, Chemins, Configuration
from borne.demonstration.brassard import BrassardVirtuel
from borne.demonstration.radio import backends
from borne.peripheriques.ble import Delais, Radio
from borne.peripheriques.enregistrement import lire_seance
from borne.peripheriques.espion import Espion, Genre
from borne.peripheriques.simulation.tension import Tension
from tests.peripheriques.conftest import brassard

__all__ = ["brassard"]

FICHES = """
[[appareil]]
identifiant = "bras"
pilote = "tensiometre"
libelle = "Brassard"
[appareil.reglages]
recherche_s = 10
[[appareil]]
identifiant = "reserve"
pilote = "thermometre"
libelle = "Thermomètre de réserve"
actif = false
"""


def atelier(dossier: Path, adresse_hci: str) -> Atelier:
    """La borne de l'essai : un brassard configuré, la radio virtuelle."""
    fiches = dossier / "peripheriques.toml"
    fiches.write_text(FICHES, encoding="utf-8")
    balayeur, client = backends(adresse_hci, dossier)

    def radio(espion: Espion, _agent: object) -> Radio:
        return Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=5.0), espion=espion)

    return Atelier(Configuration(chemins=Chemins(peripheriques=str(fiches))), radio)


async def lancer(dossier: Path, adresse_hci: str, *arguments: str) -> Result:
    """La commande, dans un fil à elle : le brassard virtuel vit dans cette boucle-ci."""
    objet = atelier(dossier, adresse_hci)
    return await asyncio.to_thread(CliRunner().invoke, peripheriques, arguments, obj=objet, terminal_width=200)


async def test_lister(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    rendu = await lancer(tmp_path, brassard.adresse_hci, "lister", "--duree", "1.5", "--json")
    assert rendu.exit_code == 0, rendu.output
    trouve = json.loads(rendu.stdout)
    assert [(a["identifiant"], a["actif"], a["vu"]) for a in trouve["appareils"]] == [
        ("bras", True, True),
        ("reserve", False, None),
    ]
    assert [(a["identifiant"], "1810" in a["services"]) for a in trouve["bluetooth"]] == [("bras", True)]


@pytest.mark.exigence("DONNEES-JOURNAL")
async def test_voir_un_appareil(brassard: BrassardVirtuel, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="borne")
    brassard.etat.valeur = Tension(134, 82, 71)
    rendu = await lancer(tmp_path, brassard.adresse_hci, "voir", "bras", "--fois", "1")
    assert rendu.exit_code == 0, rendu.output
    for attendu in ("Pression du brassard", "Systolique", "134 mmHg", "71 /min"):
        assert attendu in rendu.stdout
    assert "134" not in caplog.text


async def test_enregistrer_puis_rejouer(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    brassard.etat.valeur = Tension(141, 92, 63)
    fichier = tmp_path / "seance.jsonl"
    rendu = await lancer(tmp_path, brassard.adresse_hci, "enregistrer", "bras", str(fichier))
    assert rendu.exit_code == 0, rendu.output
    genres = {capture.genre for _, capture in lire_seance(fichier).captures}
    assert {Genre.ANNONCE, Genre.TABLE, Genre.LU, Genre.ECRIT, Genre.RECU} <= genres
    deux = await lancer(tmp_path, brassard.adresse_hci, "enregistrer", "bras", str(fichier))
    assert (deux.exit_code, "existe déjà" in deux.output) == (1, True)
    rejoue = await lancer(tmp_path, "127.0.0.1:1", "rejouer", str(fichier), "--sans-attendre")
    assert rejoue.exit_code == 0, rejoue.output
    assert "141 mmHg" in rejoue.stdout


async def test_ecouter_un_inconnu(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    entendus = await lancer(tmp_path, brassard.adresse_hci, "lister", "--duree", "1.5", "--json")
    adresse = json.loads(entendus.stdout)["bluetooth"][0]["adresse"]
    fichier = tmp_path / "inconnu.jsonl"
    options = ("--trames", "3", "--appairer", "--duree", "30")
    rendu = await lancer(tmp_path, brassard.adresse_hci, "ecouter", adresse, str(fichier), *options)
    assert rendu.exit_code == 0, rendu.output
    captures = [capture for _, capture in lire_seance(fichier).captures]
    assert len([c for c in captures if c.genre is Genre.RECU]) >= 3
    assert "2A29" in {c.canal for c in captures if c.genre is Genre.LU}
    assert Genre.ECRIT not in {c.genre for c in captures}


async def test_identifiant_inconnu(tmp_path: Path) -> None:
    rendu = await lancer(tmp_path, "127.0.0.1:1", "voir", "rien")
    assert rendu.exit_code == 1
    assert "connus : bras" in rendu.output


async def test_cameras_et_sons_configures(tmp_path: Path) -> None:
    present = tmp_path / "usb-Camera_Exemple-video-index0"
    present.touch()
    reglages = Appareils(camera=str(present), camera_examen="usb-Absente-video-index0", microphone="micro")
    objet = Atelier(replace(atelier(tmp_path, "127.0.0.1:1").configuration, appareils=reglages))
    rendu = await asyncio.to_thread(
        CliRunner().invoke, peripheriques, ["lister", "--duree", "0.1", "--json"], obj=objet
    )
    assert rendu.exit_code == 0, rendu.output
    roles = {role["cle"]: role["vu"] for role in json.loads(rendu.stdout)["roles"]}
    assert (roles["appareils.camera"], roles["appareils.camera_examen"]) == (True, False)
    assert "appareils.camera_document" not in roles


async def test_sans_bluetooth_l_inventaire_le_dit(tmp_path: Path) -> None:
    rendu = await lancer(tmp_path, "127.0.0.1:1", "lister", "--duree", "0.1")
    assert rendu.exit_code == 0, rendu.output
    assert "Le Bluetooth de la borne ne répond pas." in rendu.stdout
    assert "hors service" in rendu.stdout


async def test_fichier_etranger(tmp_path: Path) -> None:
    fichier = tmp_path / "seance.jsonl"
    fichier.write_text("bonjour")
    rendu = await lancer(tmp_path, "127.0.0.1:1", "rejouer", str(fichier))
    assert (rendu.exit_code, "ligne 1" in rendu.output) == (1, True)


async def test_appairer_puis_oublier(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    rendu = await lancer(tmp_path, brassard.adresse_hci, "appairer", "bras")
    assert rendu.exit_code == 0, rendu.output
    assert "est lié à la borne" in rendu.output
    assert "batterie 87 %" in rendu.output
    assert await brassard.nombre_appairages() == 1
    assert '"borne"' in (tmp_path / "cles.json").read_text()
    rendu = await lancer(tmp_path, brassard.adresse_hci, "oublier", "bras")
    assert rendu.exit_code == 0, rendu.output
    assert "F1:B0:14" not in (tmp_path / "cles.json").read_text()


async def test_appairer_un_appareil_eteint(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    await brassard.eteindre()
    rendu = await lancer(tmp_path, brassard.adresse_hci, "appairer", "bras", "--delai", "1.5")
    assert rendu.exit_code == 1
    assert "ne s'est pas appairé" in rendu.output
