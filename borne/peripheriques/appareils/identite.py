"""Qui est l'appareil relié, quelle heure il a, combien de pile : DIS, Current Time ou Date Time, Battery Service."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from borne.peripheriques.ble import Liaison
from borne.peripheriques.formats import TrameInvalide, decoder
from borne.peripheriques.fraicheur import secondes

journal = logging.getLogger(__name__)

_TEXTES: Final = (("2A29", "maker"), ("2A24", "model"), ("2A25", "serial"), ("2A26", "firmware"))
_ECART_LISIBLE_S: Final = 1.0
"""L'heure lue est tronquée à la seconde : un écart de moins ne dit rien."""


@dataclass(frozen=True, slots=True)
class Identite:
    """Ce que le Device Information Service dit ; vide pour ce qu'il tait."""

    fabricant: str = ""
    modele: str = ""
    serie: str = ""
    version: str = ""

    @property
    def nom(self) -> str:
        """Fabricant et modèle, pour une personne."""
        return " ".join(texte for texte in (self.fabricant, self.modele) if texte)


async def identifier(liaison: Liaison) -> Identite:
    """L'identité de l'appareil. Lève `AppareilPerdu` si la liaison tombe."""
    return Identite(*[await _texte(liaison, uuid, champ) for uuid, champ in _TEXTES])


async def _texte(liaison: Liaison, uuid: str, champ: str) -> str:
    octets = await liaison.lire(uuid)
    return str(_detail(uuid, octets, champ) or "") if octets else ""


async def lire_batterie(liaison: Liaison) -> int | None:
    """Le niveau de pile, en pour cent ; None sans Battery Service lisible."""
    octets = await liaison.lire("2A19")
    niveau = _detail("2A19", octets, "level") if octets else None
    return niveau if isinstance(niveau, int) else None


async def regler_heure(liaison: Liaison, maintenant_s: float) -> bool:
    """Met l'appareil à l'heure locale de la borne (secondes Unix), par Date Time ou Current Time ; faux s'il refuse.

    Lève `AppareilPerdu` si la liaison tombe.
    """
    maintenant = datetime.fromtimestamp(maintenant_s)
    date = maintenant.year.to_bytes(2, "little") + bytes(maintenant.timetuple()[1:6])
    jour = date + bytes([maintenant.isoweekday(), 0, 1])
    return await liaison.ecrire("2A08", date) or await liaison.ecrire("2A2B", jour)


async def lire_ecart_horloge(liaison: Liaison, horloge: Callable[[], float]) -> float | None:
    """L'avance de l'appareil sur la borne, en secondes (0 en dessous de la seconde) ; None sans horloge lisible.

    `horloge` : secondes Unix. Lève `AppareilPerdu` si la liaison tombe.
    """
    for uuid in ("2A2B", "2A08"):
        octets = await liaison.lire(uuid)
        if octets is None:
            continue
        maintenant_s = horloge()
        with suppress(TrameInvalide):
            instant = decoder(uuid, octets).instant
            date_s = secondes(instant, maintenant_s) if instant is not None and instant.complet else None
            if date_s is not None:
                ecart_s = date_s - maintenant_s
                return ecart_s if abs(ecart_s) > _ECART_LISIBLE_S else 0.0
    return None


def _detail(uuid: str, octets: bytes, champ: str) -> object:
    """Un champ d'une caractéristique d'identité ; None si elle est abîmée (elle ne décide de rien)."""
    try:
        return decoder(uuid, octets).details[champ]
    except TrameInvalide as erreur:
        journal.warning("%s illisible : %s", uuid, erreur.detail)
        return None
