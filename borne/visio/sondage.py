"""Les sondes : de courtes rafales de bourrage au-dessus du débit permis, pour voir si le lien en supporte plus.

Pur : le temps est un paramètre, en secondes. Le bourrage est fait de paquets déjà envoyés (RTX, RFC 4588) : le
récepteur qui en avait perdu les retrouve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from borne.visio.emission import Envoi

DUREE: Final = 0.025
"""Secondes d'une sonde : assez pour mesurer, trop peu pour remplir une file (6 ko à 2 Mbit/s)."""
RAPPORT: Final = 2.0
"""Débit d'une sonde sur le débit permis."""
MARGE: Final = 1.15
ATTENTE_MIN, ATTENTE_MAX = 0.8, 2.5
"""Secondes entre deux sondes : plus après chaque échec."""
ENCHAINEMENT: Final = 0.1
DELAI_RESULTAT: Final = 0.7
PAQUETS_MIN: Final = 5
SATURATION: Final = 0.85
"""Part du débit envoyé qui doit arriver pour que le lien ne soit pas saturé."""
REUSSITE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Sonde:
    """`octets` de bourrage à envoyer à `debit` bits par seconde, sous le nom `rang`."""

    rang: int
    debit: float
    octets: int

    @property
    def duree(self) -> float:
        """Secondes qu'elle prend."""
        return self.octets * 8 / self.debit


class Sondage:
    """Propose les sondes et lit leur résultat."""

    def __init__(self) -> None:
        self._rang = 0
        self._sonde: Sonde | None = None
        self._envois = 0
        self._arrivees: list[tuple[Envoi, float]] = []
        self._repondus = 0
        self._premier = self._dernier = 0
        self._limite = 0.0
        self._attente = ATTENTE_MIN
        self._prochaine = 0.0

    def proposer(self, debit: float, maxi: float, maintenant: float) -> Sonde | None:
        """Une sonde au-dessus de `debit`, si c'est le moment."""
        if self._sonde is not None or maintenant < self._prochaine:
            return None
        vise = min(RAPPORT * debit, MARGE * maxi)
        self._rang += 1
        self._sonde = Sonde(self._rang, vise, int(vise * DUREE / 8))
        self._envois = self._repondus = 0
        self._arrivees = []
        self._limite = maintenant + DELAI_RESULTAT
        return self._sonde

    def envoyer(self, envoi: Envoi) -> None:
        """Un paquet est parti."""
        if self._sonde is not None and envoi.sonde == self._sonde.rang:
            self._premier = self._premier if self._envois else envoi.numero
            self._dernier = envoi.numero
            self._envois += 1

    def noter(self, envoi: Envoi, arrivee: float | None) -> None:
        """Le sort d'un paquet : l'image et le son partis pendant la sonde comptent dans son débit."""
        if self._sonde is None:
            return
        self._repondus += envoi.sonde == self._sonde.rang
        if arrivee is not None:
            self._arrivees.append((envoi, arrivee))

    def conclure(self, maintenant: float) -> float | None:
        """Le débit que la sonde a prouvé, en bits par seconde ; None tant qu'il n'y a rien à en dire."""
        sonde = self._sonde
        complete = sonde is not None and self._envois * 1200 >= sonde.octets and self._repondus >= self._envois
        if sonde is None or not (complete or maintenant > self._limite):
            return None
        self._sonde = None
        mesure = self._mesurer()
        if mesure is None:
            self._reporter(maintenant)
            return None
        parti, arrive = mesure
        if arrive < SATURATION * min(parti, sonde.debit):
            self._reporter(maintenant)
            return 0.9 * arrive
        # Le lien a tout rendu. Une borne occupée a pu envoyer trop lentement : recommencer, sans rien en conclure.
        reussie = parti > REUSSITE * sonde.debit
        self._attente = ATTENTE_MIN
        self._prochaine = maintenant + (ENCHAINEMENT if reussie else ATTENTE_MIN / 2)
        return 0.95 * min(parti, sonde.debit)

    def echouer(self, maintenant: float) -> None:
        """Le lien s'est rempli : la sonde en cours ne vaut plus rien."""
        self._sonde = None
        self._reporter(maintenant)

    def presser(self, maintenant: float) -> None:
        """Le lien vient de revenir : sonder dès que possible."""
        self._attente, self._prochaine = ATTENTE_MIN, maintenant + ENCHAINEMENT

    def _reporter(self, maintenant: float) -> None:
        self._prochaine = maintenant + self._attente
        self._attente = min(1.5 * self._attente, ATTENTE_MAX)

    def _mesurer(self) -> tuple[float, float] | None:
        """Les débits d'envoi et d'arrivée de la rafale, ou None si trop peu en est revenu."""
        rafale = [
            (envoi, arrivee) for envoi, arrivee in self._arrivees if self._premier <= envoi.numero <= self._dernier
        ]
        if len(rafale) < max(PAQUETS_MIN, 0.6 * (self._dernier - self._premier)):
            return None
        octets = sum(envoi.taille for envoi, _ in rafale)
        arrivees = [arrivee for _, arrivee in rafale]
        parti = (octets - rafale[-1][0].taille) * 8 / max(rafale[-1][0].instant - rafale[0][0].instant, 1e-3)
        arrive = (octets - rafale[0][0].taille) * 8 / max(max(arrivees) - min(arrivees), 1e-3)
        return parti, arrive
