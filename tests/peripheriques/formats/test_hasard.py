"""Le hasard, de deux façons : atheris suit la couverture, hypothesis abîme de vraies trames. Rien ne casse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borne.peripheriques.formats import FORMATS, Lecture, TrameInvalide, decoder

RAPIDE = settings(max_examples=100, deadline=None)
RACINE = Path(__file__).parents[3]
VECTEURS = [json.loads(ligne) for ligne in (RACINE / "tests" / "donnees" / "vecteurs.jsonl").read_text().splitlines()]
TRAMES = [bytes.fromhex(vecteur["hex"]) for vecteur in VECTEURS]
ESSAIS = 10_000


def test_atheris_ne_trouve_rien(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    noms = sorted(FORMATS)
    for rang, (vecteur, trame) in enumerate(zip(VECTEURS, TRAMES, strict=True)):
        (corpus / str(rang)).write_bytes(bytes((noms.index(vecteur["char"]),)) + trame)
    options = [f"-runs={ESSAIS}", "-seed=1", "-max_len=130", "-rss_limit_mb=0"]
    fini = subprocess.run(
        [sys.executable, "-m", "tests.peripheriques.formats.hasard", *options, str(corpus)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(RACINE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert fini.returncode == 0, fini.stderr[-3000:]
    assert f"Done {ESSAIS} runs" in fini.stderr


@RAPIDE
@given(
    format=st.sampled_from(sorted(FORMATS)),
    trame=st.sampled_from(TRAMES),
    coupe=st.integers(0, 130),
    suite=st.binary(max_size=6),
    rang=st.integers(0, 130),
    octet=st.integers(0, 255),
)
def test_trames_abimees(format: str, trame: bytes, coupe: int, suite: bytes, rang: int, octet: int) -> None:
    abimee = bytearray(trame[:coupe] + suite)
    if rang < len(abimee):
        abimee[rang] = octet
    try:
        lecture = decoder(format, bytes(abimee))
    except TrameInvalide:
        return
    assert isinstance(lecture, Lecture)


@pytest.mark.parametrize("vecteur", VECTEURS, ids=lambda v: f"{v['char']}-{v['hex'][:24]}")
def test_une_trame_coupee_ne_casse_rien(vecteur: dict[str, str]) -> None:
    octets = bytes.fromhex(vecteur["hex"])
    for longueur in range(len(octets)):
        try:
            assert isinstance(decoder(vecteur["char"], octets[:longueur]), Lecture)
        except TrameInvalide:
            continue
