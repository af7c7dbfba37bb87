"""Une régie de papier : fait avancer une visite, garde son dossier, et suit ce que les effets ont mis en marche.

Ce n'est pas un substitut de la régie : elle ne fait tourner que la fonction pure, et vérifie après chaque
événement que ce qui sonne, gonfle, appelle ou attend est exactement ce que l'écran montre.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from borne.mesures import BATTEMENTS_MINUTE, DIASTOLIQUE, FREQUENCE_CARDIAQUE, MMHG, SYSTOLIQUE, Mesure
from borne.parcours import effets as f
from borne.parcours import evenements as e
from borne.parcours.avancer import avancer, rejouer
from borne.parcours.etapes import ALERTES, FINS, TABLE, delai, elements_a_nettoyer
from borne.parcours.transitions import dessous
from borne.parcours.visite import (
    PRINCIPALE,
    Etape,
    EtatAppel,
    Preferences,
    Superposition,
    Visite,
)

DEBUT = 1_795_000_000.0
"""Un jour de 2026, en secondes Unix."""

REPONSES = {
    Etape.PRENOM: "Zoé",
    Etape.NOM: "L’Hôte-Nguyễn",
    Etape.NAISSANCE: "29021956",
    Etape.TELEPHONE: "0612345678",
    Etape.MOTIF_AUTRE: "une cicatrice",
}

SANS_ACCORD = (Etape.LANGUE, Etape.CONSENTEMENT, Etape.REFUS, Etape.RETRAIT, Etape.EXPIREE, Etape.PROPRETE)


class Conduite:
    """Une visite menée au fil de l'eau. `dossier` : les événements écrits depuis `VisiteCommencee`."""

    def __init__(self) -> None:
        self.visite = Visite()
        self.dossier: list[e.Evenement] = []
        self.effets: tuple[f.Effet, ...] = ()
        self.tous: list[f.Effet] = []
        self.instant = DEBUT
        self._numero = 0
        self._eteindre()

    def _eteindre(self) -> None:
        """Ce que le courant coupé arrête."""
        self.sonne = ""
        self.armee: tuple[str, int] | None = None
        """La nature et l'essai de l'appareil armé."""
        self.appel = 0
        self.ecoute: str | None = None
        self.camera = PRINCIPALE
        self.minuteries: dict[str, f.ArmerMinuterie] = {}

    # --- faire arriver ---

    def appliquer(self, evenement: e.Evenement) -> tuple[f.Effet, ...]:
        """Un tour de boucle, comme la régie : écrit, avance, exécute ; puis vérifie."""
        avant = self.visite
        if isinstance(evenement, e.BorneRedemarree):
            self._eteindre()
        mesure = isinstance(evenement, e.MesureRecue | e.MesureEchouee)
        if mesure and (evenement.nature, evenement.essai) == self.armee:
            self.armee = None
        self.visite, self.effets = avancer(avant, evenement)
        if self.visite is not avant or self.effets:
            self._ecrire(avant, evenement)
            self._executer(self.effets)
        effets = self.effets
        if self.visite.etape is Etape.PROPRETE and not self.visite.id:
            self.arriver(e.PropreteDue, visite=self._identifiant(), touches=self.visite.touches)
            self.effets = effets
        verifier(self)
        return effets

    def arriver(self, classe: type[e.Evenement], **champs: Any) -> tuple[f.Effet, ...]:
        """Un événement qui n'est pas un geste."""
        self.instant += 1.0
        return self.appliquer(classe(instant=self.instant, **champs))

    def toucher(self, classe: type[e.Toucher], **champs: Any) -> tuple[f.Effet, ...]:
        """Un geste sur l'écran tel qu'il est montré (ou tel qu'il était, avec `revision`)."""
        champs.setdefault("revision", self.visite.revision)
        return self.arriver(classe, **champs)

    def echoir(self, nom: str) -> tuple[f.Effet, ...]:
        """La minuterie armée sous ce nom arrive à son terme."""
        armee = self.minuteries.pop(nom)
        return self.arriver(e.MinuterieEchue, nom=nom, essai=armee.essai)

    def redemarrer(self) -> tuple[f.Effet, ...]:
        """Coupure : tout s'arrête, le dossier est rejoué, la borne se relève."""
        self._eteindre()
        self.visite = rejouer(self.dossier) if self.visite.id else Visite()
        return self.arriver(e.BorneRedemarree) if self.visite.id else ()

    def _identifiant(self) -> str:
        self._numero += 1
        return f"visite-{self._numero}"

    def _ecrire(self, avant: Visite, evenement: e.Evenement) -> None:
        if isinstance(evenement, e.VisiteCommencee | e.PropreteDue):
            self.dossier = []
        if avant.id or self.visite.id:
            self.dossier.append(evenement)

    def _executer(self, effets: tuple[f.Effet, ...]) -> None:
        self.tous.extend(effets)
        for effet in effets:
            match effet:
                case f.Sonner(raison=raison, active=active):
                    assert active or self.sonne == raison, "on arrête ce qui ne sonnait pas"
                    self.sonne = raison if active else ""
                case f.DemanderMesure(nature=nature, essai=essai):
                    assert self.armee is None, "deux essais à la fois"
                    self.armee = (nature, essai)
                case f.ArreterMesure(nature=nature, essai=essai):
                    assert self.armee in ((nature, essai), None)
                    self.armee = None
                case f.Appeler(essai=essai):
                    assert essai > self.appel
                    self.appel = essai
                case f.Raccrocher():
                    self.appel = 0
                case f.Ecouter(foyer=foyer):
                    self.ecoute = foyer
                case f.ChoisirCamera(camera=camera):
                    self.camera = camera
                case f.ArmerMinuterie(nom=nom):
                    self.minuteries[nom] = effet

    # --- le chemin ordinaire ---

    def commencer(self, **champs: Any) -> None:
        """Quelqu'un touche l'accueil."""
        self.arriver(e.VisiteCommencee, visite=self._identifiant(), **champs)

    def repondre(self, texte: str) -> None:
        """Écrit dans le champ de l'écran, puis continue."""
        self.toucher(e.SaisieModifiee, champ=TABLE[self.visite.etape].champ, valeur=texte)
        self.toucher(e.BoutonContinuer)

    def mesure_recue(self, systolique: float | None = 128.0, diastolique: float | None = 76.0) -> None:
        """Le brassard rend un résultat pour l'essai en cours."""
        self.donner(tension(systolique, diastolique))

    def donner(self, mesures: tuple[Mesure, ...]) -> None:
        """L'appareil rend ces mesures pour l'essai en cours."""
        nature = self.visite.nature
        self.arriver(e.MesureRecue, nature=nature, essai=self.visite.releve().essai, mesures=mesures)

    def rater(self, raison: str) -> None:
        """L'essai en cours échoue."""
        nature = self.visite.nature
        self.arriver(e.MesureEchouee, nature=nature, essai=self.visite.releve().essai, raison=raison)

    def aller(self, etape: Etape) -> None:
        """Par le chemin le plus ordinaire, de l'accueil à cet écran."""
        while self.visite.etape is not etape:
            self._un_pas(etape)

    def _un_pas(self, but: Etape) -> None:
        match self.visite.etape:
            case Etape.ACCUEIL:
                self.commencer()
            case Etape.LANGUE:
                self.toucher(e.LangueChoisie, langue="fr")
            case Etape.CONSENTEMENT if but is Etape.REFUS:
                self.toucher(e.ConsentementRefuse)
            case Etape.CONSENTEMENT:
                self.toucher(e.ConsentementDonne)
            case _ if but is Etape.RETRAIT:
                self.toucher(e.RetraitDemande)
                self.toucher(e.ConsentementRetire)
            case _ if but is Etape.EXPIREE:
                self.echoir("inactivite")
            case Etape.PRENOM | Etape.NOM | Etape.NAISSANCE | Etape.TELEPHONE | Etape.MOTIF_AUTRE as etape:
                self.repondre(REPONSES[etape])
            case Etape.MOTIF:
                self.toucher(e.MotifBascule, motif="autre" if but is Etape.MOTIF_AUTRE else "toux")
                self.toucher(e.BoutonContinuer)
            case Etape.URGENCE:
                self.toucher(e.UrgenceRepondue, oui=False)
            case Etape.MESURE:
                self.toucher(e.MesureDemandee)
                self.mesure_recue()
                self.toucher(e.BoutonContinuer)
            case Etape.ATTENTE:
                self.arriver(e.PriseEnChargeRecue, medecin="Docteure Martin")
            case Etape.PREPARATION:
                self.toucher(e.SonEssaye, entendu=True)
                self.toucher(e.BoutonContinuer)
            case Etape.CONSULTATION:
                self.etablir()
                self.document("ordonnance")
                self.arriver(e.ConsultationFinie)
            case Etape.DOCUMENTS:
                self.document("resume")
                self.imprimer_tout()
                self.toucher(e.BoutonContinuer)
            case Etape.ADIEU:
                self.toucher(e.BoutonContinuer)
            case Etape.PROPRETE:
                self.nettoyer()
                self.toucher(e.PropreteConfirmee)
            case autre:
                raise AssertionError(f"aucun chemin de {autre} à {but}")

    def etablir(self) -> None:
        """La page du médecin est prête, l'image et le son passent."""
        self.arriver(e.AppelDemandeRecu)
        self.arriver(e.AppelEtabli, essai=self.visite.appel.essai)

    def document(self, nom: str) -> tuple[f.Effet, ...]:
        """Un document vérifié est au dossier."""
        return self.arriver(e.DocumentRecu, document=nom, nom=nom, empreinte="0" * 64, pages=1)

    def imprimer_tout(self) -> None:
        """L'imprimante prend et sort tout ce qui lui a été envoyé."""
        for rang, document in enumerate(self.visite.documents):
            champs = {"document": document.document, "essai": document.essai}
            self.arriver(e.ImpressionAcceptee, travail=100 + rang, **champs)
            self.arriver(e.ImpressionFinie, **champs)

    def nettoyer(self) -> None:
        """Tout ce qui reste à cocher l'est."""
        for element in elements_a_nettoyer(self.visite):
            if element not in self.visite.nettoyes:
                self.toucher(e.ElementNettoye, element=element)


def tension(systolique: float | None, diastolique: float | None) -> tuple[Mesure, ...]:
    """Les mesures d'un brassard."""
    return (
        Mesure(SYSTOLIQUE, systolique, MMHG, DEBUT, "brassard"),
        Mesure(DIASTOLIQUE, diastolique, MMHG, DEBUT, "brassard"),
        Mesure(FREQUENCE_CARDIAQUE, None if systolique is None else 64.0, BATTEMENTS_MINUTE, DEBUT, "brassard"),
    )


def en_place(etape: Etape) -> Conduite:
    """Une visite amenée à cet écran."""
    conduite = Conduite()
    conduite.aller(etape)
    return conduite


def sans_patient(visite: Visite) -> bool:
    """Vrai si cet état ne porte rien d'un patient (ni identité, ni mesure, ni réglage)."""
    vierge = Visite(
        id=visite.id,
        etape=visite.etape,
        superposition=visite.superposition,
        revision=visite.revision,
        minuterie=visite.minuterie,
        relances=visite.relances,
        nettoyes=visite.nettoyes,
        # Les appareils qui ont servi sont à nettoyer : ils ne disent pas qui, ni ce qu'ils ont mesuré.
        touches=visite.touches if visite.etape is Etape.PROPRETE else (),
        erreur=visite.erreur,
    )
    return visite == vierge


def verifier(conduite: Conduite) -> None:
    """Ce qui doit être vrai après n'importe quel événement."""
    visite = conduite.visite
    _verifier_ecran(visite)
    _verifier_donnees(visite)
    alerte = dessous(visite)
    assert conduite.sonne == (alerte.value if alerte in ALERTES else ""), "la sonnerie ne suit pas l'écran"
    mesuree = visite.en_cours
    attendue = (mesuree, visite.releve(mesuree).essai) if mesuree else None
    assert conduite.armee == attendue, "l'appareil ne suit pas l'écran"
    if visite.appel.etat in (EtatAppel.ETABLI, EtatAppel.CONNEXION):
        assert conduite.appel == visite.appel.essai
    if visite.etape is not Etape.CONSULTATION:
        assert conduite.appel == 0, "l'appel survit à la consultation"
        assert conduite.ecoute is None, "le stéthoscope survit à la consultation"
        assert (conduite.camera, visite.camera) == (PRINCIPALE, PRINCIPALE), "la caméra d'examen survit"
    if visite.appel.etat is EtatAppel.ETABLI:
        assert conduite.camera == visite.camera, "la caméra émise n'est pas celle que l'écran montre"
    armee = conduite.minuteries.get("inactivite")
    assert (armee.delai_s if armee else None) == delai(visite), "la minuterie ne suit pas l'écran"
    assert armee is None or armee.essai == visite.minuterie


def _verifier_ecran(visite: Visite) -> None:
    assert visite.recouverte is Superposition.AUCUNE or visite.superposition is Superposition.PRESENCE
    if dessous(visite) in (Superposition.CONFIRMER_FIN, Superposition.ECRIRE):
        assert visite.etape is Etape.CONSULTATION
    if visite.en_cours:
        assert visite.etape in (Etape.MESURE, Etape.CONSULTATION)
        assert visite.nature == visite.en_cours
    assert visite.etape is not Etape.MESURE or visite.nature in visite.natures
    assert all(releve.geste >= 0 for releve in visite.releves.values())
    assert (visite.appel.etat is EtatAppel.AUCUN) or visite.etape is Etape.CONSULTATION
    assert visite.foyer is None or visite.etape is Etape.CONSULTATION
    if visite.appel.etat is EtatAppel.ETABLI:
        assert delai(visite) is None, "aucune limite pendant une consultation (A11Y-TEMPS)"


def _verifier_donnees(visite: Visite) -> None:
    if visite.etape is Etape.ACCUEIL:
        assert sans_patient(visite), "il reste quelque chose du patient"
    elif visite.etape is Etape.PROPRETE:
        # Le volume ou la taille que règle ici le médiateur sont les siens.
        assert sans_patient(replace(visite, preferences=Preferences())), "il reste quelque chose du patient"
    else:
        assert visite.id
    if visite.etape in FINS and visite.etape is not Etape.ADIEU:
        reste = replace(visite, commencee=0.0, depart="", a_nettoyer=False, preferences=Preferences(), langue="fr")
        assert sans_patient(reste), "un écran de fin montre encore le patient"
    if visite.consentement is None:
        assert visite.etape in (Etape.ACCUEIL, *SANS_ACCORD)
        assert not visite.en_salle, "la salle connaît un patient qui n'a pas donné son accord"
    ensuite = (Etape.ATTENTE, Etape.PREPARATION, Etape.CONSULTATION)
    assert visite.en_salle or visite.etape not in ensuite
