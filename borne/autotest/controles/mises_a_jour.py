"""Les mises à jour du système : celles qui attendent, et le redémarrage qu'elles demandent."""

from __future__ import annotations

import asyncio
import shutil
from typing import Final

from borne.autotest.banc import RACINE, Banc
from borne.autotest.constat import gris, orange, vert
from borne.autotest.contrat import Resultat

DELAI_S: Final = 12.0
REDEMARRAGE: Final = orange(
    "redemarrage-attendu", "Une mise à jour attend un redémarrage.", "Redémarrez la borne après la fermeture."
)
_INSTALLER: Final = "Installez-les après la fermeture (apt upgrade)."


class ControleMisesAJour:
    """Ce qu'apt installerait, sans le faire."""

    nom, libelle = "mises-a-jour", "Mises à jour"
    groupe = ""
    delai_s = DELAI_S + 3
    requiert: tuple[str, ...] = ()

    async def controler(self, banc: Banc) -> Resultat:
        """Lit la demande de redémarrage (debian-policy, 9.1.2), puis simule apt."""
        if banc.systeme("/run/reboot-required").exists():
            return REDEMARRAGE.rendre(self.nom)
        attendent = await _en_attente(banc)
        if attendent is None:
            return gris(self.nom, "Mises à jour : apt ne répond pas.")
        valeurs = {"en_attente": float(len(attendent)), "de_securite": float(sum("ecurity" in a for a in attendent))}
        if attendent:
            faute = orange("mises-a-jour-en-attente", f"{len(attendent)} mises à jour attendent.", _INSTALLER)
            return faute.rendre(self.nom, valeurs)
        return vert(self.nom, "Le système est à jour.", valeurs)


async def _en_attente(banc: Banc) -> list[str] | None:
    """Une ligne « Inst » par paquet, None si apt n'est pas là ou ne répond pas. Au plus bas de la priorité."""
    if shutil.which("apt-get") is None:
        return None
    racine = (
        []
        if banc.racine == RACINE
        else ["-o", f"Dir={banc.racine}", "-o", f"Dir::State::status={banc.systeme('/var/lib/dpkg/status')}"]
    )
    processus = await asyncio.create_subprocess_exec(
        *("nice", "-n", "19", "apt-get", "-s", "-q", "-o", "Debug::NoLocking=1", *racine, "upgrade"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(DELAI_S):
            sortie, _ = await processus.communicate()
    except TimeoutError:
        return None
    finally:
        if processus.returncode is None:
            processus.kill()
            await processus.wait()
    if processus.returncode != 0:
        return None
    return [ligne for ligne in sortie.decode(errors="replace").splitlines() if ligne.startswith("Inst ")]
