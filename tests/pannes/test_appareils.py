"""Brassard, caméra, stéthoscope : chacun manque ou se trompe, l'écran le dit, et la suite marche."""

from __future__ import annotations

import hashlib
import logging

import pytest

from borne import protocole as p
from borne.demonstration.son import STETHOSCOPE
from borne.mesures import SYSTOLIQUE
from borne.parcours.etapes import ESSAIS
from borne.parcours.visite import EtatAppel
from tests.pannes.conftest import Essai, Patient

TOUTES: tuple[p.CameraNom, ...] = ("principale", "examen", "document")

PANNES = {
    "absent": ("erreur-tension-absent", "Le brassard ne répond pas. Vérifiez qu'il est allumé."),
    "eteindre_en_mesure": ("erreur-tension-perdu", "Le brassard s'est éteint ou s'est éloigné."),
    "trame_tronquee": ("erreur-tension-trame", "Le brassard a envoyé un message incomplet."),
    "nan": ("mesure-tension-faute-mouvement", "Votre bras a bougé."),
}


def test_chaque_panne_du_brassard_se_dit_puis_recommencer_marche(essai: Essai, patient: Patient) -> None:
    patient.jusqu_a_la_tension()
    patient.pret_a_mesurer()
    bouton = "Mesurer"
    for rang, (comportement, (_, phrase)) in enumerate(PANNES.items(), 1):
        essai.brassard(comportement)
        patient.touche(bouton)
        if rang == ESSAIS:
            # Trois essais, puis on passe ; revenir permet d'insister quand quelqu'un est là pour aider.
            patient.lit("Nous passons cette mesure.", phrase)
            patient.touche("Revenir")
            patient.pret_a_mesurer()
            bouton = "Mesurer"
        else:
            patient.lit("La mesure n'a pas marché.", phrase)
            assert patient.vue.controle("Passer") is not None
            bouton = "Recommencer"
    essai.brassard("normal")
    patient.touche("Recommencer")
    patient.lit("La mesure est faite.")
    visite = patient.visite
    # La trace garde chaque échec ; les mesures, rien que la vraie.
    assert [acte.raison for acte in visite.actes] == [*(cle for cle, _ in PANNES.values()), ""]
    assert [m.valeur for m in visite.mesures if m.code == SYSTOLIQUE] == [137.0]


def test_sans_mesure_on_avance_quand_meme(essai: Essai, patient: Patient) -> None:
    patient.jusqu_a_la_tension()
    essai.brassard("absent")
    patient.pret_a_mesurer()
    patient.touche("Mesurer")
    patient.lit("La mesure n'a pas marché.")
    patient.touche("Passer")
    patient.lit("Un médecin va vous appeler.")


@pytest.mark.exigence("VISITE-COUPURE")
def test_la_camera_disparait_puis_revient(essai: Essai, patient: Patient) -> None:
    """L'appel continue sans image, l'écran le dit ; la caméra rebranchée, l'image revient seule."""
    patient.jusqu_a_la_consultation(essai)
    patient.lit("Parlez normalement.")
    essai.monde.camera.debrancher()
    try:
        patient.lit("La caméra s'est arrêtée. Le médecin vous entend encore.")
        assert patient.visite.appel.etat is EtatAppel.ETABLI
        essai.faire(essai.medecin.au_patient(p.Texte("Je vous entends.", 1.0)))
        patient.attend(lambda: patient.visite.messages)
    finally:
        essai.monde.camera.rebrancher()
    patient.lit("Parlez normalement.")
    avant = essai.medecin.images
    patient.attend(lambda: essai.medecin.images > avant + 5)
    assert (patient.visite.appel.etat, essai.medecin.offres) == (EtatAppel.ETABLI, 1)
    assert [incident.code for incident in patient.visite.incidents] == ["incident-camera-perdue"]


def test_camera_absente_a_la_preparation(essai: Essai, patient: Patient) -> None:
    essai.monde.camera.debrancher()
    try:
        patient.jusqu_a_l_attente()
        essai.faire(essai.medecin.ouvrir())
        patient.attend(lambda: any(x.patient.visite == patient.visite.id for x in essai.medecin.lignes))
        essai.faire(essai.medecin.prendre(patient.visite.id))
        patient.lit("La caméra ne répond pas. Le médecin vous entendra.")
        patient.touche("Tout est prêt")
        patient.etabli()
        patient.lit("La caméra s'est arrêtée. Le médecin vous entend encore.")
    finally:
        essai.monde.camera.rebrancher()
    patient.lit("Parlez normalement.")


@pytest.mark.exigence("VISITE-COUPURE")
def test_la_camera_d_examen_arrachee_pendant_la_photo(
    essai: Essai, patient: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    """La photo déjà prise arrive entière, l'image revient au visage, et chacun sait pourquoi."""
    caplog.set_level(logging.INFO, logger="borne.assemblage.tentatives")
    patient.jusqu_a_la_consultation(essai)
    essai.faire(essai.medecin.au_patient(p.ChoixCamera("examen")))
    patient.lit("Approchez la petite caméra de la zone à montrer.")
    patient.attend(lambda: p.EtatCameras("examen", TOUTES) in essai.medecin.messages)
    essai.faire(essai.medecin.au_patient(p.DemandePhoto("p1")))
    patient.attend(lambda: essai.medecin.pairs[-1].octets.get(p.NOM_CANAL_EXAMEN))
    essai.monde.camera_examen.debrancher()
    try:
        raison = "La petite caméra ne répond pas. Le médecin voit votre visage."
        patient.attend(
            lambda: p.EtatCameras("principale", ("principale", "document"), raison) in essai.medecin.messages
        )
        assert patient.visite.camera == "principale"
        annonce = next(m for m in essai.medecin.messages if isinstance(m, p.PhotoAnnoncee))

        def recue() -> bytes:
            morceaux = essai.medecin.pairs[-1].octets[p.NOM_CANAL_EXAMEN]
            return b"".join(p.MorceauPhoto.decoder(morceau).octets for morceau in morceaux)

        patient.attend(lambda: len(recue()) >= annonce.octets)
        assert hashlib.sha256(recue()).hexdigest() == annonce.empreinte
        # Elle manque toujours : une autre photo est celle du visage.
        essai.faire(essai.medecin.au_patient(p.ChoixCamera("examen")))
        patient.attend(lambda: [i.code for i in patient.visite.incidents] == ["erreur-camera-examen"] * 2)
    finally:
        essai.monde.camera_examen.rebrancher()
    patient.attend(lambda: p.EtatCameras("principale", TOUTES) in _apres(essai, raison))
    patient.attend(lambda: patient.visite.appel.etat is EtatAppel.ETABLI)
    # Aucune caméra ne coûte une offre. Une machine très chargée peut se taire assez pour qu'un autre appel se
    # prépare : ceux-là se disent.
    offres = [r.getMessage().split("(")[1].rstrip(")") for r in caplog.records if "offre (" in r.getMessage()]
    assert offres[0] == "demandée"
    assert set(offres[1:]) <= {"silence", "toujours rien"}
    assert [photo.camera for photo in patient.visite.photos] == ["examen"]


def _apres(essai: Essai, raison: str) -> list[p.Canal]:
    """Ce que la borne a dit depuis la dernière perte."""
    messages = essai.medecin.messages
    pertes = [rang for rang, m in enumerate(messages) if isinstance(m, p.EtatCameras) and m.raison == raison]
    return messages[pertes[-1] :]


def _derniere_ecoute(essai: Essai) -> tuple[bool, str] | None:
    """Ce que la borne a dit en dernier de l'écoute."""
    dits = [(m.active, m.raison) for m in essai.medecin.messages if isinstance(m, p.EtatEcoute)]
    return dits[-1] if dits else None


def test_stethoscope_absent_puis_rebranche(essai: Essai, patient: Patient) -> None:
    essai.monde.son.debrancher(STETHOSCOPE)
    try:
        patient.jusqu_a_la_consultation(essai)
        essai.faire(essai.medecin.au_patient(p.DemandeEcoute("mitral")))
        phrase = "Le stéthoscope ne répond pas. Vérifiez son câble."
        patient.lit(phrase)
        patient.attend(lambda: _derniere_ecoute(essai) == (False, phrase))
        assert patient.visite.appel.etat is EtatAppel.ETABLI
    finally:
        essai.monde.son.rebrancher(STETHOSCOPE)
    essai.faire(essai.medecin.au_patient(p.DemandeEcoute("mitral")))
    patient.lit("Posez le stéthoscope sous le sein gauche.")
    patient.attend(lambda: patient.application.fenetre.direct.stethoscope)
    assert patient.visite.foyer == "mitral"
