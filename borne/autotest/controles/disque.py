"""Le disque des dossiers : de la place, des inodes, et une écriture qui tient, en un temps raisonnable."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import time
from pathlib import Path
from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, orange, vert
from borne.autotest.contrat import Resultat
from borne.dossier import durable

MIO: Final = 1 << 20
PLACE_MIN: Final = 200 * MIO
PLACE_BASSE: Final = 1024 * MIO
"""Une visite avec ses photos et ses documents prend 20 Mio au plus : dix visites, puis une semaine sans réseau."""
INODES_BAS: Final = 0.05
OCTETS: Final = 1 * MIO
ESSAIS: Final = 3
LENT_S: Final = 0.5
TRES_LENT_S: Final = 3.0
"""Chaque touche du patient est écrite et synchronisée : une demi-seconde se voit, trois font croire à une panne."""

_FAIRE_PLACE: Final = "Effacez ce qui ne sert pas, ou agrandissez le disque."
PLEIN: Final = Faute("disque-plein", "Le disque est plein.", _FAIRE_PLACE)
BAS: Final = orange("disque-bientot-plein", "Il reste peu de place sur le disque.", _FAIRE_PLACE)
SANS_INODE: Final = Faute("inodes-epuises", "Le disque a trop de petits fichiers.", _FAIRE_PLACE)
LECTURE_SEULE: Final = Faute(
    "disque-lecture-seule", "Le disque n'accepte plus d'écriture.", "Redémarrez la borne ; sinon changez le disque."
)
ABSENT: Final = Faute(
    "dossier-absent", "Le dossier des données n'existe pas.", "Corrigez son chemin dans borne.toml."
)
DROITS: Final = Faute("dossier-interdit", "La borne n'a pas le droit d'écrire ses données.", "Rendez-lui ce dossier.")
EN_PANNE: Final = Faute("disque-en-panne", "Le disque fait des erreurs.", "Changez le disque sans tarder.")
TRES_LENT: Final = Faute("disque-lent", "Le disque est beaucoup trop lent.", "Changez le disque.")
LENT: Final = orange(TRES_LENT.code, "Le disque est lent.", "Surveillez-le, et prévoyez de le changer.")

_ERREURS: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), PLEIN),
    errno.EROFS: LECTURE_SEULE,
    **dict.fromkeys((errno.EACCES, errno.EPERM), DROITS),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.ELOOP), ABSENT),
}


def regarder(dossier: Path) -> tuple[Faute | None, dict[str, float]]:
    """Place, inodes, puis écriture synchronisée dans `dossier` ; la faute et les mesures. Long : dans un fil."""
    try:
        systeme = os.statvfs(dossier)
        place = systeme.f_bavail * systeme.f_frsize
        # Certains systèmes de fichiers n'ont pas de compte d'inodes (btrfs) : f_files y est nul.
        inodes = systeme.f_favail / systeme.f_files if systeme.f_files else 1.0
        valeurs = {"libre_mio": place / MIO, "inodes_libres": inodes}
        if systeme.f_files and systeme.f_favail == 0:
            return SANS_INODE, valeurs
        if place < OCTETS:
            return PLEIN, valeurs
        valeurs["ecriture_ms"] = 1000 * (duree := _ecrire(dossier))
    except OSError as erreur:
        return _ERREURS.get(erreur.errno or 0, EN_PANNE), {}
    if place < PLACE_MIN:
        return PLEIN, valeurs
    if inodes < INODES_BAS:
        return SANS_INODE, valeurs
    if duree > LENT_S:
        return TRES_LENT if duree > TRES_LENT_S else LENT, valeurs
    return BAS if place < PLACE_BASSE else None, valeurs


def _ecrire(dossier: Path) -> float:
    """Secondes d'une écriture durable d'un Mio relue intacte, la meilleure de trois si la première est lente."""
    meilleure = float("inf")
    octets = secrets.token_bytes(OCTETS)
    for _ in range(ESSAIS):
        chemin = dossier / f".autotest-{secrets.token_hex(4)}"
        try:
            debut = time.monotonic()
            durable.ecrire_atomique(chemin, octets)
            meilleure = min(meilleure, time.monotonic() - debut)
            if chemin.read_bytes() != octets:
                raise OSError(errno.EIO, "ce qui est relu n'est pas ce qui a été écrit")
        finally:
            chemin.unlink(missing_ok=True)
        if meilleure < LENT_S:
            break
    return meilleure


class ControleDisque:
    """Le disque où vivent les dossiers chiffrés."""

    nom, libelle = "disque", "Disque"
    groupe = ""
    delai_s = 20.0
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Mesure la place, puis écrit et relit un Mio."""
        faute, valeurs = await asyncio.to_thread(regarder, banc.donnees)
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        return vert(self.nom, f"{valeurs['libre_mio'] / 1024:.0f} Gio libres, écriture sûre.", valeurs)
