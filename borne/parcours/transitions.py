"""Passages d'un écran à l'autre, communs aux gestes et aux arrivées."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

from borne.parcours.effets import (
    AnnoncerPret,
    Appeler,
    ArreterMesure,
    Cloturer,
    ComposerResume,
    DemanderMesure,
    Ecouter,
    Effet,
    QuitterSalle,
    Raccrocher,
    RejoindreSalle,
    Sonner,
)
from borne.parcours.visite import (
    Appel,
    Etape,
    EtatAppel,
    PhaseTension,
    Superposition,
    Tension,
    Visite,
)

Suite: TypeAlias = tuple[Visite, tuple[Effet, ...]]
"""Ce que rend `avancer` : la visite nouvelle et ses effets."""

EN_SALLE: Final = (Etape.TENSION, Etape.ATTENTE, Etape.PREPARATION, Etape.CONSULTATION)
"""Étapes où la salle peut connaître ce patient (on revient de l'attente à la tension sans perdre sa place)."""


def vers(visite: Visite, etape: Etape) -> Suite:
    """Aller à cette étape, avec les effets que son entrée demande."""
    effets = _cesser_sonnerie(visite)
    visite = replace(visite, etape=etape, superposition=Superposition.AUCUNE, erreur="", relances=0)
    if etape is Etape.ATTENTE:
        return visite, (*effets, RejoindreSalle())
    if etape is Etape.CONSULTATION:
        return _entrer_en_consultation(visite, effets)
    return visite, effets


def superposer(visite: Visite, superposition: Superposition) -> Visite:
    """Poser (ou ôter) une superposition ; une erreur de saisie ne survit pas."""
    return replace(visite, superposition=superposition, erreur="")


def fermer_superposition(visite: Visite) -> Suite:
    """Revenir à l'écran du dessous, sonnerie arrêtée."""
    return superposer(visite, Superposition.AUCUNE), _cesser_sonnerie(visite)


def _cesser_sonnerie(visite: Visite) -> tuple[Effet, ...]:
    if visite.superposition in (Superposition.AIDE, Superposition.QUINZE):
        return (Sonner(visite.superposition.value, False),)
    return ()


def demander_tension(visite: Visite, par_medecin: bool) -> Suite:
    """Armer un nouvel essai ; un essai déjà en cours continue."""
    if visite.tension.phase is PhaseTension.EN_COURS:
        return visite, ()
    essai = visite.tension.essai + 1
    tension = Tension(PhaseTension.EN_COURS, essai, "", par_medecin)
    return replace(visite, tension=tension, a_nettoyer=True), (DemanderMesure(essai),)


def arreter_tension(visite: Visite, phase: PhaseTension, raison: str = "") -> Suite:
    """Désarmer l'essai en cours, s'il y en a un."""
    if visite.tension.phase is not PhaseTension.EN_COURS:
        return visite, ()
    tension = replace(visite.tension, phase=phase, raison=raison)
    return replace(visite, tension=tension), (ArreterMesure(tension.essai),)


def appeler(visite: Visite) -> Suite:
    """Un nouvel essai d'appel."""
    etat = EtatAppel.PERDU if visite.appel.etat is EtatAppel.PERDU else EtatAppel.CONNEXION
    appel = Appel(etat, visite.appel.essai + 1)
    return replace(visite, appel=appel), (Appeler(appel.essai),)


def _entrer_en_consultation(visite: Visite, effets: tuple[Effet, ...]) -> Suite:
    visite = replace(visite, a_nettoyer=True)
    effets = (*effets, AnnoncerPret())
    if visite.appel.demande:
        visite, suite = appeler(visite)
        effets = (*effets, *suite)
    return visite, effets


def finir_consultation(visite: Visite, par: str, instant: float) -> Suite:
    """La consultation est finie : raccrocher, arrêter les appareils, composer le résumé."""
    visite, effets = arreter_tension(visite, PhaseTension.ECHOUEE, "erreur-tension-interrompue")
    ecoute: tuple[Effet, ...] = (Ecouter(None),) if visite.foyer else ()
    quitte: tuple[Effet, ...] = (QuitterSalle(visite.id, "fin"),) if par == "patient" else ()
    visite = replace(
        visite,
        finie_par=par,
        fin_consultation=instant,
        foyer=None,
        appel=replace(visite.appel, etat=EtatAppel.AUCUN),
    )
    visite, suite = vers(visite, Etape.DOCUMENTS)
    return visite, (*effets, *ecoute, Raccrocher(), *quitte, *suite, ComposerResume())


def tout_arreter(visite: Visite, fin: Etape, raison: str) -> Suite:
    """Fermer la visite sans la transmettre : il ne reste à l'écran rien du patient.

    Le dossier est détruit quand l'écran de fin cède la place : une coupure d'ici là ramène ce même écran.
    """
    _, arret = arreter_tension(visite, PhaseTension.ECHOUEE)
    effets: list[Effet] = [*_cesser_sonnerie(visite), *arret]
    if visite.foyer:
        effets.append(Ecouter(None))
    if visite.appel.etat is not EtatAppel.AUCUN:
        effets.append(Raccrocher())
    if visite.etape in EN_SALLE:
        effets.append(QuitterSalle(visite.id, raison))
    vide = Visite(
        id=visite.id,
        etape=fin,
        revision=visite.revision,
        langue=visite.langue,
        commencee=visite.commencee,
        preferences=visite.preferences,
        minuterie=visite.minuterie,
        a_nettoyer=visite.a_nettoyer,
    )
    return vide, tuple(effets)


def partir(visite: Visite) -> Suite:
    """Quitter l'écran de fin : le dossier se ferme, la borne se nettoie ou redevient libre."""
    etape = Etape.PROPRETE if visite.a_nettoyer else Etape.ACCUEIL
    suivante = Visite(etape=etape, revision=visite.revision, minuterie=visite.minuterie)
    transmettre = visite.etape is Etape.ADIEU
    return suivante, (Cloturer(visite.id, transmettre, visite.etape.value),)
