"""Les bords des décodeurs : sans valeur n'est jamais zéro, kPa reste kPa, seule `TrameInvalide` en sort."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne import mesures as m
from borne.peripheriques.formats import FORMATS, Horodatage, Lecture, TrameInvalide, decoder
from borne.peripheriques.formats.octets import valeur_float, valeur_sfloat

RAPIDE = settings(max_examples=60, deadline=None)


@RAPIDE
@given(format=st.sampled_from(sorted(FORMATS)) | st.text(), octets=st.binary(max_size=40))
def test_jamais_autre_chose_que_trame_invalide(format: str, octets: bytes) -> None:
    try:
        lecture = decoder(format, octets)
    except TrameInvalide:
        return
    assert isinstance(lecture, Lecture)
    assert all(mesure.valeur is None or isinstance(mesure.valeur, float) for mesure in lecture.mesures)


@RAPIDE
@given(octets=st.binary(max_size=19), drapeau=st.integers(0, 255))
def test_tension_toute_trame(octets: bytes, drapeau: int) -> None:
    for format in ("2A35", "2A36"):
        try:
            lecture = decoder(format, bytes([drapeau]) + octets)
        except TrameInvalide:
            continue
        assert {mesure.unite for mesure in lecture.mesures[:1]} == {m.KPA if drapeau & 1 else m.MMHG}


@pytest.mark.parametrize("mauvais", [None, 12, "texte"])
def test_ni_format_ni_octets(mauvais: object) -> None:
    with pytest.raises(TrameInvalide):
        decoder("2A35", mauvais)  # type: ignore[arg-type]
    with pytest.raises(TrameInvalide):
        decoder(mauvais, b"")  # type: ignore[arg-type]


def test_uuid_complet_et_casse() -> None:
    for nom in ("2a19", "00002a19-0000-1000-8000-00805f9b34fb"):
        assert decoder(nom, bytearray([87])).details == {"level": 87}


@pytest.mark.parametrize("mot", [0x07FF, 0x0800, 0x07FE, 0x0802, 0x0801])
def test_sfloat_sans_valeur_n_est_pas_zero(mot: int) -> None:
    assert valeur_sfloat(mot) is None
    lecture = decoder("2A35", b"\x00" + mot.to_bytes(2, "little") * 3)
    assert [mesure.valeur for mesure in lecture.mesures] == [None, None, None]


@pytest.mark.parametrize(
    ("mot", "valeur"), [(0x0064, 100.0), (0xF3E8, 100.0), (0xF201, 51.3), (0x0FFF, -1.0), (0x3001, 1000.0)]
)
def test_sfloat_codages(mot: int, valeur: float) -> None:
    assert valeur_sfloat(mot) == valeur


@pytest.mark.parametrize("mot", [0x007FFFFF, 0x00800000, 0x007FFFFE, 0x00800002, 0x00800001])
def test_float_sans_valeur(mot: int) -> None:
    assert valeur_float(mot) is None


def test_float_extremes_sans_exception() -> None:
    assert valeur_float(0x7F7FFFFD) == float(0x7FFFFD * 10**127)
    assert valeur_float(0x80000001) == 1e-128


def test_kpa_reste_kpa() -> None:
    lecture = decoder("2A35", bytes.fromhex("01 a0f0 6ef0 7ef0"))
    assert [(mesure.valeur, mesure.unite) for mesure in lecture.mesures] == [
        (16.0, m.KPA),
        (11.0, m.KPA),
        (12.6, m.KPA),
    ]


def test_utilisateur_inconnu_et_pouls_nan() -> None:
    lecture = decoder("2A35", bytes.fromhex("0c 7800 5000 5d00 ff07 ff"))
    assert lecture.utilisateur is None
    assert lecture.valeur(m.FREQUENCE_CARDIAQUE) is None
    assert lecture.valeur(m.SYSTOLIQUE) == 120.0


def test_mouvement_abaisse_la_qualite() -> None:
    calme = decoder("2A35", bytes.fromhex("10 7800 5000 5d00 0400"))
    bouge = decoder("2A35", bytes.fromhex("10 7800 5000 5d00 0100"))
    assert {mesure.qualite for mesure in calme.mesures} == {1.0}
    assert {mesure.qualite for mesure in bouge.mesures} == {0.5}


def test_brassard_avec_pouls() -> None:
    lecture = decoder("2A36", bytes.fromhex("04 8c00 ff07 ff07 4800"))
    assert (lecture.valeur(m.PRESSION_BRASSARD), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == (140.0, 72.0)


def test_octets_en_trop() -> None:
    with pytest.raises(TrameInvalide):
        decoder("2A35", bytes.fromhex("00 7800 5000 5d00 00"))


@pytest.mark.parametrize(
    "octets",
    [
        "e907 02 1e 00 00 00",
        "e907 0d 01 00 00 00",
        "e907 01 20 00 00 00",
        "0100 01 01 00 00 00",
        "e907 01 01 18 00 00",
        "e907 01 01 00 3c 00",
        "e907 01 01 00 00 3c",
    ],
)
def test_dates_impossibles(octets: str) -> None:
    with pytest.raises(TrameInvalide):
        decoder("2A08", bytes.fromhex(octets))


def test_date_partielle() -> None:
    instant = decoder("2A08", bytes.fromhex("0000 02 1d 08 1e 00")).instant
    assert instant == Horodatage(None, 2, 29, 8, 30, 0)
    assert not instant.complet
    assert instant.en_datetime() is None
    assert str(instant) == "????-02-29T08:30:00"


def test_date_entiere() -> None:
    instant = decoder("2A08", bytes.fromhex("e907 0b 16 08 1e 05")).instant
    assert instant is not None
    assert instant.complet
    assert instant.en_datetime() == datetime(2025, 11, 22, 8, 30, 5)


def test_jour_de_semaine_hors_bornes() -> None:
    with pytest.raises(TrameInvalide):
        decoder("2A2B", bytes.fromhex("e9070101000000080000"))


def test_identite() -> None:
    assert decoder("2A29", b"A&D Medical \x00\x00").details == {"maker": "A&D Medical"}
    assert decoder("2A23", bytes.fromhex("0102030405aabbcc")).details == {
        "manufacturer": 0x0504030201,
        "organization": 0xCCBBAA,
    }
    with pytest.raises(TrameInvalide):
        decoder("2A24", b"\xff\xfe")


def test_estampillee() -> None:
    lecture = decoder("2A35", bytes.fromhex("00 7800 5000 5d00")).estampillee(1_700_000_000.5, "Brassard")
    assert {(mesure.instant, mesure.appareil) for mesure in lecture.mesures} == {(1_700_000_000.5, "Brassard")}
    assert lecture.valeur("inconnu") is None
