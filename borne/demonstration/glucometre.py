"""Le lecteur de glycémie virtuel : Glucose (0x1808), chiffrement exigé ; ses mesures se demandent (2A52, RACP).

Glucose Service 1.0.1, 3.4 et Record Access Control Point du GATT Specification Supplement. Il ne déverse rien : sa
mémoire est un registre que la borne interroge, et la goutte de la séance s'y ajoute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final

from bumble.att import ATT_Error, AttributeValue, ErrorCode
from bumble.device import Connection
from bumble.gatt import Service

from borne.demonstration.gatt import ECRIT, INDIQUE, LIT, NOTIFIE
from borne.demonstration.jumeau import Identite, Jumeau
from borne.peripheriques.simulation.comportement import Comportement, EtatJumeau, Phase
from borne.peripheriques.simulation.courbes import Glycemie
from borne.peripheriques.simulation.glycemie import (
    CAPILLAIRE_TOTAL,
    DOIGT,
    SOLUTION_CONTROLE,
    coder_compte,
    coder_glycemie,
    coder_reponse,
)

_CONTROLE: Final = "solution-de-controle"
_ETATS: Final = MappingProxyType(
    {
        "goutte-insuffisante": 1 << 2,
        "bandelette-mal-mise": 1 << 3,
        "bandelette-inconnue": 1 << 4,
        "trop-haute": 1 << 5,
        "trop-basse": 1 << 6,
        "trop-chaud": 1 << 7,
        "trop-froid": 1 << 8,
        "bandelette-retiree": 1 << 9,
        "lecteur-en-panne": 1 << 10,
    }
)
"""Faute du guide, bit de Sensor Status Annunciation (3.1.1.7)."""
_FONCTIONS: Final = (0x07FF).to_bytes(2, "little")
_LIEU_CONTROLE: Final = 4
_G_L_EN_KG_L: Final = 1e-3
_CAPACITE: Final = 500
"""Enregistrements gardés ; les plus vieux s'effacent."""

_FAIT, _OP_INCONNUE, _OPERATEUR_FAUX, _OPERATEUR_INCONNU, _OPERANDE_FAUX, _RIEN, _FILTRE_INCONNU = 1, 2, 3, 4, 5, 6, 9
_RENDRE, _ABANDON, _COMPTER = 0x01, 0x03, 0x04
_TOUS, _AU_PLUS, _AU_MOINS, _ENTRE, _PREMIER, _DERNIER = range(0x01, 0x07)
_PAR_SEQUENCE: Final = 0x01
_CCCD_MAL_REGLE: Final = 0xFD
_PROCEDURE_EN_COURS: Final = 0xFE


@dataclass(frozen=True, slots=True)
class Enregistrement:
    """Une mesure du registre. `neuve` : faite pendant la séance en cours."""

    numero: int
    valeur: Glycemie | None
    instant: datetime | None
    faute: str = ""
    neuve: bool = False
    abimer: bool = False

    def trame(self, secours: datetime) -> bytes:
        """2A18 ; `secours` : la date d'un appareil qui n'en a pas (le champ est obligatoire)."""
        controle = self.faute == _CONTROLE
        etat = _ETATS.get(self.faute, 0 if self.valeur is not None or controle else _ETATS["goutte-insuffisante"])
        return coder_glycemie(
            self.numero,
            self.instant or secours,
            None if self.valeur is None else self.valeur.g_l * _G_L_EN_KG_L,
            type=SOLUTION_CONTROLE if controle else CAPILLAIRE_TOTAL,
            endroit=_LIEU_CONTROLE if controle else DOIGT,
            decalage_min=0,
            etat=etat,
        )


class _Refus(Exception):
    """Une demande que le registre ne sert pas ; `code` de réponse RACP."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class GlucometreVirtuel(Jumeau[Glycemie]):
    """Un glucomètre : la goutte vient `delai_bouton_s` après l'abonnement, son résultat `duree_s` plus tard."""

    IDENTITE: ClassVar = Identite("BORNE-GLYCEMIE", "F1:B0:14:E0:00:0A", ("1808",), "Glucomètre virtuel")
    DECLENCHEURS: ClassVar = frozenset({"2A18", "2A52"})
    FAUTES: ClassVar = frozenset({*_ETATS, _CONTROLE})

    def __init__(self, *, etat: EtatJumeau[Glycemie] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Glycemie()), **options)
        self.registre: list[Enregistrement] = []
        self._numero = 0
        self._procedure: asyncio.Task[None] | None = None

    def services(self) -> list[Service]:
        self._mesure_glycemie = self.gatt.caracteristique("2A18", NOTIFIE)
        ordres = AttributeValue[bytes](lambda _liaison: b"", self._sur_demande)
        self._acces = self.gatt.caracteristique("2A52", ECRIT | INDIQUE, ordres)
        fonctions = self.gatt.caracteristique("2A51", LIT, _FONCTIONS)
        return [Service("1808", [self._mesure_glycemie, fonctions, self._acces])]

    def vider(self) -> None:
        """Efface le registre ; la numérotation repart de 1."""
        self.registre.clear()
        self._numero = 0

    async def deverser(self, liaison: Connection) -> None:
        """La mémoire va au registre, où la borne la demandera ; ce qui était neuf ne l'est plus."""
        self.registre = [replace(garde, neuve=False) for garde in self.registre]
        for valeur, instant in self.etat.memoire:
            self._enregistrer(valeur, instant)
        self.etat.memoire.clear()

    async def mesurer(self, liaison: Connection) -> None:
        etat = self.etat
        etat.mesures_commencees += 1
        if self.coupe_en(Phase.MESURE):
            return
        await asyncio.sleep(self.duree_s)
        echoue = etat.comportement is Comportement.NAN or etat.faute in _ETATS
        abimer = etat.comportement is Comportement.TRAME_TRONQUEE
        valeur = None if echoue else etat.valeur
        self._enregistrer(valeur, etat.date_du_resultat(), faute=etat.faute, neuve=True, abimer=abimer)

    def _enregistrer(self, valeur: Glycemie | None, instant: datetime | None, **autres: Any) -> None:
        self._numero = self._numero % 0xFFFF + 1
        self.registre.append(Enregistrement(self._numero, valeur, instant, **autres))
        del self.registre[:-_CAPACITE]

    # --- RACP ---

    def _sur_demande(self, liaison: Connection, demande: bytes) -> None:
        """Une écriture de 2A52 ; refusée par une erreur ATT si la borne n'est pas abonnée, ou pendant une autre."""
        if not self.gatt.abonne(*self.DECLENCHEURS):
            raise ATT_Error(ErrorCode(_CCCD_MAL_REGLE))
        en_cours = self._procedure is not None and not self._procedure.done()
        if demande[:1] == bytes([_ABANDON]):
            if self._procedure is not None:
                self._procedure.cancel()
            self._procedure = self.accompagner(self.gatt.indiquer(liaison, self._acces, coder_reponse(_ABANDON)))
        elif en_cours:
            raise ATT_Error(ErrorCode(_PROCEDURE_EN_COURS))
        else:
            self._procedure = self.accompagner(self._repondre(liaison, demande))

    async def _repondre(self, liaison: Connection, demande: bytes) -> None:
        operation = demande[0] if demande else 0
        try:
            choisis = self._choisir(demande)
        except _Refus as refus:
            await self.gatt.indiquer(liaison, self._acces, coder_reponse(operation, refus.code))
            return
        if operation == _COMPTER:
            await self.gatt.indiquer(liaison, self._acces, coder_compte(len(choisis)))
            return
        for choisi in choisis:
            await self._envoyer(liaison, choisi)
        await self.gatt.indiquer(liaison, self._acces, coder_reponse(operation, _FAIT if choisis else _RIEN))
        await self._conclure(liaison, rendu=any(choisi.neuve for choisi in choisis))

    async def _envoyer(self, liaison: Connection, choisi: Enregistrement) -> None:
        trame = choisi.trame(self.etat.maintenant())
        if choisi.abimer:
            trame = self.etat.abimer(trame)
        await self.gatt.notifier(liaison, self._mesure_glycemie, trame)
        self.etat.noter(trame, choisi.valeur, en_memoire=not choisi.neuve)

    async def _conclure(self, liaison: Connection, *, rendu: bool) -> None:
        if rendu:
            self.se_taire()
            if self.coupe_en(Phase.RENDU):
                return
        apres = {Comportement.COUPER_APRES: rendu, Comportement.MEMOIRE_SEULE: True}
        if apres.get(self.etat.comportement, False):
            await self.raccrocher(liaison)

    def _choisir(self, demande: bytes) -> list[Enregistrement]:
        """Les enregistrements que la demande désigne. Lève `_Refus`."""
        if len(demande) < 2 or demande[0] not in (_RENDRE, _COMPTER):
            raise _Refus(_OP_INCONNUE)
        operateur, operande = demande[1], demande[2:]
        if operateur in (_TOUS, _PREMIER, _DERNIER):
            if operande:
                raise _Refus(_OPERANDE_FAUX)
            bornes = {_TOUS: slice(None), _PREMIER: slice(0, 1), _DERNIER: slice(-1, None)}
            return self.registre[bornes[operateur]]
        if operateur not in (_AU_PLUS, _AU_MOINS, _ENTRE):
            raise _Refus(_OPERATEUR_INCONNU if operateur else _OPERATEUR_FAUX)
        return [garde for garde in self.registre if _filtre(operateur, operande)(garde.numero)]


def _filtre(operateur: int, operande: bytes) -> Callable[[int], bool]:
    """Le filtre par numéro de séquence d'une demande. Lève `_Refus`."""
    if operande[:1] != bytes([_PAR_SEQUENCE]):
        raise _Refus(_FILTRE_INCONNU if operande else _OPERANDE_FAUX)
    if len(operande) != (5 if operateur == _ENTRE else 3):
        raise _Refus(_OPERANDE_FAUX)
    premier = int.from_bytes(operande[1:3], "little")
    dernier = int.from_bytes(operande[3:5], "little")
    if operateur == _AU_PLUS:
        return lambda numero: numero <= premier
    if operateur == _AU_MOINS:
        return lambda numero: numero >= premier
    if premier > dernier:
        raise _Refus(_OPERANDE_FAUX)
    return lambda numero: premier <= numero <= dernier
