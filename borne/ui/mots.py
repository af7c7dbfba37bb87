"""Les mots d'un écran, en clés Fluent : l'écran les montre et la voix les dit, les mêmes (A11Y-VOIX). Sans Qt.

Chaque étape a sa fonction ; le premier mot est la question, les suivants ses phrases. Une erreur ou un incident
vient en dernier et sa clé commence par `erreur-` ou `incident-`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from borne.mesures import (
    DIASTOLIQUE,
    FREQUENCE_CARDIAQUE,
    GLYCEMIE_MASSE,
    GLYCEMIE_SUBSTANCE,
    POIDS,
    SPO2,
    SYSTOLIQUE,
    TEMPERATURE,
    Mesure,
    usuelle,
)
from borne.parcours.visite import (
    RESUME,
    Etape,
    EtatAppel,
    EtatImpression,
    NiveauLien,
    PhaseMesure,
    RaisonRappel,
    Superposition,
    Visite,
)
from borne.ui.direct import EtatDirect
from borne.ui.technicien import EtatTechnicien, Page

Mots = tuple[str, ...]

SIGNES_URGENCE: Final = ("urgence-poitrine", "urgence-souffle", "urgence-parole", "urgence-sang")
"""Les signes demandés avant la consultation."""


def _avec(cle: str, **parametres: object) -> str:
    return f"{cle}?{urlencode({k: str(v) for k, v in parametres.items()})}"


def mots_de_l_ecran(visite: Visite, direct: EtatDirect) -> Mots:
    """Les clés (avec paramètres : `cle?nom=valeur`) que l'écran montre et que la voix dit, dans l'ordre."""
    if mediateur_devant(visite, direct) and direct.technicien is not None:
        return _technicien(direct.technicien)
    if visite.superposition is not Superposition.AUCUNE:
        return _SUPERPOSITIONS[visite.superposition](visite, direct)
    mots = _ETAPES[visite.etape](visite, direct)
    # Une erreur prend la place des explications : une idée à la fois.
    erreur = visite.erreur or direct.panne
    # L'accueil fermé dit lui-même quoi faire.
    if not erreur or visite.etape is Etape.ACCUEIL:
        return mots
    appel = visite.etape is Etape.CONSULTATION
    return (*etat_appel(visite, direct), erreur) if appel else (mots[0], erreur)


def entier(mesure: Mesure | None) -> int | None:
    """La valeur arrondie d'une mesure, dans l'unité d'usage ; None sans valeur."""
    valeur = usuelle(mesure)[0] if mesure is not None else None
    return None if valeur is None else round(valeur)


DECIMALES: Final = {TEMPERATURE: 1, POIDS: 1, GLYCEMIE_MASSE: 2, GLYCEMIE_SUBSTANCE: 1}
"""Chiffres après la virgule, dans l'unité d'usage ; ailleurs, aucun."""


def lue(code: str, valeur: float) -> str:
    """Une valeur d'usage telle qu'elle se lit en français : « 36,8 »."""
    return f"{valeur:.{DECIMALES.get(code, 0)}f}".replace(".", ",")


def valeur_lue(mesure: Mesure | None) -> str:
    """La valeur d'une mesure telle qu'elle se lit, ou vide."""
    valeur = usuelle(mesure)[0] if mesure is not None else None
    return "" if mesure is None or valeur is None else lue(mesure.code, valeur)


def attente(visite: Visite, direct: EtatDirect) -> str:
    """La phrase honnête sur l'attente."""
    if direct.minutes is not None:
        return _avec("attente-minutes", minutes=max(1, direct.minutes))
    return "attente-minutes-inconnues" if direct.medecins_presents else "attente-sans-medecin"


def disponibilite(direct: EtatDirect) -> str:
    """La phrase de l'accueil sur la présence d'un médecin."""
    if not direct.liaison_salle:
        return "accueil-salle-injoignable"
    if direct.minutes is not None and direct.medecins_presents:
        return _avec("accueil-attente-connue", minutes=max(1, direct.minutes))
    return "accueil-attente-presente" if direct.medecins_presents else "accueil-attente-inconnue"


# --- les étapes ---


def _fixes(*cles: str) -> Callable[[Visite, EtatDirect], Mots]:
    return lambda visite, direct: cles


def fermeture(direct: EtatDirect) -> str:
    """Pourquoi l'accueil n'invite personne : une borne qui ne peut rien garder est en panne elle aussi."""
    return direct.fermeture or ("panne" if direct.panne else "")


def mediateur_devant(visite: Visite, direct: EtatDirect) -> bool:
    """Vrai si le médiateur, appelé par l'aide, a pris l'écran."""
    etat = direct.technicien
    return visite.superposition is Superposition.AIDE and etat is not None and etat.mediateur


def _technicien(etat: EtatTechnicien) -> Mots:
    if etat.page is Page.MEDIATEUR:
        # Les valeurs n'y sont pas : ces mots peuvent être dits à voix haute, devant le patient.
        return ("mediateur-question", "mediateur-phrase" if etat.lignes else "mediateur-rien")
    if etat.page is Page.CODE:
        qui = "mediateur" if etat.mediateur else "technicien"
        return (f"{qui}-code-question", etat.erreur or "technicien-code-phrase")
    if etat.page is Page.MIRE:
        return ("technicien-mire-question",) if etat.teinte < 0 else ("nom-ecran-uni",)
    if etat.en_cours:
        return ("technicien-question", _avec("technicien-avancee", finis=etat.finis, total=etat.total))
    return ("technicien-question", etat.decision or "technicien-jamais")


def _accueil(visite: Visite, direct: EtatDirect) -> Mots:
    if direct.technicien is not None:
        return _technicien(direct.technicien)
    if raison := fermeture(direct):
        attendre = raison == "verification"
        secours = _avec("ferme-secours", lieu=direct.secours) if direct.secours else "ferme-sans-secours"
        suite = ("ferme-verification-suite",) if attendre else (secours,)
        phrase = direct.panne or f"ferme-{raison}-phrase"
        return (f"ferme-{raison}-question", phrase, *suite, "ferme-quinze")
    return ("accueil-bonjour", "accueil-question", "accueil-phrase", "accueil-gratuit", disponibilite(direct))


def gestes(nature: str, direct: EtatDirect) -> Mots:
    """Les clés des gestes de préparation de cette nature."""
    return tuple(direct.preparations.get(nature, ()))


def dernier_geste(visite: Visite, direct: EtatDirect) -> bool:
    """Vrai quand le geste montré est le dernier : après lui, la mesure commence."""
    return visite.releve().geste >= len(gestes(visite.nature, direct)) - 1


def remede(raison: str) -> Mots:
    """Ce qui n'a pas marché, et le geste qui répare quand l'appareil a nommé une maladresse."""
    return (raison, raison.replace("-faute-", "-remede-")) if "-faute-" in raison else (raison,)


def _mesure(visite: Visite, direct: EtatDirect) -> Mots:
    """Une consigne à la fois : le geste, ce que fait l'appareil, ou ce qui ne va pas."""
    nature, releve = visite.nature, visite.releve()
    if releve.phase is PhaseMesure.A_FAIRE:
        demandee: Mots = ("mesure-demandee",) if releve.demandee_par_medecin else ()
        a_faire = gestes(nature, direct)
        geste = a_faire[min(releve.geste, max(0, len(a_faire) - 1)) :][:1]
        return (f"mesure-{nature}-question", *geste, *demandee)
    if releve.phase is PhaseMesure.EN_COURS:
        return remede(direct.faute) if direct.faute else mesure_vivante(nature, direct)
    if releve.phase is PhaseMesure.FINIE:
        return ("mesure-finie-question", "mesure-finie-phrase", f"mesure-{nature}-retirer")
    if releve.phase is PhaseMesure.PASSEE:
        return ("mesure-passee-question", "mesure-passee-phrase", *remede(releve.raison)[:1])
    return ("mesure-echouee-question", *remede(releve.raison))


def mesure_vivante(nature: str, direct: EtatDirect) -> Mots:
    """Ce que fait l'appareil, et ce qu'il attend."""
    etat = direct.etape_mesure or "recherche"
    return (f"mesure-{nature}-{etat}-question", f"mesure-{nature}-{etat}-phrase")


def _attente(visite: Visite, direct: EtatDirect) -> Mots:
    if not direct.liaison_salle:
        return (
            "attente-injoignable-question",
            "attente-injoignable-phrase",
            "attente-injoignable-suite",
        )
    if visite.medecin:
        return (_avec("attente-medecin-question", medecin=visite.medecin), "attente-medecin-phrase")
    rang: Mots = ()
    if direct.rang is not None and direct.medecins_presents:
        rang = (_avec("attente-rang", rang=direct.rang, avant=max(0, direct.rang - 1)),)
    pret: Mots = ("attente-pret",) if visite.pret else ()
    return ("attente-question", *rang, attente(visite, direct), *pret)


def _preparation(visite: Visite, direct: EtatDirect) -> Mots:
    son = {None: "preparation-entendre", True: "preparation-son-oui", False: "preparation-son-non"}
    medecin: Mots = (_avec("preparation-medecin", medecin=visite.medecin),) if visite.medecin else ()
    camera: Mots = () if direct.camera_disponible else ("preparation-camera-absente",)
    return (
        "preparation-question",
        *medecin,
        "preparation-asseoir",
        "preparation-regarder",
        *camera,
        son[visite.son_entendu],
    )


def _consultation(visite: Visite, direct: EtatDirect) -> Mots:
    return (*etat_appel(visite, direct), *consigne(visite, direct), *dernier_message(visite))


def incident(direct: EtatDirect) -> Mots:
    """Ce qui manque en ce moment à la consultation ; le plus gênant seulement (une idée à la fois)."""
    if not direct.liaison_salle:
        return ("incident-salle-injoignable",)
    if not direct.camera_disponible:
        return ("incident-camera-perdue",)
    return ("erreur-stethoscope-absent",) if direct.stethoscope_absent else ()


def etat_appel(visite: Visite, direct: EtatDirect) -> Mots:
    """Où en est l'appel, et quoi faire."""
    nomme = "" if visite.medecin else "-sans-nom"
    if visite.appel.rappel is not None:
        return rappel_telephonique(visite, visite.appel.rappel)
    if visite.appel.medecin_absent and visite.appel.etat is not EtatAppel.ETABLI:
        return ("consultation-absent-question", "consultation-absent-phrase")
    if visite.appel.etat is EtatAppel.PERDU:
        return ("consultation-perdu-question", "consultation-perdu-phrase", "consultation-perdu-suite")
    if visite.appel.etat is EtatAppel.ETABLI:
        # Dans l'image, et non dans la consigne : pendant un examen, elle parle d'autre chose.
        etat = "etablie-question" if visite.appel.niveau is not NiveauLien.SON_SEUL else "entendu-question"
        etat = "micro-coupe" if direct.micro_medecin_coupe else etat
        return (_avec(f"consultation-{etat}{nomme}", medecin=visite.medecin),)
    return (_avec(f"consultation-connexion-question{nomme}", medecin=visite.medecin), "consultation-connexion-phrase")


def rappel_telephonique(visite: Visite, raison: RaisonRappel) -> Mots:
    """L'appel ne suffit plus : pourquoi, et sur quel numéro le médecin téléphone (VISITE-RAPPEL)."""
    numero = "".join(c for c in visite.champ("telephone") if c.isdigit() or c == "+")
    pourquoi, suite = f"consultation-rappel-{raison}", "consultation-rappel-suite"
    if not numero:
        return ("consultation-rappel-question-sans-numero", pourquoi, "consultation-rappel-sans-numero", suite)
    paires = " ".join(numero[i : i + 2] for i in range(0, len(numero), 2)) if numero.startswith("0") else numero
    return ("consultation-rappel-question", pourquoi, _avec("consultation-rappel-numero", numero=paires), suite)


CAMERAS_TENUES: Final = ("examen", "document")
"""Celles dont le patient doit faire quelque chose."""


def consigne(visite: Visite, direct: EtatDirect) -> Mots:
    """Ce que le médecin demande de faire : stéthoscope, mesure."""
    releve = visite.releve()
    etabli = visite.appel.etat is EtatAppel.ETABLI
    if visite.foyer is not None and etabli:
        poumon = visite.foyer.startswith("poumon-")
        # Une chose à faire à la fois : le conseil de pose passe avant la façon de respirer.
        conseil = direct.conseil_ecoute or ("consultation-ecoute-poumon" if poumon else "consultation-ecoute")
        return (f"consultation-foyer-{visite.foyer}", conseil)
    if direct.panne:
        return (direct.panne,)
    if direct.photo and etabli:
        return ("consultation-photo",)
    if visite.en_cours:
        return remede(direct.faute) if direct.faute else mesure_vivante(visite.en_cours, direct)
    if manque := incident(direct):
        return manque
    if not etabli:
        return ()
    if visite.camera in CAMERAS_TENUES:
        return (f"consultation-camera-{visite.camera}",)
    if releve.demandee_par_medecin and releve.phase is PhaseMesure.FINIE:
        return ("mesure-finie-question",)
    if releve.demandee_par_medecin and releve.raison:
        return remede(releve.raison)
    if visite.appel.niveau is NiveauLien.SON_SEUL:
        return ("consultation-son-seul", "consultation-son-seul-phrase")
    if direct.micro_medecin_coupe:
        return ("consultation-micro-coupe-phrase",)
    if direct.qualite_lien == "mauvaise":
        return ("consultation-lien-mauvais",)
    return ("consultation-parlez",)


def dernier_message(visite: Visite) -> Mots:
    """Le dernier mot écrit par le médecin."""
    recu = next((m for m in reversed(visite.messages) if m.du_medecin), None)
    return (_avec("consultation-message", texte=recu.texte),) if recu else ()


def _documents(visite: Visite, direct: EtatDirect) -> Mots:
    documents = visite.documents
    echoue = next((d for d in documents if d.etat is EtatImpression.ECHOUEE), None)
    if echoue is not None:
        return ("documents-echec-question", "documents-echec-phrase", echoue.raison)
    # Le résumé que la borne compose vient toujours : tant qu'il n'est pas là, tout n'est pas imprimé.
    if all(d.document != RESUME for d in documents):
        return ("documents-attente-question", "documents-attente-phrase")
    if all(d.etat is EtatImpression.IMPRIME for d in documents):
        return ("documents-finis-question", "documents-finis-phrase")
    return ("documents-question", "documents-phrase")


# --- les superpositions ---


def _quinze(visite: Visite, direct: EtatDirect) -> Mots:
    lieu: Mots = (_avec("quinze-lieu", lieu=direct.lieu),) if direct.lieu else ()
    adresse = _avec("quinze-adresse", adresse=direct.adresse) if direct.adresse else "quinze-adresse-inconnue"
    borne: Mots = (_avec("quinze-borne", numero=direct.numero_borne),) if direct.numero_borne else ()
    return ("quinze-question", "quinze-phrase", *lieu, adresse, *borne, *_mesures_a_lire(visite), "quinze-prevenu")


def _mesures_a_lire(visite: Visite) -> Mots:
    haute = entier(visite.derniere_mesure(SYSTOLIQUE))
    basse = entier(visite.derniere_mesure(DIASTOLIQUE))
    pouls = entier(visite.derniere_mesure(FREQUENCE_CARDIAQUE))
    lignes: list[str] = []
    if haute is not None and basse is not None:
        lignes.append(_avec("quinze-tension", systolique=haute, diastolique=basse))
    oxygene = entier(visite.derniere_mesure(SPO2))
    if pouls is not None and oxygene is not None:
        lignes.append(_avec("quinze-pouls-oxygene", pouls=pouls, oxygene=oxygene))
    elif pouls is not None:
        lignes.append(_avec("quinze-pouls", pouls=pouls))
    return tuple(lignes) or ("quinze-sans-mesure",)


def _presence(visite: Visite, direct: EtatDirect) -> Mots:
    derniere: Mots = ("presence-derniere",) if visite.relances > 1 else ()
    return ("presence-question", "presence-phrase", *derniere)


_ETAPES: Final[dict[Etape, Callable[[Visite, EtatDirect], Mots]]] = {
    Etape.ACCUEIL: _accueil,
    Etape.LANGUE: _fixes("langue-question", "langue-phrase"),
    Etape.CONSENTEMENT: _fixes(
        "consentement-question",
        "consentement-phrase-medecin",
        "consentement-phrase-mesures",
        "consentement-phrase-enregistrement",
        "consentement-phrase-retrait",
    ),
    Etape.PRENOM: _fixes("prenom-question", "prenom-phrase"),
    Etape.NOM: _fixes("nom-question", "nom-phrase"),
    Etape.NAISSANCE: _fixes("naissance-question", "naissance-phrase", "naissance-exemple"),
    Etape.TELEPHONE: _fixes("telephone-question", "telephone-phrase"),
    Etape.MOTIF: _fixes("motif-question", "motif-phrase"),
    Etape.MOTIF_AUTRE: _fixes("motif-autre-question", "motif-autre-phrase"),
    Etape.URGENCE: _fixes("urgence-question", *SIGNES_URGENCE, "urgence-phrase"),
    Etape.MESURE: _mesure,
    Etape.ATTENTE: _attente,
    Etape.PREPARATION: _preparation,
    Etape.CONSULTATION: _consultation,
    Etape.DOCUMENTS: _documents,
    Etape.ADIEU: _fixes("adieu-question", "adieu-phrase", "adieu-efface"),
    Etape.PROPRETE: _fixes("proprete-question", "proprete-phrase"),
    Etape.REFUS: _fixes("refus-question", "refus-phrase", "refus-suite"),
    Etape.RETRAIT: _fixes("retrait-question", "retrait-phrase", "retrait-suite"),
    Etape.EXPIREE: _fixes("expiree-question", "expiree-phrase", "expiree-suite"),
}

_SUPERPOSITIONS: Final[dict[Superposition, Callable[[Visite, EtatDirect], Mots]]] = {
    Superposition.AIDE: _fixes("aide-question", "aide-phrase", "aide-suite"),
    Superposition.QUINZE: _quinze,
    Superposition.PRESENCE: _presence,
    Superposition.CONFIRMER_RETRAIT: _fixes(
        "confirmer-retrait-question", "confirmer-retrait-phrase", "confirmer-retrait-suite"
    ),
    Superposition.CONFIRMER_FIN: _fixes("confirmer-fin-question", "confirmer-fin-phrase", "confirmer-fin-suite"),
    Superposition.ECRIRE: _fixes("ecrire-question"),
}
