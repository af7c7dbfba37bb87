"""Comment se conduit un appareil virtuel : ses pannes, sa mémoire, son horloge, ce qu'il a envoyé. Sans radio.

La radio (bumble) est dans `borne.demonstration` : ici rien que l'état, le même pour tous, commandable par des ordres
JSON. `V` est ce que l'appareil trouvera (`Tension`, `Temperature`...), une dataclass de nombres.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

V = TypeVar("V", bound="DataclassInstance")


class Phase(StrEnum):
    """Où en est l'appareil."""

    ETEINT = "eteint"
    ANNONCE = "annonce"
    """Allumé, libre : il annonce."""
    RELIE = "relie"
    ABONNE = "abonne"
    """La borne attend ses mesures."""
    MESURE = "mesure"
    """Des valeurs vivantes sont parties, le résultat non."""
    RENDU = "rendu"
    """Le résultat est parti et, s'il est indiqué, accusé."""


class Comportement(StrEnum):
    """Ce que l'appareil fera à la prochaine mesure."""

    NORMAL = "normal"
    ABSENT = "absent"
    """N'annonce plus rien et coupe la liaison."""
    ETEINDRE_EN_ANNONCE = "eteindre_en_annonce"
    """Piles mortes dès que quelqu'un l'a entendu ; les suivants, de même, à la phase qu'ils nomment."""
    ETEINDRE_RELIE = "eteindre_relie"
    ETEINDRE_ABONNE = "eteindre_abonne"
    ETEINDRE_EN_MESURE = "eteindre_en_mesure"
    ETEINDRE_APRES = "eteindre_apres"
    TRAME_TRONQUEE = "trame_tronquee"
    NAN = "nan"
    """Finit sans valeur, en accusant la maladresse commandée (`EtatJumeau.faute`) ou sa maladresse usuelle."""
    MUET = "muet"
    """Accepte la liaison mais ne mesure jamais."""
    SANS_DATE = "sans_date"
    """Mesure sans horodatage."""
    HORLOGE_EN_RETARD = "horloge_en_retard"
    """Date sa mesure d'un jour plus tôt quoi qu'on lui écrive (pile d'horloge morte)."""
    MEMOIRE_SEULE = "memoire_seule"
    """Vide sa mémoire, puis raccroche sans mesurer."""
    COUPER_APRES = "couper_apres"
    """Coupe la liaison aussitôt le résultat parti."""


EXTINCTIONS: Final[Mapping[Comportement, Phase]] = {
    Comportement.ETEINDRE_EN_ANNONCE: Phase.ANNONCE,
    Comportement.ETEINDRE_RELIE: Phase.RELIE,
    Comportement.ETEINDRE_ABONNE: Phase.ABONNE,
    Comportement.ETEINDRE_EN_MESURE: Phase.MESURE,
    Comportement.ETEINDRE_APRES: Phase.RENDU,
}
"""La phase où chaque comportement d'extinction coupe le courant."""

_RETARD: Final = timedelta(days=1)
_COUPE: Final = 5
"""Octets qui manquent à une trame tronquée."""
_ENVOIS_GARDES: Final = 1000


@dataclass(frozen=True, slots=True)
class Envoi:
    """Un résultat réellement parti (et accusé, s'il est indiqué). `valeurs` : None pour un champ sans valeur."""

    trame: str
    instant: float
    valeurs: Mapping[str, float | None]
    en_memoire: bool = False


@dataclass(slots=True)
class EtatJumeau(Generic[V]):
    """L'état commandable d'un appareil virtuel."""

    valeur: V
    """Ce que la prochaine mesure trouvera."""
    comportement: Comportement = Comportement.NORMAL
    faute: str = ""
    """Maladresse du patient (clé du `Guide` de la nature), ou vide."""
    memoire: list[tuple[V, datetime]] = field(default_factory=list)
    """Mesures d'avant, jamais envoyées, déversées dès l'abonnement, les plus vieilles d'abord."""
    envois: deque[Envoi] = field(default_factory=lambda: deque(maxlen=_ENVOIS_GARDES))
    mesures_commencees: int = 0
    batterie: int = 87
    """Pour cent."""
    ecart_horloge_s: float = 0.0
    """Horloge de l'appareil moins celle du monde ; mise à l'heure par la borne."""
    horloge: Callable[[], float] = time.time

    def maintenant(self) -> datetime:
        """L'heure locale que l'appareil affiche."""
        return datetime.fromtimestamp(self.horloge() + self.ecart_horloge_s)

    def regler(self, heure: datetime) -> bool:
        """La borne écrit l'heure ; faux si l'horloge ne la retient pas."""
        if self.comportement is Comportement.HORLOGE_EN_RETARD:
            return False
        self.ecart_horloge_s = heure.timestamp() - self.horloge()
        return True

    def date_du_resultat(self) -> datetime | None:
        """La date que portera la mesure qui finit ; None si l'appareil n'en met pas."""
        match self.comportement:
            case Comportement.SANS_DATE:
                return None
            case Comportement.HORLOGE_EN_RETARD:
                return self.maintenant() - _RETARD
            case _:
                return self.maintenant()

    def abimer(self, trame: bytes) -> bytes:
        """La trame telle qu'elle part : tronquée si le comportement le veut."""
        return trame[:-_COUPE] if self.comportement is Comportement.TRAME_TRONQUEE else trame

    def noter(self, trame: bytes, valeur: V | None, *, en_memoire: bool = False) -> None:
        """Garde trace d'un résultat parti ; `valeur` None : il n'en portait pas."""
        champs = asdict(valeur if valeur is not None else self.valeur)
        valeurs = champs if valeur is not None else dict.fromkeys(champs)
        self.envois.append(Envoi(trame.hex(), self.horloge(), valeurs, en_memoire))

    def memoriser(self, valeur: V, age_s: float) -> None:
        """Ajoute une mesure faite il y a `age_s` secondes, jamais envoyée ; l'ordre reste celui des dates."""
        self.memoire.append((valeur, datetime.fromtimestamp(self.horloge() - age_s)))
        self.memoire.sort(key=lambda souvenir: souvenir[1])
