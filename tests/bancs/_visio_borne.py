"""L'émetteur « borne » du banc : la vraie `Seance`, dans son processus, devant la caméra virtuelle.

`python -m tests.bancs._visio_borne DEBIT_MAX ANNEAU ANNONCES LARGEUR HAUTEUR` obéit à son entrée standard, un objet
JSON par ligne, et répond de même en reprenant leur numéro (`commande`) : `offre`, `repondre` (sdp).
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from borne.demonstration.horodatage import ECLAIR_DUREE_S, ECLAIR_PERIODE_S, eclair_allume
from borne.visio import encodeurs
from tests.bancs._visio_camera import ANNONCE, Anneau, Taille

if TYPE_CHECKING:
    from borne.visio.seance import Seance

SILENCE: Final[NDArray[np.int16]] = np.zeros(960, np.int16)
TON: Final[NDArray[np.int16]] = (12_000 * np.sin(2 * np.pi * 1000 * np.arange(960) / 48_000)).astype(np.int16)


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
        return Bloc(_clic(instant), instant, self._numero)


def _clic(instant: float) -> NDArray[np.int16]:
    """Le bloc de 20 ms qui commence à `instant` (secondes Unix) : un ton tant que l'éclair est allumé."""
    if not eclair_allume(instant) and not eclair_allume(instant + 0.02):
        return SILENCE
    # À l'échantillon près : un clic arrondi au bloc avancerait ou retarderait le son de 20 ms.
    phases = (instant + np.arange(960) / 48_000) % ECLAIR_PERIODE_S
    return np.where(phases < ECLAIR_DUREE_S, TON, SILENCE)


def limiter(debit: int) -> None:
    """Plafonne l'image à `debit` bits/s, comme le `maxBitrate` des ancres ; avant tout import des autres modules."""
    encodeurs.DEBIT_MAX = debit  # type: ignore[misc]
    encodeurs.DEBIT_DEPART = min(encodeurs.DEBIT_DEPART, debit)  # type: ignore[misc]


def ouvrir(camera: CameraPartagee) -> Seance:
    """Une séance qui n'a que la boucle locale."""
    from borne.visio.seance import Seance

    return Seance(
        visite="banc",
        appel="banc",
        glace=(),
        camera=camera,
        microphone=Micro(),
        stethoscope=None,
        sur_image=lambda _image, _instant: None,
        haut_parleur=None,
        sur_message=lambda _message: None,
        sur_etat=lambda etat: print(f"  borne : {etat.value}", file=sys.stderr, flush=True),
        adresses=("127.0.0.1",),
    )


async def obeir(seance: Seance, commande: dict[str, Any]) -> dict[str, Any]:
    """Une commande."""
    if commande["ordre"] == "offre":
        return {"sdp": await seance.offre()}
    await seance.repondre(commande["sdp"])
    return {}


async def principal(debit: str, anneau: str, annonces: str, largeur: str, hauteur: str) -> None:
    """Obéit jusqu'à la fermeture de l'entrée."""
    limiter(int(debit))
    taille = Taille(int(largeur), int(hauteur))
    seance = ouvrir(CameraPartagee(Anneau(Path(anneau), taille, "bgr"), Path(annonces)))
    lecteur = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lecteur), sys.stdin)
    while ligne := await lecteur.readline():
        commande = json.loads(ligne)
        print(json.dumps({**await obeir(seance, commande), "commande": commande["commande"]}), flush=True)
    await seance.fermer()


if __name__ == "__main__":
    asyncio.run(principal(*sys.argv[1:]))
