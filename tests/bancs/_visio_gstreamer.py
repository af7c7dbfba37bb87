"""L'ancre GStreamer du banc de l'appel : webrtcbin et x264, devant la même caméra virtuelle.

Lancé par le Python du système, qui a PyGObject (et pas les dépendances de la borne) :
`/usr/bin/python3 tests/bancs/_visio_gstreamer.py DEBIT_MAX ANNEAU ANNONCES LARGEUR HAUTEUR`. Commandes comme
`_visio_borne`. Statut 3 quand GStreamer ou un de ses greffons manque.

webrtcbin 1.22 ne sait pas écrire l'extension playout-delay : les paquets RTP passent par ce script, qui ajoute ses
quatre octets (RFC 8285, section 4.2). Sans elle Chromium ajoute son propre délai et l'ancre serait trop facile.
"""

import json
import mmap
import socket
import struct
import sys
import threading
from typing import Any

MANQUE = 3
try:
    import gi  # type: ignore[import-not-found]

    gi.require_version("Gst", "1.0")
    gi.require_version("GstSdp", "1.0")
    gi.require_version("GstWebRTC", "1.0")
    from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # type: ignore[import-not-found]
except (ImportError, ValueError) as erreur:
    print(f"GStreamer manque : {erreur}", file=sys.stderr)
    raise SystemExit(MANQUE) from erreur

ANNONCE = struct.Struct("<IId")
DELAI_AFFICHAGE = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
EXTENSION = bytes([0xBE, 0xDE, 0, 1, (4 << 4) | 2, 0, 0, 0])
"""Une extension d'un mot : numéro 4, trois octets, délais minimal et maximal nuls."""
CHAINE = (
    "appsrc name=camera is-live=true do-timestamp=true format=time leaky-type=downstream max-buffers=1 "
    "caps=video/x-raw,format=I420,width={largeur},height={hauteur},framerate=30/1 "
    "! x264enc tune=zerolatency speed-preset=superfast vbv-buf-capacity=125 key-int-max=3000 bitrate={kbits} "
    "! video/x-h264,profile=constrained-baseline "
    "! rtph264pay mtu=1192 config-interval=-1 aggregate-mode=zero-latency pt=96 "
    "! appsink name=paquets sync=false max-buffers=2000 emit-signals=true buffer-list=true "
    "appsrc name=reseau is-live=true format=time max-bytes=0 "
    'caps="application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1,'
    'profile-level-id=(string)42c028,extmap-4=(string){extension}" '
    "! webrtcbin name=appel latency=0 bundle-policy=max-bundle"
)


class Emetteur:
    """La chaîne et ses commandes."""

    def __init__(self, debit: int, anneau: str, annonces: str, largeur: int, hauteur: int) -> None:
        Gst.init(None)
        with open(anneau, "rb") as fichier:
            self._memoire = mmap.mmap(fichier.fileno(), 0, access=mmap.ACCESS_READ)
        self._taille = largeur * hauteur * 3 // 2
        self._prise = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._prise.bind(annonces)
        reglages = {"largeur": largeur, "hauteur": hauteur, "kbits": debit // 1000, "extension": DELAI_AFFICHAGE}
        self._chaine = Gst.parse_launch(CHAINE.format(**reglages))
        self._camera, self._reseau, self._appel = (
            self._chaine.get_by_name(nom) for nom in ("camera", "reseau", "appel")
        )
        self._puits = self._chaine.get_by_name("paquets")
        self._puits.connect("new-sample", self._relayer)
        self._reseau.get_static_pad("src").add_probe(Gst.PadProbeType.EVENT_UPSTREAM, self._remonter)
        # Sinon libnice écarte la boucle locale et attache ses sockets à une autre carte : le relais est injoignable.
        # L'objet est gardé : webrtcbin ne le tient plus si Python le rend.
        self._glace = self._appel.get_property("ice-agent")
        self._glace.emit("add-local-ip-address", "127.0.0.1")
        self._appel.connect("on-ice-candidate", self._candidat)
        self._appel.connect("notify::ice-gathering-state", self._recueil)
        self._appel.emit("get-transceiver", 0).set_property("do-nack", True)
        self._appel.emit("get-transceiver", 0).set_property(
            "direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY
        )
        self._candidats: list[str] = []
        self._recueillis = threading.Event()

    def offre(self) -> str:
        """L'offre, candidats compris."""
        self._chaine.set_state(Gst.State.PLAYING)
        threading.Thread(target=self._filmer, daemon=True).start()
        promesse = Gst.Promise.new()
        # webrtcbin ne connaît les codecs qu'une fois le premier paquet passé : la chaîne doit tourner.
        self._chaine.get_state(5 * Gst.SECOND)
        self._appel.emit("create-offer", None, promesse)
        promesse.wait()
        # La réponse possède l'offre : elle doit vivre jusqu'à la fin.
        rendu = promesse.get_reply()
        offre = rendu.get_value("offer")
        pose = Gst.Promise.new()
        self._appel.emit("set-local-description", offre, pose)
        pose.wait()
        self._recueillis.wait(10)
        lignes = offre.sdp.as_text().rstrip("\r\n").split("\r\n")
        return "\r\n".join([*lignes, *(f"a={candidat}" for candidat in self._candidats), "a=end-of-candidates", ""])

    def repondre(self, texte: str) -> None:
        """Applique la réponse et ses candidats."""
        _, message = GstSdp.SDPMessage.new_from_text(texte)
        reponse = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        promesse = Gst.Promise.new()
        self._appel.emit("set-remote-description", reponse, promesse)
        promesse.wait()
        for ligne in texte.splitlines():
            if ligne.startswith("a=candidate:"):
                self._appel.emit("add-ice-candidate", 0, ligne[2:])

    def fermer(self) -> None:
        """Arrête la chaîne."""
        self._chaine.set_state(Gst.State.NULL)

    def _filmer(self) -> None:
        while True:
            _, case, _ = ANNONCE.unpack(self._prise.recv(64))
            debut = case * self._taille
            image = Gst.Buffer.new_wrapped(self._memoire[debut : debut + self._taille])
            self._camera.emit("push-buffer", image)

    def _relayer(self, puits: Any) -> Any:
        echantillon = puits.emit("pull-sample")
        liste, seul = echantillon.get_buffer_list(), echantillon.get_buffer()
        segment = echantillon.get_segment()
        paquets = [seul] if liste is None else [liste.get(rang) for rang in range(liste.length())]
        for paquet in paquets:
            octets = paquet.extract_dup(0, paquet.get_size())
            suivant = Gst.Buffer.new_wrapped(bytes([octets[0] | 0x10]) + octets[1:12] + EXTENSION + octets[12:])
            # x264enc décale son temps de mille heures : le segment, que la seconde moitié ne voit pas, le dit.
            suivant.pts = segment.to_running_time(Gst.Format.TIME, paquet.pts)
            self._reseau.emit("push-buffer", suivant)
        return Gst.FlowReturn.OK

    def _remonter(self, _pastille: Any, sonde: Any) -> Any:
        """Les demandes d'image clé du médecin, que la coupure entre les deux appsrc arrêterait."""
        evenement = sonde.get_event()
        if evenement.has_name("GstForceKeyUnit"):
            self._puits.get_static_pad("sink").push_event(evenement)
        return Gst.PadProbeReturn.OK

    def _candidat(self, _appel: Any, _ligne: int, candidat: str) -> None:
        self._candidats.append(candidat)

    def _recueil(self, appel: Any, _propriete: Any) -> None:
        if appel.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self._recueillis.set()


def principal(debit: str, anneau: str, annonces: str, largeur: str, hauteur: str) -> None:
    """Obéit jusqu'à la fermeture de l'entrée."""
    emetteur = Emetteur(int(debit), anneau, annonces, int(largeur), int(hauteur))
    boucle = GLib.MainLoop()
    threading.Thread(target=boucle.run, daemon=True).start()
    for ligne in sys.stdin:
        commande = json.loads(ligne)
        reponse = {"commande": commande["commande"]}
        if commande["ordre"] == "offre":
            reponse["sdp"] = emetteur.offre()
        elif commande["ordre"] == "repondre":
            emetteur.repondre(commande["sdp"])
        print(json.dumps(reponse), flush=True)
    emetteur.fermer()
    boucle.quit()


if __name__ == "__main__":
    principal(*sys.argv[1:])
