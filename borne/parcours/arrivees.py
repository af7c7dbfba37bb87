"""Ce qui arrive sans le patient : minuteries, appareils, médecin, imprimante. Une règle par événement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from borne.parcours import evenements as e
from borne.parcours.effets import AnnoncerDocument, ArmerMinuterie, Ecouter, Effet, Imprimer
from borne.parcours.etapes import DELAI_RAPPEL_S, FINS, RELANCES, TABLE
from borne.parcours.transitions import (
    Suite,
    appeler,
    arreter_tension,
    demander_tension,
    finir_consultation,
    partir,
    superposer,
    tout_arreter,
    vers,
)
from borne.parcours.visite import (
    RESUME,
    ActeTension,
    DocumentPatient,
    Etape,
    EtatAppel,
    EtatImpression,
    Incident,
    MessageTexte,
    PhaseTension,
    Superposition,
    Visite,
)

Regle = Callable[[Visite, Any], Suite]

RAPPEL = "rappel"
"""Minuterie d'un nouvel essai d'appel."""


def minuterie(visite: Visite, evenement: e.MinuterieEchue) -> Suite:
    """Une minuterie encore actuelle est échue."""
    if evenement.nom == RAPPEL:
        perdu = visite.appel.etat is EtatAppel.PERDU and evenement.essai == visite.appel.essai
        return appeler(visite) if perdu and not visite.appel.medecin_absent else (visite, ())
    if visite.etape in FINS:
        return partir(visite)
    if TABLE[visite.etape].inactivite_s is None:
        return visite, ()
    return _relancer(visite)


def _relancer(visite: Visite) -> Suite:
    """Deux appels sans réponse, puis la visite se ferme et s'efface.

    La révision ne change pas de la première question à la seconde : un toucher tardif y répond aussi.
    """
    if visite.superposition is Superposition.PRESENCE and visite.relances >= RELANCES:
        return tout_arreter(visite, Etape.EXPIREE, "inactivite")
    return superposer(replace(visite, relances=visite.relances + 1), Superposition.PRESENCE), ()


def _mesure_recue(visite: Visite, evenement: e.MesureRecue) -> Suite:
    if not _essai_en_cours(visite, evenement.essai):
        return visite, ()
    tension = replace(visite.tension, phase=PhaseTension.FINIE, raison="")
    acte = ActeTension(evenement.essai, evenement.instant)
    visite = replace(
        visite, tension=tension, mesures=(*visite.mesures, *evenement.mesures), actes=(*visite.actes, acte)
    )
    return visite, ()


def _mesure_echouee(visite: Visite, evenement: e.MesureEchouee) -> Suite:
    if not _essai_en_cours(visite, evenement.essai):
        return visite, ()
    tension = replace(visite.tension, phase=PhaseTension.ECHOUEE, raison=evenement.raison)
    acte = ActeTension(evenement.essai, evenement.instant, evenement.raison)
    return replace(visite, tension=tension, actes=(*visite.actes, acte)), ()


def _essai_en_cours(visite: Visite, essai: int) -> bool:
    return visite.tension.phase is PhaseTension.EN_COURS and visite.tension.essai == essai


def _incident(visite: Visite, evenement: e.IncidentSurvenu) -> Suite:
    if not visite.id or visite.etape in (*FINS, Etape.PROPRETE):
        return visite, ()
    return replace(visite, incidents=(*visite.incidents, Incident(evenement.code, evenement.instant))), ()


def _prise_en_charge(visite: Visite, evenement: e.PriseEnChargeRecue) -> Suite:
    if visite.etape not in (Etape.TENSION, Etape.ATTENTE, Etape.PREPARATION, Etape.CONSULTATION):
        return visite, ()
    appel = replace(visite.appel, medecin_absent=False)
    visite = replace(visite, medecin=evenement.medecin, appel=appel)
    if visite.etape is not Etape.ATTENTE:
        return visite, ()
    superposition = visite.superposition
    visite, effets = vers(visite, Etape.CONSULTATION if visite.pret else Etape.PREPARATION)
    # Une aide ou un 15 en cours ne se ferme pas parce qu'un médecin arrive.
    if superposition in (Superposition.AIDE, Superposition.QUINZE):
        visite = replace(visite, superposition=superposition)
        effets = effets[1:]
    return visite, effets


def _appel_demande(visite: Visite, evenement: e.AppelDemandeRecu) -> Suite:
    visite = replace(visite, appel=replace(visite.appel, demande=True, medecin_absent=False))
    return appeler(visite) if visite.etape is Etape.CONSULTATION else (visite, ())


def _medecin_absent(visite: Visite, evenement: e.MedecinAbsente) -> Suite:
    if visite.etape is not Etape.CONSULTATION:
        return replace(visite, appel=replace(visite.appel, demande=False)), ()
    appel = replace(visite.appel, etat=EtatAppel.PERDU, medecin_absent=True, demande=False)
    return replace(visite, appel=appel), ()


def _appel_etabli(visite: Visite, evenement: e.AppelEtabli) -> Suite:
    if visite.etape is not Etape.CONSULTATION or evenement.essai != visite.appel.essai:
        return visite, ()
    appel = replace(visite.appel, etat=EtatAppel.ETABLI, medecin_absent=False)
    # Le stéthoscope suit l'appel : une reprise rouvre l'écoute que le médecin avait demandée.
    effets: tuple[Effet, ...] = (Ecouter(visite.foyer),) if visite.foyer else ()
    return replace(visite, appel=appel), effets


def _appel_perdu(visite: Visite, evenement: e.AppelPerdu) -> Suite:
    if visite.etape is not Etape.CONSULTATION or evenement.essai != visite.appel.essai:
        return visite, ()
    incidents = visite.incidents
    if visite.appel.etat is EtatAppel.ETABLI:
        incidents = (*incidents, Incident("incident-appel-perdu", evenement.instant))
    visite = replace(visite, appel=replace(visite.appel, etat=EtatAppel.PERDU), incidents=incidents)
    return visite, (ArmerMinuterie(RAPPEL, evenement.essai, DELAI_RAPPEL_S),)


def _tension_du_medecin(visite: Visite, evenement: e.TensionDemandeeParMedecin) -> Suite:
    return demander_tension(visite, par_medecin=True) if visite.etape is Etape.CONSULTATION else (visite, ())


def _arret_du_medecin(visite: Visite, evenement: e.ArretTensionDemande) -> Suite:
    return arreter_tension(visite, PhaseTension.ECHOUEE, "erreur-tension-arretee")


def _ecoute(visite: Visite, evenement: e.EcouteDemandee) -> Suite:
    if visite.etape is not Etape.CONSULTATION:
        return visite, ()
    return replace(visite, foyer=evenement.foyer), (Ecouter(evenement.foyer),)


def _fin_ecoute(visite: Visite, evenement: e.EcouteArretee) -> Suite:
    if visite.foyer is None:
        return visite, ()
    incidents = visite.incidents
    if evenement.raison:
        incidents = (*incidents, Incident(evenement.raison, evenement.instant))
    return replace(visite, foyer=None, incidents=incidents), (Ecouter(None, evenement.raison),)


def _message(visite: Visite, evenement: e.MessageRecu) -> Suite:
    if visite.etape is not Etape.CONSULTATION:
        return visite, ()
    return replace(visite, messages=(*visite.messages, MessageTexte(True, evenement.texte, evenement.instant))), ()


def _document_recu(visite: Visite, evenement: e.DocumentRecu) -> Suite:
    """Un document part à l'impression dès qu'il est gardé ; déjà connu, il n'est pas imprimé deux fois."""
    if visite.etape not in (Etape.CONSULTATION, Etape.DOCUMENTS, Etape.ADIEU) or any(
        d.document == evenement.document for d in visite.documents
    ):
        return visite, ()
    document = DocumentPatient(
        evenement.document, evenement.nom, evenement.empreinte, evenement.pages, EtatImpression.EN_COURS, 1
    )
    effets: list[Effet] = [Imprimer(document.document, 1)]
    if document.document != RESUME:
        effets.append(AnnoncerDocument(document.document, "recu"))
    return replace(visite, documents=(*visite.documents, document)), tuple(effets)


def _document_refuse(visite: Visite, evenement: e.DocumentRefuse) -> Suite:
    incidents = (*visite.incidents, Incident(evenement.raison, evenement.instant))
    effet = AnnoncerDocument(evenement.document, "refuse", evenement.raison)
    return replace(visite, incidents=incidents), (effet,)


def _consultation_finie(visite: Visite, evenement: e.ConsultationFinie) -> Suite:
    if visite.etape not in (Etape.CONSULTATION, Etape.PREPARATION, Etape.ATTENTE):
        return visite, ()
    return finir_consultation(visite, "medecin", evenement.instant)


def _impression_acceptee(visite: Visite, evenement: e.ImpressionAcceptee) -> Suite:
    return _document(visite, evenement, travail=evenement.travail), ()


def _impression_finie(visite: Visite, evenement: e.ImpressionFinie) -> Suite:
    apres = _document(visite, evenement, etat=EtatImpression.IMPRIME, raison="")
    return apres, _annonce(visite, apres, evenement.document, "imprime")


def _impression_echouee(visite: Visite, evenement: e.ImpressionEchouee) -> Suite:
    apres = _document(visite, evenement, etat=EtatImpression.ECHOUEE, raison=evenement.raison)
    return apres, _annonce(visite, apres, evenement.document, "echec", evenement.raison)


def _annonce(avant: Visite, apres: Visite, document: str, etat: str, raison: str = "") -> tuple[Effet, ...]:
    if apres is avant or document == RESUME:
        return ()
    return (AnnoncerDocument(document, etat, raison),)


def _document(
    visite: Visite,
    evenement: e.ImpressionAcceptee | e.ImpressionFinie | e.ImpressionEchouee,
    **changements: Any,
) -> Visite:
    """Applique un changement au document de cet essai ; un essai périmé ne change rien."""
    documents = tuple(
        replace(d, **changements) if d.document == evenement.document and d.essai == evenement.essai else d
        for d in visite.documents
    )
    return visite if documents == visite.documents else replace(visite, documents=documents)


REGLES: Final[dict[type[e.Evenement], Regle]] = {
    e.IncidentSurvenu: _incident,
    e.MesureRecue: _mesure_recue,
    e.MesureEchouee: _mesure_echouee,
    e.PriseEnChargeRecue: _prise_en_charge,
    e.AppelDemandeRecu: _appel_demande,
    e.MedecinAbsente: _medecin_absent,
    e.AppelEtabli: _appel_etabli,
    e.AppelPerdu: _appel_perdu,
    e.TensionDemandeeParMedecin: _tension_du_medecin,
    e.ArretTensionDemande: _arret_du_medecin,
    e.EcouteDemandee: _ecoute,
    e.EcouteArretee: _fin_ecoute,
    e.MessageRecu: _message,
    e.DocumentRecu: _document_recu,
    e.DocumentRefuse: _document_refuse,
    e.ConsultationFinie: _consultation_finie,
    e.ImpressionAcceptee: _impression_acceptee,
    e.ImpressionFinie: _impression_finie,
    e.ImpressionEchouee: _impression_echouee,
}
