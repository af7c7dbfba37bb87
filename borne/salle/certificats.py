"""Ce que la salle fait du certificat d'une borne : vérifier, dater, dire. Pur."""

from __future__ import annotations

import base64
import binascii
import re
import time
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from borne.protocole import CertificatBorne, octets_certificat
from borne.salle.stockage import Borne

AVANCE_MAX_S: Final = 300
"""Secondes d'avance permises à l'horloge d'une borne."""
DUREE_MAX_S: Final = 3 * 86400
"""Au-delà, un certificat ne prouverait plus rien de la borne d'aujourd'hui."""
NOMS_MAX: Final = 100

_NOM: Final = re.compile(r"[^\s,]{1,100}")
_EMPREINTE: Final = re.compile(r"[0-9a-f]{64}")


def refus(certificat: CertificatBorne, borne: Borne, dernier: CertificatBorne | None, maintenant: float) -> str:
    """Pourquoi ce certificat est refusé, en une phrase française ; vide s'il est bon.

    La forme d'abord : un nom qui contiendrait une virgule ou un saut de ligne signerait deux certificats à la fois.
    """
    noms = (*certificat.bloquants, *certificat.reserves)
    if len(noms) > NOMS_MAX or not all(_NOM.fullmatch(nom) for nom in noms):
        return "Le certificat nomme mal ses contrôles."
    if not _EMPREINTE.fullmatch(certificat.empreinte):
        return "L'empreinte du rapport est mal écrite."
    if certificat.borne != borne.id or not _signe(certificat, borne):
        return "La signature du certificat est fausse."
    if certificat.instant > maintenant + AVANCE_MAX_S:
        return "Le certificat est daté du futur. Mettez la borne à l'heure."
    if not certificat.instant < certificat.expire <= certificat.instant + DUREE_MAX_S:
        return "La durée du certificat ne convient pas."
    if certificat.expire <= maintenant:
        return "Le certificat est périmé. Relancez l'autotest de la borne."
    if dernier is not None and certificat.instant < dernier.instant:
        return "Un certificat plus récent est déjà connu."
    if dernier is not None and certificat.instant == dernier.instant and certificat != dernier:
        return "Un autre certificat du même instant est déjà connu."
    return ""


def etat(certificat: CertificatBorne | None, maintenant: float) -> str:
    """L'état d'une borne, pour une personne : le mot, la date, ce qui manque."""
    if certificat is None:
        return "jamais contrôlée"
    quand = time.strftime("%d/%m/%Y %H:%M", time.localtime(certificat.instant))
    if certificat.expire <= maintenant:
        return f"contrôle périmé (du {quand})"
    mots = {"prete": "prête", "prete avec reserves": "prête avec réserves", "pas prete": "pas prête"}
    noms = certificat.bloquants or certificat.reserves
    return f"{mots[certificat.aptitude]} ({quand})" + (f" : {', '.join(noms)}" if noms else "")


def _signe(certificat: CertificatBorne, borne: Borne) -> bool:
    try:
        signature = base64.b64decode(certificat.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(borne.cle).verify(signature, octets_certificat(certificat))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
