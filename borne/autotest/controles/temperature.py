"""La température : au-delà d'un seuil, le processeur se bride, puis la borne s'éteint."""

from __future__ import annotations

from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.autotest.noyau import nombre

CHAUDE: Final = 80.0
BRULANTE: Final = 92.0
"""Degrés Celsius : les processeurs courants se brident de 90 à 100, un sain reste sous 75 en appel."""
CAPTEURS: Final = ("sys/class/thermal/thermal_zone*/temp", "sys/class/hwmon/hwmon*/temp*_input")
PLAUSIBLE: Final = (-30.0, 150.0)
"""Un capteur débranché donne des valeurs absurdes (-128, 0xFFFF)."""
_AERER: Final = "Dépoussiérez les grilles, éloignez la borne du radiateur et du soleil."


class ControleTemperature:
    """Le plus chaud des capteurs du noyau."""

    nom, libelle = "temperature", "Température"
    groupe = ""
    delai_s = 5.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Lit tous les capteurs (en millidegrés, sysfs-class-thermal et hwmon)."""
        lus = [nombre(fichier) for motif in CAPTEURS for fichier in banc.racine.glob(motif)]
        degres = [lu / 1000 for lu in lus if lu is not None and PLAUSIBLE[0] < lu / 1000 < PLAUSIBLE[1]]
        if not degres:
            return gris(self.nom, "Température : aucun capteur.")
        valeurs = {"degres": max(degres)}
        if max(degres) > BRULANTE:
            return Faute("surchauffe", f"La borne est à {max(degres):.0f} °C.", _AERER).rendre(self.nom, valeurs)
        if max(degres) > CHAUDE:
            return orange("surchauffe", f"La borne chauffe ({max(degres):.0f} °C).", _AERER).rendre(self.nom, valeurs)
        return vert(self.nom, f"{max(degres):.0f} °C.", valeurs)
