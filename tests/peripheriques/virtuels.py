"""Chaque pilote Bluetooth face à son jumeau, réglé pour des séances très courtes : pour la matrice et le banc."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from borne import mesures as m
from borne.demonstration.jumeaux import JUMEAUX, MondeBluetooth
from borne.demonstration.radio import backends
from borne.mesures import Echantillon
from borne.peripheriques.appareils.balance_annonce import BalanceAnnonce, ProfilBalanceAnnonce
from borne.peripheriques.appareils.cardiofrequencemetre import Cardiofrequencemetre, ProfilFrequence
from borne.peripheriques.appareils.contrat import Appareil
from borne.peripheriques.appareils.glucometre import Glucometre, ProfilGlucometre
from borne.peripheriques.appareils.oxymetre import Oxymetre, ProfilOxymetre
from borne.peripheriques.appareils.pese_personne import PesePersonne, ProfilBalance
from borne.peripheriques.appareils.tensiometre import Profil, Tensiometre
from borne.peripheriques.appareils.thermometre import Thermometre
from borne.peripheriques.ble import Delais, Radio
from borne.peripheriques.formats import Lecture

DUREE_S: Final = 0.02
CADENCE_HZ: Final = 200.0
VITE: Final = Delais(connexion_s=0.3, operation_s=5.0, fermeture_s=2.0)
"""Pour les pannes où l'on attend un appareil éteint : son silence est le résultat, quelle que soit la machine."""
PATIENTE: Final = Delais(connexion_s=10.0)


@dataclass(frozen=True, slots=True)
class Couple:
    """Un pilote et son jumeau. `valeurs` : ce qu'une lecture dit, dans l'ordre et l'unité de `Envoi.valeurs`."""

    fabriquer: Callable[[Radio, dict[str, Any]], Appareil]
    valeurs: Callable[[Lecture], tuple[float | None, ...]]
    chiffre: bool = True
    continu: bool = False
    """Un flux : le résultat est une valeur vivante, pas une trame à part."""


def _codes(*codes: str) -> Callable[[Lecture], tuple[float | None, ...]]:
    return lambda lecture: tuple(lecture.valeur(code) for code in codes)


def _g_l(lecture: Lecture) -> tuple[float | None, ...]:
    kg_l = lecture.valeur(m.GLYCEMIE_MASSE)
    return (None if kg_l is None else round(kg_l * 1000, 3),)


_SATURATION: Final = _codes(m.SPO2, m.FREQUENCE_CARDIAQUE, m.INDICE_PERFUSION)


def _oxymetre(appairer: bool = True) -> Callable[[Radio, dict[str, Any]], Appareil]:
    return lambda radio, reglages: Oxymetre(radio, ProfilOxymetre(appairer=appairer, stabilite_s=0.0, **reglages))


COUPLES: Final[Mapping[str, Couple]] = MappingProxyType(
    {
        "tension": Couple(
            lambda radio, reglages: Tensiometre(radio, Profil(attente_suite_s=0.0, **reglages)),
            _codes(m.SYSTOLIQUE, m.DIASTOLIQUE, m.FREQUENCE_CARDIAQUE),
        ),
        "temperature": Couple(
            lambda radio, reglages: Thermometre(radio, Profil(attente_suite_s=0.0, **reglages)),
            _codes(m.TEMPERATURE),
        ),
        "saturation": Couple(
            lambda radio, reglages: Oxymetre(radio, ProfilOxymetre(attente_suite_s=0.0, **reglages)), _SATURATION
        ),
        "saturation_continue": Couple(_oxymetre(), _SATURATION, continu=True),
        "nonin": Couple(_oxymetre(), _SATURATION, continu=True),
        "jumper": Couple(_oxymetre(appairer=False), _SATURATION, chiffre=False, continu=True),
        "poids": Couple(
            lambda radio, reglages: PesePersonne(radio, ProfilBalance(attente_suite_s=0.0, **reglages)),
            _codes(m.POIDS),
        ),
        "poids_annonce": Couple(
            lambda radio, reglages: BalanceAnnonce(radio, ProfilBalanceAnnonce(adresse=reglages["adresse"])),
            _codes(m.POIDS),
            chiffre=False,
        ),
        "glycemie": Couple(
            lambda radio, reglages: Glucometre(
                radio,
                ProfilGlucometre(reprendre=False, relance_s=0.02, attente_suite_s=0.0, pas_date_s=1.0, **reglages),
            ),
            _g_l,
        ),
        "frequence": Couple(
            lambda radio, reglages: Cardiofrequencemetre(radio, ProfilFrequence(duree_s=0.0, **reglages)),
            _codes(m.FREQUENCE_CARDIAQUE),
            chiffre=False,
            continu=True,
        ),
    }
)
"""Par nom de jumeau."""


class Poste:
    """Une borne virtuelle face au monde : deux radios (patiente, et prompte à renoncer), un seul adaptateur."""

    def __init__(self, monde: MondeBluetooth, dossier: Path) -> None:
        self.monde = monde
        balayeur, client = backends(monde.adresse_hci, dossier)
        self.radio = Radio(backend_scanner=balayeur, backend_client=client, delais=PATIENTE)
        self.radio_prompte = Radio(backend_scanner=balayeur, backend_client=client, delais=VITE)

    def pilote(self, nom: str, *, prompt: bool = False, recherche_s: float | None = None) -> Appareil:
        """Le pilote de ce jumeau ; `prompt` : renonce vite, pour un appareil que l'on sait éteint."""
        recherche_s = recherche_s or (0.3 if prompt else 30.0)
        reglages = {"adresse": JUMEAUX[nom].IDENTITE.adresse, "recherche_s": recherche_s}
        return COUPLES[nom].fabriquer(self.radio_prompte if prompt else self.radio, reglages)

    def jumeau(self, nom: str) -> Any:
        """Le jumeau de ce nom."""
        return self.monde.jumeaux[nom]

    async def mesurer(self, nom: str, *, prompt: bool = False, delai_s: float = 60.0) -> Lecture:
        """Une mesure, sans regarder les valeurs vivantes."""
        return await self.pilote(nom, prompt=prompt).mesurer(sur_echantillon=rien, delai_s=delai_s)


def rien(_echantillon: Echantillon) -> None:
    """Personne ne regarde."""
