"""La caméra, sur la caméra virtuelle en vrai (processus, FIFO, ffmpeg)."""

import asyncio
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from borne.demonstration import horodatage
from borne.demonstration.camera import CameraVirtuelle
from borne.peripheriques.camera import IMAGES_PAR_VERIFICATION, Camera, CameraPerdue, cameras_presentes
from borne.peripheriques.mode_camera import ModeVoulu
from borne.peripheriques.opencv import cv2

PATIENCE_S = 40
PETITE = {"largeur": 640, "hauteur": 360}


@pytest.fixture
def virtuelle(tmp_path):
    with CameraVirtuelle(tmp_path / "camera.y4m", **PETITE) as camera:
        yield camera


@pytest.fixture
def camera(virtuelle):
    etats: list[tuple[str, str]] = []
    camera = Camera(str(virtuelle.fifo), sur_etat=lambda etat, raison: etats.append((etat, raison)))
    camera.etats = etats
    camera.demarrer()
    yield camera
    camera.arreter()


async def jusqu_a_une_image(camera: Camera, apres: int = 0):
    """La prochaine image, même si la caméra n'est pas encore là."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await camera.prochaine(apres)
            except CameraPerdue:
                continue


async def test_les_images_portent_l_instant_de_leur_prise(camera):
    image = await jusqu_a_une_image(camera)
    numeros = []
    for _ in range(10):
        image = await camera.prochaine(image.numero)
        numeros.append(image.numero)
        tampon = horodatage.lire(image.bgr)
        assert tampon is not None
        assert 0 <= horodatage.ecart_ms(int(image.instant * 1000), tampon) < 2000
    assert numeros == sorted(set(numeros))
    assert image.bgr.shape == (360, 640, 3)
    assert image.bgr.dtype == np.uint8
    assert not image.bgr.flags.writeable
    assert camera.etats == [("ouverture", ""), ("active", "")]


async def test_plusieurs_consommateurs_ont_la_meme_image(camera):
    image = await jusqu_a_une_image(camera)
    recues = await asyncio.gather(*(camera.prochaine(image.numero) for _ in range(3)))
    assert len({recue.numero for recue in recues}) == 1
    assert camera.derniere.numero >= recues[0].numero


async def test_une_lecture_lente_ne_vieillit_pas(camera):
    image = await jusqu_a_une_image(camera)
    await asyncio.sleep(2)
    suivante = await camera.prochaine(image.numero)
    assert suivante.numero > image.numero + 20
    assert time.time() - suivante.instant < 1


async def test_debranchee_elle_est_perdue_puis_revient_seule(camera, virtuelle):
    image = await jusqu_a_une_image(camera)
    attente = asyncio.create_task(camera.prochaine(image.numero + 1000))
    await asyncio.sleep(0)
    virtuelle.debrancher()
    with pytest.raises(CameraPerdue, match="images"):
        await asyncio.wait_for(attente, PATIENCE_S)
    assert camera.derniere is None
    while camera.raison != "La caméra n'est pas branchée.":
        with pytest.raises(CameraPerdue):
            await camera.prochaine(0)
    virtuelle.rebrancher()
    revenue = await jusqu_a_une_image(camera)
    assert revenue.numero > image.numero
    assert camera.etat == "active"


LECTEUR = """
import sys, cv2
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
while capture.grab():
    print("image", flush=True)
"""


async def test_la_camera_virtuelle_survit_au_lecteur(virtuelle):
    lecteur = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LECTEUR, str(virtuelle.fifo), stdout=asyncio.subprocess.PIPE
    )
    await lecteur.stdout.readline()
    lecteur.kill()
    await lecteur.communicate()
    camera = Camera(str(virtuelle.fifo))
    camera.demarrer()
    try:
        assert (await jusqu_a_une_image(camera)).numero >= 1
    finally:
        camera.arreter()


async def test_absente_puis_branchee(tmp_path):
    camera = Camera("usb-Modele-video-index0", racine=tmp_path)
    camera.demarrer()
    try:
        with pytest.raises(CameraPerdue, match="n'est pas branchée"):
            await camera.prochaine(0)
        assert cameras_presentes(tmp_path) == ()
        with CameraVirtuelle(tmp_path / "usb-Modele-video-index0", **PETITE):
            assert cameras_presentes(tmp_path) == ("usb-Modele-video-index0",)
            assert (await jusqu_a_une_image(camera)).numero == 1
    finally:
        camera.arreter()
    assert (camera.etat, camera.derniere) == ("arretee", None)


async def test_un_fifo_sans_ecrivain_ne_bloque_pas_l_arret(tmp_path):
    os.mkfifo(tmp_path / "muet")
    camera = Camera(str(tmp_path / "muet"))
    camera.demarrer()
    with pytest.raises(CameraPerdue):
        await camera.prochaine(0)
    await asyncio.to_thread(camera.arreter)
    assert camera.etat == "arretee"


async def test_la_fin_d_un_fichier_est_une_perte(tmp_path):
    fichier = tmp_path / "film.y4m"
    trame = bytes(64 * 48 * 3 // 2)
    fichier.write_bytes(b"YUV4MPEG2 W64 H48 F30:1 Ip A1:1 C420jpeg\n" + 10 * (b"FRAME\n" + trame))
    camera = Camera(str(fichier))
    camera.demarrer()
    try:
        assert (await jusqu_a_une_image(camera)).bgr.shape == (48, 64, 3)
        with pytest.raises(CameraPerdue, match="n'envoie plus d'images"):
            await camera.prochaine(1000)
    finally:
        camera.arreter()


async def test_un_fichier_qui_n_est_pas_une_video(tmp_path):
    (tmp_path / "faux.y4m").write_bytes(b"rien")
    camera = Camera(str(tmp_path / "faux.y4m"))
    camera.demarrer()
    try:
        with pytest.raises(CameraPerdue, match="ne s'ouvre pas"):
            await camera.prochaine(0)
    finally:
        camera.arreter()


def test_importer_opencv_ne_change_pas_l_environnement():
    code = (
        "import os; avant = dict(os.environ)\n"
        "from borne.peripheriques.opencv import cv2, importer_opencv\n"
        "assert dict(os.environ) == avant and importer_opencv() is cv2"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert cv2.getNumThreads() == 1


async def test_le_mode_voulu_est_verifie_sur_ce_qui_arrive(virtuelle, caplog):
    etats: list[tuple[str, str]] = []
    mode = ModeVoulu(1280, 720, 240)
    camera = Camera(str(virtuelle.fifo), mode, sur_etat=lambda *etat: etats.append(etat))
    camera.demarrer()
    try:
        async with asyncio.timeout(PATIENCE_S):
            while "images par seconde" not in camera.ecart:  # noqa: ASYNC110 - l'écart vient du fil de capture
                await asyncio.sleep(0.02)
    finally:
        camera.arreter()
    assert "donne 640 x 360 au lieu de 1280 x 720 ; elle donne" in etats[-2][1]
    assert etats[-2][0] == "active"
    assert "640 x 360" in caplog.text
    assert camera.ecart == ""


async def test_un_mode_tenu_ne_dit_rien(virtuelle):
    camera = Camera(str(virtuelle.fifo), ModeVoulu(640, 360, 1))
    camera.demarrer()
    try:
        await jusqu_a_une_image(camera, 2 * IMAGES_PAR_VERIFICATION)
        assert (camera.etat, camera.ecart) == ("active", "")
    finally:
        camera.arreter()


async def test_debranchee_et_rebranchee_dans_chaque_etat(virtuelle):
    """Arrêtée, en ouverture, active, perdue : la caméra revient toujours, sans fil ni descripteur de trop."""
    camera = Camera(str(virtuelle.fifo))
    fils = threading.active_count()
    camera.demarrer()
    await jusqu_a_une_image(camera)
    camera.arreter()
    ouverts = len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        virtuelle.debrancher()
        await disparaitre(virtuelle)
        camera.demarrer()
        while camera.etat != "perdue":  # noqa: ASYNC110 - l'état vient du fil de capture
            await asyncio.sleep(0.01)
        virtuelle.rebrancher()
        image = await jusqu_a_une_image(camera)
        virtuelle.debrancher()
        await disparaitre(virtuelle)
        virtuelle.rebrancher()
        assert (await jusqu_a_une_image(camera, image.numero)).numero > image.numero
        virtuelle.debrancher()
        # Arrêtée pendant qu'elle se perd, puis rebranchée.
        camera.arreter()
        virtuelle.rebrancher()
    assert threading.active_count() == fils
    assert len(os.listdir("/proc/self/fd")) <= ouverts


async def disparaitre(virtuelle):
    """Attend que la prise soit retirée."""
    async with asyncio.timeout(PATIENCE_S):
        while virtuelle.fifo.exists():  # noqa: ASYNC110 - un autre processus le retire
            await asyncio.sleep(0.01)
