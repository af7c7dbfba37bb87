"""Contrats sur les noms privés d'aiortc et d'aioice : une mise à jour qui les change échoue ici, pas en mairie."""

from __future__ import annotations

import asyncio
import inspect
import time

import aiortc.codecs
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import pytest
from aioice import ice
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, clock
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpSenderInfo,
    RtcpSrPacket,
    RtpPacket,
    unpack_header_extensions,
)

from borne.visio import adaptation_aiortc as adaptation
from borne.visio.echelle import Etat
from borne.visio.emission import Emission
from borne.visio.retour_transport import Retour
from borne.visio.souffle import Souffle
from tests.visio.outils import CONFIGURATION
from tests.visio.retours import ecrire_retour


class Piste:
    """Une piste d'image captée il y a 80 ms."""

    frequence = 90_000
    debit = 1_000_000
    charge = 0.0
    souffle = Souffle()

    def __init__(self) -> None:
        self.cles = 0
        self.capture = time.time() - 0.08

    def demander_image_cle(self) -> None:
        self.cles += 1

    def adapter(self, etat: Etat) -> None:
        self.etat = etat

    def instant_de(self, pts: int) -> float:
        return self.capture + pts / self.frequence


@pytest.fixture
async def video():
    pair = RTCPeerConnection(CONFIGURATION)
    yield pair.addTransceiver("video")
    await pair.close()


async def test_noms_de_l_emetteur(video) -> None:
    emetteur = video.sender
    for nom in ("_RTCRtpSender__encoder", "_RTCRtpSender__rtp_header_extensions_map", "_stream_id"):
        assert nom in vars(emetteur)
    source = inspect.getsource(RTCRtpSender)
    assert "if self.__encoder is None:" in source
    assert "self.__encoder.pack(data)" in source
    assert "self.__encoder.target_bitrate = bitrate" in source
    assert "self._send_keyframe()" in source
    assert "self.__rtp_header_extensions_map.configure(parameters)" in source
    assert "await self._send_rtcp(packets)" in source
    assert not inspect.iscoroutinefunction(RTCRtpSender._send_keyframe)
    assert inspect.iscoroutinefunction(RTCRtpSender._send_rtcp)


async def test_noms_du_recepteur(video) -> None:
    assert isinstance(vars(video.receiver)["_RTCRtpReceiver__jitter_buffer"], JitterBuffer)
    assert "self.__jitter_buffer.add(packet)" in inspect.getsource(RTCRtpReceiver)
    assert {"_origin", "_packets", "_capacity"} <= set(vars(JitterBuffer(capacity=16)))
    assert "self._remove_frame(packet.sequence_number)" in inspect.getsource(JitterBuffer.add)


def test_noms_des_modules() -> None:
    adaptation.installer()
    adaptation.installer()
    for codeur in (aiortc.codecs.h264, aiortc.codecs.vpx):
        assert codeur.PACKET_MAX == adaptation.CHARGE_MAX
        assert "PACKET_MAX - " in inspect.getsource(codeur)
    assert aiortc.rtcrtpsender.RTP_HISTORY_SIZE == adaptation.HISTORIQUE_RTX
    source = inspect.getsource(RTCRtpSender)
    assert "sequence_number % RTP_HISTORY_SIZE" in source
    assert ice.get_host_addresses is adaptation._adresses_hote
    assert "get_host_addresses(" in inspect.getsource(ice.Connection.gather_candidates)
    uris = [extension.uri for extension in aiortc.codecs.HEADER_EXTENSIONS["video"]]
    assert uris.count(adaptation.DELAI_AFFICHAGE) == 1
    for nature in ("audio", "video"):
        uris = [extension.uri for extension in aiortc.codecs.HEADER_EXTENSIONS[nature]]
        assert uris.count(adaptation.NUMERO_TRANSPORT) == 1
        for codec in aiortc.codecs.CODECS[nature]:
            assert codec.rtcpFeedback.count(adaptation.RETOUR_TRANSPORT) == (codec.name in ("H264", "VP8", "opus"))
    numeros = [e.id for nature in ("audio", "video") for e in aiortc.codecs.HEADER_EXTENSIONS[nature]]
    assert numeros.count(adaptation.ID_DELAI_AFFICHAGE) == 1


def test_un_nom_disparu_est_dit() -> None:
    with pytest.raises(adaptation.AdaptationImpossible, match="_disparu"):
        adaptation._poser(object(), "_disparu", None)


async def test_image_cle_et_debit_relayes(video) -> None:
    piste = Piste()
    adaptation.adapter_emetteur(video.sender, piste)
    video.sender._send_keyframe()
    assert piste.cles == 1
    vars(video.sender)["_RTCRtpSender__encoder"].target_bitrate = 777_000
    assert piste.debit == 777_000


async def test_rapport_a_l_heure_de_capture(video) -> None:
    piste = Piste()
    envoyes: list[RtcpSrPacket] = []

    async def noter(paquets: list[RtcpSrPacket]) -> None:
        envoyes.extend(paquets)

    video.sender._send_rtcp = noter
    adaptation.adapter_emetteur(video.sender, piste)
    vars(video.sender)["_RTCRtpSender__encoder"].dernier_pts = 0
    envoi = clock.current_ntp_time()
    infos = RtcpSenderInfo(ntp_timestamp=envoi, rtp_timestamp=5_000, packet_count=1, octet_count=1)
    await video.sender._send_rtcp([RtcpSrPacket(ssrc=1, sender_info=infos)])
    # L'image d'horodatage 5000 a été captée 80 ms avant l'heure du rapport.
    age = clock.datetime_from_ntp(envoi).timestamp() - piste.capture
    assert envoyes[0].sender_info.rtp_timestamp == pytest.approx(5_000 + age * 90_000, abs=2)
    assert envoyes[0].sender_info.ntp_timestamp == envoi


def test_extensions_de_l_image() -> None:
    emission = Emission(_refuser)
    carte = adaptation.CarteExtensions(emission)
    assert carte.set(HeaderExtensions(mid="0"))[1] == b""
    assert not emission.numerote
    extensions = [
        RTCRtpHeaderExtensionParameters(id=7, uri=adaptation.DELAI_AFFICHAGE),
        RTCRtpHeaderExtensionParameters(id=5, uri=adaptation.NUMERO_TRANSPORT),
    ]
    carte.configure(RTCRtpParameters(headerExtensions=extensions))
    assert emission.numerote
    assert unpack_header_extensions(*carte.set(HeaderExtensions(mid="0"))) == [(5, bytes(2)), (7, bytes(3))]
    emission.delai_affichage = (80, 400)
    assert unpack_header_extensions(*carte.set(HeaderExtensions()))[1] == (7, (8 << 12 | 40).to_bytes(3))


async def test_tout_le_rtp_passe_par_l_emission(video) -> None:
    transport = video.sender.transport
    assert "await self.transport._send_rtp(packet_bytes)" in inspect.getsource(RTCRtpSender)
    assert "await self.transport._send_rtp(payload)" in inspect.getsource(RTCRtpSender._send_rtcp)
    assert inspect.iscoroutinefunction(type(transport)._send_rtp)
    partis: list[bytes] = []

    async def chiffrer(octets: bytes) -> None:
        partis.append(octets)

    transport._send_rtp = chiffrer
    emission = adaptation.brancher_emission([video.sender])
    paquet = RtpPacket(payload_type=99, ssrc=video.sender._ssrc, payload=b"image", marker=1).serialize()
    rtcp = bytes(RtcpSrPacket(ssrc=1, sender_info=RtcpSenderInfo(0, 0, 0, 0)))
    emission.reparer = lambda image: [bytes(reversed(image[0]))]
    await transport._send_rtp(paquet)
    await transport._send_rtp(rtcp)
    await asyncio.sleep(0.05)
    assert partis == [paquet, rtcp, bytes(reversed(paquet))]
    emission.fermer()


async def test_retours_et_renvois_passent_par_la_conduite(video) -> None:
    emetteur, transport = video.sender, video.sender.transport
    assert inspect.signature(type(transport)._handle_rtcp_data).parameters.keys() == {"self", "data"}
    source = inspect.getsource(type(transport)._recv_next)
    assert "await self._handle_rtcp_data(data)" in source
    assert "await self._retransmit(seq)" in inspect.getsource(RTCRtpSender)
    assert {"_ssrc", "_rtx_ssrc", "_RTCRtpSender__rtx_payload_type"} <= set(vars(emetteur))
    renvoyes: list[int] = []

    async def renvoyer(numero: int) -> None:
        renvoyes.append(numero)

    async def chiffrer(octets: bytes) -> None:
        assert octets

    emetteur._retransmit = renvoyer
    transport._send_rtp = chiffrer
    emission = adaptation.brancher_emission([emetteur])
    conduite = adaptation.brancher_conduite(emetteur, emission, Piste())
    copies = {7: 2, 8: 0, 3: 1}
    adaptation.adapter_retransmission(emetteur, lambda numero: copies[numero])
    for numero in (7, 8, 65_536 + 3):
        await emetteur._retransmit(numero)
    assert renvoyes == [7, 7, 3]
    emission.negocier(5, None)
    await emission.emettre(_numerote(emetteur._ssrc))
    assert conduite.regulation.pertes == 0
    await transport._handle_rtcp_data(ecrire_retour(Retour(1, emetteur._ssrc, 0, 0, (4000,))))
    emission.fermer()


def test_debit_de_l_image_en_vp8(video) -> None:
    image = adaptation.ImageEncodee(video.sender, Piste())
    image.debit = 800_000
    assert image.debit == 0
    vars(video.sender)["_RTCRtpSender__encoder"] = Vp8Encoder()
    image.debit = 800_000
    assert image.debit == 800_000


def _numerote(ssrc: int) -> bytes:
    paquet = RtpPacket(payload_type=99, ssrc=ssrc, payload=b"image", marker=1)
    paquet.extensions = HeaderExtensions(transport_sequence_number=0)
    carte = HeaderExtensionsMap()
    carte.configure(
        RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=5, uri=adaptation.NUMERO_TRANSPORT)])
    )
    return paquet.serialize(carte)


async def _refuser(octets: bytes) -> None:
    raise AssertionError(octets)


def _paquet(numero: int, horodatage: int, dernier: bool, donnees: bytes) -> RtpPacket:
    paquet = RtpPacket(sequence_number=numero, timestamp=horodatage, marker=int(dernier))
    paquet._data = donnees
    return paquet


def test_tampon_image_rend_sans_attendre_la_suivante() -> None:
    tampon = adaptation.TamponImage(capacity=512, is_video=True)
    assert tampon.add(_paquet(65535, 10, False, b"a")) == (False, None)
    rendue = tampon.add(_paquet(0, 10, True, b"b"))[1]
    assert rendue is not None
    assert (rendue.data, rendue.timestamp) == (b"ab", 10)
    # Un trou retient la suite ; le paquet renvoyé la libère, dans l'ordre.
    assert tampon.add(_paquet(2, 20, True, b"d")) == (False, None)
    rendue = tampon.add(_paquet(1, 20, False, b"c"))[1]
    assert rendue is not None
    assert rendue.data == b"cd"


def test_tampon_image_sans_marqueur() -> None:
    tampon = adaptation.TamponImage(capacity=512, is_video=True)
    tampon.add(_paquet(1, 10, False, b"a"))
    rendue = tampon.add(_paquet(2, 20, False, b"b"))[1]
    assert rendue is not None
    assert rendue.data == b"a"


async def test_le_son_passe_sans_attendre_avec_son_codec() -> None:
    pair = RTCPeerConnection(CONFIGURATION)
    recepteur = pair.addTransceiver("audio").receiver
    recus: list[tuple[str, int, bytes]] = []
    adaptation.adapter_recepteur_son(recepteur, lambda *paquet: recus.append(paquet))
    codecs = vars(recepteur)["_RTCRtpReceiver__codecs"]
    codecs[96] = RTCRtpCodecParameters(mimeType="audio/Opus", clockRate=48000, channels=2, payloadType=96)
    await recepteur._handle_rtp_packet(RtpPacket(payload_type=96, timestamp=960, payload=b"son"), 0)
    await pair.close()
    assert recus == [("audio/opus", 960, b"son")]


async def test_redondance_negociee_par_nos_seances_seulement() -> None:
    adaptation.installer()
    borne, medecin = RTCPeerConnection(CONFIGURATION), RTCPeerConnection(CONFIGURATION)
    section = borne.addTransceiver("audio")
    section.setCodecPreferences([c for c in RTCRtpSender.getCapabilities("audio").codecs if c.name == "opus"])
    adaptation.preferer_redondance(section)
    with adaptation.redondance_offerte():
        await borne.setLocalDescription(await borne.createOffer())
    offre = borne.localDescription.sdp
    assert f"m=audio {offre.split('m=audio ')[1].split()[0]} UDP/TLS/RTP/SAVPF 120 96" in offre
    assert "a=fmtp:120 96/96" in offre
    assert "useinbandfec=1" in offre
    assert adaptation.type_repete(offre, "0") == 96
    # Un pair ordinaire du même processus ne la connaît pas : il prend Opus seul.
    await medecin.setRemoteDescription(borne.localDescription)
    await medecin.setLocalDescription(await medecin.createAnswer())
    reponse = medecin.localDescription.sdp
    assert "red" not in reponse
    assert adaptation.type_repete(reponse, "0") is None
    with adaptation.redondance_offerte():
        await borne.setRemoteDescription(medecin.localDescription)
    await borne.close()
    await medecin.close()


async def test_noms_de_la_redondance() -> None:
    pair = RTCPeerConnection(CONFIGURATION)
    assert "_preferred_codecs" in vars(pair.addTransceiver("audio"))
    await pair.close()
    source = inspect.getsource(aiortc.rtcpeerconnection)
    assert source.count("CODECS[transceiver.kind]") + source.count("CODECS[media.kind]") == 2
    assert "codec.parameters == pref.parameters" in source
    assert "run_rtp(parameters.codecs[0])" in inspect.getsource(RTCRtpSender)


def test_adresses_imposees_ou_boucle_locale(monkeypatch) -> None:
    adaptation.installer()
    with adaptation.adresses_imposees(("127.0.0.1",)):
        assert ice.get_host_addresses(True, True) == ["127.0.0.1"]
    monkeypatch.setattr(adaptation, "_adresses_aioice", lambda ipv4, ipv6: [])
    assert ice.get_host_addresses(True, True) == ["127.0.0.1"]
    monkeypatch.setattr(adaptation, "_adresses_aioice", lambda ipv4, ipv6: ["192.0.2.1"])
    assert ice.get_host_addresses(True, True) == ["192.0.2.1"]
