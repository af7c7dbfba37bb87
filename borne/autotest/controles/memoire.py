"""La mémoire : assez pour un appel, avec l'écran et la caméra."""

from __future__ import annotations

from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, vert
from borne.autotest.contrat import Resultat
from borne.autotest.noyau import lire

MIN_MIO: Final = 300.0
BASSE_MIO: Final = 700.0
"""La borne en appel prend 600 Mio : en dessous, le noyau tuerait un programme pendant une consultation."""
PLEINE: Final = Faute("memoire-pleine", "Il n'y a presque plus de mémoire.", "Redémarrez la borne.")
BASSE: Final = orange("memoire-basse", "Il reste peu de mémoire.", "Redémarrez la borne ; ajoutez de la mémoire.")


class ControleMemoire:
    """MemAvailable de /proc/meminfo (proc_meminfo(5)) : ce qui peut servir sans rien chasser."""

    nom, libelle = "memoire", "Mémoire"
    groupe = ""
    delai_s = 5.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Lit la mémoire disponible."""
        lignes = (ligne.split() for ligne in lire(banc.systeme("/proc/meminfo")).splitlines())
        tailles = {mots[0].rstrip(":"): int(mots[1]) / 1024 for mots in lignes if len(mots) > 1 and mots[1].isdigit()}
        if "MemAvailable" not in tailles:
            return gris(self.nom, "Mémoire : le système ne dit rien.")
        libre = tailles["MemAvailable"]
        valeurs = {"libre_mio": libre}
        if libre < BASSE_MIO:
            return (PLEINE if libre < MIN_MIO else BASSE).rendre(self.nom, valeurs)
        return vert(self.nom, f"{libre / 1024:.1f} Gio libres.", valeurs)
