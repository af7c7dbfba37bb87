"""La caméra virtuelle du banc de l'appel : la même vidéo pour tous les émetteurs, dans son propre processus.

`Contenu` calcule une fois les images (la scène de `borne.demonstration.camera` : un portrait qui bouge, un bruit de
capteur) et les garde dans des fichiers que tous projettent en mémoire. Le processus les recopie dans un anneau de
cases, y dessine l'instant et le numéro, et annonce chaque case par un datagramme : l'émetteur lit la case sans copie,
et n'a payé ni la fabrication ni l'horodatage.

Les images vont et viennent (0, 1, ..., N-1, N-2, ...) : le mouvement n'a pas de saut.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from borne.demonstration import horodatage
from borne.demonstration.camera import Scene

IMAGES_S: Final = 30
IMAGES_CONTENU: Final = 45
CASES: Final = 8
"""Une image reste valable sept périodes après son annonce."""
DEBUT_SCENE_S: Final = 0.2
"""Après l'éclair de la scène : le contenu n'en porte pas, chaque émetteur le dessine à son heure."""
BLOCS_NUMERO: Final = 6
"""Le numéro est un second tampon, dessiné ce nombre de blocs plus bas."""
BLOCS_MARQUES: Final = (11, 13)
"""Largeur et hauteur, en blocs, du coin que les deux tampons occupent."""
ANNONCE: Final = struct.Struct("<IId")
"""Numéro, case, instant Unix."""
Format: TypeAlias = Literal["bgr", "i420"]


@dataclass(frozen=True, slots=True)
class Taille:
    """Dimensions d'une image, en pixels."""

    largeur: int
    hauteur: int

    def octets(self, format_image: Format) -> int:
        """Octets d'une image."""
        return self.largeur * self.hauteur * 3 // (1 if format_image == "bgr" else 2)

    def forme(self, format_image: Format) -> tuple[int, ...]:
        """La forme du tableau uint8 d'une image."""
        if format_image == "bgr":
            return self.hauteur, self.largeur, 3
        return self.hauteur * 3 // 2, self.largeur


HD: Final = Taille(1280, 720)
PLEINE_HD: Final = Taille(1920, 1080)


def dossier_memoire() -> Path:
    """Un dossier temporaire en mémoire quand la machine en a un d'assez grand, sinon sur disque."""
    memoire = Path("/dev/shm")
    assez = memoire.is_dir() and shutil.disk_usage(memoire).free > 2 << 30
    return Path(tempfile.mkdtemp(prefix="borne-banc-", dir=memoire if assez else None))


class Contenu:
    """Les images d'une taille, dans `dossier` : `bgr` (N, h, w, 3) et `i420` (N, h*3/2, w), uint8."""

    def __init__(self, dossier: Path, taille: Taille) -> None:
        self.taille = taille
        self.fichiers: dict[Format, Path] = {
            "bgr": dossier / f"{taille.hauteur}.bgr",
            "i420": dossier / f"{taille.hauteur}.i420",
        }
        if not self.fichiers["i420"].exists():
            self._fabriquer()
        self.images = {
            nom: np.memmap(fichier, np.uint8, "r", shape=(IMAGES_CONTENU, *taille.forme(nom)))
            for nom, fichier in self.fichiers.items()
        }

    def _fabriquer(self) -> None:
        largeur, hauteur = self.taille.largeur, self.taille.hauteur
        scene = Scene(largeur, hauteur)
        with self.fichiers["bgr"].open("wb") as bgr, self.fichiers["i420"].open("wb") as i420:
            for rang in range(IMAGES_CONTENU):
                trame = np.frombuffer(scene.trame(DEBUT_SCENE_S + rang / IMAGES_S), np.uint8)
                image = cv2.cvtColor(trame.reshape(hauteur * 3 // 2, largeur), cv2.COLOR_YUV2BGR_I420)
                colonnes, lignes = (valeur * largeur // horodatage.BLOCS_PAR_LARGEUR for valeur in BLOCS_MARQUES)
                image[:lignes, :colonnes] = 128
                bgr.write(image.tobytes())
                # Depuis le BGR : c'est lui que la borne reçoit, et sa conversion doit rendre exactement cet I420.
                i420.write(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).tobytes())


def rang_de(numero: int) -> int:
    """Le rang dans le contenu de l'image de ce numéro."""
    tour = 2 * (IMAGES_CONTENU - 1)
    rang = numero % tour
    return rang if rang < IMAGES_CONTENU else tour - rang


def lignes_marquees(taille: Taille) -> int:
    """Combien de lignes, en haut de l'image, les tampons et l'éclair peuvent occuper."""
    return BLOCS_MARQUES[1] * taille.largeur // horodatage.BLOCS_PAR_LARGEUR


class Marqueur:
    """Dessine l'instant, le numéro et l'éclair dans une image BGR ou I420 de cette taille."""

    def __init__(self, taille: Taille) -> None:
        bloc = taille.largeur // horodatage.BLOCS_PAR_LARGEUR
        self._decale = BLOCS_NUMERO * bloc
        self._plan = np.full((BLOCS_MARQUES[1] * bloc, taille.largeur), 128, np.uint8)
        self._taille = taille
        self._zones = [
            horodatage.zone(taille.largeur),
            (bloc, self._decale + bloc, horodatage.COLONNES * bloc, horodatage.LIGNES * bloc),
            horodatage.zone_eclair(taille.largeur),
        ]

    def marquer(self, image: NDArray[np.uint8], instant: float, numero: int) -> None:
        """Sur place ; `image` : (h, w, 3) BGR ou (h*3/2, w) I420."""
        horodatage.dessiner(self._plan, int(instant * 1000))
        horodatage.dessiner(self._plan[self._decale :], numero)
        horodatage.dessiner_eclair(self._plan, instant)
        for x, y, largeur, hauteur in self._zones:
            marque = self._plan[y : y + hauteur, x : x + largeur]
            if image.ndim == 2:
                image[y : y + hauteur, x : x + largeur] = marque
            else:
                image[y : y + hauteur, x : x + largeur] = np.where(marque > 128, 255, 0)[:, :, None]


def tourner(contenu: Contenu, format_image: Format, anneau: Path, annonces: Path) -> None:
    """Publie les images à leur heure (multiples de 1/30 s de l'heure Unix) jusqu'à SIGTERM ou la mort du banc."""
    fin: list[int] = []
    pere = os.getppid()
    signal.signal(signal.SIGTERM, lambda numero, _cadre: fin.append(numero))
    images, marqueur = contenu.images[format_image], Marqueur(contenu.taille)
    cases = np.memmap(anneau, np.uint8, "r+", shape=(CASES, *images.shape[1:]))
    numero = 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as prise:
        prise.setblocking(False)
        while not fin and os.getppid() == pere:
            case = numero % CASES
            np.copyto(cases[case], images[rang_de(numero)])
            echeance = math.floor(time.time() * IMAGES_S + 1) / IMAGES_S
            time.sleep(max(0.0, echeance - time.time()))
            instant = time.time()
            marqueur.marquer(cases[case], instant, numero)
            # L'émetteur n'est pas encore là, n'est plus là, ou ne lit pas : une caméra n'attend personne.
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError, BlockingIOError):
                prise.sendto(ANNONCE.pack(numero, case, instant), str(annonces))
            numero += 1


class Camera:
    """Lance le processus ; gestionnaire de contexte. `annonces` et `anneau` : ce que l'émetteur ouvre."""

    def __init__(self, dossier: Path, contenu: Contenu, format_image: Format, nom: str) -> None:
        self.contenu, self.format_image = contenu, format_image
        self.anneau, self.annonces = dossier / f"{nom}.anneau", dossier / f"{nom}.annonces"
        self._dossier = dossier
        self._processus: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        taille = self.contenu.taille
        with self.anneau.open("wb") as anneau:
            anneau.truncate(CASES * taille.octets(self.format_image))
        options = [str(taille.largeur), str(taille.hauteur), self.format_image, str(self.anneau), str(self.annonces)]
        commande = [sys.executable, "-m", "tests.bancs._visio_camera", str(self._dossier), *options]
        self._processus = subprocess.Popen(commande)
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._processus is not None:
            self._processus.terminate()
            self._processus.wait(timeout=10)
        self.annonces.unlink(missing_ok=True)
        self.anneau.unlink(missing_ok=True)


class Anneau:
    """Les cases vues par l'émetteur : vues en lecture seule, sans copie."""

    def __init__(self, anneau: Path, taille: Taille, format_image: Format) -> None:
        descripteur = os.open(anneau, os.O_RDONLY)
        self._memoire = mmap.mmap(descripteur, 0, access=mmap.ACCESS_READ)
        os.close(descripteur)
        self.cases = np.frombuffer(self._memoire, np.uint8).reshape(CASES, *taille.forme(format_image))


if __name__ == "__main__":
    ici, largeur, hauteur, choix, vers, adresse = sys.argv[1:]
    format_choisi: Format = "bgr" if choix == "bgr" else "i420"
    tourner(Contenu(Path(ici), Taille(int(largeur), int(hauteur))), format_choisi, Path(vers), Path(adresse))
