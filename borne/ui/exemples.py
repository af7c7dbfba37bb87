"""Des visites d'exemple : chaque écran, dans chaque état qui vaut d'être vu. Pour la galerie et les tests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

from borne.mesures import BATTEMENTS_MINUTE, DIASTOLIQUE, FREQUENCE_CARDIAQUE, MMHG, SYSTOLIQUE, Mesure
from borne.parcours.visite import (
    RESUME,
    Appel,
    DocumentPatient,
    Etape,
    EtatAppel,
    EtatImpression,
    MessageTexte,
    NiveauLien,
    PhaseTension,
    Preferences,
    RaisonRappel,
    Superposition,
    Tension,
    Visite,
)
from borne.ui.direct import EtatDirect
from borne.ui.foyers import FOYERS

Exemple = tuple[Visite, EtatDirect]

_CODES: Final = ((SYSTOLIQUE, 132.0, MMHG), (DIASTOLIQUE, 84.0, MMHG), (FREQUENCE_CARDIAQUE, 72.0, BATTEMENTS_MINUTE))
_MESURES: Final = tuple(Mesure(code, valeur, unite, 0.0, "exemple") for code, valeur, unite in _CODES)
_VISITE: Final = Visite(id="exemple", consentement=1.0, champs={"prenom": "MADELEINE", "nom": "DE LA TOUR"})
_DIRECT: Final = EtatDirect(
    rang=2,
    minutes=10,
    medecins_presents=1,
    lieu="Mairie de Decize",
    adresse="1 place du Champ de Foire, 58300 Decize",
    numero_borne="12",
    niveau_son=-22.0,
    qualite_lien="bonne",
)
_SECOURS: Final = "Pharmacie du Pont, 3 rue du Pont, Decize"
_MEDECIN: Final = "Docteur Claire Moreau"
_ONDE: Final = tuple(math.exp(-((i % 40 - 8) ** 2) / 6) * (-1) ** i * 0.9 for i in range(160))


def _a(etape: Etape, direct: EtatDirect = _DIRECT, **champs: Any) -> Exemple:
    return replace(_VISITE, etape=etape, **champs), direct


def _saisie(etape: Etape, champ: str, valeur: str, erreur: str = "") -> Exemple:
    return _a(etape, champs={champ: valeur}, erreur=erreur)


def _tension(phase: PhaseTension, raison: str = "", **direct: Any) -> Exemple:
    mesures = _MESURES if phase is PhaseTension.FINIE else ()
    tension = Tension(phase, 1, raison)
    return _a(Etape.TENSION, replace(_DIRECT, **direct), tension=tension, mesures=mesures)


def _appel(etat: EtatAppel = EtatAppel.ETABLI, direct: EtatDirect = _DIRECT, **champs: Any) -> Exemple:
    appel = Appel(etat, 1)
    complet: dict[str, Any] = {"medecin": _MEDECIN, "appel": appel, **champs}
    return _a(Etape.CONSULTATION, direct, **complet)


def _papier(nom: str, etat: EtatImpression, raison: str = "", document: str = "d") -> DocumentPatient:
    return DocumentPatient(document, nom, "", 1, etat, 1, raison=raison)


def _sur(superposition: Superposition, etape: Etape = Etape.MOTIF, **champs: Any) -> Exemple:
    return _a(etape, superposition=superposition, **champs)


_MESSAGES: Final = (
    MessageTexte(True, "Est-ce que vous m'entendez bien ?", 1.0),
    MessageTexte(False, "Oui, très bien.", 2.0),
    MessageTexte(True, "Posez le stéthoscope ici, à gauche.", 3.0),
)
_LONG: Final = "Depuis trois jours j'ai mal à la tête quand je me lève."


def _debut() -> dict[str, Exemple]:
    coupe = replace(_DIRECT, liaison_salle=False)
    seul = replace(_DIRECT, medecins_presents=0, minutes=None, rang=None)
    return {
        "accueil": (Visite(), _DIRECT),
        "accueil-sans-medecin": (Visite(), seul),
        "accueil-attente-inconnue": (Visite(), replace(_DIRECT, minutes=None)),
        "accueil-salle-injoignable": (Visite(), coupe),
        "accueil-disque": (Visite(), replace(_DIRECT, panne="erreur-dossier")),
        "accueil-panne": (Visite(), replace(_DIRECT, fermeture="panne")),
        "accueil-panne-secours": (Visite(), replace(_DIRECT, fermeture="panne", secours=_SECOURS)),
        "accueil-liaison": (Visite(), replace(_DIRECT, fermeture="liaison", liaison_salle=False)),
        "accueil-verification": (Visite(), replace(_DIRECT, fermeture="verification")),
        "accueil-panne-aide": (Visite(superposition=Superposition.AIDE), replace(_DIRECT, fermeture="panne")),
        "accueil-aide-prevenue": (Visite(), replace(_DIRECT, aide_active=True)),
        "langue": _a(Etape.LANGUE),
        "consentement": _a(Etape.CONSENTEMENT),
        "prenom": _saisie(Etape.PRENOM, "prenom", "MADELEI"),
        "prenom-vide": _saisie(Etape.PRENOM, "prenom", "", "erreur-prenom-vide"),
        "nom": _saisie(Etape.NOM, "nom", "D'ÉGLISE-LA TOUR"),
        "nom-vide": _saisie(Etape.NOM, "nom", "", "erreur-nom-vide"),
        "naissance": _saisie(Etape.NAISSANCE, "naissance", "0405"),
        "naissance-invalide": _saisie(Etape.NAISSANCE, "naissance", "31021950", "erreur-naissance-invalide"),
        "naissance-future": _saisie(Etape.NAISSANCE, "naissance", "04052060", "erreur-naissance-future"),
        "telephone": _saisie(Etape.TELEPHONE, "telephone", "06123"),
        "telephone-invalide": _saisie(Etape.TELEPHONE, "telephone", "0612", "erreur-telephone-invalide"),
        "motif": _a(Etape.MOTIF, motifs=("toux", "fatigue")),
        "motif-vide": _a(Etape.MOTIF, erreur="erreur-motif-vide"),
        "motif-autre": _saisie(Etape.MOTIF_AUTRE, "motif-autre", _LONG),
        "motif-autre-vide": _saisie(Etape.MOTIF_AUTRE, "motif-autre", "", "erreur-motif-autre-vide"),
        "urgence": _a(Etape.URGENCE),
        "urgence-panne": _a(Etape.URGENCE, replace(_DIRECT, panne="erreur-dossier")),
    }


def _mesure() -> dict[str, Exemple]:
    raisons = ("absent", "perdu", "trame", "valeur", "delai", "interrompue", "arretee", "ancienne", "bluetooth")
    echecs = {
        f"tension-echouee-{raison}": _tension(PhaseTension.ECHOUEE, f"erreur-tension-{raison}") for raison in raisons
    }
    en_cours = PhaseTension.EN_COURS
    return {
        "tension-a-faire": _tension(PhaseTension.A_FAIRE),
        "tension-recherche": _tension(en_cours, etat_brassard="recherche"),
        "tension-trouve": _tension(en_cours, etat_brassard="trouve"),
        "tension-attente": _tension(en_cours, etat_brassard="attente"),
        "tension-gonflage": _tension(en_cours, etat_brassard="gonflage", pression=128.0),
        "tension-finie": _tension(PhaseTension.FINIE),
        **echecs,
    }


def _salle() -> dict[str, Exemple]:
    coupe = replace(_DIRECT, liaison_salle=False)
    seul = replace(_DIRECT, medecins_presents=0, minutes=None, rang=1)
    return {
        "attente": _a(Etape.ATTENTE),
        "attente-inconnue": _a(Etape.ATTENTE, replace(_DIRECT, minutes=None, rang=1)),
        "attente-sans-medecin": _a(Etape.ATTENTE, seul),
        "attente-prete": _a(Etape.ATTENTE, pret=True),
        "attente-aide-prevenue": _a(Etape.ATTENTE, replace(_DIRECT, aide_active=True)),
        "attente-voix-coupee": _a(Etape.ATTENTE, replace(_DIRECT, voix_disponible=False)),
        "attente-injoignable": _a(Etape.ATTENTE, coupe),
        "attente-appelee": _a(Etape.ATTENTE, medecin=_MEDECIN),
        "preparation": _a(Etape.PREPARATION),
        "preparation-appelee": _a(Etape.PREPARATION, medecin=_MEDECIN, son_entendu=True),
        "preparation-sans-son": _a(Etape.PREPARATION, son_entendu=False),
        "preparation-sans-camera": _a(Etape.PREPARATION, replace(_DIRECT, camera_disponible=False)),
    }


def _appels() -> dict[str, Exemple]:
    gonfle = replace(_DIRECT, pression=96.0, etat_brassard="gonflage")
    ecoute = replace(_DIRECT, stethoscope=_ONDE, niveau_ecoute=-24.0)
    mesure = Tension(PhaseTension.EN_COURS, 2, "", True)
    echec = Tension(PhaseTension.ECHOUEE, 2, "erreur-tension-absent", True)
    absent = Appel(EtatAppel.PERDU, 1, medecin_absent=True)
    foyers = {f"consultation-{foyer}": _appel(direct=ecoute, foyer=foyer) for foyer in FOYERS}
    conseil = replace(ecoute, conseil_ecoute="conseil-auscultation-appuyer")
    perdu = Appel(EtatAppel.PERDU, 1, rappel=RaisonRappel.COUPURE)
    numero = {"telephone": "0612345678"}
    rappels = {
        f"consultation-rappel-{raison}": _appel(appel=replace(perdu, rappel=raison), champs=numero)
        for raison in RaisonRappel
    }
    return {
        "consultation-connexion": _appel(EtatAppel.CONNEXION),
        "consultation": _appel(),
        "consultation-code": _appel(direct=replace(_DIRECT, code="4821")),
        "consultation-message": _appel(messages=_MESSAGES),
        "consultation-message-en-cours": _appel(direct=replace(_DIRECT, texte_medecin="Avez-vous mal qu")),
        **foyers,
        "consultation-mitral": _appel(direct=ecoute, foyer="mitral", messages=_MESSAGES),
        "consultation-conseil": _appel(direct=conseil, foyer="mitral"),
        "consultation-brassard": _appel(direct=gonfle, tension=mesure),
        "consultation-brassard-echec": _appel(tension=echec),
        "consultation-micro-coupe": _appel(direct=replace(_DIRECT, micro_medecin_coupe=True)),
        "consultation-camera-examen": _appel(direct=replace(_DIRECT, pointeur=(0.35, 0.6)), camera="examen"),
        "consultation-camera-document": _appel(camera="document"),
        "consultation-photo": _appel(direct=replace(_DIRECT, photo=True), camera="examen"),
        "consultation-lien-faible": _appel(direct=replace(_DIRECT, qualite_lien="mauvaise")),
        "consultation-camera-perdue": _appel(direct=replace(_DIRECT, camera_disponible=False)),
        "consultation-salle-injoignable": _appel(EtatAppel.PERDU, replace(_DIRECT, liaison_salle=False)),
        "consultation-stethoscope-absent": _appel(direct=replace(_DIRECT, stethoscope_absent=True)),
        "consultation-panne": _appel(direct=replace(_DIRECT, panne="erreur-dossier")),
        "consultation-aide-prevenue": _appel(direct=replace(_DIRECT, aide_active=True)),
        "consultation-perdue": _appel(EtatAppel.PERDU),
        "consultation-son-seul": _appel(appel=Appel(EtatAppel.ETABLI, 1, niveau=NiveauLien.SON_SEUL)),
        **rappels,
        "consultation-rappel-sans-numero": _appel(appel=perdu, champs={}),
        "consultation-medecin-absent": _appel(appel=absent),
        "ecrire": _appel(superposition=Superposition.ECRIRE, messages=_MESSAGES, champs={"message": _LONG}),
        "ecrire-vide": _appel(superposition=Superposition.ECRIRE),
        "confirmer-fin": _appel(superposition=Superposition.CONFIRMER_FIN),
        "aide-consultation": _appel(superposition=Superposition.AIDE),
    }


def _fin() -> dict[str, Exemple]:
    en_cours, imprime, echec = EtatImpression.EN_COURS, EtatImpression.IMPRIME, EtatImpression.ECHOUEE
    resume = _papier("", imprime, document=RESUME)
    pannes = {
        f"documents-{panne}": _a(
            Etape.DOCUMENTS, documents=(resume, _papier("Ordonnance", echec, f"erreur-imprimante-{panne}"))
        )
        for panne in ("absente", "papier", "occupee", "travail", "inconnue")
    }
    return {
        "documents-attente": _a(Etape.DOCUMENTS),
        "documents": _a(Etape.DOCUMENTS, documents=(resume, _papier("Ordonnance", en_cours))),
        "documents-imprimes": _a(Etape.DOCUMENTS, documents=(resume, _papier("Ordonnance", imprime))),
        **pannes,
        "adieu": _a(Etape.ADIEU),
        "refus": _a(Etape.REFUS),
        "retrait": _a(Etape.RETRAIT),
        "expiree": _a(Etape.EXPIREE),
        "proprete": _a(Etape.PROPRETE, nettoyes=("brassard", "ecran")),
        "proprete-incomplete": _a(Etape.PROPRETE, erreur="erreur-proprete-incomplete"),
    }


def _poses() -> dict[str, Exemple]:
    return {
        "aide": _sur(Superposition.AIDE),
        "aide-sans-accord": _sur(Superposition.AIDE, Etape.LANGUE, consentement=None),
        "quinze": _sur(Superposition.QUINZE, mesures=_MESURES),
        "quinze-sans-mesure": _sur(Superposition.QUINZE),
        "aide-accueil": (Visite(superposition=Superposition.AIDE), _DIRECT),
        "quinze-accueil": (Visite(superposition=Superposition.QUINZE), _DIRECT),
        "presence": _sur(Superposition.PRESENCE, relances=1),
        "presence-derniere": _sur(Superposition.PRESENCE, relances=2),
        "confirmer-retrait": _sur(Superposition.CONFIRMER_RETRAIT),
    }


def exemples() -> dict[str, Exemple]:
    """Chaque écran et chaque état, par son nom."""
    return {**_debut(), **_mesure(), **_salle(), **_appels(), **_fin(), **_poses()}


def avec_preferences(exemple: Exemple, *, contraste: bool = False, grand_texte: bool = False) -> Exemple:
    """Le même écran, en haut contraste ou en grand texte."""
    visite, direct = exemple
    preferences = Preferences(contraste=contraste, grand_texte=grand_texte)
    return replace(visite, preferences=preferences), direct
