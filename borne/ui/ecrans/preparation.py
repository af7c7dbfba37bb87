"""La préparation : comment s'asseoir, où regarder, essayer le son (VISITE-PREPARATION)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import SonEssaye
from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_rangee
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.onde import Niveau
from borne.ui.composants.panneau import Dessin
from borne.ui.composants.texte import Texte
from borne.ui.composants.video import Video
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion
from borne.ui.theme import Role


class Preparation(EcranQuestion):
    """Se voir, s'entendre, puis dire que tout est prêt."""

    role_phrase = Role.CORPS

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Sans caméra, un dessin la remplace."""
        return (direct.camera_disponible, bool(visite.medecin))

    def faire_image(self) -> QWidget:
        """Le retour de la caméra, ou la posture à prendre."""
        self.dessin_posture = Dessin(self.theme, "posture", self)
        self.retour: Video | None = None
        if not self.direct.camera_disponible:
            return self.dessin_posture
        self.retour = Video(self.theme, self.dire("nom-image-patient"), self, miroir=True)
        self.retour.titrer(self.dire("consultation-vous"))
        return self.retour

    def construire_contenu(self) -> None:
        """La réponse à l'essai du son, et le niveau de la voix."""
        repetition = self.contexte.repetition
        self.oui = Bouton(self.theme, self.dire("bouton-entendu-oui"), self, icone="ear", repetition=repetition)
        self.non = Bouton(self.theme, self.dire("bouton-entendu-non"), self, repetition=repetition)
        self.oui.touche.connect(lambda: self.toucher(SonEssaye, entendu=True))
        self.non.touche.connect(lambda: self.toucher(SonEssaye, entendu=False))
        self.titre_niveau = Texte(self.theme, self.dire("preparation-micro"), Role.CORPS, "encre_douce", self)
        self.niveau = Niveau(self.theme, self.dire("preparation-micro"), self)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Le niveau du micro le plus récent."""
        super().actualiser(visite, direct)
        self.niveau.montrer(direct.niveau_son)

    def image_patient(self, image: QImage | None) -> None:
        """Se voir."""
        if self.retour is not None:
            self.retour.montrer(image)

    def reponses(self) -> Sequence[Action]:
        """Dire que tout est prêt."""
        return (self.continuer("bouton-pret"),)

    def part_image(self) -> float:
        """La caméra mérite plus de place que la posture."""
        return 0.3 if self.theme.affichage.portrait else 0.37

    def disposer(self, zone: QRect) -> None:
        """En paysage, la posture sous la caméra ; en portrait, à côté."""
        super().disposer(zone)
        if self.retour is None:
            return
        cadre, entre = self.image.geometry(), self.theme.px(6)
        if self.theme.affichage.portrait:
            gauche = round(cadre.width() * 0.6)
            self.image.setGeometry(cadre.adjusted(0, 0, gauche - cadre.width(), 0))
            self.dessin_posture.setGeometry(cadre.adjusted(gauche + entre, 0, 0, 0))
        else:
            haut = round(cadre.width() * 9 / 16)
            self.image.setGeometry(cadre.x(), cadre.y(), cadre.width(), haut)
            self.dessin_posture.setGeometry(cadre.adjusted(0, haut + entre, 0, 0))

    def hauteur_contenu(self, largeur: int) -> int:
        """Les réponses et le niveau."""
        return self.theme.px(26 + 9) + self.titre_niveau.hauteur_pour(largeur)

    def disposer_contenu(self, zone: QRect) -> None:
        """Les deux réponses, puis le niveau."""
        theme = self.theme
        en_rangee([self.oui, self.non], QRect(zone.x(), zone.y(), zone.width(), theme.px(26)), theme.px(6))
        y = zone.y() + theme.px(26 + 9)
        large = self.titre_niveau.largeur_naturelle()
        haut = self.titre_niveau.hauteur_pour(large)
        self.titre_niveau.setGeometry(zone.x(), y, large, haut)
        x = zone.x() + large + theme.px(6)
        self.niveau.setGeometry(x, y, min(zone.right() - x, theme.px(110)), haut)
