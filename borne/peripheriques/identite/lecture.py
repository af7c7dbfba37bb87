"""Lire les codes d'un document sous la caméra : zxing-cpp, sur l'image, puis sur la page redressée et agrandie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from borne.peripheriques.identite.erreurs import CodeIllisible, IdentiteInvalide
from borne.peripheriques.identite.ins import IdentiteINS, est_ins, lire_ins
from borne.peripheriques.identite.titre import IdentiteTitre, est_2d_doc, lire_titre
from borne.peripheriques.numerisation import PageIntrouvable, redresser, trouver_page
from borne.peripheriques.opencv import cv2

Image = NDArray[np.uint8]

ESSAIS: Final = ((1.0, 0.0), (2.0, 0.0), (3.0, 1.5), (2.0, 1.5))
"""Agrandissement et accentuation, dans l'ordre des essais. Mesuré sur des codes penchés, bruités, sous un flou d'un
pixel : lus dès 2,4 pixels par module (2 avec un flou de 0,6 ; 4 sans rien)."""
COTE_MAX: Final = 5000
"""Pixels : au-delà, agrandir coûte plus qu'il ne montre."""


def lire_codes(bgr: Image) -> tuple[str, ...]:
    """Les textes des datamatrix d'une image BGR, sans doublon ; vide s'il n'y en a pas. À appeler dans un fil."""
    formats = zxingcpp.barcode_formats_from_str("DataMatrix")
    for image in _vues(bgr):
        codes = zxingcpp.read_barcodes(image, formats=formats)
        # Les octets, et non le texte : zxing-cpp y remplace les séparateurs.
        textes = dict.fromkeys(_decoder(bytes(code.bytes)) for code in codes if code.valid)
        if textes:
            return tuple(textes)
    return ()


def lire_identite(bgr: Image) -> IdentiteINS | IdentiteTitre:
    """L'identité du premier code INS, à défaut du premier titre. Lève `CodeIllisible` ou `IdentiteInvalide`."""
    codes = lire_codes(bgr)
    if not codes:
        raise CodeIllisible
    for reconnaitre, lire in ((est_ins, lire_ins), (est_2d_doc, lire_titre)):
        for code in codes:
            if reconnaitre(code):
                return lire(code)
    raise IdentiteInvalide("Ce code n'est ni un code INS, ni celui d'une pièce d'identité.", faute="nature")


def _vues(bgr: Image) -> Iterator[Image]:
    """L'image de plus en plus travaillée : la plupart des codes se lisent à la première."""
    gris = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
    for essai in ESSAIS:
        yield _agrandir(gris, *essai)
    try:
        plate = redresser(bgr, trouver_page(bgr).coins).bgr
    except PageIntrouvable:
        return
    egal = cv2.createCLAHE(3.0, (8, 8)).apply(cv2.cvtColor(plate, cv2.COLOR_BGR2GRAY))
    for essai in ESSAIS[1:]:
        yield _agrandir(np.asarray(egal, np.uint8), *essai)


def _agrandir(gris: Image, facteur: float, accent: float) -> Image:
    if accent:
        lisse = cv2.GaussianBlur(gris, (0, 0), 1.0)
        gris = np.asarray(cv2.addWeighted(gris, 1 + accent, lisse, -accent, 0), np.uint8)
    facteur = min(facteur, COTE_MAX / max(gris.shape))
    if facteur <= 1.0:
        return gris
    return np.asarray(cv2.resize(gris, None, fx=facteur, fy=facteur, interpolation=cv2.INTER_CUBIC), np.uint8)


def _decoder(octets: bytes) -> str:
    """UTF-8 quand c'en est, latin-1 sinon (les accents du code INS sont rares, et permis)."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")
