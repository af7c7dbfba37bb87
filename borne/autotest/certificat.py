"""Le certificat « borne prête » : daté, signé par la clé de la borne, lié au rapport par son empreinte."""

from __future__ import annotations

import re
from typing import Final

from borne.autotest.rapport import Rapport, empreinte
from borne.protocole import CertificatBorne
from borne.visio.identite import IdentiteBorne

NOMS_MAX: Final = 50
"""Noms de chaque liste, au plus : la salle en refuse davantage."""


def certifier(rapport: Rapport, octets: bytes, identite: IdentiteBorne, validite_s: float) -> CertificatBorne:
    """Le certificat signé de ce rapport ; `octets` : ceux que garde l'historique.

    Il vaut `validite_s` secondes depuis le début de l'autotest entier : en refaire un contrôle ne le prolonge pas.
    Lève `ValueError` si le rapport est celui d'une autre borne.
    """
    instant = int(rapport.fin)
    certificat = CertificatBorne(
        borne=rapport.borne,
        profil=rapport.profil,
        aptitude=rapport.aptitude,
        instant=instant,
        expire=int(rapport.debut + validite_s),
        empreinte=empreinte(octets),
        bloquants=_noms(rapport.bloquants),
        reserves=_noms(rapport.reserves),
    )
    return identite.signer_certificat(certificat)


def _noms(noms: tuple[str, ...]) -> tuple[str, ...]:
    """Un nom tiré de `peripheriques.toml` peut porter une espace ou une virgule, que le certificat n'admet pas."""
    return tuple(re.sub(r"[\s,]+", "-", nom)[:100] for nom in noms[:NOMS_MAX])
