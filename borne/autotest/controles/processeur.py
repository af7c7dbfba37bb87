"""Le processeur : il encode l'image de l'appel assez vite, il n'est ni bridé ni occupé ailleurs."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Final

import numpy as np

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, orange, vert
from borne.autotest.contrat import Resultat
from borne.autotest.noyau import lire, nombre
from borne.visio.encodeurs import DEBIT_DEPART, EncodeurH264

HAUTEUR: Final = 720
LARGEUR: Final = 1280
IMAGES: Final = 24
LENT: Final = 45.0
TRES_LENT: Final = 22.0
"""Images 720p par seconde de processeur : l'appel en veut 20 à 30, et il reste l'écran et le son à tenir."""
BRIDE: Final = 0.6
"""Part de la fréquence d'origine que le système permet encore."""
CHARGE: Final = 3.0
"""Tâches prêtes par cœur, en moyenne sur une minute : chacune n'a qu'un tiers du temps."""
_LIBERER: Final = "Arrêtez les autres programmes, puis redémarrez la borne."


def vitesse() -> float:
    """Images 720p par seconde de processeur, par l'encodeur de l'appel. Long : dans un fil.

    Le temps du processeur et non de l'horloge : ce que la machine sait faire, quoi qu'elle fasse à côté.
    """
    hasard = np.random.default_rng(1)
    toile = hasard.integers(0, 256, (HAUTEUR // 8, LARGEUR // 8 + IMAGES, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    encodeur = EncodeurH264()
    encodeur.encoder(np.ascontiguousarray(toile[:, :LARGEUR]), 0, DEBIT_DEPART, True)
    debut = time.thread_time()
    for rang in range(1, IMAGES):
        vue = np.ascontiguousarray(toile[:, 4 * rang : 4 * rang + LARGEUR])
        encodeur.encoder(vue, 3000 * rang, DEBIT_DEPART, False)
    return (IMAGES - 1) / max(time.thread_time() - debut, 1e-6)


class ControleProcesseur:
    """La vitesse d'encodage, la fréquence permise, la charge."""

    nom, libelle = "processeur", "Processeur"
    groupe = "camera"
    delai_s = 15.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Encode une seconde d'image, puis lit ce que dit le noyau."""
        images_s = await asyncio.to_thread(vitesse)
        charge = self._charge(banc)
        valeurs = {"images_s": images_s, "charge_par_coeur": charge}
        if images_s < TRES_LENT:
            faute = Faute("processeur-lent", f"Il n'encode que {images_s:.0f} images par seconde.", _LIBERER)
            return faute.rendre(self.nom, valeurs)
        if self._bride(banc):
            brider = orange("processeur-bride", "Le processeur est bridé.", "Vérifiez l'alimentation et l'aération.")
            return brider.rendre(self.nom, valeurs)
        if charge > CHARGE:
            return orange("processeur-charge", "La machine est très occupée.", _LIBERER).rendre(self.nom, valeurs)
        if images_s < LENT:
            lent = orange("processeur-lent", f"Il encode {images_s:.0f} images par seconde.", _LIBERER)
            return lent.rendre(self.nom, valeurs)
        return vert(self.nom, f"{images_s:.0f} images encodées par seconde.", valeurs)

    def _bride(self, banc: Banc) -> bool:
        for coeur in banc.racine.glob("sys/devices/system/cpu/cpu[0-9]*/cpufreq"):
            permise, origine = nombre(coeur / "scaling_max_freq"), nombre(coeur / "cpuinfo_max_freq")
            if permise and origine and permise < BRIDE * origine:
                return True
        return False

    def _charge(self, banc: Banc) -> float:
        mots = lire(banc.systeme("/proc/loadavg")).split()
        return float(mots[0]) / (os.cpu_count() or 1) if mots else 0.0
