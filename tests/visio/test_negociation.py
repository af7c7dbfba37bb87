"""FlexFEC dans le SDP : offert à la seule section de la caméra, sur une charge libre ; trouvé dans la réponse."""

from __future__ import annotations

from aiortc.sdp import SessionDescription

from borne.visio import negociation
from tests.visio.outils import Camera, seance

OFFRE = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 127 96\r\na=mid:1\r\na=ssrc:5 cname:x\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 101 102\r\na=mid:3\r\na=ssrc-group:FID 11 12\r\na=ssrc:11 cname:moi\r\n"
    "a=ssrc:12 cname:moi\r\na=rtpmap:101 H264/90000\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:4\r\n"
)


def test_offre() -> None:
    sections = negociation.offrir(OFFRE, "3", 99).split("m=")
    assert "flexfec" not in sections[1] + sections[3]
    lignes = sections[2].split("\r\n")
    # 127 est prise par le son.
    assert lignes[0] == "video 9 UDP/TLS/RTP/SAVPF 101 102 126"
    for ligne in (
        "a=rtpmap:126 flexfec-03/90000",
        "a=fmtp:126 repair-window=10000000",
        "a=ssrc-group:FEC-FR 11 99",
        "a=ssrc:99 cname:moi",
    ):
        assert ligne in lignes


def test_section_absente_ou_sans_source() -> None:
    assert negociation.offrir(OFFRE, "7", 99) == OFFRE
    assert negociation.offrir(OFFRE, "4", 99) == OFFRE


async def test_offre_de_la_seance_lisible() -> None:
    appel = seance(Camera(64, 64), None, None)
    analysee = SessionDescription.parse(await appel.seance.offre())
    await appel.seance.fermer()
    groupes = [{groupe.semantic: groupe.items for groupe in media.ssrc_group} for media in analysee.media]
    assert [set(groupe) for groupe in groupes] == [{"FID"}, set(), set(), {"FID", "FEC-FR"}, set()]
    assert groupes[3]["FEC-FR"][0] == groupes[3]["FID"][0]
    assert {source.ssrc for source in analysee.media[3].ssrc} == {*groupes[3]["FID"], *groupes[3]["FEC-FR"]}


def test_reponse() -> None:
    reponse = OFFRE.replace("a=rtpmap:101", "a=rtpmap:118 flexfec-03/90000\r\na=rtpmap:101")
    assert negociation.acceptee(reponse, "3") == 118
    assert negociation.acceptee(reponse, "1") is None
    assert negociation.acceptee(OFFRE, "3") is None
    assert negociation.acceptee("", "3") is None
    assert negociation.acceptee(reponse.replace("118", "999"), "3") is None
    # Les fins de ligne des autres : RFC 8866, section 5.
    assert negociation.acceptee(reponse.replace("\r\n", "\n"), "3") == 118


def test_une_section_sans_retour_perd_ses_numeros_de_transport_et_rien_d_autre() -> None:
    """Le médecin règle alors son image par REMB ; la caméra de la borne garde les siens."""
    numeros = "a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    retours = "a=rtcp-fb:97 goog-remb\r\na=rtcp-fb:97 transport-cc\r\n"
    debut = "v=0\r\n"
    medecin, camera = (f"m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:{mid}\r\n{numeros}{retours}" for mid in "03")
    attendu = "m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:0\r\na=rtcp-fb:97 goog-remb\r\n"
    assert negociation.sans_retour(debut + medecin + camera, ("0", "1")) == debut + attendu + camera
