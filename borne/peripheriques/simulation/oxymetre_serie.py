"""Les oxymètres à fil virtuels, côté octets : ce que chaque modèle envoie, et quand, et ce qu'il comprend. Pur.

Le temps est celui qu'on leur donne (secondes depuis la mise en marche) : un essai le fait avancer d'un coup, le monde
virtuel à son pas. La prise (pty) est dans `borne.demonstration.prise`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from borne.peripheriques.simulation import nonin
from borne.peripheriques.simulation.cms50 import coder_v4, coder_v7_paquet, coder_v7_temps_reel

CADENCE_CMS50_HZ: Final = 60.0
CADENCE_NONIN_HZ: Final = 3.0
"""Paquets par seconde, de 25 trames chacun."""
SILENCE_V7_S: Final = 5.0
"""Un CMS50 v7 se tait quand on ne lui dit plus rien pendant ce temps."""
DUREE_PONCTUELLE_S: Final = 10.0


class ConduiteOxymetre(StrEnum):
    """Ce que fait l'oxymètre virtuel."""

    NORMAL = "normal"
    DOIGT_RETIRE = "doigt_retire"
    CHERCHE = "cherche"
    """Le doigt est là, le pouls pas encore trouvé."""
    BOUGE = "bouge"
    """Les valeurs sautent ; un Nonin accuse l'artefact."""
    MAIN_FROIDE = "main_froide"
    SIGNAL_FAIBLE = "signal_faible"
    CAPTEUR = "capteur"
    """Il accuse son propre capteur."""
    ETEINT = "eteint"
    """La prise du câble est là, plus rien n'y parle."""


@dataclass(slots=True)
class EtatOxymetre:
    """L'état commandable. SpO2 (%), pouls (/min), perfusion (%)."""

    spo2: int = 97
    pouls: int = 72
    perfusion: float = 3.2
    conduite: ConduiteOxymetre = ConduiteOxymetre.NORMAL
    memoire: list[tuple[int, int, datetime]] = field(default_factory=list)
    """Prises d'avant (SpO2, pouls, date), pour ceux qui en gardent : les plus vieilles d'abord."""

    def valeurs(self, secondes: float) -> tuple[int, int] | None:
        """SpO2 et pouls affichés à cet instant ; None quand l'appareil n'en a pas."""
        match self.conduite:
            case ConduiteOxymetre.DOIGT_RETIRE | ConduiteOxymetre.CHERCHE | ConduiteOxymetre.CAPTEUR:
                return None
            case ConduiteOxymetre.BOUGE:
                # Une dent de scie d'une seconde : aucune fenêtre n'est calme.
                saut = int(secondes * 4) % 4
                return self.spo2 - 3 * saut, self.pouls + 9 * saut
            case _:
                return self.spo2, self.pouls

    def indice(self) -> float:
        """L'indice de perfusion (%) de cet instant."""
        return 0.1 if self.conduite is ConduiteOxymetre.MAIN_FROIDE else self.perfusion

    def signal(self) -> int:
        """La force du signal, 0 à 8."""
        return 1 if self.conduite is ConduiteOxymetre.SIGNAL_FAIBLE else 6

    def courbe(self, secondes: float) -> float:
        """La pléthysmographie, 0 à 1 : une montée brève, une descente où se voit l'onde dicrote."""
        if self.conduite in (ConduiteOxymetre.DOIGT_RETIRE, ConduiteOxymetre.CAPTEUR):
            return 0.0
        phase = secondes * self.pouls / 60 % 1
        onde = math.exp(-(((phase - 0.2) / 0.09) ** 2)) + 0.35 * math.exp(-(((phase - 0.5) / 0.1) ** 2))
        return min(1.0, 0.1 + 0.8 * onde)


class _Cadence:
    """Combien de trames sont dues depuis le dernier regard, sans jamais en rattraper plus d'une seconde."""

    def __init__(self, hz: float) -> None:
        self._hz = hz
        self._faites = 0

    def dues(self, secondes: float) -> range:
        jusqua = int(secondes * self._hz)
        debut = max(self._faites, jusqua - int(self._hz))
        self._faites = max(self._faites, jusqua)
        return range(debut, jusqua)

    def instant(self, rang: int) -> float:
        return rang / self._hz


class OxymetreVirtuel(ABC):
    """Un `ModeleSerie` que l'on conduit par son état."""

    def __init__(self, etat: EtatOxymetre) -> None:
        self.etat = etat

    @abstractmethod
    def avancer(self, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""

    @abstractmethod
    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""


class Cms50V4(OxymetreVirtuel):
    """CMS50D+ jusqu'à 4.5 : émet sans cesse dès qu'il est allumé, n'écoute rien."""

    def __init__(self, etat: EtatOxymetre) -> None:
        super().__init__(etat)
        self._cadence = _Cadence(CADENCE_CMS50_HZ)

    def avancer(self, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""
        dues = self._cadence.dues(secondes)
        if self.etat.conduite is ConduiteOxymetre.ETEINT:
            return b""
        return b"".join(self._trame(self._cadence.instant(rang)) for rang in dues)

    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""
        return b""

    def _trame(self, secondes: float) -> bytes:
        etat = self.etat
        spo2, pouls = etat.valeurs(secondes) or (None, None)
        return coder_v4(
            spo2,
            pouls,
            round(127 * etat.courbe(secondes)),
            signal=etat.signal(),
            doigt_absent=etat.conduite is ConduiteOxymetre.DOIGT_RETIRE,
            sonde_en_panne=etat.conduite is ConduiteOxymetre.CAPTEUR,
            cherche=etat.conduite is ConduiteOxymetre.CHERCHE,
        )


class Cms50V7(OxymetreVirtuel):
    """CMS50 v7 : se tait tant qu'on ne l'a pas mis en marche, et se tait de nouveau sans maintien."""

    def __init__(self, etat: EtatOxymetre) -> None:
        super().__init__(etat)
        self.marches = 0
        """Fois où on l'a mis en marche."""
        self._cadence = _Cadence(CADENCE_CMS50_HZ)
        self._jusqua_s = 0.0
        self._recu = bytearray()

    def avancer(self, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""
        dues = self._cadence.dues(secondes)
        if self.etat.conduite is ConduiteOxymetre.ETEINT:
            self._jusqua_s = 0.0
        instants = (self._cadence.instant(rang) for rang in dues)
        return b"".join(self._trame(instant) for instant in instants if instant < self._jusqua_s)

    @property
    def en_marche(self) -> bool:
        """Vrai tant que rien ne l'a arrêté : ni ordre, ni panne (son silence, lui, vient avec le temps)."""
        return self._jusqua_s > 0

    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Voir `ModeleSerie`. Un ordre : 7D, 81, puis le sien ; les autres octets sont sautés."""
        self._recu += octets
        reponse = b""
        while (rang := self._recu.find(b"\x7d\x81")) >= 0 and len(self._recu) >= rang + 9:
            reponse += self._obeir(self._recu[rang + 2], secondes)
            del self._recu[: rang + 9]
        del self._recu[:-16]
        return reponse

    def _obeir(self, ordre: int, secondes: float) -> bytes:
        if self.etat.conduite is ConduiteOxymetre.ETEINT:
            return b""
        match ordre:
            case 0xA1:
                self.marches += 1
                self._jusqua_s = secondes + SILENCE_V7_S
            case 0xAF:
                if secondes < self._jusqua_s:
                    self._jusqua_s = secondes + SILENCE_V7_S
            case 0xA2:
                self._jusqua_s = 0.0
        return coder_v7_paquet(0x0C, bytes([ordre & 0x7F, 0]))

    def _trame(self, secondes: float) -> bytes:
        etat = self.etat
        spo2, pouls = etat.valeurs(secondes) or (None, None)
        return coder_v7_temps_reel(
            spo2,
            pouls,
            round(127 * etat.courbe(secondes)),
            perfusion=None if spo2 is None else etat.indice(),
            signal=etat.signal(),
            sonde_en_panne=etat.conduite in (ConduiteOxymetre.DOIGT_RETIRE, ConduiteOxymetre.CAPTEUR),
            cherche=etat.conduite is ConduiteOxymetre.CHERCHE,
        )


_DF2_ETATS: Final[Mapping[ConduiteOxymetre, int]] = MappingProxyType(
    {
        ConduiteOxymetre.DOIGT_RETIRE: nonin.ALARME | nonin.HORS_SUIVI,
        ConduiteOxymetre.CHERCHE: nonin.HORS_SUIVI,
        ConduiteOxymetre.BOUGE: nonin.ARTEFACT,
        ConduiteOxymetre.CAPTEUR: nonin.DEBRANCHE,
    }
)
_DF2_COULEURS: Final[Mapping[ConduiteOxymetre, str]] = MappingProxyType(
    {ConduiteOxymetre.MAIN_FROIDE: "red", ConduiteOxymetre.SIGNAL_FAIBLE: "yellow"}
)


class NoninDf2(OxymetreVirtuel):
    """Nonin, format 2 : trois paquets par seconde, sans cesse."""

    def __init__(self, etat: EtatOxymetre) -> None:
        super().__init__(etat)
        self._cadence = _Cadence(CADENCE_NONIN_HZ)

    def avancer(self, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""
        dues = self._cadence.dues(secondes)
        if self.etat.conduite is ConduiteOxymetre.ETEINT:
            return b""
        return b"".join(self._paquet(self._cadence.instant(rang)) for rang in dues)

    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Voir `ModeleSerie`. Le choix de format est accepté."""
        return b"\x06" if octets.startswith(b"\x02\x70") else b""

    def _paquet(self, secondes: float) -> bytes:
        etat = self.etat
        spo2, pouls = etat.valeurs(secondes) or (None, None)
        pleths = [round(255 * etat.courbe(secondes + rang / 75)) for rang in range(25)]
        couleur = _DF2_COULEURS.get(etat.conduite, "green")
        drapeaux = _DF2_ETATS.get(etat.conduite, 0)
        return nonin.coder_paquet_df2(spo2, pouls, pleths, etat=drapeaux, perfusions=[couleur] * 5)


class NoninDf13(OxymetreVirtuel):
    """Nonin, format 13 : sa mémoire d'abord, puis la prise du jour quand elle est finie ; attend chaque accusé."""

    def __init__(
        self, etat: EtatOxymetre, duree_s: float = DUREE_PONCTUELLE_S, horloge: Callable[[], datetime] = datetime.now
    ) -> None:
        super().__init__(etat)
        self.accuses = 0
        self._duree_s, self._horloge = duree_s, horloge
        self._finie_s: float | None = None
        self._attend = False

    def avancer(self, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""
        if self._attend or self._finie_s is None or self.etat.conduite is ConduiteOxymetre.ETEINT:
            return b""
        if self.etat.memoire:
            self._attend = True
            spo2, pouls, date = self.etat.memoire[0]
            return nonin.coder_format_13(spo2, pouls, date, de_memoire=True)
        if secondes < self._finie_s or self.etat.conduite is ConduiteOxymetre.DOIGT_RETIRE:
            return b""
        self._finie_s = None
        valeurs = self.etat.valeurs(secondes)
        lu_spo2, lu_pouls = valeurs or (None, None)
        return nonin.coder_format_13(lu_spo2, lu_pouls, self._horloge(), sans_mesure=valeurs is None)

    def recevoir(self, octets: bytes, secondes: float) -> bytes:
        """Voir `ModeleSerie`."""
        # L'accusé d'une séance et l'ordre de la suivante peuvent arriver ensemble.
        avant, ordre, _ = octets.partition(b"\x02\x70")
        if b"\x06" in avant:
            self.accuses += 1
            if self._attend:
                del self.etat.memoire[0]
                self._attend = False
        if not ordre:
            return b""
        self._finie_s, self._attend = secondes + self._duree_s, False
        return b"\x06"


MODELES: Final[Mapping[str, Callable[[EtatOxymetre], OxymetreVirtuel]]] = MappingProxyType(
    {"cms50-v4": Cms50V4, "cms50-v7": Cms50V7, "nonin-2": NoninDf2, "nonin-13": NoninDf13}
)
