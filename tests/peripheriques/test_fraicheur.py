"""La règle d'attribution : une mesure datée d'avant l'armement n'est jamais au patient."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borne.peripheriques.formats import Horodatage
from borne.peripheriques.fraicheur import AVANCE_ADMISE_S, HorlogeAppareil, debut_armement, est_fraiche, secondes

ARME = datetime(2026, 3, 10, 14, 30, 20).timestamp()
RECU = ARME + 40.0


def date(ecart_s: float) -> Horodatage:
    """L'instant situé `ecart_s` secondes après l'armement."""
    jour = datetime.fromtimestamp(ARME) + timedelta(seconds=ecart_s)
    return Horodatage(jour.year, jour.month, jour.day, jour.hour, jour.minute, jour.second)


@given(st.integers(-10_000_000, -1))
def test_jamais_avant_l_armement(ecart_s: int) -> None:
    assert not est_fraiche(date(ecart_s), arme_s=ARME, recu_s=RECU)


@given(st.integers(0, 40))
def test_pendant_l_armement(ecart_s: int) -> None:
    assert est_fraiche(date(ecart_s), arme_s=ARME, recu_s=RECU)


def test_sans_date() -> None:
    assert est_fraiche(None, arme_s=ARME, recu_s=RECU)
    assert est_fraiche(Horodatage(None, None, None, 3, 0, 0), arme_s=ARME, recu_s=RECU)


def test_recue_avant_l_armement() -> None:
    assert not est_fraiche(None, arme_s=ARME, recu_s=ARME - 0.1)


def test_trop_en_avance() -> None:
    assert est_fraiche(date(40 + AVANCE_ADMISE_S), arme_s=ARME, recu_s=RECU)
    assert not est_fraiche(date(41 + AVANCE_ADMISE_S), arme_s=ARME, recu_s=RECU)


@pytest.mark.parametrize("avance_s", [-86_400.0, -300.0, 300.0, 86_400.0])
def test_horloge_connue_decalee(avance_s: float) -> None:
    assert est_fraiche(date(30 + avance_s), arme_s=ARME, recu_s=RECU, avance_s=avance_s)
    assert not est_fraiche(date(-30 + avance_s), arme_s=ARME, recu_s=RECU, avance_s=avance_s)


def test_borne_remise_a_l_heure_pendant_l_armement() -> None:
    """L'horloge de la borne saute d'une heure : le patient d'avant n'entre pas dans l'armement, celui-ci y reste."""
    saut_s, ecoule_s = 3600.0, 40.0
    recu_s = ARME + saut_s + ecoule_s
    arme_s = debut_armement(ARME, recu_s=recu_s, ecoule_s=ecoule_s)
    assert not est_fraiche(date(saut_s / 2), arme_s=arme_s, recu_s=recu_s)
    assert est_fraiche(date(saut_s + 30), arme_s=arme_s, recu_s=recu_s)
    assert debut_armement(ARME, recu_s=RECU, ecoule_s=RECU - ARME) == ARME


@pytest.mark.parametrize("fuseau", ["UTC", "Europe/Paris", "Pacific/Auckland", "America/Guadeloupe"])
def test_date_au_bout_du_calendrier(fuseau: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un appareil dont l'horloge a perdu la tête est seulement loin : il ne fait pas tomber la mesure."""
    with monkeypatch.context() as ailleurs:
        ailleurs.setenv("TZ", fuseau)
        time.tzset()
        for annee in (1582, 9999):
            for heure in (0, 23):
                fin = Horodatage(annee, 12, 31, heure, 59, 59)
                assert not est_fraiche(fin, arme_s=ARME, recu_s=RECU)
                assert abs((secondes(fin, RECU) or 0.0) - RECU) > 1e9
    time.tzset()


def test_date_a_la_minute() -> None:
    debut = Horodatage(2026, 3, 10, 14, 30, 0)
    assert not est_fraiche(debut, arme_s=ARME, recu_s=RECU)
    assert est_fraiche(debut, arme_s=ARME, recu_s=RECU, pas_s=60.0)
    assert not est_fraiche(Horodatage(2026, 3, 10, 14, 29, 0), arme_s=ARME, recu_s=RECU, pas_s=60.0)


def test_date_partielle() -> None:
    assert est_fraiche(Horodatage(None, 3, 10, 14, 30, 50), arme_s=ARME, recu_s=RECU)
    assert not est_fraiche(Horodatage(None, 3, 9, 14, 30, 50), arme_s=ARME, recu_s=RECU)
    avril = datetime(2026, 4, 10, 14, 30, 20).timestamp()
    assert not est_fraiche(Horodatage(2026, None, 31, 14, 30, 50), arme_s=avril, recu_s=avril + 40)


REGLEE = ARME + 5.0


@given(st.sampled_from([-3600.0, -600.0, 600.0, 3600.0, 86_400.0]), st.integers(-20_000, 39))
def test_reglee_une_mesure_faite_avant_l_armement_n_est_jamais_attribuee(avance_s: float, ecart_s: int) -> None:
    """Faite à `ecart_s` et datée par l'horloge qu'avait alors l'appareil : l'avance ne rajeunit personne."""
    horloge = HorlogeAppareil(avance_s, REGLEE)
    datee = date(ecart_s + avance_s) if ARME + ecart_s < REGLEE else date(ecart_s)
    fraiche = horloge.est_fraiche(datee, arme_s=ARME, recu_s=RECU, vue_naitre=False)
    assert not (fraiche and ecart_s < 0)
    # En retard, rien n'est ambigu : ce qui est au patient lui est rendu.
    assert fraiche or ecart_s < 0 or avance_s > 0


@pytest.mark.parametrize("avance_s", [-3600.0, 3600.0, None])
def test_reglee_puis_vue_naitre(avance_s: float | None) -> None:
    horloge = HorlogeAppareil(avance_s, REGLEE)
    assert horloge.est_fraiche(date(30), arme_s=ARME, recu_s=RECU, vue_naitre=True)
    assert not horloge.est_fraiche(date(-30), arme_s=ARME, recu_s=RECU, vue_naitre=True)


def test_non_reglee_l_avance_lue_compte() -> None:
    assert HorlogeAppareil(300.0).est_fraiche(date(330), arme_s=ARME, recu_s=RECU, vue_naitre=False)
    assert not HorlogeAppareil().est_fraiche(date(-30), arme_s=ARME, recu_s=RECU, vue_naitre=False)
