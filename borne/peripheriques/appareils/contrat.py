"""Ce que tout appareil de mesure est pour la borne, quel que soit son fil : le contrat des pilotes. Pur.

Un pilote (de la borne ou d'un paquet tiers) satisfait `Appareil`. Il ne connaît ni l'écran ni la visite : il dit sa
`Nature`, son `Guide` (ce que l'écran et la voix diront), mesure, s'arrête, et se laisse sonder par le technicien.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from borne.mesures import Echantillon
from borne.peripheriques.formats.lecture import Lecture


class Nature(StrEnum):
    """Ce qui est mesuré. La valeur sert de clé aux textes (`mesure-<nature>-...`, `erreur-<nature>-...`)."""

    TENSION = "tension"
    TEMPERATURE = "temperature"
    SATURATION = "saturation"
    POIDS = "poids"
    GLYCEMIE = "glycemie"
    FREQUENCE = "frequence"


class Etape(StrEnum):
    """Où en est une mesure (rappel `sur_etat`)."""

    RECHERCHE = "recherche"
    TROUVE = "trouve"
    ATTENTE = "attente"
    """Abonné : c'est à l'appareil, ou à son bouton."""
    MESURE = "mesure"
    """L'appareil mesure : des valeurs vivantes arrivent."""


@dataclass(frozen=True, slots=True)
class Guide:
    """Ce qu'il faut dire à qui se mesure. Des clés de textes, jamais des phrases.

    `preparation` : gestes avant la mesure, dans l'ordre, clés `mesure-<nature>-preparation-<geste>`.
    `vivantes` : natures des `Echantillon` à montrer pendant la mesure (code LOINC, ou nom court : `pleth`).
    `fautes` : maladresses que l'appareil sait reconnaître (`brassard-lache`, `doigt-bouge`, `main-froide`...), clés
    `mesure-<nature>-faute-<faute>` (ce qui ne va pas) et `mesure-<nature>-remede-<faute>` (le geste qui répare).
    `essais` : au bout desquels on passe, en disant pourquoi.
    """

    preparation: tuple[str, ...] = ()
    vivantes: tuple[str, ...] = ()
    fautes: tuple[str, ...] = ()
    essais: int = 3


@dataclass(frozen=True, slots=True)
class Sondage:
    """L'appareil vu par le technicien, sans patient et sans mesure.

    `repond` : il a répondu. `batterie` : pour cent. `appaire` : lien chiffré gardé, None si sans objet.
    `ecart_horloge_s` : horloge de l'appareil moins celle de la borne, None s'il n'en a pas de lisible. `faute` : code
    de l'`ErreurPeripherique` (voir `erreurs.py`) quand il n'a pas répondu comme il faut, sinon vide ; `detail` :
    précision technique.
    """

    repond: bool
    modele: str = ""
    serie: str = ""
    version: str = ""
    batterie: int | None = None
    appaire: bool | None = None
    ecart_horloge_s: float | None = None
    faute: str = ""
    detail: str = ""


@runtime_checkable
class Appareil(Protocol):
    """Un appareil de mesure. Une mesure à la fois ; tout se fait dans la boucle asyncio."""

    nature: Nature
    guide: Guide
    en_memoire: tuple[Lecture, ...]
    """Mesures de la dernière séance que rien n'attribue au patient : au médiateur seulement."""

    async def mesurer(
        self,
        *,
        sur_echantillon: Callable[[Echantillon], None],
        sur_etat: Callable[[Etape], None] | None = None,
        sur_faute: Callable[[str], None] | None = None,
        delai_s: float = 120.0,
    ) -> Lecture:
        """Arme l'appareil pour le patient présent et rend son résultat, en instant de réception.

        `sur_faute` reçoit, pendant la mesure, une faute du guide qui se voit déjà (doigt retiré), puis "" quand elle
        cesse. Lève une `ErreurPeripherique`, dont `faute` est alors renseignée quand l'appareil en accuse une.
        """

    async def arreter(self) -> None:
        """Arrête la mesure en cours, s'il y en a une, et attend que l'appareil soit rendu."""

    async def sonder(self, *, delai_s: float = 20.0) -> Sondage:
        """Interroge l'appareil sans mesurer. Ne lève pas d'`ErreurPeripherique` : `Sondage.faute` la dit."""
