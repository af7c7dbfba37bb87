"""Le cadrage : le cadre reste dans le capteur, la taille du flux ne change jamais, zoomer montre du vrai détail."""

from __future__ import annotations

import time

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from borne.visio.cadrage import Cadreur, Vise, borner, cadre, cadrer, taille_flux
from borne.visio.encodeurs import EncodeurH264
from borne.visio.pistes import PisteImage
from tests.visio.outils import Image
from tests.visio.test_pistes import rien

FLUX = (1280, 720)
tailles = st.tuples(st.integers(64, 4096), st.integers(64, 4096))
reels = st.floats(allow_nan=True, allow_infinity=True)


@given(x=reels, y=reels, zoom=reels, capteur=tailles)
def test_le_cadre_ne_sort_jamais_du_capteur(x: float, y: float, zoom: float, capteur: tuple[int, int]) -> None:
    vise = Vise(x, y, zoom)
    obtenu = borner(vise, capteur, FLUX)
    assert 1 <= obtenu.zoom <= 8
    c = cadre(vise, capteur, FLUX)
    assert c.x >= 0
    assert c.y >= 0
    assert c.x + c.largeur <= capteur[0]
    assert c.y + c.hauteur <= capteur[1]
    assert c.flux_x + c.flux_largeur <= FLUX[0]
    assert c.flux_y + c.flux_hauteur <= FLUX[1]
    # Le cadrage obtenu est stable : le redemander ne le change pas.
    assert borner(obtenu, capteur, FLUX) == obtenu


def test_tout_le_capteur_se_voit_sans_deformation() -> None:
    """Un disque reste un disque, quelle que soit la forme de la caméra (carrée, debout, large)."""
    for largeur, hauteur in ((1920, 1080), (1080, 1080), (1080, 1920), (640, 480), (1600, 400)):
        image = np.zeros((hauteur, largeur, 3), np.uint8)
        rayon = min(largeur, hauteur) // 3
        cv2.circle(image, (largeur // 2, hauteur // 2), rayon, (255, 255, 255), -1)
        vu = cadrer(image, Vise(), FLUX)
        assert vu.shape == (720, 1280, 3)
        points = cv2.findNonZero((vu[:, :, 0] > 128).astype(np.uint8))
        x, y, large, haut = cv2.boundingRect(points)
        assert abs(large - haut) <= 2
        assert abs(x + large / 2 - 640) <= 2
        assert abs(y + haut / 2 - 360) <= 2


def test_le_zoom_montre_ce_qui_est_vise() -> None:
    image = np.zeros((1080, 1920, 3), np.uint8)
    image[270:540, 960:1440] = 200
    vu = cadrer(image, Vise((960 + 240) / 1920, (270 + 135) / 1080, 4), FLUX)
    assert vu.min() == 200


def test_image_deja_a_la_taille_du_flux_rendue_telle_quelle() -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    assert np.shares_memory(cadrer(image, Vise(), FLUX), image)


@pytest.mark.parametrize(
    ("capteur", "flux"), [((1920, 1080), (1920, 1080)), ((3840, 2160), (1920, 1080)), ((641, 361), (640, 360))]
)
def test_taille_du_flux(capteur: tuple[int, int], flux: tuple[int, int]) -> None:
    assert taille_flux(capteur) == flux


def mire() -> NDArray[np.uint8]:
    """Un capteur 1080p : un fond qui bouge peu, et au milieu une mire de traits d'un pixel, peu contrastée."""
    hasard = np.random.default_rng(3)
    fond = cv2.resize(
        hasard.integers(40, 216, (68, 120), dtype=np.uint8), (1920, 1080), interpolation=cv2.INTER_CUBIC
    )
    fond[500:580, 900:1020] = np.where(np.arange(120) % 2, 150, 106).astype(np.uint8)
    return np.repeat(fond[:, :, None], 3, axis=2)


def contraste(vu: NDArray[np.uint8], zone: tuple[float, float, float, float]) -> float:
    """Amplitude des traits de la mire dans cette zone (part du flux), à leur fréquence : 50 périodes de deux pixels.

    Ce qui reste d'autre (repliement, blocs de compression) n'est pas le détail, et ne compte pas.
    """
    hauteur, largeur = vu.shape[:2]
    x0, y0, x1, y1 = zone
    bande = vu[int(y0 * hauteur) : int(y1 * hauteur), round(x0 * largeur) : round(x1 * largeur)]
    ligne = cv2.resize(bande.mean(axis=0, dtype=np.float32)[None, :], (1600, 1), interpolation=cv2.INTER_CUBIC)[0]
    return float(2 * np.abs(np.fft.rfft(ligne - ligne.mean())[48:53]).max() / len(ligne))


def transmettre(vise: Vise, debit: int, images: int = 12) -> NDArray[np.uint8]:
    """Ce que le médecin voit de la mire : cadrée, encodée à ce débit, décodée. Luminance."""
    cadreur, encodeur, decodeur = Cadreur(FLUX), EncodeurH264(), av.CodecContext.create("h264", "r")
    cadreur.vise = vise
    capteur, vu = mire(), None
    for rang in range(images):
        # Un léger mouvement : une image fixe finirait nette à n'importe quel débit.
        paquet = encodeur.encoder(
            cadreur.appliquer(np.roll(capteur, 2 * (rang % 2), 0)), rang * 3000, debit, rang == 0
        )
        assert paquet is not None
        for trame in decodeur.decode(paquet):
            vu = trame.to_ndarray(format="gray")
    assert vu is not None
    return vu


def test_zoomer_montre_un_detail_que_l_image_entiere_ne_montre_pas() -> None:
    """Traits d'un pixel du capteur : fondus dans l'image entière, francs à zoom 4, après l'encodage des deux."""
    milieu = (960 / 1920, 540 / 1080)
    entiere = transmettre(Vise(), 1_500_000)
    zoomee = transmettre(Vise(*milieu, 4), 1_500_000)
    demi_x, demi_y = 50 / 1920, 30 / 1080
    sans = contraste(entiere, (0.5 - demi_x, 0.5 - demi_y, 0.5 + demi_x, 0.5 + demi_y))
    # Agrandir chez le médecin l'image reçue n'y change rien : le détail n'y est plus.
    avec = contraste(zoomee, (0.5 - 4 * demi_x, 0.5 - 4 * demi_y, 0.5 + 4 * demi_x, 0.5 + 4 * demi_y))
    assert avec > 15
    assert sans < 0.1 * avec


class Capteurs:
    """Une source qui passe d'une caméra à l'autre : 1080p, carrée, debout."""

    FORMES = ((1080, 1920), (1080, 1080), (1754, 1240))

    def __init__(self) -> None:
        self.rang = 0
        self._numero = 0

    async def prochaine(self, apres: int) -> Image:
        self._numero += 1
        image = np.full((*self.FORMES[self.rang], 3), 40 + 5 * self._numero, np.uint8)
        return Image(image, time.time(), self._numero)


async def test_changer_de_camera_ou_zoomer_ne_demande_pas_d_image_cle() -> None:
    source, cadreur = Capteurs(), Cadreur()
    piste = PisteImage(source, time.time() - 10, rien, cadreur)
    decodeur = av.CodecContext.create("h264", "r")
    cles, tailles_vues = [], set()
    for rang in range(12):
        source.rang = rang // 4
        cadreur.vise = Vise(0.3, 0.6, 1 + rang % 4)
        paquet = await piste.recv()
        assert isinstance(paquet, av.Packet)
        cles.append(paquet.is_keyframe)
        tailles_vues |= {(trame.width, trame.height) for trame in decodeur.decode(paquet)}
    piste.stop()
    assert cles == [True] + [False] * 11
    assert tailles_vues == {(1920, 1080)}
