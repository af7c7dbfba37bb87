"""Appareils virtuels à manies que le monde de démonstration n'a pas : balance à comptes (UDS), Microlife."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from bumble.att import AttributeValue
from bumble.device import Connection
from bumble.gatt import Service

from borne.demonstration.balances import PesePersonneVirtuel
from borne.demonstration.gatt import ECRIT, INDIQUE, NOTIFIE
from borne.demonstration.jumeau import Identite, Jumeau
from borne.peripheriques.simulation.comportement import EtatJumeau
from borne.peripheriques.simulation.poids import coder_reponse_usager
from borne.peripheriques.simulation.tension import Tension
from borne.peripheriques.simulation.tensions_propres import coder_memoire_microlife, coder_microlife

_CONSENTIR, _FAIT, _REFUSE = 0x02, 1, 5


class BalanceAComptes(PesePersonneVirtuel):
    """N'envoie rien sans le consentement du compte 3, code 1234 (User Data Service 1.1, 3.3)."""

    IDENTITE: ClassVar = Identite("BORNE-COMPTES", "F1:B0:14:E0:00:21", ("181D",), "Balance à comptes virtuelle")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.consenties: list[bytes] = []
        self._acquis = False

    def services(self) -> list[Service]:
        self._usagers = self.gatt.caracteristique("2A9F", ECRIT | INDIQUE, AttributeValue(_vide, self._sur_demande))
        return [*super().services(), Service("181C", [self._usagers])]

    def _sur_demande(self, liaison: Connection, demande: bytes) -> None:
        self.consenties.append(demande)
        self._acquis = demande == bytes([_CONSENTIR, 3]) + (1234).to_bytes(2, "little")
        reponse = coder_reponse_usager(_CONSENTIR, _FAIT if self._acquis else _REFUSE)
        self.accompagner(self.gatt.indiquer(liaison, self._usagers, reponse))

    async def mesurer(self, liaison: Connection) -> None:
        if self._acquis:
            await super().mesurer(liaison)


class MicrolifeVirtuel(Jumeau[Tension]):
    """Un BP3GY1-2N : rien de normalisé, des trames coupées en notifications de 20 octets."""

    IDENTITE: ClassVar = Identite("BP3GY1-2N", "F1:B0:14:E0:00:22", ("FFF0",), "BP3GY1-2N", "Microlife")
    DECLENCHEURS: ClassVar = frozenset({"FFF1"})
    CHIFFRE: ClassVar = False
    HORLOGE: ClassVar = ""

    def __init__(self, *, etat: EtatJumeau[Tension] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Tension()), **options)
        self.ordres: list[str] = []

    def services(self) -> list[Service]:
        self._reponses = self.gatt.caracteristique("FFF1", NOTIFIE)
        ordres = self.gatt.caracteristique("FFF2", ECRIT, AttributeValue(_vide, self._sur_ordre))
        return [Service("FFF0", [self._reponses, ordres])]

    def _sur_ordre(self, liaison: Connection, trame: bytes) -> None:
        self.ordres.append({0x0D: "heure", 0x00: "memoire", 0x04: "adieu"}[trame[4]])
        if trame[4] == 0x04:
            self.accompagner(self.raccrocher(liaison))
        elif trame[4] == 0x0D:
            self.accompagner(self._repondre(liaison, b"\x81"))
        else:
            mesures = [*self.etat.memoire, (self.etat.valeur, datetime.fromtimestamp(self.etat.horloge()))]
            self.accompagner(self._repondre(liaison, coder_memoire_microlife(mesures)))

    async def _repondre(self, liaison: Connection, charge: bytes) -> None:
        trame = coder_microlife(charge)
        for debut in range(0, len(trame), 20):
            await self.gatt.notifier(liaison, self._reponses, trame[debut : debut + 20])

    async def deverser(self, liaison: Connection) -> None:
        """Rien : il attend qu'on lui demande."""

    async def mesurer(self, liaison: Connection) -> None:
        """Rien : la mesure est faite avant la liaison."""


def _vide(_liaison: Connection) -> bytes:
    return b""
