"""Écrire au médecin : les derniers messages, un champ, le clavier (A11Y-SOURDS)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from borne.parcours.evenements import MessageEcrit
from borne.parcours.visite import MessageTexte, Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.texte import Texte
from borne.ui.composants.video import Video
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.saisie import EcranSaisie
from borne.ui.theme import Role


class Ecrire(EcranSaisie):
    """Le clavier pendant l'appel ; le médecin reste visible."""

    champ = "message"
    role_question = Role.CHAPO_FORT
    phrase = True

    def construire(self) -> None:
        """Le clavier, puis le médecin en petit et le dernier message."""
        super().construire()
        self.video = Video(self.theme, self.dire("nom-image-medecin"), self)
        self.dernier = Texte(self.theme, "", Role.CORPS, "encre_douce", self)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Le dernier message échangé, ou la ligne que le médecin est en train d'écrire."""
        dernier = visite.messages[-1] if visite.messages else None
        if direct.texte_medecin:
            dernier = MessageTexte(True, direct.texte_medecin + "…", 0.0)
        self.dernier.montrer(self._ligne(dernier))
        super().actualiser(visite, direct)
        self.disposer(self.rect())

    def _ligne(self, message: MessageTexte | None) -> str:
        if message is None:
            return self.dire("ecrire-vide")
        sens = "ecrire-du-medecin" if message.du_medecin else "ecrire-de-vous"
        texte = self.dire(sens, texte=message.texte)
        # Deux lignes au plus : le reste se lit sur l'écran de la consultation.
        return texte if len(texte) < 110 else texte[:108].rstrip() + "…"

    def image_medecin(self, image: QImage | None) -> None:
        """Le médecin reste visible."""
        self.video.montrer(image)

    def reponses(self) -> Sequence[Action]:
        """Envoyer ce qui est gardé dans le champ."""
        envoyer = Action("bouton-envoyer", self._envoyer, "send", True, principale=True)
        return (envoyer,)

    def _envoyer(self) -> None:
        if self.saisie.texte.strip():
            self.toucher(MessageEcrit, texte=self.saisie.texte)

    def disposer(self, zone: QRect) -> None:
        """Le médecin en haut à gauche, la question et le dernier message à côté."""
        theme = self.theme
        haut = theme.px(62) if theme.affichage.portrait else theme.px(46)
        large = round(haut * 16 / 9)
        self.video.setGeometry(zone.x(), zone.y(), large, haut)
        super().disposer(zone.adjusted(0, haut + theme.px(4) - self.paroles.hauteur_pour(zone.width()), 0, 0))
        x = zone.x() + large + theme.px(8)
        cote = zone.right() + 1 - x
        mots = self.paroles.hauteur_pour(cote)
        self.paroles.setGeometry(x, zone.y(), cote, mots)
        y = zone.y() + mots + theme.px(2)
        self.dernier.setGeometry(x, y, cote, min(self.dernier.hauteur_pour(cote), haut - mots - theme.px(2)))
