"""La purge d'une visite : la clé, le fichier, le -wal et le -shm, de façon reprenable et prouvée.

1. le fichier est renommé en marqueur (le renommage ne demande pas de place : il marche disque plein) et le dossier
   synchronisé ; dès lors la visite n'existe plus pour la borne et la purge ira à son terme ;
2. la clé est écrasée puis supprimée : les données sont illisibles à jamais ;
3. -wal et -shm supprimés, le marqueur vidé, le dossier synchronisé ;
4. la preuve est journalisée ; 5. le marqueur est supprimé.
Chaque geste peut être refait : après une coupure, `achever` reprend tout depuis le marqueur.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from borne.dossier import durable
from borne.dossier.actes import Acte, Raison
from borne.dossier.cles import Coffre
from borne.dossier.erreurs import erreurs_typees
from borne.dossier.journal import Journal

SUFFIXE = ".dossier"
ANNEXES = ("-wal", "-shm", "-journal")
SUFFIXE_MARQUEUR = ".purge"

_MARQUEUR = re.compile(r"(?P<visite>[0-9a-f-]+)\.(?P<raison>[a-z_]+)\.(?P<empreinte>[0-9a-f]{64}|-)\.purge")


class Purgeur:
    """Purge des visites rangées dans `dossiers` (en cours, mises de côté)."""

    def __init__(self, dossiers: Iterable[Path], coffre: Coffre, journal: Journal) -> None:
        """`coffre` : les clés à détruire ; `journal` : où la preuve s'écrit."""
        self._dossiers = tuple(dossiers)
        self._coffre = coffre
        self._journal = journal

    def purger(self, visite: str, raison: Raison, empreinte: str | None = None) -> None:
        """Purge une visite fermée. `empreinte` : celle de son export, pour la preuve.

        Erreurs : DossierPlein, DisqueEnPanne ; la purge commencée se finit alors par `achever_toutes`.
        """
        nom = f"{visite}.{raison}.{empreinte or '-'}{SUFFIXE_MARQUEUR}"
        for dossier in self._dossiers:
            fichier = dossier / f"{visite}{SUFFIXE}"
            if not fichier.exists():
                continue
            marqueur = dossier / nom
            with erreurs_typees():
                fichier.rename(marqueur)
                durable.synchroniser_dossier(dossier)
            self._achever(marqueur)

    def achever_toutes(self) -> list[str]:
        """Finit les purges qu'une coupure a laissées en route ; rend les visites concernées."""
        marqueurs = sorted(m for dossier in self._dossiers for m in dossier.glob(f"*{SUFFIXE_MARQUEUR}"))
        for marqueur in marqueurs:
            self._achever(marqueur)
        return [marqueur.name.partition(".")[0] for marqueur in marqueurs]

    def _achever(self, marqueur: Path) -> None:
        lu = _MARQUEUR.fullmatch(marqueur.name)
        if lu is None:
            raise ValueError("marqueur de purge au nom inconnu")
        visite = lu["visite"]
        detruits = int(self._coffre.detruire(visite))
        with erreurs_typees():
            detruits += supprimer_annexes(marqueur.with_name(f"{visite}{SUFFIXE}")) + 1
            durable.vider(marqueur)
            durable.synchroniser_dossier(marqueur.parent)
        if not self._journal.contient(Acte.PURGE_FAITE, visite):
            self._journal.ajouter(
                Acte.PURGE_FAITE,
                visite=visite,
                raison=Raison(lu["raison"]),
                empreinte=None if lu["empreinte"] == "-" else lu["empreinte"],
                nombre=detruits,
            )
        with erreurs_typees():
            marqueur.unlink()
            durable.synchroniser_dossier(marqueur.parent)


def supprimer_annexes(fichier: Path) -> int:
    """Supprime le -wal, le -shm et le -journal de `fichier` ; rend combien il y en avait."""
    annexes = [chemin for a in ANNEXES if (chemin := fichier.with_name(fichier.name + a)).exists()]
    for annexe in annexes:
        annexe.unlink()
    return len(annexes)
