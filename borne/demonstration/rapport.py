"""Le rapport de la visite automatique : chaque étape, son résultat, sa durée ; les chiffres ; `rapport.json`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


class EchecEtape(Exception):
    """Une étape a échoué ; le texte dit pourquoi."""


@dataclass(slots=True)
class Ligne:
    """Une étape. `resultat` : `reussi` ou `echec`."""

    etape: str
    resultat: str
    duree_s: float
    detail: str = ""


@dataclass(slots=True)
class Rapport:
    """Se remplit au fil de la visite ; `ecrire` le garde, échec ou non."""

    dossier: Path
    etapes: list[Ligne] = field(default_factory=list)
    chiffres: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def etape(self, nom: str) -> Iterator[None]:
        """Chronomètre une étape ; son échec est noté puis arrête la visite."""
        debut = time.monotonic()
        try:
            yield
        except Exception as erreur:
            self._noter(nom, "echec", debut, f"{type(erreur).__name__} : {erreur}")
            raise
        self._noter(nom, "reussi", debut)

    def exiger(self, nom: str, condition: bool, detail: str) -> None:
        """Une vérification à noter sans arrêter la visite."""
        self._noter(nom, "reussi" if condition else "echec", time.monotonic(), detail)

    def ajouter_patient(self, fichier: Path) -> int:
        """Les étapes qu'a notées le robot patient ; rend leur nombre."""
        lignes = fichier.read_text(encoding="utf-8").splitlines() if fichier.exists() else []
        for brut in map(json.loads, lignes):
            self.etapes.append(Ligne(f"patient : {brut['etape']}", brut["resultat"], brut["duree_s"], brut["detail"]))
        return len(lignes)

    @property
    def reussi(self) -> bool:
        """Aucune étape n'a échoué."""
        return bool(self.etapes) and all(ligne.resultat == "reussi" for ligne in self.etapes)

    def ecrire(self) -> Path:
        """Écrit `rapport.json`."""
        contenu = {
            "reussi": self.reussi,
            "etapes": [asdict(ligne) for ligne in self.etapes],
            "chiffres": self.chiffres,
        }
        chemin = self.dossier / "rapport.json"
        chemin.write_text(json.dumps(contenu, ensure_ascii=False, indent=2), encoding="utf-8")
        return chemin

    def _noter(self, nom: str, resultat: str, debut: float, detail: str = "") -> None:
        self.etapes.append(Ligne(nom, resultat, round(time.monotonic() - debut, 3), detail))
        print(f"{'ok ' if resultat == 'reussi' else 'NON'} {nom} {detail}", flush=True)


def centiles(valeurs: list[float]) -> dict[str, float]:
    """Médiane et 95e centile, avec le nombre de valeurs."""
    if not valeurs:
        return {"nombre": 0}
    mediane, p95 = np.percentile(valeurs, (50, 95))
    return {"nombre": len(valeurs), "mediane_ms": round(float(mediane), 1), "p95_ms": round(float(p95), 1)}
