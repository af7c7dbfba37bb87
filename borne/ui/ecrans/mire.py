"""La mire : chaque case de l'écran doit répondre au doigt ; puis des écrans unis, où un point mort se voit."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_grille
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.composants.texte import Texte
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran
from borne.ui.technicien import (
    COLONNES_MIRE,
    LIGNES_MIRE,
    TEINTES_MIRE,
    CaseTouchee,
    EtatTechnicien,
    SortieDemandee,
    au_milieu,
)
from borne.ui.theme import Role

_TEINTES: Final = dict(zip(TEINTES_MIRE, ("#FFFFFF", "#000000", "#FF0000", "#00FF00", "#0000FF"), strict=True))
"""Les primaires de l'écran lui-même, hors du thème : c'est lui qu'on regarde."""


class Mire(Ecran):
    """Tout l'écran, bord compris : c'est au bord qu'une dalle tactile se dérègle d'abord."""

    plein = True
    avec_commandes = False
    cible_mm = 12.0

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Les cases, puis chaque teinte."""
        return (direct.technicien or EtatTechnicien()).teinte

    def construire(self) -> None:
        """Les cases et la sortie, ou un seul grand bouton uni."""
        etat = self.direct.technicien or EtatTechnicien()
        self.cases: list[_Case] = []
        self.unie: _Unie | None = None
        if etat.teinte >= 0:
            # Rien ne se peint sur l'écran uni : ses mots ne vont qu'à qui l'écoute.
            self.setAccessibleDescription(self.dire("nom-ecran-uni"))
            self.unie = _Unie(self, _TEINTES[TEINTES_MIRE[etat.teinte]], self.dire("nom-ecran-uni"))
            self.unie.touche.connect(lambda: self.contexte.commander(CaseTouchee(etat.teinte)))
            return
        self.cases = [_Case(self, rang) for rang in range(COLONNES_MIRE * LIGNES_MIRE)]
        for case in self.cases:
            case.touche.connect(lambda rang=case.rang: self.contexte.commander(CaseTouchee(rang)))
        self.consigne = Texte(self.theme, self.dire("technicien-mire-question"), Role.CHAPO_FORT, "encre", self)
        self.sortie = Bouton(
            self.theme,
            self.dire("bouton-fermer"),
            self,
            role=Role.FORT,
            icone="x",
            repetition=self.contexte.repetition,
        )
        self.sortie.touche.connect(lambda: self.contexte.commander(SortieDemandee()))

    def fixes(self) -> Sequence[Action]:
        """La mire tient tout l'écran."""
        return ()

    def reponses(self) -> Sequence[Action]:
        """La mire tient tout l'écran."""
        return ()

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Une case touchée le montre."""
        super().actualiser(visite, direct)
        touchees = (direct.technicien or EtatTechnicien()).touchees
        for case in self.cases:
            case.marquer(case.rang in touchees)

    def disposer(self, zone: QRect) -> None:
        """Une grille sur toute la fenêtre ; la consigne et la sortie au milieu, à la place de cases."""
        if self.unie is not None:
            self.unie.setGeometry(zone)
            return
        theme = self.theme
        colonnes = LIGNES_MIRE if theme.affichage.portrait else COLONNES_MIRE
        en_grille(self.cases, zone, colonnes, theme.ecart)
        milieu = self._milieu()
        marge = theme.px(4)
        large = milieu.width() - 2 * marge
        haut = self.consigne.hauteur_pour(large)
        self.consigne.setGeometry(milieu.x() + marge, milieu.y() + marge, large, haut)
        bouton = QRect(0, 0, min(large, self.sortie.largeur_naturelle()), theme.px(22))
        bouton.moveTo(milieu.x() + marge, milieu.bottom() + 1 - marge - bouton.height())
        self.sortie.setGeometry(bouton)

    def _milieu(self) -> QRect:
        """Le cadre des cases du milieu, qui cèdent leur place."""
        cadre = QRect()
        for case in self.cases:
            dedans = au_milieu(case.rang, self.theme.affichage.portrait)
            case.setVisible(not dedans)
            cadre = cadre.united(case.geometry()) if dedans else cadre
        return cadre


class _Case(Bouton):
    """Une case : vide, puis cochée."""

    def __init__(self, ecran: Mire, rang: int) -> None:
        self._noms = (ecran.dire("nom-case", rang=rang + 1), ecran.dire("nom-case-touchee", rang=rang + 1))
        super().__init__(
            ecran.theme, "", ecran, genre=Genre.TOUCHE, nom=self._noms[0], repetition=ecran.contexte.repetition
        )
        self.rang = rang

    def marquer(self, touchee: bool) -> None:
        """Montrer qu'elle a répondu."""
        self.genre = Genre.CARTE_COCHEE if touchee else Genre.TOUCHE
        self.icone = "check" if touchee else ""
        self.setAccessibleName(self._noms[touchee])
        self.update()


class _Unie(Bouton):
    """L'écran d'une seule teinte ; un toucher passe à la suivante."""

    def __init__(self, ecran: Mire, teinte: str, nom: str) -> None:
        super().__init__(ecran.theme, "", ecran, nom=nom, repetition=ecran.contexte.repetition)
        self._teinte = QColor(teinte)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """La teinte, sans rien d'autre."""
        QPainter(self).fillRect(QRectF(self.rect()), self._teinte)
