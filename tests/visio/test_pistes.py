"""Les pistes envoyées : arriéré jeté, horloge qui saute, horodatages qui ne reculent jamais."""

from __future__ import annotations

import asyncio
import itertools
import time

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from borne.visio.pistes import ECHANTILLONS_BLOC, VOIX, PisteImage, PisteSon
from tests.visio.outils import Bloc, Camera, Image, Son, ton


def rien(nom: str, presente: bool) -> None:
    """Signal de source dont l'essai n'a que faire."""


class Arriere(Son):
    """Un micro ouvert depuis longtemps : `combien` blocs attendent, puis 20 ms entre deux."""

    def __init__(self, combien: int) -> None:
        super().__init__(ton(300))
        self._combien = combien
        self._ouvert = time.time() - combien * 0.02
        self.rendus: list[int] = []

    async def prochain(self) -> Bloc:
        numero, self._numero = self._numero, self._numero + 1
        instant = self._ouvert + numero * 0.02
        await asyncio.sleep(max(0.0, instant + 0.02 - time.time()))
        self.rendus.append(numero)
        return Bloc(self._blocs[numero % len(self._blocs)], instant, numero)


async def test_arriere_du_micro_jete() -> None:
    micro = Arriere(100)
    piste = PisteSon("microphone", micro, time.time() - 10, rien, exigence=VOIX)
    paquets = [await piste.recv() for _ in range(20)]
    piste.stop()
    assert micro.rendus[-1] > 100
    assert len(micro.rendus) > 100
    # Les derniers paquets parlent de maintenant, pas d'il y a deux secondes.
    assert time.time() - piste.instant_de(paquets[-1].pts) < 1
    assert {b.pts - a.pts for a, b in itertools.pairwise(paquets)} == {ECHANTILLONS_BLOC}


async def test_piste_coupee_a_son_heure() -> None:
    piste = PisteSon("microphone", None, time.time() - 10, rien, exigence=VOIX, active=False)
    debut = time.monotonic()
    for _ in range(10):
        await piste.recv()
    assert time.monotonic() - debut > 0.15
    piste.stop()
    with pytest.raises(MediaStreamError):
        await piste.recv()


async def test_horloge_qui_saute_l_image_continue() -> None:
    class Sauteuse(Camera):
        async def prochaine(self, apres: int) -> Image:
            image = await super().prochaine(apres)
            return Image(image.bgr, time.time() - (1.5 if len(pts) >= 3 else 0.0), image.numero)

    pts: list[int] = []
    piste = PisteImage(Sauteuse(320, 240), time.time() - 10, rien)
    for _ in range(6):
        pts.append((await piste.recv()).pts)
    piste.stop()
    assert pts == sorted(set(pts))
    assert piste.instant_de(pts[-1]) == pytest.approx(time.time() - 1.5, abs=1.0)


async def test_image_brute_pour_vp8() -> None:
    piste = PisteImage(Camera(320, 240), time.time() - 10, rien)
    piste.precodee = False
    image = await piste.recv()
    piste.stop()
    assert isinstance(image, av.VideoFrame)
    assert (image.width, image.height, image.format.name) == (320, 240, "yuv420p")


async def test_images_cles_pas_plus_souvent_qu_il_ne_faut() -> None:
    piste = PisteImage(Camera(320, 240), time.time() - 10, rien)
    cles = 0
    for _ in range(6):
        piste.demander_image_cle()
        cles += (await piste.recv()).is_keyframe
    piste.stop()
    assert 1 <= cles <= 3
