"""`/ws/borne` : une borne prouve qui elle est, puis agit sur ses visites et elles seules."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets

import msgspec
from aiohttp import WSCloseCode, web

from borne.protocole import (
    ENTREE_BORNE,
    TAILLE_MAX_MESSAGE,
    VERSION,
    Accueillie,
    AccuseDossier,
    Alerte,
    AlerteBorne,
    AppelDemande,
    BorneAbsente,
    BorneVersSalle,
    Candidat,
    CertificatBorne,
    CertificatRefuse,
    ConsultationTerminee,
    Defi,
    DepotDossier,
    Document,
    DossierRefuse,
    EtatDocument,
    Identification,
    MedecinAbsent,
    Message,
    Offre,
    PatientEnAttente,
    PatientParti,
    PatientPret,
    PriseEnCharge,
    RappelTelephonique,
    Refusee,
    ServeurGlace,
    VisiteFinie,
    decoder,
    encoder,
)
from borne.salle import certificats
from borne.salle.comptes import signature_valable
from borne.salle.file_attente import FileAttente
from borne.salle.liaisons import (
    CANAL_FILE,
    CANAL_MEDECINS,
    CODE_REMPLACEE,
    TAILLE_MAX_COURANTE,
    Contexte,
    Hors,
    Liaison,
    canal_borne,
    canal_page,
    canal_remplacement,
    journal,
    ouvrir_ws,
    tenir,
    verifier_identifiant,
    verifier_patient,
)
from borne.salle.stockage import AlerteActive, Borne, ErreurStockage, Visite, VisiteEtrangere


class PorteBornes:
    """L'entrée des bornes : compte celles qui ne sont pas encore identifiées, qui peuvent être n'importe qui."""

    def __init__(self, contexte: Contexte, file: FileAttente) -> None:
        self._contexte = contexte
        self._file = file
        self._non_identifiees = 0

    async def servir(self, requete: web.Request) -> web.WebSocketResponse:
        """La route `/ws/borne`."""
        if self._non_identifiees >= self._contexte.reglages.non_identifiees_max:
            raise web.HTTPServiceUnavailable(text="Trop de liaisons en cours d'identification.")
        ws = ouvrir_ws(self._contexte, TAILLE_MAX_MESSAGE)
        await ws.prepare(requete)
        liaison = Liaison(ws, requete.transport)
        await tenir(self._contexte, liaison, self._mener(liaison), "borne")
        return ws

    async def _mener(self, liaison: Liaison) -> None:
        self._non_identifiees += 1
        try:
            async with asyncio.timeout(self._contexte.reglages.identification_s):
                borne = await self._identifier(liaison)
        except TimeoutError:
            raise Hors("identification trop tardive") from None
        finally:
            self._non_identifiees -= 1
        if borne is not None:
            await LiaisonBorne(self._contexte, self._file, liaison, borne).mener()

    async def _identifier(self, liaison: Liaison) -> Borne | None:
        """Envoie le défi et juge la réponse ; None si la liaison finit ou si la borne est refusée."""
        defi = secrets.token_bytes(32)
        liaison.envoyer(Defi(VERSION, defi))
        texte = await liaison.recevoir()
        if texte is None:
            return None
        if len(texte) > TAILLE_MAX_COURANTE:
            raise Hors("identification trop longue")
        message = decoder(ENTREE_BORNE, texte)
        if not isinstance(message, Identification):
            raise Hors("identification attendue")
        borne, refus = await self._juger(message, defi)
        if borne is None:
            journal.warning("borne refusée : %s", refus)
            liaison.envoyer(Refusee(refus))
            liaison.fermer(WSCloseCode.POLICY_VIOLATION, "borne refusée")
        return borne

    async def _juger(self, message: Identification, defi: bytes) -> tuple[Borne | None, str]:
        if message.version != VERSION:
            return None, f"La salle parle la version {VERSION} du protocole, la borne la {message.version}."
        borne = await self._contexte.stockage.borne(message.borne)
        if borne is None:
            return None, "Cette borne n'est pas enrôlée."
        if borne.revoquee:
            return None, "Cette borne a été révoquée."
        try:
            signature = base64.b64decode(message.signature, validate=True)
        except (binascii.Error, ValueError):
            signature = b""
        if not signature_valable(borne, defi, signature):
            return None, "La signature de la borne est fausse."
        return borne, ""


class LiaisonBorne:
    """La liaison d'une borne reconnue."""

    def __init__(self, contexte: Contexte, file: FileAttente, liaison: Liaison, borne: Borne) -> None:
        self._contexte = contexte
        self._stockage = contexte.stockage
        self._bus = contexte.bus
        self._file = file
        self._liaison = liaison
        self._borne = borne
        self._annoncees: set[str] = set()

    async def mener(self) -> None:
        """Accueille, écoute jusqu'à la fin, puis dit l'absence aux médecins."""
        borne = self._borne.id
        await self._bus.publier(canal_remplacement(borne), self._liaison.id)
        desabonnements = [
            self._bus.abonner(canal_remplacement(borne), self._se_retirer),
            self._bus.abonner(canal_borne(borne), self._liaison.envoyer_texte),
        ]
        self._liaison.envoyer(Accueillie(borne, self._borne.lieu, self._glace()))
        self._file.suivre_borne(borne, self._liaison)
        self._contexte.ouvertes[self._liaison] = self._controler
        await self._bus.annoncer("borne", borne, self._liaison.id)
        try:
            await self._reprendre()
            while (texte := await self._liaison.recevoir()) is not None:
                await self._traiter(texte)
        finally:
            for desabonner in desabonnements:
                desabonner()
            self._file.oublier(self._liaison)
            if await self._bus.retirer("borne", borne, self._liaison.id):
                await self._dire_absence(True)

    def _glace(self) -> tuple[ServeurGlace, ...]:
        return self._contexte.glace.pour(self._liaison.id)

    def _se_retirer(self, _nouvelle: str) -> None:
        """La même borne vient d'ouvrir une autre liaison : celle-ci est morte ou le sera."""
        self._liaison.fermer(CODE_REMPLACEE, "remplacée par une liaison plus récente")

    async def _controler(self) -> None:
        borne = await self._stockage.borne(self._borne.id)
        if borne is None or borne.revoquee:
            self._liaison.envoyer(Refusee("Cette borne a été révoquée."))
            self._liaison.fermer(WSCloseCode.POLICY_VIOLATION, "borne révoquée")

    async def _reprendre(self) -> None:
        """Retour d'une borne : ses médecins le savent, et elle reçoit ce qu'elle n'a pas accusé."""
        await self._dire_absence(False)
        for document in await self._stockage.documents_en_attente(self._borne.id):
            self._liaison.envoyer(
                Document(
                    visite=document.visite,
                    document=document.id,
                    nom=document.nom,
                    empreinte=document.empreinte,
                    contenu=document.contenu,
                )
            )

    async def _dire_absence(self, absente: bool) -> None:
        for visite in await self._stockage.visites_prises_de(self._borne.id):
            await self._au_medecin(visite, BorneAbsente(visite.id, absente))
        await self._bus.publier(CANAL_FILE)

    async def _au_medecin(self, visite: Visite, message: Message) -> None:
        """Au médecin de la visite, si sa page est là ; sinon il saura à son retour."""
        if visite.page is not None:
            await self._bus.publier(canal_page(visite.page), encoder(message))

    async def _traiter(self, texte: str) -> None:
        message = decoder(ENTREE_BORNE, texte)
        if len(texte) > TAILLE_MAX_COURANTE and not isinstance(message, DepotDossier):
            raise Hors("message trop long")
        await self._aiguiller(message)

    async def _aiguiller(self, message: BorneVersSalle) -> None:
        match message:
            case PatientEnAttente():
                await self._mettre_en_attente(message)
            case PatientPret():
                await self._marquer_pret(message)
            case PatientParti():
                await self._laisser_partir(message)
            case Offre() | Candidat():
                visite = await self._visite(message.visite)
                if visite is not None and visite.etat == "prise":
                    await self._au_medecin(visite, message)
            case Alerte():
                await self._alerter(message)
            case DepotDossier():
                await self._conserver(message)
            case EtatDocument():
                await self._noter_document(message)
            case RappelTelephonique():
                await self._faire_rappeler(message)
            case CertificatBorne():
                await self._certifier(message)
            case Identification():
                raise Hors("identification répétée")

    async def _certifier(self, message: CertificatBorne) -> None:
        """Le dernier certificat de cette borne, et d'elle seule ; un refus se dit à la borne."""
        dernier = (await self._stockage.certificats()).get(self._borne.id)
        raison = certificats.refus(message, self._borne, dernier, self._contexte.reglages.horloge())
        if raison:
            journal.warning("certificat refusé : %s", raison)
            self._liaison.envoyer(CertificatRefuse(message.instant, raison))
        elif await self._stockage.garder_certificat(message):
            await self._bus.publier(CANAL_FILE)

    async def _faire_rappeler(self, message: RappelTelephonique) -> None:
        """Le numéro est celui que la salle connaît : une borne ne fait pas appeler n'importe qui."""
        visite = await self._visite(message.visite)
        if visite is not None and visite.etat == "prise" and visite.patient is not None:
            sur = msgspec.structs.replace(message, telephone=visite.patient.telephone)
            await self._au_medecin(visite, sur)

    async def _visite(self, identifiant: str) -> Visite | None:
        """Une visite de cette borne, None si la salle ne la connaît pas ; lève `Hors` si elle est d'une autre."""
        verifier_identifiant(identifiant)
        visite = await self._stockage.visite(identifiant)
        if visite is not None and visite.borne != self._borne.id:
            await self._denoncer()
        return visite

    async def _denoncer(self) -> None:
        await self._stockage.journaliser(f"borne:{self._borne.id}", "visite_etrangere_refusee")
        raise Hors("visite d'une autre borne")

    async def _mettre_en_attente(self, message: PatientEnAttente) -> None:
        verifier_patient(message.patient)
        try:
            visite = await self._stockage.inscrire(message.patient.visite, self._borne.id, message.patient)
        except VisiteEtrangere:
            await self._denoncer()
            return
        if visite.etat == "terminee":
            self._liaison.envoyer(ConsultationTerminee(visite.id))
            return
        if visite.id not in self._annoncees:
            await self._finir_les_autres(visite.id)
            self._annoncees.add(visite.id)
            self._file.redire(self._borne.id, visite.id)
            self._rendre_l_etat(visite)
        await self._bus.publier(CANAL_FILE)

    async def _finir_les_autres(self, presente: str) -> None:
        """Une borne n'a qu'un siège : qui s'y trouvait avant est parti, même si son départ s'est perdu.

        Sans cela un patient resterait dans la file, son nom et son numéro avec lui, que plus rien n'en ôterait.
        """
        for autre in (await self._stockage.etat_file(0)).visites:
            if autre.borne == self._borne.id and autre.id != presente:
                await self._finir(autre, "depart")

    def _rendre_l_etat(self, visite: Visite) -> None:
        """À la première annonce sur cette liaison : la borne a pu redémarrer et ne plus rien savoir."""
        if visite.nom_medecin is None:
            return
        self._liaison.envoyer(PriseEnCharge(visite.id, visite.nom_medecin))
        if visite.page is None:
            self._liaison.envoyer(MedecinAbsent(visite.id))
        elif visite.page_prete and visite.pret:
            self._liaison.envoyer(AppelDemande(visite.id, self._glace()))

    async def _marquer_pret(self, message: PatientPret) -> None:
        visite = await self._visite(message.visite)
        if visite is None or visite.etat not in ("attente", "prise"):
            return
        prete = await self._stockage.marquer_prete(visite.id)
        if prete is not None and prete.page_prete:
            self._liaison.envoyer(AppelDemande(visite.id, self._glace()))
        await self._bus.publier(CANAL_FILE)

    async def _laisser_partir(self, message: PatientParti) -> None:
        visite = await self._visite(message.visite)
        if visite is not None:
            await self._finir(visite, message.raison[:200])

    async def _finir(self, visite: Visite, raison: str) -> None:
        acteur = f"borne:{self._borne.id}"
        if await self._stockage.finir(visite.id, "partie", raison, acteur):
            self._annoncees.discard(visite.id)
            await self._au_medecin(visite, VisiteFinie(visite.id, raison))
            await self._bus.publier(CANAL_FILE)

    async def _alerter(self, message: Alerte) -> None:
        """Une alerte ne se perd jamais : une visite mal nommée s'efface, l'alerte reste."""
        borne = self._borne
        connue = await self._stockage.visite(message.visite)
        visite = connue.id if connue is not None and connue.borne == borne.id else ""
        if message.active:
            alerte = AlerteActive(borne.id, borne.lieu, visite, message.raison, message.instant)
            changees = [alerte] if await self._stockage.allumer(alerte) else []
        else:
            changees = list(await self._stockage.eteindre(borne.id, message.raison))
        for alerte in changees:
            await self._bus.publier(CANAL_MEDECINS, encoder(alerte_dite(alerte, message.active)))

    async def _conserver(self, message: DepotDossier) -> None:
        """Accuse réception une fois le dossier durable, jamais avant."""
        verifier_identifiant(message.visite)
        calculee = await asyncio.to_thread(lambda: hashlib.sha256(message.contenu).hexdigest())
        if not hmac.compare_digest(calculee.encode(), message.empreinte.encode()):
            self._refuser(message.visite, "Le dossier reçu ne correspond pas à son empreinte.")
            return
        try:
            await self._stockage.deposer_dossier(self._borne.id, message.visite, message.empreinte, message.contenu)
        except VisiteEtrangere:
            self._refuser(message.visite, "Cette visite appartient à une autre borne.")
        except ErreurStockage as erreur:
            journal.error("dossier non conservé : %s", erreur)
            self._refuser(message.visite, "La salle n'a pas pu conserver le dossier.")
        else:
            self._liaison.envoyer(AccuseDossier(message.visite, message.empreinte))
            await self._clore(message.visite)

    def _refuser(self, visite: str, raison: str) -> None:
        self._liaison.envoyer(DossierRefuse(visite, raison))

    async def _clore(self, identifiant: str) -> None:
        """Le dossier dit la fin de la visite, même si `PatientParti` s'est perdu dans une coupure."""
        visite = await self._stockage.visite(identifiant)
        if visite is not None:
            await self._finir(visite, "dossier")

    async def _noter_document(self, message: EtatDocument) -> None:
        verifier_identifiant(message.visite, message.document)
        trouvee = await self._stockage.noter_document(self._borne.id, message.document, message.etat)
        if trouvee != message.visite:
            journal.warning("état d'un document inconnu de cette borne")
            return
        visite = await self._stockage.visite(trouvee)
        if visite is not None:
            await self._au_medecin(visite, message)


def alerte_dite(alerte: AlerteActive, active: bool) -> AlerteBorne:
    """Le message d'une alerte pour les pages."""
    return AlerteBorne(alerte.borne, alerte.lieu, alerte.visite, alerte.raison, alerte.instant, active)
