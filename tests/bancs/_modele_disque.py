"""Ce qu'un disque garde quand le courant manque : un modèle sévère de POSIX, sans le secours d'un noyau aimable.

Un fichier est un nom qui mène à un contenu. Le contenu tient après fsync ou fdatasync du fichier ; le nom (création,
renommage, suppression) après fsync du dossier. Un renommage est atomique (rename(3p)).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.bancs._strace import Geste, TraceInexploitable

SECTEUR = 512
"""Octets : une écriture interrompue se coupe entre deux secteurs."""


@dataclass(eq=False)
class _Contenu:
    """Un contenu : ce qui est sûr, et les écritures en attente ((position, octets), ou (taille, None))."""

    sur: bytes = b""
    attente: list[tuple[int, bytes | None]] = field(default_factory=list)
    taille: int = 0

    def ecrire(self, position: int, octets: bytes) -> None:
        position = self.taille if position < 0 else position
        self.attente.append((position, octets))
        self.taille = max(self.taille, position + len(octets))

    def tailler(self, taille: int) -> None:
        self.attente.append((taille, None))
        self.taille = taille

    def synchroniser(self) -> None:
        self.sur = _appliquer(self.sur, self.attente)
        self.attente.clear()

    def apres_coupure(self, alea: random.Random | None) -> bytes:
        if alea is None:
            return self.sur
        return _appliquer(self.sur, [reste for geste in self.attente for reste in _au_hasard(geste, alea)])


@dataclass(frozen=True)
class _Nommage:
    """Un changement de noms en attente : `retire` disparaît, `pose` mène à `contenu` (None : un dossier)."""

    retire: Path | None
    pose: Path | None
    contenu: _Contenu | None = None

    def concerne(self, dossier: Path) -> bool:
        return any(chemin is not None and chemin.parent == dossier for chemin in (self.retire, self.pose))

    def appliquer(self, noms: dict[Path, _Contenu | None]) -> None:
        if self.retire is not None:
            noms.pop(self.retire, None)
        if self.pose is not None:
            noms[self.pose] = self.contenu


class Disque:
    """Rejoue des gestes, puis dit ce qui reste."""

    def __init__(self, depart: dict[Path, bytes | None]) -> None:
        """`depart` : les fichiers (octets) et dossiers (None) déjà durables."""
        self._noms: dict[Path, _Contenu | None] = {
            chemin: None if octets is None else _Contenu(octets, taille=len(octets))
            for chemin, octets in depart.items()
        }
        self._surs = dict(self._noms)
        self._attente: list[_Nommage] = []

    def faire(self, geste: Geste) -> None:
        """Rejoue un geste. TraceInexploitable s'il sort du modèle (renommer un dossier)."""
        chemin = geste.fichier
        if geste.nature == "sortie":
            return
        if geste.nature == "ouvrir":
            if chemin not in self._noms:
                self._nommer(_Nommage(None, chemin, _Contenu()))
        elif geste.nature == "creer_dossier":
            self._nommer(_Nommage(None, chemin))
        elif geste.nature == "supprimer":
            self._nommer(_Nommage(chemin, None))
        elif geste.nature == "renommer":
            self._nommer(_Nommage(chemin, geste.vers, self._contenu(chemin)))
        elif geste.nature == "synchroniser":
            self._synchroniser(chemin)
        elif geste.nature == "tailler":
            self._contenu(chemin).tailler(geste.position)
        elif geste.nature == "ecrire":
            self._contenu(chemin).ecrire(geste.position, geste.octets)

    def couper(self, alea: random.Random | None) -> dict[Path, bytes | None]:
        """Ce qui reste, par chemin (None : un dossier). `alea` None : rien de ce qui était en attente."""
        noms = dict(self._surs)
        for nommage in self._attente[: alea.randint(0, len(self._attente)) if alea else 0]:
            nommage.appliquer(noms)
        return {c: None if contenu is None else contenu.apres_coupure(alea) for c, contenu in noms.items()}

    def _nommer(self, nommage: _Nommage) -> None:
        nommage.appliquer(self._noms)
        self._attente.append(nommage)

    def _contenu(self, chemin: Path) -> _Contenu:
        contenu = self._noms.get(chemin)
        if contenu is None:
            raise TraceInexploitable(f"{chemin} : fichier jamais vu s'ouvrir, ou dossier renommé")
        return contenu

    def _synchroniser(self, chemin: Path) -> None:
        contenu = self._noms.get(chemin)
        if contenu is not None:
            contenu.synchroniser()
            return
        for nommage in [n for n in self._attente if n.concerne(chemin)]:
            nommage.appliquer(self._surs)
            self._attente.remove(nommage)


def _appliquer(octets: bytes, gestes: list[tuple[int, bytes | None]]) -> bytes:
    contenu = bytearray(octets)
    for position, ajout in gestes:
        if ajout is None:
            del contenu[position:]
        manque = position + len(ajout or b"") - len(contenu)
        contenu.extend(bytes(max(0, manque)))
        if ajout is not None:
            contenu[position : position + len(ajout)] = ajout
    return bytes(contenu)


def _au_hasard(geste: tuple[int, bytes | None], alea: random.Random) -> list[tuple[int, bytes | None]]:
    """Ce qui reste d'un geste non synchronisé : tout, rien, ou quelques-uns de ses secteurs."""
    position, octets = geste
    sort = alea.random()
    if sort < 0.4:
        return [geste]
    if sort < 0.8 or octets is None:
        return []
    bords = [0, *range(SECTEUR - position % SECTEUR, len(octets), SECTEUR), len(octets)]
    morceaux = [(position + a, octets[a:b]) for a, b in pairwise(bords)]
    return [morceau for morceau in morceaux if alea.random() < 0.5]
