"""Le journal technique ne cite jamais la valeur d'une exception."""

from __future__ import annotations

import logging

import pytest

from borne.commandes import FORMAT, SansValeurs


@pytest.mark.exigence("DONNEES-JOURNAL")
def test_une_exception_ne_cite_pas_sa_valeur() -> None:
    saisie = "Zoé" + " Petit"
    try:
        raise ValueError(saisie)
    except ValueError as erreur:
        faute = (type(erreur), erreur, erreur.__traceback__)
    trace = logging.LogRecord("borne", logging.ERROR, __file__, 1, "effet : %s", ("ValueError",), faute)
    ecrit = SansValeurs(FORMAT).format(trace)
    assert saisie not in ecrit
    assert "ValueError" in ecrit
    assert "test_une_exception" in ecrit
