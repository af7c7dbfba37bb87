"""Quel écran pour quelle étape, quelle superposition."""

from __future__ import annotations

from typing import Final

from borne.parcours.visite import Etape, Superposition, Visite
from borne.ui.direct import EtatDirect
from borne.ui.ecrans import fins, superpositions, technicien
from borne.ui.ecrans.accueil import Accueil
from borne.ui.ecrans.attente import Attente
from borne.ui.ecrans.base import Ecran
from borne.ui.ecrans.chiffres import Naissance, Telephone
from borne.ui.ecrans.consentement import Consentement
from borne.ui.ecrans.consultation import Consultation
from borne.ui.ecrans.documents import Documents
from borne.ui.ecrans.ecrire import Ecrire
from borne.ui.ecrans.ferme import Ferme
from borne.ui.ecrans.langue import Langue
from borne.ui.ecrans.mediateur import Mediateur
from borne.ui.ecrans.mesure import Mesure
from borne.ui.ecrans.mire import Mire
from borne.ui.ecrans.motif import Motif
from borne.ui.ecrans.preparation import Preparation
from borne.ui.ecrans.proprete import Proprete
from borne.ui.ecrans.saisie import MotifAutre, Nom, Prenom
from borne.ui.ecrans.urgence import Urgence
from borne.ui.mots import fermeture, mediateur_devant
from borne.ui.technicien import Page

ECRANS: Final[dict[Etape, type[Ecran]]] = {
    Etape.ACCUEIL: Accueil,
    Etape.LANGUE: Langue,
    Etape.CONSENTEMENT: Consentement,
    Etape.PRENOM: Prenom,
    Etape.NOM: Nom,
    Etape.NAISSANCE: Naissance,
    Etape.TELEPHONE: Telephone,
    Etape.MOTIF: Motif,
    Etape.MOTIF_AUTRE: MotifAutre,
    Etape.URGENCE: Urgence,
    Etape.MESURE: Mesure,
    Etape.ATTENTE: Attente,
    Etape.PREPARATION: Preparation,
    Etape.CONSULTATION: Consultation,
    Etape.DOCUMENTS: Documents,
    Etape.ADIEU: fins.Adieu,
    Etape.PROPRETE: Proprete,
    Etape.REFUS: fins.Refus,
    Etape.RETRAIT: fins.Retrait,
    Etape.EXPIREE: fins.Expiree,
}

SUPERPOSITIONS: Final[dict[Superposition, type[Ecran]]] = {
    Superposition.AIDE: superpositions.Aide,
    Superposition.QUINZE: superpositions.Quinze,
    Superposition.PRESENCE: superpositions.Presence,
    Superposition.CONFIRMER_RETRAIT: superpositions.ConfirmerRetrait,
    Superposition.CONFIRMER_FIN: superpositions.ConfirmerFin,
    Superposition.ECRIRE: Ecrire,
}

TECHNICIEN: Final[dict[Page, type[Ecran]]] = {
    Page.CODE: technicien.Code,
    Page.CONTROLES: technicien.Controles,
    Page.MIRE: Mire,
    Page.MEDIATEUR: Mediateur,
}


def classe_de(visite: Visite, direct: EtatDirect) -> type[Ecran]:
    """La classe de l'écran que cette visite montre."""
    if mediateur_devant(visite, direct) and direct.technicien is not None:
        return TECHNICIEN[direct.technicien.page]
    if visite.superposition is not Superposition.AUCUNE:
        return SUPERPOSITIONS[visite.superposition]
    if visite.etape is Etape.ACCUEIL and direct.technicien is not None:
        return TECHNICIEN[direct.technicien.page]
    if visite.etape is Etape.ACCUEIL and fermeture(direct):
        return Ferme
    return ECRANS[visite.etape]
