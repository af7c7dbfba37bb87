"""Les prénoms proposés : courants, sans accents tolérés, et jamais celui d'un patient précédent."""

from __future__ import annotations

import pytest

from borne.parcours.visite import Etape
from borne.ui.audit import visibles
from borne.ui.composants.bouton import Bouton
from borne.ui.prenoms import suggestions
from tests.ui.conftest import BorneDEssai


@pytest.mark.parametrize(
    ("debut", "attendus"),
    [
        ("", []),
        ("M", []),
        ("MADELEI", ["Madeleine", "Marie-Madeleine"]),
        ("ZO", ["Zoé"]),
        ("ZOE", ["Zoé"]),
        ("ZOÉ", []),
        ("ELO", ["Élodie", "Éloïse"]),
        ("JEAN P", ["Jean-Pierre", "Jean-Paul"]),
        ("XQ", []),
    ],
)
def test_la_liste_finit_un_prenom(debut: str, attendus: list[str]) -> None:
    assert suggestions(debut) == attendus


def test_trois_au_plus() -> None:
    assert len(suggestions("MA")) == 3


def _au_prenom(borne: BorneDEssai) -> None:
    borne.toucher("Commencer")
    borne.toucher("Français")
    borne.toucher("Oui, je suis d’accord")
    assert borne.visite.etape is Etape.PRENOM


def _noms(borne: BorneDEssai) -> set[str]:
    return {bouton.accessibleName() for bouton in visibles(borne.fenetre, Bouton)}


def test_un_toucher_complete_et_les_touches_ne_bougent_pas(borne: BorneDEssai) -> None:
    _au_prenom(borne)
    avant = {bouton.accessibleName(): bouton.geometry() for bouton in visibles(borne.fenetre, Bouton)}
    borne.taper("THE")
    assert {"Théo", "Thérèse"} <= _noms(borne)
    apres = {bouton.accessibleName(): bouton.geometry() for bouton in visibles(borne.fenetre, Bouton)}
    assert all(apres[nom] == place for nom, place in avant.items())
    borne.toucher("Thérèse")
    assert borne.visite.champ("prenom") == "THÉRÈSE"
    assert "Thérèse" not in _noms(borne)


@pytest.mark.exigence("DONNEES-PURGE")
def test_le_prenom_d_un_patient_n_est_jamais_propose() -> None:
    assert suggestions("BAUDOUINETTE"[:4]) == []
