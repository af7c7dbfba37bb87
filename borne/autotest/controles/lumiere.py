"""La lumière de la pièce, sur ce que la caméra vient de voir : assez, pas de contre-jour, pas de clignotement."""

from __future__ import annotations

from typing import Final

from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, gris, orange, premiere, vert
from borne.autotest.contrat import Resultat
from borne.autotest.controles.camera import ControleCamera
from borne.autotest.image import Regard

LUMINANCE_MIN: Final = 45.0
LUMINANCE_BASSE: Final = 65.0
"""Moyenne sur 255 : un visage se lit mal sous 45 (caméra déjà au bout de son exposition), bien au-dessus de 65."""
CONTRE_JOUR: Final = 2.2
"""Le tour de l'image plus de deux fois plus clair que le milieu, où est le visage : une diaphragme d'écart."""
CLIGNOTE: Final = 0.06
"""Écart moyen d'une image à la suivante : un tube fatigué donne 10 à 30 %, un visage qui bouge moins de 1 %."""


def juger(regard: Regard) -> Faute | None:
    """Ce qui ne va pas dans la lumière ; None si elle convient."""
    eclairer = "Allumez la lumière, ou ajoutez une lampe devant le patient."
    return premiere(
        Faute("lumiere-clignote", "La lumière de la pièce clignote.", "Changez le tube ou l'ampoule.")
        if regard.clignote > CLIGNOTE
        else None,
        Faute("contre-jour", "Le patient est à contre-jour.", "Tirez le rideau derrière le patient.")
        if regard.bord > CONTRE_JOUR * max(1.0, regard.centre)
        else None,
        Faute("piece-sombre", "La pièce est trop sombre.", eclairer) if regard.luminance < LUMINANCE_MIN else None,
        orange("piece-sombre", "La pièce est un peu sombre.", eclairer)
        if regard.luminance < LUMINANCE_BASSE
        else None,
    )


class ControleLumiere:
    """La lumière, vue par la caméra principale."""

    nom, libelle = "lumiere", "Lumière de la pièce"
    groupe = "camera"
    delai_s = 5.0
    requiert: tuple[str, ...] = ("camera",)

    def __init__(self, camera: ControleCamera) -> None:
        self._camera = camera

    async def controler(self, banc: Banc) -> Resultat:
        """Juge le dernier film de la caméra."""
        regard = self._camera.regard
        if regard is None:
            return gris(self.nom, "Lumière de la pièce : sans caméra, elle ne se mesure pas.")
        valeurs = {"luminance": regard.luminance, "centre": regard.centre, "bord": regard.bord}
        faute = juger(regard)
        if faute is not None:
            return faute.rendre(self.nom, valeurs)
        return vert(self.nom, "La pièce est bien éclairée.", valeurs)
