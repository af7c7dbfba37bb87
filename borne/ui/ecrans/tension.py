"""La tension : poser le brassard, le voir se gonfler, lire les chiffres, ou recommencer."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from borne.mesures import DIASTOLIQUE, FREQUENCE_CARDIAQUE, SYSTOLIQUE
from borne.parcours.evenements import MesureArretee, MesureDemandee
from borne.parcours.visite import PhaseTension, Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.jauge import Jauge
from borne.ui.composants.panneau import Dessin
from borne.ui.composants.valeurs import Valeurs
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion
from borne.ui.mots import entier


class Tension(EcranQuestion):
    """Un écran par phase ; la pression vivante est la plus grande chose du sien."""

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Chaque phase a ses composants ; chaque essai son résultat."""
        return (visite.tension.phase, visite.tension.essai, len(visite.mesures))

    @property
    def phase(self) -> PhaseTension:
        """La phase montrée."""
        return self.visite.tension.phase

    def faire_image(self) -> QWidget:
        """Le geste à faire."""
        noms = {PhaseTension.EN_COURS: "brassard-gonfle", PhaseTension.FINIE: "tension-finie"}
        return Dessin(self.theme, noms.get(self.phase, "brassard"), self)

    def construire_contenu(self) -> None:
        """La jauge ou les chiffres, selon la phase."""
        self.jauge: Jauge | None = None
        self.valeurs: Valeurs | None = None
        if self.phase is PhaseTension.EN_COURS:
            self.jauge = Jauge(self.theme, self.dire("tension-pression"), self)
        elif self.phase is PhaseTension.FINIE:
            self.valeurs = Valeurs(self.theme, self._resultats(), self)

    def _resultats(self) -> list[tuple[str, str]]:
        codes = (
            (SYSTOLIQUE, "tension-systolique"),
            (DIASTOLIQUE, "tension-diastolique"),
            (FREQUENCE_CARDIAQUE, "tension-pouls"),
        )
        lues = [(self.dire(cle), entier(self.visite.derniere_mesure(code))) for code, cle in codes]
        return [(nom, str(valeur)) for nom, valeur in lues if valeur is not None]

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """La pression la plus récente."""
        super().actualiser(visite, direct)
        if self.jauge is not None:
            self.jauge.montrer(direct.pression)

    def reponses(self) -> Sequence[Action]:
        """Mesurer, arrêter, recommencer, ou passer."""
        if self.phase is PhaseTension.A_FAIRE:
            passer = Action("bouton-sans-mesure", self.continuer().faire)
            mesurer = Action("bouton-mesurer", self._mesurer, "heartbeat", principale=True)
            return (passer, mesurer)
        if self.phase is PhaseTension.EN_COURS:
            return (Action("bouton-arreter", lambda: self.toucher(MesureArretee), "player-stop"),)
        if self.phase is PhaseTension.FINIE:
            return (Action("bouton-recommencer", self._mesurer, "refresh"), self.continuer())
        sans = Action("bouton-continuer-sans", self.continuer().faire)
        return (sans, Action("bouton-recommencer", self._mesurer, "refresh", principale=True))

    def _mesurer(self) -> None:
        self.toucher(MesureDemandee)

    def hauteur_contenu(self, largeur: int) -> int:
        """La jauge demande la moitié de la largeur ; les chiffres, leurs tuiles."""
        if self.valeurs is not None:
            return self.valeurs.hauteur_pour(largeur)
        return self.theme.px(70) if self.jauge is not None else 0

    def disposer_contenu(self, zone: QRect) -> None:
        """La jauge ou les chiffres prennent toute la place."""
        if self.jauge is not None:
            self.jauge.setGeometry(zone.adjusted(0, -self.theme.px(3), 0, 0))
        if self.valeurs is not None:
            haut = min(zone.height(), self.valeurs.hauteur_pour(zone.width()))
            self.valeurs.setGeometry(zone.x(), zone.y() + self.theme.px(3), zone.width(), haut)
            self.valeurs.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
