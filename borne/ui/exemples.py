"""Des visites d'exemple : chaque écran, dans chaque état qui vaut d'être vu. Pour la galerie et les tests."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

from borne.mesures import (
    BATTEMENTS_MINUTE,
    CELSIUS,
    DIASTOLIQUE,
    FREQUENCE_CARDIAQUE,
    GLYCEMIE_MASSE,
    KG_LITRE,
    KILOGRAMME,
    MMHG,
    NATURES,
    POIDS,
    POURCENT,
    PRESSION_BRASSARD,
    SPO2,
    SYSTOLIQUE,
    TEMPERATURE,
    TENSION,
    Mesure,
)
from borne.parcours.visite import (
    RESUME,
    ActeMesure,
    Appel,
    DocumentPatient,
    Etape,
    EtatAppel,
    EtatImpression,
    MessageTexte,
    NiveauLien,
    PhaseMesure,
    Preferences,
    RaisonRappel,
    Releve,
    Superposition,
    Visite,
)
from borne.ui.direct import EtatDirect
from borne.ui.foyers import FOYERS
from borne.ui.technicien import EtatTechnicien, LigneControle, Page

Exemple = tuple[Visite, EtatDirect]

_POULS: Final = (FREQUENCE_CARDIAQUE, 72.0, BATTEMENTS_MINUTE)
_LUES: Final = {
    "tension": ((SYSTOLIQUE, 132.0, MMHG), (DIASTOLIQUE, 84.0, MMHG), _POULS),
    "temperature": ((TEMPERATURE, 36.8, CELSIUS),),
    "saturation": ((SPO2, 97.0, POURCENT), _POULS),
    "poids": ((POIDS, 68.4, KILOGRAMME),),
    "glycemie": ((GLYCEMIE_MASSE, 0.00105, KG_LITRE),),
    "frequence": (_POULS,),
}
_MESURES: Final = {
    nature: tuple(Mesure(code, valeur, unite, 0.0, "exemple") for code, valeur, unite in lues)
    for nature, lues in _LUES.items()
}
_PREPARATIONS: Final = {
    nature: tuple(f"mesure-{nature}-preparation-{geste}" for geste in gestes)
    for nature, gestes in {
        "tension": ("brassard", "bras-pose", "assis"),
        "temperature": ("repos", "sonde"),
        "saturation": ("doigt-nu", "main-chaude"),
        "poids": ("chaussures", "poches"),
        "glycemie": ("mains-lavees", "bandelette"),
        "frequence": ("peau-humide", "ceinture"),
    }.items()
}
_VIVANTES: Final = {
    "tension": {PRESSION_BRASSARD: 128.0},
    "temperature": {TEMPERATURE: 36.4},
    "saturation": {SPO2: 97.0, FREQUENCE_CARDIAQUE: 72.0},
    "poids": {POIDS: 68.4},
    "frequence": {FREQUENCE_CARDIAQUE: 72.0},
}
_FAUTES: Final = {
    "tension": "brassard-lache",
    "temperature": "sonde-retiree",
    "saturation": "doigt-retire",
    "poids": "descendu-trop-tot",
    "glycemie": "goutte-insuffisante",
    "frequence": "contact-perdu",
}
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
    preparations=_PREPARATIONS,
)
_SECOURS: Final = "Pharmacie du Pont, 3 rue du Pont, Decize"
_MEDECIN: Final = "Docteur Claire Moreau"
_ONDE: Final = tuple(math.exp(-((i % 40 - 8) ** 2) / 6) * (-1) ** i * 0.9 for i in range(160))


def _a(etape: Etape, direct: EtatDirect = _DIRECT, **champs: Any) -> Exemple:
    return replace(_VISITE, etape=etape, **champs), direct


def _saisie(etape: Etape, champ: str, valeur: str, erreur: str = "") -> Exemple:
    return _a(etape, champs={champ: valeur}, erreur=erreur)


def _releve(nature: str, phase: PhaseMesure, direct: EtatDirect = _DIRECT, **champs: Any) -> Exemple:
    finie = phase is PhaseMesure.FINIE
    mesures = _MESURES[nature] if finie else ()
    actes = (ActeMesure(nature, 1, 0.0, "", mesures),) if finie else ()
    releves = {nature: Releve(phase, 1, **champs)}
    return _a(Etape.MESURE, direct, natures=(nature,), nature=nature, releves=releves, mesures=mesures, actes=actes)


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


_RAISONS: Final = ("absent", "perdu", "trame", "valeur", "delai", "interrompue", "arretee", "ancienne", "bluetooth")
_PLETH: Final = tuple(math.sin(i / 5) * 0.6 + math.sin(i / 2.5 + 0.8) * 0.3 for i in range(120))


def _mesure() -> dict[str, Exemple]:
    trouves: dict[str, Exemple] = {}
    for nature in NATURES:
        trouves |= {f"{nature}-{nom}": exemple for nom, exemple in _mesure_de(nature).items()}
    echouee = PhaseMesure.ECHOUEE
    trouves |= {f"tension-echouee-{r}": _releve(TENSION, echouee, raison=f"erreur-tension-{r}") for r in _RAISONS}
    trouves["saturation-demandee"] = _releve("saturation", PhaseMesure.A_FAIRE, demandee_par_medecin=True)
    return trouves


def _mesure_de(nature: str) -> dict[str, Exemple]:
    en_cours, echouee, passee = PhaseMesure.EN_COURS, PhaseMesure.ECHOUEE, PhaseMesure.PASSEE
    faute = f"mesure-{nature}-faute-{_FAUTES[nature]}"
    vivant = replace(_DIRECT, etape_mesure="mesure", vivantes=_VIVANTES.get(nature, {}), pleth=_PLETH)
    gestes = {
        f"geste-{rang + 1}": _releve(nature, PhaseMesure.A_FAIRE, geste=rang)
        for rang in range(len(_PREPARATIONS[nature]))
    }
    attentes = {
        etat: _releve(nature, en_cours, replace(_DIRECT, etape_mesure=etat))
        for etat in ("recherche", "trouve", "attente")
    }
    return {
        **gestes,
        **attentes,
        "mesure": _releve(nature, en_cours, vivant),
        "faute": _releve(nature, en_cours, replace(vivant, faute=faute, vivantes={}, pleth=())),
        "finie": _releve(nature, PhaseMesure.FINIE),
        "echouee": _releve(nature, echouee, raison=faute, echecs=1),
        "passee": _releve(nature, passee, raison=f"erreur-{nature}-absent", echecs=3),
    }


def _demandee(nature: str, phase: PhaseMesure, direct: EtatDirect = _DIRECT, raison: str = "") -> Exemple:
    """Pendant la consultation, à la demande du médecin."""
    return _appel(direct=direct, nature=nature, releves={nature: Releve(phase, 2, raison, True)})


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
    vivants = {n: replace(_DIRECT, etape_mesure="mesure", vivantes=_VIVANTES[n], pleth=_PLETH) for n in _VIVANTES}
    demandees = {f"consultation-{n}": _demandee(n, PhaseMesure.EN_COURS, vivants[n]) for n in _VIVANTES}
    sorti = replace(vivants["saturation"], faute="mesure-saturation-faute-doigt-retire", vivantes={}, pleth=())
    sucre = replace(_DIRECT, etape_mesure="attente")
    ecoute = replace(_DIRECT, stethoscope=_ONDE, niveau_ecoute=-24.0)
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
        **demandees,
        "consultation-glycemie": _demandee("glycemie", PhaseMesure.EN_COURS, sucre),
        "consultation-saturation-faute": _demandee("saturation", PhaseMesure.EN_COURS, sorti),
        "consultation-mesure-finie": _demandee(TENSION, PhaseMesure.FINIE),
        "consultation-mesure-echec": _demandee(TENSION, PhaseMesure.ECHOUEE, raison="erreur-tension-absent"),
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
        "proprete-appareils": _a(Etape.PROPRETE, touches=("tension", "temperature", "saturation", "poids")),
        "proprete-incomplete": _a(Etape.PROPRETE, erreur="erreur-proprete-incomplete"),
    }


def _poses() -> dict[str, Exemple]:
    return {
        "aide": _sur(Superposition.AIDE),
        "aide-sans-accord": _sur(Superposition.AIDE, Etape.LANGUE, consentement=None),
        "quinze": _sur(Superposition.QUINZE, mesures=(*_MESURES[TENSION], *_MESURES["saturation"])),
        "quinze-sans-mesure": _sur(Superposition.QUINZE),
        "aide-accueil": (Visite(superposition=Superposition.AIDE), _DIRECT),
        "quinze-accueil": (Visite(superposition=Superposition.QUINZE), _DIRECT),
        "presence": _sur(Superposition.PRESENCE, relances=1),
        "presence-derniere": _sur(Superposition.PRESENCE, relances=2),
        "confirmer-retrait": _sur(Superposition.CONFIRMER_RETRAIT),
    }


_MEMOIRE: Final = "Brassard : 138 / 82 / 97 / 71 (12/11, 9 h 12)"
_POUR_LE_MEDIATEUR: Final = (
    LigneControle("a", "Tension haute : 184", "rouge", "À dire au médecin sans tarder"),
    LigneControle("b", "Tension basse : 96", "orange", "À regarder par le médecin"),
    LigneControle("c", "Oxygène, pour cent : 94", "orange", "À regarder par le médecin"),
    *(
        LigneControle(
            f"m{rang}", "Brassard : 138 / 82 / 97 / 71 (12/11, 9 h 12)", "gris", "En mémoire, patient inconnu"
        )
        for rang in range(3)
    ),
)


def _mediateur(etat: EtatTechnicien) -> Exemple:
    return replace(_VISITE, superposition=Superposition.AIDE), replace(_DIRECT, technicien=etat)


def _technicien(etat: EtatTechnicien) -> Exemple:
    return Visite(), replace(_DIRECT, technicien=etat)


def _technicien_tous() -> dict[str, Exemple]:
    nettete = LigneControle(
        "otoscope",
        "Caméra d'examen",
        "rouge",
        "En panne",
        "L'image de la caméra d'examen est floue.",
        "Nettoyez la vitre de la caméra avec un chiffon doux et sec.",
        ("nettete : 0,18", "luminance : 0,44"),
    )
    pile = LigneControle(
        "tensiometre",
        "Tensiomètre",
        "orange",
        "À réparer",
        "La batterie est basse (22 %).",
        "Changez les piles de l'appareil.",
        ("batterie_pct : 22",),
    )
    bons: tuple[str, ...] = (
        "Salle d'attente des médecins",
        "Relais des appels",
        "Caméra",
        "Micro",
        "Haut-parleur",
        "Stéthoscope",
    )
    bons = (*bons, "Disque", "Horloge", "Identité de la borne", "Dossiers chiffrés", "Mémoire", "Température")
    lignes = (
        nettete,
        pile,
        *(LigneControle(nom, nom, "vert", "Bon", "Tout va bien.", "", ("valeur : 12",)) for nom in bons),
        LigneControle("badge", "Lecteur de badge", "gris", "Absent", "Cette borne n'en a pas."),
    )
    liste = EtatTechnicien(Page.CONTROLES, lignes=lignes, decision="technicien-pas-prete")
    faits = tuple(replace(ligne, couleur="cours", mot="En cours") if ligne is pile else ligne for ligne in lignes)
    refus = "Le disque est plein : le rapport n'est pas gardé. Libérez de la place, puis relancez l'autotest."
    return {
        "technicien-code": _technicien(EtatTechnicien(chiffres=3)),
        "technicien-code-faux": _technicien(EtatTechnicien(erreur="erreur-technicien-faux")),
        "technicien-code-attendre": _technicien(EtatTechnicien(erreur="erreur-technicien-attendre?secondes=20")),
        "technicien-liste": _technicien(liste),
        "technicien-detail": _technicien(replace(liste, choisie="otoscope")),
        "technicien-detail-bon": _technicien(replace(liste, choisie="Caméra", decision="technicien-reserves")),
        "technicien-suite": _technicien(replace(liste, feuille=1, decision="technicien-prete", ennui=refus)),
        "technicien-en-cours": _technicien(replace(liste, lignes=faits, en_cours=True, finis=7, total=26)),
        "technicien-jamais": _technicien(EtatTechnicien(Page.CONTROLES)),
        "mediateur-code": _mediateur(EtatTechnicien(mediateur=True, chiffres=2)),
        "mediateur": _mediateur(EtatTechnicien(Page.MEDIATEUR, mediateur=True, lignes=_POUR_LE_MEDIATEUR)),
        "mediateur-rien": _mediateur(EtatTechnicien(Page.MEDIATEUR, mediateur=True)),
        "technicien-mire": _technicien(EtatTechnicien(Page.MIRE, touchees=frozenset(range(11)))),
        "technicien-uni": _technicien(EtatTechnicien(Page.MIRE, teinte=2)),
    }


def exemples() -> dict[str, Exemple]:
    """Chaque écran et chaque état, par son nom."""
    return {**_debut(), **_mesure(), **_salle(), **_appels(), **_fin(), **_poses(), **_technicien_tous()}


def avec_preferences(exemple: Exemple, *, contraste: bool = False, grand_texte: bool = False) -> Exemple:
    """Le même écran, en haut contraste ou en grand texte."""
    visite, direct = exemple
    preferences = Preferences(contraste=contraste, grand_texte=grand_texte)
    return replace(visite, preferences=preferences), direct
