"""Le motif : de grands pictogrammes, plusieurs choix."""

from __future__ import annotations

from PySide6.QtCore import QRect

from borne.parcours.evenements import MotifBascule
from borne.parcours.visite import MOTIFS, Visite
from borne.ui.composants.agencement import en_grille
from borne.ui.composants.carte import Carte
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran, Paroles


class Motif(Ecran):
    """Huit cartes à cocher."""

    def construire(self) -> None:
        """La question, puis les cartes dans l'ordre de `MOTIFS`."""
        self.paroles = Paroles(self.theme, self.textes, self)
        self.cartes = {motif: self._carte(motif) for motif in MOTIFS}

    def _carte(self, motif: str) -> Carte:
        carte = Carte(
            self.theme, self.dire(f"motif-{motif}"), f"motif-{motif}", self, repetition=self.contexte.repetition
        )
        carte.touche.connect(lambda: self.toucher(MotifBascule, motif=motif))
        return carte

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Les cartes cochées sont celles de la visite."""
        super().actualiser(visite, direct)
        for motif, carte in self.cartes.items():
            carte.cocher(motif in visite.motifs)
        if self.paroles.montrer(self.mots()):
            self.disposer(self.rect())
            self.paroles.disposer()

    def disposer(self, zone: QRect) -> None:
        """Quatre colonnes en paysage, deux en portrait."""
        haut = self.paroles.hauteur_pour(zone.width())
        self.paroles.setGeometry(zone.x(), zone.y(), zone.width(), haut)
        grille = zone.adjusted(0, haut + self.theme.px(8), 0, 0)
        colonnes = 2 if self.theme.affichage.portrait else 4
        en_grille(list(self.cartes.values()), grille, colonnes, self.theme.px(6))
