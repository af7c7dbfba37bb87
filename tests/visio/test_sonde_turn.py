"""Le serveur TURN vu de la borne, par un vrai coturn : chaque façon de le joindre, et ce que vaut le chemin."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from borne.visio.sonde_turn import CheminImpossible, Facon, essayer, mesurer
from tests.visio.turn import ServeurTurn, coturn

pytestmark = pytest.mark.skipif(shutil.which("turnserver") is None, reason="coturn n'est pas installé")


async def test_chaque_facon_est_essayee_seule_et_le_chemin_se_mesure(tmp_path: Path) -> None:
    async with coturn(tmp_path, "udp", "tcp") as serveur:
        glace = serveur.glace().pour("essai")
        udp, tcp, tls = await essayer(glace)
        qualite = await mesurer(glace, duree_s=0.4)
        faux = await essayer(serveur.glace(secret=b"autre" * 10).pour("essai"))
    assert (udp, tcp) == (Facon("udp"), Facon("tcp"))
    assert (tls.transport, tls.faute) == ("tls", "injoignable")
    assert qualite.pertes < 0.5
    assert qualite.debit_bits_s > 100_000
    assert qualite.aller_retour_ms > 0
    assert [facon.faute for facon in faux] == ["refus", "refus", "injoignable"]


async def test_sans_serveur(tmp_path: Path) -> None:
    assert await essayer(()) == ()
    with pytest.raises(CheminImpossible):
        await mesurer(())
    eteint = ServeurTurn(9, 9, tmp_path).glace().pour("essai")
    assert {facon.faute for facon in await essayer(eteint, delai_s=0.3)} == {"injoignable"}
