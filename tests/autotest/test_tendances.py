"""Les tendances, sur des séries fabriquées : annoncées avant la panne, jamais sur une borne en bonne santé."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from borne.autotest.contrat import Couleur
from borne.autotest.tendances import JOUR_S, REGLES, Point, kendall, prevoir, tendances, theil_sen

BATTERIE, NETTETE, ALLER_RETOUR, DISQUE = REGLES
LIBELLES = {"tensiometre": "Tensiomètre", "camera": "Caméra", "salle": "Salle", "disque": "Disque"}


def _points(controle: str, valeur: str, jours: int, loi: Callable[[int], float]) -> list[Point]:
    """Deux autotests par jour ; `loi` donne la valeur du jour."""
    return [
        Point(jour * JOUR_S + demi * 4 * 3600, {controle: {valeur: loi(jour)}})
        for jour in range(jours)
        for demi in range(2)
    ]


def test_une_batterie_qui_baisse_est_annoncee_avec_ses_jours() -> None:
    (trouvee,) = tendances(_points("tensiometre", "batterie_pct", 20, lambda j: 70 - 2 * j), LIBELLES)
    assert (trouvee.couleur, trouvee.code) == (Couleur.ORANGE, "a-prevoir-batterie")
    assert trouvee.controle == "tendance:tensiometre:batterie"
    # 32 % au jour 19, 2 % par jour, seuil à 15 % : huit jours et demi.
    assert trouvee.valeurs["jours_restants"] == pytest.approx(8.5, abs=0.6)
    assert "32 %" in trouvee.constat
    assert "8 jours" in trouvee.constat
    assert trouvee.remede


def test_une_batterie_changee_repart_de_zero() -> None:
    points = _points("tensiometre", "batterie_pct", 20, lambda j: 60 - 3 * j if j < 15 else 100)
    assert tendances(points, LIBELLES) == []


def test_une_batterie_deja_vide_n_est_plus_une_tendance() -> None:
    assert tendances(_points("tensiometre", "batterie_pct", 20, lambda j: max(1, 40 - 4 * j)), LIBELLES) == []


def test_une_batterie_lente_attend_l_horizon() -> None:
    assert tendances(_points("tensiometre", "batterie_pct", 20, lambda j: 95 - 0.5 * j), LIBELLES) == []


def test_une_camera_qui_se_brouille() -> None:
    (trouvee,) = tendances(_points("camera", "nettete", 24, lambda j: 0.6 * 0.98**j), LIBELLES)
    assert trouvee.code == "a-prevoir-nettete"
    assert "se brouille" in trouvee.constat


def test_un_aller_retour_qui_monte() -> None:
    (trouvee,) = tendances(_points("salle", "aller_retour_ms", 20, lambda j: 40 + 8 * j), LIBELLES)
    assert trouvee.code == "a-prevoir-aller-retour"
    assert "jour" in trouvee.remede


def test_la_memoire_n_est_pas_le_disque() -> None:
    assert tendances(_points("memoire", "libre_mio", 30, lambda j: 9000 - 200 * j), LIBELLES) == []


def test_un_disque_qui_se_remplit() -> None:
    (trouvee,) = tendances(_points("disque", "libre_mio", 30, lambda j: 9000 - 200 * j), LIBELLES)
    assert trouvee.code == "a-prevoir-disque"


@pytest.mark.parametrize("regle", REGLES)
def test_un_point_faux_ne_fait_rien_annoncer(regle: object) -> None:
    points = _points("tensiometre", regle.valeur, 20, lambda j: 80.0 if j != 19 else 40.0)  # type: ignore[attr-defined]
    assert tendances(points, LIBELLES) == []


def test_aucune_fausse_alerte_sur_deux_cents_bornes_en_bonne_sante() -> None:
    hasard = random.Random(7)
    for _ in range(200):
        for controle, valeur, niveau, bruit in (
            ("tensiometre", "batterie_pct", 85.0, 2.0),
            ("camera", "nettete", 0.5, 0.05),
            ("salle", "aller_retour_ms", 45.0, 15.0),
            ("disque", "libre_mio", 40000.0, 900.0),
        ):
            points = _points(controle, valeur, 30, lambda _j, n=niveau, b=bruit: hasard.gauss(n, b))  # type: ignore[misc]
            assert tendances(points, LIBELLES) == [], (controle, valeur)


def test_une_baisse_bruitee_se_voit_quand_meme() -> None:
    hasard = random.Random(3)
    points = _points("tensiometre", "batterie_pct", 20, lambda j: 68 - 2 * j + hasard.gauss(0, 1.5))
    assert [t.code for t in tendances(points, LIBELLES)] == ["a-prevoir-batterie"]


def test_trop_peu_de_points_ne_disent_rien() -> None:
    assert tendances(_points("tensiometre", "batterie_pct", 2, lambda j: 60 - 20 * j), LIBELLES) == []
    assert tendances([], LIBELLES) == []


def test_une_valeur_absente_aujourd_hui_n_est_pas_annoncee() -> None:
    points = _points("tensiometre", "batterie_pct", 20, lambda j: 60 - 2 * j)
    assert tendances([*points, Point(20 * JOUR_S, {})], LIBELLES) == []


def test_la_pente_et_son_signe() -> None:
    serie = [(float(t), 5.0 - 0.5 * t) for t in range(10)]
    assert theil_sen(serie) == pytest.approx(-0.5)
    assert kendall(serie) < -3
    assert kendall([(0.0, 1.0), (1.0, 1.0), (2.0, 1.0)]) == 0
    assert theil_sen([(1.0, 2.0)]) == 0
    assert prevoir(BATTERIE, []) is None
