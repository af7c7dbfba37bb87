"""L'imprimante, sur une vraie imprimante IPP (ippeveprinter) ; ses pannes, et le redémarrage au milieu."""

import asyncio
import socket
import sys

import pytest
from aiohttp import web

from borne.demonstration.imprimante import ImprimanteVirtuelle
from borne.peripheriques.impression import (
    ErreurImprimante,
    EtatTravail,
    Imprimante,
    ImprimanteAbsente,
    ImprimanteOccupee,
    PapierManquant,
    TravailRefuse,
    _lire_etat,
)
from borne.peripheriques.ipp import Attribut, Operation, Syntaxe, encoder
from tests.peripheriques.test_pdf import fabriquer

PATIENCE_S = 60
PDF = fabriquer(2)


@pytest.fixture(scope="module")
def virtuelle(tmp_path_factory):
    with ImprimanteVirtuelle(tmp_path_factory.mktemp("papier"), duree_s=0.3) as imprimante:
        yield imprimante


@pytest.fixture
def imprimante(virtuelle):
    virtuelle.remettre_papier()
    virtuelle.faire_echouer(False)
    return Imprimante(virtuelle.uri)


async def finir(imprimante: Imprimante, travail: int) -> EtatTravail:
    """Suit un travail jusqu'au bout."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            etat = await imprimante.etat_travail(travail)
            if etat in (EtatTravail.FINI, EtatTravail.ECHOUE):
                return etat
            await asyncio.sleep(0.05)


@pytest.mark.exigence("ORDONNANCE")
async def test_les_octets_imprimes_sont_ceux_envoyes(imprimante, virtuelle):
    assert (await imprimante.etat()).prete
    travail = await imprimante.imprimer(PDF, "visite-ordonnance-1")
    assert await finir(imprimante, travail) is EtatTravail.FINI
    assert virtuelle.imprimes()[-1].read_bytes() == PDF


async def test_deux_documents_de_suite(imprimante):
    """Une imprimante n'accepte souvent qu'un travail à la fois : le second attend."""
    travaux = [await imprimante.imprimer(PDF, f"suite-{rang}") for rang in range(2)]
    assert [await finir(imprimante, travail) for travail in travaux] == [EtatTravail.FINI] * 2


async def test_occupee_trop_longtemps(imprimante):
    travail = await imprimante.imprimer(PDF, "occupe-1")
    with pytest.raises(ImprimanteOccupee) as erreur:
        await imprimante.imprimer(PDF, "occupe-2", patience_s=0)
    assert erreur.value.code == "occupee"
    assert await imprimante.travaux("occupe-2") == []
    await finir(imprimante, travail)


ENVOYER = """
import asyncio, pathlib, sys
from borne.peripheriques.impression import Imprimante
print(asyncio.run(Imprimante(sys.argv[1]).imprimer(pathlib.Path(sys.argv[2]).read_bytes(), sys.argv[3])), flush=True)
sys.stdin.read()
"""


async def test_un_redemarrage_en_pleine_impression_n_imprime_pas_deux_fois(imprimante, virtuelle, tmp_path):
    """La borne est tuée juste après l'envoi, avant d'avoir rien noté ; la suivante retrouve le travail."""
    (tmp_path / "a.pdf").write_bytes(PDF)
    avant = len(virtuelle.imprimes())
    borne = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ENVOYER, virtuelle.uri, str(tmp_path / "a.pdf"), "essai-42"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    attendu = int(await borne.stdout.readline())
    borne.kill()
    await borne.communicate()
    assert await imprimante.travaux("essai-42") == [attendu]
    assert await finir(imprimante, attendu) is EtatTravail.FINI
    assert await imprimante.travaux("essai-42") == [attendu]
    assert len(virtuelle.imprimes()) == avant + 1


async def test_un_envoi_coupe_au_milieu_est_un_echec(imprimante, virtuelle):
    """La borne meurt pendant l'envoi : le travail existe, tronqué ; il est retrouvé et dit en échec."""
    attributs = (
        Attribut("attributes-charset", Syntaxe.JEU, ("utf-8",)),
        Attribut("attributes-natural-language", Syntaxe.LANGUE, ("fr",)),
        Attribut("printer-uri", Syntaxe.URI, (virtuelle.uri,)),
        Attribut("requesting-user-name", Syntaxe.NOM, ("borne",)),
        Attribut("job-name", Syntaxe.NOM, ("essai-coupe",)),
        Attribut("document-format", Syntaxe.TYPE_MIME, ("application/pdf",)),
    )
    demande = encoder(Operation.IMPRIMER, 1, attributs, (2, 0), PDF)
    entete = "POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
    entete += f"Content-Length: {len(demande)}\r\n\r\n"
    port = int(virtuelle.uri.split(":")[2].split("/")[0])
    _, ecrivain = await asyncio.open_connection("localhost", port)
    ecrivain.write(entete.encode() + demande[: -len(PDF) // 2])
    await ecrivain.drain()
    ecrivain.close()
    await ecrivain.wait_closed()
    async with asyncio.timeout(PATIENCE_S):
        while not (travaux := await imprimante.travaux("essai-coupe")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert await finir(imprimante, travaux[0]) is EtatTravail.ECHOUE


async def test_sans_papier_rien_n_est_envoye(imprimante, virtuelle):
    virtuelle.retirer_papier()
    avant = len(virtuelle.imprimes())
    with pytest.raises(PapierManquant, match="plus de papier") as erreur:
        await imprimante.imprimer(PDF, "sans-papier")
    assert erreur.value.code == "papier"
    assert not (await imprimante.etat()).papier
    assert len(virtuelle.imprimes()) == avant
    virtuelle.remettre_papier()
    assert (await imprimante.etat()).prete


async def test_le_papier_finit_pendant_un_travail(imprimante, virtuelle):
    premier = await imprimante.imprimer(PDF, "papier-1")
    virtuelle.retirer_papier()
    assert await imprimante.etat_travail(premier) in (EtatTravail.SANS_PAPIER, EtatTravail.FINI)
    virtuelle.remettre_papier()
    assert await finir(imprimante, premier) is EtatTravail.FINI


async def test_un_travail_abandonne_par_l_imprimante(imprimante, virtuelle):
    virtuelle.faire_echouer(True)
    travail = await imprimante.imprimer(PDF, "abandon")
    assert await finir(imprimante, travail) is EtatTravail.ECHOUE


async def test_un_travail_annule(imprimante):
    travail = await imprimante.imprimer(PDF, "annule")
    await imprimante.annuler(travail)
    assert await finir(imprimante, travail) is EtatTravail.ECHOUE
    with pytest.raises(ErreurImprimante):
        await imprimante.annuler(travail)


async def test_un_travail_inconnu(imprimante):
    with pytest.raises(TravailRefuse):
        await imprimante.etat_travail(9999)
    assert await imprimante.travaux("jamais envoyé") == []


async def test_eteinte_puis_rallumee(imprimante, virtuelle):
    virtuelle.debrancher()
    with pytest.raises(ImprimanteAbsente, match="ne répond pas") as erreur:
        await imprimante.imprimer(PDF, "eteinte")
    assert erreur.value.code == "absente"
    virtuelle.rebrancher()
    assert await imprimante.travaux("eteinte") == []
    assert await finir(imprimante, await imprimante.imprimer(PDF, "rallumee")) is EtatTravail.FINI


@pytest.mark.parametrize("uri", ["http://imprimante/ipp", "imprimante", "ipp:///sans/hote", "file:///dev/lp0"])
def test_une_adresse_qui_n_est_pas_ipp(uri):
    with pytest.raises(ValueError, match="adresse d'imprimante invalide"):
        Imprimante(uri)


@pytest.mark.parametrize("nom", ["", "é" * 128])
async def test_un_nom_de_travail_impossible(imprimante, nom):
    with pytest.raises(ValueError, match="nom d'un travail"):
        await imprimante.imprimer(PDF, nom)


@pytest.mark.parametrize(
    ("raisons", "bacs", "arret", "prete", "papier"),
    [
        (("none",), (), 3, True, True),
        (("media-low-warning", "toner-low-report"), (), 3, True, True),
        (("media-empty",), (), 3, False, False),
        (("media-empty-error",), (b"type=x;level=50;",), 5, False, False),
        (("media-empty-report",), (), 3, False, False),
        (("media-empty-report",), (b"type=x;level=0;", b"type=y;maxcapacity=9;level=-2;"), 3, False, False),
        (("media-empty-warning",), (b"type=x;level=0;", b"type=y;level=120;"), 3, True, True),
        (("media-empty-warning",), (b"level=-3;name=main",), 3, True, True),
        (("media-needed-warning",), (b"level=120",), 4, False, False),
        (("media-jam-error",), (), 5, False, True),
        (("none",), (), 5, False, True),
    ],
)
def test_l_etat_selon_ce_que_dit_l_imprimante(raisons, bacs, arret, prete, papier):
    etat = _lire_etat({"printer-state": (arret,), "printer-state-reasons": raisons, "printer-input-tray": bacs})
    assert (etat.prete, etat.papier, etat.erreur) == (prete, papier, papier and not prete)
    assert bool(etat.phrase) != prete


def test_une_imprimante_qui_n_accepte_plus_rien():
    assert _lire_etat({"printer-state": (3,), "printer-is-accepting-jobs": (False,)}).erreur


async def repondre(octets: bytes, statut: int = 200):
    """Un serveur HTTP qui répond toujours ces octets ; rend son adresse IPP et de quoi l'arrêter."""
    recues = []

    async def service(demande: web.Request) -> web.Response:
        recues.append(await demande.read())
        corps = octets.replace(b"NNNN", recues[-1][4:8])
        return web.Response(body=corps, status=statut, content_type="application/ipp")

    application = web.Application()
    application.router.add_post("/ipp/print", service)
    lanceur = web.AppRunner(application)
    await lanceur.setup()
    prise = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(lanceur, prise).start()
    return f"ipp://127.0.0.1:{prise.getsockname()[1]}/ipp/print", lanceur, recues


@pytest.mark.parametrize(
    ("octets", "statut", "phrase"),
    [
        (b"<html>", 200, "de travers"),
        (b"\x02\x00\x00\x00\x00\x00\x00\x63\x03", 200, "de travers"),
        (b"\x02\x00\x00\x00NNNN\x03", 200, "de travers"),
        (bytes(2 << 20), 200, "de travers"),
        (b"", 401, "HTTP 401"),
        (b"\x02\x00\x04\x03NNNN\x03", 200, "IPP 0x0403"),
    ],
)
async def test_une_imprimante_qui_repond_de_travers(octets, statut, phrase):
    uri, lanceur, _ = await repondre(octets, statut)
    try:
        with pytest.raises(ErreurImprimante, match=phrase):
            await Imprimante(uri).etat()
    finally:
        await lanceur.cleanup()


async def test_une_vieille_imprimante_est_redemandee_en_ipp_1_1():
    uri, lanceur, recues = await repondre(b"\x01\x01\x05\x03NNNN\x03")
    try:
        with pytest.raises(ErreurImprimante, match="IPP 0x0503"):
            await Imprimante(uri).etat()
    finally:
        await lanceur.cleanup()
    assert [demande[:2] for demande in recues] == [b"\x02\x00", b"\x01\x01"]
