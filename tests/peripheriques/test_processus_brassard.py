"""Le brassard dans son propre processus : il survit à la borne, obéit à ses ordres et dit ce qu'il a envoyé."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from borne import mesures as m
from borne.mesures import Echantillon
from borne.peripheriques.appareils.tensiometre import Profil, Tensiometre
from borne.peripheriques.erreurs import AppareilPerdu

from .conftest import radio_vers

BORNE = """
import asyncio, sys
from pathlib import Path
from borne.demonstration.radio import backends
from borne.peripheriques.appareils.contrat import Etape
from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.ble import Radio

async def principal():
    balayeur, client = backends(sys.argv[1], Path(sys.argv[2]))
    radio = Radio(backend_scanner=balayeur, backend_client=client)
    dire = lambda etape: print(etape, flush=True)
    await Tensiometre(radio).mesurer(sur_echantillon=lambda _: None, sur_etat=dire)

asyncio.run(principal())
"""


class Brassard:
    """Le processus, vu par sa prise de commande."""

    def __init__(self, processus: asyncio.subprocess.Process, ports: dict[str, int]) -> None:
        self.processus = processus
        self.adresse_hci = f"127.0.0.1:{ports['port_hci']}"
        self._port = ports["port_commande"]

    async def ordonner(self, **ordre: Any) -> dict[str, Any]:
        lecteur, ecrivain = await asyncio.open_connection("127.0.0.1", self._port)
        ecrivain.write(json.dumps(ordre).encode() + b"\n")
        reponse = json.loads(await lecteur.readline())
        ecrivain.close()
        await ecrivain.wait_closed()
        assert isinstance(reponse, dict)
        return reponse


@asynccontextmanager
async def processus_brassard(*options: str) -> AsyncIterator[Brassard]:
    processus = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "borne.demonstration.brassard",
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert processus.stdout is not None
        yield Brassard(processus, json.loads(await processus.stdout.readline()))
    finally:
        if processus.returncode is None:
            processus.send_signal(signal.SIGTERM)
        assert await processus.wait() == 0


def rien(_echantillon: Echantillon) -> None:
    """Personne ne regarde la courbe."""


async def test_ordres_et_envois(tmp_path: Path) -> None:
    async with processus_brassard("--duree-s", "0.5") as brassard:
        assert (await brassard.ordonner(ordre="valeurs", systolique=141, diastolique=91, pouls=77))["ok"]
        tensiometre = Tensiometre(radio_vers(brassard.adresse_hci, tmp_path))
        lecture = await tensiometre.mesurer(sur_echantillon=rien)
        envois = (await brassard.ordonner(ordre="envois"))["envois"]
        assert [(e["systolique"], e["diastolique"], e["pouls"]) for e in envois] == [(141, 91, 77)]
        assert lecture.valeur(m.SYSTOLIQUE) == 141.0
        await brassard.ordonner(ordre="comportement", valeur="eteindre_en_mesure")
        with pytest.raises(AppareilPerdu):
            await tensiometre.mesurer(sur_echantillon=rien)
        await brassard.ordonner(ordre="comportement", valeur="normal")
        await brassard.ordonner(ordre="memoriser", systolique=99, age_s=3600)
        await brassard.ordonner(ordre="oublier_cles")
        await tensiometre.mesurer(sur_echantillon=rien)
        assert [ancienne.valeur(m.SYSTOLIQUE) for ancienne in tensiometre.en_memoire] == [99.0]
        etat = await brassard.ordonner(ordre="etat")
        assert (etat["commencees"], etat["appairages"], etat["relie"]) == (3, 1, False)


async def test_ordres_refuses() -> None:
    async with processus_brassard() as brassard:
        assert not (await brassard.ordonner(ordre="danser"))["ok"]
        assert "inconnu" in (await brassard.ordonner(ordre="comportement", valeur="gai"))["raison"]
        assert "pouls" in (await brassard.ordonner(ordre="valeurs", pouls=0))["raison"]
        assert (await brassard.ordonner(ordre="fin"))["ok"]
        assert await brassard.processus.wait() == 0


async def test_borne_tuee_en_gonflant(tmp_path: Path) -> None:
    async with processus_brassard("--duree-s", "2") as brassard:
        borne = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BORNE, brassard.adresse_hci, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        assert borne.stdout is not None
        while (await borne.stdout.readline()).strip() != b"mesure":
            assert borne.returncode is None
        borne.kill()
        await borne.communicate()
        assert brassard.processus.returncode is None
        cles = (tmp_path / "cles.json").read_bytes()
        lecture = await Tensiometre(radio_vers(brassard.adresse_hci, tmp_path), Profil()).mesurer(
            sur_echantillon=rien
        )
        envois = (await brassard.ordonner(ordre="envois"))["envois"]
        assert [lecture.valeur(m.SYSTOLIQUE)] == [e["systolique"] for e in envois]
        assert (tmp_path / "cles.json").read_bytes() == cles
