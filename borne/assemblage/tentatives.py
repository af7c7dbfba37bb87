"""Un appel tenu à travers les coupures : la séance en service, et au plus une qui la remplacera (make before break).

La séance en service reste ouverte quand elle se tait : une coupure courte la rend telle quelle, avec son chemin et
son débit. Pendant ce temps des tentatives la doublent, une à la fois, à intervalle borné, pour que l'une soit en
train de s'établir quand le réseau revient. La première qui parle gagne, et l'autre se ferme :

- la séance en service se fait entendre avant que la tentative ne soit établie : la tentative est abandonnée ;
- la tentative est établie : elle prend le service, l'ancienne se ferme.

Quand la borne a perdu une adresse, ou que le médecin le demande, l'ancienne ne l'emporte plus : son chemin va mourir.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from aiortc.exceptions import InvalidStateError

from borne import protocole as p
from borne.assemblage.taches import Taches
from borne.visio.liaison import EtatLiaison
from borne.visio.seance import Seance, SeanceInvalide

journal = logging.getLogger(__name__)

ENTRE_TENTATIVES: Final = 2.0
"""Secondes laissées à une tentative à laquelle le médecin a répondu, quand rien n'arrive de lui."""
SANS_REPONSE: Final = 4.0
"""Secondes laissées au médecin pour répondre à une première offre."""
SANS_REPONSE_LENT: Final = 10.0
"""Secondes laissées ensuite : une plateforme lente répondrait sinon toujours à une offre déjà remplacée."""
EN_AVANCE: Final = 12.0
"""Secondes laissées à une tentative où le médecin se fait entendre : elle avance, mais le réseau est lent."""
RALENTI_APRES: Final = 60.0
"""Secondes au bout desquelles les tentatives s'espacent."""
RALENTI: Final = 10.0
"""Secondes entre deux tentatives, alors."""
DELAI_PERDU: Final = 8.0
"""Secondes au bout desquelles un appel qui ne s'établit pas est dit perdu ; les tentatives continuent."""
PAS: Final = 0.25

ERREURS_OFFRE: Final = (OSError, RuntimeError, ValueError, InvalidStateError)


class Creer(Protocol):
    """Construit une séance."""

    def __call__(self, visite: str, appel: str, sur_etat: Callable[[EtatLiaison], None], /) -> Seance: ...


class Phase(enum.Enum):
    """Ce que fait l'appel. SUSPENDU : le médecin n'est pas là ; TENU : on se parle ; REPRISE : on essaie."""

    SUSPENDU = "suspendu"
    TENU = "tenu"
    REPRISE = "reprise"


@dataclass(slots=True)
class _Essai:
    appel: str
    seance: Seance
    depart: float = field(default_factory=time.monotonic)
    patience: float = SANS_REPONSE
    """Secondes laissées au médecin pour répondre."""
    offre: bool = True
    """Elle recueille ses adresses."""

    def echu(self) -> bool:
        """Il a eu le temps de s'établir."""
        age = time.monotonic() - self.depart
        if self.seance.avance:
            return age > EN_AVANCE
        return age > (ENTRE_TENTATIVES if self.seance.repondue else self.patience)


class Tentatives:
    """Tient un appel. Tout s'utilise depuis la boucle asyncio."""

    def __init__(
        self,
        creer: Creer,
        offrir: Callable[[Seance, str], bool],
        sur_etabli: Callable[[int, Seance], None],
        sur_perdu: Callable[[int], None],
    ) -> None:
        """`offrir(seance, sdp)` : faux si la salle est injoignable. `sur_etabli`, `sur_perdu` : avec le numéro
        donné à `appeler`."""
        self._creer = creer
        self._offrir = offrir
        self._sur_etabli = sur_etabli
        self._sur_perdu = sur_perdu
        self._visite = ""
        self._numero = 0
        self._phase = Phase.SUSPENDU
        self._service: _Essai | None = None
        self._essai: _Essai | None = None
        self._condamne = False
        """La séance en service ne l'emportera plus, même si elle parle."""
        self._perte_dite = False
        self._patience = SANS_REPONSE
        self._depuis = self._dernier = 0.0
        self._veille: asyncio.Task[None] | None = None
        self._taches = Taches("appel")

    @property
    def en_service(self) -> Seance | None:
        """La séance par laquelle on se parle, ou None."""
        return self._service.seance if self._service is not None else None

    @property
    def numero(self) -> int:
        """Celui du dernier `appeler`."""
        return self._numero

    async def appeler(self, visite: str, numero: int) -> None:
        """Le médecin attend notre offre : une tentative neuve, sous ce numéro."""
        self._visite, self._numero = visite, numero
        self._perte_dite = False
        self._patience = SANS_REPONSE
        await self._reprendre("demandée", condamner=True)

    def suspendre(self) -> None:
        """Plus de tentative jusqu'au prochain `appeler` ; la séance en service reste."""
        self._phase = Phase.SUSPENDU
        self._abandonner()

    def relancer(self, *, change: bool) -> None:
        """Le réseau a changé : une tentative part si l'appel manque, ou si une adresse est perdue (`change`)."""
        if self._phase is Phase.REPRISE or (change and self._phase is Phase.TENU):
            self._taches.lancer(self._reprendre("réseau changé", condamner=change))

    async def repondre(self, message: p.Reponse) -> None:
        """La réponse du médecin ; malformée, la tentative est abandonnée et la suivante viendra à son heure."""
        essai = self._nomme(message.appel)
        if essai is None:
            return
        try:
            await essai.seance.repondre(message.sdp, message.alea)
        except SeanceInvalide as erreur:
            journal.error("appel %d : réponse refusée (%s)", self._numero, type(erreur).__name__)
            if essai is self._essai:
                self._echouer()

    async def candidat(self, message: p.Candidat) -> None:
        """Un candidat ICE du médecin."""
        essai = self._nomme(message.appel)
        if essai is not None:
            await essai.seance.candidat(message.candidat, message.mid, message.ligne)

    async def raccrocher(self) -> None:
        """Ferme tout, et attend que ce soit fait."""
        self._phase = Phase.SUSPENDU
        self._abandonner()
        # Rendu avant d'attendre : un appel du patient suivant, parti entre-temps, n'est pas à fermer.
        service, self._service = self._service, None
        self._fermer(service)
        veille, self._veille = self._veille, None
        if veille is not None:
            await asyncio.wait({veille})
        await self._taches.attendre()

    # --- les tentatives ---

    async def _reprendre(self, raison: str, *, condamner: bool) -> None:
        if self._phase is not Phase.REPRISE:
            self._phase, self._depuis, self._condamne = Phase.REPRISE, time.monotonic(), False
        self._condamne = self._condamne or condamner
        if self._veille is None or self._veille.done():
            self._veille = asyncio.create_task(self._veiller(), name="reprise de l'appel")
        await self._tenter(raison)

    async def _tenter(self, raison: str) -> None:
        journal.info("appel %d : offre (%s)", self._numero, raison)
        self._abandonner()
        appel = f"{self._numero}-{secrets.token_hex(8)}"
        essai = _Essai(appel, self._creer(self._visite, appel, lambda etat: self._changer(appel, etat)))
        essai.patience = self._patience
        self._essai = essai
        try:
            sdp = await essai.seance.offre()
        except ERREURS_OFFRE as erreur:
            journal.error("appel %d : offre impossible (%s)", self._numero, type(erreur).__name__)
            sdp = ""
        finally:
            essai.offre = False
            if self._essai is not essai:
                # Raccroché, ou remplacé, pendant l'offre : fermée plus tôt, elle ouvrirait encore des sockets.
                self._fermer(essai)
        if self._essai is not essai:
            return
        if not sdp or not self._offrir(essai.seance, sdp):
            self._echouer()

    async def _veiller(self) -> None:
        """Tant que l'appel manque : remplacer la tentative qui a fait son temps, dire la perte."""
        while self._phase is Phase.REPRISE and self._veille is asyncio.current_task():
            await asyncio.sleep(PAS)
            duree = time.monotonic() - self._depuis
            if self._service is None and duree > DELAI_PERDU:
                self._dire_perdu()
            if self._phase is Phase.REPRISE and self._a_retenter(duree > RALENTI_APRES):
                if self._essai is not None and not self._essai.seance.repondue:
                    self._patience = SANS_REPONSE_LENT
                await self._tenter("toujours rien")

    def _a_retenter(self, ralenti: bool) -> bool:
        if ralenti and time.monotonic() - self._dernier < RALENTI:
            return False
        if self._essai is None:
            return time.monotonic() - self._dernier >= ENTRE_TENTATIVES
        return self._essai.echu()

    def _changer(self, appel: str, etat: EtatLiaison) -> None:
        if self._service is not None and self._service.appel == appel:
            self._changer_service(self._service, etat)
        elif self._essai is not None and self._essai.appel == appel:
            if etat is EtatLiaison.ETABLIE:
                self._promouvoir(self._essai)
            elif etat is EtatLiaison.PERDUE:
                self._echouer()

    def _changer_service(self, service: _Essai, etat: EtatLiaison) -> None:
        match etat:
            case EtatLiaison.ETABLIE if self._phase is Phase.SUSPENDU or not self._condamne:
                self._abandonner()
                if self._phase is Phase.REPRISE:
                    self._phase = Phase.TENU
                if self._perte_dite:
                    self._dire_etabli(service)
            case EtatLiaison.MUETTE | EtatLiaison.PERDUE:
                if etat is EtatLiaison.PERDUE:
                    self._dire_perdu()
                if self._phase is Phase.TENU:
                    self._taches.lancer(self._reprendre("silence", condamner=False))

    def _promouvoir(self, essai: _Essai) -> None:
        ancien, self._service, self._essai = self._service, essai, None
        self._fermer(ancien)
        self._phase, self._condamne = Phase.TENU, False
        self._dire_etabli(essai)

    def _dire_etabli(self, essai: _Essai) -> None:
        self._perte_dite = False
        self._sur_etabli(self._numero, essai.seance)

    def _dire_perdu(self) -> None:
        if not self._perte_dite:
            self._perte_dite = True
            self._sur_perdu(self._numero)

    def _echouer(self) -> None:
        """La tentative est finie ; sans séance en service, l'appel est perdu, et la suivante viendra à son heure."""
        self._abandonner()
        if self._service is None:
            self._dire_perdu()

    def _abandonner(self) -> None:
        essai, self._essai = self._essai, None
        self._dernier = time.monotonic()
        self._fermer(essai)

    def _fermer(self, essai: _Essai | None) -> None:
        if essai is not None and not essai.offre:
            self._taches.lancer(essai.seance.fermer())

    def _nomme(self, appel: str) -> _Essai | None:
        return self._essai if self._essai is not None and self._essai.appel == appel else None
