"""Chaque appareil Bluetooth virtuel : sa séance enregistrée, rejouée par le même pilote, rend la même mesure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from borne.demonstration.jumeaux import JUMEAUX, MondeBluetooth
from borne.demonstration.peripheriques import PILOTES
from borne.demonstration.radio import backends
from borne.peripheriques.appareils.contrat import Appareil
from borne.peripheriques.ble import Radio
from borne.peripheriques.enregistrement import Enregistreur, lire_seance
from borne.peripheriques.registre import Contexte, Fiche, fabriques
from borne.peripheriques.simulation.rejeu import rejouer

from .virtuels import CADENCE_HZ, DUREE_S, PATIENTE, rien

pytestmark = pytest.mark.asyncio(loop_scope="module")

_VITE: Final = {"attente_suite_s": 0.0}
_CONTINU: Final = {"stabilite_s": 0.0}
REGLAGES: Final[dict[str, dict[str, Any]]] = {
    "saturation_continue": _CONTINU,
    "nonin": _CONTINU,
    "jumper": {**_CONTINU, "appairer": False},
    "poids_annonce": {},
    "glycemie": {**_VITE, "reprendre": False, "relance_s": 0.02, "pas_date_s": 1.0},
    "frequence": {"duree_s": 0.0},
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def monde() -> AsyncIterator[MondeBluetooth]:
    """Tous les appareils virtuels, dont les séances sont très courtes."""
    tous = MondeBluetooth(duree_s=DUREE_S, cadence_hz=CADENCE_HZ, delai_bouton_s=0.0)
    await tous.demarrer()
    yield tous
    await tous.fermer()


@pytest.mark.parametrize("nom", JUMEAUX)
async def test_sa_seance_se_rejoue(monde: MondeBluetooth, tmp_path: Path, nom: str) -> None:
    pilote, reglages = PILOTES[nom], REGLAGES.get(nom, _VITE)
    fiche = Fiche(nom, pilote, nom, reglages={**reglages, "adresse": JUMEAUX[nom].IDENTITE.adresse})
    balayeur, client = backends(monde.adresse_hci, tmp_path)
    with Enregistreur.ouvrir(tmp_path / "seance.jsonl", fiche) as espion:
        radio = Radio(backend_scanner=balayeur, backend_client=client, delais=PATIENTE, espion=espion)
        appareil = fabriques()[pilote](fiche, Contexte(radio))
        assert isinstance(appareil, Appareil)
        lecture = await appareil.mesurer(sur_echantillon=rien, delai_s=60)
    rejouee = await asyncio.to_thread(rejouer, lire_seance(tmp_path / "seance.jsonl"))
    assert [(vue.code, vue.valeur, vue.unite, vue.appareil) for vue in rejouee.mesures] == [
        (vue.code, vue.valeur, vue.unite, vue.appareil) for vue in lecture.mesures
    ]
    assert (rejouee.instant, rejouee.utilisateur) == (lecture.instant, lecture.utilisateur)
