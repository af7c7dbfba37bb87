"""La table des étapes : pour chacune, ce qui précède, ce qui suit, ce qui est exigé. Des données, pas du code.

`suivante` et `precedente` sont les voisines sur le chemin ordinaire ; None : le bouton n'y fait rien d'ordinaire
(la consultation, par exemple, se quitte en le confirmant). `champ` : la saisie exigée pour continuer.
`inactivite_s` : délai avant « êtes-vous là ? » ; None : jamais (A11Y-TEMPS : aucun pendant une consultation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from borne.parcours.visite import Etape, Superposition


@dataclass(frozen=True, slots=True)
class Ligne:
    """Une ligne de la table."""

    suivante: Etape | None = None
    precedente: Etape | None = None
    champ: str = ""
    facultatif: bool = False
    inactivite_s: float | None = 90.0
    du_patient: bool = True


TABLE: Final[dict[Etape, Ligne]] = {
    Etape.ACCUEIL: Ligne(inactivite_s=None),
    Etape.LANGUE: Ligne(Etape.CONSENTEMENT, Etape.ACCUEIL),
    Etape.CONSENTEMENT: Ligne(None, Etape.LANGUE),
    Etape.PRENOM: Ligne(Etape.NOM, Etape.CONSENTEMENT, champ="prenom"),
    Etape.NOM: Ligne(Etape.NAISSANCE, Etape.PRENOM, champ="nom"),
    Etape.NAISSANCE: Ligne(Etape.TELEPHONE, Etape.NOM, champ="naissance"),
    Etape.TELEPHONE: Ligne(Etape.MOTIF, Etape.NAISSANCE, champ="telephone", facultatif=True),
    Etape.MOTIF: Ligne(Etape.URGENCE, Etape.TELEPHONE),
    Etape.MOTIF_AUTRE: Ligne(Etape.URGENCE, Etape.MOTIF, champ="motif-autre", facultatif=True),
    Etape.URGENCE: Ligne(None, Etape.MOTIF),
    Etape.TENSION: Ligne(Etape.ATTENTE, Etape.URGENCE, inactivite_s=180.0),
    Etape.ATTENTE: Ligne(Etape.PREPARATION, Etape.TENSION, inactivite_s=900.0),
    Etape.PREPARATION: Ligne(None, Etape.ATTENTE, inactivite_s=180.0),
    Etape.CONSULTATION: Ligne(inactivite_s=None),
    Etape.DOCUMENTS: Ligne(Etape.ADIEU, inactivite_s=180.0),
    Etape.ADIEU: Ligne(None, Etape.DOCUMENTS, inactivite_s=None),
    Etape.PROPRETE: Ligne(inactivite_s=None, du_patient=False),
    Etape.REFUS: Ligne(None, Etape.CONSENTEMENT, inactivite_s=None),
    Etape.RETRAIT: Ligne(inactivite_s=None),
    Etape.EXPIREE: Ligne(inactivite_s=None),
}

DUREE_FIN_S: Final = 30.0
"""Secondes pendant lesquelles un écran d'adieu reste avant de céder la place."""

DELAI_REPONSE_S: Final = 30.0
"""Secondes pour répondre à « êtes-vous là ? » (A11Y-TEMPS : au moins 20)."""

RELANCES: Final = 2
"""Nombre de fois qu'un patient silencieux est appelé avant la fermeture."""

DELAI_RAPPEL_S: Final = 3.0
"""Secondes entre deux tentatives d'appel après une coupure."""

FINS: Final = (Etape.ADIEU, Etape.REFUS, Etape.RETRAIT, Etape.EXPIREE)
"""Écrans de fin : ils cèdent la place d'eux-mêmes."""

MODALES: Final = (
    Superposition.AIDE,
    Superposition.QUINZE,
    Superposition.CONFIRMER_RETRAIT,
    Superposition.CONFIRMER_FIN,
    Superposition.ECRIRE,
)
"""Superpositions que le patient a ouvertes et qu'il peut refermer."""
