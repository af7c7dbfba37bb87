"""Ce qui distingue un service Bluetooth d'un autre : ses caractéristiques, et ce que disent ses trames. Pur.

Le moteur (`bluetooth.py`) tient la liaison, l'heure, la fraîcheur et les attentes ; un `Service` dit où s'abonner,
et son `Interprete` (un neuf à chaque séance) dit ce qu'une trame apprend et si une mesure est bonne à rendre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.formats import Lecture


@dataclass(frozen=True, slots=True)
class Trame:
    """Des octets reçus. `recu_s` : secondes Unix ; `t_s` : horloge qui ne recule jamais, pour les durées."""

    uuid: str
    octets: bytes
    recu_s: float
    t_s: float


@dataclass(frozen=True, slots=True)
class Demande:
    """Une écriture à faire dans `apres_s` secondes (0 : tout de suite) ; une neuve remplace celle qui attend.

    `reabonner` : refaire d'abord les abonnements (l'appareil les a oubliés). `puis` : celle qui attend ensuite, à
    moins qu'une trame n'en décide une autre.
    """

    uuid: str
    octets: bytes
    apres_s: float = 0.0
    reabonner: bool = False
    puis: Demande | None = None


@dataclass(frozen=True, slots=True)
class Vu:
    """Ce qu'une trame apprend."""

    echantillons: tuple[Echantillon, ...] = ()
    """Valeurs vivantes ; le moteur en pose l'instant."""
    resultats: tuple[Lecture, ...] = ()
    """Des mesures finies."""
    en_memoire: bool = False
    """L'appareil dit que `resultats` vient de sa mémoire : il n'est attribué à personne, même sans date."""
    en_cours: bool = False
    """L'appareil est en train de mesurer, pour qui est là."""
    faute: str | None = None
    """Maladresse visible (une du guide), "" quand elle cesse, None quand la trame n'en dit rien."""
    rejet: str = ""
    """Faute qui explique pourquoi `resultats` est jeté (solution de contrôle, signal perdu) ; vide s'il est bon."""
    complet: bool = False
    """L'appareil dit avoir tout envoyé : inutile d'attendre une suite."""
    demande: Demande | None = None


RIEN = Vu()


class Interprete(Protocol):
    """La lecture d'une séance. Neuf à chaque séance, donc libre d'avoir une mémoire ; ni attente ni entrée-sortie."""

    def debut(self, maintenant_s: float) -> Demande | None:
        """Ce qu'il faut demander une fois abonné (à cette heure, secondes Unix), s'il faut demander."""

    def fin(self) -> Demande | None:
        """Ce qu'il faut dire avant de raccrocher, la mesure reçue."""

    def recevoir(self, trame: Trame) -> Vu:
        """Ce que cette trame apprend. Lève `TrameInvalide`."""

    def refus(self, code: int) -> Demande | None:
        """L'appareil a refusé la dernière demande (code d'erreur ATT). Lève `MesureImpossible` s'il faut renoncer."""

    def verifier(self, lecture: Lecture) -> Lecture:
        """La mesure retenue, bonne à rendre. Lève `MesureImpossible` (avec sa `faute`) si elle ne l'est pas."""


class SansDemande:
    """La part d'un `Interprete` que les services à qui l'on ne demande rien ont en commun."""

    def debut(self, maintenant_s: float) -> Demande | None:
        """Rien à demander."""
        return None

    def fin(self) -> Demande | None:
        """Rien à dire."""
        return None

    def refus(self, code: int) -> Demande | None:
        """Sans demande, pas de refus."""
        raise AssertionError(f"refus {code:#x} d'une demande jamais faite")


@dataclass(frozen=True, slots=True)
class Flux:
    """Une caractéristique à laquelle s'abonner.

    `decisif` : elle porte le résultat, une trame abîmée y finit la mesure (si aucune n'est encore retenue) ; sinon
    elle est vivante, et une trame abîmée y manque seulement. `obligatoire` : l'appareil qui ne l'a pas n'est pas de
    ce service.
    """

    uuid: str
    decisif: bool = False
    obligatoire: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """Une façon de mesurer par Bluetooth. `nom` sert dans la configuration ; `uuid` est annoncé.

    `flux` : dans l'ordre des abonnements, le résultat en dernier. `interprete` reçoit le profil de l'appareil (celui
    que sa fabrique attend). `sur_demande` : son UUID est trop répandu pour désigner un appareil, le profil doit le
    nommer.
    """

    nom: str
    nature: Nature
    uuid: str
    flux: tuple[Flux, ...]
    interprete: Callable[[Any], Interprete]
    sur_demande: bool = False
