"""Une borne pour les essais de la page : vraie liaison `/ws/borne`, vrai pair aiortc, appareils simulés sur place.

Elle offre dans l'ordre du contrat (vidéo, voix, stéthoscope, canal `donnees`) et garde ce qu'elle a reçu.
"""

from __future__ import annotations

import asyncio
import base64
import fractions
import hashlib
import secrets
import time
import wave
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiohttp
import av
import cv2
import numpy as np
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from borne import demonstration
from borne import protocole as p
from borne.mesures import DIASTOLIQUE, FREQUENCE_CARDIAQUE, MMHG, PRESSION_BRASSARD, SPO2, SYSTOLIQUE, Mesure
from borne.parcours.seuils import niveau
from borne.visio import code_securite
from borne.visio.auscultation import SonExact
from tests.visio.outils import Bloc

APPAREIL = "A&D UA-651BLE"
PHOTO = Path(demonstration.__file__).parent / "ressources" / "portrait.jpg"


class ImageMobile(VideoStreamTrack):
    """Un portrait (ou une mire) qui respire lentement, 1280x720."""

    def __init__(self, portrait: Path | None) -> None:
        super().__init__()
        self._image = self._composer(portrait)
        self._rang = 0

    @staticmethod
    def _composer(portrait: Path | None) -> np.ndarray:
        image = cv2.imread(str(portrait)) if portrait is not None and portrait.exists() else None
        if image is None:
            bandes = np.linspace(40, 220, 1320, dtype=np.uint8)
            return np.dstack([np.tile(bandes, (760, 1))] * 3)
        fond = cv2.GaussianBlur(cv2.resize(image, (1320, 1320))[200:960], (0, 0), 40)
        cote = cv2.resize(image, (760, 760))
        fond[:, 280:1040] = cote
        return fond

    async def recv(self) -> av.VideoFrame:
        pts, base = await self.next_timestamp()
        self._rang += 1
        dx, dy = int(20 + 18 * np.sin(self._rang / 40)), int(20 + 18 * np.cos(self._rang / 55))
        image = av.VideoFrame.from_ndarray(np.ascontiguousarray(self._image[dy : dy + 720, dx : dx + 1280]), "bgr24")
        image.pts, image.time_base = pts, base
        return image


class Coeur(MediaStreamTrack):
    """Un enregistrement de cœur en boucle (48 kHz mono, trames de 20 ms) ; silence quand `actif` est faux."""

    kind = "audio"

    def __init__(self, enregistrement: Path) -> None:
        super().__init__()
        self.actif = False
        with wave.open(str(enregistrement)) as fichier:
            brut = np.frombuffer(fichier.readframes(fichier.getnframes()), dtype=np.int16)
            facteur = 48000 // fichier.getframerate()
        axe = np.arange(len(brut) * facteur) / facteur
        self._son = np.interp(axe, np.arange(len(brut)), brut).astype(np.int16)
        self._debut = 0.0
        self._rang = 0
        self.sur_bloc: Callable[[Bloc], None] = lambda bloc: None

    async def recv(self) -> av.AudioFrame:
        self._debut = self._debut or time.monotonic()
        await asyncio.sleep(max(0.0, self._debut + self._rang * 0.02 - time.monotonic()))
        place = (self._rang * 960) % (len(self._son) - 960)
        bloc = self._son[place : place + 960] if self.actif else np.zeros(960, np.int16)
        if self.actif:
            self.sur_bloc(Bloc(bloc, time.time(), self._rang))
        trame = av.AudioFrame.from_ndarray(bloc.reshape(1, -1), format="s16", layout="mono")
        trame.sample_rate, trame.pts, trame.time_base = 48000, self._rang * 960, fractions.Fraction(1, 48000)
        self._rang += 1
        return trame


class BorneFactice:
    """La borne enrôlée, sa visite et ses appels. `recus` : messages du canal ; `salle` : messages de la salle."""

    def __init__(self, url: str, portrait: Path | None, coeur: Path) -> None:
        self.url, self._portrait, self._coeur = url, portrait, coeur
        self.recus: list[p.Message] = []
        self.salle: list[p.Message] = []
        self.documents: list[p.Document] = []
        self.brassard_en_panne = ""
        self.exact = SonExact()
        self.son_exact: list[np.ndarray] = []
        self.perdre_trame: Callable[[int], bool] = lambda numero: False
        self.rendre_blocs = True
        self.refuser_document = ""
        self.offrir_seule = True
        self.cameras: tuple[p.CameraNom, ...] = ("principale", "examen", "document")
        self.photographier = True
        self.natures: tuple[str, ...] = ()
        """Ce que la borne annonce savoir mesurer ; vide : une borne d'avant, qui n'annonce rien."""
        self.numero_photo = 0
        self.pages = 0
        self.stethoscope: Coeur | None = None
        self.pc: RTCPeerConnection | None = None
        self.anciens: list[RTCPeerConnection] = []
        self.canal: RTCDataChannel | None = None
        self.images_recues = 0
        self.en_chemin: Callable[[str], str] = str
        """Ce que la signalisation fait du SDP : rien, ou le mal."""
        self.code = ""
        self.faux_alea = False
        self._cle = Ed25519PrivateKey.generate()
        self._taches: set[asyncio.Task[None]] = set()
        self._appel = ""
        self._muette = False
        self.laisser_finir = asyncio.Event()
        """L'oxymètre rend son résultat quand l'essai a vu ce qui vit."""
        self._gonflage: asyncio.Task[None] | None = None

    # --- liaison avec la salle ---

    async def enroler(self, code: str) -> None:
        publique = self._cle.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        corps = {"code": code, "cle_publique": base64.b64encode(publique).decode()}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{self.url}/api/bornes/enrolement", json=corps) as reponse,
        ):
            assert reponse.status == 200, await reponse.text()
            self.identite = (await reponse.json())["borne"]

    async def relier(self) -> None:
        self._client = aiohttp.ClientSession()
        self._ws = await self._client.ws_connect(f"{self.url}/ws/borne", max_msg_size=p.TAILLE_MAX_MESSAGE)
        defi = p.decoder(p.ENTREE_SALLE, await self._ws.receive_str())
        assert isinstance(defi, p.Defi)
        signature = base64.b64encode(self._cle.sign(p.CONTEXTE_DEFI + defi.defi)).decode()
        await self.dire_salle(p.Identification(p.VERSION, self.identite, signature))
        accueil = p.decoder(p.ENTREE_SALLE, await self._ws.receive_str())
        assert isinstance(accueil, p.Accueillie), accueil
        self._lancer(self._ecouter_salle())

    async def delier(self) -> None:
        await self._ws.close()
        await self._client.close()

    async def fermer(self) -> None:
        for tache in self._taches:
            tache.cancel()
        for pc in [*self.anciens, self.pc]:
            if pc is not None:
                await pc.close()
        await self.delier()

    async def dire_salle(self, message: p.Message) -> None:
        await self._ws.send_str(p.encoder(message))

    def _lancer(self, coroutine: Coroutine[object, object, None]) -> asyncio.Task[None]:
        tache = asyncio.create_task(coroutine)
        self._taches.add(tache)
        tache.add_done_callback(self._taches.discard)
        return tache

    async def _ecouter_salle(self) -> None:
        async for brut in self._ws:
            message = p.decoder(p.ENTREE_SALLE, brut.data)
            self.salle.append(message)
            match message:
                case p.AppelDemande() if self.offrir_seule:
                    await self.offrir()
                case p.Reponse() if message.appel == self._appel and self.pc is not None:
                    self.code = code_securite.code(
                        self.empreinte, code_securite.empreinte(message.sdp), self.alea, message.alea
                    )
                    await self.pc.setRemoteDescription(RTCSessionDescription(message.sdp, "answer"))
                case p.Candidat() if message.appel == self._appel and message.candidat:
                    await self._candidat(message)
                case p.Document():
                    self.documents.append(message)
                    self._lancer(self._imprimer(message))

    async def _candidat(self, message: p.Candidat) -> None:
        candidat = candidate_from_sdp(message.candidat.removeprefix("candidate:"))
        candidat.sdpMid, candidat.sdpMLineIndex = message.mid, message.ligne
        assert self.pc is not None
        await self.pc.addIceCandidate(candidat)

    async def _imprimer(self, document: p.Document) -> None:
        if self.refuser_document:
            await self._etat_document(document, "refuse", self.refuser_document)
            return
        await self._etat_document(document, "recu")
        await asyncio.sleep(0.5)
        await self._etat_document(document, "imprime")

    async def _etat_document(self, document: p.Document, etat: str, raison: str = "") -> None:
        await self.dire_salle(p.EtatDocument(document.visite, document.document, etat, raison))  # type: ignore[arg-type]

    async def attendre_patient(self, patient: p.Patient, pret: bool = True) -> None:
        self.visite = patient.visite
        await self.dire_salle(p.PatientEnAttente(patient))
        if pret:
            await self.dire_salle(p.PatientPret(patient.visite))

    # --- appel ---

    async def offrir(self) -> None:
        """Un nouvel appel ; l'ancien reste ouvert jusqu'à `raccrocher_anciens`."""
        if self.pc is not None:
            self.anciens.append(self.pc)
        # En « balanced », aiortc 1.16 laisse la seconde ligne audio sur un transport abandonné : elle reste muette.
        pc = self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._appel = secrets.token_hex(4)
        actif = self.stethoscope.actif if self.stethoscope else False
        self.stethoscope = Coeur(self._coeur)
        self.stethoscope.actif = actif
        self.stethoscope.sur_bloc = self._envoyer_exact
        self._brancher(pc)
        await pc.setLocalDescription(await pc.createOffer())
        sdp = code_securite.garder_sha256(pc.localDescription.sdp)
        self.alea = code_securite.tirer_alea()
        engagement = code_securite.engager(self.alea)
        self.empreinte = code_securite.empreinte(sdp)
        contenu = code_securite.octets_a_signer(self.visite, self._appel, self.empreinte, engagement)
        signature = base64.b64encode(self._cle.sign(contenu)).decode()
        await self.dire_salle(p.Offre(self.visite, self._appel, self.en_chemin(sdp), engagement, signature))

    def _brancher(self, pc: RTCPeerConnection) -> None:
        assert self.stethoscope is not None
        pc.addTransceiver(ImageMobile(self._portrait), "sendrecv")
        pc.addTransceiver(AudioStreamTrack(), "sendrecv")
        pc.addTransceiver(self.stethoscope, "sendonly")
        canal = pc.createDataChannel("donnees")
        self.examen = pc.createDataChannel(p.NOM_CANAL_EXAMEN)
        self._canal_exact = pc.createDataChannel("auscultation", ordered=False, maxRetransmits=0)
        trou = MediaBlackhole()

        @pc.on("track")
        async def _piste(piste: MediaStreamTrack) -> None:
            if piste.kind == "video":
                self._lancer(self._regarder(piste))
            else:
                trou.addTrack(piste)
                await trou.start()

        @canal.on("open")
        def _ouvert() -> None:
            self.canal = canal
            self.dire(p.EtatCameras("principale", self.cameras))
            if self.natures:
                self.dire(p.AppareilsMesure(self.natures))
            self.dire(p.EtatImage("principale", 1280, 720))
            alea = code_securite.tirer_alea() if self.faux_alea else self.alea
            canal.send(p.encoder(p.Revelation(alea)))
            self._lancer(self._battre(canal))

        @canal.on("message")
        def _recu(brut: str) -> None:
            self._recevoir(canal, p.decoder(p.ENTREE_CANAL, brut))

    async def _regarder(self, piste: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):  # le médecin a raccroché
            while True:
                await piste.recv()
                self.images_recues += 1

    async def _battre(self, canal: RTCDataChannel) -> None:
        numero = 0
        while canal.readyState == "open":
            numero += 1
            if not self._muette:
                canal.send(p.encoder(p.Battement(numero, time.time())))
            await asyncio.sleep(1.0)

    def _recevoir(self, canal: RTCDataChannel, message: p.Message) -> None:
        if self._muette:
            return
        if isinstance(message, p.Battement):
            canal.send(p.encoder(p.EchoBattement(message.numero, message.instant)))
            return
        if isinstance(message, p.EchoBattement):
            return
        self.recus.append(message)
        match message:
            case p.DemandeTension():
                self._gonflage = self._lancer(self._gonfler())
            case p.DemandeMesure(nature="saturation"):
                self._gonflage = self._lancer(self._pincer())
            case p.ArretTension() | p.ArretMesure() if self._gonflage is not None:
                self._gonflage.cancel()
                self.dire(p.EtatMesure("tensiometre", "arretee"))
            case p.DemandeEcoute() if self.stethoscope is not None:
                self.stethoscope.actif = True
                ecoute = self.exact.ouvrir(p.frequence_exacte(message.foyer))
                self.dire(p.EtatEcoute(True, message.foyer, ecoute=ecoute))
            case p.ChoixCamera() if message.camera in self.cameras:
                self.dire(p.EtatCameras(message.camera, self.cameras))
                self.dire(p.EtatImage(message.camera, 1280, 720))
            case p.Cadrage():
                self.dire(message)
            case p.DemandePhoto() if self.photographier:
                self.envoyer_photo(message.photo, forme=message.forme)
            case p.BlocsManquants() if self.rendre_blocs:
                for octets in self.exact.rappeler(message.ecoute, message.blocs):
                    self._canal_exact.send(octets)
            case p.ArretEcoute() if self.stethoscope is not None:
                self.stethoscope.actif = False
                self.dire(p.EtatEcoute(False))

    def envoyer_photo(
        self, photo: str, *, fausse: bool = False, morceaux: int | None = None, forme: str = "photo"
    ) -> None:
        """Une photo d'un portrait, ou de quoi la refuser : `fausse` empreinte, ou seulement ses premiers morceaux."""
        octets = b"%PDF-1.4 deux pages %%EOF" if forme == "pdf" else PHOTO.read_bytes()
        self.pages = {"page": self.pages + 1, "pdf": 0}.get(forme, self.pages)
        remarques = ("Un coin de la page est hors de l'image.",) if forme == "page" else ()
        self.numero_photo += 1
        empreinte = hashlib.sha256(b"autre" if fausse else octets).hexdigest()
        cote, jpeg = 512, "application/pdf" if forme == "pdf" else "image/jpeg"
        self.dire(
            p.PhotoAnnoncee(
                *(photo, self.numero_photo, "examen", len(octets), empreinte, cote, cote, cast(Any, jpeg)),
                *(time.time(), self.pages, remarques),
            )
        )
        for rang, debut in enumerate(range(0, len(octets), p.TAILLE_MORCEAU)):
            if rang != morceaux:
                morceau = octets[debut : debut + p.TAILLE_MORCEAU]
                self.examen.send(p.MorceauPhoto(self.numero_photo, rang, morceau).encoder())
            else:
                return

    def _envoyer_exact(self, bloc: Bloc) -> None:
        resultat = self.exact.ajouter(bloc)
        if resultat is None:
            return
        self.son_exact.append(resultat[0])
        trame = p.TrameSon.decoder(resultat[1])
        if not self.perdre_trame(trame.numero) and self._canal_exact.readyState == "open":
            self._canal_exact.send(resultat[1])

    def dire(self, message: p.Message) -> None:
        assert self.canal is not None
        self.canal.send(p.encoder(message))

    async def attendre(self, vrai: Callable[[], bool]) -> None:
        """Attend qu'une condition soit vraie (large délai, pour ne jamais bloquer)."""
        async with asyncio.timeout(30.0):
            while not vrai():  # noqa: ASYNC110 : la condition vient de plusieurs tâches
                await asyncio.sleep(0.05)

    def recu(self, genre: type[p.Message]) -> bool:
        """Le médecin a-t-il envoyé ce genre de message ?"""
        return any(isinstance(message, genre) for message in self.recus)

    async def couper(self) -> None:
        """L'appel meurt sans un mot, comme un câble tiré."""
        self._muette = True
        for pc in [*self.anciens, self.pc]:
            if pc is not None:
                for emetteur in pc.getSenders():
                    emetteur.replaceTrack(None)

    async def retablir(self) -> None:
        self._muette = False
        await self.offrir()

    async def raccrocher_anciens(self) -> None:
        for pc in self.anciens:
            await pc.close()
        self.anciens.clear()

    async def _pincer(self) -> None:
        """Un oxymètre : le doigt sort et revient, la courbe du pouls, puis le résultat."""
        etat = partial(p.EtatMesure, "saturation", "en_cours", nature="saturation")
        self.dire(etat())
        self.dire(etat(raison="Le doigt est sorti de la pince."))
        await asyncio.sleep(0.3)
        self.dire(etat())
        debut = time.time()
        for rang in range(30):
            instants = debut + rang * 0.1 + np.arange(6) / 60
            valeurs = tuple(float(v) for v in 0.5 + 0.4 * np.sin(instants * 7.5))
            self.dire(p.CourbeTransmise("pleth", valeurs, float(instants[0]), float(instants[-1])))
            self.dire(p.EchantillonTransmis(SPO2, 91.0, "%", debut + rang * 0.1))
            self.dire(p.EchantillonTransmis(FREQUENCE_CARDIAQUE, 88.0, "/min", debut + rang * 0.1))
            await asyncio.sleep(0.03)
        await self.laisser_finir.wait()
        mesures = (Mesure(SPO2, 91.0, "%", time.time(), "Oxymètre de la borne"),)
        self.dire(p.MesureTransmise(mesures, tuple(map(niveau, mesures))))
        self.dire(p.EtatMesure("saturation", "finie", nature="saturation"))

    async def _gonfler(self, systolique: float = 158.0, diastolique: float = 94.0, pouls: float = 88.0) -> None:
        self.dire(p.EtatMesure("tensiometre", "en_cours"))
        if self.brassard_en_panne:
            await asyncio.sleep(0.2)
            self.dire(p.EtatMesure("tensiometre", "echouee", self.brassard_en_panne))
            return
        montee = np.linspace(0, 180, 30)
        descente = np.linspace(180, 60, 50) + 2 * np.sin(np.arange(50) * 1.4)
        debut = time.time()
        for rang, pression in enumerate(np.concatenate([montee, descente])):
            instant = debut + rang * 0.4
            self.dire(p.EchantillonTransmis(PRESSION_BRASSARD, round(float(pression), 1), MMHG, instant))
            await asyncio.sleep(0.03)
        instant = time.time()
        valeurs = (
            (SYSTOLIQUE, systolique, MMHG),
            (DIASTOLIQUE, diastolique, MMHG),
            (FREQUENCE_CARDIAQUE, pouls, "/min"),
        )
        mesures = tuple(Mesure(code, valeur, unite, instant, APPAREIL) for code, valeur, unite in valeurs)
        self.dire(p.MesureTransmise(mesures, tuple(map(niveau, mesures))))
        self.dire(p.EtatMesure("tensiometre", "finie"))
