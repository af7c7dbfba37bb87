"""L'appel tenu à travers les coupures, entre la vraie séance et un médecin aiortc, par un réseau que l'on coupe."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from borne import protocole as p
from borne.assemblage import tentatives
from borne.assemblage.tentatives import Tentatives
from borne.visio.liaison import EtatLiaison
from borne.visio.seance import Seance
from tests.bancs.relais import Regime, Relais
from tests.visio.outils import BOUCLE_LOCALE, Camera, Medecin, attendre

RECONNEXIONS = 100


class Scene:
    """La borne d'un côté, un médecin neuf par offre de l'autre. `repond` faux : le médecin ne répond pas."""

    def __init__(self, relais: Relais | None) -> None:
        self.relais = relais
        self.etablis: list[int] = []
        self.perdus: list[int] = []
        self.offres = 0
        self.en_ligne = True
        self.repond = True
        self.medecins: list[Medecin] = []
        self.camera = Camera(320, 240)
        self.appel = Tentatives(self._creer, self._offrir, lambda n, _s: self.etablis.append(n), self.perdus.append)
        self._taches: set[asyncio.Task[None]] = set()

    def _creer(self, visite: str, appel: str, sur_etat: Callable[[EtatLiaison], None]) -> Seance:
        return Seance(
            visite=visite,
            appel=appel,
            glace=(),
            camera=self.camera,
            microphone=None,
            stethoscope=None,
            haut_parleur=None,
            sur_image=lambda _image, _instant: None,
            sur_message=lambda _message: None,
            sur_etat=sur_etat,
            adresses=BOUCLE_LOCALE,
        )

    def _offrir(self, seance: Seance, sdp: str) -> bool:
        self.offres += 1
        if self.en_ligne and self.repond:
            tache = asyncio.create_task(self._repondre(seance.appel, sdp))
            self._taches.add(tache)
            tache.add_done_callback(self._taches.discard)
        return self.en_ligne

    async def _repondre(self, appel: str, sdp: str) -> None:
        anciens, medecin = self.medecins, Medecin()
        self.medecins = [*anciens[-1:], medecin]
        sdp = self.relais.sdp(sdp, "borne") if self.relais else sdp
        reponse = await medecin.repondre(sdp)
        reponse = self.relais.sdp(reponse, "medecin") if self.relais else reponse
        await self.appel.repondre(p.Reponse("v", appel, reponse))
        for ancien in anciens[:-1]:
            await ancien.fermer()

    async def fermer(self) -> None:
        await self.appel.raccrocher()
        await asyncio.gather(*self._taches)
        for medecin in self.medecins:
            await medecin.fermer()
        self.medecins = []


@asynccontextmanager
async def scene(relais: Relais | None = None) -> AsyncIterator[Scene]:
    une = Scene(relais)
    try:
        yield une
    finally:
        await une.fermer()


@pytest.mark.exigence("VISIO-REPRISE")
async def test_une_coupure_courte_rend_la_meme_seance() -> None:
    with Relais(1) as relais:
        async with scene(relais) as une:
            await une.appel.appeler("v", 1)
            await attendre(lambda: une.etablis)
            seance = une.appel.en_service
            une.en_ligne = False
            relais.regler(Regime(coupe=True))
            await attendre(lambda: une.perdus)
            relais.regler(Regime())
            await attendre(lambda: len(une.etablis) == 2)
            assert une.appel.en_service is seance
            assert (une.etablis, une.perdus) == ([1, 1], [1])


@pytest.mark.exigence("VISIO-REPRISE")
async def test_une_adresse_perdue_change_de_seance_sans_la_perdre() -> None:
    """L'ancien chemin ne mène plus nulle part ; l'appel n'a pas le temps d'être dit perdu."""
    with Relais(1) as relais:
        async with scene(relais) as une:
            await une.appel.appeler("v", 1)
            await attendre(lambda: une.etablis)
            seance = une.appel.en_service
            relais.retirer_adresse("borne")
            une.appel.relancer(change=True)
            await attendre(lambda: une.appel.en_service is not seance)
            assert une.perdus == []
            assert seance is not None
            await attendre(lambda: seance.etat is EtatLiaison.FERMEE)


async def test_suspendu_rien_ne_part_plus() -> None:
    async with scene() as une:
        await une.appel.appeler("v", 1)
        await attendre(lambda: une.etablis)
        une.appel.suspendre()
        offres = une.offres
        await une.medecins[-1].pair.close()
        await attendre(lambda: une.perdus)
        une.appel.relancer(change=True)
        await asyncio.sleep(2 * tentatives.PAS)
        assert une.offres == offres
        await une.appel.appeler("v", 2)
        await attendre(lambda: une.etablis == [1, 2])


async def test_salle_injoignable_puis_revenue() -> None:
    async with scene() as une:
        une.en_ligne = False
        await une.appel.appeler("v", 1)
        assert une.perdus == [1]
        une.en_ligne = True
        une.appel.relancer(change=False)
        await attendre(lambda: une.etablis == [1])


async def test_une_reponse_malformee_n_arrete_pas_les_tentatives() -> None:
    async with scene() as une:
        une.repond = False
        await une.appel.appeler("v", 1)
        essai = une.appel._essai
        assert essai is not None
        await une.appel.repondre(p.Reponse("v", essai.appel, "n'importe quoi"))
        assert une.perdus == [1]
        une.repond = True
        await attendre(lambda: une.etablis == [1])


async def test_cent_reconnexions_sans_rien_laisser() -> None:
    """Ni descripteur, ni tâche de plus, que les tentatives aboutissent ou soient remplacées pendant leur offre."""
    async with scene() as une:
        await une.appel.appeler("v", 0)
        await attendre(lambda: une.etablis)
    gc.collect()
    descripteurs, taches = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())
    async with scene() as une:
        une.repond = False
        for rang in range(1, RECONNEXIONS):
            await asyncio.gather(une.appel.appeler("v", rang), asyncio.sleep(0))
        une.repond = True
        await une.appel.appeler("v", RECONNEXIONS)
        await attendre(lambda: RECONNEXIONS in une.etablis)
    gc.collect()
    await attendre(lambda: len(asyncio.all_tasks()) <= taches)
    assert len(os.listdir("/proc/self/fd")) <= descripteurs
