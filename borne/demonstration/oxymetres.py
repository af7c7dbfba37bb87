"""Les oxymètres virtuels : Pulse Oximeter (0x1822) ponctuel et continu, Nonin 3230 et Jumper (protocoles propres)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final

from bumble.device import Connection
from bumble.gatt import Service

from borne.demonstration.gatt import INDIQUE, LIT, NOTIFIE
from borne.demonstration.jumeau import Identite
from borne.demonstration.seances import JumeauContinu, JumeauPonctuel
from borne.peripheriques.simulation.comportement import Comportement, EtatJumeau
from borne.peripheriques.simulation.courbes import Saturation, saturation_a
from borne.peripheriques.simulation.nonin import coder_3230
from borne.peripheriques.simulation.oxymetres import coder_jumper
from borne.peripheriques.simulation.saturation import coder_continue, coder_fonctions_oxymetre, coder_ponctuelle

_EN_COURS: Final = 1 << 5
_VALIDE: Final = 1 << 7 | 1 << 8
_DOUTEUX: Final = 1 << 14
_NUL: Final = 1 << 15
_EN_MEMOIRE: Final = 1 << 9
"""Measurement Status (Pulse Oximeter Service 1.0.1, 3.1.1.5)."""

_CAPTEUR: Final = MappingProxyType(
    {
        "doigt-retire": 1 << 11,
        "doigt-bouge": 1 << 6,
        "main-froide": 1 << 5,
        "signal-faible": 1 << 4,
        "lumiere": 1 << 10,
        "capteur-en-panne": 1 << 14,
    }
)
"""Faute du guide, bit de Device and Sensor Status (3.1.1.6)."""
_SANS_VALEUR: Final = frozenset({"doigt-retire", "capteur-en-panne", "main-froide"})
"""Fautes où l'oxymètre n'affiche plus rien ; les autres donnent des valeurs douteuses."""
_SYNCHRO: Final = 0x01
_FAIBLE: Final = 0x02
_SMART_POINT: Final = 0x04
_CHERCHE: Final = 0x08
"""Octet d'état du Nonin 3230."""
_SERVICE_NONIN: Final = "46A970E0-0D5F-11E2-8B5E-0002A5D5C51B"
_SERVICE_JUMPER: Final = "CDEACB80-5235-4C07-8846-93A37EE6B86D"


def _vue(etat: EtatJumeau[Saturation], secondes: float, part: float) -> Saturation | None:
    """Ce que l'oxymètre affiche à cet instant, faute et panne comprises."""
    if etat.comportement is Comportement.NAN or etat.faute in _SANS_VALEUR:
        return None
    return saturation_a(part, secondes, etat.valeur)


def _continue(etat: EtatJumeau[Saturation], secondes: float, part: float) -> tuple[bytes, Saturation | None]:
    """Une trame 2A5F."""
    vue = _vue(etat, secondes, part)
    capteur = _CAPTEUR.get(etat.faute, 0)
    if vue is None:
        return coder_continue(None, None, etat=_EN_COURS, capteur=capteur), None
    mot = _EN_COURS | (_DOUTEUX if etat.faute else 0)
    trame = coder_continue(vue.spo2, vue.pouls, etat=mot, capteur=capteur, perfusion=vue.perfusion)
    return trame, None if etat.faute else vue


class OxymetreVirtuel(JumeauPonctuel[Saturation]):
    """Un oxymètre de doigt normalisé : valeurs vivantes (2A5F), puis une prise finie (2A5E)."""

    IDENTITE: ClassVar = Identite("BORNE-SATURATION", "F1:B0:14:E0:00:03", ("1822",), "Oxymètre virtuel")
    DECLENCHEURS: ClassVar = frozenset({"2A5E"})
    FAUTES: ClassVar = frozenset(_CAPTEUR)

    def __init__(self, *, etat: EtatJumeau[Saturation] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Saturation()), **options)

    def services(self) -> list[Service]:
        self.resultat = self.gatt.caracteristique("2A5E", INDIQUE)
        self._vivante = self.gatt.caracteristique("2A5F", NOTIFIE)
        fonctions = coder_fonctions_oxymetre(0, etat=_VALIDE | _EN_COURS, capteur=sum(_CAPTEUR.values()))
        return [
            Service("1822", [self.resultat, self._vivante, self.gatt.caracteristique("2A60", LIT, fonctions)]),
        ]

    async def vivantes(self, liaison: Connection) -> AsyncIterator[float]:
        rang = 0
        async for part in super().vivantes(liaison):
            trame, _ = _continue(self.etat, rang / self.cadence_hz, part)
            await self.gatt.notifier(liaison, self._vivante, trame)
            rang += 1
            yield part

    def trame_finale(self) -> tuple[bytes, Saturation | None]:
        etat = self.etat
        capteur = _CAPTEUR.get(etat.faute, 0)
        date = etat.date_du_resultat()
        if etat.comportement is Comportement.NAN or etat.faute:
            capteur = capteur or _CAPTEUR["signal-faible"]
            return coder_ponctuelle(None, None, date, etat=_NUL, capteur=capteur), None
        trame = coder_ponctuelle(
            etat.valeur.spo2, etat.valeur.pouls, date, etat=_VALIDE, capteur=0, perfusion=etat.valeur.perfusion
        )
        return trame, etat.valeur

    def trame_memoire(self, valeur: Saturation, instant: datetime) -> bytes:
        return coder_ponctuelle(valeur.spo2, valeur.pouls, instant, etat=_VALIDE | _EN_MEMOIRE)


class OxymetreContinuVirtuel(JumeauContinu[Saturation]):
    """Un oxymètre normalisé qui ne connaît que le flux (2A5F)."""

    IDENTITE: ClassVar = Identite("BORNE-OXY-FLUX", "F1:B0:14:E0:00:04", ("1822",), "Oxymètre continu virtuel")
    DECLENCHEURS: ClassVar = frozenset({"2A5F"})
    FAUTES: ClassVar = frozenset(_CAPTEUR)

    def __init__(self, *, etat: EtatJumeau[Saturation] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Saturation()), **options)

    def services(self) -> list[Service]:
        self.flux = self.gatt.caracteristique("2A5F", NOTIFIE)
        return [Service("1822", [self.flux, self.gatt.caracteristique("2A60", LIT, coder_fonctions_oxymetre(0))])]

    def trame_vivante(self, secondes: float, part: float) -> tuple[bytes, Saturation | None]:
        return _continue(self.etat, secondes, part)


class Nonin3230Virtuel(JumeauContinu[Saturation]):
    """Un Nonin 3230 : dix octets par notification, « SmartPoint » quand son algorithme est sûr."""

    IDENTITE: ClassVar = Identite("Nonin3230", "F1:B0:14:E0:00:05", (_SERVICE_NONIN,), "3230", fabricant="Nonin")
    DECLENCHEURS: ClassVar = frozenset({"0AAD7EA0-0D60-11E2-8E3C-0002A5D5C51B"})
    HORLOGE: ClassVar = ""
    FAUTES: ClassVar = frozenset({"doigt-retire", "main-froide", "signal-faible"})

    def __init__(self, *, etat: EtatJumeau[Saturation] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Saturation()), **options)

    def services(self) -> list[Service]:
        (uuid,) = self.DECLENCHEURS
        self.flux = self.gatt.caracteristique(uuid, NOTIFIE)
        return [Service(_SERVICE_NONIN, [self.flux])]

    def trame_vivante(self, secondes: float, part: float) -> tuple[bytes, Saturation | None]:
        vue = _vue(self.etat, secondes, part)
        sur = vue is not None and part >= 1.0 and not self.etat.faute
        bits = _SYNCHRO | (_FAIBLE if self.etat.faute == "signal-faible" else 0)
        bits |= (_CHERCHE if vue is None else 0) | (_SMART_POINT if sur else 0)
        if vue is None:
            return coder_3230(None, None, secondes=round(secondes), etat=bits), None
        trame = coder_3230(vue.spo2, vue.pouls, perfusion=vue.perfusion, secondes=round(secondes), etat=bits)
        return trame, vue if sur else None


class JumperVirtuel(JumeauContinu[Saturation]):
    """Un Jumper JPD-500 : quatre octets par notification, ni chiffrement ni horloge."""

    IDENTITE: ClassVar = Identite("My Oximeter", "F1:B0:14:E0:00:06", (_SERVICE_JUMPER,), "JPD-500", "Jumper")
    DECLENCHEURS: ClassVar = frozenset({"CDEACB81-5235-4C07-8846-93A37EE6B86D"})
    CHIFFRE: ClassVar = False
    HORLOGE: ClassVar = ""
    FAUTES: ClassVar = frozenset({"doigt-retire", "main-froide"})

    def __init__(self, *, etat: EtatJumeau[Saturation] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Saturation()), **options)

    def services(self) -> list[Service]:
        (uuid,) = self.DECLENCHEURS
        self.flux = self.gatt.caracteristique(uuid, NOTIFIE)
        return [Service(_SERVICE_JUMPER, [self.flux])]

    def trame_vivante(self, secondes: float, part: float) -> tuple[bytes, Saturation | None]:
        vue = _vue(self.etat, secondes, part)
        if vue is None:
            return coder_jumper(None, None), None
        return coder_jumper(vue.spo2, vue.pouls, vue.perfusion), vue
