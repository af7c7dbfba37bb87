"""Les papiers : chacun avec son état ; réessayer quand un papier n'est pas sorti."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QRect

from borne.parcours.evenements import ImpressionRedemandee
from borne.parcours.visite import RESUME, DocumentPatient, EtatImpression, Visite
from borne.ui.composants.agencement import en_colonne, hauteur_totale
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Encart
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion
from borne.ui.theme import Role

ETATS = {
    EtatImpression.EN_COURS: ("documents-en-cours", "printer", "pale"),
    EtatImpression.IMPRIME: ("documents-imprime", "circle-check", "succes"),
    EtatImpression.ECHOUEE: ("documents-echoue", "alert-triangle", "attention"),
}
MONTRES = 3
"""Papiers listés ; au-delà, la phrase suffit."""


class Documents(EcranQuestion):
    """La liste des papiers qui sortent."""

    dessin = "impression"

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Une ligne par papier et par état."""
        return tuple((d.document, d.etat) for d in visite.documents)

    def construire_contenu(self) -> None:
        """Les papiers, le plus récent d'abord."""
        self.lignes = [self._ligne(d) for d in self.visite.documents[-MONTRES:]]

    def _ligne(self, document: DocumentPatient) -> Encart:
        cle, icone, genre = ETATS[document.etat]
        nom = self.dire("documents-resume") if document.document == RESUME else document.nom
        return Encart(self.theme, f"{nom} : {self.dire(cle)}", icone, self, genre=genre, role=Role.CORPS)

    def reponses(self) -> Sequence[Action]:
        """Réessayer s'il le faut ; continuer."""
        echec = any(d.etat is EtatImpression.ECHOUEE for d in self.visite.documents)
        reessayer = Action("bouton-reessayer", lambda: self.toucher(ImpressionRedemandee), "refresh")
        return (reessayer, self.continuer()) if echec else (self.continuer(),)

    def hauteur_contenu(self, largeur: int) -> int:
        """Les lignes."""
        return hauteur_totale(self.lignes, largeur, self.theme.px(4.5))

    def disposer_contenu(self, zone: QRect) -> None:
        """Les lignes l'une sous l'autre."""
        en_colonne(self.lignes, zone, self.theme.px(4.5))
