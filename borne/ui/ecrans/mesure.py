"""Une mesure, quelle que soit sa nature : un geste à la fois, la valeur qui vit, le résultat ou la faute."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from borne.mesures import (
    DIASTOLIQUE,
    FREQUENCE_CARDIAQUE,
    GLYCEMIE_MASSE,
    GLYCEMIE_SUBSTANCE,
    POIDS,
    SPO2,
    SYSTOLIQUE,
    TEMPERATURE,
)
from borne.parcours.evenements import GesteFait, MesureArretee, MesureDemandee
from borne.parcours.visite import PhaseMesure, Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Dessin
from borne.ui.composants.valeurs import Valeurs
from borne.ui.composants.vivantes import VIVANTES, Vivantes
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion
from borne.ui.mots import dernier_geste, valeur_lue
from borne.ui.theme import Role

RESULTATS: Final[dict[str, tuple[str, ...]]] = {
    "tension": (SYSTOLIQUE, DIASTOLIQUE, FREQUENCE_CARDIAQUE),
    "temperature": (TEMPERATURE,),
    "saturation": (SPO2, FREQUENCE_CARDIAQUE),
    "poids": (POIDS,),
    "glycemie": (GLYCEMIE_MASSE, GLYCEMIE_SUBSTANCE),
    "frequence": (FREQUENCE_CARDIAQUE,),
}
"""Ce qui se montre d'un résultat, par nature."""

DESSINS: Final = {
    ("tension", PhaseMesure.EN_COURS): "brassard-gonfle",
    ("tension", PhaseMesure.FINIE): "tension-finie",
    "tension": "brassard",
}
"""Les dessins de la tension ; une autre nature a le sien, `mesure-<nature>`."""


def dessin_de(nature: str, phase: PhaseMesure) -> str:
    """Le dessin de cette mesure, à cette phase."""
    return DESSINS.get((nature, phase)) or DESSINS.get(nature) or f"mesure-{nature}"


class Mesure(EcranQuestion):
    """Un écran par geste et par phase ; la valeur vivante est la plus grande chose du sien."""

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Chaque phase a ses composants ; chaque essai son résultat."""
        return (visite.nature, visite.releve(), len(visite.mesures), dernier_geste(visite, direct))

    @property
    def phase(self) -> PhaseMesure:
        """La phase montrée."""
        return self.visite.releve().phase

    def construire(self) -> None:
        """Un geste se lit de loin ; une consigne, à côté d'une valeur vivante, lui laisse la place."""
        if self.phase is PhaseMesure.A_FAIRE:
            self.role_phrase = Role.GRAND_BOUTON
        super().construire()

    def faire_image(self) -> QWidget:
        """Le geste à faire."""
        return Dessin(self.theme, dessin_de(self.visite.nature, self.phase), self)

    def construire_contenu(self) -> None:
        """Ce qui vit, ou les chiffres, selon la phase."""
        self.vivantes: Vivantes | None = None
        self.valeurs: Valeurs | None = None
        if self.phase is PhaseMesure.EN_COURS and self.visite.nature in VIVANTES:
            self.vivantes = Vivantes(self.theme, self.textes, self.visite.nature, self)
        elif self.phase is PhaseMesure.FINIE:
            self.valeurs = Valeurs(self.theme, self._resultats(), self)

    def _resultats(self) -> list[tuple[str, str]]:
        codes = RESULTATS.get(self.visite.nature, ())
        actes = [acte for acte in self.visite.actes if acte.nature == self.visite.nature and acte.mesures]
        prises = {mesure.code: mesure for mesure in actes[-1].mesures} if actes else {}
        lues = [(self.dire(f"valeur-{code}"), valeur_lue(prises.get(code))) for code in codes]
        return [(nom, valeur) for nom, valeur in lues if valeur]

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Les valeurs les plus récentes."""
        super().actualiser(visite, direct)
        if self.vivantes is not None:
            self.vivantes.montrer(direct.vivantes, direct.pleth)

    def reponses(self) -> Sequence[Action]:
        """Finir le geste, mesurer, arrêter, recommencer, ou passer."""
        passer = Action("bouton-passer", self.continuer().faire)
        if self.phase is PhaseMesure.A_FAIRE:
            if dernier_geste(self.visite, self.direct):
                return (passer, Action("bouton-mesurer", self._mesurer, "heartbeat", principale=True))
            fait = Action("bouton-geste-fait", lambda: self.toucher(GesteFait), "check", principale=True)
            return (passer, fait)
        if self.phase is PhaseMesure.EN_COURS:
            return (Action("bouton-arreter", lambda: self.toucher(MesureArretee), "player-stop"),)
        if self.phase is PhaseMesure.PASSEE:
            return (self.continuer(),)
        recommencer = Action("bouton-recommencer", self._mesurer, "refresh")
        if self.phase is PhaseMesure.FINIE:
            return (recommencer, self.continuer())
        return (passer, Action("bouton-recommencer", self._mesurer, "refresh", principale=True))

    def _mesurer(self) -> None:
        self.toucher(MesureDemandee)

    def hauteur_contenu(self, largeur: int) -> int:
        """Ce qui vit demande la moitié de la largeur ; les chiffres, leurs tuiles."""
        if self.valeurs is not None:
            return self.valeurs.hauteur_pour(largeur)
        return self.theme.px(70) if self.vivantes is not None else 0

    def disposer_contenu(self, zone: QRect) -> None:
        """Ce qui vit ou les chiffres prennent toute la place."""
        if self.vivantes is not None:
            self.vivantes.setGeometry(zone.adjusted(0, -self.theme.px(3), 0, 0))
        if self.valeurs is not None:
            haut = min(zone.height(), self.valeurs.hauteur_pour(zone.width()))
            self.valeurs.setGeometry(zone.x(), zone.y() + self.theme.px(3), zone.width(), haut)
            self.valeurs.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
