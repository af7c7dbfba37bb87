"""Ce que les contrôles du son partagent : pourquoi un son manque, ce qu'en dit le serveur, ce qu'on entend au calme.

Une faute du son joué doit se voir deux fois : une porte qui claque n'est pas une panne.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from borne.autotest.acoustique import Balayage, Calme, Chemin, Son
from borne.autotest.banc import Banc
from borne.autotest.constat import Faute, orange
from borne.autotest.ecoute import CHAUFFE_S, boucler, capter, entree, sortie
from borne.peripheriques.audio import SonPerdu
from borne.peripheriques.sons_presents import Sens, trouver

CALME_S: Final = 1.0
RELIEF_MIN_DB: Final = 26.0
"""Sous lui, le balayage n'a pas été entendu : du bruit seul donne 15 à 20 dB, un balayage entendu plus de 35."""
BRUIT_FORT_DB: Final = -30.0
BRUIT_GENANT_DB: Final = -42.0
"""Niveau de la pièce vide. Une voix proche arrive vers -25 dBFS : à -30, on ne s'entend plus."""
RONFLE_DB: Final = -55.0
EMERGENCE_DB: Final = 15.0
"""Le courant s'entend s'il dépasse à la fois ce niveau et ses voisines."""
CONTINU: Final = 0.05
FORT: Final = 0.001
ECRETE: Final = 0.01
"""Part d'échantillons dans un sommet plat : un balayage intact n'en a aucun."""
DISTORSION_FORTE: Final = 0.10
DISTORSION: Final = 0.05
"""Une enceinte saine fait moins de 3 % au-dessus de 200 Hz ; 10 % s'entend comme un grésillement."""
PENTE_DB: Final = 15.0
"""Une bande affaiblie d'autant devant le milieu est perdue : les consonnes (2 à 6 kHz), ou les graves du cœur."""
GAIN_FAIBLE_DB: Final = -45.0
BAISSE_DB: Final = 12.0
"""Baisse, depuis le dernier autotest bon, d'un niveau réglé alors."""
VOLUME_BAS: Final = 0.35
"""Volume du serveur de son : 35 % y font déjà -27 dB (échelle cubique)."""

COUPURES: Final = "Débranchez puis rebranchez la carte son, et redémarrez la borne."


def perte(qui: str, erreur: SonPerdu) -> Faute:
    """Pourquoi le son n'est pas venu. `qui` : `micro`, `haut-parleur`, `stethoscope`."""
    raison = str(erreur)
    if "serveur de son" in raison and "refusé" not in raison:
        return Faute("serveur-son-arrete", "Le serveur de son est arrêté.", "Redémarrez la borne.")
    if "branché" in raison:
        return Faute(f"{qui}-absent", raison, "Branchez-le, puis vérifiez son nom dans borne.toml.")
    return Faute(f"{qui}-sans-reponse", raison, COUPURES)


def regler(nom: str, sens: Sens, qui: str) -> Faute | None:
    """Ce que le serveur de son fait à ce périphérique : coupé, presque muet, traité. None s'il n'en dit rien.

    Un nom vide (celui du système) ne se cherche pas ; un absent se dira à l'ouverture.
    """
    if not nom:
        return None
    try:
        present = trouver(nom, sens)
    except SonPerdu:
        return None
    if present.muet:
        return Faute(
            f"{qui}-muet", "Le son est coupé dans le système.", "Ôtez la sourdine (pactl, ou le réglage du son)."
        )
    if present.traite and qui == "stethoscope":
        return Faute(
            "stethoscope-traite", "Le système filtre le stéthoscope.", "Donnez la source brute dans borne.toml."
        )
    if present.volume < VOLUME_BAS:
        constat = f"Le volume du système est à {100 * present.volume:.0f} %."
        return Faute(f"{qui}-faible", constat, "Remettez-le à 100 % (pactl, ou le réglage du son).")
    return None


def juger_calme(calme: Calme, qui: str, *, piece: bool) -> Faute | None:
    """Ce qui cloche dans une entrée sans rien de joué. `piece` : elle entend la pièce, dont le bruit se juge."""
    if calme.immobile:
        return Faute(
            f"{qui}-muet", "Aucun son n'arrive.", "Ôtez la sourdine, vérifiez la prise et le niveau d'entrée."
        )
    if calme.fort > FORT:
        return Faute(f"{qui}-sature", "Le son est saturé.", "Baissez le niveau d'entrée, vérifiez le câble.")
    if abs(calme.continu) > CONTINU:
        return orange(f"{qui}-decale", "Le son est décalé (tension continue).", "Changez la carte son ou son câble.")
    if calme.emergence_db > EMERGENCE_DB and calme.ronflement_db > RONFLE_DB:
        return Faute(
            f"{qui}-ronfle",
            "On entend le courant électrique (50 Hz).",
            "Éloignez les câbles du secteur, changez-les.",
        )
    if not piece:
        if calme.niveau_db > BRUIT_GENANT_DB:
            return Faute(f"{qui}-souffle", "Il y a trop de bruit.", "Vérifiez la capsule, le câble et le niveau.")
        return None
    if calme.niveau_db > BRUIT_FORT_DB:
        return Faute("piece-bruyante", "La pièce est trop bruyante.", "Cherchez et arrêtez la source du bruit.")
    if calme.niveau_db > BRUIT_GENANT_DB:
        return orange("piece-bruyante", "La pièce est bruyante.", "Cherchez la source du bruit, fermez la porte.")
    return None


def gresillement(distorsion: float) -> Faute | None:
    """Une enceinte qui déforme ; None si elle est propre."""
    grave = Faute("haut-parleur-gresille", "Le haut-parleur gresillementle.", "Baissez le volume, sinon changez-le.")
    if distorsion > DISTORSION_FORTE:
        return grave
    return orange(grave.code, grave.constat, grave.remede) if distorsion > DISTORSION else None


def faible(code: str, constat: str, remede: str, chemin: Chemin, appris: Mapping[str, float]) -> Faute | None:
    """Ce qui s'entend trop peu, ou beaucoup moins que d'habitude ; None sinon."""
    baisse = "gain_db" in appris and chemin.gain_db < appris["gain_db"] - BAISSE_DB
    return orange(code, constat, remede) if baisse or chemin.gain_db < GAIN_FAIBLE_DB else None


async def deux_fois(
    source: str, nom: str, banc: Banc, balayage: Balayage, juger: Callable[[Chemin], Faute | None]
) -> tuple[Faute | None, Chemin, Son]:
    """Un balayage ; un second si le premier montre une faute, qui ne compte alors que s'il la confirme."""
    async with entree(source, nom) as micro, sortie(banc.haut_parleur) as haut_parleur:
        await capter(micro, CHAUFFE_S)
        for reste in (1, 0):
            chemin, capte = await boucler(micro, haut_parleur, balayage)
            faute = juger(chemin)
            if faute is None or not reste:
                break
            await asyncio.sleep(0.3)
    return faute, chemin, capte


def valeurs_calme(calme: Calme) -> dict[str, float]:
    """Pour l'historique."""
    return {"bruit_db": calme.niveau_db, "courant_db": calme.ronflement_db}
