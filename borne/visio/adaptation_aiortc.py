"""Le seul module qui touche à des noms privés d'aiortc 1.16 et d'aioice : ce que leur interface publique n'offre pas.

Chaque nom privé a son test de contrat (`tests/visio/test_adaptation_aiortc.py`) ; `_poser` lève tout de suite si
un nom a disparu. Tout est posé sur les objets de nos séances, sauf trois réglages du module (historique RTX,
extensions, adresses locales), sans effet nuisible sur un autre pair du même processus.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, cast

import aiortc.codecs
import aiortc.codecs.h264
import aiortc.codecs.vpx
import aiortc.rtcpeerconnection
import aiortc.rtcrtpsender
import aiortc.sdp
import av
from aioice import ice
from aiortc import RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver, clock
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecCapability,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpParameters,
)
from aiortc.rtp import (
    AnyRtcpPacket,
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpSrPacket,
    RtpPacket,
    is_rtcp,
    pack_header_extensions,
    unpack_header_extensions,
)

from borne.visio.conduite import Conduite, Image
from borne.visio.emission import Emission, Nature
from borne.visio.redondance import Emballage

NUMERO_TRANSPORT: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
ID_NUMERO_TRANSPORT: Final = 5
RETOUR_TRANSPORT: Final = RTCRtcpFeedback(type="transport-cc")
"""Comptes rendus d'arrivée, paquet par paquet (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3)."""
HEURE_ABSOLUE: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
HISTORIQUE_RTX: Final = 1024
"""Paquets gardés pour être renvoyés : 128 d'origine, 0,3 s à 4 Mbit/s, moins qu'un aller-retour difficile."""

CHARGE_MAX: Final = 1200
"""Octets de charge d'un paquet d'image (1300 d'origine) : une parité porte en plus l'en-tête FEC et deux fois les
extensions, et doit tenir dans 1356 octets (pylibsrtp), puis dans un tunnel."""

DELAI_AFFICHAGE: Final = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
ID_DELAI_AFFICHAGE: Final = 4
"""Libre parmi les extensions d'aiortc (1 à 3), partagées entre pistes d'un même transport."""
NIVEAU_H264: Final = "42e028"
"""« Constrained baseline », niveau 4.0 (1080p30) : RFC 6184 section 8.1, H.264 tableau A-1."""
DEBITS_MEDECIN: Final = {"x-google-start-bitrate": 1500, "x-google-min-bitrate": 600}
"""kbit/s de l'image du médecin, que Chromium lit dans l'offre : il partirait sinon de 300, et l'estimation d'aiortc,
qu'une borne chargée fausse, le ferait tomber à 80 (une image de 360 lignes)."""

TYPE_REDONDANT: Final = 120
"""Numéro RTP de `audio/red` ; aiortc laisse libres ceux d'après 110."""
REGLAGES_OPUS: Final = {"minptime": 10, "useinbandfec": 1}
"""RFC 7587, 6.1 : le médecin peut glisser dans un paquet de quoi refaire le précédent."""

_REDONDANCE: contextvars.ContextVar[bool] = contextvars.ContextVar("redondance", default=False)
_ADRESSES: contextvars.ContextVar[tuple[str, ...] | None] = contextvars.ContextVar("adresses", default=None)
_adresses_aioice = ice.get_host_addresses


SurPaquet = Callable[[str, int, bytes], None]
"""Reçoit un paquet de son : son type MIME en minuscules, son horodatage RTP, sa charge."""


class AdaptationImpossible(RuntimeError):
    """Un nom privé attendu n'existe plus : aiortc a changé de version."""


class PistePrecodee(Protocol):
    """Ce qu'une piste déjà encodée doit savoir faire pour remplacer l'encodeur d'aiortc."""

    frequence: int

    def demander_image_cle(self) -> None: ...
    def instant_de(self, pts: int) -> float: ...


def _poser(objet: object, nom: str, valeur: object) -> Any:
    """Remplace l'attribut privé `nom` et rend l'ancien ; lève `AdaptationImpossible` s'il n'existe pas."""
    if not hasattr(objet, nom):
        raise AdaptationImpossible(f"{type(objet).__name__}.{nom} n'existe plus")
    ancien = getattr(objet, nom)
    vars(objet)[nom] = valeur
    return ancien


def installer() -> None:
    """Règle aiortc et aioice pour ce processus ; sans effet la deuxième fois."""
    _poser(aiortc.rtcrtpsender, "RTP_HISTORY_SIZE", HISTORIQUE_RTX)
    for codeur in (aiortc.codecs.h264, aiortc.codecs.vpx):
        _poser(codeur, "PACKET_MAX", CHARGE_MAX)
    _poser(ice, "get_host_addresses", _adresses_hote)
    _offrir_extension("video", ID_DELAI_AFFICHAGE, DELAI_AFFICHAGE)
    for nature in ("audio", "video"):
        _offrir_extension(nature, ID_NUMERO_TRANSPORT, NUMERO_TRANSPORT)
        for codec in aiortc.codecs.CODECS[nature]:
            if codec.name in ("H264", "VP8", "opus") and RETOUR_TRANSPORT not in codec.rtcpFeedback:
                codec.rtcpFeedback.append(RETOUR_TRANSPORT)
    for codec in aiortc.codecs.CODECS["video"]:
        if codec.parameters.get("profile-level-id") == "42e01f":
            codec.parameters["profile-level-id"] = NIVEAU_H264
        if codec.name in ("H264", "VP8"):
            codec.parameters.update(DEBITS_MEDECIN)
    for codec in aiortc.codecs.CODECS["audio"]:
        if codec.name == "opus":
            codec.parameters.update(REGLAGES_OPUS)
    _poser(aiortc.rtcpeerconnection, "CODECS", Catalogue(aiortc.codecs.CODECS))


class Catalogue(dict[str, list[RTCRtpCodecParameters]]):
    """Les codecs d'aiortc, et `audio/red` (RFC 2198) pour qui l'a demandé par `redondance_offerte`.

    Les autres pairs du processus ne le voient pas : aiortc ne sait pas le décoder.
    """

    def __getitem__(self, nature: str) -> list[RTCRtpCodecParameters]:
        codecs = super().__getitem__(nature)
        if nature != "audio" or not _REDONDANCE.get():
            return codecs
        opus = next(codec for codec in codecs if codec.name == "opus")
        # La valeur par défaut de RFC 2198 : une trame répétée ; le récepteur accepte davantage.
        fmtp: dict[str, int | str | None] = {f"{opus.payloadType}/{opus.payloadType}": None}
        return [
            RTCRtpCodecParameters(
                mimeType="audio/red", clockRate=48000, channels=2, payloadType=TYPE_REDONDANT, parameters=fmtp
            ),
            *codecs,
        ]


@contextlib.contextmanager
def redondance_offerte() -> Iterator[None]:
    """Dans ce contexte, aiortc négocie `audio/red` pour les sections qui le préfèrent."""
    jeton = _REDONDANCE.set(True)
    try:
        yield
    finally:
        _REDONDANCE.reset(jeton)


def preferer_redondance(section: RTCRtpTransceiver) -> None:
    """Met `audio/red` avant les codecs déjà préférés de cette section : l'autre bout l'émet alors aussi."""
    with redondance_offerte():
        red = _lire(aiortc.rtcpeerconnection, "CODECS")["audio"][0]
    capacite = RTCRtpCodecCapability(
        mimeType=red.mimeType, clockRate=red.clockRate, channels=red.channels, parameters=red.parameters
    )
    _poser(section, "_preferred_codecs", [capacite, *_lire(section, "_preferred_codecs")])


def _offrir_extension(nature: str, identifiant: int, uri: str) -> None:
    extensions = aiortc.codecs.HEADER_EXTENSIONS[nature]
    if all(extension.uri != uri for extension in extensions):
        extensions.append(RTCRtpHeaderExtensionParameters(id=identifiant, uri=uri))


def _adresses_hote(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    imposees = _ADRESSES.get()
    if imposees is not None:
        return list(imposees)
    # aioice écarte la boucle locale : sur une machine sans réseau il ne resterait aucun candidat.
    return _adresses_aioice(use_ipv4, use_ipv6) or ["127.0.0.1"]


@contextlib.contextmanager
def adresses_imposees(adresses: tuple[str, ...] | None) -> Iterator[None]:
    """Dans ce contexte, ICE ne recueille que ces adresses (None : toutes celles de la machine)."""
    jeton = _ADRESSES.set(adresses)
    try:
        yield
    finally:
        _ADRESSES.reset(jeton)


class Empaqueteur(Encoder):
    """Tient la place de l'encodeur d'aiortc : découpe les paquets encodés, transmet le débit permis (REMB)."""

    def __init__(self, piste: PistePrecodee, image: bool, emballage: Emballage | None) -> None:
        self._piste = piste
        self._h264 = H264Encoder() if image else None
        self._emballage = emballage
        self.dernier_pts: int | None = None

    def encode(self, frame: object, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Jamais appelé : nos pistes ne donnent que des paquets."""
        raise TypeError("une piste déjà encodée a donné une image ou un son bruts")

    def pack(self, packet: av.Packet[Any]) -> tuple[list[bytes], int]:
        """Les charges RTP d'un paquet (RFC 6184 ou RFC 7587) et son horodatage."""
        charges, horodatage = (
            ([bytes(packet)], cast(int, packet.pts)) if self._h264 is None else self._h264.pack(packet)
        )
        self.dernier_pts = horodatage
        if self._emballage is not None:
            repetitions = int(getattr(self._piste, "repetitions", 0))
            charges = [self._emballage.emballer(charge, horodatage, repetitions) for charge in charges]
        return charges, horodatage

    @property
    def target_bitrate(self) -> int:
        """Débit permis par le récepteur, en bits par seconde."""
        return int(getattr(self._piste, "debit", 0))

    @target_bitrate.setter
    def target_bitrate(self, debit: int) -> None:
        if hasattr(self._piste, "debit"):
            self._piste.debit = debit


class CarteExtensions(HeaderExtensionsMap):
    """Ajoute à chaque paquet la place de son numéro de transport et, à l'image, le délai d'affichage demandé.

    Le numéro et l'heure d'envoi restent à zéro : `Emission` les pose quand le paquet part.
    """

    def __init__(self, emission: Emission) -> None:
        super().__init__()
        self._emission = emission
        self._delai: int | None = None

    def configure(self, parameters: RTCRtpParameters) -> None:
        """Retient les numéros négociés."""
        super().configure(parameters)
        numeros = {extension.uri: extension.id for extension in parameters.headerExtensions}
        self._delai = numeros.get(DELAI_AFFICHAGE)
        self._emission.negocier(numeros.get(NUMERO_TRANSPORT), numeros.get(HEURE_ABSOLUE))

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        """Les extensions du paquet, sous leur forme RFC 8285."""
        values.transport_sequence_number = 0
        if values.abs_send_time is not None:
            values.abs_send_time = 0
        profil, octets = super().set(values)
        if self._delai is None:
            return profil, octets
        # Deux fois 12 bits, par pas de 10 ms.
        minimum, maximum = (min(delai // 10, 0xFFF) for delai in self._emission.delai_affichage)
        extensions = unpack_header_extensions(profil, octets)
        return pack_header_extensions([*extensions, (self._delai, (minimum << 12 | maximum).to_bytes(3))])


def brancher_emission(emetteurs: Iterable[RTCRtpSender]) -> Emission:
    """Fait passer par une `Emission` tout le RTP de ces émetteurs, qui partagent un seul transport (BUNDLE).

    À appeler avant que les émetteurs ne démarrent. Le RTCP garde le chemin d'aiortc.
    """
    emetteurs = tuple(emetteurs)
    transport = emetteurs[0].transport
    if any(emetteur.transport is not transport for emetteur in emetteurs):
        raise AdaptationImpossible("les émetteurs n'ont plus un seul transport")

    async def envoyer(octets: bytes) -> None:
        await (chiffrer(octets) if is_rtcp(octets) else emission.emettre(octets))

    chiffrer = _poser(transport, "_send_rtp", envoyer)
    emission = Emission(chiffrer)
    for emetteur in emetteurs:
        image = emetteur.kind == "video"
        emission.declarer(_lire(emetteur, "_ssrc"), Nature.IMAGE if image else Nature.SON)
        emission.declarer(_lire(emetteur, "_rtx_ssrc"), Nature.RETRANSMISSION)
        _poser(emetteur, "_RTCRtpSender__rtp_header_extensions_map", CarteExtensions(emission))
    return emission


class ImageEncodee:
    """L'image qu'aiortc encode lui-même (VP8) : son débit se règle sur l'encodeur, quand il existe."""

    def __init__(self, emetteur: RTCRtpSender, piste: Image) -> None:
        self._emetteur = emetteur
        self._piste = piste
        self.adapter = piste.adapter
        self.souffle = piste.souffle

    @property
    def charge(self) -> float:
        """Celle de la piste : aiortc encode dans son propre fil, sans dire en combien de temps."""
        return self._piste.charge

    @property
    def debit(self) -> int:
        """Bits par seconde visés ; 0 tant que l'encodeur n'existe pas."""
        return int(getattr(_lire(self._emetteur, "_RTCRtpSender__encoder"), "target_bitrate", 0))

    @debit.setter
    def debit(self, debit: int) -> None:
        encodeur = _lire(self._emetteur, "_RTCRtpSender__encoder")
        if encodeur is not None:
            encodeur.target_bitrate = debit


def brancher_conduite(emetteur: RTCRtpSender, emission: Emission, image: Image) -> Conduite:
    """La conduite de cet émetteur d'image : reçoit le RTCP avant aiortc. Reste à la faire tourner
    (`Conduite.tourner`)."""
    transport = emetteur.transport

    async def rebourrer(numeros: Sequence[int]) -> None:
        # Sans RTX, aiortc renverrait le paquet lui-même : une image deux fois dans la file.
        if _lire(emetteur, "_RTCRtpSender__rtx_payload_type") is not None:
            for numero in numeros:
                await renvoyer(numero)

    async def recevoir_rtcp(octets: bytes) -> None:
        conduite.recevoir_rtcp(octets)
        await lire_rtcp(octets)

    renvoyer = _lire(emetteur, "_retransmit")
    lire_rtcp = _poser(transport, "_handle_rtcp_data", recevoir_rtcp)
    conduite = Conduite(emission, image, rebourrer=rebourrer)
    return conduite


def _lire(objet: object, nom: str) -> Any:
    if not hasattr(objet, nom):
        raise AdaptationImpossible(f"{type(objet).__name__}.{nom} n'existe plus")
    return getattr(objet, nom)


def adapter_emetteur(emetteur: RTCRtpSender, piste: PistePrecodee, opus_repete: int | None = None) -> None:
    """Branche une piste déjà encodée : demandes d'image clé, débit, horloge de capture.

    `opus_repete` : le numéro RTP d'Opus quand la section émet en `audio/red` (`type_repete`) ; la piste dit alors
    combien de trames répéter (`repetitions`). À appeler avant que l'émetteur ne démarre (avant la réponse SDP).
    """
    emballage = None if opus_repete is None else Emballage(opus_repete)
    empaqueteur = Empaqueteur(piste, emetteur.kind == "video", emballage)
    _poser(emetteur, "_RTCRtpSender__encoder", empaqueteur)
    _poser(emetteur, "_send_keyframe", piste.demander_image_cle)

    async def envoyer_rtcp(paquets: list[AnyRtcpPacket]) -> None:
        for paquet in paquets:
            if isinstance(paquet, RtcpSrPacket) and empaqueteur.dernier_pts is not None:
                _dater_rapport(paquet, piste, empaqueteur.dernier_pts)
        await envoyer(paquets)

    envoyer = _poser(emetteur, "_send_rtcp", envoyer_rtcp)


def adapter_retransmission(emetteur: RTCRtpSender, copies: Callable[[int], int]) -> None:
    """Ne renvoie un paquet demandé qu'autant de fois que `copies(numero)` le dit."""

    async def retransmettre(numero: int) -> None:
        # aiortc laisse dépasser 16 bits les numéros d'un NACK (RFC 4585, 6.2.1) au tour du compteur.
        numero &= 0xFFFF
        for _ in range(copies(numero)):
            await renvoyer(numero)

    renvoyer = _poser(emetteur, "_retransmit", retransmettre)


def isoler_flux(emetteur: RTCRtpSender, nom: str) -> None:
    """Donne à la piste son propre flux (msid, RFC 8830) : le récepteur ne l'accorde alors à aucune autre."""
    _poser(emetteur, "_stream_id", nom)


def _dater_rapport(rapport: RtcpSrPacket, piste: PistePrecodee, pts: int) -> None:
    """Fait correspondre l'heure du rapport à l'horloge de capture (RFC 3550, 6.4.1), et non à celle d'envoi.

    L'heure NTP reste celle d'aiortc (le récepteur la renvoie pour mesurer l'aller-retour) ; c'est l'horodatage
    RTP qui est reporté à cette heure.
    """
    infos = rapport.sender_info
    envoi = clock.datetime_from_ntp(infos.ntp_timestamp).timestamp()
    avance = round((envoi - piste.instant_de(pts)) * piste.frequence)
    infos.rtp_timestamp = (infos.rtp_timestamp + avance) & 0xFFFFFFFF


class TamponImage(JitterBuffer):
    """Rend une image dès son dernier paquet (bit marqueur, RFC 6184 5.1), sans attendre la suivante (33 ms)."""

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        paquets: list[RtpPacket] = []
        for rang in range(self._capacity):
            paquet = self._packets[(cast(int, self._origin) + rang) % self._capacity]
            if paquet is None:
                return None
            complete = bool(paquets) and paquet.timestamp != paquets[0].timestamp
            if not complete:
                paquets.append(paquet)
                complete = bool(paquet.marker)
            if complete:
                self.remove(len(paquets))
                donnees = b"".join(getattr(paquet, "_data") for paquet in paquets)  # noqa: B009
                return JitterFrame(data=donnees, timestamp=paquets[0].timestamp)
        return None


class PassageSon(JitterBuffer):
    """Donne chaque paquet de son, dès son arrivée, à notre propre tampon ; aiortc n'a plus rien à décoder.

    Le sien retient 80 ms, et un seul paquet perdu y coûte 300 ms de silence et 280 ms de retard durable.
    """

    def __init__(self, recepteur: RTCRtpReceiver, sur_paquet: SurPaquet) -> None:
        super().__init__(capacity=16)
        self._recepteur = recepteur
        self._sur_paquet = sur_paquet

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Le paquet passe ; rien n'est rendu."""
        codec = getattr(self._recepteur, "_RTCRtpReceiver__codecs")[packet.payload_type]  # noqa: B009
        self._sur_paquet(codec.mimeType.lower(), packet.timestamp, packet.payload)
        return False, None


def adapter_recepteur_image(recepteur: RTCRtpReceiver) -> None:
    """Remplace le tampon de réception ; à appeler avant que le récepteur ne démarre."""
    _poser(recepteur, "_RTCRtpReceiver__jitter_buffer", TamponImage(capacity=512, is_video=True))


def adapter_recepteur_son(recepteur: RTCRtpReceiver, sur_paquet: SurPaquet) -> None:
    """Détourne le son reçu vers `sur_paquet` ; à appeler avant que le récepteur ne démarre."""
    _poser(recepteur, "_RTCRtpReceiver__jitter_buffer", PassageSon(recepteur, sur_paquet))


async def redemander_image(recepteur: RTCRtpReceiver) -> None:
    """Demande une image clé à qui émet (PLI, RFC 4585, 6.3.1) ; sans effet avant son premier paquet."""
    for ssrc in list(_lire(recepteur, "_RTCRtpReceiver__active_ssrc")):
        await recepteur._send_rtcp_pli(ssrc)


def premier_codec(sdp: str, mid: str) -> str:
    """Le type MIME en minuscules du codec que la réponse préfère pour ce `mid` ; vide s'il n'y en a pas."""
    for media in aiortc.sdp.SessionDescription.parse(sdp).media:
        if media.rtp.muxId == mid and media.rtp.codecs:
            return media.rtp.codecs[0].mimeType.lower()
    return ""


def type_repete(sdp: str, mid: str) -> int | None:
    """Le numéro RTP d'Opus si la réponse met `audio/red` en tête de ce `mid`, sinon None."""
    for media in aiortc.sdp.SessionDescription.parse(sdp).media:
        codecs = media.rtp.codecs
        if media.rtp.muxId == mid and codecs and codecs[0].mimeType.lower() == "audio/red":
            return next((codec.payloadType for codec in codecs if codec.name.lower() == "opus"), None)
    return None
