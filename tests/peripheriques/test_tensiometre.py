"""La tension de bout en bout : vrai pilote, vrai bleak, vraie pile Bluetooth des deux côtés, sans matériel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from borne import mesures as m
from borne.demonstration.brassard import BrassardVirtuel
from borne.mesures import Echantillon
from borne.peripheriques.appareils.contrat import Etape
from borne.peripheriques.appareils.tensiometre import Profil, Tensiometre
from borne.peripheriques.ble import Radio
from borne.peripheriques.erreurs import (
    AppareilAbsent,
    AppareilPerdu,
    DelaiDepasse,
    HorlogeDecalee,
    MesureAncienne,
    MesureArretee,
    MesureDejaEnCours,
    MesureImpossible,
    RadioIndisponible,
    TrameInvalide,
)
from borne.peripheriques.formats import Lecture
from borne.peripheriques.simulation.comportement import Comportement
from borne.peripheriques.simulation.tension import Tension

from .conftest import radio_vers

VITE = Profil(recherche_s=10.0)


def rien(_echantillon: Echantillon) -> None:
    """Personne ne regarde la courbe."""


def quand_gonfle(gonfle: asyncio.Event) -> Callable[[Etape], None]:
    def rappel(etape: Etape) -> None:
        if etape is Etape.MESURE:
            gonfle.set()

    return rappel


def trois(lecture: Lecture) -> tuple[float | None, float | None, float | None]:
    return tuple(lecture.valeur(c) for c in (m.SYSTOLIQUE, m.DIASTOLIQUE, m.FREQUENCE_CARDIAQUE))  # type: ignore[return-value]


async def test_mesure_complete(brassard: BrassardVirtuel, radio: Radio) -> None:
    brassard.etat.valeur = Tension(134, 82, 71)
    etapes: list[Etape] = []
    pressions: list[Echantillon] = []
    tensiometre = Tensiometre(radio, VITE)
    lecture = await tensiometre.mesurer(sur_echantillon=pressions.append, sur_etat=etapes.append)
    envoi = brassard.etat.envois[-1]
    assert trois(lecture) == (134.0, 82.0, 71.0) == tuple(envoi.valeurs.values())
    assert [mesure.unite for mesure in lecture.mesures] == [m.MMHG] * 3 + [m.BATTEMENTS_MINUTE]
    assert {mesure.appareil for mesure in lecture.mesures} == {"Borne libre Brassard virtuel"}
    assert etapes == [Etape.RECHERCHE, Etape.TROUVE, Etape.ATTENTE, Etape.MESURE]
    assert len(pressions) == 10
    assert {p.nature for p in pressions} == {m.PRESSION_BRASSARD}
    assert max(p.valeur for p in pressions) > 150
    assert pressions[-1].valeur == 0.0
    assert tensiometre.batterie == 87
    assert tensiometre.en_memoire == ()
    assert not brassard.relie


async def test_appairage_garde_au_lancement_suivant(brassard: BrassardVirtuel, radio: Radio, tmp_path: Path) -> None:
    await Tensiometre(radio, VITE).mesurer(sur_echantillon=rien)
    cles = (tmp_path / "cles.json").read_bytes()
    relancee = radio_vers(brassard.adresse_hci, tmp_path)
    await Tensiometre(relancee, VITE).mesurer(sur_echantillon=rien)
    assert (tmp_path / "cles.json").read_bytes() == cles
    assert await brassard.nombre_appairages() == 1


async def test_cles_perdues_par_le_brassard(brassard: BrassardVirtuel, radio: Radio, tmp_path: Path) -> None:
    await Tensiometre(radio, VITE).mesurer(sur_echantillon=rien)
    avant = (tmp_path / "cles.json").read_bytes()
    await brassard.oublier_cles()
    lecture = await Tensiometre(radio, VITE).mesurer(sur_echantillon=rien)
    assert lecture.valeur(m.SYSTOLIQUE) == 128.0
    assert (tmp_path / "cles.json").read_bytes() != avant


async def test_cles_perdues_par_la_borne(brassard: BrassardVirtuel, tmp_path: Path) -> None:
    for nom in ("une", "autre"):
        dossier = tmp_path / nom
        lecture = await Tensiometre(radio_vers(brassard.adresse_hci, dossier), VITE).mesurer(sur_echantillon=rien)
        assert lecture.valeur(m.SYSTOLIQUE) == 128.0
    (tmp_path / "une" / "cles.json").unlink()
    await Tensiometre(radio_vers(brassard.adresse_hci, tmp_path / "une"), VITE).mesurer(sur_echantillon=rien)


async def test_absent_puis_revenu(brassard: BrassardVirtuel, radio: Radio) -> None:
    await brassard.conduire(Comportement.ABSENT)
    tensiometre = Tensiometre(radio, Profil(recherche_s=0.5))
    with pytest.raises(AppareilAbsent):
        await tensiometre.mesurer(sur_echantillon=rien)
    await brassard.conduire(Comportement.NORMAL)
    assert (await tensiometre.mesurer(sur_echantillon=rien)).valeur(m.SYSTOLIQUE) == 128.0


async def test_allume_pendant_la_recherche(brassard: BrassardVirtuel, radio: Radio) -> None:
    await brassard.eteindre()
    mesure = asyncio.create_task(Tensiometre(radio, VITE).mesurer(sur_echantillon=rien))
    await asyncio.sleep(0.3)
    await brassard.allumer()
    assert (await mesure).valeur(m.SYSTOLIQUE) == 128.0


async def test_eteint_en_gonflant_puis_repris(brassard: BrassardVirtuel, radio: Radio) -> None:
    await brassard.conduire(Comportement.ETEINDRE_EN_MESURE)
    tensiometre = Tensiometre(radio, VITE)
    pressions: list[Echantillon] = []
    with pytest.raises(AppareilPerdu):
        await tensiometre.mesurer(sur_echantillon=pressions.append)
    assert max(p.valeur for p in pressions) > 50
    assert not brassard.etat.envois
    await brassard.conduire(Comportement.NORMAL)
    assert (await tensiometre.mesurer(sur_echantillon=rien)).valeur(m.SYSTOLIQUE) == 128.0


async def test_trame_tronquee(brassard: BrassardVirtuel, radio: Radio) -> None:
    await brassard.conduire(Comportement.TRAME_TRONQUEE)
    with pytest.raises(TrameInvalide):
        await Tensiometre(radio, VITE).mesurer(sur_echantillon=rien)


async def test_nan_donne_un_conseil_et_jamais_zero(brassard: BrassardVirtuel, radio: Radio) -> None:
    await brassard.conduire(Comportement.NAN)
    with pytest.raises(MesureImpossible) as echec:
        await Tensiometre(radio, VITE).mesurer(sur_echantillon=rien)
    assert "immobile" in echec.value.conseil
    assert echec.value.faute == "mouvement"


async def test_mesure_d_hier_jamais_attribuee(brassard: BrassardVirtuel, radio: Radio) -> None:
    brassard.etat.memoriser(Tension(181, 111, 99), age_s=86_400)
    brassard.etat.memoriser(Tension(182, 112, 98), age_s=5)
    tensiometre = Tensiometre(radio, VITE)
    lecture = await tensiometre.mesurer(sur_echantillon=rien)
    assert trois(lecture) == (128.0, 79.0, 66.0)
    assert [ancienne.valeur(m.SYSTOLIQUE) for ancienne in tensiometre.en_memoire] == [181.0, 182.0]


async def test_memoire_seule(brassard: BrassardVirtuel, radio: Radio) -> None:
    brassard.mesure_a_l_abonnement = False
    brassard.etat.memoriser(Tension(181, 111, 99), age_s=86_400)
    tensiometre = Tensiometre(radio, VITE)
    mesure = asyncio.create_task(tensiometre.mesurer(sur_echantillon=rien))
    while not brassard.etat.envois:  # noqa: ASYNC110 (le brassard n'a pas d'événement à offrir)
        await asyncio.sleep(0.02)
    await brassard.eteindre()
    with pytest.raises(MesureAncienne):
        await mesure
    assert len(tensiometre.en_memoire) == 1


async def test_horloge_en_retard(brassard: BrassardVirtuel, radio: Radio) -> None:
    await brassard.conduire(Comportement.HORLOGE_EN_RETARD)
    tensiometre = Tensiometre(radio, VITE)
    with pytest.raises(HorlogeDecalee):
        await tensiometre.mesurer(sur_echantillon=rien)
    assert len(tensiometre.en_memoire) == 1


@pytest.mark.parametrize("comportement", [Comportement.SANS_DATE, Comportement.COUPER_APRES])
async def test_resultat_retenu(brassard: BrassardVirtuel, radio: Radio, comportement: Comportement) -> None:
    await brassard.conduire(comportement)
    assert trois(await Tensiometre(radio, VITE).mesurer(sur_echantillon=rien)) == (128.0, 79.0, 66.0)


async def test_attendre_la_suite(brassard: BrassardVirtuel, radio: Radio) -> None:
    profil = Profil(recherche_s=10.0, attente_suite_s=0.3)
    assert trois(await Tensiometre(radio, profil).mesurer(sur_echantillon=rien)) == (128.0, 79.0, 66.0)


async def test_muet(brassard: BrassardVirtuel, radio: Radio) -> None:
    await brassard.conduire(Comportement.MUET)
    with pytest.raises(DelaiDepasse):
        await Tensiometre(radio, VITE).mesurer(sur_echantillon=rien, delai_s=1.0)
    assert not brassard.relie


async def test_arret_demande_en_gonflant(brassard: BrassardVirtuel, radio: Radio) -> None:
    brassard.duree_s = 30.0
    gonfle = asyncio.Event()
    tensiometre = Tensiometre(radio, VITE)
    mesure = asyncio.create_task(tensiometre.mesurer(sur_echantillon=rien, sur_etat=quand_gonfle(gonfle)))
    await gonfle.wait()
    with pytest.raises(MesureDejaEnCours):
        await tensiometre.mesurer(sur_echantillon=rien)
    await tensiometre.arreter()
    with pytest.raises(MesureArretee):
        await mesure
    await tensiometre.arreter()
    assert not brassard.relie
    assert not brassard.mesure_en_cours
    brassard.duree_s = 0.5
    assert (await tensiometre.mesurer(sur_echantillon=rien)).valeur(m.SYSTOLIQUE) == 128.0


async def test_annulation_de_l_appelant(brassard: BrassardVirtuel, radio: Radio) -> None:
    brassard.duree_s = 30.0
    gonfle = asyncio.Event()
    tensiometre = Tensiometre(radio, VITE)
    mesure = asyncio.create_task(tensiometre.mesurer(sur_echantillon=rien, sur_etat=quand_gonfle(gonfle)))
    await gonfle.wait()
    mesure.cancel()
    with pytest.raises(asyncio.CancelledError):
        await mesure
    assert not brassard.relie


async def test_adaptateur_arrache_en_gonflant(brassard: BrassardVirtuel, radio: Radio) -> None:
    brassard.duree_s = 30.0
    gonfle = asyncio.Event()
    tensiometre = Tensiometre(radio, VITE)
    mesure = asyncio.create_task(tensiometre.mesurer(sur_echantillon=rien, sur_etat=quand_gonfle(gonfle)))
    await gonfle.wait()
    await brassard.monde.debrancher()
    with pytest.raises(AppareilPerdu):
        await mesure
    brassard.duree_s = 0.5
    assert (await tensiometre.mesurer(sur_echantillon=rien)).valeur(m.SYSTOLIQUE) == 128.0


async def test_sans_radio(tmp_path: Path) -> None:
    with pytest.raises(RadioIndisponible):
        await Tensiometre(radio_vers("127.0.0.1:1", tmp_path), VITE).mesurer(sur_echantillon=rien)


async def test_sondage_sans_mesure(brassard: BrassardVirtuel, radio: Radio) -> None:
    tensiometre = Tensiometre(radio, VITE)
    sondage = await tensiometre.sonder(delai_s=10)
    assert sondage.repond
    assert (sondage.modele, sondage.serie, sondage.version) == ("Borne libre Brassard virtuel", "0001", "1.0")
    assert (sondage.batterie, sondage.appaire, sondage.faute) == (87, True, "")
    assert sondage.ecart_horloge_s is not None
    assert abs(sondage.ecart_horloge_s) < 5
    assert brassard.etat.mesures_commencees == 0
    assert not brassard.relie
    await brassard.eteindre()
    assert (await tensiometre.sonder(delai_s=0.5)).faute == AppareilAbsent.code


async def test_sondage_et_mesure_ne_se_genent_pas(brassard: BrassardVirtuel, radio: Radio) -> None:
    """Deux liaisons à un même appareil échoueraient toutes les deux : la mesure attend la fin du sondage."""
    tensiometre = Tensiometre(radio, VITE)
    sondage, lecture = await asyncio.gather(tensiometre.sonder(), tensiometre.mesurer(sur_echantillon=rien))
    assert sondage.repond
    assert lecture.valeur(m.SYSTOLIQUE) == 128.0
    mesure = asyncio.create_task(tensiometre.mesurer(sur_echantillon=rien))
    await asyncio.sleep(0)
    assert (await tensiometre.sonder()).faute == MesureDejaEnCours.code
    await mesure
