"""La purge : tout part, même coupée n'importe où, et le journal le prouve sans donnée de santé."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from borne.dossier.actes import Acte, Raison
from borne.dossier.archives import Archives
from borne.dossier.restes import chercher
from tests.bancs.disque import enregistrer, reconstruire, strace_disponible
from tests.dossier.conftest import AUTRE, CORPS, NOM, VISITE, Fabrique, Horloge, fichiers, lancer

avec_strace = pytest.mark.skipif(not strace_disponible(), reason="strace absent ou sans droit de tracer")

PURGER = """
import sys
from pathlib import Path
from borne.dossier.archives import Archives
archives = Archives(Path(sys.argv[1]) / "donnees", Path(sys.argv[1]) / "cles")
archives.reprendre_purges()
archives.purger(sys.argv[2])
archives.fermer()
"""

JOUR = 86_400.0


def actes(racine: Path) -> list[dict[str, object]]:
    return [json.loads(ligne) for ligne in (racine / "donnees" / "journal.jsonl").read_text().splitlines()]


def visite_close(archives: Archives, visite: str = VISITE) -> None:
    dossier = archives.creer(visite)
    dossier.ajouter("IdentiteDonnee", 1, 0.0, CORPS)
    dossier.ajouter_document("d", "d.pdf", b"%PDF" + NOM.encode())
    archives.clore(visite)


@pytest.mark.exigence("DONNEES-PURGE")
def test_cle_fichier_et_wal_partent_et_c_est_prouve(archiver: Fabrique, tmp_path: Path) -> None:
    archives = archiver()
    visite_close(archives)
    empreinte = archives.ouvrir(VISITE).empreinte()
    avant = fichiers(tmp_path)
    assert f"cles/{VISITE}.cle" in avant
    assert f"donnees/visites/{VISITE}.dossier-wal" in avant
    archives.purger(VISITE, Raison.ABANDON)
    assert fichiers(tmp_path) == []
    preuve = actes(tmp_path)[-1]
    assert (preuve["acte"], preuve["visite"], preuve["raison"]) == ("purge_faite", VISITE, "abandon")
    assert preuve["empreinte"] == empreinte
    assert archives.journal.verifier().intact
    assert NOM not in (tmp_path / "donnees" / "journal.jsonl").read_text()


@pytest.mark.exigence("DONNEES-PURGE")
def test_la_recherche_de_restes_rougit_si_la_purge_est_desactivee(archiver: Fabrique, tmp_path: Path) -> None:
    for active in (True, False):
        archives = archiver(purge_active=active)
        visite_close(archives)
        archives.acquitter(VISITE, archives.ouvrir(VISITE).empreinte())
        assert archives.a_transmettre() == []
        assert archives.visite_ouverte() is None
        restes = chercher([tmp_path / "donnees"], [NOM, "+33612345678"], tmp_path / "cles", [VISITE])
        assert {reste.forme for reste in restes} == (set() if active else {"fichier", "cle", "dechiffre"})
    assert actes(tmp_path)[-1]["acte"] == "purge_desactivee"
    archives = archiver(purge_active=False)
    assert archives.reprendre_purges() == []
    assert archives.a_transmettre() == []
    assert archiver().reprendre_purges() == [VISITE]
    assert fichiers(tmp_path) == []


@pytest.mark.exigence("DONNEES-PURGE")
def test_retention(archiver: Fabrique, tmp_path: Path, horloge: Horloge) -> None:
    archives = archiver()
    visite_close(archives)
    horloge.instant += JOUR
    archives.creer(AUTRE)
    assert archives.appliquer_retention(horloge.instant, 2 * JOUR) == []
    horloge.instant += 30 * JOUR
    assert archives.appliquer_retention(horloge.instant, 2 * JOUR) == [VISITE]
    assert archives.visite_ouverte() == AUTRE
    preuve = actes(tmp_path)[-1]
    assert (preuve["acte"], preuve["raison"], preuve["visite"]) == ("purge_faite", "retention", VISITE)


def test_retention_des_visites_ecartees(archiver: Fabrique, tmp_path: Path, horloge: Horloge) -> None:
    visite_close(archiver())
    archiver()
    chemin = tmp_path / "donnees" / "visites" / f"{VISITE}.dossier"
    chemin.write_bytes(b"\x00" * 8192)
    os.utime(chemin, (horloge.instant, horloge.instant))
    archives = archiver()
    assert archives.ecartees() == [VISITE]
    archives.reprendre_purges()
    assert (tmp_path / "cles" / f"{VISITE}.cle").exists()
    assert archives.appliquer_retention(horloge.instant + JOUR, 2 * JOUR) == []
    assert archives.appliquer_retention(horloge.instant + 3 * JOUR, 2 * JOUR) == [VISITE]
    assert fichiers(tmp_path) == []


def test_une_visite_illisible_se_purge_quand_meme(archiver: Fabrique, tmp_path: Path) -> None:
    visite_close(archiver())
    archives = archiver()
    (tmp_path / "donnees" / "visites" / f"{VISITE}.dossier").write_bytes(b"\x00" * 8192)
    archives.purger(VISITE)
    assert fichiers(tmp_path) == []
    assert archives.ecartees() == []


def test_cle_orpheline_detruite(archiver: Fabrique, tmp_path: Path) -> None:
    visite_close(archiver())
    archiver()
    (tmp_path / "donnees" / "visites" / f"{VISITE}.dossier").unlink()
    archives = archiver()
    archives.reprendre_purges()
    assert fichiers(tmp_path) == []
    assert archives.journal.contient(Acte.CLE_ORPHELINE_DETRUITE, VISITE)


def test_creation_interrompue_nettoyee(archiver: Fabrique, tmp_path: Path) -> None:
    archiver()
    for suffixe in ("", "-wal", "-journal"):
        (tmp_path / "donnees" / "visites" / f"{VISITE}.dossier.neuf{suffixe}").write_bytes(b"moitie")
    archiver()
    assert fichiers(tmp_path) == []


def verifier_tout_ou_rien(racine: Path) -> bool:
    """Après une coupure et un redémarrage : la visite est entière, ou il n'en reste rien. Vrai si purgée."""
    archives = Archives(racine / "donnees", racine / "cles")
    archives.reprendre_purges()
    verdict = archives.journal.verifier()
    purgee = archives.a_transmettre() == []
    try:
        assert verdict.intact, verdict
        assert archives.ecartees() == []
        preuves = [acte for acte in actes(racine) if acte["acte"] == "purge_faite"]
        assert len(preuves) == int(purgee)
        if purgee:
            assert fichiers(racine) == []
        else:
            assert archives.ouvrir(VISITE).evenements()[0].corps == CORPS
            assert archives.ouvrir(VISITE).document("d") == b"%PDF" + NOM.encode()
    finally:
        archives.fermer()
    return purgee


@avec_strace
@pytest.mark.exigence("DONNEES-PURGE")
@pytest.mark.parametrize("appel", ["rename", "unlink", "fsync", "ftruncate", "write"])
def test_purge_tuee_a_chaque_sous_etape(archiver: Fabrique, tmp_path: Path, appel: str) -> None:
    """kill -9 au n-ième appel système, pour tout n, jusqu'à ce que la purge aille au bout."""
    visite_close(archiver())
    archiver()
    modele = tmp_path / "modele"
    for nom in ("donnees", "cles"):
        shutil.copytree(tmp_path / nom, modele / nom)
    tuees = 0
    for n in range(1, 30):
        essai = tmp_path / f"essai{n}"
        shutil.copytree(modele, essai)
        avant = ("strace", "-f", "-o", "/dev/null", "-e", f"inject={appel}:signal=KILL:when={n}")
        processus = lancer(PURGER, str(essai), VISITE, avant=avant)
        _, erreurs = processus.communicate(timeout=60)
        purgee = verifier_tout_ou_rien(essai)
        if processus.returncode == 0:
            assert purgee
            break
        assert "Error" not in erreurs, erreurs
        tuees += 1
    else:
        pytest.fail("la purge n'est jamais allée au bout")
    assert tuees >= 1


@avec_strace
@pytest.mark.exigence("DONNEES-PURGE")
def test_purge_et_coupure_de_courant_apres_chaque_geste(tmp_path: Path) -> None:
    racine = tmp_path / "borne"
    archives = Archives(racine / "donnees", racine / "cles")
    visite_close(archives)
    archives.fermer()
    trace = enregistrer([sys.executable, "-c", PURGER, str(racine), VISITE], [racine])
    assert trace.retour == 0, trace.erreurs
    purgees = []
    for point in trace.points():
        for graine in (None, 1, 2):
            copies = reconstruire(trace, tmp_path / f"{point}-{graine}", point, graine)
            purgees.append(verifier_tout_ou_rien(copies[racine]))
    assert not purgees[0]
    assert purgees[-1]


def test_purge_reprise_apres_une_panne_en_cours(archiver: Fabrique, tmp_path: Path) -> None:
    """Le marqueur posé, la purge reprend même si le fichier de clé et les annexes sont déjà partis."""
    visite_close(archiver())
    archiver()
    marqueur = tmp_path / "donnees" / "visites" / f"{VISITE}.transmise.-.purge"
    (tmp_path / "donnees" / "visites" / f"{VISITE}.dossier").rename(marqueur)
    archives = archiver()
    assert archives.a_transmettre() == []
    assert archives.reprendre_purges() == [VISITE]
    assert fichiers(tmp_path) == []
