"""Disque plein : rien n'est montré qui ne soit écrit, l'écran le dit, et tout reprend quand la place revient."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from borne.dossier.serialisation import depuis_json
from borne.mesures import SYSTOLIQUE
from borne.parcours import evenements as e
from borne.parcours.avancer import rejouer
from borne.parcours.visite import Visite
from tests.pannes.conftest import Essai, Patient

PANNE = "La borne ne peut plus enregistrer. Demandez de l'aide."


def _dans_le_dossier(patient: Patient, travail: Callable[..., object]) -> object:
    """Exécute `travail(base, dossier)` dans le fil du dossier ouvert : la vraie base SQLCipher."""
    borne = patient.application._borne
    dossier = borne.regie._dossiers[patient.visite.id]._dossier

    async def faire() -> object:
        return await borne._archives.fil.executer(travail, dossier._base, dossier)

    return asyncio.run_coroutine_threadsafe(faire(), patient.application._boucle.boucle).result(30)


def _limiter(patient: Patient, pages: int | None) -> None:
    """SQLite rend SQLITE_FULL au-delà de ces pages, comme sur un disque plein ; None : la place revient."""
    limite = pages if pages is not None else 4_000_000_000

    def regler(base, _dossier) -> object:  # type: ignore[no-untyped-def]
        return base.execute(f"PRAGMA max_page_count = {limite}").fetchone()

    _dans_le_dossier(patient, regler)


def _remplir(patient: Patient) -> None:
    """Plus une page de libre, puis des lettres jusqu'au refus."""
    _limiter(patient, 1)
    for rang in range(400):
        if patient.application.fenetre.direct.panne:
            return
        patient.fait(e.SaisieModifiee, champ="prenom", valeur="Zo" + "é" * (rang % 20))
        patient.qtbot.wait(5)
    patient.attend(lambda: patient.application.fenetre.direct.panne)


def _gardee(patient: Patient) -> Visite:
    """La visite que rejouent les événements écrits."""
    bruts = _dans_le_dossier(patient, lambda _base, dossier: dossier.evenements())
    return rejouer(depuis_json(b.type, b.version, b.corps) for b in bruts)  # type: ignore[attr-defined]


@pytest.mark.exigence("DONNEES-DURABLE")
def test_disque_plein_en_pleine_frappe(patient: Patient) -> None:
    patient._commencer()
    patient.repond((e.LangueChoisie, {"langue": "fr"}))
    patient.repond((e.ConsentementDonne, {}))
    _remplir(patient)
    patient.lit("Quel est votre prénom ?", PANNE)
    assert patient.vue.controle("Aide") is not None
    patient.qtbot.wait(50)
    assert patient.visite == _gardee(patient)
    _limiter(patient, None)
    patient.touche("L")
    patient.attend(lambda: not patient.vue.lit(PANNE))
    assert patient.visite.champ("prenom").upper().endswith("L")
    assert patient.visite == _gardee(patient)


def test_une_mesure_arrivee_disque_plein_n_est_pas_perdue(essai: Essai, patient: Patient) -> None:
    """Le brassard ne se répète pas : sa mesure attend que le disque ait de la place, et se montre alors."""
    patient.jusqu_a_la_tension()
    patient.pret_a_mesurer()
    patient.touche("Mesurer")
    patient.lit("Le brassard se gonfle.")
    _remplir_mesure(patient)
    patient.lit(PANNE)
    assert patient.visite.mesures == ()
    _limiter(patient, None)
    patient.lit("La mesure est faite.")
    assert [m.valeur for m in patient.visite.mesures if m.code == SYSTOLIQUE] == [137.0]
    assert patient.visite == _gardee(patient)


def _remplir_mesure(patient: Patient) -> None:
    """Des préférences changées jusqu'à la dernière page, avant que la mesure n'arrive."""
    _limiter(patient, 1)
    for rang in range(200):
        if patient.application.fenetre.direct.panne:
            return
        patient.fait(e.PreferenceChangee, nom="volume", valeur=1 + rang % 3)
        patient.qtbot.wait(3)
