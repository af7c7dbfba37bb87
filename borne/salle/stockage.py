"""Ce que la salle demande à son stockage et à son bus : deux petites interfaces, et leurs objets.

Rien au-dessus de ce module ne sait s'il s'agit d'une machine (SQLite, `stockage_sqlite`, `bus_local`) ou de
plusieurs nœuds. Toute écriture est durable quand l'appel revient : c'est ce qui permet d'accuser réception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from borne.protocole import CertificatBorne, Patient

EtatVisite = Literal["attente", "prise", "terminee", "partie"]
"""`terminee` : par le médecin, définitif ; `partie` : par le patient, qui peut revenir dans la file."""
EtatDepot = Literal["envoye", "recu", "refuse", "imprime", "echec"]
RaisonAlerte = Literal["aide", "quinze"]
Sorte = Literal["borne", "medecin"]


class ErreurStockage(Exception):
    """Le stockage n'a pas pu lire ou écrire ; phrase française, sans donnée de santé."""


class VisiteEtrangere(Exception):
    """Cette visite appartient à une autre borne."""


class IdentifiantPris(Exception):
    """Un autre médecin porte déjà cet identifiant."""


@dataclass(frozen=True, slots=True)
class Medecin:
    """Un compte. `condensat` : argon2id (RFC 9106). `a_changer` : premier mot de passe jamais changé."""

    id: str
    identifiant: str
    nom: str
    condensat: str
    actif: bool = True
    a_changer: bool = True


@dataclass(frozen=True, slots=True)
class Borne:
    """Une borne enrôlée. `cle` : 32 octets de clé publique Ed25519 (RFC 8032)."""

    id: str
    lieu: str
    cle: bytes
    revoquee: bool = False


@dataclass(frozen=True, slots=True)
class Visite:
    """Une visite vue de la salle. Instants : secondes Unix. `page` : liaison du médecin, None absent.

    `patient` vaut None dès que la visite est finie : l'identité ne reste que dans le dossier déposé.
    """

    id: str
    borne: str
    lieu: str
    patient: Patient | None
    entree: float
    etat: EtatVisite
    pret: bool
    medecin: str | None
    nom_medecin: str | None
    page: str | None
    page_prete: bool
    prise_a: float | None
    raison: str


@dataclass(frozen=True, slots=True)
class EssaiPrise:
    """La visite après l'essai, la page qui la suivait avant, et si c'est une première prise."""

    visite: Visite
    page_avant: str | None
    nouvelle: bool


@dataclass(frozen=True, slots=True)
class EtatFile:
    """La file à un instant : visites ouvertes (la plus ancienne d'abord), durées récentes en secondes."""

    visites: tuple[Visite, ...]
    durees: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DocumentGarde:
    """Un PDF gardé pour la borne. `empreinte` : SHA-256 hexadécimal de `contenu`."""

    id: str
    visite: str
    nom: str
    empreinte: str
    contenu: bytes


@dataclass(frozen=True, slots=True)
class AlerteActive:
    """Une alerte allumée. `visite` est vide hors visite."""

    borne: str
    lieu: str
    visite: str
    raison: RaisonAlerte
    instant: float


@dataclass(frozen=True, slots=True)
class Frein:
    """Limitation : dès `seuil` échecs, attente doublée à chaque échec, `plafond_s` au plus."""

    cle: str
    seuil: int
    plafond_s: float


@dataclass(frozen=True, slots=True)
class LigneJournal:
    """Une ligne du journal : qui a fait quoi sur quel objet. `empreinte` chaîne la ligne à la précédente."""

    numero: int
    instant: float
    acteur: str
    action: str
    objet: str
    precedent: str
    empreinte: str


class StockageComptes(Protocol):
    """Médecins, sessions, bornes, codes d'enrôlement, tentatives et journal."""

    async def ajouter_medecin(self, medecin: Medecin) -> None:
        """Lève `IdentifiantPris`."""

    async def medecins(self) -> tuple[Medecin, ...]: ...

    async def medecin_par_identifiant(self, identifiant: str) -> Medecin | None: ...

    async def changer_condensat(self, medecin: str, condensat: str, a_changer: bool) -> None: ...

    async def desactiver_medecin(self, medecin: str) -> None:
        """Ferme aussi ses sessions."""

    async def ouvrir_session(self, condensat: str, medecin: str, expire: float) -> None: ...

    async def medecin_de_session(self, condensat: str) -> Medecin | None:
        """Le médecin, s'il est actif et si la session n'a pas expiré."""

    async def fermer_session(self, condensat: str) -> None: ...

    async def fermer_sessions(self, medecin: str, sauf: str = "") -> None: ...

    async def compter_tentative(self, freins: Sequence[Frein]) -> float:
        """Compte un essai d'avance et rend 0, ou rend les secondes à attendre sans le compter."""

    async def oublier_tentative(self, entierement: str, une_de_moins: str) -> None:
        """Après un succès : efface les échecs d'une clé, retire de l'autre l'essai compté d'avance."""

    async def ajouter_code(self, condensat: str, lieu: str, expire: float) -> None: ...

    async def enroler(self, condensat_code: str, cle: bytes) -> Borne | None:
        """La borne, None si le code ne vaut rien. Même code et même clé (réponse perdue) : même borne."""

    async def borne(self, borne: str) -> Borne | None: ...

    async def bornes(self) -> tuple[Borne, ...]: ...

    async def revoquer_borne(self, borne: str) -> bool:
        """Faux si la borne est inconnue."""

    async def garder_certificat(self, certificat: CertificatBorne) -> bool:
        """Vrai s'il est plus récent que celui gardé (borne connue) ; le journal garde chaque changement d'état."""

    async def certificats(self) -> Mapping[str, CertificatBorne]:
        """Le dernier de chaque borne qui en a un."""

    async def journaliser(self, acteur: str, action: str, objet: str = "") -> None: ...

    async def journal(self) -> tuple[LigneJournal, ...]: ...

    async def verifier_journal(self) -> int | None:
        """Le numéro de la première ligne altérée ou manquante, None si la chaîne est entière."""


class StockageVisites(Protocol):
    """File d'attente, notes, alertes, documents et dossiers."""

    async def inscrire(self, visite: str, borne: str, patient: Patient) -> Visite:
        """Entre dans la file ou met à jour ; une visite terminée le reste. Lève `VisiteEtrangere`."""

    async def visite(self, visite: str) -> Visite | None: ...

    async def etat_file(self, nombre_durees: int) -> EtatFile: ...

    async def visites_prises_de(self, borne: str) -> tuple[Visite, ...]: ...

    async def marquer_prete(self, visite: str) -> Visite | None:
        """La visite ensuite, None si le patient était déjà prêt."""

    async def prendre(self, visite: str, medecin: str, page: str) -> EssaiPrise | None:
        """Prise atomique : l'essai, réussi si la visite est à ce médecin ; None si elle n'est pas ouverte."""

    async def marquer_page_prete(self, visite: str, page: str) -> Visite:
        """La visite ensuite ; sans effet si une autre page la suit. Lève `LookupError`."""

    async def quitter(self, page: str) -> tuple[Visite, ...]:
        """La page se ferme : rend les visites ouvertes qu'elle suivait."""

    async def finir(self, visite: str, etat: EtatVisite, raison: str, acteur: str) -> bool:
        """Vrai si la visite était ouverte. Efface l'identité du patient."""

    async def noter(self, visite: str, texte: str) -> None: ...

    async def notes(self, visite: str) -> str: ...

    async def allumer(self, alerte: AlerteActive) -> bool:
        """Faux si cette alerte (même borne, même raison, même instant) a déjà été vue par un médecin."""

    async def marquer_vues(self, borne: str, medecin: str) -> tuple[AlerteActive, ...]:
        """Un médecin a vu les alertes de cette borne ; rend celles qui sonnaient."""

    async def eteindre(self, borne: str, raison: RaisonAlerte) -> tuple[AlerteActive, ...]:
        """La borne éteint son alerte ; la rend si elle sonnait encore."""

    async def alertes(self) -> tuple[AlerteActive, ...]:
        """Celles qui sonnent : allumées et pas encore vues."""

    async def garder_document(self, document: DocumentGarde, acteur: str) -> None: ...

    async def documents_en_attente(self, borne: str) -> tuple[DocumentGarde, ...]:
        """Ceux que la borne n'a pas accusés, pour les visites qui peuvent encore imprimer."""

    async def noter_document(self, borne: str, document: str, etat: EtatDepot) -> str | None:
        """La visite du document, None si ce document n'est pas de cette borne."""

    async def deposer_dossier(self, borne: str, visite: str, empreinte: str, contenu: bytes) -> None:
        """Idempotent ; jamais d'écrasement. Lève `VisiteEtrangere`, `ErreurStockage`."""

    async def dossiers(self, visite: str) -> tuple[bytes, ...]:
        """Les contenus déposés, du plus ancien au plus récent."""


class Stockage(StockageComptes, StockageVisites, Protocol):
    """Le stockage entier."""

    async def prendre_service(self) -> None:
        """Au démarrage du service : aucune page n'est encore là. Lève `ErreurStockage` si un autre tourne."""

    async def changements(self) -> bool:
        """Vrai si un autre programme a écrit depuis le dernier appel (commande d'administration)."""

    async def fermer(self) -> None: ...


class Bus(Protocol):
    """Messages et présences entre liaisons, où qu'elles soient. Canaux : voir `liaisons`."""

    async def publier(self, canal: str, texte: str = "") -> None:
        """À tous les abonnés du canal, dans l'ordre des publications."""

    def abonner(self, canal: str, rappel: Callable[[str], None]) -> Callable[[], None]:
        """Rend la fonction qui désabonne. `rappel` ne bloque pas."""

    async def annoncer(self, sorte: Sorte, identite: str, liaison: str) -> None:
        """Cette liaison est là."""

    async def retirer(self, sorte: Sorte, identite: str, liaison: str) -> bool:
        """Cette liaison est partie ; vrai si c'était la dernière de cette identité."""

    async def presents(self, sorte: Sorte) -> frozenset[str]:
        """Les identités qui ont au moins une liaison."""
