"""Le thermomètre virtuel : Health Thermometer (0x1809), chiffrement exigé ; la sonde chauffe, puis le résultat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, ClassVar, Final

from bumble.device import Connection
from bumble.gatt import Service

from borne.demonstration.gatt import INDIQUE, LIT, NOTIFIE, horloge
from borne.demonstration.jumeau import Identite
from borne.demonstration.seances import JumeauPonctuel
from borne.peripheriques.simulation.comportement import Comportement, EtatJumeau
from borne.peripheriques.simulation.courbes import Temperature, temperature_a
from borne.peripheriques.simulation.temperature import coder_temperature

_BOUCHE: Final = 6
"""Temperature Type (2A1D)."""


class ThermometreVirtuel(JumeauPonctuel[Temperature]):
    """Un thermomètre. Son heure se lit et s'écrit dans son service (2A08), comme chez A&D."""

    IDENTITE: ClassVar = Identite("BORNE-TEMPERATURE", "F1:B0:14:E0:00:02", ("1809",), "Thermomètre virtuel")
    DECLENCHEURS: ClassVar = frozenset({"2A1C"})
    HORLOGE: ClassVar = "2A08"
    FAUTES: ClassVar = frozenset({"sonde-retiree", "sonde-mal-placee"})

    def __init__(self, *, etat: EtatJumeau[Temperature] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Temperature()), **options)

    def services(self) -> list[Service]:
        self.resultat = self.gatt.caracteristique("2A1C", INDIQUE)
        self._vivante = self.gatt.caracteristique("2A1E", NOTIFIE)
        endroit = self.gatt.caracteristique("2A1D", LIT, bytes([_BOUCHE]))
        return [Service("1809", [self.resultat, self._vivante, endroit, horloge(self.gatt, "2A08", self.etat)])]

    async def vivantes(self, liaison: Connection) -> AsyncIterator[float]:
        async for part in super().vivantes(liaison):
            await self.gatt.notifier(liaison, self._vivante, coder_temperature(self._sonde(part)))
            yield part

    def trame_finale(self) -> tuple[bytes, Temperature | None]:
        """Une sonde retirée finit sans valeur ; mal placée, elle finit sur une température d'objet."""
        echoue = self.etat.comportement is Comportement.NAN or self.etat.faute == "sonde-retiree"
        celsius = self._sonde(1.0) if self.etat.faute else self.etat.valeur.celsius
        valeur = None if echoue else Temperature(round(celsius, 1))
        lue = None if valeur is None else valeur.celsius
        return coder_temperature(lue, self.etat.date_du_resultat(), type=_BOUCHE), valeur

    def trame_memoire(self, valeur: Temperature, instant: datetime) -> bytes:
        return coder_temperature(valeur.celsius, instant, type=_BOUCHE)

    def _sonde(self, part: float) -> float:
        faute = self.etat.faute
        return temperature_a(
            part, self.etat.valeur, retiree=faute == "sonde-retiree", mal_placee=faute == "sonde-mal-placee"
        )
