"""L'oxymètre Bluetooth : service normalisé (Pulse Oximeter Profile 1.0.1), Nonin 3230, Jumper et Viatom."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from borne import mesures as m
from borne.peripheriques.appareils.bluetooth import AppareilBluetooth
from borne.peripheriques.appareils.contrat import Nature
from borne.peripheriques.appareils.guides import GUIDES
from borne.peripheriques.appareils.saturation import (
    CONTINUE,
    JUMPER_VALEURS,
    NONIN_VALEURS,
    PONCTUELLE,
    InterpreteSaturation,
    ProfilOxymetre,
)
from borne.peripheriques.appareils.service import Flux, Service
from borne.peripheriques.appareils.viatom import VIATOM

__all__ = ["JUMPER", "NONIN", "PLX_CONTINU", "PLX_PONCTUEL", "VIATOM", "Oxymetre", "ProfilOxymetre"]


def _service(nom: str, uuid: str, *flux: Flux) -> Service:
    return Service(nom, Nature.SATURATION, uuid, flux, InterpreteSaturation)


PLX_PONCTUEL: Final = _service("plx", "1822", Flux(CONTINUE), Flux(PONCTUELLE, decisif=True, obligatoire=True))
PLX_CONTINU: Final = _service("plx-continu", "1822", Flux(CONTINUE, obligatoire=True))
NONIN: Final = _service("nonin", "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b", Flux(NONIN_VALEURS, obligatoire=True))
JUMPER: Final = _service("jumper", "cdeacb80-5235-4c07-8846-93a37ee6b86d", Flux(JUMPER_VALEURS, obligatoire=True))


class Oxymetre(AppareilBluetooth):
    """Le pilote de l'oxymètre. La `Lecture` a SpO2, pouls, et l'indice de perfusion s'il est donné."""

    nature = Nature.SATURATION
    guide = replace(GUIDES[Nature.SATURATION], vivantes=(m.SPO2, m.FREQUENCE_CARDIAQUE, m.INDICE_PERFUSION))
    services: ClassVar = (PLX_PONCTUEL, PLX_CONTINU, NONIN, JUMPER, VIATOM)
    profil_usuel: ClassVar = ProfilOxymetre(nom="Oxymètre")
