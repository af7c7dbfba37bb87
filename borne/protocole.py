"""Les messages entre borne, salle et médecin : une seule définition typée, versionnée (msgspec, JSON). Pur.

Trois liaisons, chacune avec ses deux sens :

- borne <-> salle : WebSocket `/ws/borne` (`BorneVersSalle`, `SalleVersBorne`) ;
- médecin <-> salle : WebSocket `/ws/medecin` (`MedecinVersSalle`, `SalleVersMedecin`) ;
- borne <-> médecin : canaux de données WebRTC ouverts par la borne : `donnees`, ordonné et fiable (`Canal`, les deux
  sens, JSON) ; `auscultation`, sans ordre ni retransmission (`TrameSon`, binaire, borne -> médecin) ; `examen`,
  ordonné et fiable (`MorceauPhoto`, binaire, borne -> médecin).

Chaque message est un objet JSON dont le champ `type` donne le nom de la classe. Les instants sont en secondes
Unix (UTC), les contenus binaires en base64. La borne fait l'offre SDP (RFC 8829), le médecin répond.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import msgspec

from borne.mesures import Mesure

VERSION: Final = 1
"""Version du protocole : la salle refuse une borne d'une autre version, en le disant."""

TAILLE_MAX_MESSAGE: Final = 24 * 1024 * 1024
"""Octets d'un message WebSocket, documents compris."""
TAILLE_MAX_DOCUMENT: Final = 10 * 1024 * 1024
"""Octets d'un PDF à imprimer."""

TEXTE_MAX: Final = 1000
"""Caractères montrés d'un `Texte`, au plus."""

CONTEXTE_DEFI: Final = b"borne-salle/1/defi:"
"""Préfixe signé avec le défi, pour qu'une signature ne serve qu'à cela."""
CONTEXTE_CERTIFICAT: Final = b"borne-salle/1/certificat:"
"""Préfixe signé avec ce que l'autotest dit de la borne (`CertificatBorne.signature`)."""
CONTEXTE_OFFRE: Final = b"borne-medecin/1/offre:"
"""Préfixe signé avec l'empreinte DTLS de la borne (`Offre.signature`)."""
CONTEXTE_CODE: Final = b"borne-medecin/1/code:"
"""Préfixe du code de sécurité que les deux côtés lisent à voix haute (`Revelation`)."""

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
    """Ce que le médecin voit de suite. `naissance` : date ISO 8601 ; `motifs` : clés (`douleur`...).

    `attention` : comme dans `MesureTransmise`, pour chacune de `mesures`. `natures` : ce que la borne sait mesurer
    (`AppareilsMesure`), et que `MesureSouhaitee` peut demander ; vide : une borne d'avant, qui n'a que la tension.
    """

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
    attention: tuple[int, ...] = ()
    natures: tuple[str, ...] = ()


class LigneAttente(msgspec.Struct, frozen=True):
    """Une ligne de la liste d'attente. `prise_par` : nom du médecin qui suit ce patient, ou None."""

    patient: Patient
    borne: str
    lieu: str
    prise_par: str | None = None
    pret: bool = False
    connectee: bool = True


class Candidat(Message, frozen=True):
    """Candidat ICE au fil de l'eau (RFC 8838). `candidat` vide : fin des candidats.

    `candidat`, `mid`, `ligne` : `candidate` (avec son préfixe `candidate:`), `sdpMid` et `sdpMLineIndex` de
    RTCIceCandidate (W3C WebRTC 4.8.1).
    """

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
    """Offre SDP de la borne ; `appel` distingue les tentatives.

    `engagement` : SHA-256 hexadécimal de l'aléa que `Revelation` dévoilera (comme ZRTP, RFC 6189 4.4.1.1).
    `signature` : base64 d'Ed25519 (RFC 8032) par la clé d'enrôlement de la borne sur CONTEXTE_OFFRE + les champs
    `visite`, `appel`, empreinte DTLS (RFC 8122, `sha-256 AB:CD...` telle qu'écrite dans le SDP, en majuscules après
    l'espace) et `engagement`, séparés par des retours à la ligne. La page la vérifie avec `Prise.cle_borne` et refuse
    l'appel si elle est fausse : une salle ou un relais qui change l'empreinte ne peut pas s'interposer.
    """

    visite: str
    appel: str
    sdp: str
    engagement: str = ""
    signature: str = ""


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


class RappelTelephonique(Message, frozen=True):
    """L'appel ne passe plus : que le médecin rappelle le patient au téléphone (borne -> salle -> médecin).

    `raison` : `coupure` (plus rien ne passe), `debit` (trop faible même pour la voix), `echec` (l'appel n'a jamais
    pu s'établir). `telephone` : le numéro donné par le patient, vide s'il n'en a pas. `actif` faux : l'appel est
    revenu, il n'y a plus à rappeler.
    """

    visite: str
    raison: Literal["coupure", "debit", "echec"]
    telephone: str = ""
    actif: bool = True


class EtatDocument(Message, frozen=True):
    """Ce qu'est devenu un document (borne -> salle -> médecin)."""

    visite: str
    document: str
    etat: Literal["recu", "refuse", "imprime", "echec"]
    raison: Raison = ""


Aptitude = Literal["prete", "prete avec reserves", "pas prete"]


class CertificatBorne(Message, frozen=True):
    """Ce que le dernier autotest dit de la borne : si elle peut accueillir. Redit à chaque liaison.

    `instant` : fin de l'autotest ; `expire` : au-delà, il ne prouve plus rien (secondes Unix entières, trois jours
    d'écart au plus). `empreinte` : SHA-256 hexadécimal du rapport, que la borne garde. `bloquants`, `reserves` : noms
    de contrôles (`camera:nettete`), sans espace, virgule ni saut de ligne.
    `signature` : base64 d'Ed25519 (RFC 8032) par la clé d'enrôlement de la borne sur CONTEXTE_CERTIFICAT + les champs
    `borne`, `profil`, `aptitude`, `instant`, `expire`, `empreinte`, `bloquants` et `reserves`, séparés par des
    retours à la ligne, les noms des deux derniers par des virgules. La salle refuse une signature fausse, un
    certificat périmé, daté de plus tard qu'elle, ou plus ancien que le dernier reçu ; le même, redit, ne change rien.
    """

    borne: str
    profil: Literal["mairie", "officine"]
    aptitude: Aptitude
    instant: int
    expire: int
    empreinte: str
    bloquants: tuple[str, ...] = ()
    reserves: tuple[str, ...] = ()
    signature: str = ""


def octets_certificat(certificat: CertificatBorne) -> bytes:
    """Les octets que la borne signe et que la salle vérifie."""
    c = certificat
    champs = (c.borne, c.profil, c.aptitude, str(c.instant), str(c.expire), c.empreinte)
    return CONTEXTE_CERTIFICAT + "\n".join((*champs, ",".join(c.bloquants), ",".join(c.reserves))).encode()


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
    | RappelTelephonique
    | CertificatBorne
)

# --- salle -> borne ---


class CertificatRefuse(Message, frozen=True):
    """La salle ne garde pas ce certificat ; la borne le dit à son technicien."""

    instant: int
    raison: Raison


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
    """La page du médecin est prête (ou revenue) : la borne fait une nouvelle offre.

    `glace` : serveurs ICE avec des secrets frais, qui remplacent ceux d'`Accueillie` ; vide : ils ne changent pas.
    """

    visite: str
    glace: tuple[ServeurGlace, ...] = ()


class GlaceRenouvelee(Message, frozen=True):
    """Salle -> borne et salle -> médecin : secrets TURN frais, avant que les précédents n'expirent.

    Un appel établi n'en change pas : ils servent à la prochaine (re)connexion.
    """

    glace: tuple[ServeurGlace, ...]


class Reponse(Message, frozen=True):
    """Réponse SDP du médecin (les deux sens de la salle). `alea` : 16 octets au hasard, en hexadécimal."""

    visite: str
    appel: str
    sdp: str
    alea: str = ""


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


class MesureSouhaitee(Message, frozen=True):
    """Médecin -> salle -> borne : avant l'appel, faire mesurer cette nature à un patient que ce médecin a pris.

    La borne guide le patient, qui revient ensuite où il en était. Pendant l'appel : `DemandeMesure`, par le canal.
    """

    visite: str
    nature: str


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
    | GlaceRenouvelee
    | Reponse
    | Candidat
    | Document
    | AccuseDossier
    | DossierRefuse
    | MedecinAbsent
    | MesureSouhaitee
    | ConsultationTerminee
    | CertificatRefuse
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


MedecinVersSalle = Prendre | PretARecevoir | Reponse | Candidat | MesureSouhaitee | Notes | Terminer | AlerteVue


class Bienvenue(Message, frozen=True):
    """Premier message à la page. `glace` : serveurs ICE explicites."""

    medecin: str
    glace: tuple[ServeurGlace, ...] = ()


class ListeAttente(Message, frozen=True):
    """La file entière, à chaque changement (la plus ancienne d'abord)."""

    lignes: tuple[LigneAttente, ...]


class Prise(Message, frozen=True):
    """Réponse à `Prendre` : `acceptee`, sinon `medecin` dit qui suit déjà ce patient.

    `cle_borne` : clé publique Ed25519 de la borne, en base64 ; la page la retient et signale un changement.
    `glace` : serveurs ICE avec des secrets frais, qui remplacent ceux de `Bienvenue` ; vide : ils ne changent pas.
    """

    visite: str
    acceptee: bool
    medecin: str
    notes: str = ""
    cle_borne: str = ""
    glace: tuple[ServeurGlace, ...] = ()


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
    | RappelTelephonique
    | GlaceRenouvelee
    | Notes
    | VisiteFinie
    | Erreur
)

# --- canal de données borne <-> médecin ---


class MesureTransmise(Message, frozen=True):
    """Un résultat (borne -> médecin). `attention`, mesure par mesure : 0 rien, 1 à regarder, 2 alerte.

    Des repères pour le médecin, jamais montrés au patient ; vide : la borne n'en donne pas.
    """

    mesures: tuple[Mesure, ...]
    attention: tuple[int, ...] = ()


class EchantillonTransmis(Message, frozen=True):
    """Une valeur vivante (borne -> médecin). `nature` : LOINC ou nom court, comme `mesures.Echantillon`."""

    nature: str
    valeur: float
    unite: str
    instant: float


class CourbeTransmise(Message, frozen=True):
    """Un morceau de courbe vivante (borne -> médecin), à la suite du précédent, dix fois par seconde au plus.

    `nature` : `pleth` (courbe du pouls d'un oxymètre). `valeurs` : de 0 à 1, à pas réguliers de `debut` à `fin`.
    """

    nature: str
    valeurs: tuple[float, ...]
    debut: float
    fin: float


PhaseTransmise = Literal["demandee", "en_cours", "finie", "echouee", "arretee"]


class EtatMesure(Message, frozen=True):
    """Où en est une mesure (borne -> médecin).

    `raison` : phrase française en cas d'échec ; pendant une mesure (`en_cours`), ce qui ne va pas en ce moment (doigt
    retiré), vide quand cela cesse. `appareil` : `tensiometre` pour la tension, sinon la nature ; ce champ est d'avant
    `nature`, qui le remplace.
    """

    appareil: str
    etat: PhaseTransmise
    raison: Raison = ""
    nature: str = "tension"


def appareil_de(nature: str) -> str:
    """`EtatMesure.appareil` pour cette nature."""
    return "tensiometre" if nature == "tension" else nature


class AppareilsMesure(Message, frozen=True):
    """Borne -> médecin, à l'ouverture du canal : ce qu'elle sait mesurer.

    `natures` : parmi `tension`, `temperature`, `saturation`, `poids`, `glycemie`, `frequence`. Sans ce message, la
    borne est d'avant les autres natures : elle ne connaît que `DemandeTension` et `ArretTension`.
    """

    natures: tuple[str, ...]


class DemandeMesure(Message, frozen=True):
    """Médecin -> borne : mesurer cette nature, une de celles d'`AppareilsMesure`. Celle en cours s'arrête."""

    nature: str


class ArretMesure(Message, frozen=True):
    """Médecin -> borne : arrêter la mesure en cours."""


class DemandeTension(Message, frozen=True):
    """Médecin -> borne : prendre la tension, comme `DemandeMesure` le fait de toute nature."""


class ArretTension(Message, frozen=True):
    """Médecin -> borne : arrêter la mesure, comme `ArretMesure`."""


Foyer = Literal[
    "aortique",
    "pulmonaire",
    "tricuspide",
    "mitral",
    "poumon-avant-haut-droit",
    "poumon-avant-haut-gauche",
    "poumon-avant-bas-droit",
    "poumon-avant-bas-gauche",
    "poumon-dos-haut-droit",
    "poumon-dos-haut-gauche",
    "poumon-dos-bas-droit",
    "poumon-dos-bas-gauche",
]
"""Foyers d'auscultation : quatre du cœur, huit champs pulmonaires (droite et gauche du patient)."""


def frequence_exacte(foyer: Foyer) -> int:
    """Hz du son exact de ce foyer : 8000 pour un poumon, 4000 pour le cœur."""
    return 8000 if foyer.startswith("poumon-") else 4000


class DemandeEcoute(Message, frozen=True):
    """Médecin -> borne : écouter en ce foyer ; pendant une écoute, changer de foyer."""

    foyer: Foyer


class ArretEcoute(Message, frozen=True):
    """Médecin -> borne : fin de l'écoute."""


class EtatEcoute(Message, frozen=True):
    """Borne -> médecin : le stéthoscope parle (ou non), et pourquoi. `ecoute` : numéro repris dans `TrameSon`."""

    active: bool
    foyer: Foyer | None = None
    raison: Raison = ""
    ecoute: int = 0


class AnalyseEcoute(Message, frozen=True):
    """Borne -> médecin, une fois par seconde pendant une écoute. `bpm` : None si la qualité ne le permet pas.

    `qualite` : de 0 à 1. `conseil` : ce que la borne montre au patient, en français, ou vide.
    """

    bpm: float | None
    qualite: float
    conseil: Raison = ""


class BlocsManquants(Message, frozen=True):
    """Médecin -> borne : renvoyer ces blocs du son exact (la borne garde les 15 dernières secondes)."""

    ecoute: int
    blocs: tuple[int, ...]


CameraNom = Literal["principale", "examen", "document"]
"""Principale : le visage ; examen : otoscope, dermatoscope ; document : à plat."""


class ChoixCamera(Message, frozen=True):
    """Médecin -> borne : émettre cette caméra sur la même piste, sans renégociation."""

    camera: CameraNom


class EtatCameras(Message, frozen=True):
    """Borne -> médecin, à l'ouverture du canal et à chaque changement : la caméra émise et celles qui répondent."""

    active: CameraNom
    presentes: tuple[CameraNom, ...]
    raison: Raison = ""


class Cadrage(Message, frozen=True):
    """Les deux sens : zoom fait à la borne, dans l'image du capteur, avant l'encodage.

    `x`, `y` : centre visé, de 0 à 1 de la largeur et de la hauteur du capteur ; `zoom` : 1 (tout) à 8. La borne
    répond par le cadrage obtenu : hors bornes, il est ramené au plus proche, et le cadre ne sort pas du capteur.
    Le cadre a les proportions de l'image émise : à 1, un capteur d'une autre forme (`EtatImage`) est bordé de noir.
    """

    x: float
    y: float
    zoom: float


class EtatImage(Message, frozen=True):
    """Borne -> médecin, une fois par seconde au plus : taille du capteur (pixels) et conseils de prise de vue."""

    camera: CameraNom
    largeur: int
    hauteur: int
    conseils: tuple[Literal["sombre", "eblouie", "contre_jour", "floue", "bougee"], ...] = ()


class Pointeur(Message, frozen=True):
    """Les deux sens : le doigt sur l'image, que chacun voit. De 0 à 1 du capteur ; None : retiré."""

    x: float | None = None
    y: float | None = None


class DemandePhoto(Message, frozen=True):
    """Médecin -> borne : une photo d'examen à la pleine définition du capteur. `photo` : identifiant de la page.

    `forme` : la photo telle quelle ; `page` : le document qu'elle montre, trouvé, redressé et éclairci ; `pdf` : les
    pages déjà demandées pendant cet appel, en un seul PDF, et la borne les oublie.
    """

    photo: str
    forme: Literal["photo", "page", "pdf"] = "photo"


class ArretPhoto(Message, frozen=True):
    """Médecin -> borne : ne plus envoyer cette photo."""

    photo: str


class PhotoAnnoncee(Message, frozen=True):
    """Borne -> médecin : la photo suit sur le canal `examen`.

    `numero` : celui de ses `MorceauPhoto` ; `octets` : sa longueur ; `empreinte` : SHA-256 hexadécimal ; `nature` :
    type MIME ; `pages` : celles que la borne tient pour le prochain PDF ; `remarques` : ce qui gênerait la lecture
    d'une page numérisée, en français. Elle ne touche aucun disque en clair.
    """

    photo: str
    numero: int
    camera: CameraNom
    octets: int
    empreinte: str
    largeur: int
    hauteur: int
    nature: Literal["image/png", "image/jpeg", "image/webp", "application/pdf"]
    instant: float
    pages: int = 0
    remarques: tuple[Raison, ...] = ()


class PhotoEchouee(Message, frozen=True):
    """Borne -> médecin : pas de photo, et pourquoi."""

    photo: str
    raison: Raison


class MicroMedecin(Message, frozen=True):
    """Médecin -> borne : son micro est coupé (ou rouvert) ; la borne le montre au patient."""

    coupe: bool


class Revelation(Message, frozen=True):
    """Borne -> médecin, à l'ouverture du canal : l'aléa (hexadécimal) dont `Offre.engagement` est le SHA-256.

    Le code de sécurité est le reste par 10 000, sur quatre chiffres, des huit premiers octets (gros-boutistes) de
    SHA-256(CONTEXTE_CODE + empreinte DTLS de la borne + celle du médecin + aléa de la borne + aléa du médecin),
    champs séparés par des retours à la ligne. L'engagement interdit de choisir l'aléa après coup : sans lui, quatre
    chiffres se cherchent par force brute.
    """

    alea: str


class TexteEnCours(Message, frozen=True):
    """Les deux sens : la ligne que l'autre est en train d'écrire, entière, à chaque lettre ; vide : rien.

    Le texte en temps réel d'EN 301 549, 6.2 : la ligne finie part en `Texte`.
    """

    texte: str


class EtatLien(Message, frozen=True):
    """Borne -> médecin, à chaque changement : ce que le réseau laisse passer de la borne.

    `plein` ; `reduit` (image réduite) ; `son_seul` (l'image est arrêtée, la voix passe) ; `telephone` (même la voix
    ne passe plus : `RappelTelephonique` suit par la salle).
    """

    niveau: Literal["plein", "reduit", "son_seul", "telephone"]


class Texte(Message, frozen=True):
    """Message écrit, les deux sens : 1000 caractères au plus, la borne ne montre pas la suite au patient."""

    texte: str
    instant: float


class Battement(Message, frozen=True):
    """Signe de vie, une ou deux fois par seconde, les deux sens ; `numero` croît."""

    numero: int
    instant: float


class EchoBattement(Message, frozen=True):
    """Réponse immédiate à un `Battement` : même numéro, même instant (mesure de l'aller-retour)."""

    numero: int
    instant: float


Canal = (
    MesureTransmise
    | EchantillonTransmis
    | CourbeTransmise
    | EtatMesure
    | AppareilsMesure
    | DemandeMesure
    | ArretMesure
    | DemandeTension
    | ArretTension
    | DemandeEcoute
    | ArretEcoute
    | EtatEcoute
    | AnalyseEcoute
    | BlocsManquants
    | ChoixCamera
    | EtatCameras
    | Cadrage
    | EtatImage
    | Pointeur
    | DemandePhoto
    | ArretPhoto
    | PhotoAnnoncee
    | PhotoEchouee
    | MicroMedecin
    | Revelation
    | EtatLien
    | Texte
    | TexteEnCours
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


# --- trames binaires ---

NOM_CANAL: Final = "donnees"
NOM_CANAL_AUSCULTATION: Final = "auscultation"
NOM_CANAL_EXAMEN: Final = "examen"

SECTIONS: Final = (
    ("0", "video", "image du médecin (H.264, ou VP8)", "médecin vers borne"),
    ("1", "audio", "voix (Opus)", "les deux"),
    ("2", "audio", "stéthoscope (Opus, 48 kHz, sans aucun traitement)", "borne vers médecin"),
    ("3", "video", "caméra de la borne (H.264, ou VP8 si la réponse ne prend pas H.264)", "borne vers médecin"),
    ("4", "application", "canaux de données (SCTP)", "les deux"),
)
"""Les sections de l'offre SDP, dans l'ordre, sur un seul transport (BUNDLE) : mid, nature, contenu, sens."""

DUREE_BLOC_MS: Final = 20
"""Durée d'un bloc du son exact."""
REDONDANCE: Final = 3
"""Blocs précédents répétés dans chaque trame."""
TAILLE_MORCEAU: Final = 16 * 1024
"""Octets d'un morceau de photo, au plus (RFC 8831, 6.6 : au-delà, un message bloque les autres)."""

_ENTETE_SON: Final = struct.Struct(">BBHIQ")
_ENTETE_MORCEAU: Final = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class TrameSon:
    """Un message du canal `auscultation` : un bloc de 20 ms et ceux qui le précèdent, sans perte ni traitement.

    Octets, gros-boutistes : version (1 octet, 1), fréquence en kHz (1 octet, 4 ou 8), écoute (2 octets), numéro du
    bloc le plus récent (4 octets, de 0 au début de l'écoute), instant de capture de son premier échantillon (8
    octets, microsecondes Unix), puis les blocs du plus récent au plus ancien : échantillons signés de 16 bits,
    petits-boutistes (comme WAV), 80 à 4 kHz, 160 à 8 kHz.
    """

    frequence_hz: int
    ecoute: int
    numero: int
    instant_us: int
    blocs: tuple[bytes, ...]

    def encoder(self) -> bytes:
        """Les octets du message."""
        entete = _ENTETE_SON.pack(1, self.frequence_hz // 1000, self.ecoute, self.numero, self.instant_us)
        return entete + b"".join(self.blocs)

    @staticmethod
    def decoder(octets: bytes) -> TrameSon:
        """La trame de ces octets ; lève `MessageInvalide`."""
        if len(octets) < _ENTETE_SON.size:
            raise MessageInvalide("trame de son trop courte")
        version, khz, ecoute, numero, instant_us = _ENTETE_SON.unpack_from(octets)
        if version != 1 or khz not in (4, 8):
            raise MessageInvalide("trame de son d'une autre version")
        taille = khz * DUREE_BLOC_MS * 2
        suite = octets[_ENTETE_SON.size :]
        if not suite or len(suite) % taille or len(suite) // taille > numero + 1:
            raise MessageInvalide("trame de son d'une longueur impossible")
        blocs = tuple(suite[debut : debut + taille] for debut in range(0, len(suite), taille))
        return TrameSon(khz * 1000, ecoute, numero, instant_us, blocs)


@dataclass(frozen=True, slots=True)
class MorceauPhoto:
    """Un message du canal `examen` : numéro de photo et rang du morceau (4 octets chacun, gros-boutistes), octets."""

    numero: int
    rang: int
    octets: bytes

    def encoder(self) -> bytes:
        """Les octets du message."""
        return _ENTETE_MORCEAU.pack(self.numero, self.rang) + self.octets

    @staticmethod
    def decoder(octets: bytes) -> MorceauPhoto:
        """Le morceau de ces octets ; lève `MessageInvalide`."""
        if len(octets) <= _ENTETE_MORCEAU.size:
            raise MessageInvalide("morceau de photo trop court")
        numero, rang = _ENTETE_MORCEAU.unpack_from(octets)
        return MorceauPhoto(numero, rang, octets[_ENTETE_MORCEAU.size :])
