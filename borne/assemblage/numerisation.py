"""Les pages numérisées pendant un appel : en mémoire seulement, jusqu'au PDF ou à la fin de l'appel."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.numerisation import (
    DocumentTropGros,
    PageIntrouvable,
    PageNumerisee,
    composer_pdf,
    numeriser,
    numeriser_entiere,
)
from borne.peripheriques.numerisation.document import PAGES_MAX
from borne.visio.photo import Photo, PhotoImpossible, encoder


class Liasse:
    """Les pages d'un document, dans l'ordre où le médecin les a demandées."""

    def __init__(self) -> None:
        self._pages: list[PageNumerisee] = []

    def __len__(self) -> int:
        return len(self._pages)

    def oublier(self) -> None:
        """Le PDF est arrivé, ou l'appel est fini : plus rien ne reste."""
        self._pages.clear()

    def preparer(self, bgr: NDArray[np.uint8], octets_max: int) -> tuple[Photo, PageNumerisee]:
        """La page de cette image, et son fichier ; à `garder` une fois reçue. Dans un fil. Lève `PhotoImpossible`.

        Une page dont les bords ne se voient pas est prise entière, telle que la caméra la voit : le médecin a tout.
        """
        if len(self._pages) >= PAGES_MAX:
            raise PhotoImpossible(f"Ce document a déjà {PAGES_MAX} pages : demandez son PDF.")
        try:
            page = numeriser(bgr)
        except PageIntrouvable:
            page = numeriser_entiere(bgr)
        return encoder(page.bgr, octets_max), page

    def garder(self, page: PageNumerisee) -> None:
        """Le médecin l'a reçue : elle sera du prochain PDF."""
        self._pages.append(page)

    def relier(self) -> Photo:
        """Toutes les pages en un PDF. Dans un fil. Lève `PhotoImpossible`."""
        if not self._pages:
            raise PhotoImpossible("Aucune page n'a été numérisée.")
        try:
            octets = composer_pdf(self._pages)
        except DocumentTropGros as erreur:
            raise PhotoImpossible(str(erreur)) from erreur
        hauteur, largeur = self._pages[0].bgr.shape[:2]
        return Photo(octets, hashlib.sha256(octets).hexdigest(), largeur, hauteur, "application/pdf")
