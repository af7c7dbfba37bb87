"""La liaison de la borne avec une vraie salle : ce qui finit pendant une coupure est redit au retour."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from borne.assemblage.direct import Direct
from borne.assemblage.salle import LiaisonSalle
from borne.parcours.effets import QuitterSalle, RejoindreSalle, Sonner
from borne.parcours.visite import Visite
from borne.protocole import AlerteBorne, ListeAttente
from borne.salle import administration
from borne.ui.direct import EtatDirect
from borne.visio.identite import enroler
from borne.visio.signalisation import ClientSalle
from tests.salle.outils import Banc, un_banc

VISITE = Visite(id="a" * 32, champs={"prenom": "ZOÉ", "nom": "PETIT", "naissance": "01021940"})


class Borne:
    """Le vrai client et la vraie liaison ; ni appel, ni imprimante, ni dossier dans ces essais."""

    def __init__(self, banc: Banc, identite: Any) -> None:
        self._url, self._identite = banc.url.replace("http", "ws", 1) + "/ws/borne", identite
        self._en_ligne = asyncio.Event()
        sans: Any = SimpleNamespace(relancer=lambda: None, natures=())
        self.liaison = LiaisonSalle(
            cast(ClientSalle, self),
            sans,
            sans,
            sans,
            Direct(EtatDirect(), lambda _: None),
            lambda _: None,
            lambda: Visite(),
            str,
        )

    def envoyer(self, message: Any) -> bool:
        return self._en_ligne.is_set() and self._client.envoyer(message)

    async def relier(self) -> None:
        self._client = ClientSalle(self._url, self._identite, lambda _: None, self._etat)
        await self._client.demarrer()
        async with asyncio.timeout(20):
            await self._en_ligne.wait()

    async def couper(self) -> None:
        self._en_ligne.clear()
        await self._client.arreter()

    def _etat(self, connectee: bool, raison: str) -> None:
        if connectee:
            self._en_ligne.set()
        self.liaison.etat(connectee, raison)


@asynccontextmanager
async def _reliee(racine: Path) -> AsyncIterator[tuple[Banc, Borne]]:
    async with un_banc(racine) as banc:
        (racine / "borne").mkdir()
        code = await administration.inviter_borne(banc.stockage, "Mairie", banc.horloge())
        borne = Borne(banc, await enroler(banc.url, code, racine / "borne"))
        await borne.relier()
        yield banc, borne
        await borne.couper()


async def test_une_aide_finie_pendant_une_coupure_ne_sonne_plus_chez_le_medecin(tmp_path: Path) -> None:
    async with _reliee(tmp_path) as (banc, borne):
        page = await banc.page(await banc.medecin())
        borne.liaison.executer(Sonner("aide", True), VISITE)
        await page.attendre(AlerteBorne, active=True)
        await borne.couper()
        borne.liaison.executer(Sonner("aide", False), VISITE)
        await borne.relier()
        assert (await page.attendre(AlerteBorne, active=False)).raison == "aide"


@pytest.mark.exigence("DONNEES-PURGE")
async def test_un_patient_parti_pendant_une_coupure_quitte_la_file(tmp_path: Path) -> None:
    async with _reliee(tmp_path) as (banc, borne):
        page = await banc.page(await banc.medecin())
        borne.liaison.executer(RejoindreSalle(), VISITE)
        while not (await page.attendre(ListeAttente)).lignes:
            continue
        await borne.couper()
        borne.liaison.executer(QuitterSalle(VISITE.id, "inactivite"), VISITE)
        await borne.relier()
        while (await page.attendre(ListeAttente)).lignes:
            continue
