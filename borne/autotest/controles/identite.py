"""L'identité de la borne : sa clé est là, lisible d'elle seule."""

from __future__ import annotations

import asyncio
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, orange, vert
from borne.autotest.contrat import Resultat
from borne.visio.identite import NOM_FICHIER, IdentiteAbsente, IdentiteIllisible, lire

ABSENTE: Final = Faute(
    "borne-pas-enrolee", "La borne n'est pas enrôlée.", "Demandez un code à la salle, puis « borne enroler CODE »."
)
ILLISIBLE: Final = Faute(
    "identite-illisible",
    "L'identité de la borne est abîmée.",
    "Effacez identite.json et enrôlez de nouveau la borne.",
)
INTERDITE: Final = Faute("identite-interdite", "La borne ne peut pas lire son identité.", "Rendez-lui ce fichier.")
EXPOSEE: Final = orange(
    "identite-exposee", "D'autres comptes peuvent lire la clé de la borne.", "Mettez identite.json en droits 0600."
)


class ControleIdentite:
    """Le fichier d'identité, dans le dossier des clés."""

    nom, libelle = "identite", "Identité de la borne"
    groupe = ""
    delai_s = 5.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Lit l'identité et les droits de son fichier."""
        try:
            identite = await asyncio.to_thread(lire, banc.cles)
            droits = (banc.cles / NOM_FICHIER).stat().st_mode
        except IdentiteAbsente:
            return ABSENTE.rendre(self.nom)
        except IdentiteIllisible:
            return ILLISIBLE.rendre(self.nom)
        except OSError:
            return INTERDITE.rendre(self.nom)
        if droits & 0o077:
            return EXPOSEE.rendre(self.nom)
        return vert(self.nom, f"Borne enrôlée pour {identite.lieu}.")
