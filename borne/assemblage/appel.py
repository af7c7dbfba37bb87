"""L'appel : exécute `Appeler`, `Raccrocher`, `Ecouter`, `EnvoyerMessage`, et rend l'appel en événements.

Les séances, et leurs reprises, sont l'affaire de `Tentatives`.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from borne import protocole as p
from borne.assemblage.ecoute import ConduiteEcoute
from borne.assemblage.examen import ConduiteExamen
from borne.assemblage.sources import Sources
from borne.assemblage.tentatives import Tentatives
from borne.mesures import TENSION
from borne.parcours import evenements as e
from borne.parcours.visite import NiveauLien
from borne.visio.echelle import Niveau
from borne.visio.liaison import EtatLiaison
from borne.visio.seance import Seance

journal = logging.getLogger(__name__)

LONGUEUR_LIGNE = 500
"""Signes montrés, au plus, d'une ligne en cours."""


NIVEAUX = {
    Niveau.PLEIN: NiveauLien.PLEIN,
    Niveau.REDUIT: NiveauLien.REDUIT,
    Niveau.SON_SEUL: NiveauLien.SON_SEUL,
    Niveau.TELEPHONE: NiveauLien.TELEPHONE,
}
"""Ce que le parcours sait du niveau de la séance."""


class Envoi(Protocol):
    """Envoie un message à la salle ; faux si elle est injoignable."""

    def __call__(self, message: p.BorneVersSalle, /) -> bool: ...


class ConduiteAppel:
    """L'appel d'une consultation, par une séance et celles qui la remplacent."""

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
        self._niveau = Niveau.PLEIN
        self._tentatives = Tentatives(self._creer, self._offrir, self._etabli, self._perdu)
        self._ecoute: p.Foyer | None = None
        self._textes: deque[p.Texte] = deque(maxlen=50)
        self._a_redire: deque[p.Texte] = deque(maxlen=50)
        """Les mots du patient écrits pendant une coupure : ils partent au retour de l'appel."""
        self.examen = ConduiteExamen(sources.optique, emettre, self.envoyer, sources.direct, dire)
        self._auscultation = ConduiteEcoute(self.envoyer, self._envoyer_son, sources.direct, dire)
        sources.stethoscope.sur_bloc = self._auscultation.bloc
        self.glace: tuple[p.ServeurGlace, ...] = ()
        self.natures: tuple[str, ...] = ()
        """Ce que la borne sait mesurer, annoncé à chaque appel établi."""

    async def appeler(self, visite: str, numero: int) -> None:
        """Tient l'appel sous ce numéro : une offre neuve maintenant, puis autant qu'il en faut."""
        await self._tentatives.appeler(visite, numero)

    def suspendre(self) -> None:
        """Le médecin n'est plus là : ce qui tient encore tient, aucune tentative ne part."""
        self._tentatives.suspendre()

    def relancer(self, *, change: bool) -> None:
        """La salle revient, ou (`change`) la borne a perdu une de ses adresses : ce qui manque est tenté aussitôt."""
        self._tentatives.relancer(change=change)

    async def repondre(self, message: p.Reponse) -> None:
        """La réponse SDP du médecin, pour la tentative qu'elle nomme."""
        await self._tentatives.repondre(message)

    async def candidat(self, message: p.Candidat) -> None:
        """Un candidat ICE du médecin."""
        await self._tentatives.candidat(message)

    async def raccrocher(self) -> None:
        """Ferme tout."""
        self._ecoute = None
        self._sur_ligne("")
        self._sources.direct.modifier(micro_medecin_coupe=False)
        self.examen.finir()
        self._auscultation.oublier()
        self._a_redire.clear()
        self._textes.clear()
        await self._tentatives.raccrocher()

    def envoyer(self, message: p.Canal) -> bool:
        """Envoie sur le canal de données ; faux quand il n'est pas ouvert."""
        seance = self._tentatives.en_service
        return seance is not None and seance.envoyer(message)

    def ecrire(self, texte: p.Texte) -> None:
        """Les mots du patient ; gardés jusqu'au retour de l'appel s'ils ne peuvent pas partir."""
        if not self.envoyer(texte):
            self._a_redire.append(texte)

    def ecouter(self, foyer: p.Foyer | None, raison: str = "") -> None:
        """Ouvre ou ferme la piste du stéthoscope et le son exact, et le dit au médecin."""
        self._ecoute = foyer
        if foyer is not None:
            self._auscultation.commencer(foyer)
        else:
            self._auscultation.cesser()
        if (seance := self._tentatives.en_service) is not None:
            seance.ecouter(foyer is not None)
        phrase = self._dire(raison) if raison else ""
        self.envoyer(p.EtatEcoute(foyer is not None, foyer, phrase, self._auscultation.ecoute))

    def _envoyer_son(self, trame: bytes) -> bool:
        seance = self._tentatives.en_service
        return seance is not None and seance.envoyer_son(trame)

    def code(self) -> str:
        """Les quatre chiffres de sécurité de l'appel établi, ou vide."""
        seance = self._tentatives.en_service
        return seance.code if seance is not None else ""

    def suivre_niveau(self) -> None:
        """Ce que le réseau laisse passer a-t-il changé ? Le patient et le médecin l'apprennent alors."""
        seance = self._tentatives.en_service
        if seance is None or seance.etat is not EtatLiaison.ETABLIE or seance.niveau() is self._niveau:
            return
        self._niveau = seance.niveau()
        self.envoyer(p.EtatLien(self._niveau.value))
        niveau = NIVEAUX[self._niveau]
        self._emettre(e.LienChange(instant=time.time(), essai=self._tentatives.numero, niveau=niveau.value))

    def qualite(self) -> float | None:
        """Celle de la liaison, de 0 (coupée) à 1 ; None sans appel."""
        seance = self._tentatives.en_service
        return seance.qualite().valeur if seance is not None else None

    def _creer(self, visite: str, appel: str, sur_etat: Callable[[EtatLiaison], None]) -> Seance:
        return Seance(
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
            sur_etat=sur_etat,
        )

    def _offrir(self, seance: Seance, sdp: str) -> bool:
        signature = self._signer(seance.a_signer)
        return self._envoyer(p.Offre(seance.visite, seance.appel, sdp, seance.engagement, signature))

    def _etabli(self, numero: int, seance: Seance) -> None:
        self._niveau = Niveau.PLEIN
        seance.ecouter(self._ecoute is not None)
        self.examen.etabli(seance)
        self.envoyer(p.AppareilsMesure(self.natures))
        while self._a_redire and self.envoyer(self._a_redire[0]):
            self._a_redire.popleft()
        self._emettre(e.AppelEtabli(instant=time.time(), essai=numero))

    def _perdu(self, numero: int) -> None:
        self._sur_ligne("")
        self._emettre(e.AppelPerdu(instant=time.time(), essai=numero))

    def _recevoir_texte(self, message: p.Texte) -> None:
        """Après une coupure, la page renvoie ses textes restés sans écho, au même instant : une seule fois ici."""
        if message not in self._textes:
            self._textes.append(message)
            self._emettre(e.MessageRecu(instant=time.time(), texte=_montrable(message.texte)))

    def _recevoir(self, message: p.Canal) -> None:
        """Un message du médecin devient un événement ; les battements restent l'affaire de la séance."""
        instant = time.time()
        match message:
            case p.DemandeMesure(nature=nature) if nature in self.natures:
                self._emettre(e.MesureDemandeeParMedecin(instant=instant, nature=nature))
            case p.DemandeTension():
                self._emettre(e.MesureDemandeeParMedecin(instant=instant, nature=TENSION))
            case p.ArretMesure() | p.ArretTension():
                self._emettre(e.ArretMesureDemande(instant=instant))
            case p.DemandeEcoute(foyer=foyer):
                self._emettre(e.EcouteDemandee(instant=instant, foyer=foyer))
            case p.ArretEcoute():
                self._emettre(e.EcouteArretee(instant=instant))
            case p.BlocsManquants():
                self._auscultation.redemander(message)
            case p.ChoixCamera() | p.Cadrage() | p.Pointeur() | p.DemandePhoto() | p.ArretPhoto():
                self.examen.recevoir(message)
            case p.MicroMedecin(coupe=coupe):
                self._sources.direct.modifier(micro_medecin_coupe=coupe)
            case p.Texte():
                self._sur_ligne("")
                self._recevoir_texte(message)
            case p.TexteEnCours(texte=texte):
                self._sur_ligne(texte[:LONGUEUR_LIGNE])
            case _:
                journal.info("message %s du médecin sans suite", type(message).__name__)


def _montrable(texte: str) -> str:
    """Ce texte, ou son début : plus long, les textes de l'interface le refusent et l'écran n'avance plus."""
    return texte if len(texte) <= p.TEXTE_MAX else texte[: p.TEXTE_MAX - 1] + "…"
