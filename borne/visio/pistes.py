"""Les pistes que la borne envoie : image de la caméra, voix, stéthoscope, toutes déjà encodées.

aiortc accepte d'une piste un `av.Packet` tout encodé : c'est son interface publique, et elle laisse choisir
l'encodeur, son fil et son débit sans rien remplacer en lui. Les horodatages de toutes les pistes partent de la
même origine et suivent l'instant de capture : le récepteur peut accorder l'image et le son.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

import av
import cv2
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from numpy.typing import NDArray

from borne.visio.cadrage import Cadreur
from borne.visio.echelle import Echelle, Etat
from borne.visio.encodeurs import BASE_IMAGE, DEBIT_DEPART, EncodeurH264, EncodeurOpus, en_i420
from borne.visio.sources import (
    ECHANTILLONS_BLOC,
    FREQUENCE_SON,
    BlocSon,
    ImageCaptee,
    Lecteur,
    SourceImage,
    SourceSon,
    SurSource,
)

DUREE_BLOC: Final = ECHANTILLONS_BLOC / FREQUENCE_SON
DELAI_IMAGE: Final = 1.0
"""Secondes sans image de caméra avant l'image grise."""
AGE_MAX_IMAGE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Exigence:
    """Ce qu'on préfère d'un son : être à l'heure, ou être entier. Secondes.

    `tolerance` : retard d'un bloc avant d'émettre du silence à sa place. `retard_max` : un bloc plus en retard que
    cela sur les autres est jeté.
    """

    usage: Literal["voip", "lowdelay"]
    debit: int
    tolerance: float
    retard_max: float


VOIX: Final = Exigence("voip", 40_000, tolerance=0.06, retard_max=0.1)
"""Une conversation : mieux vaut un trou qu'un décalage qui dure."""
AUSCULTATION: Final = Exigence("lowdelay", 96_000, tolerance=0.2, retard_max=0.6)
"""Un cœur : mieux vaut un décalage qu'un battement coupé."""

ATTENTE_BLOC: Final = 0.005
"""Un bloc rendu plus vite que cela, en secondes, attendait déjà : à l'ouverture, c'est de l'arriéré."""
RETARD_OUVERTURE: Final = 0.15
"""Un bloc capté depuis plus longtemps, en secondes, en est aussi."""
DUREE_OUVERTURE: Final = 1.0
"""Secondes au plus à jeter l'arriéré : l'horloge de la source peut n'être pas la nôtre."""
RECALAGE: Final = 2.0
"""Secondes à ne jeter que des blocs au bout desquelles la référence de retard est refaite."""
ECART_IMAGES_CLES: Final = 0.3
"""Secondes au moins entre deux images clés : plusieurs demandes arrivent souvent ensemble."""
CADENCE_MAX: Final = 30
TOLERANCE_CADENCE: Final = 0.008
"""Secondes : la caméra n'est jamais tout à fait à l'heure."""
PART_CHARGE: Final = 0.05
"""Poids d'une image dans la charge lissée (deux tiers de seconde)."""
GRIS: Final = 64
TAILLE_ATTENTE: Final = (720, 1280, 3)

_SILENCE: Final[NDArray[np.int16]] = np.zeros(ECHANTILLONS_BLOC, dtype=np.int16)


class PisteImage(MediaStreamTrack):
    """La caméra en H.264 (ou en images brutes qu'aiortc encodera en VP8 si le médecin n'a pas H.264)."""

    kind = "video"
    frequence = BASE_IMAGE.denominator

    def __init__(
        self, camera: SourceImage | None, origine: float, sur_source: SurSource, cadreur: Cadreur | None = None
    ) -> None:
        super().__init__()
        self._camera = camera
        self._cadreur = cadreur or Cadreur()
        self._origine = origine
        self._lecteur = Lecteur("camera", self._demander, sur_source)
        self._encodeur = EncodeurH264()
        self._fil = ThreadPoolExecutor(1, thread_name_prefix="visio-codage")
        self._numero = -1
        self._pts = -1
        self._cle_demandee = True
        self._derniere_cle = -ECART_IMAGES_CLES
        self._attente: NDArray[np.uint8] = np.full(TAILLE_ATTENTE, GRIS, dtype=np.uint8)
        self.precodee = True
        self.debit = DEBIT_DEPART
        self.reserve = 0.0
        """Part du débit laissée à la photo d'examen le temps de son envoi."""
        self.emises = 0
        self.attendre_place: Callable[[], Awaitable[None]] | None = None
        """Attend que l'image précédente soit partie."""
        self.souffle = self._cadreur.souffle
        self._etat = Echelle(self.souffle).etat
        self._reprise = asyncio.Event()
        self._derniere = 0.0
        self._ecart = 1 / CADENCE_MAX
        self.charge = 0.0
        """Temps d'encodage d'une image sur le temps entre deux images, lissé : au-delà de 1, elles s'accumulent."""

    async def recv(self) -> av.Packet[Any] | av.VideoFrame:
        """L'image suivante, encodée dans le fil de codage (VideoFrame quand `precodee` est faux)."""
        while self.readyState == "live":
            # Attendre ici, et non après l'encodeur : l'image prise ensuite est la plus récente.
            if self.attendre_place is not None:
                await self.attendre_place()
            if self._etat.cadence == 0:
                await self._reprise.wait()
                continue
            bgr, instant = await self._image()
            if self.readyState != "live":
                break
            if self._de_trop(instant):
                continue
            debut = time.monotonic()
            paquet = await asyncio.get_running_loop().run_in_executor(
                self._fil, self._encoder, bgr, self._dater(instant), self._cle_due()
            )
            # Fil et boucle compris : ce qui manque à l'un manque aussi au son.
            self.charge += PART_CHARGE * ((time.monotonic() - debut) * CADENCE_MAX - self.charge)
            if paquet is not None:
                self.emises += 1
                return paquet
        raise MediaStreamError

    def stop(self) -> None:
        """Arrête la piste et rend ses fils."""
        super().stop()
        self._reprise.set()
        self._lecteur.fermer()
        self._fil.shutdown(wait=False)

    def adapter(self, etat: Etat) -> None:
        """Change la définition et la cadence, coupe ou rouvre l'image ; la définition coûte une image clé."""
        if self._etat.cadence == 0 and etat.cadence:
            self._cle_demandee = True
        if etat.hauteur and self._etat.hauteur:
            # L'encodage se paie au pixel : la mesure repart de ce que la nouvelle taille devrait coûter.
            self.charge *= (etat.hauteur / self._etat.hauteur) ** 2
        self._etat = etat
        if etat.cadence:
            self._reprise.set()
        else:
            self._reprise.clear()

    def demander_image_cle(self) -> None:
        """La prochaine image sera complète (PLI ou FIR, RFC 4585 section 6.3.1)."""
        self._cle_demandee = True

    def instant_de(self, pts: int) -> float:
        """L'instant Unix de capture de l'image d'horodatage `pts`."""
        return self._origine + pts / self.frequence

    async def _demander(self) -> ImageCaptee:
        if self._camera is None:
            raise OSError("aucune caméra")
        return await self._camera.prochaine(self._numero)

    async def _image(self) -> tuple[NDArray[np.uint8], float]:
        image = await self._lecteur.lire(DELAI_IMAGE)
        maintenant = time.time()
        if image is None:
            self._numero = -1
            return self._attente, maintenant
        self._numero = image.numero
        if maintenant - image.instant > AGE_MAX_IMAGE:
            return self._attente, maintenant
        return image.bgr, image.instant

    def _dater(self, instant: float) -> int:
        pts = round((instant - self._origine) * self.frequence)
        if self._pts >= 0 and not self._pts < pts <= self._pts + 10 * self.frequence:
            # L'horloge du système a sauté : l'horodatage continue, l'origine suit.
            suivant = self._pts + self.frequence // 30
            self._origine += (pts - suivant) / self.frequence
            pts = suivant
        self._pts = pts
        return pts

    def _de_trop(self, instant: float) -> bool:
        """Une image de trop pour la cadence réduite."""
        if (
            self._etat.cadence < CADENCE_MAX
            and 0 <= instant - self._derniere < 1 / self._etat.cadence - TOLERANCE_CADENCE
        ):
            return True
        self._derniere, ecart = instant, instant - self._derniere
        if 0 < ecart < AGE_MAX_IMAGE:
            self._ecart += 0.1 * (ecart - self._ecart)
        return False

    def _taille(self) -> tuple[int, int] | None:
        """La définition réduite, ou None pour celle du flux."""
        flux, hauteur = self._cadreur.flux, self._etat.hauteur
        if flux is None or hauteur == 0 or flux[1] <= hauteur:
            return None
        return round(flux[0] * hauteur / flux[1] / 2) * 2, hauteur

    def _cle_due(self) -> bool:
        maintenant = time.monotonic()
        if not self._cle_demandee or maintenant - self._derniere_cle < ECART_IMAGES_CLES:
            return False
        self._cle_demandee = False
        self._derniere_cle = maintenant
        return True

    def _encoder(self, bgr: NDArray[np.uint8], pts: int, cle: bool) -> av.Packet[Any] | av.VideoFrame | None:
        if bgr is not self._attente:
            bgr = self._cadreur.appliquer(bgr, self._taille())
        elif self._cadreur.flux is not None:
            # À la taille du flux : passer au gris ne doit pas rouvrir l'encodeur.
            bgr = np.asarray(cv2.resize(bgr, self._taille() or self._cadreur.flux), dtype=np.uint8)
        if self.precodee:
            # x264 compte 30 images par seconde : à moins, chacune a droit à davantage.
            part = min(max(1.0, self._ecart * CADENCE_MAX), 3.0)
            return self._encodeur.encoder(bgr, pts, round(self.debit * (1 - self.reserve) * part), cle)
        image = en_i420(bgr)
        image.pts, image.time_base = pts, BASE_IMAGE
        return image


class PisteSon(MediaStreamTrack):
    """Un micro ou un stéthoscope en Opus. Coupée, elle émet du silence et n'ouvre pas sa source."""

    kind = "audio"
    frequence = FREQUENCE_SON

    def __init__(
        self,
        nom: str,
        source: SourceSon | None,
        origine: float,
        sur_source: SurSource,
        *,
        exigence: Exigence,
        active: bool = True,
    ) -> None:
        super().__init__()
        self._source = source
        self._exigence = exigence
        self._origine = origine
        self._lecteur = Lecteur(nom, self._demander, sur_source)
        self._encodeur = EncodeurOpus(exigence.usage, exigence.debit)
        self._active = active
        self._pts = round((time.time() - origine) * FREQUENCE_SON)
        self._ecart = 0.0
        self._echeance = time.monotonic()
        self._retard_min = float("inf")
        self._arriere = True
        self._ouverture: float | None = None
        self._jete_depuis: float | None = None
        self.repetitions = 1
        """Trames précédentes répétées dans chaque paquet, quand `audio/red` est négocié."""

    async def recv(self) -> av.Packet[Any]:
        """Les 20 ms suivantes, à leur heure."""
        while self.readyState == "live":
            bloc = await self._bloc()
            if bloc is not None and self._trop_tard(bloc):
                continue
            self._pts += ECHANTILLONS_BLOC
            if bloc is not None:
                self._accorder(bloc)
            paquet = self._encodeur.encoder(_SILENCE if bloc is None else bloc.echantillons, self._pts)
            if paquet is not None:
                return paquet
        raise MediaStreamError

    def stop(self) -> None:
        """Arrête la piste."""
        super().stop()
        self._lecteur.fermer()

    def activer(self, active: bool) -> None:
        """Ouvre ou coupe la source (coupée : silence, et la source n'est plus lue)."""
        self._active = active
        if not active:
            self._lecteur.fermer()
            self._arriere, self._ouverture = True, None

    def demander_image_cle(self) -> None:
        """Sans objet pour le son."""

    def instant_de(self, pts: int) -> float:
        """L'instant Unix de capture de l'échantillon d'horodatage `pts`."""
        return self._origine + (pts + self._ecart) / FREQUENCE_SON

    async def _demander(self) -> BlocSon:
        if self._source is None:
            raise OSError("aucune source de son")
        return await self._source.prochain()

    async def _bloc(self) -> BlocSon | None:
        """Le bloc suivant, ou None quand il faut émettre du silence."""
        while True:
            reste = self._echeance - time.monotonic()
            if self._active:
                # Même l'heure passée : après un arrêt de la boucle, le bloc est souvent déjà là.
                bloc = await self._lecteur.lire(max(reste, ATTENTE_BLOC))
                if bloc is not None and not self._de_l_arriere(bloc):
                    self._echeance = time.monotonic() + DUREE_BLOC + self._exigence.tolerance
                    return bloc
            elif reste > 0:
                await asyncio.sleep(reste)
            if time.monotonic() >= self._echeance:
                # Pas de rattrapage : le silence reprend maintenant.
                self._echeance = max(self._echeance, time.monotonic() - DUREE_BLOC) + DUREE_BLOC
                return None

    def _de_l_arriere(self, bloc: BlocSon) -> bool:
        """À l'ouverture, un bloc qui attendait déjà : le jouer mettrait toute la suite en retard d'autant."""
        if self._ouverture is None:
            self._ouverture = time.monotonic()
        ancien = self._lecteur.attente < ATTENTE_BLOC or time.time() - bloc.instant > RETARD_OUVERTURE
        self._arriere = self._arriere and ancien and time.monotonic() - self._ouverture < DUREE_OUVERTURE
        return self._arriere

    def _trop_tard(self, bloc: BlocSon) -> bool:
        """Faux pour un bloc aussi frais que les autres."""
        retard, maintenant = time.time() - bloc.instant, time.monotonic()
        if self._jete_depuis is not None and maintenant - self._jete_depuis > RECALAGE:
            # Un retard de la source se rattrape en un instant : ici l'horloge du système a sauté.
            self._retard_min = retard
        # La référence remonte de 1 ms par seconde : elle suit la dérive de la carte son.
        self._retard_min = min(retard, self._retard_min + 2e-5)
        if retard > self._retard_min + self._exigence.retard_max:
            self._jete_depuis = self._jete_depuis or maintenant
            return True
        self._jete_depuis = None
        return False

    def _accorder(self, bloc: BlocSon) -> None:
        """Suit l'écart entre le compte des échantillons et l'horloge : lentement (dérive) ou d'un coup (trou)."""
        derive = (bloc.instant - self._origine) * FREQUENCE_SON - self._pts - self._ecart
        self._ecart += derive if abs(derive) > 2 * ECHANTILLONS_BLOC else 0.02 * derive
