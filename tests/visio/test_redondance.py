"""La forme `audio/red` (RFC 2198), dans les deux sens et malformée."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borne.visio.redondance import Bloc, Emballage, RedondanceInvalide, deballer


def test_l_exemple_octet_par_octet() -> None:
    emballage = Emballage(111)
    assert emballage.emballer(b"\x01", 0, 1) == bytes([111, 1])
    # F=1, type 111 ; décalage 960 sur 14 bits, longueur 1 sur 10 bits ; puis F=0, type 111.
    assert emballage.emballer(b"\x02\x03", 960, 1) == bytes([0x80 | 111, 0x0F, 0x00, 0x01, 111, 1, 2, 3])


def test_deux_repetitions_la_plus_ancienne_d_abord() -> None:
    emballage = Emballage(96)
    for rang, charge in enumerate((b"a", b"bb", b"ccc")):
        paquet = emballage.emballer(charge, rang * 960, 2)
    assert deballer(paquet) == [Bloc(1920, 96, b"a"), Bloc(960, 96, b"bb"), Bloc(0, 96, b"ccc")]
    assert deballer(emballage.emballer(b"d", 2880, 0)) == [Bloc(0, 96, b"d")]


def test_une_trame_trop_longue_ou_trop_vieille_n_est_pas_repetee() -> None:
    emballage = Emballage(96)
    emballage.emballer(bytes(1024), 0, 1)
    assert len(deballer(emballage.emballer(b"x", 960, 1))) == 1
    assert len(deballer(emballage.emballer(b"y", 960 + (1 << 14), 1))) == 1


@pytest.mark.parametrize("paquet", [b"", b"\x80", b"\xe0\x0f\x00", b"\xe0\x0f\x00\x05", b"\xe0\x0f\x00\x05\x60ab"])
def test_malforme(paquet: bytes) -> None:
    with pytest.raises(RedondanceInvalide):
        deballer(paquet)


@given(st.binary(max_size=200))
def test_jamais_autre_chose_qu_une_redondance_invalide(paquet: bytes) -> None:
    with contextlib.suppress(RedondanceInvalide):
        assert sum(len(bloc.charge) for bloc in deballer(paquet)) <= len(paquet)
