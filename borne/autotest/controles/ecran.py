"""L'écran : branché, à la définition voulue ; et le toucher : là, et réglé droit."""

from __future__ import annotations

import re
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.autotest.noyau import lire

DEBRANCHE: Final = Faute("ecran-debranche", "Aucun écran n'est vu.", "Rebranchez le câble de l'écran.")
TOUCHER_ABSENT: Final = Faute(
    "toucher-absent", "L'écran ne réagit plus au doigt.", "Rebranchez le câble USB de l'écran tactile."
)
TOUCHER_FAUX: Final = Faute(
    "toucher-decale", "Le toucher ne tombe pas où le doigt appuie.", "Réglez de nouveau l'écran tactile."
)
DIRECT: Final = 1 << 1
"""INPUT_PROP_DIRECT (linux/input-event-codes.h) : on touche l'image elle-même."""
ECART_COIN: Final = 0.1
_MATRICE: Final = re.compile(r'LIBINPUT_CALIBRATION_MATRIX\}?\s*=\s*"([^"]*)"')


class ControleEcran:
    """Les sorties vidéo du noyau (/sys/class/drm)."""

    nom, libelle = "ecran", "Écran"
    groupe = ""
    delai_s = 5.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Cherche un écran branché, et sa définition préférée."""
        sorties = sorted(banc.racine.glob("sys/class/drm/card*-*/status"))
        if not sorties:
            return gris(self.nom, "Écran : le système ne dit rien des sorties vidéo.")
        branches = [sortie.parent for sortie in sorties if lire(sortie) == "connected"]
        if not branches:
            return DEBRANCHE.rendre(self.nom)
        voulue = {banc.ecran.largeur_px, banc.ecran.hauteur_px}
        modes = [mode for branche in branches for mode in lire(branche / "modes").splitlines()[:1]]
        actuelle = lire(banc.systeme("/sys/class/graphics/fb0/virtual_size")).replace(",", "x")
        # En portrait, le système tourne l'image : la définition est la même, retournée.
        if not any(set(_points(mode)) == voulue for mode in ([actuelle] if actuelle else modes)):
            vue = actuelle or ", ".join(modes)
            faute = orange(
                "definition-ecran",
                f"L'écran est en {vue}.",
                "Réglez sa définition, ou corrigez [ecran] dans borne.toml.",
            )
            return faute.rendre(self.nom)
        return vert(self.nom, f"Écran en {banc.ecran.largeur_px} sur {banc.ecran.hauteur_px}.")


class ControleToucher:
    """L'écran tactile parmi les entrées du noyau (/proc/bus/input/devices), et son réglage."""

    nom, libelle = "toucher", "Écran tactile"
    groupe = ""
    delai_s = 5.0
    requiert: tuple[str, ...] = ("ecran",)

    async def controler(self, banc: Banc) -> Resultat:
        """Cherche une entrée « directe », puis vérifie la matrice de réglage."""
        entrees = banc.systeme("/proc/bus/input/devices")
        if not entrees.exists():
            return gris(self.nom, "Écran tactile : le système ne dit rien de ses entrées.")
        proprietes = re.findall(r"^B: PROP=([0-9a-f ]+)$", lire(entrees), re.MULTILINE)
        if not proprietes:
            return gris(self.nom, "Écran tactile : cette machine n'a aucune entrée.")
        if not any(int(mot.split()[-1], 16) & DIRECT for mot in proprietes):
            return TOUCHER_ABSENT.rendre(self.nom)
        for fichier in sorted(banc.racine.glob("etc/udev/rules.d/*.rules")):
            for texte in _MATRICE.findall(lire(fichier)):
                if not matrice_droite(texte):
                    return TOUCHER_FAUX.rendre(self.nom)
        return vert(self.nom, "L'écran tactile est là.")


def _points(mode: str) -> tuple[int, ...]:
    return tuple(int(nombre) for nombre in re.findall(r"\d+", mode)[:2])


def matrice_droite(texte: str) -> bool:
    """Vrai si cette matrice (libinput, « a b c d e f ») envoie chaque coin de l'écran près d'un coin différent."""
    try:
        a, b, c, d, e, f = (float(mot) for mot in texte.split()[:6])
    except ValueError:
        return False
    coins = [(0, 0), (1, 0), (0, 1), (1, 1)]
    atteints = set()
    for x, y in coins:
        vers = (a * x + b * y + c, d * x + e * y + f)
        proche = (round(vers[0]), round(vers[1]))
        if max(abs(vers[0] - proche[0]), abs(vers[1] - proche[1])) > ECART_COIN:
            return False
        atteints.add(proche)
    return atteints == set(coins)
