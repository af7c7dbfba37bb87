"""La définition cède quand la machine manque de temps, et revient sans battre."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from borne.visio.souffle import DELAI_REMONTEE, HAUTEURS, SURCHARGE, Souffle

PAS = 0.025


def tenir(souffle: Souffle, cout: Callable[[float], float], debut: float, fin: float) -> list[tuple[float, int]]:
    """Les hauteurs choisies, à chaque changement ; `cout(t)` : part du temps que prendrait l'image entière."""
    vues = [(debut, souffle.hauteur)]
    for rang in range(round((fin - debut) / PAS)):
        instant = debut + rang * PAS
        hauteur = souffle.choisir(cout(instant) * (souffle.hauteur / HAUTEURS[0]) ** 2, instant)
        if hauteur != vues[-1][1]:
            vues.append((instant, hauteur))
    return vues


def test_a_l_aise_rien_ne_change() -> None:
    assert tenir(Souffle(), lambda _: 0.8, 0, 60) == [(0, 1080)]


def test_un_retard_d_une_seconde_ne_compte_pas() -> None:
    assert tenir(Souffle(), lambda t: 2.0 if 5 < t < 6 else 0.3, 0, 30) == [(0, 1080)]


def test_descend_d_un_coup_a_la_marche_qui_tient() -> None:
    assert [hauteur for _, hauteur in tenir(Souffle(), lambda _: 3.0, 0, 60)] == [1080, 540]


def test_ne_descend_pas_sous_la_derniere_marche() -> None:
    assert [hauteur for _, hauteur in tenir(Souffle(), lambda _: 50.0, 0, 60)] == [HAUTEURS[0], HAUTEURS[-1]]


def test_remonte_quand_la_machine_se_libere() -> None:
    vues = tenir(Souffle(), lambda t: 1.5 if t < 10 else 0.3, 0, 60)
    assert [hauteur for _, hauteur in vues] == [1080, 720, 1080]
    assert vues[-1][0] >= 10 + DELAI_REMONTEE


def test_une_rechute_fait_attendre_davantage() -> None:
    """Une machine qui ne tient jamais la marche du dessus : les remontées s'espacent au lieu de battre."""
    souffle = Souffle()

    def cout(_: float) -> float:
        return SURCHARGE + 0.2 if souffle.marche == 0 else 0.5

    montees = [instant for instant, hauteur in tenir(souffle, cout, 0, 600)[1:] if hauteur == 1080]
    ecarts = [suite - avant for avant, suite in pairwise(montees)]
    assert len(montees) >= 3
    assert all(suite > 1.5 * avant for avant, suite in pairwise(ecarts[:3]))
