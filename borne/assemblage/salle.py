"""La liaison avec la salle : exécute `RejoindreSalle`, `AnnoncerPret`, `QuitterSalle`, `Sonner`, `AnnoncerDocument`.

À chaque retour de la liaison, la borne redit où elle en est : la salle n'a rien à deviner d'une coupure.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Literal, cast

from borne import protocole as p
from borne.assemblage.appel import ConduiteAppel
from borne.assemblage.direct import Direct
from borne.assemblage.impression import ConduiteImpression
from borne.assemblage.taches import Taches
from borne.dossier.expedition import Expedition
from borne.parcours import evenements as e
from borne.parcours.arrivees import annoncer
from borne.parcours.effets import (
    AnnoncerDocument,
    AnnoncerPret,
    AnnoncerRappel,
    Effet,
    QuitterSalle,
    RejoindreSalle,
    Sonner,
)
from borne.parcours.saisie import date_de_naissance
from borne.parcours.seuils import niveau
from borne.parcours.visite import Etape, Visite
from borne.visio.signalisation import ClientSalle

journal = logging.getLogger(__name__)

DELAI_ARRET_S = 1.0
"""Secondes laissées aux tâches en cours quand la borne s'arrête."""

EN_FILE = (Etape.MESURE, Etape.ATTENTE, Etape.PREPARATION, Etape.CONSULTATION)
"""Étapes où la salle, si elle connaît le patient, doit le savoir là."""


def en_file(visite: Visite) -> bool:
    """Vrai si la salle doit connaître ce patient."""
    return visite.en_salle and visite.etape in EN_FILE


def patient(visite: Visite, natures: tuple[str, ...] = ()) -> p.Patient:
    """Ce que le médecin voit de cette visite ; `natures` : ce que la borne sait mesurer."""
    naissance = date_de_naissance(visite.champ("naissance"))
    return p.Patient(
        visite=visite.id,
        prenom=visite.champ("prenom").strip(),
        nom=visite.champ("nom").strip(),
        naissance=naissance.isoformat() if naissance else "",
        telephone=visite.champ("telephone"),
        motifs=visite.motifs,
        motif_libre=visite.champ("motif-autre").strip() if "autre" in visite.motifs else "",
        langue=visite.langue,
        mesures=visite.mesures,
        depuis=visite.commencee,
        attention=tuple(map(niveau, visite.mesures)),
        natures=natures,
    )


class LiaisonSalle:
    """Traduit les messages de la salle en événements, et les effets en messages."""

    def __init__(
        self,
        client: ClientSalle,
        appel: ConduiteAppel,
        impression: ConduiteImpression,
        expedition: Expedition,
        direct: Direct,
        emettre: Callable[[e.Evenement], None],
        visite: Callable[[], Visite],
        dire: Callable[[str], str],
    ) -> None:
        """`dire` : la phrase française d'une clé, pour le médecin."""
        self._client = client
        self._appel = appel
        self._impression = impression
        self._expedition = expedition
        self._direct = direct
        self._emettre = emettre
        self._visite = visite
        self._dire = dire
        self._taches = Taches("salle")
        self._departs: list[p.PatientParti] = []
        """Ceux que la salle n'a pas encore appris : sans eux, un médecin attendrait un siège vide."""
        self._alertes: dict[str, p.Alerte] = {}

    def executer(self, effet: Effet, visite: Visite) -> None:
        """Un effet qui concerne la salle."""
        match effet:
            case RejoindreSalle():
                self._client.envoyer(p.PatientEnAttente(patient(visite, self._appel.natures)))
            case QuitterSalle(visite=quittee, raison=raison):
                self._quitter(p.PatientParti(quittee, raison))
            case Sonner(raison=raison, active=active):
                self._sonner(visite.id, raison, active)
            case AnnoncerDocument(document=document, etat=etat, raison=raison):
                phrase = self._dire(raison) if raison else ""
                self._client.envoyer(p.EtatDocument(visite.id, document, cast(Any, etat), phrase))
            case AnnoncerRappel(raison=raison, actif=actif):
                self._rappeler(visite, raison, actif)
            case AnnoncerPret():
                self._client.envoyer(p.PatientPret(visite.id))
            case _:
                journal.error("effet %s sans exécutant", type(effet).__name__)

    def _rappeler(self, visite: Visite, raison: str, actif: bool) -> None:
        telephone = visite.champ("telephone")
        self._client.envoyer(p.RappelTelephonique(visite.id, cast(Any, raison), telephone, actif))

    def _quitter(self, depart: p.PatientParti) -> None:
        if not self._client.envoyer(depart):
            self._departs.append(depart)
        self._direct.modifier(rang=None, minutes=None)

    def mesures_changees(self, visite: Visite) -> None:
        """La liste du médecin suit les mesures, même quand l'appel est coupé."""
        if en_file(visite):
            self._client.envoyer(p.PatientEnAttente(patient(visite, self._appel.natures)))

    def etat(self, connectee: bool, raison: str) -> None:
        """La liaison s'établit ou se perd."""
        perdue = self._direct.etat.liaison_salle and not connectee
        self._direct.modifier(liaison_salle=connectee)
        visite = self._visite()
        if not connectee:
            journal.warning("salle injoignable : %s", raison)
            # Une coupure, un incident : la raison peut changer sans que rien d'autre n'arrive.
            if perdue and en_file(visite):
                self._emettre(e.IncidentSurvenu(instant=time.time(), code="incident-salle-injoignable"))
            return
        self._redire(visite)

    def _redire(self, visite: Visite) -> None:
        """Après une coupure : départs, file, installation, papiers, alertes en cours, dossiers en attente."""
        while self._departs and self._client.envoyer(self._departs[0]):
            self._departs.pop(0)
        if en_file(visite):
            self._client.envoyer(p.PatientEnAttente(patient(visite, self._appel.natures)))
        if visite.etape is Etape.CONSULTATION:
            self._client.envoyer(p.PatientPret(visite.id))
            if visite.appel.rappel is not None:
                self._rappeler(visite, visite.appel.rappel.value, True)
            self._appel.relancer(change=False)
        for document in visite.documents:
            for annonce in annoncer(document):
                self.executer(annonce, visite)
        for alerte in self._alertes.values():
            self._client.envoyer(alerte)
        self._expedition.relancer()

    def _sonner(self, visite: str, raison: str, active: bool) -> None:
        alerte = p.Alerte(visite, cast(Literal["aide", "quinze"], raison), time.time(), active)
        # Sa fin se redit comme elle : tombée pendant une coupure, elle sonnerait toujours chez les médecins.
        self._alertes[raison] = alerte
        self._client.envoyer(alerte)

    def recevoir(self, message: p.SalleVersBorne) -> None:
        """Un message de la salle ; celui d'une autre visite est journalisé et ignoré."""
        match message:
            case p.Accueillie(glace=glace) | p.GlaceRenouvelee(glace=glace):
                self._appel.glace = glace
            case p.AccuseDossier(visite=visite, empreinte=empreinte):
                self._taches.lancer(self._expedition.accuser(visite, empreinte))
            case p.DossierRefuse(visite=visite):
                self._expedition.refuser(visite)
            case p.Attente(visite=""):
                self._attente(message)
            case _:
                if getattr(message, "visite", None) == self._visite().id:
                    self._recevoir_visite(message)
                else:
                    journal.info("message %s d'une autre visite, ignoré", type(message).__name__)

    def _recevoir_visite(self, message: p.SalleVersBorne) -> None:
        instant = time.time()
        match message:
            case p.Attente():
                self._attente(message)
            case p.PriseEnCharge(medecin=medecin):
                self._emettre(e.PriseEnChargeRecue(instant=instant, medecin=medecin))
            case p.AppelDemande(glace=glace):
                self._appel.glace = glace or self._appel.glace
                self._emettre(e.AppelDemandeRecu(instant=instant))
            case p.MesureSouhaitee(nature=nature) if nature in self._appel.natures:
                self._emettre(e.MesureDemandeeParMedecin(instant=instant, nature=nature))
            case p.MedecinAbsent():
                self._emettre(e.MedecinAbsente(instant=instant))
            case p.ConsultationTerminee():
                self._emettre(e.ConsultationFinie(instant=instant))
            case p.Document():
                self._impression.recevoir(self._visite(), message)
            case p.Reponse():
                self._taches.lancer(self._appel.repondre(message))
            case p.Candidat():
                self._taches.lancer(self._appel.candidat(message))
            case _:
                journal.info("message %s de la salle sans suite", type(message).__name__)

    def _attente(self, message: p.Attente) -> None:
        self._direct.modifier(
            rang=message.rang or None, minutes=message.minutes, medecins_presents=message.medecins_presents
        )

    async def fermer(self) -> None:
        """À l'arrêt : ce qui n'a pas fini est annulé, et se reprendra au démarrage."""
        await self._taches.finir(DELAI_ARRET_S)
