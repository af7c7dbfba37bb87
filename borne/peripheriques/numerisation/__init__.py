"""La numérisation de documents : d'une photographie de page à un PDF. Des images et des nombres, rien d'autre."""

from borne.peripheriques.numerisation.document import (
    DocumentTropGros,
    PageNumerisee,
    composer_pdf,
    numeriser,
    numeriser_entiere,
    taille_mm,
)
from borne.peripheriques.numerisation.jugement import Jugement
from borne.peripheriques.numerisation.page import Page, PageIntrouvable, trouver_page
from borne.peripheriques.numerisation.redressement import redresser
from borne.peripheriques.numerisation.rendu import eclaircir

__all__ = [
    "DocumentTropGros",
    "Jugement",
    "Page",
    "PageIntrouvable",
    "PageNumerisee",
    "composer_pdf",
    "eclaircir",
    "numeriser",
    "numeriser_entiere",
    "redresser",
    "taille_mm",
    "trouver_page",
]
