"""Les gestes du patient : une règle par événement. Une règle rend la visite inchangée si le geste n'a pas lieu.

`avancer` n'appelle la règle d'un toucher que si l'écran affiché l'offre (`permis`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from borne.parcours import evenements as e
from borne.parcours import saisie
from borne.parcours.effets import AnnulerImpression, Effet, EnvoyerMessage, Imprimer, Sonner
from borne.parcours.etapes import FINS, MODALES, TABLE, elements_a_nettoyer
from borne.parcours.transitions import (
    Suite,
    arreter_mesure,
    cesser_sonnerie,
    demander_mesure,
    fermer_superposition,
    finir_consultation,
    noter_releve,
    partir,
    quitter_salle,
    repondre_present,
    superposer,
    tout_arreter,
    vers,
)
from borne.parcours.visite import (
    MOTIFS,
    DocumentPatient,
    Etape,
    EtatImpression,
    MessageTexte,
    PhaseMesure,
    Releve,
    Superposition,
    Visite,
)

Regle = Callable[[Visite, Any], Suite]

PARTOUT: Final = (
    e.BoutonRetour,
    e.AideDemandee,
    e.QuinzeDemande,
    e.SuperpositionFermee,
    e.PresenceConfirmee,
    e.RepetitionDemandee,
    e.PreferenceChangee,
    e.RetraitDemande,
    e.MesureArretee,
)
"""Gestes permis quelle que soit la superposition ; arrêter un brassard qui serre en est un."""

DANS_SUPERPOSITION: Final[dict[type[e.Toucher], tuple[Superposition, ...]]] = {
    e.ConsentementRetire: (Superposition.CONFIRMER_RETRAIT,),
    e.FinConfirmee: (Superposition.CONFIRMER_FIN,),
    e.SaisieModifiee: (Superposition.AUCUNE, Superposition.ECRIRE),
    e.MessageEcrit: (Superposition.AUCUNE, Superposition.ECRIRE),
}
"""Gestes d'une superposition ; tous les autres sont ceux de l'écran nu."""

SANS_VISITE: Final = (e.AideDemandee, e.QuinzeDemande, e.SuperpositionFermee, e.BoutonRetour, e.RepetitionDemandee)
"""Gestes permis quand aucune visite n'est commencée : appeler à l'aide et en revenir."""


def permis(visite: Visite, geste: e.Toucher) -> bool:
    """Vrai si l'écran affiché offre ce geste : ni périmé, ni caché sous une superposition."""
    if geste.revision != visite.revision or not (visite.id or isinstance(geste, SANS_VISITE)):
        return False
    if isinstance(geste, PARTOUT):
        return True
    return visite.superposition in DANS_SUPERPOSITION.get(type(geste), (Superposition.AUCUNE,))


def _commencer(visite: Visite, evenement: e.VisiteCommencee) -> Suite:
    """Un état neuf : le dossier de cette visite suffit à la rejouer, et rien ne vient de la précédente."""
    if visite.etape is not Etape.ACCUEIL or visite.superposition is not Superposition.AUCUNE:
        return visite, ()
    debut = evenement.instant
    return Visite(id=evenement.visite, etape=Etape.LANGUE, commencee=debut, natures=evenement.natures), ()


def _proprete_due(visite: Visite, evenement: e.PropreteDue) -> Suite:
    if visite.id:
        return visite, ()
    return Visite(id=evenement.visite, etape=Etape.PROPRETE, touches=evenement.touches), cesser_sonnerie(visite)


def _langue(visite: Visite, evenement: e.LangueChoisie) -> Suite:
    if visite.etape is not Etape.LANGUE:
        return visite, ()
    return vers(replace(visite, langue=evenement.langue), Etape.CONSENTEMENT)


def _consentir(visite: Visite, evenement: e.ConsentementDonne) -> Suite:
    if visite.etape is not Etape.CONSENTEMENT:
        return visite, ()
    return vers(replace(visite, consentement=evenement.instant), Etape.PRENOM)


def _refuser(visite: Visite, evenement: e.ConsentementRefuse) -> Suite:
    if visite.etape is not Etape.CONSENTEMENT:
        return visite, ()
    return tout_arreter(visite, Etape.REFUS, "refus", evenement.instant)


def _demander_retrait(visite: Visite, evenement: e.RetraitDemande) -> Suite:
    if visite.consentement is None:
        return visite, ()
    visite, effets = fermer_superposition(visite)
    return superposer(visite, Superposition.CONFIRMER_RETRAIT), effets


def _retirer(visite: Visite, evenement: e.ConsentementRetire) -> Suite:
    return tout_arreter(visite, Etape.RETRAIT, "consentement", evenement.instant)


def _saisir(visite: Visite, evenement: e.SaisieModifiee) -> Suite:
    attendu = "message" if visite.superposition is Superposition.ECRIRE else TABLE[visite.etape].champ
    if evenement.champ != attendu or not saisie.accepte(evenement.champ, evenement.valeur):
        return visite, ()
    return replace(visite, champs={**visite.champs, evenement.champ: evenement.valeur}, erreur=""), ()


def _basculer_motif(visite: Visite, evenement: e.MotifBascule) -> Suite:
    if visite.etape is not Etape.MOTIF or evenement.motif not in MOTIFS:
        return visite, ()
    return replace(visite, motifs=_bascule(visite.motifs, evenement.motif, MOTIFS), erreur=""), ()


def _bascule(choisis: tuple[str, ...], element: str, ordre: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(x for x in ordre if (x in choisis) != (x == element))


def _repondre_urgence(visite: Visite, evenement: e.UrgenceRepondue) -> Suite:
    if visite.etape is not Etape.URGENCE:
        return visite, ()
    if evenement.oui:
        return superposer(visite, Superposition.QUINZE), (Sonner("quinze", True),)
    return _vers_mesure(visite, 0)


def _vers_mesure(visite: Visite, rang: int) -> Suite:
    """À la mesure de ce rang ; après la dernière, à l'attente ; avant la première, aux signes graves."""
    if rang < 0:
        return vers(visite, Etape.URGENCE)
    if rang >= len(visite.natures):
        return vers(visite, Etape.ATTENTE)
    return vers(replace(visite, nature=visite.natures[rang]), Etape.MESURE)


def _continuer(visite: Visite, evenement: e.BoutonContinuer) -> Suite:
    ligne = TABLE[visite.etape]
    if visite.etape in FINS:
        return partir(visite, transmettre=visite.etape is Etape.ADIEU)
    if visite.etape is Etape.PREPARATION:
        return _preparation_finie(visite)
    if visite.etape is Etape.MESURE:
        return _mesure_quittee(visite)
    if ligne.suivante is None:
        return visite, ()
    probleme = _probleme(visite, ligne.champ, evenement.instant)
    if probleme:
        return replace(visite, erreur=probleme), ()
    if visite.etape is Etape.MOTIF:
        return _motif_choisi(visite)
    return vers(visite, ligne.suivante)


def _mesure_quittee(visite: Visite) -> Suite:
    """Faite ou passée, on va à la suivante ; pas pendant que l'appareil mesure."""
    if visite.en_cours:
        return visite, ()
    return _vers_mesure(visite, visite.natures.index(visite.nature) + 1)


def _motif_choisi(visite: Visite) -> Suite:
    if "autre" in visite.motifs:
        return vers(visite, Etape.MOTIF_AUTRE)
    # Un motif écrit puis décoché n'est plus le sien : le médecin ne doit pas le lire.
    return vers(_sans_champ(visite, TABLE[Etape.MOTIF_AUTRE].champ), Etape.URGENCE)


def _sans_champ(visite: Visite, champ: str) -> Visite:
    return replace(visite, champs={nom: valeur for nom, valeur in visite.champs.items() if nom != champ})


def _probleme(visite: Visite, champ: str, instant: float) -> str:
    if visite.etape is Etape.MOTIF:
        return "" if visite.motifs else "erreur-motif-vide"
    return saisie.erreur(champ, visite.champ(champ), instant) if champ else ""


def _preparation_finie(visite: Visite) -> Suite:
    visite = replace(visite, pret=True)
    return vers(visite, Etape.CONSULTATION if visite.medecin else Etape.ATTENTE)


def _ignorer_question(visite: Visite, evenement: e.ReponseInconnue) -> Suite:
    ligne = TABLE[visite.etape]
    if not ligne.facultatif or ligne.suivante is None:
        return visite, ()
    return vers(_sans_champ(visite, ligne.champ), ligne.suivante)


def _revenir(visite: Visite, evenement: e.BoutonRetour) -> Suite:
    if visite.superposition in MODALES:
        return fermer_superposition(visite)
    if visite.superposition is Superposition.PRESENCE:
        return repondre_present(visite), ()
    if visite.etape is Etape.CONSULTATION:
        return superposer(visite, Superposition.CONFIRMER_FIN), ()
    if visite.etape is Etape.MESURE and visite.releve() != _a_preparer(visite):
        return _revenir_a_la_preparation(visite, evenement.instant)
    return _vers_precedente(visite)


def _a_preparer(visite: Visite) -> Releve:
    """La mesure montrée, telle qu'avant son premier geste."""
    releve = visite.releve()
    return Releve(essai=releve.essai, demandee_par_medecin=releve.demandee_par_medecin)


def _revenir_a_la_preparation(visite: Visite, instant: float) -> Suite:
    """Au geste d'avant ; d'une mesure commencée ou finie, au premier."""
    releve = visite.releve()
    if releve.phase is PhaseMesure.A_FAIRE:
        return noter_releve(visite, visite.nature, replace(releve, geste=releve.geste - 1)), ()
    visite, effets = arreter_mesure(visite, "arretee", instant)
    return noter_releve(visite, visite.nature, _a_preparer(visite)), effets


def _vers_precedente(visite: Visite) -> Suite:
    precedente = TABLE[visite.etape].precedente
    if precedente is None:
        return visite, ()
    if precedente is Etape.ACCUEIL:
        return partir(visite, transmettre=False)
    if precedente is Etape.CONSENTEMENT:
        return _reprendre_accord(visite)
    # Revenir de l'urgence passe par le motif libre quand il a été écrit, comme à l'aller.
    if visite.etape is Etape.URGENCE and "autre" in visite.motifs:
        precedente = Etape.MOTIF_AUTRE
    # Un médecin a pris ce patient : il n'y a plus d'attente où revenir.
    if visite.etape is Etape.PREPARATION and visite.medecin:
        precedente = Etape.MESURE
    if visite.etape is Etape.MESURE:
        return _vers_mesure(visite, visite.natures.index(visite.nature) - 1)
    return _vers_mesure(visite, len(visite.natures) - 1) if precedente is Etape.MESURE else vers(visite, precedente)


def _reprendre_accord(visite: Visite) -> Suite:
    """Revenir avant l'accord, c'est le reprendre : il sera redemandé, et la salle oublie ce patient."""
    visite, quitte = quitter_salle(replace(visite, consentement=None), "consentement")
    visite, effets = vers(visite, Etape.CONSENTEMENT)
    return visite, (*quitte, *effets)


def _demander_aide(visite: Visite, evenement: e.AideDemandee) -> Suite:
    visite, effets = fermer_superposition(visite)
    return superposer(visite, Superposition.AIDE), (*effets, Sonner("aide", True))


def _demander_quinze(visite: Visite, evenement: e.QuinzeDemande) -> Suite:
    visite, effets = fermer_superposition(visite)
    return superposer(visite, Superposition.QUINZE), (*effets, Sonner("quinze", True))


def _fermer(visite: Visite, evenement: e.SuperpositionFermee) -> Suite:
    return fermer_superposition(visite) if visite.superposition in MODALES else (visite, ())


def _presence(visite: Visite, evenement: e.PresenceConfirmee) -> Suite:
    return (repondre_present(visite) if visite.superposition is Superposition.PRESENCE else visite), ()


def _repeter(visite: Visite, evenement: e.RepetitionDemandee) -> Suite:
    return visite, ()


def _preferer(visite: Visite, evenement: e.PreferenceChangee) -> Suite:
    avant = visite.preferences
    if evenement.nom == "volume":
        apres = replace(avant, volume=max(0, min(4, evenement.valeur)))
    elif evenement.nom == "grand-texte":
        apres = replace(avant, grand_texte=bool(evenement.valeur))
    elif evenement.nom == "contraste":
        apres = replace(avant, contraste=bool(evenement.valeur))
    else:
        return visite, ()
    return replace(visite, preferences=apres), ()


def _finir_geste(visite: Visite, evenement: e.GesteFait) -> Suite:
    releve = visite.releve()
    if visite.etape is not Etape.MESURE or releve.phase is not PhaseMesure.A_FAIRE:
        return visite, ()
    return noter_releve(visite, visite.nature, replace(releve, geste=releve.geste + 1)), ()


def _demander_mesure(visite: Visite, evenement: e.MesureDemandee) -> Suite:
    return demander_mesure(visite, visite.nature, par_medecin=False) if visite.etape is Etape.MESURE else (visite, ())


def _arreter_mesure(visite: Visite, evenement: e.MesureArretee) -> Suite:
    return arreter_mesure(visite, "arretee", evenement.instant)


def _essayer_son(visite: Visite, evenement: e.SonEssaye) -> Suite:
    if visite.etape is not Etape.PREPARATION:
        return visite, ()
    return replace(visite, son_entendu=evenement.entendu), ()


def _ouvrir_ecriture(visite: Visite, evenement: e.EcritureOuverte) -> Suite:
    return (superposer(visite, Superposition.ECRIRE), ()) if visite.etape is Etape.CONSULTATION else (visite, ())


def _ecrire(visite: Visite, evenement: e.MessageEcrit) -> Suite:
    texte = evenement.texte.strip()
    if visite.etape is not Etape.CONSULTATION or not texte or not saisie.accepte("message", texte):
        return visite, ()
    message = MessageTexte(False, texte, evenement.instant)
    visite = replace(visite, messages=(*visite.messages, message), champs={**visite.champs, "message": ""})
    return superposer(visite, Superposition.AUCUNE), (EnvoyerMessage(texte, evenement.instant),)


def _demander_fin(visite: Visite, evenement: e.FinDemandee) -> Suite:
    if visite.etape is not Etape.CONSULTATION:
        return visite, ()
    return superposer(visite, Superposition.CONFIRMER_FIN), ()


def _confirmer_fin(visite: Visite, evenement: e.FinConfirmee) -> Suite:
    return finir_consultation(visite, "patient", evenement.instant)


def _reimprimer(visite: Visite, evenement: e.ImpressionRedemandee) -> Suite:
    """Chaque document échoué repart sous un nouvel essai ; l'ancien travail est retiré, il sortirait deux fois."""
    documents: list[DocumentPatient] = []
    effets: list[Effet] = []
    for document in visite.documents:
        if document.etat is EtatImpression.ECHOUEE:
            essai = document.essai + 1
            effets.append(AnnulerImpression(visite.id, document.document, document.essai, document.travail))
            effets.append(Imprimer(document.document, essai))
            documents.append(replace(document, etat=EtatImpression.EN_COURS, essai=essai, travail=None, raison=""))
        else:
            documents.append(document)
    return replace(visite, documents=tuple(documents)), tuple(effets)


def _nettoyer(visite: Visite, evenement: e.ElementNettoye) -> Suite:
    elements = elements_a_nettoyer(visite)
    if visite.etape is not Etape.PROPRETE or evenement.element not in elements:
        return visite, ()
    return replace(visite, nettoyes=_bascule(visite.nettoyes, evenement.element, elements), erreur=""), ()


def _confirmer_proprete(visite: Visite, evenement: e.PropreteConfirmee) -> Suite:
    if visite.etape is not Etape.PROPRETE:
        return visite, ()
    if set(visite.nettoyes) != set(elements_a_nettoyer(visite)):
        return replace(visite, erreur="erreur-proprete-incomplete"), ()
    return partir(visite, transmettre=False)


REGLES: Final[dict[type[e.Evenement], Regle]] = {
    e.VisiteCommencee: _commencer,
    e.PropreteDue: _proprete_due,
    e.LangueChoisie: _langue,
    e.ConsentementDonne: _consentir,
    e.ConsentementRefuse: _refuser,
    e.RetraitDemande: _demander_retrait,
    e.ConsentementRetire: _retirer,
    e.SaisieModifiee: _saisir,
    e.MotifBascule: _basculer_motif,
    e.UrgenceRepondue: _repondre_urgence,
    e.BoutonContinuer: _continuer,
    e.BoutonRetour: _revenir,
    e.ReponseInconnue: _ignorer_question,
    e.AideDemandee: _demander_aide,
    e.QuinzeDemande: _demander_quinze,
    e.SuperpositionFermee: _fermer,
    e.PresenceConfirmee: _presence,
    e.RepetitionDemandee: _repeter,
    e.PreferenceChangee: _preferer,
    e.GesteFait: _finir_geste,
    e.MesureDemandee: _demander_mesure,
    e.MesureArretee: _arreter_mesure,
    e.SonEssaye: _essayer_son,
    e.EcritureOuverte: _ouvrir_ecriture,
    e.MessageEcrit: _ecrire,
    e.FinDemandee: _demander_fin,
    e.FinConfirmee: _confirmer_fin,
    e.ImpressionRedemandee: _reimprimer,
    e.ElementNettoye: _nettoyer,
    e.PropreteConfirmee: _confirmer_proprete,
}
