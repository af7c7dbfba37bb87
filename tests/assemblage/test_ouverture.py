"""L'ouverture : la borne se contrôle à ses heures, jamais pendant une visite, et n'invite que si elle peut servir."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from borne.assemblage.ouverture import CALME_S
from borne.autotest.contrat import Couleur
from borne.autotest.historique import Historique
from borne.parcours.visite import Etape, Superposition, Visite
from borne.salle.certificats import refus
from borne.salle.stockage import Borne
from tests.assemblage.ouverture_outils import CLE, SEPT_HEURES, Monde


@pytest.fixture(autouse=True)
def heure_universelle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Les heures prévues sont locales : l'essai les veut en UTC."""
    monkeypatch.setenv("TZ", "UTC")
    __import__("time").tzset()


async def test_une_borne_sans_heure_ni_rapport_invite_et_ne_se_controle_pas(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    await monde.passer(86400)
    assert (monde.fermeture, monde.controles) == ("", [])
    assert monde.conduite.admettre()


async def test_l_autotest_part_a_son_heure_une_seule_fois(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("03:30", "07:30"))
    await monde.passer(0)
    assert monde.controles.count("camera") == 1, "jamais contrôlée, elle se contrôle en s'allumant"
    await monde.passer(29 * 60)
    assert monde.controles.count("camera") == 1
    await monde.passer(60)
    await monde.passer(5)
    assert monde.controles.count("camera") == 2
    await monde.passer(20 * 3600)
    assert monde.controles.count("camera") == 3
    assert not any(monde.papiers), "la nuit, aucune page ne sort"


async def test_une_borne_eteinte_la_nuit_se_controle_en_s_allumant(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("03:30",))
    await monde.passer(0)
    monde.maintenant += 24 * 3600
    monde.demarree()
    await monde.conduite.demarrer()
    await monde.passer(0)
    assert monde.controles.count("camera") == 2


async def test_en_s_allumant_la_borne_se_relie_d_abord(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("03:30",))
    monde.conduite.liaison(False)
    await monde.passer(CALME_S - 1)
    assert monde.controles == []
    monde.conduite.liaison(True)
    await monde.passer(0)
    assert monde.controles.count("camera") == 1


async def test_sans_salle_la_borne_se_controle_quand_meme(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("03:30",))
    monde.conduite.liaison(False)
    await monde.passer(CALME_S)
    assert monde.controles.count("camera") == 1


async def test_un_nom_d_appareil_avec_des_espaces_se_certifie(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    monde.autres = ("oxymetre:celui du bureau, à gauche",)
    monde.pannes["oxymetre:celui du bureau, à gauche"] = Couleur.ROUGE
    bilan = await monde.conduite.lancer()
    assert bilan.certificat is not None
    assert bilan.certificat.reserves == ("oxymetre:celui-du-bureau-à-gauche",)
    cle = CLE.public_key().public_bytes_raw()
    assert refus(bilan.certificat, Borne("b-1", "Mairie", cle), None, monde.maintenant) == ""


async def test_jamais_pendant_une_visite(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("07:30",))
    await monde.passer(0)
    monde.visite = Visite(id="v", etape=Etape.MESURE)
    await monde.passer(3600)
    monde.visite = Visite(etape=Etape.PROPRETE)
    await monde.passer(60)
    monde.visite = Visite(superposition=Superposition.QUINZE)
    await monde.passer(60)
    assert monde.controles.count("camera") == 1
    monde.visite = Visite()
    await monde.passer(1)
    assert monde.controles.count("camera") == 1, "un instant de calme, d'abord"
    await monde.passer(CALME_S)
    assert monde.controles.count("camera") == 2


async def test_une_visite_admise_mais_pas_encore_ecrite_n_est_pas_derangee(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("07:30",))
    await monde.passer(0)
    monde.maintenant += 3600
    assert monde.conduite.admettre()
    await monde.passer(1)
    assert monde.controles.count("camera") == 1


async def test_l_accueil_est_ferme_pendant_l_autotest(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    monde.porte.clear()
    tache = asyncio.create_task(monde.conduite.lancer())
    await monde.commence.wait()
    assert monde.fermeture == "verification"
    assert not monde.conduite.admettre()
    monde.porte.set()
    bilan = await tache
    assert (bilan.rapport.aptitude, monde.fermeture, monde.papiers[0]) == ("prete", "", True)


async def test_un_autotest_annule_rouvre_l_accueil(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    monde.porte.clear()
    tache = asyncio.create_task(monde.conduite.lancer())
    await monde.commence.wait()
    tache.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tache
    await monde.passer(1)
    assert monde.fermeture == ""


async def test_une_panne_ferme_et_la_reparation_rouvre_seule(tmp_path: Path) -> None:
    monde = Monde(tmp_path, reessai_min=10.0)
    monde.pannes["camera"] = Couleur.ROUGE
    await monde.conduite.lancer()
    assert monde.fermeture == "panne"
    assert not monde.conduite.admettre()
    monde.pannes.clear()
    await monde.passer(9 * 60)
    assert monde.fermeture == "panne"
    await monde.passer(60)
    assert monde.fermeture == ""
    assert monde.controles[-1] == "camera"
    assert monde.controles.count("disque") == 1, "seul ce qui manquait est refait"
    assert not monde.papiers[-1]


async def test_une_panne_qui_dure_ne_chasse_pas_l_historique(tmp_path: Path) -> None:
    monde = Monde(tmp_path, reessai_min=10.0)
    monde.pannes["camera"] = Couleur.ROUGE
    await monde.conduite.lancer()
    avant = monde.conduite.certificat
    for _ in range(5):
        await monde.passer(600)
    assert monde.controles.count("camera") == 6
    assert len(Historique(tmp_path).rapports()) == 1
    assert monde.conduite.certificat == avant


async def test_refaire_un_controle_ne_prolonge_pas_le_certificat(tmp_path: Path) -> None:
    monde = Monde(tmp_path, validite_h=36.0)
    monde.pannes["camera"] = Couleur.ROUGE
    await monde.conduite.lancer()
    debut = monde.maintenant
    monde.pannes.clear()
    await monde.passer(30 * 3600)
    certificat = monde.conduite.certificat
    assert certificat is not None
    assert (certificat.aptitude, certificat.instant) == ("prete", int(debut + 30 * 3600))
    assert certificat.expire == int(debut + 36 * 3600)
    assert len(Historique(tmp_path).points()) <= 1, "les autres valeurs ne comptent qu'une fois"


async def test_une_panne_facultative_laisse_inviter(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    monde.pannes["imprimante"] = Couleur.ROUGE
    bilan = await monde.conduite.lancer()
    assert (bilan.rapport.aptitude, monde.fermeture) == ("prete avec reserves", "")


async def test_la_panne_survit_au_redemarrage(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    monde.pannes["camera"] = Couleur.ROUGE
    await monde.conduite.lancer()
    monde.demarree()
    await monde.conduite.demarrer()
    assert monde.fermeture == "panne"


async def test_la_salle_revenue_vaut_mieux_que_le_rapport_de_la_nuit(tmp_path: Path) -> None:
    monde = Monde(tmp_path, liaison_s=120.0)
    monde.pannes["salle"] = Couleur.ROUGE
    monde.conduite.liaison(False)
    await monde.conduite.lancer()
    assert monde.fermeture == "panne"
    monde.conduite.liaison(True)
    assert monde.fermeture == ""


async def test_une_salle_perdue_longtemps_ferme_une_coupure_breve_non(tmp_path: Path) -> None:
    monde = Monde(tmp_path, liaison_s=120.0)
    monde.conduite.liaison(False)
    await monde.passer(60)
    monde.conduite.liaison(False)
    assert monde.fermeture == ""
    await monde.passer(61)
    assert monde.fermeture == "liaison"
    assert not monde.conduite.admettre()
    monde.conduite.liaison(True)
    assert monde.fermeture == ""


@pytest.mark.exigence("OFFICINE")
async def test_une_officine_jamais_controlee_n_invite_pas(tmp_path: Path) -> None:
    monde = Monde(tmp_path, profil="officine")
    await monde.conduite.demarrer()
    assert monde.fermeture == "verification"
    assert not monde.conduite.admettre()
    monde.pannes["otoscope"] = Couleur.GRIS
    await monde.passer(0)
    assert monde.fermeture == "panne", "sans heure prévue, elle se contrôle d'elle-même"
    monde.pannes.clear()
    await monde.passer(600)
    assert monde.fermeture == ""
    await monde.passer(36 * 3600 + 1)
    assert (monde.fermeture, monde.controles.count("otoscope")) == ("", 3), "périmé, elle recommence"


async def test_le_certificat_est_publie_verifiable_et_redit(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    bilan = await monde.conduite.lancer()
    assert monde.dits == [bilan.certificat]
    assert bilan.certificat is not None
    cle = CLE.public_key().public_bytes_raw()
    assert refus(bilan.certificat, Borne("b-1", "Mairie", cle), None, monde.maintenant) == ""
    monde.demarree()
    monde.dits.clear()
    await monde.conduite.demarrer()
    monde.conduite.liaison(True)
    assert monde.dits == [bilan.certificat], "après un redémarrage aussi"
    monde.maintenant += 37 * 3600
    monde.conduite.liaison(True)
    assert len(monde.dits) == 1, "périmé, il ne se redit pas"


async def test_un_disque_qui_ecrit_de_nouveau_rouvre_l_accueil(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    monde.pannes["disque"] = Couleur.ROUGE
    await monde.conduite.lancer()
    monde.direct.modifier(panne="erreur-dossier")
    monde.pannes.clear()
    await monde.passer(600)
    assert (monde.direct.etat.panne, monde.fermeture) == ("", "")


async def test_une_borne_jamais_controlee_dont_le_disque_a_failli_rouvre_aussi(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    await monde.passer(0)
    monde.direct.modifier(panne="erreur-dossier")
    await monde.passer(600)
    assert (monde.direct.etat.panne, monde.fermeture) == ("", "")


async def test_une_camera_perdue_en_visite_ferme_pour_le_suivant_puis_se_recontrole(tmp_path: Path) -> None:
    monde = Monde(tmp_path)
    await monde.conduite.lancer()
    monde.visite = Visite(id="v", etape=Etape.CONSULTATION)
    monde.direct.modifier(camera_disponible=False)
    await monde.passer(600)
    assert monde.controles.count("camera") == 1, "jamais pendant la visite"
    monde.visite = Visite()
    assert not monde.conduite.admettre(), "le suivant n'est pas invité, même l'instant d'après"
    monde.pannes["camera"] = Couleur.ROUGE
    await monde.passer(CALME_S)
    assert (monde.fermeture, monde.controles.count("camera")) == ("panne", 2)
    monde.pannes.clear()
    await monde.passer(600)
    assert (monde.fermeture, monde.direct.etat.camera_disponible) == ("", True)


async def test_le_technicien_tient_la_borne(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("07:30",))
    monde.conduite.technicien = True
    await monde.passer(3600)
    assert (monde.controles, monde.conduite.admettre()) == ([], False)


async def test_un_certificat_refuse_se_dit_au_technicien(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    monde = Monde(tmp_path)
    monde.conduite.refuser("Le certificat est daté du futur.")
    assert "daté du futur" in monde.conduite.ennui


async def test_une_horloge_remise_a_l_heure_ne_bloque_pas_l_autotest(tmp_path: Path) -> None:
    monde = Monde(tmp_path, heures=("03:30",))
    monde.maintenant += 10 * 365 * 86400
    await monde.conduite.lancer()
    monde.maintenant = SEPT_HEURES
    await monde.passer(3600)
    assert monde.controles.count("camera") == 2
