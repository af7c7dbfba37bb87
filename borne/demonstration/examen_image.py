"""Le médecin examine à l'image : il choisit l'otoscope, zoome sur la mire, prend une photo ; et ce qui le prouve."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.demonstration.rapport import EchecEtape, Rapport
from borne.demonstration.robot_medecin import RobotMedecin
from borne.demonstration.scenes import MIRE, TYMPAN, tympan
from borne.peripheriques.opencv import cv2

CRANS: Final = 6
ZOOM: Final = 1.25**CRANS
"""Six crans de molette."""
MILIEU_MIRE: Final = (
    0.5 + (MIRE[0] + MIRE[2] / 2 - TYMPAN[0] / 2) / TYMPAN[1] * 9 / 16,
    (MIRE[1] + MIRE[3] / 2) / TYMPAN[1],
)
"""La mire d'un pixel dans un flux 16/9 où le tympan tient entier, de 0 à 1."""
FIDELITE_MIN_DB: Final = 36.0
"""De la photo au tympan d'origine ; le bruit du capteur et sa couleur 4:2:0 en laissent 39."""
GAIN_DETAIL_MIN: Final = 3.0
"""Contraste de la mire d'un pixel, zoomée, sur ce qu'il était dans l'image entière."""
DELAI_S: Final = 60.0


async def examiner_image(medecin: RobotMedecin, rapport: Rapport) -> None:
    """Otoscope, zoom, pointeur, photo ; la page revient au visage. Lève `EchecEtape`."""
    page = medecin.page
    with rapport.etape("médecin : choisir l'otoscope"):
        cles = await _images_cles(medecin)
        await page.get_by_role("radio", name="Examen").click()
        await page.locator('[data-camera="examen"][aria-checked="true"]').wait_for(timeout=1000 * DELAI_S)
        await asyncio.sleep(3)
        entiere = _contraste(await _capturer(medecin), 1.0)
        await medecin.photographier("otoscope")
    with rapport.etape("médecin : zoomer et montrer du doigt"):
        await _zoomer(medecin)
        zoomee = _contraste(await _capturer(medecin), ZOOM)
        await page.locator("#surface").press("Enter")
        await page.locator("#pointeur").wait_for(timeout=1000 * DELAI_S)
        await medecin.photographier("otoscope-zoom")
        # Une perte sur une machine chargée en demande une aussi : rapporté, pas jugé (tests/visio/test_cadrage.py).
        rapport.chiffres["images_cles_camera_et_zoom"] = await _images_cles(medecin) - cles
    rapport.chiffres["mire_un_pixel"] = {"entiere": round(entiere, 1), "zoomee": round(zoomee, 1)}
    rapport.exiger(
        "zoomer montre un détail que l'image entière ne montre pas",
        zoomee > GAIN_DETAIL_MIN * entiere,
        f"contraste {entiere:.1f} puis {zoomee:.1f}",
    )
    await _photographier(medecin, rapport)
    with rapport.etape("médecin : revenir au visage"):
        await page.get_by_role("radio", name="Visage").click()
        await page.locator('[data-camera="principale"][aria-checked="true"]').wait_for(timeout=1000 * DELAI_S)


async def _zoomer(medecin: RobotMedecin) -> None:
    """La molette au-dessus de la mire : elle reste sous la souris."""
    page = medecin.page
    boite = await page.locator("#surface").bounding_box()
    if boite is None:
        raise EchecEtape("l'image n'est pas à l'écran")
    x, y = MILIEU_MIRE
    await page.mouse.move(boite["x"] + x * boite["width"], boite["y"] + y * boite["height"])
    for _ in range(CRANS):
        await page.mouse.wheel(0, -100)
    await medecin.attendre("#zoom-pastille", "3,8×")
    # La borne recadre, encode, et l'image s'affine en quelques instants.
    await asyncio.sleep(4)


async def _capturer(medecin: RobotMedecin) -> NDArray[np.uint8]:
    """L'image reçue, à sa définition, en luminance (h, w)."""
    png = await medecin.page.evaluate("() => window.capturerImage()")
    image = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise EchecEtape("l'image reçue ne se lit pas")
    return np.asarray(image, np.uint8)


def _contraste(image: NDArray[np.uint8], zoom: float) -> float:
    """Amplitude, en niveaux, des traits d'un pixel de la mire dans l'image reçue à ce zoom.

    Le repliement d'un motif trop fin n'est pas du détail : seule compte la fréquence même des traits.
    """
    hauteur, largeur = image.shape
    echelle = zoom * hauteur / TYMPAN[1]
    demi_x, demi_y = 0.45 * MIRE[2] * echelle, 0.35 * MIRE[3] * echelle
    x, y = MILIEU_MIRE[0] * largeur, MILIEU_MIRE[1] * hauteur
    bande = image[round(y - demi_y) : round(y + demi_y), round(x - demi_x) : round(x + demi_x)]
    ligne = cv2.resize(bande.mean(axis=0, dtype=np.float32)[None, :], (2048, 1), interpolation=cv2.INTER_CUBIC)[0]
    periodes = 0.45 * MIRE[2]
    bas, haut = round(0.96 * periodes), round(1.04 * periodes) + 1
    spectre = np.abs(np.fft.rfft((ligne - ligne.mean()) * np.hanning(len(ligne))))
    return float(4 * spectre[bas:haut].max() / len(ligne))


async def _images_cles(medecin: RobotMedecin) -> int:
    """Images clés décodées de la caméra de la borne, depuis le début de l'appel."""
    return int(await medecin.page.evaluate("() => window.imagesCles()"))


async def _photographier(medecin: RobotMedecin, rapport: Rapport) -> None:
    """Une photo, malgré le zoom, entière et à la définition du capteur."""
    page = medecin.page
    debut = time.monotonic()
    with rapport.etape("médecin : photo d'examen"):
        await page.locator("#photo").click()
        await medecin.attendre("#photo-etat", "Photo reçue.", DELAI_S)
        duree = time.monotonic() - debut
        await page.locator(".vignette").first.click()
        details = await medecin.attendre("#vue-details", "empreinte vérifiée")
        await medecin.photographier("photo-examen")
        async with page.expect_download() as attente:
            await medecin.toucher("Enregistrer sur cet ordinateur")
        chemin = await (await attente.value).path()
        await medecin.toucher("Fermer")
    octets = await asyncio.to_thread(chemin.read_bytes)
    photo = cv2.imdecode(np.frombuffer(octets, np.uint8), cv2.IMREAD_COLOR)
    fidele = photo is not None and photo.shape == (TYMPAN[1], TYMPAN[0], 3)
    decibels = float(cv2.PSNR(np.asarray(photo, np.uint8), tympan())) if fidele else 0.0
    rapport.chiffres["photo_examen"] = {
        "duree_s": round(duree, 1),
        "octets": len(octets),
        "empreinte": hashlib.sha256(octets).hexdigest(),
        "fidelite_db": round(decibels, 1),
        "details": details,
    }
    rapport.exiger(
        "photo d'examen : définition du capteur, fidèle à l'image d'origine",
        decibels > FIDELITE_MIN_DB,
        f"{None if photo is None else photo.shape}, {decibels:.1f} dB",
    )
