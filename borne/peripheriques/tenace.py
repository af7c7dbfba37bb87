"""Un fil qui tient un périphérique ouvert, dit quand il le perd, et le rouvre de lui-même avec recul."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from borne.peripheriques.attente import Carillon

RECUL_MINIMAL_S: Final = 0.25
RECUL_MAXIMAL_S: Final = 4.0
DELAI_ARRET_S: Final = 5.0

EtatPeripherique = Literal["arretee", "ouverture", "active", "perdue"]
SurEtat = Callable[[EtatPeripherique, str], None]
"""Appelé depuis le fil du périphérique (ou celui qui l'arrête) : l'état et sa raison, phrase française ou vide."""

T = TypeVar("T")

journal = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Vue:
    """Ce que le fil publie d'un bloc, pour que les lecteurs n'aient pas besoin de verrou."""

    etat: EtatPeripherique = "arretee"
    raison: str = ""
    pertes: int = 0


class FilTenace:
    """Répète `corps` jusqu'à l'arrêt. `corps` ouvre, appelle `reussir` dès que le périphérique vit, et lève `perte`.

    `nom` : sujet des phrases (« La caméra »). Une `OSError` vaut aussi une perte. Toute autre exception est un
    défaut du programme : elle remonte et finit le fil.
    """

    def __init__(
        self, nom: str, corps: Callable[[], None], perte: type[Exception], sur_etat: SurEtat | None = None
    ) -> None:
        self.fin = threading.Event()
        self.carillon = Carillon()
        self._nom, self._corps, self._perte, self._sur_etat = nom, corps, perte, sur_etat
        self._vue = _Vue()
        self._recul_s = RECUL_MINIMAL_S
        self._fil: threading.Thread | None = None

    @property
    def etat(self) -> EtatPeripherique:
        """Où en est le périphérique."""
        return self._vue.etat

    @property
    def raison(self) -> str:
        """Pourquoi il est perdu, ou en quoi il n'est pas tout à fait comme voulu (phrase française) ; sinon vide."""
        return self._vue.raison

    def demarrer(self) -> None:
        """Lance le fil (sans effet s'il tourne). L'absence du périphérique se dit par l'état, pas ici."""
        if self._fil is None:
            self.fin.clear()
            self._changer("ouverture", "")
            self._fil = threading.Thread(target=self._tourner, name=self._nom, daemon=True)
            self._fil.start()

    def arreter(self) -> None:
        """Arrête le fil et l'attend (un périphérique qui ne rend pas la main est abandonné, et c'est journalisé)."""
        fil, self._fil = self._fil, None
        if fil is None:
            return
        self.fin.set()
        fil.join(DELAI_ARRET_S)
        if fil.is_alive():
            journal.warning("%s : le fil ne rend pas la main, il est abandonné", self._nom)
        self._changer("arretee", "")

    def reussir(self) -> None:
        """Le périphérique vit : à appeler à chaque donnée reçue (réveille aussi ceux qui attendent)."""
        if self.fin.is_set():
            return
        self._recul_s = RECUL_MINIMAL_S
        if self._vue.etat != "active":
            self._changer("active", "")
        else:
            self.carillon.sonner()

    def nuancer(self, raison: str) -> None:
        """Le périphérique vit, mais pas tout à fait comme voulu (phrase française, vide quand tout va bien)."""
        if not self.fin.is_set() and self._vue.etat == "active" and self._vue.raison != raison:
            if raison:
                journal.warning("%s", raison)
            self._changer("active", raison)

    async def attendre(self, regarder: Callable[[], T | None], delai_s: float) -> T:
        """La première valeur que `regarder` donne.

        Lève `perte` dès que le périphérique se perd pendant l'attente, et après `delai_s` sans valeur : on peut
        donc rappeler aussitôt sans occuper la boucle, même si le périphérique est absent.
        """
        pertes = self._vue.pertes

        def regarder_et_veiller() -> T | None:
            if self._vue.pertes != pertes:
                raise self._perte(self._vue.raison)
            return regarder()

        try:
            async with asyncio.timeout(delai_s):
                return await self.carillon.jusqua(regarder_et_veiller)
        except TimeoutError:
            raise self._perte(self._vue.raison or f"{self._nom} n'envoie rien.") from None

    def _tourner(self) -> None:
        while not self.fin.is_set():
            try:
                self._corps()
            except OSError as erreur:
                self._perdre(f"{self._nom} ne répond pas.", erreur)
            except self._perte as erreur:
                self._perdre(str(erreur), erreur)
            else:
                continue
            self.fin.wait(self._recul_s)
            self._recul_s = min(2 * self._recul_s, RECUL_MAXIMAL_S)

    def _perdre(self, raison: str, erreur: Exception) -> None:
        if self.fin.is_set():
            return
        if (self._vue.etat, self._vue.raison) != ("perdue", raison):
            journal.warning("%s (%s)", raison, type(erreur).__name__)
        self._changer("perdue", raison, perte=1)

    def _changer(self, etat: EtatPeripherique, raison: str, perte: int = 0) -> None:
        avant = self._vue
        self._vue = _Vue(etat, raison, avant.pertes + perte)
        if self._sur_etat is not None and (avant.etat, avant.raison) != (etat, raison):
            self._sur_etat(etat, raison)
        self.carillon.sonner()
