"""La page d'essai : un jeton au hasard en QR, que la caméra de documents relit."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

import segno
import zxingcpp
from fpdf import FPDF

from borne.autotest.image import Image

PREFIXE: Final = "borne-essai-"
COTE_MM: Final = 70.0
MARGE_MM: Final = 70.0


def jeton() -> str:
    """Un jeton neuf : la page relue doit être celle qu'on vient d'imprimer, pas celle d'hier."""
    return PREFIXE + secrets.token_hex(8)


def composer(jeton: str, instant: float) -> bytes:
    """Le PDF, une page A4 : un titre, la date (`instant`, secondes Unix), le QR (ISO/IEC 18004), trois lignes."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 24)
    pdf.text(20, 30, "Page d'essai de la borne")
    pdf.set_font("Helvetica", "", 14)
    pdf.text(20, 42, f"{datetime.fromtimestamp(instant):%d/%m/%Y %H:%M}")
    pdf.text(20, 52, "Posez cette page sous la caméra de documents.")
    modules = segno.make(jeton, error="m", micro=False).matrix
    pas = COTE_MM / len(modules)
    for y, ligne in enumerate(modules):
        for x, noir in enumerate(ligne):
            if noir:
                # Un rien plus grands que leur pas : aucun filet blanc entre deux modules.
                pdf.rect(MARGE_MM + x * pas, MARGE_MM + y * pas, pas * 1.02, pas * 1.02, style="F")
    for rang in range(6):
        pdf.text(20, 170 + 10 * rang, "Portez ce vieux whisky au juge blond qui fume.")
    return bytes(pdf.output())


def relire(image: Image) -> str | None:
    """Le jeton que porte l'image (BGR), None s'il n'y en a pas de lisible."""
    for code in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)):
        if code.text.startswith(PREFIXE):
            return str(code.text)
    return None
