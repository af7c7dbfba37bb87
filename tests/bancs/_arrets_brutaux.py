"""Les kill -9 : la vraie borne, sa fenêtre, ses appareils, un patient qui lit l'écran, tuée au moment prévu.

Le témoin (`borne.demonstration.temoin`) dit ce que la fenêtre a montré ; les dossiers, copiés entre la mort et la
relance, disent ce qui était gardé ; le premier écran d'après est comparé au dernier d'avant.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from borne.demonstration.monde import Monde
from borne.demonstration.scenario import NOM, PRENOM, TELEPHONE, TENSION
from borne.dossier.archives import Archives
from borne.dossier.fil import ArchivesAsync
from borne.dossier.restes import Reste, chercher
from tests.bancs._reprise import Reprise, attendus, lire, perdus

ATTENTE_S = 150.0
"""Secondes au-delà desquelles un écran attendu ne viendra plus : large, la machine peut être chargée."""
RELEVE_S = 0.005
"""Secondes entre deux lectures du témoin."""

Quand: TypeAlias = Callable[[dict[str, Any]], bool]


class BancCasse(RuntimeError):
    """La visite n'avance plus : le banc ne peut rien dire de la suite."""


@dataclass(frozen=True)
class Coup:
    """Une mort prévue : l'écran qu'elle attend, puis un délai tiré entre deux bornes (secondes).

    `gonfle` : attendre de plus que le brassard serre.
    """

    nom: str
    quand: Quand
    delai_s: tuple[float, float] = (0.0, 0.3)
    gonfle: bool = False


@dataclass
class Bilan:
    """Ce que les morts ont coûté. `reprises_ms` : de la relance au premier écran montré."""

    coups: int = 0
    identiques: int = 0
    perdus: int = 0
    doublons: int = 0
    manquants: int = 0
    visites: int = 0
    restes: list[Reste] = field(default_factory=list)
    reprises_ms: list[float] = field(default_factory=list)

    @property
    def mediane_ms(self) -> float:
        """Médiane des reprises."""
        return round(statistics.median(self.reprises_ms), 1) if self.reprises_ms else 0.0


class Temoignage:
    """Suit le fichier du témoin."""

    def __init__(self, fichier: Path) -> None:
        self.fichier = fichier
        self.lignes: list[dict[str, Any]] = []
        self._lu = 0

    def relever(self) -> None:
        """Lit ce qui s'y est ajouté."""
        if not self.fichier.exists():
            return
        with self.fichier.open("rb") as fichier:
            fichier.seek(self._lu)
            nouveau = fichier.read()
        entier = nouveau[: nouveau.rfind(b"\n") + 1]
        self._lu += len(entier)
        self.lignes += [json.loads(ligne) for ligne in entier.splitlines()]

    @property
    def ecran(self) -> dict[str, Any]:
        """Le dernier écran montré ; vide avant le premier."""
        self.relever()
        return self.lignes[-1]["ecran"] if self.lignes else {}


class Banc:
    """Un monde, une borne qu'on tue et qu'on relance, et ce qu'elle rend."""

    def __init__(self, monde: Monde, dossier: Path, graine: int) -> None:
        self.monde, self.dossier = monde, dossier
        self.temoin = Temoignage(dossier / "temoin.jsonl")
        self.bilan = Bilan()
        self._alea = random.Random(graine)
        self._borne: Process

    async def lancer(self) -> None:
        """Lance la borne et attend son premier écran."""
        avant = len(self.temoin.lignes)
        depart = time.monotonic()
        images = self.dossier / "patient"
        images.mkdir(exist_ok=True)
        self._borne = await self.monde.demarrer_borne(images, "--lecteur", "--temoin", str(self.temoin.fichier))
        await self._jusqu_a(lambda _: len(self.temoin.lignes) > avant, "un premier écran")
        self.bilan.reprises_ms.append((time.monotonic() - depart) * 1000)

    async def frapper(self, coup: Coup) -> None:
        """Attend l'écran de ce coup, tue, compare ce qui est rendu."""
        await self._jusqu_a(coup.quand, coup.nom)
        if coup.gonfle:
            await self._jusqu_au_gonflage(coup.nom)
        await asyncio.sleep(self._alea.uniform(*coup.delai_s))
        self._verifier_vivante(coup.nom)
        os.kill(self._borne.pid, signal.SIGKILL)
        await asyncio.to_thread(_attendre_la_mort, self._borne.pid)
        self.temoin.relever()
        avant = list(self.temoin.lignes)
        reprise = await self._relire()
        self.bilan.coups += 1
        manque = perdus(avant, reprise)
        self.bilan.perdus += manque
        await self.lancer()
        premier, permis = self.temoin.lignes[len(avant)]["ecran"], attendus(avant, reprise)
        self.bilan.identiques += premier in permis
        if manque or premier not in permis:
            print(f"{coup.nom} : perdus {manque}, attendu {permis[0]}, rendu {premier}", file=sys.stderr)
        print(f"tuée : {coup.nom} ({avant[-1]['ecran']['etape']})", file=sys.stderr, flush=True)

    async def finir(self) -> None:
        """Laisse la visite se finir, relance une borne sans patient le temps des purges, compte papiers et restes."""
        await self._jusqu_a(a("accueil"), "la fin de la visite")
        await self.monde.arreter_borne()
        await self.monde.demarrer_borne()
        await self._jusqu_a_la_purge()
        await self.monde.arreter_borne()
        self.temoin.relever()
        self._compter_papiers()
        self.bilan.visites = len({ligne["visite"] for ligne in self.temoin.lignes if ligne["ecran"]["medecin"]})
        self.bilan.restes = self._restes()

    async def _jusqu_a(self, quand: Quand, nom: str) -> None:
        limite = time.monotonic() + ATTENTE_S
        while not ((ecran := self.temoin.ecran) and quand(ecran)):
            self._verifier_vivante(nom)
            if time.monotonic() > limite:
                raise BancCasse(f"« {nom} » n'est pas venu ; dernier écran : {ecran}")
            await asyncio.sleep(RELEVE_S)

    async def _jusqu_au_gonflage(self, nom: str) -> None:
        limite = time.monotonic() + ATTENTE_S
        while not (await self.monde.commander_brassard(ordre="etat"))["en_cours"]:
            if time.monotonic() > limite:
                raise BancCasse(f"{nom} : le brassard ne s'est pas gonflé")
            await asyncio.sleep(0.05)

    def _verifier_vivante(self, nom: str) -> None:
        if self._borne.returncode is not None:
            raise BancCasse(f"la borne s'est arrêtée (statut {self._borne.returncode}) en attendant « {nom} »")

    async def _relire(self) -> Reprise:
        """Rejoue ce que la borne morte a gardé, sur une copie : l'original est à elle."""
        with tempfile.TemporaryDirectory() as copie:
            donnees, cles = Path(copie) / "donnees", Path(copie) / "cles"
            shutil.copytree(self.monde.donnees, donnees)
            shutil.copytree(self.monde.cles, cles)
            archives = await ArchivesAsync.demarrer(lambda: Archives(donnees, cles))
            try:
                return await lire(archives)
            finally:
                await archives.fermer()

    async def _jusqu_a_la_purge(self) -> None:
        limite = time.monotonic() + ATTENTE_S
        while time.monotonic() < limite:
            if not any((self.monde.donnees / "visites").iterdir()):
                return
            await asyncio.sleep(0.2)

    def _restes(self) -> list[Reste]:
        visites = sorted({ligne["visite"] for ligne in self.temoin.lignes} - {""})
        motifs = (PRENOM, NOM, TELEPHONE, f'"valeur":{TENSION[0]}.0')
        lieux = [self.monde.donnees, self.monde.temporaire, self.monde.dossier / "journaux"]
        return chercher(lieux, motifs, self.monde.cles, visites)

    def _compter_papiers(self) -> None:
        """Chaque papier dit imprimé est sorti, et aucun deux fois."""
        sortis = Counter(chemin.read_bytes() for chemin in self.monde.papier.rglob("*.pdf"))
        noms = Counter(_travail(chemin) for chemin in self.monde.papier.rglob("*.pdf"))
        dits = {
            (ligne["visite"][:8], document)
            for ligne in self.temoin.lignes
            for document, _, etat, _ in ligne["ecran"]["documents"]
            if etat == "imprime"
        }
        self.bilan.doublons = sum(nombre - 1 for nombre in noms.values())
        self.bilan.manquants = max(0, len(dits) - sum(sortis.values()))


def _attendre_la_mort(pid: int) -> None:
    """`Process.wait` attendrait aussi les enfants de la borne, qui tiennent sa sortie."""
    while (etat := Path(f"/proc/{pid}/stat")).exists() and etat.read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(RELEVE_S)


def _travail(papier: Path) -> str:
    """Le nom du travail, sans son numéro ni son essai : visite et document."""
    return papier.stem.partition("-")[2].rpartition("-")[0]


# --- les moments ---


def a(etape: str) -> Quand:
    """À cette étape, sans rien par-dessus."""
    return lambda ecran: ecran["etape"] == etape and not ecran["superposition"]


def ouvert(superposition: str) -> Quand:
    """Sous cette superposition."""
    return lambda ecran: ecran["superposition"] == superposition


def en_frappe(champ: str, lettres: int) -> Quand:
    """En pleine frappe de ce champ, quand il a ces lettres."""
    return lambda ecran: len(ecran["champs"].get(champ, "")) == lettres


def tension(phase: str) -> Quand:
    """À cette phase de la mesure."""
    return lambda ecran: ecran["etape"] == "mesure" and ecran["phases"].get("tension", "a-faire") == phase


def imprime(etape: str) -> Quand:
    """Un papier sort, à cette étape."""
    return lambda ecran: ecran["etape"] == etape and any(d[2] == "en-cours" for d in ecran["documents"])


def propre(nombre: int) -> Quand:
    """À la propreté, avec ce nombre de choses nettoyées (0 : la purge est en route)."""
    return lambda ecran: ecran["etape"] == "proprete" and len(ecran["nettoyes"]) == nombre


def coches(nombre: int) -> Quand:
    """Au motif, avec ce nombre de choix."""
    return lambda ecran: ecran["etape"] == "motif" and len(ecran["motifs"]) == nombre


GONFLAGE_S = (0.2, 6.0)

CHAQUE_ETAPE = (
    Coup("accueil", a("accueil")),
    Coup("langue", a("langue")),
    Coup("consentement", a("consentement")),
    Coup("prénom commencé", en_frappe("prenom", 1), (0.0, 0.05)),
    Coup("prénom en pleine frappe", en_frappe("prenom", 4), (0.0, 0.05)),
    Coup("nom en pleine frappe", en_frappe("nom", 3), (0.0, 0.05)),
    Coup("naissance en pleine frappe", en_frappe("naissance", 5), (0.0, 0.05)),
    Coup("téléphone en pleine frappe", en_frappe("telephone", 2), (0.0, 0.05)),
    Coup("motif, un choix", coches(1)),
    Coup("urgence", a("urgence"), (0.0, 0.05)),
    Coup("aide", ouvert("aide"), (0.0, 0.05)),
    Coup("quinze", ouvert("quinze"), (0.0, 0.05)),
    Coup("tension à faire", tension("a-faire"), (0.0, 0.05)),
    Coup("tension demandée", tension("en-cours"), (0.0, 0.5)),
    Coup("gonflage", tension("en-cours"), GONFLAGE_S, gonfle=True),
    Coup("gonflage, encore", tension("en-cours"), GONFLAGE_S, gonfle=True),
    Coup("tension finie", tension("finie"), (0.0, 0.05)),
    Coup("attente ou préparation", lambda e: e["etape"] in ("attente", "preparation"), (0.0, 0.05)),
    Coup("préparation", a("preparation"), (0.0, 0.3)),
    Coup("consultation", a("consultation"), (0.0, 0.3)),
    Coup("message en pleine frappe", en_frappe("message", 3), (0.0, 0.05)),
    Coup("ordonnance à l'impression", imprime("consultation"), (0.0, 0.6)),
    Coup("documents, résumé à composer", a("documents"), (0.0, 0.1)),
    Coup("résumé à l'impression", imprime("documents"), (0.0, 0.6)),
    Coup("adieu", a("adieu"), (0.0, 0.05)),
    Coup("purge", propre(0), (0.0, 0.1)),
    Coup("propreté", propre(2), (0.0, 0.05)),
)
"""27 morts, une visite."""

MOMENTS_DURS = (
    Coup("prénom en pleine frappe", en_frappe("prenom", 5), (0.0, 0.2)),
    Coup("gonflage", tension("en-cours"), GONFLAGE_S, gonfle=True),
    Coup("message en pleine frappe", en_frappe("message", 5), (0.0, 0.2)),
    Coup("ordonnance à l'impression", imprime("consultation"), (0.0, 1.0)),
    Coup("documents, résumé à composer", a("documents"), (0.0, 0.15)),
    Coup("résumé à l'impression", imprime("documents"), (0.0, 1.0)),
    Coup("purge", propre(0), (0.0, 0.3)),
    Coup("purge ou propreté", propre(1), (0.0, 0.1)),
)
"""Huit de plus, à des délais tirés au sort."""

LONGUE = (*CHAQUE_ETAPE, *MOMENTS_DURS, *MOMENTS_DURS, *MOMENTS_DURS[:5], *MOMENTS_DURS[6:])
"""Cinquante morts, quatre visites."""

COURTE = (
    Coup("prénom en pleine frappe", en_frappe("prenom", 4), (0.0, 0.05)),
    Coup("gonflage", tension("en-cours"), (0.2, 1.5), gonfle=True),
    Coup("résumé à l'impression", imprime("documents"), (0.0, 0.6)),
    Coup("purge", propre(0), (0.0, 0.1)),
)


async def tuer(
    coups: Sequence[Coup], graine: int, medecin: Callable[[Monde], Any], dossier: Path, duree_mesure_s: float
) -> Bilan:
    """Joue ces morts dans l'ordre, puis finit la visite ; tout est écrit sous `dossier`.

    `medecin` : de quoi tenir un médecin dans ce monde. `duree_mesure_s` : secondes d'une mesure du brassard.
    Erreurs : BancCasse, celles du monde virtuel.
    """
    (dossier / "banc").mkdir(parents=True)
    async with Monde(dossier / "monde", duree_mesure_s=duree_mesure_s) as monde, medecin(monde):
        banc = Banc(monde, dossier / "banc", graine)
        await banc.lancer()
        for coup in coups:
            await banc.frapper(coup)
        await banc.finir()
    return banc.bilan
