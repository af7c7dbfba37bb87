"""Un tiers ajoute un appareil : son paquet installé ailleurs, le registre le charge, une séance s'y rejoue."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from borne import mesures as m
from borne.peripheriques.appareils.contrat import Appareil, Nature
from borne.peripheriques.ble import Radio
from borne.peripheriques.enregistrement import lire_seance
from borne.peripheriques.registre import Contexte, Registre, fabriques
from borne.peripheriques.simulation.rejeu import rejouer

PAQUET = Path(__file__).parents[1] / "paquet_tiers"
PAGE = Path(__file__).parents[2] / "AJOUTER-UN-APPAREIL.md"
MODULE = "borne_thermometre_exemple"


@pytest.fixture(scope="module")
def installe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Le paquet installé par pip, sans registre, dans un dossier à lui."""
    source = shutil.copytree(PAQUET, tmp_path_factory.mktemp("source") / "paquet")
    cible = tmp_path_factory.mktemp("cible")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--no-compile"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--target", str(cible), *options, str(source)], check=True
    )
    return cible


@pytest.fixture
def visible(installe: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Le paquet se voit, puis ne se voit plus."""
    monkeypatch.syspath_prepend(str(installe))
    yield
    for nom in [nom for nom in sys.modules if nom.startswith(MODULE)]:
        del sys.modules[nom]


def test_inconnu_sans_le_paquet() -> None:
    assert "thermometre-exemple" not in fabriques()


@pytest.mark.usefixtures("visible")
def test_le_registre_le_charge() -> None:
    registre = Registre.charger(PAQUET / "peripheriques.toml", Contexte(Radio()))
    appareil = registre.par_nature(Nature.TEMPERATURE)
    assert isinstance(appareil, Appareil)
    assert type(appareil).__module__.startswith(MODULE)
    assert "sonde-mal-placee" in appareil.guide.fautes


@pytest.mark.usefixtures("visible")
def test_sa_seance_se_rejoue() -> None:
    lecture = rejouer(lire_seance(PAQUET / "seance.jsonl"))
    assert [(mesure.code, mesure.valeur, mesure.unite) for mesure in lecture.mesures] == [
        (m.TEMPERATURE, 37.45, m.CELSIUS)
    ]
    assert lecture.mesures[0].appareil == "Exemple IR-1"


@pytest.mark.parametrize(
    "fichier", ["pyproject.toml", f"{MODULE}/__init__.py", f"{MODULE}/trame.py", f"{MODULE}/pilote.py"]
)
def test_la_page_suit_le_paquet(fichier: str) -> None:
    """Qui recopie la page obtient ce paquet, au caractère près."""
    assert (PAQUET / fichier).read_text(encoding="utf-8") in PAGE.read_text(encoding="utf-8")


def test_la_page_montre_la_configuration() -> None:
    assert (PAQUET / "peripheriques.toml").read_text(encoding="utf-8") in PAGE.read_text(encoding="utf-8")
