"""Ce que les encodeurs simulés écrivent, nos décodeurs le rendent : aucune valeur ne se perd en route."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne import mesures as m
from borne.peripheriques.formats import Horodatage, decoder
from borne.peripheriques.formats.saturation import CAPTEUR, ETATS, FONCTIONS
from borne.peripheriques.simulation import frequence, glycemie, poids, saturation, temperature

RAPIDE = settings(max_examples=20, deadline=None, derandomize=True)
INSTANTS = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
    lambda d: d.replace(microsecond=0)
)
OCTET = st.integers(0, 255)


def _date(instant: datetime | None) -> Horodatage | None:
    return None if instant is None else Horodatage.de(instant)


@RAPIDE
@given(
    dixiemes=st.none() | st.integers(-500, 1200),
    instant=INSTANTS,
    fahrenheit=st.booleans(),
    type=st.none() | st.integers(1, 9),
)
def test_temperature(dixiemes: int | None, instant: datetime | None, fahrenheit: bool, type: int | None) -> None:
    valeur = None if dixiemes is None else dixiemes / 10
    lecture = decoder("2A1C", temperature.coder_temperature(valeur, instant, fahrenheit=fahrenheit, type=type))
    assert lecture.valeur(m.TEMPERATURE) == valeur
    assert lecture.mesures[0].unite == (m.FAHRENHEIT if fahrenheit else m.CELSIUS)
    assert (lecture.instant, lecture.details["type"]) == (_date(instant), type)


@RAPIDE
@given(secondes=st.integers(0, 0xFFFF))
def test_intervalle(secondes: int) -> None:
    assert decoder("2A21", temperature.coder_intervalle(secondes)).details == {"interval": secondes}


@RAPIDE
@given(
    battements=st.integers(0, 0xFFFF),
    contact=st.none() | st.booleans(),
    energie=st.none() | st.integers(0, 0xFFFF),
    rr=st.lists(st.integers(200, 3000), max_size=8),
)
def test_frequence(battements: int, contact: bool | None, energie: int | None, rr: list[int]) -> None:
    octets = frequence.coder_frequence(battements, contact=contact, energie_kj=energie, rr_ms=rr)
    details = decoder("2A37", octets).details
    assert (details["hr"], details["contact"], details["energy"]) == (battements, contact, energie)
    lus = details["rr_ms"]
    assert isinstance(lus, list)
    assert all(abs(lu - ecrit) <= 1.5 for lu, ecrit in zip(lus, rr, strict=True))


@RAPIDE
@given(
    pas=st.none() | st.integers(0, 0xFFFE),
    instant=INSTANTS,
    imperial=st.booleans(),
    utilisateur=st.none() | st.integers(0, 254),
    imc=st.none() | st.integers(0, 0xFFFE),
    taille=st.none() | st.integers(0, 0xFFFE),
)
def test_poids(
    pas: int | None,
    instant: datetime | None,
    imperial: bool,
    utilisateur: int | None,
    imc: int | None,
    taille: int | None,
) -> None:
    valeur = None if pas is None else pas / (100 if imperial else 200)
    index = None if imc is None else imc / 10
    haut = None if taille is None else taille / (10 if imperial else 1000)
    octets = poids.coder_poids(valeur, instant, imperial=imperial, utilisateur=utilisateur, imc=index, taille=haut)
    lecture = decoder("2A9D", octets)
    assert (lecture.valeur(m.POIDS), lecture.valeur(m.IMC), lecture.valeur(m.TAILLE)) == (valeur, index, haut)
    assert lecture.mesures[0].unite == (m.LIVRE if imperial else m.KILOGRAMME)
    assert (lecture.instant, lecture.utilisateur) == (_date(instant), utilisateur)


@RAPIDE
@given(bits=st.tuples(*[st.booleans()] * 3), finesses=st.tuples(st.integers(0, 15), st.integers(0, 7)))
def test_fonctions_balance(bits: tuple[bool, bool, bool], finesses: tuple[int, int]) -> None:
    dates, usagers, imc = bits
    octets = poids.coder_fonctions_balance(
        dates=dates, usagers=usagers, imc=imc, finesse_poids=finesses[0], finesse_taille=finesses[1]
    )
    assert tuple(decoder("2A9E", octets).details.values()) == (*bits, *finesses)


@RAPIDE
@given(
    valeurs=st.tuples(st.none() | st.integers(1, 100), st.none() | st.integers(1, 300)),
    instant=INSTANTS,
    etat=st.none() | st.integers(0, 0xFFFF),
    capteur=st.none() | st.integers(0, 0xFFFFFF),
    perfusion=st.none() | st.integers(1, 190).map(lambda dixiemes: dixiemes / 10),
    perdue=st.booleans(),
)
def test_saturation_ponctuelle(
    valeurs: saturation.Paire,
    instant: datetime | None,
    etat: int | None,
    capteur: int | None,
    perfusion: float | None,
    perdue: bool,
) -> None:
    octets = saturation.coder_ponctuelle(
        *valeurs, instant, etat=etat, capteur=capteur, perfusion=perfusion, horloge_non_reglee=perdue
    )
    lecture = decoder("2A5E", octets)
    assert (lecture.valeur(m.SPO2), lecture.valeur(m.FREQUENCE_CARDIAQUE)) == valeurs
    assert (lecture.instant, lecture.valeur(m.INDICE_PERFUSION)) == (_date(instant), perfusion)
    assert lecture.details["clock_not_set"] is perdue
    assert lecture.details["status"] == _noms(etat, ETATS)
    assert lecture.details["device_status"] == _noms(capteur, CAPTEUR)


def _noms(mot: int | None, noms: object) -> list[str] | None:
    return None if mot is None else [nom for rang, nom in dict(noms).items() if mot & 1 << rang]  # type: ignore[call-overload]


PAIRES = st.tuples(st.none() | st.integers(1, 100), st.none() | st.integers(1, 300))


@RAPIDE
@given(valeurs=PAIRES, rapide=st.none() | PAIRES, lente=st.none() | PAIRES, etat=st.none() | st.integers(0, 0xFFFF))
def test_saturation_continue(
    valeurs: saturation.Paire, rapide: saturation.Paire | None, lente: saturation.Paire | None, etat: int | None
) -> None:
    octets = saturation.coder_continue(*valeurs, rapide=rapide, lente=lente, etat=etat, capteur=0, perfusion=25.5)
    details = decoder("2A5F", octets).details
    assert (details["spo2"], details["pulse"]) == valeurs
    assert (details["spo2_fast"], details["pulse_fast"]) == (rapide or (None, None))
    assert (details["spo2_slow"], details["pulse_slow"]) == (lente or (None, None))
    assert (details["status"], details["device_status"], details["pai"]) == (_noms(etat, ETATS), [], 25.5)


@RAPIDE
@given(
    mot=st.integers(0, 0xFF), etat=st.none() | st.integers(0, 0xFFFF), capteur=st.none() | st.integers(0, 0xFFFFFF)
)
def test_fonctions_oxymetre(mot: int, etat: int | None, capteur: int | None) -> None:
    details = decoder("2A60", saturation.coder_fonctions_oxymetre(mot, etat=etat, capteur=capteur)).details
    attendu = mot & ~0x03 | (etat is not None) | (capteur is not None) << 1
    assert details["features"] == _noms(attendu, FONCTIONS)
    assert details["measurement_status_support"] == _noms(etat, ETATS)
    assert details["device_status_support"] == _noms(capteur, CAPTEUR)


@RAPIDE
@given(
    numero=st.integers(0, 0xFFFF),
    base=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0)),
    micromoles=st.none() | st.integers(1, 200).map(lambda dixiemes: dixiemes / 10_000),
    decalage=st.none() | st.integers(-0x7FFF, 0x7FFE),
    etat=st.none() | st.integers(0, 0xFFFF),
    type=st.integers(1, 10),
)
def test_glycemie(
    numero: int, base: datetime, micromoles: float | None, decalage: int | None, etat: int | None, type: int
) -> None:
    octets = glycemie.coder_glycemie(
        numero, base, micromoles, molaire=True, type=type, decalage_min=decalage, etat=etat, contexte=True
    )
    lecture = decoder("2A18", octets)
    assert lecture.details["seq"] == numero
    assert lecture.instant == Horodatage.de(base + timedelta(minutes=decalage or 0))
    assert (lecture.details["type"], lecture.details["location"], lecture.details["status_raw"]) == (type, 1, etat)
    if type == glycemie.SOLUTION_CONTROLE:
        assert lecture.mesures == ()
    else:
        assert lecture.valeur(m.GLYCEMIE_SUBSTANCE) == pytest.approx(micromoles)


def test_glycemie_sans_concentration_et_massique() -> None:
    base = datetime(2026, 11, 22, 9, 30)
    assert decoder("2A18", glycemie.coder_glycemie(1, base, sans_concentration=True)).mesures == ()
    lecture = decoder("2A18", glycemie.coder_glycemie(1, base, 0.00099))
    assert (lecture.valeur(m.GLYCEMIE_MASSE), lecture.mesures[0].unite) == (0.00099, m.KG_LITRE)
    assert decoder("2A18", glycemie.coder_glycemie(1, base, 0.0)).valeur(m.GLYCEMIE_MASSE) == 0.0


@RAPIDE
@given(nombre=st.integers(0, 0xFFFF), demande=OCTET, code=OCTET)
def test_reponses_racp_et_ucp(nombre: int, demande: int, code: int) -> None:
    assert decoder("2A52", glycemie.coder_compte(nombre)).details["count"] == nombre
    erreur = None if code == 1 else code
    details = decoder("2A52", glycemie.coder_reponse(demande, code)).details
    assert (details["request"], details["code"], details["error"]) == (demande, code, erreur)
    lecture = decoder("2A9F", poids.coder_reponse_usager(demande, code, b"\x03"))
    assert (lecture.details["request"], lecture.details["error"]) == (demande, erreur)
    assert lecture.utilisateur == (3 if (demande, code) == (1, 1) else None)
