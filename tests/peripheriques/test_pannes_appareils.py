"""Chaque pilote Bluetooth contre son jumeau, sur la vraie pile radio : la mesure, puis chaque panne et son remède.

Un seul monde virtuel pour tout le fichier : une panne qui laisserait un appareil ou la borne mal en point ferait
échouer les essais d'après.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from borne.demonstration.glucometre import GlucometreVirtuel
from borne.demonstration.jumeaux import MondeBluetooth
from borne.peripheriques.erreurs import (
    AppairageRefuse,
    AppareilAbsent,
    AppareilPerdu,
    DelaiDepasse,
    ErreurPeripherique,
    MesureAncienne,
    MesureArretee,
    MesureImpossible,
    RadioIndisponible,
    TrameInvalide,
)
from borne.peripheriques.simulation.comportement import Comportement

from .virtuels import CADENCE_HZ, COUPLES, DUREE_S, Poste

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOUS = tuple(COUPLES)
RELIES = tuple(nom for nom in COUPLES if nom != "poids_annonce")
CHIFFRES = tuple(nom for nom, couple in COUPLES.items() if couple.chiffre)
PONCTUELS = tuple(nom for nom in RELIES if not COUPLES[nom].continu)
CONTINUS = tuple(nom for nom in RELIES if COUPLES[nom].continu)
SANS_VALEUR = {nom: "contact-perdu" if nom == "frequence" else "doigt-retire" for nom in CONTINUS}
"""La maladresse où un flux ne donne rien."""
BREF_S = 0.3
"""Délai d'une mesure dont l'appareil ne dira rien."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def poste(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Poste]:
    """Une borne, et tous les appareils virtuels."""
    monde = MondeBluetooth(duree_s=DUREE_S, cadence_hz=CADENCE_HZ, delai_bouton_s=0.0)
    await monde.demarrer()
    dossier: Path = tmp_path_factory.mktemp("radio")
    yield Poste(monde, dossier)
    await monde.fermer()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def remise_en_etat(poste: Poste) -> AsyncIterator[None]:
    """Chaque essai trouve et laisse les appareils en bon état."""
    yield
    poste.monde.lien.remettre()
    for jumeau in poste.monde.jumeaux.values():
        jumeau.etat.faute = ""
        jumeau.etat.memoire.clear()
        if isinstance(jumeau, GlucometreVirtuel):
            jumeau.vider()
        jumeau.mode_appairage = True
        if jumeau.etat.comportement is not Comportement.NORMAL or not jumeau.allume:
            await jumeau.conduire(Comportement.NORMAL)


async def vaine_mesure(poste: Poste, nom: str, suffit: Callable[[set[str]], bool]) -> set[str]:
    """Une mesure qui échoue, ou que l'on arrête quand les fautes dites suffisent ; toutes les fautes dites."""
    pilote = poste.pilote(nom)
    dites: set[str] = set()
    mesure = asyncio.create_task(pilote.mesurer(sur_echantillon=lambda _: None, sur_faute=dites.add))
    while not mesure.done() and not suffit(dites):  # noqa: ASYNC110 (le jumeau n'a pas d'événement à offrir)
        await asyncio.sleep(0.005)
    await pilote.arreter()
    with pytest.raises((MesureImpossible, MesureArretee)) as echec:
        await mesure
    assert not poste.jumeau(nom).relie
    return dites | {echec.value.faute}


async def bonne_mesure(poste: Poste, nom: str) -> None:
    """Une mesure réussie, qui rend ce que l'appareil a envoyé."""
    lecture = await poste.mesurer(nom)
    valeurs = COUPLES[nom].valeurs(lecture)
    assert None not in valeurs
    if not COUPLES[nom].continu:
        assert valeurs == tuple(poste.jumeau(nom).etat.envois[-1].valeurs.values())
    assert not poste.jumeau(nom).relie


@pytest.mark.parametrize("nom", TOUS)
async def test_mesure(poste: Poste, nom: str) -> None:
    await bonne_mesure(poste, nom)


@pytest.mark.parametrize("nom", ["tension", "poids_annonce"])
async def test_absent_puis_revenu(poste: Poste, nom: str) -> None:
    await poste.jumeau(nom).conduire(Comportement.ABSENT)
    with pytest.raises((AppareilAbsent, DelaiDepasse)):
        await poste.mesurer(nom, prompt=True, delai_s=BREF_S)
    await poste.jumeau(nom).conduire(Comportement.NORMAL)
    await bonne_mesure(poste, nom)


@pytest.mark.parametrize("nom", ["tension", "jumper"])
@pytest.mark.parametrize("comportement", [Comportement.ETEINDRE_EN_ANNONCE, Comportement.ETEINDRE_RELIE])
async def test_eteint_avant_l_abonnement(poste: Poste, nom: str, comportement: Comportement) -> None:
    await poste.jumeau(nom).conduire(comportement)
    with pytest.raises((AppareilAbsent, AppareilPerdu)):
        await poste.mesurer(nom, prompt=True)
    await poste.jumeau(nom).conduire(Comportement.NORMAL)
    await bonne_mesure(poste, nom)


@pytest.mark.parametrize("nom", RELIES)
@pytest.mark.parametrize("comportement", [Comportement.ETEINDRE_ABONNE, Comportement.ETEINDRE_EN_MESURE])
async def test_eteint_en_pleine_seance(poste: Poste, nom: str, comportement: Comportement) -> None:
    jumeau = poste.jumeau(nom)
    await jumeau.conduire(comportement)
    if COUPLES[nom].continu:
        # Un flux n'a encore rien donné de sûr quand il s'éteint.
        jumeau.etat.faute = SANS_VALEUR[nom]
    with pytest.raises(AppareilPerdu):
        await poste.mesurer(nom)
    jumeau.etat.faute = ""
    await jumeau.conduire(Comportement.NORMAL)
    await bonne_mesure(poste, nom)


@pytest.mark.parametrize("nom", PONCTUELS)
async def test_eteint_apres_le_resultat(poste: Poste, nom: str) -> None:
    """Ce qui est mesuré n'est pas perdu : le résultat accusé avant l'extinction est rendu."""
    await poste.jumeau(nom).conduire(Comportement.ETEINDRE_APRES)
    lecture = await poste.mesurer(nom)
    assert COUPLES[nom].valeurs(lecture) == tuple(poste.jumeau(nom).etat.envois[-1].valeurs.values())


@pytest.mark.parametrize(
    ("comportement", "erreur"),
    [(Comportement.TRAME_TRONQUEE, TrameInvalide), (Comportement.NAN, MesureImpossible)],
)
@pytest.mark.parametrize("nom", PONCTUELS)
async def test_resultat_abime_ou_sans_valeur(
    poste: Poste, nom: str, comportement: Comportement, erreur: type[ErreurPeripherique]
) -> None:
    await poste.jumeau(nom).conduire(comportement)
    if (nom, comportement) == ("saturation", Comportement.NAN):
        # Un oxymètre qui échoue reste en ligne : on lui laisse le temps de se reprendre.
        await vaine_mesure(poste, nom, lambda dites: "signal-faible" in dites)
        return
    with pytest.raises(erreur):
        await poste.mesurer(nom)


@pytest.mark.parametrize("comportement", [Comportement.TRAME_TRONQUEE, Comportement.NAN])
@pytest.mark.parametrize("nom", CONTINUS)
async def test_flux_sans_valeur(poste: Poste, nom: str, comportement: Comportement) -> None:
    etat = poste.jumeau(nom).etat
    await poste.jumeau(nom).conduire(comportement)
    envois = len(etat.envois)
    await vaine_mesure(poste, nom, lambda _: len(etat.envois) > envois)


@pytest.mark.parametrize("nom", ["tension", "poids", "glycemie", "nonin", "poids_annonce"])
async def test_muet(poste: Poste, nom: str) -> None:
    await poste.jumeau(nom).conduire(Comportement.MUET)
    with pytest.raises((DelaiDepasse, AppareilAbsent)):
        await poste.mesurer(nom, delai_s=BREF_S)


@pytest.mark.parametrize("nom", PONCTUELS)
async def test_memoire_seule(poste: Poste, nom: str) -> None:
    jumeau, pilote = poste.jumeau(nom), poste.pilote(nom)
    jumeau.etat.memoriser(jumeau.etat.valeur, 86_400)
    await jumeau.conduire(Comportement.MEMOIRE_SEULE)
    with pytest.raises((MesureAncienne, AppareilPerdu)):
        await pilote.mesurer(sur_echantillon=lambda _: None)
    assert len(pilote.en_memoire) == 1


@pytest.mark.parametrize("nom", CHIFFRES)
async def test_cles_oubliees_puis_refaites(poste: Poste, nom: str) -> None:
    await bonne_mesure(poste, nom)
    await poste.jumeau(nom).oublier_cles()
    await bonne_mesure(poste, nom)
    assert await poste.jumeau(nom).nombre_appairages() == 1


@pytest.mark.parametrize("nom", ["temperature", "nonin", "glycemie"])
async def test_appaire_a_une_autre_borne(poste: Poste, nom: str) -> None:
    await poste.jumeau(nom).appairer_ailleurs()
    with pytest.raises(AppairageRefuse):
        await poste.mesurer(nom)
    poste.jumeau(nom).mode_appairage = True
    await bonne_mesure(poste, nom)


@pytest.mark.parametrize("nom", ["temperature", "poids_annonce", "frequence"])
async def test_adaptateur_retire_puis_remis(poste: Poste, nom: str) -> None:
    await poste.monde.lien.retirer()
    with pytest.raises(RadioIndisponible):
        await poste.mesurer(nom)
    poste.monde.lien.remettre()
    await bonne_mesure(poste, nom)


@pytest.mark.parametrize(
    ("nom", "faute"),
    [
        ("tension", "mouvement"),
        ("tension", "brassard-lache"),
        ("temperature", "sonde-retiree"),
        ("temperature", "sonde-mal-placee"),
        ("saturation", "doigt-bouge"),
        ("saturation", "main-froide"),
        ("saturation_continue", "doigt-retire"),
        ("poids", "pesee-manquee"),
        ("poids_annonce", "descendu-trop-tot"),
        ("glycemie", "goutte-insuffisante"),
        ("glycemie", "solution-de-controle"),
        ("frequence", "contact-perdu"),
    ],
)
async def test_faute_accusee(poste: Poste, nom: str, faute: str) -> None:
    """La maladresse se dit pendant la mesure, ou avec l'échec ; jamais de valeur."""
    poste.jumeau(nom).etat.faute = faute
    assert faute in await vaine_mesure(poste, nom, lambda dites: faute in dites)


async def test_pouls_irregulier_se_mesure(poste: Poste) -> None:
    poste.jumeau("tension").etat.faute = "pouls-irregulier"
    lecture = await poste.mesurer("tension")
    etat = lecture.details["status"]
    assert isinstance(etat, dict)
    assert etat["irregular"]


@pytest.mark.parametrize("nom", ["tension", "temperature"])
async def test_horloge_mise_a_l_heure(poste: Poste, nom: str) -> None:
    jumeau = poste.jumeau(nom)
    jumeau.etat.ecart_horloge_s = -86_400.0
    await bonne_mesure(poste, nom)
    assert abs(jumeau.etat.ecart_horloge_s) <= 2.0


async def test_batterie_basse(poste: Poste) -> None:
    pilote, jumeau = poste.pilote("poids"), poste.jumeau("poids")
    jumeau.etat.batterie = 7
    await pilote.mesurer(sur_echantillon=lambda _: None)
    assert (await pilote.sonder()).batterie == 7
    jumeau.etat.batterie = 87


@pytest.mark.parametrize("nom", ["tension", "temperature", "poids"])
async def test_mesure_d_abord_annonce_ensuite(poste: Poste, nom: str) -> None:
    """A&D et d'autres : rien dans l'air avant la mesure, faite sans borne ; puis elle est rendue."""
    jumeau = poste.jumeau(nom)
    await jumeau.differer()
    try:
        mesure = asyncio.create_task(poste.mesurer(nom))
        while not poste.monde.lien.lien.ecoutent():  # noqa: ASYNC110 (le lien n'a pas d'événement à offrir)
            await asyncio.sleep(0.005)
        jumeau.presser()
        assert COUPLES[nom].valeurs(await mesure) == tuple(jumeau.etat.envois[-1].valeurs.values())
    finally:
        jumeau.differe, jumeau.mesure_a_l_abonnement = False, True
        await jumeau.allumer()
    await bonne_mesure(poste, nom)


async def test_adaptateur_retire_pendant_la_recherche(poste: Poste) -> None:
    """Aucun appareil à portée, l'adaptateur s'en va : la recherche finit à son délai, et la suivante le dit."""
    await poste.jumeau("tension").eteindre()
    mesure = asyncio.create_task(poste.mesurer("tension", prompt=True))
    while not poste.monde.lien.lien.ecoutent():  # noqa: ASYNC110 (le lien n'a pas d'événement à offrir)
        await asyncio.sleep(0.005)
    await poste.monde.lien.retirer()
    with pytest.raises((AppareilAbsent, RadioIndisponible)):
        await mesure
    with pytest.raises(RadioIndisponible):
        await poste.mesurer("tension")
    poste.monde.lien.remettre()
    await poste.jumeau("tension").allumer()
    await bonne_mesure(poste, "tension")
