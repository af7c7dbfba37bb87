"""Le fuseau horaire : l'heure d'hiver, et celle d'été, sont celles du lieu."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, vert
from borne.autotest.contrat import Resultat

ABSENT: Final = Faute("fuseau-absent", "Aucun fuseau horaire n'est réglé.", "Réglez-le avec timedatectl.")
FAUX: Final = Faute("fuseau-faux", "Le fuseau horaire n'est pas celui du lieu.", "Réglez-le avec timedatectl.")
SANS_ETE: Final = Faute(
    "heure-ete-absente", "L'heure d'été n'est pas suivie.", "Réglez le fuseau, mettez tzdata à jour."
)


def juger(local: tzinfo, voulu: tzinfo, annee: int) -> Faute | None:
    """Compare les deux fuseaux en janvier et en juillet."""
    jours = datetime(annee, 1, 15, 12), datetime(annee, 7, 15, 12)
    egaux = [jour.replace(tzinfo=local).utcoffset() == jour.replace(tzinfo=voulu).utcoffset() for jour in jours]
    if all(egaux):
        return None
    fixe = local.utcoffset(jours[0]) == local.utcoffset(jours[1])
    return SANS_ETE if any(egaux) and fixe else FAUX


class ControleFuseau:
    """/etc/localtime, comparé au fuseau voulu de la base IANA."""

    nom, libelle = "fuseau", "Fuseau horaire"
    groupe = ""
    delai_s = 5.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Lit le fichier du fuseau (RFC 8536)."""
        try:
            voulu = ZoneInfo(banc.fuseau)
        except (ZoneInfoNotFoundError, ValueError):
            return gris(self.nom, f"Fuseau horaire : « {banc.fuseau} » n'est pas connu ici.")
        try:
            with banc.systeme("/etc/localtime").open("rb") as fichier:
                local = ZoneInfo.from_file(fichier)
        except (OSError, ValueError):
            return ABSENT.rendre(self.nom)
        faute = juger(local, voulu, datetime.fromtimestamp(banc.horloge()).year)
        return vert(self.nom, f"À l'heure de {banc.fuseau}.") if faute is None else faute.rendre(self.nom)
