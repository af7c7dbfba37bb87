"""Un réseau mauvais, à volonté et à graine : un relais UDP en espace utilisateur, sur 127.0.0.1, dans son processus.

Le noyau des machines d'essai n'a pas de netem. Ici chaque candidat ICE d'un pair est remplacé, dans le SDP donné à
l'autre, par une adresse du relais ; tout ce qui passe subit alors le régime de son sens.

    with Relais(graine=1) as relais:
        offre = relais.sdp(offre_de_la_borne, "borne")
        reponse = relais.sdp(reponse_du_medecin, "medecin")
        ...                                            # l'appel s'établit sur un réseau parfait
        relais.regler(Regime(perte=0.05, delai_ms=20)) # puis le réseau devient mauvais, dans les deux sens
        relais.regler(vers_medecin=Regime(debit=1_000_000, file_octets=60_000))
        relais.programmer([(0, Regime(debit=4e6)), (10, Regime(debit=1e6)), (20, Regime(debit=4e6))], "vers_medecin")
        relais.couper(4.0)
        relais.changer_adresse("borne")
        print(relais.compteurs())

Un paquet rencontre, dans l'ordre : la coupure, les pertes, la file du goulot (jetée par la queue), puis le délai et
la gigue, qui gardent l'ordre des paquets, sauf ceux que `reordre` tire. Les mêmes graine et suite de paquets donnent
les mêmes pertes. Les commandes se font par un tube : moins d'une milliseconde, utilisables depuis asyncio.
"""

from __future__ import annotations

import dataclasses
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Literal, Self, TypeAlias, cast

Cote: TypeAlias = Literal["borne", "medecin"]
Sens: TypeAlias = Literal["vers_medecin", "vers_borne"]
SENS: Final[tuple[Sens, Sens]] = ("vers_medecin", "vers_borne")

ENTETES: Final = 28
"""Octets d'IPv4 et d'UDP, comptés dans le débit du goulot."""
RACINE: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Regime:
    """Ce qu'un sens fait subir aux paquets. Tout à zéro : un réseau parfait.

    `perte` : probabilité uniforme. `un_sur` : en plus, un paquet perdu sur ce nombre, jamais deux de suite.
    `rafale_entree`, `rafale_sortie` : Gilbert-Elliott, probabilités par paquet de passer du bon état au mauvais et
    d'en revenir ; `rafale_perte` : perte dans le mauvais (voir `rafales`). `gigue_ms` : ajoutée au délai, uniforme
    entre 0 et elle. `reordre` : probabilité qu'un paquet soit retenu `reordre_ms` de plus sans retenir les suivants.
    `debit` : bits/s du goulot (0 : aucun) ; `file_octets` : ce que sa file contient au plus. `coupe` : tout jeter.
    """

    perte: float = 0.0
    un_sur: int = 0
    rafale_entree: float = 0.0
    rafale_sortie: float = 1.0
    rafale_perte: float = 1.0
    delai_ms: float = 0.0
    gigue_ms: float = 0.0
    reordre: float = 0.0
    reordre_ms: float = 10.0
    debit: float = 0.0
    file_octets: int = 64_000
    coupe: bool = False


def rafales(moyenne: float, longueur: float, **autres: Any) -> Regime:
    """Un régime de Gilbert-Elliott perdant `moyenne` (0 à 1) des paquets, par rafales de `longueur` en moyenne."""
    sortie = 1 / longueur
    return Regime(rafale_entree=moyenne * sortie / (1 - moyenne), rafale_sortie=sortie, **autres)


@dataclass(slots=True)
class Compteurs:
    """Ce qu'un sens a vu. `retard_max_ms`, `retard_somme_ms` : le relais lui-même en retard sur l'heure voulue."""

    recus: int = 0
    octets_recus: int = 0
    transmis: int = 0
    octets_transmis: int = 0
    jetes_perte: int = 0
    jetes_file: int = 0
    jetes_coupure: int = 0
    attente_max_ms: float = 0.0
    retard_max_ms: float = 0.0
    retard_somme_ms: float = 0.0


class Lien:
    """Un sens du réseau : dit quand chaque paquet en sort. Sans socket ni horloge : le temps est donné (secondes)."""

    def __init__(self, graine: str) -> None:
        self._alea = random.Random(graine)
        self.regime = Regime()
        self.compteurs = Compteurs()
        self._mauvais = False
        self._libre = 0.0
        self._derniere = 0.0

    def accepter(self, instant: float, taille: int) -> float | None:
        """L'heure de sortie d'un paquet de `taille` octets UDP entré à `instant` ; None s'il est jeté."""
        regime, compteurs = self.regime, self.compteurs
        compteurs.recus += 1
        compteurs.octets_recus += taille
        if regime.coupe:
            compteurs.jetes_coupure += 1
            return None
        if self._perdu(regime):
            compteurs.jetes_perte += 1
            return None
        sortie = self._traverser_goulot(regime, instant, taille + ENTETES)
        if sortie is None:
            compteurs.jetes_file += 1
            return None
        return self._retarder(regime, sortie)

    def _perdu(self, regime: Regime) -> bool:
        # Toujours deux tirages : changer un réglage ne décale pas la suite des autres pertes.
        uniforme, etat = self._alea.random(), self._alea.random()
        self._mauvais = etat >= regime.rafale_sortie if self._mauvais else etat < regime.rafale_entree
        if regime.un_sur and self.compteurs.recus % regime.un_sur == 0:
            return True
        return uniforme < (max(regime.perte, regime.rafale_perte) if self._mauvais else regime.perte)

    def _traverser_goulot(self, regime: Regime, instant: float, taille: int) -> float | None:
        if regime.debit <= 0:
            return instant
        debut = max(instant, self._libre)
        if (debut - instant) * regime.debit / 8 + taille > regime.file_octets:
            return None
        self._libre = debut + taille * 8 / regime.debit
        self.compteurs.attente_max_ms = max(self.compteurs.attente_max_ms, (self._libre - instant) * 1000)
        return self._libre

    def _retarder(self, regime: Regime, sortie: float) -> float:
        gigue, reordre = self._alea.random(), self._alea.random()
        sortie += (regime.delai_ms + gigue * regime.gigue_ms) / 1000
        if reordre < regime.reordre:
            return sortie + regime.reordre_ms / 1000
        self._derniere = max(self._derniere, sortie)
        return self._derniere

    def regler(self, regime: Regime) -> None:
        """Change de régime. La file du goulot garde ses octets : ils s'écoulent au nouveau débit."""
        self._libre, self._derniere = (0.0, 0.0) if regime.debit <= 0 else (self._libre, self._derniere)
        self.regime = regime


class RelaisCasse(RuntimeError):
    """Le processus du relais n'est plus là ou n'a pas compris."""


class Relais:
    """Le relais et ses commandes ; gestionnaire de contexte. `graine` : entier, celle des deux sens."""

    def __init__(self, graine: int = 1) -> None:
        self._graine = graine
        self._processus: subprocess.Popen[str] | None = None

    def demarrer(self) -> None:
        """Lance le processus."""
        commande = [sys.executable, "-m", "tests.bancs._relais_processus", str(self._graine)]
        self._processus = subprocess.Popen(
            commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=RACINE
        )

    def arreter(self) -> None:
        """Arrête le processus et l'attend ; sans effet la deuxième fois."""
        if self._processus is None:
            return
        cast(IO[str], self._processus.stdin).close()
        self._processus.wait(timeout=10)
        cast(IO[str], self._processus.stdout).close()
        self._processus = None

    def sdp(self, sdp: str, cote: Cote) -> str:
        """Le SDP de `cote`, tel que l'autre pair doit le recevoir : chaque candidat UDP IPv4 passe par le relais,
        les autres (TCP, IPv6, mDNS) sont ôtés."""
        lignes = [self._ligne(ligne, cote) for ligne in sdp.replace("\r\n", "\n").split("\n")]
        return "\r\n".join(ligne for ligne in lignes if ligne is not None)

    def candidat(self, texte: str, cote: Cote) -> str | None:
        """Un candidat isolé (RFC 8838, avec ou sans « candidate: ») ; None s'il est à ôter, vide s'il l'était."""
        if not texte:
            return texte
        mots = texte.split()
        adresse, port = mots[4], mots[5]
        if mots[2].lower() != "udp" or not adresse.replace(".", "").isdigit():
            return None
        alias = self._demander(ordre="alias", adresse=adresse, port=int(port), cote=cote)["port"]
        mots[4:6] = "127.0.0.1", str(alias)
        if "raddr" in mots:
            rang = mots.index("raddr")
            del mots[rang : rang + 4]
        return " ".join(mots)

    def regler(
        self, regime: Regime | None = None, *, vers_medecin: Regime | None = None, vers_borne: Regime | None = None
    ) -> None:
        """Change le régime des deux sens (`regime`), ou de ceux que l'on nomme."""
        for sens, choisi in zip(SENS, (vers_medecin or regime, vers_borne or regime), strict=True):
            if choisi is not None:
                self.programmer([(0.0, choisi)], sens)

    def programmer(self, etapes: Sequence[tuple[float, Regime]], sens: Sens | None = None) -> None:
        """Des régimes à leur heure, en secondes après cet appel, dans un sens ou les deux (None)."""
        programme = [(quand, dataclasses.asdict(regime)) for quand, regime in etapes]
        for choisi in SENS if sens is None else (sens,):
            self._demander(ordre="programme", sens=choisi, etapes=programme)

    def couper(self, duree_s: float) -> None:
        """Jette tout dans les deux sens pendant `duree_s`, puis revient aux régimes d'avant."""
        self._demander(ordre="couper", duree=duree_s)

    def changer_adresse(self, cote: Cote) -> None:
        """L'autre pair voit désormais `cote` à de nouveaux ports ; les anciens ne mènent plus nulle part."""
        self._demander(ordre="changer", cote=cote)

    def retirer_adresse(self, cote: Cote) -> None:
        """Les adresses de `cote` connues jusqu'ici sont mortes (carte retirée) : seules de nouvelles passent."""
        self._demander(ordre="retirer", cote=cote)

    def compteurs(self) -> dict[Sens, Compteurs]:
        """Les comptes depuis le début, par sens."""
        reponse = self._demander(ordre="compteurs")
        return {sens: Compteurs(**reponse[sens]) for sens in SENS}

    @property
    def pid(self) -> int:
        """Son processus, pour en retrancher le coût."""
        if self._processus is None:
            raise RelaisCasse("le relais n'est pas lancé")
        return self._processus.pid

    def __enter__(self) -> Self:
        self.demarrer()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arreter()

    def _ligne(self, ligne: str, cote: Cote) -> str | None:
        if ligne.startswith("a=candidate:"):
            candidat = self.candidat(ligne.removeprefix("a="), cote)
            return None if candidat is None else f"a={candidat}"
        if ligne.startswith("m="):
            # Le port par défaut est celui d'un candidat : laissé là, il permettrait de contourner le relais.
            mots = ligne.split(" ")
            mots[1] = "0" if mots[1] == "0" else "9"
            return " ".join(mots)
        return "c=IN IP4 0.0.0.0" if ligne.startswith("c=") else ligne

    def _demander(self, **commande: Any) -> dict[str, Any]:
        if self._processus is None:
            raise RelaisCasse("le relais n'est pas lancé")
        entree, sortie = cast(IO[str], self._processus.stdin), cast(IO[str], self._processus.stdout)
        try:
            entree.write(json.dumps(commande) + "\n")
            entree.flush()
            ligne = sortie.readline()
        except OSError as erreur:
            raise RelaisCasse("le relais s'est arrêté") from erreur
        if not ligne:
            raise RelaisCasse(f"le relais s'est arrêté (statut {self._processus.poll()})")
        return cast(dict[str, Any], json.loads(ligne))
