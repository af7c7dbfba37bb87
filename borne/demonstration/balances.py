"""Les balances virtuelles : Weight Scale (0x181D) reliée, et balance qui ne parle que dans son annonce (Mi)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, ClassVar, Final

from bumble import hci
from bumble.core import AdvertisingData
from bumble.device import AdvertisingType, Connection
from bumble.gatt import Service

from borne.demonstration.gatt import INDIQUE, LIT
from borne.demonstration.jumeau import SANS_MESURE, Identite, Jumeau
from borne.demonstration.seances import JumeauPonctuel
from borne.peripheriques.simulation.annonces import coder_mi_poids
from borne.peripheriques.simulation.comportement import Comportement, EtatJumeau, Phase
from borne.peripheriques.simulation.courbes import Poids, poids_a
from borne.peripheriques.simulation.poids import coder_fonctions_balance, coder_poids

_FINESSE_5_G: Final = 7
_FAUTES: Final = frozenset({"bouge", "descendu-trop-tot", "pesee-manquee"})
_UUID_MI: Final = 0x181D
_PART_MESURE: Final = 0.3
_REPETITIONS: Final = 3
"""Annonces du poids stable avant de s'endormir."""


class PesePersonneVirtuel(JumeauPonctuel[Poids]):
    """Un pèse-personne relié. Une faute du patient finit par une pesée échouée (0xFFFF)."""

    IDENTITE: ClassVar = Identite("BORNE-POIDS", "F1:B0:14:E0:00:07", ("181D",), "Pèse-personne virtuel")
    DECLENCHEURS: ClassVar = frozenset({"2A9D"})
    FAUTES: ClassVar = _FAUTES

    def __init__(self, *, etat: EtatJumeau[Poids] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Poids()), **options)

    def services(self) -> list[Service]:
        self.resultat = self.gatt.caracteristique("2A9D", INDIQUE)
        fonctions = coder_fonctions_balance(dates=True, finesse_poids=_FINESSE_5_G)
        return [Service("181D", [self.resultat, self.gatt.caracteristique("2A9E", LIT, fonctions)])]

    def trame_finale(self) -> tuple[bytes, Poids | None]:
        echoue = self.etat.comportement is Comportement.NAN or bool(self.etat.faute)
        valeur = None if echoue else self.etat.valeur
        return coder_poids(None if valeur is None else valeur.kg, self.etat.date_du_resultat()), valeur

    def trame_memoire(self, valeur: Poids, instant: datetime) -> bytes:
        return coder_poids(valeur.kg, instant)


class BalanceAnnonceVirtuelle(Jumeau[Poids]):
    """Une Mi Smart Scale : muette et endormie, elle s'éveille quand on y monte et dit son poids dans ses annonces.

    `presser` y monte ; par défaut (`mesure_a_l_abonnement`) on y monte dès qu'une borne écoute.
    """

    IDENTITE: ClassVar = Identite("MI_SCALE", "F1:B0:14:E0:00:08", (), "Balance par annonce virtuelle", "Xiaomi")
    DECLENCHEURS: ClassVar = frozenset[str]()
    CHIFFRE: ClassVar = False
    HORLOGE: ClassVar = ""
    FAUTES: ClassVar = _FAUTES

    def __init__(self, *, etat: EtatJumeau[Poids] | None = None, **options: Any) -> None:
        super().__init__(etat or EtatJumeau(Poids()), **options)
        self._trame = b""
        self._eveillee = False

    def services(self) -> list[Service]:
        return []

    async def demarrer(self) -> None:
        await super().demarrer()
        self._controleur.le_legacy_advertiser.sur_ecoute = self._sur_ecoute

    @property
    def annonce_voulue(self) -> bool:
        """Elle n'annonce qu'éveillée."""
        return super().annonce_voulue and self._eveillee

    @property
    def genre_annonce(self) -> AdvertisingType:
        """On ne s'y relie pas."""
        return AdvertisingType.UNDIRECTED

    def donnees_annonce(self) -> bytes:
        types = AdvertisingData.Type
        service = _UUID_MI.to_bytes(2, "little")
        champs = [
            (types.FLAGS, bytes([0x06])),
            (types.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, service),
            (types.SERVICE_DATA_16_BIT_UUID, service + self._trame),
            (types.SHORTENED_LOCAL_NAME, self.IDENTITE.nom.encode()[:5]),
        ]
        return bytes(AdvertisingData(champs))

    def presser(self) -> None:
        """On monte sur la balance."""
        if self.allume and not self.mesure_en_cours and self.etat.comportement not in SANS_MESURE:
            self.lancer(self._s_eveiller())

    async def deverser(self, liaison: Connection) -> None:
        """Rien : pas de liaison."""

    async def mesurer(self, liaison: Connection) -> None:
        """Rien : pas de liaison."""

    def _sur_ecoute(self) -> None:
        if self.mesure_a_l_abonnement:
            self.presser()

    async def _s_eveiller(self) -> None:
        """Une pesée, puis le sommeil ; on y remonte tant qu'une borne écoute, si c'est elle qui y fait monter."""
        try:
            await self._peser()
            while self.allume and self.mesure_a_l_abonnement and self.monde.lien.ecoutent(self._controleur):
                await asyncio.sleep(max(self.delai_bouton_s, 1 / self.cadence_hz))
                await self._peser()
        finally:
            self._eveillee = False
            self.reprendre()

    async def _peser(self) -> None:
        self.etat.mesures_commencees += 1
        pas = max(2, round(self.duree_s * self.cadence_hz))
        for rang in range(pas):
            secondes, part = rang / self.cadence_hz, rang / pas
            faute = self.etat.faute
            kg = poids_a(
                part, secondes, self.etat.valeur, bouge=faute == "bouge", descend=faute == "descendu-trop-tot"
            )
            await self._dire(kg, stable=False)
            if part >= _PART_MESURE and self.phase is not Phase.MESURE and self.coupe_en(Phase.MESURE):
                return
            await asyncio.sleep(1 / self.cadence_hz)
        if not self.etat.faute and self.etat.comportement is not Comportement.NAN:
            await self._dire_le_resultat()

    async def _dire_le_resultat(self) -> None:
        await self._dire(self.etat.valeur.kg, stable=True)
        self.etat.noter(self._trame, self.etat.valeur)
        # L'annonce part d'abord : le résultat est rendu quand il est dans l'air.
        await asyncio.sleep(1 / self.cadence_hz)
        if not self.coupe_en(Phase.RENDU):
            await asyncio.sleep(_REPETITIONS / self.cadence_hz)

    async def _dire(self, kg: float, *, stable: bool) -> None:
        date = self.etat.date_du_resultat() or self.etat.maintenant()
        self._trame = self.etat.abimer(coder_mi_poids(kg, date, stable=stable))
        if not self._eveillee:
            self._eveillee = True
            await self.ajuster_annonce()
        await self.appareil.send_sync_command(
            hci.HCI_LE_Set_Advertising_Data_Command(advertising_data=self.donnees_annonce())
        )
        # Une trame neuve part sans attendre l'intervalle, comme le fait une balance qui s'éveille.
        self._controleur.le_legacy_advertiser.repeter()
