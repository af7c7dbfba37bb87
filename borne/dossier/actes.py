"""Les mots que le journal connaît : des listes fermées, pour qu'aucun texte libre ne puisse y entrer."""

from __future__ import annotations

from enum import StrEnum


class Acteur(StrEnum):
    """Qui agit, par rôle ; jamais par nom."""

    BORNE = "borne"
    PATIENT = "patient"
    MEDIATEUR = "mediateur"
    TECHNICIEN = "technicien"
    MEDECIN = "medecin"
    SALLE = "salle"


class Acte(StrEnum):
    """Ce qui est fait. Rien ici ne dit pourquoi un patient est venu ni ce qui a été mesuré."""

    BORNE_DEMARREE = "borne_demarree"
    BORNE_ARRETEE = "borne_arretee"
    CONFIGURATION_LUE = "configuration_lue"
    AUTOTEST = "autotest"
    VISITE_CREEE = "visite_creee"
    VISITE_REPRISE = "visite_reprise"
    CONSENTEMENT_DONNE = "consentement_donne"
    CONSENTEMENT_REFUSE = "consentement_refuse"
    CONSENTEMENT_RETIRE = "consentement_retire"
    CONSULTATION_COMMENCEE = "consultation_commencee"
    CONSULTATION_FINIE = "consultation_finie"
    AIDE_DEMANDEE = "aide_demandee"
    DOCUMENT_IMPRIME = "document_imprime"
    VISITE_CLOSE = "visite_close"
    VISITE_ECARTEE = "visite_ecartee"
    TRANSMISSION_TENTEE = "transmission_tentee"
    TRANSMISSION_ACQUITTEE = "transmission_acquittee"
    TRANSMISSION_REFUSEE = "transmission_refusee"
    PURGE_FAITE = "purge_faite"
    PURGE_DESACTIVEE = "purge_desactivee"
    CLE_ORPHELINE_DETRUITE = "cle_orpheline_detruite"
    PROPRETE_CONFIRMEE = "proprete_confirmee"
    JOURNAL_REPARE = "journal_repare"


class Raison(StrEnum):
    """Pourquoi, en un code."""

    TRANSMISE = "transmise"
    RETENTION = "retention"
    ABANDON = "abandon"
    REFUS = "refus"
    RETRAIT = "retrait"
    ECARTEE = "ecartee"
    CREATION_INTERROMPUE = "creation_interrompue"
    CLE_ABSENTE = "cle_absente"
    CLE_REFUSEE = "cle_refusee"
    FICHIER_ABIME = "fichier_abime"
    NON_CHIFFRE = "non_chiffre"
    EMPREINTE_DIFFERENTE = "empreinte_differente"
    SALLE_INJOIGNABLE = "salle_injoignable"
    LIGNE_COUPEE = "ligne_coupee"
    REUSSI = "reussi"
    ECHEC = "echec"
