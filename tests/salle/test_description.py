"""La page du protocole dit tout ce que le code accepte, et le dépôt garde la dernière."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from borne import protocole as p
from borne.salle.description import LIAISONS, page

RACINE = Path(__file__).resolve().parents[2]


def test_la_page_du_depot_est_celle_du_code() -> None:
    assert (RACINE / "PROTOCOLE.md").read_text() == page(), "relancer : borne protocole > PROTOCOLE.md"


def test_chaque_message_et_chacun_de_ses_champs_y_sont() -> None:
    texte = page()
    for _, _, union in LIAISONS:
        for genre in get_args(union):
            debut = texte.index(f"### {genre.__name__}\n")
            suite = texte[debut : texte.find("\n### ", debut + 5)]
            assert all(f"| `{champ}` |" in suite for champ in genre.__struct_fields__)
    assert all(f"| {section[0]} | {section[1]} |" in texte for section in p.SECTIONS)
