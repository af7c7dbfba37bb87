"""Les effets : ce qui doit être fait. Chacun est exécuté par le sous-système qui le possède."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effet:
    """Base des effets."""


@dataclass(frozen=True, slots=True)
class DemanderMesure(Effet):
    """Armer, pour cet essai, l'appareil qui mesure cette nature."""

    nature: str
    essai: int


@dataclass(frozen=True, slots=True)
class ArreterMesure(Effet):
    """Désarmer l'appareil."""

    nature: str
    essai: int


@dataclass(frozen=True, slots=True)
class RejoindreSalle(Effet):
    """Entrer dans la file, ou s'y mettre à jour (idempotent)."""


@dataclass(frozen=True, slots=True)
class AnnoncerPret(Effet):
    """Dire à la salle que le patient est installé."""


@dataclass(frozen=True, slots=True)
class QuitterSalle(Effet):
    """Quitter la file ou la consultation. `raison` : code court, sans donnée de santé."""

    visite: str
    raison: str


@dataclass(frozen=True, slots=True)
class Appeler(Effet):
    """Faire une offre au médecin (nouvel essai), puis tenir l'appel à travers les coupures."""

    essai: int


@dataclass(frozen=True, slots=True)
class SuspendreAppel(Effet):
    """Le médecin n'est plus là : ce qui tient encore tient, mais rien n'est plus tenté."""


@dataclass(frozen=True, slots=True)
class AnnoncerRappel(Effet):
    """Prier le médecin de rappeler le patient au téléphone, et pourquoi ; `actif` faux : ce n'est plus la peine."""

    raison: str
    actif: bool


@dataclass(frozen=True, slots=True)
class Raccrocher(Effet):
    """Fermer l'appel."""


@dataclass(frozen=True, slots=True)
class Ecouter(Effet):
    """Ouvrir le stéthoscope vers le médecin ; `foyer` None : le fermer."""

    foyer: str | None
    raison: str = ""


@dataclass(frozen=True, slots=True)
class ChoisirCamera(Effet):
    """Émettre cette caméra, sans changer l'appel. `raison` : clé des textes quand elle remplace une caméra perdue."""

    camera: str
    raison: str = ""


@dataclass(frozen=True, slots=True)
class EnvoyerMessage(Effet):
    """Envoyer un texte au médecin."""

    texte: str
    instant: float


@dataclass(frozen=True, slots=True)
class Imprimer(Effet):
    """Imprimer un document ; `travail` connu : demander d'abord à l'imprimante ce qu'il est devenu."""

    document: str
    essai: int
    travail: int | None = None
    reprise: bool = False


@dataclass(frozen=True, slots=True)
class AnnulerImpression(Effet):
    """Retirer de l'imprimante le travail de cet essai, s'il y est encore (IPP Cancel-Job, RFC 8011 4.3.3).

    Un papier qui n'est pas sorti ne doit pas sortir devant le patient suivant, ni deux fois. `visite` : celle du
    document ; quand une visite se ferme, l'état publié n'en porte déjà plus le nom.
    """

    visite: str
    document: str
    essai: int
    travail: int | None


@dataclass(frozen=True, slots=True)
class ComposerResume(Effet):
    """Composer le résumé du patient, le garder au dossier et l'annoncer par `DocumentRecu`."""


@dataclass(frozen=True, slots=True)
class AnnoncerDocument(Effet):
    """Dire au médecin ce qu'est devenu son document."""

    document: str
    etat: str
    raison: str = ""


@dataclass(frozen=True, slots=True)
class Dire(Effet):
    """Dire les mots d'un écran ou d'un message (les mêmes que ceux écrits)."""

    cles: tuple[str, ...]
    volume: int
    langue: str


@dataclass(frozen=True, slots=True)
class Sonner(Effet):
    """Sonner à la borne et chez les médecins. `raison` : `aide` ou `quinze` ; `active` faux : cesser."""

    raison: str
    active: bool


@dataclass(frozen=True, slots=True)
class ArmerMinuterie(Effet):
    """Armer (ou réarmer) la minuterie de ce nom ; `delai_s` None : la désarmer."""

    nom: str
    essai: int
    delai_s: float | None


@dataclass(frozen=True, slots=True)
class Cloturer(Effet):
    """Fermer le dossier. `transmettre` : à la salle, puis le détruire ; sinon le détruire aussitôt.

    La visite rendue avec cet effet est à l'accueil ou à la propreté, sans identifiant ni rien du patient. À la
    propreté, la régie ouvre d'abord un dossier neuf par `PropreteDue` : sans lui l'écran n'accepte aucun geste.
    """

    visite: str
    transmettre: bool
    raison: str
