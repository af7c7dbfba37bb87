"""Le lecteur de badge ou de code-barres, en mode série : une ligne par code, sans clavier.

Un lecteur « clavier » taperait n'importe quel code dans la borne ; en série, un code n'est qu'un texte, borné, rendu
à qui l'attend. Le lecteur est tenu ouvert tant que la borne l'écoute, et repris de lui-même quand il se rebranche.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from borne.peripheriques.appareils.conduite import rien
from borne.peripheriques.appareils.contrat import Sondage
from borne.peripheriques.erreurs import AppareilAbsent, AppareilPerdu, ErreurPeripherique, PortIndisponible
from borne.peripheriques.serie import Ligne, Prise, Serie
from borne.peripheriques.tenace import RECUL_MAXIMAL_S, RECUL_MINIMAL_S, EtatPeripherique, SurEtat
from borne.peripheriques.trames_serie import DecoupeurLignes

journal = logging.getLogger(__name__)

_ECOUTE_S: Final = 60.0
"""Secondes d'une lecture : un lecteur se tait presque toujours, ce n'est pas une panne."""


@dataclass(frozen=True, slots=True)
class ProfilLecteur:
    """Les champs de `[appareil.reglages]`. `port` : nom stable, motif ou chemin.

    `prefixe`, `suffixe` : ce que le lecteur met autour d'un code ; chaque caractère du suffixe en finit un.
    `double_s` : un même code relu dans ce délai ne compte qu'une fois.
    """

    port: str
    nom: str = "Lecteur de badge"
    debit: int = 9600
    prefixe: str = ""
    suffixe: str = "\r\n"
    longueur_max: int = 512
    double_s: float = 2.0


class LecteurBadge:
    """Le lecteur. `etat`, `raison` : où il en est, comme une caméra (`tenace`)."""

    def __init__(self, serie: Serie, profil: ProfilLecteur) -> None:
        self.profil = profil
        self._serie = serie
        self._sur_code: Callable[[str], None] = rien
        self._sur_etat: SurEtat | None = None
        self._tache: asyncio.Task[None] | None = None
        self._dernier = ("", -1e9)
        self.etat: EtatPeripherique = "arretee"
        self.raison = ""

    def demarrer(self, sur_code: Callable[[str], None], sur_etat: SurEtat | None = None) -> None:
        """Se met à l'écoute (sans effet s'il l'est) ; l'absence du lecteur se dit par l'état, pas ici.

        `sur_code(code)` est appelé dans la boucle asyncio, une fois par lecture ; `sur_etat(etat, raison)` à chaque
        changement.
        """
        if self._tache is None:
            self._sur_code, self._sur_etat = sur_code, sur_etat
            self._changer("ouverture", "")
            self._tache = asyncio.get_running_loop().create_task(self._tenir())
            self._tache.add_done_callback(self._tombee)

    async def arreter(self) -> None:
        """Cesse d'écouter et rend la prise."""
        tache, self._tache = self._tache, None
        if tache is not None:
            tache.cancel()
            await asyncio.wait({tache})
            self._changer("arretee", "")

    async def sonder(self, *, delai_s: float = 20.0) -> Sondage:
        """Le lecteur est-il là, et libre ? Il ne sait rien dire de plus. Ne lève pas d'`ErreurPeripherique`."""
        if self.etat == "active":
            return Sondage(True, modele=self.profil.nom)
        try:
            chemin = await self._serie.chercher(self.profil.port, delai_s=delai_s)
            async with self._serie.ouvrir(chemin, Ligne(self.profil.debit)):
                return Sondage(True, modele=self.profil.nom)
        except ErreurPeripherique as erreur:
            return Sondage(False, faute=erreur.code, detail=erreur.detail)

    async def _tenir(self) -> None:
        recul_s = RECUL_MINIMAL_S
        while True:
            try:
                if self._serie.trouver(self.profil.port) is None:
                    self._changer("perdue", "Le lecteur n'est pas branché.")
                chemin = await self._serie.chercher(self.profil.port, delai_s=None)
                async with self._serie.ouvrir(chemin, Ligne(self.profil.debit)) as prise:
                    self._changer("active", "")
                    recul_s = RECUL_MINIMAL_S
                    await self._ecouter(prise)
            except (AppareilAbsent, AppareilPerdu):
                self._changer("perdue", "Le lecteur est débranché.")
            except PortIndisponible as erreur:
                self._changer("perdue", erreur.message)
            await asyncio.sleep(recul_s)
            recul_s = min(2 * recul_s, RECUL_MAXIMAL_S)

    async def _ecouter(self, prise: Prise) -> None:
        """Rend les codes jusqu'à ce que la prise se perde."""
        profil = self.profil
        decoupeur = DecoupeurLignes(profil.suffixe.encode(), profil.prefixe.encode(), profil.longueur_max)
        while True:
            for ligne in decoupeur.pousser(await prise.lire(_ECOUTE_S)):
                self._rendre(ligne.decode("ascii"))

    def _rendre(self, code: str) -> None:
        """Le code, sauf s'il vient d'être lu : un badge posé, une gâchette tenue, le lisent dix fois."""
        maintenant = asyncio.get_running_loop().time()
        dernier, lu_s = self._dernier
        self._dernier = (code, maintenant)
        if code != dernier or maintenant - lu_s > self.profil.double_s:
            self._sur_code(code)

    def _tombee(self, tache: asyncio.Task[None]) -> None:
        """Un défaut du programme (ou de `sur_code`) : le lecteur n'écoute plus, et cela se dit."""
        if not tache.cancelled() and tache.exception() is not None:
            journal.critical("le lecteur de badge s'arrête sur une faute", exc_info=tache.exception())
            self._changer("perdue", "Le lecteur s'est arrêté sur une faute.")

    def _changer(self, etat: EtatPeripherique, raison: str) -> None:
        if (self.etat, self.raison) == (etat, raison):
            return
        self.etat, self.raison = etat, raison
        if etat == "perdue":
            journal.warning("lecteur de badge : %s", raison)
        if self._sur_etat is not None:
            self._sur_etat(etat, raison)
