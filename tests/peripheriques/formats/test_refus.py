"""Ce que chaque famille refuse, et ce qu'elle rend quand un champ est inconnu."""

from __future__ import annotations

from datetime import datetime

import pytest

from borne import mesures as m
from borne.peripheriques.formats import Horodatage, TrameInvalide, decoder
from borne.peripheriques.simulation import nonin

PAQUET = nonin.coder_paquet_df2(97, 72, [0] * 25)


def _nonin13(**change: int) -> bytes:
    """Une prise au format 13 dont un octet des données est changé, somme refaite."""
    octets = bytearray(nonin.coder_format_13(97, 72, datetime(2026, 11, 22, 9, 30)))
    octets[change["rang"]] = change["valeur"]
    octets[-2] = sum(octets[6:-2]) & 0xFF
    return bytes(octets)


@pytest.mark.parametrize(
    ("format", "octets"),
    [
        ("2A18", bytes.fromhex("01 0100 0f27 0c 1f 17 3b 3b ff7e")),  # 9999-12-31, puis 22 jours de plus
        ("2A52", bytes.fromhex("0500010203")),
        ("2A52", bytes.fromhex("0600010101")),
        ("2A9F", bytes.fromhex("010101")),
        ("2A9F", bytes.fromhex("200101")),
        ("MICROLIFE_FRAME", bytes.fromhex("4d3a0002810b")),
        ("MICROLIFE_RECORD", bytes(7)),
        ("MICROLIFE_RECORD", bytes(8)),
        ("MICROLIFE_RECORD", bytes.fromhex("80503c1a00160900")),
        ("MICROLIFE_MEASUREMENTS", bytes(60)),
        ("NONIN_STATUS", b"\x02"),
        ("NONIN_FRAME", bytes.fromhex("02800148cb")),
        ("NONIN_DF2_PACKET", PAQUET[:-5]),
        ("NONIN_DF2_PACKET", PAQUET[5:] + PAQUET[:5]),
        ("NONIN_DF13", b"\x00\x03" + _nonin13(rang=6, valeur=0x20)[2:]),
        ("NONIN_DF13", bytes.fromhex("0002000d000d") + bytes(13) + b"\x00\x03"),
        ("NONIN_DF13", _nonin13(rang=6, valeur=0x20)[:-2] + b"\x00\x03"),
        ("NONIN_DF13", _nonin13(rang=7, valeur=0x2A)),
        ("NONIN_3230", bytes(10)),
        ("CMS50_V7_PACKET", b"\x00\x80"),
        ("CMS50_V7_COMMAND", bytes.fromhex("7d81a1")),
        ("CMS50_V7_STORAGE", bytes(3)),
        ("OMRON_REC14_LE", bytes(13)),
        ("OMRON_REC14_LE", bytes(14)),
        ("OMRON_REC24_LE", bytes(23)),
        ("OMRON_REC14_BITPACKED_BE", bytes(13)),
        ("OMRON_REC14_BITPACKED_BE", bytes(14)),
        ("OMRON_REC14_BITPACKED_BE", b"\x50\x50\x1a\x40" + bytes(10)),
        ("JUMPER", bytes.fromhex("80485f0a")),
        ("VIATOM", bytes.fromhex("5500ff0000000000")),
        ("OKOK_20CA", bytes(19)),
        ("OKOK_11CA", bytes(23)),
        ("OKOK_C0", bytes(12)),
    ],
)
def test_refuse(format: str, octets: bytes) -> None:
    with pytest.raises(TrameInvalide):
        decoder(format, octets)


def test_types_de_temperature_reserves() -> None:
    assert decoder("2A1D", b"\x04").details == {"type": 4, "site": "finger"}
    assert decoder("2A1D", b"\x0a").details == {"type": 10, "site": "reserved"}


def test_endroit_du_capteur() -> None:
    assert decoder("2A38", b"\x01").details == {"location": 1, "site": "chest"}
    assert decoder("2A38", b"\x07").details["site"] == "reserved"


def test_glycemie_decalage_inconnu_et_date_partielle() -> None:
    perdu = decoder("2A18", bytes.fromhex("01 0100 ea07 0b 16 09 1e 00 ff7f"))
    assert (perdu.details["time_offset"], str(perdu.instant)) == (None, "2026-11-22T09:30:00")
    partielle = decoder("2A18", bytes.fromhex("01 0100 0000 0b 16 09 1e 00 0500"))
    assert (partielle.details["time_offset"], str(partielle.instant)) == (5, "????-11-22T09:30:00")


def test_glycemie_en_erreur_sans_qualite() -> None:
    trop_haute = decoder("2A18", bytes.fromhex("0a 0100 ea07 0b 16 09 1e 00 ff07 11 2000"))
    assert trop_haute.valeur(m.GLYCEMIE_MASSE) is None
    assert (trop_haute.mesures[0].qualite, trop_haute.details["status"]) == (0.0, ["result_too_high"])


def test_solution_de_controle_n_est_pas_du_sang() -> None:
    lecture = decoder("2A18", bytes.fromhex("02 0100 ea07 0b 16 09 1e 00 63b0 4a"))
    assert lecture.mesures == ()
    assert (lecture.details["control_solution"], lecture.details["concentration"]) == (True, 0.00099)


def test_contexte_de_glycemie() -> None:
    entier = decoder("2A34", bytes.fromhex("ff 0700 00 01 3cb0 02 12 1e00 32 01 05d0 41f0")).details
    assert entier == {
        "seq": 7,
        "carbohydrate": 1,
        "carbohydrate_amount": 0.0006,
        "meal": 2,
        "tester": 2,
        "health": 1,
        "exercise_duration": 30,
        "exercise_intensity": 50,
        "medication": 1,
        "medication_amount": 0.005,
        "medication_unit": "L",
        "hba1c": 6.5,
    }
    vide = decoder("2A34", bytes.fromhex("00 0700")).details
    assert set(vide.values()) == {7, None}
    assert decoder("2A34", bytes.fromhex("18 0700 ffff 00 01 0000")).details["exercise_duration"] is None


def test_poids_sans_valeur() -> None:
    lecture = decoder("2A9D", bytes.fromhex("04 ffff ff"))
    assert (lecture.valeur(m.POIDS), lecture.utilisateur) == (None, None)


def test_sans_contact_ni_battement() -> None:
    lecture = decoder("2A37", bytes.fromhex("0400"))
    assert (lecture.valeur(m.FREQUENCE_CARDIAQUE), lecture.mesures[0].qualite) == (None, 0.5)
    with pytest.raises(TrameInvalide):
        decoder("2A37", bytes.fromhex("104801"))


@pytest.mark.parametrize(
    ("etat", "capteur", "qualite"),
    [(0x8000, 0, 0.0), (0, 0x0800, 0.0), (0x4000, 0, 0.5), (0, 0x10, 0.5), (0x20, 0, 1.0)],
)
def test_qualite_de_saturation(etat: int, capteur: int, qualite: float) -> None:
    octets = b"\x06\x62\x00\x48\x00" + etat.to_bytes(2, "little") + capteur.to_bytes(3, "little")
    assert {mesure.qualite for mesure in decoder("2A5E", octets).mesures} == {qualite}


def test_saturation_nulle_n_est_pas_une_valeur() -> None:
    lecture = decoder("2A5F", bytes.fromhex("00 0000 0000"))
    assert (lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == (None, None)


def test_nonin_donnees_allongees() -> None:
    """Le fabricant dit que la partie données s'allongera : la suite est ignorée."""
    longue = bytearray(_nonin13(rang=6, valeur=0x20))
    longue[4:6] = b"\x00\x0f"
    longue[-2:] = bytes((0x01, (sum(longue[6:-2]) + 1) & 0xFF, 0x03))
    assert decoder("NONIN_DF13", bytes(longue)).valeur(m.SPO2) == 97.0


def test_omron_date_inconnue() -> None:
    sans_date = bytes.fromhex("64574300") + bytes(10)
    assert decoder("OMRON_REC14_LE", sans_date).instant is None


@pytest.mark.parametrize(
    ("attributs", "poids", "unite"), [(0x09, 36.0, "kg"), (0x1B, 10 * 14 + 40, "lb"), (0x03, 2600, "kg")]
)
def test_unites_okok(attributs: int, poids: float, unite: str) -> None:
    mot = {0x09: 720, 0x1B: 10 << 8 | 40, 0x03: 2600}[attributs]
    details = decoder("OKOK_C0", mot.to_bytes(2, "big") + bytes(4) + bytes((attributs,)) + bytes(6)).details
    assert (details["weight"], details["unit"], details["stable"]) == (poids, unite, True)


def test_mi_en_jin() -> None:
    assert decoder("MI_181D", bytes.fromhex("30 b036 ea07 0b 16 09 1e 00")).details["weight"] == 70.0


def test_identite_de_date() -> None:
    assert Horodatage.de(datetime(2026, 11, 22, 9, 30, 5)) == Horodatage(2026, 11, 22, 9, 30, 5)
