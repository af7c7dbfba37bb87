"""PySide6 6.12.0, sous Python 3.11, rend None sans le compter : la borne meurt (none_dealloc) en quelques minutes."""

from __future__ import annotations

import sys

from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot


def test_une_methode_sans_resultat_ne_perd_pas_de_reference(qtbot: QtBot) -> None:
    peintre = QPainter(image := QImage(8, 8, QImage.Format.Format_RGB32))
    avant = sys.getrefcount(None)
    for _ in range(500):
        peintre.setOpacity(1.0)
    perdues = avant - sys.getrefcount(None)
    peintre.end()
    assert image.width() == 8
    assert perdues < 100
