"""Ce que les commandes d'administration font au stockage : comptes des médecins, bornes invitées ou révoquées."""

from __future__ import annotations

import secrets
from typing import Final

from borne.salle.comptes import (
    ALPHABET,
    Hacheur,
    condenser,
    normaliser_code,
    normaliser_identifiant,
    tirer_mot_de_passe,
)
from borne.salle.stockage import IdentifiantPris, Medecin, Stockage

VALIDITE_CODE_S: Final = 24 * 3600.0
LONGUEUR_CODE: Final = 12
"""Signes d'un code d'enrôlement : 59 bits, pour un jour et dix essais par adresse avant freinage."""


class ErreurAdministration(Exception):
    """Demande impossible ; phrase française."""


async def ajouter_medecin(stockage: Stockage, nom: str, identifiant: str) -> str:
    """Crée le compte et rend son premier mot de passe, à montrer une seule fois. Lève `ErreurAdministration`."""
    nom, identifiant = " ".join(nom.split()), normaliser_identifiant(identifiant)
    if not nom or not identifiant or max(len(nom), len(identifiant)) > 100:
        raise ErreurAdministration("Un nom et un identifiant sont nécessaires, de 100 signes au plus.")
    mot_de_passe = tirer_mot_de_passe()
    condensat = await Hacheur().hacher(mot_de_passe)
    medecin = Medecin(f"m-{secrets.token_hex(6)}", identifiant, nom, condensat)
    try:
        await stockage.ajouter_medecin(medecin)
    except IdentifiantPris as erreur:
        raise ErreurAdministration(f"L'identifiant « {identifiant} » est déjà pris.") from erreur
    return mot_de_passe


async def _medecin(stockage: Stockage, identifiant: str) -> Medecin:
    medecin = await stockage.medecin_par_identifiant(normaliser_identifiant(identifiant))
    if medecin is None:
        raise ErreurAdministration(f"Aucun médecin n'a l'identifiant « {identifiant} ».")
    return medecin


async def desactiver_medecin(stockage: Stockage, identifiant: str) -> Medecin:
    """Ferme le compte et ses sessions. Lève `ErreurAdministration`."""
    medecin = await _medecin(stockage, identifiant)
    await stockage.desactiver_medecin(medecin.id)
    return medecin


async def renouveler_mot_de_passe(stockage: Stockage, identifiant: str) -> str:
    """Un nouveau premier mot de passe, pour un médecin qui a perdu le sien. Lève `ErreurAdministration`."""
    medecin = await _medecin(stockage, identifiant)
    mot_de_passe = tirer_mot_de_passe()
    await stockage.changer_condensat(medecin.id, await Hacheur().hacher(mot_de_passe), a_changer=True)
    await stockage.fermer_sessions(medecin.id)
    return mot_de_passe


async def inviter_borne(stockage: Stockage, lieu: str, maintenant: float) -> str:
    """Un code d'enrôlement à usage unique, valable un jour, à montrer une seule fois."""
    lieu = " ".join(lieu.split())
    if not lieu or len(lieu) > 200:
        raise ErreurAdministration("Un lieu est nécessaire, de 200 signes au plus.")
    code = "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR_CODE))
    await stockage.ajouter_code(condenser(normaliser_code(code)), lieu, maintenant + VALIDITE_CODE_S)
    return "-".join(code[debut : debut + 4] for debut in range(0, LONGUEUR_CODE, 4))


async def revoquer_borne(stockage: Stockage, borne: str) -> None:
    """La borne ne sera plus reconnue ; une salle en marche coupe sa liaison. Lève `ErreurAdministration`."""
    if not await stockage.revoquer_borne(borne):
        raise ErreurAdministration(f"Aucune borne n'a l'identité « {borne} ».")
