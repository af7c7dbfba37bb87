"""Comptes, sessions et défenses HTTP, sur un vrai serveur."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import ssl
import subprocess
from pathlib import Path

import aiohttp
import pytest

from borne.protocole import (
    ENTREE_PAGE,
    Accueillie,
    Attente,
    Bienvenue,
    Erreur,
    Identification,
    PatientEnAttente,
    PatientPret,
    Prendre,
    ServeurGlace,
)
from borne.salle import administration
from borne.salle.comptes import COOKIE, Hacheur
from borne.salle.service import ErreurSalle, Tls, demarrer
from tests.salle.outils import Banc, Correspondant, patient, repondre, un_banc


async def test_csp_et_entetes_sur_toute_reponse(banc: Banc) -> None:
    for chemin, statut in (("/", 200), ("/pages/page.js", 200), ("/api/session", 401), ("/nulle-part", 404)):
        async with banc.session.get(banc.url + chemin) as reponse:
            assert reponse.status == statut
            entetes = reponse.headers
            assert "default-src 'none'; script-src 'self';" in entetes["Content-Security-Policy"]
            assert "unsafe" not in entetes["Content-Security-Policy"]
            assert entetes["X-Content-Type-Options"] == "nosniff"
            assert entetes["Referrer-Policy"] == "no-referrer"
            assert "camera=(self)" in entetes["Permissions-Policy"]
            assert "aiohttp" not in entetes["Server"]
            cache = "no-cache" if chemin in ("/", "/pages/page.js") else "no-store"
            assert entetes["Cache-Control"] == cache


async def test_hors_des_pages_rien_n_est_servi(banc: Banc) -> None:
    (banc.donnees.parent / "secret.txt").write_text("secret")
    for chemin in ("/pages/../secret.txt", "/pages/%2e%2e/secret.txt", "/pages/..%2fsecret.txt", "/pages/"):
        async with banc.session.get(aiohttp.client.URL(banc.url + chemin, encoded=True)) as reponse:
            assert reponse.status in (403, 404)


async def test_cookie_sur_et_vie_d_une_session(banc: Banc) -> None:
    mot_de_passe = await administration.ajouter_medecin(banc.stockage, "Dr Claire Martin", "martin")
    reponse = await banc.connecter(" MARTIN ", mot_de_passe)
    assert await reponse.json() == {"medecin": "Dr Claire Martin", "mot_de_passe_a_changer": True}
    cookie = reponse.cookies[COOKIE]
    assert COOKIE.startswith("__Host-")
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Strict", "/")
    assert cookie["domain"] == ""
    entetes = banc.entetes(cookie.value)
    async with banc.session.get(f"{banc.url}/api/session", headers=entetes) as session:
        assert (await session.json())["medecin"] == "Dr Claire Martin"
    page = await banc.page(cookie.value)
    async with banc.session.delete(f"{banc.url}/api/session", headers=entetes) as fin:
        assert fin.status == 204
    assert await page.fermeture() == 4401
    async with banc.session.get(f"{banc.url}/api/session", headers=entetes) as session:
        assert session.status == 401


async def test_la_session_expire(banc: Banc) -> None:
    jeton = await banc.medecin()
    banc.horloge.maintenant += banc.reglages.session_s + 1
    async with banc.session.get(f"{banc.url}/api/session", headers=banc.entetes(jeton)) as session:
        assert session.status == 401


async def test_mot_de_passe_faux_puis_freinage_croissant(banc: Banc) -> None:
    juste = await administration.ajouter_medecin(banc.stockage, "Dr Claire Martin", "martin")
    attentes = []
    for _ in range(3):
        assert (await banc.connecter("martin", "faux")).status == 401
    for _ in range(3):
        freinee = await banc.connecter("martin", juste)
        corps = await freinee.json()
        assert (freinee.status, freinee.headers["Retry-After"]) == (429, str(corps["attendre_s"]))
        assert "Attendez" in corps["raison"]
        attentes.append(corps["attendre_s"])
        banc.horloge.maintenant += corps["attendre_s"]
        assert (await banc.connecter("martin", "faux")).status == 401
    assert attentes == [2, 4, 8]
    banc.horloge.maintenant += 16
    assert (await banc.connecter("martin", juste)).status == 200
    assert (await banc.connecter("martin", "faux")).status == 401


async def test_l_inconnu_et_le_desactive_repondent_comme_le_connu(banc: Banc) -> None:
    for identifiant in ("martin", "parti"):
        await administration.ajouter_medecin(banc.stockage, "Dr", identifiant)
    await administration.desactiver_medecin(banc.stockage, "parti")
    reponses = [
        [(r.status, await r.json()) for r in [await banc.connecter(identifiant, "faux") for _ in range(3)]]
        for identifiant in ("martin", "parti", "personne")
    ]
    assert reponses[0] == reponses[1] == reponses[2]
    assert [(await banc.connecter(i, "faux")).status for i in ("martin", "parti", "personne")] == [429] * 3


async def test_un_compte_inconnu_coute_aussi_un_argon2(monkeypatch: pytest.MonkeyPatch) -> None:
    """On compte les hachages faits, pas les millisecondes."""
    verifies: list[str] = []
    hacheur = Hacheur()
    vraie = Hacheur._verifier

    def compter(soi: Hacheur, condensat: str, mot_de_passe: str) -> bool:
        verifies.append(condensat)
        return vraie(soi, condensat, mot_de_passe)

    monkeypatch.setattr(Hacheur, "_verifier", compter)
    assert not await hacheur.verifier(None, "essai")
    assert verifies[0].startswith("$argon2id$")
    assert await hacheur.verifier(await hacheur.hacher("essai"), "essai")
    assert not await hacheur.verifier("abîmé", "essai")


async def test_freinage_par_adresse_sur_des_comptes_differents(banc: Banc) -> None:
    statuts = [(await banc.connecter(f"compte-{n}", "faux")).status for n in range(11)]
    assert statuts == [401] * 10 + [429]


async def test_changer_de_mot_de_passe_ferme_les_autres_sessions(banc: Banc) -> None:
    ancien = await administration.ajouter_medecin(banc.stockage, "Dr Claire Martin", "martin")
    ici, ailleurs = await banc.jeton("martin", ancien), await banc.jeton("martin", ancien)
    page = await banc.page(ailleurs)
    adresse = f"{banc.url}/api/mot_de_passe"

    async def changer(avant: str, apres: str) -> tuple[int, str]:
        corps = {"ancien": avant, "nouveau": apres}
        async with banc.session.post(adresse, json=corps, headers=banc.entetes(ici)) as reponse:
            return reponse.status, await reponse.text()

    assert "12 signes" in (await changer(ancien, "court"))[1]
    assert "actuel" in (await changer("faux", "un nouveau secret"))[1]
    assert (await changer(ancien, "un nouveau secret"))[0] == 204
    assert await page.fermeture() == 4401
    async with banc.session.get(f"{banc.url}/api/session", headers=banc.entetes(ici)) as session:
        assert (await session.json())["mot_de_passe_a_changer"] is False
    assert (await banc.connecter("martin", ancien)).status == 401
    assert (await banc.connecter("martin", "un nouveau secret")).status == 200


async def test_desactiver_un_medecin_coupe_sa_page(banc: Banc) -> None:
    jeton = await banc.medecin()
    page = await banc.page(jeton)
    await administration.desactiver_medecin(banc.stockage, "martin")
    async with banc.session.delete(f"{banc.url}/api/session", headers=banc.entetes(jeton)) as reponse:
        assert reponse.status == 401
    autre = await banc.medecin("Dr Autre", "autre")
    async with banc.session.delete(f"{banc.url}/api/session", headers=banc.entetes(autre)) as reponse:
        assert reponse.status == 204
    assert await page.fermeture() == 4401


async def test_les_demandes_d_un_autre_site_sont_refusees(banc: Banc) -> None:
    jeton = await banc.medecin()
    mauvais = banc.entetes(jeton) | {"Origin": "https://ailleurs.example"}
    async with banc.session.delete(f"{banc.url}/api/session", headers=mauvais) as reponse:
        assert reponse.status == 403
    sans = {"Cookie": f"{COOKIE}={jeton}"}
    async with banc.session.delete(f"{banc.url}/api/session", headers=sans) as reponse:
        assert reponse.status == 403
    for entetes, statut in ((mauvais, 403), (sans, 403), ({"Origin": banc.url}, 401)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refus:
            await banc.session.ws_connect(f"{banc.url}/ws/medecin", headers=entetes)
        assert refus.value.status == statut
    async with banc.session.get(f"{banc.url}/", headers={"Host": "piege.example"}) as reponse:
        assert reponse.status == 421


@pytest.mark.parametrize("corps", [b"{", b"[]", b'{"identifiant": 3}', b"\xff", b" " * 20_000])
async def test_corps_mal_forme(banc: Banc, corps: bytes) -> None:
    entetes = {"Content-Type": "application/json"}
    async with banc.session.post(f"{banc.url}/api/session", data=corps, headers=entetes) as reponse:
        assert reponse.status == 400
        assert "raison" in await reponse.json()
    async with banc.session.post(f"{banc.url}/api/session", data=corps) as reponse:
        assert reponse.status == 415


async def test_le_code_d_enrolement_ne_sert_qu_une_fois_et_expire(banc: Banc) -> None:
    stockage = banc.stockage

    async def enroler(code: str, cle: bytes) -> tuple[int, dict[str, str]]:
        corps = {"code": code, "cle_publique": base64.b64encode(cle).decode()}
        async with banc.session.post(f"{banc.url}/api/bornes/enrolement", json=corps) as reponse:
            return reponse.status, await reponse.json()

    code = await administration.inviter_borne(stockage, "Mairie", banc.horloge())
    statut, borne = await enroler(code.upper().replace("-", " "), bytes(range(32)))
    assert (statut, borne["lieu"]) == (200, "Mairie")
    assert await enroler(code, bytes(range(32))) == (200, borne)
    assert (await enroler(code, bytes(range(1, 33))))[0] == 403
    assert (await enroler("faux-code", bytes(range(32))))[0] == 403
    assert (await enroler(code, b"court"))[0] == 400
    perime = await administration.inviter_borne(stockage, "Mairie", banc.horloge())
    banc.horloge.maintenant += administration.VALIDITE_CODE_S + 1
    assert (await enroler(perime, bytes(range(1, 33))))[0] == 403
    demenage = await administration.inviter_borne(stockage, "Pharmacie", banc.horloge())
    assert await enroler(demenage, bytes(range(32))) == (200, {"borne": borne["borne"], "lieu": "Pharmacie"})
    await administration.revoquer_borne(stockage, borne["borne"])
    encore = await administration.inviter_borne(stockage, "Mairie", banc.horloge())
    assert (await enroler(encore, bytes(range(32))))[0] == 403


async def test_hors_de_la_boucle_locale_tls_est_exige(tmp_path: Path) -> None:
    for hote in ("0.0.0.0", "192.0.2.1", "salle.example"):  # noqa: S104
        with pytest.raises(ErreurSalle, match="TLS"):
            await demarrer(hote, 0, tmp_path / "d", tmp_path / "c")
    with pytest.raises(ErreurSalle, match="inutilisable"):
        await demarrer("127.0.0.1", 0, tmp_path / "d", tmp_path / "c", tls=Tls(tmp_path / "x", tmp_path / "y"))


async def test_en_tls(tmp_path: Path) -> None:
    certificat, cle = tmp_path / "c.pem", tmp_path / "k.pem"
    demande = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    suite = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(cle), "-out", str(certificat)]
    subprocess.run([*demande.split(), *suite], check=True, capture_output=True)  # noqa: ASYNC221
    service = await demarrer("127.0.0.1", 0, tmp_path / "d", tmp_path / "c", tls=Tls(certificat, cle))
    confiance = ssl.create_default_context(cafile=str(certificat))
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=confiance)) as session,
        session.get(f"{service.url}/api/session") as reponse,
    ):
        assert service.url.startswith("https://")
        assert reponse.status == 401
        assert "Strict-Transport-Security" in reponse.headers
    await service.arreter()


async def test_port_deja_pris(banc: Banc, tmp_path: Path) -> None:
    port = int(banc.url.rsplit(":", 1)[1])
    with pytest.raises(ErreurSalle, match="Impossible d'écouter"):
        await demarrer("127.0.0.1", port, tmp_path / "d2", tmp_path / "c2")


async def test_messages_malformes_sans_contenu_au_journal(banc: Banc, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    identite, jeton = await banc.enroler(), await banc.medecin()
    for texte in ('{"type":"PatientPret","visite":"Ndiaye"', '{"type":"PatientPret","visite":"\\ud800"}', "[]", "{}"):
        borne = await banc.borne(identite)
        await borne.ws.send_str(texte)
        assert await borne.fermeture() in (1007, 1008)
    for message in (PatientPret("Ndiaye Éloïse"), patient("v-1", "É" * 300), Identification(1, "x", "x")):
        borne = await banc.borne(identite)
        await borne.dire(message)
        assert await borne.fermeture() == 1008
    borne = await banc.borne(identite)
    await borne.ws.send_bytes(b"Ndiaye")
    assert await borne.fermeture() == 1008
    page = await banc.page(jeton)
    for _ in range(5):
        await page.ws.send_str('{"type":"Notes","visite":"v-1","texte":Ndiaye}')
        await page.attendre(Erreur)
    await page.ws.send_str("x")
    assert await page.fermeture() == 1007
    page = await banc.page(jeton)
    await page.dire(Prendre("../Ndiaye"))
    assert await page.fermeture() == 1008
    assert "Ndiaye" not in caplog.text
    assert "É" * 10 not in caplog.text


async def test_tailles_bornees(banc: Banc) -> None:
    jeton, identite = await banc.medecin(), await banc.enroler()
    page = await banc.page(jeton)
    await page.ws.send_str("x" * (1024 * 1024 + 1))
    assert await page.fermeture() == 1009
    borne = await banc.borne(identite)
    gros = patient()
    await borne.dire(PatientEnAttente(gros.patient), PatientPret("v" * (1024 * 1024 + 1)))
    assert await borne.fermeture() == 1008
    borne, _ = await banc.defiee()
    with contextlib.suppress(ConnectionError):  # la salle coupe dès l'en-tête de trame, sans lire le reste
        await borne.ws.send_str("x" * (25 * 1024 * 1024))
    assert await borne.fermeture() in (1006, 1009)


async def test_une_borne_muette_ou_bavarde_avant_de_s_identifier(tmp_path: Path) -> None:
    async with un_banc(tmp_path, identification_s=0.5, non_identifiees_max=1) as banc:
        muette, _ = await banc.defiee()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refus:
            await banc.defiee()
        assert refus.value.status == 503
        assert await muette.fermeture() == 1008
        bavarde, _ = await banc.defiee()
        await bavarde.dire(patient())
        assert await bavarde.fermeture() == 1008


async def test_les_serveurs_ice_sont_explicites(tmp_path: Path) -> None:
    glace = (ServeurGlace(["turn:127.0.0.1:3478"], "u", "c"),)
    async with un_banc(tmp_path, glace) as banc:
        entetes = banc.entetes(await banc.medecin())
        page = Correspondant(await banc.ouvrir("/ws/medecin", headers=entetes), ENTREE_PAGE)
        assert (await page.attendre(Bienvenue)).glace == glace
        borne, defi = await banc.defiee()
        await borne.dire(repondre(await banc.enroler(), defi))
        assert (await borne.attendre(Accueillie)).glace == glace


@pytest.mark.exigence("VISITE-COUPURE")
async def test_une_page_qui_ne_bat_plus_est_absente(tmp_path: Path) -> None:
    """La page ne répond plus aux pings, sans fermer : la salle ne la compte plus."""
    async with un_banc(tmp_path, battement_s=2.0) as banc:
        identite, entetes = await banc.enroler(), banc.entetes(await banc.medecin())
        borne = await banc.borne(identite)
        await borne.dire(patient())
        await banc.ouvrir("/ws/medecin", headers=entetes, autoping=False)
        await borne.attendre(Attente, medecins_presents=1)
        await borne.attendre(Attente, medecins_presents=0)


async def test_une_page_qui_renonce_pendant_l_accueil_n_est_pas_une_faute(
    banc: Banc, caplog: pytest.LogCaptureFixture
) -> None:
    mot_de_passe = await administration.ajouter_medecin(banc.stockage, "Dr Claire Martin", "martin")
    jeton = (await banc.connecter("martin", mot_de_passe)).cookies[COOKIE].value
    hote = banc.url.removeprefix("http://")
    demande = (
        f"GET /ws/medecin HTTP/1.1\r\nHost: {hote}\r\nOrigin: {banc.url}\r\nCookie: {COOKIE}={jeton}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    nom, port = hote.split(":")
    with caplog.at_level(logging.INFO):
        while "demande abandonnée" not in caplog.text:
            _, ecrivain = await asyncio.open_connection(nom, int(port))
            ecrivain.write(demande.encode())
            # Assez pour que la demande soit lue et sa session cherchée, pas pour que la réponse parte.
            await asyncio.sleep(0)
            ecrivain.transport.abort()
            await asyncio.sleep(0.01)
    assert [r.message for r in caplog.records if r.levelno >= logging.ERROR] == []
