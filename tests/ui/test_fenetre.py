"""La fenêtre : une visite se fait en touchant les boutons, et rien d'autre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from borne.mesures import DIASTOLIQUE, FREQUENCE_CARDIAQUE, MMHG, PRESSION_BRASSARD, SYSTOLIQUE, Mesure
from borne.parcours import evenements as e
from borne.parcours.effets import DemanderMesure, Sonner
from borne.parcours.visite import Etape, EtatAppel, PhaseMesure, Superposition, Visite
from borne.ui.affichage import PAYSAGE, PORTRAIT, Affichage
from borne.ui.audit import cadre_de, montre, visibles
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.jauge import Jauge
from borne.ui.composants.video import en_image
from borne.ui.ecrans.consultation import Consultation
from borne.ui.exemples import exemples
from tests.ui.conftest import BorneDEssai

Ouvrir = Callable[[Affichage], BorneDEssai]


def _jusqu_a_la_tension(borne: BorneDEssai) -> None:
    borne.toucher("Commencer")
    borne.toucher("Français")
    borne.toucher("Oui, je suis d’accord")
    borne.taper("ANNE-LÉA")
    borne.toucher("Continuer")
    borne.taper("D'ÉON")
    borne.toucher("Continuer")
    borne.taper("04051950")
    borne.toucher("Continuer")
    borne.taper("0612345678")
    borne.toucher("Continuer")
    borne.toucher("Toux")
    borne.toucher("Fatigue")
    borne.toucher("Continuer")
    borne.toucher("Non, aucun")


@pytest.mark.exigence("A11Y-UNE-QUESTION")
def test_une_visite_se_fait_en_touchant(borne: BorneDEssai) -> None:
    _jusqu_a_la_tension(borne)
    assert borne.visite.etape is Etape.MESURE
    assert borne.visite.champs == {
        "prenom": "ANNE-LÉA",
        "nom": "D'ÉON",
        "naissance": "04051950",
        "telephone": "0612345678",
    }
    assert borne.visite.motifs == ("toux", "fatigue")
    borne.toucher("Mesurer")
    assert DemanderMesure("tension", 1) in borne.effets
    borne.montrer(etape_mesure="mesure", vivantes={PRESSION_BRASSARD: 128.4})
    (jauge,) = visibles(borne.fenetre, Jauge)
    assert jauge.accessibleDescription() == "128"
    valeurs = ((SYSTOLIQUE, 132.0, MMHG), (DIASTOLIQUE, 84.0, MMHG), (FREQUENCE_CARDIAQUE, 72.0, "/min"))
    mesures = tuple(Mesure(code, valeur, unite, 1.0, "brassard") for code, valeur, unite in valeurs)
    borne.recevoir(e.MesureRecue(instant=1.0, nature="tension", essai=1, mesures=mesures))
    assert borne.visite.releve().phase is PhaseMesure.FINIE
    borne.toucher("Continuer")
    borne.toucher("Me préparer")
    borne.toucher("Oui, j’entends")
    assert borne.visite.son_entendu is True
    borne.toucher("Tout est prêt")
    borne.recevoir(e.PriseEnChargeRecue(instant=2.0, medecin="Docteur Moreau"))
    assert isinstance(borne.fenetre.ecran, Consultation)
    borne.recevoir(e.AppelDemandeRecu(instant=3.0))
    borne.recevoir(e.AppelEtabli(instant=4.0, essai=borne.visite.appel.essai))
    assert borne.visite.appel.etat is EtatAppel.ETABLI
    borne.toucher("Écrire")
    borne.taper("BON")
    assert borne.visite.champ("message") == "Bon"
    borne.toucher("Envoyer")
    assert borne.visite.messages[-1].texte == "Bon"
    borne.toucher("Terminer")
    borne.toucher("Oui, terminer")
    assert borne.visite.etape is Etape.DOCUMENTS
    borne.toucher("Continuer")
    borne.toucher("J’ai fini")
    borne.recevoir(e.PropreteDue(instant=5.0, visite="suite"))
    for nom in ("Brassard", "Stéthoscope", "Écran", "Siège"):
        borne.toucher(nom)
    borne.toucher("Tout est propre")
    assert borne.visite.etape is Etape.ACCUEIL


@pytest.mark.exigence("VISITE-15")
def test_aide_et_quinze_des_l_accueil(borne: BorneDEssai) -> None:
    borne.toucher("Appeler le 15")
    assert borne.visite.superposition is Superposition.QUINZE
    assert Sonner("quinze", True) in borne.effets
    borne.toucher("Fermer")
    assert borne.visite.superposition is Superposition.AUCUNE


@pytest.mark.exigence("VISITE-15")
@pytest.mark.exigence("A11Y-UNE-QUESTION")
@pytest.mark.parametrize("affichage", [PAYSAGE, PORTRAIT], ids=["paysage", "portrait"])
def test_revenir_aide_et_quinze_partout_au_meme_endroit(ouvrir: Ouvrir, affichage: Affichage) -> None:
    borne = ouvrir(affichage)
    places: dict[str, set[tuple[int, int]]] = {"Revenir": set(), "Aide": set(), "Appeler le 15": set()}
    for visite, direct in exemples().values():
        if visite.etape in (Etape.ACCUEIL, Etape.PROPRETE):
            continue
        borne.fenetre.montrer(visite, direct)
        for nom, trouvees in places.items():
            coin = cadre_de(borne.bouton(nom)).topLeft()
            trouvees.add((coin.x(), coin.y()))
    assert {nom: len(trouvees) for nom, trouvees in places.items()} == dict.fromkeys(places, 1)


@pytest.mark.exigence("A11Y-REPETITION")
def test_un_toucher_identique_ne_compte_qu_une_fois(borne: BorneDEssai) -> None:
    _jusqu_a_la_tension(borne)
    while borne.visite.etape is not Etape.NOM:
        borne.toucher("Revenir")
    borne.evenements.clear()
    borne.toucher("N")
    borne.toucher("N", apres_s=0.3)
    assert [ev.valeur for ev in borne.evenements if isinstance(ev, e.SaisieModifiee)] == ["D'ÉONN"]
    borne.toucher("N", apres_s=0.25)
    assert borne.visite.champ("nom") == "D'ÉONNN"


@pytest.mark.exigence("A11Y-REPETITION")
def test_un_double_appui_sur_le_bouton_principal_ne_saute_pas_d_ecran(borne: BorneDEssai) -> None:
    _jusqu_a_la_tension(borne)
    while borne.visite.etape is not Etape.PRENOM:
        borne.toucher("Revenir")
    borne.toucher("Continuer")
    borne.toucher("Continuer", apres_s=0.2)
    assert borne.visite.etape is Etape.NOM


def test_un_geste_porte_la_revision_de_l_ecran_montre(borne: BorneDEssai) -> None:
    borne.toucher("Commencer")
    borne.branchee = False
    borne.toucher("Français")
    (_, choix) = borne.evenements
    assert isinstance(choix, e.LangueChoisie)
    assert choix.revision == borne.visite.revision
    assert choix.langue == "fr"


def test_appuyer_puis_sortir_du_bouton_n_agit_pas(borne: BorneDEssai) -> None:
    fenetre = borne.fenetre.windowHandle()
    gauche, rien = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(fenetre, gauche, rien, borne.point("Commencer"))
    QTest.mouseMove(fenetre, QPoint(5, 5))
    QTest.mouseRelease(fenetre, gauche, rien, QPoint(5, 5))
    assert borne.evenements == []


def test_une_lettre_non_gardee_n_est_pas_montree_mais_pas_perdue(borne: BorneDEssai) -> None:
    for nom in ("Commencer", "Français", "Oui, je suis d’accord"):
        borne.toucher(nom)
    borne.branchee = False
    borne.evenements.clear()
    borne.taper("LÉA")
    assert "LÉA" not in montre(borne.fenetre)
    valeurs = [ev.valeur for ev in borne.evenements if isinstance(ev, e.SaisieModifiee)]
    assert valeurs == ["L", "LÉ", "LÉA"]
    # La première lettre est gardée : la suite part de ce qui a été tapé, pas de ce qui est montré.
    borne.visite = replace(borne.visite, champs={"prenom": "L"})
    borne.montrer()
    borne.toucher("N")
    assert borne.evenements[-1].valeur == "LÉAN"  # type: ignore[attr-defined]


def test_tout_le_clavier(borne: BorneDEssai) -> None:
    for nom in ("Commencer", "Français", "Oui, je suis d’accord"):
        borne.toucher(nom)
    for caractere in "AZERTYUIOPQSDFGHJKLMWXCVBNÉÈÊÀÇËÏÔÜ":
        borne.toucher(caractere)
        assert borne.visite.champ("prenom") == caractere
        borne.toucher("Effacer")
    borne.taper("A-B' C")
    assert borne.visite.champ("prenom") == "A-B' C"


@pytest.mark.exigence("A11Y-VOIX")
def test_les_preferences(borne: BorneDEssai) -> None:
    borne.toucher("Commencer")
    borne.toucher("Plus fort")
    assert borne.visite.preferences.volume == 3
    borne.toucher("Moins fort")
    borne.toucher("Moins fort")
    assert borne.visite.preferences.volume == 1
    borne.toucher("Texte plus grand")
    assert borne.fenetre.theme.grand_texte
    borne.toucher("Contraste fort")
    assert borne.fenetre.theme.contraste
    borne.toucher("Couleurs normales")
    borne.toucher("Texte normal")
    assert (borne.fenetre.theme.grand_texte, borne.fenetre.theme.contraste) == (False, False)
    borne.toucher("Répéter")
    assert isinstance(borne.evenements[-1], e.RepetitionDemandee)


def test_la_voix_coupee_se_dit(borne: BorneDEssai) -> None:
    borne.toucher("Commencer")
    borne.montrer(voix_disponible=False)
    assert borne.bouton("Voix coupée").isVisible()


def test_un_bouton_survit_aux_valeurs_vivantes(borne: BorneDEssai) -> None:
    _jusqu_a_la_tension(borne)
    borne.toucher("Mesurer")
    borne.montrer(etape_mesure="mesure", vivantes={PRESSION_BRASSARD: 20.0})
    avant = borne.bouton("Arrêter")
    borne.montrer(vivantes={PRESSION_BRASSARD: 60.0})
    assert borne.bouton("Arrêter") is avant


@pytest.mark.exigence("A11Y-ARBRE")
def test_le_clavier_materiel_atteint_les_boutons_et_montre_le_foyer(borne: BorneDEssai) -> None:
    borne.fenetre.activateWindow()
    assert not any(b.foyer_visible for b in visibles(borne.fenetre, Bouton))
    QTest.keyClick(borne.fenetre, Qt.Key.Key_Tab)
    foyer = QApplication.focusWidget()
    assert isinstance(foyer, Bouton)
    assert foyer.foyer_visible
    QApplication.sendEvent(foyer, QEvent(QEvent.Type.Leave))


@pytest.mark.exigence("A11Y-PORTEE")
@pytest.mark.parametrize("affichage", [PORTRAIT, replace(PAYSAGE, mode_bas=True)], ids=["portrait", "mode-bas"])
def test_les_commandes_descendent(ouvrir: Ouvrir, affichage: Affichage) -> None:
    borne = ouvrir(affichage)
    borne.toucher("Commencer")
    for nom in ("Répéter", "Plus fort", "Texte plus grand", "Contraste fort"):
        assert borne.point(nom).y() > affichage.hauteur_px / 2


def test_une_image_rgb_devient_une_qimage() -> None:
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[1, 2] = (200, 100, 50)
    image = en_image(pixels[:, :, :])
    assert (image.width(), image.height()) == (6, 4)
    assert image.pixelColor(2, 1).getRgb()[:3] == (200, 100, 50)
    assert en_image(pixels[:, ::-1]).pixelColor(3, 1).red() == 200
    with pytest.raises(ValueError, match="image attendue"):
        en_image(np.zeros((4, 6), np.uint8))


def test_la_fenetre_montre_la_plus_recente_image(borne: BorneDEssai) -> None:
    visite, direct = exemples()["consultation"]
    borne.fenetre.montrer(visite, direct)
    borne.fenetre.montrer_image_medecin(np.full((72, 128, 3), 250, np.uint8))
    borne.fenetre.montrer_image_patient(QImage(64, 36, QImage.Format.Format_RGB888))
    ecran = borne.fenetre.ecran
    assert isinstance(ecran, Consultation)
    milieu = ecran.medecin.mapTo(borne.fenetre, ecran.medecin.rect().center())
    assert borne.fenetre.grab().toImage().pixelColor(milieu).red() == 250
    borne.fenetre.montrer_image_medecin(None)
    assert ecran.medecin.image is None


@pytest.mark.exigence("DONNEES-PURGE")
def test_rien_du_patient_precedent_ne_reste_visible(borne: BorneDEssai) -> None:
    _jusqu_a_la_tension(borne)
    borne.visite = Visite(revision=borne.visite.revision + 1)
    borne.montrer()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    textes = " ".join(montre(borne.fenetre))
    assert "LÉA" not in textes
    assert "0612345678" not in textes


@pytest.mark.exigence("DONNEES-PURGE")
@pytest.mark.parametrize("tardive", [False, True], ids=["a-temps", "apres-la-fin"])
def test_aucune_image_ne_passe_d_une_visite_a_la_suivante(borne: BorneDEssai, tardive: bool) -> None:
    """Ni celle déjà montrée, ni celle qui arrive quand la consultation est finie."""
    visite, direct = exemples()["consultation"]
    image = np.full((72, 128, 3), 250, np.uint8)
    borne.fenetre.montrer(visite, direct)
    if not tardive:
        borne.fenetre.montrer_image_medecin(image)
        borne.fenetre.montrer_image_patient(image)
    borne.fenetre.montrer(Visite(), direct)
    if tardive:
        borne.fenetre.montrer_image_medecin(image)
        borne.fenetre.montrer_image_patient(image)
    borne.fenetre.montrer(replace(visite, id="1" * 32), direct)
    ecran = borne.fenetre.ecran
    assert isinstance(ecran, Consultation)
    assert ecran.medecin.image is None
    assert ecran.patient.image is None
