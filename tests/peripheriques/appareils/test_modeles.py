"""Les modèles à manies, de bout en bout : comptes d'une balance (UDS), trames propres de Microlife."""

from __future__ import annotations

from pathlib import Path

import pytest

from borne import mesures as m
from borne.demonstration.jumeau import Jumeau
from borne.demonstration.radio import backends
from borne.mesures import Echantillon
from borne.peripheriques.appareils.pese_personne import PesePersonne, ProfilBalance
from borne.peripheriques.appareils.profil import Profil
from borne.peripheriques.appareils.tensiometre import Tensiometre
from borne.peripheriques.appareils.thermometre import ProfilThermometre, Thermometre
from borne.peripheriques.ble import Delais, Radio
from borne.peripheriques.erreurs import AppairageRefuse, DelaiDepasse
from borne.peripheriques.simulation.tension import Tension

from .modeles_virtuels import BalanceAComptes, MicrolifeVirtuel


def radio_vers(jumeau: Jumeau, dossier: Path) -> Radio:
    """Une borne neuve."""
    balayeur, client = backends(jumeau.adresse_hci, dossier)
    return Radio(backend_scanner=balayeur, backend_client=client, delais=Delais(connexion_s=5.0))


def rien(_echantillon: Echantillon) -> None:
    """Personne ne regarde."""


async def test_balance_a_comptes(tmp_path: Path) -> None:
    """Sans compte dans la fiche, rien n'est écrit à la balance ; avec, le consentement précède la pesée."""
    balance = BalanceAComptes(duree_s=0.2, cadence_hz=20, delai_bouton_s=0.02)
    await balance.demarrer()
    radio = radio_vers(balance, tmp_path)
    with pytest.raises(DelaiDepasse):
        await PesePersonne(radio).mesurer(sur_echantillon=rien, delai_s=1.5)
    assert balance.consenties == []
    bon = ProfilBalance(compte=3, code=1234, attente_suite_s=0.05)
    assert (await PesePersonne(radio, bon).mesurer(sur_echantillon=rien)).valeur(m.POIDS) == pytest.approx(72.4)
    faux = ProfilBalance(compte=3, code=1)
    with pytest.raises(AppairageRefuse):
        await PesePersonne(radio, faux).mesurer(sur_echantillon=rien)
    await balance.fermer()


async def test_microlife(tmp_path: Path) -> None:
    """L'heure, la mémoire, l'adieu ; la mesure d'hier n'est à personne."""
    brassard = MicrolifeVirtuel()
    await brassard.demarrer()
    brassard.etat.memoriser(Tension(181, 111, 99), age_s=86_400)
    profil = Profil(services=("microlife",), appairer=False, pas_date_s=60.0)
    tensiometre = Tensiometre(radio_vers(brassard, tmp_path), profil)
    lecture = await tensiometre.mesurer(sur_echantillon=rien, delai_s=15)
    assert lecture.valeur(m.SYSTOLIQUE) == 128.0
    assert {mesure.appareil for mesure in lecture.mesures} == {"Microlife BP3GY1-2N"}
    assert [ancienne.valeur(m.SYSTOLIQUE) for ancienne in tensiometre.en_memoire] == [181.0]
    assert brassard.ordres == ["heure", "memoire", "adieu"]
    await brassard.fermer()


def test_le_thermometre_dit_ou_il_se_pose() -> None:
    assert Thermometre(profil=ProfilThermometre(site="front")).guide.preparation == ("repos", "sonde-front")
    assert Thermometre().guide.preparation == ("repos", "sonde")
