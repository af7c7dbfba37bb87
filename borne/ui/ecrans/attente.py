"""La salle d'attente : le rang et l'attente, honnêtes ; le nom du médecin dès qu'il est connu."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtWidgets import QWidget

from borne.parcours.visite import Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Dessin
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion


class Attente(EcranQuestion):
    """Attendre, et se préparer pendant ce temps."""

    @classmethod
    def variante(cls, visite: Visite, direct: EtatDirect) -> Hashable:
        """Le dessin change quand la liaison se coupe ou qu'un médecin appelle."""
        return (direct.liaison_salle, bool(visite.medecin), visite.pret)

    def faire_image(self) -> QWidget:
        """Quelqu'un qui attend, un médecin qui appelle, ou une liaison coupée."""
        nom = "liaison-coupee" if not self.direct.liaison_salle else "medecin" if self.visite.medecin else "attente"
        return Dessin(self.theme, nom, self)

    def reponses(self) -> Sequence[Action]:
        """Se préparer ; ensuite il n'y a plus qu'à attendre."""
        if self.visite.pret and not self.visite.medecin:
            return ()
        return (self.continuer("bouton-me-preparer"),)
