"""`avancer` : la visite comme une fonction pure. Mêmes événements, même visite.

Ni Qt, ni asyncio, ni fichier, ni horloge : le temps est dans l'événement. Les gestes sont traités par
`borne.parcours.gestes`, ce qui vient des appareils, du médecin et de l'imprimante par `borne.parcours.arrivees`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from borne.parcours import arrivees, gestes
from borne.parcours.effets import (
    AnnoncerPret,
    Appeler,
    ArmerMinuterie,
    ComposerResume,
    DemanderMesure,
    Dire,
    Ecouter,
    Effet,
    Imprimer,
    RejoindreSalle,
    Sonner,
)
from borne.parcours.etapes import DELAI_REPONSE_S, DUREE_FIN_S, FINS, TABLE
from borne.parcours.evenements import (
    AideDemandee,
    BorneRedemarree,
    BoutonRetour,
    Evenement,
    MinuterieEchue,
    QuinzeDemande,
    RepetitionDemandee,
    SuperpositionFermee,
    Toucher,
)
from borne.parcours.transitions import Suite
from borne.parcours.visite import (
    RESUME,
    Etape,
    EtatAppel,
    EtatImpression,
    Incident,
    PhaseTension,
    Superposition,
    Visite,
)

SANS_VISITE: Final = (AideDemandee, QuinzeDemande, SuperpositionFermee, BoutonRetour, RepetitionDemandee)
"""Gestes permis à l'accueil, quand aucune visite n'est commencée."""

INACTIVITE = "inactivite"
"""Nom de la minuterie de présence, d'adieu et de relance (une seule à la fois)."""


def avancer(visite: Visite, evenement: Evenement) -> Suite:
    """La visite après cet événement, et les effets à exécuter ; périmé, il rend la visite inchangée."""
    if isinstance(evenement, Toucher) and not _toucher_actuel(visite, evenement):
        return visite, ()
    if isinstance(evenement, BorneRedemarree):
        suivante, effets = _redemarrer(visite, evenement)
    elif isinstance(evenement, MinuterieEchue):
        if evenement.essai != visite.minuterie and evenement.nom == INACTIVITE:
            return visite, ()
        suivante, effets = arrivees.minuterie(visite, evenement)
    else:
        regle = gestes.REGLES.get(type(evenement)) or arrivees.REGLES[type(evenement)]
        suivante, effets = regle(visite, evenement)
    return _terminer_tour(visite, suivante, effets, evenement)


def rejouer(evenements: list[Evenement]) -> Visite:
    """La visite que font ces événements, effets oubliés."""
    visite = Visite()
    for evenement in evenements:
        visite, _ = avancer(visite, evenement)
    return visite


def ecran(visite: Visite) -> tuple[str, ...]:
    """Ce qui fait qu'un écran est un autre écran : quand cela change, la révision change."""
    phase = visite.tension.phase if visite.etape is Etape.TENSION else ""
    return (visite.id, visite.etape, visite.superposition, phase)


def _toucher_actuel(visite: Visite, evenement: Toucher) -> bool:
    if evenement.revision != visite.revision:
        return False
    # À l'accueil il n'y a pas encore de visite : on peut seulement appeler à l'aide et en revenir.
    return visite.etape is not Etape.ACCUEIL or isinstance(evenement, SANS_VISITE)


def _terminer_tour(avant: Visite, apres: Visite, effets: tuple[Effet, ...], evenement: Evenement) -> Suite:
    """Ce qui vaut pour tous les écrans : révision, paroles, minuterie de présence."""
    change = ecran(avant) != ecran(apres)
    if change:
        apres = replace(apres, revision=avant.revision + 1)
    change = change or apres.relances > avant.relances
    parle = change or (apres.erreur and apres.erreur != avant.erreur) or isinstance(evenement, RepetitionDemandee)
    if parle and apres.etape is not Etape.ACCUEIL:
        effets = (*effets, _dire(apres))
    if change or isinstance(evenement, Toucher | BorneRedemarree):
        apres = replace(apres, minuterie=apres.minuterie + 1)
        effets = (*effets, ArmerMinuterie(INACTIVITE, apres.minuterie, _delai(apres)))
    return apres, effets


def _dire(visite: Visite) -> Dire:
    cles: tuple[str, ...] = (visite.erreur,) if visite.erreur else ()
    return Dire(cles, visite.preferences.volume, visite.langue)


def _delai(visite: Visite) -> float | None:
    if visite.superposition is Superposition.PRESENCE:
        return DELAI_REPONSE_S
    if visite.etape in FINS:
        return DUREE_FIN_S
    if visite.etape is Etape.TENSION and visite.tension.phase is PhaseTension.EN_COURS:
        return None
    return TABLE[visite.etape].inactivite_s


def _redemarrer(visite: Visite, evenement: BorneRedemarree) -> Suite:
    """Les anciens effets sont perdus : ce qui reste à faire se déduit de l'état."""
    incidents = (*visite.incidents, Incident("incident-redemarrage", evenement.instant))
    visite = replace(visite, incidents=incidents) if visite.id else visite
    effets: list[Effet] = []
    if visite.tension.phase is PhaseTension.EN_COURS:
        essai = visite.tension.essai + 1
        visite = replace(visite, tension=replace(visite.tension, essai=essai))
        effets.append(DemanderMesure(essai))
    if visite.etape in (Etape.ATTENTE, Etape.PREPARATION, Etape.CONSULTATION):
        effets.append(RejoindreSalle())
    if visite.etape is Etape.CONSULTATION:
        appel = replace(visite.appel, essai=visite.appel.essai + 1, etat=EtatAppel.PERDU)
        visite = replace(visite, appel=appel)
        effets += [AnnoncerPret(), Appeler(appel.essai)]
        if visite.foyer:
            effets.append(Ecouter(visite.foyer))
    if visite.superposition in (Superposition.AIDE, Superposition.QUINZE):
        effets.append(Sonner(visite.superposition.value, True))
    effets += _reprendre_documents(visite)
    return visite, tuple(effets)


def _reprendre_documents(visite: Visite) -> list[Effet]:
    """Un travail peut être parti avant la coupure : l'imprimante est interrogée avant d'imprimer encore."""
    effets: list[Effet] = [
        Imprimer(document.document, document.essai, document.travail, reprise=True)
        for document in visite.documents
        if document.etat is EtatImpression.EN_COURS
    ]
    if visite.etape is Etape.DOCUMENTS and all(d.document != RESUME for d in visite.documents):
        effets.append(ComposerResume())
    return effets
