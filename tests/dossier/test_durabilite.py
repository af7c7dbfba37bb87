"""Ce qui est dit gardé l'est : kill -9, coupure de courant, disque plein."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from borne.dossier.archives import Archives
from tests.bancs.disque import VISITE as VISITE_DU_BANC
from tests.bancs.disque import coupures_perdantes, enregistrer, perdus, reconstruire, strace_disponible
from tests.dossier.conftest import VISITE, lancer

avec_strace = pytest.mark.skipif(not strace_disponible(), reason="strace absent ou sans droit de tracer")

ECRIRE_SANS_FIN = """
import itertools, sys
from pathlib import Path
from borne.dossier.archives import Archives
archives = Archives(Path(sys.argv[1]) / "donnees", Path(sys.argv[1]) / "cles")
dossier = archives.creer(sys.argv[2])
for n in itertools.count():
    print(dossier.ajouter("X", 1, float(n), b'{"texte": "' + b"x" * 700 + b'"}'), flush=True)
"""

REMPLIR = """
import json, sys
from pathlib import Path
from borne.dossier.archives import Archives
from borne.dossier.erreurs import DossierPlein
racine, visite, suivante = Path(sys.argv[1]), sys.argv[2], "f" * 32
archives = Archives(racine / "donnees", racine / "cles")
dossier, gardes, plein = archives.creer(visite), 0, False
try:
    while gardes < 100_000:
        dossier.ajouter("X", 1, float(gardes), b'{"texte": "' + b"x" * 700 + b'"}')
        gardes += 1
except DossierPlein as erreur:
    plein, phrase = True, str(erreur)
while True:
    try:
        with (racine / "bourre").open("ab", buffering=0) as bourre:
            bourre.write(b"x" * 1024)
    except OSError:
        break
relus = len(dossier.evenements())
archives.purger(visite)
(racine / "bourre").unlink()
neuf = archives.creer(suivante).ajouter("X", 1, 0.0, b"{}")
intact = archives.journal.verifier().intact
archives.fermer()
restes = [f.name for f in racine.rglob(f"{visite}*")]
print(json.dumps({"plein": plein, "phrase": phrase, "gardes": gardes, "relus": relus, "neuf": neuf,
    "restes": restes, "intact": intact}))
"""

CREER_SANS_PLACE = """
import json, sys
from pathlib import Path
from borne.dossier.archives import Archives
from borne.dossier.erreurs import DossierPlein
racine, visite, laisser = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
archives = Archives(racine / "donnees", racine / "cles")
with (racine / "bourre").open("wb", buffering=0) as bourre:
    try:
        while True:
            bourre.write(b"x" * 4096)
    except OSError:
        bourre.truncate(bourre.tell() - laisser)
resultat = []
try:
    archives.creer(visite)
except DossierPlein:
    resultat.append("plein")
resultat += sorted(f.name for f in racine.rglob("*") if f.is_file() and visite in f.name)
(racine / "bourre").unlink()
archives.creer(visite).ajouter("X", 1, 0.0, b"{}")
assert archives.journal.verifier().intact
archives.fermer()
print(json.dumps(resultat))
"""


@pytest.mark.exigence("DONNEES-DURABLE")
@pytest.mark.parametrize("apres", [1, 17, 140, 400])
def test_kill_9_en_pleine_ecriture(tmp_path: Path, apres: int) -> None:
    processus = lancer(ECRIRE_SANS_FIN, str(tmp_path), VISITE)
    assert processus.stdout is not None
    # Sans tampon : celui de Python mangerait des rangs déjà dits, que communicate ne rendrait plus.
    sortie = b""
    while sortie.count(b"\n") < apres:
        lu = os.read(processus.stdout.fileno(), 4096)
        assert lu, "le sous-processus s'est arrêté de lui-même"
        sortie += lu
    processus.kill()
    sortie += processus.communicate(timeout=60)[0].encode()
    dits = [int(ligne) for ligne in sortie.splitlines()]
    archives = Archives(tmp_path / "donnees", tmp_path / "cles")
    assert archives.visite_ouverte() == VISITE
    relus = [e.rang for e in archives.ouvrir(VISITE).evenements()]
    archives.fermer()
    assert len(dits) >= apres
    assert relus[: len(dits)] == dits
    assert len(relus) <= len(dits) + 1


@avec_strace
@pytest.mark.exigence("DONNEES-DURABLE")
def test_une_coupure_ne_perd_rien_en_full_et_le_controle_sait_echouer() -> None:
    assert coupures_perdantes("FULL", 40, 40, graine=3) == 0
    assert coupures_perdantes("NORMAL", 40, 40, graine=3) > 0


@avec_strace
@pytest.mark.exigence("DONNEES-DURABLE")
def test_coupure_apres_chaque_geste_de_la_creation(tmp_path: Path) -> None:
    """De la première clé au premier événement : la visite n'existe pas, ou elle se rouvre ; jamais entre les deux."""
    racine = tmp_path / "borne"
    racine.mkdir()
    commande = [sys.executable, "-m", "tests.bancs.disque", "--ecrivain", str(racine), "FULL", "2"]
    trace = enregistrer(commande, [racine])
    assert trace.retour == 0, trace.erreurs
    ecartees = []
    for point in trace.points():
        for graine in (None, 5):
            assert perdus(trace, point, graine) == 0
            (copie,) = reconstruire(trace, tmp_path / f"{point}-{graine}", point, graine).values()
            archives = Archives(copie / "donnees", copie / "cles")
            archives.reprendre_purges()
            ecartees += archives.ecartees()
            cles = sorted(f.name for f in (copie / "cles").iterdir())
            assert cles in ([], [f"{VISITE_DU_BANC}.cle"])
            assert bool(cles) == (archives.visite_ouverte() is not None)
            archives.fermer()
    assert ecartees == []


@avec_strace
def test_sans_fsync_le_banc_voit_la_perte(tmp_path: Path) -> None:
    programme = """
import os, sys
descripteur = os.open(sys.argv[1] + "/f", os.O_WRONLY | os.O_CREAT, 0o600)
os.write(descripteur, b"a" * 2000)
if sys.argv[2] == "fsync":
    os.fsync(descripteur)
    os.fsync(os.open(sys.argv[1], os.O_RDONLY))
os.write(descripteur, b"b" * 2000)
os.rename(sys.argv[1] + "/f", sys.argv[1] + "/g")
"""
    restes = {}
    for mode in ("fsync", "rien"):
        dossier = tmp_path / mode
        dossier.mkdir()
        trace = enregistrer([sys.executable, "-c", programme, str(dossier), mode], [dossier])
        assert trace.retour == 0, trace.erreurs
        copie = reconstruire(trace, tmp_path / f"copie-{mode}")[dossier]
        restes[mode] = {f.name: f.read_bytes() for f in copie.iterdir()}
        entier = reconstruire(trace, tmp_path / f"hasard-{mode}", trace.gestes[-1].instant, 0)[dossier]
        assert {f.name for f in entier.iterdir()} <= {"f", "g"}
    assert restes == {"fsync": {"f": b"a" * 2000}, "rien": {}}


def monter_petit_disque(dossier: Path) -> list[str] | None:
    """Le début d'une commande qui s'exécute avec un disque de 1 Mio monté sur `dossier` ; None si c'est interdit."""
    for droits in (["--mount"], ["--mount", "--map-root-user"]):
        monter = f'mount -t tmpfs -o size=1m tmpfs "{dossier}" && exec "$@"'
        commande = ["unshare", *droits, "sh", "-c", monter, "sh"]
        if subprocess.run([*commande, "true"], capture_output=True, check=False).returncode == 0:
            return commande
    return None


@pytest.mark.exigence("DONNEES-DURABLE")
def test_disque_plein(tmp_path: Path) -> None:
    """Plein : l'ajout le dit, rien de gardé n'est perdu, la purge marche encore et rend la place."""
    disque = tmp_path / "disque"
    disque.mkdir()
    avant = monter_petit_disque(disque)
    if avant is None:
        pytest.skip("monter un petit disque est interdit ici")
    processus = lancer(REMPLIR, str(disque), VISITE, avant=tuple(avant))
    sortie, erreurs = processus.communicate(timeout=60)
    assert processus.returncode == 0, erreurs
    lu = json.loads(sortie)
    assert lu.pop("gardes") == lu.pop("relus") > 10
    assert lu == {
        "plein": True,
        "phrase": "Le disque de la borne est plein. Rien de nouveau ne peut être gardé.",
        "neuf": 1,
        "restes": [],
        "intact": True,
    }


@pytest.mark.parametrize("pages", [0, 1, 2, 4, 8])
def test_une_visite_qui_n_a_pas_la_place_de_naitre_ne_laisse_rien(tmp_path: Path, pages: int) -> None:
    avant = monter_petit_disque(tmp_path)
    if avant is None:
        pytest.skip("monter un petit disque est interdit ici")
    processus = lancer(CREER_SANS_PLACE, str(tmp_path), VISITE, str(pages * 4096), avant=tuple(avant))
    sortie, erreurs = processus.communicate(timeout=60)
    assert processus.returncode == 0, erreurs
    assert json.loads(sortie) == ["plein"]


def test_dossier_interdit_est_dit(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("montage en lecture seule : réservé à root")
    programme = (
        "import sys; from pathlib import Path; from borne.dossier.archives import Archives\n"
        "try: Archives(Path(sys.argv[1]) / 'd', Path(sys.argv[1]) / 'k')\n"
        "except Exception as e: print(type(e).__name__, e)"
    )
    monter = f'mount -t tmpfs -o ro tmpfs "{tmp_path}" && exec "$@"'
    processus = lancer(programme, str(tmp_path), avant=("unshare", "--mount", "sh", "-c", monter, "sh"))
    sortie, _ = processus.communicate(timeout=60)
    assert sortie.startswith("DisqueEnPanne Le disque de la borne ne répond pas")
