"""La date de naissance et le téléphone : des cases et un pavé de chiffres."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from borne.parcours.evenements import ReponseInconnue, SaisieModifiee
from borne.parcours.visite import Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.champ import Cases
from borne.ui.composants.clavier import Pave
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import Ecran, Paroles
from borne.ui.ecrans.saisie import Saisie
from borne.ui.theme import Theme


def disposer_pave(theme: Theme, zone: QRect, pave: Pave, paroles: Paroles, cases: Cases) -> None:
    """En paysage, la question à gauche et le pavé à droite ; en portrait, l'un sur l'autre."""
    if theme.affichage.portrait:
        haut = min(theme.px(170), round(zone.height() * 0.5))
        pave.setGeometry(zone.x(), zone.bottom() + 1 - haut, zone.width(), haut)
        gauche = zone.adjusted(0, 0, 0, -haut - theme.souffle)
    else:
        large = theme.px(175)
        pave.setGeometry(zone.right() + 1 - large, zone.y(), large, zone.height())
        gauche = zone.adjusted(0, theme.px(3), -large - theme.px(20), 0)
    dite = paroles.hauteur_pour(gauche.width())
    paroles.setGeometry(gauche.x(), gauche.y(), gauche.width(), dite)
    y = gauche.y() + dite + theme.px(11)
    cases.setGeometry(gauche.x(), y, gauche.width(), cases.hauteur_pour(gauche.width()))


class EcranChiffres(Ecran):
    """Des cases à remplir. `groupes` : cases par groupe ; `titres` : clés de leurs noms, ou vides."""

    champ = ""
    groupes: tuple[int, ...] = ()
    titres: tuple[str, ...] = ()

    def construire(self) -> None:
        """La question et les cases, puis le pavé."""
        titres = [self.dire(cle) if cle else "" for cle in self.titres]
        self.saisie = Saisie(self.champ)
        self.paroles = Paroles(self.theme, self.textes, self)
        self.cases = Cases(self.theme, self.dire("nom-champ"), self.groupes, titres, self)
        self.pave = Pave(self.theme, self.textes, self.contexte.repetition, self)
        self.pave.touche.connect(lambda chiffre: self._emettre(self.saisie.ajouter(chiffre)))
        self.pave.effacer.touche.connect(lambda: self._emettre(self.saisie.effacer()))

    def _emettre(self, valeur: str) -> None:
        self.toucher(SaisieModifiee, champ=self.champ, valeur=valeur)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Les cases montrent ce que la visite a gardé."""
        super().actualiser(visite, direct)
        self.saisie.suivre(visite)
        self.cases.montrer(visite.champ(self.champ))
        if self.paroles.montrer(self.mots()):
            self.disposer(self.rect())
            self.paroles.disposer()

    def disposer(self, zone: QRect) -> None:
        """La question, les cases et le pavé."""
        disposer_pave(self.theme, zone, self.pave, self.paroles, self.cases)


class Naissance(EcranChiffres):
    """La date de naissance, jour, mois, année."""

    champ = "naissance"
    groupes = (2, 2, 4)
    titres = ("naissance-jour", "naissance-mois", "naissance-annee")


class Telephone(EcranChiffres):
    """Le numéro où rappeler (VISITE-RAPPEL)."""

    champ = "telephone"
    groupes = (2, 2, 2, 2, 2)
    titres = ("", "", "", "", "")

    def reponses(self) -> Sequence[Action]:
        """On peut ne pas avoir de téléphone."""
        return (Action("bouton-pas-de-telephone", lambda: self.toucher(ReponseInconnue)), self.continuer())
