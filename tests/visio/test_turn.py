"""TURN par le vrai coturn : secrets à durée courte, UDP, TCP, TLS, et l'appel quand seul TURN-TCP passe."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
from pathlib import Path

import msgspec
import pytest

from borne.protocole import ServeurGlace
from borne.visio.liaison import EtatLiaison
from tests.visio.navigateur import page_medecin
from tests.visio.outils import Camera, attendre, seance
from tests.visio.turn import ServeurTurn, coturn

pytestmark = pytest.mark.skipif(shutil.which("turnserver") is None, reason="coturn n'est pas installé")

SANS_ADRESSE: tuple[str, ...] = ()
"""Aucune adresse locale : la borne ne peut passer que par un serveur TURN."""
RELAIS_SEULEMENT = """(glace) => {
  const Pair = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Pair {
    constructor(reglages) {
      super({ ...reglages, iceServers: glace, iceTransportPolicy: "relay" });
    }
  };
}"""


async def _candidats(glace: tuple[ServeurGlace, ...]) -> list[str]:
    """Les candidats de l'offre d'une borne sans adresse locale."""
    appel = seance(None, None, None, glace=glace, adresses=SANS_ADRESSE)
    sdp = await appel.seance.offre()
    await appel.seance.fermer()
    await appel.medecin.fermer()
    return [ligne for ligne in sdp.splitlines() if ligne.startswith("a=candidate:")]


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_la_borne_prend_ce_qui_passe(
    tmp_path: Path, transport: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # aioice vérifie le certificat : celui de l'essai est sa propre autorité.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "turn.pem"))
    with caplog.at_level(logging.INFO, logger="borne"):
        async with coturn(tmp_path, transport) as serveur:
            candidats = await _candidats(serveur.glace().pour("essai"))
    assert candidats
    assert all(" typ relay " in candidat for candidat in candidats)
    assert f"joint par {transport.upper()}" in caplog.text


async def test_udp_est_prefere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="borne"):
        async with coturn(tmp_path, "udp", "tcp") as serveur:
            assert await _candidats(serveur.glace().pour("essai"))
    assert "joint par UDP" in caplog.text


async def test_un_certificat_inconnu_est_refuse(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="borne"):
        async with coturn(tmp_path, "tls") as serveur:
            assert await _candidats(serveur.glace().pour("essai")) == []
    assert "injoignable par TLS (SSLCertVerificationError)" in caplog.text


@pytest.mark.parametrize("faute", ["expire", "faux"])
async def test_un_secret_expire_ou_faux_est_refuse(
    tmp_path: Path, faute: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="borne"):
        async with coturn(tmp_path, "udp") as serveur:
            glace = serveur.glace(duree_s=-60) if faute == "expire" else serveur.glace(secret=b"autre" * 10)
            assert await _candidats(glace.pour("essai")) == []
    assert "Le serveur TURN refuse la borne (UDP, code 401)" in caplog.text


async def test_sans_serveur_l_offre_n_attend_pas(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Un serveur TURN éteint ne retient pas l'appel : les adresses locales suffisent."""
    glace = ServeurTurn(9, 9, tmp_path).glace().pour("essai")
    appel = seance(None, None, None, glace=glace)
    assert " typ host" in await appel.seance.offre()
    await appel.seance.fermer()
    await appel.medecin.fermer()


@pytest.mark.exigence("RESEAU-FAIBLE")
async def test_seul_turn_tcp_passe(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """UDP jeté par le réseau, aucune adresse directe d'aucun côté : l'image arrive quand même dans Chromium."""
    async with coturn(tmp_path, "tcp") as serveur, page_medecin() as page, contextlib.AsyncExitStack() as fin:
        glace = serveur.glace()
        caplog.set_level(logging.INFO, logger="borne")
        appel = seance(Camera(1280, 720), None, None, glace=glace.pour("borne"), adresses=SANS_ADRESSE)
        fin.push_async_callback(appel.seance.fermer)
        # La page d'essai attend tous ses candidats avant de répondre : l'UDP jeté la retiendrait dix secondes.
        par_tcp = msgspec.structs.replace(glace.pour("page")[0], urls=[serveur.urls[1]])
        await page.evaluate(RELAIS_SEULEMENT, json.loads(msgspec.json.encode([par_tcp])))
        offre = await appel.seance.offre()
        await appel.seance.repondre(await page.evaluate("o => repondre(o)", offre))
        await attendre(lambda: EtatLiaison.ETABLIE in appel.etats)
        await page.wait_for_function("async () => (await bilan()).entrees.some((e) => e.framesDecoded > 30)")
        await attendre(lambda: len(appel.images) > 10)
    assert {c.split(" typ ")[1].split()[0] for c in offre.splitlines() if c.startswith("a=candidate:")} == {"relay"}
    assert "joint par TCP" in caplog.text
