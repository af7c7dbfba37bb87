"""L'imprimante à tickets : son état, puis un petit ticket d'essai."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.peripheriques.composition_ticket import Texte
from borne.peripheriques.erreurs import ConfigurationInvalide
from borne.peripheriques.impression import ErreurImprimante
from borne.peripheriques.imprimante_tickets import EtatTickets, ImprimanteTickets, ReglageTickets, Rouleau
from borne.peripheriques.serie import Serie

ABSENTE: Final = Faute(
    "tickets-absente", "L'imprimante à tickets n'est pas branchée.", "Allumez-la, rebranchez son câble."
)
SANS_PAPIER: Final = Faute("tickets-papier", "Le rouleau de tickets est fini.", "Mettez un rouleau neuf.")
ROULEAU_BAS: Final = orange("tickets-rouleau-bas", "Le rouleau de tickets finit bientôt.", "Préparez un rouleau.")
MAL_REGLEE: Final = Faute(
    "tickets-mal-reglee", "L'imprimante à tickets est mal réglée.", "Corrigez appareils.tickets dans borne.toml."
)


def juger(etat: EtatTickets) -> Faute | None:
    """Ce que dit l'imprimante d'elle-même ; None si elle est prête, ou si son modèle ne dit rien."""
    if etat.code == "papier" or etat.rouleau is Rouleau.FINI:
        return SANS_PAPIER
    if not etat.prete:
        return _en_panne(etat.phrase)
    return ROULEAU_BAS if etat.rouleau is Rouleau.BAS else None


def nommer(erreur: ErreurImprimante) -> Faute:
    """La faute d'une demande qui n'a pas abouti."""
    return {"absente": ABSENTE, "papier": SANS_PAPIER}.get(erreur.code) or _en_panne(str(erreur))


def _en_panne(phrase: str) -> Faute:
    return Faute("tickets-en-panne", phrase, "Ouvrez, refermez puis rallumez l'imprimante à tickets.")


class ControleTickets:
    """L'imprimante à tickets du réglage `appareils.tickets`."""

    nom, libelle = "imprimante-tickets", "Imprimante à tickets"
    groupe = "serie"
    delai_s = 45.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Demande son état, puis sort un ticket de deux lignes si du papier peut sortir."""
        if not banc.imprimante_tickets:
            return gris(self.nom, "Imprimante à tickets : cette borne n'en a pas.")
        try:
            imprimante = ImprimanteTickets(Serie(banc.serie), ReglageTickets.lire(banc.imprimante_tickets))
            faute = juger(await imprimante.etat())
            if banc.papier and faute in (None, ROULEAU_BAS):
                quand = f"{datetime.fromtimestamp(banc.horloge()):%d/%m/%Y %H:%M}"
                await imprimante.imprimer((Texte("Ticket d'essai de la borne", gras=True), Texte(quand)))
        except ConfigurationInvalide:
            faute = MAL_REGLEE
        except ErreurImprimante as erreur:
            faute = nommer(erreur)
        return vert(self.nom, "L'imprimante à tickets est prête.") if faute is None else faute.rendre(self.nom)
