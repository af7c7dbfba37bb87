"""Ce que le médiateur lit : le plus grave d'abord, puis ce que les appareils gardaient de patients inconnus."""

from __future__ import annotations

from pathlib import Path

import pytest

from borne import mesures as m
from borne.assemblage.mediateur import lignes_mediateur
from borne.mesures import Mesure
from borne.parcours.visite import Visite
from borne.peripheriques.formats.lecture import Horodatage, Lecture
from borne.ui.exemples import exemples
from borne.ui.mots import mots_de_l_ecran
from borne.ui.textes import Textes

TEXTES = Textes(Path("config/textes"))


def _mesure(code: str, valeur: float | None, unite: str) -> Mesure:
    return Mesure(code, valeur, unite, 1.0, "essai")


def test_le_plus_grave_d_abord_puis_les_mesures_de_personne() -> None:
    visite = Visite(
        id="v",
        mesures=(
            _mesure(m.SPO2, 80.0, m.POURCENT),
            _mesure(m.TEMPERATURE, 36.8, m.CELSIUS),
            _mesure(m.DIASTOLIQUE, 94.0, m.MMHG),
            _mesure(m.GLYCEMIE_MASSE, 0.003, m.KG_LITRE),
            # La dernière de chaque grandeur compte seule.
            _mesure(m.SPO2, 94.0, m.POURCENT),
        ),
    )
    brassard = (_mesure(m.SYSTOLIQUE, 138.0, m.MMHG), _mesure(m.DIASTOLIQUE, 82.0, m.MMHG))
    memoire = {"tension": (Lecture(brassard, Horodatage(2026, 11, 12, 9, 5, 0)), Lecture(brassard))}
    lignes = lignes_mediateur(visite, memoire, TEXTES.dire)
    assert [(ligne.couleur, ligne.libelle) for ligne in lignes] == [
        ("rouge", "Grammes par litre : 3,00"),
        ("orange", "Oxygène, pour cent : 94"),
        ("orange", "Tension basse : 94"),
        ("gris", "Brassard : 138 / 82 (12/11, 9 h 05)"),
        ("gris", "Brassard : 138 / 82"),
    ]
    assert {ligne.mot for ligne in lignes[3:]} == {"En mémoire, patient inconnu"}


@pytest.mark.exigence("VISITE-NEUTRE")
def test_la_voix_ne_dit_aucune_valeur_au_mediateur() -> None:
    """Elle parle devant le patient : la question seulement."""
    visite, direct = exemples()["mediateur"]
    dits = " ".join(TEXTES.dire(cle) for cle in mots_de_l_ecran(visite, direct))
    assert not any(chiffre.isdigit() for chiffre in dits)
