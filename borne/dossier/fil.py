"""Le fil du dossier : un seul fil fait tous les commits, pour qu'un disque lent ne fige ni le son ni la boucle.

Les appels s'exécutent dans l'ordre où ils sont confiés. Une tâche annulée n'annule pas l'écriture qu'elle avait
confiée : ce qui est entré dans la file sera gardé.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from borne.dossier.actes import Raison
from borne.dossier.archives import Archives, EnAttente
from borne.dossier.visites import DocumentDecrit, Dossier, EvenementBrut
from borne.mesures import Mesure

P = ParamSpec("P")
R = TypeVar("R")


class Fil:
    """Un exécuteur à un fil. Les exceptions de la fonction reviennent à qui attend."""

    def __init__(self, nom: str = "dossier") -> None:
        """`nom` : celui du fil, vu dans les outils du système."""
        self._executeur = ThreadPoolExecutor(max_workers=1, thread_name_prefix=nom)

    async def executer(self, fonction: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Exécute `fonction` dans le fil et rend son résultat. RuntimeError si le fil est fermé."""
        futur = self._executeur.submit(fonction, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(futur))

    async def fermer(self) -> None:
        """Laisse finir ce qui est confié, puis arrête le fil, sans bloquer la boucle."""
        await asyncio.to_thread(self._executeur.shutdown, wait=True)


class DossierAsync:
    """Le `Dossier` d'une visite vu d'asyncio ; mêmes méthodes, mêmes erreurs."""

    def __init__(self, dossier: Dossier, fil: Fil) -> None:
        """`dossier` : ouvert dans `fil`."""
        self._dossier = dossier
        self._fil = fil
        self.visite = dossier.visite

    async def ajouter(
        self, type: str, version: int, instant: float, corps: bytes, mesures: Sequence[Mesure] = ()
    ) -> int:
        """Voir `Dossier.ajouter` : durable quand l'attente finit."""
        return await self._fil.executer(self._dossier.ajouter, type, version, instant, corps, mesures)

    async def evenements(self, apres: int = 0) -> list[EvenementBrut]:
        """Voir `Dossier.evenements`."""
        return await self._fil.executer(self._dossier.evenements, apres)

    async def mesures(self) -> list[Mesure]:
        """Voir `Dossier.mesures`."""
        return await self._fil.executer(self._dossier.mesures)

    async def ajouter_document(self, id: str, nom: str, contenu: bytes) -> str:
        """Voir `Dossier.ajouter_document`."""
        return await self._fil.executer(self._dossier.ajouter_document, id, nom, contenu)

    async def document(self, id: str) -> bytes:
        """Voir `Dossier.document`."""
        return await self._fil.executer(self._dossier.document, id)

    async def documents(self) -> list[DocumentDecrit]:
        """Voir `Dossier.documents`."""
        return await self._fil.executer(self._dossier.documents)

    async def exporter(self) -> bytes:
        """Voir `Dossier.exporter`."""
        return await self._fil.executer(self._dossier.exporter)

    async def empreinte(self) -> str:
        """Voir `Dossier.empreinte`."""
        return await self._fil.executer(self._dossier.empreinte)


class ArchivesAsync:
    """Les `Archives` vues d'asyncio ; mêmes méthodes, mêmes erreurs. S'obtient par `demarrer`."""

    def __init__(self, archives: Archives, fil: Fil) -> None:
        """`archives` : ouvertes dans `fil`."""
        self._archives = archives
        self._fil = fil

    @classmethod
    async def demarrer(cls, fabrique: Callable[[], Archives]) -> ArchivesAsync:
        """Ouvre les archives dans un fil neuf et finit les purges interrompues.

        `fabrique` : par exemple `lambda: Archives(donnees, cles)` ; ses erreurs reviennent ici.
        """
        fil = Fil()
        try:
            archives = await fil.executer(fabrique)
            await fil.executer(archives.reprendre_purges)
        except BaseException:
            await fil.fermer()
            raise
        return cls(archives, fil)

    @property
    def fil(self) -> Fil:
        """Le fil, pour lui confier autre chose (composer un PDF, par exemple)."""
        return self._fil

    @property
    def archives(self) -> Archives:
        """Les archives mêmes ; à ne toucher que par `fil.executer`."""
        return self._archives

    async def creer(self, visite: str, instant: float | None = None, *, apres: str | None = None) -> DossierAsync:
        """Voir `Archives.creer`."""
        dossier = await self._fil.executer(self._archives.creer, visite, instant, apres=apres)
        return DossierAsync(dossier, self._fil)

    async def ouvrir(self, visite: str) -> DossierAsync:
        """Voir `Archives.ouvrir`."""
        return DossierAsync(await self._fil.executer(self._archives.ouvrir, visite), self._fil)

    async def exporter(self, visite: str) -> bytes:
        """Le contenu à transmettre (`Dossier.exporter`), d'un seul geste du fil : aucune purge ne s'y glisse."""
        return await self._fil.executer(lambda: self._archives.ouvrir(visite).exporter())

    async def visite_ouverte(self) -> str | None:
        """Voir `Archives.visite_ouverte`."""
        return await self._fil.executer(self._archives.visite_ouverte)

    async def visites_ouvertes(self) -> list[str]:
        """Voir `Archives.visites_ouvertes`."""
        return await self._fil.executer(self._archives.visites_ouvertes)

    async def clore(self, visite: str) -> str:
        """Voir `Archives.clore`."""
        return await self._fil.executer(self._archives.clore, visite)

    async def a_transmettre(self) -> list[EnAttente]:
        """Voir `Archives.a_transmettre`."""
        return await self._fil.executer(self._archives.a_transmettre)

    async def acquitter(self, visite: str, empreinte: str) -> None:
        """Voir `Archives.acquitter`."""
        await self._fil.executer(self._archives.acquitter, visite, empreinte)

    async def purger(self, visite: str, raison: Raison = Raison.ABANDON) -> None:
        """Voir `Archives.purger`."""
        await self._fil.executer(self._archives.purger, visite, raison)

    async def appliquer_retention(self, maintenant: float, limite_s: float) -> list[str]:
        """Voir `Archives.appliquer_retention`."""
        return await self._fil.executer(self._archives.appliquer_retention, maintenant, limite_s)

    async def ecartees(self) -> list[str]:
        """Voir `Archives.ecartees`."""
        return await self._fil.executer(self._archives.ecartees)

    async def fermer(self) -> None:
        """Ferme les archives puis le fil."""
        try:
            await self._fil.executer(self._archives.fermer)
        finally:
            await self._fil.fermer()
