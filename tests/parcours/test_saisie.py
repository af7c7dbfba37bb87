"""Les règles des saisies, à leurs bords."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borne.parcours.saisie import LONGUEUR_MAX, accepte, date_de_naissance, erreur

MIDI = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("saisie", "attendue"),
    [
        ("29021956", date(1956, 2, 29)),
        ("29021957", None),
        ("00011980", None),
        ("01130080", None),
        ("01010000", None),
        ("0101198", None),
        ("010119800", None),
        ("01o11980", None),
    ],
)
def test_date_de_naissance(saisie: str, attendue: date | None) -> None:
    assert date_de_naissance(saisie) == attendue


@pytest.mark.parametrize(
    ("saisie", "attendue"),
    [
        ("22112026", ""),
        ("23112026", ""),
        ("24112026", "erreur-naissance-future"),
        ("01011901", ""),
        ("31121900", "erreur-naissance-invalide"),
    ],
)
def test_naissance_selon_le_jour(saisie: str, attendue: str) -> None:
    """À midi en temps universel, il est déjà demain à l'est du monde : un nouveau-né n'est pas refusé."""
    assert erreur("naissance", saisie, MIDI) == attendue


def test_un_nom_ecrit_avec_des_accents_separes_est_un_nom() -> None:
    assert erreur("nom", "Ne\u0301", MIDI) == ""
    assert erreur("nom", "\u0301a", MIDI) == "erreur-nom-vide"


@pytest.mark.parametrize("champ", LONGUEUR_MAX)
def test_la_longueur_est_bornee(champ: str) -> None:
    assert accepte(champ, "1" * LONGUEUR_MAX[champ])
    assert not accepte(champ, "1" * (LONGUEUR_MAX[champ] + 1))
    assert accepte(champ, "")


@pytest.mark.parametrize("valeur", ["\n", "a\u0000", "\u202e"])
def test_aucun_signe_invisible(valeur: str) -> None:
    assert not accepte("prenom", valeur)
    assert not accepte("inconnu", "Zoé")


@given(st.sampled_from([*LONGUEUR_MAX, "inconnu"]), st.text(max_size=320), st.floats(0, 4e9))
def test_aucune_saisie_acceptee_ne_leve(champ: str, valeur: str, instant: float) -> None:
    """Et « ٣ » n'est pas un chiffre de téléphone."""
    if accepte(champ, valeur):
        assert isinstance(erreur(champ, valeur, instant), str)
        assert champ not in ("naissance", "telephone") or valeur == "" or valeur.isascii()
