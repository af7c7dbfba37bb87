"""Les écrans de fin : adieu, refus, retrait, visite expirée. Ils cèdent la place d'eux-mêmes."""

from __future__ import annotations

from collections.abc import Sequence

from borne.ui.composants.bandes import Action
from borne.ui.ecrans.base import EcranQuestion


class Adieu(EcranQuestion):
    """Au revoir."""

    dessin = "au-revoir"

    def reponses(self) -> Sequence[Action]:
        """Partir."""
        return (self.continuer("bouton-finir"),)


class _Fin(EcranQuestion):
    """Une fin sans consultation."""

    dessin = "efface"

    def reponses(self) -> Sequence[Action]:
        """Retour à l'accueil."""
        return (self.continuer("bouton-retour-accueil"),)


class Refus(_Fin):
    """L'accord est refusé : fin polie."""

    dessin = "au-revoir"


class Retrait(_Fin):
    """L'accord est retiré."""


class Expiree(_Fin):
    """Personne ne répondait."""
