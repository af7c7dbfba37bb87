"""Lire ce que strace a vu : de ses lignes à des gestes sur le disque.

Limite connue : la position d'un `write` est suivie par numéro de descripteur et fichier ; deux processus qui
écriraient en même temps le même fichier, hors O_APPEND, par le même numéro, seraient confondus. Les écritures par
mémoire partagée (mmap) ne se voient pas : SQLite n'en fait ici aucune (ni -shm, ni mmap_size).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_APPELS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,ftruncate,truncate,"
    "fallocate,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,linkat,lseek,sendfile,"
    "copy_file_range"
)
_NON_MODELISES = frozenset(
    {"writev", "pwritev", "pwritev2", "truncate", "fallocate", "link", "linkat", "sendfile", "copy_file_range"}
)

_LIGNE = re.compile(r"(?P<fil>\d+) +(?P<instant>\d+\.\d+) (?P<reste>.*)", re.DOTALL)
_APPEL = re.compile(r"(?P<nom>\w+)\((?P<args>.*)\) += (?P<retour>-?\d+|\?)(?P<suite>.*)", re.DOTALL)
_INACHEVE = re.compile(r"(?P<debut>.*) <unfinished \.\.\.>$", re.DOTALL)
_REPRIS = re.compile(r"<\.\.\. \w+ resumed>(?P<fin>.*)", re.DOTALL)
_DESCRIPTEUR = re.compile(r"(?P<numero>-?\d+|AT_FDCWD)(?:<(?P<chemin>[^>]*)>(?P<efface>\(deleted\))?)?$")


class TraceInexploitable(Exception):
    """strace manque, n'a pas le droit de tracer, ou la commande a écrit d'une façon que le modèle ignore."""


@dataclass(frozen=True, slots=True)
class Geste:
    """Un geste sur le disque. `instant` : secondes Unix ; `fichier`, `vers` : chemins absolus.

    `nature` : ouvrir, ecrire, tailler, synchroniser, synchroniser_dossier, renommer, supprimer, creer_dossier,
    ou sortie (écrit sur la sortie standard : ce que la commande a dit avoir gardé).
    """

    instant: float
    nature: str
    fichier: Path
    vers: Path | None = None
    position: int = 0
    octets: bytes = b""


def prefixe(sortie: Path, injections: Sequence[str] = ()) -> list[str]:
    """Le début de commande qui trace dans `sortie` ; pour un banc qui lance et tue lui-même la borne."""
    commande = ["strace", "-f", "-y", "-ttt", "-xx", "-s", "67108864", "-o", str(sortie), "-e", f"trace={_APPELS}"]
    if not injections:
        commande.append("--seccomp-bpf")
    for injection in injections:
        commande += ["-e", f"inject={injection}"]
    return commande


def lire_trace(sortie: Path, racines: Sequence[Path]) -> tuple[Geste, ...]:
    """Les gestes d'un fichier de strace écrit avec `prefixe`, dans l'ordre où ils se sont achevés."""
    lecteur = _Lecteur(tuple(racines))
    for instant, nom, args, retour, suite in _appels(sortie):
        lecteur.appel(instant, nom, args, retour, suite)
    return tuple(lecteur.gestes)


def _appels(sortie: Path) -> Iterator[tuple[float, str, list[str], int, str]]:
    """(instant, nom, arguments, retour, suite) de chaque appel réussi ; recolle ceux qu'un autre fil a coupés."""
    attente: dict[str, str] = {}
    with sortie.open(encoding="ascii", errors="strict") as lignes:
        for ligne in lignes:
            lue = _LIGNE.fullmatch(ligne.rstrip("\n"))
            if lue is None:
                continue
            reste = lue["reste"]
            if (debut := _INACHEVE.fullmatch(reste)) is not None:
                attente[lue["fil"]] = debut["debut"]
                continue
            if (fin := _REPRIS.fullmatch(reste)) is not None:
                reste = attente.pop(lue["fil"], "") + fin["fin"]
            appel = _APPEL.fullmatch(reste)
            if appel is not None and appel["retour"] != "?" and int(appel["retour"]) >= 0:
                args = appel["args"].split(", ")
                yield float(lue["instant"]), appel["nom"], args, int(appel["retour"]), appel["suite"]


def _octets(texte: str) -> bytes:
    """Les octets d'une chaîne de strace -xx : « "\\x61\\x62" », sans ou avec guillemets."""
    if texte.endswith("..."):
        raise TraceInexploitable("strace a abrégé une écriture")
    return bytes.fromhex(texte.strip('"').replace("\\x", ""))


def _chemin(texte: str) -> Path:
    """Le chemin d'un argument ou d'un descripteur ; « pipe:[12] » et ses pareils restent ce qu'ils sont."""
    if "\\x" not in texte:
        return Path(texte.strip('"'))
    return Path(_octets(texte).decode("utf-8", "surrogateescape"))


@dataclass
class _Lecteur:
    """Traduit les appels système en gestes ; suit la position des `write`, que strace ne donne pas."""

    racines: tuple[Path, ...]
    gestes: list[Geste] = field(default_factory=list)
    positions: dict[tuple[str, Path], int | None] = field(default_factory=dict)

    def appel(self, instant: float, nom: str, args: list[str], retour: int, suite: str) -> None:
        """Ajoute le ou les gestes d'un appel réussi."""
        if nom in ("openat", "open", "creat"):
            self._ouverture(instant, nom, args, retour, suite)
        elif nom in ("rename", "renameat", "renameat2"):
            source, cible = self._deux_chemins(nom, args)
            if self._nous(source) or self._nous(cible):
                self._noter(instant, "renommer", source, vers=cible)
                for cle in [cle for cle in self.positions if cle[1] == source]:
                    self.positions[(cle[0], cible)] = self.positions.pop(cle)
        elif nom in ("unlink", "unlinkat", "rmdir"):
            self._si_nous(instant, "supprimer", self._un_chemin(nom.endswith("at"), args))
        elif nom in ("mkdir", "mkdirat"):
            self._si_nous(instant, "creer_dossier", self._un_chemin(nom.endswith("at"), args))
        else:
            self._sur_descripteur(instant, nom, args, retour)

    def _ouverture(self, instant: float, nom: str, args: list[str], retour: int, suite: str) -> None:
        lu = _DESCRIPTEUR.match(f"{retour}{suite}")
        if lu is None or not lu["chemin"]:
            return
        chemin, modes = (
            _chemin(lu["chemin"]),
            args[2 if nom == "openat" else 1] if nom != "creat" else "O_CREAT|O_TRUNC",
        )
        if not self._nous(chemin) or "O_DIRECTORY" in modes:
            return
        # None : O_APPEND, chaque écriture va au bout.
        self.positions[(str(retour), chemin)] = None if "O_APPEND" in modes else 0
        if "O_CREAT" in modes:
            self._noter(instant, "ouvrir", chemin)
        if "O_TRUNC" in modes:
            self._noter(instant, "tailler", chemin)

    def _sur_descripteur(self, instant: float, nom: str, args: list[str], retour: int) -> None:
        lu = _DESCRIPTEUR.match(args[0])
        if lu is None or not lu["chemin"] or lu["efface"]:
            return
        if nom == "write" and lu["numero"] == "1":
            self._noter(instant, "sortie", Path("/dev/stdout"), octets=_octets(args[1])[:retour])
            return
        chemin = _chemin(lu["chemin"])
        if not self._nous(chemin):
            return
        if nom in _NON_MODELISES:
            raise TraceInexploitable(f"appel {nom} sur {chemin} : le modèle ne le connaît pas")
        if nom in ("fsync", "fdatasync"):
            self._noter(instant, "synchroniser", chemin)
        elif nom == "ftruncate":
            self._noter(instant, "tailler", chemin, position=int(args[1]))
        elif nom == "pwrite64":
            self._noter(instant, "ecrire", chemin, position=int(args[3]), octets=_octets(args[1])[:retour])
        elif nom == "lseek":
            if self.positions.get((lu["numero"], chemin)) is not None:
                self.positions[(lu["numero"], chemin)] = retour
        elif nom == "write":
            self._ecriture(instant, (lu["numero"], chemin), _octets(args[1])[:retour])

    def _ecriture(self, instant: float, cle: tuple[str, Path], octets: bytes) -> None:
        if cle not in self.positions:
            raise TraceInexploitable(f"écriture dans {cle[1]} par un descripteur dont l'ouverture n'a pas été vue")
        position = self.positions[cle]
        if position is None:
            self._noter(instant, "ecrire", cle[1], position=-1, octets=octets)
            return
        self._noter(instant, "ecrire", cle[1], position=position, octets=octets)
        self.positions[cle] = position + len(octets)

    def _un_chemin(self, relatif: bool, args: list[str]) -> Path:
        return self._joindre(args[0], args[1]) if relatif else self._absolu(args[0])

    def _deux_chemins(self, nom: str, args: list[str]) -> tuple[Path, Path]:
        if nom == "rename":
            return self._absolu(args[0]), self._absolu(args[1])
        return self._joindre(args[0], args[1]), self._joindre(args[2], args[3])

    def _joindre(self, base: str, nom: str) -> Path:
        lu = _DESCRIPTEUR.match(base)
        return (_chemin(lu["chemin"]) if lu is not None and lu["chemin"] else Path()) / _chemin(nom)

    def _absolu(self, texte: str) -> Path:
        return Path.cwd() / _chemin(texte)

    def _nous(self, chemin: Path) -> bool:
        return any(chemin.is_relative_to(racine) for racine in self.racines)

    def _si_nous(self, instant: float, nature: str, chemin: Path) -> None:
        if self._nous(chemin):
            self._noter(instant, nature, chemin)

    def _noter(
        self,
        instant: float,
        nature: str,
        fichier: Path,
        *,
        vers: Path | None = None,
        position: int = 0,
        octets: bytes = b"",
    ) -> None:
        self.gestes.append(Geste(instant, nature, fichier, vers, position, octets))
