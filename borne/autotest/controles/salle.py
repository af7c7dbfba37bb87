"""La salle : on la joint, chiffrée, avec un certificat qui vaut, et elle reconnaît la borne."""

from __future__ import annotations

from typing import Final

from borne.autotest import liaison
from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.protocole import ServeurGlace
from borne.visio.identite import verifier_adresse

JOUR_S: Final = 86400.0
CERTIFICAT_BIENTOT_S: Final = 14 * JOUR_S
"""Une autorité ordinaire renouvelle à trente jours de la fin : à quatorze, le renouvellement a échoué."""
LENTE_MS: Final = 500.0
"""L'aller-retour d'une liaison par satellite : le bouton répond après qu'on y a cru mort."""

_HEURE: Final = "Vérifiez la date de la borne, sinon faites renouveler le certificat."
FAUTES: Final = {
    "nom": Faute("nom-introuvable", "Le nom de la salle n'est pas connu du réseau.", "Vérifiez l'adresse et le DNS."),
    "injoignable": Faute("salle-injoignable", "La salle ne répond pas.", "Vérifiez l'accès à Internet et la salle."),
    "reponse": Faute("salle-en-erreur", "La salle répond de travers.", "Prévenez qui tient la salle."),
    "refus": Faute("borne-refusee", "La salle refuse cette borne.", "Enrôlez de nouveau la borne."),
    "chiffrement": Faute("salle-sans-chiffrement", "La salle ne parle pas TLS.", "Vérifiez l'adresse de la salle."),
    "certificat-expire": Faute("certificat-expire", "Le certificat de la salle est périmé.", _HEURE),
    "certificat-futur": Faute("certificat-futur", "Le certificat de la salle ne vaut pas encore.", _HEURE),
    "certificat-autre-nom": Faute(
        "certificat-autre-nom", "Le certificat est celui d'une autre adresse.", "Vérifiez l'adresse de la salle."
    ),
    "certificat-inconnu": Faute(
        "certificat-inconnu", "Le certificat de la salle n'est pas de confiance.", "Installez l'autorité de la salle."
    ),
}
NON_CHIFFREE: Final = Faute(
    "salle-non-chiffree", "L'adresse de la salle n'est pas chiffrée.", "Mettez une adresse en https dans borne.toml."
)
BIENTOT: Final = orange(
    "certificat-bientot-expire", "Le certificat de la salle finit bientôt.", "Faites renouveler le certificat."
)
LENTE: Final = orange("salle-lente", "La salle répond lentement.", "Vérifiez l'accès à Internet.")


class ControleSalle:
    """La salle. `glace` : les serveurs qu'elle donne, pour les contrôles du chemin de l'appel."""

    nom, libelle = "salle", "Salle d'attente des médecins"
    groupe = ""
    delai_s = 20.0
    requiert: tuple[str, ...] = ("reseau", "identite")

    def __init__(self) -> None:
        self.glace: tuple[ServeurGlace, ...] = ()
        self.ecart_s: float | None = None

    async def controler(self, banc: Banc) -> Resultat:
        """Certificat, service, puis identité (si la borne n'est pas déjà reliée)."""
        if not banc.salle:
            return gris(self.nom, "Salle : aucune n'est réglée.")
        try:
            verifier_adresse(banc.salle, ("http", "https"))
        except ValueError:
            return NON_CHIFFREE.rendre(self.nom)
        try:
            return await self._joindre(banc)
        except liaison.SalleEnPanne as panne:
            return FAUTES[panne.faute].rendre(self.nom)

    async def _joindre(self, banc: Banc) -> Resultat:
        fin = await liaison.certificat(banc.salle)
        vu = await liaison.service(banc.salle, banc.horloge)
        self.ecart_s = vu.ecart_s
        if banc.glace is not None:
            self.glace = banc.glace
        elif banc.identite is not None:
            self.glace = (await liaison.accueil(banc.salle, banc.identite)).glace
        valeurs = {"aller_retour_ms": vu.aller_retour_ms}
        if fin is not None:
            valeurs["certificat_jours"] = (fin - banc.horloge()) / JOUR_S
            if fin - banc.horloge() < CERTIFICAT_BIENTOT_S:
                return BIENTOT.rendre(self.nom, valeurs)
        if vu.aller_retour_ms > LENTE_MS:
            return LENTE.rendre(self.nom, valeurs)
        return vert(self.nom, f"La salle reconnaît la borne ({vu.aller_retour_ms:.0f} ms).", valeurs)
