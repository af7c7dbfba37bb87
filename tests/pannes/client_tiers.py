"""Un médecin d'une autre plateforme, écrit avec PROTOCOLE.md seul : aucun import de `borne`, JSON à la main.

C'est un processus à part (`python client_tiers.py --adresse … --visite … --dossier …`, mot de passe par
MOT_DE_PASSE) : son aiortc reste celui de tout le monde, sans les réglages de la borne. Il joue la consultation en
entier et écrit une ligne JSON par étape ; il sort en erreur dès que la page ne dit pas vrai.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import secrets
import struct
import time
import wave
from collections.abc import Callable, Coroutine
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Message = dict[str, Any]
ATTENTE_S = 20.0
BLOC_S = 0.02
HORS_LIGNES = ("a=candidate:", "a=end-of-candidates")


def dire(etape: str, **faits: Any) -> None:
    """Une étape franchie, sur la sortie."""
    print(json.dumps({"etape": etape, **faits}), flush=True)


class PageFausse(Exception):
    """La page a promis autre chose."""


def exiger(vrai: object, raison: str) -> None:
    """Ce que la page promet."""
    if not vrai:
        raise PageFausse(raison)


class Journal:
    """Les messages reçus, et de quoi les attendre."""

    def __init__(self) -> None:
        self.recus: list[Message] = []
        self._change = asyncio.Event()
        self._taches: set[asyncio.Task[None]] = set()
        self._echec: BaseException | None = None

    def lancer(self, travail: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Un travail dont l'échec arrêtera le client."""
        tache = asyncio.get_running_loop().create_task(travail)
        self._taches.add(tache)
        tache.add_done_callback(self._finie)
        return tache

    def _finie(self, tache: asyncio.Task[None]) -> None:
        self._taches.discard(tache)
        if not tache.cancelled() and tache.exception() is not None:
            self._echec = tache.exception()

    def noter(self, message: Message) -> None:
        self.recus.append(message)
        self._change.set()

    async def attendre(self, nom: str, depuis: int = 0, **champs: Any) -> Message:
        """Le premier message `nom` reçu à partir de `depuis`, dont ces champs valent ceci."""
        return await self.quand(
            lambda: next(
                (
                    m
                    for m in self.recus[depuis:]
                    if m["type"] == nom and all(m.get(c) == v for c, v in champs.items())
                ),
                None,
            ),
            f"{nom} {champs}",
        )

    async def quand(self, vrai: Callable[[], Any], quoi: str) -> Any:
        """Attend qu'une condition soit vraie, réexaminée à chaque message et tous les dixièmes de seconde."""
        fin = time.monotonic() + ATTENTE_S
        while not (valeur := vrai()):
            if self._echec is not None:
                raise self._echec
            if time.monotonic() > fin:
                noms = [m["type"] for m in self.recus if "Battement" not in m["type"]]
                raise PageFausse(f"Jamais reçu : {quoi}. Reçus : {noms}")
            self._change.clear()
            try:
                await asyncio.wait_for(self._change.wait(), 0.1)
            except TimeoutError:
                continue
        return valeur


class Mire(VideoStreamTrack):
    """L'image du médecin : un fond qui change, 320 par 240, 10 fois par seconde."""

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(0.1)
        n = int(time.monotonic() * 10)
        image = VideoFrame.from_ndarray(np.full((240, 320, 3), n % 255, np.uint8), format="rgb24")
        image.pts, image.time_base = n * 9000, Fraction(1, 90000)
        return image


def sans(sdp: str, refuses: tuple[str, ...]) -> str:
    """L'offre telle que la lit un client qui ne connaît pas ces codecs, retours ou extensions."""
    sorties = []
    for section in ("\r\n" + sdp.strip()).split("\r\nm="):
        lignes = section.split("\r\n")
        types = {
            ligne.split(":")[1].split()[0]
            for ligne in lignes
            if ligne.startswith("a=rtpmap:") and ligne.split()[1].split("/")[0].lower() in refuses
        }
        types |= {
            ligne.split(":")[1].split()[0]
            for ligne in lignes
            if ligne.startswith("a=fmtp:") and any(f"apt={t}" == ligne.split()[-1] for t in types)
        }
        gardees = [ligne for ligne in lignes[1:] if not _refusee(ligne, types, refuses)]
        mots = lignes[0].split(" ")
        tete = " ".join(mots[:3] + [t for t in mots[3:] if t not in types])
        sorties.append("\r\n".join([tete, *gardees]))
    return "\r\nm=".join(sorties).lstrip() + "\r\n"


def _refusee(ligne: str, types: set[str], refuses: tuple[str, ...]) -> bool:
    if ligne.startswith(("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:")) and ligne.split(":")[1].split()[0] in types:
        return True
    return ligne.startswith(("a=extmap:", "a=rtcp-fb:")) and any(mot in ligne for mot in refuses)


def empreinte_sdp(sdp: str) -> str:
    """L'empreinte SHA-256 d'une description, écrite comme elle se signe ; vide s'il n'y en a pas une seule."""
    trouvees = {
        ligne.split()[1].upper() for ligne in sdp.splitlines() if ligne.lower().startswith("a=fingerprint:sha-256 ")
    }
    return f"sha-256 {trouvees.pop()}" if len(trouvees) == 1 else ""


class Appel:
    """Une tentative d'appel : la réponse à une `Offre`, ses pistes et ses canaux."""

    def __init__(self, offre: Message, glace: list[Message], journal: Journal) -> None:
        self.offre = offre
        self.alea = secrets.token_hex(16)
        self.code = ""
        self.images: list[tuple[int, int]] = []
        self.sons: dict[str, list[int]] = {}
        self.trames: list[bytes] = []
        self.morceaux: dict[int, dict[int, bytes]] = {}
        self.battements = 0
        self.canaux: dict[str, Any] = {}
        self._journal = journal
        serveurs = [RTCIceServer(s["urls"], s.get("username"), s.get("credential")) for s in glace]
        self.pc = RTCPeerConnection(RTCConfiguration(serveurs, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.pc.on("track", self._piste)
        self.pc.on("datachannel", self._canal)

    def verifier(self, cle_borne: str) -> None:
        """L'offre est signée par la borne, et n'a qu'une empreinte."""
        self.empreinte_borne = empreinte_sdp(self.offre["sdp"])
        exiger(self.empreinte_borne, "une seule empreinte SHA-256 dans l'offre")
        champs = (self.offre["visite"], self.offre["appel"], self.empreinte_borne, self.offre["engagement"])
        cle = Ed25519PublicKey.from_public_bytes(base64.b64decode(cle_borne))
        signe = "borne-medecin/1/offre:" + "\n".join(champs)
        cle.verify(base64.b64decode(self.offre["signature"]), signe.encode())

    async def repondre(self, refuses: tuple[str, ...]) -> str:
        """La réponse SDP, avec l'image et la voix du médecin."""
        await self.pc.setRemoteDescription(RTCSessionDescription(sans(self.offre["sdp"], refuses), "offer"))
        self.pc.addTrack(Mire())
        self.pc.addTrack(AudioStreamTrack())
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        self.empreinte_medecin = empreinte_sdp(self.pc.localDescription.sdp)
        return self.pc.localDescription.sdp

    def _piste(self, piste: Any) -> None:
        mid = next(t.mid for t in self.pc.getTransceivers() if t.receiver.track is piste)
        self._journal.lancer(self._lire_image(piste) if piste.kind == "video" else self._lire_son(mid, piste))

    async def _lire_image(self, piste: Any) -> None:
        try:
            while True:
                image = await piste.recv()
                self.images.append((image.width, image.height))
        except MediaStreamError:
            return

    async def _lire_son(self, mid: str, piste: Any) -> None:
        niveaux = self.sons.setdefault(mid, [])
        try:
            while True:
                niveaux.append(int(np.abs((await piste.recv()).to_ndarray()).max()))
        except MediaStreamError:
            return

    def _canal(self, canal: Any) -> None:
        self.canaux[canal.label] = canal
        canal.on(
            "message",
            {"donnees": self._donnee, "auscultation": self.trames.append, "examen": self._morceau}[canal.label],
        )
        if canal.label == "donnees":
            self._journal.lancer(self._battre())

    def envoyer(self, nom: str, **champs: Any) -> None:
        """Un message du canal `donnees`."""
        self.canaux["donnees"].send(json.dumps({"type": nom, **champs}))

    async def _battre(self) -> None:
        numero = 0
        while self.canaux["donnees"].readyState == "open":
            self.envoyer("Battement", numero=numero, instant=time.time())
            numero += 1
            await asyncio.sleep(0.5)

    def _donnee(self, texte: str) -> None:
        message = json.loads(texte)
        if message["type"] == "Battement":
            self.envoyer("EchoBattement", numero=message["numero"], instant=message["instant"])
            self.battements += 1
        elif message["type"] == "Revelation":
            self._reveler(message["alea"])
        self._journal.noter(message)

    def _reveler(self, alea_borne: str) -> None:
        engage = hashlib.sha256(bytes.fromhex(alea_borne)).hexdigest() == self.offre["engagement"]
        exiger(engage, "Revelation ne tient pas l'engagement")
        champs = (self.empreinte_borne, self.empreinte_medecin, alea_borne, self.alea)
        resume = hashlib.sha256(("borne-medecin/1/code:" + "\n".join(champs)).encode()).digest()
        self.code = f"{int.from_bytes(resume[:8], 'big') % 10_000:04d}"

    def _morceau(self, octets: bytes) -> None:
        numero, rang = struct.unpack(">II", octets[:8])
        self.morceaux.setdefault(numero, {})[rang] = octets[8:]

    def blocs(self, ecoute: int) -> tuple[int, dict[int, bytes]]:
        """La fréquence (Hz) et les blocs reçus d'une écoute, par numéro."""
        blocs: dict[int, bytes] = {}
        hz = 0
        for trame in self.trames:
            version, khz, celle_ci, dernier, _instant = struct.unpack(">BBHIQ", trame[:16])
            if celle_ci != ecoute:
                continue
            exiger(version == 1 and khz in (4, 8), f"en-tête de TrameSon {version} {khz}")
            hz, taille, suite = khz * 1000, khz * 40, trame[16:]
            exiger(suite and len(suite) % taille == 0, "longueur de TrameSon")
            for rang in range(len(suite) // taille):
                blocs[dernier - rang] = suite[rang * taille : (rang + 1) * taille]
        return hz, blocs

    async def fermer(self) -> None:
        """Raccroche."""
        await self.pc.close()


class ClientTiers:
    """La session d'un médecin : la salle, et l'appel en cours."""

    def __init__(self, adresse: str, options: argparse.Namespace) -> None:
        self.adresse = adresse
        self.options = options
        self.journal = Journal()
        self.appels: dict[str, Appel] = {}
        self.appel: Appel | None = None
        self._prise: Message = {}
        self._glace: list[Message] = []

    async def ouvrir(self, identifiant: str, mot_de_passe: str) -> None:
        """Session, puis WebSocket."""
        self._http = aiohttp.ClientSession(headers={"Origin": self.adresse}, cookie_jar=aiohttp.DummyCookieJar())
        corps = {"identifiant": identifiant, "mot_de_passe": mot_de_passe}
        async with self._http.post(f"{self.adresse}/api/session", json=corps) as reponse:
            exiger(reponse.status == 200, f"session refusée : {reponse.status}")
            self._entetes = {"Cookie": f"__Host-salle={reponse.cookies['__Host-salle'].value}"}
        self._ws = await self._http.ws_connect(
            f"{self.adresse}/ws/medecin", headers=self._entetes, max_msg_size=24 * 1024 * 1024
        )
        self._ecoute = self.journal.lancer(self._ecouter())

    async def envoyer(self, nom: str, **champs: Any) -> None:
        """Un message à la salle."""
        await self._ws.send_str(json.dumps({"type": nom, **champs}))

    async def _ecouter(self) -> None:
        async for trame in self._ws:
            message = json.loads(trame.data)
            nom = message["type"]
            if nom in ("Bienvenue", "Prise", "GlaceRenouvelee"):
                self._glace = message.get("glace") or self._glace
            if nom == "Prise":
                self._prise = message
            elif nom == "Offre":
                await self._repondre(message)
            elif nom == "Candidat" and message["candidat"]:
                await self._ajouter(message)
            self.journal.noter(message)

    async def _ajouter(self, message: Message) -> None:
        candidat = candidate_from_sdp(message["candidat"].removeprefix("candidate:"))
        candidat.sdpMid, candidat.sdpMLineIndex = message["mid"], message["ligne"]
        await self.appels[message["appel"]].pc.addIceCandidate(candidat)

    async def _repondre(self, offre: Message) -> None:
        """Vérifie et répond, puis donne ses candidats au fil de l'eau."""
        appel = Appel(offre, self._glace, self.journal)
        appel.verifier(self._prise["cle_borne"])
        self.appels[offre["appel"]] = self.appel = appel
        sdp = await appel.repondre(tuple(self.options.sans))
        await asyncio.sleep(self.options.lenteur_s)
        lignes = sdp.splitlines()
        dont = {"visite": offre["visite"], "appel": offre["appel"]}
        nue = "\r\n".join(ligne for ligne in lignes if not ligne.startswith(HORS_LIGNES)) + "\r\n"
        await self.envoyer("Reponse", sdp=nue, alea=appel.alea, **dont)
        for candidat in dict.fromkeys(ligne[2:] for ligne in lignes if ligne.startswith("a=candidate:")):
            await self.envoyer("Candidat", candidat=candidat, mid="0", ligne=0, **dont)
        await self.envoyer("Candidat", candidat="", mid="0", ligne=0, **dont)
        dire("reponse", empreintes=sum(ligne.startswith("a=fingerprint:") for ligne in lignes) // sdp.count("m="))

    async def en_cours(self) -> Appel:
        """L'appel établi, le dernier quand la borne en a refait un."""
        appel: Appel = await self.journal.quand(
            lambda: self.appel if self.appel is not None and self.appel.code else None, "l'appel en cours"
        )
        return appel

    async def imprimer(self, visite: str, pdf: bytes) -> str:
        """Envoie un document, rend son identifiant."""
        partie = aiohttp.FormData()
        partie.add_field("fichier", pdf, filename="ordonnance.pdf", content_type="application/pdf")
        url = f"{self.adresse}/api/visites/{visite}/documents"
        async with self._http.post(url, data=partie, headers=self._entetes) as reponse:
            exiger(reponse.status == 201, f"document refusé : {reponse.status} {await reponse.text()}")
            depose = await reponse.json()
        exiger(depose["empreinte"] == hashlib.sha256(pdf).hexdigest(), "l'empreinte du document")
        return str(depose["document"])

    async def fermer(self) -> None:
        """Ferme tout."""
        for appel in self.appels.values():
            await appel.fermer()
        await self._ws.close()
        await self._ecoute
        await self._http.close()


async def entrer(client: ClientTiers, visite: str) -> Appel:
    """File, prise, appel, image, voix, signe de vie et code."""
    vu = client.journal
    await vu.attendre("Bienvenue")
    await vu.quand(lambda: _ligne(vu, visite), "le patient dans la file")
    dire("file", prenom=_ligne(vu, visite)["patient"]["prenom"])
    await client.envoyer("Prendre", visite=visite)
    exiger((await vu.attendre("Prise", visite=visite))["acceptee"], "prise refusée")
    await client.envoyer("PretARecevoir", visite=visite)
    dire("prise")
    await vu.attendre("Revelation")
    appel = client.appel
    exiger(appel, "un appel")
    dire("code", code=appel.code)
    await vu.quand(lambda: len(appel.images) > 5, "l'image")
    await vu.quand(lambda: len(appel.sons.get("1", [])) > 20, "la voix")
    await vu.attendre("EchoBattement", numero=2)
    await vu.quand(lambda: appel.battements > 1, "les battements de la borne")
    await vu.attendre("EtatCameras", active="principale")
    codecs = [ligne for ligne in appel.pc.localDescription.sdp.splitlines() if ligne.startswith("a=rtpmap:")]
    dire("appel", images=appel.images[-1], codecs=sorted({c.split()[1] for c in codecs}))
    return appel


def _ligne(vu: Journal, visite: str) -> Message | None:
    listes = [m for m in vu.recus if m["type"] == "ListeAttente"]
    return next((x for x in listes[-1]["lignes"] if x["patient"]["visite"] == visite), None) if listes else None


async def examiner(client: ClientTiers, appel: Appel, dossier: Path) -> None:
    """Tension, cœur, caméra, photo."""
    await tension(client, appel)
    await coeur(client, appel, dossier / "coeur.wav")
    depuis = len(client.journal.recus)
    appel.envoyer("ChoixCamera", camera="examen")
    await client.journal.attendre("EtatCameras", depuis, active="examen")
    appel.envoyer("Cadrage", x=0.0, y=1.0, zoom=2)
    cadre = await client.journal.attendre("Cadrage", depuis, zoom=2.0)
    # La caméra d'examen est carrée, l'image émise en 16:9 : deux fois plus près, le cadre fait 8/9 de la largeur.
    exiger((round(cadre["x"], 3), cadre["y"]) == (0.444, 0.75), f"cadrage {cadre}")
    dire("camera")
    dire("photo", **await photo(client, "p-1", dossier / "photo"))


async def tension(client: ClientTiers, appel: Appel) -> None:
    """Demande la tension, attend son résultat."""
    depuis = len(client.journal.recus)
    appel.envoyer("DemandeTension")
    await client.journal.attendre("EtatMesure", depuis, etat="finie")
    resultat = await client.journal.attendre("MesureTransmise", depuis)
    dire("tension", valeurs={m["code"]: m["valeur"] for m in resultat["mesures"]})


async def coeur(client: ClientTiers, appel: Appel, fichier: Path) -> None:
    """Écoute deux secondes, en perd exprès, les redemande, écrit le WAV."""
    vu, depuis = client.journal, len(client.journal.recus)
    appel.envoyer("DemandeEcoute", foyer="mitral")
    etat = await vu.attendre("EtatEcoute", depuis, active=True)
    exiger(etat["foyer"] == "mitral", "le foyer")
    numero = etat["ecoute"]
    await vu.quand(lambda: len(appel.blocs(numero)[1]) >= 100, "100 blocs de son exact")
    avant = appel.blocs(numero)[1]
    appel.trames.clear()
    manquants = sorted(avant)[10:20]
    appel.envoyer("BlocsManquants", ecoute=numero, blocs=manquants)
    await vu.quand(lambda: set(manquants) <= set(appel.blocs(numero)[1]), "les blocs redemandés")
    hz, apres = appel.blocs(numero)
    exiger(all(avant[n] == apres[n] for n in manquants), "un bloc redemandé est le même")
    await vu.attendre("AnalyseEcoute", depuis)
    appel.envoyer("ArretEcoute")
    await vu.attendre("EtatEcoute", vu.recus.index(etat) + 1, active=False)
    blocs = avant | apres
    numeros = range(min(blocs), max(blocs) + 1)
    son = b"".join(blocs.get(n, bytes(hz // 25)) for n in numeros)
    with wave.open(str(fichier), "wb") as ecrit:
        ecrit.setnchannels(1)
        ecrit.setsampwidth(2)
        ecrit.setframerate(hz)
        ecrit.writeframes(son)
    creux = [n for n in numeros if n not in blocs]
    dire("coeur", hz=hz, blocs=len(blocs), creux=len(creux), crete=int(np.abs(np.frombuffer(son, "<i2")).max()))


async def photo(client: ClientTiers, nom: str, fichier: Path) -> Message:
    """Demande une photo, la vérifie, l'écrit. Un appel remplacé emporte la demande, refaite sur le suivant."""

    def recue(appel: Appel, depuis: int) -> Message | None:
        for m in client.journal.recus[depuis:]:
            if m["type"] == "PhotoAnnoncee" and m["photo"] == nom:
                morceaux = appel.morceaux.setdefault(m["numero"], {})
                return m if sum(map(len, morceaux.values())) >= m["octets"] else None
        return None

    annonce = None
    while annonce is None:
        appel = await client.en_cours()
        depuis = len(client.journal.recus)
        appel.envoyer("DemandePhoto", photo=nom)
        await client.journal.quand(
            lambda a=appel, d=depuis: client.appel is not a or recue(a, d),  # type: ignore[misc]
            f"la photo {nom}",
        )
        annonce = recue(appel, depuis)
    morceaux = appel.morceaux[annonce["numero"]]
    octets = b"".join(morceaux[rang] for rang in sorted(morceaux))
    exiger(hashlib.sha256(octets).hexdigest() == annonce["empreinte"], "l'empreinte de la photo")
    await asyncio.to_thread(fichier.write_bytes, octets)
    return {"largeur": annonce["largeur"], "nature": annonce["nature"]}


async def ecrire(appel: Appel) -> None:
    """Texte lettre à lettre, puis la ligne, deux fois au même instant."""
    for fin in range(1, 8):
        appel.envoyer("TexteEnCours", texte="Bonjour"[:fin])
    instant = time.time()
    for _deux_fois in range(2):
        appel.envoyer("Texte", texte="Bonjour", instant=instant)
    dire("texte")


async def imprimer(client: ClientTiers, visite: str) -> None:
    """Un PDF d'une page, jusqu'au papier."""
    document = await client.imprimer(visite, pdf())
    await client.journal.attendre("EtatDocument", document=document, etat="imprime")
    dire("document")


def pdf() -> bytes:
    """Une page, écrite à la main (ISO 32000-1, 7.5)."""
    texte = b"BT /F1 24 Tf 72 720 Td (Ordonnance) Tj ET"
    objets = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(texte), texte),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    sortie, places = b"%PDF-1.4\n", []
    for rang, objet in enumerate(objets, 1):
        places.append(len(sortie))
        sortie += b"%d 0 obj%s\nendobj\n" % (rang, objet)
    debut, table = len(sortie), b"".join(b"%010d 00000 n \n" % place for place in places)
    sortie += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, table)
    return sortie + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, debut)


async def malmener(client: ClientTiers, appel: Appel, dossier: Path) -> None:
    """Ce qu'aucun client ne devrait envoyer ; la borne doit encore servir après."""
    canal = appel.canaux["donnees"]
    canal.send("ceci n'est pas du JSON")
    canal.send(b"\x00\xff\x00")
    for nom, champs in MAUVAIS:
        appel.envoyer(nom, **champs)
    canal.send('{"type":"Cadrage","x":NaN,"y":1e999,"zoom":-Infinity}')
    canal.send('{"type":"Cadrage","x":1e300,"y":-1e300,"zoom":1e308}')
    canal.send("[" * 20_000)
    appel.envoyer("Texte", texte="a" * 60_000, instant=-1e18)
    appel.envoyer("TexteEnCours", texte="b" * 60_000)
    for rang in range(1000):
        appel.envoyer("TexteEnCours", texte=str(rang))
        appel.envoyer("Pointeur", x=rang / 1000, y=0.5)
    for autre in ("auscultation", "examen"):
        appel.canaux[autre].send(b"\xff" * 100)
        appel.canaux[autre].send("du texte")
    await client.envoyer("Inconnu", visite="x")
    await client.envoyer(
        "Candidat", visite=client.options.visite, appel="inconnu", candidat="candidate:n'importe quoi"
    )
    await client.envoyer(
        "Candidat",
        visite=client.options.visite,
        appel=appel.offre["appel"],
        candidat="candidate:abc",
        mid="99",
        ligne=-4,
    )
    await client.envoyer("Reponse", visite=client.options.visite, appel="vieux", sdp="v=0", alea="zz")
    dire("malmene")
    # Noyée, la borne peut nous tenir pour perdu et refaire une offre : on continue sur l'appel en cours.
    await client.journal.quand(lambda: canal.bufferedAmount == 0 or client.appel is not appel, "les messages partis")
    await asyncio.sleep(2)
    (await client.en_cours()).envoyer("ChoixCamera", camera="principale")
    dire("apres", **await photo(client, "p-2", dossier / "photo-apres"))


MAUVAIS: list[tuple[str, Message]] = [
    ("Inconnu", {"x": 1}),
    ("Cadrage", {"x": -5, "y": 7, "zoom": 0}),
    ("Cadrage", {"x": "gauche", "y": None, "zoom": []}),
    ("Pointeur", {"x": -5, "y": 12}),
    ("DemandeEcoute", {"foyer": "genou"}),
    ("ChoixCamera", {"camera": "../etc/passwd"}),
    ("BlocsManquants", {"ecoute": 70_000, "blocs": [-1, 2**40]}),
    ("BlocsManquants", {"ecoute": 1, "blocs": list(range(10_000))}),
    ("ArretPhoto", {"photo": "jamais vue"}),
    ("ArretEcoute", {}),
    ("ArretTension", {}),
    ("Battement", {"numero": -1, "instant": 1e308}),
    ("EchoBattement", {"numero": 10**12, "instant": 0}),
    ("EchoBattement", {"numero": 1, "instant": -1e300}),
    ("Revelation", {"alea": "00"}),
    ("EtatLien", {"niveau": "plein"}),
    ("MicroMedecin", {"coupe": 3}),
    ("Texte", {"texte": "", "instant": 0}),
    ("MesureTransmise", {"mesures": []}),
]


async def consulter(options: argparse.Namespace) -> None:
    """Toute la consultation."""
    client = ClientTiers(options.adresse, options)
    await client.ouvrir(options.identifiant, os.environ["MOT_DE_PASSE"])
    try:
        appel = await entrer(client, options.visite)
        if options.complet:
            await examiner(client, appel, options.dossier)
            await ecrire(appel)
            await imprimer(client, options.visite)
        if options.malmener:
            await malmener(client, appel, options.dossier)
        await client.envoyer("Notes", visite=options.visite, texte="Vu.")
        await client.envoyer("Terminer", visite=options.visite)
        finie = await client.journal.attendre("VisiteFinie", visite=options.visite)
        dire("fin", raison=finie["raison"])
    finally:
        await client.fermer()


def principal() -> None:
    """Lit les options et joue."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--adresse", required=True)
    lecteur.add_argument("--identifiant", required=True)
    lecteur.add_argument("--visite", required=True)
    lecteur.add_argument("--dossier", type=Path, required=True)
    lecteur.add_argument("--complet", action="store_true")
    lecteur.add_argument("--malmener", action="store_true")
    lecteur.add_argument("--lenteur-s", type=float, default=0.0)
    lecteur.add_argument("--sans", nargs="*", default=[])
    asyncio.run(consulter(lecteur.parse_args()))


if __name__ == "__main__":
    principal()
