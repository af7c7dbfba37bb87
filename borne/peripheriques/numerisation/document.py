"""D'une photographie à une page prête à lire, puis des pages à un seul PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from fpdf import FPDF
from numpy.typing import NDArray

from borne.peripheriques.numerisation.jugement import SANS_BORD, Jugement, juger
from borne.peripheriques.numerisation.page import Page, trouver_page
from borne.peripheriques.numerisation.redressement import Format, redresser
from borne.peripheriques.numerisation.rendu import eclaircir
from borne.peripheriques.opencv import cv2

PAGES_MAX: Final = 20
OCTETS_MAX: Final = 8 * 1024 * 1024
"""D'un PDF : sous la limite de ce que la salle accepte (10 Mio), en-têtes compris."""
QUALITES: Final = (85, 75, 60, 45)
A4_MM: Final = (210.0, 297.0)
SATURATION_GRISE: Final = 18.0
"""Écart des voies (0 à 255), au 99,5e centième, sous lequel une page est sans couleur."""

Image = NDArray[np.uint8]


class DocumentTropGros(Exception):
    """Trop de pages pour un seul PDF ; le texte est une phrase française."""


@dataclass(frozen=True, slots=True)
class PageNumerisee:
    """Une page à plat, éclaircie, `bgr` (h, w, 3), son `format` s'il est connu, et ce qu'elle vaut."""

    bgr: Image
    format: Format | None
    page: Page
    jugement: Jugement


def numeriser(bgr: Image) -> PageNumerisee:
    """La page d'une photographie BGR (h, w, 3) uint8. Lève `PageIntrouvable`. À appeler dans un fil."""
    page = trouver_page(bgr)
    redressee = redresser(bgr, page.coins)
    return PageNumerisee(eclaircir(redressee.bgr), redressee.format, page, juger(bgr, page, redressee.bgr))


def numeriser_entiere(bgr: Image) -> PageNumerisee:
    """Toute l'image tenue pour la page : quand ses bords ne se voient pas. À appeler dans un fil."""
    h, w = bgr.shape[:2]
    page = Page(np.array([[0, 0], [w - 1, 0], [w - 1, h - 1], [0, h - 1]], np.float64), 0.0)
    return PageNumerisee(eclaircir(bgr), None, page, Jugement((SANS_BORD,), None))


def composer_pdf(pages: Sequence[PageNumerisee], titre: str = "Document numérisé") -> bytes:
    """Un PDF, une page par page, à sa taille réelle (A4 ou carte), sinon ajustée à une page A4.

    Lève `DocumentTropGros` au-delà de `PAGES_MAX` pages ou de `OCTETS_MAX`, `ValueError` sans page. Aucune
    identité dans ses métadonnées.
    """
    if not pages:
        raise ValueError("un document a au moins une page")
    if len(pages) > PAGES_MAX:
        raise DocumentTropGros(f"Ce document a trop de pages ({len(pages)}, {PAGES_MAX} au plus).")
    for qualite in QUALITES:
        octets = _composer(pages, titre, qualite)
        if len(octets) <= OCTETS_MAX:
            return octets
    raise DocumentTropGros("Ce document est trop gros : numérisez moins de pages à la fois.")


def _composer(pages: Sequence[PageNumerisee], titre: str, qualite: int) -> bytes:
    pdf = FPDF(unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_title(titre)
    for page in pages:
        largeur, hauteur = taille_mm(page)
        pdf.add_page(format=(largeur, hauteur))
        pdf.image(io.BytesIO(_jpeg(page.bgr, qualite)), 0, 0, largeur, hauteur)
    return bytes(pdf.output())


def taille_mm(page: PageNumerisee) -> tuple[float, float]:
    """Largeur et hauteur de la page, en millimètres."""
    h, w = page.bgr.shape[:2]
    if page.format is not None:
        petit, grand = page.format.petit_mm, page.format.grand_mm
        return (grand, petit) if w > h else (petit, grand)
    largeur, hauteur = A4_MM if h >= w else A4_MM[::-1]
    echelle = min(largeur / w, hauteur / h)
    return w * echelle, h * echelle


def _jpeg(bgr: Image, qualite: int) -> bytes:
    ecart = bgr.max(axis=2).astype(np.int16) - bgr.min(axis=2)
    image = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY) if np.quantile(ecart, 0.995) < SATURATION_GRISE else bgr
    faite, octets = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, qualite])
    if not faite:
        raise DocumentTropGros("Cette page n'a pas pu être mise en PDF.")
    return bytes(octets)
