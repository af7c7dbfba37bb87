"""Le relais du banc fait subir ce qu'on lui demande, le compte, et ne fait rien d'autre."""

from __future__ import annotations

import itertools
import select
import socket
import time
from collections.abc import Iterator

import pytest

from tests.bancs.relais import Lien, Regime, Relais, rafales

SDP = (
    "v=0\r\nm=video 4001 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 127.0.0.1\r\n"
    "a=candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host\r\n"
    "a=candidate:2 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active\r\n"
    "a=candidate:3 1 udp 2130706431 abcd-ef.local 5000 typ host\r\n"
    "a=candidate:4 1 udp 2130706431 ::1 5000 typ host\r\n"
    "a=end-of-candidates\r\n"
)


def _passer(lien: Lien, nombre: int, ecart: float = 0.001, taille: int = 1000) -> list[float | None]:
    return [lien.accepter(100 + rang * ecart, taille) for rang in range(nombre)]


def _lien(regime: Regime, graine: str = "1") -> Lien:
    lien = Lien(graine)
    lien.regler(regime)
    return lien


def test_sans_reglage_tout_passe_a_l_heure() -> None:
    assert _passer(Lien("1"), 50) == [100 + rang * 0.001 for rang in range(50)]


def test_les_pertes_uniformes_ont_leur_taux_et_leur_graine() -> None:
    perdus = [sortie is None for sortie in _passer(_lien(Regime(perte=0.05)), 20_000)]
    assert 0.045 < sum(perdus) / 20_000 < 0.055
    assert perdus == [sortie is None for sortie in _passer(_lien(Regime(perte=0.05)), 20_000)]
    assert perdus != [sortie is None for sortie in _passer(_lien(Regime(perte=0.05), "2"), 20_000)]


def test_les_rafales_ont_leur_moyenne_et_leur_longueur() -> None:
    perdus = [sortie is None for sortie in _passer(_lien(rafales(0.05, 4)), 100_000)]
    debuts = sum(perdu and not avant for avant, perdu in zip([False, *perdus], perdus, strict=False))
    assert 0.04 < sum(perdus) / 100_000 < 0.06
    assert 3.5 < sum(perdus) / debuts < 4.5


def test_le_delai_et_la_gigue_gardent_l_ordre() -> None:
    sorties = _passer(_lien(Regime(delai_ms=20, gigue_ms=30)), 1000)
    retards = [sortie - 100 - rang * 0.001 for rang, sortie in enumerate(sorties) if sortie is not None]
    assert sorties == sorted(s for s in sorties if s is not None)
    assert min(retards) >= 0.02
    assert 0.045 < max(retards) < 0.0501


def test_le_reordre_fait_doubler_les_suivants() -> None:
    sorties = [s for s in _passer(_lien(Regime(reordre=0.1, reordre_ms=5)), 1000) if s is not None]
    assert len(sorties) == 1000
    doubles = sum(apres < avant for avant, apres in itertools.pairwise(sorties))
    assert 60 < doubles < 140


def test_le_goulot_tient_son_debit_et_jette_par_la_queue() -> None:
    # 1000 octets et 28 d'entêtes toutes les millisecondes : huit fois un mégabit par seconde.
    lien = _lien(Regime(debit=1e6, file_octets=10_280))
    sorties = [s for s in _passer(lien, 1000) if s is not None]
    assert len(sorties) * 1028 * 8 == pytest.approx(1e6, rel=0.1)
    assert lien.compteurs.jetes_file == 1000 - len(sorties)
    assert lien.compteurs.attente_max_ms == pytest.approx(10_280 * 8 / 1e6 * 1000, rel=0.02)


def test_une_coupure_jette_tout() -> None:
    lien = _lien(Regime(coupe=True))
    assert _passer(lien, 10) == [None] * 10
    assert lien.compteurs.jetes_coupure == 10


@pytest.fixture
def relais() -> Iterator[Relais]:
    with Relais(graine=3) as relais:
        yield relais


def _prise() -> socket.socket:
    prise = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    prise.bind(("127.0.0.1", 0))
    prise.settimeout(10)
    return prise


def _relier(relais: Relais, cote: str, prise: socket.socket) -> tuple[str, int]:
    sdp = relais.sdp(SDP.format(port=prise.getsockname()[1]), cote)  # type: ignore[arg-type]
    (ligne,) = [ligne for ligne in sdp.splitlines() if ligne.startswith("a=candidate")]
    return "127.0.0.1", int(ligne.split()[5])


@pytest.fixture
def pairs(relais: Relais) -> Iterator[tuple[socket.socket, socket.socket, tuple[str, int], tuple[str, int]]]:
    """Deux pairs, et l'adresse à laquelle chacun voit l'autre."""
    with _prise() as borne, _prise() as medecin:
        yield borne, medecin, _relier(relais, "medecin", medecin), _relier(relais, "borne", borne)


def test_le_sdp_ne_garde_que_des_candidats_du_relais(relais: Relais) -> None:
    sdp = relais.sdp(SDP.format(port=4001), "borne")
    assert "4001" not in sdp
    assert "tcp" not in sdp
    assert ".local" not in sdp
    assert "::1" not in sdp
    assert sdp.count("a=candidate") == 1
    assert sdp.endswith("a=end-of-candidates\r\n")
    assert relais.sdp(SDP.format(port=4001), "borne") == sdp


def test_chaque_pair_ne_voit_que_l_alias_de_l_autre(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, vers_borne = pairs
    borne.sendto(b"aller", vers_medecin)
    assert medecin.recvfrom(100) == (b"aller", vers_borne)
    medecin.sendto(b"retour", vers_borne)
    assert borne.recvfrom(100) == (b"retour", vers_medecin)
    comptes = relais.compteurs()
    assert [comptes[sens].transmis for sens in ("vers_medecin", "vers_borne")] == [1, 1]


def test_un_pair_inconnu_recoit_un_alias(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    _, medecin, vers_medecin, vers_borne = pairs
    with _prise() as autre:
        autre.sendto(b"reflexe", vers_medecin)
        octets, source = medecin.recvfrom(100)
        assert octets == b"reflexe"
        assert source != vers_borne
        medecin.sendto(b"retour", source)
        assert autre.recvfrom(100) == (b"retour", vers_medecin)


def test_le_regime_s_applique_a_un_seul_sens(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, vers_borne = pairs
    relais.regler(vers_medecin=Regime(perte=0.5))
    for _ in range(200):
        borne.sendto(b"x", vers_medecin)
        medecin.sendto(b"y", vers_borne)
    for _ in range(200):
        assert borne.recv(10) == b"y"
    comptes = relais.compteurs()
    assert 50 < comptes["vers_medecin"].jetes_perte < 150
    assert comptes["vers_borne"].jetes_perte == 0


def test_le_delai_est_tenu(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, _ = pairs
    relais.regler(Regime(delai_ms=50))
    depart = time.monotonic()
    borne.sendto(b"x", vers_medecin)
    medecin.recv(10)
    assert time.monotonic() - depart >= 0.05


def test_une_coupure_finit_seule_et_rend_le_regime(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, _ = pairs
    relais.regler(Regime(delai_ms=30))
    relais.couper(0.2)
    debut = time.monotonic()
    recu = 0.0
    while not recu:
        borne.sendto(b"x", vers_medecin)
        if select.select([medecin], [], [], 0.01)[0]:
            recu = time.monotonic() - debut
    assert recu > 0.2
    assert relais.compteurs()["vers_medecin"].jetes_coupure > 0


def test_un_programme_change_le_regime_a_l_heure(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, _ = pairs
    relais.programmer([(0, Regime(coupe=True)), (0.2, Regime())])
    borne.sendto(b"perdu", vers_medecin)
    time.sleep(0.3)
    borne.sendto(b"passe", vers_medecin)
    assert medecin.recv(10) == b"passe"


def test_changer_d_adresse_montre_un_nouveau_port(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, vers_borne = pairs
    relais.changer_adresse("borne")
    medecin.sendto(b"perdu", vers_borne)
    borne.sendto(b"aller", vers_medecin)
    octets, source = medecin.recvfrom(100)
    assert octets == b"aller"
    assert source != vers_borne
    medecin.sendto(b"retour", source)
    assert borne.recv(100) == b"retour"


def test_une_adresse_retiree_ne_laisse_passer_que_les_nouvelles(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, _ = pairs
    relais.retirer_adresse("borne")
    borne.sendto(b"perdu", vers_medecin)
    with _prise() as nouvelle:
        _relier(relais, "borne", nouvelle)
        nouvelle.sendto(b"passe", vers_medecin)
        assert medecin.recv(100) == b"passe"
    assert relais.compteurs()["vers_medecin"].jetes_coupure == 1


def test_rien_ne_se_perd_ni_ne_change_d_ordre_sans_perte_demandee(relais: Relais, pairs: tuple) -> None:  # type: ignore[type-arg]
    borne, medecin, vers_medecin, _ = pairs
    relais.regler(Regime(delai_ms=5, gigue_ms=5))
    recus = []
    for rang in range(1000):
        borne.sendto(rang.to_bytes(2, "big") + bytes(1000), vers_medecin)
        # Quarante en vol au plus : le tampon d'un socket d'essai n'en tient pas cent.
        if rang >= 40:
            recus.append(int.from_bytes(medecin.recv(1100)[:2], "big"))
    recus += [int.from_bytes(medecin.recv(1100)[:2], "big") for _ in range(40)]
    assert recus == list(range(1000))
    assert relais.compteurs()["vers_medecin"].transmis == 1000


def test_un_paquet_sur_n_jamais_deux_de_suite() -> None:
    lien = Lien("graine")
    lien.regime = Regime(un_sur=30)
    perdus = [rang for rang in range(1, 301) if lien.accepter(rang / 100, 1000) is None]
    assert perdus == list(range(30, 301, 30))
