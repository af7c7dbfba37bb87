"""L'historique : un fichier par autotest, écrit d'un coup et durable ; les plus vieux s'en vont.

Rien d'un patient n'y est jamais : ce sont des mesures d'appareils. Un fichier abîmé est passé, et dit au journal.
"""

from __future__ import annotations

import errno
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from borne.autotest.rapport import Rapport, RapportIllisible, decoder, encoder
from borne.autotest.tendances import Point
from borne.dossier.durable import creer_dossier, ecrire_atomique, synchroniser_dossier

journal = logging.getLogger(__name__)

DOSSIER: Final = "autotest"
"""Sous le dossier des données de la borne."""

GARDES: Final = 400
"""Rapports gardés : deux par jour, six mois, et ceux du technicien ; quelques mégaoctets."""

_NOM: Final = re.compile(r"\d{8}T\d{6}\.\d{3}Z\.json")


class HistoriqueImpossible(Exception):
    """Le rapport n'a pas pu être gardé ; le texte est une phrase française qui dit pourquoi et quoi faire."""


class Historique:
    """Les rapports d'une borne. Ses méthodes bloquent le temps d'un disque : les appeler hors de la boucle."""

    def __init__(self, donnees: Path, gardes: int = GARDES) -> None:
        self._dossier = donnees / DOSSIER
        self._gardes = gardes

    def ajouter(self, rapport: Rapport) -> bytes:
        """Garde ce rapport et rend ses octets. Lève `HistoriqueImpossible` (disque plein ou en panne)."""
        octets = encoder(rapport)
        try:
            creer_dossier(self._dossier)
            self._oublier(self._gardes - 1)
            ecrire_atomique(self._dossier / _nom(rapport.fin), octets)
        except OSError as erreur:
            raise HistoriqueImpossible(_phrase(erreur)) from erreur
        return octets

    def dernier(self) -> tuple[Rapport, bytes] | None:
        """Le plus récent rapport lisible, et ses octets ; None s'il n'y en a pas."""
        for chemin in reversed(self._chemins()):
            lu = _lire(chemin)
            if lu is not None:
                return lu
        return None

    def rapports(self, nombre: int = GARDES) -> tuple[Rapport, ...]:
        """Les `nombre` derniers rapports lisibles, du plus ancien au plus récent."""
        lus = (_lire(chemin) for chemin in self._chemins()[-nombre:])
        return tuple(lu[0] for lu in lus if lu is not None)

    def points(self, nombre: int = GARDES) -> tuple[Point, ...]:
        """Ce que ces rapports ont mesuré, du plus ancien au plus récent."""
        # Un rapport dont un seul contrôle a été refait redit les autres valeurs : une par autotest, la dernière.
        autotests = {rapport.debut: rapport for rapport in self.rapports(nombre)}
        return tuple(
            Point(debut, {ligne.controle: ligne.valeurs for ligne in rapport.lignes if ligne.valeurs})
            for debut, rapport in sorted(autotests.items())
        )

    def precedentes(self) -> dict[str, dict[str, float]]:
        """Les valeurs du dernier résultat vert de chaque contrôle (`Banc.precedentes`)."""
        apprises: dict[str, dict[str, float]] = {}
        for rapport in self.rapports():
            apprises |= {ligne.controle: ligne.valeurs for ligne in rapport.lignes if ligne.couleur == "vert"}
        return apprises

    def _chemins(self) -> list[Path]:
        if not self._dossier.is_dir():
            return []
        return sorted(chemin for chemin in self._dossier.iterdir() if _NOM.fullmatch(chemin.name))

    def _oublier(self, gardes: int) -> None:
        """Avant d'écrire : la place des plus vieux sert au nouveau, même sur un disque plein."""
        trop = self._chemins()[: -gardes or None]
        for chemin in trop:
            chemin.unlink(missing_ok=True)
        if trop:
            synchroniser_dossier(self._dossier)


def _nom(instant: float) -> str:
    """Le nom se trie comme le temps (UTC, milliseconde)."""
    quand = datetime.fromtimestamp(instant, UTC)
    return f"{quand:%Y%m%dT%H%M%S}.{quand.microsecond // 1000:03d}Z.json"


def _lire(chemin: Path) -> tuple[Rapport, bytes] | None:
    try:
        octets = chemin.read_bytes()
        return decoder(octets), octets
    except (OSError, RapportIllisible) as erreur:
        journal.warning("rapport d'autotest %s illisible : %s", chemin.name, type(erreur).__name__)
        return None


def _phrase(erreur: OSError) -> str:
    if erreur.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Le disque est plein : le rapport n'est pas gardé. Libérez de la place, puis relancez l'autotest."
    if erreur.errno == errno.EROFS:
        return "Le disque est en lecture seule : le rapport n'est pas gardé. Le disque est sans doute à remplacer."
    return f"Le rapport n'est pas gardé ({erreur.strerror or type(erreur).__name__}). Vérifiez le disque."
