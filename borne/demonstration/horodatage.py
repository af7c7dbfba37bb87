"""Le tampon horaire dessiné dans l'image : mesure le délai entre la prise de vue et l'affichage.

Une grille de 9 colonnes et 5 lignes de blocs noirs ou blancs, de 24 pixels de côté à 1920x1080, posée à un bloc
du coin haut gauche. Tout est relatif à la largeur de l'image (1/80) : le tampon se lit à 720p et à 360p.

- colonne 0 : référence, blanche aux lignes paires, noire aux lignes impaires (le seuil de lecture en vient) ;
- colonnes 1 à 8, lignes 0 à 3 : les 32 bits de l'instant, poids fort d'abord (millisecondes Unix modulo 2^32) ;
- colonnes 1 à 8, ligne 4 : CRC-8 de ces quatre octets (polynôme 0x07, valeur initiale 0xFF) : une image toute
  noire ou toute blanche n'est jamais un tampon.

En haut à droite, un carré de six blocs, l'éclair : noir, et blanc pendant le premier dixième de chaque seconde
Unix paire, à l'instant où la voix virtuelle joue un clic (`son.py`). L'écart entre les deux est celui du son et de
l'image.

`horodatage.js` lit et dessine la même chose dans la page du médecin ; les essais comparent les deux.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BLOCS_PAR_LARGEUR: Final = 80
"""Un bloc fait un quatre-vingtième de la largeur de l'image."""
COLONNES: Final = 9
LIGNES: Final = 5
MARGE: Final = 1
"""Blocs laissés libres à gauche et au-dessus."""
NOIR: Final = 16
BLANC: Final = 235
"""Luma en plage limitée (UIT-R BT.601)."""
CONTRASTE_MINIMAL: Final = 48
"""Écart de luma entre les références au-dessous duquel rien n'est lu."""
MODULO: Final = 1 << 32
ECLAIR: Final = (72, MARGE, 6)
"""Carré de l'éclair : colonne, ligne et côté, en blocs."""
ECLAIR_PERIODE_S: Final = 2
ECLAIR_DUREE_S: Final = 0.1


def crc8(octets: bytes) -> int:
    """CRC-8, polynôme 0x07, valeur initiale 0xFF, sans réflexion ni complément."""
    reste = 0xFF
    for octet in octets:
        reste ^= octet
        for _ in range(8):
            reste = ((reste << 1) ^ 0x07) & 0xFF if reste & 0x80 else reste << 1
    return reste


def zone(largeur: int) -> tuple[int, int, int, int]:
    """Rectangle du tampon (x, y, largeur, hauteur), en pixels, dans une image de cette largeur."""
    bloc = largeur // BLOCS_PAR_LARGEUR
    return MARGE * bloc, MARGE * bloc, COLONNES * bloc, LIGNES * bloc


def dessiner(y_plane: NDArray[np.uint8], instant_ms: int) -> None:
    """Dessine le tampon dans le plan de luminance (h, w), sur place.

    `instant_ms` : millisecondes Unix. Lève `ValueError` si la largeur n'est pas un multiple de 80 pixels d'au
    moins 640 (blocs entiers de 8 pixels) : la lecture, relative, ne tomberait pas juste.
    """
    if y_plane.shape[1] < 640 or y_plane.shape[1] % BLOCS_PAR_LARGEUR:
        raise ValueError(f"largeur de tampon impossible : {y_plane.shape[1]}")
    x, y, largeur, hauteur = zone(y_plane.shape[1])
    cote = largeur // COLONNES
    octets = (instant_ms % MODULO).to_bytes(4, "big")
    bits = np.unpackbits(np.frombuffer(octets + bytes([crc8(octets)]), np.uint8)).reshape(LIGNES, 8)
    reference = (np.arange(LIGNES) + 1) % 2
    grille = np.where(np.column_stack([reference, bits]) == 1, np.uint8(BLANC), np.uint8(NOIR))
    y_plane[y : y + hauteur, x : x + largeur] = grille.repeat(cote, axis=0).repeat(cote, axis=1)


def lire(image: NDArray[np.uint8]) -> int | None:
    """L'instant du tampon (millisecondes Unix modulo 2^32), ou None quand il n'est pas lisible.

    `image` : luminance (h, w), ou couleurs BGR (h, w, 3). La moyenne du cœur de chaque bloc est comparée au
    milieu des deux références : les bords, que la compression et la mise à l'échelle mêlent, ne comptent pas.
    """
    hauteur, largeur = image.shape[:2]
    bloc = largeur / BLOCS_PAR_LARGEUR
    if bloc < 4 or hauteur < bloc * (LIGNES + 2 * MARGE):
        return None
    cotes = int(bloc * (COLONNES + MARGE)) + 1, int(bloc * (LIGNES + MARGE)) + 1
    luma = _luma(image[: cotes[1], : cotes[0]])
    moyennes = np.array([[_coeur(luma, bloc, c, r) for c in range(COLONNES)] for r in range(LIGNES)])
    clair, sombre = moyennes[::2, 0].min(), moyennes[1::2, 0].max()
    if clair - sombre < CONTRASTE_MINIMAL:
        return None
    bits = (moyennes[:, 1:] > (clair + sombre) / 2).astype(np.uint8)
    octets = np.packbits(bits).tobytes()
    return int.from_bytes(octets[:4], "big") if crc8(octets[:4]) == octets[4] else None


def ecart_ms(apres: int, avant: int) -> int:
    """`apres - avant` en millisecondes, le tour des 32 bits (49,7 jours) compris."""
    return (apres - avant + MODULO // 2) % MODULO - MODULO // 2


def zone_eclair(largeur: int) -> tuple[int, int, int, int]:
    """Rectangle de l'éclair (x, y, largeur, hauteur), en pixels, dans une image de cette largeur."""
    bloc = largeur / BLOCS_PAR_LARGEUR
    colonne, ligne, cote = ECLAIR
    return round(colonne * bloc), round(ligne * bloc), round(cote * bloc), round(cote * bloc)


def eclair_allume(instant: float) -> bool:
    """L'éclair (et le clic) ont-ils lieu à cet instant, en secondes Unix ?"""
    return instant % ECLAIR_PERIODE_S < ECLAIR_DUREE_S


def dessiner_eclair(y_plane: NDArray[np.uint8], instant: float) -> None:
    """Dessine le carré de l'éclair dans le plan de luminance (h, w), sur place ; secondes Unix."""
    x, y, largeur, hauteur = zone_eclair(y_plane.shape[1])
    y_plane[y : y + hauteur, x : x + largeur] = BLANC if eclair_allume(instant) else NOIR


def lire_eclair(image: NDArray[np.uint8]) -> bool:
    """L'éclair est-il blanc dans cette image, luminance (h, w) ou BGR (h, w, 3) ?"""
    x, y, largeur, hauteur = zone_eclair(image.shape[1])
    coeur = image[y + hauteur // 4 : y + 3 * hauteur // 4, x + largeur // 4 : x + 3 * largeur // 4]
    return float(_luma(coeur).mean()) > (BLANC + NOIR) / 2


def _luma(image: NDArray[np.uint8]) -> NDArray[Any]:
    """Luminance d'une petite zone (BT.601 pour du BGR)."""
    if image.ndim == 2:
        return image
    return image.astype(np.float32) @ _poids()


@cache
def _poids() -> NDArray[np.float32]:
    return np.array([0.114, 0.587, 0.299], np.float32)


def _coeur(luma: NDArray[Any], bloc: float, colonne: int, ligne: int) -> float:
    """Moyenne de la moitié centrale d'un bloc."""
    x0, y0 = (MARGE + colonne + 0.25) * bloc, (MARGE + ligne + 0.25) * bloc
    x1, y1 = max(x0 + bloc / 2, int(x0) + 1), max(y0 + bloc / 2, int(y0) + 1)
    return float(luma[int(y0) : int(y1), int(x0) : int(x1)].mean())
