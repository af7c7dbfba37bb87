"""La conduite commune des pilotes : une mesure à la fois, bornée, que l'on arrête, et le sondage du technicien."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Etape, Guide, Nature, Sondage
from borne.peripheriques.erreurs import (
    AppairageRefuse,
    AppareilAbsent,
    AppareilEndormi,
    DelaiDepasse,
    ErreurPeripherique,
    MesureArretee,
    MesureDejaEnCours,
)
from borne.peripheriques.formats import Lecture


@dataclass(frozen=True, slots=True)
class Dire:
    """Les rappels de l'appelant."""

    echantillon: Callable[[Echantillon], None]
    etat: Callable[[Etape], None]
    faute: Callable[[str], None]


def rien(_: object) -> None:
    """Personne n'écoute."""


class Conduite(ABC):
    """Satisfait `contrat.Appareil`, dès que `_mesurer` et `_sonder` sont écrits."""

    nature: Nature
    guide: Guide

    def __init__(self) -> None:
        self.en_memoire: tuple[Lecture, ...] = ()
        self.dort = False
        """L'appareil n'annonce que quand on s'en sert : muet au sondage, il n'est pas en panne."""
        self._faute = ""
        """Dernière faute vue pendant la séance."""
        self._trouve = False
        """L'appareil s'est montré pendant la séance."""
        self._tache: asyncio.Task[Lecture] | None = None
        self._arret_demande = False
        self._occupe = asyncio.Lock()

    async def mesurer(
        self,
        *,
        sur_echantillon: Callable[[Echantillon], None],
        sur_etat: Callable[[Etape], None] | None = None,
        sur_faute: Callable[[str], None] | None = None,
        delai_s: float = 120.0,
    ) -> Lecture:
        """Arme l'appareil pour le patient présent et rend son résultat, en instant de réception.

        Lève `AppareilAbsent`, `AppareilPerdu`, `AppairageRefuse`, `RadioIndisponible`, `TrameInvalide`,
        `MesureImpossible`, `MesureAncienne`, `HorlogeDecalee`, `DelaiDepasse`, `MesureArretee` ou
        `MesureDejaEnCours`.
        """
        if self._tache is not None:
            raise MesureDejaEnCours
        self._arret_demande = False
        self.en_memoire = ()
        self._faute = ""
        self._trouve = False
        dire = Dire(sur_echantillon, sur_etat or rien, sur_faute or rien)
        self._tache = asyncio.get_running_loop().create_task(self._bornee(dire, delai_s))
        try:
            return await self._tache
        except asyncio.CancelledError:
            if self._arret_demande and self._tache.cancelled():
                raise MesureArretee from None
            self._tache.cancel()
            await asyncio.wait({self._tache})
            raise
        finally:
            self._tache = None

    async def arreter(self) -> None:
        """Arrête la mesure en cours, s'il y en a une, et attend que la liaison soit fermée.

        Les profils normalisés n'ont pas d'ordre d'arrêt : la liaison est coupée, ce qui vide beaucoup de brassards ;
        pour les autres l'écran dit d'appuyer sur leur bouton.
        """
        tache = self._tache
        if tache is None:
            return
        self._arret_demande = True
        tache.cancel()
        await asyncio.wait({tache})

    async def sonder(self, *, delai_s: float = 20.0) -> Sondage:
        """Interroge l'appareil, sans mesurer. Ne lève pas d'`ErreurPeripherique` : `Sondage.faute` la dit."""
        if self._tache is not None or self._occupe.locked():
            return Sondage(repond=False, faute=MesureDejaEnCours.code)
        self._trouve = False
        try:
            async with self._occupe, asyncio.timeout(delai_s):
                return await self._sonder(delai_s)
        except TimeoutError:
            return self._sans_reponse(self._au_bout())
        except ErreurPeripherique as erreur:
            return self._sans_reponse(erreur)

    def _sans_reponse(self, erreur: ErreurPeripherique) -> Sondage:
        endormi = self.dort and not self._trouve and erreur.code == AppareilAbsent.code
        code = AppareilEndormi.code if endormi else erreur.code
        refuse = False if isinstance(erreur, AppairageRefuse) else None
        return Sondage(repond=False, appaire=refuse, faute=code, detail=erreur.detail)

    async def _bornee(self, dire: Dire, delai_s: float) -> Lecture:
        try:
            # Un sondage du technicien finit d'abord : deux liaisons à un même appareil échouent toutes les deux.
            async with asyncio.timeout(delai_s), self._occupe:
                return await self._mesurer(dire, delai_s)
        except TimeoutError:
            raise self._au_bout() from None

    def _au_bout(self) -> ErreurPeripherique:
        """Ce que vaut un délai dépassé : un appareil jamais vu est absent, il n'est pas lent."""
        return DelaiDepasse(faute=self._faute) if self._trouve else AppareilAbsent()

    @abstractmethod
    async def _mesurer(self, dire: Dire, delai_s: float) -> Lecture:
        """La mesure, que l'on arrête en l'annulant ; pose `en_memoire`, `_faute` et `_trouve`.

        Lève une `ErreurPeripherique`.
        """

    @abstractmethod
    async def _sonder(self, delai_s: float) -> Sondage:
        """Le sondage. Lève une `ErreurPeripherique`."""
