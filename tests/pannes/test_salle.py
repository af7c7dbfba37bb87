"""La salle et le médecin manquent : le patient avance, sa place est gardée, l'appel revient tout seul."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from borne import protocole as p
from borne.parcours import evenements as e
from borne.parcours.visite import Etape, EtatAppel
from tests.pannes.conftest import Essai, Patient

COUPURE_S = 10.0


def _dans_la_file(essai: Essai, visite: str) -> p.LigneAttente | None:
    return next((ligne for ligne in essai.medecin.lignes if ligne.patient.visite == visite), None)


@pytest.mark.exigence("RESEAU-FAIBLE")
def test_salle_injoignable_au_demarrage(essai: Essai, lancer: Callable[..., Patient]) -> None:
    essai.couper_salle()
    try:
        patient = lancer()
        patient.lit("Voulez-vous voir un médecin", "La liaison avec les médecins est coupée.")
        patient.jusqu_a_l_attente()
        patient.lit("La liaison est coupée.", "La borne essaie de nouveau toute seule.", "demander de l'aide")
    finally:
        essai.rendre_salle()
    patient.lit("Un médecin va vous appeler.")
    essai.faire(essai.medecin.ouvrir())
    patient.attend(lambda: _dans_la_file(essai, patient.visite.id))
    ligne = _dans_la_file(essai, patient.visite.id)
    assert ligne is not None
    assert (ligne.patient.prenom, ligne.patient.motifs) == ("Zoé", ("toux",))


def test_salle_perdue_pendant_l_attente(essai: Essai, patient: Patient) -> None:
    patient.jusqu_a_l_attente()
    patient.lit("Un médecin va vous appeler.")
    essai.couper_salle()
    try:
        patient.lit("La liaison est coupée.")
    finally:
        essai.rendre_salle()
    patient.lit("Un médecin va vous appeler.")
    essai.faire(essai.medecin.ouvrir())
    patient.attend(lambda: _dans_la_file(essai, patient.visite.id))
    assert [incident.code for incident in patient.visite.incidents] == ["incident-salle-injoignable"]


def test_depart_pendant_que_la_salle_est_perdue(essai: Essai, patient: Patient) -> None:
    """Le patient s'en va hors ligne, sa visite est effacée : au retour, la salle ne l'attend plus."""
    patient.jusqu_a_l_attente()
    essai.faire(essai.medecin.ouvrir())
    visite = patient.visite.id
    patient.attend(lambda: _dans_la_file(essai, visite))
    essai.faire(essai.medecin.fermer())
    essai.couper_salle()
    try:
        patient.lit("La liaison est coupée.")
        patient.repond((e.RetraitDemande, {}))
        patient.repond((e.ConsentementRetire, {}))
        patient.repond((e.BoutonContinuer, {}))
        assert patient.visite.etape is Etape.ACCUEIL
    finally:
        essai.rendre_salle()
    essai.faire(essai.medecin.ouvrir())
    patient.attend(lambda: _dans_la_file(essai, visite) is None and patient.application.fenetre.direct.liaison_salle)
    essai.faire(essai.medecin.prendre(visite))
    assert patient.visite.etape is Etape.ACCUEIL


def test_salle_perdue_pendant_la_consultation(essai: Essai, patient: Patient) -> None:
    """L'appel ne passe pas par la salle : il continue, et ce qui manquait au médecin arrive au retour."""
    patient.jusqu_a_la_consultation(essai)
    essai.couper_salle()
    try:
        patient.lit("La borne ne joint plus les médecins.")
        avant = essai.medecin.images
        patient.attend(lambda: essai.medecin.images > avant + 10)
        assert patient.visite.appel.etat is EtatAppel.ETABLI
        essai.faire(essai.medecin.au_patient(p.Texte("Restez là.", time.time())))
        patient.attend(lambda: [m.texte for m in patient.visite.messages] == ["Restez là."])
    finally:
        essai.rendre_salle()
    # La page du médecin a perdu sa salle aussi : elle se relie et reprend son patient.
    patient.attend(lambda: patient.application.fenetre.direct.liaison_salle)
    essai.faire(essai.medecin.fermer())
    essai.faire(essai.medecin.ouvrir())
    essai.faire(essai.medecin.prendre(patient.visite.id))
    patient.attend(lambda: essai.medecin.offres > 1)
    patient.etabli()
    essai.faire(essai.medecin.dire(p.Terminer(patient.visite.id)))
    patient.attend(lambda: patient.visite.etape is Etape.DOCUMENTS)


def test_le_medecin_ferme_son_navigateur_puis_revient(essai: Essai, patient: Patient) -> None:
    patient.jusqu_a_la_consultation(essai)
    patient.lit("Parlez normalement.")
    essai.faire(essai.medecin.fermer())
    patient.lit("Le médecin a quitté l'écran.", "Restez là. Il peut revenir.", "Terminer")
    essai.faire(essai.medecin.ouvrir())
    essai.faire(essai.medecin.prendre(patient.visite.id))
    patient.lit("Parlez normalement.")
    avant = essai.medecin.images
    patient.attend(lambda: essai.medecin.images > avant)


@pytest.mark.exigence("VISIO-REPRISE")
def test_appel_coupe_dix_secondes(essai: Essai, patient: Patient) -> None:
    """Le réseau du médecin se tait dix secondes : l'écran le dit, puis tout revient sans un geste."""
    patient.jusqu_a_la_consultation(essai)
    debut = time.monotonic()
    essai.faire(essai.medecin.taire(True))
    patient.lit("L'image est coupée.", "La borne rappelle toute seule.", "Le médecin peut aussi vous téléphoner.")
    patient.fait(e.EcritureOuverte)
    patient.attend(lambda: patient.visite.superposition == "ecrire")
    patient.fait(e.MessageEcrit, texte="Je suis là")
    patient.attend(lambda: any(m.texte == "Je suis là" for m in patient.visite.messages))
    patient.attend(lambda: time.monotonic() - debut > COUPURE_S)
    essai.faire(essai.medecin.taire(False))
    patient.etabli()
    patient.attend(lambda: patient.visite.superposition == "")
    patient.lit("Parlez normalement.")
    patient.attend(lambda: [m.texte for m in essai.medecin.messages if isinstance(m, p.Texte)] == ["Je suis là"])
    assert "incident-appel-perdu" in [incident.code for incident in patient.visite.incidents]
