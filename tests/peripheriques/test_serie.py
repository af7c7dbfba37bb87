"""Le transport série, sur de vrais terminaux (pty) : noms stables, branchement à chaud, arrachement, aucune fuite."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from borne.demonstration.prise import PriseVirtuelle
from borne.peripheriques.branchements import Branchements, ouvrir_moniteur
from borne.peripheriques.erreurs import AppareilPerdu, PortAbsent, PortIndisponible
from borne.peripheriques.serie import Ligne, Serie

LIGNE = Ligne(19200, "O")
NOM = "usb-Borne_libre_Essai_0001-if00-port0"


@pytest.fixture
def serie(tmp_path: Path) -> Serie:
    return Serie(tmp_path / "by-id", Branchements(lambda: None, periode_s=0.01))


@pytest.fixture
async def prise(serie: Serie) -> AsyncIterator[PriseVirtuelle]:
    virtuelle = PriseVirtuelle(serie.racine, NOM)
    virtuelle.brancher()
    yield virtuelle
    virtuelle.debrancher()


def descripteurs() -> int:
    return len(os.listdir("/proc/self/fd"))


async def test_sans_racine_il_n_y_a_pas_de_prise(serie: Serie) -> None:
    assert serie.ports() == ()
    with pytest.raises(PortAbsent):
        await serie.chercher(NOM, delai_s=0.05)


async def test_une_racine_qui_n_est_pas_un_dossier(tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    with pytest.raises(PortIndisponible):
        await Serie(tmp_path / "fichier").chercher("usb-*", delai_s=1)


async def test_nom_motif_et_chemin(serie: Serie, prise: PriseVirtuelle) -> None:
    for port in (NOM, "usb-Borne_*", str(serie.racine / NOM)):
        assert await serie.chercher(port, delai_s=0) == serie.racine / NOM
    assert serie.trouver("usb-Autre_*") is None


async def test_deux_semblables_ne_se_choisissent_pas(serie: Serie, prise: PriseVirtuelle) -> None:
    (serie.racine / "usb-Borne_libre_Essai_0002-if00-port0").symlink_to("/dev/null")
    with pytest.raises(PortIndisponible, match="se ressemblent"):
        await serie.chercher("usb-Borne_*", delai_s=1)
    assert await serie.chercher(NOM, delai_s=1)


async def test_branchee_pendant_l_attente(serie: Serie) -> None:
    virtuelle = PriseVirtuelle(serie.racine, NOM)
    recherche = asyncio.create_task(serie.chercher(NOM, delai_s=30))
    await asyncio.sleep(0)
    virtuelle.brancher()
    assert await recherche == serie.racine / NOM
    changement = asyncio.create_task(serie.attendre_changement((NOM,)))
    await asyncio.sleep(0)
    virtuelle.debrancher()
    assert await changement == ()


async def test_lire_et_ecrire(serie: Serie, prise: PriseVirtuelle) -> None:
    recus = bytearray()
    prise.ecouter(recus.extend)
    prise.ecrire(b"avant l'ouverture : jamais lu")
    async with serie.ouvrir(prise.lien, LIGNE) as ouverte:
        assert await ouverte.lire(0.02) == b""
        # 0x11 et 0x13 (XON, XOFF), et tout le reste, passent tels quels dans les deux sens.
        prise.ecrire(bytes(range(256)))
        lus = b""
        while len(lus) < 256:
            lus += await ouverte.lire(5)
        assert lus == bytes(range(256))
        await ouverte.ecrire(bytes(range(256)))
        while len(recus) < 256:  # noqa: ASYNC110 (la prise virtuelle n'a pas d'événement à offrir)
            await asyncio.sleep(0.005)
    assert recus == bytes(range(256))


async def test_arrachee_en_lisant(serie: Serie, prise: PriseVirtuelle) -> None:
    avant = descripteurs()
    async with serie.ouvrir(prise.lien, LIGNE) as ouverte:
        lecture = asyncio.create_task(ouverte.lire(30))
        await asyncio.sleep(0)
        prise.debrancher()
        with pytest.raises(AppareilPerdu):
            await lecture
        assert ouverte.coupee
        with pytest.raises(AppareilPerdu):
            await ouverte.ecrire(b"x")
    prise.brancher()
    assert descripteurs() <= avant
    async with serie.ouvrir(await serie.chercher(NOM, delai_s=5), LIGNE) as ouverte:
        prise.ecrire(b"revenue")
        assert await ouverte.lire(5) == b"revenue"


async def test_une_ligne_bouchee_ne_bloque_pas(serie: Serie, prise: PriseVirtuelle) -> None:
    prise.ecouter(None)
    async with serie.ouvrir(prise.lien, LIGNE) as ouverte:
        with pytest.raises(AppareilPerdu, match="n'écoute plus"):
            await ouverte.ecrire(b"x" * 100_000, delai_s=0.05)
        assert not ouverte.coupee


async def test_une_prise_tenue_est_refusee(serie: Serie, prise: PriseVirtuelle) -> None:
    async with serie.ouvrir(prise.lien, LIGNE):
        with pytest.raises(PortIndisponible):
            async with serie.ouvrir(prise.lien, LIGNE):
                pass


async def test_un_chemin_disparu(serie: Serie, tmp_path: Path) -> None:
    with pytest.raises(PortAbsent):
        async with serie.ouvrir(tmp_path / "rien", LIGNE):
            pass


async def test_ni_descripteur_ni_tache_apres_cent_seances(serie: Serie, prise: PriseVirtuelle) -> None:
    async def seance(rang: int) -> None:
        async with serie.ouvrir(prise.lien, LIGNE) as ouverte:
            if rang % 3 == 0:
                prise.debrancher()
                prise.brancher()
            lecture = asyncio.create_task(ouverte.lire(0 if rang % 3 == 1 else 30))
            await asyncio.sleep(0)
            lecture.cancel()
            await asyncio.wait({lecture})

    await seance(1)
    avant = descripteurs(), len(asyncio.all_tasks())
    for rang in range(100):
        await seance(rang)
    assert (descripteurs(), len(asyncio.all_tasks())) == avant


async def test_abandonnee_pendant_l_ouverture(serie: Serie, prise: PriseVirtuelle) -> None:
    async def tenir() -> None:
        async with serie.ouvrir(prise.lien, LIGNE):
            await asyncio.sleep(30)

    avant = descripteurs()
    tache = asyncio.create_task(tenir())
    await asyncio.sleep(0)
    tache.cancel()
    await asyncio.wait({tache})
    async with asyncio.timeout(10):
        while descripteurs() > avant:  # noqa: ASYNC110 (un descripteur n'a pas d'événement)
            await asyncio.sleep(0.01)


class MoniteurTube:
    """Un moniteur dont les signes viennent d'un tube : ce que `pyudev.Monitor` donne à veiller."""

    def __init__(self) -> None:
        self.lecture, self.ecriture = os.pipe()
        os.set_blocking(self.lecture, False)

    def fileno(self) -> int:
        return self.lecture

    def poll(self, timeout: float | None = None) -> object | None:
        try:
            return os.read(self.lecture, 1)
        except BlockingIOError:
            return None


async def test_un_signe_d_udev_reveille_aussitot(tmp_path: Path) -> None:
    moniteur = MoniteurTube()
    regards = 0

    def regarder() -> str | None:
        nonlocal regards
        regards += 1
        return "là" if (tmp_path / "la").exists() else None

    attente = asyncio.create_task(Branchements(lambda: moniteur).attendre(regarder))
    while regards < 2:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    (tmp_path / "la").touch()
    os.write(moniteur.ecriture, b"!")
    assert await attente == "là"
    # Réveillé par le signe, et non par la période (deux secondes avec udev).
    assert regards == 3
    os.close(moniteur.lecture)
    os.close(moniteur.ecriture)


def test_le_vrai_moniteur_s_ouvre_ou_manque() -> None:
    moniteur = ouvrir_moniteur("tty")
    assert moniteur is None or moniteur.fileno() >= 0
