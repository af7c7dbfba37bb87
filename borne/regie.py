"""La régie : le seul endroit où la boucle tourne.

Prendre un événement, l'écrire au dossier (durable avant que rien ne soit montré ni fait), avancer, publier l'état,
lancer les effets. Après une coupure, rejouer les événements rend la visite : le patient retrouve le même écran.

La régie exécute elle-même deux effets, parce qu'ils sont à elle : les minuteries et la clôture du dossier. Les
autres vont à `executer`, qui les confie au sous-système qui les possède.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Final

from borne.dossier.actes import Acte, Raison
from borne.dossier.erreurs import DisqueEnPanne, DossierIllisible, DossierPlein, ErreurDossier, VisiteInconnue
from borne.dossier.fil import ArchivesAsync, DossierAsync
from borne.dossier.serialisation import EvenementIllisible, depuis_json, vers_json
from borne.parcours.avancer import avancer
from borne.parcours.effets import ArmerMinuterie, Cloturer, Effet
from borne.parcours.evenements import (
    VERSION,
    AideDemandee,
    AppelEtabli,
    BorneRedemarree,
    ConsentementDonne,
    ConsentementRefuse,
    ConsentementRetire,
    ConsultationFinie,
    Evenement,
    FinConfirmee,
    ImpressionFinie,
    MesureRecue,
    MinuterieEchue,
    PropreteConfirmee,
    PropreteDue,
    Toucher,
    VisiteCommencee,
)
from borne.parcours.visite import Etape, Visite

journal = logging.getLogger(__name__)


_ACTES: Final[dict[type[Evenement], Acte]] = {
    ConsentementDonne: Acte.CONSENTEMENT_DONNE,
    ConsentementRefuse: Acte.CONSENTEMENT_REFUSE,
    ConsentementRetire: Acte.CONSENTEMENT_RETIRE,
    AideDemandee: Acte.AIDE_DEMANDEE,
    AppelEtabli: Acte.CONSULTATION_COMMENCEE,
    ConsultationFinie: Acte.CONSULTATION_FINIE,
    FinConfirmee: Acte.CONSULTATION_FINIE,
    ImpressionFinie: Acte.DOCUMENT_IMPRIME,
    BorneRedemarree: Acte.VISITE_REPRISE,
    PropreteConfirmee: Acte.PROPRETE_CONFIRMEE,
}
"""Ce que le journal d'audit retient des événements : l'acte, jamais son contenu."""

DELAI_REPRISE_S: Final = 2.0
"""Secondes avant de reprendre un événement d'appareil ou de médecin que le disque a refusé."""

DELAI_CLOTURE_S: Final = 10.0
"""Secondes avant de retenter une clôture que le disque a refusée."""

_CLOTURE: Final = "cloture"
"""Le nom, parmi les minuteries, de la clôture à retenter."""

_RAISONS: Final = {"refus": Raison.REFUS, "retrait": Raison.RETRAIT}


class Regie:
    """La boucle. `publier` montre une visite, `executer` lance un effet, `panne` dit une clé d'erreur (ou vide)."""

    def __init__(
        self,
        archives: ArchivesAsync,
        executer: Callable[[Effet, Visite], None],
        publier: Callable[[Visite], None],
        panne: Callable[[str], None],
        horloge: Callable[[], float] = time.time,
        admettre: Callable[[], bool] = lambda: True,
    ) -> None:
        """`admettre` : faux quand la borne ne peut servir personne ; aucune visite ne commence alors."""
        self._archives = archives
        self._dossiers: dict[str, DossierAsync] = {}
        self._executer = executer
        self._publier = publier
        self._panne = panne
        self._horloge = horloge
        self._admettre = admettre
        self._file: asyncio.Queue[Evenement | Cloturer] = asyncio.Queue()
        self._minuteries: dict[str, asyncio.TimerHandle] = {}
        self._qui_finit: str | None = None
        self._proprete_due: str | None = None
        self.visite = Visite()

    def emettre(self, evenement: Evenement) -> None:
        """Met un événement dans la file (depuis la boucle asyncio)."""
        self._file.put_nowait(evenement)

    async def demarrer(self) -> None:
        """Reprend la visite interrompue, s'il y en a une, et finit les clôtures commencées."""
        for identifiant in await self._commencees():
            try:
                await self._reprendre(identifiant)
            except (DossierIllisible, EvenementIllisible) as erreur:
                # Le dossier abîmé est mis de côté : la borne accueille quand même le patient suivant.
                journal.error("visite non reprise : %s", type(erreur).__name__)
        if self.visite.id:
            self.emettre(BorneRedemarree(instant=self._horloge()))
        self._publier(self.visite)

    async def tourner(self) -> None:
        """Tourne sans fin ; ce que le disque refuse est dit à l'écran et la boucle continue."""
        while True:
            evenement = await self._file.get()
            try:
                if isinstance(evenement, Cloturer):
                    await self._clore(evenement)
                else:
                    await self._tour(evenement)
            except ErreurDossier as erreur:
                # Rien n'est montré ni fait de ce qui n'a pas pu être écrit.
                journal.error("événement %s non écrit : %s", type(evenement).__name__, type(erreur).__name__)
                self._panne("erreur-dossier")
                self._reporter(evenement, erreur)
            finally:
                self._file.task_done()

    def _reporter(self, evenement: Evenement | Cloturer, erreur: ErreurDossier) -> None:
        """Un appareil ou un médecin ne se répète pas : ce que le disque refuse d'eux attend qu'il ait de la place.

        Un geste, lui, se refait : l'écran le demande. Une visite non plus ne commence pas devant un siège vide.
        """
        if isinstance(evenement, Toucher | VisiteCommencee) or not isinstance(erreur, DossierPlein | DisqueEnPanne):
            return
        boucle = asyncio.get_running_loop()
        self._minuteries[f"report-{id(evenement)}"] = boucle.call_later(
            DELAI_REPRISE_S, self._file.put_nowait, evenement
        )

    async def vider(self) -> None:
        """Attend que la file soit vide."""
        await self._file.join()

    def arreter(self) -> None:
        """Désarme les minuteries."""
        for minuterie in self._minuteries.values():
            minuterie.cancel()
        self._minuteries.clear()

    async def _tour(self, evenement: Evenement) -> None:
        avant = self.visite
        if isinstance(evenement, VisiteCommencee) and not self._admettre():
            journal.warning("visite non commencée : la borne ne peut servir personne")
            return
        apres, effets = avancer(avant, evenement)
        if apres is avant and not effets:
            journal.info("événement %s sans effet (périmé ou hors de propos)", type(evenement).__name__)
            return
        if isinstance(evenement, VisiteCommencee | PropreteDue):
            await self._creer(evenement.visite, self._qui_finit)
        # Un événement qui clôt une visite s'écrit dans le dossier qu'il clôt ; à l'accueil, il n'y en a pas.
        if avant.id or apres.id:
            await self._ecrire(avant.id or apres.id, evenement)
        self.visite = apres
        self._publier(apres)
        self._panne("")
        for effet in effets:
            # Les effets d'une clôture parlent encore de la visite qui finit.
            await self._lancer(effet, apres if apres.id else avant)

    async def _creer(self, visite: str, apres: str | None) -> None:
        if visite not in self._dossiers:
            self._dossiers[visite] = await self._archives.creer(visite, apres=apres)

    async def _dossier(self, visite: str) -> DossierAsync:
        if visite not in self._dossiers:
            self._dossiers[visite] = await self._archives.ouvrir(visite)
        return self._dossiers[visite]

    async def _ecrire(self, visite: str, evenement: Evenement) -> None:
        mesures = evenement.mesures if isinstance(evenement, MesureRecue) else ()
        dossier = await self._dossier(visite)
        nom = type(evenement).__name__
        await dossier.ajouter(nom, VERSION, evenement.instant, vers_json(evenement), mesures)
        acte = _ACTES.get(type(evenement))
        if acte is not None:
            await self._archives.fil.executer(self._archives.archives.journal.ajouter, acte, visite=visite)

    async def _lancer(self, effet: Effet, visite: Visite) -> None:
        if isinstance(effet, ArmerMinuterie):
            self._armer(effet)
        elif isinstance(effet, Cloturer):
            await self._clore(effet)
        else:
            self._executer(effet, visite)

    async def _clore(self, effet: Cloturer) -> None:
        """Clôt, ou recommencera : sans cela un disque plein laisserait la borne à la propreté, sans dossier."""
        try:
            await self._cloturer(effet)
        except ErreurDossier as erreur:
            journal.error("clôture remise à plus tard : %s", type(erreur).__name__)
            self._panne("erreur-dossier")
            boucle = asyncio.get_running_loop()
            self._minuteries[_CLOTURE] = boucle.call_later(DELAI_CLOTURE_S, self._file.put_nowait, effet)

    async def _cloturer(self, effet: Cloturer) -> None:
        """La propreté due est écrite d'abord : une coupure entre les deux n'ouvre pas une borne sale."""
        if self.visite.etape is Etape.PROPRETE and not self.visite.id:
            self._qui_finit = effet.visite
            # Le même dossier à chaque essai : le premier a pu être créé sans que l'événement s'y écrive.
            self._proprete_due = self._proprete_due or secrets.token_hex(16)
            touches = self.visite.touches
            await self._tour(PropreteDue(instant=self._horloge(), visite=self._proprete_due, touches=touches))
            self._qui_finit = self._proprete_due = None
        self._dossiers.pop(effet.visite, None)
        await self._fermer_dossier(effet)
        self._panne("")
        self._executer(effet, self.visite)

    async def _fermer_dossier(self, effet: Cloturer) -> None:
        """Peut être refait : ce qu'un premier essai a fait n'est pas à refaire."""
        try:
            if effet.transmettre:
                await self._archives.clore(effet.visite)
            else:
                await self._archives.purger(effet.visite, _RAISONS.get(effet.raison, Raison.ABANDON))
        except VisiteInconnue:
            # Sa purge était commencée : elle se finit depuis son marqueur.
            await self._archives.fil.executer(self._archives.archives.reprendre_purges)

    async def _commencees(self) -> list[str]:
        """Les visites à reprendre. Celle coupée avant son premier événement n'a rien montré : elle est détruite.

        Détruite d'abord : la clôture de la visite d'avant la prendrait pour la propreté due, déjà écrite.
        """
        commencees: list[str] = []
        for identifiant in await self._archives.visites_ouvertes():
            try:
                evenements = await (await self._dossier(identifiant)).evenements()
            except DossierIllisible as erreur:
                journal.error("visite non reprise : %s", type(erreur).__name__)
                continue
            if evenements:
                commencees.append(identifiant)
            else:
                self._dossiers.pop(identifiant, None)
                await self._archives.purger(identifiant)
        return commencees

    async def _reprendre(self, identifiant: str) -> None:
        """Rejoue une visite restée ouverte ; celle dont la clôture était écrite finit de se clore."""
        visite, cloture = Visite(), None
        for brut in await (await self._dossier(identifiant)).evenements():
            visite, effets = avancer(visite, depuis_json(brut.type, brut.version, brut.corps))
            cloture = next((effet for effet in effets if isinstance(effet, Cloturer)), cloture)
        if cloture is not None:
            await self._finir_cloture(visite, cloture)
        else:
            self.visite = visite

    async def _finir_cloture(self, visite: Visite, cloture: Cloturer) -> None:
        suivantes = [v for v in await self._archives.visites_ouvertes() if v != cloture.visite]
        if suivantes:
            # La propreté due est déjà écrite dans son propre dossier, qui sera repris après celui-ci.
            visite = Visite(etape=Etape.ACCUEIL)
        self.visite = visite
        await self._clore(cloture)

    def _armer(self, effet: ArmerMinuterie) -> None:
        ancienne = self._minuteries.pop(effet.nom, None)
        if ancienne is not None:
            ancienne.cancel()
        if effet.delai_s is not None:
            self._minuteries[effet.nom] = asyncio.get_running_loop().call_later(effet.delai_s, self._echoir, effet)

    def _echoir(self, effet: ArmerMinuterie) -> None:
        self._minuteries.pop(effet.nom, None)
        self.emettre(MinuterieEchue(instant=self._horloge(), nom=effet.nom, essai=effet.essai))
