"""`borne.demonstration.peripheriques` : chaque jumeau y est un appareil configuré, et tous vivent dans leur fil."""

from __future__ import annotations

import asyncio
from pathlib import Path

from borne.commandes.peripheriques import Atelier
from borne.configuration import Chemins, Configuration
from borne.demonstration.jumeaux import JUMEAUX
from borne.demonstration.peripheriques import fiches, monde_virtuel, radio_vers
from borne.peripheriques.appareils.contrat import Appareil


def test_un_jumeau_se_sonde_par_l_atelier(tmp_path: Path) -> None:
    fichier = tmp_path / "peripheriques.toml"
    fichier.write_text(fiches(), encoding="utf-8")
    configuration = Configuration(chemins=Chemins(peripheriques=str(fichier)))

    async def sonder() -> None:
        registre, radio = Atelier(configuration, radio_vers(monde, tmp_path)).registre()
        assert set(registre.tous()) == set(JUMEAUX)
        appareil = registre.tous()["frequence"]
        assert isinstance(appareil, Appareil)
        assert (await appareil.sonder()).repond
        await radio.fermer()

    with monde_virtuel() as monde:
        asyncio.run(sonder())
