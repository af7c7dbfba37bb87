"""Le cadre des écrans : progression, commandes de confort ; puis Revenir, Aide, 15 et le bouton principal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from borne.parcours.visite import Etape, Visite
from borne.ui.composants.agencement import en_rangee
from borne.ui.composants.anti_repetition import AntiRepetition
from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.direct import EtatDirect
from borne.ui.textes import Textes
from borne.ui.theme import Role, Theme

ETAPES_MONTREES: Final[tuple[tuple[Etape, ...], ...]] = (
    (Etape.LANGUE, Etape.CONSENTEMENT),
    (Etape.PRENOM, Etape.NOM, Etape.NAISSANCE, Etape.TELEPHONE),
    (Etape.MOTIF, Etape.MOTIF_AUTRE, Etape.URGENCE),
    (Etape.MESURE,),
    (Etape.ATTENTE, Etape.PREPARATION),
    (Etape.CONSULTATION,),
    (Etape.DOCUMENTS, Etape.ADIEU),
)
"""Un point par groupe d'étapes."""


@dataclass(frozen=True)
class Action:
    """Un bouton de la bande basse. `cle` : son texte ; `faire` : ce qu'il déclenche."""

    cle: str
    faire: Callable[[], None]
    icone: str = ""
    icone_a_droite: bool = False
    principale: bool = False


class Progression(QWidget):
    """Où j'en suis : un point par groupe d'étapes, l'actuel allongé."""

    def __init__(self, theme: Theme, textes: Textes, etape: Etape, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rang = next((i for i, groupe in enumerate(ETAPES_MONTREES) if etape in groupe), None)
        if self.rang is not None:
            nom = textes.dire("nom-progression", etape=self.rang + 1, total=len(ETAPES_MONTREES))
            self.setAccessibleName(nom)

    @property
    def _rond(self) -> int:
        return self.theme.px(7)

    @property
    def _entre(self) -> int:
        return self.theme.px(4.2)

    def largeur_naturelle(self) -> int:
        """La largeur des points."""
        autres = len(ETAPES_MONTREES) - 1
        return autres * (self._rond + self._entre) + round(self._rond * 3.3)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Pleins : faits ; long : ici ; vides : à venir."""
        if self.rang is None:
            return
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        rond, entre = self._rond, self._entre
        x: float = 0.0
        y = (self.height() - rond) / 2
        bord = self.theme.bord
        for indice in range(len(ETAPES_MONTREES)):
            largeur = rond * 3.3 if indice == self.rang else rond
            plein = indice <= self.rang
            peintre.setBrush(self.theme.couleur("principal" if plein else "surface"))
            peintre.setPen(QPen(self.theme.couleur("principal"), bord))
            cadre = QRectF(x, y, largeur, rond).adjusted(bord / 2, bord / 2, -bord / 2, -bord / 2)
            peintre.drawRoundedRect(cadre, cadre.height() / 2, cadre.height() / 2)
            x += largeur + entre


class NiveauVolume(QWidget):
    """Le volume en quatre barres."""

    def __init__(self, theme: Theme, textes: Textes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.textes = textes
        self.volume = -1

    def montrer(self, volume: int) -> None:
        """Montrer ce volume (0 à 4)."""
        if volume != self.volume:
            self.volume = volume
            self.setAccessibleName(self.textes.dire("nom-volume", volume=volume))
            self.update()

    def largeur_naturelle(self) -> int:
        """La largeur des quatre barres."""
        return self.theme.px(18)

    def paintEvent(self, evenement: QPaintEvent) -> None:
        """Quatre barres montantes, pleines jusqu'au volume."""
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        entre = self.theme.px(1.6)
        largeur = (self.width() - 3 * entre) / 4
        for rang in range(4):
            hauteur = self.height() * (0.25 + 0.11 * rang)
            y = (self.height() + self.height() * 0.58) / 2 - hauteur
            cadre = QRectF(rang * (largeur + entre), y, largeur, hauteur)
            peintre.setPen(QPen(self.theme.couleur("principal"), self.theme.bord))
            peintre.setBrush(self.theme.couleur("principal" if rang < self.volume else "surface"))
            demi = self.theme.bord / 2
            rayon = self.theme.px(1)
            peintre.drawRoundedRect(cadre.adjusted(demi, demi, -demi, -demi), rayon, rayon)


class Commandes(QWidget):
    """Répéter, volume, taille du texte, contraste. `preferer(nom, valeur)` et `repeter()` sont les gestes."""

    def __init__(
        self,
        theme: Theme,
        textes: Textes,
        visite: Visite,
        repeter: Callable[[], None],
        preferer: Callable[[str, int], None],
        repetition: AntiRepetition,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.textes = textes
        self._volume = visite.preferences.volume
        self.prise = 0
        """La largeur des commandes montrées."""
        preferences = visite.preferences

        def commande(nom: str, icone: str, texte: str = "") -> Bouton:
            return Bouton(theme, texte, self, icone=icone, role=Role.COMMANDE, nom=nom, repetition=repetition)

        self.repeter = commande(textes.dire("bouton-repeter"), "volume", textes.dire("bouton-repeter"))
        self.repeter.touche.connect(repeter)
        self.moins = commande(textes.dire("nom-moins-fort"), "minus")
        self.niveau = NiveauVolume(theme, textes, self)
        self.plus = commande(textes.dire("nom-plus-fort"), "plus")
        self.moins.touche.connect(lambda: preferer("volume", max(0, self._volume - 1)))
        self.plus.touche.connect(lambda: preferer("volume", min(4, self._volume + 1)))
        nom_texte = "nom-texte-normal" if preferences.grand_texte else "nom-grand-texte"
        self.taille = commande(textes.dire(nom_texte), "text-size")
        self.taille.touche.connect(lambda: preferer("grand-texte", int(not preferences.grand_texte)))
        nom_contraste = "nom-contraste-normal" if preferences.contraste else "nom-contraste"
        self.contraste = commande(textes.dire(nom_contraste), "contrast")
        self.contraste.touche.connect(lambda: preferer("contraste", int(not preferences.contraste)))

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Le volume de la visite, et la voix présente ou coupée."""
        self._volume = visite.preferences.volume
        self.niveau.montrer(self._volume)
        cle, icone = ("bouton-repeter", "volume") if direct.voix_disponible else ("voix-absente", "volume-3")
        if self.repeter.icone != icone:
            self.repeter.icone = icone
            self.repeter.changer(self.textes.dire(cle))
        # Sans visite, rien ne se règle : il n'y a encore personne dont garder les préférences.
        for objet in (self.moins, self.niveau, self.plus, self.taille, self.contraste):
            objet.setVisible(bool(visite.id))
        self._disposer()

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Aligner les commandes."""
        self._disposer()

    def _disposer(self) -> None:
        tous = [self.repeter, self.moins, self.niveau, self.plus, self.taille, self.contraste]
        montres = [objet for objet in tous if not objet.isHidden()]
        self.prise = en_rangee(montres, self.rect(), self.theme.px(5.5), a_droite=not self.theme.affichage.portrait)


class BandeBasse(QWidget):
    """Revenir, Aide, 15 à gauche, toujours au même endroit ; à droite les actions de l'écran, la principale au bout.

    En portrait, les actions passent sur une ligne à elles, au-dessus.
    """

    def __init__(
        self,
        theme: Theme,
        textes: Textes,
        fixes: Sequence[Action],
        actions: Sequence[Action],
        repetition: AntiRepetition,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.fixes = [self._bouton(textes, action, repetition) for action in fixes]
        self.reponses: list[Bouton] = [self._bouton(textes, action, repetition) for action in actions]

    def _bouton(self, textes: Textes, action: Action, repetition: AntiRepetition) -> Bouton:
        quinze = action.cle == "bouton-quinze"
        genre = Genre.URGENCE if quinze else Genre.PRINCIPAL if action.principale else Genre.SECOND
        bouton = Bouton(
            self.theme,
            textes.dire(action.cle),
            self,
            genre=genre,
            icone=action.icone,
            icone_a_droite=action.icone_a_droite,
            nom=textes.dire("nom-quinze") if quinze else "",
            identite="principal" if action.principale else "",
            repetition=repetition,
        )
        bouton.touche.connect(action.faire)
        return bouton

    def hauteur_pour(self, largeur: int) -> int:
        """Une ligne en paysage ; en portrait, une de plus pour les actions de l'écran."""
        lignes = 2 if self.theme.affichage.portrait and self.reponses else 1
        return lignes * self.theme.hauteur_bouton + (lignes - 1) * self._entre

    @property
    def _entre(self) -> int:
        return self.theme.px(6.5 if not self.theme.grand_texte else 5)

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Placer les deux groupes."""
        hauteur = self.theme.hauteur_bouton
        bas = QRect(0, self.height() - hauteur, self.width(), hauteur)
        en_rangee(self.fixes, bas, self._entre)
        if not self.reponses:
            return
        if self.theme.affichage.portrait:
            self._disposer_portrait(QRect(0, 0, self.width(), hauteur))
            return
        self._elargir(en_rangee(self.reponses, bas, self._entre, a_droite=True))

    def _elargir(self, prise: int) -> None:
        """Le bouton principal gagne en largeur ce que la bande laisse libre."""
        gauche = self.fixes[-1].geometry().right() + self._entre if self.fixes else 0
        principal = self.reponses[-1]
        manque = self.theme.px(72) - principal.width()
        libre = self.width() - prise - gauche - self._entre
        if principal.genre is not Genre.PRINCIPAL or manque <= 0 or libre <= 0:
            return
        gain = min(manque, libre)
        for bouton in self.reponses:
            bouton.move(bouton.x() - gain, bouton.y())
        principal.resize(principal.width() + gain, principal.height())

    def _disposer_portrait(self, ligne: QRect) -> None:
        *autres, principal = self.reponses
        prise = en_rangee(autres, ligne, self._entre)
        x = prise + self._entre if autres else 0
        principal.setGeometry(x, ligne.y(), ligne.width() - x, ligne.height())
        principal.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
