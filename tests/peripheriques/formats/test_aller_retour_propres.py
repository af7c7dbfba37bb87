"""Protocoles de fabricants : ce que nos encodeurs écrivent, nos décodeurs le rendent."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne import mesures as m
from borne.peripheriques.formats import Horodatage, Lecture, TrameInvalide, decoder, microlife
from borne.peripheriques.formats.annonces import pesee_annoncee
from borne.peripheriques.simulation import annonces, cms50, nonin, oxymetres, tensions_propres
from borne.peripheriques.simulation.tension import Tension

RAPIDE = settings(max_examples=20, deadline=None, derandomize=True)
SPO2 = st.none() | st.integers(1, 100)
POULS = st.none() | st.integers(1, 250)
INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2060, 1, 1)).map(lambda d: d.replace(microsecond=0))
TENSIONS = st.builds(Tension, st.integers(60, 250), st.integers(30, 200), st.integers(30, 220))


def _valeurs(lecture: Lecture) -> tuple[float | None, float | None]:
    return lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)


@RAPIDE
@given(spo2=SPO2, pouls=POULS, pleth=st.integers(0, 127), absent=st.booleans(), panne=st.booleans())
def test_cms50_v4(spo2: int | None, pouls: int | None, pleth: int, absent: bool, panne: bool) -> None:
    lecture = decoder(
        "CMS50_V4_LIVE", cms50.coder_v4(spo2, pouls, pleth, doigt_absent=absent, sonde_en_panne=panne, signal=3)
    )
    assert _valeurs(lecture) == ((None, None) if absent or panne else (spo2, pouls))
    assert (lecture.details["pleth"], lecture.details["signal"]) == (pleth, 3)
    assert _valeurs(decoder("CMS50_V4_RECORD", cms50.coder_v4_memoire(spo2, pouls))) == (spo2, pouls)


@RAPIDE
@given(
    spo2=SPO2,
    pouls=POULS,
    pleth=st.integers(0, 127),
    perfusion=st.none() | st.integers(1, 2000).map(lambda centiemes: centiemes / 100),
    panne=st.booleans(),
    cherche=st.booleans(),
)
def test_cms50_v7(
    spo2: int | None, pouls: int | None, pleth: int, perfusion: float | None, panne: bool, cherche: bool
) -> None:
    lecture = decoder(
        "CMS50_V7_PACKET",
        cms50.coder_v7_temps_reel(
            spo2, pouls, pleth, perfusion=perfusion, sonde_en_panne=panne, cherche=cherche, spo2_bas=True
        ),
    )
    assert _valeurs(lecture) == ((None, None) if panne else (spo2, pouls))
    assert lecture.valeur(m.INDICE_PERFUSION) == (None if panne else perfusion)
    assert (lecture.details["pleth"], lecture.details["searching"]) == (pleth, cherche)
    assert (lecture.details["low_spo2"], lecture.details["pi_valid"]) == (True, perfusion is not None)


@RAPIDE
@given(ordre=st.integers(0, 255), donnees=st.binary(max_size=6))
def test_cms50_v7_ordres(ordre: int, donnees: bytes) -> None:
    details = decoder("CMS50_V7_COMMAND", cms50.coder_v7_commande(ordre, donnees)).details
    assert details == {"command": f"0x{ordre:02X}", "data": donnees.ljust(6, b"\0").hex()}


@RAPIDE
@given(spo2=st.integers(1, 126), pouls=st.integers(1, 254), indice=st.none() | st.integers(0, 0xFFFF))
def test_cms50_v7_memoire(spo2: int, pouls: int, indice: int | None) -> None:
    octets = bytes((spo2, pouls)) + (b"" if indice is None else indice.to_bytes(2, "little"))
    lecture = decoder("CMS50_V7_STORAGE", octets)
    assert _valeurs(lecture) == (spo2, pouls)
    assert lecture.valeur(m.INDICE_PERFUSION) == (None if indice in (None, 0, 0xFFFF) else (indice or 0) / 100)


@RAPIDE
@given(
    spo2=SPO2,
    pouls=st.none() | st.integers(1, 510),
    pleths=st.lists(st.integers(0, 255), min_size=25, max_size=25),
    etat=st.sampled_from((0, nonin.ALARME, nonin.HORS_SUIVI, nonin.ARTEFACT, nonin.DEBRANCHE)),
    couleur=st.sampled_from((None, "green", "yellow", "red")),
)
def test_nonin_2(spo2: int | None, pouls: int | None, pleths: list[int], etat: int, couleur: str | None) -> None:
    octets = nonin.coder_paquet_df2(spo2, pouls, pleths, etat=etat, perfusions=[couleur])
    lecture = decoder("NONIN_DF2_PACKET", octets)
    assert _valeurs(lecture) == (spo2, pouls)
    assert lecture.details["pleth"] == pleths
    qualites = {0: 1.0, nonin.HORS_SUIVI: 0.5, nonin.ARTEFACT: 0.5}
    assert lecture.mesures[0].qualite == qualites.get(etat, 0.0)
    premiere = decoder("NONIN_FRAME", octets[:5]).details
    assert (premiere["sync"], premiere["perfusion"]) == (True, couleur)


@RAPIDE
@given(
    spo2=SPO2,
    pouls=st.none() | st.integers(1, 510),
    instant=INSTANTS,
    sans=st.booleans(),
    memoire=st.booleans(),
    faible=st.booleans(),
)
def test_nonin_13(
    spo2: int | None, pouls: int | None, instant: datetime, sans: bool, memoire: bool, faible: bool
) -> None:
    lecture = decoder(
        "NONIN_DF13",
        nonin.coder_format_13(spo2, pouls, instant, sans_mesure=sans, de_memoire=memoire, pile_faible=faible),
    )
    assert _valeurs(lecture) == ((None, None) if sans else (spo2, pouls))
    assert lecture.instant == Horodatage.de(instant)
    assert (lecture.details["from_memory"], lecture.details["low_battery"]) == (memoire, faible)


@RAPIDE
@given(
    spo2=SPO2,
    pouls=st.none() | st.integers(1, 510),
    centiemes=st.integers(0, 2000),
    secondes=st.integers(0, 0xFFFF),
    etat=st.integers(0, 63),
)
def test_nonin_3230(spo2: int | None, pouls: int | None, centiemes: int, secondes: int, etat: int) -> None:
    octets = nonin.coder_3230(spo2, pouls, perfusion=centiemes / 100, secondes=secondes, etat=etat)
    lecture = decoder("NONIN_3230", octets)
    assert _valeurs(lecture) == (spo2, pouls)
    assert lecture.valeur(m.INDICE_PERFUSION) == (centiemes / 100 or None)
    assert (lecture.details["seconds"], lecture.details["battery_v"]) == (secondes, 1.5)
    assert lecture.details["correct_check"] is bool(etat & 16)


@RAPIDE
@given(spo2=SPO2, pouls=POULS, dixiemes=st.integers(0, 255))
def test_jumper(spo2: int | None, pouls: int | None, dixiemes: int) -> None:
    lecture = decoder("JUMPER", oxymetres.coder_jumper(spo2, pouls, dixiemes / 10))
    assert _valeurs(lecture) == (spo2, pouls)
    assert lecture.valeur(m.INDICE_PERFUSION) == (dixiemes / 10 or None)


@RAPIDE
@given(spo2=st.integers(0, 100), pouls=st.integers(0, 255), absent=st.booleans())
def test_viatom(spo2: int, pouls: int, absent: bool) -> None:
    octets = oxymetres.coder_viatom(spo2, pouls, batterie=42, mouvement=3, sans_capteur=absent)
    lecture = decoder("VIATOM", octets)
    assert _valeurs(lecture) == ((None, None) if absent else (spo2 or None, pouls or None))
    assert (lecture.details["battery"], lecture.details["movement"]) == (42, 3)


def test_viatom_autre_reponse_et_demande() -> None:
    assert oxymetres.coder_demande_viatom().hex() == "aa17e8000000001b"
    simple = bytes.fromhex("5500ff00000000")
    assert decoder("VIATOM", simple + bytes((oxymetres.crc8(simple),))).details == {"command": 0, "payload": ""}


@RAPIDE
@given(instant=INSTANTS, charge=st.binary(max_size=300))
def test_microlife(instant: datetime, charge: bytes) -> None:
    ordre = tensions_propres.coder_heure_microlife(instant)
    assert decoder("MICROLIFE_SET_TIME", ordre).instant == Horodatage.de(instant)
    assert decoder("MICROLIFE_FRAME", tensions_propres.coder_microlife(charge)).details["payload"] == charge.hex()
    with pytest.raises(TrameInvalide):
        decoder("MICROLIFE_SET_TIME", tensions_propres.coder_ordre_microlife(b"\x04"))


@RAPIDE
@given(mesures=st.lists(st.tuples(TENSIONS, INSTANTS), min_size=1, max_size=5, unique_by=lambda paire: paire[1]))
def test_microlife_memoire(mesures: list[tuple[Tension, datetime]]) -> None:
    charge = tensions_propres.coder_memoire_microlife(mesures)
    vides = charge + bytes(10)
    lues = microlife.enregistrements(vides)
    assert [lue.valeur(m.SYSTOLIQUE) for lue in lues] == [tension.systolique for tension, _ in mesures]
    derniere = decoder("MICROLIFE_MEASUREMENTS", vides)
    assert derniere.instant == Horodatage.de(max(instant for _, instant in mesures).replace(second=0))
    records = derniere.details["records"]
    assert isinstance(records, list)
    assert [record["sys"] for record in records] == [tension.systolique for tension, _ in mesures]
    assert [record["ts"] for record in records] == [str(lue.instant) for lue in lues]


@RAPIDE
@given(tension=TENSIONS, instant=INSTANTS, mouvement=st.booleans())
def test_omron(tension: Tension, instant: datetime, mouvement: bool) -> None:
    trames = {
        "OMRON_REC14_LE": tensions_propres.coder_omron14(tension, instant, numero=7, mouvement=mouvement),
        "OMRON_REC14_BITPACKED_BE": tensions_propres.coder_omron14_bits(tension, instant, mouvement=mouvement),
    }
    for format, octets in trames.items():
        lecture = decoder(format, octets)
        assert [mesure.valeur for mesure in lecture.mesures] == [
            tension.systolique,
            tension.diastolique,
            tension.pouls,
        ]
        assert (lecture.instant, lecture.details["movement"]) == (Horodatage.de(instant), mouvement)
    montre = decoder("OMRON_REC24_LE", tensions_propres.coder_omron24(tension, instant, numero=9))
    assert (montre.valeur(m.DIASTOLIQUE), montre.details["record_id"]) == (tension.diastolique, 9)
    with pytest.raises(TrameInvalide):
        decoder("OMRON_REC24_LE", tensions_propres.coder_omron24(tension, instant, erreur=2))


@RAPIDE
@given(
    dixiemes=st.integers(1, 2000),
    instant=INSTANTS,
    livres=st.booleans(),
    stable=st.booleans(),
    ohms=st.integers(0, 3000),
)
def test_pesees_annoncees(dixiemes: int, instant: datetime, livres: bool, stable: bool, ohms: int) -> None:
    poids = dixiemes / 10
    mi = decoder("MI_181D", annonces.coder_mi_poids(poids, instant, livres=livres, stable=stable))
    complete = decoder(
        "MI_181B", annonces.coder_mi_composition(poids, instant, livres=livres, stable=stable, impedance=ohms)
    )
    v11 = decoder("OKOK_11CA", annonces.coder_okok_v11(poids, stable=stable, livres=livres))
    for lecture in (mi, complete, v11):
        assert lecture.valeur(m.POIDS) == poids
        assert lecture.mesures[0].unite == (m.LIVRE if livres else m.KILOGRAMME)
        assert (lecture.mesures[0].qualite, lecture.details["stable"]) == (float(stable), stable)
    assert mi.instant == complete.instant == Horodatage.de(instant)
    assert complete.details["impedance"] == (ohms or None)
    for fin in (False, True):
        v20 = decoder("OKOK_20CA", annonces.coder_okok_v20(poids / 5 if fin else poids, fin=fin, impedance=ohms / 10))
        assert v20.valeur(m.POIDS) == pytest.approx(poids / 5 if fin else poids, abs=0.005)
        assert v20.details["impedance"] == (ohms / 10 or None)
    assert decoder("OKOK_C0", annonces.coder_okok_c0(poids)).valeur(m.POIDS) == poids


def test_pesee_trouvee_dans_une_annonce() -> None:
    instant = datetime(2026, 11, 22, 9, 30)
    service = {"0000181d-0000-1000-8000-00805f9b34fb": annonces.coder_mi_poids(71.5, instant)}
    trouvees = [
        pesee_annoncee(service, {}),
        pesee_annoncee({}, {0x20CA: b"abimee", 0x12C0: annonces.coder_okok_c0(71.5)}),
        pesee_annoncee({}, {0x11CA: annonces.coder_okok_v11(71.5)}),
    ]
    assert [lecture and lecture.valeur(m.POIDS) for lecture in trouvees] == [71.5] * 3
    assert pesee_annoncee({}, {0x004C: b"iPhone", 0x20CA: b""}) is None
