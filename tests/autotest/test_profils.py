"""La décision « prête », « prête avec réserves », « pas prête », profil par profil."""

from __future__ import annotations

import pytest

from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.profils import PROFILS, Aptitude, Profil, decider

MAIRIE, OFFICINE = PROFILS["mairie"], PROFILS["officine"]
QUATRE = ("stethoscope", "otoscope", "oxymetre", "tensiometre")


def _resultats(profil: Profil, **couleurs: Couleur) -> list[Resultat]:
    """Tout vert, sauf ce qui est nommé."""
    autres = [nom for nom in couleurs if nom not in profil.obligatoires]
    return [Resultat(nom, couleurs.get(nom, Couleur.VERT), "") for nom in (*profil.obligatoires, *autres)]


def test_tout_vert_est_prete() -> None:
    for profil in PROFILS.values():
        assert decider(profil, _resultats(profil)).aptitude is Aptitude.PRETE


def test_un_gris_facultatif_ne_change_rien() -> None:
    assert decider(MAIRIE, _resultats(MAIRIE, imprimante=Couleur.GRIS)).aptitude is Aptitude.PRETE


def test_un_rouge_facultatif_laisse_prete_avec_reserves() -> None:
    decision = decider(MAIRIE, _resultats(MAIRIE, imprimante=Couleur.ROUGE))
    assert (decision.aptitude, decision.reserves) == (Aptitude.RESERVES, ("imprimante",))


@pytest.mark.parametrize("nom", ["camera", "imprimante"])
def test_un_orange_laisse_prete_avec_reserves(nom: str) -> None:
    decision = decider(MAIRIE, _resultats(MAIRIE, **{nom: Couleur.ORANGE}))
    assert (decision.aptitude, decision.reserves) == (Aptitude.RESERVES, (nom,))


def test_sans_aucun_resultat_pas_prete() -> None:
    assert decider(MAIRIE, []).aptitude is Aptitude.PAS_PRETE


@pytest.mark.exigence("OFFICINE")
@pytest.mark.parametrize("nom", QUATRE)
@pytest.mark.parametrize("couleur", [Couleur.ROUGE, Couleur.GRIS])
def test_l_officine_exige_chacun_de_ses_quatre_appareils(nom: str, couleur: Couleur) -> None:
    decision = decider(OFFICINE, _resultats(OFFICINE, **{nom: couleur}))
    assert (decision.aptitude, decision.bloquants) == (Aptitude.PAS_PRETE, (nom,))


@pytest.mark.exigence("OFFICINE")
@pytest.mark.parametrize("nom", QUATRE)
def test_l_officine_n_accepte_pas_un_appareil_jamais_controle(nom: str) -> None:
    sans = [r for r in _resultats(OFFICINE) if r.controle != nom]
    assert decider(OFFICINE, sans).bloquants == (nom,)


@pytest.mark.parametrize("nom", QUATRE)
def test_la_mairie_se_passe_des_quatre_appareils(nom: str) -> None:
    assert decider(MAIRIE, _resultats(MAIRIE, **{nom: Couleur.ROUGE})).aptitude is Aptitude.RESERVES


def test_un_controle_secondaire_compte_pour_son_role() -> None:
    resultats = [*_resultats(OFFICINE), Resultat("oxymetre:batterie", Couleur.ROUGE, "")]
    decision = decider(OFFICINE, resultats)
    assert (decision.aptitude, decision.bloquants) == (Aptitude.PAS_PRETE, ("oxymetre:batterie",))


def test_un_second_appareil_gris_n_efface_pas_le_premier() -> None:
    resultats = [*_resultats(OFFICINE), Resultat("oxymetre:serie", Couleur.GRIS, "")]
    assert decider(OFFICINE, resultats).aptitude is Aptitude.PRETE


@pytest.mark.parametrize("nom", MAIRIE.vitaux)
def test_un_role_vital_ferme_en_rouge_mais_pas_en_gris(nom: str) -> None:
    rouge = decider(MAIRIE, [*_resultats(MAIRIE), Resultat(nom, Couleur.ROUGE, "")])
    assert (rouge.aptitude, rouge.bloquants) == (Aptitude.PAS_PRETE, (nom,))
    assert decider(MAIRIE, [*_resultats(MAIRIE), Resultat(nom, Couleur.GRIS, "")]).aptitude is Aptitude.PRETE
