"""Le PIN du technicien : condensé, compté avant d'être jugé, de plus en plus lent à deviner."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from borne.autotest.acces import FICHIER, PLAFOND_S, Acces, AccesImpossible, PinInvalide, tirer

PIN = "204861"
RAPIDE = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Le même condensat, moins cher : ces essais ne jugent pas sa force."""


class Temps:
    """Une horloge que l'essai avance."""

    def __init__(self) -> None:
        self.maintenant = 1_800_000_000.0

    def __call__(self) -> float:
        return self.maintenant


@pytest.fixture
def temps() -> Temps:
    return Temps()


@pytest.fixture
def acces(tmp_path: Path, temps: Temps) -> Acces:
    pret = Acces(tmp_path / "cles", temps, RAPIDE)
    pret.poser(PIN)
    return pret


def test_le_pin_ouvre_et_n_est_jamais_en_clair(acces: Acces, tmp_path: Path) -> None:
    assert acces.verifier(PIN)
    contenu = (tmp_path / "cles" / FICHIER).read_text()
    assert PIN not in contenu
    assert "argon2id" in contenu
    assert PasswordHasher().memory_cost >= 65536
    assert stat.S_IMODE((tmp_path / "cles" / FICHIER).stat().st_mode) == 0o600


def test_l_attente_croit_et_plafonne(acces: Acces, temps: Temps, tmp_path: Path) -> None:
    attentes = []
    for _ in range(3):
        assert not acces.verifier("000001")
        attentes.append(acces.attendre_s())
    assert attentes == [0.0, 0.0, 5.0]
    assert not acces.verifier(PIN), "trop tôt, même le bon PIN attend"
    temps.maintenant += 5
    assert not acces.verifier("000001")
    assert acces.attendre_s() == 10.0
    temps.maintenant += 10
    assert Acces(tmp_path / "cles", temps, RAPIDE).verifier(PIN), "après un redémarrage aussi"
    assert acces.attendre_s() == 0.0


def test_l_attente_a_un_plafond_et_une_horloge_en_arriere_n_enferme_personne(
    acces: Acces, temps: Temps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acces, "_convient", lambda fichier, pin: False)
    for _ in range(30):
        acces.verifier("000001")
        temps.maintenant += PLAFOND_S
    temps.maintenant -= 10 * 365 * 86400
    assert acces.attendre_s() == PLAFOND_S


def test_l_essai_est_compte_avant_d_etre_juge(acces: Acces, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une coupure pendant le calcul ne rend pas d'essai."""

    def coupure(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as panne:
        panne.setattr(acces, "_convient", coupure)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                acces.verifier("000001")
    assert acces.attendre_s() > 0


def test_un_disque_qui_n_ecrit_plus_n_ouvre_a_personne(acces: Acces, monkeypatch: pytest.MonkeyPatch) -> None:
    def plein(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", plein)
    with pytest.raises(AccesImpossible, match="comptés"):
        acces.verifier(PIN)


@pytest.mark.parametrize("contenu", [b"", b"{}", b'{"condensat": "x"}', b"\xff"])
def test_un_fichier_abime_n_ouvre_a_personne(acces: Acces, tmp_path: Path, contenu: bytes) -> None:
    (tmp_path / "cles" / FICHIER).write_bytes(contenu)
    with pytest.raises(AccesImpossible, match="borne technicien pin"):
        acces.verifier(PIN)


def test_sans_pin_pose_personne_n_entre(tmp_path: Path) -> None:
    with pytest.raises(AccesImpossible, match="Aucun PIN"):
        Acces(tmp_path).verifier(PIN)


@pytest.mark.parametrize(
    "pin", ["", "12345", "123456789", "12345a", "１２３４５６", "111111", "123456", "987654", "890123"]
)
def test_un_pin_faible_est_refuse(tmp_path: Path, pin: str) -> None:
    with pytest.raises(PinInvalide):
        Acces(tmp_path).poser(pin)


def test_un_pin_tire_convient(tmp_path: Path) -> None:
    Acces(tmp_path, argon2=RAPIDE).poser(tirer())
