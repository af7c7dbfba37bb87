"""Comment se conduit un brassard virtuel : ses pannes, ce qu'il a en mémoire, ce qu'il a envoyé. Sans radio.

La radio (bumble) est dans `borne.demonstration.brassard` : ici rien que l'état, commandable par des ordres JSON.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from borne.peripheriques.simulation.tension import Tension, coder_mesure


class Comportement(StrEnum):
    """Ce que le brassard fera à la prochaine mesure."""

    NORMAL = "normal"
    ABSENT = "absent"
    """N'annonce plus rien et coupe la liaison."""
    ETEINDRE_EN_GONFLANT = "eteindre_en_gonflant"
    TRAME_TRONQUEE = "trame_tronquee"
    NAN = "nan"
    """Finit sans valeur, en accusant le mouvement et le brassard lâche."""
    MUET = "muet"
    """Accepte la liaison mais ne mesure jamais."""
    SANS_DATE = "sans_date"
    """Mesure sans horodatage."""
    HORLOGE_EN_RETARD = "horloge_en_retard"
    """Date sa mesure d'un jour plus tôt (pile changée)."""
    COUPER_APRES = "couper_apres"
    """Coupe la liaison aussitôt la mesure accusée."""


_ETAT_MAL_POSE = 0x01 | 0x02
_RETARD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Envoi:
    """Une trame 2A35 réellement partie, et accusée par le destinataire."""

    trame: str
    instant: float
    systolique: int | None
    diastolique: int | None
    pouls: int | None
    en_memoire: bool = False


@dataclass(slots=True)
class EtatBrassard:
    """L'état commandable du brassard."""

    tension: Tension = field(default_factory=Tension)
    comportement: Comportement = Comportement.NORMAL
    memoire: list[tuple[Tension, datetime]] = field(default_factory=list)
    """Mesures d'avant, envoyées dès l'abonnement, les plus vieilles d'abord."""
    envois: list[Envoi] = field(default_factory=list)
    mesures_commencees: int = 0
    horloge: Callable[[], float] = time.time

    def trame_finale(self) -> bytes:
        """La trame 2A35 de la mesure qui finit, selon le comportement."""
        maintenant = datetime.fromtimestamp(self.horloge())
        match self.comportement:
            case Comportement.NAN:
                return coder_mesure(None, maintenant, etat=_ETAT_MAL_POSE)
            case Comportement.TRAME_TRONQUEE:
                return coder_mesure(self.tension, maintenant)[:-5]
            case Comportement.SANS_DATE:
                return coder_mesure(self.tension, None)
            case Comportement.HORLOGE_EN_RETARD:
                return coder_mesure(self.tension, maintenant - _RETARD)
            case _:
                return coder_mesure(self.tension, maintenant)

    def noter(self, trame: bytes, tension: Tension, *, en_memoire: bool = False) -> None:
        """Garde trace d'une trame accusée."""
        vide = self.comportement is Comportement.NAN and not en_memoire
        self.envois.append(
            Envoi(
                trame.hex(),
                self.horloge(),
                None if vide else tension.systolique,
                None if vide else tension.diastolique,
                None if vide else tension.pouls,
                en_memoire,
            )
        )

    def memoriser(self, tension: Tension, age_s: float) -> None:
        """Ajoute une mesure faite il y a `age_s` secondes, jamais envoyée."""
        self.memoire.append((tension, datetime.fromtimestamp(self.horloge() - age_s)))
