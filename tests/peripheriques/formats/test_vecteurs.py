"""Les vecteurs de tiers : chaque trame donne ce que sa source attend, ni plus ni moins de champs connus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from borne import mesures as m
from borne.peripheriques.formats import FORMATS, Lecture, TrameInvalide, decoder

VECTEURS = [
    json.loads(ligne) for ligne in (Path(__file__).parents[2] / "donnees" / "vecteurs.jsonl").read_text().splitlines()
]
CODES = {
    "sys": m.SYSTOLIQUE,
    "dia": m.DIASTOLIQUE,
    "map": m.PRESSION_MOYENNE,
    "cuff": m.PRESSION_BRASSARD,
    "temp": m.TEMPERATURE,
    "weight": m.POIDS,
    "bmi": m.IMC,
    "height": m.TAILLE,
}
UNITES = {
    "mmHg": m.MMHG,
    "kPa": m.KPA,
    "C": m.CELSIUS,
    "kg": m.KILOGRAMME,
    "lb": m.LIVRE,
    "kg/L": m.KG_LITRE,
    "mol/L": m.MOL_LITRE,
}


def _lu(lecture: Lecture, champ: str) -> Any:
    """Le champ d'un vecteur tel que notre lecture le donne."""
    if champ == "user":
        return lecture.utilisateur
    if champ == "ts" and champ not in lecture.details:
        return None if lecture.instant is None else str(lecture.instant)
    return lecture.details[champ]


def _attendu(champ: str, valeur: Any) -> Any:
    if champ == "ts" and isinstance(valeur, dict):
        assert valeur["year"] is None
        date = f"????-{valeur['month']:02d}-{valeur['day']:02d}"
        return f"{date}T{valeur['h']:02d}:{valeur['m']:02d}:{valeur['s']:02d}"
    # Nos valeurs spéciales n'ont pas de valeur : leur nom n'est gardé que par FLOAT et SFLOAT.
    return None if valeur == "NaN" else valeur


@pytest.mark.parametrize("vecteur", VECTEURS, ids=lambda v: f"{v['char']}-{v['hex'][:24]}")
def test_vecteur(vecteur: dict[str, Any]) -> None:
    octets, attendu = bytes.fromhex(vecteur["hex"]), vecteur["expected"]
    if attendu.get("invalid"):
        with pytest.raises(TrameInvalide):
            decoder(vecteur["char"], octets)
        return
    lecture = decoder(vecteur["char"], octets)
    if vecteur["char"] in {"SFLOAT", "FLOAT"}:
        connu = lecture.details["special"] or lecture.details["value"]
        assert connu == attendu["value"]
        return
    for champ, valeur in attendu.items():
        lu = _lu(lecture, champ)
        if isinstance(valeur, dict) and champ == "status":
            assert isinstance(lu, dict)
            assert {nom: lu[nom] for nom in valeur} == valeur
        elif isinstance(valeur, list) and all(isinstance(nom, str) for nom in valeur):
            # Des bits levés : la source les nomme dans l'ordre qui lui plaît.
            assert sorted(lu) == sorted(valeur), champ
        else:
            assert lu == _attendu(champ, valeur), champ
        if champ in CODES and lecture.mesures:
            assert lecture.valeur(CODES[champ]) == _attendu(champ, valeur)
        if champ == "unit":
            assert lecture.mesures[0].unite == UNITES[valeur]


def test_aucun_format_oublie() -> None:
    assert {vecteur["char"] for vecteur in VECTEURS} <= set(FORMATS)
