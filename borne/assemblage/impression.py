"""L'impression : exécute `Imprimer`, reçoit les documents du médecin, compose le résumé du patient.

Un travail porte un nom unique (document et essai). À la reprise, l'imprimante est interrogée avant d'imprimer : un
redémarrage au milieu n'imprime pas deux fois.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from typing import cast

from borne import protocole as p
from borne.assemblage.resume import composer, resumer, ticket
from borne.assemblage.taches import Taches
from borne.dossier.erreurs import DisqueEnPanne, DossierPlein, ErreurDossier
from borne.dossier.fil import ArchivesAsync
from borne.parcours import evenements as e
from borne.parcours.effets import AnnulerImpression, Imprimer
from borne.parcours.visite import RESUME, Visite
from borne.peripheriques.impression import (
    ErreurImprimante,
    EtatTravail,
    Imprimante,
    ImprimanteAbsente,
    ImprimanteOccupee,
    PapierManquant,
    PdfInvalide,
    TravailRefuse,
    verifier_pdf,
)
from borne.peripheriques.imprimante_tickets import ImprimanteTickets
from borne.ui.textes import Textes

journal = logging.getLogger(__name__)

DELAI_ARRET_S = 1.0
"""Secondes laissées aux tâches en cours quand la borne s'arrête."""

SANS_NUMERO = 0
"""Le travail d'un ticket : aucune imprimante IPP ne numérote ainsi (RFC 8011, 5.3.2 : de 1 à 2**31 - 1)."""
INTERVALLE_S = 0.5
"""Secondes entre deux questions à l'imprimante sur un travail."""
DELAI_TRAVAIL_S = 120.0
"""Secondes au-delà desquelles un travail est dit bloqué."""
INTERVALLE_DISQUE_S = 2.0
"""Secondes entre deux essais de garder un document quand le disque n'a plus de place."""
DELAI_DISQUE_S = 120.0
"""Secondes au-delà desquelles ce document est refusé, et le médecin prévenu."""


class ConduiteImpression:
    """Un fil d'impression par document ; les échecs deviennent des événements."""

    def __init__(
        self,
        imprimante: Imprimante | None,
        archives: ArchivesAsync,
        emettre: Callable[[e.Evenement], None],
        textes: Callable[[str], Textes],
        lieu: str,
        panne: Callable[[str], None],
        tickets: ImprimanteTickets | None = None,
    ) -> None:
        """`panne` : dire à l'écran que le disque n'enregistre plus. `tickets` : c'est là que sort le résumé."""
        self._panne = panne
        self._tickets = tickets
        self._imprimante = imprimante
        self._archives = archives
        self._emettre = emettre
        self._textes = textes
        self._lieu = lieu
        self._taches = Taches("impression")

    def imprimer(self, visite: Visite, effet: Imprimer) -> None:
        """Lance (ou reprend) l'impression d'un document gardé au dossier."""
        self._taches.lancer(self._imprimer(visite, effet))

    def annuler(self, effet: AnnulerImpression) -> None:
        """Retire un travail qui n'est pas sorti : il ne sortira pas devant le patient suivant."""
        self._taches.lancer(self._annuler(effet))

    def recevoir(self, visite: Visite, document: p.Document) -> None:
        """Vérifie et garde un document du médecin, puis l'annonce.

        Un document déjà connu est annoncé de nouveau : la salle le renvoie tant qu'elle ne sait pas ce qu'il est
        devenu. `avancer` ne le réimprime pas, il redit son état.
        """
        connu = next((d for d in visite.documents if d.document == document.document), None)
        if connu is not None:
            self._emettre(
                e.DocumentRecu(
                    instant=time.time(),
                    document=connu.document,
                    nom=connu.nom,
                    empreinte=connu.empreinte,
                    pages=connu.pages,
                )
            )
            return
        self._taches.lancer(self._recevoir(visite.id, document))

    def composer_resume(self, visite: Visite) -> None:
        """Compose le résumé du patient et le fait imprimer comme tout document."""
        self._taches.lancer(self._composer(visite))

    async def fermer(self) -> None:
        """À l'arrêt : ce qui n'a pas fini est annulé, et se reprendra au démarrage."""
        await self._taches.finir(DELAI_ARRET_S)

    async def _imprimer(self, visite: Visite, effet: Imprimer) -> None:
        try:
            if self._tickets is not None and effet.document == RESUME:
                await self._sur_ticket(self._tickets, visite, effet)
                return
            travail = await self._travail(visite.id, effet)
            await self._suivre(effet, travail)
        except ErreurImprimante as erreur:
            journal.warning("impression, essai %d : %s", effet.essai, type(erreur).__name__)
            self._echec(effet, f"erreur-imprimante-{erreur.code}")
        except ErreurDossier as erreur:
            journal.error("impression, essai %d : %s", effet.essai, type(erreur).__name__)
            self._echec(effet, "erreur-imprimante-inconnue")

    async def _sur_ticket(self, tickets: ImprimanteTickets, visite: Visite, effet: Imprimer) -> None:
        """Le résumé, sur un ticket, sans numéro que l'on puisse redemander.

        Une borne tuée au milieu ne sait pas s'il est sorti : elle le dit, plutôt que d'en sortir un second.
        """
        if effet.reprise and effet.travail is not None:
            raise ErreurImprimante("Une coupure a interrompu le ticket.")
        self._emettre(
            e.ImpressionAcceptee(instant=time.time(), document=effet.document, essai=effet.essai, travail=SANS_NUMERO)
        )
        resume = resumer(visite, self._textes(visite.langue), self._lieu, time.time())
        await tickets.imprimer(ticket(resume))
        self._emettre(e.ImpressionFinie(instant=time.time(), document=effet.document, essai=effet.essai))

    async def _travail(self, visite: str, effet: Imprimer) -> int:
        """Le numéro IPP : celui d'avant la coupure s'il existe, sinon un nouveau travail."""
        if self._imprimante is None:
            raise ImprimanteAbsente
        if effet.reprise:
            anciens = await self._imprimante.travaux(_nom(visite, effet.document, effet.essai))
            if anciens or effet.travail is not None:
                return anciens[-1] if anciens else cast(int, effet.travail)
        if effet.essai > 1:
            # L'essai d'avant attend peut-être encore dans l'imprimante : il ne doit pas sortir aussi.
            await self._retirer(visite, effet.document, effet.essai - 1)
        contenu = await (await self._archives.ouvrir(visite)).document(effet.document)
        travail = await self._imprimante.imprimer(contenu, _nom(visite, effet.document, effet.essai))
        self._emettre(
            e.ImpressionAcceptee(instant=time.time(), document=effet.document, essai=effet.essai, travail=travail)
        )
        return travail

    async def _suivre(self, effet: Imprimer, travail: int) -> None:
        if self._imprimante is None:
            raise ImprimanteAbsente
        limite = time.monotonic() + DELAI_TRAVAIL_S
        while time.monotonic() < limite:
            etat = await self._imprimante.etat_travail(travail)
            if etat is EtatTravail.FINI:
                self._emettre(e.ImpressionFinie(instant=time.time(), document=effet.document, essai=effet.essai))
                return
            if etat is EtatTravail.ECHOUE:
                raise TravailRefuse
            if etat is EtatTravail.SANS_PAPIER:
                await self._imprimante.annuler(travail)
                raise PapierManquant
            await asyncio.sleep(INTERVALLE_S)
        await self._imprimante.annuler(travail)
        raise ImprimanteOccupee

    async def _annuler(self, effet: AnnulerImpression) -> None:
        try:
            await self._retirer(effet.visite, effet.document, effet.essai)
        except ErreurImprimante as erreur:
            journal.warning("travail non annulé : %s", type(erreur).__name__)

    async def _retirer(self, visite: str, document: str, essai: int) -> None:
        """Retire de l'imprimante les travaux de cet essai qui n'en sont pas sortis."""
        if self._imprimante is None:
            return
        for travail in await self._imprimante.travaux(_nom(visite, document, essai)):
            if await self._imprimante.etat_travail(travail) not in (EtatTravail.FINI, EtatTravail.ECHOUE):
                await self._imprimante.annuler(travail)

    def _echec(self, effet: Imprimer, raison: str) -> None:
        self._emettre(
            e.ImpressionEchouee(instant=time.time(), document=effet.document, essai=effet.essai, raison=raison)
        )

    async def _recevoir(self, visite: str, document: p.Document) -> None:
        refus = ""
        pages = 0
        if len(document.contenu) > p.TAILLE_MAX_DOCUMENT:
            refus = "erreur-document-trop-gros"
        elif hashlib.sha256(document.contenu).hexdigest() != document.empreinte:
            refus = "erreur-document-abime"
        else:
            try:
                pages = await asyncio.to_thread(verifier_pdf, document.contenu)
            except PdfInvalide as erreur:
                journal.warning("document refusé : %s", type(erreur).__name__)
                refus = "erreur-document-pas-pdf"
        if refus:
            self._refuser(document.document, document.nom, refus)
            return
        await self._garder(visite, document.document, document.nom, document.contenu, pages)

    async def _composer(self, visite: Visite) -> None:
        """Un résumé gardé juste avant une coupure est annoncé tel quel : recomposé, il ne serait plus le même."""
        for garde in await (await self._archives.ouvrir(visite.id)).documents():
            if garde.id == RESUME:
                self._annoncer(RESUME, garde.nom, garde.empreinte, 1)
                return
        textes = self._textes(visite.langue)
        contenu = await asyncio.to_thread(composer, visite, textes, self._lieu, time.time())
        await self._garder(visite.id, RESUME, textes.dire("resume-titre"), contenu, 1)

    async def _garder(self, visite: str, document: str, nom: str, contenu: bytes, pages: int) -> None:
        """Le document est durable avant d'être annoncé ; un disque plein le fait attendre, puis refuser."""
        limite = time.monotonic() + DELAI_DISQUE_S
        while True:
            try:
                await (await self._archives.ouvrir(visite)).ajouter_document(document, nom, contenu)
            except (DossierPlein, DisqueEnPanne) as erreur:
                journal.error("document non gardé : %s", type(erreur).__name__)
                self._panne("erreur-dossier")
                if time.monotonic() > limite:
                    self._refuser(document, nom, "erreur-dossier")
                    return
                await asyncio.sleep(INTERVALLE_DISQUE_S)
            else:
                self._annoncer(document, nom, hashlib.sha256(contenu).hexdigest(), pages)
                return

    def _annoncer(self, document: str, nom: str, empreinte: str, pages: int) -> None:
        self._emettre(
            e.DocumentRecu(instant=time.time(), document=document, nom=nom, empreinte=empreinte, pages=pages)
        )

    def _refuser(self, document: str, nom: str, raison: str) -> None:
        self._emettre(e.DocumentRefuse(instant=time.time(), document=document, nom=nom, raison=raison))


def _nom(visite: str, document: str, essai: int) -> str:
    """Le nom unique d'un travail (IPP job-name), sans rien du patient."""
    return f"borne-{visite[:8]}-{document[:16]}-{essai}"
