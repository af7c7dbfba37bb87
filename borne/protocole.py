"""Les messages entre borne, salle et médecin : une seule définition typée, versionnée (msgspec, JSON). Pur.

Trois liaisons, chacune avec ses deux sens :

- borne <-> salle : WebSocket `/ws/borne` (`BorneVersSalle`, `SalleVersBorne`) ;
- médecin <-> salle : WebSocket `/ws/medecin` (`MedecinVersSalle`, `SalleVersMedecin`) ;
- borne <-> médecin : canal de données WebRTC `donnees`, ordonné et fiable (`Canal`, les deux sens).

Chaque message est un objet JSON dont le champ `type` donne le nom de la classe. Les instants sont en secondes
Unix (UTC), les contenus binaires en base64. La borne fait l'offre SDP (RFC 8829), le médecin répond.
"""

from __future__ import annotations

from typing import Final, Literal, TypeVar

import msgspec

from borne.mesures import Mesure

VERSION: Final = 1
"""Version du protocole : la salle refuse une borne d'une autre version, en le disant."""

TAILLE_MAX_MESSAGE: Final = 24 * 1024 * 1024
"""Octets d'un message WebSocket, documents compris."""
TAILLE_MAX_DOCUMENT: Final = 10 * 1024 * 1024
"""Octets d'un PDF à imprimer."""

CONTEXTE_DEFI: Final = b"borne-salle/1/defi:"
"""Préfixe signé avec le défi, pour qu'une signature ne serve qu'à cela."""

Raison = str


class Message(msgspec.Struct, frozen=True, tag_field="type", tag=True, forbid_unknown_fields=False):
    """Base de tous les messages."""


class ServeurGlace(msgspec.Struct, frozen=True):
    """Un serveur ICE (RTCIceServer, W3C WebRTC 4.2.2)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


# --- vocabulaire commun ---


class Patient(msgspec.Struct, frozen=True):
    """Ce que le médecin voit de suite. `naissance` : date ISO 8601 ; `motifs` : clés (`douleur`...)."""

    visite: str
    prenom: str
    nom: str
    naissance: str
    telephone: str
    motifs: tuple[str, ...] = ()
    motif_libre: str = ""
    langue: str = "fr"
    mesures: tuple[Mesure, ...] = ()
    depuis: float = 0.0


class LigneAttente(msgspec.Struct, frozen=True):
    """Une ligne de la liste d'attente. `prise_par` : nom du médecin qui suit ce patient, ou None."""

    patient: Patient
    borne: str
    lieu: str
    prise_par: str | None = None
    pret: bool = False
    connectee: bool = True


class Candidat(Message, frozen=True):
    """Candidat ICE au fil de l'eau (RFC 8838). `candidat` vide : fin des candidats."""

    visite: str
    appel: str
    candidat: str
    mid: str | None = None
    ligne: int | None = None


# --- borne -> salle ---


class Identification(Message, frozen=True):
    """Réponse au défi. `signature` : base64 d'Ed25519 (RFC 8032) sur CONTEXTE_DEFI + défi."""

    version: int
    borne: str
    signature: str


class PatientEnAttente(Message, frozen=True):
    """Entre en salle d'attente ou met à jour (idempotent : même visite, même place)."""

    patient: Patient


class PatientPret(Message, frozen=True):
    """Le patient est installé : le médecin peut appeler."""

    visite: str


class PatientParti(Message, frozen=True):
    """Le patient quitte la file ou la consultation."""

    visite: str
    raison: Raison


class Offre(Message, frozen=True):
    """Offre SDP de la borne ; `appel` distingue les tentatives."""

    visite: str
    appel: str
    sdp: str


class Alerte(Message, frozen=True):
    """Aide ou 15 demandés à la borne : sonne chez les médecins. `visite` vide hors visite."""

    visite: str
    raison: Literal["aide", "quinze"]
    instant: float
    active: bool = True


class DepotDossier(Message, frozen=True):
    """Le dossier de fin de visite. `empreinte` : SHA-256 hexadécimal des octets décodés de `contenu`."""

    visite: str
    empreinte: str
    contenu: bytes


class EtatDocument(Message, frozen=True):
    """Ce qu'est devenu un document (borne -> salle -> médecin)."""

    visite: str
    document: str
    etat: Literal["recu", "refuse", "imprime", "echec"]
    raison: Raison = ""


BorneVersSalle = (
    Identification
    | PatientEnAttente
    | PatientPret
    | PatientParti
    | Offre
    | Candidat
    | Alerte
    | DepotDossier
    | EtatDocument
)

# --- salle -> borne ---


class Defi(Message, frozen=True):
    """Premier message de la salle : 32 octets à signer."""

    version: int
    defi: bytes


class Accueillie(Message, frozen=True):
    """La borne est reconnue. `glace` : serveurs ICE, explicites, éventuellement aucun."""

    borne: str
    lieu: str
    glace: tuple[ServeurGlace, ...] = ()


class Refusee(Message, frozen=True):
    """La borne est refusée (inconnue, révoquée, version) : la liaison se ferme."""

    raison: Raison


class Attente(Message, frozen=True):
    """Place dans la file. `minutes` : estimation honnête, None quand la salle ne sait pas."""

    visite: str
    rang: int
    minutes: int | None
    medecins_presents: int


class PriseEnCharge(Message, frozen=True):
    """Un médecin prend ce patient."""

    visite: str
    medecin: str


class AppelDemande(Message, frozen=True):
    """La page du médecin est prête (ou revenue) : la borne fait une nouvelle offre."""

    visite: str


class Reponse(Message, frozen=True):
    """Réponse SDP du médecin (les deux sens de la salle)."""

    visite: str
    appel: str
    sdp: str


class Document(Message, frozen=True):
    """Un PDF à imprimer. `empreinte` : SHA-256 hexadécimal."""

    visite: str
    document: str
    nom: str
    empreinte: str
    contenu: bytes


class AccuseDossier(Message, frozen=True):
    """Le dossier de cette empreinte est conservé, chiffré et durable."""

    visite: str
    empreinte: str


class DossierRefuse(Message, frozen=True):
    """Le dossier n'a pas pu être conservé : la borne le garde et réessaie."""

    visite: str
    raison: Raison


class MedecinAbsent(Message, frozen=True):
    """La page du médecin s'est fermée pendant la prise en charge (`AppelDemande` suivra s'il revient)."""

    visite: str


class ConsultationTerminee(Message, frozen=True):
    """Le médecin a terminé."""

    visite: str


SalleVersBorne = (
    Defi
    | Accueillie
    | Refusee
    | Attente
    | PriseEnCharge
    | AppelDemande
    | Reponse
    | Candidat
    | Document
    | AccuseDossier
    | DossierRefuse
    | MedecinAbsent
    | ConsultationTerminee
)

# --- médecin <-> salle ---


class Prendre(Message, frozen=True):
    """Le médecin prend ce patient (ou revient vers lui)."""

    visite: str


class PretARecevoir(Message, frozen=True):
    """Caméra et micro du médecin ouverts : que la borne fasse son offre."""

    visite: str


class Notes(Message, frozen=True):
    """Notes du médecin, gardées jusqu'à la fin (les deux sens : la salle les rend à la reprise)."""

    visite: str
    texte: str


class Terminer(Message, frozen=True):
    """Le médecin termine la consultation."""

    visite: str


class AlerteVue(Message, frozen=True):
    """Le médecin a vu l'alerte de cette borne."""

    borne: str


MedecinVersSalle = Prendre | PretARecevoir | Reponse | Candidat | Notes | Terminer | AlerteVue


class Bienvenue(Message, frozen=True):
    """Premier message à la page. `glace` : serveurs ICE explicites."""

    medecin: str
    glace: tuple[ServeurGlace, ...] = ()


class ListeAttente(Message, frozen=True):
    """La file entière, à chaque changement (la plus ancienne d'abord)."""

    lignes: tuple[LigneAttente, ...]


class Prise(Message, frozen=True):
    """Réponse à `Prendre` : `acceptee`, sinon `medecin` dit qui suit déjà ce patient."""

    visite: str
    acceptee: bool
    medecin: str
    notes: str = ""


class AlerteBorne(Message, frozen=True):
    """Aide ou 15 demandés à une borne : sonne sur la page."""

    borne: str
    lieu: str
    visite: str
    raison: Literal["aide", "quinze"]
    instant: float
    active: bool = True


class BorneAbsente(Message, frozen=True):
    """La borne de cette visite a perdu sa liaison avec la salle (ou l'a retrouvée)."""

    visite: str
    absente: bool


class VisiteFinie(Message, frozen=True):
    """La visite que suivait ce médecin est finie, et pourquoi (`medecin`, `patient`, `consentement`...)."""

    visite: str
    raison: Raison


class Erreur(Message, frozen=True):
    """Refus d'une demande, en français clair."""

    raison: Raison


SalleVersMedecin = (
    Bienvenue
    | ListeAttente
    | Prise
    | Offre
    | Candidat
    | AlerteBorne
    | BorneAbsente
    | EtatDocument
    | Notes
    | VisiteFinie
    | Erreur
)

# --- canal de données borne <-> médecin ---


class MesureTransmise(Message, frozen=True):
    """Un résultat (borne -> médecin)."""

    mesures: tuple[Mesure, ...]


class EchantillonTransmis(Message, frozen=True):
    """Une valeur vivante (borne -> médecin). `nature` : LOINC ou nom court, comme `mesures.Echantillon`."""

    nature: str
    valeur: float
    unite: str
    instant: float


class EtatMesure(Message, frozen=True):
    """Où en est une mesure (borne -> médecin) ; `raison` : phrase française en cas d'échec."""

    appareil: Literal["tensiometre"]
    etat: Literal["demandee", "en_cours", "finie", "echouee", "arretee"]
    raison: Raison = ""


class DemandeTension(Message, frozen=True):
    """Médecin -> borne : prendre la tension."""


class ArretTension(Message, frozen=True):
    """Médecin -> borne : arrêter le brassard."""


Foyer = Literal["aortique", "pulmonaire", "tricuspide", "mitral"]
"""Foyers d'auscultation cardiaque."""


class DemandeEcoute(Message, frozen=True):
    """Médecin -> borne : écouter le cœur en ce foyer."""

    foyer: Foyer


class ArretEcoute(Message, frozen=True):
    """Médecin -> borne : fin de l'écoute."""


class EtatEcoute(Message, frozen=True):
    """Borne -> médecin : le stéthoscope parle (ou non), et pourquoi."""

    active: bool
    foyer: Foyer | None = None
    raison: Raison = ""


class Texte(Message, frozen=True):
    """Message écrit, les deux sens."""

    texte: str
    instant: float


class Battement(Message, frozen=True):
    """Signe de vie, une fois par seconde, les deux sens ; `numero` croît."""

    numero: int
    instant: float


class EchoBattement(Message, frozen=True):
    """Réponse immédiate à un `Battement` : même numéro, même instant (mesure de l'aller-retour)."""

    numero: int
    instant: float


Canal = (
    MesureTransmise
    | EchantillonTransmis
    | EtatMesure
    | DemandeTension
    | ArretTension
    | DemandeEcoute
    | ArretEcoute
    | EtatEcoute
    | Texte
    | Battement
    | EchoBattement
)

ENTREE_BORNE: Final = msgspec.json.Decoder(BorneVersSalle)
ENTREE_SALLE: Final = msgspec.json.Decoder(SalleVersBorne)
ENTREE_MEDECIN: Final = msgspec.json.Decoder(MedecinVersSalle)
ENTREE_PAGE: Final = msgspec.json.Decoder(SalleVersMedecin)
ENTREE_CANAL: Final = msgspec.json.Decoder(Canal)


class MessageInvalide(ValueError):
    """Octets qui ne sont pas un message du protocole (jamais leur contenu : il peut être de santé)."""


def encoder(message: Message) -> str:
    """Le message en JSON."""
    return msgspec.json.encode(message).decode()


T = TypeVar("T")


def decoder(entree: msgspec.json.Decoder[T], texte: str | bytes) -> T:
    """Un message reçu, par le décodeur de son sens (`ENTREE_...`) ; lève `MessageInvalide`."""
    try:
        return entree.decode(texte)
    except (msgspec.DecodeError, UnicodeDecodeError) as erreur:
        # Le texte de msgspec nomme le champ et le type attendus, jamais la valeur reçue.
        raise MessageInvalide(str(erreur)) from None
