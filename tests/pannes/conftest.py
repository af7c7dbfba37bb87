"""Un monde virtuel pour toutes les pannes, et à chaque essai une borne neuve dans la vraie fenêtre (Qt sans écran).

La borne vit dans son fil asyncio, le monde et le médecin dans un autre, le test dans celui de Qt : il regarde la
fenêtre et touche ses boutons.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from borne.assemblage.application import Application
from borne.configuration import Appareils, Configuration, lire
from borne.demonstration import radio as radio_virtuelle
from borne.demonstration.monde import IDENTIFIANT, Monde
from borne.demonstration.vue import Vue
from borne.parcours import evenements as e
from borne.parcours.visite import Etape, EtatAppel, Visite
from borne.peripheriques.ble import Radio
from borne.ui.pont import BoucleAsyncio
from borne.visio import signalisation
from tests.pannes.medecin import MedecinEssai

T = TypeVar("T")

ATTENTE_S = 30.0
"""Secondes au-delà desquelles ce qui est attendu ne viendra plus : large, la machine peut être chargée."""
IMAGE = (640, 360, 10)
"""Petite image : ces essais ne jugent pas sa qualité."""
ENTRE_TOUCHERS_S = 0.55

PERIPHERIQUES = """
[[appareil]]
identifiant = "tensiometre"
pilote = "tensiometre"
libelle = "Tensiomètre"
[appareil.reglages]
recherche_s = 2
"""


class Essai:
    """Le monde, sa boucle, et de quoi le faire tomber."""

    def __init__(self, monde: Monde, boucle: BoucleAsyncio) -> None:
        self.monde = monde
        self._boucle = boucle
        self.medecin = MedecinEssai(monde.url_salle, IDENTIFIANT, monde.mot_de_passe)

    def faire(self, travail: Coroutine[Any, Any, T]) -> T:
        """Exécute dans la boucle du monde, et attend."""
        return self._boucle.lancer(travail).result(ATTENTE_S)

    def brassard(self, comportement: str) -> None:
        """Change la conduite du brassard."""
        self.faire(self.monde.commander_brassard(ordre="comportement", valeur=comportement))

    def couper_salle(self) -> None:
        """La salle meurt sans prévenir."""
        os.kill(self.monde.salle.pid, signal.SIGKILL)
        self.faire(self.monde.salle.wait())

    def rendre_salle(self) -> None:
        """La salle revient, à la même adresse."""
        self.faire(self.monde.relancer_salle(int(self.monde.url_salle.rpartition(":")[2])))


class Patient:
    """Une borne lancée, et quelqu'un devant : il lit la fenêtre et touche ses boutons."""

    def __init__(self, qtbot: QtBot, application: Application) -> None:
        self.qtbot = qtbot
        self.application = application
        self.vue = Vue(application.fenetre)
        self._touchers: dict[str, float] = {}

    @property
    def visite(self) -> Visite:
        """La visite que la fenêtre montre."""
        return self.application.fenetre.visite

    def attend(self, vrai: Callable[[], object], delai_s: float = ATTENTE_S) -> None:
        """Attend une condition, la fenêtre vivante."""
        self.qtbot.waitUntil(lambda: bool(vrai()), timeout=int(delai_s * 1000))

    def lit(self, *textes: str) -> None:
        """Attend que ces mots soient à l'écran, ensemble."""
        try:
            self.attend(lambda: all(self.vue.lit(texte) for texte in textes))
        except Exception as erreur:
            raise AssertionError(
                f"« {textes} » n'est pas à l'écran, on y voit : {sorted(set(self.vue._mots()))}"
            ) from erreur

    def touche(self, nom: str) -> None:
        """Touche le contrôle de ce nom, quand il est là (pas deux fois le même trop vite)."""
        self.attend(lambda: time.monotonic() - self._touchers.get(nom, 0.0) > ENTRE_TOUCHERS_S)
        self.attend(lambda: self._cliquer(self.vue.controle(nom)))
        self._touchers[nom] = time.monotonic()

    def _cliquer(self, controle: QWidget | None) -> bool:
        if controle is None:
            return False
        fenetre = self.application.fenetre
        centre = controle.mapTo(fenetre, controle.rect().center())
        QTest.mouseClick(fenetre.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, centre)
        return True

    def fait(self, geste: type[e.Toucher], **champs: Any) -> None:
        """Un geste direct, pour aller vite là où rien n'est éprouvé."""
        revision = self.visite.revision
        self.application.pont.emettre(geste(instant=time.time(), revision=revision, **champs))

    def repond(self, *gestes: tuple[type[e.Toucher], dict[str, Any]]) -> None:
        """Des gestes d'un même écran, puis l'écran suivant."""
        revision = self.visite.revision
        for geste, champs in gestes:
            self.fait(geste, **champs)
        self.attend(lambda: self.visite.revision != revision)

    def jusqu_a_la_tension(self) -> None:
        """De l'accueil à la tension, en répondant à tout."""
        self._commencer()
        self.repond((e.LangueChoisie, {"langue": "fr"}))
        self.repond((e.ConsentementDonne, {}))
        reponses = {"prenom": "Zoé", "nom": "Petit", "naissance": "01021940", "telephone": "0612345678"}
        for champ, valeur in reponses.items():
            self.repond((e.SaisieModifiee, {"champ": champ, "valeur": valeur}), (e.BoutonContinuer, {}))
        self.repond((e.MotifBascule, {"motif": "toux"}), (e.BoutonContinuer, {}))
        self.repond((e.UrgenceRepondue, {"oui": False}))
        assert self.visite.etape is Etape.MESURE

    def pret_a_mesurer(self) -> None:
        """De l'écran de la tension au dernier geste de sa préparation."""
        self.attend(lambda: self.vue.controle("Mesurer") or self.vue.controle("J'ai fini"))
        while self.vue.controle("Mesurer") is None:
            geste = self.visite.releve().geste
            self.touche("J'ai fini")
            self.attend(lambda geste=geste: self.visite.releve().geste > geste)
        # « Mesurer » prend la place de « J'ai fini » : le même endroit, touché trop vite, ne compte pas deux fois.
        self._touchers["Mesurer"] = time.monotonic()

    def _commencer(self) -> None:
        self.application.pont.emettre(e.VisiteCommencee(instant=time.time(), visite=secrets.token_hex(16)))
        self.attend(lambda: self.visite.etape is Etape.LANGUE)

    def jusqu_a_l_attente(self) -> None:
        """Dans la file, sans mesure."""
        self.jusqu_a_la_tension()
        self.repond((e.BoutonContinuer, {}))
        assert self.visite.etape is Etape.ATTENTE

    def jusqu_a_la_consultation(self, essai: Essai) -> None:
        """Devant le médecin, l'appel établi."""
        self.jusqu_a_l_attente()
        medecin, visite = essai.medecin, self.visite.id
        essai.faire(medecin.ouvrir())
        self.attend(lambda: any(ligne.patient.visite == visite for ligne in medecin.lignes))
        essai.faire(medecin.prendre(visite))
        self.attend(lambda: self.visite.etape is Etape.PREPARATION)
        self.repond((e.BoutonContinuer, {}))
        self.etabli()

    def etabli(self) -> None:
        """Attend que l'image et le son passent."""
        self.attend(lambda: self.visite.appel.etat is EtatAppel.ETABLI)


@pytest.fixture(scope="package")
def monde_virtuel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Essai]:
    """Brassard, caméra, son, imprimante et salle, chacun son processus, une fois pour toutes les pannes."""
    boucle = BoucleAsyncio("monde")
    boucle.demarrer()
    monde = Monde(tmp_path_factory.mktemp("monde"), duree_mesure_s=1.0, image=IMAGE)
    serveur_avant = os.environ.get("PULSE_SERVER")
    boucle.lancer(monde.__aenter__()).result(ATTENTE_S)
    os.environ["PULSE_SERVER"] = monde.son.serveur
    try:
        yield Essai(monde, boucle)
    finally:
        os.environ.pop("PULSE_SERVER")
        if serveur_avant is not None:
            os.environ["PULSE_SERVER"] = serveur_avant
        boucle.lancer(monde.__aexit__()).result(ATTENTE_S)
        boucle.arreter()


@pytest.fixture
def essai(monde_virtuel: Essai) -> Iterator[Essai]:
    """Le monde, remis en état à la fin, avec un médecin absent."""
    yield monde_virtuel
    monde_virtuel.faire(monde_virtuel.medecin.fermer())
    monde_virtuel.brassard("normal")


@pytest.fixture
def configuration(essai: Essai, tmp_path: Path) -> Configuration:
    """Celle du monde, avec des dossiers neufs, un petit écran et une recherche courte du brassard."""
    lue = lire(essai.monde.configuration)
    cles = tmp_path / "cles"
    cles.mkdir(mode=0o700)
    shutil.copy(essai.monde.cles / "identite.json", cles)
    (tmp_path / "peripheriques.toml").write_text(PERIPHERIQUES)
    replace = msgspec.structs.replace
    chemins = replace(
        lue.chemins,
        donnees=str(tmp_path / "donnees"),
        cles=str(cles),
        peripheriques=str(tmp_path / "peripheriques.toml"),
    )
    return replace(lue, chemins=chemins, ecran=replace(lue.ecran, largeur_px=1280, hauteur_px=720))


@pytest.fixture
def lancer(
    qapp: QApplication,
    qtbot: QtBot,
    essai: Essai,
    configuration: Configuration,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Patient]]:
    """Lance une borne : `lancer()`, ou `lancer(imprimante="...")` pour changer un appareil."""
    # Le recul ordinaire (10 s) ne ferait que faire durer l'essai.
    monkeypatch.setattr(signalisation, "RECUL_MAX", 1.0)
    ouvertes: list[Application] = []

    def faire(**appareils: str) -> Patient:
        adresse = f"127.0.0.1:{essai.monde._radio['port_hci']}"
        scanner, client = radio_virtuelle.backends(adresse, Path(configuration.chemins.cles) / "radio")
        branches: Appareils = msgspec.structs.replace(configuration.appareils, **appareils)
        application = Application(
            msgspec.structs.replace(configuration, appareils=branches),
            Radio(backend_scanner=scanner, backend_client=client),
        )
        application.ouvrir()
        ouvertes.append(application)
        return Patient(qtbot, application)

    yield faire
    for application in ouvertes:
        application.fermer()
        application.fenetre.close()
        application.fenetre.deleteLater()


@pytest.fixture
def patient(lancer: Callable[..., Patient]) -> Patient:
    """Une borne ordinaire, reliée à la salle."""
    patient = lancer()
    patient.attend(lambda: patient.application.fenetre.direct.liaison_salle)
    return patient
