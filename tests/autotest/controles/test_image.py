"""Ce qu'une suite d'images dit d'une caméra : chaque défaut de la caméra virtuelle est nommé, une scène saine non."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import pytest

from borne.autotest.controles import camera, lumiere
from borne.autotest.image import Regard, nettete, regarder
from borne.demonstration.camera import Scene, Trames
from borne.demonstration.defauts_image import Abimeur
from borne.demonstration.scenes import SceneFixe, ordonnance, tympan
from borne.peripheriques.mode_camera import ModeVoulu
from borne.peripheriques.opencv import cv2

SCENES: dict[str, tuple[Callable[[], Trames], int]] = {
    "portrait": (lambda: portrait_vivant(), 0),
    "tympan": (lambda: SceneFixe(tympan()), 1),
    "ordonnance": (lambda: SceneFixe(ordonnance()), 2),
}


@functools.cache
def portrait_vivant() -> Scene:
    return Scene(1280, 720)


def filmer(scene: Trames, defaut: str = "", nombre: int = 4) -> list[np.ndarray]:
    abimeur = Abimeur(defaut)
    images = []
    for rang in range(nombre):
        trame = np.frombuffer(abimeur.appliquer(scene.trame(rang / 30), scene.largeur, scene.hauteur), np.uint8)
        images.append(cv2.cvtColor(trame.reshape(-1, scene.largeur), cv2.COLOR_YUV2BGR_I420))
    return images


def vu(scene: Trames, defaut: str = "") -> Regard:
    avant, *images = filmer(scene, defaut)
    return regarder(images, avant, [float(image[::32, ::32].mean()) for image in (avant, *images)])


@pytest.fixture(scope="module")
def portrait() -> Regard:
    return vu(portrait_vivant())


@pytest.mark.parametrize("nom", SCENES)
def test_une_scene_saine_n_accuse_rien(nom: str) -> None:
    fabriquer, rang = SCENES[nom]
    regard = vu(fabriquer())
    assert camera.juger(regard, 30.0, camera.cameras()[rang]._attente) is None


@pytest.mark.parametrize(
    ("defaut", "code"),
    [
        ("noire", "image-noire"),
        ("figee", "image-figee"),
        ("floue", "image-floue"),
        ("sombre", "image-sombre"),
        ("claire", "image-claire"),
        ("neige", "image-bruitee"),
        ("vide", "image-vide"),
        ("gris", "couleurs-perdues"),
        ("vert", "couleurs-fausses"),
    ],
)
def test_un_defaut_de_la_camera_porte_son_nom(defaut: str, code: str) -> None:
    faute = camera.juger(vu(portrait_vivant(), defaut), 30.0, camera.cameras()[0]._attente)
    assert faute is not None
    assert faute.code == code


@pytest.mark.parametrize(
    ("defaut", "code"),
    [("piece-sombre", "piece-sombre"), ("contre-jour", "contre-jour"), ("clignote", "lumiere-clignote")],
)
@pytest.mark.exigence("VISITE-LIEU")
def test_la_lumiere_de_la_piece_ne_s_impute_pas_a_la_camera(defaut: str, code: str) -> None:
    regard = vu(portrait_vivant(), defaut)
    assert camera.juger(regard, 30.0, camera.cameras()[0]._attente) is None
    faute = lumiere.juger(regard)
    assert faute is not None
    assert faute.code == code


def test_la_nettete_decroit_avec_le_flou_et_se_tait_devant_un_mur() -> None:
    image = cv2.cvtColor(filmer(portrait_vivant(), nombre=1)[0], cv2.COLOR_BGR2GRAY)
    valeurs = [nettete([image if not flou else cv2.GaussianBlur(image, (0, 0), flou)]) for flou in (0, 2, 4, 8)]
    assert valeurs == sorted(valeurs, reverse=True)
    assert valeurs[0] > camera.NETTETE_DOUTEUSE > camera.NETTETE_FLOUE > valeurs[3]
    mur = np.full((720, 1280), 140, np.uint8)
    assert nettete([mur, mur]) is None


@pytest.mark.exigence("A11Y-SOURDS")
@pytest.mark.parametrize(
    ("cadence", "code"), [(30.0, None), (20.5, None), (18.0, "cadence-basse"), (8.0, "cadence-basse")]
)
def test_la_cadence_permet_de_signer(portrait: Regard, cadence: float, code: str | None) -> None:
    faute = camera.juger(portrait, cadence, camera.cameras()[0]._attente)
    assert (faute.code if faute else None) == code


def test_la_definition_se_juge_sur_ce_qui_arrive(portrait: Regard) -> None:
    petit = dataclasses.replace(portrait, largeur=640, hauteur=360)
    faute = camera.juger(petit, 30.0, camera.cameras()[0]._attente)
    assert faute is not None
    assert faute.code == "definition-basse"


def test_le_mode_demande_se_compare_a_ce_qui_arrive(portrait: Regard) -> None:
    assert camera.juger_mode(portrait, 30.0, None) is None
    assert camera.juger_mode(portrait, 30.0, ModeVoulu(1280, 720, 30)) is None
    for cadence, mode in ((30.0, ModeVoulu(1920, 1080, 30)), (20.0, ModeVoulu(1280, 720, 30))):
        faute = camera.juger_mode(portrait, cadence, mode)
        assert faute is not None
        assert faute.code == "mode-refuse"


def test_il_faut_deux_images_de_meme_taille() -> None:
    with pytest.raises(ValueError, match="deux images"):
        regarder([np.zeros((4, 4, 3), np.uint8)])
    with pytest.raises(ValueError, match="deux images"):
        regarder([np.zeros((4, 4, 3), np.uint8), np.zeros((8, 4, 3), np.uint8)])
