"""L'émetteur « borne » du banc : la vraie `Seance`, dans son processus, devant la caméra virtuelle.

`python -m tests.bancs._visio_borne DEBIT_MAX ANNEAU ANNONCES LARGEUR HAUTEUR` obéit à son entrée standard, un objet
JSON par ligne, et répond de même en reprenant leur numéro (`commande`) : `offre`, `repondre` (sdp, appel).

Avec un sixième argument, `reprise`, c'est `Tentatives`, ce que la borne emploie, qui mène l'appel à travers les
coupures : `offre_suivante` attend l'offre d'une tentative nouvelle, `offre_plus_recente` rend la dernière.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from borne.demonstration.horodatage import eclair_allume
from borne.visio import encodeurs
from tests.bancs._visio_camera import ANNONCE, Anneau, Taille

if TYPE_CHECKING:
    from borne.assemblage.tentatives import Tentatives
    from borne.visio.liaison import EtatLiaison
    from borne.visio.seance import Seance

SILENCE: Final[NDArray[np.int16]] = np.zeros(960, np.int16)
CLIC: Final[NDArray[np.int16]] = (12_000 * np.sin(2 * np.pi * 1000 * np.arange(960) / 48_000)).astype(np.int16)


@dataclass(frozen=True, slots=True)
class Image:
    """Une image de la caméra virtuelle."""

    bgr: NDArray[np.uint8]
    instant: float
    numero: int


@dataclass(frozen=True, slots=True)
class Bloc:
    """20 ms de son."""

    echantillons: NDArray[np.int16]
    instant: float
    numero: int


class CameraPartagee:
    """Lit les annonces de la caméra ; la plus récente image seulement, sans copie."""

    def __init__(self, anneau: Anneau, annonces: Path) -> None:
        self._cases = anneau.cases
        self._prise = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._prise.setblocking(False)
        self._prise.bind(str(annonces))
        self._derniere: Image | None = None
        self._nouvelle = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._prise, self._lire)

    def _lire(self) -> None:
        numero, case, instant = ANNONCE.unpack(self._prise.recv(64))
        self._derniere = Image(self._cases[case], instant, numero)
        self._nouvelle.set()

    async def prochaine(self, apres: int) -> Image:
        """La plus récente image de numéro supérieur à `apres`."""
        while self._derniere is None or self._derniere.numero <= apres:
            self._nouvelle.clear()
            await self._nouvelle.wait()
        return self._derniere


class Micro:
    """Un micro à l'heure, muet hors du clic qui répond à l'éclair de la caméra : la voix coûte ce qu'elle coûte."""

    def __init__(self) -> None:
        self._debut, self._numero = time.time(), 0

    async def prochain(self) -> Bloc:
        """Le bloc suivant, à son heure."""
        instant = self._debut + self._numero * 0.02
        self._numero += 1
        await asyncio.sleep(max(0.0, instant + 0.02 - time.time()))
        return Bloc(CLIC if eclair_allume(instant) else SILENCE, instant, self._numero)


def limiter(debit: int) -> None:
    """Plafonne l'image à `debit` bits/s, comme le `maxBitrate` des ancres ; avant tout import des autres modules."""
    encodeurs.DEBIT_MAX = debit  # type: ignore[misc]
    encodeurs.DEBIT_DEPART = min(encodeurs.DEBIT_DEPART, debit)  # type: ignore[misc]


class Borne:
    """Une séance, ou un appel tenu par `Tentatives`, qui n'a que la boucle locale."""

    def __init__(self, camera: CameraPartagee, reprise: bool) -> None:
        self._camera = camera
        self._offres: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._tentatives: Tentatives | None = None
        self._seance: Seance | None = None
        if reprise:
            from borne.assemblage.tentatives import Tentatives

            self._tentatives = Tentatives(
                self._creer, self._offrir, lambda *_: _dire("établi"), lambda _numero: _dire("perdu")
            )

    async def obeir(self, commande: dict[str, Any]) -> dict[str, Any]:
        """Une commande."""
        match commande["ordre"]:
            case "offre" if self._tentatives is not None:
                await self._tentatives.appeler("banc", 1)
                return await self._offre_suivante()
            case "offre":
                self._seance = self._creer("banc", "banc", lambda etat: _dire(etat.value))
                return {"sdp": await self._seance.offre()}
            case "offre_suivante":
                return await self._offre_suivante()
            case "offre_plus_recente":
                return {} if self._offres.empty() else await self._offre_suivante()
            case "repondre":
                await self._repondre(commande)
        return {}

    async def fermer(self) -> None:
        """Raccroche."""
        if self._tentatives is not None:
            await self._tentatives.raccrocher()
        if self._seance is not None:
            await self._seance.fermer()

    async def _repondre(self, commande: dict[str, Any]) -> None:
        if self._tentatives is not None:
            from borne.protocole import Reponse

            await self._tentatives.repondre(Reponse(visite="banc", appel=commande["appel"], sdp=commande["sdp"]))
        elif self._seance is not None:
            await self._seance.repondre(commande["sdp"])

    async def _offre_suivante(self) -> dict[str, Any]:
        appel, sdp = await self._offres.get()
        while not self._offres.empty():
            appel, sdp = self._offres.get_nowait()
        return {"appel": appel, "sdp": sdp}

    def _offrir(self, seance: Seance, sdp: str) -> bool:
        self._offres.put_nowait((seance.appel, sdp))
        return True

    def _creer(self, visite: str, appel: str, sur_etat: Callable[[EtatLiaison], None]) -> Seance:
        from borne.visio.seance import Seance

        return Seance(
            visite=visite,
            appel=appel,
            glace=(),
            camera=self._camera,
            microphone=Micro(),
            stethoscope=None,
            sur_image=lambda _image, _instant: None,
            haut_parleur=None,
            sur_message=lambda _message: None,
            sur_etat=sur_etat,
            adresses=("127.0.0.1",),
        )


def _dire(etat: str) -> None:
    print(f"  {time.strftime('%M:%S')} borne : {etat}", file=sys.stderr, flush=True)


async def _servir(borne: Borne, ligne: bytes) -> None:
    commande = json.loads(ligne)
    print(json.dumps({**await borne.obeir(commande), "commande": commande["commande"]}), flush=True)


async def principal(debit: str, anneau: str, annonces: str, largeur: str, hauteur: str, reprise: str = "") -> None:
    """Obéit jusqu'à la fermeture de l'entrée."""
    limiter(int(debit))
    taille = Taille(int(largeur), int(hauteur))
    borne = Borne(CameraPartagee(Anneau(Path(anneau), taille, "bgr"), Path(annonces)), bool(reprise))
    lecteur = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lecteur), sys.stdin)
    ordres: set[asyncio.Task[None]] = set()
    while ligne := await lecteur.readline():
        ordre = asyncio.create_task(_servir(borne, ligne))
        ordres.add(ordre)
        ordre.add_done_callback(ordres.discard)
    for ordre in ordres:
        ordre.cancel()
    await borne.fermer()


if __name__ == "__main__":
    asyncio.run(principal(*sys.argv[1:]))
