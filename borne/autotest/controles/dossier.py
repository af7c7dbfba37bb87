"""Le dossier chiffré : on sait en faire un, le relire, le détruire ; et chaque visite gardée a sa clé."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, vert
from borne.autotest.contrat import Resultat
from borne.dossier import chiffre
from borne.dossier.cles import Coffre
from borne.dossier.erreurs import CleAbsente, DossierIllisible, ErreurDossier
from borne.dossier.purge import SUFFIXE
from borne.dossier.visites import Dossier

_RECOURS: Final = "Ne l'effacez pas : prévenez qui tient la borne."
EN_CLAIR: Final = Faute("dossier-en-clair", "Un dossier de patient n'est pas chiffré.", _RECOURS)
SANS_CLE: Final = Faute("cle-absente", "Un dossier gardé n'a plus sa clé.", _RECOURS)
CLE_ABIMEE: Final = Faute("cle-abimee", "La clé d'un dossier gardé est abîmée.", _RECOURS)
IMPOSSIBLE: Final = Faute("dossier-impossible", "La borne ne sait plus garder de dossier.", "Vérifiez le disque.")
CLES_ILLISIBLES: Final = Faute("cles-illisibles", "Le dossier des clés ne se lit pas.", "Rendez-le à la borne.")


def eprouver(donnees: Path, cles: Path) -> Faute | None:
    """Fait, relit et détruit un dossier chiffré d'essai, puis regarde ceux qui sont gardés. Long : dans un fil."""
    try:
        gardes = sorted((donnees / "visites").glob(f"*{SUFFIXE}"))
        for fichier in gardes:
            if chiffre.est_en_clair(fichier):
                return EN_CLAIR
            Coffre(cles).lire(fichier.name.removesuffix(SUFFIXE))
        _aller_retour(donnees, cles)
    except CleAbsente:
        return SANS_CLE
    except DossierIllisible:
        return CLE_ABIMEE
    except PermissionError:
        return CLES_ILLISIBLES
    except (ErreurDossier, OSError):
        return IMPOSSIBLE
    return None


def _aller_retour(donnees: Path, cles: Path) -> None:
    """Le même chemin qu'une visite : une clé dans un coffre, un fichier SQLCipher ailleurs, relu puis détruit."""
    visite = secrets.token_hex(16)
    essais = [Path(tempfile.mkdtemp(prefix=".autotest-", dir=dossier)) for dossier in (donnees, cles)]
    try:
        coffre, fichier = Coffre(essais[1]), essais[0] / f"{visite}{SUFFIXE}"
        Dossier.fabriquer(fichier, coffre.creer(visite), visite, 0.0)
        dossier = Dossier.ouvrir(fichier, coffre.lire(visite), visite)
        try:
            if dossier.ajouter("Essai", 1, 0.0, b"{}") != 1 or len(dossier.evenements()) != 1:
                raise DossierIllisible
        finally:
            dossier.fermer()
        if chiffre.est_en_clair(fichier):
            raise DossierIllisible
        coffre.detruire(visite)
    finally:
        for essai in essais:
            shutil.rmtree(essai, ignore_errors=True)


class ControleDossier:
    """Les dossiers chiffrés et leurs clés."""

    nom, libelle = "dossier", "Dossiers chiffrés"
    groupe = ""
    delai_s = 15.0
    requiert: tuple[str, ...] = ("identite", "disque")

    async def controler(self, banc: Banc) -> Resultat:
        """Éprouve le chiffrement sur un dossier d'essai."""
        faute = await asyncio.to_thread(eprouver, banc.donnees, banc.cles)
        return (
            vert(self.nom, "Les dossiers se chiffrent et se relisent.") if faute is None else faute.rendre(self.nom)
        )
