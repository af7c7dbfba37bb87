"""L'expédition : porter à la salle les dossiers clos, un à un, puis les détruire sur son accusé.

Tant que la salle n'accuse pas, le dossier attend, chiffré, sans gêner le patient suivant ; la limite de
conservation finit par le détruire. L'accusé porte sur l'empreinte du dossier : un accusé faux n'efface rien.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from typing import Final

from borne.dossier.erreurs import ErreurDossier, VisiteInconnue
from borne.dossier.fil import ArchivesAsync

journal = logging.getLogger(__name__)

INTERVALLE_S: Final = 60.0
"""Secondes entre deux rondes, quand rien ne les provoque."""

Deposer = Callable[[str, str, bytes], bool]
"""Envoie (visite, empreinte SHA-256 hexadécimale, contenu) à la salle ; faux si elle est injoignable."""


class Expedition:
    """La file d'envoi : se relance à la clôture d'une visite, au retour de la salle, et chaque minute."""

    def __init__(self, archives: ArchivesAsync, deposer: Deposer, horloge: Callable[[], float] = time.time) -> None:
        self._archives = archives
        self._deposer = deposer
        self._horloge = horloge
        self._a_faire = asyncio.Event()

    def relancer(self) -> None:
        """Fait une ronde dès que possible."""
        self._a_faire.set()

    async def veiller(self, limite_s: float) -> None:
        """Tourne sans fin ; `limite_s` : secondes de conservation d'un dossier jamais acquitté."""
        while True:
            self._a_faire.clear()
            try:
                await self._archives.appliquer_retention(self._horloge(), limite_s)
                await self._envoyer()
            except ErreurDossier as erreur:
                journal.error("expédition remise : %s", type(erreur).__name__)
            try:
                await asyncio.wait_for(self._a_faire.wait(), INTERVALLE_S)
            except TimeoutError:
                journal.debug("ronde d'expédition")

    async def accuser(self, visite: str, empreinte: str) -> None:
        """La salle dit avoir gardé ce dossier : il est détruit si l'empreinte est bien la sienne."""
        try:
            await self._archives.acquitter(visite, empreinte)
        except ErreurDossier as erreur:
            journal.error("accusé sans suite : %s", type(erreur).__name__)

    def refuser(self, visite: str) -> None:
        """La salle n'a pas pu garder ce dossier : il attend la ronde suivante."""
        journal.warning("la salle a refusé un dossier (%s), il sera renvoyé", visite[:8])

    async def _envoyer(self) -> None:
        for attente in await self._archives.a_transmettre():
            try:
                contenu = await self._archives.exporter(attente.visite)
            except VisiteInconnue:
                # L'accusé d'un dépôt précédent vient d'arriver : le dossier est déjà détruit.
                continue
            if not self._deposer(attente.visite, hashlib.sha256(contenu).hexdigest(), contenu):
                return
