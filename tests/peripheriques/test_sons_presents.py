"""Les noms stables du son, sur un vrai PulseAudio privé et son annulation d'écho."""

import pytest

from borne.demonstration.son import HAUT_PARLEUR, MICRO, STETHOSCOPE, MondeSonore
from borne.peripheriques.audio import SonPerdu
from borne.peripheriques.echo import SOURCE, AnnulationEcho
from borne.peripheriques.sons_presents import cartes_alsa, sons_presents, trouver


@pytest.fixture(scope="module")
def monde(tmp_path_factory):
    with MondeSonore(tmp_path_factory.mktemp("son")) as monde:
        yield monde


def test_les_entrees_et_les_sorties_se_nomment(monde):
    entrees = {entree.nom: entree for entree in sons_presents("entree", monde.serveur)}
    assert {STETHOSCOPE, MICRO} <= set(entrees)
    assert entrees[f"{HAUT_PARLEUR}.monitor"].moniteur
    steth = entrees[STETHOSCOPE]
    assert (steth.volume, steth.muet, steth.frequence, steth.moniteur, steth.traite) == (
        1.0,
        False,
        48000,
        False,
        False,
    )
    assert [sortie.nom for sortie in sons_presents("sortie", monde.serveur)] == [HAUT_PARLEUR]


def test_un_nom_absent_est_dit_avec_ceux_qui_existent(monde):
    with pytest.raises(
        SonPerdu, match=r"« usb-Thinklabs » n'est pas branché\. Entrées présentes : micro, stethoscope\."
    ):
        trouver("usb-Thinklabs", "entree", monde.serveur)
    assert trouver(HAUT_PARLEUR, "sortie", monde.serveur).sens == "sortie"


def test_une_entree_traitee_se_voit(monde):
    echo = AnnulationEcho(MICRO, HAUT_PARLEUR, monde.serveur)
    echo.micro()
    try:
        assert trouver(SOURCE, "entree", monde.serveur).traite
        assert not trouver(MICRO, "entree", monde.serveur).traite
    finally:
        echo.fermer()


def test_sans_serveur_la_phrase_est_claire(tmp_path):
    with pytest.raises(SonPerdu, match="serveur de son"):
        sons_presents("entree", f"unix:{tmp_path / 'absent'}")


def test_les_cartes_du_noyau_ont_un_nom_stable(tmp_path):
    cartes = tmp_path / "cards"
    cartes.write_text(
        " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7e10000 irq 31\n"
        " 1 [Thinklink      ]: USB-Audio - Thinklink\n"
    )
    assert cartes_alsa(cartes) == ("hw:CARD=PCH", "hw:CARD=Thinklink")
    assert cartes_alsa(tmp_path / "absent") == ()
