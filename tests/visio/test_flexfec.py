"""FlexFEC-03 : un décodeur indépendant retrouve, octet pour octet, ce que le réseau a perdu."""

from __future__ import annotations

import itertools
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne.visio import flexfec
from borne.visio.flexfec import Generateur, masque_octets, masques, nombre
from tests.visio.decodeur_flexfec import lire, reparer

SSRC, SSRC_FEC, CHARGE = 0xA1B2C3D4, 0x0BADCAFE, 127
EXTENSIONS = bytes.fromhex("bede000410333200000051000042000000000000")


def image(tailles: list[int], premier: int = 100, graine: int = 0) -> list[bytes]:
    """Des paquets RTP vidéo à charges aléatoires de ces tailles, extensions comprises."""
    tirage = random.Random(graine)
    paquets = []
    for rang, taille in enumerate(tailles):
        marqueur = 0x80 if rang == len(tailles) - 1 else 0
        entete = struct.pack("!BBHLL", 0x90, marqueur | 101, (premier + rang) & 0xFFFF, 0x89ABCDEF, SSRC)
        paquets.append(entete + EXTENSIONS + tirage.randbytes(taille))
    return paquets


def generateur() -> Generateur:
    return Generateur(ssrc=SSRC_FEC, charge=CHARGE, premier_numero=65_534)


def test_vecteur_de_format() -> None:
    """Deux paquets, une parité, posée à la main (section 4.2.2.1)."""
    paquets = [
        struct.pack("!BBHLL", 0x80, 101, 7, 1000, SSRC) + b"\x01\x02\x03",
        struct.pack("!BBHLL", 0x80, 0x80 | 101, 8, 1000, SSRC) + b"\x10",
    ]
    (parite,) = generateur().reparer(paquets, 0.01)
    assert parite[:12] == struct.pack("!BBHLL", 0x80, CHARGE, 65_534, 1000, SSRC_FEC)
    attendu = bytes([0x00, 0x80]) + (3 ^ 1).to_bytes(2, "big") + bytes(4)
    attendu += bytes([1, 0, 0, 0]) + SSRC.to_bytes(4, "big") + (7).to_bytes(2, "big")
    assert parite[12:] == attendu + bytes([0xE0, 0x00]) + bytes([0x11, 0x02, 0x03])


@pytest.mark.parametrize(
    ("rangs", "octets"),
    [
        ([0, 14], "c001"),
        ([0, 15], "4000 c0000000"),
        ([45], "0000 80000001"),
        ([0, 46, 108], "4000 00000000 c000000000000001"),
    ],
)
def test_masques_des_trois_tailles(rangs: list[int], octets: str) -> None:
    assert masque_octets(rangs) == bytes.fromhex(octets.replace(" ", ""))
    entete = struct.pack("!BBHLL", 0x80, CHARGE, 1, 2, SSRC_FEC)
    fec = bytes(8) + bytes([1, 0, 0, 0]) + bytes(4) + (65_530).to_bytes(2, "big") + masque_octets(rangs)
    assert lire(entete + fec + b"x").numeros == [(65_530 + rang) & 0xFFFF for rang in rangs]


@settings(max_examples=150, deadline=None)
@given(
    tailles=st.lists(st.integers(1, 60), min_size=1, max_size=60),
    premier=st.integers(0, 65_535),
    pertes=st.floats(0.005, 0.3),
    tirage=st.randoms(use_true_random=False),
)
def test_ce_qui_est_retrouve_est_exact(
    tailles: list[int], premier: int, pertes: float, tirage: random.Random
) -> None:
    paquets = image(tailles, premier)
    parites = generateur().reparer(paquets, pertes)
    recus = [paquet for paquet in paquets if tirage.random() > pertes]
    connus = reparer(recus, [parite for parite in parites if tirage.random() > pertes])
    for numero, paquet in connus.items():
        assert paquet == paquets[(numero - premier) & 0xFFFF]


@settings(max_examples=60, deadline=None)
@given(taille=st.integers(1, 40), donnees=st.data())
def test_une_perte_se_repare_toujours(taille: int, donnees: st.DataObject) -> None:
    """Par bloc, quel que soit le paquet et même si la perte mesurée est faible."""
    paquets = image([30] * taille)
    perdu = donnees.draw(st.integers(0, taille - 1))
    recus = paquets[:perdu] + paquets[perdu + 1 :]
    assert len(reparer(recus, generateur().reparer(paquets, 0.01))) == taille


@pytest.mark.parametrize("paquets", [4, 8, 12, 14])
def test_deux_pertes_se_reparent(paquets: int) -> None:
    """À 10 % : chaque paire de paquets perdus, toutes les parités arrivées."""
    emis = image([20] * paquets)
    parites = generateur().reparer(emis, 0.1)
    for absents in itertools.combinations(range(paquets), 2):
        recus = [paquet for rang, paquet in enumerate(emis) if rang not in absents]
        assert len(reparer(recus, parites)) == paquets


def _part_reparee(paquets: int, pertes: float, essais: int = 3000) -> float:
    """La part des images entières sans retransmission, le réseau perdant aussi les parités."""
    tirage = random.Random(11)
    parites = nombre(paquets, pertes)
    colonnes = masques(paquets, parites)
    entieres = 0
    for _ in range(essais):
        manque = {rang for rang in range(paquets) if tirage.random() < pertes}
        arrivees = [j for j in range(parites) if tirage.random() >= pertes]
        while manque:
            seuls = [m for j in arrivees if len(m := [r for r in manque if colonnes[r] >> j & 1]) == 1]
            if not seuls:
                break
            manque.discard(seuls[0][0])
        entieres += not manque
    return entieres / essais


@pytest.mark.parametrize("paquets", [1, 3, 6, 10, 12, 16, 24])
def test_images_reparees_sans_aller_retour(paquets: int) -> None:
    """Ce que `_NOMBRES` promet : 1,5 % d'images à renvoyer à 5 % de pertes (3 % à 10 %), et l'écart du tirage."""
    assert _part_reparee(paquets, 0.05) > 0.985 - 0.007
    assert _part_reparee(paquets, 0.1) > 0.97 - 0.01


def test_cout_mesure() -> None:
    assert [nombre(12, pertes) for pertes in (0.0, 0.003, 0.01, 0.05, 0.1, 1.0)] == [0, 0, 1, 4, 6, 7]
    assert all(nombre(n, p) <= n for n in range(1, flexfec.BLOC_MAX + 1) for p in (0.05, 0.2))
    assert generateur().reparer(image([10] * 5), 0.0) == []


def test_numeros_horodatage_et_extensions() -> None:
    paquets = image([900] * 30)
    parites = generateur().reparer(paquets, 0.05)
    # 30 paquets : deux blocs de 15.
    assert len(parites) == 2 * nombre(15, 0.05)
    assert [int.from_bytes(parite[2:4], "big") for parite in parites] == [
        (65_534 + rang) & 0xFFFF for rang in range(len(parites))
    ]
    for parite in parites:
        assert parite[1] == CHARGE
        assert parite[4:12] == paquets[0][4:8] + SSRC_FEC.to_bytes(4, "big")
        assert parite[12 : 12 + len(EXTENSIONS)] == EXTENSIONS


def test_parite_d_un_paquet_plein_tient_dans_pylibsrtp() -> None:
    (parite,) = generateur().reparer(image([1200]), 0.01)
    assert len(parite) <= 1356
    assert len(generateur().reparer(image([1200] * 24), 0.05)[0]) <= 1356


@pytest.mark.parametrize("octets", [b"", bytes(11), b"\x90" + bytes(12), b"\x8f" + bytes(20)])
def test_paquet_malforme_refuse(octets: bytes) -> None:
    with pytest.raises(ValueError, match="octets"):
        generateur().reparer([octets], 0.05)
