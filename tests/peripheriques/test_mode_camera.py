"""Le mode demandé à une caméra, et ce qu'elle en fait."""

import pytest

from borne.peripheriques.mode_camera import LA_PLUS_GRANDE, Cadence, ModeVoulu, dire_ecart, regler
from borne.peripheriques.opencv import cv2


class CaptureV4L2:
    """Se comporte comme `cv2.VideoCapture` sur V4L2 : prend ce qu'elle peut, ne se plaint pas."""

    def __init__(self, refusees: tuple[int, ...] = (), flux: str = "MJPG") -> None:
        self.valeurs: dict[int, float] = {}
        self._refusees, self._flux = refusees, flux

    def set(self, propriete: int, valeur: float) -> bool:
        if propriete in self._refusees:
            return False
        self.valeurs[propriete] = valeur
        return True

    def get(self, propriete: int) -> float:
        if propriete == cv2.CAP_PROP_FOURCC:
            return cv2.VideoWriter.fourcc(*self._flux)
        return self.valeurs.get(propriete, 0.0)


def test_le_mode_ordinaire_laisse_tout_a_la_camera():
    capture = CaptureV4L2()
    assert regler(capture, ModeVoulu()) == ()
    assert capture.valeurs[cv2.CAP_PROP_FRAME_WIDTH] == 1920
    assert capture.valeurs[cv2.CAP_PROP_AUTO_EXPOSURE] == 3
    assert capture.valeurs[cv2.CAP_PROP_AUTOFOCUS] == 1
    assert cv2.CAP_PROP_EXPOSURE not in capture.valeurs


def test_l_exposition_la_mise_au_point_et_la_balance_se_posent_a_la_main():
    capture = CaptureV4L2()
    assert regler(capture, ModeVoulu(exposition_ms=20, mise_au_point=35, balance_k=4600)) == ()
    assert capture.valeurs[cv2.CAP_PROP_AUTO_EXPOSURE] == 1
    assert capture.valeurs[cv2.CAP_PROP_EXPOSURE] == 200
    assert (capture.valeurs[cv2.CAP_PROP_AUTOFOCUS], capture.valeurs[cv2.CAP_PROP_FOCUS]) == (0, 35)
    assert (capture.valeurs[cv2.CAP_PROP_AUTO_WB], capture.valeurs[cv2.CAP_PROP_WB_TEMPERATURE]) == (0, 4600)


def test_ce_que_la_camera_ne_prend_pas_se_dit():
    capture = CaptureV4L2((cv2.CAP_PROP_FOCUS, cv2.CAP_PROP_AUTOFOCUS), flux="YUYV")
    refus = regler(capture, ModeVoulu(mise_au_point=35))
    phrase = dire_ecart(ModeVoulu(), (1920, 1080), 30.0, refus)
    assert phrase == "La caméra ne donne pas un flux MJPEG ; elle n'a pas pris la mise au point voulue."
    # Sans mise au point voulue, une caméra qui n'en a pas ne manque de rien.
    assert regler(capture, ModeVoulu(flux="brut")) == ()


def test_la_plus_grande_image_se_demande_par_une_taille_demesuree():
    capture = CaptureV4L2()
    regler(capture, ModeVoulu(LA_PLUS_GRANDE, LA_PLUS_GRANDE))
    assert capture.valeurs[cv2.CAP_PROP_FRAME_WIDTH] > 10_000
    assert dire_ecart(ModeVoulu(LA_PLUS_GRANDE, LA_PLUS_GRANDE), (3264, 2448), 30.0) == ""


@pytest.mark.parametrize(
    ("taille", "images_s", "attendu"),
    [
        ((1920, 1080), None, ""),
        ((1920, 1080), 28.0, ""),
        ((1280, 720), 30.0, "La caméra donne 1280 x 720 au lieu de 1920 x 1080."),
        ((1920, 1080), 14.6, "La caméra donne 15 images par seconde au lieu de 30."),
    ],
)
def test_l_ecart_est_une_phrase(taille, images_s, attendu):
    assert dire_ecart(ModeVoulu(), taille, images_s) == attendu


def test_la_cadence_est_celle_des_dernieres_secondes():
    cadence = Cadence()
    for rang in range(20):
        cadence.compter(rang / 30)
    assert cadence.images_s is None
    for rang in range(20, 150):
        cadence.compter(rang / 30)
    assert cadence.images_s == pytest.approx(30)
    for rang in range(40):
        cadence.compter(5 + rang / 10)
    assert cadence.images_s == pytest.approx(10)
    # L'horloge du système recule : rien de faux n'en sort.
    cadence.compter(1.0)
    assert cadence.images_s is None
