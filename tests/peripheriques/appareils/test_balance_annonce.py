"""La balance à annonces, annonce par annonce : une pesée n'est au patient que vue naître, et jusqu'à sa descente."""

from __future__ import annotations

from datetime import datetime

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from borne import mesures as m
from borne.peripheriques.appareils.balance_annonce import _Pesee
from borne.peripheriques.appareils.conduite import Dire, rien
from borne.peripheriques.formats import Lecture
from borne.peripheriques.simulation.annonces import coder_mi_composition, coder_okok_c0

BALANCE = BLEDevice("F1:B0:14:E0:00:08", "Balance", None)
CE_MATIN = datetime(2026, 11, 22, 9, 0)
MI = "0000181b-0000-1000-8000-00805f9b34fb"


def pesee() -> _Pesee:
    return _Pesee(Dire(rien, rien, rien), lambda: 1e9, "Balance")


def annonce(service: dict[str, bytes] | None = None, fabricant: dict[int, bytes] | None = None) -> AdvertisementData:
    return AdvertisementData("Balance", fabricant or {}, service or {}, [], None, -50, ())


def dire(ecoute: _Pesee, *kilos_stables: tuple[float, bool, bool]) -> list[Lecture | None]:
    """Une annonce Mi par triplet : poids, stable, descendu."""
    return [
        ecoute.regarder(BALANCE, annonce({MI: coder_mi_composition(kg, CE_MATIN, stable=stable, retire=retire)}))
        for kg, stable, retire in kilos_stables
    ]


def test_descendu_trop_tot_la_pesee_d_avant_reste_a_un_autre() -> None:
    ecoute = pesee()
    assert dire(ecoute, (60.0, False, False), (0.0, False, True), (140.0, True, False)) == [None] * 3
    *_, rendue = dire(ecoute, (61.0, False, False), (62.0, True, False))
    assert rendue is not None
    assert rendue.valeur(m.POIDS) == 62.0
    assert [lecture.valeur(m.POIDS) for lecture in ecoute.en_memoire] == [140.0]


def test_les_annonces_gardees_par_bluez_ne_cachent_pas_celle_de_maintenant() -> None:
    """Le numéro d'une OKOK compte ses annonces, et BlueZ les garde toutes : la première n'est pas la bonne."""
    ecoute = pesee()
    gardees: dict[int, bytes] = {0x01C0: coder_okok_c0(140.0)}
    rendues = []
    for numero, kg, stable in ((0x02C0, 70.0, False), (0x03C0, 71.0, False), (0x04C0, 71.5, True)):
        gardees = {**gardees, numero: coder_okok_c0(kg, stable=stable)}
        rendues.append(ecoute.regarder(BALANCE, annonce(fabricant=gardees)))
    assert [lecture and lecture.valeur(m.POIDS) for lecture in rendues] == [None, None, 71.5]


def test_le_numero_qui_reboucle_est_lu_quand_il_change() -> None:
    ecoute = pesee()
    tour = {0x01C0: coder_okok_c0(70.0, stable=False), 0x02C0: coder_okok_c0(140.0)}
    assert ecoute.regarder(BALANCE, annonce(fabricant=tour)) is None
    assert ecoute.regarder(BALANCE, annonce(fabricant={**tour, 0x01C0: coder_okok_c0(65.0, stable=False)})) is None
    rendue = ecoute.regarder(BALANCE, annonce(fabricant={**tour, 0x01C0: coder_okok_c0(64.5)}))
    assert rendue is not None
    assert rendue.valeur(m.POIDS) == 64.5
