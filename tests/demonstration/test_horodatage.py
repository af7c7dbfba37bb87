"""Le tampon horaire : lu après compression et mise à l'échelle, et de même en JavaScript."""

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from borne.demonstration import horodatage
from borne.demonstration.camera import Scene
from borne.peripheriques.opencv import cv2

INSTANT = 1_790_000_000.04
MODULE_JS = Path(horodatage.__file__).with_suffix(".js")


@pytest.fixture(scope="module")
def bgr():
    trame = np.frombuffer(Scene(1920, 1080).trame(INSTANT), np.uint8)
    return cv2.cvtColor(trame.reshape(1620, 1920), cv2.COLOR_YUV2BGR_I420)


def attendu(instant: float = INSTANT) -> int:
    return int(instant * 1000) % horodatage.MODULO


def comprimer(image, codec: str, debit: int):
    """Un aller-retour par un codeur vidéo, à ce débit (bits/s)."""
    codeur = av.CodecContext.create(codec, "w")
    codeur.height, codeur.width = image.shape[:2]
    codeur.pix_fmt, codeur.bit_rate = "yuv420p", debit
    codeur.time_base, codeur.framerate = Fraction(1, 30), Fraction(30)
    decodeur = av.CodecContext.create(codec, "r")
    trame = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
    paquets = [p for i in range(3) for p in codeur.encode(_numerotee(trame, i))] + codeur.encode(None)
    decodees = [t for p in paquets for t in decodeur.decode(p)] + decodeur.decode(None)
    return decodees[-1].to_ndarray(format="bgr24")


def _numerotee(trame, numero: int):
    trame.pts = numero
    return trame


def test_ce_qui_est_dessine_est_lu():
    luma = np.full((1080, 1920), 90, np.uint8)
    for instant in (0, 1, 0xFFFFFFFF, 1_790_000_000_123):
        horodatage.dessiner(luma, instant)
        assert horodatage.lire(luma) == instant % horodatage.MODULO


@pytest.mark.parametrize("taille", [(1920, 1080), (1280, 720), (960, 540), (640, 360)])
def test_lu_apres_mise_a_l_echelle(bgr, taille):
    reduite = cv2.resize(bgr, taille, interpolation=cv2.INTER_AREA)
    assert horodatage.lire(reduite) == attendu()
    assert horodatage.lire_eclair(reduite) is True


@pytest.mark.parametrize(
    ("taille", "debit"), [((1920, 1080), 1_000_000), ((1280, 720), 500_000), ((640, 360), 300_000)]
)
def test_lu_apres_h264(bgr, taille, debit):
    reduite = cv2.resize(bgr, taille, interpolation=cv2.INTER_AREA)
    assert horodatage.lire(comprimer(reduite, "h264", debit)) == attendu()


def test_une_image_sans_tampon_n_en_a_pas():
    hasard = np.random.default_rng(3)
    assert horodatage.lire(np.zeros((1080, 1920), np.uint8)) is None
    assert horodatage.lire(np.full((1080, 1920, 3), 255, np.uint8)) is None
    assert horodatage.lire(np.zeros((20, 1920), np.uint8)) is None
    assert horodatage.lire(np.zeros((120, 160), np.uint8)) is None
    lus = [horodatage.lire(hasard.integers(0, 256, (1080, 1920), np.uint8)) for _ in range(20)]
    assert lus == [None] * 20


def test_un_bit_change_n_est_pas_lu():
    luma = np.full((1080, 1920), 90, np.uint8)
    horodatage.dessiner(luma, 123_456_789)
    luma[48:72, 96:120] = 251 - luma[48:72, 96:120]
    assert horodatage.lire(luma) is None


def test_une_largeur_qui_ne_tombe_pas_juste_est_refusee():
    with pytest.raises(ValueError, match="1366"):
        horodatage.dessiner(np.zeros((768, 1366), np.uint8), 0)


def test_l_ecart_passe_le_tour_des_32_bits():
    assert horodatage.ecart_ms(5, horodatage.MODULO - 5) == 10
    assert horodatage.ecart_ms(horodatage.MODULO - 5, 5) == -10


def test_l_eclair_dure_un_dixieme_des_secondes_paires():
    assert [horodatage.eclair_allume(t) for t in (10.0, 10.09, 10.11, 11.0, 12.0)] == [True, True, False, False, True]


@pytest.mark.skipif(shutil.which("node") is None, reason="node absent")
def test_javascript_lit_et_dessine_de_meme(bgr, tmp_path):
    images = {"entiere": bgr, "h264": comprimer(bgr, "h264", 1_000_000), "vide": np.zeros_like(bgr)}
    images["reduite"] = cv2.resize(bgr, (1280, 720), interpolation=cv2.INTER_AREA)
    for nom, image in images.items():
        cv2.cvtColor(image, cv2.COLOR_BGR2RGBA).tofile(tmp_path / nom)
    tailles = {nom: image.shape[:2] for nom, image in images.items()}
    (tmp_path / "essai.mjs").write_text(ESSAI_JS % (MODULE_JS.as_uri(), json.dumps(tailles), attendu()))
    sortie = subprocess.run(["node", "essai.mjs"], cwd=tmp_path, check=True, capture_output=True, text=True)
    lus = json.loads(sortie.stdout)
    assert lus["tampons"] == {nom: horodatage.lire(image) for nom, image in images.items()}
    assert lus["eclairs"] == {nom: horodatage.lire_eclair(image) for nom, image in images.items()}
    luma = np.zeros((720, 1280), np.uint8)
    for x, y, w, h, niveau in lus["dessin"]:
        luma[y : y + h, x : x + w] = niveau
    assert horodatage.lire(luma) == attendu()


ESSAI_JS = """
import { readFileSync } from "node:fs";
import { lireHorodatage, lireEclair, dessinerHorodatage } from "%s";
const tampons = {}, eclairs = {}, dessin = [];
for (const [nom, [height, width]] of Object.entries(%s)) {
  const image = { width, height, data: new Uint8ClampedArray(readFileSync(nom)) };
  tampons[nom] = lireHorodatage(image);
  eclairs[nom] = lireEclair(image);
}
let niveau = 0;
const contexte = {
  set fillStyle(texte) { niveau = Number(texte.match(/\\d+/)[0]); },
  fillRect: (...rectangle) => dessin.push([...rectangle, niveau]),
};
dessinerHorodatage(contexte, 1280, %d);
console.log(JSON.stringify({ tampons, eclairs, dessin }));
"""
