"""L'espion : ce qui passe par un fil ou une radio, tel quel, pour qui le demande (`borne peripheriques enregistrer`).

Un transport donne à l'espion chaque chose au moment où elle passe. Sans espion, rien n'est gardé. Ces octets portent
des mesures : ils ne vont qu'où l'on a dit de les écrire, jamais au journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Genre(StrEnum):
    """Ce qui est passé."""

    ANNONCE = "annonce"
    """Une annonce Bluetooth retenue. `infos` : adresse, nom, services, fabricant, service."""
    TABLE = "table"
    """Les caractéristiques d'un appareil relié. `infos["caracteristiques"]` : service, uuid, modes de chacune."""
    OUVERT = "ouvert"
    """Une prise série ouverte. `infos` : debit, parite, arrets."""
    LU = "lu"
    """Une caractéristique lue."""
    ECRIT = "ecrit"
    """Ce que la borne a écrit. `infos["att"]` : code d'erreur ATT, 0 si accepté."""
    RECU = "recu"
    """Ce que l'appareil a envoyé de lui-même : notification, indication, octets série."""
    COUPE = "coupe"
    """La liaison ou la prise est tombée d'elle-même."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Une chose qui est passée. `canal` : UUID de la caractéristique, nom de la prise, ou vide."""

    genre: Genre
    canal: str = ""
    octets: bytes = b""
    infos: Mapping[str, object] = field(default_factory=dict)


Espion = Callable[[Capture], None]


def personne(_capture: Capture) -> None:
    """L'espion de qui n'espionne pas."""
