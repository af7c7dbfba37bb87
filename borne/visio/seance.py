"""Un appel WebRTC vu de la borne : elle fait l'offre, le médecin répond (RFC 8829).

Cinq sections, toujours dans cet ordre, sur un seul transport :

| mid | contenu | sens |
|---|---|---|
| 0 | image du médecin | médecin -> borne |
| 1 | voix | les deux |
| 2 | stéthoscope (Opus « lowdelay », 48 kHz mono, 20 ms, aucun traitement) | borne -> médecin |
| 3 | caméra de la borne (H.264, retransmission, réparation FlexFEC-03 offerte) | borne -> médecin |
| 4 | canal `donnees`, ordonné et fiable | les deux |
| 4 | canaux `examen`, ordonné et fiable, et `auscultation`, ni l'un ni l'autre | borne -> médecin |

Une section par sens pour l'image : Chromium sait recevoir FlexFEC mais pas l'émettre, et ne l'accepte donc que dans
une section où il ne fait que recevoir. L'image du médecin d'abord : un client qui fait simplement `addTrack` y émet.

aiortc ne sait pas relancer ICE : quand la liaison est muette, l'appelant construit une autre séance, et ferme
celle-ci quand la nouvelle est établie. D'ici là celle-ci attend : au premier paquet du retour, une image clé part.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Final, Literal

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.sdp import candidate_from_sdp

from borne.mesures import Echantillon
from borne.protocole import (
    ENTREE_CANAL,
    NOM_CANAL,
    NOM_CANAL_AUSCULTATION,
    NOM_CANAL_EXAMEN,
    Battement,
    Canal,
    EchoBattement,
    MessageInvalide,
    Revelation,
    ServeurGlace,
    decoder,
    encoder,
)
from borne.visio import adaptation_aiortc as adaptation
from borne.visio import code_securite, negociation
from borne.visio.adaptation_ice import Chemin, relais_possibles
from borne.visio.adaptation_ice import installer as installer_ice
from borne.visio.cadrage import Cadreur
from borne.visio.conduite import Conduite
from borne.visio.echelle import Niveau
from borne.visio.emission import Emission, Nature
from borne.visio.flexfec import Generateur
from borne.visio.liaison import PAS, PERIODE, PERTE, Coeur, EtatLiaison, Oreille
from borne.visio.mesure_reseau import MesureReseau
from borne.visio.photo import CanalOctets
from borne.visio.pistes import AUSCULTATION, VOIX, PisteImage, PisteSon
from borne.visio.reception import ReceptionImage, SurImage
from borne.visio.reception_voix import ReceptionVoix
from borne.visio.reparation import Reparation
from borne.visio.sources import HautParleur, SourceImage, SourceSon, SurSource

journal = logging.getLogger(__name__)

MID_MEDECIN, MID_VOIX, MID_STETHOSCOPE, MID_CAMERA = "0", "1", "2", "3"


DELAI_ETABLISSEMENT: Final = 20.0
"""Secondes entre l'offre et le premier écho au bout desquelles l'appel est dit perdu."""
DELAI_FERMETURE: Final = 5.0
ATTENTE_CANAL_MAX: Final = 1 << 20
"""Octets en attente dans le canal au-delà desquels on n'y ajoute plus rien."""
ATTENTE_BATTEMENTS: Final = 4096
"""Octets en attente au-delà desquels on ne bat plus : le canal est muet."""
ATTENTE_SON_MAX: Final = 4096
"""Octets de son exact en attente au-delà desquels on jette plutôt que de retarder."""
MARGE_ORIGINE: Final = 10.0
"""L'horloge RTP commence un peu avant la séance : une image déjà captée a un horodatage positif."""


ERREURS_SDP: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OperationError,
    InvalidStateError,
    InvalidAccessError,
    InternalError,
)
"""Ce que lève l'analyse SDP d'aiortc sur une réponse malformée ou étrangère à l'offre."""


class SeanceInvalide(ValueError):
    """La réponse du médecin n'est pas une réponse à cette offre."""


class Seance:
    """Un appel. Tout s'utilise depuis la boucle asyncio ; `sur_image` est appelé depuis un fil de travail."""

    def __init__(
        self,
        *,
        visite: str,
        appel: str,
        glace: tuple[ServeurGlace, ...],
        camera: SourceImage | None,
        microphone: SourceSon | None,
        stethoscope: SourceSon | None,
        sur_image: SurImage,
        haut_parleur: HautParleur | None,
        sur_message: Callable[[Canal], None],
        sur_etat: Callable[[EtatLiaison], None],
        sur_source: SurSource | None = None,
        adresses: tuple[str, ...] | None = None,
        cadreur: Cadreur | None = None,
    ) -> None:
        """`sur_source(nom, presente)` signale une source perdue ou revenue. `cadreur` : celui que les reprises de
        l'appel partagent, pour que l'image y reste à la même taille et au même zoom. `adresses` : les seules adresses
        locales d'ICE (None : toutes celles de la machine, ou la boucle locale s'il n'y en a aucune)."""
        adaptation.installer()
        installer_ice()
        self.visite = visite
        self.appel = appel
        self._sur_message = sur_message
        self._sur_etat = sur_etat
        self._rappel_source = sur_source
        self._adresses = adresses
        self._glace = glace
        self._boucle = asyncio.get_running_loop()
        self._etat = EtatLiaison.CONNEXION
        self._limite = float("inf")
        self._repondue = False
        self._alea = code_securite.tirer_alea()
        self._empreinte = ""
        self.code = ""
        """Les quatre chiffres de sécurité, dès que le médecin a répondu ; vide s'il n'a pas donné d'aléa."""
        self._entendu = False
        self._distante = False
        self._candidats: list[tuple[str, str | None, int | None]] = []
        self._tache: asyncio.Task[None] | None = None
        self._demande_image: asyncio.Task[None] | None = None
        origine = time.time() - MARGE_ORIGINE
        self._image = PisteImage(camera, origine, self._signaler_source, cadreur)
        self._voix = PisteSon("microphone", microphone, origine, self._signaler_source, exigence=VOIX)
        self._stethoscope = PisteSon(
            "stethoscope", stethoscope, origine, self._signaler_source, exigence=AUSCULTATION, active=False
        )
        self._reception_image = ReceptionImage(sur_image)
        self._reception_voix = ReceptionVoix(haut_parleur, self._signaler_source)
        self._coeur = Coeur(self._envoyer_canal)
        self._oreille = Oreille()
        self._mesure = MesureReseau()
        self._emission: Emission | None = None
        self._conduite: Conduite | None = None
        self._menee: asyncio.Task[None] | None = None
        self._ssrc_reparation = secrets.randbits(32)
        self._reparation: Reparation | None = None
        self._pair = self._connexion(glace)

    @property
    def etat(self) -> EtatLiaison:
        """Où en est l'appel."""
        return self._etat

    @property
    def avance(self) -> bool:
        """L'établissement avance : le médecin a répondu et se fait entendre."""
        return self._repondue and self._entendu

    @property
    def repondue(self) -> bool:
        """Le médecin a répondu à l'offre."""
        return self._repondue

    async def offre(self) -> str:
        """L'offre SDP, candidats compris ; une seule par séance."""
        adresses, relais = adaptation.adresses_imposees(self._adresses), relais_possibles(self._glace)
        with adresses, relais, adaptation.redondance_offerte():
            await self._pair.setLocalDescription(await self._pair.createOffer())
        self._limite = time.monotonic() + DELAI_ETABLISSEMENT
        self._tache = asyncio.create_task(self._veiller())
        sdp = code_securite.garder_sha256(self._pair.localDescription.sdp)
        self._empreinte = code_securite.empreinte(sdp)
        # Nos instants d'arrivée ont la gigue de la boucle : par paquet, Chromium y voit un lien saturé et retient son
        # image deux secondes. REMB, plus rude, la laisse passer.
        sdp = negociation.sans_retour(sdp, (MID_MEDECIN, MID_VOIX))
        return negociation.offrir(sdp, MID_CAMERA, self._ssrc_reparation)

    @property
    def engagement(self) -> str:
        """L'engagement sur l'aléa de la borne (`protocole.Offre.engagement`)."""
        return code_securite.engager(self._alea)

    @property
    def a_signer(self) -> bytes:
        """Ce que la borne signe de son offre ; à lire après `offre`."""
        return code_securite.octets_a_signer(self.visite, self.appel, self._empreinte, self.engagement)

    async def repondre(self, sdp: str, alea: str = "") -> None:
        """Applique la réponse du médecin ; lève `SeanceInvalide` si ce n'en est pas une. Une seconde est ignorée.

        `alea` : celui du médecin (`protocole.Reponse`), sans lequel l'appel se fait sans code de sécurité.
        """
        if self._repondue or self._etat is EtatLiaison.FERMEE:
            journal.info("Réponse en trop ignorée.")
            return
        self._repondue = True
        # Seule l'empreinte qui entre dans le code est donnée à aiortc : un client peut en écrire plusieurs.
        sdp = code_securite.garder_sha256(sdp)
        try:
            code_securite.empreinte(sdp)
            self._preparer_emission(sdp)
            with adaptation.redondance_offerte():
                await self._pair.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
        except ERREURS_SDP as erreur:
            raise SeanceInvalide(f"réponse SDP refusée ({type(erreur).__name__})") from None
        if code_securite.alea_valide(alea):
            self.code = code_securite.code(self._empreinte, code_securite.empreinte(sdp), self._alea, alea)
        self._candidats += _candidats_de(sdp)
        # Ceux qui arrivent pendant que la réponse s'applique attendent aussi : aiortc les refuserait.
        while self._candidats:
            await self._ajouter_candidat(*self._candidats.pop(0))
        self._distante = True

    async def candidat(self, candidat: str, mid: str | None, ligne: int | None) -> None:
        """Un candidat du médecin (RFC 8838) ; vide : il n'y en aura plus. Illisible : ignoré."""
        if self._etat is EtatLiaison.FERMEE:
            return
        if self._distante:
            await self._ajouter_candidat(candidat, mid, ligne)
        else:
            self._candidats.append((candidat, mid, ligne))

    def envoyer(self, message: Canal) -> bool:
        """Envoie sur le canal ; faux quand la liaison n'est pas établie ou que le canal déborde."""
        if self._etat is not EtatLiaison.ETABLIE or self._canal.bufferedAmount > ATTENTE_CANAL_MAX:
            return False
        return self._envoyer_canal(message)

    @property
    def canal_examen(self) -> CanalOctets:
        """Le canal des photos d'examen."""
        return self._examen

    def envoyer_son(self, trame: bytes) -> bool:
        """Envoie une trame du son exact ; faux, et elle est jetée, si le canal est fermé ou en retard."""
        if self._etat is EtatLiaison.FERMEE or self._exact.readyState != "open":
            return False
        if self._exact.bufferedAmount > ATTENTE_SON_MAX:
            return False
        self._exact.send(trame)
        return True

    @property
    def debit_image(self) -> int:
        """Bits par seconde visés pour l'image, ce qu'une photo lui prend compris."""
        return self._image.debit

    def reserver(self, part: float) -> None:
        """Laisse cette part (0 à 1) du débit de l'image à autre chose."""
        self._image.reserve = part

    def ecouter(self, actif: bool) -> None:
        """Ouvre ou coupe le stéthoscope ; coupé, sa piste est du silence et l'appareil n'est pas lu."""
        self._stethoscope.activer(actif)

    async def fermer(self) -> None:
        """Termine l'appel ; sans effet la deuxième fois."""
        if self._etat is EtatLiaison.FERMEE:
            return
        self._passer(EtatLiaison.FERMEE)
        if self._tache is not None:
            self._tache.cancel()
        self._reception_image.arreter()
        self._reception_voix.arreter()
        if self._emission is not None:
            self._emission.fermer()
        if self._menee is not None:
            self._menee.cancel()
        try:
            await asyncio.wait_for(self._pair.close(), DELAI_FERMETURE)
        except TimeoutError:
            journal.warning("L'appel ne s'est pas fermé à temps.")
        for piste in (self._image, self._voix, self._stethoscope):
            piste.stop()

    def statistiques(self) -> dict[str, float]:
        """Les derniers chiffres, une fois par seconde : voir `MesureReseau.chiffres` et `Conduite.chiffres`."""
        chiffres = self._mesure.chiffres(self._coeur.aller_retour)
        return chiffres if self._conduite is None else {**chiffres, **self._conduite.chiffres()}

    def compte_voix(self) -> dict[str, int]:
        """Ce que la voix du médecin a subi depuis le début : voir `tampon_voix.Compte`."""
        return dataclasses.asdict(self._reception_voix.compte)

    def qualite(self) -> Echantillon:
        """Qualité du réseau de 0 (coupé) à 1 (rien à redire), pour l'écran."""
        etablie = self._etat is EtatLiaison.ETABLIE
        valeur = self._mesure.qualite(self._coeur.aller_retour) if etablie else 0.0
        return Echantillon(nature="qualite_reseau", valeur=valeur, unite="1", instant=time.time())

    def niveau(self) -> Niveau:
        """Ce que le réseau laisse passer de la borne : image pleine, réduite, son seul, ou plus rien (téléphone)."""
        return self._conduite.etat.niveau if self._conduite is not None else Niveau.PLEIN

    def _connexion(self, glace: tuple[ServeurGlace, ...]) -> RTCPeerConnection:
        # iceServers toujours explicite : sinon aiortc interroge un serveur public de Google.
        serveurs = [
            RTCIceServer(urls=serveur.urls, username=serveur.username, credential=serveur.credential)
            for serveur in glace
        ]
        pair = RTCPeerConnection(RTCConfiguration(iceServers=serveurs, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        medecin = pair.addTransceiver("video", direction="recvonly")
        medecin.setCodecPreferences(_codecs("video", ("video/H264", "video/VP8")))
        adaptation.adapter_recepteur_image(medecin.receiver)
        voix = pair.addTransceiver(self._voix, direction="sendrecv")
        voix.setCodecPreferences(_codecs("audio", ("audio/opus",)))
        adaptation.adapter_recepteur_son(voix.receiver, self._reception_voix.recevoir)
        stethoscope = pair.addTransceiver(self._stethoscope, direction="sendonly")
        stethoscope.setCodecPreferences(_codecs("audio", ("audio/opus",)))
        for section in (voix, stethoscope):
            adaptation.preferer_redondance(section)
        # Seul dans son flux : Chromium n'accorde l'image qu'à un son, et ce doit être la voix.
        adaptation.isoler_flux(stethoscope.sender, str(uuid.uuid4()))
        self._recepteur_image = medecin.receiver
        camera = pair.addTransceiver(self._image, direction="sendonly")
        camera.setCodecPreferences(_codecs("video", ("video/H264", "video/VP8")))
        self._emetteurs = (camera.sender, voix.sender, stethoscope.sender)
        self._canal = pair.createDataChannel(NOM_CANAL, ordered=True)
        self._canal.on("open", self._reveler)
        self._canal.on("message", self._recu)
        self._canal.on("open", self._coeur.battre)
        self._chemin = Chemin(pair, self._entendre)
        self._examen = pair.createDataChannel(NOM_CANAL_EXAMEN, ordered=True)
        self._exact = pair.createDataChannel(NOM_CANAL_AUSCULTATION, ordered=False, maxRetransmits=0)
        pair.on("track", self._piste_recue)
        pair.on("connectionstatechange", self._connexion_changee)
        return pair

    def _preparer_emission(self, sdp: str) -> None:
        """Branche nos encodeurs, sauf l'image quand le médecin n'accepte que VP8 (aiortc l'encode alors)."""
        self._image.precodee = adaptation.premier_codec(sdp, MID_CAMERA) != "video/vp8"
        image, voix, stethoscope = self._emetteurs
        self._emission = adaptation.brancher_emission(self._emetteurs)
        self._image.attendre_place = self._emission.attendre_place
        pilotee = self._image if self._image.precodee else adaptation.ImageEncodee(image, self._image)
        self._conduite = adaptation.brancher_conduite(image, self._emission, pilotee)
        self._menee = asyncio.create_task(self._conduite.tourner())
        self._brancher_reparation(image, negociation.acceptee(sdp, MID_CAMERA), self._emission, self._conduite)
        if self._image.precodee:
            adaptation.adapter_emetteur(image, self._image)
        else:
            journal.warning("Le médecin n'a pas H.264 : image en VP8.")
        adaptation.adapter_emetteur(voix, self._voix, adaptation.type_repete(sdp, MID_VOIX))
        adaptation.adapter_emetteur(stethoscope, self._stethoscope, adaptation.type_repete(sdp, MID_STETHOSCOPE))

    def _brancher_reparation(
        self, image: RTCRtpSender, charge: int | None, emission: Emission, conduite: Conduite
    ) -> None:
        """`charge` : celle que le médecin accepte pour FlexFEC ; None : retransmissions seules."""
        generateur = None
        if charge is None:
            journal.info("Le médecin n'a pas FlexFEC : retransmissions seules.")
        else:
            numero = secrets.randbelow(1 << 15)
            generateur = Generateur(ssrc=self._ssrc_reparation, charge=charge, premier_numero=numero)
            emission.declarer(self._ssrc_reparation, Nature.REPARATION)
        self._reparation = Reparation(
            generateur,
            aller_retour=lambda: conduite.regulation.aller_retour,
            mesurees=lambda: conduite.regulation.pertes if emission.numerote else None,
        )
        emission.reparer = self._reparation.reparer
        adaptation.adapter_retransmission(image, self._reparation.copies)

    async def _ajouter_candidat(self, texte: str, mid: str | None, ligne: int | None) -> None:
        try:
            if not texte:
                await self._pair.addIceCandidate(None)
                return
            candidat = candidate_from_sdp(texte.removeprefix("candidate:"))
            candidat.sdpMid, candidat.sdpMLineIndex = mid, ligne
            await self._pair.addIceCandidate(candidat)
        except (ValueError, IndexError, AssertionError, OSError):
            journal.warning("Candidat ICE illisible ignoré.")

    def _piste_recue(self, piste: object) -> None:
        for emetteur_recepteur in self._pair.getTransceivers():
            if emetteur_recepteur.receiver.track is not piste:
                continue
            if emetteur_recepteur.mid == MID_MEDECIN:
                self._reception_image.demarrer(emetteur_recepteur.receiver.track)

    def _recu(self, octets: str | bytes) -> None:
        if self._etat is EtatLiaison.FERMEE:
            return
        try:
            message = decoder(ENTREE_CANAL, octets)
        except MessageInvalide:
            # Ni le contenu ni le texte de l'erreur : ils peuvent citer une valeur de santé.
            journal.warning("Message malformé du médecin ignoré (%d octets).", len(octets))
            return
        if isinstance(message, Battement):
            self._envoyer_canal(EchoBattement(numero=message.numero, instant=message.instant))
        elif isinstance(message, EchoBattement):
            if self._coeur.echo(message):
                self._passer(EtatLiaison.ETABLIE)
        else:
            # Par la boucle : une erreur de l'appelant ne doit pas casser le transport qui nous appelle.
            self._boucle.call_soon(self._sur_message, message)

    def _reveler(self) -> None:
        """Le médecin s'est engagé par sa réponse : l'aléa de la borne peut se dire."""
        self._envoyer_canal(Revelation(self._alea))

    def _envoyer_canal(self, message: Canal) -> bool:
        if self._canal.readyState != "open":
            return False
        self._canal.send(encoder(message))
        return True

    async def _veiller(self) -> None:
        """Regarder la liaison à chaque pas ; battre, mesurer."""
        tour = 0
        while True:
            await asyncio.sleep(PAS)
            tour += 1
            if self._canal.readyState == "open":
                self._ecouter_liaison(battre=tour % round(PERIODE / PAS) == 0)
            elif self._etat is EtatLiaison.CONNEXION and time.monotonic() > self._limite:
                self._passer(EtatLiaison.PERDUE)
            if tour % round(1 / PAS) == 0:
                await self._mesure.relever(self._pair, self._image.emises, self._reception_image.recues)

    def _ecouter_liaison(self, *, battre: bool) -> None:
        self._oreille.passer()
        if self._coeur.perdu or self._oreille.silence >= PERTE:
            self._passer(EtatLiaison.PERDUE)
        elif self._oreille.muette and self._etat is EtatLiaison.ETABLIE:
            self._passer(EtatLiaison.MUETTE)
        # Dans un canal muet, les battements ne feraient que s'empiler.
        if battre and self._canal.bufferedAmount < ATTENTE_BATTEMENTS:
            self._coeur.battre()

    def _entendre(self) -> None:
        """Un paquet est arrivé ; le premier après un silence fait repartir l'image."""
        self._entendu = True
        if self._oreille.entendre():
            self._boucle.call_soon(self._revenir)

    def _revenir(self) -> None:
        """Le réseau revient : une image clé part tout de suite, et l'image du médecin est redemandée."""
        if self._etat is EtatLiaison.FERMEE:
            return
        journal.info("Le réseau revient.")
        self._coeur.battre()
        self._image.demander_image_cle()
        self._demande_image = self._boucle.create_task(adaptation.redemander_image(self._recepteur_image))
        if self._etat is EtatLiaison.MUETTE:
            self._passer(EtatLiaison.ETABLIE)

    def _connexion_changee(self) -> None:
        if self._pair.connectionState in ("failed", "closed"):
            self._passer(EtatLiaison.PERDUE)

    def _passer(self, etat: EtatLiaison) -> None:
        if etat is self._etat or self._etat is EtatLiaison.FERMEE:
            return
        self._etat = etat
        journal.info("Appel : %s.", etat.value)
        self._boucle.call_soon(self._sur_etat, etat)

    def _signaler_source(self, nom: str, presente: bool) -> None:
        if self._rappel_source is not None:
            self._boucle.call_soon(self._rappel_source, nom, presente)


def _candidats_de(sdp: str) -> list[tuple[str, str | None, int | None]]:
    """Les candidats écrits dans une réponse : aiortc n'en garde que ceux de la dernière section (« max-bundle »).

    Sans serveur TURN, les vérifications du médecin les lui apprendraient ; par lui, rien n'arriverait jamais.
    """
    lignes = sdp.splitlines()
    return [(ligne.removeprefix("a="), MID_MEDECIN, 0) for ligne in lignes if ligne.startswith("a=candidate:")]


def _codecs(nature: Literal["video", "audio"], types: tuple[str, ...]) -> list[RTCRtpCodecCapability]:
    """Les codecs offerts, dans l'ordre, avec leur retransmission ; H.264 « constrained baseline » seulement."""
    connus = RTCRtpSender.getCapabilities(nature).codecs
    choisis = [
        codec
        for mime in types
        for codec in connus
        if codec.mimeType == mime and codec.parameters.get("profile-level-id") in (None, adaptation.NIVEAU_H264)
    ]
    return choisis + [codec for codec in connus if codec.name == "rtx"]
