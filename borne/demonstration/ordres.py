"""Une prise d'ordres : TCP sur 127.0.0.1, une ligne JSON par ordre, une par réponse."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from typing import Any

import msgspec


class OrdreInvalide(ValueError):
    """Un ordre inconnu ou mal fait."""


class ServeurOrdres:
    """La prise. Une sous-classe exécute ; `fin` est à lever quand le processus doit finir."""

    def __init__(self) -> None:
        self._serveur: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self.fin = asyncio.Event()

    async def ouvrir(self, port: int = 0) -> int:
        """Écoute sur 127.0.0.1 ; rend le port."""
        self._serveur = await asyncio.start_server(self._servir, "127.0.0.1", port)
        return int(self._serveur.sockets[0].getsockname()[1])

    async def fermer(self) -> None:
        """Ferme la prise et ses clients."""
        if self._serveur is None:
            return
        self._serveur.close()
        for client in list(self._clients):
            client.close()
        await self._serveur.wait_closed()

    def finir_sur_signal(self) -> None:
        """SIGTERM et SIGINT lèvent `fin`."""
        for signe in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signe, self.fin.set)

    async def executer(self, ordre: Mapping[str, Any]) -> dict[str, Any]:
        """Exécute un ordre ; rend les champs de la réponse. Lève `OrdreInvalide`."""
        raise NotImplementedError

    async def _servir(self, lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        self._clients.add(ecrivain)
        try:
            while ligne := await lecteur.readline():
                ecrivain.write(msgspec.json.encode(await self._repondre(ligne)) + b"\n")
                await ecrivain.drain()
        except ConnectionError:
            return
        finally:
            self._clients.discard(ecrivain)
            ecrivain.close()

    async def _repondre(self, ligne: bytes) -> dict[str, Any]:
        try:
            ordre = msgspec.json.decode(ligne, type=dict[str, Any])
            return {"ok": True, **await self.executer(ordre)}
        except (OrdreInvalide, msgspec.DecodeError) as erreur:
            return {"ok": False, "raison": str(erreur)}
