"""Le lecteur de badge en série : chaque code une fois, borné, et repris quand il se rebranche."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from borne.demonstration.prise import AppareilSerieVirtuel
from borne.peripheriques.badge import LecteurBadge, ProfilLecteur
from borne.peripheriques.branchements import Branchements
from borne.peripheriques.serie import Serie
from borne.peripheriques.simulation.lecteur import LecteurVirtuel

NOM = "usb-Newland_NLS-FM430_0001-if00"


class Lus:
    """Ce que le lecteur rend ; `venir` attend qu'une condition soit vraie."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.etats: list[tuple[str, str]] = []
        self._nouveau = asyncio.Event()

    def code(self, code: str) -> None:
        self.codes.append(code)
        self._nouveau.set()

    def etat(self, etat: str, raison: str) -> None:
        self.etats.append((etat, raison))
        self._nouveau.set()

    async def venir(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self._nouveau.clear()
                await self._nouveau.wait()


@pytest.fixture
def lus() -> Lus:
    return Lus()


@pytest.fixture
async def virtuel(tmp_path: Path) -> AsyncIterator[AppareilSerieVirtuel]:
    async with AppareilSerieVirtuel(tmp_path, NOM, LecteurVirtuel(prefixe=b"\x02")) as appareil:
        yield appareil


@pytest.fixture
async def lecteur(tmp_path: Path, lus: Lus) -> AsyncIterator[LecteurBadge]:
    serie = Serie(tmp_path, Branchements(lambda: None, periode_s=0.01))
    avant = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())
    tenu = LecteurBadge(serie, ProfilLecteur(NOM, prefixe="\x02", longueur_max=20))
    tenu.demarrer(lus.code, lus.etat)
    yield tenu
    await tenu.arreter()
    assert (len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())) <= avant
    assert tenu.etat == "arretee"


def presenter(virtuel: AppareilSerieVirtuel, code: str, fois: int = 1) -> None:
    assert isinstance(virtuel.modele, LecteurVirtuel)
    virtuel.modele.presenter(code, fois)


async def test_chaque_code_une_fois(virtuel: AppareilSerieVirtuel, lecteur: LecteurBadge, lus: Lus) -> None:
    await lus.venir(lambda: lecteur.etat == "active")
    presenter(virtuel, "CPS-801234567890", fois=5)
    presenter(virtuel, "x" * 21)
    presenter(virtuel, "AUTRE")
    presenter(virtuel, "CPS-801234567890")
    await lus.venir(lambda: len(lus.codes) == 3)
    assert lus.codes == ["CPS-801234567890", "AUTRE", "CPS-801234567890"]


async def test_arrache_puis_rebranche(virtuel: AppareilSerieVirtuel, lecteur: LecteurBadge, lus: Lus) -> None:
    await lus.venir(lambda: lecteur.etat == "active")
    presenter(virtuel, "AVANT")
    await lus.venir(lambda: lus.codes == ["AVANT"])
    virtuel.prise.debrancher()
    await lus.venir(lambda: lecteur.etat == "perdue")
    assert "débranché" in lecteur.raison
    assert (await lecteur.sonder(delai_s=0.05)).faute == "port"
    virtuel.prise.brancher()
    await lus.venir(lambda: lecteur.etat == "active")
    assert (await lecteur.sonder()).repond
    presenter(virtuel, "APRES")
    await lus.venir(lambda: lus.codes == ["AVANT", "APRES"])


async def test_une_faute_de_l_appelant_se_dit(
    tmp_path: Path, virtuel: AppareilSerieVirtuel, lus: Lus, caplog: pytest.LogCaptureFixture
) -> None:
    def fauter(code: str) -> None:
        raise ZeroDivisionError

    lecteur = LecteurBadge(Serie(tmp_path), ProfilLecteur(NOM, prefixe="\x02"))
    lecteur.demarrer(fauter, lus.etat)
    await lus.venir(lambda: lecteur.etat == "active")
    presenter(virtuel, "SECRET")
    await lus.venir(lambda: lecteur.etat == "perdue")
    await lecteur.arreter()
    assert "faute" in caplog.text
    assert "SECRET" not in caplog.text


async def test_branche_apres_coup(tmp_path: Path, lecteur: LecteurBadge, lus: Lus) -> None:
    await lus.venir(lambda: lecteur.etat == "perdue")
    assert "pas branché" in lecteur.raison
    async with AppareilSerieVirtuel(tmp_path, NOM, LecteurVirtuel(prefixe=b"\x02")) as appareil:
        await lus.venir(lambda: lecteur.etat == "active")
        presenter(appareil, "42")
        await lus.venir(lambda: lus.codes)
    assert lus.codes == ["42"]
    await lus.venir(lambda: lecteur.etat == "perdue")
