"""Un balayage passé par une pièce calculée : sa réponse, son retard, et le nom de chaque défaut."""

from __future__ import annotations

import numpy as np
import pytest

from borne.autotest.acoustique import Chemin, Son, ecouter_calme, suivre
from borne.autotest.controles.commun_son import juger_calme
from borne.autotest.controles.haut_parleur import VOIX, juger_voix
from borne.autotest.controles.stethoscope import COEUR, juger_stethoscope
from borne.demonstration.piece import Defauts, Oreille
from borne.demonstration.son import MORCEAU

FREQUENCE = 48000


def entendre(joue: np.ndarray, **defauts: object) -> Son:
    """Ce que l'oreille virtuelle capte, par morceaux de 10 ms."""
    oreille = Oreille(1)
    oreille.regler(Defauts(**defauts))  # type: ignore[arg-type]
    joue = np.pad(joue.astype(float), (0, -len(joue) % MORCEAU))
    morceaux = [oreille.entendre(joue[debut : debut + MORCEAU]) for debut in range(0, len(joue), MORCEAU)]
    return np.frombuffer(b"".join(morceau for morceau in morceaux if morceau), np.int16)


def boucle(balayage: object, avance_s: float = 0.1, **defauts: object) -> Chemin:
    joue = np.concatenate([np.zeros(int(avance_s * FREQUENCE)), balayage.son(), np.zeros(FREQUENCE // 2)])  # type: ignore[attr-defined]
    return suivre(entendre(joue, **defauts), balayage)  # type: ignore[arg-type]


def test_une_boucle_saine_se_mesure() -> None:
    chemin = boucle(VOIX, avance_s=0.1, delai_ms=40.0, gain=0.3)
    assert chemin.delai_s == pytest.approx(0.14, abs=0.001)
    assert chemin.gain_db == pytest.approx(20 * np.log10(0.3), abs=0.5)
    assert max(chemin.reponse_db.values()) - min(chemin.reponse_db.values()) < 1.5
    assert chemin.distorsion < 0.01
    assert juger_voix(chemin, {}) is None


def test_la_reponse_suit_un_filtre_connu() -> None:
    """Butterworth d'ordre 4 à 1 kHz : -3 dB à sa coupure, -24 dB une octave plus haut."""
    ordinaire = boucle(VOIX).reponse_db
    filtre = boucle(VOIX, coupe_haut=1000.0).reponse_db
    pertes = {centre: filtre[centre] - ordinaire[centre] for centre in ordinaire}
    assert pertes[251] == pytest.approx(0, abs=0.5)
    assert pertes[1000] == pytest.approx(-3, abs=1)
    assert pertes[1995] == pytest.approx(-24, abs=2)


@pytest.mark.parametrize(
    ("defauts", "code"),
    [
        ({"gain": 0.0}, "haut-parleur-muet"),
        ({"coupe_haut": 900.0}, "aigus-perdus"),
        ({"coupe_bas": 700.0}, "graves-perdus"),
        ({"sature": 3500.0}, "haut-parleur-gresille"),
        ({"gain": 0.004, "souffle": 3.0}, "haut-parleur-faible"),
        ({"gain": 8.0}, "micro-sature"),
        ({"trous": True}, "son-hache"),
        ({"delai_ms": 400.0}, "echo-tardif"),
    ],
)
def test_un_defaut_de_la_voix_porte_son_nom(defauts: dict[str, object], code: str) -> None:
    faute = juger_voix(boucle(VOIX, **defauts), {})
    assert faute is not None
    assert faute.code == code


@pytest.mark.parametrize(
    ("defauts", "code"),
    [
        ({}, None),
        ({"souffle": 120.0}, None),
        ({"gain": 0.0}, "stethoscope-muet"),
        ({"coupe_bas": 150.0}, "stethoscope-graves-perdus"),
        ({"coupe_haut": 300.0}, "stethoscope-aigus-perdus"),
        ({"gain": 6.0}, "stethoscope-sature"),
        ({"gain": 0.002, "souffle": 1.0}, "stethoscope-faible"),
    ],
)
def test_un_defaut_du_stethoscope_porte_son_nom(defauts: dict[str, object], code: str | None) -> None:
    faute = juger_stethoscope(boucle(COEUR, **defauts), {})
    assert (faute.code if faute else None) == code


def test_le_stethoscope_se_compare_a_ce_qu_il_etait() -> None:
    """Une petite enceinte sans graves n'est pas une faute du stéthoscope, dès qu'on l'a apprise."""
    chemin = boucle(COEUR, coupe_bas=150.0)
    appris = {"graves_db": chemin.moyenne_db(25, 80) - chemin.moyenne_db(150, 450)}
    assert juger_stethoscope(chemin, appris) is None


@pytest.mark.parametrize(
    ("defauts", "code"),
    [
        ({}, None),
        ({"muet": True}, "micro-muet"),
        ({"fige": True}, "micro-muet"),
        ({"souffle": 40000.0}, "micro-sature"),
        ({"ronflement": 500.0}, "micro-ronfle"),
        ({"ronflement": 20.0}, None),
        ({"souffle": 2500.0}, "piece-bruyante"),
        ({"continu": 4000.0}, "micro-decale"),
    ],
)
@pytest.mark.exigence("VISITE-LIEU")
def test_le_calme_du_micro(defauts: dict[str, object], code: str | None) -> None:
    faute = juger_calme(ecouter_calme(entendre(np.zeros(FREQUENCE), **defauts)), "micro", piece=True)
    assert (faute.code if faute else None) == code


def test_un_son_trop_court_ne_se_juge_pas() -> None:
    with pytest.raises(ValueError, match="demi-seconde"):
        ecouter_calme(np.zeros(100, np.int16))
    with pytest.raises(ValueError, match="plus court"):
        suivre(np.zeros(100, np.int16), VOIX)
