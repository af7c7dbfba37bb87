"""Les règles udev livrées : chaque ligne est une règle bien écrite, chaque saut a son étiquette."""

from __future__ import annotations

import re
from pathlib import Path

REGLES = Path(__file__).parents[1] / "packaging" / "udev" / "70-borne.rules"
TERME = re.compile(r'([A-Z]+)(\{[^{}]+\})?(==|!=|\+=|=)"([^"]*)"')


def test_chaque_regle_se_lit_et_ne_donne_que_le_groupe() -> None:
    etiquettes, sauts, modes = set(), set(), set()
    for ligne in REGLES.read_text(encoding="utf-8").splitlines():
        if not ligne or ligne.startswith("#"):
            continue
        termes = [TERME.fullmatch(terme) for terme in ligne.split(", ")]
        assert all(termes), ligne
        for cle, _, _, valeur in (terme.groups() for terme in termes if terme):
            {"LABEL": etiquettes, "GOTO": sauts, "MODE": modes}.get(cle, set()).add(valeur)
    assert sauts == etiquettes
    assert modes == {"0660"}
