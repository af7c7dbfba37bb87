"""Les vecteurs de tiers : chaque trame donne ce que sa source attend, ni plus ni moins de champs connus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from borne import mesures as m
from borne.peripheriques.formats import Lecture, TrameInvalide, decoder

VECTEURS = [
    json.loads(ligne) for ligne in (Path(__file__).parents[2] / "donnees" / "vecteurs.jsonl").read_text().splitlines()
]
UNITES = {"mmHg": m.MMHG, "kPa": m.KPA}
CODES = {
    "sys": m.SYSTOLIQUE,
    "dia": m.DIASTOLIQUE,
    "map": m.PRESSION_MOYENNE,
    "pulse": m.FREQUENCE_CARDIAQUE,
    "cuff": m.PRESSION_BRASSARD,
}


def _lu(lecture: Lecture, champ: str) -> Any:
    """Le champ d'un vecteur tel que notre lecture le donne."""
    if champ in CODES:
        return lecture.valeur(CODES[champ])
    if champ == "unit":
        return lecture.mesures[0].unite
    if champ == "user":
        return lecture.utilisateur
    if champ == "ts":
        return None if lecture.instant is None else str(lecture.instant)
    return lecture.details[champ]


def _attendu(champ: str, valeur: Any) -> Any:
    if champ == "unit":
        return UNITES[valeur]
    if champ == "ts" and isinstance(valeur, dict):
        assert valeur["year"] is None
        date = f"????-{valeur['month']:02d}-{valeur['day']:02d}"
        return f"{date}T{valeur['h']:02d}:{valeur['m']:02d}:{valeur['s']:02d}"
    return valeur


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
        else:
            assert lu == _attendu(champ, valeur), champ
