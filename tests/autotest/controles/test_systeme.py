"""Les pannes qui ne sont que des fichiers, de bout en bout : plantées dans un faux /, nommées par les contrôles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne.autotest.banc import Banc
from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.controles import tous
from borne.autotest.controles.camera import cameras
from borne.autotest.execution import executer
from borne.demonstration.camera import CameraVirtuelle
from borne.peripheriques.appareils.oxymetre_serie import OxymetreSerie, ProfilOxymetreSerie
from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.ble import Radio
from borne.peripheriques.serie import Serie
from borne.visio.identite import IdentiteBorne, enregistrer
from tests.bancs._autotest_monde import poser_racine
from tests.bancs._autotest_pannes import PANNES, Panne

DOMAINES = {"memoire", "temperature", "fuseau", "temps", "apt", "ecran", "processeur", "cles"}
FICHIERS = [p for p in PANNES if set(p.domaine.split()) & DOMAINES and "reseau" not in p.domaine and not p.exige]
SUIVIS = {panne.controle for panne in FICHIERS} | {"reseau"}


@pytest.fixture(scope="module")
def monde(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    dossier = tmp_path_factory.mktemp("autotest")
    lieux = SimpleNamespace(dossier=dossier, racine=dossier / "racine", donnees=dossier / "d", cles=dossier / "c")
    for chemin in (lieux.racine, lieux.donnees, lieux.cles):
        chemin.mkdir()
    poser_racine(lieux.racine)
    enregistrer(IdentiteBorne("b" * 32, "Mairie d'essai", Ed25519PrivateKey.generate()), lieux.cles)
    yield lieux
    shutil.rmtree(dossier)


async def passer(monde: SimpleNamespace, voulus: set[str], **champs: Any) -> dict[str, Resultat]:
    reglages = {"donnees": monde.donnees, "cles": monde.cles, "racine": monde.racine, **champs}
    reglages["donnees"] = Path(reglages["donnees"])
    banc = Banc(Radio(), **reglages)
    controles = [controle for controle in tous(banc) if controle.nom in voulus]
    return {resultat.controle: resultat for resultat in await executer(controles, banc)}


async def test_un_systeme_sain_est_vert(monde: SimpleNamespace) -> None:
    resultats = await passer(monde, SUIVIS)
    assert {nom: (r.couleur, r.code) for nom, r in resultats.items()} == dict.fromkeys(SUIVIS, (Couleur.VERT, ""))


async def test_sans_appareil_sans_fil_le_bluetooth_ne_manque_pas(
    monde: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ni clé Bluetooth, ni appareil qui en ait besoin : rien à dire, et rien à réparer."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={monde.dossier}/pas-de-bus")
    fil = OxymetreSerie(Serie(monde.racine), ProfilOxymetreSerie("usb-absent"))
    (resultat,) = (await passer(monde, {"bluetooth"}, appareils={"oxymetre": fil})).values()
    assert resultat.couleur is Couleur.GRIS
    sans_fil = (await passer(monde, {"bluetooth"}, appareils={"brassard": Tensiometre(Radio())})).values()
    assert [(r.couleur, r.code) for r in sans_fil] == [(Couleur.ROUGE, "bluetooth-absent")]


@pytest.mark.parametrize("panne", FICHIERS, ids=lambda panne: panne.nom)
async def test_une_panne_de_fichier_est_nommee_et_elle_seule(monde: SimpleNamespace, panne: Panne) -> None:
    # Le processeur et apt coûtent une demi-seconde : à chacun ses pannes.
    voulus = SUIVIS - {"processeur", "mises-a-jour"} | {panne.controle}
    async with panne.plante(monde) as change:  # type: ignore[arg-type]
        resultats = await passer(monde, voulus, **(change or {}))
    accuses = {nom: r.code for nom, r in resultats.items() if r.couleur in (Couleur.ROUGE, Couleur.ORANGE)}
    assert accuses == {panne.controle: panne.code}
    accuse = resultats[panne.controle]
    assert accuse.constat.endswith(".")
    assert accuse.remede.endswith(".")
    json.dumps(dict(accuse.valeurs), allow_nan=False)


async def test_une_borne_sans_rien_est_grise_la_ou_elle_n_a_rien(monde: SimpleNamespace) -> None:
    noms = {
        "camera",
        "lumiere",
        "otoscope",
        "camera-document",
        "stethoscope",
        "imprimante",
        "page-relue",
        "bluetooth",
    }
    resultats = await passer(monde, noms, bruit=False)
    assert {r.couleur for r in resultats.values()} == {Couleur.GRIS}


async def test_une_camera_de_bout_en_bout(monde: SimpleNamespace) -> None:
    """Le vrai chemin : un processus qui filme, un nom stable, la caméra de la borne. Puis la prise se retire."""
    fifo = monde.dossier / "camera.y4m"
    noms = monde.racine / "dev/v4l/by-id"
    noms.mkdir(parents=True)
    (noms / "usb-essai-video-index0").symlink_to(fifo)
    principale = cameras()[0]
    banc = Banc(Radio(), monde.donnees, racine=monde.racine, camera="usb-essai-video-index0")
    with CameraVirtuelle(fifo, 1280, 720, 30):
        vu = await principale.controler(banc)
    # Sur une machine surchargée la cadence baisse ; tout le reste se juge quand même.
    assert (vu.couleur, vu.code) in (
        (Couleur.VERT, ""),
        (Couleur.ORANGE, "cadence-basse"),
        (Couleur.ROUGE, "cadence-basse"),
    )
    assert (vu.valeurs["largeur_px"], vu.valeurs["hauteur_px"]) == (1280, 720)
    assert vu.valeurs["nettete"] > 0.4
    absente = await principale.controler(banc)
    assert (absente.couleur, absente.code) == (Couleur.ROUGE, "camera-absente")
