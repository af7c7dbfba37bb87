"""L'autotest d'une vraie borne : son banc, une exécution, et ce qu'on en garde. La borne en marche et le terminal."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from borne.assemblage.optique import modes
from borne.autotest import rapport as r
from borne.autotest.banc import Banc, EcranVoulu
from borne.autotest.certificat import certifier
from borne.autotest.contrat import Controle, Resultat
from borne.autotest.controles import avec_requis, tous
from borne.autotest.execution import Avancee, executer
from borne.autotest.historique import Historique, HistoriqueImpossible
from borne.autotest.tendances import Point, tendances
from borne.configuration import Configuration, fichier_peripheriques
from borne.peripheriques.ble import Radio
from borne.peripheriques.registre import Contexte, Registre
from borne.peripheriques.serie import Serie
from borne.protocole import CameraNom, CertificatBorne, ServeurGlace
from borne.visio.identite import IdentiteAbsente, IdentiteBorne, IdentiteIllisible

journal = logging.getLogger(__name__)

CHAMPS_CAMERA: Final[dict[CameraNom, str]] = {
    "principale": "camera",
    "examen": "camera_examen",
    "document": "camera_document",
}
"""Le champ du banc de chaque caméra de l'appel."""

Progression = Callable[[Avancee], None]


@dataclass(frozen=True, slots=True)
class Bilan:
    """Un autotest fini. `certificat` None : borne pas enrôlée. `ennui` : phrase, si le rapport n'est pas gardé.

    `nouveau` faux : rien n'a changé de la décision, le certificat d'avant vaut toujours.
    """

    rapport: r.Rapport
    certificat: CertificatBorne | None
    ennui: str = ""
    nouveau: bool = True


@dataclass(frozen=True, slots=True)
class Autotest:
    """De quoi mener l'autotest de cette borne. `banc` : refait à chaque fois, avec ce que l'historique a appris."""

    configuration: Configuration
    historique: Historique
    identite: IdentiteBorne | None
    banc: Callable[[], Banc]
    horloge: Callable[[], float] = time.time
    controles: Callable[[Banc], Sequence[Controle[Banc]]] = tous

    async def mener(self, progression: Progression) -> Bilan:
        """Tous les contrôles ; le rapport est gardé et certifié."""
        banc = await asyncio.to_thread(self.banc)
        controles = self.controles(banc)
        debut = self.horloge()
        resultats = await executer(controles, banc, progression)
        libelles = {controle.nom: controle.libelle for controle in controles}
        return await asyncio.to_thread(self._conclure, resultats, libelles, debut)

    async def refaire(self, precedent: r.Rapport, noms: Sequence[str], progression: Progression) -> Bilan:
        """Ces contrôles, et ceux qu'ils requièrent ; les autres lignes du rapport restent celles de `precedent`.

        Il n'est gardé que s'il décide autre chose : une panne qui dure toute une nuit ne chasse pas l'historique.
        """
        banc = await asyncio.to_thread(self.banc)
        nouveau = precedent
        for resultat in await executer(avec_requis(self.controles(banc), noms), banc, progression):
            nouveau = r.remplacer(nouveau, resultat, self.horloge())
        if _decide(nouveau) != _decide(precedent):
            return await asyncio.to_thread(self.garder, nouveau)
        return Bilan(nouveau, None, nouveau=False)

    def _conclure(self, resultats: Sequence[Resultat], libelles: dict[str, str], debut: float) -> Bilan:
        fin = self.horloge()
        present = Point(debut, {resultat.controle: resultat.valeurs for resultat in resultats if resultat.valeurs})
        passes = [point for point in self.historique.points() if point.instant < debut]
        rapport = r.dresser(
            resultats,
            libelles,
            tendances([*passes, present], libelles),
            borne=self.identite.borne if self.identite is not None else "",
            lieu=self.configuration.lieu.nom,
            nom_profil=self.configuration.autotest.profil,
            debut=debut,
            fin=fin,
            logiciel=_version(),
        )
        return self.garder(rapport)

    def garder(self, rapport: r.Rapport) -> Bilan:
        """Garde ce rapport et le certifie ; un disque plein se dit, il n'empêche pas de savoir."""
        ennui = ""
        try:
            octets = self.historique.ajouter(rapport)
        except HistoriqueImpossible as erreur:
            journal.error("rapport d'autotest pas gardé : %s", erreur)
            octets, ennui = r.encoder(rapport), str(erreur)
        return Bilan(rapport, self.certifier(rapport, octets), ennui)

    def certifier(self, rapport: r.Rapport, octets: bytes) -> CertificatBorne | None:
        """Le certificat de ce rapport ; None si la borne n'est pas (ou plus) celle du rapport."""
        if self.identite is None or rapport.borne != self.identite.borne:
            return None
        return certifier(rapport, octets, self.identite, self.configuration.autotest.validite_h * 3600)


def preparer(configuration: Configuration, radio: Radio) -> Autotest:
    """L'autotest d'une borne arrêtée (le terminal). Lève les erreurs du registre, dites en français."""
    historique = Historique(Path(configuration.chemins.donnees))
    serie = Serie(Path(configuration.appareils.serie))
    registre = Registre.charger(fichier_peripheriques(configuration), Contexte(radio, serie))
    try:
        identite = IdentiteBorne.lire(Path(configuration.chemins.cles))
    except (IdentiteAbsente, IdentiteIllisible, OSError) as erreur:
        # Un contrôle le dira : une borne pas enrôlée se contrôle aussi.
        journal.warning("borne sans identité : %s", type(erreur).__name__)
        identite = None
    return Autotest(
        configuration,
        historique,
        identite,
        lambda: faire_banc(configuration, registre, radio, identite, historique),
        controles=tous,
    )


def faire_banc(
    configuration: Configuration,
    registre: Registre,
    radio: Radio,
    identite: IdentiteBorne | None,
    historique: Historique,
    *,
    glace: tuple[ServeurGlace, ...] | None = None,
    papier: bool = True,
) -> Banc:
    """Le banc de la borne que dit cette configuration. Lit l'historique : à appeler hors de la boucle."""
    appareils, ecran = configuration.appareils, configuration.ecran
    return Banc(
        radio=radio,
        donnees=Path(configuration.chemins.donnees),
        cles=Path(configuration.chemins.cles),
        appareils=registre.tous(),
        camera=appareils.camera,
        camera_examen=appareils.camera_examen,
        camera_document=appareils.camera_document,
        modes={CHAMPS_CAMERA[nom]: mode for nom, mode in modes(configuration).items()},
        microphone=appareils.microphone,
        haut_parleur=appareils.haut_parleur,
        stethoscope=appareils.stethoscope,
        imprimante=appareils.imprimante,
        imprimante_tickets=appareils.tickets,
        serie=Path(appareils.serie),
        salle=configuration.salle.url,
        identite=identite,
        glace=glace,
        ecran=EcranVoulu(ecran.largeur_px, ecran.hauteur_px, ecran.largeur_mm, ecran.hauteur_mm),
        fuseau=configuration.autotest.fuseau,
        profil=configuration.autotest.profil,
        precedentes=historique.precedentes(),
        papier=papier,
    )


def _decide(rapport: r.Rapport) -> tuple[object, ...]:
    return (rapport.aptitude, rapport.bloquants, rapport.reserves)


def _version() -> str:
    try:
        return version("borne")
    except PackageNotFoundError:
        return ""
