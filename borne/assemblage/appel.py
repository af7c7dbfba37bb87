"""L'appel : exécute `Appeler`, `Raccrocher`, `Ecouter`, `EnvoyerMessage`, et rend l'appel en événements.

Une reprise ouvre une seconde séance avant de fermer la première (make before break) : l'image ne disparaît pas.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from aiortc.exceptions import InvalidStateError
from numpy.typing import NDArray

from borne import protocole as p
from borne.assemblage.examen import ConduiteExamen
from borne.assemblage.sources import Sources
from borne.parcours import evenements as e
from borne.visio.liaison import EtatLiaison
from borne.visio.seance import Seance, SeanceInvalide

journal = logging.getLogger(__name__)

LONGUEUR_LIGNE = 500
"""Signes montrés, au plus, d'une ligne en cours."""

DELAI_REPONSE_S = 15.0
"""Secondes laissées au médecin pour répondre à une offre, établissement compris."""


class Envoi(Protocol):
    """Envoie un message à la salle ; faux si elle est injoignable."""

    def __call__(self, message: p.BorneVersSalle, /) -> bool: ...


@dataclass(slots=True)
class _Essai:
    numero: int
    appel: str
    seance: Seance
    garde: asyncio.TimerHandle | None = None
    etabli: bool = False


class ConduiteAppel:
    """La séance en cours, et au plus une qui la remplace."""

    def __init__(
        self,
        sources: Sources,
        emettre: Callable[[e.Evenement], None],
        envoyer: Envoi,
        sur_image: Callable[[NDArray[np.uint8], float], None],
        dire: Callable[[str], str],
        signer: Callable[[bytes], str],
        sur_ligne: Callable[[str], None],
    ) -> None:
        """`dire` : la phrase française d'une clé, pour le médecin. `signer` : la signature d'une offre, en base64.

        `sur_ligne` : la ligne que le médecin écrit en ce moment, vide quand elle est finie ou que l'appel s'arrête.
        """
        self._sur_ligne = sur_ligne
        self._dire = dire
        self._signer = signer
        self._sources = sources
        self._emettre = emettre
        self._envoyer = envoyer
        self._sur_image = sur_image
        self._courant: _Essai | None = None
        self._ancien: _Essai | None = None
        self._fermeture: asyncio.Task[None] | None = None
        self._ecoute: p.Foyer | None = None
        self._textes: deque[p.Texte] = deque(maxlen=50)
        self._a_redire: deque[p.Texte] = deque(maxlen=50)
        """Les mots du patient écrits pendant une coupure : ils partent au retour de l'appel."""
        self.examen = ConduiteExamen(sources.optique, emettre, self.envoyer, sources.direct, dire)
        self.glace: tuple[p.ServeurGlace, ...] = ()

    async def appeler(self, visite: str, numero: int) -> None:
        """Une offre neuve au médecin ; l'échec rend `AppelPerdu` pour cet essai."""
        essai = self._nouvel_essai(visite, numero)
        await self._mettre_de_cote(essai)
        try:
            sdp = await essai.seance.offre()
        except (OSError, RuntimeError, ValueError, InvalidStateError) as erreur:
            journal.error("appel, essai %d : offre impossible (%s)", numero, type(erreur).__name__)
            await self._echouer(essai)
            return
        if self._courant is not essai:
            journal.info("appel, essai %d : raccroché pendant l'offre", numero)
            await self._fermer(essai)
        elif not self._envoyer(self._offre(essai, sdp)):
            await self._echouer(essai)

    def _offre(self, essai: _Essai, sdp: str) -> p.Offre:
        seance = essai.seance
        return p.Offre(seance.visite, essai.appel, sdp, seance.engagement, self._signer(seance.a_signer))

    async def repondre(self, message: p.Reponse) -> None:
        """La réponse SDP du médecin, pour l'essai qu'elle nomme."""
        essai = self._par_appel(message.appel)
        if essai is None:
            return
        try:
            await essai.seance.repondre(message.sdp, message.alea)
        except SeanceInvalide as erreur:
            journal.error("appel, essai %d : réponse refusée (%s)", essai.numero, type(erreur).__name__)
            await self._echouer(essai)

    async def candidat(self, message: p.Candidat) -> None:
        """Un candidat ICE du médecin."""
        essai = self._par_appel(message.appel)
        if essai is not None:
            await essai.seance.candidat(message.candidat, message.mid, message.ligne)

    async def raccrocher(self) -> None:
        """Ferme tout."""
        self._ecoute = None
        self._sur_ligne("")
        self.examen.finir()
        self._a_redire.clear()
        self._textes.clear()
        # Rendus avant d'attendre : un appel du patient suivant, parti entre-temps, n'est pas à fermer.
        essais = (self._courant, self._ancien)
        self._courant = self._ancien = None
        if self._fermeture is not None:
            await asyncio.wait({self._fermeture})
        for essai in essais:
            await self._fermer(essai)

    def envoyer(self, message: p.Canal) -> bool:
        """Envoie sur le canal de données ; faux quand il n'est pas ouvert."""
        return self._courant is not None and self._courant.seance.envoyer(message)

    def ecrire(self, texte: p.Texte) -> None:
        """Les mots du patient ; gardés jusqu'au retour de l'appel s'ils ne peuvent pas partir."""
        if not self.envoyer(texte):
            self._a_redire.append(texte)

    def ecouter(self, foyer: p.Foyer | None, raison: str = "") -> None:
        """Ouvre ou ferme la piste du stéthoscope, et le dit au médecin."""
        self._ecoute = foyer
        if self._courant is not None:
            self._courant.seance.ecouter(foyer is not None)
        self.envoyer(p.EtatEcoute(foyer is not None, foyer, self._dire(raison) if raison else ""))

    def code(self) -> str:
        """Les quatre chiffres de sécurité de l'appel établi, ou vide."""
        essai = self._courant if self._courant is not None and self._courant.etabli else self._ancien
        return essai.seance.code if essai is not None else ""

    def qualite(self) -> float | None:
        """Celle de la liaison, de 0 (coupée) à 1 ; None sans appel."""
        return self._courant.seance.qualite().valeur if self._courant is not None else None

    def _nouvel_essai(self, visite: str, numero: int) -> _Essai:
        appel = f"{numero}-{secrets.token_hex(8)}"
        seance = Seance(
            visite=visite,
            appel=appel,
            glace=self.glace,
            camera=self._sources.optique,
            cadreur=self._sources.optique.cadreur,
            microphone=self._sources.microphone,
            stethoscope=self._sources.stethoscope,
            haut_parleur=self._sources.haut_parleur,
            sur_image=self._sur_image,
            sur_message=self._recevoir,
            sur_etat=lambda etat: self._changer(appel, etat),
        )
        essai = _Essai(numero, appel, seance)
        boucle = asyncio.get_running_loop()
        essai.garde = boucle.call_later(DELAI_REPONSE_S, self._trop_tard, appel)
        return essai

    async def _mettre_de_cote(self, essai: _Essai) -> None:
        """L'essai devient le courant ; le dernier établi reste ouvert tant que l'essai ne l'est pas."""
        precedent, self._courant = self._courant, essai
        if precedent is not None and precedent.etabli:
            await self._fermer(self._ancien)
            self._ancien = precedent
        else:
            await self._fermer(precedent)

    def _changer(self, appel: str, etat: EtatLiaison) -> None:
        essai = self._courant
        if essai is None or essai.appel != appel:
            return
        if etat is EtatLiaison.ETABLIE:
            self._etablir(essai)
        elif etat is EtatLiaison.PERDUE:
            # FERMEE n'est pas une perte : c'est nous qui raccrochons.
            self._desarmer(essai)
            self._sur_ligne("")
            self._emettre(e.AppelPerdu(instant=time.time(), essai=essai.numero))

    def _etablir(self, essai: _Essai) -> None:
        self._desarmer(essai)
        essai.etabli = True
        ancien, self._ancien = self._ancien, None
        if ancien is not None:
            self._fermeture = asyncio.create_task(self._fermer(ancien))
        essai.seance.ecouter(self._ecoute is not None)
        self.examen.etabli(essai.seance)
        while self._a_redire and self.envoyer(self._a_redire[0]):
            self._a_redire.popleft()
        self._emettre(e.AppelEtabli(instant=time.time(), essai=essai.numero))

    def _trop_tard(self, appel: str) -> None:
        essai = self._par_appel(appel)
        if essai is not None and not essai.etabli:
            journal.warning("appel, essai %d : pas établi à temps", essai.numero)
            self._emettre(e.AppelPerdu(instant=time.time(), essai=essai.numero))

    async def _echouer(self, essai: _Essai) -> None:
        self._desarmer(essai)
        if self._courant is essai:
            self._courant = None
        await essai.seance.fermer()
        self._emettre(e.AppelPerdu(instant=time.time(), essai=essai.numero))

    async def _fermer(self, essai: _Essai | None) -> None:
        if essai is not None:
            self._desarmer(essai)
            await essai.seance.fermer()

    @staticmethod
    def _desarmer(essai: _Essai) -> None:
        if essai.garde is not None:
            essai.garde.cancel()
            essai.garde = None

    def _par_appel(self, appel: str) -> _Essai | None:
        return self._courant if self._courant is not None and self._courant.appel == appel else None

    def _recevoir_texte(self, message: p.Texte) -> None:
        """Après une coupure, la page renvoie ses textes restés sans écho, au même instant : une seule fois ici."""
        if message not in self._textes:
            self._textes.append(message)
            self._emettre(e.MessageRecu(instant=time.time(), texte=message.texte))

    def _recevoir(self, message: p.Canal) -> None:
        """Un message du médecin devient un événement ; les battements restent l'affaire de la séance."""
        instant = time.time()
        match message:
            case p.DemandeTension():
                self._emettre(e.TensionDemandeeParMedecin(instant=instant))
            case p.ArretTension():
                self._emettre(e.ArretTensionDemande(instant=instant))
            case p.DemandeEcoute(foyer=foyer):
                self._emettre(e.EcouteDemandee(instant=instant, foyer=foyer))
            case p.ArretEcoute():
                self._emettre(e.EcouteArretee(instant=instant))
            case p.ChoixCamera() | p.Cadrage() | p.Pointeur() | p.DemandePhoto() | p.ArretPhoto():
                self.examen.recevoir(message)
            case p.Texte():
                self._sur_ligne("")
                self._recevoir_texte(message)
            case p.TexteEnCours(texte=texte):
                self._sur_ligne(texte[:LONGUEUR_LIGNE])
            case _:
                journal.info("message %s du médecin sans suite", type(message).__name__)
