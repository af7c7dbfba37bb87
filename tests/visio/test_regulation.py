"""Le régulateur devant des liens simulés : goulots, pertes, gigue, coupures. Tout est en temps virtuel, à graine."""

from __future__ import annotations

import pytest

from tests.bancs.relais import Regime, rafales
from tests.visio.lien_simule import simuler

RETOUR = Regime(delai_ms=20)


@pytest.mark.parametrize("graine", [1, 2, 3])
def test_lien_libre_plein_debit_sans_file(graine: int) -> None:
    bilan = simuler([(0, RETOUR)], 6, graine=graine, retour=RETOUR)
    assert bilan.debit(2, 6) > 4_000_000
    assert bilan.age_max(2, 6) < 0.045


@pytest.mark.parametrize("file_octets", [64_000, 200_000])
def test_goulot_de_4_a_1_et_retour(file_octets: int) -> None:
    large = Regime(delai_ms=20, debit=4e6, file_octets=file_octets)
    etroit = Regime(delai_ms=20, debit=1e6, file_octets=file_octets)
    bilan = simuler([(0, large), (10, etroit), (25, large)], 40, retour=RETOUR)
    assert bilan.debit(5, 10) > 3_000_000
    # Deux secondes après la chute, plus d'image vieille ; le lien reste employé.
    assert bilan.age_max(12, 25) < 0.4
    assert 700_000 < bilan.debit(15, 25) < 1_000_000
    # Moins de cinq secondes après le retour, le plein débit.
    assert bilan.debit(30, 40) > 3_000_000
    assert bilan.age_max(26, 40) < 0.4


@pytest.mark.parametrize("graine", [1, 2, 3])
@pytest.mark.parametrize(("pertes", "plancher"), [(0.05, 3_000_000), (0.10, 2_500_000)])
def test_pertes_au_hasard(graine: int, pertes: float, plancher: int) -> None:
    regime = Regime(delai_ms=20, perte=pertes)
    bilan = simuler([(0, regime)], 15, retour=regime, graine=graine)
    assert bilan.debit(5, 15) > plancher


def test_pertes_en_rafales() -> None:
    bilan = simuler([(0, rafales(0.05, 4, delai_ms=20))], 15, retour=RETOUR)
    assert bilan.debit(5, 15) > 2_500_000


def test_la_gigue_n_est_pas_une_file() -> None:
    regime = Regime(delai_ms=20, gigue_ms=30)
    bilan = simuler([(0, regime)], 15, retour=regime)
    assert bilan.debit(5, 15) > 3_500_000


def test_lien_bride_sans_file() -> None:
    """Un limiteur qui jette sans retenir : les pertes y dépendent du débit, et le débit doit céder."""
    bilan = simuler([(0, Regime(delai_ms=20, debit=1.5e6, file_octets=6000))], 25, retour=RETOUR)
    assert bilan.debit(10, 25) < 1_800_000
    assert bilan.debit(10, 25) > 900_000


@pytest.mark.parametrize("delai_ms", [32, 40, 70])
def test_route_plus_longue(delai_ms: float) -> None:
    bilan = simuler([(0, RETOUR), (8, Regime(delai_ms=delai_ms))], 25, retour=RETOUR)
    assert bilan.debit(15, 25) > 3_500_000


def test_coupure_puis_retour() -> None:
    bilan = simuler([(0, RETOUR), (8, Regime(coupe=True)), (12, RETOUR)], 20, retour=RETOUR)
    assert bilan.debit(13.5, 20) > 3_500_000
    assert bilan.age_max(12.1, 20) < 0.1


def test_lien_tres_etroit() -> None:
    bilan = simuler([(0, Regime(delai_ms=20, debit=6e5))], 20, retour=RETOUR)
    assert 350_000 < bilan.debit(8, 20) < 600_000
    assert bilan.age_max(5, 20) < 0.4
