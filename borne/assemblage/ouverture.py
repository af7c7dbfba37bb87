"""L'ouverture : mène les autotests de la borne en marche, et dit à l'accueil s'il peut inviter un patient.

Une visite en cours n'est jamais interrompue : un autotest attend qu'elle finisse, et ne décide que de la suivante.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from borne import protocole as p
from borne.assemblage.autotest import Autotest, Bilan, Progression
from borne.assemblage.direct import Direct
from borne.assemblage.taches import Taches
from borne.autotest import ouverture
from borne.autotest.execution import NON_CONTROLE, Avancee
from borne.autotest.ouverture import Fermeture, Present, Reglement
from borne.autotest.planification import est_du
from borne.autotest.profils import role
from borne.autotest.rapport import Rapport
from borne.parcours.visite import Etape, Superposition, Visite

journal = logging.getLogger(__name__)

PAS_S: Final = 5.0
"""Secondes entre deux regards : une heure prévue n'a pas besoin de mieux."""
CALME_S: Final = 30.0
"""Secondes laissées après qu'une visite a été admise (elle s'écrit avant de se voir) ou finie."""


def _sans_suite(_avancee: Avancee) -> None:
    """La progression que personne ne regarde."""


ECRITURE_S: Final = 5.0
"""Secondes au bout desquelles une visite admise se voit, ou n'a pas pu s'écrire."""


class ConduiteOuverture:
    """`admettre` est la garde de la régie ; `veiller` lance les autotests à leurs heures.

    `compteur` : secondes monotones. `publier` envoie à la salle, faux hors ligne.
    """

    def __init__(
        self,
        autotest: Autotest,
        direct: Direct,
        visite: Callable[[], Visite],
        publier: Callable[[p.BorneVersSalle], bool],
        compteur: Callable[[], float] = time.monotonic,
    ) -> None:
        reglages = autotest.configuration.autotest
        self._autotest = autotest
        self._reglages = reglages
        self._reglement = Reglement(reglages.profil, reglages.validite_h * 3600, reglages.liaison_s)
        self._direct = direct
        self._visite = visite
        self._publier = publier
        self._compteur = compteur
        self._coupee_depuis: float | None = compteur()
        self._occupee_jusqu_a = self._admise_jusqu_a = -math.inf
        self._liaison_attendue_jusqu_a = compteur() + CALME_S
        self._dernier_essai = -math.inf
        self._lance: float | None = None
        """Instant du dernier autotest entier commencé : celui que le disque refuse de garder ne recommence pas."""
        self._verrou = asyncio.Lock()
        self.rapport: Rapport | None = None
        self.certificat: p.CertificatBorne | None = None
        self.papier = True
        self.ennui = ""
        """Phrase pour le technicien : rapport pas gardé, certificat refusé."""
        self.technicien = False
        """Le technicien tient la borne : personne d'autre n'y commence rien."""

    async def demarrer(self) -> None:
        """Reprend le dernier rapport gardé : la borne sait, dès l'accueil, si elle peut servir."""
        dernier = await asyncio.to_thread(self._autotest.historique.dernier)
        if dernier is not None:
            self.rapport = dernier[0]
            self.certificat = self._autotest.certifier(*dernier)
        self.dire()

    async def veiller(self) -> None:
        """Regarde l'heure sans fin ; la faute d'un tour est journalisée, elle n'arrête pas la borne."""
        taches = Taches("autotest")
        try:
            while True:
                taches.lancer(self.tour())
                await taches.attendre()
                await asyncio.sleep(PAS_S)
        finally:
            await taches.finir(0)

    async def tour(self) -> None:
        """Ce qu'il y a à faire maintenant, s'il y a lieu."""
        if self._libre():
            if self._du():
                await self.lancer(papier=self._reglages.papier)
            elif noms := self._a_refaire():
                await self.refaire(noms, papier=False)
        self.dire()

    def admettre(self) -> bool:
        """Vrai si un patient peut commencer ; c'est alors qu'il commence."""
        if self.technicien or self._fermeture():
            return False
        self._occupee_jusqu_a = self._compteur() + CALME_S
        self._admise_jusqu_a = self._compteur() + ECRITURE_S
        return True

    def tenir(self) -> bool:
        """Le technicien prend la borne ; faux si un patient commence à l'instant ou si elle se contrôle."""
        if self._verrou.locked() or self._compteur() < self._admise_jusqu_a:
            return False
        self.technicien = True
        return True

    def rendre(self) -> None:
        """Le technicien rend la borne."""
        self.technicien = False
        self.dire()

    def liaison(self, connectee: bool) -> None:
        """La liaison avec la salle s'établit ou se perd ; établie, la salle réapprend l'état de la borne."""
        if not connectee:
            self._coupee_depuis = self._coupee_depuis if self._coupee_depuis is not None else self._compteur()
        else:
            self._coupee_depuis = None
            self._annoncer()
        self.dire()

    def refuser(self, raison: str) -> None:
        """La salle ne garde pas le certificat."""
        journal.warning("certificat refusé par la salle : %s", raison)
        self.ennui = f"La salle refuse le certificat. {raison}"

    async def lancer(self, progression: Progression = _sans_suite, *, papier: bool = True) -> Bilan:
        """Un autotest entier ; l'accueil est fermé pendant ce temps. `papier` : une page peut sortir."""
        self._lance = self._autotest.horloge()
        async with self._occuper(papier):
            return self._recevoir(await self._autotest.mener(progression))

    async def refaire(
        self, noms: tuple[str, ...], progression: Progression = _sans_suite, *, papier: bool = True
    ) -> Bilan:
        """Ces contrôles seulement ; un autotest entier s'il n'y a jamais eu de rapport."""
        if self.rapport is None:
            return await self.lancer(progression, papier=papier)
        async with self._occuper(papier):
            return self._recevoir(await self._autotest.refaire(self.rapport, noms, progression))

    def dire(self) -> None:
        """L'accueil suit."""
        self._direct.modifier(fermeture=self._fermeture())

    def _annoncer(self) -> None:
        """À la salle, tant que le certificat vaut ; hors ligne, il se redira."""
        if self.certificat is not None and self.certificat.expire > self._autotest.horloge():
            self._publier(self.certificat)

    def _recevoir(self, bilan: Bilan) -> Bilan:
        self.rapport = bilan.rapport
        journal.info("autotest : %s", bilan.rapport.aptitude)
        if bilan.nouveau:
            self.certificat, self.ennui = bilan.certificat, bilan.ennui
        self._annoncer()
        # L'accueil, où plus rien ne s'écrit ni ne se filme, ne l'apprendrait pas autrement.
        if self._direct.etat.panne and not _rouge(bilan.rapport, "disque"):
            self._direct.modifier(panne="")
        if not _rouge(bilan.rapport, "camera"):
            self._direct.modifier(camera_disponible=True)
        return bilan

    @asynccontextmanager
    async def _occuper(self, papier: bool) -> AsyncIterator[None]:
        """Le temps d'un autotest : un seul à la fois, l'accueil fermé."""
        async with self._verrou:
            self.papier = papier
            self.dire()
            try:
                yield
            finally:
                self._dernier_essai = self._compteur()
        self.dire()

    def _present(self) -> Present:
        coupee = 0.0 if self._coupee_depuis is None else max(0.001, self._compteur() - self._coupee_depuis)
        return Present(self._autotest.horloge(), self._verrou.locked(), coupee, self._pannes())

    def _pannes(self) -> frozenset[str]:
        """La caméra qu'une visite a perdue : le patient suivant ne serait pas vu non plus."""
        return frozenset() if self._direct.etat.camera_disponible else frozenset({"camera"})

    def _fermeture(self) -> Fermeture:
        return ouverture.fermeture(self.rapport, self._reglement, self._present())

    def _libre(self) -> bool:
        """Personne devant la borne, ni visite, ni aide, ni technicien."""
        visite, present = self._visite(), self._compteur()
        if visite.id or visite.etape is not Etape.ACCUEIL or visite.superposition is not Superposition.AUCUNE:
            self._occupee_jusqu_a = present + CALME_S
        # En s'allumant, la borne se relie d'abord : son autotest dirait la salle perdue.
        reliee = self._coupee_depuis is None or present >= self._liaison_attendue_jusqu_a
        return reliee and present >= self._occupee_jusqu_a and not self.technicien and not self._verrou.locked()

    def _du(self) -> bool:
        """Une heure prévue est passée ; une officine sans rapport qui vaille n'attend pas la nuit."""
        maintenant = self._autotest.horloge()
        dernier = self._lance if self._lance is not None else self.rapport.debut if self.rapport is not None else None
        if est_du(self._reglages.heures, dernier, maintenant):
            return True
        return self._fermeture() == "verification" and (dernier is None or self._patience_finie())

    def _a_refaire(self) -> tuple[str, ...]:
        """Ce qui ferme la borne, de temps en temps : rebranchée, elle rouvre seule."""
        if not self._patience_finie():
            return ()
        self._dernier_essai = self._compteur()
        tombes = self._pannes() | ({"disque"} if self._direct.etat.panne else set())
        if self.rapport is None:
            return tuple(tombes)
        roles = tombes | {role(nom) for nom in ouverture.bloquants(self.rapport, self._reglement, self._present())}
        if not roles:
            return ()
        return tuple(
            ligne.controle
            for ligne in self.rapport.lignes
            if role(ligne.controle) in roles or ligne.code == NON_CONTROLE or ligne.couleur == "rouge"
        )

    def _patience_finie(self) -> bool:
        return self._compteur() - self._dernier_essai >= self._reglages.reessai_min * 60


def _rouge(rapport: Rapport, cherche: str) -> bool:
    return any(ligne.couleur == "rouge" and role(ligne.controle) == cherche for ligne in rapport.lignes)
