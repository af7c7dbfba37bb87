"""Les secrets TURN : à durée courte, vérifiables par coturn, refusés mal réglés."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from borne.protocole import ServeurGlace
from borne.salle.glace import Glace, GlaceInvalide, Turn, lire_turn

SECRET = b"0123456789abcdef" * 4
URLS = ("turn:turn.exemple.fr?transport=udp", "turns:turn.exemple.fr:443?transport=tcp")


def test_le_secret_porte_son_heure_de_fin_et_se_verifie() -> None:
    fixe = ServeurGlace(["stun:stun.exemple.fr"])
    glace = Glace((fixe,), Turn(URLS, SECRET, 600.0), lambda: 1_000.0)
    donne = glace.pour("liaison-7")
    assert donne[0] == fixe
    assert donne[1].urls == list(URLS)
    assert donne[1].username == "1600:liaison-7"
    attendu = hmac.new(SECRET, b"1600:liaison-7", hashlib.sha1).digest()
    assert donne[1].credential == base64.b64encode(attendu).decode()
    assert Glace((fixe,)).pour("x") == (fixe,)


def test_renouveles_une_fois_par_demi_duree() -> None:
    heure = [0.0]
    glace = Glace((), Turn(URLS, SECRET, 600.0), lambda: heure[0])
    assert not glace.a_renouveler()
    heure[0] = 301.0
    assert glace.a_renouveler()
    assert not glace.a_renouveler()
    assert not Glace().a_renouveler()


def test_un_mauvais_reglage_est_dit(tmp_path: Path) -> None:
    donnees, secret = tmp_path / "donnees", tmp_path / "turn.secret"
    donnees.mkdir()
    secret.write_bytes(SECRET + b"\n")
    assert lire_turn(URLS, secret, 60.0, donnees) == Turn(URLS, SECRET, 60.0)
    with pytest.raises(GlaceInvalide, match="n'est pas une adresse TURN"):
        lire_turn(("http://turn",), secret, 60.0, donnees)
    with pytest.raises(GlaceInvalide, match="illisible"):
        lire_turn(URLS, tmp_path / "absent", 60.0, donnees)
    dedans = donnees / "turn.secret"
    dedans.write_bytes(SECRET)
    with pytest.raises(GlaceInvalide, match="dossier des données"):
        lire_turn(URLS, dedans, 60.0, donnees)
    secret.write_text("court")
    with pytest.raises(GlaceInvalide, match="trop court"):
        lire_turn(URLS, secret, 60.0, donnees)
