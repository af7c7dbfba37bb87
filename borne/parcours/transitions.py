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
from borne.parcours.etapes import ALERTES, DELAI_TELEPHONE_S, ESSAIS, FINS
from borne.parcours.visite import (
    PRINCIPALE,
    ActeMesure,
    Appel,
    Etape,
    EtatAppel,
    EtatImpression,
    Incident,
    PhaseMesure,
    RaisonRappel,
    Releve,
    Superposition,
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


def demander_mesure(visite: Visite, nature: str, par_medecin: bool) -> Suite:
    """Armer un nouvel essai de cette nature ; un essai déjà en cours continue. Aucune autre n'est en cours."""
    ancien = visite.releve(nature)
    if ancien.phase is PhaseMesure.EN_COURS:
        return visite, ()
    essai = ancien.essai + 1
    # Ce qui recommence après un résultat, ou après qu'on y a renoncé, a droit à tous ses essais.
    echecs = ancien.echecs if ancien.phase is PhaseMesure.ECHOUEE else 0
    releve = Releve(PhaseMesure.EN_COURS, essai, "", par_medecin, echecs)
    visite = noter_releve(visite, nature, releve)
    return replace(visite, nature=nature, a_nettoyer=True), (DemanderMesure(nature, essai),)


def arreter_mesure(visite: Visite, code: str, instant: float) -> Suite:
    """Désarmer l'essai en cours, s'il y en a un ; la trace le garde, avec sa raison (VISITE-TRACE)."""
    nature = visite.en_cours
    if not nature:
        return visite, ()
    essai = visite.releve(nature).essai
    return noter_arret(visite, nature, code, instant), (ArreterMesure(nature, essai),)


def noter_arret(visite: Visite, nature: str, code: str, instant: float) -> Visite:
    """L'essai en cours s'arrête sans que l'appareil ait échoué : il ne compte pas parmi `ESSAIS`.

    `code` : fin de la clé des textes `erreur-<nature>-<code>`.
    """
    releve = replace(visite.releve(nature), phase=PhaseMesure.ECHOUEE)
    return _clore_essai(visite, nature, releve, f"erreur-{nature}-{code}", instant)


def noter_echec(visite: Visite, nature: str, raison: str, instant: float) -> Visite:
    """L'essai en cours a échoué ; au bout de `ESSAIS`, la mesure est passée."""
    echecs = visite.releve(nature).echecs + 1
    phase = PhaseMesure.PASSEE if echecs >= ESSAIS else PhaseMesure.ECHOUEE
    return _clore_essai(visite, nature, replace(visite.releve(nature), phase=phase, echecs=echecs), raison, instant)


def _clore_essai(visite: Visite, nature: str, releve: Releve, raison: str, instant: float) -> Visite:
    acte = ActeMesure(nature, releve.essai, instant, raison)
    visite = noter_releve(visite, nature, replace(releve, raison=raison))
    return replace(visite, actes=(*visite.actes, acte))


def noter_releve(visite: Visite, nature: str, releve: Releve) -> Visite:
    """La mesure de cette nature en est là."""
    return replace(visite, releves={**visite.releves, nature: releve})


def mesurer_ensuite(visite: Visite, nature: str) -> Visite:
    """Le médecin veut cette nature d'un patient qu'il n'a pas encore devant lui : la dernière du chemin."""
    releve = Releve(essai=visite.releve(nature).essai, demandee_par_medecin=True)
    natures = (*(n for n in visite.natures if n != nature), nature)
    return replace(noter_releve(visite, nature, releve), natures=natures)


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
    visite, effets = arreter_mesure(visite, "interrompue", instant)
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
        touches=tuple(nature for nature, releve in visite.releves.items() if releve.essai) if a_nettoyer else (),
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
