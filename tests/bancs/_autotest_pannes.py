"""Les pannes de l'autotest : où chacune se plante, et le nom que la borne doit lui donner.

Celles de domaines différents se plantent ensemble ; chacune doit être nommée, et elle seule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from borne.demonstration.son import HAUT_PARLEUR, MICRO, STETHOSCOPE
from tests.bancs import _autotest_gestes as g
from tests.bancs._autotest_monde import STATUT_APT


@dataclass(frozen=True, slots=True)
class Panne:
    """Une panne. `domaine` : mots ; deux pannes qui en partagent un se gêneraient. `controle`, `code` : ce qui doit
    la nommer. `plante` : voir `_autotest_gestes`. `exige` : vide, ou `montage` (il faut pouvoir monter un disque).
    """

    nom: str
    domaine: str
    controle: str
    code: str
    plante: g.Plantee
    exige: str = ""


def _dans(domaine: str, controle: str, exige: str = "") -> Callable[..., list[Panne]]:
    """Des pannes `(nom, code, geste)` du même domaine, que nomme le même contrôle."""
    return lambda *pannes: [Panne(nom, domaine, controle, code, geste, exige) for nom, code, geste in pannes]


MAJ: Final = STATUT_APT.format(version="1.0")
DEBRANCHER: Final = {"ordre": "debrancher"}
BRANCHER: Final = {"ordre": "brancher"}
WIFI: Final = "Inter-|\n face |\n wlan0: 0000   30.  -82.  -256        0      0      0      0      0        0\n"
SANS_TACTILE: Final = 'N: Name="Clavier"\nH: Handlers=kbd event0\nB: PROP=0\nB: EV=120013\n'
IDENTITE_FAUSSE: Final = msgspec.json.encode({"borne": "x", "lieu": "y", "cle_privee": "z"})

PANNES: Final = (
    *_dans("radio", "tensiometre")(
        (
            "brassard éteint",
            "appareil-absent",
            g.brassard({"ordre": "comportement", "valeur": "absent"}, {"ordre": "comportement", "valeur": "normal"}),
        ),
        (
            "piles du brassard à 8 %",
            "batterie-vide",
            g.brassard({"ordre": "batterie", "valeur": 8}, {"ordre": "batterie", "valeur": 87}),
        ),
        (
            "piles du brassard à 20 %",
            "batterie-basse",
            g.brassard({"ordre": "batterie", "valeur": 20}, {"ordre": "batterie", "valeur": 87}),
        ),
        (
            "brassard un jour en retard",
            "appareil-pas-a-l-heure",
            g.brassard({"ordre": "horloge", "ecart_s": -86400}, {"ordre": "horloge", "ecart_s": 0}),
        ),
        ("brassard appairé ailleurs", "appairage-perdu", g.appaire_ailleurs()),
    ),
    *_dans("radio", "bluetooth")(
        ("clé Bluetooth arrachée", "bluetooth-absent", g.brassard({"ordre": "retirer"}, {"ordre": "remettre"})),
    ),
    *_dans("oxymetre", "oxymetre")(
        ("câble de l'oxymètre débranché", "appareil-debranche", g.a_fil("usb-oxymetre", DEBRANCHER, BRANCHER)),
        ("oxymètre éteint", "appareil-absent", g.a_fil("usb-oxymetre", g.conduite("eteint"), g.conduite("normal"))),
    ),
    *_dans("badge", "accessoire:badge")(
        ("lecteur de badge débranché", "appareil-debranche", g.a_fil("usb-badge", DEBRANCHER, BRANCHER)),
    ),
    *_dans("tickets", "imprimante-tickets")(
        ("imprimante à tickets débranchée", "tickets-absente", g.a_fil("usb-tickets", DEBRANCHER, BRANCHER)),
        ("rouleau fini", "tickets-papier", g.a_fil("usb-tickets", g.lignes(0), g.lignes(1000))),
        ("capot des tickets ouvert", "tickets-en-panne", g.a_fil("usb-tickets", g.capot(True), g.capot(False))),
    ),
    *_dans("camera", "camera")(
        ("caméra débranchée", "camera-absente", g.debranchee("camera")),
        ("caméra bloquée", "camera-muette", g.endormie("camera")),
        ("cache sur l'objectif", "image-noire", g.defaut("camera", "noire")),
        ("image figée", "image-figee", g.defaut("camera", "figee")),
        ("objectif déréglé", "image-floue", g.defaut("camera", "floue")),
        ("exposition au plus court", "image-sombre", g.defaut("camera", "sombre")),
        ("exposition au plus long", "image-claire", g.defaut("camera", "claire")),
        ("neige", "image-bruitee", g.defaut("camera", "neige")),
        ("papier collé sur l'objectif", "image-vide", g.defaut("camera", "vide")),
        ("caméra en noir et blanc", "couleurs-perdues", g.defaut("camera", "gris")),
        ("couleurs vertes", "couleurs-fausses", g.defaut("camera", "vert")),
        ("définition de dépannage", "definition-basse", g.taille("camera", largeur=640, hauteur=360)),
        ("cadence de dépannage", "cadence-basse", g.taille("camera", images_s=8)),
    ),
    *_dans("camera", "lumiere")(
        ("lumière éteinte", "piece-sombre", g.defaut("camera", "piece-sombre")),
        ("fenêtre derrière le patient", "contre-jour", g.defaut("camera", "contre-jour")),
        ("tube fatigué", "lumiere-clignote", g.defaut("camera", "clignote")),
    ),
    *_dans("examen", "otoscope")(
        ("lampe de l'otoscope grillée", "image-noire", g.defaut("camera_examen", "noire")),
        ("otoscope figé", "image-figee", g.defaut("camera_examen", "figee")),
        ("otoscope débranché", "camera-absente", g.debranchee("camera_examen")),
        ("lentille de l'otoscope embuée", "image-floue", g.defaut("camera_examen", "floue")),
    ),
    *_dans("document", "camera-document")(
        ("caméra de documents floue", "image-floue", g.defaut("camera_document", "floue")),
        ("lampe de documents trop forte", "image-claire", g.defaut("camera_document", "claire")),
        ("caméra de documents muette", "camera-muette", g.endormie("camera_document")),
    ),
    *_dans("son", "microphone")(
        ("micro débranché", "micro-absent", g.son_retire(MICRO)),
        ("micro muet", "micro-muet", g.piece(micro={"muet": True})),
        ("micro en sourdine", "micro-muet", g.coupe("source", MICRO)),
        ("volume du micro à 10 %", "micro-faible", g.volume("source", MICRO, "10%")),
        ("micro saturé", "micro-sature", g.piece(micro={"souffle": 40000.0})),
        ("ronflement du courant", "micro-ronfle", g.piece(micro={"ronflement": 500.0})),
        ("travaux à côté", "piece-bruyante", g.piece(micro={"souffle": 2500.0})),
        ("serveur de son mort", "serveur-son-arrete", g.serveur_mort()),
    ),
    *_dans("son", "haut-parleur")(
        ("haut-parleur débranché", "haut-parleur-absent", g.son_retire(HAUT_PARLEUR)),
        ("haut-parleur en sourdine", "haut-parleur-muet", g.coupe("sink", HAUT_PARLEUR)),
        ("ampli éteint", "haut-parleur-muet", g.piece(micro={"gain": 0.0}, stethoscope={"gain": 0.0})),
        ("haut-parleur couvert", "aigus-perdus", g.piece(micro={"coupe_haut": 900.0})),
        ("haut-parleur sans graves", "graves-perdus", g.piece(micro={"coupe_bas": 700.0})),
        ("membrane déchirée", "haut-parleur-gresille", g.piece(micro={"sature": 3500.0})),
        ("volume du système à 15 %", "haut-parleur-faible", g.volume("sink", HAUT_PARLEUR, "15%")),
        ("volume presque nul", "haut-parleur-faible", g.piece(micro={"gain": 0.004, "souffle": 3.0})),
        ("micro réglé trop fort", "micro-sature", g.piece(micro={"gain": 8.0})),
        ("son haché", "son-hache", g.piece(micro={"trous": True})),
    ),
    *_dans("son", "stethoscope")(
        ("stéthoscope débranché", "stethoscope-absent", g.son_retire(STETHOSCOPE)),
        ("réduction de bruit sur le stéthoscope", "stethoscope-traite", g.traitement(STETHOSCOPE)),
        ("stéthoscope sans pile", "stethoscope-muet", g.piece(stethoscope={"muet": True})),
        ("stéthoscope hors de son support", "stethoscope-muet", g.piece(stethoscope={"gain": 0.0})),
        ("stéthoscope filtré", "stethoscope-graves-perdus", g.piece(stethoscope={"coupe_bas": 150.0})),
        ("stéthoscope en mode cloche", "stethoscope-aigus-perdus", g.piece(stethoscope={"coupe_haut": 300.0})),
        ("masse du stéthoscope coupée", "stethoscope-ronfle", g.piece(stethoscope={"ronflement": 900.0})),
        ("stéthoscope trop fort", "stethoscope-sature", g.piece(stethoscope={"gain": 6.0})),
        ("câble du stéthoscope abîmé", "stethoscope-souffle", g.piece(stethoscope={"souffle": 1500.0})),
    ),
    *_dans("imprimante", "imprimante")(
        ("imprimante éteinte", "imprimante-absente", g.imprimante_eteinte()),
        ("bac vide", "papier-manquant", g.bac_vide()),
        (
            "travail abandonné",
            "impression-echouee",
            g.entre(lambda m: m.imprimante.faire_echouer(True), lambda m: m.imprimante.faire_echouer(False)),
        ),
    ),
    *_dans("imprimante document", "page-relue")(
        (
            "page oubliée dans le bac",
            "page-illisible",
            g.entre(lambda m: m.retenir_les_pages(True), lambda m: m.retenir_les_pages(False)),
        ),
    ),
    *_dans("imprimante", "imprimante")(
        ("bourrage", "papier-coince", g.raison("media-jam-error")),
        ("capot ouvert", "capot-ouvert", g.raison("cover-open-error")),
        ("cartouche vide", "encre-vide", g.raison("toner-empty-error")),
        ("cartouche presque vide", "encre-basse", g.raison("toner-low-warning")),
    ),
    *_dans("reseau", "reseau")(
        ("câble réseau débranché", "cable-debranche", g.fichier("sys/class/net/eth0/operstate", "down\n")),
        ("pas d'adresse", "sans-route", g.fichier("proc/net/route", "Iface\tDestination\n")),
        ("Wi-Fi au bout du bâtiment", "wifi-faible", g.fichier("proc/net/wireless", WIFI)),
    ),
    *_dans("reseau", "salle")(
        ("salle arrêtée", "salle-injoignable", g.ferme("frontal")),
        ("salle muette", "salle-injoignable", g.frontal(muet=True)),
        ("salle en panne derrière son frontal", "salle-en-erreur", g.frontal(statut="503 Service Unavailable")),
        ("nom de la salle inconnu", "nom-introuvable", g.reglage(salle="https://salle.invalid")),
        ("salle sans chiffrement", "salle-non-chiffree", g.reglage(salle="http://192.0.2.1:8443")),
        ("salle qui ne parle pas TLS", "salle-sans-chiffrement", g.salle_en_clair()),
        ("certificat périmé", "certificat-expire", g.certificat(debut_j=-90, fin_j=-1)),
        ("certificat d'un autre nom", "certificat-autre-nom", g.certificat(hote="ailleurs.example")),
        ("certificat d'une autre autorité", "certificat-inconnu", g.certificat(autre_autorite=True)),
        ("certificat qui finit", "certificat-bientot-expire", g.certificat(fin_j=5)),
    ),
    *_dans("reseau cles", "salle")(
        ("borne inconnue de la salle", "borne-refusee", g.identite(g.autre_identite)),
    ),
    *_dans("reseau", "salle")(
        ("liaison par satellite", "salle-lente", g.frontal(retard_s=0.35)),
    ),
    *_dans("reseau temps", "horloge")(
        ("horloge à dix minutes", "horloge-decalee", g.frontal(date_s=600)),
    ),
    *_dans("reseau", "turn")(
        ("serveur TURN éteint", "turn-injoignable", g.tout_ferme()),
        ("pare-feu sans UDP", "turn-udp-bloque", g.regime(coupe=True)),
        ("pare-feu sans TURN-TCP", "turn-tcp-bloque", g.ferme("turn_tcp")),
        ("pare-feu sans TURN-TLS", "turn-tls-bloque", g.ferme("turn_tls")),
        ("secret TURN changé", "turn-refuse", g.secret_change()),
    ),
    *_dans("reseau", "qualite-reseau")(
        ("15 % de pertes", "pertes-reseau", g.regime(perte=0.15)),
        ("gigue de 300 ms", "gigue-reseau", g.regime(gigue_ms=300, reordre=1.0, reordre_ms=0)),
        ("une seconde d'aller-retour", "reseau-lent", g.regime(delai_ms=450)),
        ("300 kbit/s", "debit-faible", g.regime(debit=300_000.0)),
    ),
    *_dans("reseau cles", "identite")(
        ("borne pas enrôlée", "borne-pas-enrolee", g.identite(lambda f: f.unlink())),
        ("identité abîmée", "identite-illisible", g.identite(lambda f: f.write_bytes(IDENTITE_FAUSSE))),
    ),
    *_dans("cles", "identite")(
        ("clé lisible par tous", "identite-exposee", g.identite(lambda f: f.chmod(0o644))),
    ),
    *_dans("cles", "dossier")(
        ("dossier en clair", "dossier-en-clair", g.visite(g.en_clair)),
        ("clé perdue", "cle-absente", g.visite(lambda _m, _d, _c: None)),
        ("clé tronquée", "cle-abimee", g.visite(lambda _m, _d, cle: cle.write_bytes(b"court"))),
    ),
    *_dans("cles", "disque")(
        ("données introuvables", "dossier-absent", g.reglage(donnees="/inexistant/donnees")),
    ),
    *_dans("cles", "disque", exige="montage")(
        ("disque plein", "disque-plein", g.petit_disque("size=512k", lambda p: None)),
        ("disque en lecture seule", "disque-lecture-seule", g.petit_disque("size=2g", g.lecture_seule)),
        ("inodes épuisés", "inodes-epuises", g.petit_disque("size=2g,nr_inodes=10", g.mille_fichiers)),
        ("disque presque plein", "disque-bientot-plein", g.petit_disque("size=600m", lambda p: None)),
    ),
    *_dans("memoire", "memoire")(
        (
            "mémoire pleine",
            "memoire-pleine",
            g.fichier("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable: 120000 kB\n"),
        ),
        (
            "mémoire basse",
            "memoire-basse",
            g.fichier("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable: 500000 kB\n"),
        ),
    ),
    *_dans("temperature", "temperature")(
        ("surchauffe", "surchauffe", g.fichier("sys/class/thermal/thermal_zone0/temp", "97000\n")),
    ),
    *_dans("fuseau", "fuseau")(
        ("fuseau en UTC", "fuseau-faux", g.fuseau("UTC")),
        ("fuseau d'Abidjan", "fuseau-faux", g.fuseau("Africa/Abidjan")),
        ("pas d'heure d'été", "heure-ete-absente", g.fuseau("Etc/GMT-1")),
        ("fuseau perdu", "fuseau-absent", g.sans("etc/localtime")),
    ),
    *_dans("temps", "horloge")(
        ("heure jamais reçue", "horloge-non-synchronisee", g.sans("run/systemd/timesync/synchronized")),
    ),
    *_dans("apt", "mises-a-jour")(
        ("mise à jour en attente", "mises-a-jour-en-attente", g.fichier("var/lib/dpkg/status", MAJ)),
        ("redémarrage attendu", "redemarrage-attendu", g.fichier("run/reboot-required", "")),
    ),
    *_dans("ecran", "ecran")(
        ("écran débranché", "ecran-debranche", g.fichier("sys/class/drm/card0-HDMI-A-1/status", "disconnected\n")),
        ("écran en 1280x720", "definition-ecran", g.fichier("sys/class/drm/card0-HDMI-A-1/modes", "1280x720\n")),
    ),
    *_dans("ecran", "toucher")(
        ("câble du tactile débranché", "toucher-absent", g.fichier("proc/bus/input/devices", SANS_TACTILE)),
        (
            "tactile mal réglé",
            "toucher-decale",
            g.fichier("etc/udev/rules.d/98-tactile.rules", 'ENV{LIBINPUT_CALIBRATION_MATRIX}="0.7 0 0.2 0 1 0"\n'),
        ),
    ),
    *_dans("processeur", "processeur")(
        (
            "processeur bridé",
            "processeur-bride",
            g.fichier("sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq", "800000\n"),
        ),
        ("machine surchargée", "processeur-charge", g.fichier("proc/loadavg", "90.0 60.0 30.0 40/300 4321\n")),
    ),
)
