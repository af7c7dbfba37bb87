"""Conseils d'image : visage, tympan, papier ; sombres, éblouis, à contre-jour, flous, bougés ; sans clignoter."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from borne import demonstration
from borne.demonstration.scenes import ordonnance, tympan
from borne.visio.conseils_image import POUR_DISPARAITRE, POUR_PARAITRE, Conseiller, Regard, regarder

PORTRAIT = Path(demonstration.__file__).parent / "ressources" / "portrait.jpg"
Image = NDArray[np.uint8]


def visage() -> Image:
    """L'astronaute, en 720p."""
    return np.asarray(
        cv2.resize(cv2.imread(str(PORTRAIT))[:288], (1280, 720), interpolation=cv2.INTER_CUBIC), np.uint8
    )


SUJETS = {"visage": visage, "tympan": tympan, "papier": ordonnance}


def bruitee(image: Image, graine: int = 0, ecart: float = 3.0) -> Image:
    """Le bruit d'un capteur."""
    bruit = np.random.default_rng(graine).normal(0, ecart, (*image.shape[:2], 1))
    return np.clip(image + bruit, 0, 255).astype(np.uint8)


def conseils(image: Image, avant: Image | None = None, *, de_face: bool = True) -> tuple[str, ...]:
    """Ce qui est conseillé quand l'image dure."""
    conseiller = Conseiller(visage=de_face)
    regard = regarder(image, avant)
    for _ in range(POUR_PARAITRE):
        dits = conseiller.suivre(regard)
    return dits


@pytest.mark.parametrize("sujet", SUJETS)
@pytest.mark.parametrize("bruit", [0.0, 3.0, 6.0])
def test_une_bonne_image_ne_demande_rien(sujet: str, bruit: float) -> None:
    image = SUJETS[sujet]()
    assert conseils(bruitee(image, 1, bruit), bruitee(image, 2, bruit)) == ()


@pytest.mark.parametrize("sujet", SUJETS)
def test_trop_sombre(sujet: str) -> None:
    image = (SUJETS[sujet]() * 0.2).astype(np.uint8)
    assert conseils(bruitee(image)) == ("sombre",)


@pytest.mark.parametrize("sujet", SUJETS)
def test_eblouie(sujet: str) -> None:
    image = np.clip(SUJETS[sujet]() * 1.8, 0, 255).astype(np.uint8)
    assert "eblouie" in conseils(image)


@pytest.mark.parametrize("sujet", SUJETS)
@pytest.mark.parametrize("flou", [3.0, 5.0])
def test_floue(sujet: str, flou: float) -> None:
    image = SUJETS[sujet]()
    rayon = flou * max(image.shape[1], 1080) / 1280
    assert conseils(bruitee(np.asarray(cv2.GaussianBlur(image, (0, 0), rayon), np.uint8))) == ("floue",)


@pytest.mark.parametrize("sujet", SUJETS)
def test_bougee_et_non_floue(sujet: str) -> None:
    image = SUJETS[sujet]()
    assert conseils(bruitee(np.roll(image, 12, 1), 1), bruitee(image, 2)) == ("bougee",)
    # Le même déplacement en une seconde n'est rien.
    assert regarder(np.roll(image, 12, 1), image, ecart=1.0).mouvement < 0.2


def test_contre_jour_pour_un_visage_seulement() -> None:
    image = visage()
    devant = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(devant, (640, 360), (320, 340), 0, 0, 360, 1, -1)
    contre = np.where(devant[:, :, None] > 0, image * 0.25, 200 + image * 0.2).clip(0, 255).astype(np.uint8)
    assert conseils(contre) == ("contre_jour",)
    assert conseils(contre, de_face=False) == ()


def test_une_surface_unie_n_est_ni_nette_ni_floue() -> None:
    assert regarder(bruitee(np.full((720, 1280, 3), 150, np.uint8))).nettete is None


def test_un_conseil_ne_clignote_pas() -> None:
    """Il faut plusieurs regards pour paraître, davantage pour disparaître, et le seuil s'écarte entre-temps."""
    conseiller = Conseiller(visage=True)

    def suivre(clarte: float) -> tuple[str, ...]:
        return conseiller.suivre(Regard(clarte, 0.0, 1.0, 0.5, 0.0))

    assert [suivre(clarte) for clarte in (50, 70, 50, 70)] == [()] * 4
    assert [suivre(50) for _ in range(POUR_PARAITRE)][-1] == ("sombre",)
    assert [suivre(clarte) for clarte in (65, 80, 65, 80, 80)] == [("sombre",)] * 5
    assert [suivre(80) for _ in range(POUR_DISPARAITRE - 2)][-1] == ()


def test_une_image_minuscule_ou_d_une_autre_taille_se_regarde() -> None:
    petite = np.full((24, 32, 3), 90, np.uint8)
    assert regarder(petite, visage()).mouvement == 0.0


def test_regarder_ne_coute_presque_rien() -> None:
    """Un regard (deux images) prend cinq fois moins de temps que d'en mettre une seule en PNG."""
    image, avant = bruitee(visage(), 1), bruitee(visage(), 2)
    couts = []
    for _ in range(30):
        debut = time.thread_time()
        regarder(image, avant)
        couts.append(time.thread_time() - debut)
    encodage = []
    for _ in range(10):
        debut = time.thread_time()
        cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        encodage.append(time.thread_time() - debut)
    assert min(couts) < min(encodage) / 5
