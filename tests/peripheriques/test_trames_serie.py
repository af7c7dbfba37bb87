"""La découpe des flux série : déchets n'importe où, morceaux quelconques, jamais une mesure fausse."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from borne.peripheriques.simulation.cms50 import coder_v4, coder_v7_paquet, coder_v7_temps_reel
from borne.peripheriques.simulation.nonin import coder_format_13, coder_paquet_df2
from borne.peripheriques.trames_serie import (
    Decoupeur,
    DecoupeurCms50V4,
    DecoupeurCms50V7,
    DecoupeurLignes,
    DecoupeurNoninDf2,
    DecoupeurNoninDf13,
)

SUITES: dict[str, tuple[Callable[[], Decoupeur], Callable[[int], bytes]]] = {
    "cms50-v4": (DecoupeurCms50V4, lambda rang: coder_v4(90 + rang % 9, 60 + rang % 40, rang % 128)),
    "cms50-v7": (DecoupeurCms50V7, lambda rang: coder_v7_temps_reel(90 + rang % 9, 60 + rang % 40, rang % 128)),
    "nonin-2": (DecoupeurNoninDf2, lambda rang: coder_paquet_df2(90 + rang % 9, 60 + rang % 40, [rang] * 25)),
    "nonin-13": (
        DecoupeurNoninDf13,
        lambda rang: coder_format_13(90 + rang % 9, 60 + rang % 40, datetime(2026, 11, 22, 9, 38, rang % 60)),
    ),
}
court = settings(max_examples=25, deadline=None)
suites = pytest.mark.parametrize("suite", SUITES)
SOMMEES = pytest.mark.parametrize("suite", ["nonin-2", "nonin-13"])


def flux(suite: str, nombre: int) -> list[bytes]:
    return [SUITES[suite][1](rang) for rang in range(nombre)]


def decoupees(suite: str, morceaux: Sequence[bytes]) -> list[bytes]:
    decoupeur = SUITES[suite][0]()
    return [trame for morceau in morceaux for trame in decoupeur.pousser(morceau)]


def en_morceaux(octets: bytes, coupes: Sequence[int]) -> list[bytes]:
    bornes = [0, *sorted(coupe % (len(octets) + 1) for coupe in coupes), len(octets)]
    return [octets[debut:fin] for debut, fin in pairwise(bornes)]


def tranches(octets: bytes, taille: int) -> list[bytes]:
    return [octets[rang : rang + taille] for rang in range(0, len(octets), taille)]


@suites
def test_un_flux_propre_rend_tout(suite: str) -> None:
    trames = flux(suite, 12)
    rendues = decoupees(suite, [b"".join(trames)])
    # Les CMS50 n'ont pas de fin : la dernière trame attend le début de la suivante.
    assert rendues == (trames[:-1] if suite.startswith("cms50") else trames)


@suites
@court
@given(octets=st.binary(max_size=700), coupes=st.lists(st.integers(0, 700), max_size=12))
def test_la_coupe_en_morceaux_ne_change_rien(suite: str, octets: bytes, coupes: list[int]) -> None:
    # Du n'importe quoi, entre de vraies trames.
    melange = b"".join(flux(suite, 2)) + octets + b"".join(flux(suite, 2))
    assert decoupees(suite, en_morceaux(melange, coupes)) == decoupees(suite, [melange])


@suites
@court
@given(dechets=st.binary(min_size=1, max_size=60), ou=st.integers(0, 2000))
def test_des_dechets_coutent_deux_trames_au_plus(suite: str, dechets: bytes, ou: int) -> None:
    trames = flux(suite, 9)
    octets = b"".join(trames)
    ou %= len(octets)
    rendues = decoupees(suite, [octets[:ou], dechets, octets[ou:], SUITES[suite][1](99)[:1]])
    rang = ou // len(trames[0])
    perdues = [trame for trame in trames if trame not in rendues]
    assert len(perdues) <= 2
    assert set(perdues) <= set(trames[max(0, rang - 1) : rang + 1])


@suites
@court
@given(perdus=st.sets(st.integers(0, 2000), min_size=1, max_size=4))
def test_un_octet_perdu_coute_deux_trames_au_plus(suite: str, perdus: set[int]) -> None:
    trames = flux(suite, 9)
    octets = b"".join(trames)
    perdus = {rang % len(octets) for rang in perdus}
    restes = bytes(octet for rang, octet in enumerate(octets) if rang not in perdus)
    rendues = decoupees(suite, [restes, SUITES[suite][1](99)[:1]])
    assert len([trame for trame in trames if trame not in rendues]) <= 2 * len(perdus)


@SOMMEES
@court
@given(octets=st.binary(max_size=400), ou=st.integers(0, 2000), coupe=st.integers(0, 200))
def test_une_trame_sommee_n_est_jamais_inventee(suite: str, octets: bytes, ou: int, coupe: int) -> None:
    """Des déchets, et une trame tronquée : tout ce qui sort est une trame qui est entrée.

    Un paquet Nonin n'a de somme que par trame : un trou de trames entières en recolle deux moitiés, et c'est au suivi
    de ne pas le croire (voir test_suivi_oxymetre).
    """
    trames = flux(suite, 4)
    propre = b"".join(trames)
    ou %= len(propre)
    rendues = decoupees(suite, [propre[:ou], octets, propre[ou + coupe :], b"".join(trames)])
    taille = 5 if suite == "nonin-2" else len(trames[0])
    assert {t for rendue in rendues for t in tranches(rendue, taille)} <= set(tranches(propre, taille))
    assert rendues[-4:] == trames


@pytest.mark.parametrize("suite", ["nonin-13"])
def test_une_longueur_abimee_ne_mange_pas_la_suivante(suite: str) -> None:
    abimee = bytearray(flux(suite, 1)[0])
    abimee[5] = 60
    bonne = SUITES[suite][1](5)
    assert decoupees(suite, [bytes(abimee), bonne]) == [bonne]


def test_une_prise_plus_longue_que_prevu_passe() -> None:
    courte = coder_format_13(97, 70, datetime(2026, 11, 22, 9, 40))
    donnees = courte[6:-2] + b"\x01\x02\x03"
    longue = courte[:4] + len(donnees).to_bytes(2, "big") + donnees + bytes([sum(donnees) & 0xFF, 0x03])
    assert decoupees("nonin-13", [longue, courte]) == [longue, courte]


def test_les_reponses_du_v7_passent_aussi() -> None:
    reponse, mesure = coder_v7_paquet(0x0C, bytes([0x21, 0])), coder_v7_temps_reel(97, 70, 64)
    assert decoupees("cms50-v7", [reponse, mesure, b"\x01"]) == [reponse, mesure]


@suites
def test_la_memoire_est_bornee_et_le_bruit_compte(suite: str) -> None:
    decoupeur = SUITES[suite][0]()
    bruit = random.Random(1).randbytes(60_000)
    rendues = decoupeur.pousser(bruit)
    assert decoupeur.rejetes > 30_000
    if suite.startswith("nonin"):
        assert rendues == []


LIGNES = st.lists(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20), max_size=6)


@court
@given(codes=LIGNES, coupes=st.lists(st.integers(0, 200), max_size=6), fin=st.sampled_from([b"\r", b"\n", b"\r\n"]))
def test_les_lignes(codes: list[str], coupes: list[int], fin: bytes) -> None:
    octets = b"".join(b"\x02" + code.encode() + fin for code in codes)
    decoupeur = DecoupeurLignes(prefixe=b"\x02")
    rendues = [ligne for morceau in en_morceaux(octets, coupes) for ligne in decoupeur.pousser(morceau)]
    assert rendues == [code.encode() for code in codes]


@court
@given(st.binary(max_size=300))
@example(b"\x00ABC\rDEF\r")
def test_une_ligne_ne_porte_que_de_l_imprimable(octets: bytes) -> None:
    for ligne in DecoupeurLignes(longueur_max=40).pousser(octets):
        assert 0 < len(ligne) <= 40
        assert all(0x20 <= octet < 0x7F for octet in ligne)


def test_une_ligne_trop_longue_est_rejetee_entiere() -> None:
    decoupeur = DecoupeurLignes(longueur_max=8)
    assert decoupeur.pousser(b"123456789\r12345678\r\n\r") == [b"12345678"]
    assert decoupeur.rejetes == 9


def test_sans_son_prefixe_une_ligne_est_rejetee() -> None:
    assert DecoupeurLignes(prefixe=b"~B").pousser(b"AB12\r~B12\r~B\r") == [b"12"]
