"""Le débit que le lien supporte, tiré des comptes rendus d'arrivée. Pur : le temps est un paramètre, en secondes.

Google Congestion Control (draft-ietf-rmcat-gcc-02) pour le principe : baisser au débit réellement acquitté quand le
délai croît, remonter doucement, sonder. Trois écarts voulus. La baisse vide la file (facteur selon son délai) : une
image vieille ne sert pas à un médecin. Les pertes seules ne font pas baisser : une radio perd sans être pleine ; un
essai à débit réduit dit si les pertes en dépendent. Les sondes sont fréquentes : un lien revenu doit se voir.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from borne.visio.emission import Envoi
from borne.visio.sondage import Sondage, Sonde
from borne.visio.tendance import FileStable, Tendance

FENETRE_ACQUITTE: Final = 0.3
FENETRE_PERTES: Final = 2.0
FILE_HAUTE: Final = 0.025
"""Secondes de file stable qui, même sans tendance, disent le lien plein."""
FILE_BASSE: Final = 0.010
FILE_SURE: Final = 0.008
"""Sous cette file, une tendance n'est que de la gigue."""
HAUSSE: Final = 0.10
"""Par seconde, tant que le lien est libre ; le tiers près du dernier débit où il s'est rempli."""
SILENCE: Final = 1.0
"""Secondes sans compte rendu au bout desquelles le débit baisse : le lien est peut-être coupé."""
PERTES_SUSPECTES: Final = 0.09
DUREE_ESSAI: Final = 1.2
"""Secondes d'un essai à débit réduit."""
MEMOIRE_ESSAI: Final = 30.0
DUREE_CHARGE: Final = 30.0
"""Secondes après une baisse pendant lesquelles le lien est tenu pour étroit."""
ROUTE_CHANGEE: Final = 2.5
"""Secondes à débit bas sans que la file se vide : le délai du lien a changé, ce n'est pas une file."""
MARGE_VOL: Final = 0.25
"""Secondes de débit que le lien peut contenir en plus de l'aller-retour, avant que l'image n'attende."""
MARGE_OCTETS: Final = 20_000


class Regime(enum.Enum):
    """Ce que fait le régulateur."""

    HAUSSE = "hausse"
    BAISSE = "baisse"
    ESSAI = "essai"


@dataclass(slots=True)
class _Essai:
    """Un essai à débit réduit : `pertes` avant lui, puis comptes des paquets partis depuis `debut`."""

    debut: float
    debit: float
    pertes: float
    paquets: int = 0
    perdus: int = 0


class Regulation:
    """Donne `debit`, le débit total permis en bits par seconde, entre `mini` et `maxi`."""

    def __init__(self, depart: float, mini: float, maxi: float) -> None:
        self.debit = depart
        self.mini = mini
        self.maxi = maxi
        self.regime = Regime.HAUSSE
        self.aller_retour = 0.1
        """Aller-retour minimal récent, attente du compte rendu comprise."""
        self.pertes = 0.0
        """Part des paquets perdus sur les deux dernières secondes, 0 à 1."""
        self._tendance = Tendance()
        self._file = FileStable()
        self._sondage = Sondage()
        self._en_vol: dict[int, Envoi] = {}
        self._recus: deque[tuple[float, int]] = deque()
        self._sorts: deque[tuple[float, int, bool]] = deque()
        self._essai: _Essai | None = None
        self._pertes_admises = 0.0
        self._fin_admission = 0.0
        self._capacite: float | None = None
        self._derniere_baisse = -DUREE_CHARGE
        self._baisse_depuis = 0.0
        self._vide_depuis: float | None = None
        self._dernier_retour: float | None = None
        self._derniere_hausse: float | None = None
        self._avant_silence: float | None = None
        self._aveugle = 0.0
        self._retour = 0.0

    @property
    def file(self) -> float:
        """Secondes d'attente dans la file du lien."""
        return self._file.delai

    @property
    def durable(self) -> float:
        """Le débit une fois la file vidée, bits par seconde : celui dont dépend ce que l'on montre."""
        if self.regime is Regime.HAUSSE or self._capacite is None:
            return self.debit
        return max(self.debit, 0.9 * self._capacite)

    @property
    def plafond(self) -> float:
        """Octets en vol au-delà desquels l'image doit attendre ; sans limite tant que rien n'est rapporté."""
        if self._dernier_retour is None:
            return float("inf")
        return MARGE_OCTETS + self.debit * (self.aller_retour + MARGE_VOL) / 8

    def silence(self, maintenant: float) -> float:
        """Secondes depuis le dernier compte rendu ; 0 avant le premier."""
        return 0.0 if self._dernier_retour is None else maintenant - self._dernier_retour

    def libre(self, maintenant: float) -> bool:
        """Rien ne s'est accumulé depuis longtemps : une image peut partir d'un coup."""
        return self.regime is not Regime.BAISSE and maintenant - self._derniere_baisse >= DUREE_CHARGE

    def envoyer(self, envoi: Envoi) -> None:
        """Un paquet numéroté est parti."""
        self._en_vol[envoi.numero] = envoi
        self._sondage.envoyer(envoi)

    def accuser(self, base: int, arrivees: Iterable[float | None], maintenant: float) -> int:
        """Un compte rendu : `arrivees` dit, depuis le numéro `base`, l'instant d'arrivée (horloge du récepteur) ou
        None. Rend les octets qui ne sont plus en vol."""
        rendus = 0
        dernier: Envoi | None = None
        self._fin_de_silence(maintenant)
        for numero, arrivee in enumerate(arrivees, base):
            envoi = self._en_vol.pop(numero, None)
            if envoi is None:
                continue
            rendus += envoi.taille
            self._sort(envoi, arrivee, maintenant)
            if arrivee is not None:
                dernier = envoi
                self._arrive(envoi, arrivee)
        # Ceux d'avant dont aucun compte rendu n'a parlé : c'est le compte rendu qui s'est perdu.
        for numero in [numero for numero in self._en_vol if numero < base]:
            rendus += self._en_vol.pop(numero).taille
        if dernier is not None:
            mesure = maintenant - dernier.instant
            self.aller_retour = min(mesure, 0.98 * self.aller_retour + 0.02 * mesure)
            self._decider(maintenant)
        return rendus

    def battre(self, maintenant: float) -> None:
        """À appeler souvent (20 à 100 ms) : hausse, silence, fin d'un essai ou d'une sonde."""
        if self.silence(maintenant) > SILENCE:
            if self._avant_silence is None:
                self._avant_silence = self.debit
            ecoule = maintenant - (self._derniere_hausse or maintenant)
            self._fixer(self.debit * 0.6 ** min(ecoule, 1.0))
            self._derniere_hausse = maintenant
            return
        resultat = self._sondage.conclure(maintenant)
        if resultat is not None and self.regime is Regime.HAUSSE and resultat > self.debit:
            self._fixer(resultat)
            self._capacite = None
        self._monter(maintenant)

    def sonde_due(self, maintenant: float) -> Sonde | None:
        """La sonde à envoyer maintenant, s'il y en a une."""
        calme = self.regime is Regime.HAUSSE and self._dernier_retour is not None and self.file < FILE_BASSE
        if not calme or self.debit > 0.97 * self.maxi or maintenant < self._aveugle:
            return None
        sonde = self._sondage.proposer(self.debit, self.maxi, maintenant)
        if sonde is not None:
            self._aveugle = maintenant + 3 * sonde.duree + 0.05
        return sonde

    def acquitte(self) -> float | None:
        """Débit arrivé sur les dernières 300 ms (bits par seconde) ; None avant la première mesure."""
        if len(self._recus) < 2:
            return None
        duree = self._recus[-1][0] - self._recus[0][0]
        octets = sum(taille for _, taille in self._recus) - self._recus[0][1]
        return octets * 8 / duree if duree > FENETRE_ACQUITTE / 2 else None

    def _sort(self, envoi: Envoi, arrivee: float | None, maintenant: float) -> None:
        if envoi.instant >= self._retour:
            self._sorts.append((maintenant, envoi.numero, arrivee is None))
        essai = self._essai
        if essai is not None and envoi.instant > essai.debut:
            essai.paquets += 1
            essai.perdus += arrivee is None
        self._sondage.noter(envoi, arrivee)

    def _arrive(self, envoi: Envoi, arrivee: float) -> None:
        self._recus.append((arrivee, envoi.taille))
        while self._recus[0][0] < arrivee - FENETRE_ACQUITTE:
            self._recus.popleft()
        if envoi.instant < self._aveugle:
            self._tendance.oublier()
        else:
            self._tendance.ajouter(envoi.instant, arrivee)
            self._file.ajouter(envoi.instant, arrivee)

    def _decider(self, maintenant: float) -> None:
        while self._sorts and self._sorts[0][0] < maintenant - FENETRE_PERTES:
            self._sorts.popleft()
        self.pertes = sum(perdu for _, _, perdu in self._sorts) / max(1, len(self._sorts))
        plein = self.file > FILE_HAUTE or (self._tendance.surcharge and self.file > FILE_SURE)
        if plein and maintenant >= self._aveugle:
            self._baisser(maintenant)
        elif self.regime is Regime.BAISSE:
            self._vider(maintenant)
        else:
            self._eprouver(maintenant)

    def _baisser(self, maintenant: float) -> None:
        if self.regime is not Regime.BAISSE:
            self._baisse_depuis = maintenant
            self._sondage.echouer(maintenant)
        self.regime, self._essai, self._vide_depuis = Regime.BAISSE, None, None
        self._derniere_baisse = maintenant
        acquitte = self.acquitte()
        if acquitte is not None:
            self._capacite = acquitte
            facteur = max(0.4, min(0.85, 1 - self.file / 0.35))
            self._fixer(min(self.debit, acquitte * facteur))
        self._constater_route(maintenant)

    def _constater_route(self, maintenant: float) -> None:
        """Un délai qui reste malgré un débit bas n'est pas une file : la route s'est allongée."""
        if maintenant - self._baisse_depuis > ROUTE_CHANGEE and not self._tendance.surcharge:
            self._file.rebaser()
            self._baisse_depuis = maintenant
            self._sondage.presser(maintenant)

    def _vider(self, maintenant: float) -> None:
        """La file se vide : attendre qu'elle le soit, puis reprendre un peu sous la capacité vue."""
        if self.file > FILE_BASSE:
            self._vide_depuis = None
            self._constater_route(maintenant)
            return
        if self._vide_depuis is None:
            self._vide_depuis = maintenant
        if maintenant - self._vide_depuis >= 0.1:
            self.regime, self._derniere_hausse = Regime.HAUSSE, maintenant
            if self._capacite is not None:
                self._fixer(max(self.debit, 0.9 * self._capacite))

    def _eprouver(self, maintenant: float) -> None:
        """Beaucoup de pertes sans file : un essai à débit réduit dit si elles viennent du débit (lien bridé)."""
        essai = self._essai
        if essai is None:
            admises = self._pertes_admises if maintenant < self._fin_admission else 0.0
            suspect = self.pertes > max(PERTES_SUSPECTES, 1.6 * admises) and len(self._sorts) > 100
            if suspect and self.regime is Regime.HAUSSE:
                self.regime = Regime.ESSAI
                self._essai = _Essai(maintenant, self.debit, self.pertes)
                self._fixer(0.6 * self.debit)
            return
        if maintenant - essai.debut < DUREE_ESSAI or essai.paquets < 40:
            return
        self.regime, self._essai, self._derniere_hausse = Regime.HAUSSE, None, maintenant
        pertes = essai.perdus / essai.paquets
        if pertes > 0.5 * essai.pertes:
            self._pertes_admises, self._fin_admission = max(pertes, essai.pertes), maintenant + MEMOIRE_ESSAI
            self._fixer(essai.debit)
        else:
            self._capacite = essai.debit * (1 - essai.pertes)
            self._derniere_baisse = maintenant
            self._fixer(0.95 * self._capacite)

    def _monter(self, maintenant: float) -> None:
        avant, self._derniere_hausse = self._derniere_hausse, maintenant
        if (
            avant is None
            or self._dernier_retour is None
            or self.regime is not Regime.HAUSSE
            or self.file > FILE_BASSE
        ):
            return
        proche = self._capacite is not None and 0.85 * self._capacite < self.debit < 1.2 * self._capacite
        hausse = self.debit * (HAUSSE / 3 if proche else HAUSSE) * min(maintenant - avant, 0.2)
        acquitte = self.acquitte()
        # Un débit que l'image n'emploie pas n'a rien prouvé : pas plus d'une fois et demie celui qui arrive.
        borne = self.maxi if acquitte is None else max(self.debit, 1.5 * acquitte)
        self._fixer(min(self.debit + hausse, borne))

    def _fin_de_silence(self, maintenant: float) -> None:
        if self._avant_silence is not None:
            self._fixer(max(self.debit, 0.6 * self._avant_silence))
            self._avant_silence = None
            # Ce qui s'est perdu pendant la coupure ne dit rien du débit.
            self._retour = maintenant
            self._sorts.clear()
            self._tendance.oublier()
            self._file.oublier()
            self._recus.clear()
            self._sondage.presser(maintenant)
        self._dernier_retour = maintenant

    def _fixer(self, debit: float) -> None:
        self.debit = max(self.mini, min(debit, self.maxi))
