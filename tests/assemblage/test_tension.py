"""Un tensiomètre de tiers (groupe `borne.peripheriques`) peut tout faire : la borne n'y perd ni essai ni patient."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from borne.assemblage.direct import Direct
from borne.assemblage.tension import ConduiteTension
from borne.parcours.evenements import Evenement, MesureEchouee
from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.erreurs import MesureArretee
from borne.ui.direct import EtatDirect


@dataclass
class TensiometreDeTiers:
    """Compte les liaisons ouvertes ensemble ; `faute` : ce que `mesurer` lève ; sa liaison se ferme lentement."""

    faute: Exception | None = None
    ouvertes: int = 0
    plus_haut: int = 0
    essais: int = 0
    arret: asyncio.Event = field(default_factory=asyncio.Event)
    fermee: asyncio.Event = field(default_factory=asyncio.Event)

    async def mesurer(self, **_: Any) -> Any:
        self.essais += 1
        if self.faute is not None:
            raise self.faute
        self.arret, self.fermee = asyncio.Event(), asyncio.Event()
        self.ouvertes += 1
        self.plus_haut = max(self.plus_haut, self.ouvertes)
        try:
            await self.arret.wait()
            raise MesureArretee
        finally:
            await asyncio.sleep(0.05)
            self.ouvertes -= 1
            self.fermee.set()

    async def arreter(self) -> None:
        """Comme le vrai : attend que la liaison soit fermée."""
        self.arret.set()
        await self.fermee.wait()


def _conduite(appareil: TensiometreDeTiers, evenements: list[Evenement]) -> ConduiteTension:
    direct = Direct(EtatDirect(), lambda _: None)
    return ConduiteTension(cast(Tensiometre, appareil), evenements.append, direct, lambda _: None)


async def _tourner() -> None:
    """Laisse vivre la boucle."""
    await asyncio.sleep(0.2)


async def test_une_faute_imprevue_rend_un_echec_a_l_ecran() -> None:
    evenements: list[Evenement] = []
    _conduite(TensiometreDeTiers(faute=KeyError("brassard")), evenements).demander(3)
    await _tourner()
    (echec,) = evenements
    assert isinstance(echec, MesureEchouee)
    assert (echec.essai, echec.raison) == (3, "erreur-tension-interrompue")


async def test_un_essai_demande_pendant_un_arret_attend_que_la_radio_soit_libre() -> None:
    evenements: list[Evenement] = []
    appareil = TensiometreDeTiers()
    conduite = _conduite(appareil, evenements)
    conduite.demander(1)
    await asyncio.sleep(0.01)
    arret = asyncio.create_task(conduite.arreter())
    await asyncio.sleep(0)
    conduite.demander(2)
    await arret
    await _tourner()
    assert (appareil.essais, appareil.plus_haut, appareil.ouvertes) == (2, 1, 1)
    await conduite.arreter()
    assert appareil.ouvertes == 0
