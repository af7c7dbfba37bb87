"""Ce qui se pose sur l'écran sans le quitter : aide, 15, présence, confirmations.

Chacune prend tout le cadre (une question à la fois) ; « Revenir » la referme. Pendant l'appel, l'image du médecin
reste à la place du dessin : on ne perd personne de vue.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import (
    ConsentementRetire,
    FinConfirmee,
    PresenceConfirmee,
    RetraitDemande,
    SuperpositionFermee,
)
from borne.parcours.visite import Etape, EtatAppel, Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.panneau import Dessin
from borne.ui.composants.video import Video
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion
from borne.ui.technicien import MediateurDemande
from borne.ui.theme import Role


class _Superposition(EcranQuestion):
    """Un écran posé sur un autre."""

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """L'image du médecin remplace le dessin pendant l'appel."""
        return (visite.etape is Etape.CONSULTATION and visite.appel.etat is EtatAppel.ETABLI,)

    def faire_image(self) -> QWidget:
        """Le dessin, ou le médecin."""
        self.video: Video | None = None
        if self.variante(self.visite, self.direct) == (True,):
            self.video = Video(self.theme, self.dire("nom-image-medecin"), self)
            return self.video
        return Dessin(self.theme, self.dessin, self)

    def image_medecin(self, image: QImage | None) -> None:
        """Le médecin reste visible."""
        if self.video is not None:
            self.video.montrer(image)

    def fermer(self, cle: str, *, icone: str = "") -> Action:
        """Le bouton principal qui referme."""
        return Action(cle, lambda: self.toucher(SuperpositionFermee), icone, principale=True)


class Aide(_Superposition):
    """Quelqu'un vient ; on peut aussi retirer son accord."""

    dessin = "aide"

    def construire_contenu(self) -> None:
        """L'entrée du médiateur : un code l'attend derrière."""
        nom, repetition = self.dire("bouton-accompagnant"), self.contexte.repetition
        self.accompagnant = Bouton(self.theme, nom, self, icone="users", role=Role.COMMANDE, repetition=repetition)
        self.accompagnant.touche.connect(lambda: self.contexte.commander(MediateurDemande()))

    def hauteur_contenu(self, largeur: int) -> int:
        """Un bouton."""
        return self.theme.cible

    def disposer_contenu(self, zone: QRect) -> None:
        """Sous les phrases, de la largeur de son nom."""
        large = min(zone.width(), self.accompagnant.largeur_naturelle())
        self.accompagnant.setGeometry(zone.x(), zone.y(), large, self.theme.cible)

    def reponses(self) -> Sequence[Action]:
        """Retirer son accord s'il a été donné, ou fermer."""
        retirer = Action("bouton-retirer-accord", lambda: self.toucher(RetraitDemande))
        fermer = self.fermer("bouton-fermer")
        return (retirer, fermer) if self.visite.consentement is not None else (fermer,)


class Quinze(_Superposition):
    """L'adresse de la borne et les dernières mesures, à lire à voix haute (VISITE-15)."""

    dessin = "quinze"
    role_phrase = Role.CORPS

    def reponses(self) -> Sequence[Action]:
        """Fermer."""
        return (self.fermer("bouton-je-reviens"),)


class Presence(_Superposition):
    """Un toucher suffit (A11Y-TEMPS)."""

    dessin = "presence"

    def reponses(self) -> Sequence[Action]:
        """Je suis là."""
        present = Action("bouton-je-suis-la", lambda: self.toucher(PresenceConfirmee), "hand-stop", principale=True)
        return (present,)


class ConfirmerRetrait(_Superposition):
    """Vraiment tout arrêter ? Rester est le choix principal."""

    dessin = "accord"

    def reponses(self) -> Sequence[Action]:
        """Arrêter, ou rester."""
        arreter = Action("bouton-tout-arreter", lambda: self.toucher(ConsentementRetire), "trash")
        return (arreter, self.fermer("bouton-rester"))


class ConfirmerFin(_Superposition):
    """Vraiment terminer ?"""

    dessin = "au-revoir"

    def reponses(self) -> Sequence[Action]:
        """Rester, ou terminer."""
        rester = Action("bouton-non-rester", lambda: self.toucher(SuperpositionFermee))
        terminer = Action("bouton-oui-terminer", lambda: self.toucher(FinConfirmee), principale=True)
        return (rester, terminer)
