"""Ce que tous les écrans partagent : leur contexte, leurs gestes, et l'écran ordinaire (un dessin, une question)."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import (
    AideDemandee,
    BoutonContinuer,
    BoutonRetour,
    Evenement,
    QuinzeDemande,
    Toucher,
)
from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_colonne, hauteur_totale
from borne.ui.composants.anti_repetition import AntiRepetition
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Dessin, Encart
from borne.ui.composants.texte import Texte
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.icones import ICONES
from borne.ui.mots import mots_de_l_ecran
from borne.ui.technicien import GesteTechnicien
from borne.ui.textes import Textes
from borne.ui.theme import TAILLE_CIBLE_MM, Role, Theme


@dataclass
class Contexte:
    """Ce qu'un écran reçoit : le thème, les textes, et comment émettre un geste (du patient, ou du technicien)."""

    theme: Theme
    textes: Textes
    emettre: Callable[[Evenement], None]
    commander: Callable[[GesteTechnicien], None]
    repetition: AntiRepetition = field(default_factory=AntiRepetition)


class Ecran(QWidget):
    """Un écran : il montre une `Visite` et ne retient rien qui n'y soit.

    Il est reconstruit quand `variante` change (ou l'étape, le thème, la langue) ; sinon `actualiser` suffit.
    """

    avec_commandes = True
    """Montrer Répéter, le volume, le texte et le contraste."""

    cible_mm = TAILLE_CIBLE_MM
    """Le plus petit côté de ses commandes (A11Y-TAILLE)."""

    plein = False
    """L'écran occupe toute la fenêtre et place ses propres boutons (l'accueil)."""

    def __init__(self, contexte: Contexte, visite: Visite, direct: EtatDirect, parent: QWidget) -> None:
        super().__init__(parent)
        self.contexte = contexte
        self.theme = contexte.theme
        self.textes = contexte.textes
        self.visite = visite
        self.direct = direct
        self.construire()
        self.actualiser(visite, direct)

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Ce qui, dans la visite, oblige à reconstruire l'écran."""
        return None

    def construire(self) -> None:
        """Créer les composants, dans l'ordre de lecture."""

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Montrer la visite et les valeurs vivantes les plus récentes."""
        self.visite, self.direct = visite, direct

    def disposer(self, zone: QRect) -> None:
        """Placer les composants dans la zone."""

    def image_medecin(self, image: QImage | None) -> None:
        """Une image du médecin est arrivée."""

    def image_patient(self, image: QImage | None) -> None:
        """Une image de la caméra est arrivée."""

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Replacer les composants."""
        self.disposer(self.rect())

    # --- les boutons ---

    def fixes(self) -> Sequence[Action]:
        """Revenir, Aide, 15 : les mêmes partout."""
        return (
            Action("bouton-revenir", lambda: self.toucher(BoutonRetour), "arrow-left"),
            Action("bouton-aide", lambda: self.toucher(AideDemandee), "lifebuoy"),
            Action("bouton-quinze", lambda: self.toucher(QuinzeDemande), "phone-call"),
        )

    def reponses(self) -> Sequence[Action]:
        """Les actions de l'écran, la principale en dernier."""
        return (self.continuer(),)

    def continuer(self, cle: str = "bouton-continuer") -> Action:
        """Le bouton principal ordinaire."""
        return Action(cle, lambda: self.toucher(BoutonContinuer), "arrow-right", True, principale=True)

    def toucher(self, geste: type[Toucher], **champs: Any) -> None:
        """Émettre un geste, avec l'instant et la révision de l'écran montré."""
        self.contexte.emettre(geste(instant=time.time(), revision=self.visite.revision, **champs))

    def dire(self, cle: str, **parametres: str | int) -> str:
        """Le texte d'une clé."""
        return self.textes.dire(cle, **parametres)

    def mots(self) -> tuple[str, ...]:
        """Les clés que cet écran montre et que la voix dit."""
        return mots_de_l_ecran(self.visite, self.direct)


PARTS_IMAGE = (1.0, 0.85, 0.7, 0.55)
"""De combien l'image peut rétrécir avant de céder toute sa place aux mots."""

PARTS_PORTRAIT = (1.45, 1.3, 1.15)
"""En portrait, ce que l'image gagne quand les mots sont courts."""


def est_alerte(cle: str) -> bool:
    """Vrai pour une erreur, un incident ou une maladresse : il se montre en encart."""
    return cle.startswith(("erreur-", "incident-")) or "-faute-" in cle


class Paroles(QWidget):
    """La question, ses phrases et ses alertes, de haut en bas : les mots de l'écran."""

    def __init__(
        self,
        theme: Theme,
        textes: Textes,
        parent: QWidget,
        *,
        role_question: Role = Role.QUESTION,
        role_phrase: Role = Role.CHAPO,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.textes = textes
        self._roles = (role_question, role_phrase)
        self._cles: tuple[str, ...] = ()
        self.lignes: list[Texte | Encart] = []

    def montrer(self, cles: Sequence[str]) -> bool:
        """Montrer ces clés ; rend vrai si la hauteur a pu changer."""
        noms = tuple(cle.partition("?")[0] for cle in cles)
        dits = [self.textes.dire(c) for c in cles]
        if noms != self._cles:
            self._reconstruire(noms, dits)
            return True
        change = False
        for ligne, dit in zip(self.lignes, dits, strict=True):
            texte = ligne.texte if isinstance(ligne, Encart) else ligne
            change = change or texte.text() != dit
            texte.montrer(dit)
        return change

    def _reconstruire(self, noms: tuple[str, ...], dits: list[str]) -> None:
        for ancienne in self.lignes:
            ancienne.hide()
            ancienne.deleteLater()
        self.lignes = [
            self._ligne(nom, dit, rang == 0) for rang, (nom, dit) in enumerate(zip(noms, dits, strict=True))
        ]
        for ligne in self.lignes:
            ligne.show()
        self._cles = noms

    def _ligne(self, nom: str, dit: str, question: bool) -> Texte | Encart:
        """Une alerte en encart, une phrase à icône en consigne, le reste en texte."""
        if est_alerte(nom):
            return Encart(self.theme, dit, "alert-triangle", self, genre="attention")
        role = self._roles[0] if question else self._roles[1]
        if nom in ICONES and not question:
            return Encart(self.theme, dit, ICONES[nom], self, genre="simple", role=role, pastille=True)
        return Texte(self.theme, dit, role, "encre", self)

    @property
    def espace(self) -> int:
        """L'espace entre deux phrases."""
        return self.theme.px(6)

    def hauteur_pour(self, largeur: int) -> int:
        """La hauteur de toutes les lignes."""
        return hauteur_totale(self.lignes, largeur, self.espace)

    def resizeEvent(self, evenement: QResizeEvent) -> None:
        """Empiler les lignes."""
        self.disposer()

    def disposer(self) -> None:
        """Empiler les lignes sur la largeur actuelle."""
        en_colonne(self.lignes, self.rect(), self.espace)


class EcranQuestion(Ecran):
    """L'écran ordinaire : un dessin, une question, ses phrases, et au besoin un contenu dessous.

    `dessin` : nom du dessin. `contenu()` : composants placés sous les phrases ; `disposer_contenu` les place.
    """

    dessin = ""
    role_phrase = Role.CHAPO

    def construire(self) -> None:
        """Le dessin, puis les mots, puis le contenu."""
        self.image = self.faire_image()
        self.paroles = Paroles(self.theme, self.textes, self, role_phrase=self.role_phrase)
        self.construire_contenu()

    def faire_image(self) -> QWidget:
        """Ce qui occupe le panneau de gauche."""
        return Dessin(self.theme, self.dessin, self)

    def construire_contenu(self) -> None:
        """Créer ce qui vient sous les phrases."""

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Les mots suivent la visite ; la place ne bouge que si leur hauteur change."""
        super().actualiser(visite, direct)
        if self.paroles.montrer(self.mots_montres()):
            self.disposer(self.rect())
            self.paroles.disposer()

    def mots_montres(self) -> Sequence[str]:
        """Les mots que `paroles` montre ; un écran peut en montrer certains autrement."""
        return self.mots()

    def disposer(self, zone: QRect) -> None:
        """Dessin à gauche, mots à droite ; en portrait, l'un sur l'autre."""
        droite = self.disposer_image(zone, self._part_qui_laisse(zone))
        hauteur = min(self.paroles.hauteur_pour(droite.width()), droite.height())
        droite = self._descendre(droite, hauteur)
        self.paroles.setGeometry(droite.x(), droite.y(), droite.width(), hauteur)
        dessous = droite.adjusted(0, hauteur + self.theme.souffle, 0, 0)
        self.disposer_contenu(dessous)

    def _descendre(self, droite: QRect, hauteur: int) -> QRect:
        """Quelques mots seuls à côté d'un grand dessin : un peu au-dessus du milieu, là où tombe le regard."""
        if self.theme.affichage.portrait or self.hauteur_contenu(droite.width()):
            return droite
        return droite.adjusted(0, round((droite.height() - hauteur) * 0.36), 0, 0)

    def _part_qui_laisse(self, zone: QRect) -> float:
        """La plus grande part d'image qui laisse aux mots la place qu'il leur faut : les mots passent d'abord."""
        seuls = self.theme.affichage.portrait and not self.hauteur_contenu(zone.width())
        facteurs = (*PARTS_PORTRAIT, *PARTS_IMAGE) if seuls else PARTS_IMAGE
        for facteur in facteurs:
            part = self.part_image() * facteur
            reste = self._zone_des_mots(zone, part)
            contenu = self.hauteur_contenu(reste.width())
            besoin = self.paroles.hauteur_pour(reste.width()) + (contenu + self.theme.souffle if contenu else 0)
            if besoin <= reste.height():
                return part
        return 0.0

    def _zone_des_mots(self, zone: QRect, part: float) -> QRect:
        if part == 0:
            return zone
        if self.theme.affichage.portrait:
            return zone.adjusted(0, round(zone.height() * part) + self.theme.souffle, 0, 0)
        return zone.adjusted(round(zone.width() * part) + self.theme.px(16), self.theme.px(3), 0, 0)

    def hauteur_contenu(self, largeur: int) -> int:
        """La hauteur qu'il faut au contenu sous les mots."""
        return 0

    def disposer_image(self, zone: QRect, part: float) -> QRect:
        """Placer le panneau de gauche ; rend la zone des mots."""
        self.image.setVisible(part > 0)
        if self.theme.affichage.portrait:
            haut = round(zone.height() * part)
            self.image.setGeometry(zone.x(), zone.y(), zone.width(), haut)
        else:
            self.image.setGeometry(zone.x(), zone.y(), round(zone.width() * part), zone.height())
        return self._zone_des_mots(zone, part)

    def part_image(self) -> float:
        """La part du dessin : de la largeur en paysage, de la hauteur en portrait."""
        return 0.36 if self.theme.affichage.portrait else 0.37

    def disposer_contenu(self, zone: QRect) -> None:
        """Placer le contenu sous les mots."""
