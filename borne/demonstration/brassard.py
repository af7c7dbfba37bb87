"""Le tensiomètre de bras virtuel : Blood Pressure (0x1810), chiffrement exigé.

Tuer la borne ne tue pas le brassard. `python -m borne.demonstration.brassard --port-hci 0 --port-commande 0` écrit
une ligne JSON (`port_hci`, `port_commande`) puis sert jusqu'à SIGTERM ; les ordres sont ceux de `commande.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, ClassVar, Final

from bumble.device import Connection
from bumble.gatt import Service

from borne.demonstration.gatt import INDIQUE, LIT, NOTIFIE
from borne.demonstration.jumeau import Identite
from borne.demonstration.seances import JumeauPonctuel
from borne.peripheriques.simulation.comportement import Comportement, EtatJumeau
from borne.peripheriques.simulation.tension import Tension, coder_mesure, coder_pression, courbe

NOM: Final = "BORNE-TENSION"
_ETATS: Final = {"mouvement": 0x01, "brassard-lache": 0x02, "pouls-irregulier": 0x04, "position": 0x20}
"""Bits de Measurement Status (2A35)."""
_MAL_POSE: Final = _ETATS["mouvement"] | _ETATS["brassard-lache"]
_FONCTIONS: Final = bytes.fromhex("2700")
"""2A49 : mouvement, serrage, pouls irrégulier, position."""


class BrassardVirtuel(JumeauPonctuel[Tension]):
    """Un tensiomètre de bras Bluetooth. Utilisable tel quel dans une boucle asyncio, ou par son processus.

    Une faute commandée finit sans valeur ; un pouls irrégulier, lui, se mesure et s'accuse.
    """

    IDENTITE: ClassVar = Identite(NOM, "F1:B0:14:E0:00:01", ("1810",), "Brassard virtuel")
    DECLENCHEURS: ClassVar = frozenset({"2A35"})
    FAUTES: ClassVar = frozenset(_ETATS)

    def __init__(self, *, etat: EtatJumeau[Tension] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Tension()), **options)

    def services(self) -> list[Service]:
        self.resultat = self.gatt.caracteristique("2A35", INDIQUE)
        self._pression = self.gatt.caracteristique("2A36", NOTIFIE)
        fonctions = self.gatt.caracteristique("2A49", LIT, _FONCTIONS)
        return [Service("1810", [self.resultat, self._pression, fonctions])]

    async def vivantes(self, liaison: Connection) -> AsyncIterator[float]:
        points = list(courbe(self.etat.valeur, self.duree_s, self.cadence_hz))
        for rang, pression in enumerate(points):
            await self.gatt.notifier(liaison, self._pression, coder_pression(pression))
            yield rang / len(points)

    def trame_finale(self) -> tuple[bytes, Tension | None]:
        etat, faute = self.etat, self.etat.faute
        echoue = etat.comportement is Comportement.NAN or faute not in ("", "pouls-irregulier")
        valeur = None if echoue else etat.valeur
        bits = _ETATS.get(faute, _MAL_POSE if echoue else 0)
        return coder_mesure(valeur, etat.date_du_resultat(), etat=bits), valeur

    def trame_memoire(self, valeur: Tension, instant: datetime) -> bytes:
        return coder_mesure(valeur, instant)


if __name__ == "__main__":
    from borne.demonstration.commande import principal

    principal()
