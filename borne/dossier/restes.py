"""Chercher ce qui resterait d'un patient : la preuve que la purge a tout emporté.

La recherche lit les octets en clair de tous les fichiers, et, pour tout dossier de visite dont la clé existe encore,
ce que cette clé permet de lire : un fichier chiffré dont la clé est restée n'est pas un fichier effacé.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from borne.dossier.cles import TAILLE_CLE
from borne.dossier.erreurs import ErreurDossier
from borne.dossier.purge import ANNEXES, SUFFIXE
from borne.dossier.visites import Dossier

_BLOC = 1 << 20

Forme = Literal["clair", "nom", "dechiffre", "fichier", "cle"]


@dataclass(frozen=True, slots=True)
class Reste:
    """Un reste. `motif` : rang du motif trouvé (jamais le motif lui-même), None pour `fichier` et `cle`.

    `forme` : `clair` dans les octets, `nom` dans le nom du fichier, `dechiffre` avec une clé encore là ; `fichier` et
    `cle` : un dossier de visite ou une clé qui ne devraient plus exister.
    """

    fichier: Path
    forme: Forme
    motif: int | None = None


def chercher(dossiers: Sequence[Path], motifs: Sequence[str], cles: Path, visites: Sequence[str] = ()) -> list[Reste]:
    """Cherche `motifs` (nom, téléphone, mesures...) sous `dossiers` et dans tout ce que `cles` ouvre encore.

    `visites` : les visites qui devaient disparaître ; leur clé ou leur fichier, s'il en reste, est un reste. Les
    motifs se cherchent sans égard aux majuscules ASCII, en UTF-8, Latin-1, UTF-16 et JSON échappé ; en donner de
    longs : « 12 » se trouve dans n'importe quels octets chiffrés. OSError si un fichier ne peut pas être lu ; un
    fichier disparu entre-temps est passé.
    """
    formes = [(rang, forme) for rang, motif in enumerate(motifs) for forme in _ecritures(motif)]
    restes: list[Reste] = []
    for fichier in _fichiers([*dossiers, cles]):
        restes += [Reste(fichier, "nom", r) for r in _trouves(str(fichier.name).encode(), formes)]
        restes += [Reste(fichier, "clair", r) for r in _dans_fichier(fichier, formes)]
        visite = fichier.name.partition(".")[0]
        if visite in visites:
            restes.append(Reste(fichier, "cle" if fichier.suffix == ".cle" else "fichier"))
        cle = cles / f"{visite}.cle"
        if fichier.name.endswith(SUFFIXE) and cle.exists():
            restes += [Reste(fichier, "dechiffre", r) for r in _trouves(_dechiffrer(fichier, cle, visite), formes)]
    return restes


def _fichiers(dossiers: Sequence[Path]) -> Iterator[Path]:
    for dossier in dossiers:
        for chemin in sorted(dossier.rglob("*")):
            if not chemin.is_symlink() and chemin.is_file():
                yield chemin


def _ecritures(motif: str) -> set[bytes]:
    """Les octets par lesquels `motif` peut être écrit, en minuscules ASCII."""
    if not motif:
        raise ValueError("motif vide : il se trouverait partout")
    ecritures = {motif.encode(), motif.encode("utf-16-le"), json.dumps(motif)[1:-1].encode()}
    if all(ord(signe) < 256 for signe in motif):
        ecritures.add(motif.encode("latin-1"))
    return {ecriture.lower() for ecriture in ecritures}


def _trouves(octets: bytes, formes: Sequence[tuple[int, bytes]]) -> list[int]:
    minuscules = octets.lower()
    return sorted({rang for rang, forme in formes if forme in minuscules})


def _dans_fichier(fichier: Path, formes: Sequence[tuple[int, bytes]]) -> list[int]:
    recouvrement = max((len(forme) for _, forme in formes), default=1) - 1
    trouves: set[int] = set()
    try:
        with fichier.open("rb") as lu:
            queue = b""
            while bloc := lu.read(_BLOC):
                trouves.update(_trouves(queue + bloc, formes))
                queue = (queue + bloc)[-recouvrement:] if recouvrement else b""
    except FileNotFoundError:
        return []
    return sorted(trouves)


def _dechiffrer(fichier: Path, cle: Path, visite: str) -> bytes:
    """Tout ce que la clé permet de lire, sur une copie (chiffrée) ; rien si elle n'ouvre plus le fichier."""
    octets_cle = cle.read_bytes()
    with tempfile.TemporaryDirectory() as dossier:
        copie = Path(dossier) / fichier.name
        shutil.copyfile(fichier, copie)
        for annexe in ANNEXES:
            source = fichier.with_name(fichier.name + annexe)
            if source.exists():
                shutil.copyfile(source, copie.with_name(source.name))
        if len(octets_cle) != TAILLE_CLE:
            return b""
        try:
            lu = Dossier.ouvrir(copie, octets_cle, visite)
        except ErreurDossier:
            return b""
        contenu = b"\n".join([lu.exporter(), *(lu.document(document.id) for document in lu.documents())])
        lu.fermer()
    return contenu
