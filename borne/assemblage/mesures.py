"""Les mesures : exécute `DemanderMesure` et `ArreterMesure` par l'appareil de leur nature, un événement par essai."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from borne import protocole as p
from borne.assemblage.direct import Direct
from borne.mesures import Echantillon, usuelle
from borne.parcours.evenements import Evenement, MesureEchouee, MesureRecue
from borne.peripheriques.appareils.contrat import Appareil, Etape
from borne.peripheriques.appareils.guides import PLETH
from borne.peripheriques.erreurs import AppareilAbsent, ErreurPeripherique
from borne.peripheriques.formats.lecture import Lecture
from borne.ui.mots import remede

journal = logging.getLogger(__name__)

POINTS_PLETH: Final = 240
"""Points de la courbe du pouls à l'écran : quatre secondes à 60 Hz."""

CADENCE_PLETH_S: Final = 0.1
"""Secondes entre deux envois de la courbe : un message par point noierait le canal d'un réseau lent."""

REPOS_FAUTE_S: Final = 4.0
"""Secondes avant de redire la même maladresse : un doigt qui tremble ne doit pas faire bégayer la voix."""


class ConduiteMesures:
    """Un essai à la fois, quelle que soit la nature ; un essai neuf remplace l'ancien, dont les événements périment.

    `appareils` : par nature. `existe` : vrai si les textes ont cette clé (un appareil de tiers peut nommer une faute
    que personne n'a écrite). `dire` : dit ces clés au patient. `phrase` : la phrase d'une clé, pour le médecin.
    """

    def __init__(
        self,
        appareils: Mapping[str, Appareil],
        emettre: Callable[[Evenement], None],
        direct: Direct,
        diffuser: Callable[[p.Canal], object],
        *,
        existe: Callable[[str], bool],
        dire: Callable[[tuple[str, ...]], None],
        phrase: Callable[[str], str],
    ) -> None:
        self._appareils = appareils
        self._emettre = emettre
        self._direct = direct
        self._diffuser = diffuser
        self._existe = existe
        self._dire = dire
        self._phrase = phrase
        self._courant: Appareil | None = None
        self._tache: asyncio.Task[None] | None = None
        self._arretee: asyncio.Task[None] | None = None
        """Un essai qu'on arrête, tant qu'il tient son fil : le suivant l'attend."""
        self._pleth: deque[float] = deque(maxlen=POINTS_PLETH)
        self._a_envoyer: list[Echantillon] = []
        self._dite: tuple[str, float] = ("", 0.0)
        """La dernière maladresse dite, et quand (secondes monotones)."""
        self.en_memoire: dict[str, tuple[Lecture, ...]] = {}
        """Par nature, ce que l'appareil gardait de patients inconnus : au médiateur seulement, jamais au dossier."""

    def preparations(self) -> dict[str, tuple[str, ...]]:
        """Par nature, les clés des gestes de l'appareil, pour l'écran."""
        return {
            nature: tuple(
                cle
                for geste in appareil.guide.preparation
                if self._existe(cle := f"mesure-{nature}-preparation-{geste}")
            )
            for nature, appareil in self._appareils.items()
        }

    def demander(self, nature: str, essai: int) -> None:
        """Arme, pour cet essai, l'appareil de cette nature."""
        precedente = self._tache or self._arretee
        self._tache = asyncio.create_task(self._mesurer(nature, essai, precedente))
        self._tache.add_done_callback(lambda tache: self._tombee(tache, nature, essai))

    async def arreter(self) -> None:
        """Désarme : un brassard se dégonfle, le fil est libéré."""
        tache, self._tache = self._tache, None
        if tache is None:
            return
        self._arretee = tache
        try:
            if self._courant is not None:
                await self._courant.arreter()
        finally:
            tache.cancel()
            await asyncio.gather(tache, return_exceptions=True)
            self._arretee = None

    async def _mesurer(self, nature: str, essai: int, precedente: asyncio.Task[None] | None) -> None:
        if precedente is not None and not precedente.done():
            # Deux connexions à un même appareil échouent toutes les deux (BlueZ) : l'ancienne finit d'abord.
            if precedente is not self._arretee:
                precedente.cancel()
            await asyncio.gather(precedente, return_exceptions=True)
        self._oublier("recherche")
        self._courant = self._appareils.get(nature)
        try:
            if self._courant is None:
                raise AppareilAbsent
            lecture = await self._courant.mesurer(
                sur_echantillon=self._echantillon,
                sur_etat=self._etat,
                sur_faute=lambda faute: self._faute(nature, faute),
            )
        except ErreurPeripherique as erreur:
            journal.warning("%s, essai %d : %s", nature, essai, type(erreur).__name__)
            raison = self._raison(nature, erreur)
            self._emettre(MesureEchouee(instant=time.time(), nature=nature, essai=essai, raison=raison))
        else:
            self._emettre(MesureRecue(instant=time.time(), nature=nature, essai=essai, mesures=lecture.mesures))
        finally:
            if self._courant is not None:
                self.en_memoire[nature] = self._courant.en_memoire
            self._oublier("")

    def oublier_memoires(self) -> None:
        """Une visite finit : les mesures de personne ne passent pas à la suivante."""
        self.en_memoire.clear()

    def _oublier(self, etape: str) -> None:
        """Rien de vivant ne passe d'un essai au suivant."""
        self._pleth.clear()
        self._a_envoyer.clear()
        self._dite = ("", 0.0)
        self._direct.modifier(vivantes={}, pleth=(), faute="", etape_mesure=etape)

    def _raison(self, nature: str, erreur: ErreurPeripherique) -> str:
        """La maladresse que l'appareil accuse, sinon la panne ; ce que nul texte ne dit, en général."""
        faute = f"mesure-{nature}-faute-{erreur.faute}"
        if erreur.faute and self._existe(faute):
            return faute
        code = f"erreur-{nature}-{erreur.code}"
        return code if self._existe(code) else f"erreur-{nature}-{ErreurPeripherique.code}"

    def _tombee(self, tache: asyncio.Task[None], nature: str, essai: int) -> None:
        """Une faute imprévue est un échec comme un autre : le patient ne reste pas devant un appareil muet."""
        faute = None if tache.cancelled() else tache.exception()
        if faute is not None:
            journal.error("%s, essai %d : %s", nature, essai, type(faute).__name__, exc_info=faute)
            raison = f"erreur-{nature}-interrompue"
            self._emettre(MesureEchouee(instant=time.time(), nature=nature, essai=essai, raison=raison))

    def _echantillon(self, echantillon: Echantillon) -> None:
        if echantillon.nature == PLETH:
            self._point(echantillon)
            return
        valeur, _ = usuelle(echantillon)
        vivantes = {**self._direct.etat.vivantes, echantillon.nature: valeur}
        self._direct.modifier(vivantes=vivantes, etape_mesure=Etape.MESURE.value)
        self._diffuser(
            p.EchantillonTransmis(echantillon.nature, echantillon.valeur, echantillon.unite, echantillon.instant)
        )

    def _point(self, echantillon: Echantillon) -> None:
        """Un point de la courbe du pouls : la courbe part par paquets, à l'écran comme au médecin."""
        self._pleth.append(2 * echantillon.valeur - 1)
        self._a_envoyer.append(echantillon)
        debut = self._a_envoyer[0].instant
        if echantillon.instant - debut < CADENCE_PLETH_S:
            return
        self._direct.modifier(pleth=tuple(self._pleth))
        valeurs = tuple(round(point.valeur, 3) for point in self._a_envoyer)
        self._diffuser(p.CourbeTransmise(PLETH, valeurs, debut, echantillon.instant))
        self._a_envoyer.clear()

    def _etat(self, etape: Etape) -> None:
        self._direct.modifier(etape_mesure=etape.value)

    def _faute(self, nature: str, faute: str) -> None:
        """Une maladresse se voit (ou cesse) : montrée et dite, jamais conservée."""
        cle = f"mesure-{nature}-faute-{faute}" if faute else ""
        if cle == self._direct.etat.faute or (cle and not self._existe(cle)):
            return
        if cle:
            # Ce qui était lu avant n'est plus vrai : un 97 resté affiché sur un doigt sorti rassurerait à tort.
            self._pleth.clear()
            self._direct.modifier(faute=cle, vivantes={}, pleth=())
        else:
            self._direct.modifier(faute=cle)
        self._diffuser(p.EtatMesure(p.appareil_de(nature), "en_cours", self._phrase(cle) if cle else "", nature))
        maintenant, (dite, quand) = time.monotonic(), self._dite
        if cle and (cle != dite or maintenant - quand > REPOS_FAUTE_S):
            self._dite = (cle, maintenant)
            self._dire(remede(cle))
