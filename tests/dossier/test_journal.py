"""Le journal : rien de santé n'y entre, rien ne s'y change sans se voir, une coupure s'y répare."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from borne.dossier.actes import Acte, Acteur, Raison
from borne.dossier.journal import Journal, Tete
from tests.dossier.conftest import VISITE


@pytest.fixture
def chemin(tmp_path: Path) -> Path:
    """Un journal de cinq lignes."""
    journal = Journal(tmp_path / "journal.jsonl")
    journal.ajouter(Acte.BORNE_DEMARREE)
    journal.ajouter(Acte.VISITE_CREEE, visite=VISITE)
    journal.ajouter(Acte.CONSENTEMENT_DONNE, acteur=Acteur.PATIENT, visite=VISITE)
    journal.ajouter(Acte.VISITE_CLOSE, visite=VISITE, empreinte="a" * 64)
    journal.ajouter(Acte.PURGE_FAITE, visite=VISITE, raison=Raison.TRANSMISE, nombre=3)
    journal.fermer()
    return tmp_path / "journal.jsonl"


def lignes(chemin: Path) -> list[bytes]:
    return chemin.read_bytes().splitlines(keepends=True)


@pytest.mark.exigence("DONNEES-JOURNAL")
def test_intact(chemin: Path) -> None:
    journal = Journal(chemin)
    verdict = journal.verifier()
    assert (verdict.intact, verdict.lignes, verdict.ligne) == (True, 5, None)
    assert journal.tete().rang == 5
    assert journal.verifier(ancre=journal.tete()).intact
    assert journal.contient(Acte.PURGE_FAITE, VISITE)
    assert not journal.contient(Acte.PURGE_FAITE, "0" * 32)
    journal.fermer()


ALTERATIONS: dict[str, tuple[int, Callable[[list[bytes]], list[bytes]]]] = {
    "un mot change": (3, lambda li: [*li[:2], li[2].replace(b"donne", b"refus"), *li[3:]]),
    "la dernière change": (5, lambda li: [*li[:4], li[4].replace(b"transmise", b"retention")]),
    "une espace s'ajoute": (2, lambda li: [li[0], li[1].replace(b",", b", ", 1), *li[2:]]),
    "une ligne disparaît": (2, lambda li: [li[0], *li[2:]]),
    "la première disparaît": (1, lambda li: li[1:]),
    "deux lignes s'échangent": (3, lambda li: [*li[:2], li[3], li[2], li[4]]),
    "une ligne s'ajoute": (4, lambda li: [*li[:3], li[2], *li[3:]]),
    "une ligne devient illisible": (4, lambda li: [*li[:3], b"abc\n", li[4]]),
    "une ligne n'est plus un objet": (1, lambda li: [b"[]\n", *li[1:]]),
}


@pytest.mark.exigence("DONNEES-JOURNAL")
@pytest.mark.parametrize("nom", ALTERATIONS)
def test_l_alteration_se_voit_et_se_situe(chemin: Path, nom: str) -> None:
    ligne, alterer = ALTERATIONS[nom]
    chemin.write_bytes(b"".join(alterer(lignes(chemin))))
    journal = Journal(chemin)
    verdict = journal.verifier()
    journal.fermer()
    assert not verdict.intact
    assert verdict.ligne == ligne
    assert verdict.cause


def test_une_chaine_refaite_se_voit_par_l_ancre(chemin: Path, tmp_path: Path) -> None:
    journal = Journal(chemin)
    ancre = journal.tete()
    journal.fermer()
    chemin.write_bytes(b"".join(lignes(chemin)[:3]))
    court = Journal(chemin)
    assert court.verifier().intact
    assert court.verifier(ancre).ligne == 4
    for _ in range(3):
        court.ajouter(Acte.AUTOTEST)
    assert court.verifier().intact
    assert court.verifier(ancre).ligne == 5
    court.fermer()


@pytest.mark.exigence("DONNEES-JOURNAL")
@pytest.mark.parametrize("reste", [b'{"acte":"visite_cl', b"\x00" * 40, b'{"acte":\x00\x00\x00\x00\n'])
def test_une_ligne_coupee_est_retiree_et_c_est_dit(chemin: Path, reste: bytes) -> None:
    avant = lignes(chemin)
    chemin.write_bytes(b"".join(avant) + reste)
    journal = Journal(chemin)
    assert journal.verifier().intact
    journal.fermer()
    apres = lignes(chemin)
    assert apres[:5] == avant
    dite = json.loads(apres[5])
    assert (dite["acte"], dite["raison"], dite["nombre"]) == ("journal_repare", "ligne_coupee", len(reste))


def test_on_continue_apres_une_ligne_alteree_sans_la_couvrir(chemin: Path) -> None:
    chemin.write_bytes(b"".join([*lignes(chemin)[:4], b"abc\n"]))
    journal = Journal(chemin)
    journal.ajouter(Acte.BORNE_DEMARREE)
    assert journal.verifier().ligne == 5
    journal.fermer()


@pytest.mark.exigence("DONNEES-JOURNAL")
def test_rien_de_sante_n_entre(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    for champs in (
        {"visite": "Jeanne Lefèvre"},
        {"empreinte": "tension 128/82"},
        {"raison": "mal à la tête"},
        {"acteur": "Docteur Martin"},
        {"nombre": 33612345678},
        {"nombre": -1},
    ):
        with pytest.raises(ValueError, match=r"attendu|liste"):
            journal.ajouter(Acte.VISITE_CREEE, **champs)
    with pytest.raises(TypeError):
        journal.ajouter(Acte.VISITE_CREEE, nom="Jeanne")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="liste Acte"):
        journal.ajouter("Jeanne a mal")  # type: ignore[arg-type]
    assert journal.tete() == Tete(0, "0" * 64)
    assert (tmp_path / "j").read_bytes() == b""
    journal.fermer()


def test_deux_processus_ajoutent_a_la_meme_chaine(chemin: Path) -> None:
    un, deux = Journal(chemin), Journal(chemin)
    for _ in range(3):
        un.ajouter(Acte.AUTOTEST, acteur=Acteur.TECHNICIEN)
        deux.ajouter(Acte.VISITE_REPRISE, visite=VISITE)
    assert un.verifier().intact
    assert un.verifier().lignes == 11
    un.fermer()
    deux.fermer()
