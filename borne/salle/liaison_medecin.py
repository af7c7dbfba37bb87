"""`/ws/medecin` : la page d'un médecin prend un patient, lui parle par la salle, et le quitte."""

from __future__ import annotations

import base64
from typing import Final

from aiohttp import web

from borne.protocole import (
    ENTREE_MEDECIN,
    AlerteVue,
    AppelDemande,
    Bienvenue,
    BorneAbsente,
    Candidat,
    ConsultationTerminee,
    Erreur,
    MedecinAbsent,
    MedecinVersSalle,
    Message,
    MessageInvalide,
    MesureSouhaitee,
    Notes,
    Prendre,
    PretARecevoir,
    Prise,
    PriseEnCharge,
    Reponse,
    Terminer,
    VisiteFinie,
    decoder,
    encoder,
)
from borne.salle.file_attente import FileAttente
from borne.salle.liaison_borne import alerte_dite
from borne.salle.liaisons import (
    CANAL_FILE,
    CANAL_MEDECINS,
    CODE_SESSION_FINIE,
    TAILLE_MAX_COURANTE,
    Contexte,
    Liaison,
    canal_borne,
    canal_page,
    ouvrir_ws,
    tenir,
    verifier_identifiant,
)
from borne.salle.stockage import Medecin, Visite

INCOMPRIS_MAX: Final = 5
"""Messages incompris d'une page avant que sa liaison ne se ferme."""
NOTES_MAX: Final = 100_000
"""Signes de notes par visite."""


async def servir_medecin(
    requete: web.Request, contexte: Contexte, file: FileAttente, medecin: Medecin, jeton: str
) -> web.WebSocketResponse:
    """La route `/ws/medecin`, session et origine déjà vérifiées."""
    ws = ouvrir_ws(contexte, TAILLE_MAX_COURANTE)
    await ws.prepare(requete)
    liaison = Liaison(ws, requete.transport)
    await tenir(contexte, liaison, LiaisonMedecin(contexte, file, liaison, medecin, jeton).mener(), "page")
    return ws


class LiaisonMedecin:
    """Une page ouverte. La visite appartient au médecin, et à la page par laquelle il l'a prise en dernier."""

    def __init__(self, contexte: Contexte, file: FileAttente, liaison: Liaison, medecin: Medecin, jeton: str) -> None:
        self._contexte = contexte
        self._stockage = contexte.stockage
        self._bus = contexte.bus
        self._file = file
        self._liaison = liaison
        self._medecin = medecin
        self._jeton = jeton
        self._incompris = 0

    async def mener(self) -> None:
        """Accueille, écoute jusqu'à la fin, puis dit l'absence aux bornes suivies."""
        liaison, medecin = self._liaison, self._medecin
        liaison.envoyer(Bienvenue(medecin.nom, self._contexte.glace.pour(liaison.id)))
        desabonnements = [
            self._bus.abonner(canal_page(liaison.id), liaison.envoyer_texte),
            self._bus.abonner(CANAL_MEDECINS, liaison.envoyer_texte),
        ]
        self._contexte.ouvertes[liaison] = self._controler
        await self._bus.annoncer("medecin", medecin.id, liaison.id)
        try:
            for alerte in await self._stockage.alertes():
                liaison.envoyer(alerte_dite(alerte, active=True))
            self._file.suivre_medecin(liaison)
            # La présence d'un médecin change l'attente annoncée à toutes les bornes, sur tous les nœuds.
            await self._bus.publier(CANAL_FILE)
            while (texte := await liaison.recevoir()) is not None:
                await self._traiter(texte)
        finally:
            for desabonner in desabonnements:
                desabonner()
            self._file.oublier(liaison)
            await self._bus.retirer("medecin", medecin.id, liaison.id)
            await self._quitter()

    async def _controler(self) -> None:
        if await self._contexte.comptes.medecin(self._jeton) is None:
            self._liaison.fermer(CODE_SESSION_FINIE, "session finie")

    async def _quitter(self) -> None:
        for visite in await self._stockage.quitter(self._liaison.id):
            await self._a_la_borne(visite, MedecinAbsent(visite.id))
        await self._bus.publier(CANAL_FILE)

    async def _a_la_borne(self, visite: Visite, message: Message) -> None:
        await self._bus.publier(canal_borne(visite.borne), encoder(message))

    async def _traiter(self, texte: str) -> None:
        try:
            message = decoder(ENTREE_MEDECIN, texte)
        except MessageInvalide:
            self._incompris += 1
            if self._incompris > INCOMPRIS_MAX:
                raise
            self._liaison.envoyer(Erreur("La salle n'a pas compris cette demande."))
            return
        await self._aiguiller(message)

    async def _aiguiller(self, message: MedecinVersSalle) -> None:
        if isinstance(message, AlerteVue):
            await self._eteindre(message)
            return
        verifier_identifiant(message.visite)
        if isinstance(message, Prendre):
            await self._prendre(message.visite)
            return
        visite = await self._stockage.visite(message.visite)
        if visite is None or visite.medecin != self._medecin.id or visite.page != self._liaison.id:
            self._liaison.envoyer(Erreur("Ce patient n'est pas le vôtre."))
        elif visite.etat != "prise":
            self._liaison.envoyer(VisiteFinie(visite.id, visite.raison))
        else:
            await self._agir(visite, message)

    async def _agir(
        self,
        visite: Visite,
        message: PretARecevoir | Reponse | Candidat | MesureSouhaitee | Notes | Terminer,
    ) -> None:
        """Les demandes du médecin de la visite, depuis la page qui la suit."""
        match message:
            case PretARecevoir():
                apres = await self._stockage.marquer_page_prete(visite.id, self._liaison.id)
                if apres.pret:
                    await self._a_la_borne(
                        visite, AppelDemande(visite.id, self._contexte.glace.pour(f"b{self._liaison.id}"))
                    )
            case Reponse() | Candidat() | MesureSouhaitee():
                await self._a_la_borne(visite, message)
            case Notes():
                await self._noter(message)
            case Terminer():
                await self._terminer(visite)

    async def _prendre(self, identifiant: str) -> None:
        essai = await self._stockage.prendre(identifiant, self._medecin.id, self._liaison.id)
        if essai is None:
            await self._dire_finie(identifiant)
            return
        visite = essai.visite
        if visite.medecin != self._medecin.id:
            self._liaison.envoyer(Prise(visite.id, acceptee=False, medecin=visite.nom_medecin or ""))
            return
        notes = await self._stockage.notes(visite.id)
        borne = await self._stockage.borne(visite.borne)
        cle = base64.b64encode(borne.cle).decode() if borne is not None else ""
        glace = self._contexte.glace.pour(self._liaison.id)
        self._liaison.envoyer(Prise(visite.id, True, self._medecin.nom, notes, cle_borne=cle, glace=glace))
        if essai.page_avant not in (None, self._liaison.id):
            fin = VisiteFinie(visite.id, "reprise dans une autre fenêtre")
            await self._bus.publier(canal_page(str(essai.page_avant)), encoder(fin))
        if visite.borne not in await self._bus.presents("borne"):
            self._liaison.envoyer(BorneAbsente(visite.id, absente=True))
        if essai.nouvelle:
            await self._a_la_borne(visite, PriseEnCharge(visite.id, self._medecin.nom))
        await self._bus.publier(CANAL_FILE)

    async def _dire_finie(self, identifiant: str) -> None:
        visite = await self._stockage.visite(identifiant)
        if visite is not None and visite.medecin == self._medecin.id:
            self._liaison.envoyer(VisiteFinie(visite.id, visite.raison))
        else:
            self._liaison.envoyer(Erreur("Ce patient n'est plus dans la file."))

    async def _noter(self, message: Notes) -> None:
        if len(message.texte) > NOTES_MAX:
            self._liaison.envoyer(Erreur("Ces notes sont trop longues : elles ne sont pas gardées."))
            return
        await self._stockage.noter(message.visite, message.texte)

    async def _terminer(self, visite: Visite) -> None:
        if await self._stockage.finir(visite.id, "terminee", "medecin", f"medecin:{self._medecin.id}"):
            await self._a_la_borne(visite, ConsultationTerminee(visite.id))
            self._liaison.envoyer(VisiteFinie(visite.id, "medecin"))
            await self._bus.publier(CANAL_FILE)

    async def _eteindre(self, message: AlerteVue) -> None:
        verifier_identifiant(message.borne)
        for alerte in await self._stockage.marquer_vues(message.borne, self._medecin.id):
            await self._bus.publier(CANAL_MEDECINS, encoder(alerte_dite(alerte, active=False)))
