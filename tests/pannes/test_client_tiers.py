"""Une autre plateforme de médecin, écrite avec PROTOCOLE.md seul, mène toute la consultation avec la vraie borne."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from borne.demonstration.monde import IDENTIFIANT
from borne.parcours import evenements as e
from borne.parcours.visite import Etape
from tests.pannes.conftest import Essai, Patient

CLIENT = Path(__file__).with_name("client_tiers.py")
Etapes = dict[str, dict[str, Any]]


class Tiers:
    """Le processus du client, et ce qu'il dit."""

    def __init__(self, essai: Essai, patient: Patient, dossier: Path, options: tuple[str, ...]) -> None:
        commande = [sys.executable, str(CLIENT), "--adresse", essai.monde.url_salle, "--identifiant", IDENTIFIANT]
        commande += ["--visite", patient.visite.id, "--dossier", str(dossier), *options]
        self._patient, self._sortie, self._erreurs = patient, dossier / "sortie", dossier / "erreurs"
        # Lancé hors du dépôt et sans PYTHONPATH : il ne peut rien importer de la borne.
        environnement = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        with self._sortie.open("wb") as sortie, self._erreurs.open("wb") as erreurs:
            self.processus = subprocess.Popen(
                commande,
                cwd=dossier,
                stdout=sortie,
                stderr=erreurs,
                env={**environnement, "MOT_DE_PASSE": essai.monde.mot_de_passe},
            )

    def etapes(self) -> Etapes:
        """Ce qui est franchi."""
        return {fait["etape"]: fait for fait in map(json.loads, self._sortie.read_text().splitlines())}

    def attend(self, *noms: str) -> Etapes:
        """Attend ces étapes, ou la fin du client."""
        self._patient.attend(lambda: set(noms) <= set(self.etapes()) or self.processus.poll() is not None)
        etapes = self.etapes()
        assert set(noms) <= set(etapes), f"{list(etapes)} puis {self._erreurs.read_text()[-3000:]}"
        return etapes


@pytest.fixture
def appeler(essai: Essai, patient: Patient, tmp_path: Path) -> Iterator[Callable[..., Tiers]]:
    """Fait prendre le patient par le client, l'appel établi."""
    lances: list[Tiers] = []

    def faire(*options: str) -> Tiers:
        patient.jusqu_a_l_attente()
        tiers = Tiers(essai, patient, tmp_path, options)
        lances.append(tiers)
        patient.attend(lambda: patient.visite.etape is Etape.PREPARATION or tiers.processus.poll() is not None)
        tiers.attend("prise")
        patient.repond((e.BoutonContinuer, {}))
        tiers.attend("appel")
        return tiers

    yield faire
    for tiers in lances:
        if tiers.processus.poll() is None:
            tiers.processus.kill()
        tiers.processus.wait(10)


def _fini(tiers: Tiers) -> Etapes:
    etapes = tiers.attend("fin")
    assert tiers.processus.wait(20) == 0
    return etapes


def test_toute_la_consultation(patient: Patient, appeler: Callable[..., Tiers], tmp_path: Path) -> None:
    tiers = appeler("--complet")
    code = tiers.etapes()["code"]["code"]
    patient.attend(lambda: patient.application.fenetre.direct.code == code)
    tiers.attend("texte")
    patient.attend(lambda: [m.texte for m in patient.visite.messages] == ["Bonjour"])
    etapes = _fini(tiers)
    assert set(etapes["tension"]["valeurs"]) >= {"8480-6", "8462-4"}
    assert etapes["coeur"]["crete"] > 300
    with wave.open(str(tmp_path / "coeur.wav")) as son:
        assert (son.getnchannels(), son.getsampwidth()) == (1, 2)
    image = cv2.imdecode(np.frombuffer((tmp_path / "photo").read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert image.shape[1] == etapes["photo"]["largeur"]


def test_ce_qu_aucun_client_ne_devrait_envoyer(patient: Patient, appeler: Callable[..., Tiers]) -> None:
    tiers = appeler("--malmener")
    assert "apres" in _fini(tiers)
    assert max(len(message.texte) for message in patient.visite.messages) == 1000
    patient.attend(lambda: patient.visite.etape is not Etape.CONSULTATION)


def test_un_client_simple_et_lent(appeler: Callable[..., Tiers]) -> None:
    """VP8, sans renvoi ni retour de transport ni parités, sans horloge d'extension, et long à répondre."""
    refuses = ("h264", "rtx", "flexfec-03", "transport-cc", "transport-wide-cc", "playout-delay", "nack", "goog-remb")
    tiers = appeler("--lenteur-s", "4.5", "--sans", *refuses)
    assert "VP8/90000" in tiers.etapes()["appel"]["codecs"]
    assert "H264/90000" not in tiers.etapes()["appel"]["codecs"]
    _fini(tiers)
