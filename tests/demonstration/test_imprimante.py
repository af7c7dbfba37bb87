"""L'imprimante virtuelle : plusieurs à la fois, l'une après l'autre, et rien ne reste."""

import socket

import pytest

from borne.demonstration.imprimante import ImprimanteVirtuelle
from borne.peripheriques.impression import EtatTravail, Imprimante
from tests.peripheriques.test_impression import PDF, finir


async def test_deux_a_la_fois_puis_une_troisieme(tmp_path):
    with ImprimanteVirtuelle(tmp_path / "a", 0.1) as a, ImprimanteVirtuelle(tmp_path / "b", 0.1) as b:
        for virtuelle in (a, b):
            imprimante = Imprimante(virtuelle.uri)
            assert await finir(imprimante, await imprimante.imprimer(PDF, "x")) is EtatTravail.FINI
        assert a.uri != b.uri
    with ImprimanteVirtuelle(tmp_path / "a", 0.1) as c:
        assert (await Imprimante(c.uri).etat()).prete
    assert [chemin.read_bytes() for chemin in (*a.imprimes(), *b.imprimes())] == [PDF, PDF]


def test_l_arret_rend_le_port_et_efface_ses_configurations(tmp_path):
    imprimante = ImprimanteVirtuelle(tmp_path)
    imprimante.demarrer()
    atelier, port = imprimante._atelier, int(imprimante.uri.split(":")[2].split("/")[0])
    imprimante.arreter()
    imprimante.arreter()
    assert not atelier.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with pytest.raises(RuntimeError, match="pas démarrée"):
        imprimante.rebrancher()


def test_un_programme_absent_se_dit(tmp_path, monkeypatch):
    monkeypatch.setattr("borne.demonstration.imprimante.shutil.which", lambda *_args, **_options: None)
    with pytest.raises(FileNotFoundError, match="dbus-daemon"):
        ImprimanteVirtuelle(tmp_path).demarrer()
