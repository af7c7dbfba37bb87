"""Une séance enregistrée au transport se rejoue par le vrai pilote, et donne la même mesure."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from borne.demonstration.brassard import BrassardVirtuel
from borne.demonstration.radio import backends
from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Appareil
from borne.peripheriques.ble import Delais, Radio
from borne.peripheriques.enregistrement import EnregistrementInvalide, Enregistreur, Seance, lire_seance
from borne.peripheriques.erreurs import AppareilPerdu
from borne.peripheriques.formats import Lecture
from borne.peripheriques.registre import Contexte, Fiche, Registre
from borne.peripheriques.simulation.comportement import Comportement
from borne.peripheriques.simulation.rejeu import Rejeu
from borne.peripheriques.simulation.tension import Tension

FICHE = Fiche("bras", "tensiometre", "Brassard", reglages={"recherche_s": 10.0, "attente_suite_s": 0.0})
CONFIGURATION = """
[[appareil]]
identifiant = "bras"
pilote = "tensiometre"
libelle = "Brassard"
[appareil.reglages]
recherche_s = 10.0
attente_suite_s = 0.0
"""


def _pilote(dossier: Path, contexte: Contexte) -> Appareil:
    chemin = dossier / "peripheriques.toml"
    chemin.write_text(CONFIGURATION, encoding="utf-8")
    appareil = Registre.charger(chemin, contexte).tous()["bras"]
    assert isinstance(appareil, Appareil)
    return appareil


async def _enregistrer(brassard: BrassardVirtuel, dossier: Path) -> tuple[Path, Lecture | None, list[Echantillon]]:
    """La séance d'un vrai pilote avec le brassard virtuel."""
    fichier, vivantes = dossier / "seance.jsonl", list[Echantillon]()
    balayeur, client = backends(brassard.adresse_hci, dossier)
    with Enregistreur.ouvrir(fichier, FICHE) as espion:
        radio = Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=5.0), espion=espion)
        try:
            lecture = await _pilote(dossier, Contexte(radio)).mesurer(sur_echantillon=vivantes.append)
        except AppareilPerdu:
            lecture = None
    return fichier, lecture, vivantes


def _rejouer(seance: Seance, dossier: Path) -> Appareil:
    rejeu = Rejeu(seance)
    return _pilote(dossier, Contexte(Radio(**rejeu.backends()), horloge=rejeu.horloge))


async def test_une_seance_se_rejoue(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    brassard.etat.valeur = Tension(134, 82, 71)
    fichier, lecture, vivantes = await _enregistrer(brassard, tmp_path)
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
    seance = lire_seance(fichier)
    assert seance.fiche == FICHE
    revues: list[Echantillon] = []
    pilote = _rejouer(seance, tmp_path)
    rejouee = await pilote.mesurer(sur_echantillon=revues.append)
    assert lecture is not None
    assert [(x.code, x.valeur, x.unite, x.appareil) for x in rejouee.mesures] == [
        (x.code, x.valeur, x.unite, x.appareil) for x in lecture.mesures
    ]
    assert rejouee.instant == lecture.instant
    assert [v.valeur for v in revues] == [v.valeur for v in vivantes]
    assert pilote.en_memoire == ()


async def test_une_coupure_se_rejoue(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    await brassard.conduire(Comportement.ETEINDRE_EN_MESURE)
    fichier, lecture, _ = await _enregistrer(brassard, tmp_path)
    assert lecture is None
    with pytest.raises(AppareilPerdu):
        await _rejouer(lire_seance(fichier), tmp_path).mesurer(sur_echantillon=lambda _: None)


async def test_le_journal_ne_dit_rien_de_la_seance(
    brassard: BrassardVirtuel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="borne")
    fichier, _, _ = await _enregistrer(brassard, tmp_path)
    octets = {capture.octets.hex() for _, capture in lire_seance(fichier).captures if len(capture.octets) > 3}
    assert octets
    assert not any(trame in caplog.text for trame in octets)


def test_un_fichier_existant_n_est_pas_remplace(tmp_path: Path) -> None:
    fichier = tmp_path / "seance.jsonl"
    fichier.write_text("gardé")
    with pytest.raises(FileExistsError):
        Enregistreur.ouvrir(fichier, FICHE)
    assert fichier.read_text() == "gardé"


@pytest.mark.parametrize(
    ("lignes", "rang"),
    [
        ("", 1),
        ('{"version":2,"instant":0,"fiche":{"identifiant":"a"}}', 1),
        ('{"version":1,"instant":0,"fiche":{"identifiant":"a"}}\n{"instant":1,"genre":"recu","octets":"0g"}', 2),
        ('{"version":1,"instant":0,"fiche":{"identifiant":"a"}}\n{"instant":1,"genre":"inconnu"}', 2),
    ],
)
def test_fichier_illisible(tmp_path: Path, lignes: str, rang: int) -> None:
    fichier = tmp_path / "seance.jsonl"
    fichier.write_text(lignes)
    with pytest.raises(EnregistrementInvalide, match=f"ligne {rang} "):
        lire_seance(fichier)
