"""Importe OpenCV sans que son import change l'environnement : prendre `cv2` ici, et d'ici seulement.

opencv-python pose à l'import QT_QPA_PLATFORM_PLUGIN_PATH et QT_QPA_FONTDIR (ses propres greffons Qt : PySide6 qui
démarre après eux échoue) et allonge LD_LIBRARY_PATH (hérité par tout programme lancé ensuite). Le premier import
fait foi : l'assemblage importe donc ce module avant Qt et avant toute autre pièce qui importe cv2.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import TYPE_CHECKING, Final

VARIABLES: Final = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", "LD_LIBRARY_PATH")


def importer_opencv() -> ModuleType:
    """Importe cv2, défait ce que l'import change dans l'environnement, et rend le module."""
    avant = {nom: os.environ.get(nom) for nom in VARIABLES}
    module = importlib.import_module("cv2")
    for nom, valeur in avant.items():
        if valeur is None:
            os.environ.pop(nom, None)
        else:
            os.environ[nom] = valeur
    # La capture, le bruit et l'affichage ont chacun leur fil : pas de réserve de fils en plus dans OpenCV, qui
    # se disputerait les deux cœurs d'une borne avec l'encodeur.
    module.setNumThreads(1)
    return module


if TYPE_CHECKING:
    import cv2
else:
    cv2 = importer_opencv()

__all__ = ["cv2", "importer_opencv"]
