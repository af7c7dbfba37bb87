"""Le mode du technicien : son code, puis la liste des contrôles, chacun avec sa couleur, son mot et son remède."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from borne.parcours.visite import Visite
from borne.ui.composants.agencement import en_colonne
from borne.ui.composants.bandes import Action
from borne.ui.composants.bouton import Bouton
from borne.ui.composants.champ import Cases
from borne.ui.composants.clavier import Pave
from borne.ui.composants.ligne_controle import ICONES, BoutonControle
from borne.ui.composants.panneau import Encart
from borne.ui.composants.texte import Texte
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran, Paroles
from borne.ui.ecrans.chiffres import disposer_pave
from borne.ui.technicien import (
    LONGUEUR_PIN,
    ChiffreEfface,
    ChiffreTape,
    CodeValide,
    ControleChoisi,
    EtatTechnicien,
    FeuilleTournee,
    GesteTechnicien,
    LigneControle,
    MireOuverte,
    RelanceDemandee,
    SortieDemandee,
)
from borne.ui.textes import cle_avec
from borne.ui.theme import Role

LIGNES: Final = 9
"""Contrôles d'une feuille de la liste."""
VALEURS: Final = 4
"""Mesures montrées d'un contrôle, au plus."""
GENRES: Final = {"vert": "succes", "orange": "attention", "rouge": "attention"}


class _EcranTechnicien(Ecran):
    """Ce que partagent les écrans du technicien."""

    avec_commandes = False
    cible_mm = 12.0

    @property
    def etat(self) -> EtatTechnicien:
        """Le mode du technicien, tel que l'assemblage le tient."""
        return self.direct.technicien or EtatTechnicien()

    def commander(self, geste: GesteTechnicien) -> None:
        """Émettre un geste du technicien."""
        self.contexte.commander(geste)


class Code(_EcranTechnicien):
    """Le code : des points, jamais les chiffres."""

    def construire(self) -> None:
        """La question, les cases et le pavé."""
        self.paroles = Paroles(self.theme, self.textes, self)
        self.cases = Cases(self.theme, self.dire("nom-champ"), (LONGUEUR_PIN,), ("",), self)
        self.pave = Pave(self.theme, self.textes, self.contexte.repetition, self)
        self.pave.touche.connect(lambda chiffre: self.commander(ChiffreTape(chiffre)))
        self.pave.effacer.touche.connect(lambda: self.commander(ChiffreEfface()))

    def fixes(self) -> Sequence[Action]:
        """Revenir à l'accueil."""
        return (Action("bouton-revenir", lambda: self.commander(SortieDemandee()), "arrow-left"),)

    def reponses(self) -> Sequence[Action]:
        """Valider."""
        return (Action("bouton-valider", lambda: self.commander(CodeValide()), "check", principale=True),)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Les points suivent les chiffres."""
        super().actualiser(visite, direct)
        self.cases.montrer("•" * self.etat.chiffres)
        if self.paroles.montrer(self.mots()):
            self.disposer(self.rect())
            self.paroles.disposer()

    def disposer(self, zone: QRect) -> None:
        """Comme tout écran de chiffres."""
        disposer_pave(self.theme, zone, self.pave, self.paroles, self.cases)


class Controles(_EcranTechnicien):
    """La liste, par feuilles, et le détail du contrôle choisi."""

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """La bande basse dit la feuille ; le titre, la décision."""
        etat = direct.technicien or EtatTechnicien()
        return (etat.feuille, feuilles(etat), etat.en_cours)

    def construire(self) -> None:
        """Le titre et la décision, la liste, le détail."""
        theme, repetition = self.theme, self.contexte.repetition
        self.titre = Texte(theme, self.dire("technicien-question"), Role.CHAPO_FORT, "encre", self)
        self.decision: Encart | None = None
        self.lignes = [BoutonControle(theme, self, repetition=repetition) for _ in range(LIGNES)]
        for rang, bouton in enumerate(self.lignes):
            bouton.touche.connect(lambda rang=rang: self.commander(ControleChoisi(self.lignes[rang].ligne.nom)))
        self.detail = Detail(self, self)
        relance = Bouton(
            theme, self.dire("bouton-relancer"), self, icone="refresh", role=Role.FORT, repetition=repetition
        )
        relance.touche.connect(lambda: self.commander(RelanceDemandee(self.etat.choisie)))
        self.relance = relance

    def fixes(self) -> Sequence[Action]:
        """Quitter le mode."""
        return (Action("bouton-quitter", lambda: self.commander(SortieDemandee()), "door-exit"),)

    def reponses(self) -> Sequence[Action]:
        """La suite de la liste, la mire, tout relancer ; pendant un autotest, la suite seule."""
        nombre, etat = feuilles(self.etat), self.etat
        cle = cle_avec("bouton-suite", feuille=etat.feuille % nombre + 1, feuilles=nombre)
        suite = (Action(cle, lambda: self.commander(FeuilleTournee())),) if nombre > 1 else ()
        if etat.en_cours:
            return suite
        mire = Action("bouton-mire", lambda: self.commander(MireOuverte()))
        tout = Action("bouton-tout-relancer", lambda: self.commander(RelanceDemandee()), "refresh", principale=True)
        return (*suite, mire, tout)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """La liste, le détail et la décision suivent."""
        super().actualiser(visite, direct)
        etat = self.etat
        debut = (etat.feuille % feuilles(etat)) * LIGNES
        montrees = etat.lignes[debut : debut + LIGNES]
        for rang, bouton in enumerate(self.lignes):
            bouton.setVisible(rang < len(montrees))
            if rang < len(montrees):
                bouton.montrer(montrees[rang], montrees[rang].nom == etat.choisie)
        choisie = next((ligne for ligne in etat.lignes if ligne.nom == etat.choisie), None)
        self.relance.setVisible(choisie is not None and not etat.en_cours)
        self._decider(self.mots()[1])
        self.detail.montrer(choisie, etat.ennui)
        self.disposer(self.rect())

    def _decider(self, cle: str) -> None:
        genre, icone = _DECISIONS.get(cle.partition("?")[0], ("pale", "refresh"))
        if self.decision is not None:
            self.decision.hide()
            self.decision.deleteLater()
        self.decision = Encart(self.theme, self.textes.dire(cle), icone, self, genre=genre)
        self.decision.show()

    def disposer(self, zone: QRect) -> None:
        """Le titre en haut ; la liste à gauche et le détail à droite, ou l'un sur l'autre en portrait."""
        theme, decision = self.theme, self.decision
        if decision is None or zone.isEmpty():
            return
        titre = min(self.titre.largeur_naturelle(), zone.width())
        large = min(zone.width(), decision.largeur_naturelle() + theme.px(2))
        cote_a_cote = titre + large + theme.px(8) <= zone.width()
        haut = decision.hauteur_pour(large)
        texte = self.titre.hauteur_pour(titre + 2)
        if cote_a_cote:
            self.titre.setGeometry(zone.x(), zone.y() + (haut - texte) // 2, titre + 2, texte)
            decision.setGeometry(zone.right() + 1 - large, zone.y(), large, haut)
            fin = haut
        else:
            self.titre.setGeometry(zone.x(), zone.y(), titre + 2, texte)
            decision.setGeometry(zone.x(), zone.y() + texte + theme.px(3), large, haut)
            fin = texte + theme.px(3) + haut
        self._disposer_listes(zone.adjusted(0, fin + theme.px(5), 0, 0))

    def _disposer_listes(self, zone: QRect) -> None:
        theme = self.theme
        if theme.affichage.portrait:
            liste = QRect(zone.x(), zone.y(), zone.width(), round(zone.height() * 0.56))
            detail = zone.adjusted(0, liste.height() + theme.px(6), 0, 0)
        else:
            liste = QRect(zone.x(), zone.y(), round(zone.width() * 0.53), zone.height())
            detail = zone.adjusted(liste.width() + theme.px(8), 0, 0, 0)
        pas = min((liste.height() + theme.ecart) / LIGNES, theme.px(20))
        for rang, bouton in enumerate(self.lignes):
            y = liste.y() + round(rang * pas)
            bouton.setGeometry(liste.x(), y, liste.width(), round(pas) - theme.ecart - 1)
        bas = self.theme.px(22)
        self.relance.setGeometry(detail.x(), detail.bottom() + 1 - bas, self.relance.largeur_naturelle(), bas)
        self.detail.setGeometry(detail.adjusted(0, 0, 0, -(bas + theme.px(4)) if self.relance.isVisible() else 0))
        self.detail.disposer()


class Detail(QWidget):
    """Un contrôle en toutes lettres : ce qui a été vu, quoi faire, ce qui a été mesuré."""

    def __init__(self, ecran: Controles, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = ecran.theme
        self._invite = ecran.dire("technicien-choisir")
        self._montre: tuple[LigneControle | None, str] | None = None
        self._objets: list[QWidget] = []

    def montrer(self, ligne: LigneControle | None, ennui: str) -> None:
        """Ce contrôle, ou l'invite à en choisir un ; `ennui` se dit tant qu'aucun n'est choisi."""
        if (ligne, ennui) == self._montre:
            return
        self._montre = (ligne, ennui)
        for objet in self._objets:
            objet.hide()
            objet.deleteLater()
        self._objets = self._invitation(ennui) if ligne is None else self._composer(ligne)
        self.disposer()

    def _invitation(self, ennui: str) -> list[QWidget]:
        invite: list[QWidget] = [Texte(self.theme, self._invite, Role.CORPS, "encre_douce", self)]
        return [*invite, Encart(self.theme, ennui, "alert-triangle", self, genre="attention")] if ennui else invite

    def _composer(self, ligne: LigneControle) -> list[QWidget]:
        theme = self.theme
        genre = GENRES.get(ligne.couleur, "pale")
        objets: list[QWidget] = [Texte(theme, ligne.libelle, Role.CHAPO_FORT, "encre", self)]
        if ligne.mot:
            objets.append(Encart(theme, ligne.mot, ICONES[ligne.couleur], self, genre=genre))
        objets += [Texte(theme, ligne.constat, Role.CORPS, "encre", self)] if ligne.constat else []
        objets += [Texte(theme, ligne.remede, Role.FORT, "encre", self)] if ligne.remede else []
        objets += [Texte(theme, valeur, Role.CORPS, "encre_douce", self) for valeur in ligne.valeurs[:VALEURS]]
        return objets

    def disposer(self) -> None:
        """De haut en bas ; les mesures qui ne tiennent pas se cachent."""
        for objet in self._objets:
            objet.show()
        reste = en_colonne(self._objets, self.rect(), self.theme.px(3))
        for objet in reversed(self._objets):
            if reste.height() >= 0 or len(self._objets) <= 1:
                break
            objet.hide()
            reste.setTop(objet.y())


_DECISIONS: Final = {
    "technicien-prete": ("succes", "circle-check"),
    "technicien-reserves": ("attention", "alert-triangle"),
    "technicien-pas-prete": ("attention", "circle-x"),
    "technicien-jamais": ("pale", "info-circle"),
}


def feuilles(etat: EtatTechnicien) -> int:
    """Feuilles de la liste."""
    return max(1, -(-len(etat.lignes) // LIGNES))
