"""Des archives neuves, avec une horloge que l'essai tient."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from borne.dossier.archives import Archives

VISITE = "00112233445566778899aabbccddeeff"
AUTRE = "ffeeddccbbaa99887766554433221100"
NOM = "Lefèvre-Quénault"
CORPS = json.dumps({"nom": NOM, "telephone": "+33612345678"}, ensure_ascii=False).encode()

Fabrique = Callable[..., Archives]


class Horloge:
    """Une horloge arrêtée : l'essai en tourne l'aiguille (secondes Unix)."""

    def __init__(self) -> None:
        self.instant = 1_700_000_000.0

    def __call__(self) -> float:
        return self.instant


@pytest.fixture
def horloge() -> Horloge:
    return Horloge()


@pytest.fixture
def archiver(tmp_path: Path, horloge: Horloge) -> Iterator[Fabrique]:
    """Ouvre les archives de `tmp_path` ; une nouvelle ouverture ferme la précédente, comme un redémarrage."""
    ouvertes: list[Archives] = []

    def ouvrir(*, purge_active: bool = True) -> Archives:
        while ouvertes:
            ouvertes.pop().fermer()
        ouvertes.append(Archives(tmp_path / "donnees", tmp_path / "cles", horloge=horloge, purge_active=purge_active))
        return ouvertes[0]

    yield ouvrir
    for archives in ouvertes:
        archives.fermer()


def fichiers(racine: Path) -> list[str]:
    """Les fichiers sous `racine`, sauf le journal et le verrou, par nom relatif."""
    permanents = {"journal.jsonl", "verrou"}
    return sorted(str(f.relative_to(racine)) for f in racine.rglob("*") if f.is_file() and f.name not in permanents)


def lancer(programme: str, *arguments: str, avant: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Un vrai sous-processus Python qui exécute `programme`."""
    commande = [*avant, sys.executable, "-c", programme, *arguments]
    return subprocess.Popen(commande, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
