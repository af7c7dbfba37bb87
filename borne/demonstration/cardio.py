"""La ceinture cardiaque virtuelle : Heart Rate (0x180D), sans chiffrement ; fréquence et intervalles RR (2A37)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bumble.gatt import Service

from borne.demonstration.gatt import LIT, NOTIFIE
from borne.demonstration.jumeau import Identite
from borne.demonstration.seances import JumeauContinu
from borne.peripheriques.simulation.comportement import Comportement, EtatJumeau
from borne.peripheriques.simulation.courbes import Frequence, intervalles_rr
from borne.peripheriques.simulation.frequence import coder_frequence

_POITRINE: Final = 1
"""Body Sensor Location (2A38)."""
_BATTEMENTS_PAR_TRAME: Final = 1


class CardioVirtuel(JumeauContinu[Frequence]):
    """Une ceinture : elle notifie tant qu'on l'écoute. Contact perdu : la trame le dit, sans intervalle."""

    IDENTITE: ClassVar = Identite("BORNE-CARDIO", "F1:B0:14:E0:00:09", ("180D",), "Ceinture virtuelle")
    DECLENCHEURS: ClassVar = frozenset({"2A37"})
    CHIFFRE: ClassVar = False
    HORLOGE: ClassVar = ""
    FAUTES: ClassVar = frozenset({"contact-perdu", "bouge"})

    def __init__(self, *, etat: EtatJumeau[Frequence] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Frequence()), **options)
        self._rr = intervalles_rr(self.etat.valeur)

    def services(self) -> list[Service]:
        self.flux = self.gatt.caracteristique("2A37", NOTIFIE)
        return [Service("180D", [self.flux, self.gatt.caracteristique("2A38", LIT, bytes([_POITRINE]))])]

    def trame_vivante(self, secondes: float, part: float) -> tuple[bytes, Frequence | None]:
        valeur = self.etat.valeur
        if secondes == 0.0:
            self._rr = intervalles_rr(valeur)
        if self.etat.comportement is Comportement.NAN or self.etat.faute == "contact-perdu":
            return coder_frequence(0, contact=False), None
        rr_ms = [next(self._rr) for _ in range(_BATTEMENTS_PAR_TRAME)]
        if self.etat.faute == "bouge":
            # Le muscle bat aussi : des intervalles coupés en deux, une fréquence qui s'emballe.
            return coder_frequence(valeur.pouls * 2, contact=True, rr_ms=[rr / 2 for rr in rr_ms]), None
        return coder_frequence(valeur.pouls, contact=True, rr_ms=rr_ms), valeur
