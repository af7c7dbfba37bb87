"""Faut-il inviter un patient ? La décision, d'après le dernier rapport et ce qui se voit en direct. Pur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from borne.autotest.banc import NomProfil
from borne.autotest.profils import Decision, decider, profil, role
from borne.autotest.rapport import Rapport, resultat_de

Fermeture = Literal["", "panne", "verification", "liaison"]
"""Pourquoi l'accueil n'invite personne ; vide : il invite."""

VUS_EN_DIRECT = ("salle",)
"""Rôles que la borne en marche éprouve sans cesse : une liaison revenue vaut mieux que le rapport de la nuit."""


@dataclass(frozen=True, slots=True)
class Present:
    """Ce qui se voit maintenant. `coupee_s` : secondes sans salle, 0 quand elle est là.

    `pannes` : rôles que la dernière visite a vus tomber, et que rien n'a contrôlés depuis.
    """

    maintenant: float
    en_cours: bool = False
    coupee_s: float = 0.0
    pannes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reglement:
    """Les réglages qui décident, de `[autotest]`. `validite_s`, `liaison_s` : secondes."""

    profil: NomProfil
    validite_s: float
    liaison_s: float


def decision(rapport: Rapport, reglement: Reglement) -> Decision:
    """Celle du profil de la borne, qui a pu changer depuis le rapport."""
    return decider(profil(reglement.profil), map(resultat_de, (*rapport.lignes, *rapport.tendances)))


def fermeture(rapport: Rapport | None, reglement: Reglement, present: Present) -> Fermeture:
    """Pourquoi ne pas inviter ; vide : inviter.

    En mairie, une borne jamais contrôlée invite : quelqu'un vient de l'installer. En officine, non : elle n'est prête
    que ses quatre appareils contrôlés, depuis moins longtemps que ne vaut le certificat.
    """
    if present.en_cours:
        return "verification"
    perime = rapport is None or present.maintenant - rapport.debut > reglement.validite_s
    if perime and reglement.profil == "officine":
        return "verification"
    if present.pannes or (rapport is not None and bloquants(rapport, reglement, present)):
        return "panne"
    return "liaison" if present.coupee_s > reglement.liaison_s else ""


def bloquants(rapport: Rapport, reglement: Reglement, present: Present) -> tuple[str, ...]:
    """Ce qui, dans le rapport, empêche encore de servir."""
    trouves = decision(rapport, reglement).bloquants
    return tuple(nom for nom in trouves if present.coupee_s > 0 or role(nom) not in VUS_EN_DIRECT)
