"""Le médecin de la forme longue : la vraie page dans un vrai Chromium, qui prend chaque patient et le mène au bout.

La borne meurt et revient pendant qu'il l'attend : l'appel doit se rétablir, l'ordonnance arriver, le papier sortir.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from borne.demonstration.monde import IDENTIFIANT, Monde
from borne.demonstration.robot_medecin import RobotMedecin
from borne.demonstration.scenario import PRENOM
from tests.bancs._medecin_protocole import ordonnance

PATIENCE_S = 300.0
"""Secondes qu'il laisse à chaque geste : la borne peut mourir plusieurs fois entre-temps."""


class MedecinPage:
    """Gestionnaire de contexte asynchrone ; `duree_s` : secondes d'image avant l'ordonnance."""

    def __init__(self, monde: Monde, dossier: Path, duree_s: float) -> None:
        self._monde = monde
        self._dossier = dossier
        self._duree_s = duree_s
        self._robot: RobotMedecin

    async def __aenter__(self) -> Self:
        self._robot = await RobotMedecin(self._monde.url_salle, self._dossier).__aenter__()
        await self._robot.se_connecter(IDENTIFIANT, self._monde.mot_de_passe)
        await self._robot.attendre("#file-vide", "Personne")
        self._tache = asyncio.create_task(self._recevoir())
        return self

    async def __aexit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        tombee = self._tache.done()
        self._tache.cancel()
        resultat = (await asyncio.gather(self._tache, return_exceptions=True))[0]
        await self._robot.__aexit__(genre, erreur, trace)
        if tombee and isinstance(resultat, Exception):
            raise resultat

    async def _recevoir(self) -> None:
        papier = self._dossier / "ordonnance.pdf"
        papier.write_bytes(ordonnance())
        while True:
            await self._robot.toucher(f"Prendre {PRENOM}", PATIENCE_S * 10, exact=False)
            await self._robot.attendre_image(PATIENCE_S)
            await asyncio.sleep(self._duree_s)
            await self._robot.page.set_input_files("#fichier", papier)
            await self._robot.attendre("#documents", "mprimé", PATIENCE_S)
            await self._robot.toucher("Terminer")
            await self._robot.page.locator("#dialogue").get_by_role("button", name="Terminer").first.click()
            await self._robot.attendre("#file-vide", "Personne", PATIENCE_S)
