"""La table des étapes : pour chacune, ce qui précède, ce qui suit, ce qui est exigé. Des données, pas du code.

`suivante` et `precedente` sont les voisines sur le chemin ordinaire ; None : le bouton n'y fait rien d'ordinaire
(la consultation, par exemple, se quitte en le confirmant). `champ` : la saisie exigée pour continuer.
`inactivite_s` : délai avant « êtes-vous là ? » ; None : jamais. Celui de la consultation ne court que lorsque le
médecin n'est pas là (A11Y-TEMPS : aucun pendant une consultation) ; sans lui, un départ sans un mot laisserait la
visite ouverte à jamais.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from borne.parcours.visite import A_NETTOYER, A_NETTOYER_AUSSI, Etape, EtatAppel, PhaseMesure, Superposition, Visite


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
    Etape.MESURE: Ligne(Etape.ATTENTE, Etape.URGENCE, inactivite_s=180.0),
    Etape.ATTENTE: Ligne(Etape.PREPARATION, Etape.MESURE, inactivite_s=900.0),
    Etape.PREPARATION: Ligne(None, Etape.ATTENTE, inactivite_s=180.0),
    Etape.CONSULTATION: Ligne(inactivite_s=900.0),
    Etape.DOCUMENTS: Ligne(Etape.ADIEU, inactivite_s=180.0),
    Etape.ADIEU: Ligne(None, Etape.DOCUMENTS, inactivite_s=30.0),
    Etape.PROPRETE: Ligne(inactivite_s=None, du_patient=False),
    Etape.REFUS: Ligne(None, Etape.CONSENTEMENT, inactivite_s=30.0),
    Etape.RETRAIT: Ligne(inactivite_s=30.0),
    Etape.EXPIREE: Ligne(inactivite_s=30.0),
}
"""Sur un écran de fin, `inactivite_s` est le temps au bout duquel il cède la place."""

DELAI_REPONSE_S: Final = 30.0
"""Secondes pour répondre à « êtes-vous là ? » (A11Y-TEMPS : au moins 20)."""

DELAIS_SUPERPOSITION_S: Final = {
    Superposition.PRESENCE: DELAI_REPONSE_S,
    Superposition.AIDE: 900.0,
    Superposition.QUINZE: 1800.0,
    Superposition.CONFIRMER_RETRAIT: 90.0,
    Superposition.CONFIRMER_FIN: 900.0,
    Superposition.ECRIRE: 900.0,
}
"""Délais de ce qui se pose sur l'écran. Le 15 laisse le temps d'un appel au SAMU, l'adresse sous les yeux ; mais
il montre des mesures : il ne reste pas affiché sans fin devant un siège vide."""

DELAI_MESURE_S: Final = 600.0
"""Secondes avant de demander si quelqu'un est là quand un appareil ne rend ni mesure ni échec."""

ESSAIS: Final = 3
"""Essais échoués d'affilée au bout desquels une mesure est passée : insister ne ferait que fatiguer."""

RELANCES: Final = 2
"""Nombre de fois qu'un patient silencieux est appelé avant la fermeture."""

PATIENCE_IMPRESSION: Final = 4
"""Nombre de fois que l'adieu attend encore un papier en cours d'impression."""

DELAI_RAPPEL_S: Final = 3.0
"""Secondes laissées à la salle, après un redémarrage, pour redemander l'appel avant que la borne ne l'offre."""

DELAI_TELEPHONE_S: Final = 30.0
"""Secondes d'appel perdu au bout desquelles le médecin est prié de téléphoner ; les tentatives continuent."""

FINS: Final = (Etape.ADIEU, Etape.REFUS, Etape.RETRAIT, Etape.EXPIREE)
"""Écrans de fin : ils cèdent la place d'eux-mêmes."""

ALERTES: Final = (Superposition.AIDE, Superposition.QUINZE)
"""Superpositions qui sonnent."""

MODALES: Final = (
    *ALERTES,
    Superposition.CONFIRMER_RETRAIT,
    Superposition.CONFIRMER_FIN,
    Superposition.ECRIRE,
)
"""Superpositions que le patient a ouvertes et qu'il peut refermer."""


def delai(visite: Visite) -> float | None:
    """Secondes d'inactivité permises sur cet écran ; None : sans limite."""
    if visite.etape is Etape.CONSULTATION and visite.appel.etat is EtatAppel.ETABLI:
        return None
    if visite.superposition is not Superposition.AUCUNE:
        return DELAIS_SUPERPOSITION_S[visite.superposition]
    if visite.etape is Etape.MESURE and visite.releve().phase is PhaseMesure.EN_COURS:
        return DELAI_MESURE_S
    return TABLE[visite.etape].inactivite_s


def elements_a_nettoyer(visite: Visite) -> tuple[str, ...]:
    """Ce qu'il faut confirmer propre, dans l'ordre de l'écran ; une nature de tiers n'y a pas de mot à elle."""
    aussi = (A_NETTOYER_AUSSI[nature] for nature in visite.touches if nature in A_NETTOYER_AUSSI)
    return (*A_NETTOYER[:2], *aussi, *A_NETTOYER[2:])
