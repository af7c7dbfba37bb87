"""Ce qui arrive sans le patient : minuteries, appareils, médecin, imprimante. Une règle par événement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from borne.parcours import evenements as e
from borne.parcours.effets import (
    AnnoncerDocument,
    AnnoncerRappel,
    ChoisirCamera,
    Dire,
    Ecouter,
    Effet,
    Imprimer,
    SuspendreAppel,
)
from borne.parcours.etapes import FINS, PATIENCE_IMPRESSION, RELANCES, TABLE
from borne.parcours.transitions import (
    TELEPHONE,
    Suite,
    abandonner_consultation,
    amener,
    appeler,
    apres_attente,
    arreter_mesure,
    attendre_retour,
    demander_mesure,
    demander_presence,
    fermer_rappel,
    fermer_superposition,
    finir_consultation,
    mesurer_ensuite,
    noter_echec,
    noter_incident,
    noter_releve,
    partir,
    proposer_rappel,
    repondre_present,
    tout_arreter,
    vers,
)
from borne.parcours.visite import (
    PRINCIPALE,
    RESUME,
    ActeMesure,
    DocumentPatient,
    Etape,
    EtatAppel,
    EtatImpression,
    MessageTexte,
    NiveauLien,
    PhaseMesure,
    PhotoExamen,
    RaisonRappel,
    Superposition,
    Visite,
)

Regle = Callable[[Visite, Any], Suite]

INACTIVITE: Final = "inactivite"
"""Minuterie de présence, d'adieu et de relance (une seule à la fois) ; son essai est `Visite.minuterie`."""

CONSIGNES_CAMERA: Final = {"examen": "consultation-camera-examen", "document": "consultation-camera-document"}
"""Ce que le patient fait de chaque caméra, en clé des textes."""

RAPPEL: Final = "rappel"
"""Minuterie d'un nouvel essai d'appel après un redémarrage ; son essai est celui de l'appel perdu."""


def minuterie(visite: Visite, evenement: e.MinuterieEchue) -> Suite:
    """Une minuterie est échue ; d'un autre essai ou d'un autre nom, elle ne fait rien."""
    if evenement.nom == RAPPEL and evenement.essai == visite.appel.essai:
        return _rappeler(visite)
    if evenement.nom == TELEPHONE and evenement.essai == visite.appel.pertes:
        return _telephoner(visite, evenement.instant)
    if evenement.nom == INACTIVITE and evenement.essai == visite.minuterie:
        return _inactif(visite, evenement.instant)
    return visite, ()


def _rappeler(visite: Visite) -> Suite:
    perdu = visite.etape is Etape.CONSULTATION and visite.appel.etat is EtatAppel.PERDU
    return appeler(visite) if perdu and not visite.appel.medecin_absent else (visite, ())


def _telephoner(visite: Visite, instant: float) -> Suite:
    """L'appel n'est pas revenu. Sans médecin devant sa page, il n'y a personne à prier."""
    appel = visite.appel
    if visite.etape is not Etape.CONSULTATION or appel.etat is not EtatAppel.PERDU or appel.medecin_absent:
        return visite, ()
    raison = RaisonRappel.ECHEC if visite.debut_consultation is None else RaisonRappel.COUPURE
    return proposer_rappel(visite, raison, instant)


def _inactif(visite: Visite, instant: float) -> Suite:
    if visite.etape in FINS:
        return _quitter_fin(visite)
    if TABLE[visite.etape].inactivite_s is None:
        # Une aide oubliée à l'accueil ou à la propreté : il n'y a pas de visite à fermer.
        return fermer_superposition(visite)
    return _relancer(visite, instant)


def _quitter_fin(visite: Visite) -> Suite:
    """L'écran de fin cède la place ; un papier qui sort encore est attendu un peu."""
    en_cours = any(d.etat is EtatImpression.EN_COURS for d in visite.documents)
    if en_cours and visite.relances < PATIENCE_IMPRESSION:
        return replace(visite, relances=visite.relances + 1), ()
    return partir(visite, transmettre=visite.etape is Etape.ADIEU)


def _relancer(visite: Visite, instant: float) -> Suite:
    """Deux questions sans réponse, puis la visite se ferme et s'efface.

    La révision ne change pas de la première question à la seconde : un toucher tardif y répond aussi.
    """
    if visite.superposition is Superposition.PRESENCE and visite.relances >= RELANCES:
        return _expirer(visite, instant)
    return demander_presence(visite), ()


def _expirer(visite: Visite, instant: float) -> Suite:
    """Une consultation qui a eu lieu est transmise, même si le patient part sans un geste (VISITE-TRACE)."""
    if visite.etape is Etape.DOCUMENTS:
        return vers(visite, Etape.ADIEU)
    if visite.etape is Etape.CONSULTATION and visite.debut_consultation is not None:
        return abandonner_consultation(visite, instant)
    return tout_arreter(visite, Etape.EXPIREE, "inactivite", instant)


def _mesure_recue(visite: Visite, evenement: e.MesureRecue) -> Suite:
    nature, mesures = evenement.nature, evenement.mesures
    if not _essai_en_cours(visite, nature, evenement.essai):
        return visite, ()
    if all(mesure.valeur is None for mesure in mesures):
        return noter_echec(visite, nature, f"erreur-{nature}-valeur", evenement.instant), ()
    acte = ActeMesure(nature, evenement.essai, evenement.instant, "", mesures)
    releve = replace(visite.releve(nature), phase=PhaseMesure.FINIE, raison="")
    visite = noter_releve(visite, nature, releve)
    return replace(visite, mesures=(*visite.mesures, *mesures), actes=(*visite.actes, acte)), ()


def _mesure_echouee(visite: Visite, evenement: e.MesureEchouee) -> Suite:
    if not _essai_en_cours(visite, evenement.nature, evenement.essai):
        return visite, ()
    return noter_echec(visite, evenement.nature, evenement.raison, evenement.instant), ()


def _essai_en_cours(visite: Visite, nature: str, essai: int) -> bool:
    return visite.en_cours == nature and visite.releve(nature).essai == essai


def _incident(visite: Visite, evenement: e.IncidentSurvenu) -> Suite:
    return noter_incident(visite, evenement.code, evenement.instant), ()


def _prise_en_charge(visite: Visite, evenement: e.PriseEnChargeRecue) -> Suite:
    """Un patient revenu en arrière dans ses réponses garde son médecin : il le retrouve en repassant l'attente."""
    if not visite.en_salle:
        return visite, ()
    appel = replace(visite.appel, medecin_absent=False)
    visite = replace(visite, medecin=evenement.medecin, appel=appel)
    return amener(visite, apres_attente(visite)) if visite.etape is Etape.ATTENTE else (visite, ())


def _appel_demande(visite: Visite, evenement: e.AppelDemandeRecu) -> Suite:
    if not visite.en_salle:
        return visite, ()
    visite = replace(visite, appel=replace(visite.appel, demande=True, medecin_absent=False))
    if visite.etape is not Etape.CONSULTATION:
        return visite, ()
    visite, effets = appeler(visite)
    if visite.appel.rappel is not None:
        # Une page rechargée ne sait plus qu'elle devait téléphoner.
        return visite, (*effets, AnnoncerRappel(visite.appel.rappel.value, True))
    if visite.appel.etat is EtatAppel.PERDU:
        visite, attente = attendre_retour(visite)
        effets = (*effets, *attente)
    return visite, effets


def _medecin_absent(visite: Visite, evenement: e.MedecinAbsente) -> Suite:
    """La page a quitté la salle. Un appel établi ne passe pas par la salle : s'il vit, il reste à l'écran."""
    if not visite.en_salle:
        return visite, ()
    vivant = visite.appel.etat in (EtatAppel.AUCUN, EtatAppel.ETABLI)
    etat = visite.appel.etat if vivant else EtatAppel.PERDU
    appel = replace(visite.appel, etat=etat, medecin_absent=True, demande=False)
    effets: tuple[Effet, ...] = () if etat is EtatAppel.AUCUN else (SuspendreAppel(),)
    return replace(visite, appel=appel), effets


def _appel_etabli(visite: Visite, evenement: e.AppelEtabli) -> Suite:
    if not _appel_actuel(visite, evenement.essai):
        return visite, ()
    debut = evenement.instant if visite.debut_consultation is None else visite.debut_consultation
    visite, effets = fermer_rappel(replace(visite, debut_consultation=debut))
    appel = replace(visite.appel, etat=EtatAppel.ETABLI, medecin_absent=False, niveau=NiveauLien.PLEIN)
    visite = replace(visite, appel=appel)
    if visite.superposition is Superposition.PRESENCE:
        # Le médecin est là : on ne demande plus au patient s'il y est (A11Y-TEMPS).
        visite = repondre_present(visite)
    # Le stéthoscope suit l'appel : une reprise rouvre l'écoute que le médecin avait demandée.
    ecoute: tuple[Effet, ...] = (Ecouter(visite.foyer),) if visite.foyer else ()
    camera: tuple[Effet, ...] = (ChoisirCamera(visite.camera),) if visite.camera != PRINCIPALE else ()
    return visite, (*effets, *ecoute, *camera)


def _appel_perdu(visite: Visite, evenement: e.AppelPerdu) -> Suite:
    """Les tentatives sont l'affaire de l'appel ; ici, ce que le patient voit et ce qui reste s'il ne revient pas."""
    if not _appel_actuel(visite, evenement.essai) or visite.appel.etat is EtatAppel.PERDU:
        return visite, ()
    if visite.appel.etat is EtatAppel.ETABLI:
        visite = noter_incident(visite, "incident-appel-perdu", evenement.instant)
    return attendre_retour(visite)


def _lien_change(visite: Visite, evenement: e.LienChange) -> Suite:
    """Le réseau laisse passer autre chose : image réduite, son seul, ou plus rien d'utile."""
    if not _appel_actuel(visite, evenement.essai) or visite.appel.etat is not EtatAppel.ETABLI:
        return visite, ()
    avant, niveau = visite.appel.niveau, NiveauLien(evenement.niveau)
    visite = replace(visite, appel=replace(visite.appel, niveau=niveau))
    if niveau is NiveauLien.TELEPHONE and visite.appel.rappel is None:
        return proposer_rappel(visite, RaisonRappel.DEBIT, evenement.instant)
    if niveau is NiveauLien.SON_SEUL and avant is not niveau:
        visite = noter_incident(visite, "incident-son-seul", evenement.instant)
    return fermer_rappel(visite) if niveau is not NiveauLien.TELEPHONE else (visite, ())


def _appel_actuel(visite: Visite, essai: int) -> bool:
    appel = visite.appel
    return visite.etape is Etape.CONSULTATION and appel.etat is not EtatAppel.AUCUN and appel.essai == essai


def _mesure_du_medecin(visite: Visite, evenement: e.MesureDemandeeParMedecin) -> Suite:
    """Devant le médecin, la mesure commence aussitôt ; avant, l'écran guide d'abord le patient."""
    if visite.etape is Etape.CONSULTATION:
        return _mesurer_devant_le_medecin(visite, evenement)
    if not visite.en_salle or visite.en_cours == evenement.nature:
        return visite, ()
    visite = mesurer_ensuite(visite, evenement.nature)
    if visite.etape not in (Etape.ATTENTE, Etape.PREPARATION):
        return visite, ()
    return amener(replace(visite, nature=evenement.nature), Etape.MESURE)


def _mesurer_devant_le_medecin(visite: Visite, evenement: e.MesureDemandeeParMedecin) -> Suite:
    """Une mesure à la fois : celle d'une autre nature s'arrête, la trace le dit."""
    if visite.en_cours == evenement.nature:
        return visite, ()
    visite, arret = arreter_mesure(visite, "arretee", evenement.instant)
    visite, demande = demander_mesure(visite, evenement.nature, par_medecin=True)
    return visite, (*arret, *demande)


def _arret_du_medecin(visite: Visite, evenement: e.ArretMesureDemande) -> Suite:
    return arreter_mesure(visite, "arretee", evenement.instant)


def _ecoute(visite: Visite, evenement: e.EcouteDemandee) -> Suite:
    if visite.etape is not Etape.CONSULTATION:
        return visite, ()
    return replace(visite, foyer=evenement.foyer), (Ecouter(evenement.foyer),)


def _fin_ecoute(visite: Visite, evenement: e.EcouteArretee) -> Suite:
    if visite.foyer is None:
        return visite, ()
    if evenement.raison:
        visite = noter_incident(visite, evenement.raison, evenement.instant)
    return replace(visite, foyer=None), (Ecouter(None, evenement.raison),)


def _camera_choisie(visite: Visite, evenement: e.CameraChoisie) -> Suite:
    """Le patient entend ce qu'il doit faire de la caméra, ou pourquoi on revient à son visage."""
    if visite.etape is not Etape.CONSULTATION or (evenement.camera == visite.camera and not evenement.raison):
        return visite, ()
    if evenement.raison:
        visite = noter_incident(visite, evenement.raison, evenement.instant)
    visite = replace(visite, camera=evenement.camera)
    effet = ChoisirCamera(evenement.camera, evenement.raison)
    cle = evenement.raison or CONSIGNES_CAMERA.get(evenement.camera, "")
    return visite, (effet, _dire(visite, cle)) if cle else (effet,)


def _photo_prise(visite: Visite, evenement: e.PhotoPrise) -> Suite:
    if visite.etape is not Etape.CONSULTATION:
        return visite, ()
    photo = PhotoExamen(evenement.camera, evenement.instant)
    return replace(visite, photos=(*visite.photos, photo)), (_dire(visite, "consultation-photo"),)


def _dire(visite: Visite, cle: str) -> Dire:
    return Dire((cle,), visite.preferences.volume, visite.langue)


def _message(visite: Visite, evenement: e.MessageRecu) -> Suite:
    if visite.etape is not Etape.CONSULTATION:
        return visite, ()
    return replace(visite, messages=(*visite.messages, MessageTexte(True, evenement.texte, evenement.instant))), ()


def _document_recu(visite: Visite, evenement: e.DocumentRecu) -> Suite:
    """Un document part à l'impression dès qu'il est gardé, où que soit le patient.

    Déjà connu, il n'est pas imprimé deux fois, mais la salle qui le renvoie n'a pas su ce qu'il est devenu.
    """
    connu = next((d for d in visite.documents if d.document == evenement.document), None)
    if connu is not None:
        return visite, annoncer(connu)
    if not _attend_des_documents(visite) or (evenement.document == RESUME and visite.fin_consultation is None):
        return visite, ()
    document = DocumentPatient(
        evenement.document, evenement.nom, evenement.empreinte, evenement.pages, EtatImpression.EN_COURS, 1
    )
    visite = replace(visite, documents=(*visite.documents, document))
    effets: tuple[Effet, ...] = (Imprimer(document.document, 1), *annoncer(document))
    if visite.etape is Etape.ADIEU and document.document != RESUME:
        # Le médecin envoie encore un papier : le patient doit l'attendre.
        visite, suite = amener(visite, Etape.DOCUMENTS)
        effets = (*effets, *suite)
    return visite, effets


def _attend_des_documents(visite: Visite) -> bool:
    return visite.en_salle or visite.etape in (Etape.DOCUMENTS, Etape.ADIEU)


def _document_refuse(visite: Visite, evenement: e.DocumentRefuse) -> Suite:
    if not _attend_des_documents(visite):
        return visite, ()
    effet = AnnoncerDocument(evenement.document, "refuse", evenement.raison)
    return noter_incident(visite, evenement.raison, evenement.instant), (effet,)


def _consultation_finie(visite: Visite, evenement: e.ConsultationFinie) -> Suite:
    return finir_consultation(visite, "medecin", evenement.instant) if visite.en_salle else (visite, ())


def _impression_acceptee(visite: Visite, evenement: e.ImpressionAcceptee) -> Suite:
    return _changer_document(visite, evenement, (EtatImpression.EN_COURS,), travail=evenement.travail)


def _impression_finie(visite: Visite, evenement: e.ImpressionFinie) -> Suite:
    """Un travail dit perdu peut finir quand même (papier remis) : le papier sorti a raison."""
    avant = (EtatImpression.EN_COURS, EtatImpression.ECHOUEE)
    return _changer_document(visite, evenement, avant, etat=EtatImpression.IMPRIME, raison="")


def _impression_echouee(visite: Visite, evenement: e.ImpressionEchouee) -> Suite:
    avant = (EtatImpression.EN_COURS,)
    apres, effets = _changer_document(visite, evenement, avant, etat=EtatImpression.ECHOUEE, raison=evenement.raison)
    return (apres if apres is visite else noter_incident(apres, evenement.raison, evenement.instant)), effets


def _changer_document(
    visite: Visite,
    evenement: e.ImpressionAcceptee | e.ImpressionFinie | e.ImpressionEchouee,
    avant: tuple[EtatImpression, ...],
    **changements: Any,
) -> Suite:
    """Change le document de cet essai s'il est dans un de ces états ; un essai périmé ne change rien."""
    for rang, document in enumerate(visite.documents):
        actuel = document.document == evenement.document and document.essai == evenement.essai
        if actuel and document.etat in avant:
            change = replace(document, **changements)
            documents = (*visite.documents[:rang], change, *visite.documents[rang + 1 :])
            effets = annoncer(change) if change.etat is not document.etat else ()
            return replace(visite, documents=documents), effets
    return visite, ()


_ETATS_ANNONCES: Final = {
    EtatImpression.EN_COURS: "recu",
    EtatImpression.IMPRIME: "imprime",
    EtatImpression.ECHOUEE: "echec",
}


def annoncer(document: DocumentPatient) -> tuple[Effet, ...]:
    """Dit au médecin où en est son document ; le résumé est l'affaire de la borne."""
    if document.document == RESUME:
        return ()
    return (AnnoncerDocument(document.document, _ETATS_ANNONCES[document.etat], document.raison),)


REGLES: Final[dict[type[e.Evenement], Regle]] = {
    e.IncidentSurvenu: _incident,
    e.MesureRecue: _mesure_recue,
    e.MesureEchouee: _mesure_echouee,
    e.PriseEnChargeRecue: _prise_en_charge,
    e.AppelDemandeRecu: _appel_demande,
    e.MedecinAbsente: _medecin_absent,
    e.AppelEtabli: _appel_etabli,
    e.AppelPerdu: _appel_perdu,
    e.LienChange: _lien_change,
    e.MesureDemandeeParMedecin: _mesure_du_medecin,
    e.ArretMesureDemande: _arret_du_medecin,
    e.EcouteDemandee: _ecoute,
    e.EcouteArretee: _fin_ecoute,
    e.CameraChoisie: _camera_choisie,
    e.PhotoPrise: _photo_prise,
    e.MessageRecu: _message,
    e.DocumentRecu: _document_recu,
    e.DocumentRefuse: _document_refuse,
    e.ConsultationFinie: _consultation_finie,
    e.ImpressionAcceptee: _impression_acceptee,
    e.ImpressionFinie: _impression_finie,
    e.ImpressionEchouee: _impression_echouee,
}
