"""Une prise série virtuelle : un pty, et son nom stable sous une racine, qu'on branche et qu'on arrache.

Le côté borne est un vrai terminal, ouvert par le vrai pyserial. Rien n'attend que la borne lise : ce qu'elle ne prend
pas est perdu, comme sur une vraie ligne.
"""

from __future__ import annotations

import asyncio
import os
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from borne.peripheriques.simulation.ligne import ModeleSerie, Parasites

PAS_S: Final = 1 / 60


class PriseVirtuelle:
    """Une prise."""

    def __init__(self, racine: Path, nom: str) -> None:
        self.lien = racine / nom
        self._recus: Callable[[bytes], object] | None = lambda octets: None
        self._maitre: int | None = None
        self._esclave = -1

    @property
    def branchee(self) -> bool:
        """Vrai entre `brancher` et `debrancher`."""
        return self._maitre is not None

    def brancher(self) -> None:
        """Branche (sans effet si elle l'est) ; à appeler dans la boucle asyncio."""
        if self._maitre is not None:
            return
        self._maitre, self._esclave = os.openpty()
        # Le côté borne reste ouvert ici : une prise dont personne ne se sert n'est pas débranchée pour autant.
        tty.setraw(self._esclave)
        os.set_blocking(self._maitre, False)
        self.ecouter(self._recus)
        self.lien.parent.mkdir(parents=True, exist_ok=True)
        self.lien.symlink_to(os.ttyname(self._esclave))

    def debrancher(self) -> None:
        """Arrache : le terminal meurt d'abord, son nom disparaît ensuite, comme avec udev."""
        maitre, self._maitre = self._maitre, None
        if maitre is None:
            return
        asyncio.get_running_loop().remove_reader(maitre)
        os.close(maitre)
        os.close(self._esclave)
        self.lien.unlink(missing_ok=True)

    def ecouter(self, recus: Callable[[bytes], object] | None) -> None:
        """À qui donner ce que la borne envoie (dans la boucle asyncio) ; None : personne, et la ligne se bouche."""
        self._recus = recus
        if self._maitre is None:
            return
        boucle = asyncio.get_running_loop()
        boucle.remove_reader(self._maitre)
        if recus is not None:
            boucle.add_reader(self._maitre, self._lire)

    def ecrire(self, octets: bytes) -> None:
        """Envoie à la borne ; ce qu'elle n'a plus la place de recevoir est perdu."""
        if self._maitre is not None and octets:
            with suppress(BlockingIOError):
                os.write(self._maitre, octets)

    def _lire(self) -> None:
        if self._maitre is not None and self._recus is not None:
            with suppress(BlockingIOError):
                self._recus(os.read(self._maitre, 4096))


class AppareilSerieVirtuel:
    """Un appareil virtuel au bout de sa prise, à son vrai débit. Gestionnaire de contexte asynchrone.

    `parasites` : l'état de la ligne. `vitesse` : combien de ses secondes passent en une des nôtres.
    """

    def __init__(self, racine: Path, nom: str, modele: ModeleSerie, *, vitesse: float = 1.0) -> None:
        self.prise = PriseVirtuelle(racine, nom)
        self.prise.ecouter(self._recevoir)
        self.modele = modele
        self.parasites = Parasites()
        self._vitesse = vitesse
        self._depart_s = time.monotonic()
        self._tache: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.prise.brancher()
        self._tache = asyncio.create_task(self._vivre())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._tache is not None:
            self._tache.cancel()
            await asyncio.wait({self._tache})
        self.prise.debrancher()

    def _secondes(self) -> float:
        return (time.monotonic() - self._depart_s) * self._vitesse

    async def _vivre(self) -> None:
        while True:
            self.prise.ecrire(self.parasites.passer(self.modele.avancer(self._secondes())))
            await asyncio.sleep(PAS_S)

    def _recevoir(self, octets: bytes) -> None:
        self.prise.ecrire(self.parasites.passer(self.modele.recevoir(octets, self._secondes())))
