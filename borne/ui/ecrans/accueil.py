"""L'accueil : il attire, dit l'attente honnête, et commence d'un toucher."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from borne.parcours.evenements import AideDemandee, QuinzeDemande, VisiteCommencee
from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_colonne, en_rangee
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton, Genre
from borne.ui.composants.entree_technicien import EntreeTechnicien
from borne.ui.composants.panneau import Dessin, Encart
from borne.ui.composants.texte import Texte
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran
from borne.ui.theme import Role


class Accueil(Ecran):
    """Un grand bonjour, un médecin qui accueille, un seul bouton principal."""

    plein = True
    avec_commandes = False

    def construire(self) -> None:
        """Le dessin et la disponibilité à gauche, les mots et les boutons à droite."""
        theme = self.theme
        bonjour, *suite = self.mots()
        self.image = Dessin(theme, "medecin", self)
        self.bonjour = Texte(theme, self.dire(bonjour), Role.BIENVENUE, "encre", self)
        self.grands: list[QWidget] = [self.bonjour]
        self.petits_mots: list[QWidget] = []
        question, *phrases, dispo = suite
        self.grands.append(Texte(theme, self.dire(question), Role.QUESTION, "encre", self))
        self.petits_mots += [Texte(theme, self.dire(p), Role.CORPS, "encre_douce", self) for p in phrases]
        self.dispo = Encart(theme, self.dire(dispo), "clock", self, genre="succes")
        self.commencer = self._bouton("bouton-commencer", "", self._commencer, Genre.PRINCIPAL)
        self.petits = [
            self._bouton("bouton-langue", "language", self._commencer, Genre.SECOND),
            self._bouton("bouton-aide", "lifebuoy", lambda: self.toucher(AideDemandee), Genre.SECOND),
            self._bouton("bouton-quinze", "phone-call", lambda: self.toucher(QuinzeDemande), Genre.URGENCE),
        ]

        self.technicien = EntreeTechnicien(self.contexte, self)

    def _bouton(self, cle: str, icone: str, faire: object, genre: Genre) -> Bouton:
        nom = self.dire("nom-quinze") if cle == "bouton-quinze" else ""
        identite = "principal" if genre is Genre.PRINCIPAL else ""
        bouton = Bouton(
            self.theme,
            self.dire(cle),
            self,
            genre=genre,
            icone=icone,
            role=Role.GRAND_BOUTON if genre is Genre.PRINCIPAL else Role.BOUTON,
            nom=nom,
            identite=identite,
            repetition=self.contexte.repetition,
        )
        bouton.touche.connect(faire)
        return bouton

    def _commencer(self) -> None:
        self.contexte.emettre(VisiteCommencee(instant=time.time(), visite=secrets.token_hex(16)))

    def fixes(self) -> Sequence[Action]:
        """L'accueil place ses boutons lui-même."""
        return ()

    def reponses(self) -> Sequence[Action]:
        """L'accueil place ses boutons lui-même."""
        return ()

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """L'attente suit la salle."""
        super().actualiser(visite, direct)
        icone = "check" if direct.medecins_presents and direct.liaison_salle else "clock"
        self.dispo.montrer(self.dire(self.mots()[-1]), icone if direct.liaison_salle else "wifi-off")
        self.disposer(self.rect())

    def disposer(self, zone: QRect) -> None:
        """En paysage le dessin prend la gauche de l'écran ; en portrait, le haut."""
        theme = self.theme
        portrait = theme.affichage.portrait
        droite = self._disposer_portrait(zone) if portrait else self._disposer_paysage(zone)
        reste = en_colonne(self.grands, droite, theme.px(3))
        reste = en_colonne(self.petits_mots, reste.adjusted(0, theme.px(7), 0, 0), theme.px(1.5))
        largeur = max(theme.px(155), self.commencer.largeur_naturelle())
        y = reste.y() + theme.px(10)
        self.commencer.setGeometry(droite.x(), y, min(largeur, droite.width()), theme.px(46))
        bas = QRect(droite.x(), y + theme.px(46 + 14), droite.width(), theme.hauteur_bouton)
        en_rangee(self.petits, bas, theme.px(6.5))
        self.technicien.placer(zone.adjusted(0, 0, -theme.px(3), -theme.px(3)))

    def _disposer_paysage(self, zone: QRect) -> QRect:
        theme = self.theme
        gauche = round(zone.width() * 0.41)
        self.image.setGeometry(0, 0, gauche, zone.height())
        marge = theme.marge
        large = gauche - 2 * marge
        haut = self.dispo.hauteur_pour(large)
        self.dispo.setGeometry(marge, zone.height() - marge - haut, large, haut)
        x = gauche + theme.px(27)
        return QRect(x, round(zone.height() * 0.14), zone.width() - x - marge, zone.height())

    def _disposer_portrait(self, zone: QRect) -> QRect:
        theme = self.theme
        haut = round(zone.height() * 0.5)
        self.image.setGeometry(0, 0, zone.width(), haut)
        marge = theme.marge
        large = zone.width() - 2 * marge
        encart = self.dispo.hauteur_pour(large)
        self.dispo.setGeometry(marge, haut - marge // 2 - encart, large, encart)
        return QRect(marge, haut + theme.px(14), large, zone.height() - haut)
