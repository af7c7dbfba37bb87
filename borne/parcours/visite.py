"""`Visite` : l'état complet d'une visite, gelé. Se recalcule de ses événements, ne se modifie jamais."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from borne.mesures import TENSION, Mesure


class Etape(StrEnum):
    """Les écrans de la visite, dans l'ordre."""

    ACCUEIL = "accueil"
    LANGUE = "langue"
    CONSENTEMENT = "consentement"
    PRENOM = "prenom"
    NOM = "nom"
    NAISSANCE = "naissance"
    TELEPHONE = "telephone"
    MOTIF = "motif"
    MOTIF_AUTRE = "motif-autre"
    URGENCE = "urgence"
    MESURE = "mesure"
    ATTENTE = "attente"
    PREPARATION = "preparation"
    CONSULTATION = "consultation"
    DOCUMENTS = "documents"
    ADIEU = "adieu"
    PROPRETE = "proprete"
    REFUS = "refus"
    RETRAIT = "retrait"
    EXPIREE = "expiree"


class Superposition(StrEnum):
    """Ce qui se pose sur l'écran sans le quitter."""

    AUCUNE = ""
    AIDE = "aide"
    QUINZE = "quinze"
    PRESENCE = "presence"
    CONFIRMER_RETRAIT = "confirmer-retrait"
    CONFIRMER_FIN = "confirmer-fin"
    ECRIRE = "ecrire"


class PhaseMesure(StrEnum):
    """Où en est une mesure. Passée : trop d'essais ont échoué, on continue sans elle."""

    A_FAIRE = "a-faire"
    EN_COURS = "en-cours"
    FINIE = "finie"
    ECHOUEE = "echouee"
    PASSEE = "passee"


class EtatAppel(StrEnum):
    """Où en est l'appel."""

    AUCUN = "aucun"
    CONNEXION = "connexion"
    ETABLI = "etabli"
    PERDU = "perdu"


class NiveauLien(StrEnum):
    """Ce que le réseau laisse passer pendant un appel établi."""

    PLEIN = "plein"
    REDUIT = "reduit"
    SON_SEUL = "son-seul"
    TELEPHONE = "telephone"


class RaisonRappel(StrEnum):
    """Pourquoi le médecin est prié de téléphoner : plus rien ne passe, trop faible, jamais établi."""

    COUPURE = "coupure"
    DEBIT = "debit"
    ECHEC = "echec"


class EtatImpression(StrEnum):
    """Où en est un document."""

    EN_COURS = "en-cours"
    IMPRIME = "imprime"
    ECHOUEE = "echouee"


MOTIFS = ("douleur", "fievre", "toux", "ventre", "peau", "fatigue", "ordonnance", "autre")
"""Motifs proposés en pictogrammes, dans l'ordre de l'écran."""

A_NETTOYER = ("brassard", "stethoscope", "ecran", "siege")
"""Ce qui touche chaque patient (VISITE-HYGIENE)."""

A_NETTOYER_AUSSI = {
    "temperature": "thermometre",
    "saturation": "pince",
    "poids": "balance",
    "glycemie": "lecteur",
    "frequence": "ceinture",
}
"""Par nature, ce qui n'a touché que ceux dont on l'a mesurée."""

PRINCIPALE = "principale"
"""La caméra du visage, celle d'une consultation qui commence."""

RESUME = "resume"
"""Identifiant du document que la borne compose elle-même."""


@dataclass(frozen=True, slots=True)
class Releve:
    """La mesure d'une nature. `essai` : dernier essai armé ; `raison` : clé des textes après un échec.

    `echecs` : essais échoués d'affilée, ceux que quelqu'un a arrêtés non comptés. `geste` : rang du geste de
    préparation montré.
    """

    phase: PhaseMesure = PhaseMesure.A_FAIRE
    essai: int = 0
    raison: str = ""
    demandee_par_medecin: bool = False
    echecs: int = 0
    geste: int = 0


@dataclass(frozen=True, slots=True)
class ActeMesure:
    """Une ligne de la trace : un essai et son issue, une `raison` (clé des textes) ou des mesures."""

    nature: str
    essai: int
    instant: float
    raison: str = ""
    mesures: tuple[Mesure, ...] = ()


@dataclass(frozen=True, slots=True)
class Appel:
    """L'appel. `demande` : la page du médecin attend notre offre.

    `rappel` : le médecin est prié de rappeler au téléphone, et pourquoi ; None tant que l'appel suffit. `pertes` :
    numéro de la dernière perte, celui de sa minuterie.
    """

    etat: EtatAppel = EtatAppel.AUCUN
    essai: int = 0
    demande: bool = False
    medecin_absent: bool = False
    niveau: NiveauLien = NiveauLien.PLEIN
    rappel: RaisonRappel | None = None
    pertes: int = 0


@dataclass(frozen=True, slots=True)
class PhotoExamen:
    """Une ligne de la trace : une photo prise par cette caméra ; l'image n'est gardée nulle part."""

    camera: str
    instant: float


@dataclass(frozen=True, slots=True)
class MessageTexte:
    """Un message écrit. `du_medecin` : le sens."""

    du_medecin: bool
    texte: str
    instant: float


@dataclass(frozen=True, slots=True)
class DocumentPatient:
    """Un document à remettre sur papier. `travail` : numéro IPP une fois accepté."""

    document: str
    nom: str
    empreinte: str
    pages: int
    etat: EtatImpression
    essai: int
    travail: int | None = None
    raison: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """Un incident technique (VISITE-TRACE)."""

    code: str
    instant: float


@dataclass(frozen=True, slots=True)
class Preferences:
    """Réglages du patient, oubliés à la fin. `volume` : 0 (muet) à 4."""

    volume: int = 2
    grand_texte: bool = False
    contraste: bool = False


@dataclass(frozen=True, slots=True)
class Visite:
    """L'état d'une visite, tel qu'un écran le montre.

    `revision` change chaque fois que l'écran change (et non à chaque lettre) : un toucher fait sur un écran
    déjà remplacé est ignoré ; elle repart de 1 à chaque visite, pour que son dossier suffise à la rejouer.
    `recouverte` : la superposition que « êtes-vous là ? » cache, et qu'une réponse rend. `erreur` : clé des textes
    d'une saisie refusée, ou vide. `en_salle` : la salle connaît ce patient. `depart` : la raison de son départ de la
    salle, à redire après une coupure, ou vide. `debut_consultation` : premier instant où médecin et patient se sont
    vus. `natures` : ce qui se mesure avant l'attente, dans l'ordre ; `nature` : celle que montre l'écran de mesure.
    `relances` : questions de présence restées sans réponse. `a_nettoyer` : un appareil a touché le patient
    (VISITE-HYGIENE) ; à la propreté, `touches` : les natures dont l'appareil a servi, rien d'autre du patient.
    """

    id: str = ""
    etape: Etape = Etape.ACCUEIL
    superposition: Superposition = Superposition.AUCUNE
    recouverte: Superposition = Superposition.AUCUNE
    revision: int = 0
    langue: str = "fr"
    commencee: float = 0.0
    consentement: float | None = None
    champs: dict[str, str] = field(default_factory=dict)
    erreur: str = ""
    motifs: tuple[str, ...] = ()
    natures: tuple[str, ...] = (TENSION,)
    touches: tuple[str, ...] = ()
    nature: str = TENSION
    releves: dict[str, Releve] = field(default_factory=dict)
    actes: tuple[ActeMesure, ...] = ()
    mesures: tuple[Mesure, ...] = ()
    en_salle: bool = False
    depart: str = ""
    pret: bool = False
    son_entendu: bool | None = None
    medecin: str = ""
    appel: Appel = field(default_factory=Appel)
    foyer: str | None = None
    camera: str = PRINCIPALE
    photos: tuple[PhotoExamen, ...] = ()
    messages: tuple[MessageTexte, ...] = ()
    documents: tuple[DocumentPatient, ...] = ()
    finie_par: str = ""
    debut_consultation: float | None = None
    fin_consultation: float | None = None
    incidents: tuple[Incident, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    relances: int = 0
    minuterie: int = 0
    a_nettoyer: bool = False
    nettoyes: tuple[str, ...] = ()

    def champ(self, nom: str) -> str:
        """La saisie d'un champ (`prenom`, `nom`, `naissance`, `telephone`, `motif-autre`, `message`)."""
        return self.champs.get(nom, "")

    def releve(self, nature: str = "") -> Releve:
        """Où en est la mesure de cette nature ; par défaut, de celle que montre l'écran."""
        return self.releves.get(nature or self.nature, Releve())

    @property
    def en_cours(self) -> str:
        """La nature qui se mesure en ce moment, ou vide : il n'y en a jamais deux."""
        return next((nature for nature, r in self.releves.items() if r.phase is PhaseMesure.EN_COURS), "")

    def derniere_mesure(self, code: str) -> Mesure | None:
        """La dernière mesure de ce code LOINC, ou None."""
        return next((m for m in reversed(self.mesures) if m.code == code), None)
