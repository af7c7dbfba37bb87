"""Imprimante et documents : dit au patient et au médecin, « Réessayer » marche, rien ne sort deux fois."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from borne import protocole as p
from borne.parcours.visite import EtatImpression
from tests.pannes.conftest import Essai, Patient
from tests.pannes.medecin import ordonnance


def _envoyer(essai: Essai, patient: Patient, contenu: bytes) -> str:
    statut, reponse = essai.faire(essai.medecin.envoyer_document(patient.visite.id, contenu))
    assert statut in (200, 201)
    return str(reponse["document"])


def _finir(essai: Essai, patient: Patient) -> None:
    essai.faire(essai.medecin.dire(p.Terminer(patient.visite.id)))


def _tous_imprimes(patient: Patient) -> bool:
    documents = patient.visite.documents
    return len(documents) == 2 and all(d.etat is EtatImpression.IMPRIME for d in documents)


def test_imprimante_eteinte_puis_reessayer(essai: Essai, patient: Patient) -> None:
    imprimante = essai.monde.imprimante
    contenu = ordonnance("Imprimante éteinte.")
    patient.jusqu_a_la_consultation(essai)
    imprimante.debrancher()
    try:
        document = _envoyer(essai, patient, contenu)
        attendu = [("recu", ""), ("echec", "L'imprimante ne répond pas.")]
        patient.attend(lambda: essai.medecin.documents.get(document) == attendu)
        _finir(essai, patient)
        patient.lit("Un papier n'est pas sorti.", "Vous pouvez réessayer ou demander de l'aide.")
        patient.lit("L'imprimante ne répond pas.", "Réessayer", "Continuer")
    finally:
        imprimante.rebrancher()
    patient.attend(lambda: all(d.etat is EtatImpression.ECHOUEE for d in patient.visite.documents))
    patient.touche("Réessayer")
    patient.lit("Prenez vos papiers.", "Tout est imprimé.")
    assert _tous_imprimes(patient)
    sortis = [chemin.read_bytes() for chemin in imprimante.imprimes()]
    assert sortis.count(contenu) == 1
    patient.attend(lambda: essai.medecin.documents[document][-1] == ("imprime", ""))


def test_imprimante_sans_papier_puis_reessayer(essai: Essai, patient: Patient) -> None:
    imprimante = essai.monde.imprimante
    patient.jusqu_a_la_consultation(essai)
    imprimante.retirer_papier()
    try:
        document = _envoyer(essai, patient, ordonnance("Sans papier."))
        patient.attend(
            lambda: (
                essai.medecin.documents.get(document, [("", "")])[-1] == ("echec", "L'imprimante n'a plus de papier.")
            )
        )
        _finir(essai, patient)
        patient.lit("Un papier n'est pas sorti.", "L'imprimante n'a plus de papier.", "Réessayer")
        patient.attend(
            lambda: (
                len(patient.visite.documents) == 2
                and all(d.etat is EtatImpression.ECHOUEE for d in patient.visite.documents)
            )
        )
    finally:
        imprimante.remettre_papier()
    patient.touche("Réessayer")
    patient.lit("Prenez vos papiers.", "Tout est imprimé.")
    # L'imprimante virtuelle garde aussi les octets d'un travail annulé : les papiers sortis ne s'y comptent pas.
    assert [d.essai for d in patient.visite.documents] == [2, 2]


def test_sans_imprimante(essai: Essai, lancer: Callable[..., Patient]) -> None:
    patient = lancer(imprimante="")
    patient.attend(lambda: patient.application.fenetre.direct.liaison_salle)
    patient.jusqu_a_la_consultation(essai)
    _finir(essai, patient)
    patient.lit("Un papier n'est pas sorti.", "L'imprimante ne répond pas.", "Réessayer")
    patient.touche("Continuer")
    patient.lit("Au revoir")


@pytest.mark.parametrize(
    ("contenu", "raison"),
    [
        (b"MZ" + bytes(500), ""),
        (b"%PDF-1.7\n" + b"rien de lisible " * 40 + b"\n%%EOF\n", "Le papier envoyé ne peut pas être lu."),
    ],
)
def test_un_pdf_qui_n_en_est_pas_un(essai: Essai, patient: Patient, contenu: bytes, raison: str) -> None:
    """La salle refuse ce qui n'en a pas l'air ; ce qui la trompe, la borne le refuse. Le médecin le lit."""
    patient.jusqu_a_la_consultation(essai)
    avant = len(essai.monde.imprimante.imprimes())
    statut, reponse = essai.faire(essai.medecin.envoyer_document(patient.visite.id, contenu))
    if "document" in reponse:
        document = str(reponse["document"])
        patient.attend(lambda: essai.medecin.documents.get(document) == [("refuse", raison)])
    else:
        assert statut >= 400
        assert "PDF" in reponse["raison"]
    assert patient.visite.documents == ()
    assert len(essai.monde.imprimante.imprimes()) == avant
    suivant = ordonnance("Le bon.")
    document = _envoyer(essai, patient, suivant)
    patient.attend(lambda: essai.medecin.documents.get(document, [("", "")])[-1] == ("imprime", ""))
    assert len(PdfReader(io.BytesIO(suivant)).pages) == 1
