"""Rejouer par le vrai pilote une séance enregistrée sur une prise série : la prise s'ouvre sur le fichier.

Chaque ouverture enregistrée se rejoue à l'ouverture suivante : ce que l'appareil avait envoyé arrive dans l'ordre, au
rythme d'origine, après le premier ordre de la borne s'il l'avait attendu ; la prise tombe où elle était tombée.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from borne.peripheriques.enregistrement import Seance
from borne.peripheriques.erreurs import AppareilAbsent
from borne.peripheriques.espion import Capture, Genre
from borne.peripheriques.serie import Ligne, Prise, Serie
from borne.peripheriques.simulation.partition import Partition


class SerieRejouee(Serie):
    """Les prises d'une séance. Lever de rideau à la première ouverture."""

    def __init__(self, seance: Seance, partition: Partition) -> None:
        super().__init__(Path("/nulle-part"))
        self._partition = partition
        self._ouvertures = list(_ouvertures(seance))

    def ports(self) -> tuple[str, ...]:
        """La prise de la prochaine ouverture, s'il y en a une."""
        return (self._ouvertures[0][0][1].canal,) if self._ouvertures else ()

    def trouver(self, port: str) -> Path | None:
        """La même, quel que soit le motif demandé."""
        return next((Path(nom) for nom in self.ports()), None)

    @asynccontextmanager
    async def ouvrir(self, chemin: Path, ligne: Ligne) -> AsyncIterator[Prise]:
        """L'ouverture suivante de la séance. Lève `AppareilAbsent` quand il n'y en a plus."""
        if not self._ouvertures:
            raise AppareilAbsent("L'appareil n'est pas branché.", detail="fin de la séance enregistrée")
        suite = self._ouvertures.pop(0)
        self._partition.avancer(suite[0][0])
        borne, appareil = socket.socketpair()
        borne.setblocking(False)
        appareil.setblocking(False)
        tache = asyncio.get_running_loop().create_task(self._jouer(suite, appareil))
        try:
            yield Prise(borne.fileno(), chemin.name)
        finally:
            tache.cancel()
            await asyncio.wait({tache})
            borne.close()
            appareil.close()

    async def _jouer(self, suite: list[tuple[float, Capture]], appareil: socket.socket) -> None:
        boucle = asyncio.get_running_loop()
        commande = False
        for instant, capture in suite:
            match capture.genre:
                case Genre.ECRIT if not commande:
                    # Le premier ordre fait parler l'appareil ; les suivants ne font que l'entretenir.
                    await boucle.sock_recv(appareil, 4096)
                    self._partition.avancer(instant)
                    commande = True
                case Genre.RECU:
                    await self._partition.attendre(instant)
                    await boucle.sock_sendall(appareil, capture.octets)
                case Genre.COUPE:
                    await self._partition.attendre(instant)
                    appareil.shutdown(socket.SHUT_RDWR)
                    return


def _ouvertures(seance: Seance) -> Iterator[list[tuple[float, Capture]]]:
    """Les captures d'une ouverture à la suivante."""
    en_cours: list[tuple[float, Capture]] = []
    for instant, capture in seance.captures:
        if capture.genre is Genre.OUVERT:
            if en_cours:
                yield en_cours
            en_cours = [(instant, capture)]
        elif en_cours:
            en_cours.append((instant, capture))
    if en_cours:
        yield en_cours
