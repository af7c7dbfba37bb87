"""Un sujet du banc de la voix, dans son processus : la séance de la borne, ou aiortc tel quel.

`python -m tests.bancs._voix_sujet borne|ancre DOSSIER` obéit à son entrée standard, un objet JSON par ligne, une
réponse par ligne : `offre`, `repondre` (sdp), `commencer`, `fermer`. Le son joué depuis `commencer` est écrit dans
`DOSSIER/joue.npz` (voir `_voix_signal.Prise`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

from tests.bancs._voix_signal import FREQUENCE, signal

BLOC = 960


class HautParleur:
    """Date chaque échantillon à l'instant où il est donné à jouer."""

    def __init__(self) -> None:
        self._blocs: list[tuple[float, NDArray[np.int16]]] = []

    def ecrire(self, echantillons: NDArray[np.int16]) -> None:
        """Joue (n,) int16."""
        self._blocs.append((time.time(), echantillons))

    def vider(self) -> None:
        """Oublie ce qui précède la mesure."""
        self._blocs.clear()

    def enregistrer(self, chemin: Path) -> None:
        """La prise, dans un fichier numpy."""
        blocs = list(self._blocs) or [(time.time(), np.zeros(BLOC, np.int16))]
        tailles = np.cumsum([0, *(len(bloc) for _, bloc in blocs)])
        np.savez(
            chemin,
            son=np.concatenate([bloc for _, bloc in blocs]),
            debuts=tailles[:-1],
            instants=np.array([instant for instant, _ in blocs]),
        )


@dataclass(frozen=True, slots=True)
class Bloc:
    """20 ms de son."""

    echantillons: NDArray[np.int16]
    instant: float
    numero: int


class Micro:
    """Le patient : le signal en boucle, à l'heure."""

    def __init__(self) -> None:
        self._blocs = signal()[: len(signal()) // BLOC * BLOC].reshape(-1, BLOC)
        self._debut, self._numero = time.time(), 0

    async def prochain(self) -> Bloc:
        """Le bloc suivant, à son heure."""
        numero, self._numero = self._numero, self._numero + 1
        await asyncio.sleep(max(0.0, self._debut + self._numero * 0.02 - time.time()))
        return Bloc(self._blocs[numero % len(self._blocs)], self._debut + numero * 0.02, numero)


class Sujet(Protocol):
    """Ce que le banc sait faire faire à l'un et à l'autre."""

    haut_parleur: HautParleur

    async def offre(self) -> str: ...
    async def repondre(self, sdp: str) -> None: ...
    def compte(self) -> dict[str, Any]: ...
    async def fermer(self) -> None: ...


class Borne:
    """La vraie séance, sans caméra ni stéthoscope."""

    def __init__(self) -> None:
        from borne.visio.seance import Seance

        self.haut_parleur = HautParleur()
        self._seance = Seance(
            visite="banc",
            appel="banc",
            glace=(),
            camera=None,
            microphone=Micro(),
            stethoscope=None,
            sur_image=lambda _image, _instant: None,
            haut_parleur=self.haut_parleur,
            sur_message=lambda _message: None,
            sur_etat=lambda etat: print(f"borne : {etat.value}", file=sys.stderr, flush=True),
            adresses=("127.0.0.1",),
        )

    async def offre(self) -> str:
        """L'offre SDP."""
        return await self._seance.offre()

    async def repondre(self, sdp: str) -> None:
        """La réponse du médecin."""
        await self._seance.repondre(sdp)

    def compte(self) -> dict[str, Any]:
        """Ce que le tampon dit lui-même."""
        return self._seance.compte_voix()

    async def fermer(self) -> None:
        """Raccroche."""
        await self._seance.fermer()


class PisteSignal(MediaStreamTrack):
    """Le signal, en son brut qu'aiortc encode."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._micro = Micro()

    async def recv(self) -> av.AudioFrame:
        """20 ms."""
        bloc = await self._micro.prochain()
        trame = av.AudioFrame.from_ndarray(bloc.echantillons.reshape(1, -1), format="s16", layout="mono")
        trame.sample_rate, trame.pts, trame.time_base = FREQUENCE, bloc.numero * BLOC, Fraction(1, FREQUENCE)
        return trame


class Ancre:
    """aiortc 1.16 tel quel : son tampon, son décodeur, son encodeur."""

    def __init__(self) -> None:
        self.haut_parleur = HautParleur()
        self._pair = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._pair.addTransceiver(PisteSignal(), direction="sendrecv")
        self._tache: asyncio.Task[None] | None = None
        self._pair.on("track", self._piste)

    def _piste(self, piste: MediaStreamTrack) -> None:
        self._tache = asyncio.create_task(self._lire(piste))

    async def _lire(self, piste: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                trame = await piste.recv()
                assert isinstance(trame, av.AudioFrame)
                voies = trame.to_ndarray().reshape(-1, trame.layout.nb_channels)
                self.haut_parleur.ecrire(voies[:, 0].copy())

    async def offre(self) -> str:
        """L'offre SDP."""
        await self._pair.setLocalDescription(await self._pair.createOffer())
        return str(self._pair.localDescription.sdp)

    async def repondre(self, sdp: str) -> None:
        """La réponse du médecin."""
        await self._pair.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))

    def compte(self) -> dict[str, Any]:
        """aiortc ne compte rien."""
        return {}

    async def fermer(self) -> None:
        """Raccroche."""
        await self._pair.close()


async def principal(nom: str, dossier: str) -> None:
    """Obéit jusqu'à la fermeture de l'entrée."""
    sujet: Sujet = Borne() if nom == "borne" else Ancre()
    lecteur = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lecteur), sys.stdin)
    while ligne := await lecteur.readline():
        commande = json.loads(ligne)
        reponse: dict[str, Any] = {}
        match commande["ordre"]:
            case "offre":
                reponse = {"sdp": await sujet.offre()}
            case "repondre":
                await sujet.repondre(commande["sdp"])
            case "commencer":
                sujet.haut_parleur.vider()
                reponse = sujet.compte()
            case "fermer":
                reponse = sujet.compte()
                sujet.haut_parleur.enregistrer(Path(dossier) / "joue.npz")
                await sujet.fermer()
        print(json.dumps(reponse), flush=True)


if __name__ == "__main__":
    asyncio.run(principal(*sys.argv[1:]))
