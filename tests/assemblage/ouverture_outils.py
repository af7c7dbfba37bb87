"""Une borne sans écran ni processus : des contrôles dont l'essai décide, et un temps qu'il avance."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from borne import protocole as p
from borne.assemblage.autotest import Autotest
from borne.assemblage.direct import Direct
from borne.assemblage.ouverture import ConduiteOuverture
from borne.autotest.banc import Banc
from borne.autotest.contrat import Couleur, Resultat
from borne.autotest.historique import Historique
from borne.autotest.profils import PROFILS
from borne.configuration import Autotest as Reglages
from borne.configuration import Configuration
from borne.parcours.visite import Visite
from borne.peripheriques.ble import Radio
from borne.ui.direct import EtatDirect
from borne.visio.identite import IdentiteBorne

CLE = Ed25519PrivateKey.generate()
SEPT_HEURES = 1_800_000_000.0 - 1_800_000_000.0 % 86400 + 7 * 3600
"""Un jour quelconque, à 7 h UTC."""


@dataclass
class Piece:
    """Un contrôle qui rend ce que l'essai a décidé de cet appareil."""

    nom: str
    monde: Monde
    groupe: str = ""
    delai_s: float = 20.0
    requiert: tuple[str, ...] = ()

    @property
    def libelle(self) -> str:
        return self.nom.capitalize()

    async def controler(self, banc: Banc) -> Resultat:
        self.monde.controles.append(self.nom)
        self.monde.papiers.append(banc.papier)
        self.monde.commence.set()
        await self.monde.porte.wait()
        couleur = self.monde.pannes.get(self.nom, Couleur.VERT)
        return Resultat(self.nom, couleur, "Vu.", "" if couleur is Couleur.VERT else "Réparez.")


class Monde:
    """Une borne sans écran : ses appareils, son temps, ce qu'elle a dit à la salle."""

    def __init__(self, dossier: Path, profil: str = "mairie", **reglages: object) -> None:
        self.maintenant, self.compteur = SEPT_HEURES, 1000.0
        self.visite = Visite()
        self.pannes: dict[str, Couleur] = {}
        self.autres: tuple[str, ...] = ()
        self.controles: list[str] = []
        self.papiers: list[bool] = []
        self.dits: list[p.BorneVersSalle] = []
        self.porte, self.commence = asyncio.Event(), asyncio.Event()
        self.porte.set()
        self.dossier = dossier
        self.configuration = Configuration(autotest=Reglages(profil=profil, **reglages))  # type: ignore[arg-type]
        self.direct = Direct(EtatDirect(), lambda etat: None)
        self.conduite = self.demarree()

    def demarree(self) -> ConduiteOuverture:
        """Une borne qui vient de s'allumer sur ce disque."""
        noms = PROFILS[self.configuration.autotest.profil].obligatoires
        identite = IdentiteBorne("b-1", "Mairie", CLE)
        autotest = Autotest(
            self.configuration,
            Historique(self.dossier),
            identite,
            lambda: Banc(radio=Radio(), donnees=self.dossier, papier=conduite.papier),
            lambda: self.maintenant,
            lambda _banc: [Piece(nom, self) for nom in (*noms, "imprimante", *self.autres)],
        )
        conduite = ConduiteOuverture(autotest, self.direct, lambda: self.visite, self._publier, lambda: self.compteur)
        conduite.liaison(True)
        self.conduite = conduite
        return conduite

    def _publier(self, message: p.BorneVersSalle) -> bool:
        self.dits.append(message)
        return True

    async def passer(self, secondes: float) -> None:
        """Le temps passe, puis la borne regarde l'heure."""
        self.maintenant += secondes
        self.compteur += secondes
        await self.conduite.tour()

    @property
    def fermeture(self) -> str:
        return self.direct.etat.fermeture
