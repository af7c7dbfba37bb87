"""Ce qu'est un contrôle de l'autotest, et ce qu'il rend. Pur.

Un contrôle regarde une chose par le même code que la borne (jamais par un raccourci), ne lève rien de prévisible, et
rend un `Resultat` : une couleur, une phrase qui dit ce qui ne va pas, une qui dit quoi faire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

B = TypeVar("B", contravariant=True)


class Couleur(StrEnum):
    """Vert : bon. Orange : sert encore, à réparer. Rouge : ne servira pas. Gris : absent, ou pas contrôlé."""

    VERT = "vert"
    ORANGE = "orange"
    ROUGE = "rouge"
    GRIS = "gris"


@dataclass(frozen=True, slots=True)
class Resultat:
    """Ce qu'un contrôle a vu.

    `code` : ce qui a été trouvé, court et stable (`batterie-basse`, `image-floue`), vide quand tout va bien : c'est
    lui qui nomme une panne. `constat` et `remede` : une phrase française chacun, `remede` vide si tout va bien.
    `valeurs` : ce qui a été mesuré, pour l'historique et ses tendances (nom avec son unité : `batterie_pct`).
    """

    controle: str
    couleur: Couleur
    constat: str
    remede: str = ""
    code: str = ""
    valeurs: Mapping[str, float] = field(default_factory=dict)
    duree_s: float = 0.0


class Controle(Protocol[B]):
    """Un contrôle. `nom` : court et stable, unique. `libelle` : ce que lit une personne. `delai_s` : au-delà, rouge.

    `groupe` : ce qu'il ne partage pas (`son`, `radio`, `camera`, `imprimante`, vide : rien) ; deux contrôles du même
    groupe ne tournent jamais ensemble. `requiert` : noms des contrôles sans lesquels celui-ci ne dirait rien de vrai
    (sans micro, le haut-parleur ne s'entend pas) ; il les attend et, si l'un est rouge, reste gris : une panne n'en
    fait pas nommer deux. Un contrôle qui attend quelque chose d'une personne peut le dire par `consigne`, une phrase.
    """

    nom: str
    libelle: str
    groupe: str
    delai_s: float
    requiert: tuple[str, ...]

    async def controler(self, banc: B) -> Resultat:
        """Regarde, et rend ce qu'il a vu."""
