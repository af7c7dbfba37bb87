"""Une séance enregistrée au transport se rejoue par le vrai pilote, et donne la même mesure."""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import datetime
from pathlib import Path

import pytest

from borne import mesures as m
from borne.demonstration.brassard import BrassardVirtuel
from borne.demonstration.prise import AppareilSerieVirtuel
from borne.demonstration.radio import backends
from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Appareil
from borne.peripheriques.ble import Delais, Radio
from borne.peripheriques.enregistrement import EnregistrementInvalide, Enregistreur, Seance, lire_seance
from borne.peripheriques.erreurs import AppareilPerdu, ConfigurationInvalide
from borne.peripheriques.espion import Capture, Genre
from borne.peripheriques.formats import Lecture
from borne.peripheriques.registre import Contexte, Fiche, Registre, fabriques
from borne.peripheriques.serie import Serie
from borne.peripheriques.simulation.annonces import coder_mi_poids
from borne.peripheriques.simulation.cms50 import coder_v7_temps_reel
from borne.peripheriques.simulation.comportement import Comportement
from borne.peripheriques.simulation.oxymetre_serie import Cms50V7, EtatOxymetre
from borne.peripheriques.simulation.rejeu import rejouer
from borne.peripheriques.simulation.tension import Tension

FICHE = Fiche("bras", "tensiometre", "Brassard", reglages={"recherche_s": 10.0, "attente_suite_s": 0.0})
SERVICE_POIDS = "0000181d-0000-1000-8000-00805f9b34fb"
PRISE = "usb-Silicon_Labs_CP2102_0001-if00-port0"
REGLAGES_SERIE = {"port": PRISE, "ecoute_s": 0.6, "stabilite_s": 0.3, "maintien_s": 0.2, "recherche_s": 2.0}
OXYMETRE = Fiche("doigt", "oxymetre-serie", "Oxymètre", reglages=REGLAGES_SERIE)
FICHE_V7 = Fiche("doigt", "oxymetre-serie", "Oxymètre", reglages={**REGLAGES_SERIE, "langage": "cms50-v7"})
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


async def test_une_seance_se_rejoue(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    brassard.etat.valeur = Tension(134, 82, 71)
    fichier, lecture, vivantes = await _enregistrer(brassard, tmp_path)
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
    seance = lire_seance(fichier)
    assert seance.fiche == FICHE
    revues: list[Echantillon] = []
    rejouee = await asyncio.to_thread(rejouer, seance, revues.append)
    assert lecture is not None
    assert [(x.code, x.valeur, x.unite, x.appareil) for x in rejouee.mesures] == [
        (x.code, x.valeur, x.unite, x.appareil) for x in lecture.mesures
    ]
    assert rejouee.instant == lecture.instant
    assert [v.valeur for v in revues] == [v.valeur for v in vivantes]


async def test_une_coupure_se_rejoue(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    await brassard.conduire(Comportement.ETEINDRE_EN_MESURE)
    fichier, lecture, _ = await _enregistrer(brassard, tmp_path)
    assert lecture is None
    with pytest.raises(AppareilPerdu):
        await asyncio.to_thread(rejouer, lire_seance(fichier))


async def _enregistrer_cms50(dossier: Path) -> Path:
    """La séance d'un oxymètre à fil virtuel, par le vrai pilote et un vrai terminal."""
    fichier = dossier / "serie.jsonl"
    with Enregistreur.ouvrir(fichier, OXYMETRE) as espion:
        contexte = Contexte(Radio(), Serie(dossier, espion=espion))
        oxymetre = fabriques()[OXYMETRE.pilote](OXYMETRE, contexte)
        assert isinstance(oxymetre, Appareil)
        async with AppareilSerieVirtuel(dossier, PRISE, Cms50V7(EtatOxymetre(spo2=96, pouls=71)), vitesse=6):
            await oxymetre.mesurer(sur_echantillon=lambda _: None, delai_s=30)
    return fichier


async def test_une_seance_serie_se_rejoue(tmp_path: Path) -> None:
    seance = lire_seance(await _enregistrer_cms50(tmp_path))
    genres = {capture.genre for _, capture in seance.captures}
    assert genres == {Genre.OUVERT, Genre.ECRIT, Genre.RECU}
    rejouee = await asyncio.to_thread(rejouer, seance)
    assert (rejouee.valeur(m.SPO2), rejouee.valeur(m.FREQUENCE_CARDIAQUE)) == (96.0, 71.0)


def test_une_prise_arrachee_se_rejoue() -> None:
    captures = (
        (1.0, Capture(Genre.OUVERT, PRISE, infos={"debit": 115200})),
        (1.1, Capture(Genre.RECU, PRISE, coder_v7_temps_reel(97, 60, 10) * 30)),
        (1.2, Capture(Genre.COUPE, PRISE)),
    )
    seance = Seance(FICHE_V7, 0.0, captures)
    with pytest.raises(AppareilPerdu):
        rejouer(seance)


def test_une_balance_qui_ne_fait_qu_annoncer_se_rejoue() -> None:
    jour = datetime(2026, 11, 22, 9, 30)
    pesees = [
        coder_mi_poids(12.0, jour, stable=False),
        coder_mi_poids(70.5, jour, stable=False),
        coder_mi_poids(71.5, jour),
    ]
    infos = {"adresse": "C8:47:8C:00:00:01", "nom": "MI_SCALE", "services": ["181D"], "fabricant": {}}
    captures = tuple(
        (float(rang), Capture(Genre.ANNONCE, infos={**infos, "service": {SERVICE_POIDS: octets.hex()}}))
        for rang, octets in enumerate(pesees)
    )
    vivantes: list[Echantillon] = []
    seance = Seance(Fiche("balance", "balance-annonce", "Balance"), 0.0, captures)
    lecture = rejouer(seance, vivantes.append)
    assert lecture.valeur(m.POIDS) == 71.5
    assert [vue.valeur for vue in vivantes] == [12.0, 70.5, 71.5]


def test_une_seance_d_un_pilote_absent() -> None:
    with pytest.raises(ConfigurationInvalide, match="inconnu"):
        rejouer(Seance(Fiche("x", "pilote-absent", "X"), 0.0, ()))


@pytest.mark.exigence("DONNEES-JOURNAL")
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


def test_un_fichier_qui_ne_s_ecrit_plus_n_arrete_pas_la_mesure() -> None:
    lecture, ecriture = os.pipe()
    with os.fdopen(ecriture, "wb", buffering=0) as flux:
        espion = Enregistreur(flux, FICHE)
        os.close(lecture)
        espion(Capture(Genre.RECU, "2A35", b"abc"))
        espion(Capture(Genre.RECU, "2A35", b"abc"))
    assert isinstance(espion.panne, BrokenPipeError)
    assert espion.nombre == 0


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
