"""Vérifier qu'un document est bien un PDF imprimable, avant de le garder et de l'imprimer sans y toucher."""

from __future__ import annotations

import io
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

TAILLE_MAX_PDF: Final = 10 * 1024 * 1024
"""Octets, comme `protocole.TAILLE_MAX_DOCUMENT`."""
PAGES_MAX: Final = 50
_FENETRE: Final = 1024
"""Octets où l'en-tête et la fin se cherchent (ISO 32000-1, annexe H, notes 13 et 18)."""
_ABIME: Final = "Ce document est abîmé : il ne peut pas être imprimé."


class PdfInvalide(ValueError):
    """Ces octets ne sont pas un PDF imprimable ; le texte est une phrase française, sans contenu du document."""


def verifier_pdf(octets: bytes) -> int:
    """Le nombre de pages. Lève `PdfInvalide` : vide, trop gros, pas un PDF, tronqué, chiffré, sans page..."""
    if not octets:
        raise PdfInvalide("Ce document est vide.")
    if len(octets) > TAILLE_MAX_PDF:
        raise PdfInvalide("Ce document est trop gros pour être imprimé.")
    if b"%PDF-" not in octets[:_FENETRE]:
        raise PdfInvalide("Ce document n'est pas un PDF.")
    if b"%%EOF" not in octets[-_FENETRE:]:
        raise PdfInvalide("Ce document est incomplet : il manque la fin.")
    pages = _compter(octets)
    if pages == 0:
        raise PdfInvalide("Ce document n'a aucune page.")
    if pages > PAGES_MAX:
        raise PdfInvalide(f"Ce document a trop de pages ({pages}, {PAGES_MAX} au plus).")
    return pages


def _compter(octets: bytes) -> int:
    try:
        lecteur = PdfReader(io.BytesIO(octets))
        if lecteur.is_encrypted:
            raise PdfInvalide("Ce document est protégé par un mot de passe.")
        return sum(1 for page in lecteur.pages if _imprimable(page.mediabox.width, page.mediabox.height))
    except PdfInvalide:
        raise
    except (
        *(PyPdfError, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError),
        *(RecursionError, TypeError, ValueError, OSError),
    ) as erreur:
        # pypdf ne promet pas ses exceptions devant un fichier abîmé : toutes celles-là ont été vues.
        raise PdfInvalide(_ABIME) from erreur


def _imprimable(largeur: float, hauteur: float) -> bool:
    if largeur <= 0 or hauteur <= 0:
        raise PdfInvalide(_ABIME)
    return True
