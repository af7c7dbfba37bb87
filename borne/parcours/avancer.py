"""`avancer` : la visite comme une fonction pure. Mêmes événements, même visite.

Ni Qt, ni asyncio, ni fichier, ni horloge : le temps est dans l'événement. Les gestes sont traités par
`borne.parcours.gestes`, ce qui vient des appareils, du médecin et de l'imprimante par `borne.parcours.arrivees`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from borne.parcours import arrivees, gestes
from borne.parcours.arrivees import INACTIVITE, RAPPEL
from borne.parcours.effets import (
    AnnoncerPret,
    ArmerMinuterie,
    ComposerResume,
    Dire,
    Effet,
    Imprimer,
    QuitterSalle,
    RejoindreSalle,
    Sonner,
)
from borne.parcours.etapes import ALERTES, DELAI_RAPPEL_S, delai
from borne.parcours.evenements import (
    BorneRedemarree,
    BoutonContinuer,
    Evenement,
    MinuterieEchue,
    PropreteConfirmee,
    PropreteDue,
    RepetitionDemandee,
    Toucher,
    VisiteCommencee,
)
from borne.parcours.transitions import Suite, attendre_retour, demander_mesure, dessous, noter_arret, noter_incident
from borne.parcours.visite import (
    RESUME,
    Etape,
    EtatAppel,
    EtatImpression,
    NiveauLien,
    RaisonRappel,
    Superposition,
    Visite,
)


def avancer(visite: Visite, evenement: Evenement) -> Suite:
    """La visite après cet événement, et les effets à exécuter ; périmé, il rend la visite inchangée."""
    if isinstance(evenement, Toucher):
        if not gestes.permis(visite, evenement):
            return visite, ()
        # Un toucher est une présence : les questions restées sans réponse sont oubliées.
        suite = gestes.REGLES[type(evenement)](replace(visite, relances=0), evenement)
    elif isinstance(evenement, BorneRedemarree):
        suite = _redemarrer(visite, evenement.instant)
    elif isinstance(evenement, MinuterieEchue):
        suite = arrivees.minuterie(visite, evenement)
    else:
        regle = gestes.REGLES.get(type(evenement)) or arrivees.REGLES[type(evenement)]
        suite = regle(visite, evenement)
    return _terminer_tour(visite, *suite, evenement)


def rejouer(evenements: Iterable[Evenement]) -> Visite:
    """La visite que font ces événements, effets oubliés."""
    visite = Visite()
    for evenement in evenements:
        visite, _ = avancer(visite, evenement)
    return visite


def ecran(visite: Visite) -> tuple[str, ...]:
    """Ce qui fait qu'un écran est un autre écran : quand cela change, la révision change."""
    nu = visite.superposition is Superposition.AUCUNE
    ou: tuple[str, ...] = ()
    if nu and visite.etape is Etape.MESURE:
        releve = visite.releve()
        ou = (visite.nature, releve.phase, str(releve.geste))
    return (visite.id, visite.etape, visite.superposition, *ou)


def _terminer_tour(avant: Visite, apres: Visite, effets: tuple[Effet, ...], evenement: Evenement) -> Suite:
    """Ce qui vaut pour tous les écrans : révision, paroles, minuterie de présence."""
    change = ecran(avant) != ecran(apres)
    if change and isinstance(evenement, VisiteCommencee | PropreteDue):
        # Un dossier neuf commence : ses numéros ne dépendent pas de la visite d'avant, il se rejoue seul.
        apres = replace(apres, revision=1, minuterie=0)
    elif change:
        apres = replace(apres, revision=avant.revision + 1)
    relance = apres.relances > avant.relances
    if _parle(apres, change or relance or _degrade(avant) != _degrade(apres) != SANS_ENNUI, evenement):
        effets = (*effets, _dire(apres))
    reveil = change or relance or isinstance(evenement, Toucher | BorneRedemarree)
    if reveil or delai(avant) != delai(apres):
        apres = replace(apres, minuterie=apres.minuterie + 1)
        effets = (*effets, ArmerMinuterie(INACTIVITE, apres.minuterie, delai(apres)))
    return apres, effets


def _parle(visite: Visite, nouveau: bool, evenement: Evenement) -> bool:
    """Un écran neuf, une question, une erreur (même répétée) se disent ; l'accueil se tait, sauf à qui le demande."""
    if visite.etape is Etape.ACCUEIL and visite.superposition is Superposition.AUCUNE:
        return isinstance(evenement, RepetitionDemandee)
    if visite.erreur and isinstance(evenement, BoutonContinuer | PropreteConfirmee):
        return True
    return nouveau or isinstance(evenement, RepetitionDemandee | BorneRedemarree)


SANS_ENNUI: Final = (False, False, None)


def _degrade(visite: Visite) -> tuple[bool, bool, RaisonRappel | None]:
    """Ce qui manque à l'appel et que le patient doit entendre : perdu, sans image, à reprendre au téléphone."""
    appel = visite.appel
    return (appel.etat is EtatAppel.PERDU, appel.niveau is NiveauLien.SON_SEUL, appel.rappel)


def _dire(visite: Visite) -> Dire:
    cles: tuple[str, ...] = (visite.erreur,) if visite.erreur else ()
    return Dire(cles, visite.preferences.volume, visite.langue)


def _redemarrer(visite: Visite, instant: float) -> Suite:
    """Les anciens effets sont perdus : ce qui reste à faire se déduit de l'état."""
    visite = noter_incident(visite, "incident-redemarrage", instant)
    effets: list[Effet] = []
    if visite.en_cours:
        visite, essai = _reprendre_mesure(visite, visite.en_cours, instant)
        effets += essai
    if visite.depart:
        effets.append(QuitterSalle(visite.id, visite.depart))
    if visite.en_salle:
        effets.append(RejoindreSalle())
    if visite.etape is Etape.CONSULTATION:
        visite, appel = _reprendre_appel(visite)
        effets += appel
    if dessous(visite) in ALERTES:
        effets.append(Sonner(dessous(visite).value, True))
    return visite, (*effets, *_reprendre_documents(visite))


def _reprendre_mesure(visite: Visite, nature: str, instant: float) -> Suite:
    """L'essai coupé est perdu, la trace le dit ; un essai neuf le remplace."""
    par_medecin = visite.releve(nature).demandee_par_medecin
    return demander_mesure(noter_arret(visite, nature, "interrompue", instant), nature, par_medecin)


def _reprendre_appel(visite: Visite) -> Suite:
    """La salle redemandera l'appel si le médecin est prêt ; sinon la borne rappelle d'elle-même.

    L'écoute du cœur se rouvre avec l'appel (`AppelEtabli`).
    """
    if visite.appel.etat is EtatAppel.AUCUN:
        return visite, (AnnoncerPret(),)
    visite, attente = attendre_retour(visite)
    return visite, (AnnoncerPret(), ArmerMinuterie(RAPPEL, visite.appel.essai, DELAI_RAPPEL_S), *attente)


def _reprendre_documents(visite: Visite) -> list[Effet]:
    """Un travail peut être parti avant la coupure : l'imprimante est interrogée avant d'imprimer encore."""
    effets: list[Effet] = []
    for document in visite.documents:
        effets += arrivees.annoncer(document)
        if document.etat is EtatImpression.EN_COURS:
            effets.append(Imprimer(document.document, document.essai, document.travail, reprise=True))
    if visite.etape is Etape.DOCUMENTS and all(d.document != RESUME for d in visite.documents):
        effets.append(ComposerResume())
    return effets
