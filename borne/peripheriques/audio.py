"""Le son : microphones (voix, stéthoscope) et haut-parleur, par PulseAudio ou PipeWire.

Aucun traitement, de la capture à la file : ni gain automatique, ni filtre, ni réduction de bruit, qui effacent les
bruits du cœur ; un gain fixe seulement, s'il est demandé. Le périphérique se nomme par son nom PulseAudio, stable
d'un branchement à l'autre. Un périphérique perdu se dit (`SonPerdu`, `sur_etat`) et se rouvre de lui-même.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.flux_son import OCTETS_ECHANTILLON, FluxSon
from borne.peripheriques.limiteur import Limiteur
from borne.peripheriques.niveaux import CompteurEcretage, Ecretage, amplifier
from borne.peripheriques.tenace import EtatPeripherique, FilTenace, SurEtat

DELAI_SON_S: Final = 3.0
"""Au-delà, un micro ouvert qui n'envoie rien est tenu pour perdu."""
NIVEAU_MINIMAL_DB: Final = -96.0
"""Niveau du silence numérique, en dBFS (16 bits)."""
FENETRE_NIVEAU_S: Final = 0.3
LATENCE_SORTIE_MS: Final = 20
"""Latence demandée au serveur de son pour la sortie."""
_PLEINE_ECHELLE: Final = 32768.0

Nom = str | Callable[[], str]
"""Un nom PulseAudio, ou la fonction qui le donne, appelée depuis le fil du périphérique à chaque ouverture."""


def _nommer(nom: Nom) -> str:
    return nom if isinstance(nom, str) else nom()


class SonPerdu(Exception):
    """Le micro ou le haut-parleur n'est pas là, ou plus ; le texte est une phrase française."""


@dataclass(frozen=True, slots=True)
class BlocSon:
    """`echantillons` (n,) int16 mono en lecture seule, `instant` du premier (secondes Unix), `numero` croissant."""

    echantillons: NDArray[np.int16]
    instant: float
    numero: int


class _Horloge:
    """Date les échantillons par leur compte, recalé sur les arrivées les plus promptes.

    Une arrivée ne peut qu'être en retard (ordonnancement, paquets) : la plus précoce est la plus vraie. L'estimation
    suit donc aussitôt une arrivée en avance, et lentement un retard (dérive des horloges) ; un grand écart est une
    coupure du son.
    """

    LENTEUR: Final = 0.01
    COUPURE_S: Final = 0.2

    def __init__(self) -> None:
        self._prevu: float | None = None

    def dater(self, arrivee: float, duree_s: float) -> float:
        """L'instant du premier échantillon d'un bloc reçu en entier à `arrivee` (secondes Unix)."""
        mesure = arrivee - duree_s
        retard = 0.0 if self._prevu is None else mesure - self._prevu
        if self._prevu is None or retard < 0 or retard > self.COUPURE_S:
            instant = mesure
        else:
            instant = self._prevu + self.LENTEUR * retard
        self._prevu = instant + duree_s
        return instant


class Microphone:
    """Une entrée de son. `source` : nom PulseAudio ; `nom` : sujet des phrases d'erreur (« Le stéthoscope »).

    La file garde `blocs_gardes` blocs ; au-delà le plus vieux est jeté et compté. Un seul consommateur à la fois
    reçoit chaque bloc (la file est partagée) ; `numero` montre ce qui manque. `gain_db` : gain numérique ; à 0 les
    échantillons sont ceux du serveur, au bit près.
    """

    def __init__(
        self,
        source: Nom,
        frequence: int = 48000,
        bloc_ms: int = 20,
        *,
        nom: str = "Le micro",
        blocs_gardes: int = 10,
        gain_db: float = 0.0,
        serveur: str | None = None,
        sur_etat: SurEtat | None = None,
    ) -> None:
        self.frequence = frequence
        self.gain_db = gain_db
        self._compteur = CompteurEcretage(frequence)
        self._source, self._nom, self._serveur = source, nom, serveur
        self._bloc_ms, self._taille = bloc_ms, frequence * bloc_ms // 1000
        self._file: deque[BlocSon] = deque()
        self._gardes = blocs_gardes
        self._verrou = threading.Lock()
        self._ecoute = False
        self._pertes = 0
        self._numero = 0
        self._a_rouvrir = threading.Event()
        self._carres: deque[float] = deque(maxlen=max(1, int(FENETRE_NIVEAU_S * 1000 / bloc_ms)))
        self._fil = FilTenace(nom, self._capturer, SonPerdu, sur_etat)

    def demarrer(self) -> None:
        """Lance la capture (sans effet si elle tourne). L'absence du micro se dit par l'état, pas ici."""
        if self._fil.etat == "arretee":
            self._compteur.remettre()
        self._fil.demarrer()

    def arreter(self) -> None:
        """Arrête la capture et vide la file."""
        self._fil.arreter()

    @property
    def etat(self) -> EtatPeripherique:
        """Où en est le micro."""
        return self._fil.etat

    @property
    def raison(self) -> str:
        """Pourquoi il est perdu (phrase française), sinon vide."""
        return self._fil.raison

    @property
    def pertes(self) -> int:
        """Blocs jetés parce que le consommateur était en retard (rien n'est compté avant le premier `prochain`)."""
        return self._pertes

    @property
    def ecretage(self) -> Ecretage:
        """Ce que la carte a écrêté, avant tout gain, depuis le démarrage ou `oublier_ecretage`."""
        return self._compteur.lu

    def oublier_ecretage(self) -> None:
        """Remet l'indicateur d'écrêtage à zéro."""
        self._compteur.remettre()

    @property
    def niveau(self) -> float:
        """Niveau efficace des 0,3 dernières secondes, en dBFS (0 : pleine échelle), `NIVEAU_MINIMAL_DB` au moins."""
        carres = list(self._carres) if self._fil.etat == "active" else []
        puissance = sum(carres) / len(carres) if carres else 0.0
        return max(NIVEAU_MINIMAL_DB, float(10 * np.log10(max(puissance, 1e-12))))

    def rouvrir(self) -> None:
        """Ferme et rouvre aussitôt (le nom à ouvrir a changé), sans dire de perte."""
        self._a_rouvrir.set()

    def vider(self) -> None:
        """Jette ce qui attend : à faire au début d'une écoute, pour ne pas commencer par du passé."""
        with self._verrou:
            self._file.clear()
            self._ecoute = False

    async def prochain(self) -> BlocSon:
        """Le bloc suivant. Lève `SonPerdu` dès que le micro se perd, et après `DELAI_SON_S` sans son."""
        self._ecoute = True

        def regarder() -> BlocSon | None:
            with self._verrou:
                return self._file.popleft() if self._file else None

        return await self._fil.attendre(regarder, DELAI_SON_S)

    def _capturer(self) -> None:
        # Des fragments d'un demi-bloc : un bloc attend au plus la moitié de sa durée dans le serveur.
        self._a_rouvrir.clear()
        flux = FluxSon("parec", _nommer(self._source), self.frequence, max(5, self._bloc_ms // 2), self._serveur)
        horloge = _Horloge()
        try:
            octets = bytearray(self._taille * OCTETS_ECHANTILLON)
            while not self._fil.fin.is_set() and flux.lire(memoryview(octets), DELAI_SON_S):
                if self._a_rouvrir.is_set():
                    return
                instant = horloge.dater(time.time(), self._taille / self.frequence)
                self._publier(np.frombuffer(bytes(octets), np.dtype("<i2")), instant)
        finally:
            flux.fermer()
            with self._verrou:
                self._file.clear()
        if not self._fil.fin.is_set():
            raise SonPerdu(f"{self._nom} {flux.refus or 'ne donne plus de son'}.")

    def _publier(self, captes: NDArray[np.int16], instant: float) -> None:
        self._compteur.compter(captes)
        echantillons = amplifier(captes, self.gain_db)
        self._carres.append(float(np.mean(np.square(echantillons / _PLEINE_ECHELLE))))
        self._numero += 1
        with self._verrou:
            self._file.append(BlocSon(echantillons, instant, self._numero))
            if len(self._file) > self._gardes:
                self._file.popleft()
                self._pertes += self._ecoute
        self._fil.reussir()


class HautParleur:
    """Une sortie de son, mono. `sortie` : nom PulseAudio ; `nom` : sujet des phrases d'erreur.

    `latence_max_s` borne l'attente d'un échantillon, de `ecrire` au périphérique : au-delà, le plus vieux est jeté
    et compté, pour que le retard ne s'accumule jamais. `limiteur` : None pour ne rien limiter.
    """

    def __init__(
        self,
        sortie: Nom,
        frequence: int = 48000,
        *,
        nom: str = "Le haut-parleur",
        latence_max_s: float = 0.06,
        limiteur: Limiteur | None = None,
        serveur: str | None = None,
        sur_etat: SurEtat | None = None,
    ) -> None:
        self.frequence = frequence
        self._sortie, self._nom, self._serveur = sortie, nom, serveur
        self._plafond = int(latence_max_s * frequence) - LATENCE_SORTIE_MS * frequence // 1000
        self._tampon: deque[NDArray[np.int16]] = deque()
        self._attente = 0
        self._condition = threading.Condition()
        self._limiteur = limiteur
        self._volume = 1.0
        self._pertes = 0
        self._flux: FluxSon | None = None
        self._a_rouvrir = threading.Event()
        self._fil = FilTenace(nom, self._jouer, SonPerdu, sur_etat)

    def demarrer(self) -> None:
        """Ouvre la sortie (sans effet si elle l'est). Son absence se dit par l'état, pas ici."""
        self._fil.demarrer()

    def arreter(self) -> None:
        """Ferme la sortie."""
        self._fil.arreter()

    @property
    def etat(self) -> EtatPeripherique:
        """Où en est le haut-parleur."""
        return self._fil.etat

    @property
    def raison(self) -> str:
        """Pourquoi il est perdu (phrase française), sinon vide."""
        return self._fil.raison

    @property
    def volume(self) -> float:
        """Volume, de 0 à 1."""
        return self._volume

    @volume.setter
    def volume(self, valeur: float) -> None:
        self._volume = min(1.0, max(0.0, valeur))

    @property
    def pertes(self) -> int:
        """Échantillons jetés : trop d'avance, ou sortie perdue."""
        return self._pertes

    @property
    def latence_s(self) -> float:
        """Attente d'un échantillon écrit maintenant, en secondes : notre tampon, le tube, et le serveur de son."""
        flux = self._flux
        serveur = (flux.latence_s + flux.octets_en_attente() / self._octets_s) if flux is not None else 0.0
        return self._attente / self.frequence + serveur

    def rouvrir(self) -> None:
        """Ferme et rouvre aussitôt (le nom à ouvrir a changé), sans dire de perte."""
        self._a_rouvrir.set()

    def ecrire(self, echantillons: NDArray[np.int16]) -> None:
        """Joue des échantillons (n,) int16 mono à la suite. Ne bloque ni ne lève jamais : l'état dit la perte."""
        if self._limiteur is not None:
            # Avant le volume : le patient qui le baisse l'entend toujours baisser.
            echantillons = self._limiteur.appliquer(echantillons)
        son = np.rint(echantillons * self._volume).astype(np.int16)
        with self._condition:
            if self._fil.etat != "active":
                self._pertes += len(son)
                return
            self._tampon.append(son)
            self._attente += len(son)
            while self._attente > self._plafond and len(self._tampon) > 1:
                self._pertes += self._retirer()
            self._condition.notify_all()

    def attendre(self, delai_s: float) -> bool:
        """Attend, depuis un fil, que tout soit passé au périphérique ; faux après `delai_s`, ou sans périphérique."""
        with self._condition:
            if self._fil.etat != "active":
                self._condition.wait(delai_s)
                return False
            return self._condition.wait_for(lambda: not self._tampon, delai_s)

    @property
    def _octets_s(self) -> int:
        return self.frequence * OCTETS_ECHANTILLON

    def _retirer(self) -> int:
        """Retire le plus vieux morceau du tampon et rend sa longueur (verrou tenu)."""
        longueur = len(self._tampon.popleft())
        self._attente -= longueur
        return longueur

    def _jouer(self) -> None:
        self._a_rouvrir.clear()
        flux = FluxSon("pacat", _nommer(self._sortie), self.frequence, LATENCE_SORTIE_MS, self._serveur)
        try:
            while not self._fil.fin.is_set() and not flux.fini:
                if self._a_rouvrir.is_set():
                    return
                if flux.commence and self._flux is None:
                    self._flux = flux
                    self._fil.reussir()
                self._passer(flux)
        finally:
            self._flux = None
            flux.fermer()
            self._jeter_tout()
        if not self._fil.fin.is_set():
            raise SonPerdu(f"{self._nom} {flux.refus or 'ne joue plus'}.")

    def _passer(self, flux: FluxSon) -> None:
        """Passe un morceau au tube, s'il y en a un d'ici 50 ms."""
        with self._condition:
            if not self._tampon and not self._condition.wait_for(lambda: bool(self._tampon), 0.05):
                return
            morceau = self._tampon[0]
        ecrits = flux.ecrire(memoryview(morceau.tobytes()), 0.05) // OCTETS_ECHANTILLON
        with self._condition:
            # Le morceau a pu être jeté pendant l'écriture, pour cause de retard : alors il n'y a rien à retirer.
            if ecrits and self._tampon and self._tampon[0] is morceau:
                self._retirer()
                if ecrits < len(morceau):
                    self._tampon.appendleft(morceau[ecrits:])
                    self._attente += len(morceau) - ecrits
            self._condition.notify_all()

    def _jeter_tout(self) -> None:
        with self._condition:
            while self._tampon:
                self._pertes += self._retirer()
