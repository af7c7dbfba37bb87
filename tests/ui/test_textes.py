"""Les textes et les mots : les mêmes à l'écran et à la voix, jamais une clé qui manque."""

from __future__ import annotations

from pathlib import Path

import pytest

from borne.ui.exemples import exemples
from borne.ui.textes import ErreurTexte, Textes, cle_avec, en_lettres, mots_de_l_ecran, separer
from tests.ui.conftest import TEXTES


def test_les_parametres_voyagent_dans_la_cle() -> None:
    cle = cle_avec("consultation-message", texte="à 10 h ? 50 % & plus")
    assert separer(cle) == ("consultation-message", {"texte": "à 10 h ? 50 % & plus"})
    assert separer(cle_avec("attente-rang", rang=2, avant=1)) == ("attente-rang", {"rang": 2, "avant": 1})
    assert separer("accueil-bonjour") == ("accueil-bonjour", {})


NOMBRES = {
    1: "une",
    10: "dix",
    21: "vingt et une",
    71: "soixante et onze",
    80: "quatre-vingts",
    81: "quatre-vingt-une",
    97: "quatre-vingt-dix-sept",
    100: "100",
}


@pytest.mark.parametrize(("nombre", "mots"), NOMBRES.items())
def test_les_nombres_en_lettres(nombre: int, mots: str) -> None:
    assert en_lettres(nombre) == mots


def test_accords_et_typographie() -> None:
    textes = Textes(TEXTES)
    assert textes.dire("attente-minutes?minutes=1") == "L’attente est d’une minute environ."
    assert textes.dire("attente-rang?rang=4&avant=3") == "Il y a trois personnes avant vous."
    assert textes.dire("accueil-question") == "Voulez-vous voir un médecin\u00a0?"


def test_une_cle_absente_est_une_erreur_claire() -> None:
    textes = Textes(TEXTES)
    with pytest.raises(ErreurTexte, match="clé absente des textes : nulle-part"):
        textes.dire("nulle-part")
    with pytest.raises(ErreurTexte, match="minutes"):
        textes.dire("attente-minutes")
    with pytest.raises(ErreurTexte, match="langue absente"):
        Textes(TEXTES, "tlh")


@pytest.mark.exigence("A11Y-LANGUES")
def test_une_autre_langue_se_replie_sur_le_francais(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "en").mkdir()
    (tmp_path / "fr" / "a.ftl").write_text("bonjour = Bonjour\nfin = Fin\n", encoding="utf-8")
    (tmp_path / "en" / "a.ftl").write_text("bonjour = Hello\n", encoding="utf-8")
    anglais = Textes(tmp_path).pour("en")
    assert (anglais.dire("bonjour"), anglais.dire("fin")) == ("Hello", "Fin")
    assert anglais.langues() == ("fr", "en")
    assert Textes(tmp_path).pour("uk").langue == "fr"


@pytest.mark.parametrize("nom", exemples())
def test_les_mots_de_chaque_ecran_existent(nom: str) -> None:
    textes = Textes(TEXTES)
    mots = mots_de_l_ecran(*exemples()[nom])
    assert mots
    assert all(textes.dire(cle).strip() for cle in mots)


def test_un_message_garde_ses_chiffres_tels_quels() -> None:
    assert Textes(TEXTES).dire(cle_avec("consultation-message", texte="1000")) == "«\u00a01000\u00a0»"
