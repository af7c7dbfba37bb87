"""La fenêtre : elle montre une `Visite` et ses valeurs vivantes, et émet les gestes du patient."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import Evenement, PreferenceChangee, RepetitionDemandee
from borne.parcours.visite import Etape, Superposition, Visite
from borne.ui.affichage import Affichage
from borne.ui.composants.anti_repetition import AntiRepetition
from borne.ui.composants.bandes import BandeBasse, Commandes, Progression
from borne.ui.composants.panneau import Encart
from borne.ui.composants.video import en_image
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Contexte, Ecran
from borne.ui.ecrans.table import classe_de
from borne.ui.technicien import GesteTechnicien
from borne.ui.textes import Textes
from borne.ui.theme import Role, Theme, charger_polices

__all__ = ["Affichage", "Fenetre"]

_AVEC_IMAGE = (Etape.ATTENTE, Etape.PREPARATION, Etape.CONSULTATION)
"""Étapes où une image se garde : hors d'elles, rien de ce qui a été filmé ne reste en mémoire."""


class Fenetre(QWidget):
    """La fenêtre de la borne. `emettre` reçoit chaque geste, `commander` ceux du technicien ; rien d'autre n'en sort.

    `horloge` (secondes monotones) sert à ne compter qu'une fois un toucher répété.
    """

    def __init__(
        self,
        reglages: Affichage,
        textes: Textes,
        emettre: Callable[[Evenement], None],
        horloge: Callable[[], float] = time.monotonic,
        commander: Callable[[GesteTechnicien], None] = lambda geste: None,
    ) -> None:
        super().__init__()
        charger_polices()
        self.reglages = reglages
        self._textes = textes
        self._emettre = emettre
        self._commander = commander
        self.repetition = AntiRepetition(horloge)
        self.theme = Theme(reglages)
        self.visite = Visite()
        self.direct = EtatDirect()
        self._cle: Hashable = None
        self._cadre: QWidget | None = None
        self.ecran: Ecran | None = None
        self._medecin: QImage | None = None
        self._patient: QImage | None = None
        self.setWindowTitle("Borne")
        # Le foyer reste à la fenêtre : aucun bouton ne paraît choisi tant qu'un clavier n'a pas servi.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.resize(reglages.largeur_px, reglages.hauteur_px)

    # --- montrer ---

    def montrer(self, visite: Visite, direct: EtatDirect) -> None:
        """Montrer cette visite et ces valeurs ; l'écran n'est reconstruit que s'il est un autre écran."""
        precedente, self.visite, self.direct = self.visite, visite, direct
        self._oublier_images(precedente)
        preferences = visite.preferences
        classe = classe_de(visite, direct)
        cle = (
            visite.id,
            classe,
            visite.langue,
            preferences.contraste,
            preferences.grand_texte,
            classe.variante(visite, direct),
        )
        if cle != self._cle or self.ecran is None:
            self._cle = cle
            self._reconstruire()
        else:
            self.ecran.actualiser(visite, direct)
        if self.commandes is not None:
            self.commandes.actualiser(visite, direct)
        self._placer_avis()

    def montrer_image_medecin(self, image: QImage | NDArray[np.uint8] | None) -> None:
        """La plus récente image du médecin : QImage ou tableau RGB (hauteur, largeur, 3) uint8 ; None : aucune."""
        garder = self.visite.etape is Etape.CONSULTATION
        self._medecin = en_image(image) if image is not None and garder else None
        if self.ecran is not None:
            self.ecran.image_medecin(self._medecin)

    def montrer_image_patient(self, image: QImage | NDArray[np.uint8] | None) -> None:
        """La plus récente image de la caméra, mêmes formes."""
        garder = self.visite.etape in _AVEC_IMAGE
        self._patient = en_image(image) if image is not None and garder else None
        if self.ecran is not None:
            self.ecran.image_patient(self._patient)

    def _oublier_images(self, precedente: Visite) -> None:
        """L'image du médecin ne sort pas de la consultation, ni celle du patient de sa visite (DONNEES-PURGE).

        Une image encore en route quand l'écran a changé arrive trop tard : `montrer_image_*` ne la garde pas.
        """
        autre = self.visite.id != precedente.id
        if autre or self.visite.etape is not Etape.CONSULTATION:
            self._medecin = None
        if autre or self.visite.etape not in _AVEC_IMAGE:
            self._patient = None

    # --- construire ---

    def _reconstruire(self) -> None:
        """Un cadre neuf : l'écran, puis la bande basse, puis les commandes (l'ordre de lecture)."""
        preferences = self.visite.preferences
        self.theme = Theme(self.reglages, preferences.contraste, preferences.grand_texte)
        textes = self._textes.pour(self.visite.langue)
        contexte = Contexte(self.theme, textes, self._emettre, self._commander, self.repetition)
        ancien, self._cadre = self._cadre, QWidget(self)
        self.progression = Progression(self.theme, textes, self.visite.etape, self._cadre)
        dit = textes.dire("aide-en-cours")
        self.avis = Encart(self.theme, dit, "volume", self._cadre, genre="succes", role=Role.CORPS)
        self.ecran = classe_de(self.visite, self.direct)(contexte, self.visite, self.direct, self._cadre)
        self.ecran.image_medecin(self._medecin)
        self.ecran.image_patient(self._patient)
        self.bande = BandeBasse(
            self.theme, textes, self.ecran.fixes(), self.ecran.reponses(), self.repetition, self._cadre
        )
        self.commandes: Commandes | None = None
        if self.ecran.avec_commandes:
            self.commandes = Commandes(
                self.theme, textes, self.visite, self._repeter, self._preferer, self.repetition, self._cadre
            )
        self._disposer()
        self._cadre.show()
        self.setFocus()
        if ancien is not None:
            ancien.hide()
            ancien.deleteLater()
        self.update()

    def _repeter(self) -> None:
        self._emettre(RepetitionDemandee(instant=time.time(), revision=self.visite.revision))

    def _preferer(self, nom: str, valeur: int) -> None:
        geste = PreferenceChangee(instant=time.time(), revision=self.visite.revision, nom=nom, valeur=valeur)
        self._emettre(geste)

    # --- placer ---

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Replacer le cadre."""
        if self._cadre is not None:
            self._disposer()

    def _disposer(self) -> None:
        if self._cadre is None or self.ecran is None:
            return
        self._cadre.setGeometry(self.rect())
        if self.ecran.plein:
            self.ecran.setGeometry(self.rect())
            return
        theme = self.theme
        marge = theme.marge
        dedans = self.rect().adjusted(marge, 0, -marge, -theme.px(12))
        bas = self.bande.hauteur_pour(dedans.width())
        self.bande.setGeometry(dedans.x(), dedans.bottom() + 1 - bas, dedans.width(), bas)
        self.ecran.setGeometry(self._zone_ecran(dedans, bas))

    def _placer_avis(self) -> None:
        """« L'aide est prévenue » tant qu'une sonnerie est en cours, en haut, sauf sur les écrans qui le disent."""
        redit = self.visite.superposition in (Superposition.AIDE, Superposition.QUINZE)
        self.avis.setVisible(self.direct.aide_active and not redit)
        theme, portrait = self.theme, self.reglages.portrait or self.reglages.mode_bas
        libre = self.width() - 2 * theme.marge
        if self.commandes is not None and not portrait:
            libre -= self.commandes.prise + theme.px(6)
        debut = 0 if self.progression.rang is None else self.progression.largeur_naturelle() + theme.px(8)
        large = min(libre - debut, self.avis.largeur_naturelle() + theme.px(1))
        self.avis.setGeometry(theme.marge + libre - large, theme.px(5), large, theme.hauteur_commande)
        self.avis.raise_()

    def _zone_ecran(self, dedans: QRect, bas: int) -> QRect:
        """La zone du milieu ; les commandes de confort au-dessus, ou dessous en portrait et en mode bas."""
        theme = self.theme
        haut, ligne, espace = theme.px(5), theme.hauteur_commande, theme.px(11)
        descendues = self.reglages.portrait or self.reglages.mode_bas
        fond = dedans.bottom() + 1 - bas - theme.px(14 if not descendues else 8)
        points = QRect(dedans.x(), haut, theme.px(105), ligne)
        self.progression.setGeometry(points)
        if self.commandes is None or descendues:
            debut = haut + ligne + theme.px(2)
        else:
            debut = haut + ligne + espace
            gauche = points.right()
            self.commandes.setGeometry(gauche, haut, dedans.right() + 1 - gauche, ligne)
        if descendues and self.commandes is not None:
            fond -= ligne
            self.commandes.setGeometry(dedans.x(), fond, dedans.width(), ligne)
            fond -= theme.px(10)
        return QRect(dedans.x(), debut, dedans.width(), fond - debut)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Le fond."""
        QPainter(self).fillRect(self.rect(), self.theme.couleur("fond"))
