"""Les vérifications de la visite automatique savent échouer : une preuve qui ne peut pas mentir."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from borne.demonstration.preuves import (
    MOTIFS,
    TRACES,
    identite_exacte,
    lire_delais,
    tension_exacte,
    traces_retrouvees,
)
from borne.demonstration.scenario import NOM, PRENOM
from borne.dossier.archives import Archives
from borne.dossier.restes import Reste, chercher

ENVOI = {"systolique": 137, "diastolique": 83, "pouls": 71}
LE = date(2026, 11, 22)


def test_l_identite_doit_etre_entiere() -> None:
    assert identite_exacte("ZOÉ-ÈVE D’HÔTELLERIE", "78\u202fans", "06 12 09 78 45", LE)
    assert not identite_exacte("ZOÉ-ÈVE", "78 ans", "06 12 09 78 45", LE)
    assert not identite_exacte("ZOÉ-ÈVE D'HÔTELLERIE", "77 ans", "06 12 09 78 45", LE)
    assert not identite_exacte("ZOÉ-ÈVE D'HÔTELLERIE", "78 ans", "06 12 09 78 46", LE)
    assert identite_exacte("ZOÉ-ÈVE D'HÔTELLERIE", "77 ans", "0612097845", date(2026, 2, 28))


SECOND = {"systolique": 142, "diastolique": 88, "pouls": 68}


@pytest.mark.parametrize(
    ("releves", "envois", "juste"),
    [
        (["137 / 83 mmHg\npouls 71", "142 / 88 mmHg\n68"], [ENVOI, SECOND], True),
        (["137 / 83 mmHg\npouls 171", "142 / 88 mmHg\n68"], [ENVOI, SECOND], False),
        (["137,5 / 83 mmHg\npouls 71", "142 / 88 mmHg\n68"], [ENVOI, SECOND], False),
        (["137 / 83 mmHg\npouls 71", "137 / 83 mmHg\n71"], [ENVOI, SECOND], False),
        (["137 / 83 mmHg\npouls 71"], [ENVOI, SECOND], False),
        ([], [], False),
    ],
)
def test_la_tension_est_celle_du_brassard(releves: list[str], envois: list[dict[str, int]], juste: bool) -> None:
    assert tension_exacte(releves, envois) is juste


def test_la_recherche_trouve_les_mots_comme_le_clavier_les_ecrit(tmp_path: Path) -> None:
    """Sans purge, le prénom et le nom tapés en capitales accentuées doivent se retrouver, pas le téléphone seul."""
    donnees, cles = tmp_path / "donnees", tmp_path / "cles"
    archives = Archives(donnees, cles)
    corps = f'{{"prenom":"{PRENOM.upper()}","nom":"{NOM.upper()}"}}'.encode()
    archives.creer("a" * 32).ajouter("SaisieModifiee", 1, 1.0, corps)
    archives.fermer()
    assert traces_retrouvees(chercher([donnees], MOTIFS, cles)) == {"prénom", "nom"}


def test_une_trace_en_clair_ne_compte_pas_comme_dechiffree() -> None:
    assert traces_retrouvees([Reste(Path("x"), "clair", 0), Reste(Path("x"), "cle")]) == set()
    assert set(TRACES) == traces_retrouvees([Reste(Path("x"), "dechiffre", rang) for rang in range(len(MOTIFS))])


def test_sans_sonde_il_n_y_a_pas_de_delai(tmp_path: Path) -> None:
    assert lire_delais(tmp_path / "absent.json") == []
    (tmp_path / "delais.json").write_text("[12, 40]")
    assert lire_delais(tmp_path / "delais.json") == [12.0, 40.0]
