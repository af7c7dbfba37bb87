"""Les événements : tout ce qui arrive, au passé, gelé et sérialisable. Le temps vient avec l'événement.

Un événement porte `instant` (secondes Unix UTC). Un toucher porte `revision`, celle de l'écran qui était
montré : `avancer` l'ignore si elle ne correspond plus. Une réponse d'appareil porte `essai`, celui de l'effet qui l'a
demandée : un essai périmé n'est jamais appliqué.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from borne.mesures import TENSION, Mesure


@dataclass(frozen=True, slots=True, kw_only=True)
class Evenement:
    """Base : tout événement est daté."""

    instant: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Toucher(Evenement):
    """Base des gestes du patient."""

    revision: int


# --- la visite ---


@dataclass(frozen=True, slots=True, kw_only=True)
class VisiteCommencee(Evenement):
    """Quelqu'un a touché l'écran d'accueil. `visite` : identifiant aléatoire.

    `natures` : ce que la borne mesure avant l'attente, dans l'ordre (`parcours.mesures` de sa configuration).
    """

    visite: str
    natures: tuple[str, ...] = (TENSION,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PropreteDue(Evenement):
    """Une visite vient de finir : la borne reste à nettoyer (dossier sans aucune donnée du patient).

    `touches` : natures dont l'appareil a servi, à nettoyer aussi.
    """

    visite: str
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BorneRedemarree(Evenement):
    """La borne s'est relevée (coupure, arrêt brutal) : les anciens effets sont perdus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSurvenu(Evenement):
    """Un incident technique, pour la trace (VISITE-TRACE). `code` : clé des textes (`incident-...`)."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuterieEchue(Evenement):
    """La minuterie armée sous ce nom et cet essai est échue."""

    nom: str
    essai: int


# --- les gestes du patient ---


@dataclass(frozen=True, slots=True, kw_only=True)
class LangueChoisie(Toucher):
    """Langue choisie (code BCP 47)."""

    langue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentementDonne(Toucher):
    """Accord donné (VISITE-CONSENT)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentementRefuse(Toucher):
    """Accord refusé : fin polie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetraitDemande(Toucher):
    """Le patient veut retirer son accord : on lui demande de confirmer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentementRetire(Toucher):
    """Accord retiré, confirmé : tout s'arrête et s'efface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaisieModifiee(Toucher):
    """Le texte d'un champ tel qu'il est maintenant (chaque touche survit à une coupure)."""

    champ: str
    valeur: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MotifBascule(Toucher):
    """Un pictogramme de motif coché ou décoché."""

    motif: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgenceRepondue(Toucher):
    """Réponse à « avez-vous un de ces signes ? »."""

    oui: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoutonContinuer(Toucher):
    """Le bouton principal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoutonRetour(Toucher):
    """« Revenir »."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReponseInconnue(Toucher):
    """« Je ne sais pas », là où cela a un sens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AideDemandee(Toucher):
    """« Aide »."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuinzeDemande(Toucher):
    """« 15 »."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperpositionFermee(Toucher):
    """Retour à l'écran sous l'aide, le 15, une confirmation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceConfirmee(Toucher):
    """« Je suis là »."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepetitionDemandee(Toucher):
    """« Répéter » : redire l'écran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceChangee(Toucher):
    """Volume (0 à 4), grand texte ou contraste (0 ou 1) ; oubliées d'un patient à l'autre."""

    nom: str
    valeur: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GesteFait(Toucher):
    """« J'ai fini » d'un geste de préparation : le suivant se montre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MesureDemandee(Toucher):
    """« J'ai fini » du dernier geste, ou « Recommencer » : la mesure commence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MesureArretee(Toucher):
    """« Arrêter » la mesure en cours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SonEssaye(Toucher):
    """Essai du son : `entendu` dit si le patient a entendu."""

    entendu: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EcritureOuverte(Toucher):
    """« Écrire » au médecin : le clavier s'ouvre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEcrit(Toucher):
    """Un message écrit par le patient est envoyé."""

    texte: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinDemandee(Toucher):
    """« Terminer » la consultation : on demande de confirmer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinConfirmee(Toucher):
    """Le patient confirme qu'il termine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpressionRedemandee(Toucher):
    """« Réessayer » l'impression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementNettoye(Toucher):
    """Un élément de la liste de propreté coché ou décoché."""

    element: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PropreteConfirmee(Toucher):
    """Tout est propre : la borne peut accueillir (VISITE-HYGIENE)."""


# --- les appareils ---


@dataclass(frozen=True, slots=True, kw_only=True)
class MesureRecue(Evenement):
    """Un résultat de l'appareil de cette nature, pour cet essai."""

    nature: str
    essai: int
    mesures: tuple[Mesure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MesureEchouee(Evenement):
    """L'essai a échoué. `raison` : clé des textes (`erreur-<nature>-...` ou `mesure-<nature>-faute-...`)."""

    nature: str
    essai: int
    raison: str


# --- le médecin et la salle ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PriseEnChargeRecue(Evenement):
    """Un médecin prend ce patient."""

    medecin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppelDemandeRecu(Evenement):
    """La page du médecin est prête : la borne peut appeler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MedecinAbsente(Evenement):
    """La page du médecin s'est fermée."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppelEtabli(Evenement):
    """Image et son passent."""

    essai: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppelPerdu(Evenement):
    """Plus de signe de vie, ou l'appel n'a pas abouti."""

    essai: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LienChange(Evenement):
    """Le réseau laisse passer plus, ou moins. `niveau` : une valeur de `NiveauLien`."""

    essai: int
    niveau: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MesureDemandeeParMedecin(Evenement):
    """Le médecin demande la mesure de cette nature."""

    nature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArretMesureDemande(Evenement):
    """Le médecin arrête la mesure en cours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EcouteDemandee(Evenement):
    """Le médecin veut écouter le cœur en ce foyer."""

    foyer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EcouteArretee(Evenement):
    """Fin de l'écoute. `raison` : vide, ou clé des textes si le stéthoscope a manqué."""

    raison: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraChoisie(Evenement):
    """Le médecin choisit une caméra : `principale`, `examen` ou `document`.

    `raison` : vide, ou clé des textes quand la borne revient d'elle-même à la principale (caméra perdue).
    """

    camera: str
    raison: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoPrise(Evenement):
    """Une photo d'examen a été prise par cette caméra, à la demande du médecin (VISITE-TRACE)."""

    camera: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecu(Evenement):
    """Un message écrit du médecin."""

    texte: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecu(Evenement):
    """Un PDF vérifié, déjà gardé dans le dossier chiffré. `empreinte` : SHA-256 hexadécimal."""

    document: str
    nom: str
    empreinte: str
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRefuse(Evenement):
    """Ce qui est arrivé n'est pas un PDF imprimable. `raison` : clé des textes."""

    document: str
    nom: str
    raison: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationFinie(Evenement):
    """Le médecin a terminé."""


# --- l'imprimante ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpressionAcceptee(Evenement):
    """L'imprimante a pris le travail sous ce numéro (IPP job-id, RFC 8011 5.3.2)."""

    document: str
    essai: int
    travail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpressionFinie(Evenement):
    """Le papier est sorti."""

    document: str
    essai: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpressionEchouee(Evenement):
    """L'impression a échoué. `raison` : clé des textes (`erreur-imprimante-...`)."""

    document: str
    essai: int
    raison: str


VERSION: Final = 2
"""Version du format des événements ; une visite écrite par une version précédente se rejoue encore.

2 : une mesure a une nature (la 1 n'avait que la tension).
"""


PAR_NOM: Final[dict[str, type[Evenement]]] = {
    nom: objet
    for nom, objet in list(globals().items())
    # `__subclasses__` rendrait aussi les classes que `slots=True` a remplacées et qui traînent en mémoire.
    if isinstance(objet, type) and issubclass(objet, Evenement) and objet not in (Evenement, Toucher)
}
"""Les événements par leur nom, pour relire un dossier."""
