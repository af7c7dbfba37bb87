"""La vraie borne, sans salle ni appareils : une sonnerie égarée ne l'arrête pas, le volume règle toute la voix."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytestqt.qtbot import QtBot

from borne.assemblage.application import Application
from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.historique import Historique
from borne.autotest.profils import PROFILS
from borne.autotest.rapport import dresser
from borne.configuration import Appareils, Chemins, Configuration, Ecran, Salle
from borne.parcours import evenements as e
from borne.parcours.visite import Etape, Superposition, Visite
from borne.ui.audit import montre, visibles
from borne.ui.composants.bouton import Bouton
from borne.visio.identite import IdentiteBorne, enregistrer

PATIENCE_MS = 30_000


class Essai:
    """Une application ouverte, et ce qu'elle montre."""

    def __init__(self, application: Application, qtbot: QtBot) -> None:
        self.application, self._qtbot = application, qtbot
        self.visite = Visite()
        application.pont.visite_changee.connect(self._voir)

    def _voir(self, visite: Visite) -> None:
        self.visite = visite

    def toucher(self, geste: type[e.Toucher], vu: Callable[[Visite], bool], **champs: object) -> None:
        """Un geste sur l'écran montré, puis l'attente de ce qu'il doit changer."""
        self.application.pont.emettre(geste(instant=time.time(), revision=self.visite.revision, **champs))
        self._qtbot.waitUntil(lambda: vu(self.visite), timeout=PATIENCE_MS)

    def commencer(self) -> None:
        self.application.pont.emettre(e.VisiteCommencee(instant=time.time(), visite=secrets.token_hex(16)))
        self._qtbot.waitUntil(lambda: self.visite.etape is Etape.LANGUE, timeout=PATIENCE_MS)


@pytest.fixture
def essai(tmp_path: Path, qtbot: QtBot) -> Iterator[Essai]:
    """Une borne enrôlée dont le dossier des sonneries est vide et la salle introuvable."""
    yield from _lancer(tmp_path, qtbot)


@pytest.fixture
def en_panne(tmp_path: Path, qtbot: QtBot) -> Iterator[Essai]:
    """La même, dont le dernier autotest a trouvé la caméra en panne."""
    bons = [Resultat(nom, Couleur.VERT, "Bon.") for nom in PROFILS["mairie"].obligatoires if nom != "camera"]
    panne = Resultat("camera", Couleur.ROUGE, "La caméra n'est pas branchée.", "Branchez-la.", "camera-absente")
    qui = {"borne": "b-1", "lieu": "Mairie", "debut": time.time() - 9, "fin": time.time()}
    Historique(tmp_path / "donnees").ajouter(dresser([*bons, panne], {}, nom_profil="mairie", **qui))  # type: ignore[arg-type]
    yield from _lancer(tmp_path, qtbot)


def _lancer(tmp_path: Path, qtbot: QtBot) -> Iterator[Essai]:
    cles, sons = tmp_path / "cles", tmp_path / "sons"
    for dossier in (cles, sons):
        dossier.mkdir(mode=0o700)
    enregistrer(IdentiteBorne("b-1", "Mairie", Ed25519PrivateKey.generate()), cles)
    appareils = tmp_path / "peripheriques.toml"
    appareils.write_text("")
    chemins = Chemins(str(tmp_path / "donnees"), str(cles), peripheriques=str(appareils), sons=str(sons))
    configuration = Configuration(
        ecran=Ecran(plein_ecran=False),
        chemins=chemins,
        salle=Salle("http://127.0.0.1:9"),
        appareils=Appareils(camera=str(tmp_path / "camera")),
    )
    application = Application(configuration)
    qtbot.addWidget(application.fenetre)
    suivie = Essai(application, qtbot)
    application.ouvrir()
    yield suivie
    application.fermer()


def test_une_sonnerie_egaree_n_arrete_pas_la_borne(essai: Essai) -> None:
    essai.commencer()
    essai.toucher(e.AideDemandee, lambda visite: visite.superposition is Superposition.AIDE)
    essai.toucher(e.SuperpositionFermee, lambda visite: visite.superposition is Superposition.AUCUNE)
    assert essai.application._statut == 0


@pytest.mark.exigence("A11Y-VOIX")
def test_le_volume_regle_aussi_la_voix_du_medecin(essai: Essai) -> None:
    """Le réglage du patient vaut pour le haut-parleur de l'appel, et repart de son milieu avec lui."""
    haut_parleur = essai.application._borne._sources.haut_parleur
    essai.commencer()
    essai.toucher(e.PreferenceChangee, lambda v: v.preferences.volume == 4, nom="volume", valeur=4)
    assert haut_parleur.volume == 1.0
    essai.toucher(e.BoutonRetour, lambda v: v.etape is Etape.ACCUEIL)
    assert haut_parleur.volume == 0.5


def test_une_borne_pas_prete_le_dit_et_ne_commence_aucune_visite(en_panne: Essai, qtbot: QtBot) -> None:
    fenetre = en_panne.application.fenetre
    qtbot.waitUntil(lambda: fenetre.direct.fermeture == "panne", timeout=PATIENCE_MS)
    assert "Cette borne est en panne." in montre(fenetre)
    en_panne.application.pont.emettre(e.VisiteCommencee(instant=time.time(), visite=secrets.token_hex(16)))
    # L'aide vient après dans la file : quand elle se voit, la visite a été refusée.
    en_panne.toucher(e.AideDemandee, lambda visite: visite.superposition is Superposition.AIDE)
    assert (en_panne.visite.id, en_panne.visite.etape) == ("", Etape.ACCUEIL)


def test_le_technicien_entre_par_l_outil_de_l_accueil_ferme(en_panne: Essai, qtbot: QtBot) -> None:
    fenetre = en_panne.application.fenetre
    qtbot.waitUntil(lambda: fenetre.direct.fermeture == "panne", timeout=PATIENCE_MS)
    (outil,) = (b for b in visibles(fenetre, Bouton) if b.accessibleName() == "Technicien")
    outil.touche.emit()
    qtbot.waitUntil(lambda: "Code du technicien" in montre(fenetre), timeout=PATIENCE_MS)
    assert "Aucun code n’est posé sur cette borne." in montre(fenetre)
