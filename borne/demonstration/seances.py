"""Ce qu'un appareil virtuel fait d'une borne abonnée : une mesure à résultat, ou un flux sans fin."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from bumble.device import Connection
from bumble.gatt import Characteristic

from borne.demonstration.jumeau import Jumeau
from borne.peripheriques.simulation.comportement import Comportement, Phase, V

_PART_MESURE: Final = 0.3
"""Part des valeurs vivantes envoyées quand la phase MESURE est tenue pour commencée."""

_COMMENCEES: Final = frozenset({Phase.MESURE, Phase.RENDU})


class JumeauPonctuel(Jumeau[V]):
    """Valeurs vivantes, s'il y en a, puis un résultat indiqué ; la mémoire se déverse dès l'abonnement.

    `resultat` : la caractéristique du résultat, à poser dans `services`.
    """

    resultat: Characteristic[bytes]
    differe = False
    """Voir `differer`."""

    async def differer(self) -> None:
        """Devient de ceux (A&D) qui dorment jusqu'au bouton, mesurent seuls, annoncent, rendent et raccrochent."""
        self.differe, self.mesure_a_l_abonnement = True, False
        await self.ajuster_annonce()

    @property
    def annonce_voulue(self) -> bool:
        """Différé, il n'annonce que s'il a quelque chose à rendre."""
        return super().annonce_voulue and (not self.differe or bool(self.etat.memoire))

    def presser(self) -> None:
        """Le bouton ; un appareil différé mesure seul, sans borne."""
        if not self.differe:
            super().presser()
        elif self.allume and not self.mesure_en_cours:
            self.lancer(self._mesurer_seul())

    async def _mesurer_seul(self) -> None:
        self.etat.mesures_commencees += 1
        await asyncio.sleep(self.duree_s)
        self.etat.memoire.append((self.etat.valeur, self.etat.maintenant()))
        await self.ajuster_annonce()

    @abstractmethod
    def trame_finale(self) -> tuple[bytes, V | None]:
        """Le résultat de la mesure qui finit, et ce qu'il porte (None : rien)."""

    @abstractmethod
    def trame_memoire(self, valeur: V, instant: datetime) -> bytes:
        """Une mesure d'avant."""

    async def vivantes(self, liaison: Connection) -> AsyncIterator[float]:
        """Envoie une à une les valeurs vivantes d'une mesure ; donne à chacune la part faite (0 à 1)."""
        pas = max(2, round(self.duree_s * self.cadence_hz))
        for rang in range(pas):
            yield rang / pas

    async def deverser(self, liaison: Connection) -> None:
        while self.etat.memoire:
            valeur, instant = self.etat.memoire.pop(0)
            trame = self.trame_memoire(valeur, instant)
            await self.gatt.indiquer(liaison, self.resultat, trame)
            self.etat.noter(trame, valeur, en_memoire=True)
        if self.differe or self.etat.comportement is Comportement.MEMOIRE_SEULE:
            await self.raccrocher(liaison)

    async def mesurer(self, liaison: Connection) -> None:
        self.etat.mesures_commencees += 1
        async for part in self.vivantes(liaison):
            if part >= _PART_MESURE and self.phase is not Phase.MESURE and self.coupe_en(Phase.MESURE):
                return
            await asyncio.sleep(1 / self.cadence_hz)
        trame, valeur = self.trame_finale()
        trame = self.etat.abimer(trame)
        await self.gatt.indiquer(liaison, self.resultat, trame)
        self.etat.noter(trame, valeur)
        self.se_taire()
        if not self.coupe_en(Phase.RENDU) and self.etat.comportement is Comportement.COUPER_APRES:
            await self.raccrocher(liaison)


class JumeauContinu(Jumeau[V]):
    """Des valeurs notifiées sans fin tant que la borne est là ; au bout de `duree_s` elles valent un résultat.

    `flux` : la caractéristique notifiée, à poser dans `services`.
    """

    flux: Characteristic[bytes]

    @abstractmethod
    def trame_vivante(self, secondes: float, part: float) -> tuple[bytes, V | None]:
        """La valeur `secondes` après le début, et ce qu'elle porte ; `part` : 1 quand elle vaut un résultat."""

    async def deverser(self, liaison: Connection) -> None:
        """Rien : un flux n'a pas de mémoire."""

    async def mesurer(self, liaison: Connection) -> None:
        self.etat.mesures_commencees += 1
        pas = max(2, round(self.duree_s * self.cadence_hz))
        rang = 0
        while True:
            trame, valeur = self.trame_vivante(rang / self.cadence_hz, min(1.0, rang / pas))
            trame = self.etat.abimer(trame)
            await self.gatt.notifier(liaison, self.flux, trame)
            if rang == pas:
                self.etat.noter(trame, valeur)
                self.se_taire()
                if self.coupe_en(Phase.RENDU):
                    return
                if self.etat.comportement is Comportement.COUPER_APRES:
                    await self.raccrocher(liaison)
            elif rang / pas >= _PART_MESURE and self.phase not in _COMMENCEES and self.coupe_en(Phase.MESURE):
                return
            rang += 1
            await asyncio.sleep(1 / self.cadence_hz)
