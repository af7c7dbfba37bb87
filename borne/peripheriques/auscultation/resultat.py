"""Ce qu'une auscultation apprend, et les conseils qu'elle peut donner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

APPUYER: Final = "conseil-auscultation-appuyer"
BRUIT: Final = "conseil-auscultation-bruit"
DEPLACER: Final = "conseil-auscultation-deplacer"
FROTTEMENT: Final = "conseil-auscultation-frottement"
SATURE: Final = "conseil-auscultation-sature"


@dataclass(frozen=True, slots=True)
class Analyse:
    """Le résultat d'une écoute.

    `bpm` : battements par minute, None quand la qualité ne permet pas d'en répondre ; `qualite` : de 0 (inutilisable)
    à 1 (net) ; `conseil` : None, ou une clé des textes (`conseil-auscultation-...`) pour qui tient le pavillon.
    """

    bpm: float | None
    qualite: float
    conseil: str | None
