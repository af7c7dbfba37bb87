"""Le processus du relais (`relais.py`) : une boucle de sockets et un tas d'échéances, commandée par son entrée.

Chaque adresse réelle d'un pair a un alias, un socket du relais : ce qui arrive à l'alias de D, venant de S, repart
vers D depuis l'alias de S, créé au besoin. Les deux pairs ne se voient donc qu'à travers des alias, quel que soit le
nombre de candidats et de séances.
"""

from __future__ import annotations

import contextlib
import dataclasses
import heapq
import json
import os
import select
import socket
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from tests.bancs.relais import SENS, Cote, Lien, Regime, Sens

TAMPON: Final = 1 << 21
"""Octets de réception par socket : une image clé entière attend sans se perdre."""
PAQUETS_PAR_TOUR: Final = 64
"""Paquets lus d'un socket avant de voir aux autres et aux échéances."""
PRIORITE: Final = -10
SO_RCVBUFFORCE: Final = 33
"""socket(7) ; Python ne le nomme pas."""
SENS_DE: Final[dict[Cote, Sens]] = {"borne": "vers_borne", "medecin": "vers_medecin"}
AUTRE: Final[dict[Cote, Cote]] = {"borne": "medecin", "medecin": "borne"}

Adresse = tuple[str, int]


@dataclass
class Alias:
    """Le socket qui tient lieu de l'adresse réelle `adresse` du pair `cote`."""

    adresse: Adresse
    cote: Cote
    prise: socket.socket


class Boucle:
    """Tout le relais. Un seul fil."""

    def __init__(self, graine: int) -> None:
        self.liens = {sens: Lien(f"{graine}/{sens}") for sens in SENS}
        self._alias: dict[Adresse, Alias] = {}
        self._descripteurs: dict[int, Alias] = {}
        self._mortes: set[Adresse] = set()
        self._abandonnees: list[socket.socket] = []
        self._tas: list[tuple[float, int, socket.socket, bytes, Adresse, Lien]] = []
        self._programme: list[tuple[float, int, Sens, Regime]] = []
        self._rang = 0
        self._reste = b""

    def tourner(self) -> None:
        """Jusqu'à la fermeture de l'entrée standard."""
        while True:
            maintenant = time.monotonic()
            self._appliquer(maintenant)
            self._emettre(maintenant)
            echeances = [tas[0][0] for tas in (self._tas, self._programme) if tas]
            attente = max(0.0, min(echeances) - time.monotonic()) if echeances else None
            prets, _, _ = select.select([0, *self._descripteurs], [], [], attente)
            for descripteur in prets:
                if descripteur == 0:
                    if not self._commander():
                        return
                elif descripteur in self._descripteurs:
                    self._recevoir(self._descripteurs[descripteur])

    def _appliquer(self, maintenant: float) -> None:
        while self._programme and self._programme[0][0] <= maintenant:
            _, _, sens, regime = heapq.heappop(self._programme)
            self.liens[sens].regler(regime)

    def _emettre(self, maintenant: float) -> None:
        while self._tas and self._tas[0][0] <= maintenant:
            heure, _, prise, octets, vers, lien = heapq.heappop(self._tas)
            self._envoyer(heure, prise, octets, vers, lien)

    def _envoyer(self, heure: float, prise: socket.socket, octets: bytes, vers: Adresse, lien: Lien) -> None:
        compteurs = lien.compteurs
        try:
            prise.sendto(octets, vers)
        except (BlockingIOError, ConnectionRefusedError):
            # Le pair a fermé son port, ou le tampon du noyau déborde : un réseau perd aussi.
            compteurs.jetes_file += 1
            return
        retard = (time.monotonic() - heure) * 1000
        compteurs.transmis += 1
        compteurs.octets_transmis += len(octets)
        compteurs.retard_somme_ms += retard
        compteurs.retard_max_ms = max(compteurs.retard_max_ms, retard)

    def _recevoir(self, cible: Alias) -> None:
        lien = self.liens[SENS_DE[cible.cote]]
        for _ in range(PAQUETS_PAR_TOUR):
            try:
                octets, source = cible.prise.recvfrom(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return
            maintenant = time.monotonic()
            heure = lien.accepter(maintenant, len(octets))
            if heure is None:
                continue
            if source in self._mortes or cible.adresse in self._mortes:
                lien.compteurs.jetes_coupure += 1
                continue
            depuis = self._obtenir(source, AUTRE[cible.cote]).prise
            if heure <= maintenant and not self._tas:
                self._envoyer(heure, depuis, octets, cible.adresse, lien)
            else:
                self._rang += 1
                heapq.heappush(self._tas, (heure, self._rang, depuis, octets, cible.adresse, lien))

    def _obtenir(self, adresse: Adresse, cote: Cote) -> Alias:
        alias = self._alias.get(adresse)
        if alias is None:
            alias = self._alias[adresse] = Alias(adresse, cote, _prise())
            self._descripteurs[alias.prise.fileno()] = alias
        return alias

    def _commander(self) -> bool:
        """Lit l'entrée ; faux quand elle est fermée."""
        octets = os.read(0, 65_536)
        if not octets:
            return False
        *lignes, self._reste = (self._reste + octets).split(b"\n")
        for ligne in lignes:
            print(json.dumps(self._obeir(json.loads(ligne))), flush=True)
        return True

    def _obeir(self, commande: dict[str, Any]) -> dict[str, Any]:
        match commande["ordre"]:
            case "alias":
                adresse = (commande["adresse"], commande["port"])
                return {"port": self._obtenir(adresse, commande["cote"]).prise.getsockname()[1]}
            case "programme":
                self._programmer(commande["sens"], commande["etapes"])
            case "couper":
                self._couper(commande["duree"])
            case "changer":
                self._changer(commande["cote"])
            case "retirer":
                self._mortes |= {a.adresse for a in self._alias.values() if a.cote == commande["cote"]}
            case "compteurs":
                return {sens: dataclasses.asdict(lien.compteurs) for sens, lien in self.liens.items()}
        return {}

    def _programmer(self, sens: Sens, etapes: list[tuple[float, dict[str, Any]]]) -> None:
        """Un programme remplace celui de son sens. L'étape immédiate s'applique avant la réponse."""
        depart = time.monotonic()
        self._programme = [etape for etape in self._programme if etape[2] != sens]
        for quand, regime in etapes:
            self._rang += 1
            self._programme.append((depart + quand, self._rang, sens, Regime(**regime)))
        heapq.heapify(self._programme)
        self._appliquer(depart)

    def _couper(self, duree: float) -> None:
        fin = time.monotonic() + duree
        for sens, lien in self.liens.items():
            self._rang += 1
            heapq.heappush(self._programme, (fin, self._rang, sens, dataclasses.replace(lien.regime, coupe=False)))
            lien.regler(dataclasses.replace(lien.regime, coupe=True))
        # Ce qui était en route est perdu aussi.
        self._tas.clear()

    def _changer(self, cote: Cote) -> None:
        for alias in [alias for alias in self._alias.values() if alias.cote == cote]:
            # L'ancien reste ouvert sans être lu : fermé, il répondrait « port inaccessible ».
            del self._descripteurs[alias.prise.fileno()]
            self._abandonnees.append(alias.prise)
            alias.prise = _prise()
            self._descripteurs[alias.prise.fileno()] = alias


def _prise() -> socket.socket:
    prise = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    prise.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, TAMPON)
    try:
        prise.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, TAMPON)
    except PermissionError:
        # Sans privilège, Linux s'en tient à net.core.rmem_max.
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TAMPON)
    prise.setblocking(False)
    prise.bind(("127.0.0.1", 0))
    return prise


def principal() -> None:
    """`python -m tests.bancs._relais_processus GRAINE` ; une commande JSON par ligne d'entrée, une réponse."""
    # Le relais est le réseau : préempté par ceux qu'il relie, il leur prêterait son retard. Refusé sans privilège.
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITE)
    Boucle(int(sys.argv[1])).tourner()


if __name__ == "__main__":
    principal()
