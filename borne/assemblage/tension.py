"""La tension : exécute `DemanderMesure` et `ArreterMesure`, et rend un événement par essai."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from borne import protocole as p
from borne.assemblage.direct import Direct
from borne.mesures import Echantillon
from borne.parcours.evenements import Evenement, MesureEchouee, MesureRecue
from borne.peripheriques.appareils.contrat import Etape
from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.erreurs import AppareilAbsent, ErreurPeripherique

journal = logging.getLogger(__name__)


class ConduiteTension:
    """Un essai à la fois ; un essai neuf remplace l'ancien, dont les événements seront périmés."""

    def __init__(
        self,
        tensiometre: Tensiometre | None,
        emettre: Callable[[Evenement], None],
        direct: Direct,
        diffuser: Callable[[p.Canal], object],
    ) -> None:
        self._tensiometre = tensiometre
        self._emettre = emettre
        self._direct = direct
        self._diffuser = diffuser
        self._tache: asyncio.Task[None] | None = None
        self._arretee: asyncio.Task[None] | None = None
        """Un essai qu'on arrête, tant qu'il tient la radio : le suivant l'attend."""

    def demander(self, essai: int) -> None:
        """Arme le tensiomètre pour cet essai."""
        precedente = self._tache or self._arretee
        self._tache = asyncio.create_task(self._mesurer(essai, precedente))
        self._tache.add_done_callback(lambda tache: self._tombee(tache, essai))

    async def arreter(self) -> None:
        """Désarme : le brassard se dégonfle et la radio est libérée."""
        tache, self._tache = self._tache, None
        if tache is None or self._tensiometre is None:
            return
        self._arretee = tache
        try:
            await self._tensiometre.arreter()
        finally:
            tache.cancel()
            await asyncio.gather(tache, return_exceptions=True)
            self._arretee = None

    async def _mesurer(self, essai: int, precedente: asyncio.Task[None] | None) -> None:
        if precedente is not None and not precedente.done():
            # Deux connexions à un même appareil échouent toutes les deux (BlueZ) : l'ancienne finit d'abord.
            if precedente is not self._arretee:
                precedente.cancel()
            await asyncio.gather(precedente, return_exceptions=True)
        self._direct.modifier(pression=None, etat_brassard="recherche")
        try:
            if self._tensiometre is None:
                raise AppareilAbsent
            lecture = await self._tensiometre.mesurer(sur_echantillon=self._pression, sur_etat=self._etat)
        except ErreurPeripherique as erreur:
            journal.warning("tension, essai %d : %s", essai, type(erreur).__name__)
            self._emettre(MesureEchouee(instant=time.time(), essai=essai, raison=f"erreur-tension-{erreur.code}"))
        else:
            self._emettre(MesureRecue(instant=time.time(), essai=essai, mesures=lecture.mesures))
        finally:
            self._direct.modifier(pression=None, etat_brassard="")

    def _tombee(self, tache: asyncio.Task[None], essai: int) -> None:
        """Une faute imprévue est un échec comme un autre : le patient ne reste pas devant un brassard muet."""
        faute = None if tache.cancelled() else tache.exception()
        if faute is not None:
            journal.error("tension, essai %d : %s", essai, type(faute).__name__, exc_info=faute)
            self._emettre(MesureEchouee(instant=time.time(), essai=essai, raison="erreur-tension-interrompue"))

    def _pression(self, echantillon: Echantillon) -> None:
        self._direct.modifier(pression=echantillon.valeur, etat_brassard="gonflage")
        self._diffuser(
            p.EchantillonTransmis(echantillon.nature, echantillon.valeur, echantillon.unite, echantillon.instant)
        )

    def _etat(self, etape: Etape) -> None:
        self._direct.modifier(etat_brassard=etape.value)
