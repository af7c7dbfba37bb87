"""Les comptes rendus d'arrivée : exemples de la norme, aller-retour, et jamais d'autre erreur que la nôtre."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borne.visio.retour_transport import (
    Retour,
    RetourInvalide,
    deplier,
    lire_retours,
)
from tests.visio.retours import ecrire_retour

# Un compte rendu comme libwebrtc en émet : mot d'états sur un bit, écarts d'un octet.
ENTETE = bytes.fromhex("8fcd0006 00000001 00000002".replace(" ", ""))


def test_mot_d_un_bit() -> None:
    corps = bytes.fromhex("0010 0004 000002 07".replace(" ", "")) + (0x8000 | 0b11010000000000).to_bytes(2)
    retour = lire_retours(ENTETE + corps + bytes([4, 8, 12]) + bytes(3))[0]
    assert (retour.emetteur, retour.media, retour.base, retour.compte) == (1, 2, 16, 7)
    assert retour.arrivees == (516, 524, None, 536)


def test_suite_et_mot_de_deux_bits() -> None:
    etats = (1 << 13 | 3).to_bytes(2) + (0xC000 | 0b10_00_00_00_00_00_00).to_bytes(2)
    corps = (
        bytes.fromhex("ffff 0004 ffffff 00".replace(" ", ""))
        + etats
        + bytes([0, 1, 2])
        + (-9).to_bytes(2, signed=True)
    )
    entete = bytes.fromhex("8fcd0007 00000001 00000002".replace(" ", ""))
    retour = lire_retours(entete + corps + bytes(3))[0]
    debut = 2**32 - 256
    assert retour.arrivees == (debut, debut + 1, debut + 3, debut - 6)


def test_les_autres_paquets_sont_passes() -> None:
    rapport = bytes([0x80, 201, 0, 1]) + bytes(4)
    nack = bytes([0x81, 205, 0, 3]) + bytes(12)
    retour = ecrire_retour(Retour(1, 2, 3, 4, (256,)))
    assert [lu.base for lu in lire_retours(rapport + nack + retour + retour)] == [3, 3]
    assert lire_retours(b"") == []


@pytest.mark.parametrize(
    "corps",
    [
        "0010 0000 000000 00 2001 00 00",  # aucun paquet
        "0010 0002 000000 00 2000 00 00",  # suite vide
        "0010 0002 000000 00 6002 00 00",  # état réservé
        "0010 0009 000000 00 2009 00 00",  # écarts manquants
        "0010 0fff 000000 00 8000 00 00",  # états manquants
    ],
)
def test_malformes(corps: str) -> None:
    with pytest.raises(RetourInvalide):
        lire_retours(bytes.fromhex("8fcd0005 00000001 00000002".replace(" ", "") + corps.replace(" ", "")))


@given(st.binary(max_size=200))
def test_jamais_une_autre_erreur(octets: bytes) -> None:
    with contextlib.suppress(RetourInvalide):
        assert all(isinstance(retour, Retour) for retour in lire_retours(octets))


@given(st.binary(min_size=8, max_size=120))
def test_jamais_une_autre_erreur_dans_un_compte_rendu(corps: bytes) -> None:
    corps += bytes(-len(corps) % 4)
    with contextlib.suppress(RetourInvalide):
        lire_retours(bytes([0x8F, 205]) + (len(corps) // 4).to_bytes(2) + corps)


ECARTS = st.lists(st.one_of(st.none(), st.integers(-3000, 30_000)), max_size=400)


@given(st.integers(0, 2**31), st.integers(0, 0xFFFF), ECARTS)
def test_aller_retour(debut: int, base: int, ecarts: list[int | None]) -> None:
    instant = max(debut, 2_000_000) % (2**31)
    arrivees: list[int | None] = [instant]
    for ecart in ecarts:
        if ecart is not None:
            instant = max(0, instant + ecart)
        arrivees.append(None if ecart is None else instant)
    retour = Retour(1, 2, base, 3, tuple(arrivees))
    assert lire_retours(ecrire_retour(retour)) == [retour]


def test_deplier_pres_du_tour() -> None:
    assert deplier(2, 0xFFFE) == 0x10002
    assert deplier(0xFFFE, 0x10002) == 0xFFFE
    assert deplier(5, 5) == 5
