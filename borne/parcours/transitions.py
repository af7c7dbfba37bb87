"""Passages d'un écran à l'autre, communs aux gestes et aux arrivées."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

from borne.parcours.effets import (
    AnnoncerPret,
    AnnoncerRappel,
    AnnulerImpression,
    Appeler,
    ArmerMinuterie,
    ArreterMesure,
    ChoisirCamera,
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
from borne.parcours.etapes import ALERTES, DELAI_TELEPHONE_S, FINS
from borne.parcours.visite import (
    PRINCIPALE,
    ActeTension,
    Appel,
    Etape,
    EtatAppel,
    EtatImpression,
    Incident,
    PhaseTension,
    RaisonRappel,
    Superposition,
    Tension,
    Visite,
)

Suite: TypeAlias = tuple[Visite, tuple[Effet, ...]]
"""Ce que rend `avancer` : la visite nouvelle et ses effets."""

TELEPHONE: Final = "telephone"
"""Minuterie d'un appel perdu ; son essai est `Appel.pertes`."""

SUIVENT: Final = (*ALERTES, Superposition.CONFIRMER_RETRAIT)
"""Superpositions qui restent posées quand c'est le médecin, et non le patient, qui change l'écran."""


# --- les superpositions ---


def superposer(visite: Visite, superposition: Superposition) -> Visite:
    """Poser (ou ôter) une superposition ; une erreur de saisie ne survit pas."""
    return replace(visite, superposition=superposition, recouverte=Superposition.AUCUNE, erreur="")


def fermer_superposition(visite: Visite) -> Suite:
    """Revenir à l'écran du dessous, sonnerie arrêtée."""
    return superposer(visite, Superposition.AUCUNE), cesser_sonnerie(visite)


def demander_presence(visite: Visite) -> Visite:
    """« Êtes-vous là ? » par-dessus le reste : une aide ou un 15 en cours continue dessous."""
    return replace(
        visite, superposition=Superposition.PRESENCE, recouverte=dessous(visite), relances=visite.relances + 1
    )


def repondre_present(visite: Visite) -> Visite:
    """Rend ce que la question cachait."""
    return replace(visite, superposition=visite.recouverte, recouverte=Superposition.AUCUNE, relances=0)


def dessous(visite: Visite) -> Superposition:
    """La superposition choisie par le patient, que la question de présence la cache ou non."""
    return visite.recouverte if visite.superposition is Superposition.PRESENCE else visite.superposition


def cesser_sonnerie(visite: Visite) -> tuple[Effet, ...]:
    """Ce qui sonne se tait."""
    alerte = dessous(visite)
    return (Sonner(alerte.value, False),) if alerte in ALERTES else ()


# --- les étapes ---


def vers(visite: Visite, etape: Etape) -> Suite:
    """Le patient va à cette étape, avec les effets que son entrée demande."""
    suivante, effets = _entrer(superposer(visite, Superposition.AUCUNE), etape)
    return suivante, (*cesser_sonnerie(visite), *effets)


def amener(visite: Visite, etape: Etape) -> Suite:
    """Le médecin amène le patient à cette étape : une aide, un 15, un retrait en cours restent à l'écran."""
    gardee = dessous(visite)
    return _entrer(superposer(visite, gardee if gardee in SUIVENT else Superposition.AUCUNE), etape)


def _entrer(visite: Visite, etape: Etape) -> Suite:
    visite = replace(visite, etape=etape, relances=0)
    if etape is Etape.ATTENTE:
        return _entrer_en_attente(visite)
    if etape is Etape.CONSULTATION:
        return _entrer_en_consultation(visite)
    return visite, ()


def _entrer_en_attente(visite: Visite) -> Suite:
    """Dans la file ; qu'un médecin ait déjà pris ce patient (revenu en arrière), et l'attente est finie."""
    visite = replace(visite, en_salle=True, depart="")
    suite: Suite = (visite, ())
    if visite.medecin:
        suite = _entrer(visite, apres_attente(visite))
    return suite[0], (RejoindreSalle(), *suite[1])


def apres_attente(visite: Visite) -> Etape:
    """Où va un patient qu'un médecin a pris."""
    return Etape.CONSULTATION if visite.pret else Etape.PREPARATION


def _entrer_en_consultation(visite: Visite) -> Suite:
    visite = replace(visite, a_nettoyer=True)
    suite = appeler(visite) if visite.appel.demande else (visite, ())
    return suite[0], (AnnoncerPret(), *suite[1])


# --- les appareils et l'appel ---


def demander_tension(visite: Visite, par_medecin: bool) -> Suite:
    """Armer un nouvel essai ; un essai déjà en cours continue."""
    if visite.tension.phase is PhaseTension.EN_COURS:
        return visite, ()
    essai = visite.tension.essai + 1
    tension = Tension(PhaseTension.EN_COURS, essai, "", par_medecin)
    return replace(visite, tension=tension, a_nettoyer=True), (DemanderMesure(essai),)


def arreter_tension(visite: Visite, phase: PhaseTension, raison: str, instant: float) -> Suite:
    """Désarmer l'essai en cours, s'il y en a un ; la trace le garde, avec sa raison (VISITE-TRACE)."""
    if visite.tension.phase is not PhaseTension.EN_COURS:
        return visite, ()
    visite = noter_echec(visite, raison, instant)
    return replace(visite, tension=replace(visite.tension, phase=phase)), (ArreterMesure(visite.tension.essai),)


def noter_echec(visite: Visite, raison: str, instant: float) -> Visite:
    """L'essai en cours a échoué."""
    tension = replace(visite.tension, phase=PhaseTension.ECHOUEE, raison=raison)
    acte = ActeTension(tension.essai, instant, raison)
    return replace(visite, tension=tension, actes=(*visite.actes, acte))


def noter_incident(visite: Visite, code: str, instant: float) -> Visite:
    """Un incident pour la trace ; hors d'une visite qui aura une trace, il n'est pas gardé."""
    sans_trace = visite.etape in (Etape.ACCUEIL, Etape.PROPRETE) or (
        visite.etape in FINS and visite.etape is not Etape.ADIEU
    )
    return visite if sans_trace else replace(visite, incidents=(*visite.incidents, Incident(code, instant)))


def appeler(visite: Visite) -> Suite:
    """Un nouvel essai d'appel. Celui qui est établi reste à l'écran jusqu'à ce que le nouveau le remplace."""
    etat = EtatAppel.CONNEXION if visite.appel.etat is EtatAppel.AUCUN else visite.appel.etat
    appel = replace(visite.appel, etat=etat, essai=visite.appel.essai + 1, demande=False, medecin_absent=False)
    return replace(visite, appel=appel), (Appeler(appel.essai),)


def attendre_retour(visite: Visite) -> Suite:
    """L'appel est perdu : s'il ne revient pas à temps, le médecin sera prié de téléphoner."""
    pertes = visite.appel.pertes + 1
    appel = replace(visite.appel, etat=EtatAppel.PERDU, pertes=pertes)
    return replace(visite, appel=appel), (ArmerMinuterie(TELEPHONE, pertes, DELAI_TELEPHONE_S),)


def proposer_rappel(visite: Visite, raison: RaisonRappel, instant: float) -> Suite:
    """Le médecin est prié de téléphoner ; la trace dit pourquoi (VISITE-TRACE)."""
    visite = noter_incident(visite, f"incident-rappel-{raison}", instant)
    return replace(visite, appel=replace(visite.appel, rappel=raison)), (AnnoncerRappel(raison.value, True),)


def fermer_rappel(visite: Visite) -> Suite:
    """L'appel suffit de nouveau : plus la peine de téléphoner."""
    raison = visite.appel.rappel
    if raison is None:
        return visite, ()
    return replace(visite, appel=replace(visite.appel, rappel=None)), (AnnoncerRappel(raison.value, False),)


def _fermer_appareils(visite: Visite, instant: float) -> Suite:
    visite, effets = arreter_tension(visite, PhaseTension.ECHOUEE, "erreur-tension-interrompue", instant)
    ecoute: tuple[Effet, ...] = (Ecouter(None),) if visite.foyer else ()
    appel: tuple[Effet, ...] = (Raccrocher(),) if visite.appel.etat is not EtatAppel.AUCUN else ()
    camera: tuple[Effet, ...] = (ChoisirCamera(PRINCIPALE),) if visite.camera != PRINCIPALE else ()
    visite = replace(visite, foyer=None, camera=PRINCIPALE, appel=Appel(essai=visite.appel.essai))
    return visite, (*effets, *ecoute, *camera, *appel)


def quitter_salle(visite: Visite, raison: str) -> Suite:
    """La salle oublie ce patient, si elle le connaît ; le médecin qui l'avait pris est libre."""
    if not visite.en_salle:
        return visite, ()
    visite = replace(visite, en_salle=False, depart=raison, medecin="", appel=Appel(essai=visite.appel.essai))
    return visite, (QuitterSalle(visite.id, raison),)


# --- les fins ---


def finir_consultation(visite: Visite, par: str, instant: float) -> Suite:
    """La consultation est finie : raccrocher, arrêter les appareils, composer le résumé."""
    visite, effets = _clore_consultation(visite, par, instant)
    visite, suite = vers(visite, Etape.DOCUMENTS) if par == "patient" else amener(visite, Etape.DOCUMENTS)
    return visite, (*effets, *suite, ComposerResume())


def abandonner_consultation(visite: Visite, instant: float) -> Suite:
    """Médecin et patient sont partis sans finir : la trace est transmise, aucun papier ne sort pour personne."""
    visite, effets = _clore_consultation(visite, "inactivite", instant)
    visite, suite = vers(visite, Etape.ADIEU)
    return visite, (*effets, *suite)


def _clore_consultation(visite: Visite, par: str, instant: float) -> Suite:
    medecin = visite.medecin
    visite, effets = _fermer_appareils(visite, instant)
    quitte: tuple[Effet, ...] = ()
    if par != "medecin":
        visite, quitte = quitter_salle(visite, "fin" if par == "patient" else par)
    visite = replace(visite, en_salle=False, medecin=medecin, finie_par=par, fin_consultation=instant)
    return visite, (*effets, *quitte)


def tout_arreter(visite: Visite, fin: Etape, raison: str, instant: float) -> Suite:
    """Fermer la visite sans la transmettre : il ne reste à l'écran rien du patient.

    Le dossier est détruit quand l'écran de fin cède la place : une coupure d'ici là ramène ce même écran.
    """
    arretee, effets = _fermer_appareils(visite, instant)
    arretee, quitte = quitter_salle(arretee, raison)
    vide = Visite(
        id=visite.id,
        etape=fin,
        revision=visite.revision,
        langue=visite.langue,
        commencee=visite.commencee,
        depart=arretee.depart,
        preferences=visite.preferences,
        minuterie=visite.minuterie,
        a_nettoyer=visite.a_nettoyer,
    )
    return vide, (*cesser_sonnerie(visite), *effets, *quitte, *_annuler_impressions(visite))


def partir(visite: Visite, transmettre: bool) -> Suite:
    """Le dossier se ferme ; la borne reste à nettoyer ou redevient libre."""
    a_nettoyer = visite.a_nettoyer and visite.etape is not Etape.PROPRETE
    suivante = Visite(
        etape=Etape.PROPRETE if a_nettoyer else Etape.ACCUEIL,
        revision=visite.revision,
        minuterie=visite.minuterie,
    )
    raison = Etape.ACCUEIL.value if visite.etape is Etape.LANGUE else visite.etape.value
    effets = (*cesser_sonnerie(visite), *_annuler_impressions(visite))
    return suivante, (*effets, Cloturer(visite.id, transmettre, raison))


def _annuler_impressions(visite: Visite) -> tuple[Effet, ...]:
    """Ce qui n'est pas sorti ne sortira pas devant le patient suivant."""
    return tuple(
        AnnulerImpression(visite.id, document.document, document.essai, document.travail)
        for document in visite.documents
        if document.etat is not EtatImpression.IMPRIME
    )
