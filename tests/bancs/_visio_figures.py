"""Les figures de l'image : délai, processeur, pertes, fidélité."""

from __future__ import annotations

import asyncio
from typing import Final

import cv2
import numpy as np

from tests.bancs._visio_banc import Banc, dire, moyenne
from tests.bancs._visio_camera import HD, PLEINE_HD, Contenu, Taille, lignes_marquees, rang_de
from tests.bancs._visio_emetteurs import Emetteur
from tests.bancs._visio_navigateur import Photo
from tests.bancs._visio_prise import MesureImpossible, Mesures, Prise
from tests.bancs.relais import Regime


async def _sans_perte(banc: Banc, taille: Taille, debit: int) -> dict[str, list[Mesures]]:
    """Délai sur un réseau parfait, et ses lignes."""

    async def faire(prise: Prise) -> Mesures:
        await asyncio.sleep(banc.chauffe_s)
        return await prise.mesurer(banc.reglages.duree_s)

    def choisir() -> list[Emetteur]:
        return banc.emetteurs(taille, debit, ("Chromium", "GStreamer"))

    nom = f"delai{taille.hauteur}"
    prises = await banc.alterner(nom, faire, choisir)
    for centile, part in ((50, 0.3), (95, 0.4)):
        ici, chromium, gst = (
            moyenne(prises.get(emetteur), lambda m, c=centile: m.delai(c))  # type: ignore[misc]
            for emetteur in ("borne", "Chromium", "GStreamer")
        )
        but = None if chromium is None else round(part * chromium, 1)
        dire(f"{nom}_p{centile}_chromium", ici, "ms", but, chromium, maximum=True)
        dire(f"{nom}_p{centile}_gstreamer", ici, "ms", None if gst is None else round(gst + 3, 1), gst, maximum=True)
    return prises


async def delai720(banc: Banc) -> None:
    """Délai en 720p30 à 3 Mbit/s, sans perte."""
    await _sans_perte(banc, HD, 3_000_000)


async def delai1080(banc: Banc) -> None:
    """Délai en 1080p30 à 4 Mbit/s, sans perte, et processeur des émetteurs."""
    prises = await _sans_perte(banc, PLEINE_HD, 4_000_000)
    ici = moyenne(prises["borne"], lambda m: m.processeur)
    for ancre, part in (("Chromium", 0.55), ("GStreamer", 1.15)):
        la = moyenne(prises.get(ancre), lambda m: m.processeur)
        but = None if la is None else round(part * la, 3)
        dire(f"processeur1080_{ancre.lower()}", ici, "part d'un cœur", but, la, maximum=True)


async def _pertes(banc: Banc, taux: float) -> dict[str, list[Mesures]]:
    async def faire(prise: Prise) -> Mesures:
        await asyncio.sleep(banc.chauffe_s)
        prise.relais.regler(Regime(perte=taux, delai_ms=20))
        # Les premières secondes disent l'adaptation, les suivantes le régime : les deux comptent.
        return await prise.mesurer(banc.reglages.duree_s)

    return await banc.alterner(f"pertes {taux:.0%}", faire, lambda: banc.emetteurs(HD, 3_000_000))


async def pertes5(banc: Banc) -> None:
    """5 % de pertes dans chaque sens, aller-retour de 40 ms, 720p30."""
    prises = await _pertes(banc, 0.05)
    ici, la = prises["borne"], prises.get("Chromium")
    p95 = moyenne(la, lambda m: m.delai(95))
    fige = moyenne(la, lambda m: m.fige_s)
    dire("pertes5_fige", moyenne(ici, lambda m: m.fige_s), "s", 0, fige, maximum=True)
    cadence = moyenne(la, lambda m: m.images_s)
    dire("pertes5_images", moyenne(ici, lambda m: m.images_s), "images/s", 28, cadence, maximum=False)
    debit = moyenne(la, lambda m: m.debit_mbits)
    dire("pertes5_debit", moyenne(ici, lambda m: m.debit_mbits), "Mbit/s", 2, debit, maximum=False)
    but = None if p95 is None else round(0.8 * p95, 1)
    dire("pertes5_p95", moyenne(ici, lambda m: m.delai(95)), "ms", but, p95, maximum=True)


async def pertes10(banc: Banc) -> None:
    """10 % de pertes dans chaque sens, aller-retour de 40 ms, 720p30."""
    prises = await _pertes(banc, 0.10)
    ici, la = prises["borne"], prises.get("Chromium")
    fige = moyenne(la, lambda m: m.fige_s)
    dire("pertes10_fige", moyenne(ici, lambda m: m.fige_s), "s", fige, fige, maximum=True)
    cadence = moyenne(la, lambda m: m.images_s)
    dire("pertes10_images", moyenne(ici, lambda m: m.images_s), "images/s", 25, cadence, maximum=False)
    debit = moyenne(la, lambda m: m.debit_mbits)
    dire("pertes10_debit", moyenne(ici, lambda m: m.debit_mbits), "Mbit/s", 1.5, debit, maximum=False)


COURT: Final = (("delai720_p50", 0, 50, 0.3), ("delai720_p95", 0, 95, 0.4), ("pertes5_p95", 1, 95, 0.8))
"""Figure, partie de l'appel, centile, part de l'ancre permise."""


async def court(banc: Banc) -> None:
    """Le sous-ensemble de `--court` : un appel par émetteur, sans perte puis sous 5 % de pertes."""

    async def faire(prise: Prise) -> tuple[Mesures, Mesures]:
        await asyncio.sleep(banc.chauffe_s)
        parfaite = await prise.mesurer(banc.reglages.duree_s)
        prise.relais.regler(Regime(perte=0.05, delai_ms=20))
        return parfaite, await prise.mesurer(banc.reglages.duree_s)

    prises = await banc.alterner("court", faire, lambda: banc.emetteurs(HD, 3_000_000))
    ici, la = prises["borne"], prises.get("Chromium")
    for nom, rang, centile, part in COURT:

        def delai(parties: tuple[Mesures, Mesures], rang: int = rang, centile: int = centile) -> float:
            return parties[rang].delai(centile)

        ancre = moyenne(la, delai)
        dire(nom, moyenne(ici, delai), "ms", None if ancre is None else round(part * ancre, 1), ancre, maximum=True)
    fige = moyenne(la, lambda m: m[1].fige_s)
    dire("pertes5_fige", moyenne(ici, lambda m: m[1].fige_s), "s", 0, fige, maximum=True)
    cadence = moyenne(la, lambda m: m[1].images_s)
    dire("pertes5_images", moyenne(ici, lambda m: m[1].images_s), "images/s", 28, cadence, maximum=False)


ENTRE_PHOTOS_S: Final = 1.0
"""Relire une image coûte au médecin ce que coûtent trois images : plus souvent, il gênerait ce qu'il mesure."""


async def psnr(banc: Banc) -> None:
    """Fidélité des images rendues, en 1080p à 2,5 Mbit/s : luminance, rendue contre captée, par numéro."""
    contenu = banc.contenu(PLEINE_HD)
    photos = banc.navigateurs.photos

    async def faire(prise: Prise) -> tuple[Mesures, float]:
        await asyncio.sleep(banc.chauffe_s)
        photos.clear()
        mesure = asyncio.create_task(prise.mesurer(banc.reglages.duree_s))
        while not mesure.done():
            await prise.page.evaluate("demanderPhotos(1)")
            await asyncio.sleep(ENTRE_PHOTOS_S)
        if not photos:
            raise MesureImpossible("aucune image rendue n'a été relue")
        return await mesure, round(float(np.mean([psnr_luma(contenu, photo) for photo in photos])), 2)

    prises = await banc.alterner("psnr", faire, lambda: banc.emetteurs(PLEINE_HD, 2_500_000))
    ancre = moyenne(prises.get("Chromium"), lambda m: m[1])
    but = None if ancre is None else round(ancre + 1, 2)
    dire("psnr1080", moyenne(prises["borne"], lambda m: m[1]), "dB", but, ancre, maximum=False)


def psnr_luma(contenu: Contenu, photo: Photo) -> float:
    """dB entre la luminance rendue et celle de l'image de ce numéro ; les lignes des tampons ne comptent pas. Une
    image que l'émetteur a réduite est ramenée à sa taille."""
    taille = contenu.taille
    reference = contenu.images["i420"][rang_de(photo.numero), : taille.hauteur]
    rendue = photo.luma
    if rendue.shape != reference.shape:
        rendue = np.asarray(
            cv2.resize(rendue, (taille.largeur, taille.hauteur), interpolation=cv2.INTER_CUBIC), np.uint8
        )
    debut = lignes_marquees(taille)
    return float(cv2.PSNR(np.ascontiguousarray(reference[debut:]), np.ascontiguousarray(rendue[debut:])))
