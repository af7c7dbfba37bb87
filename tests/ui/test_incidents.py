"""Ce qui tombe en panne pendant la visite se lit sur l'écran du patient, et s'y dit avec les mêmes mots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from borne.parcours.effets import Dire
from borne.parcours.visite import Superposition
from borne.ui.affichage import PAYSAGE, PORTRAIT, Affichage
from borne.ui.audit import visibles
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.texte import Texte
from borne.ui.composants.video import Video
from borne.ui.exemples import exemples
from borne.ui.fenetre import Fenetre
from borne.ui.mots import mots_de_l_ecran
from borne.ui.textes import Textes
from tests.ui.conftest import BorneDEssai

Ouvrir = Callable[[Affichage], BorneDEssai]
TEXTES = Textes(Path("config/textes")).pour("fr")
SANS_SUPERPOSITION = [
    nom
    for nom, (visite, _) in exemples().items()
    if visite.superposition is Superposition.AUCUNE and not visite.erreur
]


def _lus(fenetre: Fenetre) -> list[str]:
    QApplication.processEvents()
    return [texte.text() for texte in visibles(fenetre, Texte)]


def _montrer(fenetre: Fenetre, nom: str, **direct: object) -> None:
    visite, vivant = exemples()[nom]
    fenetre.montrer(visite, replace(vivant, **direct))  # type: ignore[arg-type]


@pytest.mark.exigence("A11Y-VOIX")
@pytest.mark.parametrize("affichage", [PAYSAGE, PORTRAIT], ids=["paysage", "portrait"])
def test_une_panne_de_la_borne_se_lit_sur_chaque_ecran(ouvrir: Ouvrir, affichage: Affichage) -> None:
    fenetre = ouvrir(affichage).fenetre
    for nom in SANS_SUPERPOSITION:
        visite, direct = exemples()[nom]
        if direct.technicien is not None:
            continue  # Le technicien lit le contrôle du disque.
        if visite.foyer is not None:
            continue  # Pendant l'écoute, la consigne du médecin passe d'abord : le stéthoscope est sur la poitrine.
        panne = replace(direct, panne="erreur-dossier")
        fenetre.montrer(visite, panne)
        assert TEXTES.dire("erreur-dossier") in _lus(fenetre), nom
        assert "erreur-dossier" in mots_de_l_ecran(visite, panne), nom


@pytest.mark.parametrize("nom", ["accueil-disque", "accueil-panne", "accueil-liaison", "accueil-verification"])
def test_une_borne_fermee_ne_commence_pas_de_visite(borne: BorneDEssai, nom: str) -> None:
    _montrer(borne.fenetre, nom)
    noms = {bouton.accessibleName() for bouton in visibles(borne.fenetre, Bouton)}
    assert noms == {"Aide", "Appeler le 15", "Répéter", "Technicien"}


@pytest.mark.exigence("A11Y-VOIX")
def test_l_accueil_ferme_se_dit_a_qui_le_demande(borne: BorneDEssai) -> None:
    borne.montrer(fermeture="panne")
    borne.effets.clear()
    borne.toucher("Répéter")
    assert [effet for effet in borne.effets if isinstance(effet, Dire)] == [Dire((), 2, "fr")]
    assert mots_de_l_ecran(borne.visite, borne.direct)[0] == "ferme-panne-question"


def test_une_borne_en_panne_dit_ou_aller(borne: BorneDEssai) -> None:
    _montrer(borne.fenetre, "accueil-panne-secours")
    assert any("Pharmacie du Pont, 3 rue du Pont, Decize" in texte for texte in _lus(borne.fenetre))
    _montrer(borne.fenetre, "accueil-panne")
    lus = _lus(borne.fenetre)
    assert "Cette borne est en panne." in lus
    assert "Demandez à l’accueil où voir un médecin." in lus


def test_la_borne_reparee_invite_de_nouveau(borne: BorneDEssai) -> None:
    _montrer(borne.fenetre, "accueil-panne")
    _montrer(borne.fenetre, "accueil")
    assert "Commencer" in {bouton.accessibleName() for bouton in visibles(borne.fenetre, Bouton)}


@pytest.mark.parametrize(
    ("direct", "cle"),
    [
        ({"camera_disponible": False}, "incident-camera-perdue"),
        ({"stethoscope_absent": True}, "erreur-stethoscope-absent"),
        ({"liaison_salle": False}, "incident-salle-injoignable"),
    ],
)
@pytest.mark.parametrize("nom", ["consultation", "consultation-perdue"])
@pytest.mark.exigence("VISITE-COUPURE")
def test_un_incident_de_l_appel_se_lit(borne: BorneDEssai, nom: str, direct: dict[str, object], cle: str) -> None:
    _montrer(borne.fenetre, nom, **direct)
    assert TEXTES.dire(cle) in _lus(borne.fenetre)


def test_une_camera_perdue_ne_laisse_pas_d_image_figee(borne: BorneDEssai) -> None:
    fenetre = borne.fenetre
    _montrer(fenetre, "consultation")
    _montrer(fenetre, "consultation-camera-perdue")
    soi = next(video for video in visibles(fenetre, Video) if video.miroir)
    assert soi.image is None


def test_la_sonnerie_en_cours_se_lit_tant_qu_elle_dure(borne: BorneDEssai) -> None:
    avis = TEXTES.dire("aide-en-cours")
    for nom in ("accueil", "attente", "consultation"):
        _montrer(borne.fenetre, nom, aide_active=True)
        assert avis in _lus(borne.fenetre), nom
        _montrer(borne.fenetre, nom)
        assert avis not in _lus(borne.fenetre), nom
    _montrer(borne.fenetre, "aide", aide_active=True)
    assert avis not in _lus(borne.fenetre)


def test_le_micro_coupe_du_medecin_se_voit_et_se_dit(borne: BorneDEssai) -> None:
    _montrer(borne.fenetre, "consultation-micro-coupe")
    coupe = TEXTES.dire("consultation-micro-coupe", medecin=exemples()["consultation"][0].medecin)
    medecin = next(video for video in visibles(borne.fenetre, Video) if not video.miroir)
    assert medecin.titre.startswith(coupe)
    assert medecin.icone_titre == "microphone-off"
    assert TEXTES.dire("consultation-micro-coupe-phrase") in _lus(borne.fenetre)
    _montrer(borne.fenetre, "consultation-mitral", micro_medecin_coupe=True)
    assert next(v for v in visibles(borne.fenetre, Video) if not v.miroir).titre.startswith(coupe)
    _montrer(borne.fenetre, "consultation")
    medecin = next(video for video in visibles(borne.fenetre, Video) if not video.miroir)
    assert medecin.icone_titre == ""
    assert not medecin.titre.startswith(coupe)
