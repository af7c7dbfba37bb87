"""Le journal d'audit : qui a fait quoi, quand, sans donnée de santé, en ajout seul, et dont l'altération se voit.

Une ligne JSON canonique par acte ; chacune porte le sceau (SHA-256) de la précédente et le sien. Les champs et
leurs valeurs sont des listes fermées ou des formes strictes : un nom, un motif ou une mesure ne peuvent pas y entrer.
Qui peut réécrire tout le fichier peut refaire toute la chaîne : `tete()` se confie au dehors (salle, papier) et
`verifier(ancre=...)` s'y compare.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from borne.dossier import durable
from borne.dossier.actes import Acte, Acteur, Raison
from borne.dossier.cles import verifier_visite
from borne.dossier.erreurs import erreurs_typees

GENESE = "0" * 64
"""Ce que la première ligne porte comme sceau précédent."""

NOMBRE_MAX = 99_999
"""Un compte (fichiers, lignes, octets), jamais un numéro de téléphone ni une date."""

_EMPREINTE = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Tete:
    """La dernière ligne : son rang (0 : journal vide) et son sceau (64 chiffres hexadécimaux)."""

    rang: int
    sceau: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Ce que dit `verifier` : `ligne` est la première ligne altérée (1 = première), None si tout est intact."""

    intact: bool
    lignes: int
    ligne: int | None = None
    cause: str | None = None


class Journal:
    """Un journal dans un fichier. Plusieurs processus peuvent y ajouter (verrou consultatif par ajout)."""

    def __init__(self, chemin: Path, horloge: Callable[[], float] = time.time) -> None:
        """Ouvre ou crée le journal ; une dernière ligne coupée est retirée et cela même est journalisé.

        `horloge` : secondes Unix. Erreurs : DossierPlein, DisqueEnPanne.
        """
        self._chemin = chemin
        self._horloge = horloge
        with erreurs_typees():
            durable.creer_dossier(chemin.parent)
            neuf = not chemin.exists()
            self._descripteur = os.open(chemin, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            if neuf:
                durable.synchroniser_dossier(chemin.parent)
        coupes = self._reparer()
        if coupes:
            self.ajouter(Acte.JOURNAL_REPARE, raison=Raison.LIGNE_COUPEE, nombre=min(coupes, NOMBRE_MAX))

    def ajouter(
        self,
        acte: Acte,
        *,
        acteur: Acteur = Acteur.BORNE,
        visite: str | None = None,
        raison: Raison | None = None,
        empreinte: str | None = None,
        nombre: int | None = None,
    ) -> Tete:
        """Ajoute une ligne, durable au retour, et rend la nouvelle tête.

        `visite` : identifiant aléatoire ; `empreinte` : SHA-256 en hexadécimal ; `nombre` : un compte, 0 à
        NOMBRE_MAX. ValueError ou TypeError si un champ n'a pas sa forme ; DossierPlein, DisqueEnPanne.
        """
        champs = _champs(acte, acteur, visite, raison, empreinte, nombre)
        with erreurs_typees(), self._verrou():
            tete = self._tete()
            champs |= {"n": tete.rang + 1, "instant": _iso(self._horloge()), "precedent": tete.sceau}
            sceau = _sceau(champs)
            self._ecrire(_canonique(champs | {"sceau": sceau}) + b"\n")
        return Tete(tete.rang + 1, sceau)

    def tete(self) -> Tete:
        """La dernière ligne, à confier au dehors pour qu'une réécriture complète se voie aussi."""
        with erreurs_typees(), self._verrou():
            return self._tete()

    def contient(self, acte: Acte, visite: str) -> bool:
        """Vrai si cet acte a déjà été journalisé pour cette visite."""
        return any(f'"acte":"{acte}"' in texte and f'"{visite}"' in texte for texte in self._textes())

    def verifier(self, ancre: Tete | None = None) -> Verdict:
        """Relit toute la chaîne et dit la première ligne altérée, retirée ou ajoutée hors de la borne.

        `ancre` : une tête gardée au dehors ; sa ligne doit exister avec le même sceau.
        """
        precedent, rang, connue = GENESE, 0, ancre is None or ancre == Tete(0, GENESE)
        for rang, texte in enumerate(self._textes(), start=1):
            cause, sceau = _examiner(texte, rang, precedent)
            if cause is not None:
                return Verdict(False, rang, rang, cause)
            if ancre is not None and rang == ancre.rang:
                if sceau != ancre.sceau:
                    return Verdict(False, rang, rang, "la ligne n'est plus celle qui a été confiée au dehors")
                connue = True
            precedent = sceau
        if not connue:
            return Verdict(False, rang, rang + 1, "des lignes confiées au dehors ont disparu")
        return Verdict(True, rang)

    def fermer(self) -> None:
        """Ferme le fichier."""
        os.close(self._descripteur)

    @contextmanager
    def _verrou(self) -> Iterator[None]:
        fcntl.flock(self._descripteur, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._descripteur, fcntl.LOCK_UN)

    def _textes(self) -> Iterator[str]:
        with self._chemin.open("rb") as fichier:
            for ligne in fichier:
                yield ligne.decode("utf-8", errors="replace")

    def _tete(self) -> Tete:
        """La tête relue du fichier : un autre processus a pu ajouter depuis."""
        derniere = self._derniere_ligne()
        if not derniere:
            return Tete(0, GENESE)
        try:
            champs = json.loads(derniere)
            return Tete(int(champs["n"]), str(champs["sceau"]))
        except (ValueError, KeyError, TypeError):
            # Ligne altérée : la chaîne repart de ses octets, et `verifier` la montrera du doigt.
            return Tete(sum(1 for _ in self._textes()), hashlib.sha256(derniere).hexdigest())

    def _derniere_ligne(self) -> bytes:
        taille = os.fstat(self._descripteur).st_size
        portee = min(taille, 4096)
        queue = os.pread(self._descripteur, portee, taille - portee).rstrip(b"\n")
        return queue.rpartition(b"\n")[2]

    def _reparer(self) -> int:
        """Retire une dernière ligne qu'une coupure a laissée à moitié ; rend le nombre d'octets retirés."""
        with erreurs_typees(), self._verrou():
            octets = self._chemin.read_bytes()
            fin = octets.rfind(b"\n") + 1
            # Une coupure peut allonger le fichier avant que ses octets n'arrivent : ils se lisent alors nuls.
            debut = octets.rfind(b"\n", 0, max(fin - 1, 0)) + 1
            garde = debut if b"\x00" in octets[debut:fin] else fin
            if garde < len(octets):
                os.ftruncate(self._descripteur, garde)
                os.fsync(self._descripteur)
        return len(octets) - garde

    def _ecrire(self, ligne: bytes) -> None:
        taille = os.fstat(self._descripteur).st_size
        try:
            durable.ecrire_tout(self._descripteur, ligne)
            os.fsync(self._descripteur)
        except OSError:
            # Pas de demi-ligne derrière soi : la suivante doit pouvoir s'ajouter quand il y aura de la place.
            os.ftruncate(self._descripteur, taille)
            raise


def _champs(
    acte: Acte,
    acteur: Acteur,
    visite: str | None,
    raison: Raison | None,
    empreinte: str | None,
    nombre: int | None,
) -> dict[str, str | int]:
    """Les champs d'une ligne, chacun contrôlé : seules des valeurs sans sens médical passent."""
    champs: dict[str, str | int] = {"acte": _mot(Acte, acte), "acteur": _mot(Acteur, acteur)}
    if visite is not None:
        champs["visite"] = verifier_visite(visite)
    if raison is not None:
        champs["raison"] = _mot(Raison, raison)
    if empreinte is not None:
        if _EMPREINTE.fullmatch(empreinte) is None:
            raise ValueError("empreinte : 64 chiffres hexadécimaux attendus")
        champs["empreinte"] = empreinte
    if nombre is not None:
        if not 0 <= nombre <= NOMBRE_MAX:
            raise ValueError(f"nombre : un compte de 0 à {NOMBRE_MAX} attendu")
        champs["nombre"] = int(nombre)
    return champs


def _mot(liste: type[StrEnum], mot: str) -> str:
    """Le mot s'il est de la liste ; sinon une erreur qui ne le cite pas : il pourrait nommer quelqu'un."""
    if mot not in set(liste):
        raise ValueError(f"ce mot n'est pas de la liste {liste.__name__}")
    return str(mot)


def _examiner(texte: str, rang: int, precedent: str) -> tuple[str | None, str]:
    """(cause, sceau) d'une ligne : cause None si elle est intacte et suit bien la précédente."""
    try:
        champs = json.loads(texte)
        sceau = str(champs.pop("sceau"))
        if champs["n"] != rang:
            return "une ligne a été retirée ou ajoutée ici", sceau
        if champs["precedent"] != precedent:
            return "la ligne ne suit pas la précédente, l'une des deux a été réécrite", sceau
        entiere = _canonique(champs | {"sceau": sceau}) + b"\n"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "la ligne n'est pas lisible", GENESE
    if sceau != _sceau(champs) or entiere != texte.encode():
        return "le contenu de la ligne a changé", sceau
    return None, sceau


def _sceau(champs: dict[str, str | int]) -> str:
    return hashlib.sha256(_canonique(champs)).hexdigest()


def _canonique(champs: dict[str, str | int]) -> bytes:
    return json.dumps(champs, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _iso(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
