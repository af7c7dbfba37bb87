"""L'oxymètre à fil : d'une prise série à une saturation stable, sans clavier ni pilote du fabricant.

Déroulement : attendre la prise, l'ouvrir, reconnaître ce qui y parle (un même câble porte deux versions de CMS50),
suivre les valeurs vivantes, rendre le résultat quand il tient. Débranché pendant la recherche, l'appareil est attendu
encore ; débranché ou éteint pendant la mesure, c'est une `AppareilPerdu`, et la séance suivante repart de rien.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from borne.peripheriques.appareils.conduite import Conduite, Dire
from borne.peripheriques.appareils.contrat import Etape, Nature, Sondage
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.langages_oxymetre import MODELES, Langage, Vue
from borne.peripheriques.appareils.stabilite import Palier, Stabilite
from borne.peripheriques.appareils.suivi_oxymetre import Suivi
from borne.peripheriques.erreurs import (
    AppareilAbsent,
    AppareilPerdu,
    ErreurPeripherique,
    PortAbsent,
    PortIndisponible,
    TrameInvalide,
)
from borne.peripheriques.formats import Lecture
from borne.peripheriques.serie import Prise, Serie

journal = logging.getLogger(__name__)

PAUSE_S: Final = 0.25
"""Secondes entre deux essais d'ouvrir une prise qui se refuse (un autre programme la regarde au branchement)."""


@dataclass(frozen=True, slots=True)
class ProfilOxymetreSerie:
    """Les champs de `[appareil.reglages]` dans `config/peripheriques.toml`."""

    port: str
    """Nom stable de la prise, motif (`usb-Silicon_Labs_CP210*`), ou chemin absolu (`/dev/rfcomm0`)."""
    langage: Literal["cms50", "cms50-v4", "cms50-v7", "nonin-2", "nonin-13"] = "cms50"
    """`cms50` : l'une ou l'autre version, reconnue à ce qu'elle envoie."""
    nom: str = "Oxymètre"
    recherche_s: float = 30.0
    ecoute_s: float = 1.5
    """Temps laissé à l'appareil pour se faire reconnaître, dans chaque langage."""
    stabilite_s: float = 8.0
    """Durée du palier."""
    ecart_spo2: float = 2.0
    ecart_pouls: float = 10.0
    eteint_au_repos: bool = False
    """Il s'éteint de lui-même sans doigt : au sondage, sa prise suffit."""
    silence_s: float = 2.0
    """Temps sans une trame au bout duquel l'appareil est tenu pour éteint."""
    maintien_s: float = 3.0
    """Temps entre deux ordres de maintien, pour ceux qui en veulent (le CMS50 v7 se tait au bout de 5 s)."""


class OxymetreSerie(Conduite):
    """Le pilote. La `Lecture` a SpO2, pouls et, s'il le donne, indice de perfusion.

    Ses `details` disent combien de temps le palier a tenu (`stable_s`) et de combien les valeurs y ont bougé
    (`spread_spo2`, `spread_pulse`) ; `stable_s` est None quand l'appareil en a jugé lui-même. `horloge` : secondes
    Unix.
    """

    nature = Nature.SATURATION

    def __init__(self, serie: Serie, profil: ProfilOxymetreSerie, horloge: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.profil = profil
        self._serie = serie
        self._horloge = horloge
        self._langages = MODELES[profil.langage]
        self._suivi: Suivi | None = None
        self._refus: ErreurPeripherique = PortAbsent()
        """Pourquoi l'appareil n'est pas encore reconnu."""
        vivantes, fautes = GUIDES[self.nature].vivantes, GUIDES[self.nature].fautes
        self.guide = replace(
            GUIDES[self.nature],
            vivantes=tuple(v for v in vivantes if any(v in langage.vivantes for langage in self._langages)),
            fautes=tuple(f for f in fautes if any(f in langage.fautes for langage in self._langages)),
        )

    async def _mesurer(self, dire: Dire, delai_s: float) -> Lecture:
        self._suivi = None
        arme = (self._horloge(), asyncio.get_running_loop().time())
        dire.etat(Etape.RECHERCHE)
        async with self._relier(min(self.profil.recherche_s, delai_s)) as flux:
            self._trouve = True
            dire.etat(Etape.TROUVE)
            suivi = self._suivi = Suivi(dire, self._palier(), self.profil.nom, *arme, flux.langage)
            dire.etat(Etape.ATTENTE)
            try:
                return await self._suivre(flux, suivi)
            finally:
                self.en_memoire = tuple(suivi.en_memoire)
                self._faute = suivi.faute

    async def _sonder(self, delai_s: float) -> Sondage:
        """Ouvre la prise et reconnaît l'appareil, sans doigt ni mesure.

        Un appareil qui s'éteint sans doigt ne peut rien répondre la nuit : sa prise, libre, en tient lieu.
        """
        self._suivi = None
        profil = self.profil
        if profil.eteint_au_repos:
            delai_s = min(delai_s, 2 * profil.ecoute_s * len(self._langages))
        try:
            async with self._relier(delai_s) as flux:
                return Sondage(True, modele=profil.nom, version=flux.langage.nom)
        except PortAbsent:
            raise
        except AppareilAbsent:
            if not profil.eteint_au_repos:
                raise
            return Sondage(True, modele=profil.nom, detail="éteint au repos : sa prise seule est vérifiée")

    def _au_bout(self) -> ErreurPeripherique:
        return self._refus if self._suivi is None else self._suivi.echec()

    def _palier(self) -> Stabilite:
        profil = self.profil
        return Stabilite(
            Palier(profil.stabilite_s, (profil.ecart_spo2, profil.ecart_pouls, math.inf), profil.silence_s)
        )

    async def _suivre(self, flux: _Flux, suivi: Suivi) -> Lecture:
        while True:
            for vue in await flux.suivantes():
                if vue.ponctuelle is not None:
                    await flux.accuser()
                lecture = suivi.voir(vue, asyncio.get_running_loop().time(), self._horloge())
                if lecture is not None:
                    return lecture

    @asynccontextmanager
    async def _relier(self, delai_s: float) -> AsyncIterator[_Flux]:
        """Un appareil reconnu, sa prise ouverte ; mis au silence et rendu à la sortie."""
        async with AsyncExitStack() as pile:
            flux = await self._accrocher(pile, delai_s)
            try:
                yield flux
            finally:
                await flux.arreter()

    async def _accrocher(self, pile: AsyncExitStack, delai_s: float) -> _Flux:
        """Attend la prise, puis qu'un langage y soit reconnu ; débranchée entre-temps, l'attend de nouveau."""
        boucle = asyncio.get_running_loop()
        echeance = boucle.time() + delai_s
        self._refus = PortAbsent(detail=self.profil.port)
        while boucle.time() < echeance:
            chemin = await self._serie.chercher(self.profil.port, delai_s=echeance - boucle.time())
            for langage in self._langages:
                try:
                    flux = await self._essayer(pile, chemin, langage)
                except (AppareilAbsent, AppareilPerdu, PortIndisponible) as erreur:
                    self._refus = erreur
                    await asyncio.sleep(PAUSE_S)
                    break
                if flux is not None:
                    # La prochaine fois, ce langage d'abord : c'est le même appareil.
                    self._langages = (langage, *(autre for autre in self._langages if autre is not langage))
                    return flux
                self._refus = AppareilAbsent(
                    "L'appareil est branché, mais il n'envoie rien.", conseil="Allumez-le, puis recommencez."
                )
        raise self._refus

    async def _essayer(self, pile: AsyncExitStack, chemin: Path, langage: Langage) -> _Flux | None:
        async with AsyncExitStack() as essai:
            prise = await essai.enter_async_context(self._serie.ouvrir(chemin, langage.ligne))
            flux = _Flux(prise, langage, self.profil)
            if not await flux.reconnaitre(self.profil.ecoute_s):
                return None
            await pile.enter_async_context(essai.pop_all())
            return flux


class _Flux:
    """Un appareil qui parle : ses vues, et l'ordre de maintien quand il en veut un."""

    def __init__(self, prise: Prise, langage: Langage, profil: ProfilOxymetreSerie) -> None:
        self.langage = langage
        self._prise = prise
        self._profil = profil
        self._decoupeur = langage.decoupeur()
        self._illisibles = 0
        self._horloge = asyncio.get_running_loop().time
        self._maintien_s = self._horloge() + profil.maintien_s

    async def reconnaitre(self, delai_s: float) -> bool:
        """Met l'appareil en marche ; vrai s'il répond dans ce langage avant `delai_s`."""
        if self.langage.marche:
            await self._prise.ecrire(self.langage.marche)
        if not self.langage.parle_seul:
            return True
        echeance, justes = self._horloge() + delai_s, 0
        while justes < self.langage.reconnues and self._horloge() < echeance:
            justes += len(self._comprendre(await self._prise.lire(echeance - self._horloge())))
        return justes >= self.langage.reconnues

    async def suivantes(self) -> list[Vue]:
        """Les vues suivantes, une au moins. Lève `AppareilPerdu` : prise débranchée, ou appareil devenu muet."""
        muet_s = self._horloge() + self._profil.silence_s
        while True:
            await self._maintenir()
            attente_s = min(muet_s, self._maintien_s) if self.langage.maintien else muet_s
            vues = self._comprendre(await self._prise.lire(attente_s - self._horloge()))
            if vues:
                return vues
            if self._horloge() >= muet_s:
                if self.langage.parle_seul:
                    raise AppareilPerdu(detail="plus aucune trame")
                muet_s = self._horloge() + self._profil.silence_s

    async def accuser(self) -> None:
        """Accuse réception, pour que l'appareil n'envoie pas deux fois la même mesure."""
        if self.langage.accuse:
            await self._prise.ecrire(self.langage.accuse)

    async def arreter(self) -> None:
        """Demande à l'appareil de se taire ; perdu, il n'y a plus rien à lui demander."""
        if self.langage.arret and not self._prise.coupee:
            with suppress(AppareilPerdu):
                await self._prise.ecrire(self.langage.arret)

    async def _maintenir(self) -> None:
        if self.langage.maintien and self._horloge() >= self._maintien_s:
            self._maintien_s = self._horloge() + self._profil.maintien_s
            await self._prise.ecrire(self.langage.maintien)

    def _comprendre(self, octets: bytes) -> list[Vue]:
        """Les vues de ces octets ; une trame que son format refuse manque seulement à la suite."""
        vues = []
        for trame in self._decoupeur.pousser(octets):
            try:
                vue = self.langage.lire(trame)
            except TrameInvalide as erreur:
                if not self._illisibles:
                    # Une seule fois : une ligne bruyante remplirait le journal à 60 trames par seconde.
                    journal.warning("%s, trame illisible : %s", self.langage.nom, erreur.detail)
                self._illisibles += 1
                continue
            if vue is not None:
                vues.append(vue)
        return vues
