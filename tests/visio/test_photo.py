"""La photo d'examen : sa nature suit la place, ses morceaux reviennent entiers, son débit reste le sien."""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from borne import demonstration
from borne.protocole import TAILLE_MORCEAU, MorceauPhoto
from borne.visio.photo import CanalFerme, PhotoImpossible, budget, debit_photo, encoder, envoyer

PORTRAIT = Path(demonstration.__file__).parent / "ressources" / "portrait.jpg"


@pytest.fixture(scope="module")
def image() -> NDArray[np.uint8]:
    """Un portrait 720p avec le bruit d'un capteur."""
    portrait = cv2.resize(cv2.imread(str(PORTRAIT))[:288], (1280, 720), interpolation=cv2.INTER_CUBIC)
    bruit = np.random.default_rng(1).normal(0, 3, (720, 1280, 1))
    return np.clip(portrait + bruit, 0, 255).astype(np.uint8)


class Canal:
    """Un canal dont le réseau vide `debit` bits par seconde."""

    def __init__(self, debit: float = 1e9) -> None:
        self.recus: list[tuple[float, bytes]] = []
        self.ferme_apres = 10**9
        self.attente_max = 0
        self._debit = debit
        self._libre = time.monotonic()

    @property
    def readyState(self) -> str:
        return "open" if len(self.recus) < self.ferme_apres else "closed"

    @property
    def bufferedAmount(self) -> int:
        return max(0, round((self._libre - time.monotonic()) * self._debit / 8))

    def send(self, data: bytes, /) -> None:
        self._libre = max(self._libre, time.monotonic()) + len(data) * 8 / self._debit
        self.recus.append((time.monotonic(), data))
        self.attente_max = max(self.attente_max, self.bufferedAmount)


@pytest.mark.parametrize(
    ("octets", "nature", "decibels"),
    [(10_000_000, "image/webp", 300), (700_000, "image/jpeg", 46), (1_000, "image/jpeg", 40)],
)
def test_sans_perte_quand_la_liaison_le_permet(
    image: NDArray[np.uint8], octets: int, nature: str, decibels: float
) -> None:
    photo = encoder(image, octets)
    assert (photo.nature, photo.largeur, photo.hauteur) == (nature, 1280, 720)
    assert photo.empreinte == hashlib.sha256(photo.octets).hexdigest()
    rendue = cv2.imdecode(np.frombuffer(photo.octets, np.uint8), cv2.IMREAD_COLOR)
    assert cv2.PSNR(image, rendue) > decibels


def test_pas_de_photo_sans_image() -> None:
    with pytest.raises(PhotoImpossible, match="pas donné d'image"):
        encoder(np.zeros((0, 0, 3), np.uint8), 1_000_000)


def test_budget_suit_le_debit_de_l_image() -> None:
    assert budget(4_000_000) == 2_000_000
    assert debit_photo(0) == 200_000


async def test_morceaux_dans_l_ordre_et_entiers(image: NDArray[np.uint8]) -> None:
    photo, canal = encoder(image, 1_000), Canal()
    await envoyer(canal, photo, 7, lambda: 1e9)
    morceaux = [MorceauPhoto.decoder(octets) for _, octets in canal.recus]
    assert [m.rang for m in morceaux] == list(range(len(morceaux)))
    assert {m.numero for m in morceaux} == {7}
    assert max(len(m.octets) for m in morceaux) == TAILLE_MORCEAU
    assert b"".join(m.octets for m in morceaux) == photo.octets


async def test_le_debit_est_le_sien_et_la_file_reste_vide(image: NDArray[np.uint8]) -> None:
    """Ni plus vite que sa part, ni plus vite que le réseau ; un autre message n'attend que deux morceaux."""
    photo = encoder(image, 1_000)
    for reseau, part in ((1e9, 8e6), (8e6, 1e9)):
        canal = Canal(reseau)
        debut = time.monotonic()
        await envoyer(canal, photo, 1, lambda part=part: part)
        assert time.monotonic() - debut >= (len(photo.octets) - TAILLE_MORCEAU) * 8 / 8e6 * 0.9
        assert canal.attente_max <= 2 * TAILLE_MORCEAU


async def test_canal_ferme_en_route(image: NDArray[np.uint8]) -> None:
    photo, canal = encoder(image, 1_000), Canal()
    canal.ferme_apres = 5
    with pytest.raises(CanalFerme):
        await envoyer(canal, photo, 1, lambda: 1e9)
    assert len(canal.recus) == 5


async def test_annulee_elle_s_arrete_aussitot(image: NDArray[np.uint8]) -> None:
    photo, canal = encoder(image, 1_000), Canal()
    tache = asyncio.create_task(envoyer(canal, photo, 1, lambda: 1e6))
    await asyncio.sleep(0.2)
    tache.cancel()
    await asyncio.wait({tache})
    partis = len(canal.recus)
    await asyncio.sleep(0.3)
    assert len(canal.recus) == partis < len(list(photo.morceaux(1)))
