"""Ce qui a servi se nettoie : la liste suit les appareils de la visite, et survit à une coupure."""

from __future__ import annotations

import pytest

from borne.parcours import evenements as e
from borne.parcours.avancer import avancer
from borne.parcours.etapes import elements_a_nettoyer
from borne.parcours.transitions import partir
from borne.parcours.visite import A_NETTOYER, Etape, Releve, Visite


def _finie(**releves: Releve) -> Visite:
    """La borne après une visite où ces natures ont été essayées."""
    visite = Visite(id="v", etape=Etape.ADIEU, a_nettoyer=True, releves=releves)
    return partir(visite, transmettre=True)[0]


@pytest.mark.exigence("VISITE-HYGIENE")
def test_un_appareil_essaye_est_a_nettoyer_meme_sans_mesure() -> None:
    apres = _finie(tension=Releve(essai=1), saturation=Releve(essai=2), poids=Releve(), tiers=Releve(essai=1))
    assert apres.touches == ("tension", "saturation", "tiers")
    assert elements_a_nettoyer(apres) == ("brassard", "stethoscope", "pince", "ecran", "siege")


@pytest.mark.exigence("VISITE-HYGIENE")
def test_rien_n_est_propre_tant_qu_un_appareil_ne_l_est_pas() -> None:
    apres = _finie(temperature=Releve(essai=1))
    visite, _ = avancer(apres, e.PropreteDue(instant=1.0, visite="p", touches=apres.touches))
    for element in A_NETTOYER:
        visite, _ = avancer(visite, e.ElementNettoye(instant=2.0, revision=visite.revision, element=element))
    refus, _ = avancer(visite, e.PropreteConfirmee(instant=3.0, revision=visite.revision))
    assert (refus.etape, refus.erreur) == (Etape.PROPRETE, "erreur-proprete-incomplete")
    visite, _ = avancer(refus, e.ElementNettoye(instant=4.0, revision=refus.revision, element="thermometre"))
    libre, _ = avancer(visite, e.PropreteConfirmee(instant=5.0, revision=visite.revision))
    assert libre.etape is Etape.ACCUEIL
    assert libre.touches == ()


def test_une_visite_d_avant_se_rejoue() -> None:
    visite, _ = avancer(Visite(etape=Etape.PROPRETE), e.PropreteDue(instant=1.0, visite="p"))
    assert elements_a_nettoyer(visite) == A_NETTOYER
