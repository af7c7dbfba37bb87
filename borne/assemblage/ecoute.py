"""L'écoute du stéthoscope : le son exact vers le médecin, son analyse, le conseil de pose au patient."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from borne import protocole as p
from borne.assemblage.direct import Direct
from borne.peripheriques.auscultation import Analyse, AnalyseContinue, analyser, qualite_poumon
from borne.visio.auscultation import BLOCS_GARDES, SonExact
from borne.visio.sources import BlocSon

journal = logging.getLogger(__name__)

PERIODE_RAPPEL_S: Final = 0.005
"""Entre deux blocs redemandés : quatre fois la vitesse du direct, pour ne pas l'engorger."""
REFUS_RAPPEL_MAX: Final = 400
"""Refus de suite (deux secondes) au bout desquels l'appel est coupé : le médecin redemandera."""
CONSTANCE: Final = 2
"""Analyses d'accord avant de changer le conseil : un mot qui clignote ne s'applique pas."""


class ConduiteEcoute:
    """Une écoute à la fois. Tout s'appelle dans la boucle asyncio."""

    def __init__(
        self,
        envoyer: Callable[[p.Canal], bool],
        envoyer_son: Callable[[bytes], bool],
        direct: Direct,
        dire: Callable[[str], str],
    ) -> None:
        """`envoyer`, `envoyer_son` : vers le médecin, faux si rien ne part. `dire` : la phrase d'une clé."""
        self._envoyer, self._envoyer_son = envoyer, envoyer_son
        self._direct, self._dire = direct, dire
        self._exact = SonExact()
        self._foyer: p.Foyer | None = None
        self._analyse: AnalyseContinue | None = None
        self._conseils: deque[str] = deque(maxlen=CONSTANCE)
        self._rappels: deque[bytes] = deque(maxlen=BLOCS_GARDES)
        self._rappel: asyncio.Task[None] | None = None

    @property
    def ecoute(self) -> int:
        """Le numéro de l'écoute en cours, ou de la dernière (0 : aucune)."""
        return self._exact.ecoute

    def commencer(self, foyer: p.Foyer) -> None:
        """Écoute en ce foyer ; le même foyer, après une coupure de l'appel, continue la même écoute."""
        if foyer == self._foyer:
            return
        self._cesser_analyse()
        frequence = p.frequence_exacte(foyer)
        self._foyer = foyer
        self._rappels.clear()
        self._exact.ouvrir(frequence)
        boucle, ecoute = asyncio.get_running_loop(), self._exact.ecoute

        def annoncer(analyse: Analyse) -> None:
            boucle.call_soon_threadsafe(self._annoncer, ecoute, analyse)

        self._analyse = AnalyseContinue(
            frequence,
            annoncer,
            qualite_poumon if foyer.startswith("poumon-") else analyser,
        )

    def cesser(self) -> None:
        """Fin de l'écoute : le médecin peut encore redemander ce qui lui manque."""
        self._foyer = None
        self._exact.clore()
        self._cesser_analyse()

    def oublier(self) -> None:
        """Fin de la visite ou de l'appel : plus rien du patient en mémoire."""
        self.cesser()
        self._exact.oublier()
        self._rappels.clear()

    def bloc(self, bloc: BlocSon) -> None:
        """Le bloc que la source vient de donner, lu une seule fois pour le direct et pour le son exact."""
        resultat = self._exact.ajouter(bloc)
        if resultat is None:
            return
        son, trame = resultat
        self._envoyer_son(trame)
        if self._analyse is not None:
            self._analyse.ajouter(son)

    def redemander(self, message: p.BlocsManquants) -> None:
        """Le médecin redemande des blocs : ceux que la borne garde encore repartent, sans gêner le direct."""
        self._rappels.extend(self._exact.rappeler(message.ecoute, message.blocs[:BLOCS_GARDES]))
        if self._rappel is None or self._rappel.done():
            self._rappel = asyncio.create_task(self._rappeler())

    async def _rappeler(self) -> None:
        refus = 0
        while self._rappels and refus < REFUS_RAPPEL_MAX:
            if self._envoyer_son(self._rappels[0]):
                self._rappels.popleft()
                refus = 0
            else:
                # Le direct d'abord : le bloc attend son tour au lieu d'être encore perdu.
                refus += 1
            await asyncio.sleep(PERIODE_RAPPEL_S)
        self._rappels.clear()

    def _cesser_analyse(self) -> None:
        self._conseils.clear()
        self._direct.modifier(conseil_ecoute="")
        analyse, self._analyse = self._analyse, None
        if analyse is not None:
            # Elle attend la fin de l'analyse en cours : pas dans la boucle.
            asyncio.get_running_loop().run_in_executor(None, analyse.fermer)

    def _annoncer(self, ecoute: int, analyse: Analyse) -> None:
        if self._analyse is None or ecoute != self._exact.ecoute:
            return
        self._conseils.append(analyse.conseil or "")
        if len(self._conseils) == CONSTANCE and len(set(self._conseils)) == 1:
            self._direct.modifier(conseil_ecoute=self._conseils[-1])
        conseil = self._direct.etat.conseil_ecoute
        self._envoyer(p.AnalyseEcoute(analyse.bpm, analyse.qualite, self._dire(conseil) if conseil else ""))
