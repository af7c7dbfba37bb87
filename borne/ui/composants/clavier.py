"""Le clavier AZERTY et le pavé de chiffres. Chaque touche a son nom accessible et rend son caractère."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from borne.ui.composants.anti_repetition import AntiRepetition
from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.textes import Textes
from borne.ui.theme import Role, Theme

LETTRES: Final = ("AZERTYUIOP", "QSDFGHJKLM", "WXCVBN-' ")
ACCENTS: Final = ("ÉÈÊ", "ÀÇË", "ÏÔÜ")
SIGNES: Final = "1234567890,.?"
NOMS: Final = {
    " ": "nom-espace",
    "'": "nom-apostrophe",
    "-": "nom-tiret",
    ".": "nom-point",
    ",": "nom-virgule",
    "?": "nom-point-interrogation",
}
VISAGES: Final = {"'": "’", "-": "–"}
COLONNES: Final = 10


class _Touches(QWidget):
    """Ce que clavier et pavé partagent : fabriquer une touche."""

    touche = Signal(str)

    def __init__(self, theme: Theme, textes: Textes, repetition: AntiRepetition, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._textes = textes
        self._repetition = repetition

    def _fabriquer(self, caractere: str) -> Bouton:
        nom = self._textes.dire(NOMS[caractere]) if caractere in NOMS else caractere
        visage = nom if caractere == " " else VISAGES.get(caractere, caractere)
        role = Role.COMMANDE if caractere == " " else Role.TOUCHE
        bouton = Bouton(self.theme, visage, self, genre=Genre.TOUCHE, role=role, nom=nom, repetition=self._repetition)
        bouton.touche.connect(lambda: self.touche.emit(caractere))
        return bouton


class Clavier(_Touches):
    """AZERTY, accents, tiret, apostrophe, espace ; chiffres et ponctuation si `signes`.

    En paysage les accents sont à droite des lettres ; en portrait, sur une ligne à eux.
    """

    def __init__(
        self,
        theme: Theme,
        textes: Textes,
        repetition: AntiRepetition,
        parent: QWidget | None = None,
        *,
        signes: bool = False,
    ) -> None:
        super().__init__(theme, textes, repetition, parent)
        self._signes = [self._fabriquer(c) for c in SIGNES] if signes else []
        self._lettres = [[self._fabriquer(c) for c in ligne] for ligne in LETTRES]
        self._accents = [[self._fabriquer(c) for c in ligne] for ligne in ACCENTS]

    @property
    def lignes(self) -> int:
        """Le nombre de lignes de touches."""
        portrait = self.theme.affichage.portrait
        return 3 + (1 if portrait else 0) + ((2 if portrait else 1) if self._signes else 0)

    def hauteur_minimale(self) -> int:
        """La hauteur sous laquelle les touches seraient trop petites."""
        return self.lignes * self.theme.cible + (self.lignes - 1) * self.theme.ecart

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Placer les lignes."""
        if self.theme.affichage.portrait:
            self._disposer_portrait()
        else:
            self._disposer_paysage()

    def _hauteur(self) -> int:
        return (self.height() - (self.lignes - 1) * self.theme.ecart) // self.lignes

    def _disposer_paysage(self) -> None:
        ecart, hauteur = self.theme.ecart, self._hauteur()
        entre = self.theme.px(6)
        pas = (self.width() - entre + ecart) / 13
        y = 0
        if self._signes:
            self._ligne(self._signes, QRect(0, 0, self.width(), hauteur), 13)
            y += hauteur + ecart
        for lettres, accents in zip(self._lettres, self._accents, strict=True):
            gauche = round(pas * COLONNES - ecart)
            self._ligne(lettres, QRect(0, y, gauche, hauteur), COLONNES)
            x = gauche + ecart + entre
            self._ligne(accents, QRect(x, y, self.width() - x, hauteur), 3)
            y += hauteur + ecart

    def _disposer_portrait(self) -> None:
        ecart, hauteur = self.theme.ecart, self._hauteur()
        accents = [bouton for ligne in self._accents for bouton in ligne]
        lignes: list[tuple[list[Bouton], int]] = [(ligne, COLONNES) for ligne in self._lettres]
        lignes.append((accents, len(accents)))
        if self._signes:
            lignes = [(self._signes[:10], COLONNES), *lignes, (self._signes[10:], 3)]
        for rang, (ligne, colonnes) in enumerate(lignes):
            self._ligne(ligne, QRect(0, rang * (hauteur + ecart), self.width(), hauteur), colonnes)

    def _ligne(self, boutons: list[Bouton], zone: QRect, colonnes: int) -> None:
        """Des touches égales ; la dernière prend ce qui reste (la barre d'espace)."""
        ecart = self.theme.ecart
        pas = (zone.width() + ecart) / colonnes
        for rang, bouton in enumerate(boutons):
            x = zone.x() + round(rang * pas)
            dernier = rang == len(boutons) - 1
            droite = zone.right() + 1 if dernier else zone.x() + round((rang + 1) * pas) - ecart
            bouton.setGeometry(x, zone.y(), droite - x, zone.height())


class Pave(_Touches):
    """Les dix chiffres, disposés comme sur un téléphone, et Effacer."""

    def __init__(
        self, theme: Theme, textes: Textes, repetition: AntiRepetition, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, textes, repetition, parent)
        self._chiffres = [self._fabriquer(c) for c in "1234567890"]
        self.effacer = Bouton(
            theme, textes.dire("bouton-effacer"), self, role=Role.COMMANDE, icone="backspace", repetition=repetition
        )

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Trois colonnes ; le zéro puis Effacer sur la dernière ligne."""
        ecart = self.theme.ecart
        largeur = (self.width() - 2 * ecart) // 3
        hauteur = (self.height() - 3 * ecart) // 4
        for rang, bouton in enumerate(self._chiffres[:9]):
            ligne, colonne = divmod(rang, 3)
            bouton.setGeometry(colonne * (largeur + ecart), ligne * (hauteur + ecart), largeur, hauteur)
        y = 3 * (hauteur + ecart)
        self._chiffres[9].setGeometry(0, y, largeur, hauteur)
        self.effacer.setGeometry(largeur + ecart, y, self.width() - largeur - ecart, hauteur)
