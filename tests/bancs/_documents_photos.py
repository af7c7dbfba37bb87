"""Des photographies de documents fabriquées : on en sait les quatre coins au pixel.

Deux fabriques qui ne partagent que la pose : `dessiner` pour l'une les fonds de matière (bois, tissu, pierre) et les
ombres douces, pour l'autre (`autre=True`) des fonds d'aplats, de carreaux et d'objets, des ombres à bord net et un
capteur à bruit coloré. On règle sur la première, on vérifie sur la seconde.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.opencv import cv2

CAS: Final = (
    *("simple", "ombre", "bruit", "peu_contraste", "bord", "deux_feuilles", "doigt", "penchee", "petite"),
    *("remplie", "blanc", "courbe", "image", "dure"),
)
A4: Final = (840, 1188)
CARTE: Final = (856, 540)
MOTS: Final = (
    *("ordonnance", "amoxicilline", "un", "comprime", "matin", "et"),
    *("soir", "pendant", "six", "jours", "le", "docteur"),
)

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Photo:
    """`bgr` : la photographie ; `coins` (4, 2), sens des aiguilles d'une montre ; `page` : le document à plat."""

    bgr: Image
    coins: NDArray[np.float64]
    page: Image
    cas: str


def fabriquer(
    cas: str,
    graine: int,
    *,
    autre: bool = False,
    taille: tuple[int, int] = (1600, 1200),
    document: Image | None = None,
) -> Photo:
    """La photographie de ce cas et de cette graine, largeur et hauteur données ; `document` : la page à plat."""
    hasard = np.random.default_rng([graine, CAS.index(cas), int(autre)])
    if cas == "dure":
        taille = (taille[0] // 2, taille[1] // 2)
    page = _page(hasard, carte=cas == "petite", image=cas == "image") if document is None else document
    if cas == "blanc":
        # Une table blanche : trois à sept niveaux de moins que le papier, et l'ombre portée du bord.
        page = np.minimum(page, page[0, 0])
    pale = cas in ("peu_contraste", "blanc") or (cas == "dure" and hasard.random() < 0.3)
    fond = (_fond_aplats if autre else _fond_matiere)(hasard, taille, pale=pale)
    if cas == "blanc":
        voulu = page[0, 0].astype(float) - hasard.uniform(4, 9)
        fond = np.clip(fond - fond.mean(axis=(0, 1)) + voulu, 0, 255).astype(np.uint8)
    coins = _pose(hasard, page.shape[1] / page.shape[0], taille, cas)
    image = fond.astype(np.float32)
    if cas == "deux_feuilles":
        seconde = _pose(hasard, page.shape[1] / page.shape[0], taille, "seconde")
        _coller(image, _page(hasard), seconde, ombre=4)
    if autre:
        _objets(hasard, image)
    _coller(image, page, coins, ombre=float(hasard.uniform(0, 10)), courbure=0.006 if cas == "courbe" else 0.0)
    if cas == "doigt" or (cas == "dure" and hasard.random() < 0.5):
        _doigt(hasard, image, coins)
    image *= _lumiere(hasard, taille, forte=cas in ("ombre", "dure"), nette=autre)[:, :, None]
    return Photo(_capteur(hasard, image, {"bruit": 14.0, "dure": 20.0}.get(cas, 5.0), colore=autre), coins, page, cas)


def _page(hasard: np.random.Generator, carte: bool = False, image: bool = False) -> Image:
    largeur, hauteur = CARTE if carte else A4
    teinte = np.array([hasard.uniform(225, 255)] * 3) - hasard.uniform(0, 14, 3)
    if carte:
        teinte -= hasard.uniform(0, 50, 3)
    page = np.empty((hauteur, largeur, 3), np.uint8)
    page[:] = teinte
    marge, y = int(largeur * 0.08), int(hauteur * 0.1)
    encre = tuple(float(v) for v in hasard.uniform(0, 70, 3))
    if hasard.random() < 0.5:
        couleur = tuple(float(v) for v in hasard.uniform(30, 220, 3))
        cv2.rectangle(page, (marge, y), (int(largeur * 0.45), y + int(hauteur * 0.07)), couleur, -1)
    y += int(hauteur * 0.12)
    while y < hauteur * 0.9:
        corps = float(hasard.uniform(0.6, 1.0))
        ligne = " ".join(hasard.choice(MOTS, int(hasard.integers(2, 8))))
        cv2.putText(page, ligne, (marge, y), cv2.FONT_HERSHEY_SIMPLEX, corps, encre, 2, cv2.LINE_AA)
        y += int(hasard.uniform(30, 70))
    if hasard.random() < 0.5:
        haut = int(hauteur * hasard.uniform(0.4, 0.6))
        cv2.rectangle(page, (marge, haut), (largeur - marge, haut + int(hauteur * 0.25)), encre, 2)
    if image:
        # Une brochure : un bandeau d'un bord à l'autre, ou une grande photographie sombre.
        haut, bas = sorted(hasard.uniform(0, 1, 2) * hauteur)
        gauche = 0 if hasard.random() < 0.5 else int(largeur * 0.1)
        couleur = tuple(float(v) for v in hasard.uniform(20, 200, 3))
        bas = min(bas, haut + 0.45 * hauteur)
        cv2.rectangle(page, (gauche, int(haut)), (largeur - gauche, int(bas)), couleur, -1)
    if hasard.random() < 0.4:
        cv2.circle(
            page, (int(largeur * 0.75), int(hauteur * 0.85)), int(largeur * 0.09), (150, 60, 60), 4, cv2.LINE_AA
        )
    return page


PARTS: Final = {"petite": (0.3, 0.5), "seconde": (0.4, 0.6), "remplie": (0.94, 0.99)}
"""Part de l'image que la page occupe, en longueur ; ordinairement de 62 à 95 %."""


def _pose(hasard: np.random.Generator, rapport: float, taille: tuple[int, int], cas: str) -> NDArray[np.float64]:
    """Une page plane devant une caméra à trou d'épingle, penchée et décentrée ; (4, 2), pixels."""
    cadre = np.array(taille, float)
    focale = hasard.uniform(0.8, 1.4) * cadre.max()
    tour = hasard.uniform(-1, 1) * {"penchee": 0.9, "remplie": 0.04}.get(cas, 0.5)
    couchee = hasard.random() < 0.4 if cas != "remplie" else (rapport < 1) == (cadre[0] > cadre[1])
    tangage, lacet = hasard.uniform(-1, 1, 2) * {"penchee": 0.6, "remplie": 0.08}.get(cas, 0.3)
    x, y = (0.5 * rapport, 0.5) if rapport < 1 else (0.5, 0.5 / rapport)
    page = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0]])
    page = page @ _rotation(2, tour + (np.pi / 2 if couchee else 0)) @ _rotation(0, tangage) @ _rotation(1, lacet)
    part = hasard.uniform(*PARTS.get(cas, (0.62, 0.95)))
    distance = 2.0
    for _ in range(4):
        etendue = np.ptp(focale * page[:, :2] / (page[:, 2:] + distance), axis=0)
        distance *= float((etendue / cadre).max()) / part
    centre = hasard.uniform(-0.45, 0.45, 2) * (cadre - etendue * part / float((etendue / cadre).max()))
    if cas == "bord":
        # Un côté de la page touche le bord de l'image, ou le dépasse d'un rien.
        axe, sens = int(hasard.integers(2)), int(hasard.choice([-1, 1]))
        centre[axe] = sens * (cadre[axe] - part * etendue[axe] / float((etendue / cadre).max())) / 2
        centre[axe] += sens * hasard.uniform(-0.005, 0.01) * cadre[axe]
    decalage = np.array([*(centre * distance / focale), distance])
    posee = page + decalage
    return np.asarray(focale * posee[:, :2] / posee[:, 2:] + (cadre - 1) / 2)


def _rotation(axe: int, angle: float) -> NDArray[np.float64]:
    i, j = [rang for rang in range(3) if rang != axe]
    matrice = np.eye(3)
    matrice[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
    return matrice


def _coller(
    image: NDArray[np.float32], page: Image, coins: NDArray[np.float64], ombre: float, courbure: float = 0.0
) -> None:
    """Colle la page sous ces coins. `courbure` : flèche des bords, en part de la page (papier qui gondole)."""
    hauteur, largeur = image.shape[:2]
    h, w = page.shape[:2]
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32) - 0.5
    passage = cv2.getPerspectiveTransform(source, coins.astype(np.float32))
    # Sur-échantillonné deux fois : les bords de la page sont lissés comme par un objectif.
    double = np.diag([2.0, 2.0, 1.0]) @ passage
    grande = cv2.warpPerspective(page, double, (largeur * 2, hauteur * 2), flags=cv2.INTER_LINEAR)
    masque = cv2.warpPerspective(np.full((h, w), 255, np.uint8), double, (largeur * 2, hauteur * 2))
    if courbure:
        y, x = np.mgrid[0 : 2 * hauteur, 0 : 2 * largeur].astype(np.float32)
        fleche = 2 * courbure * float(np.ptp(coins, axis=0).min())
        onde = fleche * np.sin(2 * np.pi * (x + y) / (2 * largeur)).astype(np.float32)
        grande, masque = (cv2.remap(plan, x + onde, y + onde, cv2.INTER_LINEAR) for plan in (grande, masque))
    posee = cv2.resize(grande, (largeur, hauteur), interpolation=cv2.INTER_AREA).astype(np.float32)
    opacite = (
        cv2.resize(masque, (largeur, hauteur), interpolation=cv2.INTER_AREA).astype(np.float32)[:, :, None] / 255
    )
    if ombre > 0.5:
        portee = np.roll(cv2.GaussianBlur(opacite[:, :, 0], (0, 0), ombre), (int(ombre), int(ombre)), (0, 1))
        image *= 1 - 0.35 * portee[:, :, None]
    image *= 1 - opacite
    image += posee * opacite


def _fond_matiere(hasard: np.random.Generator, taille: tuple[int, int], pale: bool) -> Image:
    largeur, hauteur = taille
    genre = hasard.choice(["bois", "tissu", "pierre", "uni"])
    base = hasard.uniform(200, 232) + hasard.uniform(-6, 6, 3) if pale else hasard.uniform(25, 175, 3)
    y, x = np.mgrid[0:hauteur, 0:largeur].astype(np.float32)
    grain = cv2.resize(hasard.normal(size=(hauteur // 4, largeur // 4)).astype(np.float32), taille)
    if genre == "bois":
        fibres = cv2.resize(
            hasard.normal(size=(hauteur // 3, 8)).astype(np.float32), taille, interpolation=cv2.INTER_CUBIC
        )
        veine = np.sin(y / hasard.uniform(14, 40) + 4 * fibres) + 0.6 * fibres
        motif = veine * hasard.uniform(5, 14)
        if hasard.random() < 0.5:
            motif = motif - 30.0 * ((y % hasard.uniform(180, 400)) < 4)
    elif genre == "tissu":
        pas = hasard.uniform(6, 20)
        motif = hasard.uniform(4, 12) * (np.sin(x / pas) + np.sin(y / pas)) + 4 * grain
    elif genre == "pierre":
        taches = cv2.resize(hasard.normal(size=(hauteur // 16, largeur // 16)).astype(np.float32), taille)
        motif = hasard.uniform(6, 16) * taches + hasard.uniform(2, 8) * grain
    else:
        motif = 2 * grain
    force = 0.35 if pale else 1.0
    return np.clip(base[None, None] + force * motif[:, :, None] * hasard.uniform(0.7, 1.1, 3), 0, 255).astype(
        np.uint8
    )


def _fond_aplats(hasard: np.random.Generator, taille: tuple[int, int], pale: bool) -> Image:
    largeur, hauteur = taille
    genre = hasard.choice(["aplat", "carreaux", "degrade", "table"])
    base = hasard.uniform(205, 235) + hasard.uniform(-10, 10, 3) if pale else hasard.uniform(10, 190, 3)
    fond = np.empty((hauteur, largeur, 3), np.float32)
    fond[:] = base
    y, x = np.mgrid[0:hauteur, 0:largeur]
    if genre == "carreaux":
        pas = int(hasard.integers(60, 220))
        fond[((x // pas) + (y // pas)) % 2 == 0] *= 0.93 if pale else hasard.uniform(0.5, 0.9)
    elif genre == "degrade":
        fond *= (
            1 - (0.1 if pale else 0.5) * (x / largeur * hasard.uniform(-1, 1) + y / hauteur * hasard.uniform(-1, 1))
        )[:, :, None]
    elif genre == "table" and not pale:
        a, b = hasard.uniform(0, 1), hasard.uniform(-0.3, 0.3)
        fond[y > hauteur * (a + b * x / largeur)] = hasard.uniform(10, 190, 3)
    return np.clip(fond, 0, 255).astype(np.uint8)


def _objets(hasard: np.random.Generator, image: NDArray[np.float32]) -> None:
    """Un téléphone, un stylo, une tasse : rien de la taille d'une page."""
    hauteur, largeur = image.shape[:2]
    for _ in range(int(hasard.integers(0, 4))):
        couleur = tuple(float(v) for v in hasard.uniform(0, 230, 3))
        x, y = float(hasard.uniform(0, largeur)), float(hasard.uniform(0, hauteur))
        if hasard.random() < 0.5:
            cote = float(hasard.uniform(0.03, 0.12)) * largeur
            boite = cv2.boxPoints(((x, y), (cote, 2 * cote), float(hasard.uniform(0, 180))))
            cv2.fillConvexPoly(image, boite.astype(np.int32), couleur, cv2.LINE_AA)
        else:
            cv2.circle(image, (int(x), int(y)), int(hasard.uniform(0.02, 0.07) * largeur), couleur, -1, cv2.LINE_AA)


def _doigt(hasard: np.random.Generator, image: NDArray[np.float32], coins: NDArray[np.float64]) -> None:
    coin = coins[int(hasard.integers(4))]
    vers = coins.mean(axis=0) - coin
    vers /= np.linalg.norm(vers)
    grosseur = int(hasard.uniform(0.02, 0.035) * image.shape[1])
    bout, base = coin + vers * grosseur * 2.2, coin - vers * grosseur * 9
    peau = np.array([120, 150, 205]) * hasard.uniform(0.55, 1.1)
    cv2.line(image, tuple(map(int, base)), tuple(map(int, bout)), tuple(map(float, peau)), 2 * grosseur, cv2.LINE_AA)


def _lumiere(hasard: np.random.Generator, taille: tuple[int, int], forte: bool, nette: bool) -> NDArray[np.float32]:
    largeur, hauteur = taille
    y, x = np.mgrid[0:hauteur, 0:largeur].astype(np.float32)
    x, y = x / largeur - 0.5, y / hauteur - 0.5
    angle = hasard.uniform(0, 2 * np.pi)
    pente = hasard.uniform(0.1, 0.25) if not forte else hasard.uniform(0.3, 0.6)
    lumiere = 1 - pente * (0.5 + x * np.cos(angle) + y * np.sin(angle))
    lumiere *= 1 - hasard.uniform(0, 0.4) * (x**2 + y**2)
    if forte:
        angle = hasard.uniform(0, 2 * np.pi)
        distance = x * np.cos(angle) + y * np.sin(angle) - hasard.uniform(-0.2, 0.2)
        raideur = hasard.uniform(60, 200) if nette else hasard.uniform(8, 25)
        lumiere *= 1 - hasard.uniform(0.25, 0.5) / (1 + np.exp(np.clip(-distance * raideur, -50, 50)))
    return np.asarray(lumiere, np.float32)


def _capteur(hasard: np.random.Generator, image: NDArray[np.float32], bruit: float, colore: bool) -> Image:
    flou = cv2.GaussianBlur(image, (0, 0), float(hasard.uniform(0.5, 1.6)))
    sigma = hasard.uniform(0.3, 1.0) * bruit
    grain = hasard.standard_normal(image.shape, np.float32) * sigma
    if colore:
        grain = cv2.GaussianBlur(grain, (0, 0), 0.8) * 2.2
    prise = np.clip(flou * hasard.uniform(0.75, 1.05) + grain, 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", prise, [cv2.IMWRITE_JPEG_QUALITY, int(hasard.integers(60, 95))])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
