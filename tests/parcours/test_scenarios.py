"""Les scénarios en français (`*.feature`) et les gestes qu'ils nomment."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from borne.mesures import CELSIUS, POURCENT, SPO2, SYSTOLIQUE, TEMPERATURE, Mesure
from borne.parcours import effets as f
from borne.parcours import evenements as e
from borne.parcours.etapes import delai
from borne.parcours.visite import Etape, EtatImpression, PhaseMesure, Preferences, Superposition
from tests.parcours.conduite import DEBUT, REPONSES, Conduite, sans_patient, tension

scenarios(".")

ECRANS = {
    "accueil": Etape.ACCUEIL,
    "langue": Etape.LANGUE,
    "accord": Etape.CONSENTEMENT,
    "prénom": Etape.PRENOM,
    "nom": Etape.NOM,
    "date de naissance": Etape.NAISSANCE,
    "téléphone": Etape.TELEPHONE,
    "motif": Etape.MOTIF,
    "motif à écrire": Etape.MOTIF_AUTRE,
    "signes graves": Etape.URGENCE,
    "tension": Etape.MESURE,
    "mesure": Etape.MESURE,
    "attente": Etape.ATTENTE,
    "préparation": Etape.PREPARATION,
    "consultation": Etape.CONSULTATION,
    "papiers": Etape.DOCUMENTS,
    "adieu": Etape.ADIEU,
    "nettoyage": Etape.PROPRETE,
    "refus": Etape.REFUS,
    "retrait": Etape.RETRAIT,
    "visite arrêtée": Etape.EXPIREE,
}

BOUTONS: dict[str, tuple[type[e.Toucher], dict[str, Any]]] = {
    "Continuer": (e.BoutonContinuer, {}),
    "Revenir": (e.BoutonRetour, {}),
    "Aide": (e.AideDemandee, {}),
    "15": (e.QuinzeDemande, {}),
    "Fermer": (e.SuperpositionFermee, {}),
    "Je suis là": (e.PresenceConfirmee, {}),
    "Je ne sais pas": (e.ReponseInconnue, {}),
    "Répéter": (e.RepetitionDemandee, {}),
    "J'accepte": (e.ConsentementDonne, {}),
    "Je refuse": (e.ConsentementRefuse, {}),
    "Retirer mon accord": (e.RetraitDemande, {}),
    "Oui, retirer": (e.ConsentementRetire, {}),
    "J'ai un de ces signes": (e.UrgenceRepondue, {"oui": True}),
    "Aucun de ces signes": (e.UrgenceRepondue, {"oui": False}),
    "J'ai fini": (e.GesteFait, {}),
    "Mesurer": (e.MesureDemandee, {}),
    "Arrêter": (e.MesureArretee, {}),
    "Écrire": (e.EcritureOuverte, {}),
    "Terminer": (e.FinDemandee, {}),
    "Oui, terminer": (e.FinConfirmee, {}),
    "Réessayer": (e.ImpressionRedemandee, {}),
    "Tout est propre": (e.PropreteConfirmee, {}),
}


@pytest.fixture
def c() -> Conduite:
    """La borne de ce scénario."""
    return Conduite()


def texte(motif: str) -> parsers.re:
    """Une phrase dont les mots entre guillemets peuvent être vides."""
    return parsers.re(motif + r"$")


def clotures(c: Conduite) -> list[f.Cloturer]:
    return [effet for effet in c.tous if isinstance(effet, f.Cloturer)]


# --- étant donné ---


@given("la borne libre")
def borne_libre(c: Conduite) -> None:
    assert c.visite.etape is Etape.ACCUEIL


@given(parsers.parse('une borne qui mesure "{natures}"'))
def borne_qui_mesure(c: Conduite, natures: str) -> None:
    c.commencer(natures=tuple(natures.split(", ")))


@given("une borne qui ne mesure rien avant l'attente")
def borne_sans_mesure(c: Conduite) -> None:
    c.commencer(natures=())


@given(parsers.parse('je suis à l\'écran "{ecran}"'))
def je_suis_a(c: Conduite, ecran: str) -> None:
    c.aller(ECRANS[ecran])


# --- mes gestes ---


@when("je touche l'écran d'accueil")
def toucher_accueil(c: Conduite) -> None:
    c.commencer()


@when("je choisis le français")
def choisir_langue(c: Conduite) -> None:
    c.toucher(e.LangueChoisie, langue="fr")


@when("je touche deux fois le français d'un seul coup")
def deux_touchers(c: Conduite) -> None:
    revision = c.visite.revision
    c.toucher(e.LangueChoisie, langue="fr", revision=revision)
    c.toucher(e.LangueChoisie, langue="fr", revision=revision)


@when(parsers.parse('je touche "{bouton}"'))
def toucher_bouton(c: Conduite, bouton: str) -> None:
    classe, champs = BOUTONS[bouton]
    c.toucher(classe, **champs)


@when(texte('je réponds "(?P<saisie>.*)"'))
def repondre(c: Conduite, saisie: str) -> None:
    c.repondre(saisie)


@when(texte('j\'écris "(?P<saisie>.*)"'))
def ecrire(c: Conduite, saisie: str) -> None:
    message = c.visite.superposition is Superposition.ECRIRE
    champ = "message" if message else next(nom for nom, etape in CHAMPS.items() if etape is c.visite.etape)
    c.toucher(e.SaisieModifiee, champ=champ, valeur=saisie)


CHAMPS = {"prenom": Etape.PRENOM, "nom": Etape.NOM, "naissance": Etape.NAISSANCE, "telephone": Etape.TELEPHONE}


@when(texte('j\'envoie "(?P<message>.*)"'))
def envoyer(c: Conduite, message: str) -> None:
    c.toucher(e.MessageEcrit, texte=message)


@when(parsers.parse('je coche le motif "{motif}"'))
def cocher_motif(c: Conduite, motif: str) -> None:
    c.toucher(e.MotifBascule, motif=motif)


@when(parsers.parse('je règle "{nom}" à {valeur:d}'))
def regler(c: Conduite, nom: str, valeur: int) -> None:
    c.toucher(e.PreferenceChangee, nom=nom, valeur=valeur)


@when("j'entends le son d'essai")
def son_entendu(c: Conduite) -> None:
    c.toucher(e.SonEssaye, entendu=True)


@when(parsers.parse("je reviens jusqu'à l'écran \"{ecran}\""))
def revenir_jusqu_a(c: Conduite, ecran: str) -> None:
    while c.visite.etape is not ECRANS[ecran]:
        c.toucher(e.BoutonRetour)


@when(parsers.parse('je vais à l\'écran "{ecran}"'))
def aller_a(c: Conduite, ecran: str) -> None:
    etape = ECRANS[ecran]
    if etape in (Etape.MOTIF, Etape.URGENCE, Etape.MESURE):
        revenir_jusqu_a(c, ecran)
    else:
        c.aller(etape)


@when("le temps passe sans que je touche rien")
def temps_passe(c: Conduite) -> None:
    c.echoir("inactivite")


@when(parsers.parse("le temps passe {fois:d} fois sans que je touche rien"))
def temps_passe_fois(c: Conduite, fois: int) -> None:
    for _ in range(fois):
        c.echoir("inactivite")


@when(parsers.parse('je laisse passer le temps et réponds "Je suis là" {fois:d} fois'))
def repondre_present(c: Conduite, fois: int) -> None:
    for _ in range(fois):
        c.echoir("inactivite")
        c.toucher(e.PresenceConfirmee)


@when("ma réponse part juste avant la deuxième question")
def reponse_tardive(c: Conduite) -> None:
    revision = c.visite.revision
    c.echoir("inactivite")
    c.toucher(e.PresenceConfirmee, revision=revision)


@when(parsers.parse('le médiateur coche "{element}"'))
def cocher_proprete(c: Conduite, element: str) -> None:
    c.toucher(e.ElementNettoye, element=element)


@when("tout est essuyé")
def tout_essuyer(c: Conduite) -> None:
    c.nettoyer()


@when("la borne redémarre")
def redemarrer(c: Conduite) -> None:
    c.redemarrer()


# --- le brassard ---


@when(parsers.parse("le brassard donne {haute:d} sur {basse:d}"))
def brassard_donne(c: Conduite, haute: int, basse: int) -> None:
    c.mesure_recue(float(haute), float(basse))


@when("le brassard ne trouve aucune valeur")
def brassard_nan(c: Conduite) -> None:
    c.mesure_recue(None, None)


@when(parsers.parse('le brassard échoue : "{raison}"'))
def brassard_echoue(c: Conduite, raison: str) -> None:
    c.rater(raison)


@when(parsers.parse('trois essais échouent : "{raison}"'))
def trois_echecs(c: Conduite, raison: str) -> None:
    for _ in range(3):
        c.toucher(e.MesureDemandee)
        c.rater(raison)


DONNEES = {
    "saturation": Mesure(SPO2, 96.0, POURCENT, DEBUT, "oxymètre"),
    "temperature": Mesure(TEMPERATURE, 37.2, CELSIUS, DEBUT, "thermomètre"),
}


@when(parsers.parse('l\'appareil donne sa mesure de "{nature}"'))
def appareil_donne(c: Conduite, nature: str) -> None:
    assert c.visite.nature == nature
    c.donner((DONNEES[nature],))


@when(parsers.parse("le résultat de l'essai {essai:d} arrive en retard"))
def resultat_en_retard(c: Conduite, essai: int) -> None:
    c.arriver(e.MesureRecue, nature="tension", essai=essai, mesures=tension(120.0, 80.0))
    c.arriver(e.MesureEchouee, nature="tension", essai=essai, raison="erreur-tension-perdu")


@when(parsers.parse("un résultat de \"{nature}\" arrive sans qu'on l'attende"))
def resultat_inattendu(c: Conduite, nature: str) -> None:
    c.arriver(e.MesureRecue, nature=nature, essai=1, mesures=(DONNEES[nature],))


# --- le médecin ---


@when(parsers.parse('"{medecin}" me prend en charge'))
def prise_en_charge(c: Conduite, medecin: str) -> None:
    c.arriver(e.PriseEnChargeRecue, medecin=medecin)


MEDECIN: dict[str, tuple[type[e.Evenement], dict[str, Any]]] = {
    "la page du médecin est prête": (e.AppelDemandeRecu, {}),
    "le médecin ferme sa page": (e.MedecinAbsente, {}),
    "le médecin demande la tension": (e.MesureDemandeeParMedecin, {"nature": "tension"}),
    "le médecin demande la saturation": (e.MesureDemandeeParMedecin, {"nature": "saturation"}),
    "le médecin arrête la mesure": (e.ArretMesureDemande, {}),
    "le médecin finit son écoute": (e.EcouteArretee, {}),
    "le stéthoscope se débranche": (e.EcouteArretee, {"raison": "erreur-stethoscope-absent"}),
    "le médecin termine": (e.ConsultationFinie, {}),
    "le médecin envoie un fichier illisible": (
        e.DocumentRefuse,
        {"document": "ordonnance", "nom": "ordonnance", "raison": "erreur-document-pas-pdf"},
    ),
}


@when(parsers.re("(?P<phrase>" + "|".join(MEDECIN) + ")$"))
def medecin_agit(c: Conduite, phrase: str) -> None:
    classe, champs = MEDECIN[phrase]
    c.arriver(classe, **champs)


@when("l'image et le son passent")
def appel_etabli(c: Conduite) -> None:
    c.arriver(e.AppelEtabli, essai=c.visite.appel.essai)


@when("l'appel se coupe")
def appel_perdu(c: Conduite) -> None:
    c.arriver(e.AppelPerdu, essai=c.visite.appel.essai)


@when("l'appel ne revient pas")
def appel_ne_revient_pas(c: Conduite) -> None:
    c.echoir("telephone")


@when(parsers.parse('le lien devient "{niveau}"'))
def lien_change(c: Conduite, niveau: str) -> None:
    c.arriver(e.LienChange, essai=c.visite.appel.essai, niveau=niveau)


@when("la borne rappelle")
def borne_rappelle(c: Conduite) -> None:
    c.echoir("rappel")


@when(parsers.parse('le médecin écoute mon cœur au foyer "{foyer}"'))
def medecin_ecoute(c: Conduite, foyer: str) -> None:
    c.arriver(e.EcouteDemandee, foyer=foyer)


@when(parsers.parse('le médecin m\'écrit "{message}"'))
def medecin_ecrit(c: Conduite, message: str) -> None:
    c.arriver(e.MessageRecu, texte=message)


@when(parsers.parse('le médecin envoie le papier "{document}"'))
def medecin_envoie(c: Conduite, document: str) -> None:
    c.document(document)


# --- l'imprimante ---


@when("le résumé est composé")
def resume_compose(c: Conduite) -> None:
    c.document("resume")


@when("l'imprimante sort tous les papiers")
def tout_imprimer(c: Conduite) -> None:
    c.imprimer_tout()


@when(parsers.parse('l\'impression échoue : "{raison}"'))
def impression_echoue(c: Conduite, raison: str) -> None:
    for papier in c.visite.documents:
        c.arriver(e.ImpressionEchouee, document=papier.document, essai=papier.essai, raison=raison)


@when(parsers.parse('le papier "{document}" sort'))
def papier_sort(c: Conduite, document: str) -> None:
    c.arriver(e.ImpressionFinie, document=document, essai=1)


@when("l'imprimante parle d'un essai dépassé")
def essai_depasse(c: Conduite) -> None:
    c.arriver(e.ImpressionFinie, document="ordonnance", essai=1)
    c.arriver(e.ImpressionEchouee, document="ordonnance", essai=1, raison="erreur-imprimante-papier")


# --- ce que je vois ---


@then(parsers.parse('je vois l\'écran "{ecran}"'))
def je_vois(c: Conduite, ecran: str) -> None:
    assert c.visite.etape is ECRANS[ecran]


@then(parsers.parse('la question "{question}" est posée'))
def question_posee(c: Conduite, question: str) -> None:
    assert c.visite.superposition == Superposition(question)


@then("aucune question n'est posée sur l'écran")
def aucune_question(c: Conduite) -> None:
    assert c.visite.superposition is Superposition.AUCUNE


@then("elle est dite, et me laisse au moins 20 secondes")
def dite_avec_delai(c: Conduite) -> None:
    assert any(isinstance(effet, f.Dire) for effet in c.effets)
    assert (delai(c.visite) or 0.0) >= 20.0


@then("aucun délai ne court")
def aucun_delai(c: Conduite) -> None:
    assert c.minuteries["inactivite"].delai_s is None


@then(parsers.parse("le 15 reste affiché au moins {minutes:d} minutes"))
def quinze_reste(c: Conduite, minutes: int) -> None:
    assert (c.minuteries["inactivite"].delai_s or 0.0) >= 60.0 * minutes


@then(parsers.parse('l\'erreur "{erreur}" est écrite et dite'))
def erreur_dite(c: Conduite, erreur: str) -> None:
    assert c.visite.erreur == erreur
    assert f.Dire((erreur,), 2, "fr") in c.effets


@then("aucune erreur n'est écrite")
def aucune_erreur(c: Conduite) -> None:
    assert c.visite.erreur == ""


@then(texte('le champ "(?P<champ>.*)" contient "(?P<valeur>.*)"'))
def champ_contient(c: Conduite, champ: str, valeur: str) -> None:
    assert c.visite.champ(champ) == valeur


@then(parsers.parse('mes motifs sont "{motifs}"'))
def mes_motifs(c: Conduite, motifs: str) -> None:
    assert c.visite.motifs == tuple(motifs.split(","))


@then("le motif écrit est oublié")
def motif_oublie(c: Conduite) -> None:
    assert c.visite.champ("motif-autre") == ""


@then("mon numéro est inconnu")
def numero_inconnu(c: Conduite) -> None:
    assert "telephone" not in c.visite.champs


@then("mon accord est daté")
def accord_date(c: Conduite) -> None:
    assert c.visite.consentement == c.instant


@then("mon accord n'est plus donné")
def accord_repris(c: Conduite) -> None:
    assert c.visite.consentement is None


@then("les réglages sont ceux que j'ai choisis")
def reglages_choisis(c: Conduite) -> None:
    assert c.visite.preferences == Preferences(volume=4, grand_texte=True, contraste=True)


@then("les réglages sont ceux de tout le monde")
def reglages_communs(c: Conduite) -> None:
    assert c.visite.preferences == Preferences()


@then("l'écran est redit plus fort")
def redit(c: Conduite) -> None:
    assert f.Dire((), 4, "fr") in c.effets


@then("mes réponses sont toutes là")
def reponses_la(c: Conduite) -> None:
    ordre = list(Etape)
    attendues = {} if c.visite.consentement is None else REPONSES
    for etape, reponse in attendues.items():
        if ordre.index(etape) < ordre.index(c.visite.etape) and etape is not Etape.MOTIF_AUTRE:
            assert c.visite.champ(etape.value) == reponse


# --- ce que la borne fait ---


@then(parsers.parse('la sonnerie "{raison}" retentit'))
def sonne(c: Conduite, raison: str) -> None:
    assert c.sonne == raison


@then("aucune sonnerie ne retentit")
def silence(c: Conduite) -> None:
    assert c.sonne == ""


@then("le brassard est en marche")
def brassard_en_marche(c: Conduite) -> None:
    assert c.armee == ("tension", c.visite.releve("tension").essai)


@then("le brassard est arrêté")
def brassard_arrete(c: Conduite) -> None:
    assert c.armee is None
    assert any(isinstance(effet, f.ArreterMesure) for effet in c.tous)


@then(parsers.parse('la tension est "{phase}"'))
def phase_tension(c: Conduite, phase: str) -> None:
    assert c.visite.releve("tension").phase is PhaseMesure(phase)


@then(parsers.parse('la mesure de "{nature}" est "{phase}"'))
def phase_mesure(c: Conduite, nature: str, phase: str) -> None:
    assert c.visite.releve(nature).phase is PhaseMesure(phase)


@then(parsers.parse('l\'écran montre la mesure de "{nature}"'))
def nature_montree(c: Conduite, nature: str) -> None:
    assert (c.visite.etape, c.visite.nature) == (Etape.MESURE, nature)


@then(parsers.parse("je vois le geste {geste:d}"))
def geste_montre(c: Conduite, geste: int) -> None:
    assert c.visite.etape is Etape.MESURE
    assert c.visite.releve().geste == geste - 1


@then(parsers.parse('l\'appareil de "{nature}" est en marche'))
def appareil_en_marche(c: Conduite, nature: str) -> None:
    assert c.armee == (nature, c.visite.releve(nature).essai)


@then("la mesure a été demandée par le médecin")
def demandee_par_medecin(c: Conduite) -> None:
    assert c.visite.releve().demandee_par_medecin


@then(parsers.parse("l'essai en cours porte le numéro {essai:d}"))
def numero_essai(c: Conduite, essai: int) -> None:
    assert c.armee == ("tension", essai)


@then("la mesure est gardée")
def mesure_gardee(c: Conduite) -> None:
    mesure = c.visite.derniere_mesure(SYSTOLIQUE)
    assert mesure is not None
    assert mesure.valeur == 128.0


@then("aucune mesure n'est gardée")
def aucune_mesure(c: Conduite) -> None:
    assert c.visite.mesures == ()


@then(parsers.parse('la trace dit "{raison}"'))
def trace_dit(c: Conduite, raison: str) -> None:
    assert c.visite.actes[-1].raison == raison


@then(parsers.parse("la trace a {nombre:d} essais"))
def trace_essais(c: Conduite, nombre: int) -> None:
    assert len(c.visite.actes) == nombre


@then(parsers.parse('un incident "{code}" est noté'))
def incident_note(c: Conduite, code: str) -> None:
    assert code in [incident.code for incident in c.visite.incidents]


@then("la salle me connaît")
def salle_connait(c: Conduite) -> None:
    assert c.visite.en_salle
    assert f.RejoindreSalle() in c.tous


@then("la salle ne me connaît plus")
def salle_ne_connait_plus(c: Conduite) -> None:
    entrees = [x for x in c.tous if isinstance(x, f.RejoindreSalle | f.QuitterSalle | f.ComposerResume)]
    assert not c.visite.en_salle
    assert not entrees or not isinstance(entrees[-1], f.RejoindreSalle)


@then("la salle m'oublie")
def salle_oublie(c: Conduite) -> None:
    assert not c.visite.en_salle
    assert c.visite.depart
    assert f.QuitterSalle(c.visite.id, c.visite.depart) in c.tous


@then("la salle l'apprend de nouveau")
def salle_reapprend(c: Conduite) -> None:
    assert f.QuitterSalle(c.visite.id, "consentement") in c.effets


@then("la salle sait que je suis prêt")
def salle_pret(c: Conduite) -> None:
    assert f.AnnoncerPret() in c.effets


@then("aucun médecin ne me suit")
def aucun_medecin(c: Conduite) -> None:
    assert c.visite.medecin == ""
    assert not c.visite.appel.demande


@then("la borne appelle")
def borne_appelle(c: Conduite) -> None:
    assert f.Appeler(c.visite.appel.essai) in c.effets


@then("la borne n'appelle pas")
def borne_n_appelle_pas(c: Conduite) -> None:
    assert not any(isinstance(effet, f.Appeler) for effet in c.effets)


@then("la borne ne tente plus rien")
def ne_tente_plus(c: Conduite) -> None:
    assert f.SuspendreAppel() in c.effets


@then(parsers.parse('le médecin est prié de téléphoner pour "{raison}"'))
def telephoner(c: Conduite, raison: str) -> None:
    assert f.AnnoncerRappel(raison, True) in c.effets


@then("le médecin n'a plus à téléphoner")
def plus_a_telephoner(c: Conduite) -> None:
    assert any(isinstance(effet, f.AnnoncerRappel) and not effet.actif for effet in c.effets)
    assert c.visite.appel.rappel is None


@then("personne n'est prié de téléphoner")
def personne_ne_telephone(c: Conduite) -> None:
    assert not any(isinstance(effet, f.AnnoncerRappel) for effet in c.effets)


@then("la borne me le dit")
def borne_le_dit(c: Conduite) -> None:
    assert any(isinstance(effet, f.Dire) for effet in c.effets)


@then("la borne se tait")
def borne_se_tait(c: Conduite) -> None:
    assert not any(isinstance(effet, f.Dire) for effet in c.effets)


@then("la borne a raccroché")
def raccroche(c: Conduite) -> None:
    assert c.appel == 0
    assert f.Raccrocher() in c.tous


@then(parsers.parse('l\'appel est "{etat}"'))
def etat_appel(c: Conduite, etat: str) -> None:
    assert c.visite.appel.etat.value == etat


@then("le médecin est absent")
def medecin_absent(c: Conduite) -> None:
    assert c.visite.appel.medecin_absent


@then("le stéthoscope est rouvert")
def stethoscope_rouvert(c: Conduite) -> None:
    assert f.Ecouter("mitral") in c.effets


@then("le stéthoscope est fermé")
def stethoscope_ferme(c: Conduite) -> None:
    assert c.ecoute is None
    assert any(isinstance(effet, f.Ecouter) and effet.foyer is None for effet in c.tous)


@when(parsers.parse('le médecin choisit la caméra "{camera}"'))
def camera_choisie(c: Conduite, camera: str) -> None:
    c.arriver(e.CameraChoisie, camera=camera)


@when(parsers.parse('la caméra choisie se perd, "{raison}"'))
def camera_perdue(c: Conduite, raison: str) -> None:
    c.arriver(e.CameraChoisie, camera="principale", raison=raison)


@when("le médecin prend une photo")
def photo_prise(c: Conduite) -> None:
    c.arriver(e.PhotoPrise, camera=c.visite.camera)


@then(parsers.parse('la borne émet la caméra "{camera}"'))
def camera_emise(c: Conduite, camera: str) -> None:
    assert (c.camera, c.visite.camera) == (camera, camera)


@then(parsers.parse('la borne dit "{cle}"'))
def borne_dit(c: Conduite, cle: str) -> None:
    assert [effet.cles for effet in c.effets if isinstance(effet, f.Dire)] == [(cle,)]


@then("la borne ne dit rien")
def borne_muette(c: Conduite) -> None:
    assert not any(isinstance(effet, f.Dire) for effet in c.effets)


@then(parsers.parse("{nombre:d} photos sont dans la trace"))
def photos_dans_la_trace(c: Conduite, nombre: int) -> None:
    assert len(c.visite.photos) == nombre


@then(parsers.parse('le médecin reçoit "{message}"'))
def medecin_recoit(c: Conduite, message: str) -> None:
    assert f.EnvoyerMessage(message, c.instant) in c.effets


@then("rien n'est envoyé")
def rien_envoye(c: Conduite) -> None:
    assert not any(isinstance(effet, f.EnvoyerMessage) for effet in c.effets)


@then(parsers.parse('le médecin apprend que "{document}" est "{etat}"'))
def medecin_apprend(c: Conduite, document: str, etat: str) -> None:
    annonces = [x for x in c.effets if isinstance(x, f.AnnoncerDocument)]
    assert (document, etat) in [(x.document, x.etat) for x in annonces]


@then(parsers.parse("j'ai {nombre:d} papiers"))
def nombre_papiers(c: Conduite, nombre: int) -> None:
    assert len(c.visite.documents) == nombre
    assert len([x for x in c.tous if isinstance(x, f.Imprimer)]) == nombre


@then(parsers.parse("{nombre:d} papier s'imprime encore"))
def papiers_en_cours(c: Conduite, nombre: int) -> None:
    assert len([d for d in c.visite.documents if d.etat is EtatImpression.EN_COURS]) == nombre


@then("tous mes papiers sont sortis")
def papiers_sortis(c: Conduite) -> None:
    assert [d.etat for d in c.visite.documents] == [EtatImpression.IMPRIME] * 2


@then(parsers.parse('le papier "{document}" est retiré de l\'imprimante'))
def papier_retire(c: Conduite, document: str) -> None:
    assert ("visite-1", document) in [(x.visite, x.document) for x in c.tous if isinstance(x, f.AnnulerImpression)]


@then("l'imprimante est interrogée avant d'imprimer encore")
def imprimante_interrogee(c: Conduite) -> None:
    assert [x.reprise for x in c.effets if isinstance(x, f.Imprimer)] == [True]


@then("le résumé est redemandé")
def resume_redemande(c: Conduite) -> None:
    assert f.ComposerResume() in c.effets


@then("mon dossier est transmis")
def dossier_transmis(c: Conduite) -> None:
    assert [x.transmettre for x in clotures(c)] == [True]


@then("mon dossier est détruit")
def dossier_detruit(c: Conduite) -> None:
    assert [x.transmettre for x in clotures(c)] == [False]


@then("la borne ne garde rien de moi")
@then("la borne ne garde rien de moi à l'écran")
def rien_de_moi(c: Conduite) -> None:
    v = c.visite
    assert (v.champs, v.motifs, v.mesures, v.documents, v.messages, v.actes) == ({}, (), (), (), (), ())
    assert v.etape is not Etape.ACCUEIL or sans_patient(v)


@then("rien n'est encore essuyé")
def rien_essuye(c: Conduite) -> None:
    assert c.visite.nettoyes == ()


@then(parsers.parse('"{element}" est essuyé'))
def est_essuye(c: Conduite, element: str) -> None:
    assert element in c.visite.nettoyes
