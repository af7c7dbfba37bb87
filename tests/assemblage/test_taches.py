"""Les tâches de fond : une faute se journalise, l'arrêt n'en laisse aucune."""

from __future__ import annotations

import asyncio

import pytest

from borne.assemblage.taches import Taches


async def test_une_faute_est_journalisee(caplog: pytest.LogCaptureFixture) -> None:
    async def fauter() -> None:
        raise KeyError("valeur")

    taches = Taches("essai")
    taches.lancer(fauter())
    await taches.finir(5)
    assert "essai : KeyError" in caplog.text


async def test_l_arret_laisse_finir_puis_annule() -> None:
    faits: list[str] = []

    async def court() -> None:
        await asyncio.sleep(0)
        faits.append("court")

    async def sans_fin() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            faits.append("annulée")
            raise

    taches = Taches("essai")
    taches.lancer(court())
    taches.lancer(sans_fin())
    await taches.finir(0.05)
    assert faits == ["court", "annulée"]
