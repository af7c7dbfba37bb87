"""L'application : Qt dans le fil principal, la borne dans la boucle asyncio, le pont entre les deux."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable

from PySide6.QtCore import QMetaObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from borne.assemblage import Borne, dossier_sons, dossier_textes
from borne.configuration import Configuration, Ecran
from borne.dossier.erreurs import ErreurDossier
from borne.parcours.visite import Visite
from borne.peripheriques.ble import Radio
from borne.peripheriques.erreurs import ErreurPeripherique
from borne.ui.affichage import Affichage
from borne.ui.direct import EtatDirect
from borne.ui.fenetre import Fenetre
from borne.ui.pont import DELAI_ARRET_S, BoucleAsyncio, Pont
from borne.ui.textes import Textes
from borne.ui.voix import Voix
from borne.visio.identite import IdentiteAbsente, IdentiteIllisible

journal = logging.getLogger(__name__)

STATUT_FAUTE = 70
"""EX_SOFTWARE (sysexits.h)."""


class DemarrageImpossible(Exception):
    """La borne ne peut pas démarrer ; le texte est une phrase française à montrer au technicien."""


def _phrase(erreur: BaseException) -> str:
    """Ce qu'un technicien peut corriger (enrôlement, disque, appareils), en une phrase ; vide pour une faute."""
    if isinstance(erreur, IdentiteAbsente):
        return f"{erreur} Puis lancez : borne enroler CODE"
    if isinstance(erreur, IdentiteIllisible | ErreurDossier | ErreurPeripherique):
        return str(erreur)
    if isinstance(erreur, OSError):
        return f"{erreur.filename or 'Un fichier'} : {erreur.strerror or type(erreur).__name__}."
    return ""


def affichage(ecran: Ecran) -> Affichage:
    """L'écran de la configuration."""
    return Affichage(
        largeur_px=ecran.largeur_px,
        hauteur_px=ecran.hauteur_px,
        largeur_mm=ecran.largeur_mm,
        hauteur_mm=ecran.hauteur_mm,
        distance_mm=ecran.distance_mm,
        mode_bas=ecran.mode_bas,
        reduire_mouvement=ecran.reduire_mouvement,
    )


class Application:
    """Une borne prête à être lancée ; `fenetre` existe dès la construction."""

    def __init__(self, configuration: Configuration, radio: Radio | None = None) -> None:
        existante = QApplication.instance()
        self._qt = existante if isinstance(existante, QApplication) else QApplication(["borne"])
        self._configuration = configuration
        self._boucle = BoucleAsyncio()
        self.pont = Pont(
            self._boucle.boucle,
            lambda evenement: self._borne.emettre(evenement),
            lambda geste: self._borne.commander(geste),
        )
        self._voix = Voix(dossier_sons(configuration), self._voix_changee)
        self._borne = Borne(configuration, self.pont, self._voix, self._tomber, radio)
        textes = Textes(dossier_textes(configuration), "fr")
        self.fenetre = Fenetre(
            affichage(configuration.ecran), textes, self.pont.emettre, commander=self.pont.commander
        )
        self._visite, self._direct = Visite(), EtatDirect()
        self._fins: list[Callable[[], None]] = []
        self._statut = 0
        self._relier()

    def lancer(self) -> int:
        """Montre la fenêtre et tourne jusqu'à la fermeture ; rend le statut. Lève `DemarrageImpossible`."""
        self.ouvrir()
        try:
            self._obeir_aux_signaux()
            self._qt.exec()
        finally:
            for fin in self._fins:
                fin()
            self.fermer()
        return self._statut

    def ouvrir(self) -> None:
        """Démarre la borne et montre la fenêtre. Lève `DemarrageImpossible`, tout étant alors refermé."""
        self._boucle.demarrer()
        try:
            self._boucle.lancer(self._borne.demarrer()).result()
        except BaseException as erreur:
            self.fermer()
            phrase = _phrase(erreur)
            if not phrase:
                raise
            raise DemarrageImpossible(phrase) from erreur
        if self._configuration.ecran.plein_ecran:
            self.fenetre.showFullScreen()
        else:
            self.fenetre.show()

    def fermer(self) -> None:
        """Arrête tout ; la visite en cours se reprendra."""
        try:
            self._boucle.lancer(self._borne.arreter()).result(DELAI_ARRET_S)
        except TimeoutError:
            journal.error("la borne ne s'est pas arrêtée à temps")
        finally:
            self._boucle.arreter()
            self._voix.fermer()

    def quitter(self, statut: int = 0) -> None:
        """Ferme l'application avec ce statut."""
        self._statut = statut
        self._qt.quit()

    def a_la_fin(self, fin: Callable[[], None]) -> None:
        """Ajoute un geste à faire à la fermeture."""
        self._fins.append(fin)

    def _relier(self) -> None:
        self.pont.visite_changee.connect(self._montrer_visite)
        self.pont.direct_change.connect(self._montrer_direct)
        self.pont.image_medecin.connect(self.fenetre.montrer_image_medecin)
        self.pont.image_patient.connect(self.fenetre.montrer_image_patient)

    def _montrer_visite(self, visite: Visite) -> None:
        if visite.id != self._visite.id:
            # La dernière image d'un patient ne doit pas attendre le suivant.
            self.fenetre.montrer_image_patient(None)
            self.fenetre.montrer_image_medecin(None)
        self._visite = visite
        self.fenetre.montrer(self._visite, self._direct)

    def _montrer_direct(self, direct: EtatDirect) -> None:
        self._direct = direct
        self.fenetre.montrer(self._visite, self._direct)

    def _tomber(self) -> None:
        """Une faute sans remède (appelé dans la boucle) : sortir avec un statut que systemd relance."""
        self._statut = STATUT_FAUTE
        QMetaObject.invokeMethod(self._qt, "quit", Qt.ConnectionType.QueuedConnection)

    def _voix_changee(self, disponible: bool) -> None:
        if not self._boucle.boucle.is_closed():
            self._boucle.boucle.call_soon_threadsafe(self._borne.voix_changee, disponible)

    def _obeir_aux_signaux(self) -> None:
        """SIGTERM et SIGINT ferment proprement ; Qt ne rend la main à Python que si une minuterie le réveille."""
        for numero in (signal.SIGTERM, signal.SIGINT):
            signal.signal(numero, lambda *_: self.quitter(0))
        self._reveil = QTimer()
        self._reveil.timeout.connect(lambda: None)
        self._reveil.start(200)
