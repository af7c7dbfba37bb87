"""Écran modèle, à copier pour en ajouter un.

1. Ajouter l'étape dans `borne/parcours/visite.py` et sa ligne dans `borne/parcours/etapes.py`.
2. Écrire ses textes dans `config/textes/fr/` (`{ecran}-question`, `{ecran}-phrase`) et ses mots dans `ui/mots.py`.
3. Copier ce fichier, puis l'inscrire dans `ecrans/table.py`.
4. `borne galerie DOSSIER` le montre dans chaque taille ; `borne galerie --audit` dit ce qui manque.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

from borne.parcours.evenements import ReponseInconnue
from borne.parcours.visite import Visite
from borne.ui.composants.bandes import Action
from borne.ui.composants.panneau import Encart
from borne.ui.direct import EtatDirect
from borne.ui.ecrans.base import EcranQuestion


class Modele(EcranQuestion):
    """Une question, son dessin, une ligne de contenu, deux réponses."""

    dessin = "posture"

    def construire_contenu(self) -> None:
        """Créer ici, une fois, ce qui vient sous les phrases."""
        self.ligne = Encart(self.theme, self.dire("accueil-gratuit"), "lock", self)

    def actualiser(self, visite: Visite, direct: EtatDirect) -> None:
        """Montrer ici ce qui change sans reconstruire : valeurs vivantes, cases cochées."""
        super().actualiser(visite, direct)

    def reponses(self) -> Sequence[Action]:
        """Les boutons de droite ; le principal en dernier."""
        return (Action("bouton-ne-sais-pas", lambda: self.toucher(ReponseInconnue)), self.continuer())

    def hauteur_contenu(self, largeur: int) -> int:
        """La hauteur qu'il faut sous les phrases : le dessin cède sa place aux mots."""
        return self.ligne.hauteur_pour(largeur)

    def disposer_contenu(self, zone: QRect) -> None:
        """Placer le contenu ; les hauteurs se demandent (`hauteur_pour`)."""
        self.ligne.setGeometry(zone.x(), zone.y(), zone.width(), self.ligne.hauteur_pour(zone.width()))
