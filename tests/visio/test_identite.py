"""L'enrôlement contre la vraie salle serait l'affaire d'un essai d'ensemble : ici, un vrai serveur HTTP minimal."""

from __future__ import annotations

import base64
import contextlib
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from borne.protocole import CONTEXTE_DEFI
from borne.visio.identite import (
    NOM_FICHIER,
    EnrolementImpossible,
    IdentiteAbsente,
    IdentiteBorne,
    IdentiteIllisible,
    enroler,
    verifier_adresse,
)


@contextlib.asynccontextmanager
async def serveur(application: web.Application) -> AsyncIterator[str]:
    """L'adresse d'un serveur sur 127.0.0.1."""
    lanceur = web.AppRunner(application)
    await lanceur.setup()
    await web.TCPSite(lanceur, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{lanceur.addresses[0][1]}"
    finally:
        await lanceur.cleanup()


def salle(recus: list[dict[str, str]]) -> web.Application:
    """Une salle qui ne connaît que le code « 1234-5678 »."""

    async def enrolement(requete: web.Request) -> web.Response:
        corps = await requete.json()
        recus.append(corps)
        if corps["code"] == "illisible":
            return web.Response(text="<html>", content_type="application/json")
        if corps["code"] == "souvent":
            return web.Response(status=429)
        if corps["code"] == "panne":
            return web.Response(status=500)
        if corps["code"] != "1234-5678":
            return web.json_response({"raison": "Ce code a expiré."}, status=403)
        return web.json_response({"borne": "b1", "lieu": "Mairie"})

    application = web.Application()
    application.router.add_post("/api/bornes/enrolement", enrolement)
    return application


async def test_enroler_puis_relire_et_signer(tmp_path: Path) -> None:
    recus: list[dict[str, str]] = []
    dossier = tmp_path / "cles"
    async with serveur(salle(recus)) as url:
        identite = await enroler(url + "/", " 1234-5678 ", dossier)
    assert (identite.borne, identite.lieu) == ("b1", "Mairie")
    fichier = dossier / NOM_FICHIER
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
    assert os.listdir(dossier) == [NOM_FICHIER]
    publique = base64.b64decode(recus[0]["cle_publique"], validate=True)
    assert len(publique) == 32
    relue = IdentiteBorne.lire(dossier)
    signature = base64.b64decode(relue.signer(b"d" * 32), validate=True)
    Ed25519PublicKey.from_public_bytes(publique).verify(signature, CONTEXTE_DEFI + b"d" * 32)


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        ("faux", "Ce code a expiré."),
        ("souvent", "Trop d'essais"),
        ("panne", "erreur 500"),
        ("illisible", "illisible"),
    ],
)
async def test_enrolement_refuse_n_ecrit_rien(tmp_path: Path, code: str, phrase: str) -> None:
    async with serveur(salle([])) as url:
        with pytest.raises(EnrolementImpossible, match=phrase):
            await enroler(url, code, tmp_path)
    assert os.listdir(tmp_path) == []


async def test_salle_injoignable_ou_non_chiffree(tmp_path: Path) -> None:
    with pytest.raises(EnrolementImpossible, match="injoignable"):
        await enroler("http://127.0.0.1:1", "1234", tmp_path)
    with pytest.raises(EnrolementImpossible, match="chiffrée"):
        await enroler("http://salle.exemple.fr", "1234", tmp_path)
    occupe = tmp_path / "occupe"
    occupe.write_text("")
    with pytest.raises(EnrolementImpossible, match="dossier"):
        await enroler("http://127.0.0.1:1", "1234", occupe)


@pytest.mark.parametrize("contenu", ["", "{}", '{"borne":"b","lieu":"l","cle_privee":"QUJD"}', "\xff"])
def test_identite_abimee(tmp_path: Path, contenu: str) -> None:
    (tmp_path / NOM_FICHIER).write_text(contenu, encoding="latin-1")
    with pytest.raises(IdentiteIllisible, match="abîmé") as erreur:
        IdentiteBorne.lire(tmp_path)
    assert "QUJD" not in str(erreur.value)


def test_identite_absente(tmp_path: Path) -> None:
    with pytest.raises(IdentiteAbsente, match="pas enrôlée"):
        IdentiteBorne.lire(tmp_path)


@pytest.mark.parametrize("url", ["wss://salle.fr", "ws://127.0.0.1:80", "ws://[::1]:80", "ws://localhost"])
def test_adresses_admises(url: str) -> None:
    verifier_adresse(url, ("ws", "wss"))


@pytest.mark.parametrize("url", ["ws://salle.fr", "http://127.0.0.1", "ws://10.0.0.1", "", "ws://localhost.fr"])
def test_adresses_refusees(url: str) -> None:
    with pytest.raises(ValueError, match="adresse de la salle"):
        verifier_adresse(url, ("ws", "wss"))
