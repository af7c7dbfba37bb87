"""Trouver la page : les paires de droites qui se font face, puis le quadrilatère que l'image soutient le mieux.

Un quadrilatère se juge d'abord à ses côtés (un bord tout du long, qui s'arrête aux coins), puis à ce qu'il sépare :
les couleurs du dedans ne sont pas celles du dehors. Un doigt sur un coin, une ombre, un bout de page hors de
l'image ne changent ni les autres côtés, ni les couleurs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from borne.peripheriques.numerisation.lignes import POINTS, Appuis, Vue, appuyer, droites
from borne.peripheriques.opencv import cv2

PAIRES_PAR_SECTEUR: Final = 80
SECTEURS: Final = 6
SURFACE_MIN: Final = 0.035
"""Part de l'image : une carte posée sous une caméra réglée pour une page A4 en fait 7 %."""
DEBORD: Final = 0.12
"""Part du grand côté de l'image dont un coin peut en sortir."""
EXAMINES: Final = 300
GROUPES: Final = 28
NEUTRE: Final = 0.45
"""Ce que vaut un bout de côté hors de l'image : ni preuve, ni réfutation."""
APPUI_BORD_IMAGE: Final = 0.35
"""Ce que vaut un bord de l'image pris comme côté."""
TRONCONS: Final = 10
RETRAIT: Final = 0.03
"""Part d'un côté laissée à chaque coin, qui s'arrondit."""
PART_FILET: Final = 0.6
"""Ce que vaut un bord qui ne se voit que l'écriture laissée."""
_RALLONGE: Final = 0.12

Quad = NDArray[np.float64]
"""(4, 2) : coins x, y en pixels, dans le sens des aiguilles d'une montre, le plus proche du haut à gauche d'abord."""


@dataclass(frozen=True, slots=True)
class Candidat:
    """Un quadrilatère et ses notes, de 0 à 1 : `cotes`, `separation`, et leur produit `note`."""

    quad: Quad
    note: float
    cotes: float
    separation: float


def candidats(vue: Vue) -> list[Candidat]:
    """Les quadrilatères que l'image soutient, le meilleur d'abord, en pixels de la vue."""
    lignes = droites(vue)
    appuis = appuyer(vue, lignes)
    quads, rangs, cotes = _noter_cotes(vue, lignes, appuis)
    if not len(quads):
        return []
    surfaces = _surfaces(quads) / (vue.taille[0] * vue.taille[1])
    ordre = np.argsort(-cotes * surfaces**0.25)[:EXAMINES]
    cotes = np.array(cotes)
    cotes[ordre] = _relire(quads[ordre], rangs[ordre], appuis, len(lignes) - 4, vue)
    groupes = _grouper_couleurs(vue)
    trouves = []
    for rang in ordre:
        separation = _separer(groupes, quads[rang])
        note = float(cotes[rang] * separation * surfaces[rang] ** 0.15)
        trouves.append(Candidat(ordonner(quads[rang]), note, float(cotes[rang]), separation))
    return sorted(trouves, key=lambda trouve: -trouve.note)


def ordonner(quad: Quad) -> Quad:
    """Le même, dans le sens des aiguilles d'une montre (à l'écran), à partir du coin en haut à gauche."""
    centre = quad.mean(axis=0)
    tour = quad[np.argsort(np.arctan2(quad[:, 1] - centre[1], quad[:, 0] - centre[0]))]
    return np.roll(tour, -int(np.argmin(tour.sum(axis=1))), axis=0)


def _paires(
    lignes: NDArray[np.float64], force: NDArray[np.float64], taille: tuple[int, int]
) -> list[NDArray[np.intp]]:
    """Par secteur d'orientation, les paires de droites qui se font face, les plus fortes d'abord."""
    i, j = np.triu_indices(len(lignes), 1)
    angles = np.arctan2(lignes[:, 1], lignes[:, 0]) % np.pi
    difference = np.abs(angles[i] - angles[j])
    difference = np.minimum(difference, np.pi - difference)
    centre = np.array([(taille[0] - 1) / 2, (taille[1] - 1) / 2])
    # Écart mesuré à travers le centre : le signe suit la normale, qu'il faut donc mettre du même côté.
    sens = np.sign(np.sum(lignes[i, :2] * lignes[j, :2], axis=1))
    ecart = np.abs((lignes[i, :2] @ centre + lignes[i, 2]) - sens * (lignes[j, :2] @ centre + lignes[j, 2]))
    bonnes = (difference < np.radians(45)) & (ecart > 0.1 * min(taille))
    i, j = i[bonnes], j[bonnes]
    moyen = np.angle(np.exp(2j * angles[i]) + np.exp(2j * angles[j])) / 2 % np.pi
    secteurs = (moyen / np.pi * SECTEURS).astype(int) % SECTEURS
    force_paire = np.minimum(force[i], force[j])
    rendues = []
    for secteur in range(SECTEURS):
        siennes = np.flatnonzero(secteurs == secteur)
        meilleures = siennes[np.argsort(-force_paire[siennes])[:PAIRES_PAR_SECTEUR]]
        rendues.append(np.stack([i[meilleures], j[meilleures]], axis=1))
    return rendues


def _forces(appuis: Appuis, bords: int) -> NDArray[np.float64]:
    """Contraste du meilleur huitième de chaque droite : une petite page a des côtés courts, mais francs.

    Les bords de l'image valent la médiane.
    """
    cumul = appuis.ecarts
    fenetre = POINTS // 8
    forces = np.linalg.norm(cumul[:, fenetre:] - cumul[:, :-fenetre], axis=2).max(axis=1) / fenetre
    forces[-bords:] = np.median(forces)
    return np.asarray(forces)


def _noter_cotes(
    vue: Vue, lignes: NDArray[np.float64], appuis: Appuis
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Quadrilatères plausibles (n, 4, 2), les droites de leurs côtés (n, 4) et une première note (n,)."""
    secteurs = _paires(lignes, _forces(appuis, 4), vue.taille)
    tous, rangs, notes = [np.zeros((0, 4, 2))], [np.zeros((0, 4), np.intp)], [np.zeros(0)]
    for un in range(SECTEURS):
        for autre in range(un + 1, SECTEURS):
            premiers, seconds = secteurs[un], secteurs[autre]
            if not len(premiers) or not len(seconds):
                continue
            p, s = np.repeat(np.arange(len(premiers)), len(seconds)), np.tile(np.arange(len(seconds)), len(premiers))
            a, c = premiers[p].T
            b, d = seconds[s].T
            quads = np.stack([_croiser(lignes, x, y) for x, y in ((a, b), (b, c), (c, d), (d, a))], axis=1)
            cotes = np.stack([b, c, d, a], axis=1)
            # Trois côtés hors de l'image : rien ne dit plus que c'est une page.
            bons = _plausibles(quads, vue.taille) & (np.sum(cotes >= len(lignes) - 4, axis=1) <= 2)
            quads, cotes = quads[bons], cotes[bons]
            if len(quads):
                tous.append(quads)
                rangs.append(cotes)
                notes.append(_noter(quads, cotes, appuis, len(lignes) - 4, vue))
    return np.concatenate(tous), np.concatenate(rangs), np.concatenate(notes)


def _croiser(lignes: NDArray[np.float64], i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.float64]:
    """Points (n, 2) où se croisent deux droites ; très loin quand elles sont parallèles."""
    u, v = lignes[i], lignes[j]
    determinant = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    sur = np.where(np.abs(determinant) < 1e-6, 1e-6, determinant)
    x = (u[:, 1] * v[:, 2] - v[:, 1] * u[:, 2]) / sur
    y = (v[:, 0] * u[:, 2] - u[:, 0] * v[:, 2]) / sur
    return np.stack([x, y], axis=1)


def _surfaces(quads: NDArray[np.float64]) -> NDArray[np.float64]:
    suivants = np.roll(quads, -1, axis=1)
    return np.asarray(np.abs(np.sum(quads[..., 0] * suivants[..., 1] - suivants[..., 0] * quads[..., 1], axis=1)) / 2)


def _plausibles(quads: NDArray[np.float64], taille: tuple[int, int]) -> NDArray[np.bool_]:
    """Convexe, à peine hors de l'image, assez grand, sans coin trop aigu."""
    largeur, hauteur = taille
    marge = DEBORD * max(taille)
    x, y = quads[..., 0], quads[..., 1]
    dedans = np.all((x > -marge) & (x < largeur - 1 + marge) & (y > -marge) & (y < hauteur - 1 + marge), axis=1)
    cotes = np.roll(quads, -1, axis=1) - quads
    longueurs = np.linalg.norm(cotes, axis=2)
    precedents, longueurs_precedentes = np.roll(cotes, 1, axis=1), np.roll(longueurs, 1, axis=1)
    croises = precedents[..., 0] * cotes[..., 1] - precedents[..., 1] * cotes[..., 0]
    sinus = croises / np.maximum(longueurs * longueurs_precedentes, 1e-9)
    convexe = np.all(sinus > 0.5, axis=1) | np.all(sinus < -0.5, axis=1)
    opposes = np.minimum(longueurs[:, :2], longueurs[:, 2:]) / np.maximum(longueurs[:, :2], longueurs[:, 2:])
    allonge = longueurs.min(axis=1) / longueurs.max(axis=1)
    grand = _surfaces(quads) > SURFACE_MIN * largeur * hauteur
    return np.asarray(dedans & convexe & grand & (opposes.min(axis=1) > 0.45) & (allonge > 0.25))


def _noter(
    quads: NDArray[np.float64], cotes: NDArray[np.intp], appuis: Appuis, premier_bord: int, vue: Vue
) -> NDArray[np.float64]:
    """La note des côtés, de 0 à 1 : le long des quatre, moins ce qui continue au-delà des coins."""
    t0, t1 = _abscisses(quads, cotes, appuis)
    retrait = RETRAIT * (t1 - t0)
    presence = _moyenne(appuis.presence, cotes, t0 + retrait, t1 - retrait)
    ecart = np.linalg.norm(_moyenne(appuis.ecarts, cotes, t0 + retrait, t1 - retrait), axis=2)
    coherence = np.clip((ecart - 1.0 - vue.bruit) / 5, 0, 1)
    rallonge = _RALLONGE * (t1 - t0)
    suite = np.maximum(
        _moyenne(appuis.presence, cotes, t0 - rallonge, t0 - retrait),
        _moyenne(appuis.presence, cotes, t1 + retrait, t1 + rallonge),
    )
    appui = 0.6 * presence + 0.4 * coherence - 0.15 * suite * presence
    appui[cotes >= premier_bord] = APPUI_BORD_IMAGE
    return np.asarray(np.clip(0.6 * appui.mean(axis=1) + 0.4 * appui.min(axis=1), 0, 1))


def _relire(
    quads: NDArray[np.float64], cotes: NDArray[np.intp], appuis: Appuis, premier_bord: int, vue: Vue
) -> NDArray[np.float64]:
    """La note des côtés, tronçon par tronçon : un vrai bord n'a pas de trou, deux bords mis bout à bout en ont."""
    t0, t1 = _abscisses(quads, cotes, appuis)
    seuil = 1.0 + vue.bruit
    evidences = []
    for troncon in range(TRONCONS):
        parts = [RETRAIT + (1 - 2 * RETRAIT) * rang / TRONCONS for rang in (troncon, troncon + 1)]
        debut, fin = (t0 + (t1 - t0) * part for part in parts)
        net, vif = (
            np.linalg.norm(_moyenne(cumul, cotes, debut, fin), axis=2)
            for cumul in (appuis.ecarts, appuis.ecarts_vifs)
        )
        evidence = np.maximum(np.clip((net - seuil) / 3, 0, 1), PART_FILET * np.clip((vif - 2 * seuil) / 4, 0, 1))
        dehors = _moyenne(appuis.dehors, cotes, debut, fin)
        evidences.append(dehors * NEUTRE + (1 - dehors) * evidence)
    troncons = np.stack(evidences, axis=2)
    # Un doigt ou un reflet cache un bout ; le pire des tronçons ne compte donc pas.
    pires = np.sort(troncons, axis=2)[:, :, 1:3].mean(axis=2)
    rallonge = _RALLONGE * (t1 - t0)
    suite = np.maximum(
        _moyenne(appuis.presence, cotes, t0 - rallonge, t0 - 0.03 * (t1 - t0)),
        _moyenne(appuis.presence, cotes, t1 + 0.03 * (t1 - t0), t1 + rallonge),
    )
    appui = 0.65 * troncons.mean(axis=2) + 0.35 * pires - 0.15 * suite
    appui[cotes >= premier_bord] = APPUI_BORD_IMAGE
    return np.asarray(np.clip(0.6 * appui.mean(axis=1) + 0.4 * appui.min(axis=1), 0, 1))


def _abscisses(
    quads: NDArray[np.float64], cotes: NDArray[np.intp], appuis: Appuis
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (n, 4) où chaque côté commence et finit sur sa droite, le plus petit d'abord."""
    rangs = np.arange(4)
    t0, t1 = (
        np.sum((points - appuis.origine[cotes]) * appuis.direction[cotes], axis=2) / appuis.longueur[cotes] * POINTS
        for points in (quads[:, rangs], quads[:, (rangs + 1) % 4])
    )
    return np.minimum(t0, t1), np.maximum(t0, t1)


def _moyenne(
    cumul: NDArray[np.float64], lignes: NDArray[np.intp], t0: NDArray[np.float64], t1: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Moyenne, entre les points t0 et t1, d'une grandeur cumulée le long des droites."""
    debut = np.clip(np.rint(t0), 0, POINTS).astype(int)
    fin = np.clip(np.rint(t1), 0, POINTS).astype(int)
    nombre = np.maximum(fin - debut, 1)
    somme = cumul[lignes, fin] - cumul[lignes, debut]
    return np.asarray(somme / (nombre[..., None] if somme.ndim > nombre.ndim else nombre))


def _grouper_couleurs(vue: Vue) -> NDArray[np.int32]:
    """L'image en `GROUPES` couleurs (rang de chaque pixel), à demi-taille."""
    petite = cv2.resize(vue.lab, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    points = petite.reshape(-1, 3) * np.array([1.0, 1.6, 1.6], np.float32)
    cv2.setRNGSeed(7)
    arret = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    echantillon = np.ascontiguousarray(points[::7])
    vide = np.zeros((len(echantillon), 1), np.int32)
    _, _, centres = cv2.kmeans(echantillon, GROUPES, vide, arret, 1, cv2.KMEANS_PP_CENTERS)
    carres = np.sum(centres**2, axis=1)[None] - 2 * points @ centres.T
    return np.asarray(np.argmin(carres, axis=1).reshape(petite.shape[:2]), np.int32)


def _separer(groupes: NDArray[np.int32], quad: Quad) -> float:
    """Distance en variation totale, de 0 à 1, entre les couleurs du dedans et celles du dehors."""
    masque = np.zeros(groupes.shape, np.uint8)
    cv2.fillConvexPoly(masque, np.rint(quad / 2).astype(np.int32), 1)
    compte = np.bincount((groupes * 2 + masque).ravel(), minlength=2 * GROUPES).reshape(-1, 2).astype(np.float64)
    dehors, dedans = compte.sum(axis=0)
    if dehors < 0.02 * groupes.size:
        # La page remplit l'image : il n'y a pas de dehors auquel la comparer.
        return 0.8
    return float(np.abs(compte[:, 0] / dehors - compte[:, 1] / max(1.0, dedans)).sum() / 2)
