"""Le réseau local : un câble (ou un Wi-Fi) relié, et une route vers le dehors."""

from __future__ import annotations

from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.autotest.noyau import lire

DEBRANCHE: Final = Faute("cable-debranche", "Aucun réseau n'est relié.", "Rebranchez le câble réseau, ou le Wi-Fi.")
SANS_ROUTE: Final = Faute(
    "sans-route", "La borne n'a pas d'adresse sur le réseau.", "Redémarrez la box, puis la borne."
)
WIFI_FAIBLE_DBM: Final = -75.0
"""En dessous, le Wi-Fi perd des paquets et change de débit sans cesse."""
WIFI_ABSENT_DBM: Final = -256.0
"""Ce que dit une carte qui n'est pas reliée."""


class ControleReseau:
    """Ce que dit le noyau des cartes réseau (/sys/class/net) et des routes (/proc/net)."""

    nom, libelle = "reseau", "Réseau local"
    groupe = ""
    delai_s = 5.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Lit l'état des cartes, puis les routes."""
        dossier = banc.systeme("/sys/class/net")
        cartes = [carte for carte in sorted(dossier.iterdir()) if carte.name != "lo"] if dossier.is_dir() else []
        if not cartes:
            return gris(self.nom, "Réseau local : aucune carte à regarder.")
        reliees = [carte.name for carte in cartes if lire(carte / "operstate") in ("up", "unknown")]
        if not reliees:
            return DEBRANCHE.rendre(self.nom)
        routes = lire(banc.systeme("/proc/net/route")).splitlines()[1:]
        par_defaut = [mots for ligne in routes if len(mots := ligne.split()) > 1 and mots[1] == "00000000"]
        if not par_defaut and not _route_ipv6(lire(banc.systeme("/proc/net/ipv6_route"))):
            return SANS_ROUTE.rendre(self.nom)
        faible = _wifi_faible(lire(banc.systeme("/proc/net/wireless")))
        if faible is not None:
            return faible.rendre(self.nom)
        return vert(self.nom, f"Réseau relié ({', '.join(reliees)}).")


def _wifi_faible(texte: str) -> Faute | None:
    """Le niveau du Wi-Fi, en dBm, quatrième colonne de /proc/net/wireless."""
    for ligne in texte.splitlines()[2:]:
        mots = ligne.split()
        if len(mots) > 3 and WIFI_ABSENT_DBM < float(mots[3].rstrip(".")) < WIFI_FAIBLE_DBM:
            constat = f"Le Wi-Fi est faible ({mots[3].rstrip('.')} dBm)."
            return orange("wifi-faible", constat, "Passez au câble, ou rapprochez la borne de la box.")
    return None


def _route_ipv6(texte: str) -> bool:
    """Une route par défaut ailleurs que sur la boucle locale (destination nulle, préfixe nul)."""
    lignes = [ligne.split() for ligne in texte.splitlines()]
    return any(mots[0] == "0" * 32 and mots[1] == "00" and mots[-1] != "lo" for mots in lignes if len(mots) > 2)
