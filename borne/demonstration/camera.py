"""Caméra virtuelle : un processus qui écrit un portrait vivant, en y4m, dans un FIFO.

`python -m borne.demonstration.camera --fifo CHEMIN` : 1920x1080, 30 images par seconde, 4:2:0. Le portrait bouge
lentement, un bruit de capteur le couvre, et chaque trame porte l'instant de sa prise (`horodatage.py`) et l'éclair
qui répond au clic de la voix virtuelle (`son.py`). Quand le lecteur meurt, la caméra attend le suivant.

Avec `--commandes`, l'entrée standard commande, une ligne à la fois : `debrancher` (le FIFO disparaît, comme une
prise retirée), `rebrancher`, `defaut NOM` (voir `defauts_image.py` ; vide : aucun), `montrer CHEMIN` (une image à la
place de la scène, à sa taille), `fin` ; sa fermeture arrête aussi le processus, qui ne survit donc pas à son monde.
Le format : https://wiki.multimedia.cx/index.php/YUV4MPEG2.
"""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import click
import numpy as np
from numpy.typing import NDArray

from borne.demonstration import horodatage
from borne.demonstration.defauts_image import Abimeur
from borne.demonstration.fifo import SortieFifo
from borne.demonstration.scenes import SceneFixe, document_pose, tympan
from borne.peripheriques.opencv import cv2

SCENES: Final = ("portrait", "otoscope", "document")
RESSOURCES: Final = Path(__file__).parent / "ressources"
PORTRAIT: Final = RESSOURCES / "portrait.jpg"
CAPACITE_TUBE: Final = 1 << 20
"""Octets du tube : un tiers de trame 1080p, le plafond de Linux sans privilège (pipe-max-size)."""
TRAMES_DE_BRUIT: Final = 16
ECART_TYPE_BRUIT: Final = 3.0
"""Bruit de luminance, en pas de 8 bits : un capteur ordinaire en lumière intérieure."""
CENTRE_BRUIT: Final = 12
PERIODE_S: Final = 24.0
"""Durée d'un aller-retour du mouvement."""
AMPLEUR: Final = 0.05
"""Part de l'image que le mouvement et le zoom parcourent."""


class Scene:
    """Fabrique les trames : un tampon unique (y, u, v à la suite), réécrit à chaque trame."""

    def __init__(self, largeur: int, hauteur: int, portrait: Path = PORTRAIT) -> None:
        cv2.setNumThreads(1)
        self.largeur, self.hauteur = largeur, hauteur
        self._tampon = np.empty(largeur * hauteur * 3 // 2, np.uint8)
        y, u, v = np.split(self._tampon, [largeur * hauteur, largeur * hauteur * 5 // 4])
        self._y = y.reshape(hauteur, largeur)
        self._uv = u.reshape(hauteur // 2, largeur // 2), v.reshape(hauteur // 2, largeur // 2)
        self._source_y, self._source_uv = _plans(portrait, largeur, hauteur)
        self._bruit = _banc_de_bruit(largeur, hauteur)
        self._numero = 0

    def trame(self, instant: float) -> memoryview:
        """La trame prise à cet instant (secondes Unix). La vue n'est valable que jusqu'à la suivante."""
        x, y, zoom = _mouvement(instant)
        cv2.resize(self._decoupe(self._source_y, x, y, zoom), (self.largeur, self.hauteur), dst=self._y)
        for plan, source in zip(self._uv, self._source_uv, strict=True):
            taille = (self.largeur // 2, self.hauteur // 2)
            cv2.resize(self._decoupe(source, x, y, zoom), taille, dst=plan)
        cv2.add(self._y, self._bruit[self._numero % TRAMES_DE_BRUIT], dst=self._y)
        self._numero += 1
        self._estampiller(instant)
        return self._tampon.data

    def _estampiller(self, instant: float) -> None:
        horodatage.dessiner(self._y, int(instant * 1000))
        horodatage.dessiner_eclair(self._y, instant)
        for zone in (horodatage.zone(self.largeur), horodatage.zone_eclair(self.largeur)):
            x, y, largeur, hauteur = (valeur // 2 for valeur in zone)
            for plan in self._uv:
                plan[y : y + hauteur, x : x + largeur] = 128

    @staticmethod
    def _decoupe(source: NDArray[np.uint8], x: float, y: float, zoom: float) -> NDArray[np.uint8]:
        hauteur, largeur = source.shape
        h, w = int(hauteur * zoom), int(largeur * zoom)
        haut, gauche = int((hauteur - h) * y), int((largeur - w) * x)
        return source[haut : haut + h, gauche : gauche + w]


def _mouvement(instant: float) -> tuple[float, float, float]:
    """Place (0 à 1 en x et en y) et part visible de la source : une lente courbe fermée."""
    phase = 2 * math.pi * (instant % PERIODE_S) / PERIODE_S
    zoom = 1 - AMPLEUR * (1.5 + math.sin(phase))
    return 0.5 + 0.5 * math.sin(phase), 0.5 + 0.5 * math.sin(2 * phase), zoom


def _plans(portrait: Path, largeur: int, hauteur: int) -> tuple[NDArray[np.uint8], list[NDArray[np.uint8]]]:
    """Le haut du portrait, à la forme de l'image, en plans y, u, v (BT.601, plage limitée)."""
    image = cv2.imread(str(portrait))
    if image is None:
        raise FileNotFoundError(portrait)
    image = image[: image.shape[1] * hauteur // largeur]
    image = cv2.resize(image, (largeur, hauteur), interpolation=cv2.INTER_CUBIC)
    plans = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    y, u, v = np.split(plans, [largeur * hauteur, largeur * hauteur * 5 // 4])
    # Le bruit n'a que des valeurs positives (une seule addition saturée par trame) : son centre est retiré ici.
    y = cv2.subtract(y.reshape(hauteur, largeur), np.full((hauteur, largeur), CENTRE_BRUIT, np.uint8))
    demi = (hauteur // 2, largeur // 2)
    return np.asarray(y, np.uint8), [np.asarray(plan.reshape(demi), np.uint8) for plan in (u, v)]


def _banc_de_bruit(largeur: int, hauteur: int) -> list[NDArray[np.uint8]]:
    hasard = np.random.default_rng(1)
    forme = (hauteur, largeur)
    banc = []
    for _ in range(TRAMES_DE_BRUIT):
        bruit = hasard.standard_normal(forme, np.float32) * ECART_TYPE_BRUIT + CENTRE_BRUIT
        banc.append(np.clip(np.rint(bruit), 0, 2 * CENTRE_BRUIT).astype(np.uint8))
    return banc


class Commandes:
    """L'état que les commandes et les signaux changent, lu par la boucle des trames."""

    def __init__(self) -> None:
        self.fin = threading.Event()
        self.branchee = threading.Event()
        self.branchee.set()
        self.interrompre = threading.Event()
        """Levé par toute commande : une écriture en cours est abandonnée."""
        self.abimeur = Abimeur()
        self.scene: Trames | None = None
        """Ce qu'elle montre à la place de sa scène."""

    def recevoir(self, ligne: str) -> None:
        """Applique une ligne (voir l'en-tête du module) ; une autre est dite et ignorée."""
        commande, _, valeur = ligne.strip().partition(" ")
        if commande == "defaut":
            self.abimeur = Abimeur(valeur)
        elif commande == "montrer":
            self.scene = SceneFixe(_lire_image(valeur))
        elif commande == "debrancher":
            self.branchee.clear()
            self.interrompre.set()
        elif commande == "rebrancher":
            self.branchee.set()
        elif commande == "fin":
            self.arreter()
        else:
            print(f"commande inconnue : {commande}", file=sys.stderr)

    def arreter(self) -> None:
        """Termine la boucle."""
        self.fin.set()
        self.interrompre.set()

    def ecouter(self) -> None:
        """Lit l'entrée standard jusqu'à sa fermeture, qui vaut `fin` (dans un fil)."""
        for ligne in sys.stdin:
            self.recevoir(ligne)
        self.arreter()


class Trames(Protocol):
    """Ce qui fabrique des trames y4m 4:2:0 de cette taille."""

    largeur: int
    hauteur: int

    def trame(self, instant: float) -> memoryview: ...


def _scene(nom: str, largeur: int, hauteur: int) -> Trames:
    """`portrait` à cette taille ; `otoscope` et `document` à la leur."""
    if nom == "portrait":
        return Scene(largeur, hauteur)
    return SceneFixe(tympan() if nom == "otoscope" else document_pose())


def _lire_image(chemin: str) -> NDArray[np.uint8]:
    image = cv2.imread(chemin)
    if image is None:
        raise FileNotFoundError(chemin)
    return np.asarray(image, np.uint8)


def tourner(scene: Trames, fifo: Path, images_s: int, commandes: Commandes) -> None:
    """Écrit les trames à leur heure (multiples de 1/`images_s` de l'heure Unix) jusqu'à la fin.

    Un lecteur lent fait sauter des trames, comme une caméra ; sans lecteur, rien n'est fabriqué.
    """
    entete = f"YUV4MPEG2 W{scene.largeur} H{scene.hauteur} F{images_s}:1 Ip A1:1 C420jpeg\n"
    sortie = SortieFifo(fifo, CAPACITE_TUBE, entete.encode())
    try:
        while not commandes.fin.is_set():
            if commandes.interrompre.is_set():
                sortie.fermer()
                fifo.unlink(missing_ok=True)
                commandes.interrompre.clear()
            if not commandes.branchee.is_set():
                commandes.fin.wait(1 / images_s)
                continue
            sortie.creer()
            echeance = math.floor(time.time() * images_s + 1) / images_s
            commandes.fin.wait(max(0.0, echeance - time.time()))
            if sortie.pret() and sortie.ecrire_tout(memoryview(b"FRAME\n"), commandes.interrompre):
                montree = commandes.scene or scene
                trame = commandes.abimeur.appliquer(montree.trame(time.time()), scene.largeur, scene.hauteur)
                sortie.ecrire_tout(trame, commandes.interrompre)
    finally:
        sortie.fermer()
        fifo.unlink(missing_ok=True)


@click.command()
@click.option("--fifo", type=click.Path(path_type=Path), required=True, help="FIFO à créer et à remplir.")
@click.option("--largeur", default=1920, show_default=True)
@click.option("--hauteur", default=1080, show_default=True)
@click.option("--images-s", default=30, show_default=True)
@click.option("--scene", type=click.Choice(SCENES), default="portrait", show_default=True, help="Ce qu'elle voit.")
@click.option("--commandes", "avec_commandes", is_flag=True, help="Obéir à l'entrée standard.")
def principal(fifo: Path, largeur: int, hauteur: int, images_s: int, scene: str, avec_commandes: bool) -> None:
    """Caméra virtuelle en y4m dans un FIFO."""
    commandes = Commandes()
    for numero in (signal.SIGTERM, signal.SIGINT):
        signal.signal(numero, lambda _numero, _cadre: commandes.arreter())
    if avec_commandes:
        threading.Thread(target=commandes.ecouter, daemon=True).start()
    tourner(_scene(scene, largeur, hauteur), fifo, images_s, commandes)


class CameraVirtuelle:
    """Lance et commande ce processus ; gestionnaire de contexte. `fifo` : le chemin que lit la borne."""

    def __init__(
        self, fifo: Path, largeur: int = 1920, hauteur: int = 1080, images_s: int = 30, scene: str = "portrait"
    ) -> None:
        self.fifo = fifo
        self._options = (
            f"--largeur={largeur}",
            f"--hauteur={hauteur}",
            f"--images-s={images_s}",
            f"--scene={scene}",
        )
        self._processus: subprocess.Popen[str] | None = None

    def demarrer(self) -> None:
        """Lance le processus et attend le FIFO. Lève `RuntimeError` s'il meurt en démarrant."""
        commande = [sys.executable, "-m", "borne.demonstration.camera", "--fifo", str(self.fifo), "--commandes"]
        self._processus = subprocess.Popen([*commande, *self._options], stdin=subprocess.PIPE, text=True)
        while not self.fifo.exists():
            if self._processus.poll() is not None:
                raise RuntimeError(f"la caméra virtuelle n'a pas démarré (code {self._processus.returncode})")
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """Le processus, pour en mesurer le coût. Lève `RuntimeError` s'il n'est pas lancé."""
        if self._processus is None:
            raise RuntimeError("la caméra virtuelle n'est pas lancée")
        return self._processus.pid

    def debrancher(self) -> None:
        """Retire la prise : le lecteur voit la fin, le FIFO disparaît."""
        self._commander("debrancher")

    def rebrancher(self) -> None:
        """Remet la prise."""
        self._commander("rebrancher")

    def abimer(self, defaut: str = "") -> None:
        """Un défaut de `defauts_image.DEFAUTS` ; vide : aucun."""
        self._commander(f"defaut {defaut}")

    def montrer(self, image: Path) -> None:
        """Montre cette image, de la taille de ses trames, à la place de sa scène."""
        self._commander(f"montrer {image}")

    def arreter(self) -> None:
        """Arrête le processus et l'attend."""
        if self._processus is not None and self._processus.poll() is None:
            self._commander("fin")
        if self._processus is not None and self._processus.stdin is not None:
            self._processus.stdin.close()
            self._processus.wait(timeout=20)
        self._processus = None

    def _commander(self, commande: str) -> None:
        if self._processus is None or self._processus.stdin is None:
            raise RuntimeError("la caméra virtuelle n'est pas lancée")
        self._processus.stdin.write(f"{commande}\n")
        self._processus.stdin.flush()

    def __enter__(self) -> Self:
        self.demarrer()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arreter()


if __name__ == "__main__":
    principal()
