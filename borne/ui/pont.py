"""Le seul passage entre la boucle asyncio (dans son fil) et Qt.

Vers Qt : des signaux, livrés dans le fil de l'interface. Les valeurs vivantes et les images passent par une boîte à
une place : si l'interface est en retard, elle reçoit la plus récente, jamais une file d'attente.
Depuis Qt : `emettre` et `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from borne.parcours.evenements import Evenement
from borne.parcours.visite import Visite
from borne.ui.direct import EtatDirect
from borne.ui.technicien import GesteTechnicien

T = TypeVar("T")

DELAI_ARRET_S = 10.0
"""Secondes laissées aux tâches pour se terminer proprement."""


class BoucleAsyncio:
    """Une boucle asyncio dans un fil à elle. `demarrer` rend la main quand elle tourne."""

    def __init__(self, nom: str = "boucle-asyncio") -> None:
        self.boucle = asyncio.new_event_loop()
        self._fil = threading.Thread(target=self._tourner, name=nom, daemon=True)
        self._prete = threading.Event()

    def demarrer(self) -> None:
        """Démarrer le fil et attendre que la boucle tourne."""
        self._fil.start()
        self._prete.wait()

    def _tourner(self) -> None:
        asyncio.set_event_loop(self.boucle)
        self.boucle.call_soon(self._prete.set)
        try:
            self.boucle.run_forever()
        finally:
            self._terminer()

    def _terminer(self) -> None:
        """Annuler ce qui reste, lui laisser le temps de se fermer, puis fermer la boucle."""
        taches = asyncio.all_tasks(self.boucle)
        for tache in taches:
            tache.cancel()
        if taches:
            attente = asyncio.wait(taches, timeout=DELAI_ARRET_S)
            self.boucle.run_until_complete(attente)
        self.boucle.run_until_complete(self.boucle.shutdown_asyncgens())
        self.boucle.run_until_complete(self.boucle.shutdown_default_executor())
        self.boucle.close()

    def lancer(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Lancer une coroutine depuis un autre fil."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.boucle)

    def arreter(self) -> None:
        """Arrêter la boucle et attendre la fin du fil. Sans effet si elle est déjà arrêtée."""
        if not self._fil.is_alive():
            return
        self.boucle.call_soon_threadsafe(self.boucle.stop)
        self._fil.join(DELAI_ARRET_S + 5)


class _Boite:
    """Une boîte à une place, entre deux fils."""

    def __init__(self) -> None:
        self._verrou = threading.Lock()
        self._pleine = False
        self._contenu: object = None

    def deposer(self, contenu: object) -> bool:
        """Remplacer le contenu ; rend vrai si la boîte était vide (il faut prévenir)."""
        with self._verrou:
            vide = not self._pleine
            self._pleine, self._contenu = True, contenu
            return vide

    def prendre(self) -> tuple[bool, object]:
        """Vider la boîte ; le premier terme dit si elle contenait quelque chose."""
        with self._verrou:
            plein, contenu = self._pleine, self._contenu
            self._pleine, self._contenu = False, None
            return plein, contenu


class Pont(QObject):
    """Le pont. À créer dans le fil de l'interface ; `publier_*` et `deposer_*` s'appellent de n'importe quel fil.

    `visite_changee(Visite)` n'en saute aucune ; `direct_change(EtatDirect)`, `image_medecin(image)` et
    `image_patient(image)` ne livrent que la plus récente.
    """

    visite_changee = Signal(object)
    direct_change = Signal(object)
    image_medecin = Signal(object)
    image_patient = Signal(object)
    _a_prendre = Signal(str)

    def __init__(
        self,
        boucle: asyncio.AbstractEventLoop,
        recevoir: Callable[[Evenement], object],
        commander: Callable[[GesteTechnicien], object] = lambda geste: None,
    ) -> None:
        """`recevoir` et `commander` sont appelés dans la boucle : les gestes du patient, ceux du technicien."""
        super().__init__()
        self._boucle = boucle
        self._recevoir = recevoir
        self._commander = commander
        self._boites = {nom: _Boite() for nom in ("direct", "medecin", "patient")}
        self._a_prendre.connect(self._livrer, Qt.ConnectionType.QueuedConnection)

    # --- vers l'interface ---

    def publier_visite(self, visite: Visite) -> None:
        """La visite a changé."""
        self.visite_changee.emit(visite)

    def deposer_direct(self, direct: EtatDirect) -> None:
        """Des valeurs vivantes plus récentes."""
        self._deposer("direct", direct)

    def deposer_image_medecin(self, image: object) -> None:
        """Une image du médecin plus récente (QImage ou tableau RGB) ; None : plus d'image."""
        self._deposer("medecin", image)

    def deposer_image_patient(self, image: object) -> None:
        """Une image de la caméra plus récente."""
        self._deposer("patient", image)

    def _deposer(self, nom: str, contenu: object) -> None:
        if self._boites[nom].deposer(contenu):
            self._a_prendre.emit(nom)

    @Slot(str)
    def _livrer(self, nom: str) -> None:
        plein, contenu = self._boites[nom].prendre()
        if not plein:
            return
        signal = {"direct": self.direct_change, "medecin": self.image_medecin, "patient": self.image_patient}[nom]
        signal.emit(contenu)

    # --- depuis l'interface ---

    def emettre(self, evenement: Evenement) -> None:
        """Porter un geste à la boucle. Sans effet si elle est déjà fermée (la borne s'arrête)."""
        if not self._boucle.is_closed():
            self._boucle.call_soon_threadsafe(self._recevoir, evenement)

    def commander(self, geste: GesteTechnicien) -> None:
        """Porter un geste du technicien à la boucle, de même."""
        if not self._boucle.is_closed():
            self._boucle.call_soon_threadsafe(self._commander, geste)
