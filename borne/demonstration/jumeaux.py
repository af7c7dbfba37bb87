"""Le monde Bluetooth virtuel : plusieurs appareils sur un même lien radio, dans une boucle asyncio.

`python -m borne.demonstration.jumeaux --appareils tous` les fait vivre dans un processus à eux (ordres :
`commande.py`). Au repos, aucun ne coûte : une annonce que personne n'écoute ne part pas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from borne.demonstration.balances import BalanceAnnonceVirtuelle, PesePersonneVirtuel
from borne.demonstration.brassard import BrassardVirtuel
from borne.demonstration.cardio import CardioVirtuel
from borne.demonstration.glucometre import GlucometreVirtuel
from borne.demonstration.jumeau import Jumeau
from borne.demonstration.lien import LienVirtuel
from borne.demonstration.oxymetres import JumperVirtuel, Nonin3230Virtuel, OxymetreContinuVirtuel, OxymetreVirtuel
from borne.demonstration.thermometre import ThermometreVirtuel

JUMEAUX: Final[Mapping[str, type[Jumeau[Any]]]] = MappingProxyType(
    {
        "tension": BrassardVirtuel,
        "temperature": ThermometreVirtuel,
        "saturation": OxymetreVirtuel,
        "saturation_continue": OxymetreContinuVirtuel,
        "nonin": Nonin3230Virtuel,
        "jumper": JumperVirtuel,
        "poids": PesePersonneVirtuel,
        "poids_annonce": BalanceAnnonceVirtuelle,
        "glycemie": GlucometreVirtuel,
        "frequence": CardioVirtuel,
    }
)
"""Chaque appareil virtuel, par son nom dans les ordres."""

UN_PAR_NATURE: Final = ("tension", "temperature", "saturation", "poids", "glycemie", "frequence")
"""Ceux d'une borne : deux appareils qui annoncent le même service ne se distinguent que par leur adresse."""


class MondeBluetooth:
    """Le lien et ses appareils. `noms` : ceux de `JUMEAUX` ; `options` : celles de `Jumeau`, les mêmes pour tous."""

    def __init__(self, noms: Sequence[str] = tuple(JUMEAUX), **options: Any) -> None:
        self.lien = LienVirtuel()
        self.port_hci = 0
        self.jumeaux: dict[str, Jumeau[Any]] = {nom: JUMEAUX[nom](monde=self.lien, **options) for nom in noms}

    @property
    def adresse_hci(self) -> str:
        """`127.0.0.1:port`, à donner à `radio.backends`."""
        return f"127.0.0.1:{self.port_hci}"

    async def demarrer(self, port_hci: int = 0) -> None:
        """Ouvre la prise radio (0 : un port libre) et allume tous les appareils."""
        self.port_hci = await self.lien.ouvrir(port_hci)
        for jumeau in self.jumeaux.values():
            await jumeau.demarrer()

    async def fermer(self) -> None:
        """Éteint tout."""
        for jumeau in self.jumeaux.values():
            await jumeau.fermer()
        await self.lien.fermer()


if __name__ == "__main__":
    from borne.demonstration.commande import principal

    principal()
